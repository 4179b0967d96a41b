//! `extended-details`: the most expensive read of the API, for few fields or patient by patient.

use super::Context;
use crate::evaluate::value::Label;
use crate::facts::{Round, RoundKind, SinkKind};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::{Segment, api};
use crate::span::Span;
use std::collections::BTreeSet;

/// Up to this many fields of the reply are few: the operations that return them cost less together.
const FEW: usize = 4;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    // The same place is reached in several contexts: what any of them reads is read.
    let mut places: Vec<(Span, Vec<usize>)> = Vec::new();
    for call in &context.calls {
        let number = call.number;
        let extended = |path: &Vec<_>| api().matches(Some("GET"), path).iter().any(|op| op.kind == "extended");
        let known =
            |path: &Vec<Segment>| matches!(path.last(), Some(Segment::Known(last)) if last == "extended_details");
        if !context.api.get(&number).is_some_and(|paths| paths.iter().any(|path| known(path) && extended(path))) {
            continue;
        }
        let place = call.place();
        match places.iter_mut().find(|(span, _)| *span == place) {
            Some((_, numbers)) => numbers.push(number),
            None => places.push((place, vec![number])),
        }
    }
    for (span, numbers) in places {
        let fields: BTreeSet<&str> = context
            .facts
            .reads
            .iter()
            .filter(|read| numbers.contains(&read.request))
            .map(|read| read.field.as_str())
            .filter(|field| field.parse::<usize>().is_err())
            .collect();
        let repeated = numbers.iter().filter_map(|number| context.facts.requests.get(*number)).find_map(|request| {
            // Trying again and serving one job after the other go over no patients.
            let over = |round: &&Round<'_>| round.retry.is_none() && round.kind != RoundKind::Jobs;
            let mut rounds = request.loops.iter().rev().filter_map(|number| context.facts.rounds.get(*number));
            Some((rounds.find(over)?.span, request))
        });
        let few = !fields.is_empty() && fields.len() <= FEW;
        let message = match (&repeated, few) {
            (Some(_), _) => "Every patient's extended details are fetched, one patient after the other. It is the API's most expensive read.".to_owned(),
            (None, true) => format!("The extended details of a patient are fetched and only {} read.", read(&fields)),
            (None, false) => {
                if let Some(finding) = whole(context, span, &numbers, &fields) {
                    findings.push(finding);
                }
                continue;
            }
        };
        let mut trail = Vec::new();
        if let Some((round, request)) = repeated {
            trail.push(Step { span: round, note: "repeated here".to_owned() });
            let calls = request.calls.iter().skip(1).map(|(_, span)| *span).filter(|call| round.contains(*call));
            trail.extend(calls.map(|span| Step { span, note: "called from here".to_owned() }));
        }
        trail.push(Step { span, note: "the extended details are fetched here".to_owned() });
        findings.push(
            Finding::new("extended-details", Severity::Warning, Confidence::Medium, span, message)
                .label("extended details")
                .help(instead(&fields))
                .trail(trail),
        );
    }
    findings
}

/// A reply of which no field is read: nothing is done with it, or all of it is kept or handed on.
fn whole(context: &Context<'_, '_>, span: Span, numbers: &[usize], fields: &BTreeSet<&str>) -> Option<Finding> {
    if !fields.is_empty() {
        return None;
    }
    let kept = context.facts.sinks.iter().find(|sink| {
        let all = |label: &Label| {
            matches!(label, Label::Content(number, path) if numbers.contains(number)
                && path.split('.').all(|field| field.is_empty() || api().container(field)))
        };
        matches!(sink.kind, SinkKind::File | SinkKind::Response | SinkKind::BrowserStore | SinkKind::Mail)
            && sink.values.iter().any(|written| written.value.any_label(&all))
    });
    if let Some(sink) = kept {
        let message = "The whole of a patient's extended details is kept or handed on. If most of it is not needed, the operations for the parts are faster.";
        let trail = vec![
            Step { span, note: "the extended details are fetched here".to_owned() },
            Step { span: sink.span, note: "and all of it goes here".to_owned() },
        ];
        return Some(
            Finding::new("extended-details", Severity::Note, Confidence::Medium, span, message)
                .label("extended details")
                .help(instead(fields))
                .trail(trail),
        );
    }
    let unused = numbers.iter().all(|number| context.facts.dropped.contains(number));
    unused.then(|| {
        let message = "The extended details of a patient are fetched and nothing is done with them.";
        Finding::new("extended-details", Severity::Warning, Confidence::Medium, span, message)
            .label("extended details")
            .help("leave the call out, or ask for `/patients/{id}` when only the patient's existence matters")
    })
}

fn read(fields: &BTreeSet<&str>) -> String {
    let names: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    format!("{} {}", names.join(", "), if names.len() == 1 { "is" } else { "are" })
}

/// The operations that return the fields that are read.
fn instead(fields: &BTreeSet<&str>) -> String {
    let mut paths = BTreeSet::new();
    for field in fields {
        let field = field.replace('_', " ");
        let own = api().operations.iter().find(|operation| {
            operation.method == "GET"
                && operation.instead_of_extended.as_ref().is_some_and(|part| part.to_ascii_lowercase().contains(&field))
        });
        paths.insert(own.map_or("/patients/{id}", |operation| operation.path.as_str()));
    }
    match paths.len() {
        0 => "use the operations that return the parts you need, and the delta resources to learn what changed"
            .to_owned(),
        _ => format!("fetch {} instead", paths.into_iter().collect::<Vec<_>>().join(", ")),
    }
}
