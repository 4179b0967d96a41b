//! `base64-credential`: a literal that decodes to user and secret is written where a header or a credential is taken; or
//! what is only encoded is called encrypted.

use super::written::{What, Written};
use super::{Context, secrets};
use crate::evaluate::value::{Label, Value};
use crate::facts::{Encoding, Request};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::{names_encryption, says_encryption};
use crate::span::Span;
use std::collections::BTreeSet;

const CALLED: &str = "An API credential that is only encoded as base64 is called encrypted. Base64 is no encryption: whoever reads it has the user and the secret.";

/// Bytes between a comment and what it is about, at most: attributes and the beginning of a statement.
const NEAR: u32 = 160;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let encoded = context.written.iter().filter(|written| written.what == What::Encoded && !written.support);
    let mut findings: Vec<Finding> = encoded.map(finding).collect();
    let (said, places) = said_to_encrypt(context);
    findings.extend(said);
    findings.extend(called_encrypted(context, &places));
    findings
}

/// Credentials that are encoded in a function whose name, or below a comment that says it encrypts; and the places of all
/// those encodings.
fn said_to_encrypt(context: &Context<'_, '_>) -> (Vec<Finding>, BTreeSet<Span>) {
    let mut places = BTreeSet::new();
    let mut findings = Vec::new();
    for encoding in &context.facts.encodings {
        if places.contains(&encoding.span) || context.credentials.held(&encoding.value).is_none() {
            continue;
        }
        let Some(says) = says(context, encoding) else { continue };
        places.insert(encoding.span);
        findings.push(called(encoding.span, vec![says]));
    }
    (findings, places)
}

/// What says that an encoding encrypts.
fn says(context: &Context<'_, '_>, encoding: &Encoding<'_>) -> Option<Step> {
    let within = encoding.within;
    if let Some(function) = within
        && function.name.as_deref().is_some_and(names_encryption)
    {
        let span =
            Span { end: function.body.as_ref().map_or(function.span.end, |body| body.span.start), ..function.span };
        return Some(Step { span, note: "the function is named so".to_owned() });
    }
    let comments = context.program.comments.get(&encoding.span.file)?;
    // Of the statement, and of the function around it.
    let starts = [Some(encoding.span.start), within.map(|function| function.span.start)];
    starts.into_iter().flatten().find_map(|start| {
        let before = comments.partition_point(|comment| comment.span.end <= start);
        let comment = comments.get(before.checked_sub(1)?)?;
        let near = start - comment.span.end < NEAR;
        let step = || Step { span: comment.span, note: "the comment says so".to_owned() };
        (near && says_encryption(&comment.text)).then(step)
    })
}

/// Encoded pairs that authenticate API calls under names that say they are encrypted. `known`: places of encodings that are
/// told already.
fn called_encrypted(context: &Context<'_, '_>, known: &BTreeSet<Span>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests() {
        let Some(named) = named_encrypted(request) else { continue };
        let mut trail = named.steps();
        if trail.iter().any(|step| known.contains(&step.span)) {
            continue;
        }
        trail.push(Step { span: request.span, note: "and authenticates this API call".to_owned() });
        findings.push(called(request.span, trail));
    }
    findings
}

/// The part of a request's secret that is encoded and held by a name of something encrypted.
fn named_encrypted<'p>(request: &Request<'p>) -> Option<Value<'p>> {
    let mut found = None;
    for value in secrets(request) {
        value.parts(&mut |part| {
            let encoded = part.labels.contains(&Label::Encoded);
            let named = |label: &Label| matches!(label, Label::Named(name) if names_encryption(name));
            if found.is_none() && encoded && part.labels.iter().any(named) {
                found = Some(part.clone());
            }
            found.is_none()
        });
    }
    found
}

fn called(span: Span, trail: Vec<Step>) -> Finding {
    Finding::new("base64-credential", Severity::Error, Confidence::Medium, span, CALLED)
        .label("encoded, not encrypted")
        .help("name it for what it is, and protect it like the secret itself")
        .trail(trail)
}

fn finding(written: &Written) -> Finding {
    found(written.span, written.confidence)
}

/// The finding for an encoded pair at a place.
pub(super) fn found(span: Span, confidence: Confidence) -> Finding {
    Finding::new("base64-credential", Severity::Error, confidence, span, "An API credential is written down as base64. Base64 is no encryption: whoever reads it has the user and the secret. Disable the API user in the Cerbo interface and request new credentials.")
        .label("user and secret, encoded")
        .help("keep user and secret outside the project and encode them when the request is sent")
}
