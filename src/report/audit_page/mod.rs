//! The audit as one page for a browser: no script, no network, light and dark, printable.

mod finding;
mod map;

use super::audit::{Audit, DISABLE_FIRST, Judged, State, WHY_DISABLE};
use super::{Report, counted, word};
use crate::cards::card;
use crate::finding::Finding;
use jiff::civil::Date;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");
/// States in the order in which they ask for attention.
const STATES: [State; 5] = [State::Broken, State::NotAttested, State::Attested, State::Holds, State::NotApplicable];

impl Audit {
    /// As one page for a browser.
    pub fn html(&self, report: &Report) -> String {
        let shown = Shown::new(self, report);
        let mut page = String::new();
        let project = escaped(&self.project);
        let _ = write!(
            page,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{project}: audit of the use of the Cerbo API</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
        );
        self.head(&mut page);
        page.push_str("<main id=\"content\">\n");
        self.picture(&mut page);
        first_steps(&shown, report, !self.exposed.is_empty(), &mut page);
        self.statements(&mut page);
        let mut section = "";
        for one in &self.practices {
            if one.section != section {
                section = one.section;
                let _ = writeln!(page, "<h2 id=\"{}\">{}</h2>", anchor(section), escaped(section));
            }
            practice(one, &shown, report, &mut page);
        }
        map::write(report, &mut page);
        self.foot(report, &mut page);
        page
    }

    fn head(&self, page: &mut String) {
        let date: Option<Date> = self.date.parse().ok();
        let date = date.map_or_else(|| self.date.clone(), |date| date.strftime("%-d %B %Y").to_string());
        let _ = write!(
            page,
            "<header>\n<a class=\"skip\" href=\"#content\">Skip to the content</a>\n\
             <h1>{}: audit of the use of the Cerbo API</h1>\n\
             <p class=\"soft\"><time datetime=\"{}\">{}</time> · {} scanned · {} the API</p>\n",
            escaped(&self.project),
            escaped(&self.date),
            escaped(&date),
            counted(self.files_scanned, "file"),
            match self.api_calls {
                1 => "1 place calls".to_owned(),
                many => format!("{many} places call"),
            },
        );
        let _ = writeln!(page, "<p class=\"verdict\">{}</p>", escaped(&self.verdict()));
        if !self.exposed.is_empty() {
            page.push_str(
                "<p class=\"verdict urgent\">A credential is exposed: <a href=\"#first\">disable its API user first</a>.</p>\n",
            );
        }
        page.push_str("<nav aria-label=\"Parts of this page\"><ul>");
        let mut parts = vec![("picture", "Overview")];
        if self.is_broken() {
            parts.push(("first", "What to fix first"));
        }
        if self.count(State::NotAttested) > 0 {
            parts.push(("statements", "What to state"));
        }
        let mut sections: Vec<&str> = self.practices.iter().map(|one| one.section).collect();
        sections.dedup();
        let anchors: Vec<String> = sections.iter().map(|section| anchor(section)).collect();
        parts.extend(anchors.iter().map(String::as_str).zip(sections));
        parts.push(("map", "Where the API is called"));
        for (to, words) in parts {
            let _ = write!(page, "<li><a href=\"#{}\">{}</a></li>", escaped(to), escaped(words));
        }
        page.push_str("</ul></nav>\n</header>\n");
    }

    /// The audit in one or two sentences.
    fn verdict(&self) -> String {
        let all = self.practices.len();
        let broken = match self.count(State::Broken) {
            0 => format!("None of the {all} practices is broken."),
            1 => format!("1 of {all} practices is broken."),
            some => format!("{some} of {all} practices are broken."),
        };
        match self.count(State::NotAttested) {
            0 => broken,
            1 => format!("{broken} 1 has to be stated by a person."),
            some => format!("{broken} {some} have to be stated by a person."),
        }
    }

    /// Every practice as a tile that leads to it, by section.
    fn picture(&self, page: &mut String) {
        page.push_str("<h2 id=\"picture\">Overview</h2>\n<div class=\"card\"><div class=\"picture\">\n");
        let mut sections: Vec<(&str, Vec<&Judged>)> = Vec::new();
        for one in &self.practices {
            match sections.last_mut().filter(|(section, _)| *section == one.section) {
                Some((_, all)) => all.push(one),
                None => sections.push((one.section, vec![one])),
            }
        }
        for (section, practices) in sections {
            let _ = write!(page, "<p>{0}</p><ol aria-label=\"{0}\">", escaped(section));
            for one in practices {
                let _ = write!(
                    page,
                    "<li><a class=\"tile {}\" href=\"#{}\" title=\"{}\">{}<small aria-hidden=\"true\">{}</small>\
                     <span class=\"hidden\">{}: {}</span></a></li>",
                    class(one.state),
                    escaped(one.id),
                    escaped(one.text),
                    one.number,
                    sign(one.state),
                    one.state.word(),
                    escaped(one.text),
                );
            }
            page.push_str("</ol>\n");
        }
        page.push_str("</div>\n<ul class=\"legend\">");
        for state in STATES {
            let _ = write!(
                page,
                "<li class=\"tag {}\"><span aria-hidden=\"true\">{} </span>{} {}</li>",
                class(state),
                sign(state),
                self.count(state),
                state.word()
            );
        }
        page.push_str("</ul></div>\n");
    }

