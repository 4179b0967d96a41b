//! `base64-credential`: a literal that decodes to user and secret is written where a header or a credential is taken; or
//! what is only encoded is called encrypted.

use super::written::{What, Written};
use super::{Context, secrets};
use crate::evaluate::value::{Label, Value};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::names_encryption;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let encoded = context.written.iter().filter(|written| written.what == What::Encoded && !written.support);
    encoded.map(finding).chain(called_encrypted(context)).collect()
}

/// Encoded pairs that authenticate API calls under names that say they are encrypted.
fn called_encrypted(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        let mut told: Option<Value<'_>> = None;
        for value in secrets(request) {
            value.parts(&mut |part| {
                let encoded = part.labels.contains(&Label::Encoded);
                let named = |label: &Label| matches!(label, Label::Named(name) if names_encryption(name));
                if told.is_none() && encoded && part.labels.iter().any(named) {
                    told = Some(part.clone());
                }
                told.is_none()
            });
        }
        let Some(told) = told else { continue };
        let mut trail = told.steps();
        trail.push(Step { span: request.span, note: "and authenticates this API call".to_owned() });
        findings.push(
            Finding::new("base64-credential", Severity::Error, Confidence::Medium, request.span, "An API credential that is only encoded as base64 is called encrypted. Base64 is no encryption: whoever reads it has the user and the secret.")
                .label("encoded, not encrypted")
                .help("name it for what it is, and protect it like the secret itself")
                .trail(trail),
        );
    }
    findings
}

fn finding(written: &Written) -> Finding {
    found(written.span, written.confidence)
}

/// The finding for an encoded pair at a place.
pub(super) fn found(span: crate::span::Span, confidence: Confidence) -> Finding {
    Finding::new("base64-credential", Severity::Error, confidence, span, "An API credential is written down as base64. Base64 is no encryption: whoever reads it has the user and the secret. Disable the API user in the Cerbo interface and request new credentials.")
        .label("user and secret, encoded")
        .help("keep user and secret outside the project and encode them when the request is sent")
}
