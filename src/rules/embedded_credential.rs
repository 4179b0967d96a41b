//! `embedded-credential`: a credential written in the project reaches an API call's authentication, or stands under a name
//! of the API's. A literal that decodes to user and secret is `base64-credential`.

use super::written::{What, Written};
use super::{Context, api_call, base64_credential, secret_leaves, secrets, side};
use crate::evaluate::value::{Data, Value};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::{Shape, shape};
use crate::span::Span;

const INSTEAD: &str = "read it at run time from the environment or a secret manager";

const API: &str = "An API credential is written in the source. Disable the API user in the Cerbo interface and request new credentials: removing the line does not undo the exposure.";
const OTHER: &str =
    "A credential is written in the source. Have it replaced: removing the line does not undo the exposure.";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (request, reaches_api) in context.requests_in_scope() {
        // What a test sends to its own mock is made up.
        if side::test(context, request).is_some_and(|verdict| verdict.weak) {
            continue;
        }
        let (call, message) = if reaches_api { ("API call", API) } else { ("request", OTHER) };
        let severity = match reaches_api || !api_call::is_local(&request.url, context.config) {
            true => Severity::Error,
            false => Severity::Note,
        };
        for secret in secrets(request) {
            let mut leaves = secret_leaves(&context.config.placeholders, secret);
            // The parts of which one secret is put together are told as one, by the longest.
            let others = if is_one(secret) { apart_from_longest(&mut leaves) } else { Vec::new() };
            for (span, holder) in leaves {
                let mut trail = vec![Step { span, note: "the credential is written here".to_owned() }];
                trail.extend(holder.steps());
                trail.push(Step { span: request.span, note: format!("and authenticates this {call}") });
                let text = holder.known_text().unwrap_or_default();
                let finding = match shape(&text) {
                    Some(Shape::BasicHeader | Shape::EncodedPair) if reaches_api => {
                        base64_credential::found(span, Confidence::High)
                    }
                    _ => Finding::new("embedded-credential", severity, Confidence::High, span, message)
                        .label("credential")
                        .help(INSTEAD),
                };
                let finding =
                    others.iter().fold(finding, |finding, other| finding.related(*other, "another part of it"));
                findings.push(finding.trail(trail));
            }
        }
    }
    let written = context.written.iter().filter(|written| written.what == What::Secret && !written.support);
    findings.extend(written.map(of_written));
    findings
}

/// Whether a value is one text, and not one of several.
fn is_one(value: &Value<'_>) -> bool {
    let mut one = true;
    value.parts(&mut |part| {
        one &= !matches!(*part.data, Data::Union(_));
        one
    });
    one
}

/// Leaves the longest of the texts, and gives the places of the others.
fn apart_from_longest(leaves: &mut Vec<(Span, &Value<'_>)>) -> Vec<Span> {
    let Some(longest) = leaves.iter().map(|(span, _)| *span).max_by_key(|span| (span.end - span.start, span.start))
    else {
        return Vec::new();
    };
    let others = leaves.iter().map(|(span, _)| *span).filter(|span| *span != longest).collect();
    leaves.retain(|(span, _)| *span == longest);
    others
}

fn of_written(written: &Written) -> Finding {
    let label = match (written.commented, written.default, written.key.as_str()) {
        (true, ..) => "credential, in a comment".to_owned(),
        (_, true, _) => "credential, taken when the variable is not set".to_owned(),
        (_, _, "") => "credential".to_owned(),
        (_, _, key) => format!("credential, as `{key}`"),
    };
    let mut finding = Finding::new("embedded-credential", Severity::Error, written.confidence, written.span, API)
        .label(label)
        .help(INSTEAD);
    if let Some(user) = written.user {
        finding = finding.related(user, "its user name");
    }
    if let Some(used) = &written.used {
        let first = Step { span: written.span, note: "the variable is set here".to_owned() };
        finding = finding.trail(vec![first, used.clone()]);
    }
    finding
}
