//! `--staged` in real repositories: what the index holds is judged, whatever the work tree holds.

use crate::support::{CLIENT, MANIFEST, findings, git, project, run_in, texts};
use std::path::Path;

const RULES: &[&str] = &["--staged", "--select", "embedded-credential"];
const FOUND: &str = "src/lib.rs:4 embedded-credential";

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn staged(folder: &Path) -> (i32, Vec<String>) {
    findings(folder, RULES)
}

/// The same code with its credential from outside.
fn mended() -> String {
    CLIENT.replace("\"pk_a81f3c55d0\"", "user()").replace("\"sk_9920fe1c7a63\"", "secret()")
}

/// A repository with a commit and nothing else.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = project(files);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-q", "-m", "start"]);
    folder
}

#[test]
fn a_problem_that_is_mended_in_the_work_tree_only_is_still_refused() {
    let folder = repository(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &mended())]);
    let root = folder.path();
    assert_eq!(staged(root), (0, Vec::new()));
    write(root, "src/lib.rs", CLIENT);
    // It is not staged yet.
    assert_eq!(staged(root), (0, Vec::new()));
    git(root, &["add", "-A"]);
    assert_eq!(staged(root), (1, vec![FOUND.to_owned()]));
    write(root, "src/lib.rs", &mended());
    assert_eq!(staged(root), (1, vec![FOUND.to_owned()]));
    // The excerpt is of what is staged, too.
    assert!(texts(&run_in(root, RULES)).1.contains("basic_auth(\"*"));
    git(root, &["add", "-A"]);
    assert_eq!(staged(root), (0, Vec::new()));
}

#[test]
fn partly_staged_files_are_judged_by_the_staged_part() {
    let folder = repository(&[("Cargo.toml", MANIFEST), ("src/lib.rs", "pub fn one() {}\n")]);
    let root = folder.path();
    write(root, "src/lib.rs", &format!("pub fn one() {{}}\n{}", mended()));
    git(root, &["add", "-A"]);
    write(root, "src/lib.rs", &format!("pub fn one() {{}}\n{CLIENT}"));
    assert_eq!(staged(root), (0, Vec::new()));
    // The first commit of a repository has nothing to be compared with.
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "src"]);
    assert_eq!(staged(folder.path()), (1, vec![FOUND.to_owned()]));
}

#[test]
fn deleted_and_renamed_files_are_told_apart() {
    let folder = repository(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let root = folder.path();
    git(root, &["mv", "src/lib.rs", "src/ehr.rs"]);
    assert_eq!(staged(root).1, ["src/ehr.rs:4 embedded-credential"]);
    // Gone from the work tree, still in the index.
    std::fs::remove_file(root.join("src/ehr.rs")).unwrap();
    assert_eq!(staged(root).1, ["src/ehr.rs:4 embedded-credential"]);
    git(root, &["rm", "-q", "--cached", "src/ehr.rs"]);
    assert_eq!(staged(root), (0, Vec::new()));
}

#[test]
fn the_context_is_that_of_the_index() {
    let main = "mod ehr;\nfn main() { ehr::get(\"pk_a81f3c55d0\", \"sk_9920fe1c7a63\"); }\n";
    let ehr = "pub fn get(user: &str, secret: &str) {
    let client = reqwest::blocking::Client::new();
    client.get(\"https://clinic.md-hq.com/api/v1/users\").basic_auth(user, Some(secret)).send();
}
";
    let harmless = "mod ehr;\nfn main() { ehr::get(&user(), &secret()); }\n";
    let folder = repository(&[("Cargo.toml", MANIFEST), ("src/main.rs", harmless), ("src/ehr.rs", ehr)]);
    let root = folder.path();
    write(root, "src/main.rs", main);
    git(root, &["add", "-A"]);
    // Only the file that is changed is reported on, and what it calls is read as it is committed.
    write(root, "src/ehr.rs", "pub fn get(_: &str, _: &str) {}\n");
    write(root, "src/new.rs", CLIENT);
    assert_eq!(staged(root).1, ["src/main.rs:2 embedded-credential"]);
    std::fs::remove_file(root.join("src/ehr.rs")).unwrap();
    assert_eq!(staged(root).1, ["src/main.rs:2 embedded-credential"]);
    assert_eq!(findings(root, &[RULES, &["src/ehr.rs"]].concat()), (0, Vec::new()));
    assert_eq!(findings(&root.join("src"), &[RULES, &["."]].concat()).1.len(), 1);
}

#[test]
fn settings_without_an_extension_and_ignored_files_are_seen() {
    let folder = repository(&[(".gitignore", ".env\n"), ("README.md", "x\n")]);
    let root = folder.path();
    write(root, ".env", "CERBO_API_SECRET=sk_9920fe1c7a63\n");
    git(root, &["add", "-f", ".env"]);
    assert_eq!(staged(root).1, [".env:1 embedded-credential"]);
    write(root, "cerbo-lint.toml", "exclude = [\".env\"]\n");
    assert_eq!(staged(root).1.len(), 0);
}

#[test]
fn conflicts_and_submodules_are_left_out() {
    let folder = repository(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &mended())]);
    let root = folder.path();
    git(root, &["checkout", "-q", "-b", "other"]);
    write(root, "src/lib.rs", &mended().replace("secret()", "word()"));
    git(root, &["commit", "-q", "-am", "other"]);
    git(root, &["checkout", "-q", "main"]);
    write(root, "src/lib.rs", CLIENT);
    git(root, &["commit", "-q", "-am", "ours"]);
    let merge = std::process::Command::new("git").current_dir(root).args(["merge", "-q", "other"]).output().unwrap();
    assert!(!merge.status.success());
    let (code, out, _) = texts(&run_in(root, RULES));
    assert_eq!(code, 0);
    assert!(out.contains("lib.rs: left out: it is in conflict"), "{out}");
    assert!(out.contains("src/lib.rs"), "{out}");

    let inner = repository(&[("a.rs", CLIENT)]);
    let outer = repository(&[("b.rs", "fn b() {}\n")]);
    let from = inner.path().to_str().unwrap();
    git(outer.path(), &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", from, "sub"]);
    assert_eq!(staged(outer.path()), (0, Vec::new()));
}

