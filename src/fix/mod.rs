//! Changes that would mend findings. A rule says what is wrong and knows no language; what to write instead is found here,
//! from the tree around the finding, the source text and `rules/fixes.toml`.

pub mod apply;
mod default;
mod derived;
mod enclosing;
mod ignored;
mod left_out;
mod limit;
mod looked_up;
mod scheme;
mod sequence;
mod switch;

use crate::finding::{Finding, Fix, Hint, NewText};
use crate::program::tree::Module;
use crate::project::sides::places::SidePlaces;
use crate::source::{SourceFile, Sources};
use crate::span::Span;
use enclosing::Around;
use looked_up::Variables;
use std::path::Path;

/// A replacement, and what the new text is made of.
type Edit = (Span, Vec<NewText>);

/// Where a finding is.
struct Place<'a> {
    module: &'a Module,
    source: &'a SourceFile,
    /// What the finding is about.
    span: Span,
}

impl<'a> Place<'a> {
    /// The expressions around a span, outermost first, with the namespace of their language.
    fn around(&self) -> Around<'a> {
        enclosing::around(self.module, self.span)
    }

    /// The text between two bytes; up to the end of the file when it ends before.
    fn text(&self, start: u32, end: u32) -> &'a str {
        let whole = self.source.text();
        whole.get(start as usize..(end as usize).min(whole.len())).unwrap_or("")
    }

    /// The white space before the line in which a byte stands.
    fn indent(&self, at: u32) -> &'a str {
        let line = self.text(0, at).rsplit(['\n', '\r']).next().unwrap_or("");
        line.get(..line.len() - line.trim_start().len()).unwrap_or("")
    }

    /// What ends the lines of the file.
    fn line_end(&self) -> &'static str {
        crate::adopt::edits::line_end(self.source.text())
    }

    fn edit(&self, start: u32, end: u32, text: impl Into<String>) -> Edit {
        (Span { file: self.span.file, start, end }, vec![NewText::Words(text.into())])
    }
}

/// Adds a fix to each finding that has none and can be mended.
///
/// `base` is the folder that shown paths are relative to, `sides` tells where code runs.
pub fn propose(findings: &mut [Finding], modules: &[Module], sources: &Sources, base: &Path, sides: &SidePlaces) {
    let place = |span: Span| {
        let (module, source) = modules.get(span.file.0 as usize).zip(sources.get(span.file))?;
        Some(Place { module, source, span })
    };
    let mut variables = Variables::default();
    for (number, finding) in findings.iter_mut().enumerate().filter(|(_, finding)| finding.fix.is_none()) {
        let Some(at) = place(finding.primary) else { continue };
        finding.fix = match &finding.hint {
            Some(Hint::Ignore) => ignored::line(&at, base),
            Some(Hint::LeaveOut(logger, paths)) => place(*logger).and_then(|logger| left_out::told(&logger, paths)),
            None if finding.rule == "debug-derived-credential" => {
                let fields: Vec<Span> = finding.related.iter().map(|step| step.span).collect();
                derived::without(&at, &fields)
            }
            None => of(finding.rule, &at),
        };
        if finding.fix.is_none()
            && finding.rule == "embedded-credential"
            && let Some((fix, name, literal)) = looked_up::instead(&at, sides.at(at.span).side)
        {
            variables.add(number, name, literal);
            finding.fix = Some(fix);
        }
    }
    for number in variables.ambiguous() {
        if let Some(finding) = findings.get_mut(number) {
            finding.fix = None;
        }
    }
}

fn of(rule: &str, place: &Place<'_>) -> Option<Fix> {
    match rule {
        "cleartext-transport" => scheme::encrypted(place),
        "tls-verification-disabled" => switch::turned(place),
        "embedded-credential" | "base64-credential" => default::removed(place),
        "concurrent-requests" => limit::of_one(place).or_else(|| sequence::one_by_one(place)),
        _ => None,
    }
}

fn fix(description: impl Into<String>, safe: bool, edits: Vec<Edit>) -> Option<Fix> {
    Some(Fix { description: description.into(), safe, edits, lines: Vec::new() })
}
