//! Changes that would mend findings. A rule says what is wrong and knows no language; what to write instead is found here,
//! from the tree around the finding, the source text and `rules/fixes.toml`.

pub mod apply;
mod default;
mod enclosing;
mod limit;
mod scheme;
mod sequence;
mod switch;

use crate::finding::{Finding, Fix, NewText};
use crate::program::tree::Module;
use crate::source::{SourceFile, Sources};
use crate::span::Span;
use enclosing::Around;

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

    fn text(&self, start: u32, end: u32) -> &'a str {
        self.source.slice(Span { file: self.span.file, start, end })
    }

    /// What ends the lines of the file.
    fn line_end(&self) -> &'static str {
        crate::adopt::edits::line_end(self.source.text())
    }

    fn edit(&self, start: u32, end: u32, text: impl Into<String>) -> (Span, Vec<NewText>) {
        (Span { file: self.span.file, start, end }, vec![NewText::Words(text.into())])
    }
}

/// Adds a fix to each finding that has none and can be mended.
pub fn propose(findings: &mut [Finding], modules: &[Module], sources: &Sources) {
    for finding in findings.iter_mut().filter(|finding| finding.fix.is_none()) {
        let span = finding.primary;
        let (Some(module), Some(source)) = (modules.get(span.file.0 as usize), sources.get(span.file)) else {
            continue;
        };
        let place = Place { module, source, span };
        finding.fix = of(finding.rule, &place);
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

fn fix(description: impl Into<String>, safe: bool, edits: Vec<(Span, Vec<NewText>)>) -> Option<Fix> {
    Some(Fix { description: description.into(), safe, edits })
}
