//! `unconditional-patch`: a PATCH or PUT is sent without asking whether anything changes.

use super::Context;
use crate::evaluate::value::{Data, Label};
use crate::finding::{Confidence, Finding, Severity, Step};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        let updates = request.method.alternatives().iter().any(|method| {
            let name = match &*method.data {
                // A library's constant: `Method::PATCH`.
                Data::Callable(crate::evaluate::value::Callable::External(name, _)) => {
                    name.rsplit("::").next().map(str::to_owned)
                }
                Data::Object { variant: Some(variant), .. } => Some(variant.to_string()),
                _ => method.known_text(),
            };
            name.is_some_and(|name| name.eq_ignore_ascii_case("PATCH") || name.eq_ignore_ascii_case("PUT"))
        });
        let asked = request.guards.iter().any(|guard| guard.asks_for_change)
            || request.body.as_ref().is_some_and(|body| body.any_label(&|label| matches!(label, Label::Compared)));
        if !updates || asked {
            continue;
        }
        let trail =
            request.calls.iter().skip(1).map(|(_, span)| Step { span: *span, note: "called from here".to_owned() });
        let trail = trail.chain([Step { span: request.span, note: "and sent here".to_owned() }]).collect();
        findings.push(
            Finding::new("unconditional-patch", Severity::Warning, Confidence::Medium, request.span, "An update is sent without asking whether anything changes. Nothing on the way here compares the new values with the live state.")
                .label("update")
                .help("compare with the fetched or cached record, send the changed fields only, and send nothing when there are none")
                .trail(trail),
        );
    }
    findings
}
