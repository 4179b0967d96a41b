//! The JSON report, version 1.

use super::{Report, fingerprint::fingerprints};
use crate::finding::{Confidence, Severity, Step};
use crate::span::Span;
use schemars::JsonSchema;
use serde::Serialize;

/// A whole report.
#[derive(Serialize, JsonSchema)]
pub struct Document<'r> {
    /// Version of this format.
    version: u32,
    /// Files looked at.
    files_scanned: usize,
    /// Findings that a comment suppressed.
    suppressed: usize,
    findings: Vec<Entry<'r>>,
    notifications: Vec<Told<'r>>,
}

/// One finding.
#[derive(Serialize, JsonSchema)]
pub struct Entry<'r> {
    rule: &'r str,
    severity: Severity,
    confidence: Confidence,
    message: &'r str,
    help: &'r str,
    location: Place<'r>,
    /// From source to sink, in order.
    trail: Vec<Stop<'r>>,
    /// The same for the same finding when lines move.
    fingerprint: String,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
pub struct Place<'r> {
    /// `/`-separated path.
    path: &'r str,
    /// 1-based.
    start_line: u32,
    /// 1-based, in Unicode code points.
    start_column: u32,
    /// 1-based.
    end_line: u32,
    /// 1-based, in Unicode code points, behind the last one.
    end_column: u32,
}

/// One step of a trail.
#[derive(Serialize, JsonSchema)]
pub struct Stop<'r> {
    location: Place<'r>,
    note: &'r str,
}

/// Something about the run.
#[derive(Serialize, JsonSchema)]
pub struct Told<'r> {
    path: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    message: &'r str,
}

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let identities = fingerprints(report);
    let entries = report.findings.iter().zip(identities).filter_map(|(finding, fingerprint)| {
        Some(Entry {
            rule: finding.rule,
            severity: finding.severity,
            confidence: finding.confidence,
            message: &finding.message,
            help: &finding.help,
            location: place(report, finding.primary)?,
            trail: finding.trail.iter().filter_map(|step| stop(report, step)).collect(),
            fingerprint,
        })
    });
    let told = |note: &'_ crate::finding::Notification| (note.path.clone(), note.line, note.message.clone());
    let told: Vec<_> = report.notifications.iter().map(told).collect();
    let document = Document {
        version: 1,
        files_scanned: report.scanned,
        suppressed: report.suppressed,
        findings: entries.collect(),
        notifications: told.iter().map(|(path, line, message)| Told { path, line: *line, message }).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// The schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document<'static>).to_value()
}

fn place(report: &Report, span: Span) -> Option<Place<'_>> {
    let file = report.sources.get(span.file)?;
    let (start, end) = (file.position(span.start), file.position(span.end));
    let path = &file.path;
    Some(Place { path, start_line: start.line, start_column: start.column, end_line: end.line, end_column: end.column })
}

fn stop<'r>(report: &'r Report, step: &'r Step) -> Option<Stop<'r>> {
    Some(Stop { location: place(report, step.span)?, note: &step.note })
}
