//! `--diff-base` in real repositories.

use crate::support::{CLIENT, MANIFEST, commit, findings, git, project, run_in, texts};
use std::path::Path;
use std::process::Command;

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A repository with a finding that is committed on `main`.
fn repository() -> tempfile::TempDir {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    commit(folder.path(), "start");
    folder
}

fn changed(folder: &Path) -> (i32, Vec<String>) {
    findings(folder, &["--diff-base", "main", "."])
}

#[test]
fn only_changed_lines_are_reported() {
    let folder = repository();
    let root = folder.path();
    assert_eq!(findings(root, &["."]).0, 1);
    assert_eq!(changed(root), (0, Vec::new()));
    git(root, &["checkout", "-q", "-b", "work"]);
    // Lines around it do not count.
    write(root, "src/lib.rs", &format!("// new\n{CLIENT}\nfn more() {{}}\n"));
    assert_eq!(changed(root), (0, Vec::new()));
    // A new file, neither committed nor known to git, with a name git has to quote.
    write(root, "src/na\u{ef}ve \"x\".rs", CLIENT);
    assert_eq!(changed(root), (1, vec!["src/na\u{ef}ve \"x\".rs:4 embedded-credential".to_owned()]));
    commit(root, "more");
    assert_eq!(changed(root).1.len(), 1);
    assert_eq!(findings(&root.join("src"), &["--diff-base", "main", "."]).1.len(), 1);
    // In a hook, git names the repository by variables.
    let output = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"))
        .current_dir(root)
        .args(["--diff-base", "main", "--format", "concise", "src"])
        .envs([("GIT_DIR", ".git"), ("GIT_INDEX_FILE", ".git/index"), ("GIT_PREFIX", "")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    write(root, "src/lib.rs", &CLIENT.replace("sk_9920fe1c7a63", "sk_4410ab90cdef77aa"));
    assert_eq!(changed(root).1.len(), 2);
}

#[test]
fn what_main_did_meanwhile_does_not_count() {
    let folder = repository();
    let root = folder.path();
    git(root, &["checkout", "-q", "-b", "work"]);
    write(root, "src/work.rs", "fn work() {}\n");
    commit(root, "work");
    git(root, &["checkout", "-q", "main"]);
    write(root, "src/lib.rs", "fn nothing() {}\n");
    commit(root, "main went on");
    git(root, &["checkout", "-q", "work"]);
    // The line differs from main's, but this branch did not write it.
    assert_eq!(changed(root), (0, Vec::new()));
}

#[test]
fn renamed_files_are_not_new() {
    let folder = repository();
    let root = folder.path();
    git(root, &["checkout", "-q", "-b", "work"]);
    git(root, &["mv", "src/lib.rs", "src/ehr.rs"]);
    assert_eq!(changed(root), (0, Vec::new()));
    commit(root, "renamed");
    assert_eq!(changed(root), (0, Vec::new()));
}

#[test]
fn a_step_of_the_trail_on_a_changed_line_counts() {
    let ehr = "pub fn get(user: &str, secret: &str) {
    let client = reqwest::blocking::Client::new(); tracing::info!(\"GET\");
    client.get(\"https://clinic.md-hq.com/api/v1/users\").basic_auth(user, Some(secret)).send();
}
";
    let main = "mod ehr;\nconst SECRET: &str = \"sk_9920fe1c7a63\";\nfn main() { ehr::get(&user(), SECRET); }\n";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/main.rs", main), ("src/ehr.rs", ehr)]);
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    // On main it goes elsewhere.
    write(root, "src/ehr.rs", &ehr.replace("clinic.md-hq.com/api/v1/users", "stock.example.org/items"));
    commit(root, "start");
    assert_eq!(findings(root, &["."]), (0, Vec::new()));
    write(root, "src/ehr.rs", ehr);
    assert_eq!(changed(root), (1, vec!["src/main.rs:2 embedded-credential".to_owned()]));
    assert_eq!(findings(root, &["--diff-base", "main", "--select", "polling"]), (0, Vec::new()));
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let folder = repository();
    let wrong = |folder: &Path, base: &str, part: &str| {
        let (code, out, errors) = texts(&run_in(folder, &[&format!("--diff-base={base}"), "."]));
        assert_eq!((code, out.as_str()), (2, ""), "{base}: {errors}");
        assert!(errors.contains(part), "{base}: {errors}");
    };
    wrong(folder.path(), "nowhere", "there is no revision `nowhere`");
    wrong(folder.path(), "--output=x", "there is no revision");
    git(folder.path(), &["checkout", "-q", "--orphan", "apart"]);
    commit(folder.path(), "apart");
    wrong(folder.path(), "main", "no commit in common");
    let empty = project(&[("src/lib.rs", CLIENT)]);
    git(empty.path(), &["init", "-q", "-b", "main"]);
    wrong(empty.path(), "main", "has no commits yet");
    let none = project(&[("src/lib.rs", CLIENT)]);
    wrong(none.path(), "main", "needs a git repository");
}

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let folder = repository();
    git(folder.path(), &["checkout", "-q", "-b", "work"]);
    write(folder.path(), "src/new.rs", CLIENT);
    commit(folder.path(), "work");
    git(folder.path(), &["checkout", "-q", "main"]);
    write(folder.path(), "src/main.rs", "fn main() {}\n");
    commit(folder.path(), "main went on");
    let clones = tempfile::tempdir().unwrap();
    let origin = format!("file://{}", folder.path().display());
    git(clones.path(), &["clone", "-q", "--depth", "1", "--no-single-branch", "-b", "work", &origin, "clone"]);
    let clone = clones.path().join("clone");
    let (code, _, errors) = texts(&run_in(&clone, &["--diff-base", "origin/main", "."]));
    assert_eq!(code, 2);
    assert!(errors.contains("shallow") && errors.contains("fetch-depth: 0"), "{errors}");
    git(&clone, &["fetch", "-q", "--unshallow"]);
    let (code, found) = findings(&clone, &["--diff-base", "origin/main", "."]);
    assert_eq!((code, found), (1, vec!["src/new.rs:4 embedded-credential".to_owned()]));
}

#[test]
fn with_a_baseline_an_old_finding_does_not_stand_for_a_new_one() {
    let folder = repository();
    let root = folder.path();
    texts(&run_in(root, &["baseline"]));
    commit(root, "baseline");
    let twice = format!("{CLIENT}{}", CLIENT.replace("fn get", "fn again"));
    write(root, "src/lib.rs", &twice);
    let found = findings(root, &["--diff-base", "HEAD", "--baseline", "cerbo-lint-baseline.jsonl", "."]);
    assert_eq!(found, (1, vec!["src/lib.rs:9 embedded-credential".to_owned()]));
}

#[test]
fn the_repository_s_settings_change_nothing() {
    let folder = repository();
    let root = folder.path();
    let marker = root.join("ran");
    let command = format!("touch {}", marker.display());
    for (key, value) in [
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.interHunkContext", "9"),
        ("diff.context", "7"),
        ("diff.renames", "false"),
        ("diff.relative", "true"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("diff.external", &command),
        ("core.fsmonitor", &command),
        ("diff.touch.textconv", &command),
    ] {
        git(root, &["config", key, value]);
    }
    write(root, ".gitattributes", "*.rs diff=touch\n");
    git(root, &["mv", "src/lib.rs", "src/na\u{ef}ve.rs"]);
    assert_eq!(changed(root), (0, Vec::new()));
    // Changes on both sides of a line that stays: the finding's own did not change.
    let around = format!("// before\n{}", CLIENT.replace("}\n", "}\n// behind\n")).replace("let client", "let  client");
    write(root, "src/na\u{ef}ve.rs", &around);
    assert_eq!(changed(root), (0, Vec::new()));
    write(root, "src/na\u{ef}ve.rs", &around.replace("Some(\"sk_", "Some( \"sk_"));
    assert_eq!(changed(root), (1, vec!["src/na\u{ef}ve.rs:5 embedded-credential".to_owned()]));
    std::fs::remove_file(&marker).ok();
    changed(root);
    assert!(!marker.exists(), "something of the repository's own was run");
}
