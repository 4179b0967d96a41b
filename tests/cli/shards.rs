//! Shards and merged reports: all parts together say what one whole run says.

use crate::support::{CLIENT, FORMATS, MANIFEST, findings, fixtures, project, run_in, texts};
use serde_json::Value;
use std::path::Path;

fn report(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_slice(&run_in(folder, arguments).stdout).unwrap()
}

/// The arguments with the files `part1`, … behind them.
fn with_parts(folder: &Path, arguments: &[&str], extension: &str, parts: usize) -> Vec<String> {
    let files = (1..=parts).map(|part| folder.join(format!("part{part}.{extension}")).display().to_string());
    arguments.iter().map(|argument| (*argument).to_owned()).chain(files).collect()
}

fn merged(folder: &Path, arguments: &[&str], extension: &str, parts: usize) -> std::process::Output {
    let arguments = with_parts(folder, arguments, extension, parts);
    run_in(folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn the_union_of_shards_is_the_whole() {
    // The same folder of many projects: findings cross files, so the context of each part matters.
    let whole = report(&fixtures(), &["--format", "json", "--no-config", "--scope", "any", "."]);
    let number = whole["findings"].as_array().unwrap().len();
    assert!(number > 100, "{number}");
    let reports = tempfile::tempdir().unwrap();
    let mut sizes = Vec::new();
    for part in 1..=3 {
        let (shard, output) = (format!("{part}/3"), format!("json={}/part{part}.json", reports.path().display()));
        let sarif = format!("sarif={}/part{part}.sarif", reports.path().display());
        let arguments = ["--shard", &shard, "--no-config", "--scope", "any", "--quiet"];
        run_in(&fixtures(), &[&arguments[..], &["--output", &output, "--output", &sarif, "."]].concat());
        let one: Value =
            serde_json::from_slice(&std::fs::read(reports.path().join(format!("part{part}.json"))).unwrap()).unwrap();
        sizes.push(one["findings"].as_array().unwrap().len());
    }
    assert!(sizes.iter().all(|size| *size < number), "{sizes:?}");
    let output = merged(reports.path(), &["merge", "--format", "json"], "json", 3);
    assert_eq!(output.status.code(), Some(1));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(all, whole);
    // One result a rule and line is what SARIF holds.
    let output = merged(reports.path(), &["merge", "--format", "sarif"], "sarif", 3);
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let whole = report(&fixtures(), &["--format", "sarif", "--no-config", "--scope", "any", "."]);
    let keys = |log: &Value| {
        let results = log["runs"][0]["results"].as_array().unwrap();
        let key = |result: &Value| {
            let place = &result["locations"][0]["physicalLocation"];
            [
                &result["ruleId"],
                &result["level"],
                &place["artifactLocation"]["uri"],
                &place["region"],
                &result["fingerprints"],
            ]
            .map(Value::to_string)
            .join(" ")
        };
        let mut keys: Vec<String> = results.iter().map(key).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&all), keys(&whole));
}

#[test]
fn a_report_is_read_back_into_every_format() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let root = folder.path();
    run_in(root, &["--output", "json=part1.json", "--output", "sarif=part1.sarif", "."]);
    for format in FORMATS.iter().filter(|format| !["human", "rdjson"].contains(format)) {
        let direct = run_in(root, &["--format", format, "--quiet", "src", "Cargo.toml"]);
        let (code, out, errors) = texts(&merged(root, &["merge", "--format", format], "json", 1));
        assert_eq!((code, errors.as_str()), (1, ""), "{format}");
        assert_eq!(out.trim(), texts(&direct).1.trim(), "{format}");
    }
    let from_sarif = texts(&merged(root, &["merge", "--format", "json"], "sarif", 1)).1;
    let (again, first): (Value, Value) =
        (serde_json::from_str(&from_sarif).unwrap(), report(root, &["--format", "json", "src", "Cargo.toml"]));
    for key in [
        "rule",
        "severity",
        "confidence",
        "title",
        "message",
        "help",
        "cwe",
        "location",
        "fingerprint",
        "identity",
        "line_hash",
        "trail",
    ] {
        assert_eq!(again["findings"][0][key], first["findings"][0][key], "{key}");
    }
}

#[test]
fn merging_counts_each_finding_once_and_gates() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let root = folder.path();
    run_in(root, &["--output", "json=part1.json", "--output", "json=part2.json", "src", "Cargo.toml"]);
    let all = merged(root, &["merge", "--format", "json"], "json", 2);
    let all: Value = serde_json::from_slice(&all.stdout).unwrap();
    assert_eq!(all["findings"].as_array().unwrap().len(), 1);
    for (more, code) in
        [(&[][..], 1), (&["--exit-zero"], 0), (&["--fail-on", "never"], 0), (&["--fail-on", "error"], 1)]
    {
        let arguments: Vec<&str> = ["merge"].iter().chain(more).copied().collect();
        assert_eq!(merged(root, &arguments, "json", 2).status.code(), Some(code), "{more:?}");
    }
    std::fs::write(root.join("part2.json"), "{\"version\": 9}").unwrap();
    let (code, out, errors) = texts(&merged(root, &["merge"], "json", 2));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(errors.contains("part2.json") && errors.contains("another version"), "{errors}");
    assert_eq!(texts(&run_in(root, &["merge"])).0, 2);
    assert_eq!(texts(&run_in(root, &["--shard", "3/2"])).0, 2);
}

#[test]
fn the_context_of_a_shard_is_the_whole_project() {
    let main = "mod ehr;\nfn main() { ehr::get(\"pk_a81f3c55d0\", \"sk_9920fe1c7a63\"); }\n";
    let ehr = "pub fn get(user: &str, secret: &str) {
    let client = reqwest::blocking::Client::new(); tracing::info!(\"GET\");
    client.get(\"https://clinic.md-hq.com/api/v1/users\").basic_auth(user, Some(secret)).send();
}
";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/main.rs", main), ("src/ehr.rs", ehr)]);
    let found: Vec<String> = (1..=4)
        .flat_map(|part| {
            findings(folder.path(), &["--shard", &format!("{part}/4"), "--select", "embedded-credential", "."]).1
        })
        .collect();
    assert_eq!(found, ["src/main.rs:2 embedded-credential"]);
}
