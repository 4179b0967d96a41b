//! `compiled-in-credential`: a credential is taken in when the program is built.

use super::{Context, labels, secrets};
use crate::evaluate::value::Label;
use crate::finding::{Confidence, Finding, Severity, Step};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        for secret in secrets(request) {
            for label in labels(secret) {
                let Label::CompiledIn(span) = label else { continue };
                let trail = vec![
                    Step { span, note: "taken in when the program is built".to_owned() },
                    Step { span: request.span, note: "and authenticates this API call".to_owned() },
                ];
                findings.push(
                    Finding::new("compiled-in-credential", Severity::Error, Confidence::High, span, "An API credential is compiled into the program. Whoever has the binary has the credential; disable the API user in the Cerbo interface and request new credentials.")
                        .label("compiled in")
                        .help("read it at run time, with `std::env::var` or from a secret manager")
                        .trail(trail),
                );
            }
        }
    }
    findings
}
