//! `permissions` and `audit`, and what the configuration declares.

use crate::support::{fixtures, texts};
use std::path::Path;

const CLIENT: &str = r#"
pub async fn rename(http: &reqwest::Client, tenant: &str, id: u64, known: &str, name: &str) -> reqwest::Result<()> {
    if known == name {
        return Ok(());
    }
    let body = serde_json::json!({ "last_name": name });
    let reply = http.patch(format!("https://{tenant}.md-hq.com/api/v1/patients/{id}")).json(&body).send().await?;
    println!("{}", reply.status());
    Ok(())
}

pub async fn chart(http: &reqwest::Client, tenant: &str, id: u64) -> reqwest::Result<String> {
    http.get(format!("https://{tenant}.md-hq.com/api/v1/patients/{id}/extended_details")).send().await?.text().await
}

pub async fn tags(http: &reqwest::Client, tenant: &str, ids: &[u64]) -> reqwest::Result<()> {
    for id in ids {
        let url = format!("https://{tenant}.md-hq.com/api/v1/patients/{id}/tags");
        println!("{}", http.get(url).send().await?.status());
    }
    Ok(())
}
"#;

fn run(config: &str, arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("client.rs"), CLIENT).unwrap();
    std::fs::write(folder.path().join("cerbo-lint.toml"), config).unwrap();
    texts(&crate::support::run_in(folder.path(), arguments))
}

fn rules(config: &str) -> Vec<String> {
    let (_, out, errors) = run(config, &["check", "--format", "json", "."]);
    assert!(errors.is_empty(), "{errors}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let mut rules: Vec<String> = findings
        .map(|finding| format!("{}:{}", finding["rule"].as_str().unwrap(), finding["location"]["start_line"]))
        .filter(|shown| shown.contains("permission") || shown.contains("anonymize"))
        .collect();
    rules.sort();
    rules
}

#[test]
fn what_is_used_is_compared_with_what_is_declared() {
    assert!(rules("").is_empty(), "no declaration says nothing");
    assert_eq!(rules("[permissions]\nread_only = true"), ["undeclared-permission:7"]);
    let all = "[permissions]\nread = ['tags', 'extended_details']\nwrite = ['patients']";
    assert!(rules(all).is_empty());
    assert_eq!(rules("[permissions]\nread = ['tags']\nwrite = ['patients']"), ["undeclared-permission:13"]);
    let more = "[permissions]\nread = ['tags', 'extended_details', 'documents']\nwrite = ['patients']";
    assert_eq!(rules(more), ["unneeded-permission:7"]);
}

#[test]
fn analytics_ask_for_anonymized_data() {
    assert_eq!(rules("purpose = 'analytics'"), ["missing-anonymize:13"]);
    assert!(rules("purpose = 'application'").is_empty());
    assert!(rules("purpose = 'analytics'\n[permissions]\nanonymize = true").is_empty());
}

#[test]
fn permissions_are_exactly_those_that_are_used() {
    let (code, out, _) = run("", &["permissions", "--format", "json", "."]);
    assert_eq!(code, 0);
    let needs: serde_json::Value = serde_json::from_str(&out).unwrap();
    let shown: Vec<String> = needs["operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {} {}", one["method"], one["path"], one["access"], one["bulk"]).replace('"', ""))
        .collect();
    let expected = [
        "PATCH /patients/{patient_id} write false",
        "GET /patients/{id}/extended_details read false",
        "GET /patients/{patient_id}/tags read true",
    ];
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    let mut sorted = shown.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
}

#[test]
fn the_printed_section_is_a_declaration_that_fits() {
    let (_, section, _) = run("", &["permissions", "--format", "toml", "."]);
    assert_eq!(section, "[permissions]\nread = [\"extended_details\", \"tags\"]\nwrite = [\"patients\"]\n");
    assert!(rules(&section).is_empty(), "{section}");
}

