//! JSON Lines for SQL: one flat record a line, every column in every line.
//!
//! The first record of a run is of the kind `run`, so that a run without findings differs from no run; then come its
//! findings, and what could not be read.

use super::document::{Document, Entry, Told};
use crate::finding::{Confidence, Severity};
use serde::Serialize;
use std::io::Write;

/// Version of the columns.
const SCHEMA: u32 = 1;

/// What tells runs apart when many are read together.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Name of the repository.
    pub repo: Option<String>,
    /// Revision that was scanned.
    pub rev: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Run,
    Finding,
    Note,
}

/// One line.
#[derive(Serialize)]
struct Record<'r> {
    schema: u32,
    kind: Kind,
    repo: Option<&'r str>,
    rev: Option<&'r str>,
    rule: Option<&'r str>,
    severity: Option<Severity>,
    confidence: Option<Confidence>,
    path: Option<&'r str>,
    line: Option<u32>,
    col: Option<u32>,
    end_line: Option<u32>,
    end_col: Option<u32>,
    message: Option<&'r str>,
    help: Option<&'r str>,
    cwe: Option<u32>,
    fingerprint: Option<&'r str>,
    baseline: Option<super::document::Baselined>,
    suppressed: Option<bool>,
    suppression: Option<&'r str>,
    tool_version: Option<&'r str>,
    files_scanned: Option<usize>,
    files_skipped: Option<usize>,
    incomplete: Option<bool>,
}

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, labels: &Labels, out: &mut dyn Write) -> std::io::Result<()> {
    let run = Record {
        tool_version: Some(&document.tool_version),
        files_scanned: Some(document.files_scanned),
        files_skipped: Some(document.files_skipped),
        incomplete: Some(document.incomplete),
        ..empty(Kind::Run, labels)
    };
    line(&run, out)?;
    document.findings.iter().try_for_each(|entry| line(&finding(entry, labels), out))?;
    document.notifications.iter().try_for_each(|told| line(&note(told, labels), out))
}

fn line(record: &Record<'_>, out: &mut dyn Write) -> std::io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    writeln!(out)
}

fn finding<'r>(entry: &'r Entry, labels: &'r Labels) -> Record<'r> {
    let place = &entry.location;
    Record {
        rule: Some(&entry.rule),
        severity: Some(entry.severity),
        confidence: Some(entry.confidence),
        path: Some(&place.path),
        line: Some(place.start_line),
        col: Some(place.start_column),
        end_line: Some(place.end_line),
        end_col: Some(place.end_column),
        message: Some(&entry.message),
        help: Some(&entry.help),
        cwe: entry.cwe.first().copied(),
        fingerprint: Some(&entry.fingerprint),
        baseline: entry.baseline,
        suppressed: Some(entry.suppression.is_some()),
        suppression: entry.suppression.as_deref(),
        ..empty(Kind::Finding, labels)
    }
}

fn note<'r>(told: &'r Told, labels: &'r Labels) -> Record<'r> {
    Record {
        path: (!told.path.is_empty()).then_some(&told.path),
        line: told.line,
        message: Some(&told.message),
        ..empty(Kind::Note, labels)
    }
}

fn empty(kind: Kind, labels: &Labels) -> Record<'_> {
    Record {
        schema: SCHEMA,
        kind,
        repo: labels.repo.as_deref(),
        rev: labels.rev.as_deref(),
        rule: None,
        severity: None,
        confidence: None,
        path: None,
        line: None,
        col: None,
        end_line: None,
        end_col: None,
        message: None,
        help: None,
        cwe: None,
        fingerprint: None,
        baseline: None,
        suppressed: None,
        suppression: None,
        tool_version: None,
        files_scanned: None,
        files_skipped: None,
        incomplete: None,
    }
}
