//! Making fixes: all of a run or none, and only such as leave the files better than they were.

use crate::adopt::edits::{Edit, edited, line_end, still_parses};
use crate::adopt::write::Change;
use crate::finding::{Finding, Fix, NewLine};
use crate::project::kind::FileKind;
use crate::report::Report;
use crate::source::SourceFile;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Why a file is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// With its fixes it would have more mistakes in its language.
    Parse,
    /// It is not what was read, or not in UTF-8.
    Changed,
    /// As much is found in it as before, or something else.
    NoBetter,
}

impl Refusal {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Parse => "with its fixes it would not parse",
            Self::Changed => "it is not UTF-8, or changed while it was read",
            Self::NoBetter => "its fixes make nothing better",
        }
    }
}

/// Findings by the paths of their files: their positions among the open ones.
pub type Mended = BTreeMap<String, BTreeSet<usize>>;

/// What becomes of one file.
pub struct Fixed {
    /// Its path as shown.
    pub path: String,
    /// Where it is.
    pub place: PathBuf,
    /// The findings for which it changes.
    pub mends: Mended,
    edits: Vec<Edit>,
    /// It is a list that is not scanned, and its lines do what they say.
    list: bool,
    before: Option<String>,
    after: String,
}

// The texts may hold secrets.
impl std::fmt::Debug for Fixed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Fixed").field("path", &self.path).field("mends", &self.mends).finish_non_exhaustive()
    }
}

impl Fixed {
    /// The text with its changes, for another scan.
    pub fn bytes(&self) -> Vec<u8> {
        self.after.clone().into_bytes()
    }

    /// The change to write.
    pub fn change(&self) -> Change {
        let before = self.before.as_ref().map(|text| text.clone().into_bytes());
        Change { path: self.place.clone(), before, after: self.bytes() }
    }

    /// The change as a unified diff in which no secret stands.
    pub fn diff(&self, report: &Report) -> Option<String> {
        let path = crate::error::visible(&self.path);
        let (old, new) = (format!("a/{path}"), format!("b/{path}"));
        if self.list {
            // Nothing of it was read for secrets: only what is new is shown.
            let before = self.before.as_deref().unwrap_or("");
            let old = if self.before.is_some() { old } else { "/dev/null".to_owned() };
            let diff = similar::TextDiff::from_lines(before, &self.after);
            return Some(diff.unified_diff().context_radius(0).header(&old, &new).to_string());
        }
        // Masks keep every byte in its place, so that the same changes can be made to the masked text.
        let before = source(report, &self.path)?.redacted();
        let after = edited(before.as_str(), &self.edits)?;
        let diff = similar::TextDiff::from_lines(before.as_str(), &after);
        Some(diff.unified_diff().header(&old, &new).to_string())
    }
}

/// What fixes make of the files of a run.
#[derive(Debug, Default)]
pub struct Attempt {
    /// The files as they would be.
    pub files: Vec<Fixed>,
    /// Files that cannot be changed, with the reason.
    pub refused: Vec<(String, Refusal)>,
}

/// The changes of one file, before they are made.
#[derive(Default)]
struct Plan {
    edits: Vec<Edit>,
    lines: Vec<String>,
    mends: Mended,
}

/// The files with the fixes of the open findings made; `all`: also those that are to be looked at. Fixes are left out that
/// overlap with that of an earlier finding or change one of the files `left`.
pub fn attempt(report: &Report, all: bool, left: &BTreeSet<String>) -> Attempt {
    let mut plans: BTreeMap<String, Plan> = BTreeMap::new();
    for (number, finding) in report.open().enumerate() {
        let fix = finding.fix.as_ref().filter(|fix| all || fix.safe);
        let Some((fix, path)) = fix.zip(path(report, finding)) else { continue };
        if !left.contains(&path) {
            plan(report, fix, (&path, number), left, &mut plans);
        }
    }
    let mut made = Attempt::default();
    for (path, plan) in plans {
        match one(report, &path, plan) {
            Ok(file) => made.files.extend(file),
            Err(why) => made.refused.push((path, why)),
        }
    }
    made
}

