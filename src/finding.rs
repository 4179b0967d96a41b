//! Findings: what rules report and printers show.

use crate::span::Span;
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Breaks a practice.
    Warning,
    /// Exposes credentials or patient data.
    Error,
}

/// How sure the tool is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely.
    Medium,
    /// Shown by the trail.
    High,
}

/// One step from the source of a value to where it does harm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// Where.
    pub span: Span,
    /// A few words. Never contains source text that could be a secret.
    pub note: String,
}

/// A change that would mend a finding.
#[derive(Clone, Debug)]
pub struct Fix {
    /// What it does.
    pub description: String,
    /// Whether it can be applied without looking.
    pub safe: bool,
    /// Replacements: where, and what the new text is made of.
    pub edits: Vec<(Span, Vec<NewText>)>,
    /// Lines added to files of another kind.
    pub lines: Vec<NewLine>,
}

/// A line that a file gets at its end; the file is made when there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NewLine {
    /// The file, from the folder that shown paths are relative to.
    pub path: String,
    /// The line, without what ends it.
    pub text: String,
}

/// What a rule knows about mending a finding that the places of the finding do not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Git shall ignore the file.
    Ignore,
    /// A logger can leave fields out: where it is made, and the paths of the fields.
    LeaveOut(Span, Vec<Vec<String>>),
}

/// A part of what replaces something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewText {
    /// Written anew.
    Words(String),
    /// What stands here now.
    Kept(Span),
}

impl Fix {
    /// The replacements as texts; none when a part of one does not fit the sources.
    pub fn texts(&self, sources: &crate::source::Sources) -> Option<Vec<(Span, String)>> {
        let part = |part: &NewText| match part {
            NewText::Words(words) => Some(words.clone()),
            NewText::Kept(span) => sources.get(span.file)?.text().get(span.range()).map(str::to_owned),
        };
        let one =
            |(span, parts): &(Span, Vec<NewText>)| Some((*span, parts.iter().map(part).collect::<Option<String>>()?));
        self.edits.iter().map(one).collect()
    }
}

/// One finding, before suppression and fingerprinting.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The primary location.
    pub primary: Span,
    /// A few words at the primary location.
    pub label: String,
    /// The message. Its first sentence stands alone; it never contains a secret.
    pub message: String,
    /// What to do instead, for this very place.
    pub help: String,
    /// From source to sink, in order, across files. Empty when the primary location says it all.
    pub trail: Vec<Step>,
    /// Other places worth a look.
    pub related: Vec<Step>,
    /// What is known about mending it.
    pub hint: Option<Hint>,
    /// A fix, where there is one.
    pub fix: Option<Fix>,
    /// The reason of the comment that suppresses it.
    pub suppressed: Option<String>,
    /// Whether the baseline holds it; none without a baseline.
    pub baseline: Option<crate::report::document::Baselined>,
}

/// What every message about a credential that others may have asks for.
const DISABLE: &str = "isable the API user in the Cerbo interface";

impl Finding {
    /// Whether others may have a credential because of it: the API user has to be disabled before anything else.
    pub fn exposes(&self) -> bool {
        self.message.contains(DISABLE)
    }

    /// A finding of `rule` at `primary`; severity and confidence start at the card's values in
    /// [`crate::rules`] and may be changed with the builder methods.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        confidence: Confidence,
        primary: Span,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            severity,
            confidence,
            primary,
            label: String::new(),
            message: message.into(),
            help: String::new(),
            trail: Vec::new(),
            related: Vec::new(),
            hint: None,
            fix: None,
            suppressed: None,
            baseline: None,
        }
    }

    /// Sets the words at the primary location.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Sets what to do instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Sets the trail.
    #[must_use]
    pub fn trail(mut self, trail: Vec<Step>) -> Self {
        self.trail = trail;
        self
    }

    /// Adds a place worth a look.
    #[must_use]
    pub fn related(mut self, span: Span, note: impl Into<String>) -> Self {
        self.related.push(Step { span, note: note.into() });
        self
    }

    /// Tells what is known about mending it.
    #[must_use]
    pub fn hint(mut self, hint: Option<Hint>) -> Self {
        self.hint = hint;
        self
    }

    /// Changes how sure the tool is.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }
}

/// Something about the run worth telling: an unreadable file, one that did not parse, a bad suppression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Path relative to the scanned root, `/`-separated; empty when it concerns the whole run.
    pub path: String,
    /// 1-based line, where known.
    pub line: Option<u32>,
    /// What happened. Never contains source text.
    pub message: String,
    /// Whether the file was wholly left out.
    pub skipped: bool,
}
