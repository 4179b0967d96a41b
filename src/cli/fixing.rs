//! `check --fix` and `--diff`.

use super::output;
use crate::adopt::write::write_all;
use crate::error::Error;
use crate::fix::apply::{Attempt, Fixed, Refusal, attempt, no_better};
use crate::report::{Report, counted};
use crate::scan::Request;
use std::collections::BTreeSet;
use std::io::Write;

/// How often the changed texts are scanned at most.
const ROUNDS: usize = 4;

/// The files to change: those that a scan of the changed texts finds better than they were. What is left out is told.
///
/// # Errors
/// When a scan fails.
pub(super) fn chosen(
    report: &Report,
    request: &Request,
    all: bool,
    judged: &dyn Fn(&Request) -> Result<Report, Error>,
) -> Result<Vec<Fixed>, Error> {
    let mut left = BTreeSet::new();
    for _ in 0..ROUNDS {
        let files = possible(report, all, &mut left);
        if files.is_empty() {
            break;
        }
        let mut changed = request.clone();
        for file in &files {
            changed.texts.insert(file.place.clone(), file.bytes());
        }
        let worse = no_better(report, &judged(&changed)?, &files);
        if worse.is_empty() {
            return Ok(files);
        }
        for path in worse {
            leave(path, Refusal::NoBetter, &mut left);
        }
    }
    Ok(Vec::new())
}

/// The files that can be changed. A fix changes all of its files or none: without one, the others are made again.
fn possible(report: &Report, all: bool, left: &mut BTreeSet<String>) -> Vec<Fixed> {
    loop {
        let Attempt { files, refused } = attempt(report, all, left);
        if refused.is_empty() {
            return files;
        }
        for (path, why) in refused {
            leave(path, why, left);
        }
    }
}

/// Leaves a file as it is, and tells so.
fn leave(path: String, why: Refusal, left: &mut BTreeSet<String>) {
    let shown = crate::error::visible(&path);
    tell_words(&format!("{shown}: left as it is, {}\n", why.words()));
    left.insert(path);
}

/// Prints what would change. Gives whether anything would.
///
/// # Errors
/// When nothing can be printed.
pub(super) fn preview(report: &Report, files: &[Fixed]) -> Result<bool, Error> {
    let diff: String = files.iter().filter_map(|file| file.diff(report)).collect();
    output::to_stdout(diff.as_bytes())?;
    tell(report, files, "would be mended");
    Ok(!files.is_empty())
}

/// Changes the files, all or none.
///
/// # Errors
/// When one cannot be written or has changed meanwhile.
pub(super) fn write(report: &Report, files: &[Fixed]) -> Result<(), Error> {
    let changes: Vec<_> = files.iter().map(Fixed::change).collect();
    write_all(&changes)?;
    tell(report, files, "mended");
    Ok(())
}

fn tell(report: &Report, files: &[Fixed], what: &str) {
    // A finding for which several files change is one.
    let number = files.iter().flat_map(|file| file.mends.values().flatten()).collect::<BTreeSet<_>>().len();
    let mut told = match number {
        0 => "nothing can be mended by itself\n".to_owned(),
        _ => format!("{} {what} in {}\n", counted(number, "finding"), counted(files.len(), "file")),
    };
    let credential = |rule: &str| crate::cards::card(rule).is_some_and(|card| card.cwe.contains(&798));
    let touched = |path: &str| files.iter().any(|file| file.path == path);
    if report.open().any(|finding| {
        let path = report.sources.get(finding.primary.file).map_or("", |file| file.path.as_str());
        credential(finding.rule) && finding.fix.is_some() && touched(path)
    }) {
        told.push_str(
            "A credential that was in the code stays known to whoever saw it: disable it and create a new one.\n",
        );
    }
    tell_words(&told);
}

/// Nobody who closes the stream wants to read it.
fn tell_words(words: &str) {
    let _ = std::io::stderr().write_all(words.as_bytes());
}
