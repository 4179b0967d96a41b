//! `attest` writes statements into configurations, and `audit` reads them.

use crate::support::{run_in, texts};
use std::path::Path;

fn today() -> jiff::civil::Date {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date()
}

fn attest(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let mut arguments = vec!["attest"];
    arguments.extend(more);
    texts(&run_in(folder, &arguments))
}

fn state(folder: &Path, practice: &str) -> String {
    let (_, out, errors) = texts(&run_in(folder, &["audit", "--format", "json", "."]));
    let audit: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{errors}"));
    let practices = audit["practices"].as_array().unwrap().iter();
    let found = practices.clone().find(|one| one["id"] == practice).unwrap();
    found["state"].as_str().unwrap().to_owned()
}

fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    std::fs::write(folder.path().join("main.rs"), "fn main() {}\n").unwrap();
    if !text.is_empty() {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const CONFIG: &str = "# Ours.\nfail_on = \"error\" # until the old job is gone\n\n[[attest]] # seen by the two of us\npractice = \"secure-environment\"\nby = \"R. Okafor\"   # head of operations\non = 2021-02-03\nvalid_for = \"6m\"\n\n[severity]\npolling = \"off\" # webhooks come in spring\n";

#[test]
fn a_statement_makes_a_configuration_where_there_is_none() {
    let folder = folder("", "");
    assert_eq!(state(folder.path(), "ip-allowlist"), "not-attested");
    let (code, out, errors) = attest(
        folder.path(),
        &["ip-allowlist", "--by", "R. Okafor", "--valid-for", "90d", "--note", "one address, listed in the portal"],
    );
    assert_eq!(code, 0, "{errors}");
    let until = today().checked_add(jiff::Span::new().days(90)).unwrap();
    assert!(out.contains("`ip-allowlist` is stated by R. Okafor") && out.contains(&until.to_string()), "{out}");
    let text = std::fs::read_to_string(folder.path().join("cerbo-lint.toml")).unwrap();
    let expected = format!(
        "[[attest]]\npractice = \"ip-allowlist\"\nby = \"R. Okafor\"\non = {}\nvalid_for = \"90d\"\nnote = \"one address, listed in the portal\"\n",
        today()
    );
    assert_eq!(text, expected);
    assert_eq!(state(folder.path(), "ip-allowlist"), "attested");
}

#[test]
fn comments_and_layout_stay() {
    for windows in [false, true] {
        let before = if windows { CONFIG.replace('\n', "\r\n") } else { CONFIG.to_owned() };
        let folder = folder("cerbo-lint.toml", &before);
        let (code, _, errors) = attest(folder.path(), &["secure-environment", "--by", "L. Brandt"]);
        assert_eq!(code, 0, "{errors}");
        let after = std::fs::read_to_string(folder.path().join("cerbo-lint.toml")).unwrap();
        // The statement that ran out stays as it was; the new one is all that is added.
        let end = if windows { "\r\n" } else { "\n" };
        let mut lines: Vec<&str> = after.split(end).collect();
        for line in before.split(end) {
            let at =
                lines.iter().position(|known| *known == line).unwrap_or_else(|| panic!("{line:?} is gone: {after}"));
            lines.remove(at);
        }
        let day = format!("on = {}", today());
        let added: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        let new = ["[[attest]]", "practice = \"secure-environment\"", "by = \"L. Brandt\"", &day, "valid_for = \"1y\""];
        assert_eq!(added, new);
        assert_eq!(state(folder.path(), "secure-environment"), "attested");
    }
}

#[test]
fn a_statement_that_is_valid_is_not_overwritten_silently() {
    let folder = folder("cerbo-lint.toml", CONFIG);
    let path = folder.path().join("cerbo-lint.toml");
    assert_eq!(attest(folder.path(), &["secure-environment", "--by", "L. Brandt"]).0, 0);
    let before = std::fs::read_to_string(&path).unwrap();
    let (code, out, errors) = attest(folder.path(), &["secure-environment", "--by", "M. Sato"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(errors.contains("already stated by L. Brandt") && errors.contains("--replace"), "{errors}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
    let (code, out, _) =
        attest(folder.path(), &["secure-environment", "--by", "M. Sato", "--valid-for", "12w", "--replace"]);
    assert_eq!(code, 0);
    assert!(out.contains("M. Sato") && out.contains("in the place of the statement of L. Brandt"), "{out}");
    let after = std::fs::read_to_string(&path).unwrap();
    assert_eq!(after, before.replace("L. Brandt", "M. Sato").replace("\"1y\"", "\"12w\""));
    assert!(after.contains("R. Okafor\"   # head of operations"), "the one that ran out stays: {after}");
}

#[test]
fn statements_go_where_the_configuration_is() {
    let manifest = "[package]\nname = \"bridge\" # ours\nversion = \"0.1.0\"\n\n[package.metadata.cerbo-lint]\nfail_on = \"note\"\n\n[dependencies]\n";
    let cargo = folder("Cargo.toml", manifest);
    assert_eq!(attest(cargo.path(), &["ip-allowlist", "--by", "R. Okafor"]).0, 0);
    let text = std::fs::read_to_string(cargo.path().join("Cargo.toml")).unwrap();
    assert!(text.contains("[[package.metadata.cerbo-lint.attest]]") && text.contains("# ours"), "{text}");
    assert!(!cargo.path().join("cerbo-lint.toml").exists());
    assert_eq!(state(cargo.path(), "ip-allowlist"), "attested");

    let package =
        folder("package.json", "{\n  \"name\": \"bridge\",\n  \"cerbo-lint\": { \"fail_on\": \"note\" }\n}\n");
    assert_eq!(attest(package.path(), &["ip-allowlist", "--by", "R. Okafor"]).0, 0);
    assert_eq!(attest(package.path(), &["unused-users-disabled", "--by", "R. Okafor"]).0, 0);
    let text = std::fs::read_to_string(package.path().join("package.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(json["cerbo-lint"]["attest"].as_array().unwrap().len(), 2);
    assert_eq!(json["name"], "bridge");
    assert_eq!(state(package.path(), "ip-allowlist"), "attested");
    let (code, _, _) = attest(package.path(), &["ip-allowlist", "--by", "M. Sato", "--replace"]);
    assert_eq!(code, 0);
    let text = std::fs::read_to_string(package.path().join("package.json")).unwrap();
    assert!(text.matches("ip-allowlist").count() == 1 && text.contains("M. Sato"), "{text}");
    assert_eq!(state(package.path(), "ip-allowlist"), "attested");

    let list = "attest = [\n  # the first\n  { practice = \"ip-allowlist\", by = \"A\", on = \"2020-01-01\", valid_for = \"1y\" },\n]\n";
    let inline = folder("cerbo-lint.toml", list);
    assert_eq!(attest(inline.path(), &["sandbox-first", "--by", "R. Okafor"]).0, 0);
    let text = std::fs::read_to_string(inline.path().join("cerbo-lint.toml")).unwrap();
    assert!(text.contains("# the first") && text.lines().count() == 5, "{text}");
    assert_eq!(state(inline.path(), "sandbox-first"), "attested");
}

#[test]
fn mistakes_are_told_and_nothing_is_written() {
    let folder = folder("", "");
    let tomorrow = today().tomorrow().unwrap().to_string();
    for (arguments, words) in [
        (vec!["ip-allow-list", "--by", "R. Okafor"], "there is no practice `ip-allow-list`"),
        (vec!["ip-allow-list", "--by", "R. Okafor"], "ip-allowlist"),
        (vec!["ip-allowlist", "--by", "  "], "`--by` is empty"),
        (vec!["ip-allowlist", "--by", "R. Okafor", "--on", "last week"], "YYYY-MM-DD"),
        (vec!["ip-allowlist", "--by", "R. Okafor", "--on", &tomorrow], "still to come"),
        (vec!["ip-allowlist", "--by", "R. Okafor", "--valid-for", "soon"], "`90d`"),
        (vec!["ip-allowlist", "--by", "R. Okafor", "--on", "2020-01-01", "--valid-for", "1y"], "ran out on 2021-01-01"),
    ] {
        let (code, out, errors) = attest(folder.path(), &arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(errors.contains(words), "{errors}");
    }
    assert!(!folder.path().join("cerbo-lint.toml").exists());
    // A configuration with a mistake is not touched either.
    let wrong = "fail_onn = \"error\"\n";
    std::fs::write(folder.path().join("cerbo-lint.toml"), wrong).unwrap();
    let (code, _, errors) = attest(folder.path(), &["ip-allowlist", "--by", "R. Okafor"]);
    assert!(code == 2 && errors.contains("fail_onn"), "{errors}");
    assert_eq!(std::fs::read_to_string(folder.path().join("cerbo-lint.toml")).unwrap(), wrong);
}
