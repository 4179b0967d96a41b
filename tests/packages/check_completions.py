"""Each shell takes its completions and offers options of them; groff has nothing to say about the manual page."""

import pathlib
import tempfile

from support import PROGRAM, run

work = pathlib.Path(tempfile.mkdtemp())


def completions(shell):
    path = work / f"completions.{shell}"
    path.write_text(run([PROGRAM, "completions", shell]).stdout)
    return path


# What bash would offer behind `cerbo-lint check --stag`.
script = f"""
source {completions("bash")}
COMP_WORDS=(cerbo-lint check --stag) COMP_CWORD=2
$(complete -p cerbo-lint | sed 's/.*-F \\([^ ]*\\).*/\\1/') cerbo-lint --stag check
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
assert run(["bash", "--norc", "-c", script]).stdout.split() == ["--staged"]

path = completions("fish")
offered = run(["fish", "--no-config", "-c", f"source {path}; complete -C 'cerbo-lint check --stag'"], env={"HOME": str(work)}).stdout
assert offered.split()[0] == "--staged", offered

path = completions("zsh")
defined = run(["zsh", "-f", "-c", f"autoload -U compinit; compinit -D -u; source {path}; whence -w _cerbo-lint; print $_comps[cerbo-lint]"])
assert defined.stdout.split() == ["_cerbo-lint:", "function", "_cerbo-lint"] and not defined.stderr, defined

for shell in ["elvish", "powershell"]:
    assert "--staged" in completions(shell).read_text()

page = run([PROGRAM, "manual"]).stdout
read = run(["groff", "-Kutf8", "-man", "-Tutf8", "-P-cbou", "-ww"], input=page)
assert not read.stderr, read.stderr
assert "cerbo-lint-baseline(1)" in read.stdout and "--staged" in read.stdout, read.stdout[:2000]
