//! Baselines: what was there stays quiet when code moves, is renamed or formatted; what is new is told.

use crate::support::{CLIENT, MANIFEST, commit, findings, fixtures, git, project, run_in, texts};
use std::path::Path;

const NAME: &str = "cerbo-lint-baseline.jsonl";

/// A project whose findings are accepted.
fn accepted(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = project(files);
    let (code, out, errors) = texts(&run_in(folder.path(), &["baseline"]));
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    folder
}

fn read(folder: &Path) -> String {
    std::fs::read_to_string(folder.join(NAME)).unwrap()
}

fn new(folder: &Path) -> (i32, Vec<String>) {
    findings(folder, &["--baseline", NAME, "."])
}

#[test]
fn what_was_there_is_quiet_and_what_is_new_is_told() {
    let folder = accepted(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let text = read(folder.path());
    assert!(!text.contains("sk_9920") && !text.contains("pk_a81f"), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
    assert_eq!(findings(folder.path(), &["."]).0, 1);
    assert_eq!(new(folder.path()), (0, Vec::new()));
    std::fs::write(folder.path().join("src/other.rs"), CLIENT).unwrap();
    assert_eq!(new(folder.path()), (1, vec!["src/other.rs:4 embedded-credential".to_owned()]));
}

#[test]
fn moved_formatted_and_renamed_code_is_known() {
    let folder = accepted(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let before = read(folder.path());
    let lib = folder.path().join("src/lib.rs");
    for changed in [
        format!("// One line more.\n\nfn other() {{}}\n{CLIENT}"),
        CLIENT
            .replace(".basic_auth(", "\n        .basic_auth(\n            ")
            .replace(", Some(", ",\n            Some(\n"),
        CLIENT.replace('\n', "\r\n"),
        CLIENT.replace("client", "http"),
    ] {
        std::fs::write(&lib, &changed).unwrap();
        assert_eq!(findings(folder.path(), &["."]).1.len(), 1, "{changed}");
        assert_eq!(new(folder.path()), (0, Vec::new()), "{changed}");
        texts(&run_in(folder.path(), &["baseline"]));
        assert_eq!(read(folder.path()), before, "{changed}");
    }
    std::fs::rename(&lib, folder.path().join("src/ehr.rs")).unwrap();
    assert_eq!(new(folder.path()), (0, Vec::new()));
    texts(&run_in(folder.path(), &["baseline"]));
    assert_eq!(read(folder.path()), before.replace("src/lib.rs", "src/ehr.rs"));
}

#[test]
fn a_new_secret_on_a_known_line_is_new() {
    let folder = accepted(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let replaced = CLIENT.replace("sk_9920fe1c7a63", "sk_4410ab90cdef77aa");
    std::fs::write(folder.path().join("src/lib.rs"), replaced).unwrap();
    let (code, found) = new(folder.path());
    assert_eq!((code, found.len()), (1, 1));
    // A second one beside the first: the number counts.
    let twice = format!("{CLIENT}{}", CLIENT.replace("fn get", "fn again"));
    std::fs::write(folder.path().join("src/lib.rs"), twice).unwrap();
    assert_eq!(new(folder.path()).1.len(), 1);
}

#[test]
fn what_is_gone_is_told_and_taken_out() {
    let folder = accepted(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT), ("src/b.rs", CLIENT)]);
    std::fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    let (code, out, _) = texts(&run_in(folder.path(), &["--baseline", NAME, "."]));
    assert_eq!(code, 0);
    assert!(out.contains("1 finding of the baseline is no longer found"), "{out}");
    // Only what was looked at can be gone.
    let (_, out, _) = texts(&run_in(folder.path(), &["--baseline", NAME, "src/b.rs"]));
    assert!(!out.contains("no longer found"), "{out}");
    let (_, out, _) = texts(&run_in(folder.path(), &["--baseline", NAME, "--ignore", "embedded-credential"]));
    assert!(!out.contains("no longer found"), "{out}");
    let (_, out, _) = texts(&run_in(folder.path(), &["baseline", "src/b.rs"]));
    assert!(out.contains("2 findings kept"), "{out}");
    std::fs::write(folder.path().join("src/c.rs"), CLIENT.replace("sk_9920fe1c7a63", "sk_4410ab90cdef77aa")).unwrap();
    let (_, out, _) = texts(&run_in(folder.path(), &["baseline"]));
    assert!(out.contains("1 finding kept, 1 no longer there and taken out, 1 new and left out"), "{out}");
    assert_eq!(new(folder.path()).0, 1);
    texts(&run_in(folder.path(), &["baseline", "--add"]));
    assert_eq!(new(folder.path()).0, 0);
    let text = read(folder.path());
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert!(lines.is_sorted() && lines.len() == 2, "{lines:?}");
}

#[test]
fn the_configuration_names_the_baseline() {
    let config = "baseline = \"known/a.jsonl\"\n";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT), ("cerbo-lint.toml", config)]);
    // Before it is made everything is new; one that is asked for by name must be there.
    let (code, out, _) = texts(&run_in(folder.path(), &["."]));
    assert_eq!(code, 1);
    assert!(out.contains("a.jsonl is not there") && out.contains("`cerbo-lint baseline` makes it"), "{out}");
    let (code, _, errors) = texts(&run_in(folder.path(), &["--baseline", "known/a.jsonl", "."]));
    assert_eq!(code, 2);
    assert!(errors.contains("a.jsonl") && errors.contains("`cerbo-lint baseline` makes one"), "{errors}");
    assert_eq!(findings(folder.path(), &["--no-baseline", "."]).0, 1);
    let (code, _, errors) = texts(&run_in(folder.path(), &["baseline"]));
    assert_eq!(code, 2);
    assert!(errors.contains("its folder does not exist"), "{errors}");
    std::fs::create_dir(folder.path().join("known")).unwrap();
    // From a folder below, too.
    assert_eq!(texts(&run_in(&folder.path().join("src"), &["baseline", ".."])).0, 0);
    assert!(folder.path().join("known/a.jsonl").is_file());
    assert_eq!(findings(folder.path(), &["src/lib.rs"]), (0, Vec::new()));
}

