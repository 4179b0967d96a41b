"""The archive of a release has the name and the entries that `cargo binstall` is told to look for."""

import json
import os
import pathlib
import re
import shutil
import tarfile
import tempfile
import tomllib
import zipfile

from support import ROOT, equal, run

PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
BINSTALL = PACKAGE["metadata"]["binstall"]
SUFFIXES = {"tgz": ".tar.gz", "zip": ".zip"}


def filled(template, target, **more):
    values = {"repo": PACKAGE["repository"], "version": PACKAGE["version"], "name": PACKAGE["name"], "target": target, **more}
    return re.sub(r"\{ ?([a-z-]+) ?\}", lambda match: values[match[1]], template)


for platform in json.loads((ROOT / "packaging/platforms.json").read_text()):
    target = platform["target"]
    work = pathlib.Path(tempfile.mkdtemp())
    ending = ".exe" if platform["os"] == "win32" else ""
    for name in ["cerbo-lint", "cargo-cerbo-lint"]:
        (work / (name + ending)).write_text(f"{name} for {target}")
    made = pathlib.Path(run([ROOT / "packaging/build.py", "archive", work / "out", target, work]).stdout.strip())
    settings = {**BINSTALL, **BINSTALL.get("overrides", {}).get(target, {})}
    url = filled(settings["pkg-url"], target, **{"archive-suffix": SUFFIXES[settings["pkg-fmt"]]})
    equal(made.name, url.rsplit("/", 1)[1], "name of the archive")
    for name in ["cerbo-lint", "cargo-cerbo-lint"]:
        entry = filled(settings["bin-dir"], target, bin=name, **{"binary-ext": ending})
        if ending:
            content = zipfile.ZipFile(made).read(entry)
        else:
            with tarfile.open(made) as archive:
                equal(archive.getmember(entry).mode, 0o755, f"mode of {entry}")
                content = archive.extractfile(entry).read()
        equal(content, f"{name} for {target}".encode(), entry)
    shutil.rmtree(work)

# The programs of this machine come out of their archive as they were.
work = pathlib.Path(tempfile.mkdtemp())
target = next(line.split()[1] for line in run(["rustc", "-vV"]).stdout.splitlines() if line.startswith("host:"))
made = run([ROOT / "packaging/build.py", "archive", work, target, os.environ["PROGRAMS"]]).stdout.strip()
with tarfile.open(made) as archive:
    archive.extractall(work, filter="data")
equal(
    run([work / f"cerbo-lint-{target}-v{PACKAGE['version']}/cerbo-lint", "--version"]).stdout.strip(),
    f"cerbo-lint {PACKAGE['version']}",
    "version",
)
shutil.rmtree(work)
