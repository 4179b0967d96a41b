//! Annotations of GitHub Actions: workflow commands on standard output.

use super::concise;
use super::document::{Document, Entry};
use crate::error::visible;
use crate::finding::Severity;
use std::io::Write;

/// Annotations of each kind that are shown for a step; what comes after them is dropped without a word.
const MAX_OF_A_KIND: usize = 10;

/// Writes a report. Findings beyond what is shown as annotations are lines of the log, and one more annotation counts them.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn Write) -> std::io::Result<()> {
    let all = document.worst_first();
    let mut left: Vec<&Entry> = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let kind: Vec<&Entry> = all.iter().copied().filter(|entry| entry.severity == severity).collect();
        // One notice is kept for the number of those that are not shown.
        let shown = MAX_OF_A_KIND - usize::from(severity == Severity::Note);
        for entry in kind.iter().take(shown) {
            writeln!(out, "{}", command(entry))?;
        }
        left.extend(kind.into_iter().skip(shown));
    }
    for entry in &left {
        // Behind the white space, so that no path can begin a command.
        writeln!(out, "  - {}", concise::line(entry))?;
    }
    if !left.is_empty() {
        let findings = super::counted(left.len(), "more finding");
        writeln!(out, "::notice title=cerbo-lint::{findings} in the log of this step: {}", data(&document.summary()))?;
    }
    for note in &document.notifications {
        let place = if note.path.is_empty() { String::new() } else { format!("{}: ", visible(&note.path)) };
        writeln!(out, "  note: {place}{}", visible(&note.message))?;
    }
    writeln!(out, "{}", document.summary())
}

fn command(entry: &Entry) -> String {
    let name = match entry.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = &entry.location;
    // Columns are only valid on one line.
    let columns = match place.start_line == place.end_line && place.end_column > place.start_column {
        true => format!(",col={},endColumn={}", place.start_column, place.end_column),
        false => String::new(),
    };
    let mut message = entry.message.clone();
    if !entry.help.is_empty() {
        message.push_str("\nInstead: ");
        message.push_str(&entry.help);
    }
    for stop in entry.trail.iter().filter(|stop| stop.location != entry.location) {
        message.push_str(&format!("\n{}:{}: {}", stop.location.path, stop.location.start_line, stop.note));
    }
    format!(
        "::{name} file={},line={},endLine={}{columns},title={}::{}",
        property(&place.path),
        place.start_line,
        place.end_line,
        property(&format!("{} ({})", entry.title, entry.rule)),
        data(&message),
    )
}

/// Text as a command's message.
fn data(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// Text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
