//! Where code runs, over labelled projects.

use crate::support::{fixtures, run_in, texts};
use std::path::{Path, PathBuf};

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

fn projects() -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> =
        std::fs::read_dir(fixtures().join("sides")).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Every file of the labelled projects gets the side that stands beside it, and says why unless it is unknown.
#[test]
fn labelled_files_run_where_their_labels_say() {
    let mut wrong = Vec::new();
    let mut labelled = 0;
    for project in projects() {
        // A repository of its own: where one ends, its project does.
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        copy(&project, &root);
        std::fs::create_dir(root.join(".git")).unwrap();
        for line in std::fs::read_to_string(project.join("expect.tsv")).unwrap().lines() {
            let (path, side) = line.split_once('\t').unwrap();
            let explanation = cerbo_lint::explain_file::explain(&root.join(path)).unwrap();
            let answer: serde_json::Value = serde_json::from_str(&explanation.json()).unwrap();
            labelled += 1;
            let name = project.file_name().unwrap().to_string_lossy().into_owned();
            if answer["side"] != side {
                wrong.push(format!("{name}/{path}: {} instead of {side}\n{}", answer["side"], explanation.human()));
            }
            if (side == "unknown") != answer["evidence"].as_array().unwrap().is_empty() {
                wrong.push(format!("{name}/{path}: evidence does not go with {side}"));
            }
        }
    }
    assert!(labelled >= 100, "{labelled}");
    assert!(wrong.is_empty(), "{} of {labelled} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn explain_file_says_where_and_why() {
    let case = fixtures().join("rules/client-side-use/good-rust-module-under-ssr");
    let (code, out, _) = texts(&run_in(&case, &["explain-file", "src/records.rs"]));
    assert_eq!(code, 0);
    assert!(
        out.contains("src/records.rs: server") && out.contains("src/lib.rs:2: compiled for the server only"),
        "{out}"
    );
    let (_, out, _) = texts(&run_in(&case, &["explain-file", "--format", "json", "src/pages.rs"]));
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(answer["side"], "both");
    assert_eq!(answer["parts"][0]["side"], "server");
    assert_eq!(answer["parts"][0]["start_line"], 3);
    let (code, _, errors) = texts(&run_in(&case, &["explain-file", "src/none.rs"]));
    assert_eq!(code, 2);
    assert!(errors.contains("no such file"), "{errors}");
}
