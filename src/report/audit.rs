//! The audit: every practice of the vendor's list with its state.

use super::Report;
use crate::config::Config;
use crate::finding::{Notification, Severity};
use crate::knowledge::practices::{self, Practice, Where};
use crate::usage::Use;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// An audit of one project.
#[derive(Debug, Serialize)]
pub struct Audit {
    /// Version of this format.
    version: u32,
    /// The project: the name of its folder.
    pub(super) project: String,
    /// Version of the program.
    pub(super) program: &'static str,
    /// The day it was made, in UTC.
    pub(super) date: String,
    pub(super) files_scanned: usize,
    /// What the run could not look at or is not sure of.
    pub(super) notifications: Vec<String>,
    /// Places in the code that call the API.
    pub(super) api_calls: usize,
    /// Places at which a credential is exposed: the API user has to be disabled before anything is mended.
    pub(super) exposed: Vec<String>,
    pub(super) practices: Vec<Judged>,
}

/// What to do before anything is mended, when a credential is exposed, and why.
pub(super) const DISABLE_FIRST: &str =
    "Disable the exposed API user in the Cerbo interface and request new credentials";
pub(super) const WHY_DISABLE: &str =
    "Whoever has seen one of these places has the old ones; taking them out of the code does not change that.";

/// One practice with its state.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    /// Its number in the vendor's list, from 1.
    pub(super) number: usize,
    pub(super) id: &'static str,
    pub(super) section: &'static str,
    pub(super) text: &'static str,
    pub(super) state: State,
    /// Why that is its state, in one sentence.
    pub(super) because: String,
    /// Whether somebody stated it, whatever that is worth today.
    pub(super) stated: bool,
    /// The rules of this version that check it.
    pub(super) rules: Vec<&'static str>,
    pub(super) findings: Vec<Place>,
    /// Findings that a comment accepts, with its reason.
    pub(super) accepted: Vec<Accepted>,
    /// Parts of the rules for health records and weaknesses that it relates to.
    pub(super) relates_to: Vec<String>,
}

/// A finding that a comment accepts.
#[derive(Debug, Serialize)]
pub(super) struct Accepted {
    pub(super) rule: &'static str,
    /// `path:line`.
    pub(super) place: String,
    pub(super) reason: String,
}

/// A finding in short.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    /// `path:line`.
    pub(super) place: String,
    pub(super) message: String,
}

/// The state of a practice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Rules check it and found nothing.
    Holds,
    /// Rules found something.
    Broken,
    /// Somebody states it, and the statement is valid.
    Attested,
    /// It has to be stated and is not, or no longer.
    NotAttested,
    /// Nothing of the kind is in the project, or no rule of this version checks it.
    NotApplicable,
}

impl State {
    pub(super) fn word(self) -> &'static str {
        match self {
            State::Holds => "holds",
            State::Broken => "broken",
            State::Attested => "attested",
            State::NotAttested => "not attested",
            State::NotApplicable => "not applicable",
        }
    }
}

/// Judges every practice by a report of the project of this name. `today` decides which attestations are still valid.
pub fn audit(report: &Report, config: &Config, project: &str, today: Date) -> Audit {
    let practices =
        practices::all().iter().enumerate().map(|(index, practice)| judge(report, config, today, index + 1, practice));
    Audit {
        version: 1,
        project: project.to_owned(),
        program: env!("CARGO_PKG_VERSION"),
        date: today.to_string(),
        notifications: report.notifications.iter().map(notification).collect(),
        files_scanned: report.scanned,
        api_calls: report.uses.len(),
        exposed: exposed(report),
        practices: practices.collect(),
    }
}

