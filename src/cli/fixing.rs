//! `check --fix` and `--diff`.

use super::output;
use crate::adopt::write::write_all;
use crate::error::Error;
use crate::fix::apply::{Fixed, fixed, no_better};
use crate::report::{Report, counted};
use crate::scan::Request;
use std::io::Write;

/// Rounds in which files that are no better are left out.
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
    let mut files = fixed(report, all);
    for _ in 0..ROUNDS {
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
        for path in &worse {
            let path = crate::error::visible(path);
            tell_words(&format!("{path}: left as it is, its fixes make nothing better\n"));
        }
        files.retain(|file| !worse.contains(&file.path));
    }
    Ok(Vec::new())
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
    let number: usize = files.iter().map(|file| file.findings).sum();
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
