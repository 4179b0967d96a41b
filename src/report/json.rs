//! The JSON report, version 1. Every key is always there; what is not known is null.

use super::{Report, fingerprint::fingerprints};
use crate::finding::{Confidence, Finding, Notification, Severity, Step};
use crate::span::Span;
use schemars::JsonSchema;
use serde::Serialize;

/// Version of this format. It changes when a key goes or changes its meaning.
const VERSION: u32 = 1;

/// A report of cerbo-lint.
#[derive(Serialize, JsonSchema)]
pub struct Document<'r> {
    /// Version of this format.
    version: u32,
    /// Version of the program.
    tool_version: &'r str,
    /// Files looked at.
    files_scanned: usize,
    /// Files that were left out by their kind, size or the configuration.
    files_skipped: usize,
    /// Findings that a comment suppressed.
    suppressed: usize,
    /// Whether an error in the program itself may have cost findings.
    incomplete: bool,
    /// What was found, by path and place.
    findings: Vec<Entry<'r>>,
    /// What is worth telling about the run: files that could not be read or parsed, suppressions that do nothing.
    notifications: Vec<Told<'r>>,
}

/// One finding.
#[derive(Serialize, JsonSchema)]
pub struct Entry<'r> {
    /// The rule's id.
    rule: &'r str,
    severity: Severity,
    confidence: Confidence,
    /// The rule's title.
    title: &'r str,
    /// What is wrong here. The first sentence stands alone.
    message: &'r str,
    /// What to write instead.
    help: &'r str,
    /// Numbers in the Common Weakness Enumeration.
    cwe: &'r [u32],
    /// The page that explains the rule.
    help_uri: String,
    location: Place<'r>,
    /// From source to sink, in order.
    trail: Vec<Stop<'r>>,
    /// Other places worth a look.
    related: Vec<Stop<'r>>,
    /// The same for the same finding when lines move.
    fingerprint: String,
    /// The reason of the comment that suppresses it.
    suppression: Option<&'r str>,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
pub struct Place<'r> {
    /// `/`-separated path, relative to the repository or the scanned folder.
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
    /// A few words.
    note: &'r str,
}

/// Something about the run.
#[derive(Serialize, JsonSchema)]
pub struct Told<'r> {
    /// The file it concerns; empty for the whole run.
    path: &'r str,
    /// 1-based.
    line: Option<u32>,
    message: &'r str,
    /// Whether the file was wholly left out.
    skipped: bool,
}

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let document = Document {
        version: VERSION,
        tool_version: env!("CARGO_PKG_VERSION"),
        files_scanned: report.scanned,
        files_skipped: report.skipped.len(),
        suppressed: report.suppressed,
        incomplete: report.incomplete,
        findings: report
            .findings
            .iter()
            .zip(fingerprints(report))
            .filter_map(|(finding, fingerprint)| entry(report, finding, fingerprint))
            .collect(),
        notifications: report.notifications.iter().map(told).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// The schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document<'static>>()
        .to_value()
}

fn entry<'r>(report: &'r Report, finding: &'r Finding, fingerprint: String) -> Option<Entry<'r>> {
    let card = crate::cards::card(finding.rule);
    Some(Entry {
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        title: card.map_or("", |card| &card.title),
        message: &finding.message,
        help: &finding.help,
        cwe: card.map_or(&[], |card| &card.cwe),
        help_uri: crate::cards::help_uri(finding.rule),
        location: place(report, finding.primary)?,
        trail: finding.trail.iter().filter_map(|step| stop(report, step)).collect(),
        related: finding.related.iter().filter_map(|step| stop(report, step)).collect(),
        fingerprint,
        suppression: finding.suppressed.as_deref(),
    })
}

fn told(note: &Notification) -> Told<'_> {
    Told { path: &note.path, line: note.line, message: &note.message, skipped: note.skipped }
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
