//! What a history holds, for people and for programs.

use super::counted;
use super::document::{self, Document, Entry, Stop, Told};
use crate::error::visible;
use crate::finding::{Confidence, Severity};
use crate::history::{Credential, History, Place};
use crate::identity::number;
use serde::Serialize;
use std::fmt::Write;

/// Characters of a commit's name that are shown.
const SHORT: usize = 10;
/// Places of one kind that are shown.
const SHOWN: usize = 5;

/// The report for people. `quiet`: the last line only.
pub fn human(history: &History, quiet: bool) -> String {
    let mut text = String::new();
    if !quiet {
        for (number, credential) in history.credentials.iter().enumerate() {
            let (number, all) = (number + 1, history.credentials.len());
            // Writing to a String does not fail.
            let _ = writeln!(text, "error[{}]: credential {number} of {all}", credential.rule);
            let _ = writeln!(text, "  first   {} {}  {}", short(credential), credential.date, shown(&credential.place));
            let others: Vec<String> = credential
                .paths
                .iter()
                .filter(|path| **path != credential.place.path)
                .map(|path| visible(path))
                .collect();
            if !others.is_empty() {
                let _ = writeln!(text, "  also    {}", listed(&others));
            }
            let _ = writeln!(text, "  now     {}", now(credential));
        }
        if !history.credentials.is_empty() {
            text.push_str("\nDisable the API user of each in the Cerbo interface and request new credentials: whoever has a copy of the repository has them, and neither a new commit nor a rewritten history changes that.\n");
        }
        for note in &history.notes {
            let _ = writeln!(text, "note: {}", visible(note));
        }
    }
    let here = history.credentials.iter().filter(|credential| !credential.head.is_empty()).count();
    let standing = if here > 0 { format!(", {here} still in HEAD") } else { String::new() };
    let found = match history.credentials.len() {
        0 => "no credential".to_owned(),
        number => counted(number, "credential"),
    };
    let commits = counted(history.commits, "commit");
    let _ = writeln!(text, "{found}{standing} ({commits}, {} read)", counted(history.blobs, "file version"));
    text
}

fn short(credential: &Credential) -> &str {
    credential.commit.get(..SHORT).unwrap_or(&credential.commit)
}

fn shown(place: &Place) -> String {
    format!("{}:{}", visible(&place.path), place.line)
}

fn listed(texts: &[String]) -> String {
    let mut text = texts.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if texts.len() > SHOWN {
        let _ = write!(text, " and {} more", texts.len() - SHOWN);
    }
    text
}

fn now(credential: &Credential) -> String {
    let head: Vec<String> = credential.head.iter().map(shown).collect();
    let work_tree: Vec<String> = credential.work_tree.iter().flatten().map(|path| visible(path)).collect();
    match (head.is_empty(), work_tree.is_empty()) {
        (true, true) if credential.only_logged => {
            "no longer in HEAD or the work tree; only the reflog of this copy still knows a commit with it".to_owned()
        }
        (true, true) => "no longer in HEAD or the work tree; every clone still has it".to_owned(),
        (false, true) => format!("in HEAD ({})", listed(&head)),
        (true, false) => format!("no longer in HEAD, but in the work tree ({})", listed(&work_tree)),
        (false, false) => format!("in HEAD ({}) and in the work tree ({})", listed(&head), listed(&work_tree)),
    }
}

#[derive(Serialize)]
struct Printed<'h> {
    version: u32,
    commits: usize,
    file_versions: usize,
    shallow: bool,
    notes: &'h [String],
    credentials: Vec<PrintedCredential<'h>>,
}

#[derive(Serialize)]
struct PrintedCredential<'h> {
    rule: &'h str,
    commit: &'h str,
    short_commit: &'h str,
    only_in_reflog: bool,
    date: &'h str,
    path: &'h str,
    line: u32,
    paths: &'h [String],
    in_head: Vec<PrintedPlace<'h>>,
    in_work_tree: Option<&'h [String]>,
}

#[derive(Serialize)]
struct PrintedPlace<'h> {
    path: &'h str,
    line: u32,
}

/// The report for programs.
pub fn json(history: &History) -> String {
    let credentials = history.credentials.iter().map(|credential| PrintedCredential {
        rule: credential.rule,
        commit: &credential.commit,
        short_commit: short(credential),
        only_in_reflog: credential.only_logged,
        date: &credential.date,
        path: &credential.place.path,
        line: credential.place.line,
        paths: &credential.paths,
        in_head: credential.head.iter().map(|place| PrintedPlace { path: &place.path, line: place.line }).collect(),
        in_work_tree: credential.work_tree.as_deref(),
    });
    let printed = Printed {
        version: 1,
        commits: history.commits,
        file_versions: history.blobs,
        shallow: history.shallow,
        notes: &history.notes,
        credentials: credentials.collect(),
    };
    let mut text = serde_json::to_string_pretty(&printed).unwrap_or_default();
    text.push('\n');
    text
}

/// The report as one of findings, for the formats that reports of the files have too. A place is a line: what else stood in
/// the line is not kept.
pub fn document(history: &History) -> Document {
    let told = |message: &String| Told { path: String::new(), line: None, message: message.clone(), skipped: false };
    Document {
        version: document::VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        files_scanned: history.blobs,
        files_skipped: 0,
        suppressed: 0,
        baselined: 0,
        incomplete: false,
        findings: history.credentials.iter().map(entry).collect(),
        notifications: history.notes.iter().map(told).collect(),
    }
}

fn entry(credential: &Credential) -> Entry {
    let Place { path, line } = &credential.place;
    let card = crate::cards::card(credential.rule);
    let hash = number(&format!("{}\0{}\0{path}\0{line}", credential.rule, credential.commit));
    let fingerprint = format!("{hash:016x}:1");
    Entry {
        rule: credential.rule.to_owned(),
        severity: Severity::Error,
        confidence: Confidence::High,
        title: card.map_or(String::new(), |card| card.title.clone()),
        message: format!(
            "The history holds an API credential since commit {} of {}. It is {}. Disable the API user in the Cerbo interface and request new credentials: neither a new commit nor a rewritten history changes that others have it.",
            short(credential),
            credential.date,
            now(credential)
        ),
        help: "read it at run time from the environment or a secret manager".to_owned(),
        cwe: card.map_or(Vec::new(), |card| card.cwe.clone()),
        help_uri: crate::cards::help_uri(credential.rule),
        location: location(&credential.place),
        trail: Vec::new(),
        related: credential
            .head
            .iter()
            .map(|place| Stop { location: location(place), note: "it is here in HEAD".to_owned() })
            .collect(),
        fix: None,
        line_hash: fingerprint.clone(),
        identity: String::new(),
        fingerprint,
        baseline: None,
        suppression: None,
    }
}

/// The beginning of a line.
fn location(place: &Place) -> document::Place {
    let line = place.line.max(1);
    document::Place {
        path: place.path.clone(),
        start_line: line,
        start_column: 1,
        end_line: line,
        end_column: 2,
        byte_columns: None,
        first_line_end: None,
    }
}
