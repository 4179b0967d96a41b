//! The JSON report: the document as it is.

use super::document::Document;

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    writeln!(out)
}

/// The schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document>()
        .to_value()
}
