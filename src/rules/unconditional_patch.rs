//! `unconditional-patch`: a PATCH or PUT is sent without asking whether anything changes.

use super::Context;
use super::usage::operation::Call;
use crate::evaluate::shared::Kinds;
use crate::evaluate::value::Data;
use crate::facts::{Guard, RoundKind};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::span::Span;
use std::collections::BTreeSet;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let careful: BTreeSet<Span> = context
        .calls
        .iter()
        .filter(|call| updates(call) && asks(call) && !is_empty(call))
        .flat_map(|call| call.request.calls.iter().map(|(_, span)| *span).chain([call.request.span]))
        .collect();
    for call in context.calls.iter().filter(|call| updates(call)) {
        let request = call.request;
        let empty = is_empty(call);
        if asks(call) && !empty {
            continue;
        }
        let each = call.rounds(context).into_iter().any(|round| round.kind == RoundKind::Each && round.retry.is_none());
        let message = match (empty, each) {
            (true, _) => "An update is sent with nothing in it. It changes nothing and is written down as a change.",
            (false, true) => {
                "An update is sent for every record of a loop without asking whether it changes. Nothing on the way here compares the new values with the live state."
            }
            (false, false) => {
                "An update is sent without asking whether anything changes. Nothing on the way here compares the new values with the live state."
            }
        };
        let trail =
            request.calls.iter().skip(1).map(|(_, span)| Step { span: *span, note: "called from here".to_owned() });
        let trail = trail.chain([Step { span: request.span, note: "and sent here".to_owned() }]).collect();
        findings.push(
            Finding::new("unconditional-patch", Severity::Warning, Confidence::Medium, place(call, &careful), message)
                .label("update")
                .help("compare with the fetched or cached record, send the changed fields only, and send nothing when there are none")
                .trail(trail),
        );
    }
    findings
}

/// Whether a call updates a record. What ends in a word, such as `discontinue`, is done and not compared.
fn updates(call: &Call<'_, '_>) -> bool {
    let action = call.operation.is_some_and(|operation| !operation.path.ends_with('}'));
    !action && call.methods.iter().any(|method| method == "PATCH" || method == "PUT")
}

/// The place to report: the call that names the record; when others come through it that do ask, the call of the one that
/// does not.
fn place(call: &Call<'_, '_>, careful: &BTreeSet<Span>) -> Span {
    let named = call.place();
    let calls = call.request.calls.iter().skip(1).rev().map(|(_, span)| *span);
    let inwards = std::iter::once(call.request.span).chain(calls).skip_while(|span| *span != named);
    inwards.into_iter().find(|span| !careful.contains(span)).unwrap_or(named)
}

/// Whether something on the way asks if anything changes.
fn asks(call: &Call<'_, '_>) -> bool {
    call.request.guards.iter().any(|guard| guard.asks_for_change || compares_what_is_sent(guard, call))
        || call.request.body.as_ref().is_some_and(|body| body.has(Kinds::COMPARED))
}

/// Whether a condition holds a field against the very value that is sent for it.
fn compares_what_is_sent(guard: &Guard, call: &Call<'_, '_>) -> bool {
    let bodies = call.request.body.iter().flat_map(|body| body.alternatives());
    bodies.into_iter().any(|body| match &*body.data {
        Data::Object { fields, .. } => guard.compared.iter().any(|(field, value)| {
            fields.get(field.as_str()).and_then(|sent| sent.known_text()).is_some_and(|sent| sent == *value)
        }),
        _ => false,
    })
}

/// Whether a call's body has nothing in it.
fn is_empty(call: &Call<'_, '_>) -> bool {
    let Some(body) = &call.request.body else { return false };
    match &*body.data {
        Data::Object { ty: None, variant: None, fields, open: false } => fields.is_empty(),
        Data::Text(_) => body.known_text().is_some_and(|text| matches!(text.trim(), "" | "{}")),
        _ => false,
    }
}
