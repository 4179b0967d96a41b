//! The report for people: labelled excerpts of every file of the trail, and one line that sums up.

use super::document::Baselined;
use super::{Report, word};
use crate::error::visible;
use crate::finding::{Finding, Severity};
use crate::guard::guarded;
use crate::span::{FileId, Span};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeSet;
use std::io::Write;

/// How the report looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With colours and links.
    pub color: bool,
    /// Width in columns; longer lines of code are cut around what is labelled.
    pub width: usize,
    /// Without the findings' excerpts: the last line only.
    pub quiet: bool,
    /// With the files that were read and skipped and the time of each stage.
    pub verbose: bool,
}

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, style: Style, out: &mut dyn Write) -> std::io::Result<()> {
    if !style.quiet {
        for finding in &report.findings {
            writeln!(out, "{}\n", rendered(report, finding, style))?;
        }
    }
    for note in &report.notifications {
        let line = note.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = if note.path.is_empty() { String::new() } else { format!("{}{line}: ", visible(&note.path)) };
        writeln!(out, "note: {place}{}", visible(&note.message))?;
    }
    if style.verbose {
        details(report, out)?;
    }
    let rules: BTreeSet<&str> = report.findings.iter().map(|finding| finding.rule).collect();
    if let (Some(first), false) = (rules.first(), style.quiet) {
        let others = if rules.len() > 1 { ", and so on for each rule" } else { "" };
        writeln!(out, "Why it matters and what to write instead: cerbo-lint explain {first}{others}")?;
    }
    writeln!(out, "{}", summary(report))
}

/// One finding with its excerpts.
pub(super) fn rendered(report: &Report, finding: &Finding, style: Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() }.term_width(style.width);
    // A renderer that trips over an odd line must not cost the rest of the report.
    guarded(|| renderer.render(&[group(report, finding, style.color)]))
        .unwrap_or_else(|_| format!("{}[{}]: {}", word(finding.severity), finding.rule, visible(&finding.message)))
}

fn details(report: &Report, out: &mut dyn Write) -> std::io::Result<()> {
    for (path, reason) in &report.skipped {
        writeln!(out, "skipped: {}: {reason}", visible(path))?;
    }
    for (_, file) in report.sources.iter() {
        writeln!(out, "read closely: {}", visible(&file.path))?;
    }
    for (stage, time) in &report.stages {
        writeln!(out, "{stage}: {:.1} ms", time.as_secs_f64() * 1000.0)?;
    }
    Ok(())
}

fn summary(report: &Report) -> String {
    let numbers = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| report.count(severity));
    let time: f64 = report.stages.iter().map(|(_, time)| time.as_secs_f64()).sum();
    format!("{}; {time:.2} s", super::summary(report.scanned, numbers, report.suppressed, report.baselined))
}

/// A label: where, what it says, and whether it is the finding's own place.
struct Label {
    span: Span,
    text: String,
    primary: bool,
}

/// The labels of a finding, its own place first, then the steps of its trail by number. Steps that say the same about the
/// same place share a label.
fn labels(finding: &Finding) -> Vec<Label> {
    let mut steps: Vec<(Span, &str, Vec<String>)> = Vec::new();
    for (index, step) in finding.trail.iter().enumerate() {
        let number = (index + 1).to_string();
        match steps.iter_mut().find(|(span, note, _)| *span == step.span && *note == step.note) {
            Some((_, _, numbers)) => numbers.push(number),
            None => steps.push((step.span, &step.note, vec![number])),
        }
    }
    let mut labels = Vec::new();
    if !steps.iter().any(|(span, ..)| *span == finding.primary) {
        labels.push(Label { span: finding.primary, text: finding.label.clone(), primary: true });
    }
    let alone = steps.len() < 2;
    for (span, note, numbers) in steps {
        let text = if alone { note.to_owned() } else { format!("{}. {note}", numbers.join(", ")) };
        labels.push(Label { span, text, primary: span == finding.primary });
    }
    let related = finding.related.iter().filter(|step| finding.trail.iter().all(|other| other.span != step.span));
    labels.extend(related.map(|step| Label { span: step.span, text: step.note.clone(), primary: false }));
    labels
}

fn group(report: &Report, finding: &Finding, links: bool) -> Group<'static> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let (title, rest) = first_sentence(&finding.message);
    let mut heading = level.primary_title(visible(title)).id(finding.rule);
    if links {
        heading = heading.id_url(crate::cards::help_uri(finding.rule));
    }
    let mut files: Vec<(FileId, Vec<Label>)> = vec![(finding.primary.file, Vec::new())];
    for label in labels(finding) {
        match files.iter_mut().find(|(file, _)| *file == label.span.file) {
            Some((_, labels)) => labels.push(label),
            None => files.push((label.span.file, vec![label])),
        }
    }
    let mut group = Group::with_title(heading);
    for (file, labels) in files {
        if let Some(snippet) = snippet(report, file, labels) {
            group = group.element(snippet);
        }
    }
    if !rest.is_empty() {
        group = group.element(Level::NOTE.message(visible(rest)));
    }
    if !finding.help.is_empty() {
        group = group.element(Level::HELP.message(visible(&finding.help)));
    }
    if let Some(reason) = &finding.suppressed {
        group = group.element(Level::NOTE.message(format!("suppressed: {}", visible(reason))));
    }
    if finding.baseline == Some(Baselined::Unchanged) {
        group = group.element(Level::NOTE.message("in the baseline"));
    }
    group
}

