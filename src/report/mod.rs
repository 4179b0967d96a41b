//! Reports: what a run found, written for people, programs and code scanning. They see masked text only.

pub mod audit;
mod audit_page;
pub mod checkstyle;
pub mod concise;
pub mod document;
pub mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod line_hash;
pub mod markdown;
pub mod permissions;
pub mod rdjson;
pub mod sarif;
mod xml;

use crate::finding::{Finding, Notification, Severity};
use crate::source::Sources;
use document::Baselined;

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
    /// How many findings the baseline holds.
    pub baselined: usize,
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
    /// Findings that neither a comment nor the baseline accepts.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.suppressed.is_none() && finding.baseline != Some(Baselined::Unchanged))
    }

    /// Findings of one severity that nothing accepts.
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

/// One line that sums up: files, findings by severity (errors, warnings, notes), and what is accepted.
pub(crate) fn summary(
    scanned: usize,
    [errors, warnings, notes]: [usize; 3],
    suppressed: usize,
    baselined: usize,
) -> String {
    let files = match scanned {
        0 => "No files were scanned".to_owned(),
        number => format!("{} scanned", counted(number, "file")),
    };
    let [errors, warnings, notes] =
        [(errors, "error"), (warnings, "warning"), (notes, "note")].map(|(number, word)| counted(number, word));
    let baseline = if baselined == 0 { String::new() } else { format!(", {baselined} in the baseline") };
    format!("{files}: {errors}, {warnings}, {notes}; {suppressed} suppressed{baseline}")
}
