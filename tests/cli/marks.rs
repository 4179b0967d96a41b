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
        let mut arguments = vec!["--fail-on", "note"];
        // A case about what the project says of itself brings its own configuration.
        if !case.join("cerbo-lint.toml").exists() {
            arguments.push("--no-config");
        }
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

/// A secret as it may be written: plain, percent-encoded, as hexadecimal digits, and inside base64 at each of the three
/// places where it can begin in a longer text (`user:secret`).
fn forms(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    let percent = percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![secret.to_owned(), percent.to_lowercase(), percent, hex.to_uppercase(), hex];
    for before in 0..3 {
        let text = format!("{}{secret}", "x".repeat(before));
        let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(&text);
        // What stands before and behind changes the first and the last character.
        let first = (before * 8).div_ceil(6);
        let last = text.len() * 8 / 6;
        forms.push(encoded[first..last.min(encoded.len())].to_owned());
    }
    forms
}

/// Every secret of a case in all its forms.
fn planted_forms(case: &Path) -> BTreeSet<String> {
    planted(case).iter().flat_map(|secret| forms(secret)).collect()
}

fn shows_none(forms: &BTreeSet<String>, case: &Path, what: &str, text: &str) {
    for form in forms {
        assert!(!text.contains(form), "{}: {what} shows a planted secret", case.display());
    }
}

#[test]
fn forms_of_a_secret_are_found_in_longer_texts() {
    use base64::Engine as _;
    let forms = forms("sk_a1b2c3d4e5");
    for user in ["u", "us", "use", "pk_clinic"] {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:sk_a1b2c3d4e5"));
        assert!(forms.iter().any(|form| pair.contains(form)), "{user}");
    }
    assert!(forms.contains(&"sk%5Fa1b2c3d4e5".to_owned()));
    assert!(forms.contains(&"736b5f61316232633364346535".to_owned()));
}

#[test]
fn no_format_prints_a_planted_secret() {
    use rayon::prelude::*;
    let checked: usize = cases()
        .par_iter()
        .map(|case| {
            let forms = planted_forms(case);
            let folder = tempfile::tempdir().unwrap();
            let mut arguments: Vec<String> =
                ["--verbose", "--scope", "any", "--include-suppressed", "--min-confidence", "low", "--no-config"]
                    .map(str::to_owned)
                    .to_vec();
            for format in FORMATS.iter().filter(|format| **format != "human") {
                arguments.push(format!("--output={format}={}", folder.path().join(format).display()));
            }
            arguments.push(".".to_owned());
            let (_, out, errors) = texts(&run_in(case, &arguments.iter().map(String::as_str).collect::<Vec<_>>()));
            let written = |name: &&'static str| (*name, std::fs::read_to_string(folder.path().join(name)).unwrap());
            let mut all = vec![("human", out), ("errors", errors)];
            all.extend(FORMATS.iter().filter(|format| **format != "human").map(written));
            for (format, text) in &all {
                assert!(*format == "errors" || !text.is_empty(), "{}: {format}", case.display());
                shows_none(&forms, case, format, text);
            }
            forms.len()
        })
        .sum();
    assert!(checked > 0 || std::env::var_os("CASES").is_some());
}

#[test]
fn no_other_command_prints_a_planted_secret() {
    use rayon::prelude::*;
    let commands: [&[&str]; _] = [
        &["permissions", "--no-config", "--format", "json"],
        &["--no-config", "--verbose", "--fix=all", "--diff", "."],
        &["audit", "--no-config"],
        &["audit", "--no-config", "--format", "html"],
    ];
    cases().par_iter().for_each(|case| {
        let forms = planted_forms(case);
        if forms.is_empty() {
            return;
        }
        let told = |arguments: &[&str]| {
            let (code, out, errors) = texts(&run_in(case, arguments));
            assert!(code < 2, "{}: {arguments:?}: {errors}", case.display());
            shows_none(&forms, case, &arguments.join(" "), &(out + &errors));
        };
        commands.iter().for_each(|arguments| told(arguments));
        let holds = |path: &PathBuf| !String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains('\0');
        for path in sources(case).iter().filter(|path| holds(path)).take(1) {
            told(&["explain-file", path.to_str().unwrap()]);
        }
    });
}

#[test]
fn the_history_of_every_case_prints_no_planted_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut forms = BTreeSet::new();
    for (number, case) in cases().iter().enumerate() {
        forms.extend(planted_forms(case));
        for path in sources(case) {
            let to = folder.path().join(number.to_string()).join(path.strip_prefix(case).unwrap());
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(&path, to).unwrap();
        }
    }
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"];
        let run = std::process::Command::new("git").current_dir(folder.path()).args(identity).args(arguments).output();
        assert!(run.unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-f", "."]);
    git(&["commit", "-qm", "All"]);
    for format in FORMATS {
        let (code, out, errors) = texts(&run_in(folder.path(), &["history", "--no-config", "--format", format]));
        assert!(code == 1 || std::env::var_os("CASES").is_some(), "{errors}");
        shows_none(&forms, folder.path(), format, &(out + &errors));
    }
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
