//! `check --fix` and `--diff`.

use crate::support::{MANIFEST, findings, fixtures, project, run_in, texts};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const SECRET: &str = "sk_Jt5Xn8Rw2Qa7Zk4Lm9Pv";

fn client() -> String {
    format!(
        "const BASE = 'http://larkspur.md-hq.com/api/v1';\r\nconst secret = process.env.CERBO_SECRET || '{SECRET}';\r\n\
         export async function patient(id) {{\r\n  console.log('patient', id);\r\n  const auth = btoa(process.env.CERBO_USER + ':' + secret);\r\n\
         \x20 return fetch(BASE + '/patients/' + id, {{ headers: {{ authorization: 'Basic ' + auth }} }});\r\n}}\r\n"
    )
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

fn rules(found: &[String]) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for rule in found.iter().filter_map(|line| line.rsplit(' ').next()) {
        *all.entry(rule.to_owned()).or_default() += 1;
    }
    all
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copied(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn safe_fixes_alone_are_made_by_default() {
    let folder = project(&[("client.mjs", &client())]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix", "."]));
    assert_eq!(code, 1, "{out}{error}");
    assert!(error.contains("1 finding mended in 1 file"), "{error}");
    // Line ends stay.
    assert_eq!(read(folder.path(), "client.mjs"), client().replace("http:", "https:"));
    assert!(!out.contains("cleartext-transport") && out.contains("embedded-credential"), "{out}");
}

#[test]
fn all_fixes_are_made_when_asked_for_and_the_credential_stays_known() {
    let folder = project(&[("client.mjs", &client())]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert_eq!(code, 0, "{out}{error}");
    assert!(error.contains("2 findings mended in 1 file") && error.contains("disable it"), "{error}");
    let text = client().replace("http:", "https:").replace(&format!(" || '{SECRET}'"), "");
    assert_eq!(read(folder.path(), "client.mjs"), text);
}

#[test]
fn a_diff_changes_nothing_and_tells_no_secret() {
    let folder = project(&[("client.mjs", &client())]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "--diff", "."]));
    assert_eq!(code, 1, "{error}");
    assert_eq!(read(folder.path(), "client.mjs"), client());
    for line in ["--- a/client.mjs", "+++ b/client.mjs", "+const secret = process.env.CERBO_SECRET;"] {
        assert!(out.contains(line), "{line} in {out}");
    }
    assert!(!out.contains(SECRET) && !error.contains(SECRET), "{out}{error}");
    let (code, out, _) = texts(&run_in(folder.path(), &["check", "--diff", "."]));
    assert_eq!(code, 1);
    assert!(out.contains("+const BASE = 'https:") && !out.contains("+const secret"), "{out}");
    let clean = project(&[("src/lib.rs", "pub fn a() {}\n"), ("Cargo.toml", MANIFEST)]);
    let (code, out, _) = texts(&run_in(clean.path(), &["check", "--diff", "."]));
    assert_eq!((code, out.as_str()), (0, ""));
}

#[test]
fn what_is_not_on_disk_cannot_be_mended() {
    let folder = project(&[("client.mjs", &client())]);
    for wrong in [
        ["check", "--fix", "--staged"],
        ["check", "--diff", "--stdin-filename=a.js"],
        ["check", "--fix", "--shard=1/2"],
    ] {
        let (code, _, error) = texts(&run_in(folder.path(), &wrong));
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("cannot be used with"), "{error}");
    }
    assert_eq!(read(folder.path(), "client.mjs"), client());
}

#[test]
fn accepted_findings_are_left_alone() {
    let text = format!("// cerbo-lint: allow(cleartext-transport) reason=\"a tunnel\"\n{}", client());
    let folder = project(&[("client.mjs", &text)]);
    texts(&run_in(folder.path(), &["check", "--fix", "."]));
    assert_eq!(read(folder.path(), "client.mjs"), text);
}

#[cfg(unix)]
#[test]
fn one_file_that_cannot_be_written_stops_all() {
    use std::os::unix::fs::PermissionsExt;
    let folder = project(&[("a.mjs", &client()), ("b.mjs", &client())]);
    std::fs::set_permissions(folder.path().join("b.mjs"), std::fs::Permissions::from_mode(0o444)).unwrap();
    let (code, _, error) = texts(&run_in(folder.path(), &["check", "--fix", "."]));
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("b.mjs") && error.contains("no file was changed"), "{error}");
    assert_eq!(read(folder.path(), "a.mjs"), client());
}

