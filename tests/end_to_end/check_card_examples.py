"""The examples that cards give in a second language are true: in a frame, the bad one is reported and the good one is not."""

import json
import pathlib
import tempfile
import tomllib

from support import PROGRAM, ROOT, run

SCRIPT = """import axios from "axios";
import cron from "node-cron";
import got from "got";
import https from "node:https";
import pino from "pino";
import { execFileSync } from "node:child_process";

const base = "https://clinic.md-hq.com/api/v1";
const baseURL = base;
const path = "/patients";
const url = base + path;
const logger = pino();
const user = process.env.CERBO_USER;
const secret = process.env.CERBO_SECRET;
const auth = { username: user, password: secret };
const headers = { Authorization: "Basic " + btoa(`${user}:${secret}`) };
"""
IN_FUNCTION = "export async function run(ids, id, patient, last, now, offset, task) {{\n{0}\n}}\n"
RUST = """use axum::{Json, extract::Path, http::StatusCode, routing::get};
use serde_json::Value;

const BASE: &str = "https://clinic.md-hq.com/api/v1";

struct Patient { first_name: String, last_name: String }
#[derive(serde::Serialize)]
struct Name { first: String, last: String }

fn client() -> reqwest::Client { reqwest::Client::new() }
"""
# What stands around an example of a rule, where it is not the usual.
FRAMES = {
    "on-peak-transfer": """
async function exportAllPatients() {{
  for (let offset = 0; ; offset += 100) {{
    const page = (await axios.get(`${{base}}/patients`, {{ auth, params: {{ offset }} }})).data;
    if (!page.has_more) break;
  }}
}}
{0}
""",
    "production-in-test": "{0}\n",
    "error-exposes-credential": """async fn call() -> Result<reqwest::Response, (StatusCode, String)> {{
    let (client, url) = (client(), format!("{{BASE}}/users"));
    let header = format!("Basic {{}}", std::env::var("CERBO_SECRET").unwrap());
{0}
}}
fn app() -> axum::Router {{ axum::Router::new().route("/x", get(call)) }}
""",
    "patient-data-stored": """async fn export(client: &reqwest::Client, id: u32, queue: Queue, key: Key) -> anyhow::Result<()> {{
{0}
    Ok(())
}}
""",
    "response-forwarded": '{0}\nfn app() -> axum::Router {{ axum::Router::new().route("/patients/{{id}}", get(patient)) }}\n',
}
MANIFESTS = {
    "typescript": ("package.json", '{"name": "x", "type": "module", "dependencies": {"axios": "1", "got": "14", "pino": "9"}}\n'),
    "rust": ("Cargo.toml", '[package]\nname = "x"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\naxum = "0.8"\nreqwest = "0.12"\n'),
}


def found(rule, language, code):
    name, manifest = MANIFESTS[language]
    if language == "typescript":
        source = "src/client.test.ts" if rule == "production-in-test" else "src/client.ts"
        text = SCRIPT + FRAMES.get(rule, IN_FUNCTION).format(code)
    else:
        source = "src/main.rs"
        text = RUST + FRAMES[rule].format(code)
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder)
        (project / "src").mkdir()
        (project / name).write_text(manifest)
        (project / source).write_text(text)
        report = run([PROGRAM, "--no-config", "--exit-zero", "--format", "json", "."], project)
        report = json.loads(report.stdout)
        assert not report["notifications"], (rule, report["notifications"])
        return {finding["rule"] for finding in report["findings"]}


def main():
    number, wrong = 0, []
    for path in sorted((ROOT / "rules/cards").glob("*.toml")):
        card = tomllib.loads(path.read_text())
        for example in card.get("also", []):
            number += 1
            for kind in ("bad", "good"):
                hits = card["id"] in found(card["id"], example["language"], example[kind])
                if hits != (kind == "bad"):
                    wrong.append(f"{card['id']}: the {kind} example in {example['language']}")
    assert not wrong, "\n".join(wrong)
    print(f"{number} examples are true")


if __name__ == "__main__":
    main()
