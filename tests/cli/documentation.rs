//! The documentation says what the program does.

use crate::support::{findings, project, run_in, texts};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files that people read.
fn documents() -> Vec<PathBuf> {
    let walk = ignore::WalkBuilder::new(root().join("docs")).build();
    let mut all: Vec<PathBuf> = walk
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    all.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "ARCHITECTURE.md"].map(|name| root().join(name)));
    all
}

#[test]
fn the_pages_of_the_rules_are_current() {
    let folder = root().join("docs/rules");
    let there: BTreeSet<String> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    let pages = cerbo_lint::pages::pages();
    let help = "make the pages again: cargo run -- pages docs/rules";
    assert_eq!(there, pages.iter().map(|(name, _)| name.clone()).collect::<BTreeSet<_>>(), "{help}");
    for (name, text) in pages {
        assert_eq!(std::fs::read_to_string(folder.join(&name)).unwrap(), text, "{name}: {help}");
    }
}

#[test]
fn pages_are_written_and_old_ones_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("gone-rule.md"), "").unwrap();
    std::fs::write(folder.path().join("other.txt"), "").unwrap();
    let (code, _, errors) = texts(&run_in(folder.path(), &["pages", "."]));
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(folder.path().join("embedded-credential.md").is_file() && folder.path().join("other.txt").is_file());
    assert!(!folder.path().join("gone-rule.md").exists());
}

#[test]
fn links_between_documents_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#\s]+)(#[^)]*)?\)").unwrap();
    let mut wrong = Vec::new();
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for found in link.captures_iter(&text) {
            let target = &found[1];
            if !target.contains("://") && !document.parent().unwrap().join(target).exists() {
                wrong.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn options_that_the_documents_name_exist() {
    let mut known = BTreeSet::new();
    let word = regex::Regex::new(r"--[a-z][a-z-]+").unwrap();
    let (_, help, _) = texts(&run_in(root(), &["--help"]));
    let list = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    let commands: Vec<&str> = commands.into_iter().filter(|word| !word.is_empty() && *word != "help").collect();
    assert!(commands.contains(&"merge"), "{commands:?}");
    for command in &commands {
        let (code, out, _) = texts(&run_in(root(), &[command, "--help"]));
        assert_eq!(code, 0);
        known.extend(word.find_iter(&out).map(|found| found.as_str().to_owned()));
    }
    let line = regex::Regex::new(&format!(r"cerbo-lint (?:{}|\.|--)[^`\n]*", commands.join("|"))).unwrap();
    let mut wrong = Vec::new();
    for document in documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        for found in line.find_iter(&text) {
            for option in word.find_iter(found.as_str()).filter(|option| !known.contains(option.as_str())) {
                wrong.push(format!("{}: {}", document.display(), option.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fenced blocks of a text: language, the path named in front of it, and the text.
fn blocks(text: &str) -> Vec<(String, Option<String>, String)> {
    let block = regex::Regex::new(r"(?ms)(?:^`([^`\n]+)`:\n\n)?^```([a-z]*)\n(.*?)^```$").unwrap();
    let of = |found: regex::Captures<'_>| {
        (found[2].to_owned(), found.get(1).map(|path| path.as_str().to_owned()), found[3].to_owned())
    };
    block.captures_iter(text).map(of).collect()
}

#[test]
fn the_configuration_that_is_documented_is_valid_and_complete() {
    let text = std::fs::read_to_string(root().join("docs/configuration.md")).unwrap();
    let (_, _, example) = blocks(&text).into_iter().find(|(language, ..)| language == "toml").unwrap();
    // What is commented out is valid too, where its file is there.
    let all = example.replace("# libraries =", "libraries =").replace("# baseline =", "baseline =");
    let model = "library = \"x\"\n";
    let folder = project(&[("cerbo-lint.toml", &all), ("models/ehr.toml", model), ("src/a.rs", "fn main() {}\n")]);
    assert_eq!(texts(&run_in(folder.path(), &["baseline"])).0, 0);
    let (code, _, errors) = texts(&run_in(folder.path(), &["."]));
    assert_eq!((code, errors.as_str()), (0, ""));
    for key in cerbo_lint::config::KEYS {
        let told = regex::Regex::new(&format!(r"(?m)^(# )?{key} =|^\[+{key}\]|`{key}[` ]")).unwrap();
        assert!(told.is_match(&text), "docs/configuration.md does not tell of `{key}`");
    }
}

#[test]
fn what_is_taught_is_learned() {
    let text = std::fs::read_to_string(root().join("docs/teach-your-wrapper.md")).unwrap();
    let reported = regex::Regex::new(r"([a-z]+(?:-[a-z]+)+)(?:\s+in)\s+line\s+([0-9]+)").unwrap();
    let expected: Vec<String> =
        reported.captures_iter(&text).map(|found| format!(":{} {}", &found[2], &found[1])).collect();
    assert_eq!(expected.len(), 3);
    // A manifest begins a project; a block of TOML without a path is its configuration.
    let mut projects: Vec<Vec<(String, String)>> = Vec::new();
    for (language, path, code) in blocks(&text) {
        let path = path.or_else(|| (language == "toml").then(|| "cerbo-lint.toml".to_owned())).unwrap();
        if path == "package.json" || path == "Cargo.toml" {
            projects.push(Vec::new());
        }
        projects.last_mut().unwrap().push((path, code));
    }
    assert_eq!(projects.len(), expected.len());
    for (files, expected) in projects.iter().zip(expected) {
        let files: Vec<(&str, &str)> = files.iter().map(|(path, code)| (path.as_str(), code.as_str())).collect();
        let folder = project(&files);
        let (_, found) = findings(folder.path(), &["."]);
        assert!(found.iter().any(|one| one.ends_with(&expected)), "{expected}: {found:?}");
        assert_eq!(findings(folder.path(), &["--no-config", "."]), (0, Vec::new()), "{expected} without being taught");
    }
}
