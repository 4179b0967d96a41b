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
        restrict(&folder.path().join("sync.env"));
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
    // In a checkout of CI it is a note at most.
    mode(0o644);
    git(folder.path(), &["add", "."]);
    let severity = |ci: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
        command.current_dir(folder.path()).args(["--no-config", "--format", "json", "."]).env_remove("CI");
        if let Some(ci) = ci {
            command.env("CI", ci);
        }
        let report: serde_json::Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let all = report["findings"].as_array().unwrap().clone();
        let one = all.into_iter().find(|finding| finding["rule"] == "credential-file-permissions").unwrap();
        one["severity"].as_str().unwrap().to_owned()
    };
    assert_eq!((severity(None).as_str(), severity(Some("true")).as_str()), ("warning", "note"));
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
    restrict(&linked.join("sync.env"));
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

/// Findings of one rule.
fn of_rule(folder: &Path, rule: &str) -> Vec<String> {
    let (_, all) = findings(folder, &["--no-config", "."]);
    all.into_iter().filter_map(|finding| finding.strip_suffix(&format!(" {rule}")).map(str::to_owned)).collect()
}

#[test]
fn what_is_tracked_is_read_although_it_is_ignored() {
    let folder = project(&[("sync.env", ENV), ("conf/deep/other.env", ENV), (".gitignore", "*.env\n")]);
    git(folder.path(), &["init", "-q"]);
    assert_eq!(of_rule(folder.path(), "plaintext-credential-file"), Vec::<String>::new());
    git(folder.path(), &["add", "-f", "sync.env", "conf/deep/other.env"]);
    let both = ["conf/deep/other.env:2", "sync.env:2"];
    assert_eq!(of_rule(folder.path(), "plaintext-credential-file"), both);
    // Only the folder that is asked for.
    let (_, below) = findings(folder.path(), &["--no-config", "conf"]);
    assert!(below.iter().all(|finding| finding.starts_with("conf/")) && !below.is_empty(), "{below:?}");
    // Hidden on purpose from programs like this one.
    std::fs::write(folder.path().join(".ignore"), "conf\n").unwrap();
    assert_eq!(of_rule(folder.path(), "plaintext-credential-file"), ["sync.env:2"]);
    // No longer tracked.
    git(folder.path(), &["rm", "-q", "--cached", "sync.env"]);
    assert_eq!(of_rule(folder.path(), "plaintext-credential-file"), Vec::<String>::new());
}

#[test]
fn a_renamed_file_is_reported_where_it_is_now() {
    let folder = project(&[("sync.env", ENV)]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "a"]);
    git(folder.path(), &["mv", "sync.env", "jobs.env"]);
    assert_eq!(of_rule(folder.path(), "plaintext-credential-file"), ["jobs.env:2"]);
}

#[test]
fn a_submodule_has_an_index_of_its_own() {
    let inner = project(&[("sync.env", ENV)]);
    git(inner.path(), &["init", "-q"]);
    git(inner.path(), &["add", "."]);
    git(inner.path(), &["commit", "-qm", "a"]);
    let outer = project(&[("readme.txt", "x")]);
    git(outer.path(), &["init", "-q"]);
    let from = inner.path().display().to_string();
    git(outer.path(), &["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &from, "lib"]);
    assert_eq!(of_rule(outer.path(), "plaintext-credential-file"), ["lib/sync.env:2"]);
}

#[test]
fn an_image_takes_what_git_ignores() {
    let image = |files: &[(&str, &str)]| {
        let mut all = vec![("sync.env", ENV), (".gitignore", "*.env\n"), ("src/sync.py", "print(1)\n")];
        all.extend(files);
        let folder = project(&all);
        git(folder.path(), &["init", "-q"]);
        let (_, all) = findings(folder.path(), &["--no-config", "."]);
        all
    };
    let recipe = "FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD [\"python\", \"src/sync.py\"]\n";
    // Nothing is said of the ignored file itself.
    assert_eq!(image(&[("Dockerfile", recipe)]), ["Dockerfile:3 plaintext-credential-file"]);
    assert_eq!(image(&[("Dockerfile", recipe), (".dockerignore", "*.env\n")]), Vec::<String>::new());
    assert_eq!(image(&[]), Vec::<String>::new());
    let stages = "FROM python:3.12 AS build\nCOPY . /src\nFROM python:3.12-slim\nCOPY --from=build /src/src /app\n";
    assert_eq!(image(&[("Dockerfile", stages)]), Vec::<String>::new());
    // Built in the folder that the compose file says.
    let compose = "services:\n  sync:\n    build:\n      context: ..\n      dockerfile: docker/Dockerfile\n";
    let built = [("docker/Dockerfile", recipe), ("docker/compose.yaml", compose)];
    assert_eq!(image(&built), ["docker/Dockerfile:3 plaintext-credential-file"]);
    assert_eq!(image(&built[..1]), Vec::<String>::new());
}

#[test]
fn a_package_takes_what_its_own_rules_say() {
    let package = |manifest: &str, files: &[(&str, &str)]| {
        let mut all = vec![("sync.env", ENV), (".gitignore", "*.env\n"), ("package.json", manifest)];
        all.extend(files);
        let folder = project(&all);
        git(folder.path(), &["init", "-q"]);
        of_rule(folder.path(), "plaintext-credential-file")
    };
    let plain = "{\n  \"name\": \"chart-sync\",\n  \"version\": \"1.0.0\"\n}\n";
    let none = Vec::<String>::new();
    // Without rules of its own, npm goes by git's.
    assert_eq!(package(plain, &[]), none);
    // An application has a name and a version too; what is meant for others says so.
    let told = |manifest: &str| {
        package(manifest, &[(".gitignore", "node_modules\n")]).iter().any(|found| found.starts_with("package.json"))
    };
    assert!(!told(plain));
    assert!(told(&plain.replace("1.0.0\"", "1.0.0\",\n  \"publishConfig\": { \"access\": \"restricted\" }")));
    // With rules of its own it does not.
    assert_eq!(package(plain, &[(".npmignore", "test/\n")]), ["package.json:2"]);
    assert_eq!(package(plain, &[(".npmignore", "*.env\n")]), none);
    assert_eq!(package(plain, &[(".npmignore", "*.env\n!sync.env\n")]), ["package.json:2"]);
    assert_eq!(package(&plain.replace("{\n", "{\n  \"private\": true,\n"), &[(".npmignore", "")]), none);
    let listing = |files: &str| plain.replace("1.0.0\"", &format!("1.0.0\",\n  \"files\": [{files}]"));
    assert_eq!(package(&listing("\"lib\""), &[]), none);
    assert_eq!(package(&listing("\"lib\", \"*.env\""), &[]), ["package.json:2"]);
    assert_eq!(package(&listing("\".\", \"!*.env\""), &[]), none);
    assert_eq!(package(&listing("\"lib\""), &[("lib/sync.env", ENV), ("lib/.npmignore", "x\n")]), ["package.json:2"]);
}
