//! `unconditional-patch`: a PATCH or PUT is sent without asking whether anything changes.

use super::Context;
use super::usage::operation::Call;
use crate::evaluate::shared::Kinds;
use crate::evaluate::value::{Data, Value};
use crate::facts::RoundKind;
use crate::finding::{Confidence, Finding, Severity, Step};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in context.calls.iter().filter(|call| updates(call)) {
        let request = call.request;
        let empty = request.body.as_ref().is_some_and(is_empty);
        let asked = request.guards.iter().any(|guard| guard.asks_for_change)
            || request.body.as_ref().is_some_and(|body| body.has(Kinds::COMPARED));
        if asked && !empty {
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
            Finding::new("unconditional-patch", Severity::Warning, Confidence::Medium, call.place(), message)
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

/// Whether a body has nothing in it.
fn is_empty(body: &Value<'_>) -> bool {
    match &*body.data {
        Data::Object { ty: None, variant: None, fields, open: false } => fields.is_empty(),
        Data::Text(_) => body.known_text().is_some_and(|text| matches!(text.trim(), "" | "{}")),
        _ => false,
    }
}
