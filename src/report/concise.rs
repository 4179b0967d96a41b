//! One line a finding, as compilers write them, and one line that sums up. Editors and logs read it.

use super::document::{Document, Entry};
use super::word;
use crate::error::visible;
use std::io::Write;

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn Write) -> std::io::Result<()> {
    for entry in &document.findings {
        writeln!(out, "{}", line(entry))?;
    }
    for note in &document.notifications {
        let line = note.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = if note.path.is_empty() { String::new() } else { format!("{}{line}: ", visible(&note.path)) };
        writeln!(out, "{place}note: {}", visible(&note.message))?;
    }
    writeln!(out, "{}", document.summary())
}

/// A finding in one line: `path:line:column: severity[rule] first sentence`.
pub(super) fn line(entry: &Entry) -> String {
    let place = &entry.location;
    let accepted = match entry.is_open() {
        true => "",
        false => " (accepted)",
    };
    format!(
        "{}:{}:{}: {}[{}] {}{accepted}",
        visible(&place.path),
        place.start_line,
        place.start_column,
        word(entry.severity),
        visible(&entry.rule),
        visible(entry.headline()),
    )
}
