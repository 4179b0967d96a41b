//! `compiled-in-credential`: a credential is taken in when the program is built.

use super::{Context, labels, secrets};
use crate::evaluate::value::Label;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::{CredentialName, credential_name, names_product};
use std::collections::HashSet;

const MESSAGE: &str = "An API credential is compiled into the program. Whoever has the binary has the credential; disable the API user in the Cerbo interface and request new credentials.";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        for secret in secrets(request) {
            for label in labels(secret) {
                let Label::CompiledIn(span, _) = label else { continue };
                let trail = vec![
                    Step { span, note: "taken in when the program is built".to_owned() },
                    Step { span: request.span, note: "and authenticates this API call".to_owned() },
                ];
                findings.push(
                    Finding::new("compiled-in-credential", Severity::Error, Confidence::High, span, MESSAGE)
                        .label("compiled in")
                        .help("read it at run time, with `std::env::var` or from a secret manager")
                        .trail(trail),
                );
            }
        }
    }
    findings.extend(built_in(context));
    findings
}

/// Credentials that the settings of a build put into a program for a server.
fn built_in(context: &Context<'_, '_>) -> Vec<Finding> {
    let names: HashSet<String> = context
        .api_requests()
        .flat_map(secrets)
        .flat_map(labels)
        .filter_map(|label| match label {
            Label::Environment(name) => Some(name.to_string()),
            _ => None,
        })
        .collect();
    let secret = |name: &String| {
        names.contains(name) || names_product(name) && credential_name(name) == Some(CredentialName::Secret)
    };
    let exposed = context.sides.exposed().iter().filter(|exposed| exposed.server);
    exposed
        .filter(|exposed| exposed.names.iter().any(secret))
        .map(|exposed| {
            Finding::new("compiled-in-credential", Severity::Error, Confidence::High, exposed.span, MESSAGE)
                .label("compiled in")
                .help("read it at run time, from the environment or from a secret manager")
                .trail(vec![Step { span: exposed.span, note: exposed.note.clone() }])
        })
        .collect()
}
