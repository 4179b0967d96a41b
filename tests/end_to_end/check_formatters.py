"""Formatters of other tastes change no identity: a baseline from before holds everything that is found after them."""

import json
import pathlib
import shutil
import tempfile

from support import PROGRAM, ROOT, equal, run

BASELINE = "cerbo-lint-baseline.jsonl"
RUSTFMT = ["rustfmt", "--edition", "2024", "--config", "max_width=60,use_small_heuristics=Off,hard_tabs=true"]
PRETTIER = ["prettier", "--print-width", "40", "--no-semi", "--single-quote", "--tab-width", "8", "--log-level", "silent"]
ENDINGS = "js,ts,tsx,jsx,mjs,vue,svelte,html,json,yaml,yml"


def cases():
    """Every whole project, and the first bad case of each rule."""
    yield from sorted(path for path in (ROOT / "fixtures/projects").iterdir() if path.is_dir())
    for rule in sorted(path for path in (ROOT / "fixtures/rules").iterdir() if path.is_dir()):
        yield from sorted(rule.glob("bad-*"))[:1]


def report(folder, *arguments):
    done = run([PROGRAM, "--no-config", "--exit-zero", "--min-confidence", "low", "--format", "json", *arguments, "."], folder)
    return json.loads(done.stdout)


def main():
    with tempfile.TemporaryDirectory() as name:
        home = pathlib.Path(name)
        before = {}
        for number, case in enumerate(cases()):
            folder = home / f"{number:03}-{case.name}"
            shutil.copytree(case, folder)
            run([PROGRAM, "baseline", "--no-config", "--min-confidence", "low"], folder)
            before[folder] = len(report(folder)["findings"])
        sources = {path: path.read_bytes() for path in home.rglob("*") if path.is_file() and path.name != BASELINE}
        for path in home.rglob("*.rs"):
            # Some cases do not parse, which is their point.
            run([*RUSTFMT, path], expect=(0, 1))
        run([*PRETTIER, "--write", f"**/*.{{{ENDINGS}}}"], home, expect=(0, 2))
        changed = sum(path.read_bytes() != text for path, text in sources.items())
        assert changed > 100, changed
        for folder, number in before.items():
            after = report(folder, "--baseline", BASELINE)
            equal([(one["rule"], one["location"]) for one in after["findings"]], [], f"new findings of {folder.name}")
            equal(after["baselined"], number, f"known findings of {folder.name}")
        print(f"{sum(before.values())} findings are known in {changed} formatted files")


if __name__ == "__main__":
    main()
