//! Baselines: findings that were there when the tool came, so that only new ones fail.
//!
//! The file has one line for each rule, path and identity, with the number of findings that are equal in these. It holds no
//! line numbers, dates or messages, is sorted, and each line stands alone: git merges two of them line by line.

mod file;

pub use file::{NAME, read, text};

use crate::finding::Notification;
use crate::identity::has_secret;
use crate::report::document::Baselined;
use crate::report::{Report, counted, fingerprint::fingerprints};
use std::collections::BTreeMap;

/// What findings are known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Path, as reports show it.
    pub path: String,
    /// The rule's id.
    pub rule: String,
    /// [`crate::identity::identity`].
    pub identity: String,
}

/// Known findings: how many there are of each kind.
pub type Baseline = BTreeMap<Key, usize>;

/// What a comparison of a report with a baseline gave.
#[derive(Debug, Default)]
pub struct Compared {
    /// The findings that are not in the baseline.
    pub new: Baseline,
    /// Those that are, under their present paths.
    pub known: Baseline,
    /// What is in the baseline and no longer found, though the report covers it.
    pub gone: Baseline,
    /// What is in the baseline and outside of what the report covers.
    pub elsewhere: Baseline,
}

/// The open findings of a report.
pub fn of(report: &Report) -> Baseline {
    let mut all = Baseline::new();
    for (_, key) in open(report) {
        *all.entry(key).or_insert(0) += 1;
    }
    all
}

/// The open findings of a report, by their numbers.
fn open(report: &Report) -> Vec<(usize, Key)> {
    let key = |(index, (identity, _)): (usize, (String, String))| {
        let finding = report.findings.get(index).filter(|finding| finding.suppressed.is_none())?;
        let path = report.sources.get(finding.primary.file)?.path.clone();
        Some((index, Key { path, rule: finding.rule.to_owned(), identity }))
    };
    fingerprints(report).into_iter().enumerate().filter_map(key).collect()
}

/// Marks each finding of a report as new or known.
///
/// A finding is known by its rule, path and identity. One that is not, is known all the same when its like is gone from a
/// file that is no longer there (it was renamed), or when the very same secret is gone from another place (it was moved).
pub fn compare(report: &mut Report, baseline: &Baseline) -> Compared {
    let mut left = baseline.clone();
    let mut compared = Compared::default();
    let mut unmatched = Vec::new();
    for (index, key) in open(report) {
        match take(&mut left, &key) {
            true => know(report, &mut compared, index, key),
            false => unmatched.push((index, key)),
        }
    }
    for (index, key) in unmatched {
        let moved = left
            .keys()
            .find(|old| old.rule == key.rule && old.identity == key.identity && has_moved(report, old))
            .cloned();
        match moved.filter(|old| take(&mut left, old)) {
            Some(_) => know(report, &mut compared, index, key),
            None => {
                if let Some(finding) = report.findings.get_mut(index) {
                    finding.baseline = Some(Baselined::New);
                }
                *compared.new.entry(key).or_insert(0) += 1;
            }
        }
    }
    for (key, count) in left {
        let covered = report.covers(&key.path) && report.asks_for(&key.rule) && was_read(report, &key.path);
        let side = if covered { &mut compared.gone } else { &mut compared.elsewhere };
        side.insert(key, count);
    }
    report.baselined = compared.known.values().sum();
    compared
}

/// Whether what is not found in a file is not there: nothing kept the run from reading it.
fn was_read(report: &Report, path: &str) -> bool {
    !report.incomplete && report.notifications.iter().all(|note| note.path != path)
}

/// Whether what a baseline knows can have come to stand elsewhere.
fn has_moved(report: &Report, old: &Key) -> bool {
    !report.base.join(&old.path).exists() || (has_secret(&old.identity) && report.covers(&old.path))
}

fn know(report: &mut Report, compared: &mut Compared, index: usize, key: Key) {
    if let Some(finding) = report.findings.get_mut(index) {
        finding.baseline = Some(Baselined::Unchanged);
    }
    *compared.known.entry(key).or_insert(0) += 1;
}

/// Takes one finding of a kind out.
fn take(left: &mut Baseline, key: &Key) -> bool {
    match left.get_mut(key) {
        Some(1) => left.remove(key).is_some(),
        Some(count) => {
            *count -= 1;
            true
        }
        None => false,
    }
}

/// Leaves the known findings out of a report, or in it when they are asked for, and tells what the baseline holds in vain.
pub fn apply(report: &mut Report, baseline: &Baseline, shown: &str, keep: bool) {
    let compared = compare(report, baseline);
    report.findings.retain(|finding| keep || finding.baseline != Some(Baselined::Unchanged));
    let gone: usize = compared.gone.values().sum();
    if let (Some(first), false) = (compared.gone.keys().next(), report.partial) {
        let verb = if gone == 1 { "is" } else { "are" };
        let message = format!(
            "{} of the baseline {verb} no longer found, the first is {} in {}: `cerbo-lint baseline` takes them out",
            counted(gone, "finding"),
            first.rule,
            first.path
        );
        report.notifications.push(Notification { path: shown.to_owned(), line: None, message, skipped: false });
    }
}
