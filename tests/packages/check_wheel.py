"""The wheel, built of the tests' build, installed where there is no Rust, and used by a hook of pre-commit."""

import os
import pathlib
import shutil
import sys
import tempfile
import tomllib
import zipfile

from support import CLIENT, ROOT, equal, run

VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
work = pathlib.Path(tempfile.mkdtemp())
run(["maturin", "build", "--profile", "dev", "--locked", "--offline", "--out", work / "wheels"])
[wheel] = (work / "wheels").glob("*.whl")
names = zipfile.ZipFile(wheel).namelist()
assert not [name for name in names if name.endswith(".py")], names
equal(
    sorted(pathlib.Path(name).name for name in names if "/scripts/" in name),
    ["cargo-cerbo-lint", "cerbo-lint"],
    "programs of the wheel",
)

# No compiler on the way: only the venv and the system's folders.
bare = {"PATH": f"{work / 'venv/bin'}:/usr/bin:/bin"}
run([sys.executable, "-m", "venv", work / "venv"])
run([work / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", wheel], env=bare)
equal(run([work / "venv/bin/cerbo-lint", "--version"], env=bare).stdout.strip(), f"cerbo-lint {VERSION}", "version")
equal(run([work / "venv/bin/cargo-cerbo-lint", "cerbo-lint", "--version"], env=bare).stdout.strip(), f"cerbo-lint {VERSION}", "version")

# The hook of the documentation.
project = work / "project"
project.mkdir()
git = {
    "GIT_CONFIG_GLOBAL": str(work / "gitconfig"),
    "GIT_CONFIG_NOSYSTEM": "1",
    "PRE_COMMIT_HOME": str(work / "pre-commit"),
    "PIP_FIND_LINKS": str(work / "wheels"),
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
(work / "gitconfig").write_text("[user]\n\tname = Somebody\n\temail = somebody@example.org\n[init]\n\tdefaultBranch = main\n")
(project / ".pre-commit-config.yaml").write_text(f"""repos:
  - repo: local
    hooks:
      - id: cerbo-lint
        name: cerbo-lint
        entry: cerbo-lint check --force-exclude
        language: python
        additional_dependencies: ["cerbo-lint=={VERSION}"]
        types: [text]
        require_serial: true
""")
run(["git", "init", "-q"], cwd=project, env=git)
(project / "Cargo.toml").write_text('[package]\nname = "intake"\nedition = "2024"\n')
(project / "src").mkdir()
(project / "src/lib.rs").write_text("pub fn nothing() {}\n")
run(["git", "add", "-A"], cwd=project, env=git)
clean = {key: "" for key in os.environ if key.startswith("GIT_")}
run(["pre-commit", "run", "--all-files"], cwd=project, env={**clean, **git})
(project / "src/lib.rs").write_text(CLIENT)
run(["git", "add", "-A"], cwd=project, env=git)
refused = run(["pre-commit", "run", "--all-files"], cwd=project, env={**clean, **git}, expect=1)
assert "embedded-credential" in refused.stdout, refused
shutil.rmtree(work)
