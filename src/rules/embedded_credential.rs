//! `embedded-credential`: a credential written in the project reaches an API call's authentication, or stands under a name
//! of the API's. A literal that decodes to user and secret is `base64-credential`.

use super::written::{What, Written};
use super::{Context, api_call, base64_credential, secret_leaves, secrets, side};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::{Shape, shape};

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
            for (span, holder) in secret_leaves(&context.config.placeholders, secret) {
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
                findings.push(finding.trail(trail));
            }
        }
    }
    let written = context.written.iter().filter(|written| written.what == What::Secret && !written.support);
    findings.extend(written.map(of_written));
    findings
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
