//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn scan(folder: &Path) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_cerbo-lint")).arg(folder).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// Every `//~ rule` mark is found on its line, and nothing else is found.
#[test]
fn marked_projects_get_the_findings_they_are_marked_with_and_no_others() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects/chart-export");
    let mut expected = BTreeSet::new();
    for entry in std::fs::read_dir(folder.join("src")).unwrap() {
        let path = entry.unwrap().path();
        for (index, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            if let Some((_, rule)) = line.split_once("//~ ") {
                expected.insert(format!("{}:{} {rule}", path.file_name().unwrap().to_string_lossy(), index + 1));
            }
        }
    }
    let (code, output) = scan(&folder);
    let mut found = BTreeSet::new();
    for line in output.lines().filter(|line| !line.starts_with(' ') && line.contains("[")) {
        let (place, rest) = line.split_once(": ").unwrap();
        let mut place = place.rsplit('/').next().unwrap().split(':');
        let rule = rest.split(['[', ']']).nth(1).unwrap();
        found.insert(format!("{}:{} {rule}", place.next().unwrap(), place.next().unwrap()));
    }
    assert_eq!(found, expected);
    assert_eq!(code, 1);
    assert!(!output.contains("sk_4be1c09d72f3a865"), "a secret was printed");
}

#[test]
fn a_missing_path_is_an_error_and_an_empty_folder_is_clean() {
    let folder = tempfile::tempdir().unwrap();
    let (code, output) = scan(folder.path());
    assert_eq!(code, 0);
    assert!(output.contains("no files were scanned"));
    assert_eq!(scan(&folder.path().join("missing")).0, 2);
}
