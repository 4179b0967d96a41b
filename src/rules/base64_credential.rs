//! `base64-credential`: a literal that decodes to user and secret is written where a header or a credential is taken.

use super::Context;
use super::written::{What, Written};
use crate::finding::{Confidence, Finding, Severity};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let encoded = context.written.iter().filter(|written| written.what == What::Encoded && !written.support);
    encoded.map(finding).collect()
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
