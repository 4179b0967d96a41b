//! SARIF 2.1.0, with what code scanning asks for.

use super::fingerprint::fingerprints;
use super::line_hash::line_hashes;
use super::{Report, word};
use crate::cards::{Card, cards, help_uri};
use crate::finding::{Confidence, Finding, Step};
use crate::span::{FileId, Span};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Most results that code scanning takes.
const MAX_RESULTS: usize = 25_000;
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

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report))?;
    writeln!(out)
}

fn document(report: &Report) -> Value {
    let identities = fingerprints(report);
    let mut hashes: HashMap<FileId, Vec<String>> = HashMap::new();
    let mut order: Vec<(&Finding, String)> = report.findings.iter().zip(identities).collect();
    // A consumer that cuts the list drops the least important ones.
    order.sort_by_key(|(finding, _)| std::cmp::Reverse(finding.severity));
    let results: Vec<Value> = order
        .into_iter()
        .take(MAX_RESULTS)
        .filter_map(|(finding, identity)| result(report, finding, &identity, &mut hashes))
        .collect();
    let mut weaknesses: Vec<u32> = cards().iter().flat_map(|card| card.cwe.iter().copied()).collect();
    weaknesses.sort_unstable();
    weaknesses.dedup();
    let taxa: Vec<Value> = weaknesses
        .iter()
        .map(|n| json!({"id": n.to_string(), "helpUri": format!("https://cwe.mitre.org/data/definitions/{n}.html")}))
        .collect();
    let notifications: Vec<Value> = report.notifications.iter().map(notification).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "cerbo-lint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": cards().iter().map(rule).collect::<Vec<_>>(),
                "supportedTaxonomies": [{"name": "CWE", "index": 0}],
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": true, "toolExecutionNotifications": notifications}],
            "results": results,
            "taxonomies": [{
                "name": "CWE",
                "organization": "MITRE",
                "shortDescription": {"text": "The MITRE Common Weakness Enumeration"},
                "informationUri": "https://cwe.mitre.org/",
                "taxa": taxa,
            }],
        }],
    })
}

fn rule(card: &Card) -> Value {
    let mut tags: Vec<String> = Vec::new();
    let mut properties = Map::new();
    if let Some(score) = &card.security_severity {
        tags.push("security".to_owned());
        tags.extend(card.cwe.iter().map(|number| format!("external/cwe/cwe-{number:03}")));
        properties.insert("security-severity".to_owned(), json!(score));
    } else {
        tags.push("performance".to_owned());
        let level = match card.severity {
            crate::finding::Severity::Note => "recommendation",
            severity => word(severity),
        };
        properties.insert("problem.severity".to_owned(), json!(level));
    }
    properties.insert("tags".to_owned(), json!(tags));
    properties.insert("precision".to_owned(), json!(precision(card.confidence)));
    let relation = |number: &u32| {
        json!({"target": {"id": number.to_string(), "toolComponent": {"name": "CWE", "index": 0}},
               "kinds": ["superset"]})
    };
    let relationships: Vec<Value> = card.cwe.iter().map(relation).collect();
    let markdown = format!(
        "**{}**\n\n{}\n\n**Instead:** {}\n\n```{lang}\n// reported\n{}```\n\n```{lang}\n// fine\n{}```\n",
        card.title,
        card.why,
        card.instead,
        card.bad,
        card.good,
        lang = card.language
    );
    json!({
        "id": card.id,
        "name": pascal_case(&card.id),
        "shortDescription": {"text": card.title},
        "fullDescription": {"text": card.why},
        "help": {"text": format!("{}\n\n{}", card.why, card.instead), "markdown": markdown},
        "helpUri": help_uri(&card.id),
        "defaultConfiguration": {"level": word(card.severity)},
        "properties": properties,
        "relationships": relationships,
    })
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

fn result(
    report: &Report,
    finding: &Finding,
    identity: &str,
    hashes: &mut HashMap<FileId, Vec<String>>,
) -> Option<Value> {
    let file = report.sources.get(finding.primary.file)?;
    let line = file.position(finding.primary.start).line as usize;
    let lines = hashes.entry(finding.primary.file).or_insert_with(|| line_hashes(file.text()));
    let hash = lines.get(line - 1).cloned().unwrap_or_default();
    let index = cards().iter().position(|card| card.id == finding.rule);
    let mut message = format!("{} Instead: {}.", finding.message, finding.help.trim_end_matches('.'));
    let mut related = Vec::new();
    for step in &finding.related {
        let id = related.len() + 1;
        let Some(mut location) = location(report, step.span) else { continue };
        if let Some(fields) = location.as_object_mut() {
            fields.insert("id".to_owned(), json!(id));
            fields.insert("message".to_owned(), json!({"text": step.note}));
        }
        message.push_str(&format!(" [{}]({id})", step.note));
        related.push(location);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": word(finding.severity),
        "message": {"text": message},
        "locations": [location(report, finding.primary)?],
        "partialFingerprints": {"primaryLocationLineHash": hash},
        "fingerprints": {"cerboLint/v1": identity},
    });
    if let Some(fields) = result.as_object_mut() {
        if !finding.trail.is_empty() {
            let steps: Vec<Value> = finding.trail.iter().filter_map(|step| stop(report, step)).collect();
            fields.insert("codeFlows".to_owned(), json!([{"threadFlows": [{"locations": steps}]}]));
        }
        if !related.is_empty() {
            fields.insert("relatedLocations".to_owned(), json!(related));
        }
    }
    Some(result)
}

fn stop(report: &Report, step: &Step) -> Option<Value> {
    let mut location = location(report, step.span)?;
    location.as_object_mut()?.insert("message".to_owned(), json!({"text": step.note}));
    Some(json!({"location": location}))
}

fn location(report: &Report, span: Span) -> Option<Value> {
    let file = report.sources.get(span.file)?;
    let (start, end) = (file.position(span.start), file.position(span.end));
    Some(json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&file.path)},
        "region": {
            "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column,
        },
    }}))
}

fn uri(path: &str) -> String {
    utf8_percent_encode(path.trim_start_matches("./"), PATH).to_string()
}

fn notification(note: &crate::finding::Notification) -> Value {
    let mut entry = json!({"level": "warning", "message": {"text": note.message}});
    if !note.path.is_empty()
        && let Some(fields) = entry.as_object_mut()
    {
        let region = note.line.map(|line| json!({"startLine": line}));
        let mut place = json!({"artifactLocation": {"uri": uri(&note.path)}});
        if let (Some(region), Some(place)) = (region, place.as_object_mut()) {
            place.insert("region".to_owned(), region);
        }
        fields.insert("locations".to_owned(), json!([{"physicalLocation": place}]));
    }
    entry
}
