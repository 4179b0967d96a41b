//! What git, images and file modes do with files that hold credentials, in real repositories.

use crate::support::{findings, project};
use std::path::Path;
use std::process::Command;

const ENV: &str = "CERBO_BASE_URL=https://fairview.md-hq.com/api/v1\nCERBO_SECRET=sk_8vQm27xLpT0cYw4e\n";

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
    let run = Command::new("git").current_dir(folder).args(identity).args(arguments).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
}

fn restrict(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Rules reported for the file of settings.
fn rules(folder: &Path) -> Vec<String> {
    let (_, all) = findings(folder, &["--no-config", "."]);
    let of_file = all.iter().filter(|finding| finding.starts_with("sync.env:"));
    let mut rules: Vec<_> = of_file.map(|finding| finding.rsplit(' ').next().unwrap().to_owned()).collect();
    rules.sort();
    rules
}

#[test]
fn tracked_files_are_reported_in_every_version_of_the_index() {
    for version in ["2", "4"] {
        let folder = project(&[("sync.env", ENV), ("src/lib/deep/er.txt", "x"), ("src/lib/deep/est.txt", "y")]);
        git(folder.path(), &["init", "-q"]);
        git(folder.path(), &["config", "index.version", version]);
        git(folder.path(), &["add", "."]);
        assert_eq!(rules(folder.path()), ["embedded-credential", "plaintext-credential-file"], "{version}");
        // Once committed it stays so, ignored or not.
        git(folder.path(), &["commit", "-qm", "a"]);
        assert_eq!(rules(folder.path()), ["embedded-credential", "plaintext-credential-file"], "{version}");
    }
}

#[test]
fn files_that_git_would_take_are_reported_and_ignored_ones_are_not() {
    let folder = project(&[("sync.env", ENV)]);
    restrict(&folder.path().join("sync.env"));
    git(folder.path(), &["init", "-q"]);
    assert_eq!(rules(folder.path()), ["embedded-credential", "plaintext-credential-file"]);
    std::fs::write(folder.path().join(".gitignore"), "*.env\n").unwrap();
    assert_eq!(rules(folder.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read_are_reported() {
    let folder = project(&[("sync.env", ENV)]);
    git(folder.path(), &["init", "-q"]);
    let path = folder.path().join("sync.env");
    let mode = |mode| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for open in [0o644, 0o640, 0o604] {
        mode(open);
        assert!(rules(folder.path()).contains(&"credential-file-permissions".to_owned()), "{open:o}");
    }
    for closed in [0o600, 0o400, 0o700] {
        mode(closed);
        assert!(!rules(folder.path()).contains(&"credential-file-permissions".to_owned()), "{closed:o}");
    }
}

#[test]
fn a_linked_work_tree_has_an_index_of_its_own() {
    let folder = project(&[("main/readme.txt", "x")]);
    let main = folder.path().join("main");
    git(&main, &["init", "-q"]);
    git(&main, &["add", "."]);
    git(&main, &["commit", "-qm", "a"]);
    git(&main, &["worktree", "add", "-q", "../linked"]);
    let linked = folder.path().join("linked");
    std::fs::write(linked.join("sync.env"), ENV).unwrap();
    git(&linked, &["add", "."]);
    assert_eq!(rules(&linked), ["embedded-credential", "plaintext-credential-file"]);
}

#[test]
fn without_a_repository_nothing_is_said_about_one() {
    let folder = project(&[("sync.env", ENV)]);
    assert_eq!(rules(folder.path()), ["embedded-credential"]);
}

#[test]
fn what_the_build_does_not_see_is_not_in_the_image() {
    let recipe = "FROM alpine\nCOPY . /app\n";
    let image = |files: &[(&str, &str)]| {
        let folder = project(files);
        let (_, all) = findings(folder.path(), &["--no-config", "."]);
        all.iter().any(|finding| finding == "Dockerfile:2 plaintext-credential-file")
    };
    assert!(image(&[("sync.env", ENV), ("Dockerfile", recipe)]));
    assert!(!image(&[("sync.env", ENV), ("Dockerfile", recipe), (".dockerignore", "*.env\n")]));
    // Patterns start at the folder of the recipe, and later ones win.
    assert!(image(&[("deploy/sync.env", ENV), ("Dockerfile", recipe), (".dockerignore", "*.env\n")]));
    assert!(!image(&[("deploy/sync.env", ENV), ("Dockerfile", recipe), (".dockerignore", "**/*.env\n")]));
    assert!(image(&[("sync.env", ENV), ("Dockerfile", recipe), (".dockerignore", "*\n!sync.env\n")]));
    assert!(!image(&[("sync.env", ENV), ("Dockerfile", "FROM alpine\nCOPY src /app\n")]));
}
