//! `unbounded-retry`: API calls tried again without end, or tried again although they create something.

use super::Context;
use super::operation::Call;
use crate::evaluate::value::{Callable, Data, Leaf, Value};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::repeats;
use crate::span::Span;
use std::collections::BTreeSet;

const BOUNDED: &str = "try at most a few times, wait longer after each failure, and hand the last error on; ask whether a lost POST was done before sending it again";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: BTreeSet<Span> = BTreeSet::new();
    for call in &context.calls {
        let mut again: Vec<(Span, bool, bool)> = call
            .rounds(context)
            .into_iter()
            .filter_map(|round| round.retry.map(|retry| (round.span, retry.bounded, retry.refused_only)))
            .collect();
        let entered: BTreeSet<usize> = call.request.calls.iter().map(|(id, _)| id.0).collect();
        let recursions =
            context.facts.recursions.iter().filter(|one| one.on_failure && entered.contains(&one.function.0));
        again.extend(recursions.map(|one| (one.span, one.bounded, one.refused_only)));
        again.extend(by_client(call));
        for (span, bounded, refused_only) in again {
            let creates = !refused_only && call.methods.iter().any(|method| method == "POST") && writes(call);
            let message = match (bounded, creates) {
                (false, _) => {
                    "An API call that fails is tried again without end. When the API is down or refuses, this loads the clinic's server until somebody stops it.".to_owned()
                }
                (true, true) => format!(
                    "`{}` is tried again when it fails. If the first request was done and only its answer was lost, this does it twice.",
                    call.shown()
                ),
                (true, false) => continue,
            };
            if !seen.insert(span) {
                continue;
            }
            let steps = [Step { span, note: "tried again here".to_owned() }];
            let sent = Step { span: call.request.span, note: "this API call".to_owned() };
            findings.push(
                Finding::new("unbounded-retry", Severity::Warning, Confidence::Medium, span, message)
                    .label("tried again")
                    .help(BOUNDED)
                    .trail(steps.into_iter().chain([sent]).collect()),
            );
        }
    }
    findings
}

/// Where the client of a call is told to try again by itself: without end, or this call's verb too.
fn by_client(call: &Call<'_, '_>) -> Vec<(Span, bool, bool)> {
    let mut again = Vec::new();
    let written = |values: &[Value<'_>], holds: &dyn Fn(&Value<'_>) -> bool| {
        let mut found = None;
        for value in values {
            value.leaves(&|_| false, &mut |leaf| {
                if let Leaf::Text(_, span, holder) = leaf
                    && holds(holder)
                {
                    found.get_or_insert(span);
                }
            });
        }
        found
    };
    let verb = |value: &Value<'_>| {
        let known = value.known_text().unwrap_or_default();
        call.methods.iter().any(|method| known.eq_ignore_ascii_case(method))
    };
    again.extend(written(&call.request.retried, &verb).map(|span| (span, true, false)));
    let endless = |value: &Value<'_>| value.alternatives().iter().any(is_endless);
    let attempts = call.request.attempts.iter().find(|value| endless(value));
    again.extend(attempts.map(|_| (call.request.span, false, false)));
    again
}

/// Whether a setting of how often something is tried again means: without end.
fn is_endless(setting: &Value<'_>) -> bool {
    match &*setting.data {
        Data::Callable(Callable::External(name, _)) => repeats::is_endless(name),
        _ => false,
    }
}

/// Whether a call creates something; checking a login does not.
fn writes(call: &Call<'_, '_>) -> bool {
    call.operation.is_some_and(|op| matches!(op.kind.as_str(), "write" | "email" | "sms"))
}
