//! Messages as cargo writes them with `--message-format json`, so that editors show findings as they show the compiler's.

use super::human::{Style, rendered};
use super::{Report, word};
use crate::finding::Finding;
use crate::source::SourceFile;
use crate::span::Span;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Writes one message a line, and the line that ends a build.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, style: Style, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut packages: HashMap<PathBuf, Value> = HashMap::new();
    for finding in report.open() {
        let Some(file) = report.sources.get(finding.primary.file) else { continue };
        let path = report.base.join(&file.path);
        let folder = path.parent().unwrap_or(&report.base).to_owned();
        let mut line = packages.entry(folder).or_insert_with_key(|folder| package(folder, &report.base)).clone();
        if let Some(fields) = line.as_object_mut() {
            fields.insert("message".to_owned(), message(report, finding, style));
        }
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    writeln!(out, "{}", json!({"reason": "build-finished", "success": true}))
}

/// A message without its diagnostic: the package around a folder, or the folder that is scanned where there is none.
fn package(folder: &Path, base: &Path) -> Value {
    let manifests =
        folder.ancestors().take_while(|folder| folder.starts_with(base)).map(|folder| folder.join("Cargo.toml"));
    let found = manifests.filter_map(|path| {
        let table: toml::Table = std::fs::read_to_string(&path).ok()?.parse().ok()?;
        table.get("package")?.is_table().then_some((path, table))
    });
    let (manifest, table) = found.into_iter().next().unwrap_or_else(|| (base.join("Cargo.toml"), toml::Table::new()));
    let said = |key: &str| table.get("package").and_then(|package| package.get(key)?.as_str());
    let root = manifest.parent().unwrap_or(base);
    let named = root.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    let name = said("name").map_or(named, str::to_owned);
    let version = said("version").unwrap_or("0.0.0");
    let library = root.join("src/lib.rs");
    let (kind, source) = if library.is_file() { ("lib", library) } else { ("bin", root.join("src/main.rs")) };
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    json!({
        "reason": "compiler-message",
        "package_id": format!("path+file://{}#{name}@{version}", shown(root)),
        "manifest_path": shown(&manifest),
        "target": {
            "kind": [kind],
            "crate_types": [kind],
            "name": name.replace('-', "_"),
            "src_path": shown(&source),
            "edition": said("edition").unwrap_or("2021"),
            "doc": true,
            "doctest": kind == "lib",
            "test": true,
        },
    })
}

fn message(report: &Report, finding: &Finding, style: Style) -> Value {
    let mut spans: Vec<Value> = span(report, finding.primary, true, &finding.label).into_iter().collect();
    let others = finding.trail.iter().chain(&finding.related).filter(|step| step.span != finding.primary);
    spans.extend(others.filter_map(|step| span(report, step.span, false, &step.note)));
    let child = |words: &str, spans: Vec<Value>| json!({"message": words, "code": null, "level": "help", "spans": spans, "children": [], "rendered": null});
    let mut children = Vec::new();
    if !finding.help.is_empty() {
        children.push(child(&finding.help, Vec::new()));
    }
    if let Some(fix) = &finding.fix {
        let applicability = if fix.safe { "MachineApplicable" } else { "MaybeIncorrect" };
        let texts = fix.texts(&report.sources).unwrap_or_default();
        let edits = texts.into_iter().filter_map(|(place, text)| {
            let mut span = span(report, place, true, "")?;
            let fields = span.as_object_mut()?;
            fields.insert("suggested_replacement".to_owned(), json!(text));
            fields.insert("suggestion_applicability".to_owned(), json!(applicability));
            Some(span)
        });
        children.push(child(&fix.description, edits.collect()));
    }
    json!({
        "$message_type": "diagnostic",
        "message": finding.message,
        "code": {"code": finding.rule, "explanation": null},
        "level": word(finding.severity),
        "spans": spans,
        "children": children,
        "rendered": format!("{}\n", rendered(report, finding, style)),
    })
}

/// A span as rustc gives it: bytes from zero, lines and characters from one, the end behind the last character. The path is
/// absolute, so that it is right in whatever folder the reader starts the program.
fn span(report: &Report, span: Span, primary: bool, label: &str) -> Option<Value> {
    let file = report.sources.get(span.file)?;
    let (start, end) = (file.position(span.start), file.position(span.end));
    let texts: Vec<Value> =
        (start.line..=end.line).take(MAX_LINES).map(|line| text(file, line, (start, end))).collect();
    Some(json!({
        "file_name": report.base.join(&file.path).to_string_lossy(),
        "byte_start": span.start,
        "byte_end": span.end,
        "line_start": start.line,
        "line_end": end.line,
        "column_start": start.column,
        "column_end": end.column,
        "is_primary": primary,
        "text": texts,
        "label": if label.is_empty() { Value::Null } else { json!(label) },
        "suggested_replacement": null,
        "suggestion_applicability": null,
        "expansion": null,
    }))
}

/// Lines of a span that are quoted.
const MAX_LINES: usize = 20;

/// A line of a span without its secrets, and which of its characters belong to the span.
fn text(file: &SourceFile, line: u32, (start, end): (crate::source::Position, crate::source::Position)) -> Value {
    let excerpt = file.excerpt_line(line);
    let behind = file.position(u32::try_from(file.line_range(line).end).unwrap_or(u32::MAX)).column;
    json!({
        "text": excerpt.as_str(),
        "highlight_start": if line == start.line { start.column } else { 1 },
        "highlight_end": if line == end.line { end.column } else { behind },
    })
}
