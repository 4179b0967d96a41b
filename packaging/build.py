#!/usr/bin/env python3
"""Packages of programs that are built.

  packaging/build.py archive OUT TARGET FOLDER         the archive of a release that `cargo binstall` fetches
  packaging/build.py npm OUT [TARGET=FOLDER …]         the main npm package, and one for each platform given

FOLDER holds `cerbo-lint` and `cargo-cerbo-lint` as built for TARGET. Prints the paths of what it made.
"""

import io
import json
import pathlib
import shutil
import sys
import tarfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
PLATFORMS = json.loads((ROOT / "packaging/platforms.json").read_text())
PROGRAMS = ["cerbo-lint", "cargo-cerbo-lint"]


def windows(target):
    return "windows" in target


def programs(target, folder):
    """The programs as (name, bytes)."""
    names = [name + (".exe" if windows(target) else "") for name in PROGRAMS]
    return [(name, (pathlib.Path(folder) / name).read_bytes()) for name in names]


def archive(out, target, folder):
    stem = f"{PACKAGE['name']}-{target}-v{PACKAGE['version']}"
    entries = [(f"{stem}/{name}", content, 0o755) for name, content in programs(target, folder)]
    entries += [(f"{stem}/README.md", (ROOT / "README.md").read_bytes(), 0o644)]
    if windows(target):
        path = out / f"{stem}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for name, content, _ in entries:
                made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        return [path]
    path = out / f"{stem}.tar.gz"
    with tarfile.open(path, "w:gz") as made:
        for name, content, mode in entries:
            # No owner and no time of the machine that packs.
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            made.addfile(entry, io.BytesIO(content))
    return [path]


def manifest(name, **more):
    common = {key: PACKAGE[key] for key in ("version", "description", "license")}
    return {"name": name, **common, "repository": {"type": "git", "url": f"git+{PACKAGE['repository']}.git"}, **more}


def write(folder, content):
    (folder / "package.json").write_text(json.dumps(content, indent=2) + "\n")


def npm(out, *built):
    main = out / PACKAGE["name"]
    shutil.copytree(ROOT / "packaging/npm/cerbo-lint", main, dirs_exist_ok=True)
    (main / "bin/cerbo-lint.js").chmod(0o755)
    shutil.copy(ROOT / "packaging/platforms.json", main)
    shutil.copy(ROOT / "README.md", main)
    write(
        main,
        manifest(
            PACKAGE["name"],
            bin={"cerbo-lint": "bin/cerbo-lint.js"},
            files=["bin", "platforms.json"],
            engines={"node": ">=18"},
            optionalDependencies={f"@cerbo-lint/{one['npm']}": PACKAGE["version"] for one in PLATFORMS},
        ),
    )
    made = [main]
    for target, folder in (one.split("=", 1) for one in built):
        platform = next(one for one in PLATFORMS if one["target"] == target)
        package = out / platform["npm"]
        (package / "bin").mkdir(parents=True, exist_ok=True)
        name, content = programs(target, folder)[0]
        (package / "bin" / name).write_bytes(content)
        (package / "bin" / name).chmod(0o755)
        only = {key: [platform[key]] for key in ("os", "cpu", "libc") if key in platform}
        write(package, manifest(f"@cerbo-lint/{platform['npm']}", files=["bin"], preferUnplugged=True, **only))
        made.append(package)
    return made


if __name__ == "__main__":
    kinds = {"archive": archive, "npm": npm}
    if len(sys.argv) < 3 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for path in kinds[sys.argv[1]](folder, *sys.argv[3:]):
        print(path)
