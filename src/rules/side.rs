//! Where a request runs: its whole way from the outermost function to the call decides.

use super::Context;
use crate::facts::Request;
use crate::finding::Step;
use crate::project::sides::{Side, Verdict};
use crate::span::Span;

/// The places a request comes through, outermost first: functions, where they are called, and the request itself.
fn places(context: &Context<'_, '_>, request: &Request<'_>) -> Vec<Span> {
    let mut places = Vec::new();
    for (function, call) in &request.calls {
        places.push(*call);
        places.extend(context.program.functions.get(function.0).map(|entry| entry.function.span));
    }
    places.push(request.span);
    places
}

/// Why a request runs in a client; none when it does not, or nothing tells.
pub(super) fn client<'a>(context: &'a Context<'_, '_>, request: &Request<'_>) -> Option<&'a Verdict> {
    let verdicts: Vec<&Verdict> = places(context, request).into_iter().map(|place| context.sides.at(place)).collect();
    // The innermost function that runs on one side only decides: a page on the server shows a component of the client, a
    // component calls a function of the server. Where all can run on both sides, the outermost does.
    let decisive = |side: Side| matches!(side, Side::Server | Side::Test | Side::BuildTime | Side::Client);
    let alone = verdicts.iter().rev().find(|verdict| decisive(verdict.side) && !verdict.shared);
    alone.or(verdicts.first()).copied().filter(|verdict| verdict.side.ships() && !verdict.shared)
}

/// Why a request runs in a test; none when it does not.
pub(super) fn test<'a>(context: &'a Context<'_, '_>, request: &Request<'_>) -> Option<&'a Verdict> {
    places(context, request).into_iter().map(|place| context.sides.at(place)).find(|verdict| verdict.side == Side::Test)
}

/// Where a request runs.
pub(crate) fn runs(context: &Context<'_, '_>, request: &Request<'_>) -> Side {
    if test(context, request).is_some() {
        return Side::Test;
    }
    if let Some(verdict) = client(context, request) {
        return verdict.side;
    }
    let sides: Vec<Side> = places(context, request).into_iter().map(|place| context.sides.at(place).side).collect();
    let told = [Side::Server, Side::BuildTime].into_iter().find(|side| sides.contains(side));
    told.unwrap_or(Side::Unknown)
}

/// The evidence of a verdict, then the calls that lead to a request.
pub(super) fn trail(context: &Context<'_, '_>, request: &Request<'_>, verdict: &Verdict, last: &str) -> Vec<Step> {
    let mut trail = context.sides.steps(verdict);
    let calls = request.calls.iter().skip(1).map(|(_, span)| Step { span: *span, note: "called from here".to_owned() });
    trail.extend(calls);
    trail.push(Step { span: request.span, note: last.to_owned() });
    trail
}
