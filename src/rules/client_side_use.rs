//! `client-side-use`: code that ships to a client calls the API.

use super::{Context, secrets, side};
use crate::finding::{Confidence, Finding, Severity};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        let Some(verdict) = side::client(context, request) else { continue };
        let authenticates = request.user.is_some() || !secrets(request).is_empty();
        let message = if authenticates {
            "Code that ships to clients authenticates against the API. Everyone who has the page or the application has the credential: disable the API user in the Cerbo interface and request new credentials."
        } else {
            "Code that ships to clients calls the API. What it needs for that, the credential included, is in the hands of everyone who has the page or the application."
        };
        let confidence = if verdict.weak { Confidence::Medium } else { Confidence::High };
        findings.push(
            Finding::new("client-side-use", Severity::Error, confidence, request.span, message)
                .label("runs in the client")
                .help("call the API on a server of yours, and let the client ask that server for exactly what it shows")
                .trail(side::trail(context, request, verdict, "and calls the API here")),
        );
    }
    findings
}
