//! `merge`: several reports as one.

use super::options::{Format, MergeOptions};
use super::{code, output, style_of};
use crate::error::Error;
use crate::report::read::{documents, merged};

/// Writes the reports that are named as one. The exit code is that of a scan with the same findings.
///
/// # Errors
/// When a file cannot be read or is no report, or the output fails.
pub(super) fn merge(options: &MergeOptions) -> Result<u8, Error> {
    let targets = output::targets(&options.report, Format::Concise)?;
    let mut all = Vec::new();
    for path in &options.reports {
        let text = std::fs::read(path)
            .map_err(|error| Error::new(format!("the report cannot be read: {}", error.kind())).in_file(path))?;
        all.extend(documents(path, &String::from_utf8_lossy(&text))?);
    }
    let document = merged(all);
    let shown = output::Shown { report: None, document: &document, style: style_of(false) };
    output::write(&targets, &shown, &options.report)?;
    Ok(code(&document, &options.report, None))
}