const LOGIN: &str = r#"mod login {
    #[derive(Clone, Debug, PartialEq)]
    pub struct Login {
        pub user: String,
        pub(crate) secret: String,
        pub practice: String,
    }

    #[derive(Debug)]
    pub struct Header(pub String);
}

pub fn shown(login: &login::Login, header: &login::Header) -> String {
    format!("{login:?} {header:?}")
}
"#;

const CALLS: &str = r#"
pub async fn tags(login: &login::Login, header: &login::Header) -> reqwest::Result<()> {
    let http = reqwest::Client::new();
    http.get("https://hazel.md-hq.com/api/v1/tags").basic_auth(&login.user, Some(&login.secret)).send().await?;
    http.get("https://hazel.md-hq.com/api/v1/tags").header("Authorization", &header.0).send().await.map(drop)
}
"#;

#[test]
fn a_form_written_by_hand_shows_all_but_the_credential_and_compiles() {
    let folder = project(&[("src/lib.rs", &format!("{LOGIN}{CALLS}")), ("Cargo.toml", MANIFEST)]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert_eq!(code, 0, "{out}{error}");
    assert!(error.contains("2 findings mended in 1 file"), "{error}");
    let fixed = read(folder.path(), "src/lib.rs");
    assert!(fixed.contains("    #[derive(Clone, PartialEq)]\n    pub struct Login {"), "{fixed}");
    assert!(!fixed.contains("Debug)]") && !fixed.contains("#[derive()]"), "{fixed}");
    // Without what needs crates, the compiler takes it, and what it prints is what was meant.
    let printed = fixed.replace(CALLS, "")
        + "fn main() { let login = login::Login { user: \"u\".into(), secret: \"hidden\".into(), practice: \"p\".into() };\n\
           println!(\"{}\", shown(&login, &login::Header(\"hidden\".into()))); }\n";
    std::fs::write(folder.path().join("main.rs"), printed).unwrap();
    let rustc = std::process::Command::new("rustc")
        .args(["--edition", "2021", "-o", "main", "main.rs"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(rustc.status.success(), "{}", String::from_utf8_lossy(&rustc.stderr));
    let shown = std::process::Command::new(folder.path().join("main")).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&shown.stdout).trim(),
        r#"Login { user: "u", practice: "p", .. } Header { .. }"#
    );
}

#[test]
fn what_is_serialized_leaves_the_field_out() {
    let text = "use serde::Serialize;\n\n#[derive(Serialize)]\npub struct Login {\n    pub user: String,\n    /// From the vendor.\n    pub secret: String,\n}\n\
                pub async fn tags(login: &Login) -> reqwest::Result<()> {\n    let http = reqwest::Client::new();\n    \
                http.get(\"https://hazel.md-hq.com/api/v1/tags\").basic_auth(&login.user, Some(&login.secret)).send().await.map(drop)\n}\n";
    let folder = project(&[("src/lib.rs", text), ("Cargo.toml", MANIFEST)]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert_eq!(code, 0, "{out}{error}");
    let marked = "    #[serde(skip_serializing)]\n    /// From the vendor.\n    pub secret";
    assert_eq!(read(folder.path(), "src/lib.rs"), text.replace("    /// From the vendor.\n    pub secret", marked));
}

#[test]
fn a_type_with_parameters_is_left_to_people() {
    let text = "#[derive(Debug)]\npub struct Login<'a> {\n    pub user: &'a str,\n    pub secret: &'a str,\n}\n\
                pub async fn tags(login: &Login<'_>) -> reqwest::Result<()> {\n    let http = reqwest::Client::new();\n    \
                http.get(\"https://hazel.md-hq.com/api/v1/tags\").basic_auth(login.user, Some(login.secret)).send().await.map(drop)\n}\n";
    let folder = project(&[("src/lib.rs", text), ("Cargo.toml", MANIFEST)]);
    let (code, _, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert!(code == 1 && error.contains("nothing can be mended"), "{error}");
    assert_eq!(read(folder.path(), "src/lib.rs"), text);
}

const ROUTE: &str = "import { log } from './log.js';\n\
    export async function tags() {\n  const authorization = 'Basic ' + btoa(process.env.CERBO_USER + ':' + process.env.CERBO_SECRET);\n  \
    const headers = { authorization, 'x-trace': '1' };\n  log.info({ url: '/tags', headers }, 'calling');\n  \
    return fetch('https://hazel.md-hq.com/api/v1/tags', { headers });\n}\n";

/// The logger's file with its findings mended, from what makes it.
fn logger(made: &str) -> String {
    let text = format!("import pino from 'pino';\nexport const log = {made};\n");
    let folder = project(&[("log.js", &text), ("route.js", ROUTE), ("package.json", "{ \"type\": \"module\" }\n")]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert!(code < 2, "{out}{error}");
    assert_eq!(read(folder.path(), "route.js"), ROUTE);
    assert_eq!(code == 0, error.contains("1 finding mended in 1 file"), "{out}{error}");
    read(folder.path(), "log.js").replace("import pino from 'pino';\nexport const log = ", "")
}

#[test]
fn a_logger_in_another_file_is_told_what_it_leaves_out() {
    assert_eq!(logger("pino()"), "pino({ redact: ['headers.authorization'] });\n");
    assert_eq!(logger("pino({})"), "pino({ redact: ['headers.authorization'] });\n");
    assert_eq!(logger("pino({ level: 'info' })"), "pino({ redact: ['headers.authorization'], level: 'info' });\n");
    assert_eq!(
        logger("pino({\n  level: 'info',\n})"),
        "pino({\n  redact: ['headers.authorization'],\n  level: 'info',\n});\n"
    );
    assert_eq!(logger("pino({ redact: ['ssn'] })"), "pino({ redact: ['ssn', 'headers.authorization'] });\n");
    assert_eq!(
        logger("pino({ redact: { paths: ['ssn',], censor: '-' } })"),
        "pino({ redact: { paths: ['ssn','headers.authorization'], censor: '-' } });\n"
    );
    // Already told, or told by somebody else.
    assert_eq!(logger("pino({ ...shared })"), "pino({ ...shared });\n");
    assert_eq!(logger("pino(options)"), "pino(options);\n");
}

#[test]
fn a_literal_in_code_of_a_server_becomes_a_variable() {
    let client = |secret: &str| {
        format!(
            "const login = {{ user: 'pk_larkspur', secretKey: {secret} }};\nexport const tags = () => fetch('https://larkspur.md-hq.com/api/v1/tags', \
             {{ headers: {{ authorization: 'Basic ' + Buffer.from(login.user + ':' + login.secretKey).toString('base64') }} }});\n"
        )
    };
    let text = client(&format!("'{SECRET}'"));
    let run = |manifest: &str| {
        let folder = project(&[("src/client.ts", &text), ("package.json", manifest)]);
        let (_, _, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
        assert!(!error.contains(SECRET));
        (read(folder.path(), "src/client.ts"), error)
    };
    let (server, error) = run("{ \"dependencies\": { \"express\": \"4\" }, \"main\": \"src/client.ts\" }\n");
    assert_eq!(server, client("process.env.CERBO_SECRET_KEY"), "{error}");
    assert!(error.contains("disable it and create a new one"), "{error}");
    // One variable cannot stand for two credentials.
    let both = format!(
        "{text}const other = {{ user: 'pk_hazel', secretKey: 'sk_Wq7Zt3Bn5Kx9Rv2Lp' }};\nexport const users = () => fetch('https://larkspur.md-hq.com/api/v1/users', {{ headers: {{ authorization: 'Basic ' + btoa(other.user + ':' + other.secretKey) }} }});\n"
    );
    let folder = project(&[
        ("src/client.ts", &both),
        ("package.json", "{ \"dependencies\": { \"express\": \"4\" }, \"main\": \"src/client.ts\" }\n"),
    ]);
    texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert_eq!(read(folder.path(), "src/client.ts"), both);
    // Where nothing tells that there is an environment, nothing is looked up in one.
    assert_eq!(run("{}\n").0, text);
}

#[test]
fn git_is_told_to_ignore_what_it_would_take() {
    let env = format!("CERBO_URL=https://hazel.md-hq.com/api/v1\nCERBO_USER=pk_hazel\nCERBO_SECRET={SECRET}\n");
    let folder =
        project(&[("api/.env", &env), ("web/[id].env", &env), ("web/.gitignore", "dist"), ("sent/.env", &env)]);
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git").args(arguments).current_dir(folder.path()).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    };
    git(&["init", "-q"]);
    git(&["add", "-f", "sent/.env"]);
    let (_, out, error) =
        texts(&run_in(folder.path(), &["check", "--fix", "--diff", "--select", "plaintext-credential-file", "."]));
    assert!(out.contains("--- /dev/null\n+++ b/.gitignore\n@@ -0,0 +1 @@\n+/api/.env"), "{out}");
    assert!(!out.contains(SECRET) && !out.contains("\n dist") && !folder.path().join(".gitignore").exists(), "{out}");
    let (code, out, _) =
        texts(&run_in(folder.path(), &["check", "--fix", "--select", "plaintext-credential-file", "."]));
    assert_eq!(read(folder.path(), ".gitignore"), "/api/.env\n", "{error}");
    assert_eq!(read(folder.path(), "web/.gitignore"), "dist\n/\\[id\\].env\n");
    // What git tracks stays tracked, whatever the list says.
    assert!(code == 1 && out.contains("sent/.env") && !out.contains("api/.env") && !out.contains("web/"), "{out}");
    let status = git(&["status", "--short", "--untracked-files=all"]);
    assert!(!status.contains("api/.env") && !status.contains("[id]"), "{status}");
}

#[test]
fn of_two_logs_the_one_that_can_be_told_is_mended() {
    // The credential is logged twice: by a logger that can leave it out, and by one that cannot.
    let text = ROUTE.replace("'calling');", "'calling'); console.log(headers);");
    let folder = project(&[
        ("log.js", "import pino from 'pino';\nexport const log = pino();\n"),
        ("route.js", &text),
        ("package.json", "{ \"type\": \"module\" }\n"),
    ]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert_eq!(code, 1, "{out}{error}");
    assert!(error.contains("1 finding mended in 1 file"), "{error}");
    let (_, left) = findings(folder.path(), &["--no-cache"]);
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_file_that_cannot_be_changed_as_it_was_read_is_told_and_left() {
    let folder = project(&[("b.mjs", &client())]);
    let mut latin = client().into_bytes();
    latin.extend_from_slice(b"// caf\xe9\n");
    std::fs::write(folder.path().join("a.mjs"), &latin).unwrap();
    let (_, _, error) = texts(&run_in(folder.path(), &["check", "--fix", "."]));
    assert!(error.contains("a.mjs: left as it is, it is not UTF-8"), "{error}");
    assert!(error.contains("1 finding mended in 1 file"), "{error}");
    assert_eq!(std::fs::read(folder.path().join("a.mjs")).unwrap(), latin);
    assert!(read(folder.path(), "b.mjs").contains("https://larkspur"));
}

/// Whatever is mended in a case, it is parsed and found better: fewer findings, none of another kind, and nothing left to mend.
/// Gives whether anything was.
fn mended(case: &Path) -> bool {
    const RUN: [&str; 4] = ["check", "--no-cache", "--fix=all", "."];
    let shown = case.display();
    let folder = tempfile::tempdir().unwrap();
    copied(case, folder.path());
    let (code, _, error) = texts(&run_in(folder.path(), &[&RUN[..], &["--diff"]].concat()));
    assert!(code < 2, "{shown}: {error}");
    if error.contains("nothing can be mended") {
        return false;
    }
    let (_, before) = findings(folder.path(), &["--no-cache"]);
    let (code, _, error) = texts(&run_in(folder.path(), &[&RUN[..], &["--fail-on", "never"]].concat()));
    assert!(code == 0 && error.contains("mended in"), "{shown}: {error}");
    let (_, after) = findings(folder.path(), &["--no-cache"]);
    let (old, new) = (rules(&before), rules(&after));
    assert!(after.len() < before.len(), "{shown}: {before:?} {after:?}");
    for (rule, number) in new {
        assert!(number <= old.get(&rule).copied().unwrap_or(0), "{shown}: {rule}");
    }
    let (code, out, _) = texts(&run_in(folder.path(), &[&RUN[..], &["--diff"]].concat()));
    assert_eq!((code, out.as_str()), (0, ""), "{shown}");
    true
}

#[test]
fn every_fix_of_every_case_mends_its_finding_and_breaks_nothing() {
    let below = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let cases: Vec<PathBuf> = below(&fixtures().join("rules"))
        .iter()
        .flat_map(|rule| below(rule))
        .filter(|case| name(case).starts_with("bad-"))
        .collect();
    let of_rule = |case: &PathBuf| mended(case).then(|| name(case.parent().unwrap()));
    let rules: Vec<String> = cases.par_iter().filter_map(of_rule).collect();
    for rule in [
        "base64-credential",
        "cleartext-transport",
        "concurrent-requests",
        "debug-derived-credential",
        "embedded-credential",
        "logged-credential",
        "tls-verification-disabled",
    ] {
        assert!(rules.iter().any(|one| one == rule), "{rule}: {rules:?}");
    }
    assert!(rules.len() >= 30, "{rules:?}");
}
