//! The diagnostic format of reviewdog. Its columns count bytes of UTF-8 from one.

use super::document::{Document, Entry, Place};
use crate::finding::Severity;
use serde_json::{Value, json};

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let diagnostics: Vec<Value> = document.open().map(diagnostic).collect();
    let report = json!({
        "source": {"name": "cerbo-lint", "url": env!("CARGO_PKG_REPOSITORY")},
        "diagnostics": diagnostics,
    });
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

fn diagnostic(entry: &Entry) -> Value {
    let severity = match entry.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Note => "INFO",
    };
    let mut message = entry.message.clone();
    if !entry.help.is_empty() {
        message.push_str(&format!("\nInstead: {}", entry.help));
    }
    let stops = entry.trail.iter().chain(&entry.related).filter(|stop| stop.location != entry.location);
    let related: Vec<Value> =
        stops.map(|stop| json!({"message": stop.note, "location": location(&stop.location)})).collect();
    let mut diagnostic = json!({
        "message": message,
        "location": location(&entry.location),
        "severity": severity,
        "code": {"value": entry.rule, "url": entry.help_uri},
    });
    if let Some(fields) = diagnostic.as_object_mut() {
        let suggestions = suggestions(entry);
        if !suggestions.is_empty() {
            fields.insert("suggestions".to_owned(), json!(suggestions));
        }
        if !related.is_empty() {
            fields.insert("related_locations".to_owned(), json!(related));
        }
    }
    diagnostic
}

/// Changes in the finding's own file that can be applied without looking.
fn suggestions(entry: &Entry) -> Vec<Value> {
    let fix = entry.fix.iter().filter(|fix| fix.safe);
    fix.flat_map(|fix| &fix.edits)
        .filter(|edit| edit.location.path == entry.location.path && edit.location.byte_columns.is_some())
        .map(|edit| json!({"range": range(&edit.location), "text": edit.text}))
        .collect()
}

fn location(place: &Place) -> Value {
    json!({"path": place.path, "range": range(place)})
}

/// Lines alone where the bytes are not known.
fn range(place: &Place) -> Value {
    match place.byte_columns {
        Some((start, end)) => json!({
            "start": {"line": place.start_line, "column": start},
            "end": {"line": place.end_line, "column": end},
        }),
        None => json!({"start": {"line": place.start_line}, "end": {"line": place.end_line}}),
    }
}