#[test]
fn the_message_to_the_vendor_lists_the_endpoints() {
    let (_, text, _) = run("", &["permissions", "--format", "text", "."]);
    assert!(text.contains("PATCH /patients/{patient_id}\n") && text.contains("/tags  (in bulk)"), "{text}");
}

fn states(config: &str) -> Vec<(String, String)> {
    let (_, out, errors) = run(config, &["audit", "--format", "json", "."]);
    let audit: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{errors}"));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    audit["practices"].as_array().unwrap().iter().map(|one| (text(&one["id"]), text(&one["state"]))).collect()
}

fn state(config: &str, practice: &str) -> String {
    states(config).into_iter().find(|(id, _)| id == practice).unwrap().1
}

#[test]
fn an_audit_tells_every_practice_once_and_in_order() {
    let all = states("");
    assert_eq!(all.len(), 22);
    assert_eq!((all[0].0.as_str(), all[21].0.as_str()), ("application-first", "targeted-reads"));
    assert_eq!(state("", "no-empty-updates"), "holds");
    assert_eq!(state("[permissions]\nread_only = true", "least-permissions"), "broken");
}

#[test]
fn what_a_project_does_not_do_does_not_apply() {
    let folder = crate::support::fixtures().join("rules/no-sandbox/good-one-read");
    let arguments = ["audit", "--no-config", "--format", "json", "."];
    let (_, out, errors) = texts(&crate::support::run_in(&folder, &arguments));
    let audit: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{errors}"));
    for practice in ["no-empty-updates", "bulk-at-night", "targeted-reads"] {
        let found = audit["practices"].as_array().unwrap().iter().find(|one| one["id"] == practice).unwrap();
        assert_eq!(found["state"], "not-applicable", "{practice}");
    }
    assert_eq!(state("", "targeted-reads"), "holds");
}

#[test]
fn statements_hold_until_they_run_out() {
    let statement = |on: &str| {
        format!(
            "[[attest]]\npractice = 'ip-allowlist'\nby = 'A. Moreau'\non = {on}\nvalid_for = '1y'\nnote = 'seen in the portal'"
        )
    };
    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
    assert_eq!(state("", "ip-allowlist"), "not-attested");
    assert_eq!(state(&statement(&today.to_string()), "ip-allowlist"), "attested");
    assert_eq!(state(&statement("2019-05-01"), "ip-allowlist"), "not-attested");
    assert_eq!(state(&statement("2999-05-01"), "ip-allowlist"), "not-attested");
}

#[test]
fn a_statement_with_a_mistake_is_refused_at_its_place() {
    let (code, _, errors) = run("[[attest]]\npractice = 'ip-allowlists'\nby = 'A'", &["audit", "."]);
    assert_eq!(code, 2);
    assert!(errors.contains("cerbo-lint.toml:2:12") && errors.contains("ip-allowlist"), "{errors}");
}

#[test]
fn the_page_has_no_script_no_link_out_and_no_secret() {
    for case in ["projects/chart-export", "rules/embedded-credential/bad-default-of-environment"] {
        let (_, page, _) = texts(&crate::support::run_in(&fixtures().join(case), &["audit", "--format", "html", "."]));
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        for outside in ["<script", "http://", "https://", "src=", "<link", "@import", "url("] {
            let code = page.split("<pre ").skip(1).filter_map(|rest| rest.split("</pre>").next());
            let inside: usize = code.map(|code| code.matches(outside).count()).sum();
            assert_eq!(page.matches(outside).count(), inside, "{case}: {outside}");
        }
        secrets_are_masked(&fixtures().join(case), &page);
    }
}

fn secrets_are_masked(folder: &Path, page: &str) {
    let secret = regex::Regex::new(r"\b[ps]k_[A-Za-z0-9]{8,}").unwrap();
    let mut planted = 0;
    for entry in ignore::WalkBuilder::new(folder).build() {
        let path = entry.unwrap().into_path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for found in secret.find_iter(&text) {
            planted += 1;
            assert!(!page.contains(found.as_str()), "{}", path.display());
        }
    }
    assert!(planted > 0, "{}", folder.display());
}
