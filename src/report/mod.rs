//! Reports: what a run found, written for people, programs and code scanning. They see masked text only.

pub mod audit;
mod audit_page;
pub mod fingerprint;
pub mod human;
pub mod json;
pub mod line_hash;
pub mod permissions;
pub mod sarif;

use crate::finding::{Finding, Notification, Severity};
use crate::source::Sources;

/// What a run found, ready to be written.
#[derive(Debug, Default)]
pub struct Report {
    /// The files that were read closely.
    pub sources: Sources,
    /// Findings to show, by path and place; suppressed ones among them only when they were asked for.
    pub findings: Vec<Finding>,
    /// Every call of the API.
    pub uses: Vec<crate::usage::Use>,
    /// Whether the API is only asked for anonymized data where it can be.
    pub anonymized: bool,
    /// How many findings a comment suppressed.
    pub suppressed: usize,
    /// What is worth telling about the run.
    pub notifications: Vec<Notification>,
    /// Files looked at.
    pub scanned: usize,
    /// Files that were not read, and why.
    pub skipped: Vec<(String, &'static str)>,
    /// Whether an error in the program itself may have cost findings.
    pub incomplete: bool,
    /// Names of the stages of the run and the time each took.
    pub stages: Vec<(&'static str, std::time::Duration)>,
}

impl Report {
    /// Findings that nothing suppresses.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.suppressed.is_none())
    }

    /// Findings of one severity that nothing suppresses.
    pub fn count(&self, severity: Severity) -> usize {
        self.open().filter(|finding| finding.severity == severity).count()
    }
}

/// The word for a severity.
pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// A number and a noun in the right form.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
