//! What each format says to the program that reads it. `.ci/run` holds the formats against real readers too.

use crate::support::{CLIENT, FORMATS, MANIFEST, project, run_in, texts};
use serde_json::Value;
use std::path::Path;

fn written(folder: &Path, format: &str, arguments: &[&str]) -> String {
    let mut all = vec!["--format", format];
    all.extend(arguments);
    texts(&run_in(folder, &all)).1
}

fn json(folder: &Path, format: &str) -> Value {
    serde_json::from_str(&written(folder, format, &["."])).unwrap()
}

/// A project with one finding in each of `number` files.
fn many(number: usize) -> tempfile::TempDir {
    let names: Vec<String> = (0..number).map(|index| format!("src/bin/job{index:02}.rs")).collect();
    let mut files = vec![("Cargo.toml", MANIFEST)];
    files.extend(names.iter().map(|name| (name.as_str(), CLIENT)));
    project(&files)
}

#[test]
fn concise_is_one_line_a_finding() {
    let folder = many(2);
    let text = written(folder.path(), "concise", &["."]);
    let lines: Vec<&str> = text.lines().collect();
    let place = "src/bin/job00.rs:4:54: error[embedded-credential] An API credential is written in the source";
    assert_eq!(lines[0], place);
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[2], "3 files scanned: 2 errors, 0 warnings, 0 notes; 0 suppressed");
}

#[test]
fn annotations_of_github_are_escaped_and_capped() {
    let folder = many(13);
    let text = written(folder.path(), "github", &["."]);
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands.iter().filter(|line| line.starts_with("::error ")).count(), 10);
    assert_eq!(commands.len(), 11, "{text}");
    assert!(commands[0].starts_with("::error file=src/bin/job00.rs,line=4,endLine=4,col="), "{text}");
    assert!(commands[0].contains("title=API credential written in the source (embedded-credential)::An API"), "{text}");
    assert!(commands[10].starts_with("::notice title=cerbo-lint::3 more findings"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with("  - src/bin/job1")).count(), 3, "{text}");
}

#[cfg(unix)]
#[test]
fn a_name_of_a_file_is_no_markup_and_no_command() {
    let name = "a,b:c%\n::error file=x::<b>|`&\"\u{1b}[31m.rs";
    let folder = project(&[(name, CLIENT)]);
    for format in FORMATS {
        let text = written(folder.path(), format, &["."]);
        assert!(!text.contains('\u{1b}'), "{format}: {text}");
        let commands = text.lines().filter(|line| line.trim_start().starts_with("::"));
        assert_eq!(commands.count(), usize::from(*format == "github"), "{format}: {text}");
        assert!(
            !text.contains("<b>")
                || ["json", "jsonl", "gitlab", "rdjson", "sarif", "human", "concise", "github"].contains(format)
        );
    }
    let text = written(folder.path(), "github", &["."]);
    assert!(text.starts_with("::error file=a%2Cb%3Ac%25%0A%3A%3Aerror file=x%3A%3A<b>"), "{text}");
    let row = written(folder.path(), "markdown", &["."]);
    let row = row.lines().find(|line| line.starts_with("| error")).unwrap();
    assert_eq!(row.matches('|').count() - row.matches("\\|").count(), 5, "{row}");
}

#[test]
fn gitlab_gets_issues_with_fingerprints_of_their_own() {
    let folder = many(3);
    let issues = json(folder.path(), "gitlab");
    let issues = issues.as_array().unwrap();
    assert_eq!(issues.len(), 3);
    let prints: std::collections::HashSet<&str> =
        issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), 3);
    let first = &issues[0];
    assert_eq!(first["severity"], "critical");
    assert_eq!(first["check_name"], "embedded-credential");
    assert_eq!(first["location"]["path"], "src/bin/job00.rs");
    assert_eq!(first["location"]["lines"]["begin"], 4);
    assert!(!first["description"].as_str().unwrap().is_empty());
    assert_eq!(json(project(&[]).path(), "gitlab"), serde_json::json!([]));
}

