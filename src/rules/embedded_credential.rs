//! `embedded-credential`: a credential written in the project reaches an API call's authentication.

use super::{Context, api_call, secret_leaves, secrets};
use crate::finding::{Confidence, Finding, Severity, Step};

const API: &str = "An API credential is written in the source. Disable the API user in the Cerbo interface and request new credentials: removing the line does not undo the exposure.";
const OTHER: &str =
    "A credential is written in the source. Have it replaced: removing the line does not undo the exposure.";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (request, reaches_api) in context.requests_in_scope() {
        let (call, message) = if reaches_api { ("API call", API) } else { ("request", OTHER) };
        let severity = match reaches_api || !api_call::is_local(&request.url, context.config) {
            true => Severity::Error,
            false => Severity::Note,
        };
        for secret in secrets(request) {
            for (span, holder) in secret_leaves(context, secret) {
                let mut trail = vec![Step { span, note: "the credential is written here".to_owned() }];
                trail.extend(holder.steps());
                trail.push(Step { span: request.span, note: format!("and authenticates this {call}") });
                findings.push(
                    Finding::new("embedded-credential", severity, Confidence::High, span, message)
                        .label("credential")
                        .help("read it at run time from the environment or a secret manager")
                        .trail(trail),
                );
            }
        }
    }
    findings
}
