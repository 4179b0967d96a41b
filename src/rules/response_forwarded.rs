//! `response-forwarded`: what the API answers, or where the API is, is passed on to the caller as it is.

use super::{Context, api_call};
use crate::evaluate::value::{Data, Label, Piece, Value};
use crate::facts::{Request, SinkKind};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::api;
use std::collections::HashSet;

const RULE: &str = "response-forwarded";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Where the path is the caller's and the answer goes back to the caller, that is one open proxy.
    let mut proxied = HashSet::new();
    for sink in &context.facts.sinks {
        match sink.kind {
            SinkKind::Response => {
                let Some(number) = sink.values.iter().find_map(|written| forwarded(context, &written.value)) else {
                    continue;
                };
                let Some(request) = context.facts.requests.get(number) else { continue };
                let chosen = chosen_by_caller(context, request);
                let asked = if chosen { "the caller chooses what is asked for here" } else { "the API answers here" };
                let trail = vec![
                    Step { span: request.span, note: asked.to_owned() },
                    Step { span: sink.span, note: "and its answer is passed on here".to_owned() },
                ];
                let finding = if chosen {
                    proxied.insert(request.span);
                    Finding::new(RULE, Severity::Warning, Confidence::Medium, sink.span, "The caller chooses the path of an API call and gets its answer as it came. With the program's credential it reaches every operation the API user may use.")
                        .label("an open proxy to the API")
                        .help("offer the operations the caller needs, each with a path of its own, and select the fields of their answers")
                } else {
                    Finding::new(RULE, Severity::Warning, Confidence::Medium, sink.span, "An answer of the API is passed on to the caller as it came. The caller gets every field of it, and its error messages.")
                        .label("passed on as it came")
                        .help("select the fields the caller needs, and answer with messages of your own when the API fails")
                };
                findings.push(finding.trail(trail));
            }
            SinkKind::Redirect => {
                let target = sink.target.iter().chain(sink.values.iter().map(|written| &written.value));
                if target.into_iter().any(|target| api_call::is_api_url(target, context.config)) {
                    findings.push(
                        Finding::new(RULE, Severity::Warning, Confidence::High, sink.span, "The caller is redirected to the API itself. A browser cannot use it without the credential, and learns where it is.")
                            .label("redirect to the API")
                            .help("make the call on the server and answer with the fields the caller needs"),
                    );
                }
            }
            _ => {}
        }
    }
    let open = |request: &&Request<'_>| !proxied.contains(&request.span) && chosen_by_caller(context, request);
    for request in context.api_requests().filter(open) {
        findings.push(
            Finding::new(RULE, Severity::Warning, Confidence::Medium, request.span, "The caller chooses the path of this API call. With the program's credential it reaches every operation the API user may use.")
                .label("path chosen by the caller")
                .help("offer the operations the caller needs, each with a path of its own"),
        );
    }
    findings
}

/// The request whose whole answer a value passes on.
fn forwarded(context: &Context<'_, '_>, value: &Value<'_>) -> Option<usize> {
    let mut found = None;
    value.parts(&mut |part| {
        if let Some(number) = whole(part).filter(|number| context.api.contains_key(number)) {
            found = found.or(Some(number));
        }
        // What is decided by, computed from or selected of an answer is not the answer.
        found.is_none()
    });
    found
}

/// The request of which a part is the whole answer, or all its records, as they came.
fn whole(part: &Value<'_>) -> Option<usize> {
    let raw = match &*part.data {
        Data::Unknown => true,
        Data::Object { ty: None, fields, .. } => fields.is_empty(),
        _ => false,
    };
    if !raw {
        return None;
    }
    part.labels.iter().find_map(|label| match label {
        Label::Content(number, path) if path.is_empty() || path.split('.').all(|field| api().container(field)) => {
            Some(*number)
        }
        _ => None,
    })
}

/// Whether the path below the API's base is what the caller sent.
fn chosen_by_caller(context: &Context<'_, '_>, request: &Request<'_>) -> bool {
    request.url.alternatives().iter().any(|url| {
        let Data::Text(pieces) = &*url.data else { return false };
        let Some((Piece::Hole(last), before)) = pieces.split_last() else { return false };
        let base: String = before
            .iter()
            .map(|piece| match piece {
                Piece::Known(text, _) => text.to_string(),
                Piece::Hole(value) => api_call::text(value, context.config),
            })
            .collect();
        let base = base.trim_end_matches('/');
        let whole = base.ends_with(api().base_path.trim_end_matches('/')) || base == "\0";
        whole && last.labels.contains(&Label::UserInput)
    })
}
