//! `unpaged-list`: the first page of a list is read as if it were the whole.

use super::Context;
use super::operation::Call;
use crate::facts::RoundKind;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::api;
use crate::span::Span;
use std::collections::BTreeMap;

/// Who asks for at most this many records wants those and not the list.
const FEW: i64 = 20;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    // The same place may be reached with and without a cursor: it pages when any way does.
    let mut places: BTreeMap<(Span, &str), Vec<&Call<'_, '_>>> = BTreeMap::new();
    for call in &context.calls {
        if let Some(operation) = call.operation.filter(|op| op.paginated && op.kind == "list") {
            places.entry((call.place(), &operation.id)).or_default().push(call);
        }
    }
    let most = api().page_limit_max;
    let mut findings = Vec::new();
    for ((place, _), calls) in places {
        let whole = |call: &&&Call<'_, '_>| {
            let reads = call.reads(context);
            reads.contains("data") || reads.contains("results")
        };
        let bounded = |call: &&Call<'_, '_>| {
            call.parameters.open
                || call.pages(context)
                // Who asks for more than a page holds is told so by `page-limit`.
                || call.parameters.numbers("limit").iter().any(|limit| *limit <= FEW || *limit > most)
                || one_patient(call)
                || call
                    .rounds(context)
                    .iter()
                    .any(|round| !matches!(round.kind, RoundKind::Each | RoundKind::Jobs) && round.retry.is_none())
        };
        if calls.iter().any(bounded) {
            continue;
        }
        let Some(call) = calls.iter().find(whole) else { continue };
        let message = format!(
            "Only the first page of `{}` is read. The reply holds at most {most} records, and nothing asks for the next page or whether there is one.",
            call.shown()
        );
        let trail = [Step { span: place, note: "the list is requested once".to_owned() }];
        findings.push(
            Finding::new("unpaged-list", Severity::Warning, Confidence::Medium, place, message)
                .label("first page only")
                .help(format!(
                    "send `limit={most}` with `offset`, raise `offset` by the number of records received, and stop when `has_more` is false"
                ))
                .trail(trail.into_iter().chain(call.trail(place)).collect()),
        );
    }
    findings
}

/// One patient's records rarely fill a page.
fn one_patient(call: &Call<'_, '_>) -> bool {
    call.parameters.has("pt_id") || call.operation.is_some_and(|op| op.path.matches('{').count() > 0)
}
