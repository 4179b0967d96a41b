//! One finding on the page: its place, the code around it with secrets masked, and the way that leads there.

use super::super::audit::place;
use super::super::{Report, word};
use super::{escaped, prose, sentence};
use crate::finding::Finding;
use crate::span::Span;
use std::fmt::Write as _;

/// Lines of code shown around a place.
const AROUND: u32 = 2;

/// Writes a finding that can be opened and closed.
pub(super) fn write(report: &Report, finding: &Finding, anchor: &str, open: bool, page: &mut String) {
    let _ = write!(
        page,
        "<details id=\"{anchor}\"{}><summary><span class=\"tag {severity}\">{severity}</span> <span class=\"message\">{}</span>\
         <span class=\"where\"><code>{}</code> {}</span></summary>",
        if open { " open" } else { "" },
        prose(&finding.message),
        escaped(&place(report, finding.primary)),
        escaped(finding.rule),
        severity = word(finding.severity),
    );
    code(report, finding.primary, AROUND, page);
    if !finding.trail.is_empty() {
        page.push_str("<p>How it comes about:</p><ol class=\"trail\">");
        for step in &finding.trail {
            let _ = write!(page, "<li>{} <code>{}</code>", prose(&step.note), escaped(&place(report, step.span)));
            if step.span != finding.primary {
                code(report, step.span, 0, page);
            }
            page.push_str("</li>");
        }
        page.push_str("</ol>");
    }
    for step in &finding.related {
        let _ = write!(page, "<p>{} <code>{}</code></p>", prose(&step.note), escaped(&place(report, step.span)));
    }
    if !finding.help.is_empty() {
        let _ = write!(page, "<p class=\"instead\"><strong>Instead:</strong> {}</p>", prose(&sentence(&finding.help)));
    }
    page.push_str("</details>\n");
}

/// The line of a place with some lines around it.
fn code(report: &Report, span: Span, around: u32, page: &mut String) {
    let Some(file) = report.sources.get(span.file) else { return };
    let line = file.position(span.start).line;
    let first = line.saturating_sub(around).max(1);
    let last = (line + around).min(file.line_count());
    page.push_str("<pre tabindex=\"0\">");
    for number in first..=last {
        let text = file.excerpt_line(number);
        let text = escaped(text.as_str().trim_end());
        let hit = if number == line && around > 0 { " class=\"hit\"" } else { "" };
        let _ = write!(page, "<span{hit}><i>{number}</i>{text}</span>");
    }
    page.push_str("</pre>");
}
