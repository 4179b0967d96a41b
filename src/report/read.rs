//! Reports read back: our JSON, and SARIF as we write it.

use super::document::{Baselined, Document, Entry, Place, Stop, Told, VERSION};
use super::sarif::{INSTEAD, SEE};
use crate::error::Error;
use crate::finding::{Confidence, Severity};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::path::Path;

/// The reports in a file's text: one of JSON, or one for each run of SARIF.
///
/// # Errors
/// When the text is neither, or was not written by cerbo-lint.
pub fn documents(path: &Path, text: &str) -> Result<Vec<Document>, Error> {
    let wrong =
        |message: &str| Error::new(message).in_file(path).help("give files that --format json or --format sarif wrote");
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Error::new(format!("not a report: it is no JSON from line {}, column {} on", error.line(), error.column()))
            .in_file(path)
            .help("give files that --format json or --format sarif wrote")
    })?;
    if let Some(runs) = value.get("runs").and_then(Value::as_array) {
        let ours = |run: &Value| run.pointer("/tool/driver/name").and_then(Value::as_str) == Some("cerbo-lint");
        if !runs.iter().all(ours) {
            return Err(wrong("this SARIF file was written by another tool"));
        }
        return Ok(runs.iter().map(from_run).collect());
    }
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version != u64::from(VERSION) => {
            Err(wrong("this report was made by another version of cerbo-lint"))
        }
        Some(_) if value.get("findings").is_some() => serde_json::from_value(value)
            .map(|document| vec![document])
            .map_err(|error| wrong(&format!("not a report of cerbo-lint: {error}"))),
        _ => Err(wrong("not a report of cerbo-lint")),
    }
}

/// Several reports as one: every finding once, by path and place. Numbers are added, as those of shards have to be.
pub fn merged(documents: Vec<Document>) -> Document {
    let mut documents = documents.into_iter();
    let mut all = documents.next().unwrap_or_else(empty);
    for one in documents {
        all.files_scanned += one.files_scanned;
        all.files_skipped += one.files_skipped;
        all.suppressed += one.suppressed;
        all.baselined += one.baselined;
        all.incomplete |= one.incomplete;
        all.findings.extend(one.findings);
        all.notifications.extend(one.notifications);
    }
    let key = |entry: &Entry| {
        let place = &entry.location;
        let (path, rule, print) = (place.path.clone(), entry.rule.clone(), entry.fingerprint.clone());
        (path, place.start_line, place.start_column, place.end_line, place.end_column, rule, print)
    };
    // Of equal ones the one with the most to say stays.
    all.findings.sort_by_cached_key(|entry| (key(entry), std::cmp::Reverse(entry.trail.len() + entry.related.len())));
    all.findings.dedup_by(|second, first| key(second) == key(first));
    all.notifications.sort();
    all.notifications.dedup();
    all
}

fn empty() -> Document {
    Document {
        version: VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        files_scanned: 0,
        files_skipped: 0,
        suppressed: 0,
        baselined: 0,
        incomplete: false,
        findings: Vec::new(),
        notifications: Vec::new(),
    }
}

fn from_run(run: &Value) -> Document {
    let invocation = run.pointer("/invocations/0");
    let field = |path: &str| invocation.and_then(|value| value.pointer(path));
    let number = |name: &str| {
        let value = field(&format!("/properties/{name}")).and_then(Value::as_u64);
        value.and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    };
    let notes = field("/toolExecutionNotifications").and_then(Value::as_array).into_iter().flatten();
    Document {
        tool_version: text(run, "/tool/driver/version").to_owned(),
        files_scanned: number("filesScanned"),
        files_skipped: number("filesSkipped"),
        suppressed: number("suppressed"),
        baselined: number("baselined"),
        incomplete: field("/executionSuccessful").and_then(Value::as_bool) == Some(false),
        findings: list(run, "/results").filter_map(from_result).collect(),
        notifications: notes.map(from_notification).collect(),
        ..empty()
    }
}

fn from_result(result: &Value) -> Option<Entry> {
    let rule = text(result, "/ruleId").to_owned();
    let card = crate::cards::card(&rule);
    let location = result.pointer("/locations/0").and_then(place)?;
    let (message, help) = words(text(result, "/message/text"));
    let word = |path: &str| result.pointer(path).cloned().unwrap_or_default();
    Some(Entry {
        severity: serde_json::from_value(word("/level")).unwrap_or(Severity::Warning),
        confidence: serde_json::from_value(word("/properties/confidence")).unwrap_or(Confidence::Medium),
        title: card.map_or(String::new(), |card| card.title.clone()),
        message,
        help,
        cwe: card.map_or(Vec::new(), |card| card.cwe.clone()),
        help_uri: crate::cards::help_uri(&rule),
        location,
        trail: list(result, "/codeFlows/0/threadFlows/0/locations")
            .filter_map(|step| stop(step.get("location")?))
            .collect(),
        related: list(result, "/relatedLocations").filter_map(stop).collect(),
        // What a change replaces is not needed by any format that is made of merged reports, save SARIF.
        fix: None,
        fingerprint: text(result, "/fingerprints/cerboLint~1v1").to_owned(),
        identity: text(result, "/properties/identity").to_owned(),
        line_hash: text(result, "/partialFingerprints/primaryLocationLineHash").to_owned(),
        baseline: serde_json::from_value::<Baselined>(word("/baselineState")).ok(),
        suppression: result
            .pointer("/suppressions/0")
            .map(|one| one.get("justification").and_then(Value::as_str).unwrap_or("").to_owned()),
        rule,
    })
}

/// A message of SARIF without its links, and the advice in it.
fn words(message: &str) -> (String, String) {
    let own = message.split(&format!("{SEE} [")).next().unwrap_or(message);
    let plain = own.replace("\\[", "[").replace("\\]", "]").replace("\\\\", "\\");
    match plain.split_once(&format!(" {INSTEAD}")) {
        Some((message, help)) => (message.to_owned(), help.trim_end_matches('.').to_owned()),
        None => (plain, String::new()),
    }
}

fn stop(location: &Value) -> Option<Stop> {
    Some(Stop { location: place(location)?, note: text(location, "/message/text").to_owned() })
}

fn place(location: &Value) -> Option<Place> {
    let physical = location.get("physicalLocation")?;
    let number = |name: &str| {
        let value = physical.get("region")?.get(name)?.as_u64()?;
        u32::try_from(value).ok()
    };
    let start_line = number("startLine")?;
    Some(Place {
        path: decoded(text(physical, "/artifactLocation/uri")),
        start_line,
        start_column: number("startColumn").unwrap_or(1),
        end_line: number("endLine").unwrap_or(start_line),
        end_column: number("endColumn").unwrap_or(1),
        byte_columns: None,
        first_line_end: None,
    })
}

fn from_notification(note: &Value) -> Told {
    let place = note.pointer("/locations/0/physicalLocation");
    let line = place.and_then(|place| place.pointer("/region/startLine")).and_then(Value::as_u64);
    Told {
        path: place.map_or(String::new(), |place| decoded(text(place, "/artifactLocation/uri"))),
        line: line.and_then(|line| u32::try_from(line).ok()),
        message: text(note, "/message/text").to_owned(),
        skipped: false,
    }
}

fn decoded(uri: &str) -> String {
    percent_decode_str(uri).decode_utf8_lossy().into_owned()
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or("")
}

fn list<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}
