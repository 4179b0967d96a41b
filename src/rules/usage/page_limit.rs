//! `page-limit`: a page of more records than the API gives.

use super::Context;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::api;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let most = api().page_limit_max;
    let mut findings = Vec::new();
    for call in &context.calls {
        let paged = call.operation.is_some_and(|op| op.paginated);
        let Some(asked) = call.parameters.numbers("limit").into_iter().filter(|n| paged && *n > most).max() else {
            continue;
        };
        let place = call.place();
        let message = format!(
            "`{}` asks for {asked} records a page; the API gives at most {most}. Code that counts on more reads part of the list for the whole.",
            call.shown()
        );
        let trail = [Step { span: place, note: format!("asks for a page of {asked}") }];
        findings.push(
            Finding::new("page-limit", Severity::Warning, Confidence::High, place, message)
                .label(format!("`limit` is {asked}"))
                .help(format!(
                    "send `limit={most}` and raise `offset` by the number of records received until `has_more` is false"
                ))
                .trail(trail.into_iter().chain(call.trail(place)).collect()),
        );
    }
    findings
}
