//! Making fixes: all of a run or none, and only such as leave the files better than they were.

use crate::adopt::edits::{Edit, edited, still_parses};
use crate::adopt::write::Change;
use crate::finding::Finding;
use crate::project::kind::FileKind;
use crate::report::Report;
use crate::span::FileId;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What becomes of one file.
pub struct Fixed {
    /// Its path as shown.
    pub path: String,
    /// Where it is.
    pub place: PathBuf,
    /// The file.
    pub file: FileId,
    /// The changes of its text.
    pub edits: Vec<Edit>,
    /// How many findings they mend.
    pub findings: usize,
    before: String,
    after: String,
}

// The texts may hold secrets.
impl std::fmt::Debug for Fixed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fixed").field("path", &self.path).field("findings", &self.findings).finish()
    }
}

impl Fixed {
    /// The text with its changes, for another scan.
    pub fn bytes(&self) -> Vec<u8> {
        self.after.clone().into_bytes()
    }

    /// The change to write.
    pub fn change(&self) -> Change {
        let before = Some(self.before.clone().into_bytes());
        Change { path: self.place.clone(), before, after: self.bytes() }
    }

    /// The change as a unified diff in which no secret stands.
    pub fn diff(&self, report: &Report) -> Option<String> {
        // Masks keep every byte in its place, so that the same changes can be made to the masked text.
        let before = report.sources.get(self.file)?.redacted();
        let after = edited(before.as_str(), &self.edits)?;
        let diff = similar::TextDiff::from_lines(before.as_str(), &after);
        let path = crate::error::visible(&self.path);
        let (old, new) = (format!("a/{path}"), format!("b/{path}"));
        Some(diff.unified_diff().header(&old, &new).to_string())
    }
}

/// The files with the fixes of the open findings made; `all`: also those that are to be looked at. A fix that overlaps with
/// that of an earlier finding, or after which a file does not parse, is left out.
pub fn fixed(report: &Report, all: bool) -> Vec<Fixed> {
    let mut files: BTreeMap<FileId, (Vec<Edit>, usize)> = BTreeMap::new();
    for finding in report.open() {
        let fix = finding.fix.as_ref().filter(|fix| all || fix.safe);
        let Some(texts) = fix.and_then(|fix| fix.texts(&report.sources)) else { continue };
        // Each of today's fixes stays in the file of its finding.
        let file = finding.primary.file;
        if texts.is_empty() || texts.iter().any(|(span, _)| span.file != file) {
            continue;
        }
        let (edits, findings) = files.entry(file).or_default();
        let new: Vec<Edit> =
            texts.into_iter().map(|(span, text)| (span.range(), text)).filter(|edit| !edits.contains(edit)).collect();
        if new.iter().all(|one| edits.iter().all(|other| apart(one, other))) {
            edits.extend(new);
            *findings += 1;
        }
    }
    files.into_iter().filter_map(|(file, (edits, findings))| one(report, file, edits, findings)).collect()
}

fn apart((one, _): &Edit, (other, _): &Edit) -> bool {
    one.start != other.start && (one.end <= other.start || other.end <= one.start)
}

fn one(report: &Report, file: FileId, edits: Vec<Edit>, findings: usize) -> Option<Fixed> {
    let source = report.sources.get(file)?;
    let place = report.base.join(&source.path);
    let before = source.text().to_owned();
    // What was read is byte for byte what is on disk: neither changed since, nor of another encoding.
    let same = std::fs::read(&place).is_ok_and(|bytes| bytes == before.as_bytes());
    let after = edited(&before, &edits).filter(|after| same && *after != before)?;
    let kind = FileKind::of(&place);
    if !still_parses(kind, &place, &before, &after) {
        return None;
    }
    Some(Fixed { path: source.path.clone(), place, file, edits, findings, before, after })
}

/// The files that are no better with their fixes: something is found in them that was not before, or nothing less.
pub fn no_better(before: &Report, after: &Report, files: &[Fixed]) -> Vec<String> {
    let count = |report: &Report, path: &str| {
        let mut rules: BTreeMap<&'static str, usize> = BTreeMap::new();
        let in_file =
            |finding: &&Finding| report.sources.get(finding.primary.file).is_some_and(|file| file.path == path);
        for finding in report.open().filter(in_file) {
            *rules.entry(finding.rule).or_default() += 1;
        }
        rules
    };
    let worse = |file: &&Fixed| {
        let (old, new) = (count(before, &file.path), count(after, &file.path));
        let more = new.iter().any(|(rule, number)| *number > old.get(rule).copied().unwrap_or(0));
        more || new.values().sum::<usize>() >= old.values().sum::<usize>()
    };
    files.iter().filter(worse).map(|file| file.path.clone()).collect()
}
