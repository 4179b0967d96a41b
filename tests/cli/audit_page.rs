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
