//! What a report says, apart from the sources: the masked view that printers write, and the JSON report itself. It can be
//! read back, so that reports can be merged and printed again.

use super::Report;
use super::fingerprint::fingerprints;
use super::line_hash::line_hashes;
use crate::finding::{Confidence, Finding, Notification, Severity, Step};
use crate::span::{FileId, Span};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Version of this format. It changes when a key goes or changes its meaning.
pub const VERSION: u32 = 1;

/// A report of cerbo-lint. Every key is always there; what is not known is null.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Document {
    /// Version of this format.
    pub version: u32,
    /// Version of the program.
    pub tool_version: String,
    /// Files looked at.
    pub files_scanned: usize,
    /// Files that were left out by their kind, size or the configuration.
    pub files_skipped: usize,
    /// Findings that a comment suppressed.
    pub suppressed: usize,
    /// Findings that the baseline holds.
    #[serde(default)]
    pub baselined: usize,
    /// Whether an error in the program itself may have cost findings.
    pub incomplete: bool,
    /// What was found, by path and place.
    pub findings: Vec<Entry>,
    /// What is worth telling about the run: files that could not be read or parsed, suppressions that do nothing.
    pub notifications: Vec<Told>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The rule's id.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the tool is.
    pub confidence: Confidence,
    /// The rule's title.
    pub title: String,
    /// What is wrong here. The first sentence stands alone.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// Numbers in the Common Weakness Enumeration.
    pub cwe: Vec<u32>,
    /// The page that explains the rule.
    pub help_uri: String,
    /// Where it is.
    pub location: Place,
    /// From source to sink, in order.
    pub trail: Vec<Stop>,
    /// Other places worth a look.
    pub related: Vec<Stop>,
    /// A change that mends it.
    #[serde(default)]
    pub fix: Option<Change>,
    /// The same for the same finding when lines move; each one in a report has its own.
    pub fingerprint: String,
    /// What a baseline knows it by: the code around it without the secret, and a short check value of the secret.
    #[serde(default)]
    pub identity: String,
    /// Hash of its line as code scanning computes it.
    #[serde(default)]
    pub line_hash: String,
    /// Whether the baseline holds it; null when there is no baseline.
    #[serde(default)]
    pub baseline: Option<Baselined>,
    /// The reason of the comment that suppresses it.
    pub suppression: Option<String>,
}

/// What a baseline says about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Baselined {
    /// It is not in the baseline.
    New,
    /// It is in the baseline.
    Unchanged,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// `/`-separated path, relative to the repository or the scanned folder.
    pub path: String,
    /// 1-based.
    pub start_line: u32,
    /// 1-based, in Unicode code points.
    pub start_column: u32,
    /// 1-based.
    pub end_line: u32,
    /// 1-based, in Unicode code points, behind the last one.
    pub end_column: u32,
    /// Both columns in bytes of UTF-8, where the source is at hand.
    #[serde(skip)]
    pub byte_columns: Option<(u32, u32)>,
    /// Behind the last character of the first line, when there are more and the source is at hand.
    #[serde(skip)]
    pub first_line_end: Option<u32>,
}

/// One step of a trail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stop {
    /// Where.
    pub location: Place,
    /// A few words.
    pub note: String,
}

/// A change that mends a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What it does.
    pub description: String,
    /// Whether it can be applied without looking.
    pub safe: bool,
    /// What is replaced, and by what.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// What is replaced.
    pub location: Place,
    /// The new text.
    pub text: String,
}

/// Something about the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// The file it concerns; empty for the whole run.
    pub path: String,
    /// 1-based.
    pub line: Option<u32>,
    /// What happened.
    pub message: String,
    /// Whether the file was wholly left out.
    pub skipped: bool,
}

impl Document {
    /// What a report says.
    pub fn new(report: &Report) -> Self {
        let mut hashes: HashMap<FileId, Vec<String>> = HashMap::new();
        Self {
            version: VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            files_scanned: report.scanned,
            files_skipped: report.skipped.len(),
            suppressed: report.suppressed,
            baselined: report.baselined,
            incomplete: report.incomplete,
            findings: report
                .findings
                .iter()
                .zip(fingerprints(report))
                .filter_map(|(finding, (identity, fingerprint))| {
                    entry(report, finding, identity, fingerprint, &mut hashes)
                })
                .collect(),
            notifications: report.notifications.iter().map(told).collect(),
        }
    }

