"""What the checks share: the program, its fixtures, and a way to fail that says what was expected."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["CERBO_LINT"]
HOME = pathlib.Path(os.environ["END_TO_END_HOME"])

# The project scans itself, so the credential is put together here.
CLIENT = """pub async fn get(id: u32) -> String {
    let client = reqwest::Client::new(); tracing::info!(id, "GET");
    let url = format!("https://clinic.md-hq.com/api/v1/patients/{id}");
    client.get(url).basic_auth("USER", Some("SECRET")).send().await.unwrap().text().await.unwrap()
}
""".replace("USER", "pk_" + "a81f3c55d0").replace("SECRET", "sk_" + "9920fe1c7a63")


def run(arguments, cwd=ROOT, expect=0, env=None, **options):
    """Runs a program; fails unless its exit code is the expected one (or one of several)."""
    arguments = [str(argument) for argument in arguments]
    done = subprocess.run(arguments, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True, **options)
    expected = expect if isinstance(expect, tuple) else (expect,)
    assert done.returncode in expected, (
        f"{' '.join(arguments)} exits with {done.returncode}, not {expect}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    )
    return done


def equal(found, expected, what):
    assert found == expected, f"{what}: {found!r}, not {expected!r}"
