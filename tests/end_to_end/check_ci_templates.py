"""The GitHub Action and the GitLab template: valid, without complaints of a security linter, and doing what they say."""

import os
import pathlib
import re
import tempfile

import ruamel.yaml

from support import CLIENT, PROGRAM, ROOT, equal, run

ACTION = ROOT / "action.yml"
TEMPLATE = ROOT / "templates/cerbo-lint.gitlab-ci.yml"
WORKFLOW = ROOT / "docs/examples/github-workflow.yml"
PIPELINE = ROOT / "docs/examples/gitlab-ci.yml"


def load(path):
    return ruamel.yaml.YAML(typ="safe").load(path.read_text())


def lint():
    for schema, files in (
        ("vendor.github-actions", [ACTION]),
        ("vendor.github-workflows", [WORKFLOW]),
        ("vendor.gitlab-ci", [TEMPLATE, PIPELINE]),
    ):
        run(["check-jsonschema", "--builtin-schema", schema, *files])
    run(["zizmor", "--offline", "--no-progress", "--persona", "pedantic", ACTION, WORKFLOW])


def action(project, inputs, folder):
    """Runs the steps of the action as a runner does; gives the exit code and what it wrote."""
    definition = load(ACTION)
    values = {name: spec.get("default", "") for name, spec in definition["inputs"].items()}
    unknown = set(inputs) - set(values)
    assert not unknown, unknown
    values.update(inputs)
    outputs, summary = folder / "outputs", folder / "summary"
    for file in (outputs, summary):
        file.write_text("")
    uploads = []

    def expanded(text):
        def value(match):
            kind, name = match[1].split(".", 1)
            if kind == "inputs":
                return values[name]
            step, _, output = name.partition(".outputs.")
            assert (kind, step) == ("steps", "scan"), match[0]
            return dict(line.split("=", 1) for line in outputs.read_text().splitlines()).get(output, "")

        return re.sub(r"\$\{\{ *([a-z.A-Z-]+) *\}\}", value, text)

    for step in definition["runs"]["steps"]:
        if step.get("if") == "inputs.executable == ''":
            continue
        if "uses" in step:
            uploads.append(expanded(step["with"]["sarif_file"]))
            continue
        env = {name: expanded(text) for name, text in step.get("env", {}).items()}
        env |= {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(folder)}
        # As a runner starts it: bash with -e and pipefail.
        done = run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], project, (0, 1, 2), env)
        if done.returncode or step["name"] == "Result":
            return done.returncode, uploads, summary.read_text()
        if step["name"] == "Scan":
            assert done.stdout.count("::error ") == (1 if "::error " in done.stdout else 0)
    raise AssertionError("the action has no step for its result")


def check_action():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        project = folder / "project"
        (project / "src").mkdir(parents=True)
        (project / "deploy to").mkdir()
        (project / "src/lib.rs").write_text(CLIENT)
        inputs = {"executable": PROGRAM, "paths": "src\ndeploy to\n"}
        code, uploads, summary = action(project, inputs, folder)
        equal(code, 1, "exit code of the action with findings")
        assert pathlib.Path(uploads[0]).is_file() and "embedded-credential" in summary, summary
        code, uploads, _ = action(project, inputs | {"fail-on": "never"}, folder)
        equal((code, len(uploads)), (0, 1), "exit code of the action that never fails")
        code, uploads, _ = action(project, inputs | {"arguments": "--ignore\nembedded-credential"}, folder)
        equal((code, len(uploads)), (0, 1), "exit code of the action without findings")
        code, uploads, _ = action(project, inputs | {"baseline": "no such file"}, folder)
        equal((code, len(uploads)), (2, 0), "exit code of the action that cannot scan")
        # Text that would be a command if it reached the script.
        code, _, _ = action(project, inputs | {"paths": "$(touch injected)"}, folder)
        equal((code, (project / "injected").exists()), (2, False), "an input that looks like a command")


def check_template():
    definition = load(TEMPLATE)
    # One job needs the other, so neither may run in a pipeline without it.
    for jobs in (definition, load(PIPELINE)):
        assert not any("rules" in job for name, job in jobs.items() if isinstance(job, dict) and name[0] != ".")
    with tempfile.TemporaryDirectory() as name:
        project = pathlib.Path(name) / "project"
        (project / "src").mkdir(parents=True)
        source = project / "src/lib.rs"
        env = {key: str(value) for key, value in definition["variables"].items()}
        env |= {"CI_PROJECT_DIR": str(project), "CARGO_INSTALL_ROOT": str(project / ".cerbo-lint")}
        env["PATH"] = f"{pathlib.Path(PROGRAM).parent}{os.pathsep}{os.environ['PATH']}"

        def job(name, expect):
            script = definition[".cerbo-lint"]["before_script"] + definition[name]["script"]
            run(["bash", "-eo", "pipefail", "-c", "\n".join(script)], project, expect, env)

        for text, code in ((CLIENT, 1), ("", 0)):
            source.write_text(text)
            job("cerbo-lint", 0)
            artifacts = definition["cerbo-lint"]["artifacts"]
            for path in [*artifacts["paths"], *artifacts["reports"].values()]:
                assert (project / path).is_file(), path
            job("cerbo-lint-gate", code)


if __name__ == "__main__":
    lint()
    check_action()
    check_template()
    print("the action and the template are valid, report, and fail when they should")
