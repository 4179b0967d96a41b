//! `check --fix` and `--diff`.

use crate::support::{MANIFEST, findings, fixtures, project, run_in, texts};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const SECRET: &str = "sk_Jt5Xn8Rw2Qa7Zk4Lm9Pv";

fn client() -> String {
    format!(
        "const BASE = 'http://larkspur.md-hq.com/api/v1';\r\nconst secret = process.env.CERBO_SECRET || '{SECRET}';\r\n\
         export async function patient(id) {{\r\n  console.log('patient', id);\r\n  const auth = btoa(process.env.CERBO_USER + ':' + secret);\r\n\
         \x20 return fetch(BASE + '/patients/' + id, {{ headers: {{ authorization: 'Basic ' + auth }} }});\r\n}}\r\n"
    )
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

fn rules(found: &[String]) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for rule in found.iter().filter_map(|line| line.rsplit(' ').next()) {
        *all.entry(rule.to_owned()).or_default() += 1;
    }
    all
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copied(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn safe_fixes_alone_are_made_by_default() {
    let folder = project(&[("client.mjs", &client())]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix", "."]));
    assert_eq!(code, 1, "{out}{error}");
    assert!(error.contains("1 finding mended in 1 file"), "{error}");
    // Line ends stay.
    assert_eq!(read(folder.path(), "client.mjs"), client().replace("http:", "https:"));
    assert!(!out.contains("cleartext-transport") && out.contains("embedded-credential"), "{out}");
}

#[test]
fn all_fixes_are_made_when_asked_for_and_the_credential_stays_known() {
    let folder = project(&[("client.mjs", &client())]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "."]));
    assert_eq!(code, 0, "{out}{error}");
    assert!(error.contains("2 findings mended in 1 file") && error.contains("disable it"), "{error}");
    let text = client().replace("http:", "https:").replace(&format!(" || '{SECRET}'"), "");
    assert_eq!(read(folder.path(), "client.mjs"), text);
}

#[test]
fn a_diff_changes_nothing_and_tells_no_secret() {
    let folder = project(&[("client.mjs", &client())]);
    let (code, out, error) = texts(&run_in(folder.path(), &["check", "--fix=all", "--diff", "."]));
    assert_eq!(code, 1, "{error}");
    assert_eq!(read(folder.path(), "client.mjs"), client());
    for line in ["--- a/client.mjs", "+++ b/client.mjs", "+const secret = process.env.CERBO_SECRET;"] {
        assert!(out.contains(line), "{line} in {out}");
    }
    assert!(!out.contains(SECRET) && !error.contains(SECRET), "{out}{error}");
    let (code, out, _) = texts(&run_in(folder.path(), &["check", "--diff", "."]));
    assert_eq!(code, 1);
    assert!(out.contains("+const BASE = 'https:") && !out.contains("+const secret"), "{out}");
    let clean = project(&[("src/lib.rs", "pub fn a() {}\n"), ("Cargo.toml", MANIFEST)]);
    let (code, out, _) = texts(&run_in(clean.path(), &["check", "--diff", "."]));
    assert_eq!((code, out.as_str()), (0, ""));
}

#[test]
fn what_is_not_on_disk_cannot_be_mended() {
    let folder = project(&[("client.mjs", &client())]);
    for wrong in [
        ["check", "--fix", "--staged"],
        ["check", "--diff", "--stdin-filename=a.js"],
        ["check", "--fix", "--shard=1/2"],
    ] {
        let (code, _, error) = texts(&run_in(folder.path(), &wrong));
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("cannot be used with"), "{error}");
    }
    assert_eq!(read(folder.path(), "client.mjs"), client());
}

#[test]
fn accepted_findings_are_left_alone() {
    let text = format!("// cerbo-lint: allow(cleartext-transport) reason=\"a tunnel\"\n{}", client());
    let folder = project(&[("client.mjs", &text)]);
    texts(&run_in(folder.path(), &["check", "--fix", "."]));
    assert_eq!(read(folder.path(), "client.mjs"), text);
}

#[cfg(unix)]
#[test]
fn one_file_that_cannot_be_written_stops_all() {
    use std::os::unix::fs::PermissionsExt;
    let folder = project(&[("a.mjs", &client()), ("b.mjs", &client())]);
    std::fs::set_permissions(folder.path().join("b.mjs"), std::fs::Permissions::from_mode(0o444)).unwrap();
    let (code, _, error) = texts(&run_in(folder.path(), &["check", "--fix", "."]));
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("b.mjs") && error.contains("no file was changed"), "{error}");
    assert_eq!(read(folder.path(), "a.mjs"), client());
}

/// Whatever is mended in a case, it is parsed and found better: fewer findings, none of another kind, and nothing left to mend.
/// Gives whether anything was.
fn mended(case: &Path) -> bool {
    const RUN: [&str; 4] = ["check", "--no-cache", "--fix=all", "."];
    let shown = case.display();
    let folder = tempfile::tempdir().unwrap();
    copied(case, folder.path());
    let (code, _, error) = texts(&run_in(folder.path(), &[&RUN[..], &["--diff"]].concat()));
    assert!(code < 2, "{shown}: {error}");
    if error.contains("nothing can be mended") {
        return false;
    }
    let (_, before) = findings(folder.path(), &["--no-cache"]);
    let (code, _, error) = texts(&run_in(folder.path(), &[&RUN[..], &["--fail-on", "never"]].concat()));
    assert!(code == 0 && error.contains("mended in"), "{shown}: {error}");
    let (_, after) = findings(folder.path(), &["--no-cache"]);
    let (old, new) = (rules(&before), rules(&after));
    assert!(after.len() < before.len(), "{shown}: {before:?} {after:?}");
    for (rule, number) in new {
        assert!(number <= old.get(&rule).copied().unwrap_or(0), "{shown}: {rule}");
    }
    let (code, out, _) = texts(&run_in(folder.path(), &[&RUN[..], &["--diff"]].concat()));
    assert_eq!((code, out.as_str()), (0, ""), "{shown}");
    true
}

#[test]
fn every_fix_of_every_case_mends_its_finding_and_breaks_nothing() {
    let below = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let cases: Vec<PathBuf> = below(&fixtures().join("rules"))
        .iter()
        .flat_map(|rule| below(rule))
        .filter(|case| name(case).starts_with("bad-"))
        .collect();
    let of_rule = |case: &PathBuf| mended(case).then(|| name(case.parent().unwrap()));
    let rules: Vec<String> = cases.par_iter().filter_map(of_rule).collect();
    for rule in [
        "base64-credential",
        "cleartext-transport",
        "concurrent-requests",
        "embedded-credential",
        "tls-verification-disabled",
    ] {
        assert!(rules.iter().any(|one| one == rule), "{rule}: {rules:?}");
    }
    assert!(rules.len() >= 30, "{rules:?}");
}