/// Where open findings say that a credential is exposed, each place once.
fn exposed(report: &Report) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for finding in report.open().filter(|finding| finding.exposes()) {
        let place = place(report, finding.primary);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

fn judge(report: &Report, config: &Config, today: Date, number: usize, practice: &'static Practice) -> Judged {
    let known = crate::cards::ids();
    let off = |rule: &str| matches!(config.severity.get(rule), Some(crate::config::Level::Off));
    let named = practice.rules.iter().map(String::as_str);
    let rules: Vec<&'static str> = named.filter(|rule| known.contains(rule) && !off(rule)).collect();
    let accepted: Vec<Accepted> = report
        .findings
        .iter()
        .filter(|finding| rules.contains(&finding.rule))
        .filter_map(|finding| {
            let reason = finding.suppressed.clone()?;
            Some(Accepted { rule: finding.rule, place: place(report, finding.primary), reason })
        })
        .collect();
    let findings: Vec<Place> = report
        .open()
        .filter(|finding| rules.contains(&finding.rule))
        .map(|finding| Place {
            rule: finding.rule,
            severity: finding.severity,
            place: place(report, finding.primary),
            message: finding.message.clone(),
        })
        .collect();
    let attestation = config.attestations.iter().filter(|one| one.practice == practice.id).max_by_key(|one| one.until);
    let (state, because) = if !findings.is_empty() {
        (State::Broken, super::counted(findings.len(), "finding"))
    } else if let Some(one) = attestation.filter(|one| one.until >= today && one.on <= today) {
        let note = one.note.as_ref().map_or(String::new(), |note| format!(": {note}"));
        (State::Attested, format!("stated by {} on {}, valid until {}{note}", one.by, one.on, one.until))
    } else if practice.attest {
        match attestation {
            Some(one) if one.on > today => {
                (State::NotAttested, format!("the statement of {} is dated {}, which is still to come", one.by, one.on))
            }
            Some(one) => (State::NotAttested, format!("the statement of {} was valid until {}", one.by, one.until)),
            None if rules.is_empty() => {
                (State::NotAttested, "no code shows it; `cerbo-lint attest` states it".to_owned())
            }
            None => (
                State::NotAttested,
                format!(
                    "what code shows of it is checked by {}, nothing found; the rest is for a person to state with `cerbo-lint attest`",
                    super::counted(rules.len(), "rule")
                ),
            ),
        }
    } else if rules.is_empty() {
        (State::NotApplicable, "no rule that is switched on checks it".to_owned())
    } else if report.uses.is_empty() && practice.section == "Performance" {
        (State::NotApplicable, "no call of the API was found".to_owned())
    } else if let Some(because) = practice.only_where.and_then(|only_where| missing(report, only_where)) {
        (State::NotApplicable, because.to_owned())
    } else {
        let accepted = match accepted.len() {
            0 => String::new(),
            some => format!("; {} accepted by comments", super::counted(some, "place")),
        };
        (State::Holds, format!("checked by {}, nothing found{accepted}", super::counted(rules.len(), "rule")))
    };
    let weaknesses: BTreeSet<u32> =
        rules.iter().filter_map(|rule| crate::cards::card(rule)).flat_map(|card| card.cwe.clone()).collect();
    let weaknesses = weaknesses.into_iter().map(|number| format!("CWE-{number}"));
    Judged {
        number,
        id: &practice.id,
        section: &practice.section,
        text: &practice.text,
        state,
        because,
        stated: attestation.is_some(),
        rules,
        findings,
        accepted,
        relates_to: practice.relates_to.iter().cloned().chain(weaknesses).collect(),
    }
}

/// Why a practice does not apply: what the project does not do. A call of which too little is known may do it.
fn missing(report: &Report, only_where: Where) -> Option<&'static str> {
    let uses = &report.uses;
    if uses.iter().any(|one| one.operation.is_none()) {
        return None;
    }
    let (does, because) = match only_where {
        Where::Updates => {
            let updates = |one: &Use| matches!(one.method.as_str(), "PATCH" | "PUT");
            (uses.iter().any(updates), "no call of this project is an update")
        }
        Where::Bulk => (uses.iter().any(|one| one.bulk), "no call of this project is repeated for pages or records"),
        Where::Details => {
            let details = |one: &Use| one.operation.is_some_and(|operation| operation.kind == "extended");
            (uses.iter().any(details), "no call of this project fetches extended details")
        }
    };
    (!does).then_some(because)
}

