//! SARIF 2.1.0, with what code scanning asks for.

use super::document::{Baselined, Document, Entry, Place, Stop, Told};
use super::word;
use crate::cards::{Card, cards, help_uri};
use crate::finding::{Confidence, Severity};
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
/// What stands in a message in front of the advice.
pub(super) const INSTEAD: &str = "Instead: ";
/// What stands in a message in front of the first link.
pub(super) const SEE: &str = " See:";
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
pub fn write(report: &Document, category: Option<&str>, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report, category))?;
    writeln!(out)
}

fn document(report: &Document, category: Option<&str>) -> Value {
    let results: Vec<Value> = merged(report).into_iter().take(MAX_RESULTS).filter_map(|one| result(&one)).collect();
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
            "properties": {
                "filesScanned": report.files_scanned, "filesSkipped": report.files_skipped,
                "suppressed": report.suppressed, "baselined": report.baselined,
            },
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
    finding: &'r Entry,
    others: Vec<&'r Entry>,
}

/// The findings, worst first, so that a consumer that cuts the list drops the least important ones.
fn merged(report: &Document) -> Vec<Merged<'_>> {
    let mut order: Vec<&Entry> = report.findings.iter().collect();
    order.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut all: Vec<Merged<'_>> = Vec::new();
    let mut seen: HashMap<(&str, &str, u32, bool, Option<Baselined>), usize> = HashMap::new();
    for finding in order {
        let place = &finding.location;
        let key = (&*finding.rule, &*place.path, place.start_line, finding.suppression.is_some(), finding.baseline);
        let known = *seen.entry(key).or_insert(all.len());
        match all.get_mut(known) {
            Some(first) => first.others.push(finding),
            None => all.push(Merged { finding, others: Vec::new() }),
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

/// A rule's name for people; it must differ from the id by more than its capital letters.
fn pascal_case(id: &str) -> String {
    let name: String = id
        .split('-')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect();
    if id.contains('-') { name } else { name + "Rule" }
}

fn result(one: &Merged<'_>) -> Option<Value> {
    let finding = one.finding;
    let index = cards().iter().position(|card| card.id == finding.rule);
    let also = one.others.iter().map(|other| (&other.location, "also on this line"));
    let steps = finding.trail.iter().filter(|step| step.location != finding.location);
    let linked: Vec<(&Place, &str)> =
        finding.related.iter().chain(steps).map(|step| (&step.location, step.note.as_str())).chain(also).collect();
    let mut words = vec![escaped(&finding.message)];
    if !finding.help.is_empty() {
        words.push(format!("{INSTEAD}{}", escaped(&sentence(&finding.help))));
    }
    let mut message = words.join(" ");
    let mut related: Vec<Value> = Vec::new();
    let mut seen: Vec<(&Place, &str)> = Vec::new();
    for (place, note) in linked {
        if seen.contains(&(place, note)) {
            continue;
        }
        seen.push((place, note));
        let id = related.len() + 1;
        let link = format!(" [{}]({id})", escaped(note.trim_start_matches("and ")));
        // A place that nothing links to is shown nowhere.
        if message.chars().count() + link.chars().count() > MAX_TEXT {
            break;
        }
        let Some(mut location) = noted(place, note) else { continue };
        if let Some(fields) = location.as_object_mut() {
            fields.insert("id".to_owned(), json!(id));
        }
        message.push_str(if id == 1 { SEE } else { "," });
        message.push_str(&link);
        related.push(location);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": word(finding.severity),
        "message": {"text": cut(&message)},
        "locations": [primary(&finding.location)],
        "partialFingerprints": {"primaryLocationLineHash": finding.line_hash},
        "fingerprints": {"cerboLint/v1": finding.fingerprint},
        "properties": {"confidence": finding.confidence, "identity": finding.identity},
    });
    let fields = result.as_object_mut()?;
    if finding.trail.len() > 1 {
        let steps: Vec<Value> = finding.trail.iter().take(MAX_STEPS).filter_map(stop).collect();
        fields.insert("codeFlows".to_owned(), json!([{"threadFlows": [{"locations": steps}]}]));
    }
    if !related.is_empty() {
        fields.insert("relatedLocations".to_owned(), json!(related));
    }
    if let Some(fix) = fix(finding) {
        fields.insert("fixes".to_owned(), json!([fix]));
    }
    if let Some(state) = finding.baseline {
        fields.insert("baselineState".to_owned(), json!(state));
    }
    if let Some(reason) = &finding.suppression {
        fields.insert("suppressions".to_owned(), json!([{"kind": "inSource", "justification": reason}]));
    }
    Some(result)
}

/// Text in which nothing is taken for a link to a place.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

/// The change that mends a finding, when it can be applied without looking.
fn fix(finding: &Entry) -> Option<Value> {
    let fix = finding.fix.as_ref().filter(|fix| fix.safe && !fix.edits.is_empty() && !fix.description.is_empty())?;
    let change = |edit: &super::document::Edit| {
        json!({
            "artifactLocation": artifact(&edit.location.path),
            "replacements": [{"deletedRegion": region(&edit.location), "insertedContent": {"text": edit.text}}],
        })
    };
    let changes: Vec<Value> = fix.edits.iter().map(change).collect();
    Some(json!({"description": {"text": fix.description}, "artifactChanges": changes}))
}

fn noted(place: &Place, note: &str) -> Option<Value> {
    let mut location = location(place);
    location.as_object_mut()?.insert("message".to_owned(), json!({"text": cut(note)}));
    Some(location)
}

fn stop(step: &Stop) -> Option<Value> {
    Some(json!({"location": noted(&step.location, &step.note)?}))
}

/// The place of a result, on one line: in a pull request, an alert is shown when all of its lines were changed.
fn primary(place: &Place) -> Value {
    if place.start_line == place.end_line {
        return location(place);
    }
    let mut region =
        json!({"startLine": place.start_line, "startColumn": place.start_column, "endLine": place.start_line});
    // Without it, a region reaches to the end of its line.
    if let (Some(end), Some(fields)) = (place.first_line_end, region.as_object_mut()) {
        fields.insert("endColumn".to_owned(), json!(end.max(place.start_column)));
    }
    json!({"physicalLocation": {"artifactLocation": artifact(&place.path), "region": region}})
}

fn location(place: &Place) -> Value {
    json!({"physicalLocation": {"artifactLocation": artifact(&place.path), "region": region(place)}})
}

fn artifact(path: &str) -> Value {
    json!({"uri": uri(path), "uriBaseId": ROOT})
}

fn region(place: &Place) -> Value {
    json!({
        "startLine": place.start_line, "startColumn": place.start_column,
        "endLine": place.end_line, "endColumn": place.end_column,
    })
}

/// A relative path as a URI.
fn uri(path: &str) -> String {
    utf8_percent_encode(path.trim_start_matches("./").trim_start_matches('/'), PATH).to_string()
}

fn notification(note: &Told) -> Value {
    let mut entry = json!({"level": "warning", "message": {"text": cut(&note.message)}});
    if !note.path.is_empty()
        && let Some(fields) = entry.as_object_mut()
    {
        let region = note.line.map(|line| json!({"startLine": line}));
        let mut place = json!({"artifactLocation": artifact(&note.path)});
        if let (Some(region), Some(place)) = (region, place.as_object_mut()) {
            place.insert("region".to_owned(), region);
        }
        fields.insert("locations".to_owned(), json!([{"physicalLocation": place}]));
    }
    entry
}
