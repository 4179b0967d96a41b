#!/usr/bin/env python3
"""Makes a folder of small repositories that call the API, some of them badly, and writes down what was put where.

    generate.py FOLDER [NUMBER]

The same number always gives the same repositories. `planted.csv` in the folder names each repository and each rule that
it breaks.
"""

import csv
import pathlib
import random
import sys

RUST_MANIFEST = '[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n\n[dependencies]\nreqwest = "0.12"\ntracing = "0.1"\n'
NODE_MANIFEST = '{{"name": "{name}", "type": "module", "dependencies": {{"pino": "9.0.0"}}}}\n'

RUST_CLEAN = """use std::env;

pub async fn patient(id: u32) -> Result<String, Box<dyn std::error::Error>> {{
    let user = env::var("CERBO_USER")?;
    let secret = env::var("CERBO_SECRET")?;
    let url = format!("https://{clinic}.md-hq.com/api/v1/patients/{{id}}");
    tracing::info!(method = "GET", path = "/patients", "calling the API");
    let reply = reqwest::Client::new().get(url).basic_auth(user, Some(secret)).send().await?;
    Ok(reply.error_for_status()?.text().await?)
}}
"""

RUST_EMBEDDED = """const USER: &str = "pk_{clinic}_{tail}";

pub async fn patient(id: u32) -> Result<String, reqwest::Error> {{
    let url = format!("https://{clinic}.md-hq.com/api/v1/patients/{{id}}");
    tracing::info!(method = "GET", path = "/patients", "calling the API");
    let reply = reqwest::Client::new().get(url).basic_auth(USER, Some("sk_{secret}")).send().await?;
    reply.text().await
}}
"""

NODE_CLEAN = """import pino from "pino";

const log = pino();
const base = "https://{clinic}.md-hq.com/api/v1";
const auth = Buffer.from(`${{process.env.CERBO_USER}}:${{process.env.CERBO_SECRET}}`).toString("base64");

export async function patients(ids) {{
  const all = [];
  for (const id of ids) {{
    log.info({{ method: "GET", path: "/patients" }}, "calling the API");
    const reply = await fetch(`${{base}}/patients/${{id}}`, {{ headers: {{ Authorization: `Basic ${{auth}}` }} }});
    all.push(await reply.json());
  }}
  return all;
}}
"""

NODE_CONCURRENT = """import pino from "pino";

const log = pino();
const base = "https://{clinic}.md-hq.com/api/v1";
const auth = Buffer.from(`${{process.env.CERBO_USER}}:${{process.env.CERBO_SECRET}}`).toString("base64");

export function patients(ids) {{
  return Promise.all(ids.map(async (id) => {{
    log.info({{ method: "GET", path: "/patients" }}, "calling the API");
    const reply = await fetch(`${{base}}/patients/${{id}}`, {{ headers: {{ Authorization: `Basic ${{auth}}` }} }});
    return reply.json();
  }}));
}}
"""

NODE_LOGGED = """import pino from "pino";

const log = pino();
const base = "https://{clinic}.md-hq.com/api/v1";

export async function patient(id) {{
  const secret = process.env.CERBO_SECRET;
  const headers = {{ Authorization: "Basic " + btoa(`${{process.env.CERBO_USER}}:${{secret}}`) }};
  log.info({{ method: "GET", headers }}, "calling the API");
  const reply = await fetch(`${{base}}/patients/${{id}}`, {{ headers }});
  return reply.json();
}}
"""

# Name, manifest, path, code, rules that it breaks, weight.
KINDS = [
    ("rust-clean", RUST_MANIFEST, "src/lib.rs", RUST_CLEAN, [], 30),
    ("rust-embedded", RUST_MANIFEST, "src/lib.rs", RUST_EMBEDDED, ["embedded-credential"], 10),
    ("node-clean", NODE_MANIFEST, "src/patients.js", NODE_CLEAN, [], 30),
    ("node-concurrent", NODE_MANIFEST, "src/patients.js", NODE_CONCURRENT, ["concurrent-requests"], 12),
    ("node-logged", NODE_MANIFEST, "src/patients.js", NODE_LOGGED, ["logged-credential"], 6),
    ("other", NODE_MANIFEST, "src/index.js", "export const colour = '{clinic}';\n", [], 12),
    ("broken", RUST_MANIFEST, "src/lib.rs", "pub fn cerbo( {{\n", [], 3),
    ("empty", None, None, None, [], 3),
]
CLINICS = ["alder", "birch", "cedar", "dogwood", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper"]


def generate(folder, number):
    """Makes the repositories; gives each one's name and the rules it breaks."""
    chance = random.Random(164_312)
    planted = []
    for index in range(number):
        kind, manifest, path, code, rules, _ = chance.choices(KINDS, [kind[-1] for kind in KINDS])[0]
        name = f"repo-{index:04}-{kind}"
        values = {
            "name": name,
            "clinic": chance.choice(CLINICS),
            "tail": f"{chance.getrandbits(32):08x}",
            "secret": f"{chance.getrandbits(72):018x}",
        }
        repository = folder / "repos" / name
        repository.mkdir(parents=True, exist_ok=True)
        if manifest:
            (repository / ("Cargo.toml" if "[package]" in manifest else "package.json")).write_text(manifest.format(**values))
            source = repository / path
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(code.format(**values))
        planted.append((name, rules))
    with open(folder / "planted.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["repo", "rule"])
        writer.writerows((name, rule) for name, rules in planted for rule in rules)
    return planted


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    made = generate(pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) == 3 else 300)
    print(f"{len(made)} repositories")
