"""Every format is read by a program that reads it for a living, and says what the JSON report says."""

import collections
import json
import pathlib
import re
import tempfile
import urllib.parse
import xml.etree.ElementTree

import junitparser
import markdown_it

from support import CLIENT, HOME, PROGRAM, ROOT, equal, run

FORMATS = "concise json jsonl sarif github gitlab junit checkstyle rdjson markdown".split()

# An address that `--fix` mends, behind signs of several bytes.
MENDED = """const label = 'Zoë’s clinic', base = 'http://larkspur.md-hq.com/api/v1';
export const tags = (authorization) => fetch(base + '/tags', { headers: { authorization } });
"""

# What GitLab's page on Code Quality asks of a report.
CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^./]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def place(entry):
    location = entry["location"]
    return entry["rule"], location["path"], location["start_line"], location["start_column"]


def unescaped(text):
    for code, letter in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, letter)
    return text


def check_junit(path, entries):
    report = junitparser.JUnitXml.fromfile(str(path))
    cases = [case for suite in report for case in suite]
    equal(report.failures, len(entries), "failures of JUnit")
    failed = [case for case in cases if any(isinstance(result, junitparser.Failure) for result in case.result)]
    equal(len(failed), len(entries), "failed cases of JUnit")
    equal(len(cases), max(len(entries), 1), "cases of JUnit")
    paths = collections.Counter(case.classname for case in failed)
    equal(paths, collections.Counter(entry["location"]["path"] for entry in entries), "files of JUnit")


def check_checkstyle(path, entries):
    root = xml.etree.ElementTree.parse(path).getroot()
    equal(root.tag, "checkstyle", "root of Checkstyle")
    found = [
        (error.get("source").removeprefix("cerbo-lint."), file.get("name"), int(error.get("line")), int(error.get("column")))
        for file in root
        for error in file
    ]
    equal(sorted(found), sorted(map(place, entries)), "errors of Checkstyle")
    assert {error.get("severity") for error in root.iter("error")} <= {"error", "warning", "info"}


def check_gitlab(path, entries, folder):
    schema = folder / "code-quality.schema.json"
    schema.write_text(json.dumps(CODE_QUALITY))
    run(["check-jsonschema", "--schemafile", schema, path])
    issues = json.loads(path.read_text())
    found = sorted((issue["check_name"], issue["location"]["path"], issue["location"]["lines"]["begin"]) for issue in issues)
    equal(found, sorted(place(entry)[:3] for entry in entries), "issues of Code Quality")
    equal(len({issue["fingerprint"] for issue in issues}), len(issues), "different fingerprints")


def check_rdjson(path, base):
    checked = json.loads(run(["rdformat-validator", "--format", "json", path]).stdout)
    diagnostics = json.loads(path.read_text())["diagnostics"]
    # It finds an empty list unusual.
    equal((checked["totalErrors"], checked["totalWarnings"]), (0, 0 if diagnostics else 1), "complaints about rdjson")
    for diagnostic in diagnostics:
        where = diagnostic["location"]
        line = (base / where["path"]).read_bytes().split(b"\n")[where["range"]["start"]["line"] - 1]
        assert 1 <= where["range"]["start"]["column"] <= len(line) + 1, diagnostic


def check_sarif(path, folder):
    run(["check-jsonschema", "--schemafile", ROOT / "tests/schemas/sarif-2.1.0.json", path])
    multitool = next((HOME / "npm").rglob("Sarif.Multitool"))
    verdict = folder / "verdict.sarif"
    # Its exit code says nothing; its own report does.
    run([multitool, "validate", path, "--rule-kind", "Sarif;Gh", "--output", verdict], expect=(0, 1))
    complaints = [
        f"{result['ruleId']}: {result['message'].get('text') or result['message'].get('arguments')}"
        for run_ in json.loads(verdict.read_text())["runs"]
        for result in run_["results"]
        if result.get("level", "warning") in ("error", "warning")
    ]
    equal(complaints, [], "complaints about SARIF")