    /// Findings that neither a comment nor the baseline accepts.
    pub fn open(&self) -> impl Iterator<Item = &Entry> {
        self.findings.iter().filter(|entry| entry.is_open())
    }

    /// Open findings, the worst first, then by place.
    pub fn worst_first(&self) -> Vec<&Entry> {
        let mut all: Vec<&Entry> = self.open().collect();
        all.sort_by_key(|entry| std::cmp::Reverse(entry.severity));
        all
    }

    /// How many findings of a severity are open.
    pub fn count(&self, severity: Severity) -> usize {
        self.open().filter(|entry| entry.severity == severity).count()
    }

    /// One line that sums up: files, findings by severity, what is accepted.
    pub fn summary(&self) -> String {
        let numbers = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| self.count(severity));
        super::summary(self.files_scanned, numbers, self.suppressed, self.baselined)
    }
}

impl Entry {
    /// Whether neither a comment nor the baseline accepts it.
    pub fn is_open(&self) -> bool {
        self.suppression.is_none() && self.baseline != Some(Baselined::Unchanged)
    }

    /// The message's first sentence, without its full stop.
    pub fn headline(&self) -> &str {
        self.message.split(". ").next().unwrap_or(&self.message).trim_end_matches('.')
    }
}

fn entry(
    report: &Report,
    finding: &Finding,
    identity: String,
    fingerprint: String,
    hashes: &mut HashMap<FileId, Vec<String>>,
) -> Option<Entry> {
    let card = crate::cards::card(finding.rule);
    let location = place(report, finding.primary)?;
    let source = report.sources.get(finding.primary.file)?;
    let lines = hashes.entry(finding.primary.file).or_insert_with(|| line_hashes(source.text()));
    let line_hash = lines.get(location.start_line as usize - 1).cloned().unwrap_or_default();
    Some(Entry {
        rule: finding.rule.to_owned(),
        severity: finding.severity,
        confidence: finding.confidence,
        title: card.map_or(String::new(), |card| card.title.clone()),
        message: finding.message.clone(),
        help: finding.help.clone(),
        cwe: card.map_or(Vec::new(), |card| card.cwe.clone()),
        help_uri: crate::cards::help_uri(finding.rule),
        location,
        trail: finding.trail.iter().filter_map(|step| stop(report, step)).collect(),
        related: finding.related.iter().filter_map(|step| stop(report, step)).collect(),
        fix: change(report, finding),
        fingerprint,
        identity,
        line_hash,
        baseline: finding.baseline,
        suppression: finding.suppressed.clone(),
    })
}

fn told(note: &Notification) -> Told {
    Told { path: note.path.clone(), line: note.line, message: note.message.clone(), skipped: note.skipped }
}

fn place(report: &Report, span: Span) -> Option<Place> {
    let file = report.sources.get(span.file)?;
    let (start, end) = (file.position(span.start), file.position(span.end));
    let bytes =
        |line: u32, offset: u32| offset.saturating_sub(u32::try_from(file.line_range(line).start).ok()?).checked_add(1);
    Some(Place {
        path: file.path.clone(),
        start_line: start.line,
        start_column: start.column,
        end_line: end.line,
        end_column: end.column,
        byte_columns: bytes(start.line, span.start).zip(bytes(end.line, span.end)),
        first_line_end: (start.line != end.line).then(|| first_line_end(file, start.line)),
    })
}

fn first_line_end(file: &crate::source::SourceFile, line: u32) -> u32 {
    file.position(u32::try_from(file.line_range(line).end).unwrap_or(u32::MAX)).column
}

fn stop(report: &Report, step: &Step) -> Option<Stop> {
    Some(Stop { location: place(report, step.span)?, note: step.note.clone() })
}

fn change(report: &Report, finding: &Finding) -> Option<Change> {
    // Lines of files that are not read have no place that could be told.
    let fix = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty())?;
    let edit = |(span, text): (Span, String)| Some(Edit { location: place(report, span)?, text });
    let edits = fix.texts(&report.sources)?.into_iter().map(edit).collect::<Option<_>>()?;
    Some(Change { description: fix.description.clone(), safe: fix.safe, edits })
}
