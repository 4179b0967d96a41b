//! The file of a baseline, and reports that are taken for one.

use super::{Baseline, Key};
use crate::error::Error;
use crate::report::read::documents;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The name that is taken when none is given.
pub const NAME: &str = "cerbo-lint-baseline.jsonl";
/// Version of the file. It changes when a line changes its meaning.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    #[serde(rename = "cerbo-lint-baseline")]
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    path: String,
    rule: String,
    identity: String,
    count: usize,
}

/// The text of a baseline: sorted, one line for each rule, path and identity.
pub fn text(baseline: &Baseline) -> String {
    let mut text = serde_json::to_string(&Head { version: VERSION }).unwrap_or_default();
    text.push('\n');
    for (key, count) in baseline {
        let Key { path, rule, identity } = key.clone();
        text.push_str(&serde_json::to_string(&Line { path, rule, identity, count: *count }).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// Reads a baseline: its own file, or a JSON or SARIF report of cerbo-lint, whose open findings are then known.
///
/// # Errors
/// When the file cannot be read or is none of these, at the line that is wrong.
pub fn read(path: &Path) -> Result<Baseline, Error> {
    let bytes = std::fs::read(path).map_err(|error| {
        Error::new(format!("the baseline cannot be read: {}", error.kind()))
            .in_file(path)
            .help("`cerbo-lint baseline` makes one of what is found now")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    if is_own(text) {
        return lines(path, text);
    }
    if let Some((number, _)) = text.lines().enumerate().find(|(_, line)| is_conflict(line)) {
        return Err(conflict(path, text, number));
    }
    let mut baseline = Baseline::new();
    for document in documents(path, text)? {
        for entry in document.findings.into_iter().filter(|entry| entry.suppression.is_none()) {
            if entry.identity.is_empty() {
                return Err(Error::new("this report has no identities of findings: a newer cerbo-lint writes them")
                    .in_file(path)
                    .help("make the report again, or a baseline with `cerbo-lint baseline`"));
            }
            *baseline
                .entry(Key { path: entry.location.path, rule: entry.rule, identity: entry.identity })
                .or_insert(0) += 1;
        }
    }
    Ok(baseline)
}

fn is_own(text: &str) -> bool {
    text.lines().take(20).any(|line| line.contains("\"cerbo-lint-baseline\""))
}

fn is_conflict(line: &str) -> bool {
    ["<<<<<<< ", ">>>>>>> "].iter().any(|mark| line.starts_with(mark)) || line == "======="
}

fn conflict(path: &Path, text: &str, line: usize) -> Error {
    at(path, text, line, "the baseline has marks of a merge conflict")
        .help("keep the lines of both sides and delete the marks; the order does not matter")
}

/// The entries of the file. Equal ones, as a merge leaves them, count once, with the greater number.
fn lines(path: &Path, text: &str) -> Result<Baseline, Error> {
    let mut baseline = Baseline::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if is_conflict(line) {
            return Err(conflict(path, text, number));
        }
        if let Ok(head) = serde_json::from_str::<Head>(line) {
            if head.version != VERSION {
                return Err(at(path, text, number, "the baseline was made by another version of cerbo-lint")
                    .help("make it again with `cerbo-lint baseline`"));
            }
            continue;
        }
        let Ok(Line { path, rule, identity, count }) = serde_json::from_str(line) else {
            return Err(at(path, text, number, "not a line of a baseline").help(
                "a line looks like {\"path\":\"src/a.rs\",\"rule\":\"polling\",\"identity\":\"4f1e90aa\",\"count\":1}",
            ));
        };
        let known = baseline.entry(Key { path, rule, identity }).or_insert(0);
        *known = (*known).max(count);
    }
    Ok(baseline)
}

fn at(path: &Path, text: &str, line: usize, message: &str) -> Error {
    let offset = text.split_inclusive('\n').take(line).map(str::len).sum();
    Error::new(message).at(path, text, offset)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn key(path: &str) -> Key {
        Key { path: path.to_owned(), rule: "polling".to_owned(), identity: "00000001".to_owned() }
    }

    #[test]
    fn what_is_written_is_read_and_merged_lines_count_once() {
        let baseline = Baseline::from([(key("b"), 1), (key("a \"é\"\n"), 3)]);
        let text = text(&baseline);
        assert_eq!(text.lines().count(), 3);
        assert_eq!(lines(Path::new("x"), &text).unwrap(), baseline);
        let (head, rest) = text.split_once('\n').unwrap();
        let merged = format!("{rest}\n{head}\n{}", rest.replace("\"count\":3", "\"count\":2"));
        assert_eq!(lines(Path::new("x"), &merged).unwrap(), baseline);
    }
}
