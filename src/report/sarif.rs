//! SARIF 2.1.0, with what code scanning asks for.

use super::fingerprint::fingerprints;
use super::line_hash::line_hashes;
use super::{Report, word};
use crate::cards::{Card, cards, help_uri};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::span::{FileId, Span};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// Most results that code scanning takes.
const MAX_RESULTS: usize = 25_000;
/// Most characters of a text; longer ones cost the result in some consumers.
const MAX_TEXT: usize = 1024;
/// Most steps of a flow that are shown.
const MAX_STEPS: usize = 1000;
/// Most tags of weaknesses on a rule: consumers show ten tags.
const MAX_WEAKNESS_TAGS: usize = 8;
/// The symbolic root of all paths.
const ROOT: &str = "%SRCROOT%";
/// What a path in a URI cannot hold as it is.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// Writes a report. `category` tells several runs over one commit apart.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, category: Option<&str>, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report, category))?;
    writeln!(out)
}

fn document(report: &Report, category: Option<&str>) -> Value {
    let mut hashes: HashMap<FileId, Vec<String>> = HashMap::new();
    let results: Vec<Value> =
        merged(report).into_iter().filter_map(|one| result(report, &one, &mut hashes)).take(MAX_RESULTS).collect();
    let weaknesses: BTreeSet<u32> = cards().iter().flat_map(|card| card.cwe.iter().copied()).collect();
    let taxa: Vec<Value> = weaknesses
        .iter()
        .map(|n| json!({"id": weakness(*n), "helpUri": format!("https://cwe.mitre.org/data/definitions/{n}.html")}))
        .collect();
    let notifications: Vec<Value> = report.notifications.iter().map(notification).collect();
    let version = env!("CARGO_PKG_VERSION");
    let mut run = json!({
        "tool": {"driver": {
            "name": "cerbo-lint",
            "fullName": format!("cerbo-lint {version}"),
            "version": version,
            "semanticVersion": version,
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": cards().iter().map(rule).collect::<Vec<_>>(),
            "supportedTaxonomies": [{"name": "CWE", "index": 0}],
        }},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository, or the scanned folder."}}},
        "invocations": [{
            "executionSuccessful": !report.incomplete,
            "toolExecutionNotifications": notifications,
        }],
        "results": results,
        "taxonomies": [{
            "name": "CWE",
            "organization": "MITRE",
            "shortDescription": {"text": "The MITRE Common Weakness Enumeration"},
            "informationUri": "https://cwe.mitre.org/",
            "isComprehensive": false,
            "taxa": taxa,
        }],
    });
    if let (Some(category), Some(run)) = (category, run.as_object_mut()) {
        // What stands before the last slash is the category.
        run.insert("automationDetails".to_owned(), json!({"id": format!("{}/", category.trim_end_matches('/'))}));
    }
    json!({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})
}

/// A finding with those of its rule on the same line: a consumer keeps one of them only.
struct Merged<'r> {
    finding: &'r Finding,
    identity: String,
    others: Vec<&'r Finding>,
}

/// The findings, worst first, so that a consumer that cuts the list drops the least important ones.
fn merged(report: &Report) -> Vec<Merged<'_>> {
    let mut order: Vec<(&Finding, String)> = report.findings.iter().zip(fingerprints(report)).collect();
    order.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
    let mut all: Vec<Merged<'_>> = Vec::new();
    let mut seen: HashMap<(&str, FileId, u32, bool), usize> = HashMap::new();
    for (finding, identity) in order {
        let file = finding.primary.file;
        let line = report.sources.get(file).map_or(0, |source| source.position(finding.primary.start).line);
        let known = *seen.entry((finding.rule, file, line, finding.suppressed.is_some())).or_insert(all.len());
        match all.get_mut(known) {
            Some(first) => first.others.push(finding),
            None => all.push(Merged { finding, identity, others: Vec::new() }),
        }
    }
    all
}

fn weakness(number: u32) -> String {
    format!("CWE-{number}")
}

fn rule(card: &Card) -> Value {
    let mut tags: Vec<String> = Vec::new();
    let mut properties = Map::new();
    let level = match card.severity {
        Severity::Note => "recommendation",
        severity => word(severity),
    };
    properties.insert("problem.severity".to_owned(), json!(level));
    if let Some(score) = &card.security_severity {
        tags.push("security".to_owned());
        tags.extend(card.cwe.iter().take(MAX_WEAKNESS_TAGS).map(|number| format!("external/cwe/cwe-{number:03}")));
        properties.insert("security-severity".to_owned(), json!(score));
    } else {
        tags.push("performance".to_owned());
    }
    properties.insert("tags".to_owned(), json!(tags));
    properties.insert("precision".to_owned(), json!(precision(card.confidence)));
    let relation = |(index, number): (usize, &u32)| {
        // The last one counts as the primary one in some consumers; the card names the primary one first.
        let kind = if index == 0 { "superset" } else { "relevant" };
        json!({"target": {"id": weakness(*number), "toolComponent": {"name": "CWE", "index": 0}}, "kinds": [kind]})
    };
    let mut relationships: Vec<Value> = card.cwe.iter().enumerate().map(relation).collect();
    relationships.reverse();
    json!({
        "id": card.id,
        "name": pascal_case(&card.id),
        "shortDescription": {"text": cut(&sentence(&card.title))},
        "fullDescription": {"text": cut(&card.why)},
        "help": {"text": cut(&format!("{} {}", card.why, card.instead)), "markdown": crate::cards::markdown(card)},
        "helpUri": help_uri(&card.id),
        "defaultConfiguration": {"level": word(card.severity)},
        "properties": properties,
        "relationships": relationships,
    })
}

