"""What `init` writes is valid for those who read it, and lets an existing project in."""

import json
import pathlib
import tempfile

from support import CLIENT, PROGRAM, equal, run


def repository(folder, remote):
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text('[package]\nname = "intake"\nedition = "2024"\n')
    for number in range(40):
        (folder / f"src/part{number}.rs").write_text(CLIENT)
    (folder / "src/lib.rs").write_text("".join(f"pub mod part{number};\n" for number in range(40)))
    run(["git", "init", "-q", "-b", "release/next"], folder)
    run(["git", "remote", "add", "origin", remote], folder)


def open_findings(folder, expect):
    report = run([PROGRAM, "check", "--format", "json", "."], folder, expect)
    return len(json.loads(report.stdout)["findings"])


def main():
    with tempfile.TemporaryDirectory() as name:
        github, gitlab = pathlib.Path(name, "github"), pathlib.Path(name, "gitlab")
        repository(github, "https://github.com/northgate/intake")
        run([PROGRAM, "init"], github)
        workflow = github / ".github/workflows/cerbo-lint.yml"
        run(["check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow])
        findings = json.loads(run(["zizmor", "--offline", "--no-progress", "--format", "json", workflow], expect=(0, 11, 12, 13, 14)).stdout)
        # The tag is named as what it is: whoever adopts the tool puts the commit there.
        equal({finding["ident"] for finding in findings} - {"unpinned-uses"}, set(), "complaints about the workflow")
        equal(open_findings(github, 1), 40, "findings before the baseline")
        run([PROGRAM, "baseline"], github)
        equal(open_findings(github, 0), 0, "findings after the baseline")
        (github / "src/part40.rs").write_text(CLIENT)
        equal(open_findings(github, 1), 1, "new findings")

        repository(gitlab, "https://gitlab.com/northgate/intake")
        run([PROGRAM, "init"], gitlab)
        run(["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", gitlab / ".gitlab-ci.yml"])
        assert not (gitlab / ".github").exists()
    print("what init writes is valid, and an existing project is quiet after two commands")


if __name__ == "__main__":
    main()
