//! `unbounded-retry`: API calls tried again without end, or tried again although they create something.

use super::Context;
use super::operation::Call;
use crate::finding::{Confidence, Finding, Severity, Step};
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

/// Whether a call creates something; checking a login does not.
fn writes(call: &Call<'_, '_>) -> bool {
    call.operation.is_some_and(|op| matches!(op.kind.as_str(), "write" | "email" | "sms"))
}