/// Adds a fix to the plans, wholly or not at all.
fn plan(
    report: &Report,
    fix: &Fix,
    (home, number): (&str, usize),
    left: &BTreeSet<String>,
    plans: &mut BTreeMap<String, Plan>,
) {
    let Some(texts) = fix.texts(&report.sources) else { return };
    let mut edits: Vec<(String, Edit)> = Vec::new();
    for (span, text) in texts {
        let Some(file) = report.sources.get(span.file) else { return };
        edits.push((file.path.clone(), (span.range(), text)));
    }
    let free = |(path, edit): &(String, Edit)| {
        let taken = plans.get(path).map_or(&[][..], |plan| &plan.edits);
        !left.contains(path) && taken.iter().all(|other| edit == other || apart(edit, other))
    };
    if !edits.iter().all(free) || fix.lines.iter().any(|line| left.contains(&line.path)) {
        return;
    }
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for (path, edit) in edits {
        let plan = plans.entry(path.clone()).or_default();
        if !plan.edits.contains(&edit) {
            plan.edits.push(edit);
        }
        touched.insert(path);
    }
    for NewLine { path, text } in &fix.lines {
        let plan = plans.entry(path.clone()).or_default();
        if !plan.lines.contains(text) {
            plan.lines.push(text.clone());
        }
        touched.insert(path.clone());
    }
    for path in touched {
        plans.entry(path).or_default().mends.entry(home.to_owned()).or_default().insert(number);
    }
}

fn apart((one, _): &Edit, (other, _): &Edit) -> bool {
    one.start != other.start && (one.end <= other.start || other.end <= one.start)
}

fn path(report: &Report, finding: &Finding) -> Option<String> {
    report.sources.get(finding.primary.file).map(|file| file.path.clone())
}

fn source<'r>(report: &'r Report, path: &str) -> Option<&'r SourceFile> {
    report.sources.iter().map(|(_, file)| file).find(|file| file.path == path)
}

/// One file with its changes; none when they change nothing.
fn one(report: &Report, path: &str, plan: Plan) -> Result<Option<Fixed>, Refusal> {
    let place = report.base.join(path);
    let Plan { edits, lines, mends } = plan;
    if !lines.is_empty() {
        return with_lines(path, place, &lines, mends).map(Some);
    }
    let Some(source) = source(report, path) else { return Ok(None) };
    let before = source.text().to_owned();
    // What was read is byte for byte what is on disk.
    if !std::fs::read(&place).is_ok_and(|bytes| bytes == before.as_bytes()) {
        return Err(Refusal::Changed);
    }
    let Some(after) = edited(&before, &edits).filter(|after| *after != before) else { return Ok(None) };
    if !still_parses(FileKind::of(&place), &place, &before, &after) {
        return Err(Refusal::Parse);
    }
    Ok(Some(Fixed { path: path.to_owned(), place, mends, edits, list: false, before: Some(before), after }))
}

/// A list with lines at its end.
fn with_lines(path: &str, place: PathBuf, lines: &[String], mends: Mended) -> Result<Fixed, Refusal> {
    let before = match std::fs::read_to_string(&place) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(_) => return Err(Refusal::Changed),
    };
    let mut after = before.clone().unwrap_or_default();
    let end = line_end(&after);
    if !after.is_empty() && !after.ends_with(['\n', '\r']) {
        after.push_str(end);
    }
    for line in lines {
        after.extend([line.as_str(), end]);
    }
    Ok(Fixed { path: path.to_owned(), place, mends, edits: Vec::new(), list: true, before, after })
}

/// The files that are no better with their fixes: something is found in them that was not before, or nothing less in one
/// for whose findings they change.
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
    let worse = |path: &str| {
        let (old, new) = (count(before, path), count(after, path));
        new.iter().any(|(rule, number)| *number > old.get(rule).copied().unwrap_or(0))
    };
    let mended_by_lists = |path: &str| -> usize {
        files.iter().filter(|file| file.list).filter_map(|file| file.mends.get(path)).map(BTreeSet::len).sum()
    };
    let as_before = |path: &str| {
        let (old, new) = (count(before, path), count(after, path));
        new.values().sum::<usize>() >= old.values().sum::<usize>() + mended_by_lists(path)
    };
    let mended: BTreeSet<&String> = files.iter().flat_map(|file| file.mends.keys()).collect();
    let mut left: BTreeSet<String> = mended.into_iter().filter(|path| as_before(path)).cloned().collect();
    left.extend(files.iter().filter(|file| worse(&file.path)).map(|file| file.path.clone()));
    left.into_iter().collect()
}
