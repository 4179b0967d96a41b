//! Integrations of 50,000 lines: a client in one package, and many modules that use it.

use crate::tree::capital;
use crate::words::{NOUNS, VERBS, Words};
use std::fmt::Write as _;
use std::path::Path;

/// Lines of an integration that is measured by itself.
pub const LINES: usize = 50_000;

fn put(root: &Path, path: &str, text: &str) -> usize {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    text.lines().count()
}

const RUST_CLIENT: &str = "use reqwest::{Client, Method};
use serde_json::Value;

pub struct CerboClient {
    http: Client,
    base: String,
    user: String,
    secret: String,
}

impl CerboClient {
    pub fn from_env() -> anyhow::Result<Self> {
        Ok(Self {
            http: Client::builder().build()?,
            base: std::env::var(\"CERBO_BASE_URL\")?,
            user: std::env::var(\"CERBO_USER\")?,
            secret: std::env::var(\"CERBO_SECRET\")?,
        })
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request = self.http.request(method, format!(\"{}/api/v1{path}\", self.base));
        request = request.basic_auth(&self.user, Some(&self.secret));
        if let Some(body) = body {
            request = request.json(body);
        }
        let reply = request.send().await?.error_for_status()?;
        Ok(reply.json().await?)
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, None).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(Method::PATCH, path, Some(body)).await
    }
}
";

/// Writes a Rust workspace of at least so many lines, and gives its lines.
pub fn rust(root: &Path, least: usize) -> usize {
    let _ = std::fs::remove_dir_all(root);
    let mut lines = put(root, "Cargo.toml", "[workspace]\nmembers = [\"client\", \"jobs\"]\n");
    let manifest = |name: &str, more: &str| {
        format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]\nreqwest = \"0.12\"\nserde_json = \"1\"\n{more}"
        )
    };
    lines += put(root, "client/Cargo.toml", &manifest("client", ""));
    lines += put(root, "client/src/lib.rs", RUST_CLIENT);
    lines += put(root, "jobs/Cargo.toml", &manifest("jobs", "client = { path = \"../client\" }\n"));
    let mut modules = String::new();
    let mut calls = String::new();
    let mut number = 0;
    while lines < least {
        let mut words = Words::new(9_000 + number as u64);
        let name = format!("{}_{number}", NOUNS[number % NOUNS.len()]);
        let _ = writeln!(modules, "mod {name};");
        let _ = writeln!(calls, "    {name}::run(&client).await?;");
        lines += put(root, &format!("jobs/src/{name}.rs"), &rust_module(&mut words)) + 2;
        number += 1;
    }
    let main = format!(
        "{modules}\nuse client::CerboClient;\n\n#[tokio::main]\nasync fn main() -> anyhow::Result<()> {{\n    let client = CerboClient::from_env()?;\n{calls}    Ok(())\n}}\n"
    );
    put(root, "jobs/src/main.rs", &main);
    lines
}

fn rust_module(words: &mut Words) -> String {
    let mut text =
        String::from("use client::CerboClient;\nuse serde_json::{Value, json};\nuse std::collections::HashMap;\n\n");
    let mut names = Vec::new();
    for number in 0..6 {
        let (a, b, v) = (words.noun(), words.noun(), VERBS[(words.below(40) + number * 7) % VERBS.len()]);
        let name = format!("{v}_{a}_{number}");
        let _ = write!(
            text,
            "#[derive(Clone, Debug, Default)]\npub struct {ty} {{\n    pub id: u64,\n    pub {a}: String,\n    pub {b}_count: usize,\n}}\n\nimpl {ty} {{\n    fn from_value(value: &Value) -> Option<Self> {{\n        let id = value.get(\"id\")?.as_u64()?;\n        let {a} = value[\"first_name\"].as_str().unwrap_or_default().to_owned();\n        Some(Self {{ id, {a}, {b}_count: 0 }})\n    }}\n\n    fn merged(&self, known: &HashMap<u64, {ty}>) -> {ty} {{\n        match known.get(&self.id) {{\n            Some(other) if other.{b}_count > self.{b}_count => other.clone(),\n            _ => self.clone(),\n        }}\n    }}\n}}\n\n/// {sentence}\npub async fn {name}(client: &CerboClient, id: u64, known: &HashMap<u64, {ty}>) -> anyhow::Result<Option<{ty}>> {{\n    let value = client.get(&format!(\"/patients/{{id}}\")).await?;\n    let Some(found) = {ty}::from_value(&value) else {{\n        tracing::debug!(id, \"no {a}\");\n        return Ok(None);\n    }};\n    let merged = found.merged(known);\n    if merged.{a} != found.{a} {{\n        let body = json!({{ \"first_name\": merged.{a}, \"count\": merged.{b}_count }});\n        client.patch(&format!(\"/patients/{{id}}\"), &body).await?;\n    }}\n    tracing::info!(id, count = merged.{b}_count, \"{v} {a}\");\n    Ok(Some(merged))\n}}\n\n",
            ty = format!("{}{number}", capital(a)),
            sentence = words.sentence()
        );
        names.push(name);
    }
    text.push_str("pub async fn run(client: &CerboClient) -> anyhow::Result<()> {\n    for id in 1..40 {\n");
    for name in names {
        let _ = writeln!(text, "        {name}(client, id, &HashMap::new()).await?;");
    }
    text.push_str("    }\n    Ok(())\n}\n");
    text
}

const TYPESCRIPT_CLIENT: &str = "import axios, { AxiosInstance } from 'axios';

export class CerboClient {
  private readonly http: AxiosInstance;

  constructor() {
    this.http = axios.create({
      baseURL: `${process.env.CERBO_BASE_URL}/api/v1`,
      auth: { username: process.env.CERBO_USER!, password: process.env.CERBO_SECRET! },
    });
  }

  async get<T>(path: string): Promise<T> {
    return (await this.http.get<T>(path)).data;
  }

  async patch<T>(path: string, body: unknown): Promise<T> {
    return (await this.http.patch<T>(path, body)).data;
  }
}
";

/// Writes a TypeScript service of at least so many lines, and gives its lines.
pub fn typescript(root: &Path, least: usize) -> usize {
    let _ = std::fs::remove_dir_all(root);
    let mut lines =
        put(root, "package.json", "{\n  \"name\": \"jobs\",\n  \"dependencies\": { \"axios\": \"^1.7.0\" }\n}\n");
    lines += put(root, "src/client.ts", TYPESCRIPT_CLIENT);
    let (mut imports, mut calls) = (String::new(), String::new());
    let mut number = 0;
    while lines < least {
        let mut words = Words::new(70_000 + number as u64);
        let name = format!("{}{number}", NOUNS[number % NOUNS.len()]);
        let _ = writeln!(imports, "import * as {name} from './jobs/{name}';");
        let _ = writeln!(calls, "  await {name}.run(client);");
        lines += put(root, &format!("src/jobs/{name}.ts"), &typescript_module(&mut words)) + 2;
        number += 1;
    }
    put(
        root,
        "src/main.ts",
        &format!(
            "import {{ CerboClient }} from './client';\n{imports}\nasync function main() {{\n  const client = new CerboClient();\n{calls}}}\n\nmain();\n"
        ),
    );
    lines
}

fn typescript_module(words: &mut Words) -> String {
    let mut text = String::from("import { CerboClient } from '../client';\n\n");
    let mut names = Vec::new();
    for number in 0..6 {
        let (a, b, v) = (words.noun(), words.noun(), words.verb());
        let name = format!("{v}{}{number}", capital(a));
        let _ = write!(
            text,
            "export interface {ty} {{\n  id: number;\n  {a}: string;\n  {b}Count: number;\n}}\n\nfunction merged{number}(one: {ty}, known: Map<number, {ty}>): {ty} {{\n  const other = known.get(one.id);\n  return other && other.{b}Count > one.{b}Count ? other : one;\n}}\n\n/** {sentence} */\nexport async function {name}(client: CerboClient, id: number, known: Map<number, {ty}>): Promise<{ty} | undefined> {{\n  const found = await client.get<{ty}>(`/patients/${{id}}`);\n  if (!found) {{\n    console.debug('no {a}', id);\n    return undefined;\n  }}\n  const merged = merged{number}(found, known);\n  if (merged.{a} !== found.{a}) {{\n    const body = {{ first_name: merged.{a}, count: merged.{b}Count }};\n    await client.patch(`/patients/${{id}}`, body);\n  }}\n  console.info('{v} {a}', id, merged.{b}Count);\n  return merged;\n}}\n\n",
            ty = format!("{}{number}", capital(a)),
            sentence = words.sentence()
        );
        names.push(name);
    }
    text.push_str(
        "export async function run(client: CerboClient): Promise<void> {\n  for (let id = 1; id < 40; id += 1) {\n",
    );
    for name in names {
        let _ = writeln!(text, "    await {name}(client, id, new Map());");
    }
    text.push_str("  }\n}\n");
    text
}