fn notification(one: &Notification) -> String {
    match (one.path.as_str(), one.line) {
        ("", _) => one.message.clone(),
        (path, Some(line)) => format!("{path}:{line}: {}", one.message),
        (path, None) => format!("{path}: {}", one.message),
    }
}

pub(super) fn place(report: &Report, span: crate::span::Span) -> String {
    match report.sources.get(span.file) {
        Some(file) => format!("{}:{}", file.path, file.position(span.start).line),
        None => String::new(),
    }
}

impl Audit {
    /// Whether any practice is broken.
    pub fn is_broken(&self) -> bool {
        self.practices.iter().any(|one| one.state == State::Broken)
    }

    pub(super) fn count(&self, state: State) -> usize {
        self.practices.iter().filter(|one| one.state == state).count()
    }

    fn summary(&self) -> String {
        let states = [State::Broken, State::NotAttested, State::Attested, State::Holds, State::NotApplicable];
        let parts = states.iter().map(|state| format!("{} {}", self.count(*state), state.word()));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// As JSON.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// For people at a terminal.
    pub fn human(&self) -> String {
        let mut text = format!("{}: {} practices: {}\n", self.project, self.practices.len(), self.summary());
        if !self.exposed.is_empty() {
            let _ = writeln!(text, "\nFirst: {DISABLE_FIRST}. {WHY_DISABLE}");
            self.exposed.iter().for_each(|place| {
                let _ = writeln!(text, "  - {place}");
            });
        }
        let mut section = "";
        for one in &self.practices {
            if one.section != section {
                section = one.section;
                let _ = writeln!(text, "\n{section}");
            }
            let _ = writeln!(text, "{:>4}  {:<14}  {}", one.number, one.state.word(), one.text);
            let _ = writeln!(text, "{:22}  {} ({})", "", one.because, one.id);
            for finding in &one.findings {
                let _ = writeln!(
                    text,
                    "{:22}  - {} {}: {}",
                    "",
                    finding.place,
                    finding.rule,
                    first_sentence(&finding.message)
                );
            }
            for accepted in &one.accepted {
                let _ =
                    writeln!(text, "{:22}  - {} {}: accepted: {}", "", accepted.place, accepted.rule, accepted.reason);
            }
        }
        text
    }

    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut text =
            format!("# {}: audit of the use of the Cerbo API\n\n{}: {}.\n", self.project, self.date, self.summary());
        let _ = writeln!(text, "\n{} files scanned, {} places call the API.", self.files_scanned, self.api_calls);
        if !self.exposed.is_empty() {
            let places: Vec<String> = self.exposed.iter().map(|place| format!("`{place}`")).collect();
            let _ = writeln!(text, "\n**First of all:** {DISABLE_FIRST}. {WHY_DISABLE}\n\n{}", places.join(", "));
        }
        let mut section = "";
        for one in &self.practices {
            if one.section != section {
                section = one.section;
                let _ = writeln!(text, "\n## {section}\n\n| | Practice | State | |\n|---|---|---|---|");
            }
            let _ = writeln!(
                text,
                "| {} | {} | **{}** | {} |",
                one.number,
                cell(one.text),
                one.state.word(),
                cell(&one.because)
            );
        }
        if self.is_broken() {
            text.push_str("\n## Findings\n");
            for one in self.practices.iter().filter(|one| one.state == State::Broken) {
                let _ = writeln!(text, "\n### {}. {}\n", one.number, one.text);
                for finding in &one.findings {
                    let _ = writeln!(
                        text,
                        "- `{}` {}: {}",
                        finding.place,
                        finding.rule,
                        finding.message.replace('\n', " ")
                    );
                }
            }
        }
        text
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn first_sentence(text: &str) -> &str {
    text.find(". ").and_then(|end| text.get(..=end)).unwrap_or(text)
}
