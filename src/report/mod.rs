//! Reports: what a run found, written for people, programs and code scanning. They see masked text only.

pub mod audit;
mod audit_page;
pub mod cargo;
pub mod checkstyle;
pub mod concise;
pub mod document;
pub mod fingerprint;
pub mod github;
pub mod gitlab;
pub mod history;
pub mod human;
pub mod json;
pub mod jsonl;
pub mod junit;
pub mod line_hash;
pub mod markdown;
pub mod permissions;
pub mod rdjson;
pub mod read;
pub mod sarif;
mod xml;

use crate::finding::{Finding, Notification, Severity};
use crate::project::changes::Changes;
use crate::source::Sources;
use crate::span::Span;
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
    /// What the project is made of.
    pub surroundings: crate::surroundings::Surroundings,
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
    /// The folder that shown paths are relative to.
    pub base: std::path::PathBuf,
    /// The files and folders that were asked for, as shown paths; empty names everything below the base.
    pub asked: Vec<String>,
    /// Rules that were asked for; empty means all.
    pub select: Vec<String>,
    /// Rules that were not asked for.
    pub ignore: Vec<String>,
    /// Whether some findings of the files that were asked for are left out.
    pub partial: bool,
    /// Names of the stages of the run and the time each took.
    pub stages: Vec<(&'static str, std::time::Duration)>,
}

impl Report {
    /// Whether a path, as it is shown, was asked for.
    pub fn covers(&self, path: &str) -> bool {
        let below = |folder: &String| {
            folder.is_empty()
                || path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.asked.iter().any(below)
    }

    /// Whether a rule was asked for.
    pub fn asks_for(&self, rule: &str) -> bool {
        (self.select.is_empty() || self.select.iter().any(|name| name == rule))
            && !self.ignore.iter().any(|name| name == rule)
    }

    /// Findings that neither a comment nor the baseline accepts.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.suppressed.is_none() && finding.baseline != Some(Baselined::Unchanged))
    }

    /// Leaves only the findings that changed lines have to do with: their own, those of their trail or of related places.
    pub fn keep_changed(&mut self, changes: &Changes) {
        let sources = &self.sources;
        let touched = |span: Span| {
            sources.get(span.file).is_some_and(|file| {
                changes.touch(&file.path, file.position(span.start).line, file.position(span.end).line)
            })
        };
        self.findings.retain(|finding| {
            let steps = finding.trail.iter().chain(&finding.related).map(|step| step.span);
            std::iter::once(finding.primary).chain(steps).any(touched)
        });
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
