//! SARIF: against the schema, and against what each value means to those who read it.

use crate::support::{CLIENT, MANIFEST, fixtures, project, run_in};
use cerbo_lint::report::line_hash::line_hashes;
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;

fn sarif(folder: &Path, arguments: &[&str]) -> Value {
    let mut all = vec!["--format", "sarif"];
    all.extend(arguments);
    serde_json::from_slice(&run_in(folder, &all).stdout).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn results(log: &Value) -> &[Value] {
    log["runs"][0]["results"].as_array().unwrap()
}

#[test]
fn reports_are_valid_sarif() {
    let schema = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/sarif-2.1.0.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut log = sarif(&fixtures(), &["--include-suppressed", "--sarif-category", "nightly", "--scope", "any", "."]);
    assert!(!results(&log).is_empty());
    let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(validator.is_valid(&sarif(project(&[]).path(), &[])));
    log["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&log));
}

#[test]
fn rules_say_what_code_scanning_reads() {
    let folder = project(&[]);
    let log = sarif(folder.path(), &[]);
    let driver = &log["runs"][0]["tool"]["driver"];
    let rules = driver["rules"].as_array().unwrap();
    assert!(rules.len() > 5);
    let ids: Vec<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    for rule in rules {
        let id = text(&rule["id"]);
        assert_ne!(id.to_lowercase(), text(&rule["name"]).to_lowercase());
        for key in ["shortDescription", "fullDescription", "help"] {
            let length = text(&rule[key]["text"]).chars().count();
            assert!((1..=1024).contains(&length), "{id}: {key}");
        }
        assert!(!text(&rule["help"]["markdown"]).is_empty());
        assert!(text(&rule["helpUri"]).starts_with("https://"));
        assert!(["error", "warning", "note"].contains(&text(&rule["defaultConfiguration"]["level"])));
        let properties = &rule["properties"];
        let tags: Vec<&str> = properties["tags"].as_array().unwrap().iter().map(text).collect();
        assert!((1..=10).contains(&tags.len()), "{id}: {tags:?}");
        let security = tags.contains(&"security");
        assert_eq!(security, properties["security-severity"].is_string(), "{id}");
        if security {
            let score: f64 = text(&properties["security-severity"]).parse().unwrap();
            assert!(score > 0.0 && score <= 10.0, "{id}");
            assert!(tags.iter().any(|tag| tag.starts_with("external/cwe/cwe-")), "{id}");
            assert!(!rule["relationships"].as_array().unwrap().is_empty(), "{id}");
        }
        assert!(["very-high", "high", "medium", "low"].contains(&text(&properties["precision"])));
        assert!(properties.get("rank").is_none());
    }
}

#[test]
fn results_stand_for_themselves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let log = sarif(&fixtures(), &["."]);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let (mut places, mut worst) = (HashSet::new(), 0);
    for result in results(&log) {
        let id = text(&result["ruleId"]);
        assert_eq!(rules[number(&result["ruleIndex"])]["id"], id);
        let order = ["error", "warning", "note"].iter().position(|level| result["level"] == *level).unwrap();
        assert!(order >= worst, "the worst come first");
        worst = order;
        let message = text(&result["message"]["text"]);
        assert!((1..=1024).contains(&message.chars().count()), "{message}");
        let locations = result["locations"].as_array().unwrap();
        assert_eq!(locations.len(), 1);
        let place = &locations[0]["physicalLocation"];
        let uri = text(&place["artifactLocation"]["uri"]);
        assert!(!uri.starts_with(['.', '/']) && !uri.contains([' ', '\\']), "{uri}");
        let region = &place["region"];
        let path = percent_encoding::percent_decode_str(uri).decode_utf8().unwrap();
        let source = std::fs::read_to_string(root.join(&*path)).unwrap();
        let lines: Vec<&str> = source.lines().collect();
        let (line, end) = (number(&region["startLine"]), number(&region["endLine"]));
        // A pull request shows a result when all of its lines were changed.
        assert_eq!(line, end, "{uri}");
        assert!(places.insert((id.to_owned(), uri.to_owned(), line)), "two results of {id} at {uri}:{line}");
        let first = lines[line - 1].chars().count();
        assert!((1..=first + 1).contains(&number(&region["startColumn"])), "{uri}:{line}");
        assert!((1..=lines[end - 1].chars().count() + 1).contains(&number(&region["endColumn"])), "{uri}:{line}");
        assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], line_hashes(&source)[line - 1]);
        assert!(!text(&result["fingerprints"]["cerboLint/v1"]).is_empty());
        assert!(result.get("suppressions").is_none() && result.get("rank").is_none() && result.get("kind").is_none());
        for related in result["relatedLocations"].as_array().into_iter().flatten() {
            assert!(message.contains(&format!("]({})", related["id"])), "{message}");
        }
        for step in result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().into_iter().flatten() {
            assert!(!text(&step["location"]["message"]["text"]).is_empty());
        }
    }
}