#[test]
fn linked_work_trees_have_an_index_of_their_own() {
    let folder = repository(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &mended())]);
    let place = tempfile::tempdir().unwrap();
    let linked = place.path().join("linked");
    git(folder.path(), &["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "linked"]);
    write(&linked, "src/lib.rs", CLIENT);
    git(&linked, &["add", "-A"]);
    assert_eq!(staged(&linked), (1, vec![FOUND.to_owned()]));
    assert_eq!(staged(folder.path()), (0, Vec::new()));
}

#[test]
fn a_real_hook_stops_the_commit() {
    let folder = repository(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &mended())]);
    let root = folder.path();
    let hook = format!("#!/bin/sh\nexec {} check --staged\n", env!("CARGO_BIN_EXE_cerbo-lint"));
    write(root, ".git/hooks/pre-commit", &hook);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = root.join(".git/hooks/pre-commit");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let commits = |arguments: &[&str]| {
        let output = std::process::Command::new("git")
            .current_dir(root)
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-q", "-m", "work"])
            .args(arguments)
            .output()
            .unwrap();
        output.status.success()
    };
    write(root, "src/lib.rs", CLIENT);
    // `-a` and paths make git commit from an index of its own.
    assert!(!commits(&["-a"]));
    assert!(!commits(&["src/lib.rs"]));
    write(root, "src/lib.rs", &mended().replace("\"GET\"", "\"read\""));
    assert!(commits(&["-a"]));
}

#[test]
fn without_a_repository_it_says_so() {
    let folder = project(&[("a.rs", CLIENT)]);
    let (code, _, errors) = texts(&run_in(folder.path(), &["--staged"]));
    assert_eq!(code, 2);
    assert!(errors.contains("--staged needs a git repository"), "{errors}");
}

#[test]
fn named_files_that_nobody_wrote_are_left_out_when_that_is_forced() {
    let folder = project(&[("pnpm-lock.yaml", "secret: sk_9920fe1c7a63cerbo\n"), ("a.rs", "fn a() {}\n")]);
    let (code, out, _) = texts(&run_in(folder.path(), &["--force-exclude", "pnpm-lock.yaml"]));
    assert_eq!(code, 0);
    assert!(out.contains("No files were scanned"), "{out}");
    assert!(texts(&run_in(folder.path(), &["pnpm-lock.yaml"])).1.contains("1 file"));
}
