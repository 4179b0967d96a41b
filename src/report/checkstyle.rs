//! Checkstyle: what many servers and editors read.

use super::document::{Document, Entry};
use super::xml::text;
use crate::finding::Severity;
use std::io::Write;

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<checkstyle version="4.3">"#)?;
    let open: Vec<&Entry> = document.open().collect();
    for file in open.chunk_by(|one, other| one.location.path == other.location.path) {
        let Some(first) = file.first() else { continue };
        writeln!(out, r#"  <file name="{}">"#, text(&first.location.path))?;
        for entry in file {
            error(entry, out)?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn error(entry: &Entry, out: &mut dyn Write) -> std::io::Result<()> {
    let severity = match entry.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    };
    writeln!(
        out,
        r#"    <error line="{}" column="{}" severity="{severity}" message="{}" source="cerbo-lint.{}"/>"#,
        entry.location.start_line,
        entry.location.start_column,
        text(&entry.message),
        text(&entry.rule),
    )
}
