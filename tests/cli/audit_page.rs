//! The audit page kept under `docs/` is the one that this version makes. `UPDATE_EXAMPLES=1 cargo test` writes it anew.

use crate::support::{fixtures, texts};
use std::path::Path;
use std::process::Command;

/// 2026-11-02 in seconds: the day of the example.
const DAY: &str = "1793577600";

#[test]
fn the_example_is_current() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("visit-bridge");
    copy(&fixtures().join("projects/visit-bridge"), &project);
    let page = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
        command.current_dir(&project).env("SOURCE_DATE_EPOCH", DAY);
        texts(&command.args(["audit", "--format", "html", "."]).output().unwrap())
    };
    let (code, made, errors) = page();
    assert_eq!((code, errors.as_str()), (1, ""));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/audit-example.html");
    if std::env::var_os("UPDATE_EXAMPLES").is_some() {
        std::fs::create_dir_all(example.parent().unwrap()).unwrap();
        std::fs::write(&example, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&example).unwrap_or_default();
    let differs = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
    assert!(
        kept == made,
        "docs/audit-example.html is old; UPDATE_EXAMPLES=1 writes it anew. First difference: {differs:?}"
    );
    assert_eq!(page().1, made, "the same page twice");
}

/// What the audit of a project says, in a format.
fn audited(project: &Path, format: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
    texts(&command.current_dir(project).args(["audit", "--format", format, "."]).output().unwrap()).1
}

#[test]
fn an_exposed_api_user_is_to_be_disabled_before_anything_is_mended() {
    let exposed = fixtures().join("projects/visit-bridge");
    for format in ["human", "markdown", "html"] {
        let text = audited(&exposed, format);
        let first = text.find("Disable the exposed API user").unwrap_or_else(|| panic!("{format}: {text}"));
        assert!(first < text.find("embedded-credential").unwrap(), "{format}");
    }
    let audit: serde_json::Value = serde_json::from_str(&audited(&exposed, "json")).unwrap();
    let places: Vec<&str> = audit["exposed"].as_array().unwrap().iter().map(|place| place.as_str().unwrap()).collect();
    assert!(places.len() == 2 && places.iter().any(|place| place.ends_with("configuration.ts:5")), "{places:?}");
    // A project whose worst fault is another has nobody's user disabled.
    let other = audited(&fixtures().join("projects/charge-ledger"), "html");
    assert!(!other.contains("Disable the exposed API user") && !other.contains("A credential is exposed"), "{other}");
}

#[test]
fn a_project_that_does_not_call_the_api_is_told_so() {
    let page = audited(&fixtures().join("projects/clinic-platform"), "html");
    assert!(page.contains("No call of the API was found in this project."));
}

/// Copies a project without the marks of the tests.
fn copy(from: &Path, to: &Path) {
    let mark = regex::Regex::new(r" *(?://|#)~.*").unwrap();
    for entry in ignore::WalkBuilder::new(from).hidden(false).build() {
        let path = entry.unwrap().into_path();
        let target = to.join(path.strip_prefix(from).unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(target, mark.replace_all(&text, "").as_ref()).unwrap();
        }
    }
}
