//! The report for people: labelled excerpts of every file of the trail, and one line that sums up.

use super::{Report, counted, word};
use crate::finding::{Finding, Severity};
use crate::span::Span;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource};
use std::io::Write;

/// How the report looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// Width in columns.
    pub width: usize,
    /// Without the findings' excerpts: the last line only.
    pub quiet: bool,
    /// With skipped files and the time of each stage.
    pub verbose: bool,
}

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, style: Style, out: &mut dyn Write) -> std::io::Result<()> {
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_width(style.width).with_links(style.color);
    if !style.quiet {
        for finding in &report.findings {
            let mut text = String::new();
            // Rendering into a string fails only when a span lies outside its text; the place is told all the same.
            if handler.render_report(&mut text, &shown(report, finding)).is_err() {
                text = format!("{}[{}]: {}\n", word(finding.severity), finding.rule, finding.message);
            }
            writeln!(out, "{text}")?;
        }
    }
    for note in &report.notifications {
        let line = note.line.map(|line| format!(":{line}")).unwrap_or_default();
        writeln!(out, "note: {}{line}: {}", note.path, note.message)?;
    }
    if style.verbose {
        for (path, reason) in &report.skipped {
            writeln!(out, "skipped: {path}: {reason}")?;
        }
        for (_, file) in report.sources.iter() {
            writeln!(out, "read: {}", file.path)?;
        }
        for (stage, time) in &report.stages {
            writeln!(out, "{stage}: {:.1} ms", time.as_secs_f64() * 1000.0)?;
        }
    }
    let files = match report.scanned {
        0 => "No files were scanned".to_owned(),
        number => format!("{} scanned", counted(number, "file")),
    };
    let of = |severity| counted(report.count(severity), word(severity));
    let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(of);
    let time: f64 = report.stages.iter().map(|(_, time)| time.as_secs_f64()).sum();
    writeln!(out, "{files}: {errors}, {warnings}, {notes}; {} suppressed; {time:.2} s", report.suppressed)
}

/// A finding, or the part of its trail in one file, as miette shows it.
#[derive(Debug)]
struct Shown {
    message: String,
    code: Option<(&'static str, Severity)>,
    help: Option<String>,
    source: NamedSource<String>,
    labels: Vec<LabeledSpan>,
    related: Vec<Shown>,
}

impl std::fmt::Display for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let (rule, severity) = self.code?;
        Some(Box::new(format!("{}[{rule}]", word(severity))))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.code.map(|(_, severity)| severity) {
            Some(Severity::Error) => miette::Severity::Error,
            Some(Severity::Warning) => miette::Severity::Warning,
            _ => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.code.map(|(rule, _)| Box::new(crate::cards::help_uri(rule)) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        if self.related.is_empty() {
            return None;
        }
        Some(Box::new(self.related.iter().map(|part| part as &dyn Diagnostic)))
    }
}

fn shown(report: &Report, finding: &Finding) -> Shown {
    let mut files: Vec<(crate::span::FileId, Vec<LabeledSpan>)> = vec![(finding.primary.file, Vec::new())];
    let mut add = |span: Span, label: String, primary: bool| {
        let label = LabeledSpan::new(Some(label), span.start as usize, (span.end - span.start.min(span.end)) as usize);
        let label = if primary {
            LabeledSpan::new_primary_with_span(label.label().map(str::to_owned), *label.inner())
        } else {
            label
        };
        match files.iter_mut().find(|(file, _)| *file == span.file) {
            Some((_, labels)) => labels.push(label),
            None => files.push((span.file, vec![label])),
        }
    };
    let own = finding.trail.iter().position(|step| step.span == finding.primary);
    if own.is_none() {
        add(finding.primary, finding.label.clone(), true);
    }
    for (index, step) in finding.trail.iter().enumerate() {
        add(step.span, format!("{}. {}", index + 1, step.note), own == Some(index));
    }
    let mut parts = files.into_iter().filter_map(|(id, labels)| {
        let file = report.sources.get(id)?;
        let source = NamedSource::new(&file.path, file.redacted().as_str().to_owned());
        let message = format!("in {}", file.path);
        Some(Shown { message, code: None, help: None, source, labels, related: Vec::new() })
    });
    let mut whole = parts.next().unwrap_or_else(|| Shown {
        message: String::new(),
        code: None,
        help: None,
        source: NamedSource::new("", String::new()),
        labels: Vec::new(),
        related: Vec::new(),
    });
    whole.related = parts.collect();
    whole.message.clone_from(&finding.message);
    whole.code = Some((finding.rule, finding.severity));
    whole.help = Some(finding.help.clone());
    whole
}