def check_fixes(path, scanned):
    """Editors make the changes of a SARIF log themselves: they come to what `--fix` makes."""
    edits = collections.defaultdict(set)
    for result in json.loads(path.read_text())["runs"][0]["results"]:
        for change in [change for fix in result.get("fixes", []) for change in fix["artifactChanges"]]:
            name = urllib.parse.unquote(change["artifactLocation"]["uri"])
            for one in change["replacements"]:
                region, new = one["deletedRegion"], one["insertedContent"]["text"]
                edits[name].add((region["startLine"], region["startColumn"], region["endLine"], region["endColumn"], new))
    before = {name: (scanned / name).read_text() for name in edits}
    for name, changes in edits.items():
        lines = before[name].split("\n")
        for first, start, last, end, new in sorted(changes, reverse=True):
            equal(first, last, "lines of a change")
            line = lines[first - 1]
            lines[first - 1] = line[: start - 1] + new + line[end - 1 :]
        before[name] = "\n".join(lines)
    run([PROGRAM, "check", "--no-config", "--quiet", "--fix", "--exit-zero", "."], cwd=scanned)
    for name, text in before.items():
        equal((scanned / name).read_text(), text, f"{name} mended by an editor and by --fix")
    return sum(map(len, edits.values()))


def check_github(path, entries):
    lines = path.read_text().splitlines()
    command = re.compile(r"::(error|warning|notice) file=([^,:]*),line=(\d+),endLine=\d+(?:,col=\d+,endColumn=\d+)?,title=[^:]*::(.*)")
    found = [match for match in map(command.fullmatch, lines) if match]
    counts = collections.Counter(match[1] for match in found)
    assert all(count <= 10 for count in counts.values()), counts
    known = {(entry["location"]["path"], entry["location"]["start_line"]): entry["message"] for entry in entries}
    for match in found:
        key = unescaped(match[2]), int(match[3])
        assert key in known, key
    texts = [unescaped(match[4]) for match in found]
    assert all(any(text.startswith(entry["message"]) for entry in entries) for text in texts)
    in_log = [line for line in lines if line.startswith("  - ")]
    equal(len(found) + len(in_log), len(entries), "findings of GitHub")


def check_markdown(path, entries):
    text = path.read_text()
    tokens = markdown_it.MarkdownIt("commonmark", {"html": False}).enable("table").parse(text)
    # A summary that nobody reads to its end is cut, and says so.
    shown = min(len(entries), 100)
    left = re.search(r"^(\d+) more findings? not shown\.$", text, re.MULTILINE)
    equal(int(left[1]) if left else 0, len(entries) - shown, "findings that the summary leaves out")
    rows = sum(token.type == "tr_open" for token in tokens)
    equal(rows, shown + 1 if entries else 0, "rows of the summary")
    cells = sum(token.type == "td_open" for token in tokens)
    equal(cells, 4 * shown, "cells of the summary")


def check(folder, scanned, expect):
    arguments = [PROGRAM, "--no-config", "--quiet", "."]
    for name in FORMATS:
        arguments += ["--output", f"{name}={folder / name}"]
    run(arguments, cwd=scanned, expect=expect)
    entries = json.loads((folder / "json").read_text())["findings"]
    equal(bool(entries), expect == 1, "findings")
    lines = (folder / "concise").read_text().splitlines()
    equal(sum(bool(re.match(r".+:\d+:\d+: (error|warning|note)\[", line)) for line in lines), len(entries), "lines")
    rows = [json.loads(line) for line in (folder / "jsonl").read_text().splitlines()]
    equal(sum(row["kind"] == "finding" for row in rows), len(entries), "lines of JSON")
    check_junit(folder / "junit", entries)
    check_checkstyle(folder / "checkstyle", entries)
    check_gitlab(folder / "gitlab", entries, folder)
    # Paths are relative to the repository where there is one.
    check_rdjson(folder / "rdjson", ROOT if scanned.is_relative_to(ROOT) else scanned)
    check_sarif(folder / "sarif", folder)
    check_github(folder / "github", entries)
    check_markdown(folder / "markdown", entries)
    return len(entries)


def main():
    for scanned, expect in ((ROOT / "fixtures/projects", 1), (None, 1), (None, 0)):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as project:
            if scanned is None:
                # Names that need every kind of escape; the second project is clean.
                source = pathlib.Path(project) / "src" / ("a <b> & 'c', d:e | `f` %41.rs" if expect else "clean.rs")
                source.parent.mkdir()
                source.write_text(CLIENT if expect else "fn main() {}\n")
                if expect:
                    (source.parent / "a client, 1.mjs").write_text(MENDED)
            number = check(pathlib.Path(folder), scanned or pathlib.Path(project), expect)
            if scanned is None and expect:
                fixes = check_fixes(pathlib.Path(folder) / "sarif", pathlib.Path(project))
                equal(fixes, 1, "changes in SARIF")
            print(f"{number} findings in {len(FORMATS)} formats")


if __name__ == "__main__":
    main()
