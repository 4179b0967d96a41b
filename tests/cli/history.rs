//! `history` over real repositories.

use crate::support::{project, run_in, texts};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const SECRET: &str = "sk_7Hq2mWc94LtZx0pB";
const OTHER: &str = "sk_Vn31kTe80RsYd6uG";

fn env(secret: &str) -> String {
    format!("CERBO_BASE_URL=https://fernhill.md-hq.com/api/v1\nCERBO_USERNAME=pk_fernhill\nCERBO_SECRET={secret}\n")
}

/// Runs git with a clock of its own: one commit a day from 2 March 2024 on.
fn git(folder: &Path, day: u32, arguments: &[&str]) {
    let identity = [
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@example.org",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ];
    let date = format!("2024-03-{day:02}T12:00:00+00:00");
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
    let run = command.env("GIT_CONFIG_GLOBAL", "/dev/null").args(identity).args(arguments).output().unwrap();
    assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
}

fn commit(folder: &Path, day: u32, message: &str) {
    git(folder, day, &["add", "-A"]);
    git(folder, day, &["commit", "-q", "-m", message]);
}

/// A repository with one empty commit of day 1.
fn repository() -> tempfile::TempDir {
    let folder = project(&[("readme.txt", "Charts of the clinic.\n")]);
    git(folder.path(), 1, &["init", "-q"]);
    commit(folder.path(), 1, "Begin");
    folder
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The exit code and the JSON report; neither format shows a secret.
fn history(folder: &Path) -> (i32, Value) {
    let (code, json, errors) = texts(&run_in(folder, &["history", "--no-config", "--format", "json", "."]));
    let (same, human, _) = texts(&run_in(folder, &["history", "--no-config"]));
    assert_eq!(code, same, "{errors}");
    for secret in [SECRET, OTHER] {
        assert!(!json.contains(secret) && !human.contains(secret) && !errors.contains(secret));
    }
    let report = serde_json::from_str(&json).unwrap_or_else(|_| panic!("no JSON: {errors}"));
    (code, report)
}

/// `date path:line` of each credential, with where it still is.
fn told(report: &Value) -> Vec<String> {
    let paths = |value: &Value| -> String {
        let path = |value: &Value| value["path"].as_str().or(value.as_str()).unwrap().to_owned();
        value.as_array().map(|all| all.iter().map(path).collect::<Vec<_>>().join(",")).unwrap_or_else(|| "-".to_owned())
    };
    let one = |found: &Value| {
        let (date, path) = (found["date"].as_str().unwrap(), found["path"].as_str().unwrap());
        let (head, tree) = (paths(&found["in_head"]), paths(&found["in_work_tree"]));
        format!("{date} {path}:{} head[{head}] tree[{tree}]", found["line"])
    };
    report["credentials"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_credential_is_told_once_with_the_commit_that_brought_it() {
    let folder = repository();
    let root = folder.path();
    write(root, "config/sync.env", &env(SECRET));
    commit(root, 2, "Settings");
    // More versions of the file, and the same secret elsewhere, are still the one credential.
    write(root, "config/sync.env", &format!("# reviewed\n{}", env(SECRET)));
    write(
        root,
        "deploy/job.yaml",
        &format!(
            "cerbo:\n  base_url: https://fernhill.md-hq.com/api/v1\n  username: pk_fernhill\n  secret: {SECRET}\n"
        ),
    );
    commit(root, 3, "Deployment");
    let (code, report) = history(root);
    assert_eq!(code, 1);
    assert_eq!(
        told(&report),
        ["2024-03-02 config/sync.env:3 head[config/sync.env,deploy/job.yaml] tree[config/sync.env,deploy/job.yaml]"]
    );
    assert_eq!(report["commits"], 3);
    let git_says = Command::new("git").current_dir(root).args(["rev-parse", "HEAD~1"]).output().unwrap();
    assert_eq!(report["credentials"][0]["commit"], String::from_utf8_lossy(&git_says.stdout).trim());
}

#[test]
fn what_was_deleted_or_replaced_is_still_in_the_history() {
    let folder = repository();
    let root = folder.path();
    write(root, "a.env", &env(SECRET));
    write(root, "b.env", &env(OTHER));
    commit(root, 2, "Two");
    std::fs::remove_file(root.join("a.env")).unwrap();
    write(root, "b.env", &env("${CERBO_SECRET}"));
    commit(root, 3, "None");
    let (code, report) = history(root);
    assert_eq!(code, 1);
    assert_eq!(told(&report), ["2024-03-02 a.env:3 head[] tree[]", "2024-03-02 b.env:3 head[] tree[]"]);
    assert_eq!(run_in(root, &["check", "--no-config", "."]).status.code(), Some(0));
    assert_eq!(run_in(root, &["history", "--no-config", "--exit-zero"]).status.code(), Some(0));
    // Back in the work tree, though not committed.
    write(root, "a.env", &env(SECRET));
    assert_eq!(told(&history(root).1)[0], "2024-03-02 a.env:3 head[] tree[a.env]");
}

#[test]
fn a_renamed_file_keeps_its_first_commit() {
    let folder = repository();
    let root = folder.path();
    write(root, "old.env", &env(SECRET));
    commit(root, 2, "Old");
    git(root, 3, &["mv", "old.env", "new.env"]);
    commit(root, 3, "New");
    assert_eq!(told(&history(root).1), ["2024-03-02 old.env:3 head[new.env] tree[new.env]"]);
}

#[test]
fn branches_tags_stashes_and_merges_are_looked_through() {
    let folder = repository();
    let root = folder.path();
    // On a branch that was merged and deleted.
    git(root, 2, &["checkout", "-q", "-b", "side"]);
    write(root, "side.env", &env(SECRET));
    commit(root, 2, "Side");
    git(root, 3, &["rm", "-q", "side.env"]);
    commit(root, 3, "Clean");
    git(root, 4, &["checkout", "-q", "main"]);
    write(root, "other.txt", "x\n");
    commit(root, 4, "Main");
    git(root, 5, &["merge", "-q", "--no-ff", "-m", "Merge", "side"]);
    git(root, 5, &["branch", "-q", "-D", "side"]);
    assert_eq!(told(&history(root).1), ["2024-03-02 side.env:3 head[] tree[]"]);
    // What only a merge itself brings in, under a tag that no branch reaches.
    git(root, 6, &["checkout", "-q", "-b", "again"]);
    write(root, "again.txt", "y\n");
    commit(root, 6, "Again");
    git(root, 7, &["checkout", "-q", "main"]);
    git(root, 7, &["merge", "-q", "--no-ff", "--no-commit", "again"]);
    write(root, "evil.env", &env(OTHER));
    commit(root, 7, "Merge with more");
    git(root, 7, &["tag", "-a", "-m", "v1", "v1"]);
    git(root, 8, &["reset", "-q", "--hard", "HEAD~1"]);
    git(root, 8, &["pack-refs", "--all"]);
    git(root, 8, &["gc", "-q"]);
    assert_eq!(told(&history(root).1), ["2024-03-02 side.env:3 head[] tree[]", "2024-03-07 evil.env:3 head[] tree[]"]);
}

#[test]
fn a_stash_and_the_message_of_a_commit_are_part_of_it() {
    let folder = repository();
    let root = folder.path();
    write(root, "readme.txt", &format!("Charts.\n{}", env(SECRET)));
    git(root, 2, &["stash", "-q"]);
    write(root, "x.txt", "x\n");
    commit(root, 3, &format!("Try it\n\ncurl -u pk_fernhill:{OTHER} https://fernhill.md-hq.com/api/v1/patients"));
    let (code, report) = history(root);
    assert_eq!(code, 1);
    assert_eq!(told(&report), ["2024-03-02 readme.txt:4 head[] tree[]", "2024-03-03 (commit message):3 head[] tree[]"]);
}

#[test]
fn what_only_a_reflog_knows_is_told_as_such() {
    let folder = repository();
    let root = folder.path();
    // A commit that was mended at once, and one that a reset took away; HEAD's log knows both.
    write(root, "a.env", &env(SECRET));
    commit(root, 2, "Settings");
    write(root, "a.env", &env("${CERBO_SECRET}"));
    git(root, 3, &["commit", "-q", "-a", "--amend", "-m", "Settings without the secret"]);
    write(root, "b.env", &env(OTHER));
    commit(root, 4, "More");
    git(root, 5, &["reset", "-q", "--hard", "HEAD~1"]);
    let (code, report) = history(root);
    assert_eq!((code, &report["commits"]), (1, &Value::from(4)));
    assert_eq!(told(&report), ["2024-03-02 a.env:3 head[] tree[]", "2024-03-04 b.env:3 head[] tree[]"]);
    assert!(report["credentials"].as_array().unwrap().iter().all(|one| one["only_in_reflog"] == true));
    let (_, human, _) = texts(&run_in(root, &["history", "--no-config"]));
    assert_eq!(human.matches("only the reflog of this copy").count(), 2, "{human}");
    assert!(!human.contains("every clone"));
    // A clone has neither.
    let outer = tempfile::tempdir().unwrap();
    git(outer.path(), 6, &["clone", "-q", &format!("file://{}", root.display()), "clone"]);
    assert_eq!(history(&outer.path().join("clone")).0, 0);
    // What a branch has too is told by the commit that the branch has, although a log knows an older one.
    write(root, "c.env", &env(SECRET));
    commit(root, 7, "Again");
    let (_, report) = history(root);
    assert_eq!(told(&report), ["2024-03-04 b.env:3 head[] tree[]", "2024-03-07 c.env:3 head[c.env] tree[c.env]"]);
    assert_eq!(report["credentials"][1]["only_in_reflog"], false);
    // Once the log is cleaned, what it knew is gone.
    git(root, 8, &["reflog", "expire", "--expire=now", "--all"]);
    git(root, 8, &["gc", "-q", "--prune=now"]);
    assert_eq!(told(&history(root).1), ["2024-03-07 c.env:3 head[c.env] tree[c.env]"]);
}

#[test]
fn a_file_that_comes_and_goes_is_judged_once_and_told_once() {
    let folder = repository();
    let root = folder.path();
    for round in 0..3 {
        write(root, "a.env", &env(SECRET));
        commit(root, 2 + 4 * round, "In");
        write(root, "a.env", &env("${CERBO_SECRET}"));
        commit(root, 4 + 4 * round, "Out");
    }
    let (_, report) = history(root);
    assert_eq!(told(&report), ["2024-03-02 a.env:3 head[] tree[]"]);
    // The readme and two versions of the file.
    assert_eq!(report["file_versions"], 3);
}

#[test]
fn bare_linked_and_shallow_repositories_are_looked_through() {
    let outer = tempfile::tempdir().unwrap();
    let folder = repository();
    let root = folder.path();
    write(root, "a.env", &env(SECRET));
    commit(root, 2, "Settings");
    std::fs::remove_file(root.join("a.env")).unwrap();
    commit(root, 3, "Clean");
    let from = format!("file://{}", root.display());
    git(outer.path(), 4, &["clone", "-q", "--bare", &from, "bare.git"]);
    assert_eq!(told(&history(&outer.path().join("bare.git")).1), ["2024-03-02 a.env:3 head[] tree[-]"]);
    git(outer.path(), 4, &["clone", "-q", "--depth", "1", &from, "shallow"]);
    let (code, report) = history(&outer.path().join("shallow"));
    assert_eq!((code, &report["shallow"], &report["commits"]), (0, &Value::Bool(true), &Value::from(1)));
    assert!(report["notes"][0].as_str().unwrap().contains("shallow"));
    git(outer.path(), 4, &["clone", "-q", "--depth", "2", &from, "deeper"]);
    // Its oldest commit has everything that was there then.
    assert_eq!(told(&history(&outer.path().join("deeper")).1), ["2024-03-02 a.env:3 head[] tree[]"]);
    let linked = outer.path().join("linked");
    git(root, 4, &["worktree", "add", "-q", "--detach", linked.to_str().unwrap()]);
    write(&linked, "b.env", &env(OTHER));
    commit(&linked, 4, "Only here");
    let both = ["2024-03-02 a.env:3 head[] tree[]", "2024-03-04 b.env:3 head[b.env] tree[b.env]"];
    assert_eq!(told(&history(&linked).1), both);
    // Seen from the main work tree, whose HEAD does not have it.
    assert_eq!(told(&history(root).1)[1], "2024-03-04 b.env:3 head[] tree[]");
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let inner = repository();
    write(inner.path(), "a.env", &env(SECRET));
    commit(inner.path(), 2, "Settings");
    let outer = repository();
    let from = inner.path().display().to_string();
    git(outer.path(), 3, &["submodule", "--quiet", "add", &from, "lib"]);
    commit(outer.path(), 3, "Library");
    assert_eq!(history(outer.path()).0, 0);
    assert_eq!(told(&history(&outer.path().join("lib")).1), ["2024-03-02 a.env:3 head[a.env] tree[a.env]"]);
}

#[test]
fn code_is_followed_and_stand_ins_are_silent() {
    let folder = repository();
    let root = folder.path();
    let client = "export async function chart(id) {\n  const auth = Buffer.from('northgate:tulip-Marsh-7718').toString('base64');\n  return fetch(`https://fernhill.md-hq.com/api/v1/patients/${id}`, { headers: { Authorization: `Basic ${auth}` } });\n}\n";
    write(root, "src/client.mjs", client);
    write(root, ".env.example", &env("your_secret_here"));
    write(root, "tests/client.env", "CERBO_BASE_URL=http://localhost:8080/api/v1\nCERBO_SECRET=sk_test_0000000000\n");
    write(
        root,
        "accepted.env",
        &format!("# cerbo-lint: allow(embedded-credential) reason=\"revoked in May\"\nCERBO_SECRET={SECRET}\n"),
    );
    commit(root, 2, "Client");
    let (_, report) = history(root);
    assert_eq!(told(&report), ["2024-03-02 src/client.mjs:2 head[src/client.mjs] tree[src/client.mjs]"]);
    assert!(!report.to_string().contains("tulip-Marsh"));
}

#[test]
fn an_empty_repository_is_clean_and_no_repository_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, errors) = texts(&run_in(folder.path(), &["history", "--no-config"]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(errors.contains("not in a git repository"), "{errors}");
    let (code, _, errors) = texts(&run_in(folder.path(), &["history", "--no-config", "nowhere"]));
    assert_eq!(code, 2);
    assert!(errors.contains("no such file or folder"), "{errors}");
    git(folder.path(), 1, &["init", "-q"]);
    let (code, report) = history(folder.path());
    assert_eq!((code, &report["commits"]), (0, &Value::from(0)));
}

#[test]
fn other_formats_tell_each_credential_once() {
    let folder = repository();
    let root = folder.path();
    write(root, "config/a b.env", &env(SECRET));
    commit(root, 2, "Settings");
    write(root, "job.env", &env(OTHER));
    commit(root, 3, "Job");
    git(root, 4, &["rm", "-q", "job.env"]);
    commit(root, 4, "Clean");
    let told = |format: &str| {
        let (code, out, errors) = texts(&run_in(root, &["history", "--no-config", "--format", format]));
        assert_eq!(code, 1, "{format}: {errors}");
        assert!(!out.contains(SECRET) && !out.contains(OTHER), "{format}");
        out
    };
    let log: Value = serde_json::from_str(&told("sarif")).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/sarif-2.1.0.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&log));
    let results = log["runs"][0]["results"].as_array().unwrap();
    let mut places: Vec<(&str, u64)> = results
        .iter()
        .map(|result| {
            let physical = &result["locations"][0]["physicalLocation"];
            (physical["artifactLocation"]["uri"].as_str().unwrap(), physical["region"]["startLine"].as_u64().unwrap())
        })
        .collect();
    places.sort_unstable();
    assert_eq!(places, [("config/a%20b.env", 3), ("job.env", 3)]);
    let gone = results.iter().find(|result| result.to_string().contains("job.env")).unwrap();
    assert!(gone["message"]["text"].as_str().unwrap().contains("no longer in HEAD"));
    // Each is known by a name of its own.
    let names: Vec<&Value> = results.iter().map(|result| &result["fingerprints"]).collect();
    assert_ne!(names[0], names[1]);
    assert_eq!(told("concise").lines().filter(|line| line.contains("error[")).count(), 2);
    assert_eq!(told("jsonl").lines().filter(|line| line.contains(r#""kind":"finding""#)).count(), 2);
}