    /// What people have to state, and how.
    fn statements(&self, page: &mut String) {
        let open: Vec<&Judged> = self.practices.iter().filter(|one| one.state == State::NotAttested).collect();
        let Some(first) = open.first() else { return };
        let _ = write!(
            page,
            "<h2 id=\"statements\">What to state</h2>\n<div class=\"card\"><p>Code does not show these, or not all of them. Somebody who knows looks and states them, with a date until which that holds:</p>\
             <pre tabindex=\"0\"><span>cerbo-lint attest {} --by \"Name\" --valid-for 1y</span></pre><ul>",
            escaped(first.id),
        );
        for one in open {
            let expired = match one.stated {
                true => format!(" <span class=\"soft\">({})</span>", escaped(&one.because)),
                false => String::new(),
            };
            let _ = write!(
                page,
                "<li><a href=\"#{id}\">{}</a> <code class=\"id\">{id}</code>{expired}</li>",
                escaped(one.text),
                id = escaped(one.id),
            );
        }
        page.push_str("</ul></div>\n");
    }

    fn foot(&self, report: &Report, page: &mut String) {
        page.push_str(
            "<p class=\"sign\" aria-hidden=\"true\"><span>Name</span><span>Date</span><span>Signature</span></p>\n</main>\n<footer>\n",
        );
        if !self.notifications.is_empty() {
            page.push_str("<h2>What the run could not look at</h2><ul>");
            for one in &self.notifications {
                let _ = write!(page, "<li>{}</li>", prose(one));
            }
            page.push_str("</ul>\n");
        }
        let skipped = match report.skipped.len() {
            0 => String::new(),
            some => format!(" {} were set aside: binary, too large, or excluded.", counted(some, "file")),
        };
        let _ = write!(
            page,
            "<p>Made by cerbo-lint {}.{skipped} “Holds” means that the rules of this version found nothing; it is no proof. \
             “Relates to” is no statement about compliance. Credentials are masked: this page holds none.</p>\n\
             </footer>\n</body>\n</html>\n",
            escaped(self.program),
        );
    }
}

/// The open findings with the place on the page where each is told.
struct Shown<'r> {
    /// By practice and position in the report: the anchor, and whether it is told there.
    all: Vec<(&'r Finding, &'static str, String)>,
}