#[test]
fn columns_count_characters_and_end_behind_the_last() {
    let line = "    let é = \"🩺\"; client.get(url).basic_auth(\"pk_a81f3c55d0\", Some(\"sk_9920fe1c7a63\")).send();";
    let code = format!(
        "pub fn all(client: &reqwest::blocking::Client) {{\n    let url = \"https://clinic.md-hq.com/api/v1/users\";\n{line}\n}}\n"
    );
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &code)]);
    let log = sarif(folder.path(), &[]);
    let region = &results(&log)[0]["locations"][0]["physicalLocation"]["region"];
    let (start, end) = (number(&region["startColumn"]), number(&region["endColumn"]));
    let under: String = line.chars().skip(start - 1).take(end - start).collect();
    assert!(under == "\"pk_a81f3c55d0\"" || under == "\"sk_9920fe1c7a63\"", "{under}");
}

fn identities(folder: &Path) -> Vec<String> {
    let log = sarif(folder, &["."]);
    results(&log).iter().map(|result| text(&result["fingerprints"]["cerboLint/v1"]).to_owned()).collect()
}

#[test]
fn identity_does_not_move_with_lines_folders_or_secrets() {
    let folder = project(&[("one/Cargo.toml", MANIFEST), ("one/src/lib.rs", CLIENT)]);
    let first = identities(&folder.path().join("one"));
    assert!(!first.is_empty());
    std::fs::rename(folder.path().join("one"), folder.path().join("another name")).unwrap();
    let moved = folder.path().join("another name");
    assert_eq!(identities(&moved), first);
    std::fs::write(moved.join("src/lib.rs"), format!("// A line more.\n\n{CLIENT}")).unwrap();
    assert_eq!(identities(&moved), first);
    std::fs::write(moved.join("src/lib.rs"), CLIENT.replace("sk_9920fe1c7a63", "sk_4410ab90cdef77aa")).unwrap();
    assert_eq!(identities(&moved), first, "a new secret in the same place");
    let formatted = CLIENT.replace(".get(url).basic_auth(", ".get(url)\n        .basic_auth(\n            ");
    std::fs::write(moved.join("src/lib.rs"), formatted).unwrap();
    assert_eq!(identities(&moved), first, "the same code on other lines");
    std::fs::write(moved.join("src/lib.rs"), CLIENT.replace("Some(", "secret_of(")).unwrap();
    assert_ne!(identities(&moved), first, "other code");
}

#[cfg(unix)]
#[test]
fn names_of_files_are_encoded_and_start_no_line() {
    let names = ["has space.rs", "a#b%41.rs", "line\n::error file=x::broken.rs", "\u{1b}[31mred.rs", "naïve.rs"];
    for name in names {
        let folder = project(&[(name, CLIENT)]);
        let log = sarif(folder.path(), &["."]);
        let uri = text(&results(&log)[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]).to_owned();
        assert!(uri.is_ascii() && !uri.contains([' ', '#', '\n', '\u{1b}']), "{uri}");
        assert_eq!(percent_encoding::percent_decode_str(&uri).decode_utf8().unwrap(), name);
        let out = String::from_utf8(run_in(folder.path(), &["--verbose", "."]).stdout).unwrap();
        assert!(!out.contains('\u{1b}') && !out.lines().any(|line| line.starts_with("::error")), "{out}");
    }
}

#[test]
fn the_category_and_suppressed_results_come_only_when_asked_for() {
    let allowed = "    // cerbo-lint: allow(embedded-credential) reason=\"a sandbox key\"\n    client.get";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &CLIENT.replace("    client.get", allowed))]);
    let log = sarif(folder.path(), &[]);
    assert!(results(&log).is_empty() && log["runs"][0].get("automationDetails").is_none());
    let output = run_in(folder.path(), &["--format", "sarif", "--include-suppressed", "--sarif-category", "nightly"]);
    assert_eq!(output.status.code(), Some(0));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "nightly/");
    assert_eq!(results(&log)[0]["suppressions"][0]["justification"], "a sandbox key");
}

#[test]
fn reports_in_the_project_are_not_scanned() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", "")]);
    let run = || run_in(folder.path(), &["--scope", "any", "--output", "sarif=cerbo-lint.sarif", "--verbose", "."]);
    run();
    let output = run();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("cerbo-lint.sarif: a report of cerbo-lint"));
    // Other tools' reports are files like any other.
    let text = std::fs::read_to_string(folder.path().join("cerbo-lint.sarif")).unwrap();
    std::fs::write(folder.path().join("other.sarif"), text.replace("\"cerbo-lint\"", "\"other\"")).unwrap();
    assert_eq!(run().status.code(), Some(1));
}
