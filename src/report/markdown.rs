//! Markdown for the summary of a CI job: the numbers, and a table of the worst findings.

use super::counted;
use super::document::{Document, Entry};
use super::word;
use crate::error::visible;
use std::io::Write;

/// Rows of the table. A summary may have 1 MiB; more rows than these are read by nobody.
const MAX_ROWS: usize = 100;
/// Notes on the run.
const MAX_NOTES: usize = 20;

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "## cerbo-lint\n\n{}\n", document.summary())?;
    let all = document.worst_first();
    if !all.is_empty() {
        writeln!(out, "| | Rule | Place | Finding |\n|---|---|---|---|")?;
    }
    for entry in all.iter().take(MAX_ROWS) {
        writeln!(out, "{}", row(entry))?;
    }
    if all.len() > MAX_ROWS {
        writeln!(out, "\n{} not shown.", counted(all.len() - MAX_ROWS, "more finding"))?;
    }
    if !document.notifications.is_empty() {
        writeln!(out)?;
    }
    for note in document.notifications.iter().take(MAX_NOTES) {
        let line = note.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place =
            if note.path.is_empty() { String::new() } else { format!("{}: ", code(&format!("{}{line}", note.path))) };
        writeln!(out, "- {place}{}", plain(&note.message))?;
    }
    if document.notifications.len() > MAX_NOTES {
        writeln!(out, "- and {}", counted(document.notifications.len() - MAX_NOTES, "more note"))?;
    }
    Ok(())
}

fn row(entry: &Entry) -> String {
    let place = &entry.location;
    let help = if entry.help.is_empty() { String::new() } else { format!("<br>Instead: {}", plain(&entry.help)) };
    format!(
        "| {} | [{}]({}) | {} | {}{help} |",
        word(entry.severity),
        plain(&entry.rule),
        entry.help_uri,
        code(&format!("{}:{}", place.path, place.start_line)),
        plain(&entry.message),
    )
}

/// Text in which nothing is markup, on one line.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in visible(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A name behind it would be told about it.
            '@' => escaped.push_str("@\u{200b}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Text as code in a cell of a table.
fn code(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<code>{}</code>",
        text.replace('|', "&#124;").replace('`', "&#96;").replace('*', "&#42;").replace('_', "&#95;")
    )
}
