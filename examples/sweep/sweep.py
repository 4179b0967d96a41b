#!/usr/bin/env python3
"""Scans the repositories of a folder, or the part of them that belongs to one machine of several.

    sweep.py REPOS OUTPUT i/n [ARGUMENT…]

Each machine of a CI matrix or of an indexed job runs this with its own `i` (in Kubernetes: JOB_COMPLETION_INDEX + 1) and
writes one file, OUTPUT/shard-i.jsonl. More arguments are passed on to cerbo-lint. The exit code is 2 when a repository
could not be scanned, and 0 otherwise: findings are the business of whoever asks the table.
"""

import os
import pathlib
import subprocess
import sys
import zlib


def belongs(name, shard):
    """Whether a repository is this machine's: by its name, so that it stays there when others come and go."""
    index, count = map(int, shard.split("/"))
    return zlib.crc32(name.encode()) % count == index - 1


def sweep(repos, output, shard, arguments=()):
    """Scans; gives the repositories that could not be scanned."""
    program = os.environ.get("CERBO_LINT", "cerbo-lint")
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"shard-{shard.split('/')[0]}.jsonl"
    failed = []
    # Written under another name first: a machine that dies leaves no half file for the table.
    half = target.with_suffix(".half")
    with open(half, "wb") as file:
        for repository in sorted(path for path in repos.iterdir() if path.is_dir() and belongs(path.name, shard)):
            command = [program, "--format", "jsonl", "--repo", repository.name, "--exit-zero", *arguments, "."]
            done = subprocess.run(command, cwd=repository, capture_output=True)
            if done.returncode == 0:
                file.write(done.stdout)
            else:
                failed.append(repository.name)
                sys.stderr.write(f"{repository.name}: {done.stderr.decode(errors='replace')}")
    half.replace(target)
    return failed


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    missed = sweep(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
    sys.exit(2 if missed else 0)
