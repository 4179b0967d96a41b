//! `logged-credential`: a value that authenticates API calls is written to a log.

use super::{Context, labels, secret_leaves, secrets};
use crate::evaluate::value::{Label, Leaf};
use crate::facts::{SinkKind, Written};
use crate::finding::{Confidence, Finding, Severity, Step};
use std::collections::HashSet;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let origin = |label: &Label| matches!(label, Label::Environment(_) | Label::CompiledIn(_) | Label::Field(..));
    let (mut origins, mut literals) = (HashSet::new(), HashSet::new());
    for secret in context.api_requests().flat_map(secrets) {
        origins.extend(labels(secret).into_iter().filter(origin));
        literals.extend(secret_leaves(context, secret).into_iter().map(|(span, _)| span));
    }
    let mut findings = Vec::new();
    for log in context.facts.sinks(SinkKind::Log) {
        for Written { value, .. } in &log.values {
            let mut leaks = labels(value).iter().any(|label| origins.contains(label));
            value.leaves(&|_| false, &mut |leaf| {
                if let Leaf::Text(_, span, _) = leaf {
                    leaks |= literals.contains(&span);
                }
            });
            if leaks {
                let mut trail = value.steps();
                trail.push(Step { span: log.span, note: "and is written to the log here".to_owned() });
                findings.push(
                    Finding::new("logged-credential", Severity::Error, Confidence::High, log.span, "An API credential is written to a log. Treat it as exposed: disable the API user in the Cerbo interface and request new credentials.")
                        .label("log")
                        .help("log the method, path, status and duration; never what authenticates the call")
                        .trail(trail),
                );
            }
        }
    }
    findings
}