#[test]
fn rdjson_counts_bytes_of_utf8() {
    let line = "    let é = \"🩺\"; client.get(url).basic_auth(\"pk_a81f3c55d0\", Some(\"sk_9920fe1c7a63\")).send();";
    let code = format!(
        "pub fn all(client: &reqwest::blocking::Client) {{\n    let url = \"https://clinic.md-hq.com/api/v1/users\";\n{line}\n}}\n"
    );
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &code)]);
    let report = json(folder.path(), "rdjson");
    let found = report["diagnostics"].as_array().unwrap();
    let credential = found.iter().find(|one| one["code"]["value"] == "embedded-credential").unwrap();
    assert_eq!(credential["severity"], "ERROR");
    let range = &credential["location"]["range"];
    let at = |end: &str| usize::try_from(range[end]["column"].as_u64().unwrap()).unwrap() - 1;
    assert!(["\"pk_a81f3c55d0\"", "\"sk_9920fe1c7a63\""].contains(&&line[at("start")..at("end")]));
}

#[test]
fn every_line_for_sql_has_every_column() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT), ("src/broken.rs", "fn cerbo( {")]);
    let text = written(folder.path(), "jsonl", &["--repo", "clinic/portal", "--rev", "4f1e90a", "."]);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let keys = |line: &Value| line.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let kinds: Vec<&str> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["run", "finding", "note"], "{text}");
    for line in &lines {
        assert_eq!(keys(line), keys(&lines[0]));
        assert!(line.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()), "{line}");
        assert_eq!((line["repo"].as_str(), line["rev"].as_str()), (Some("clinic/portal"), Some("4f1e90a")));
    }
    assert_eq!((&lines[1]["rule"], &lines[1]["line"]), (&"embedded-credential".into(), &4.into()));
    assert_eq!(lines[0]["files_scanned"], 3);
}

#[test]
fn a_clean_run_is_a_case_that_passes_and_an_empty_list() {
    let folder = project(&[("src/lib.rs", "")]);
    let junit = written(folder.path(), "junit", &["."]);
    assert!(junit.contains("tests=\"1\" failures=\"0\"") && junit.contains("<testcase"), "{junit}");
    assert!(!written(folder.path(), "checkstyle", &["."]).contains("<file"));
    assert!(!written(folder.path(), "markdown", &["."]).contains('|'));
    assert!(!written(folder.path(), "github", &["."]).contains("::"));
}

#[test]
fn long_reports_are_cut_where_people_read_them() {
    let folder = many(103);
    let text = written(folder.path(), "markdown", &["."]);
    assert_eq!(text.lines().filter(|line| line.starts_with("| error")).count(), 100);
    assert!(text.contains("3 more findings not shown."), "{text}");
}

#[test]
fn a_finding_of_several_lines_is_told_by_its_first_in_sarif() {
    let code = "use futures::future::join_all;
pub async fn all(client: &reqwest::Client, ids: &[u32]) {
    let base = \"https://clinic.md-hq.com/api/v1\";
    join_all(ids.iter().map(|id| {
        client
            .get(format!(\"{base}/patients/{id}\")).send()
    }))
    .await;
}
";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", code)]);
    let region = |format: &str, path: &str| {
        let report = json(folder.path(), format);
        let all = if format == "sarif" { &report["runs"][0]["results"] } else { &report["findings"] };
        let rule = |one: &&Value| one["ruleId"] == "concurrent-requests" || one["rule"] == "concurrent-requests";
        all.as_array().unwrap().iter().find(rule).unwrap().pointer(path).unwrap().clone()
    };
    let whole = region("json", "/location");
    assert_ne!(whole["start_line"], whole["end_line"], "{whole}");
    let first = region("sarif", "/locations/0/physicalLocation/region");
    assert_eq!(first["startLine"], whole["start_line"]);
    assert_eq!(first["endLine"], first["startLine"]);
    let line = usize::try_from(first["startLine"].as_u64().unwrap()).unwrap();
    let length = code.lines().nth(line - 1).unwrap().chars().count();
    assert_eq!(first["endColumn"], length + 1, "{first}");
}
