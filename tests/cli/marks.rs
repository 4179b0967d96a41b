//! Marked code: every `//~ rule` is found on its line (`//~^ rule`: the line above), and nothing else is found.

use crate::support::{FORMATS, findings, fixtures, run_in, texts};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every folder that is scanned by itself: the whole projects, and the cases of each rule. While one works on a rule,
/// `CASES=rule/bad-name` (a part of the path) runs only those.
fn cases() -> Vec<PathBuf> {
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let mut cases = folders(&fixtures().join("projects"));
    cases.extend(folders(&fixtures().join("rules")).iter().flat_map(|rule| folders(rule)));
    if let Ok(part) = std::env::var("CASES") {
        cases.retain(|case| case.display().to_string().contains(&part));
    }
    cases.sort();
    cases
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let walk = ignore::WalkBuilder::new(folder).hidden(false).build();
    walk.map(|entry| entry.unwrap().into_path()).filter(|path| path.is_file()).collect()
}

/// The expectations of a case: `//~ rule` on a line (`//~^ rule`: the line above), in any language's comments, and lines
/// `path:line<TAB>rule` of `expect.tsv`.
fn expected(case: &Path) -> BTreeSet<String> {
    let mark = regex::Regex::new(r"(?://|#|<!--|/\*|--|;)~(\^*)[ \t]*([a-z0-9-]+)").unwrap();
    let mut expected = BTreeSet::new();
    for path in sources(case) {
        let shown = path.strip_prefix(case).unwrap().display().to_string();
        // Bytes that are no text hold no marks.
        let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        if shown == "expect.tsv" {
            expected.extend(text.lines().filter(|line| !line.is_empty()).map(|line| line.replacen('\t', " ", 1)));
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            for found in mark.captures_iter(line) {
                expected.insert(format!("{shown}:{} {}", index + 1 - found[1].len(), &found[2]));
            }
        }
    }
    expected
}

/// Rules about what a project as a whole does not have.
const LACKING: &[&str] = &["missing-request-log", "no-sandbox"];

#[test]
fn marked_code_gets_its_findings_and_no_others() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(!cases.is_empty());
    for case in &cases {
        let expected = expected(case);
        let folder = case.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        // What a project lacks as a whole is asked of whole projects and of its own cases; other cases are too small to have it.
        let lacking: Vec<&str> =
            LACKING.iter().copied().filter(|rule| folder != "projects" && folder != *rule).collect();
        let lacking = lacking.join(",");
        let mut arguments = vec!["--no-config", "--fail-on", "note"];
        if !lacking.is_empty() {
            arguments.extend(["--ignore", &lacking]);
        }
        arguments.push(".");
        let (code, found) = findings(case, &arguments);
        let prefix = format!("{}/", case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display());
        let found: BTreeSet<String> =
            found.iter().map(|line| line.strip_prefix(&prefix).unwrap_or(line).to_owned()).collect();
        for missed in expected.difference(&found) {
            wrong.push(format!("missed: {prefix}{missed}"));
        }
        for false_alarm in found.difference(&expected) {
            wrong.push(format!("false alarm: {prefix}{false_alarm}"));
        }
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let rule = case.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("bad-") && !expected.iter().any(|mark| mark.ends_with(&format!(" {rule}"))) {
            wrong.push(format!("{prefix} is bad for {rule} and has no mark that says where"));
        }
        if name.starts_with("good-") && !expected.is_empty() {
            wrong.push(format!("{prefix} is good and has marks"));
        }
        if expected.is_empty() != (code == 0) {
            wrong.push(format!("{prefix} exits with {code}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Secrets in fixtures are written with one of these beginnings.
fn planted(case: &Path) -> BTreeSet<String> {
    let secret = regex::Regex::new(r"\b[ps]k_[A-Za-z0-9]{8,}").unwrap();
    let texts =
        sources(case).into_iter().map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
    texts.flat_map(|text| secret.find_iter(&text).map(|found| found.as_str().to_owned()).collect::<Vec<_>>()).collect()
}

#[test]
fn no_format_prints_a_planted_secret() {
    let mut checked = 0;
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let secrets = planted(&case);
        let mut arguments: Vec<String> =
            ["--verbose", "--scope", "any", "--include-suppressed", "--min-confidence", "low", "--no-config"]
                .map(str::to_owned)
                .to_vec();
        for format in FORMATS.iter().filter(|format| **format != "human") {
            arguments.push(format!("--output={format}={}", folder.path().join(format).display()));
        }
        arguments.push(".".to_owned());
        let (_, out, errors) = texts(&run_in(&case, &arguments.iter().map(String::as_str).collect::<Vec<_>>()));
        let written = |name: &&'static str| (*name, std::fs::read_to_string(folder.path().join(name)).unwrap());
        let mut all = vec![("human", out), ("errors", errors)];
        all.extend(FORMATS.iter().filter(|format| **format != "human").map(written));
        for (format, text) in &all {
            assert!(*format == "errors" || !text.is_empty(), "{}: {format}", case.display());
            for secret in &secrets {
                checked += 1;
                assert!(!text.contains(secret), "{}: {format}", case.display());
            }
        }
    }
    assert!(checked > 0);
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let reports = tempfile::tempdir().unwrap();
    let run = |threads: &str| {
        let formats = FORMATS.iter().filter(|format| **format != "human");
        let outputs: Vec<_> =
            formats.map(|format| (*format, reports.path().join(format!("{threads}.{format}")))).collect();
        let named: Vec<String> =
            outputs.iter().map(|(format, path)| format!("--output={format}={}", path.display())).collect();
        let mut arguments = vec!["--threads", threads, "--quiet", "."];
        arguments.extend(named.iter().map(String::as_str));
        run_in(&fixtures(), &arguments);
        outputs.iter().map(|(_, path)| std::fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    let one = run("1");
    assert!(one.iter().all(|report| !report.is_empty()));
    assert_eq!(one, run("5"));
}
