//! `base64-credential`: a literal that decodes to user and secret is written where a header or a credential is taken; or
//! what is only encoded is called encrypted.

use super::written::{What, Written};
use super::{Context, secrets};
use crate::evaluate::value::{Label, Value};
use crate::facts::{Encoding, Request};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::{names_encryption, says_encryption};
use crate::program::tree::{Expr, ExprKind};
use crate::program::visit::children;
use crate::span::Span;
use std::collections::BTreeSet;

const CALLED: &str = "An API credential that is only encoded as base64 is called encrypted. Base64 is no encryption: whoever reads it has the user and the secret.";

/// Bytes between a comment and what it is about, at most: the end of its line, and what the next one begins with.
const NEAR: u32 = 24;
/// The same for documentation, which stands above attributes too.
const NEAR_DOC: u32 = 160;
/// Expressions nested deeper than this are not looked into.
const MAX_DEPTH: usize = 64;

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
    starts(context, encoding).into_iter().find_map(|start| {
        let before = comments.partition_point(|comment| comment.span.end <= start);
        let comment = comments.get(before.checked_sub(1)?)?;
        // Documentation stands above attributes too.
        let near = if comment.doc { NEAR_DOC } else { NEAR };
        let step = || Step { span: comment.span, note: "the comment says so".to_owned() };
        (start - comment.span.end <= near && says_encryption(&comment.text)).then(step)
    })
}

/// Where the statement, the function and the definition begin that an encoding stands in: what stands right above one of
/// these is about it.
fn starts(context: &Context<'_, '_>, encoding: &Encoding<'_>) -> Vec<u32> {
    let program = context.program;
    let mut starts = Vec::new();
    if let Some(function) = encoding.within {
        starts.extend(function.body.as_ref().and_then(|body| statement(body, encoding.span, MAX_DEPTH)));
        starts.push(function.span.start);
        let entry = program.functions.iter().find(|entry| std::ptr::eq(entry.function, function));
        starts.extend(entry.map(|entry| entry.item.span.start));
    }
    let constants = program.constants.iter().map(|entry| entry.item.span);
    let definitions = constants.chain(program.statements.iter().map(|(_, statement)| statement.span));
    starts.extend(definitions.filter(|span| span.contains(encoding.span)).map(|span| span.start));
    starts
}

/// The beginning of the innermost statement that a place stands in.
fn statement(expression: &Expr, place: Span, depth: usize) -> Option<u32> {
    let depth = depth.checked_sub(1)?;
    let mut found = None;
    if let ExprKind::Block(block) = &expression.kind {
        let all = block.statements.iter().chain(block.value.as_deref());
        found = all.map(|statement| statement.span).find(|span| span.contains(place)).map(|span| span.start);
    }
    let mut inner = None;
    children(expression, &mut |child| {
        if inner.is_none() && child.span.contains(place) {
            inner = statement(child, place, depth);
        }
    });
    inner.or(found)
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
