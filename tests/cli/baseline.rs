//! Baselines: what was there stays quiet when code moves, is renamed or formatted; what is new is told.

use crate::support::{CLIENT, MANIFEST, findings, project, run_in, texts};
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
    let (code, _, errors) = texts(&run_in(folder.path(), &["."]));
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