#[test]
fn sarif_says_what_is_new_and_what_is_not() {
    let folder = accepted(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    std::fs::write(folder.path().join("src/other.rs"), CLIENT).unwrap();
    let states = |more: &[&str]| {
        let mut arguments = vec!["--format", "sarif", "--baseline", NAME, "."];
        arguments.extend(more);
        let output = run_in(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1));
        let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|result| result["baselineState"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states(&[]), ["new"]);
    let mut both = states(&["--include-suppressed"]);
    both.sort();
    assert_eq!(both, ["new", "unchanged"]);
    std::fs::remove_file(folder.path().join("src/other.rs")).unwrap();
    let (code, out, _) = texts(&run_in(folder.path(), &["--baseline", NAME, "--include-suppressed", "."]));
    assert_eq!(code, 0);
    assert!(out.contains("in the baseline"), "{out}");
}

#[test]
fn reports_are_baselines_too() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    run_in(folder.path(), &["--output", "json=a.json", "--output", "sarif=a.sarif", "."]);
    for name in ["a.json", "a.sarif"] {
        assert_eq!(findings(folder.path(), &["--baseline", name, "src"]), (0, Vec::new()), "{name}");
    }
}

#[test]
fn a_file_that_is_no_baseline_is_told_by_line() {
    let folder = accepted(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let text = read(folder.path());
    for (wrong, part) in [
        (format!("{text}<<<<<<< HEAD\n"), ":3:1: the baseline has marks of a merge conflict"),
        (format!("{text}{{\"path\":1}}\n"), ":3:1: not a line of a baseline"),
        (text.replace("baseline\":1", "baseline\":2"), "another version"),
        ("findings: none\n".to_owned(), "not a report"),
        ("{\"runs\":[{\"tool\":{\"driver\":{\"name\":\"other\"}},\"results\":[]}]}".to_owned(), "another tool"),
    ] {
        std::fs::write(folder.path().join("wrong.jsonl"), &wrong).unwrap();
        let (code, out, errors) = texts(&run_in(folder.path(), &["--baseline", "wrong.jsonl", "."]));
        assert_eq!((code, out.as_str()), (2, ""), "{wrong}");
        assert!(errors.contains("wrong.jsonl") && errors.contains(part), "{part}: {errors}");
    }
}

#[test]
fn git_merges_baselines_of_two_branches() {
    let folder = project(&[
        ("Cargo.toml", MANIFEST),
        ("src/a.rs", CLIENT),
        (".gitattributes", "*-baseline.jsonl merge=union\n"),
    ]);
    let root = folder.path();
    git(root, &["init", "-q", "-b", "main"]);
    texts(&run_in(root, &["baseline"]));
    commit(root, "start");
    for (branch, file) in [("one", "src/b.rs"), ("two", "src/c.rs")] {
        git(root, &["checkout", "-q", "-b", branch, "main"]);
        std::fs::write(root.join(file), CLIENT).unwrap();
        texts(&run_in(root, &["baseline", "--add"]));
        commit(root, branch);
    }
    git(root, &["merge", "-q", "-m", "both", "one"]);
    assert_eq!(new(root), (0, Vec::new()));
    let merged = read(root);
    texts(&run_in(root, &["baseline"]));
    let mut lines: Vec<&str> = merged.lines().collect();
    lines.sort_by_key(|line| !line.contains("cerbo-lint-baseline"));
    assert_eq!(read(root).lines().count(), lines.len());
}

#[test]
fn what_could_not_be_read_is_not_gone() {
    let folder = accepted(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let before = read(folder.path());
    std::fs::write(folder.path().join("src/lib.rs"), CLIENT.replace("-> String {", "-> String {{{")).unwrap();
    let (_, out, _) = texts(&run_in(folder.path(), &["--baseline", NAME, "."]));
    assert!(out.contains("not valid Rust") && !out.contains("no longer found"), "{out}");
    texts(&run_in(folder.path(), &["baseline"]));
    assert_eq!(read(folder.path()), before);
}

/// One bad case of every third rule, and every whole project; `tests/end_to_end/check_formatters.py` asks all rules.
fn cases() -> Vec<std::path::PathBuf> {
    let folders = |folder: &Path| -> Vec<std::path::PathBuf> {
        let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        all.retain(|path| path.is_dir());
        all.sort();
        all
    };
    let mut cases = folders(&fixtures().join("projects"));
    for rule in folders(&fixtures().join("rules")).iter().step_by(3) {
        cases.extend(
            folders(rule).into_iter().find(|case| case.file_name().unwrap().to_string_lossy().starts_with("bad-")),
        );
    }
    cases
}

/// A case with its files' texts changed.
fn copied(case: &Path, folder: &Path, change: &dyn Fn(&Path, String) -> String) {
    for entry in ignore::WalkBuilder::new(case).hidden(false).build() {
        let path = entry.unwrap().into_path();
        let target = folder.join(path.strip_prefix(case).unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            std::fs::write(target, change(&path, text)).unwrap();
        } else {
            std::fs::copy(path, target).unwrap();
        }
    }
}

#[test]
fn no_rule_churns_when_code_moves_and_is_indented() {
    let mut wrong = Vec::new();
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        copied(&case, root, &|_, text| text);
        let found = findings(root, &["--no-config", "--fail-on", "note", "."]).1.len();
        texts(&run_in(root, &["baseline", "--no-config"]));
        let code = |path: &Path| {
            path.extension().is_some_and(|end| ["rs", "ts", "tsx", "js", "jsx"].iter().any(|one| end == *one))
        };
        copied(&case, root, &|path, text| {
            if !code(path) {
                return text;
            }
            let indented = |line: &str| format!("{}{line}\n", &line[..line.len() - line.trim_start().len()]);
            format!("\n// One line more.\n{}", text.lines().map(indented).collect::<String>())
        });
        let arguments = ["--no-config", "--fail-on", "note", "--baseline", NAME, "--format", "json", "."];
        let report: serde_json::Value = serde_json::from_slice(&run_in(root, &arguments).stdout).unwrap();
        if report["findings"] != serde_json::json!([]) || report["baselined"] != found {
            wrong.push(format!("{}: {}", case.display(), report["findings"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_about_written_credentials_sees_a_new_one() {
    let rules = "embedded-credential,url-userinfo,credential-in-public-root,credential-in-support-material";
    let secret = regex::Regex::new(r"\bsk_[A-Za-z0-9]{8,}").unwrap();
    let mut replaced = 0;
    let all = rules.split(',').flat_map(|rule| std::fs::read_dir(fixtures().join("rules").join(rule)).unwrap());
    let mut all: Vec<_> = all.map(|case| case.unwrap().path()).collect();
    all.retain(|case| case.file_name().unwrap().to_string_lossy().starts_with("bad-"));
    all.sort();
    for case in all.iter().step_by(3) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        copied(case, root, &|_, text| text);
        texts(&run_in(root, &["baseline", "--no-config"]));
        let known = std::fs::read_to_string(root.join(NAME)).unwrap();
        assert!(secret.find(&known).is_none(), "{known}");
        // The letters turned round: as long as before, and as much of a secret.
        let turned = |found: &regex::Captures<'_>| format!("sk_{}", found[0][3..].chars().rev().collect::<String>());
        copied(case, root, &|_, text| secret.replace_all(&text, turned).into_owned());
        let report = |more: &[&str]| -> Vec<serde_json::Value> {
            let arguments = ["--no-config", "--select", rules, "--format", "json", "."];
            let output = run_in(root, &[&arguments[..], more].concat());
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            report["findings"].as_array().unwrap().clone()
        };
        let places = |findings: Vec<serde_json::Value>| -> Vec<serde_json::Value> {
            findings.into_iter().map(|finding| finding["location"].clone()).collect()
        };
        let new = places(report(&["--baseline", NAME]));
        for place in places(report(&[])) {
            let text = std::fs::read_to_string(root.join(place["path"].as_str().unwrap())).unwrap();
            let line = usize::try_from(place["start_line"].as_u64().unwrap()).unwrap();
            // What holds no such secret was not replaced.
            if text.lines().nth(line - 1).is_some_and(|line| secret.is_match(line)) {
                replaced += 1;
                assert!(new.contains(&place), "{}: {place}", case.display());
            }
        }
    }
    assert!(replaced > 10, "{replaced}");
}
