#!/usr/bin/env python3
"""Side by side with secret scanners, on the labelled corpus and on the marked cases.

    cargo build --release && python3 benches/secret_scanners.py [path of cerbo-lint]

Runs whichever of ripsecrets, kingfisher (without validation), detect-secrets and secretlint (its recommended preset; from
the PATH, or `npx --no-install`) are there, and prints a Markdown table. Found: a credential of the API is reported in its
file (corpus) or on its line (cases). Wrongly: anything is reported in a file of a look-alike (corpus), or on a line of the
cases that holds no credential. The other scanners look for credentials of any service; their findings in look-alikes are
counted as they come. No output shows a value.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = {"base64-credential", "credential-in-support-material", "embedded-credential", "url-userinfo"}
MARK = re.compile(r"(?://|#|<!--|/\*|--|;)~(\^*)[ \t]*([a-z0-9-]+)")


def run(command, folder, **more):
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", **more).stdout


def below(folder, path):
    """The path below the folder, however the tool prints it."""
    path = Path(path)
    if path.is_absolute():
        path = path.resolve().relative_to(folder.resolve())
    return path.as_posix()


def cerbo_lint(program):
    def found(folder):
        report = json.loads(run([program, "check", "--no-config", "--format", "json", "."], folder))
        places = [f["location"] for f in report["findings"] if f["rule"] in RULES]
        return {(place["path"], place["start_line"]) for place in places}

    return found


def ripsecrets(folder):
    found = set()
    for line in run(["ripsecrets", "."], folder).splitlines():
        parts = re.match(r"(.+?):(\d+):", line)
        if parts:
            found.add((below(folder, parts[1]), int(parts[2])))
    return found


def kingfisher(folder):
    report = run(["kingfisher", "scan", "--no-validate", "--no-update-check", "--format", "json", "."], folder)
    # A summary follows the report.
    findings = json.JSONDecoder().raw_decode(report)[0]["findings"]
    return {(below(folder, f["finding"]["path"]), f["finding"]["line"]) for f in findings}


def detect_secrets(folder):
    results = json.loads(run(["detect-secrets", "scan", "--all-files", "."], folder))["results"]
    return {(below(folder, path), one["line_number"]) for path, all in results.items() for one in all}


def secretlint(folder):
    program = ["secretlint"] if shutil.which("secretlint") else ["npx", "--no-install", "secretlint"]
    with tempfile.TemporaryDirectory() as temporary:
        # It ends before all of a long report is through a pipe.
        config, report = Path(temporary) / "rules.json", Path(temporary) / "report.json"
        config.write_text('{"rules":[{"id":"@secretlint/secretlint-rule-preset-recommend"}]}')
        run([*program, "--secretlintrc", str(config), "--format", "json", "--output", str(report), "**/*"], folder)
        files = json.loads(report.read_text()) if report.exists() else []
    return {
        (below(folder, file["filePath"]), message["loc"]["start"]["line"])
        for file in files
        for message in file["messages"]
    }


def tools(program):
    all = [("cerbo-lint", cerbo_lint(program), True)]
    all += [(name.replace("_", "-"), scan, shutil.which(name.replace("_", "-"))) for name, scan in
            [("ripsecrets", ripsecrets), ("kingfisher", kingfisher), ("detect_secrets", detect_secrets)]]
    all.append(("secretlint", secretlint, shutil.which("secretlint") or Path("node_modules/secretlint").exists()))
    return [(name, scan) for name, scan, there in all if there]


def write_corpus(name, folder):
    rows = [line for line in (ROOT / "fixtures/corpus" / name).read_text().splitlines() if not line.startswith("#")]
    for number, row in enumerate(rows):
        _, file, text = row.split("\t", 2)
        text = text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace("\0", "\\")
        path = folder / f"{number:04}" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return len(rows)


def write_cases(folder):
    """Copies the cases without the lines that consist of marks' comments only; returns the lines that hold a credential."""
    expected = set()
    for rule in sorted(RULES):
        for case in sorted((ROOT / "fixtures/rules" / rule).iterdir()):
            for path in sorted(p for p in case.rglob("*") if p.is_file() and p.name != "expect.tsv"):
                name = path.relative_to(ROOT / "fixtures/rules").as_posix()
                text = path.read_text(errors="replace")
                for number, line in enumerate(text.splitlines(), 1):
                    for ups, mark in MARK.findall(line):
                        if mark in RULES:
                            expected.add((name, number - len(ups)))
                to = folder / name
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_text(text)
            table = case / "expect.tsv"
            for line in table.read_text().splitlines() if table.exists() else []:
                place, mark = line.split("\t")
                file, number = place.rsplit(":", 1)
                if mark in RULES:
                    expected.add((f"{rule}/{case.name}/{file}", int(number)))
    return expected


def main():
    program = str(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/cerbo-lint").resolve())
    with tempfile.TemporaryDirectory() as temporary:
        credentials, look_alikes, cases = (Path(temporary) / name for name in ("credentials", "look-alikes", "cases"))
        held, others = write_corpus("credentials.tsv", credentials), write_corpus("look-alikes.tsv", look_alikes)
        expected = write_cases(cases)
        print("| | corpus: found | corpus: wrongly reported | cases: found | cases: wrongly reported |")
        print("|---|---|---|---|---|")
        for name, scan in tools(program):
            files = {path.split("/")[0] for path, _ in scan(credentials)}
            wrong = {path.split("/")[0] for path, _ in scan(look_alikes)}
            lines = scan(cases)
            # Each case is a project of its own to this tool, which follows values through it.
            if name == "cerbo-lint":
                lines = {(f"{case.relative_to(cases).as_posix()}/{path}", line) for case in cases.glob("*/*") for path, line in scan(case)}
            print(f"| {name} | {len(files)} of {held} | {len(wrong)} of {others} "
                  f"| {len(lines & expected)} of {len(expected)} | {len(lines - expected)} |")


if __name__ == "__main__":
    main()
