"""The npm packages: packed, installed without scripts, and run; exit codes and signals come through."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

from support import CLIENT, ROOT, equal, run

work = pathlib.Path(tempfile.mkdtemp())
target = next(line.split()[1] for line in run(["rustc", "-vV"]).stdout.splitlines() if line.startswith("host:"))
# What strips symbols makes a package of the size that a release has.
programs = work / "programs"
programs.mkdir()
for name in ["cerbo-lint", "cargo-cerbo-lint"]:
    shutil.copy(pathlib.Path(os.environ["PROGRAMS"]) / name, programs)
    run(["strip", programs / name])
folders = run([ROOT / "packaging/build.py", "npm", work / "packages", f"{target}={programs}"]).stdout.split()
equal(len(folders), 2, "packages")
for folder in folders:
    made = json.loads((pathlib.Path(folder) / "package.json").read_text())
    assert "scripts" not in made, made
main, platform = (json.loads((pathlib.Path(folder) / "package.json").read_text()) for folder in folders)
equal(main["optionalDependencies"][platform["name"]], platform["version"], "version of the platform's package")
equal(main["version"], platform["version"], "version")

tarballs = []
for folder in folders:
    packed = json.loads(run(["npm", "pack", "--json", "--pack-destination", work], cwd=folder).stdout)
    # One list, or by newer versions of npm the packages by name.
    entry = packed[0] if isinstance(packed, list) else next(iter(packed.values()))
    tarballs.append(work / entry["filename"])

project = work / "project"
(project / "src").mkdir(parents=True)
(project / "package.json").write_text('{"name": "clinic", "private": true}\n')
install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--omit=optional"]
run([*install, tarballs[0]], cwd=project)
program = project / "node_modules/.bin/cerbo-lint"
missing = run([program, "--version"], expect=2)
assert platform["name"] in missing.stderr and not missing.stdout, missing
run([*install[:-1], tarballs[1], "--offline"], cwd=project, expect=(0, 1))
if not (project / "node_modules" / platform["name"]).is_dir():
    # The other platforms' packages are in no registry yet, so npm cannot resolve them.
    run([*install, tarballs[1]], cwd=project)
equal(run([program, "--version"]).stdout.strip(), f"cerbo-lint {main['version']}", "version")
equal(run(["npx", "--no-install", "cerbo-lint", "--version"], cwd=project).stdout.strip(), f"cerbo-lint {main['version']}", "npx")

run([program, "check", project / "src"])
(project / "src/ehr.rs").write_text(CLIENT)
found = run([program, "check", "--format", "concise", project / "src"], expect=1)
assert "embedded-credential" in found.stdout, found
run([program, "check", "--no-such-option"], expect=2)
piped = run([program, "check", "--format", "concise", "--stdin-filename", project / "src/ehr.rs"], input=CLIENT, expect=1)
assert "embedded-credential" in piped.stdout, piped

# A signal reaches the program, and the launcher ends by it.
held = subprocess.Popen([program, "check", "--stdin-filename", "a.rs"], stdin=subprocess.PIPE, cwd=project)
children = pathlib.Path(f"/proc/{held.pid}/task/{held.pid}/children")
for _ in range(200):
    if children.read_text().strip():
        break
    time.sleep(0.05)
child = children.read_text().split()[0]
time.sleep(0.3)
held.send_signal(signal.SIGTERM)
equal(held.wait(20), -signal.SIGTERM, "end of the launcher")
assert not pathlib.Path(f"/proc/{child}").exists(), "the program outlives its launcher"
shutil.rmtree(work)
