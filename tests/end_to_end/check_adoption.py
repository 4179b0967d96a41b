"""What `init` writes is valid for those who read it, and lets an existing project in."""

import json
import pathlib
import tempfile

from support import CLIENT, PROGRAM, equal, run


# Where the configuration that `init` writes keeps it.
BASELINE = "cerbo-lint-baseline.jsonl"


def repository(folder, remote, parts=40):
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text('[package]\nname = "intake"\nedition = "2024"\n')
    for number in range(parts):
        (folder / f"src/part{number}.rs").write_text(CLIENT)
    (folder / "src/lib.rs").write_text("".join(f"pub mod part{number};\n" for number in range(parts)))
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
        existing(pathlib.Path(name, "existing"))
    print("what init writes is valid, and an existing project is quiet after two commands and stays so")


def existing(folder):
    """A repository with hundreds of findings: quiet after two commands, and stopped only by what is new."""
    repository(folder, "https://github.com/northgate/existing", parts=300)
    plain = CLIENT.replace("https:", "http:")
    (folder / "src/part299.rs").write_text(plain)
    commit = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "all"]
    run(["git", "add", "-A"], folder)
    run(commit, folder)
    equal(open_findings(folder, 1), 301, "findings of the existing code")
    run([PROGRAM, "init"], folder)
    run([PROGRAM, "baseline"], folder)
    told = run([PROGRAM, "check", "."], folder)
    assert "note:" not in told.stdout + told.stderr, told.stdout
    equal(open_findings(folder, 0), 0, "open findings after init and baseline")
    run(["git", "add", "-A"], folder)
    run(commit, folder)

    # Code that moves, is renamed or formatted is not new.
    (folder / "src/deep").mkdir()
    run(["git", "mv", "src/part0.rs", "src/deep/first.rs"], folder)
    for number in (1, 2):
        path = folder / f"src/part{number}.rs"
        path.write_text("\n\n// A comment.\n" + path.read_text().replace("    ", "\t"))
    library = folder / "src/lib.rs"
    library.write_text(library.read_text().replace("pub mod part0;", '#[path = "deep/first.rs"]\npub mod first;'))
    equal(open_findings(folder, 0), 0, "open findings after moving, renaming and formatting")

    # A new secret on a line that the baseline holds is new, and so is a new file; the index decides what is committed.
    path = folder / "src/part3.rs"
    path.write_text(path.read_text().replace("9920fe1c7a63", "41c07bd2e955"))
    (folder / "src/part300.rs").write_text(plain.replace("9920fe1c7a63", "5be3d81a907c"))
    library.write_text(library.read_text() + "pub mod part300;\n")
    equal(open_findings(folder, 1), 3, "new findings")
    run(["git", "add", "-A"], folder)
    run([PROGRAM, "check", "--staged"], folder, expect=1)

    # What can be mended is mended, only where it is new; the rest is accepted with a reason.
    preview = run([PROGRAM, "check", "--diff", "."], folder, expect=1)
    assert "+++ b/src/part300.rs" in preview.stdout and "part299" not in preview.stdout, preview.stdout
    run([PROGRAM, "check", "--fix", "."], folder, expect=1)
    assert "https:" in (folder / "src/part300.rs").read_text() and "http:" in (folder / "src/part299.rs").read_text()
    equal(open_findings(folder, 1), 2, "findings that nothing mends by itself")
    run([PROGRAM, "suppress", "--reason", "replaced next week", "."], folder)
    equal(open_findings(folder, 0), 0, "open findings after accepting the rest")
    run(["git", "add", "-A"], folder)
    run([PROGRAM, "check", "--staged"], folder)
    # The baseline forgets what is gone.
    before = (folder / BASELINE).read_text().count("\n")
    (folder / "src/part4.rs").write_text("pub fn nothing() {}\n")
    run([PROGRAM, "baseline"], folder)
    assert (folder / BASELINE).read_text().count("\n") < before


if __name__ == "__main__":
    main()