/// The message's first sentence, and what follows it.
fn first_sentence(message: &str) -> (&str, &str) {
    match message.split_once(". ") {
        Some((first, rest)) => (first, rest),
        None => (message.trim_end_matches('.'), ""),
    }
}

/// The lines of a file that are labelled, masked, with a line around them.
fn snippet(
    report: &Report,
    file: FileId,
    labels: Vec<Label>,
) -> Option<Snippet<'static, annotate_snippets::Annotation<'static>>> {
    let source = report.sources.get(file)?;
    let line = |offset: u32| source.position(offset).line;
    let first = labels.iter().map(|label| line(label.span.start)).min()?.saturating_sub(1).max(1);
    let last = labels.iter().map(|label| line(label.span.end)).max()?.saturating_add(1).min(source.line_count());
    let (start, end) = (source.line_range(first).start, source.line_range(last).end);
    let text = source.redacted().as_str().get(start..end)?.to_owned();
    let within = |offset: u32| {
        let mut offset = (offset as usize).clamp(start, end) - start;
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let annotations: Vec<_> = labels
        .into_iter()
        .map(|label| {
            let kind = if label.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let range = within(label.span.start)..within(label.span.end.max(label.span.start));
            kind.span(range).label(visible(&label.text))
        })
        .collect();
    Some(
        Snippet::source(line_feeds(&text))
            .path(visible(&source.path))
            .line_start(first as usize)
            .annotations(annotations),
    )
}

/// The text with each lone CR as LF: the renderer counts lines by LF. Offsets stay the same.
fn line_feeds(text: &str) -> String {
    let mut letters = text.chars().peekable();
    let mut lines = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        lines.push(if letter == '\r' && letters.peek() != Some(&'\n') { '\n' } else { letter });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Step};
    use crate::source::SourceFile;

    fn rendered(text: &str, spans: &[(usize, usize)], width: usize) -> String {
        let mut report = Report::default();
        let file = report.sources.add(SourceFile::new("src/a.rs", text.as_bytes()));
        let span = |(start, end): (usize, usize)| Span::new(file, start, end);
        let primary = span(spans.first().copied().unwrap_or_default());
        let steps = spans.iter().map(|range| Step { span: span(*range), note: "here".to_owned() });
        let finding = Finding::new(
            "logged-credential",
            Severity::Error,
            Confidence::High,
            primary,
            "It is so. And this follows.",
        )
        .label("label")
        .help("write less")
        .trail(steps.collect());
        report.findings.push(finding);
        let mut out = Vec::new();
        let style = Style { color: false, width, quiet: false, verbose: false };
        assert!(write(&report, style, &mut out).is_ok());
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn the_first_sentence_is_the_title_and_the_rest_a_note() {
        let text = rendered("let a = 1;\nlog(a);\n", &[(11, 17)], 80);
        assert!(text.starts_with("error[logged-credential]: It is so\n --> src/a.rs:2:1\n"), "{text}");
        assert!(text.contains("= note: And this follows.") && text.contains("= help: write less"), "{text}");
        assert!(text.contains("^^^^^^ here"), "{text}");
    }

    #[test]
    fn steps_are_numbered_and_equal_ones_share_a_label() {
        let text = rendered("let a = 1;\nlog(a);\n", &[(11, 17), (4, 5), (4, 5)], 80);
        assert!(text.contains("^^^^^^ 1. here") && text.contains("- 2, 3. here"), "{text}");
    }

    #[test]
    fn line_breaks_of_any_kind_tabs_and_wide_letters_keep_their_places() {
        for (text, at) in [("a\r\n\tlög(b);\r\n", 4), ("a\r\tlög(b);\r", 3), ("日本語\n\t日本(b);\n", 11)] {
            let text = rendered(text, &[(at, at + 3)], 80);
            assert!(text.contains("src/a.rs:2:2") && text.contains("^ here"), "{text}");
        }
    }

    #[test]
    fn long_lines_are_cut_to_the_width() {
        let long = format!("{}log(a);{}", "x ".repeat(4000), " y".repeat(4000));
        let text = rendered(&long, &[(8000, 8006)], 80);
        assert!(text.contains("log(a);") && text.lines().all(|line| line.chars().count() < 160), "{text}");
    }

    #[test]
    fn spans_beyond_the_text_do_no_harm() {
        assert!(rendered("é", &[(1, 900)], 80).contains("It is so"));
        assert!(rendered("", &[(0, 0)], 80).contains("It is so"));
    }
}
