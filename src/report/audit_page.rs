//! The audit as one page for a browser: no script, no network, light and dark, printable.

use super::audit::{Audit, State};
use super::{Report, counted};
use crate::finding::Finding;
use crate::span::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Lines of code shown around a place.
const AROUND: u32 = 2;
/// A map of more files or operations than this is a table only.
const MAX_DRAWN: usize = 24;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1c2330;--soft:#56607a;--page:#fbfbfd;--card:#fff;--line:#d9dee8;--bad:#b3261e;--badbg:#fdecea;--good:#1b6e3c;--goodbg:#e7f5ec;--open:#8a5a00;--openbg:#fff4dc;--flat:#56607a;--flatbg:#eef0f5}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9f0;--soft:#a6b0c5;--page:#12151c;--card:#1a1f29;--line:#303848;--bad:#ff9d94;--badbg:#43211f;--good:#86d8a4;--goodbg:#17372a;--open:#f3c568;--openbg:#3d3018;--flat:#a6b0c5;--flatbg:#262d3a}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}h1{font-size:1.7rem;margin:0 0 .25rem}h2{font-size:1.25rem;margin:2.5rem 0 .75rem}h3{font-size:1.02rem;margin:0;font-weight:600}
p{margin:.35rem 0}.soft{color:var(--soft)}a{color:inherit}a:focus-visible,summary:focus-visible{outline:3px solid #4c8dff;outline-offset:2px}
.sums{display:flex;flex-wrap:wrap;gap:.6rem;padding:0;margin:1.2rem 0;list-style:none}.sums li{padding:.5rem .9rem;border-radius:.6rem;font-weight:600}
.card{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.9rem 1.1rem;margin:.7rem 0}
.tag{display:inline-block;border-radius:1rem;padding:.05rem .7rem;font-size:.85rem;font-weight:600;white-space:nowrap}
.broken{color:var(--bad);background:var(--badbg)}.holds,.attested{color:var(--good);background:var(--goodbg)}.not-attested{color:var(--open);background:var(--openbg)}.not-applicable{color:var(--flat);background:var(--flatbg)}
pre{overflow-x:auto;background:var(--flatbg);border-radius:.5rem;padding:.6rem .8rem;font:13px/1.5 ui-monospace,monospace}pre mark{background:var(--badbg);color:inherit}
ol.trail{padding-left:1.4rem;margin:.4rem 0}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}code{font-family:ui-monospace,monospace;font-size:.92em}
svg text{fill:currentColor;font:12px ui-monospace,monospace}svg path{stroke:var(--soft);fill:none;opacity:.55}
@media print{body{background:#fff}.card{break-inside:avoid}details>*{display:block}}";

impl Audit {
    /// As one page for a browser.
    pub fn html(&self, report: &Report) -> String {
        let mut page = String::new();
        let _ = write!(
            page,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
             <title>Audit of the use of the Cerbo API</title><style>{STYLE}</style></head><body><main>\n\
             <h1>Audit of the use of the Cerbo API</h1>\n<p class=\"soft\">{}. {} scanned, {} of the API.</p>\n<ul class=\"sums\">",
            escaped(&self.date),
            counted(self.files_scanned, "file"),
            counted(self.api_calls, "call"),
        );
        for state in [State::Broken, State::NotAttested, State::Attested, State::Holds, State::NotApplicable] {
            let _ = write!(page, "<li class=\"{}\">{} {}</li>", class(state), self.count(state), state.word());
        }
        page.push_str("</ul>\n");
        self.first_steps(&mut page);
        let mut section = "";
        for one in &self.practices {
            if one.section != section {
                section = one.section;
                let _ = writeln!(page, "<h2>{}</h2>", escaped(section));
            }
            let _ = write!(
                page,
                "<section class=\"card\" id=\"{id}\" aria-labelledby=\"{id}-title\"><p><span class=\"tag {}\">{}</span></p>\
                 <h3 id=\"{id}-title\">{}. {}</h3><p class=\"soft\">{}</p>",
                class(one.state),
                one.state.word(),
                one.number,
                escaped(one.text),
                escaped(&one.because),
                id = escaped(one.id),
            );
            for finding in report.findings.iter().filter(|finding| one.rules.contains(&finding.rule)) {
                detail(report, finding, &mut page);
            }
            if let Some(references) = references(one.id) {
                let _ = write!(page, "<p class=\"soft\">Relates to {}</p>", escaped(references));
            }
            page.push_str("</section>\n");
        }
        map(report, &mut page);
        page.push_str("</main></body></html>\n");
        page
    }

    /// What to mend first: the broken practices, the worst findings first.
    fn first_steps(&self, page: &mut String) {
        let mut broken: Vec<_> = self.practices.iter().filter(|one| one.state == State::Broken).collect();
        broken.sort_by_key(|one| std::cmp::Reverse(one.findings.iter().map(|finding| finding.severity).max()));
        if broken.is_empty() {
            return;
        }
        page.push_str("<h2>What to mend first</h2>\n<ol class=\"card\" style=\"padding-left:2.4rem\">");
        for one in broken {
            let _ = write!(
                page,
                "<li><a href=\"#{}\">{}</a> <span class=\"soft\">({})</span></li>",
                escaped(one.id),
                escaped(one.text),
                escaped(&one.because)
            );
        }
        page.push_str("</ol>\n");
    }
}

fn detail(report: &Report, finding: &Finding, page: &mut String) {
    let _ = write!(
        page,
        "<details><summary><code>{}</code> {}: {}</summary>",
        escaped(&place(report, finding.primary)),
        escaped(finding.rule),
        escaped(&finding.message)
    );
    excerpt(report, finding.primary, page);
    if !finding.trail.is_empty() {
        page.push_str("<ol class=\"trail\">");
        for step in &finding.trail {
            let _ =
                write!(page, "<li><code>{}</code> {}</li>", escaped(&place(report, step.span)), escaped(&step.note));
        }
        page.push_str("</ol>");
    }
    let _ = write!(page, "<p>Instead: {}</p></details>", escaped(&finding.help));
}

fn excerpt(report: &Report, span: Span, page: &mut String) {
    let Some(file) = report.sources.get(span.file) else { return };
    let line = file.position(span.start).line;
    let first = line.saturating_sub(AROUND).max(1);
    let last = (line + AROUND).min(file.line_count());
    page.push_str("<pre>");
    for number in first..=last {
        let text = file.excerpt_line(number);
        let text = escaped(text.as_str().trim_end());
        let _ = match number == line {
            true => writeln!(page, "<mark>{number:>4}  {text}</mark>"),
            false => writeln!(page, "{number:>4}  {text}"),
        };
    }
    page.push_str("</pre>");
}

/// Which file calls which operation: drawn when it is small enough to be read, and as a table always.
fn map(report: &Report, page: &mut String) {
    if report.uses.is_empty() {
        return;
    }
    let mut calls: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for one in &report.uses {
        let path = report.sources.get(one.place.file).map_or("", |file| file.path.as_str());
        calls.entry(path).or_default().insert(format!("{} {}", one.method, one.path));
    }
    let operations: BTreeSet<&String> = calls.values().flatten().collect();
    page.push_str("<h2>Where the API is called</h2>\n");
    if calls.len() <= MAX_DRAWN && operations.len() <= MAX_DRAWN {
        draw(&calls, &operations.into_iter().collect::<Vec<_>>(), page);
    }
    page.push_str("<table><thead><tr><th scope=\"col\">File</th><th scope=\"col\">Operations</th></tr></thead><tbody>");
    for (path, operations) in &calls {
        let list: Vec<String> = operations.iter().map(|one| format!("<code>{}</code>", escaped(one))).collect();
        let _ = write!(page, "<tr><td><code>{}</code></td><td>{}</td></tr>", escaped(path), list.join("<br>"));
    }
    page.push_str("</tbody></table>\n");
}

fn draw(calls: &BTreeMap<&str, BTreeSet<String>>, operations: &[&String], page: &mut String) {
    let height = calls.len().max(operations.len()) * 26 + 10;
    let y = |index: usize| index * 26 + 20;
    let _ = write!(
        page,
        "<svg role=\"img\" aria-label=\"Files on the left, the operations they call on the right; the table below says the same\" viewBox=\"0 0 900 {height}\" width=\"100%\">"
    );
    for (index, (path, called)) in calls.iter().enumerate() {
        for operation in called {
            let Some(to) = operations.iter().position(|known| *known == operation) else { continue };
            let (from, to) = (y(index) - 4, y(to) - 4);
            let _ = write!(page, "<path d=\"M 380 {from} C 450 {from} 450 {to} 520 {to}\"/>");
        }
        let _ = write!(page, "<text x=\"372\" y=\"{}\" text-anchor=\"end\">{}</text>", y(index), escaped(&short(path)));
    }
    for (index, operation) in operations.iter().enumerate() {
        let _ = write!(page, "<text x=\"528\" y=\"{}\">{}</text>", y(index), escaped(&short(operation)));
    }
    page.push_str("</svg>\n");
}

/// The end of a long text.
fn short(text: &str) -> String {
    let length = text.chars().count();
    if length <= 48 { text.to_owned() } else { format!("…{}", text.chars().skip(length - 47).collect::<String>()) }
}

fn place(report: &Report, span: Span) -> String {
    match report.sources.get(span.file) {
        Some(file) => format!("{}:{}", file.path, file.position(span.start).line),
        None => String::new(),
    }
}

fn class(state: State) -> String {
    state.word().replace(' ', "-")
}

/// Parts of the security rule for health records that a practice relates to.
fn references(practice: &str) -> Option<&'static str> {
    Some(match practice {
        "least-permissions" => "45 CFR 164.502(b), 164.514(d): minimum necessary; 164.312(a): access control",
        "credentials-stored-securely" | "outside-the-public-root" | "encoding-is-not-encryption" => {
            "45 CFR 164.312(a), 164.312(d), 164.312(e): access control, authentication, transmission security"
        }
        "authorized-people-only" => "45 CFR 164.308(a)(4): information access management",
        "exposed-credentials-replaced" => "45 CFR 164.308(a)(6): security incident procedures",
        "secure-environment" => "45 CFR 164.308, 164.310, 164.312: safeguards",
        "requests-logged" => "45 CFR 164.312(b): audit controls",
        _ => return None,
    })
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
    }

    #[test]
    fn long_paths_keep_their_end() {
        let path = format!("{}/main.rs", "folder/".repeat(12));
        assert!(short(&path).ends_with("/main.rs") && short(&path).chars().count() == 48);
        assert_eq!(short("src/main.rs"), "src/main.rs");
    }
}