impl<'r> Shown<'r> {
    fn new(audit: &Audit, report: &'r Report) -> Self {
        let mut all: Vec<(&Finding, &'static str, String)> = Vec::new();
        for (index, finding) in report.open().enumerate() {
            let told = audit.practices.iter().find(|one| one.rules.contains(&finding.rule));
            all.extend(told.map(|one| (finding, one.id, format!("finding-{}", index + 1))));
        }
        Self { all }
    }
}

/// The worst first: one entry a rule, with its places.
fn first_steps(shown: &Shown<'_>, report: &Report, exposed: bool, page: &mut String) {
    let mut by_rule: BTreeMap<&str, Vec<(&Finding, &str)>> = BTreeMap::new();
    for (finding, _, anchor) in &shown.all {
        by_rule.entry(finding.rule).or_default().push((finding, anchor));
    }
    let mut entries: Vec<_> = by_rule.into_iter().collect();
    let score = |rule: &str| -> u32 {
        let score = card(rule).and_then(|card| card.security_severity.as_ref()?.parse::<f64>().ok());
        // Tenths, to be ordered.
        score.map_or(0, |score| (score * 10.0) as u32)
    };
    entries.sort_by_key(|(rule, all)| {
        (Reverse(all.iter().map(|(finding, _)| finding.severity).max()), Reverse(score(rule)), Reverse(all.len()))
    });
    if entries.is_empty() {
        return;
    }
    page.push_str("<h2 id=\"first\">What to fix first</h2>\n<ol class=\"first card\">");
    if exposed {
        let all = shown.all.iter().filter(|(finding, ..)| finding.exposes());
        let all: Vec<(&Finding, &str)> = all.map(|(finding, _, anchor)| (*finding, anchor.as_str())).collect();
        let _ = write!(
            page,
            "<li><div><p><span class=\"tag error\">at once</span> <strong>{DISABLE_FIRST}</strong></p>{}<p>{WHY_DISABLE}</p></div></li>",
            places(report, &all),
        );
    }
    for (rule, all) in entries {
        let Some((worst, _)) = all.iter().max_by_key(|(finding, _)| finding.severity) else { continue };
        let title = card(rule).map_or(rule, |card| card.title.as_str());
        let instead = card(rule).map_or("", |card| card.instead.as_str());
        let _ = write!(
            page,
            "<li><div><p><span class=\"tag {severity}\">{severity}</span> <strong>{}</strong> <code class=\"soft\">{}</code></p>\
             {}<p>{}</p></div></li>",
            prose(title),
            escaped(rule),
            places(report, &all),
            prose(instead),
            severity = word(worst.severity),
        );
    }
    page.push_str("</ol>\n");
}

/// The places of findings as a list of links, each place once.
fn places(report: &Report, all: &[(&Finding, &str)]) -> String {
    let mut places: Vec<(String, &str)> = Vec::new();
    for (finding, anchor) in all {
        let place = super::audit::place(report, finding.primary);
        if !places.iter().any(|(known, _)| *known == place) {
            places.push((place, anchor));
        }
    }
    let mut list = String::from("<ul class=\"places\">");
    for (place, anchor) in places {
        let _ = write!(list, "<li><a href=\"#{anchor}\"><code>{}</code></a></li>", escaped(&place));
    }
    list.push_str("</ul>");
    list
}

fn practice(one: &Judged, shown: &Shown<'_>, report: &Report, page: &mut String) {
    let _ = write!(
        page,
        "<section class=\"card practice\" id=\"{id}\" aria-labelledby=\"{id}-title\"><div class=\"head\">\
         <h3 id=\"{id}-title\">{}. {}</h3><span class=\"tag {}\">{}</span></div><p>{}</p>",
        one.number,
        escaped(one.text),
        class(one.state),
        one.state.word(),
        prose(&sentence(&one.because)),
        id = escaped(one.id),
    );
    let mut told = 0;
    for (finding, practice, anchor) in shown.all.iter().filter(|(finding, ..)| one.rules.contains(&finding.rule)) {
        if *practice == one.id {
            told += 1;
            finding::write(report, finding, anchor, told <= 3, page);
        } else {
            let place = escaped(&super::audit::place(report, finding.primary));
            let _ = write!(page, "<p><a href=\"#{anchor}\"><code>{place}</code> {}</a></p>", escaped(finding.rule));
        }
    }
    for accepted in &one.accepted {
        let _ = write!(
            page,
            "<p>Accepted at <code>{}</code> ({}): {}</p>",
            escaped(&accepted.place),
            escaped(accepted.rule),
            prose(&accepted.reason)
        );
    }
    page.push_str("<p class=\"soft meta\">");
    if !one.rules.is_empty() {
        let rules: Vec<String> = one.rules.iter().map(|rule| format!("<code>{}</code>", escaped(rule))).collect();
        let _ = write!(page, "Rules: {}. ", rules.join(", "));
    }
    if !one.relates_to.is_empty() {
        let _ = write!(page, "Relates to {}.", escaped(&one.relates_to.join("; ")));
    }
    page.push_str("</p></section>\n");
}

fn class(state: State) -> String {
    state.word().replace(' ', "-")
}

/// A sign for a state, so that colour alone tells nothing.
fn sign(state: State) -> &'static str {
    match state {
        State::Broken => "✕",
        State::NotAttested => "?",
        State::Attested => "✎",
        State::Holds => "✓",
        State::NotApplicable => "–",
    }
}

fn anchor(section: &str) -> String {
    format!("section-{}", section.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "-"))
}

/// Words as a sentence.
fn sentence(words: &str) -> String {
    let mut rest = words.chars();
    let first = rest.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let end = if words.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", rest.as_str())
}

/// Text in which what stands between backticks is code.
pub(super) fn prose(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (code, after))) =
        rest.split_once('`').and_then(|(before, rest)| Some((before, rest.split_once('`')?)))
    {
        let _ = write!(safe, "{}<code>{}</code>", escaped(before), escaped(code));
        rest = after;
    }
    safe.push_str(&escaped(rest));
    safe
}

pub(super) fn escaped(text: &str) -> String {
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
    fn what_stands_between_backticks_is_code() {
        assert_eq!(prose("`GET /a<b>` is & was"), "<code>GET /a&lt;b&gt;</code> is &amp; was");
        assert_eq!(prose("a ` alone, and `b`"), "a <code> alone, and </code>b`");
        assert_eq!(prose("none"), "none");
    }

    #[test]
    fn reasons_are_told_as_sentences() {
        assert_eq!(sentence("2 findings"), "2 findings.");
        assert_eq!(sentence("checked."), "Checked.");
    }
}
