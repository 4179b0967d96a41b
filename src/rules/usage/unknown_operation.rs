//! `unknown-operation`: a verb and path that the API's catalogue does not have.

use super::Context;
use super::operation::{Call, path_text};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::{Segment, api};
use std::collections::BTreeSet;

/// Paths at least this alike are taken for one another.
const ALIKE: f64 = 0.75;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A name alone is evidence only for paths that are in the catalogue.
    for call in context.calls.iter().filter(|call| call.proven && call.operation.is_none()) {
        let [method] = call.methods.as_slice() else { continue };
        if call.path.is_empty() || !api().possible(Some(method), &call.path).is_empty() || !told(&call.path) {
            continue;
        }
        let place = call.place();
        let help = instead(call, method);
        let message = format!("`{}` is not an operation of the API that the catalogue knows.", call.shown());
        let trail = [Step { span: place, note: "this verb and path are requested".to_owned() }];
        findings.push(
            Finding::new("unknown-operation", Severity::Note, Confidence::Medium, place, message)
                .label("not in the catalogue")
                .help(help)
                .trail(trail.into_iter().chain(call.trail(place)).collect()),
        );
    }
    findings
}

/// Whether the path says enough: its first segment is a word, and at most ids are unknown.
fn told(path: &[Segment]) -> bool {
    matches!(path.first(), Some(Segment::Known(first)) if first.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'))
}

fn instead(call: &Call<'_, '_>, method: &str) -> String {
    let verbs: BTreeSet<&str> = api().possible(None, &call.path).iter().map(|op| op.method.as_str()).collect();
    if !verbs.is_empty() {
        let verbs: Vec<&str> = verbs.into_iter().collect();
        let update = if method == "PUT" { "No operation uses PUT. " } else { "" };
        return format!("{update}`{}` has {}", path_text(&call.path), verbs.join(", "));
    }
    let shape: Vec<&str> = call.path.iter().map(|segment| known(segment).unwrap_or("{id}")).collect();
    let shape = format!("/{}", shape.join("/"));
    let same = |written: &str| {
        let (a, b): (Vec<&str>, Vec<&str>) = (written.split('/').collect(), shape.split('/').collect());
        a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || *a == "{id}")
    };
    if let Some(mistaken) = api().mistaken.iter().find(|mistaken| same(&mistaken.path)) {
        return mistaken.instead.clone();
    }
    let alike = api().operations.iter().map(|op| (likeness(&op.path, &call.path, op.method == method), op));
    match alike.max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((alike, op)) if alike >= ALIKE => format!("the nearest operation is `{} {}`", op.method, op.path),
        _ => "look the operation up in the vendor's documentation: a request for a path that does not exist fails, \
              or does something that was not meant"
            .to_owned(),
    }
}

fn known(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Known(text) if !text.chars().all(|c| c.is_ascii_digit()) => Some(text),
        _ => None,
    }
}

/// How alike a pattern and a path are, from 0 to 1; the same verb counts a little.
fn likeness(pattern: &str, path: &[Segment], same_method: bool) -> f64 {
    let pattern: Vec<&str> = pattern.split('/').filter(|segment| !segment.is_empty()).collect();
    if pattern.len() != path.len() {
        return 0.0;
    }
    let mut least = 1.0_f64;
    for (expected, actual) in pattern.iter().zip(path) {
        let alike = match known(actual) {
            None if expected.starts_with('{') => 1.0,
            None => 0.0,
            Some(_) if expected.starts_with('{') => 0.5,
            Some(text) => strsim::jaro_winkler(expected, text),
        };
        least = least.min(alike);
    }
    least - if same_method { 0.0 } else { 0.02 }
}