/// Text as a sentence: with a full stop.
fn sentence(text: &str) -> String {
    format!("{}.", text.trim_end_matches('.'))
}

/// Text of no more than [`MAX_TEXT`] characters.
fn cut(text: &str) -> String {
    if text.chars().count() <= MAX_TEXT {
        return text.to_owned();
    }
    text.chars().take(MAX_TEXT - 1).chain(['…']).collect()
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

fn pascal_case(id: &str) -> String {
    id.split('-')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}

fn result(report: &Report, one: &Merged<'_>, hashes: &mut HashMap<FileId, Vec<String>>) -> Option<Value> {
    let finding = one.finding;
    let file = report.sources.get(finding.primary.file)?;
    let line = file.position(finding.primary.start).line as usize;
    let lines = hashes.entry(finding.primary.file).or_insert_with(|| line_hashes(file.text()));
    let hash = lines.get(line - 1).cloned().unwrap_or_default();
    let index = cards().iter().position(|card| card.id == finding.rule);
    let also = one.others.iter().map(|other| (other.primary, "also on this line"));
    let steps = finding.trail.iter().filter(|step| step.span != finding.primary);
    let linked: Vec<(Span, &str)> =
        finding.related.iter().chain(steps).map(|step| (step.span, step.note.as_str())).chain(also).collect();
    let mut words = vec![escaped(&finding.message)];
    if !finding.help.is_empty() {
        words.push(format!("Instead: {}", escaped(&sentence(&finding.help))));
    }
    let mut message = words.join(" ");
    let (mut related, mut seen) = (Vec::new(), BTreeSet::new());
    for (span, note) in linked.into_iter().filter(|(span, note)| seen.insert((*span, *note))) {
        let id = related.len() + 1;
        let link = format!(" [{}]({id})", escaped(note.trim_start_matches("and ")));
        // A place that nothing links to is shown nowhere.
        if message.chars().count() + link.chars().count() > MAX_TEXT {
            break;
        }
        let Some(mut location) = noted(report, span, note) else { continue };
        if let Some(fields) = location.as_object_mut() {
            fields.insert("id".to_owned(), json!(id));
        }
        message.push_str(if id == 1 { " See:" } else { "," });
        message.push_str(&link);
        related.push(location);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": word(finding.severity),
        "message": {"text": cut(&message)},
        "locations": [location(report, finding.primary)?],
        "partialFingerprints": {"primaryLocationLineHash": hash},
        "fingerprints": {"cerboLint/v1": one.identity},
    });
    let fields = result.as_object_mut()?;
    if finding.trail.len() > 1 {
        let steps: Vec<Value> = finding.trail.iter().take(MAX_STEPS).filter_map(|step| stop(report, step)).collect();
        fields.insert("codeFlows".to_owned(), json!([{"threadFlows": [{"locations": steps}]}]));
    }
    if !related.is_empty() {
        fields.insert("relatedLocations".to_owned(), json!(related));
    }
    if let Some(fix) = fix(report, finding) {
        fields.insert("fixes".to_owned(), json!([fix]));
    }
    if let Some(reason) = &finding.suppressed {
        fields.insert("suppressions".to_owned(), json!([{"kind": "inSource", "justification": reason}]));
    }
    Some(result)
}

/// Text in which nothing is taken for a link to a place.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// The change that mends a finding, when it can be applied without looking.
fn fix(report: &Report, finding: &Finding) -> Option<Value> {
    let fix = finding.fix.as_ref().filter(|fix| fix.safe && !fix.edits.is_empty() && !fix.description.is_empty())?;
    let change = |(span, text): &(Span, String)| {
        let place = location(report, *span)?;
        let place = place.get("physicalLocation")?;
        Some(json!({
            "artifactLocation": place.get("artifactLocation")?,
            "replacements": [{"deletedRegion": place.get("region")?, "insertedContent": {"text": text}}],
        }))
    };
    let changes: Vec<Value> = fix.edits.iter().map(change).collect::<Option<_>>()?;
    Some(json!({"description": {"text": fix.description}, "artifactChanges": changes}))
}

fn noted(report: &Report, span: Span, note: &str) -> Option<Value> {
    let mut location = location(report, span)?;
    location.as_object_mut()?.insert("message".to_owned(), json!({"text": cut(note)}));
    Some(location)
}

fn stop(report: &Report, step: &Step) -> Option<Value> {
    Some(json!({"location": noted(report, step.span, &step.note)?}))
}

fn location(report: &Report, span: Span) -> Option<Value> {
    let file = report.sources.get(span.file)?;
    let (start, end) = (file.position(span.start), file.position(span.end));
    Some(json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&file.path), "uriBaseId": ROOT},
        "region": {
            "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
        },
    }}))
}

/// A relative path as a URI.
fn uri(path: &str) -> String {
    utf8_percent_encode(path.trim_start_matches("./").trim_start_matches('/'), PATH).to_string()
}

fn notification(note: &crate::finding::Notification) -> Value {
    let mut entry = json!({"level": "warning", "message": {"text": cut(&note.message)}});
    if !note.path.is_empty()
        && let Some(fields) = entry.as_object_mut()
    {
        let region = note.line.map(|line| json!({"startLine": line}));
        let mut place = json!({"artifactLocation": {"uri": uri(&note.path), "uriBaseId": ROOT}});
        if let (Some(region), Some(place)) = (region, place.as_object_mut()) {
            place.insert("region".to_owned(), region);
        }
        fields.insert("locations".to_owned(), json!([{"physicalLocation": place}]));
    }
    entry
}
