//! `embedded-credential`: a credential written in the project reaches an API call's authentication.

use super::{Context, secret_leaves, secrets};
use crate::finding::{Confidence, Finding, Severity, Step};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        for secret in secrets(request) {
            for (span, holder) in secret_leaves(context, secret) {
                let mut trail = vec![Step { span, note: "the credential is written here".to_owned() }];
                trail.extend(holder.steps());
                trail.push(Step { span: request.span, note: "and authenticates this API call".to_owned() });
                findings.push(
                    Finding::new("embedded-credential", Severity::Error, Confidence::High, span, "An API credential is written in the source. Disable the API user in the Cerbo interface and request new credentials: removing the line does not undo the exposure.")
                        .label("credential")
                        .help("read it at run time from the environment or a secret manager")
                        .trail(trail),
                );
            }
        }
    }
    findings
}
