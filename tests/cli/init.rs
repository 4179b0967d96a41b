//! `init`: what it writes fits the project, is read without complaint, and leaves what is there alone.

use crate::support::{CLIENT, MANIFEST, commit, findings, git, project, run_in, texts};
use std::path::Path;

const TYPESCRIPT: &str = "import axios from 'axios';
const base = process.env.CHART_URL;
export const patients = () =>
  axios.get(`${base}/api/v1/patients`, { auth: { username: process.env.CERBO_USER!, password: process.env.CERBO_SECRET! } });
export const tags = () => axios.get('https://cerbo.northgate.example/api/v1/patients/1/tags');
export const notes = () => axios.get('https://records.northgate.example/api/v1/patients/1/tags');
";
const PACKAGE: &str = r#"{"name": "bridge", "dependencies": {"axios": "1", "next": "15", "left-pad": "1"}}"#;

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap_or_else(|_| panic!("{path} is not there"))
}

/// What `init` says; it must succeed.
fn init(folder: &Path, arguments: &[&str]) -> String {
    let all: Vec<&str> = std::iter::once("init").chain(arguments.iter().copied()).collect();
    let (code, out, errors) = texts(&run_in(folder, &all));
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    out
}

fn all_files(folder: &Path) -> Vec<String> {
    let walk = ignore::WalkBuilder::new(folder).standard_filters(false).build();
    let mut files: Vec<String> = walk
        .flatten()
        .filter(|entry| entry.path().is_file() && !entry.path().starts_with(folder.join(".git")))
        .map(|entry| entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    files
}

#[test]
fn the_configuration_names_what_is_found() {
    let folder = project(&[
        ("package.json", PACKAGE),
        ("src/chart.ts", TYPESCRIPT),
        (".env.example", "CHART_URL=https://northgate.md-hq.com\nLOG_LEVEL=info\n"),
    ]);
    init(folder.path(), &[]);
    let text = read(folder.path(), "cerbo-lint.toml");
    let table: toml::Table = text.parse().unwrap();
    assert_eq!(table["base_url_variables"].as_array().unwrap(), &["CHART_URL".into()]);
    assert_eq!(table["hosts"].as_array().unwrap(), &["cerbo.northgate.example".into()]);
    for part in ["Next.js", "axios", "TypeScript", ".env.example", "\"records.northgate.example\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("left-pad"), "{text}");
    // Outside of a repository there is nobody to run a hook or workflow.
    assert_eq!(all_files(folder.path()), [".env.example", "cerbo-lint.toml", "package.json", "src/chart.ts"]);
}

#[test]
fn a_project_without_anything_gets_a_configuration_that_is_read() {
    let folder = project(&[("notes.txt", "nothing\n")]);
    init(folder.path(), &[]);
    let (code, out, errors) = texts(&run_in(folder.path(), &["."]));
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    // Its examples are valid once they are no comments any more.
    let text = read(folder.path(), "cerbo-lint.toml");
    let examples: Vec<&str> = text
        .lines()
        .map(|line| {
            line.strip_prefix("# ").filter(|rest| rest.contains(" = ") || rest.starts_with('[')).unwrap_or(line)
        })
        .collect();
    std::fs::write(folder.path().join("cerbo-lint.toml"), examples.join("\n")).unwrap();
    let (code, out, errors) = texts(&run_in(folder.path(), &["."]));
    assert_eq!((code, errors.as_str()), (0, ""), "{out}{}", examples.join("\n"));
}

#[test]
fn after_init_and_baseline_only_what_is_new_fails() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    git(folder.path(), &["init", "-q", "-b", "trunk"]);
    commit(folder.path(), "start");
    let out = init(folder.path(), &[]);
    assert!(out.contains("`cerbo-lint baseline`"), "{out}");
    assert!(!out.contains("sk_9920"), "{out}");
    assert!(read(folder.path(), ".github/workflows/cerbo-lint.yml").contains("branches: [\"trunk\"]"));
    assert!(read(folder.path(), ".pre-commit-config.yaml").contains("- id: cerbo-lint"));
    // Without the baseline everything is new, and that is said.
    let (code, out, _) = texts(&run_in(folder.path(), &["."]));
    assert_eq!(code, 1);
    assert!(out.contains("cerbo-lint-baseline.jsonl is not there"), "{out}");
    let (code, ..) = texts(&run_in(folder.path(), &["baseline"]));
    assert_eq!(code, 0);
    assert_eq!(findings(folder.path(), &["."]), (0, Vec::new()));
    let (_, out, errors) = texts(&run_in(folder.path(), &["--format", "concise", "."]));
    assert!(!out.contains("not there") && errors.is_empty(), "{out}{errors}");
    std::fs::write(folder.path().join("src/other.rs"), CLIENT).unwrap();
    assert_eq!(findings(folder.path(), &["."]), (1, vec!["src/other.rs:4 embedded-credential".to_owned()]));
    // A baseline that is named and not there stays an error.
    assert_eq!(texts(&run_in(folder.path(), &["--baseline", "none.jsonl", "."])).0, 2);
}

#[test]
fn what_is_there_stays_and_what_it_lacks_is_said() {
    let hooks = "repos:\n  - repo: local\n    hooks: []\n";
    let config = "base_url_variables = [\"EHR_BASE\"]\n";
    let workflow = "on: push\njobs: {}\n";
    let folder = project(&[
        ("package.json", PACKAGE),
        ("src/chart.ts", TYPESCRIPT.replace("process.env.CHART_URL", "process.env.CERBO_URL").as_str()),
        ("cerbo-lint.toml", config),
        (".pre-commit-config.yaml", hooks),
        (".gitlab-ci.yml", workflow),
    ]);
    git(folder.path(), &["init", "-q"]);
    let before = all_files(folder.path());
    let out = init(folder.path(), &[]);
    assert_eq!(all_files(folder.path()), before);
    assert_eq!(read(folder.path(), "cerbo-lint.toml"), config);
    assert_eq!(read(folder.path(), ".pre-commit-config.yaml"), hooks);
    assert_eq!(read(folder.path(), ".gitlab-ci.yml"), workflow);
    for part in [
        "base_url_variables = [\"EHR_BASE\", \"CERBO_URL\"]",
        "baseline = \"cerbo-lint-baseline.jsonl\"",
        "- id: cerbo-lint",
        "templates/cerbo-lint.gitlab-ci.yml",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn a_second_run_changes_nothing_and_a_dry_run_writes_nothing() {
    let folder = project(&[("apps/sync/Cargo.toml", MANIFEST), ("apps/sync/src/lib.rs", CLIENT)]);
    git(folder.path(), &["init", "-q"]);
    let sync = folder.path().join("apps/sync");
    let before = all_files(folder.path());
    let out = init(&sync, &["--dry-run"]);
    assert_eq!(all_files(folder.path()), before);
    assert!(
        out.contains("baseline = ") && out.contains("paths: \"apps/sync\"") && out.contains("^apps/sync/"),
        "{out}"
    );
    init(&sync, &[]);
    let files = [".github/workflows/cerbo-lint.yml", ".pre-commit-config.yaml", "apps/sync/cerbo-lint.toml"];
    let texts_now = || files.map(|path| read(folder.path(), path));
    let written = texts_now();
    let out = init(&sync, &[]);
    assert_eq!(texts_now(), written);
    assert_eq!(out.matches("nothing to add").count(), 3, "{out}");
    let own = project(&[("Cargo.toml", MANIFEST)]);
    git(own.path(), &["init", "-q"]);
    init(own.path(), &["--no-hook", "--no-ci"]);
    assert_eq!(all_files(own.path()), ["Cargo.toml", "cerbo-lint.toml"]);
}
