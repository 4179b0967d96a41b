//! Code Quality of GitLab: a list of issues, shown in merge requests on every tier.

use super::document::{Document, Entry};
use crate::finding::Severity;
use serde_json::{Value, json};

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let issues: Vec<Value> = document.worst_first().into_iter().map(issue).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(entry: &Entry) -> Value {
    let severity = match entry.severity {
        Severity::Error => "critical",
        Severity::Warning => "major",
        Severity::Note => "info",
    };
    let place = &entry.location;
    json!({
        "type": "issue",
        "check_name": entry.rule,
        "description": format!("{}. {}", entry.headline(), entry.help).trim_end(),
        "categories": [if entry.cwe.is_empty() { "Performance" } else { "Security" }],
        "severity": severity,
        // Issues of equal fingerprints are shown as one; ours has a number for each.
        "fingerprint": entry.fingerprint,
        "location": {
            "path": place.path,
            "lines": {"begin": place.start_line, "end": place.end_line},
        },
    })
}
