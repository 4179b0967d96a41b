//! `url-userinfo`: the URL of an API call carries the credential, so every log of that URL is a leak.

use super::written::{What, part};
use super::{Context, api_call};
use crate::config::Scope;
use crate::evaluate::value::Leaf;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::{is_placeholder, userinfo};
use crate::span::Span;

/// Stands for the parts of a URL that are not known.
const HOLE: &str = "{}";

const MESSAGE: &str = "An API credential is written in a URL. Disable the API user in the Cerbo interface and request new credentials: removing the line does not undo the exposure.";
const INSTEAD: &str = "leave the URL without a user and send the credential as basic authentication, read at run time";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = requested(context);
    let written = context.written.iter().filter(|written| written.what == What::Userinfo && !written.support);
    findings.extend(written.map(|written| {
        Finding::new("url-userinfo", Severity::Error, written.confidence, written.span, MESSAGE)
            .label("credential in a URL")
            .help(INSTEAD)
    }));
    if context.config.scope == Scope::Any {
        let known: Vec<Span> = findings.iter().map(|finding| finding.primary).collect();
        let others = others(context).filter(|finding| !known.iter().any(|span| overlaps(*span, finding.primary)));
        findings.extend(others.collect::<Vec<_>>());
    }
    findings
}

fn overlaps(one: Span, other: Span) -> bool {
    one.file == other.file && one.start < other.end && other.start < one.end
}

/// Addresses of other services that are written with a user and a secret.
fn others<'c>(context: &'c Context<'_, '_>) -> impl Iterator<Item = Finding> + 'c {
    let api: Vec<Span> = context.written.iter().map(|written| written.span).collect();
    context.settings.all.iter().filter_map(move |setting| {
        let (_, secret, host) = userinfo(&setting.value)?;
        let (text, host) = (setting.value.get(secret.clone())?, setting.value.get(host)?);
        let file = context.settings.file(setting.span)?;
        let span = part(setting, secret);
        let silent = file.descriptive || file.hidden || setting.test && file.kind.is_code();
        if silent || text.contains("${") || api.iter().any(|known| overlaps(*known, span)) {
            return None;
        }
        if is_placeholder(text, &context.config.placeholders) {
            return None;
        }
        let host = host.split(':').next().unwrap_or("");
        let local = matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[") || !host.contains('.');
        let (severity, confidence) = if local { (Severity::Note, Confidence::Medium) } else { (Severity::Error, Confidence::High) };
        let message = "A credential of another service is written in a URL. Have it replaced: removing the line does not undo the exposure.";
        Some(Finding::new("url-userinfo", severity, confidence, span, message).label("credential in a URL").help(INSTEAD))
    })
}

/// URLs of requests that take a user and a secret.
pub(super) fn requested(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (request, reaches_api) in context.requests_in_scope() {
        for url in request.url.alternatives() {
            let text = api_call::text(&url, context.config).replace('\0', HOLE);
            let Some(secret) = userinfo(&text).and_then(|(_, secret, _)| text.get(secret)) else { continue };
            let filled = secret.contains(HOLE);
            if !filled && is_placeholder(secret, &context.config.placeholders) {
                continue;
            }
            // The place where the user is put before the host; otherwise where the URL begins.
            let (mut written, mut begins) = (None, None);
            url.leaves(&|_| false, &mut |leaf| {
                if let Leaf::Text(text, span, _) = leaf
                    && span != crate::span::Span::default()
                {
                    if text.contains('@') {
                        written = written.or(Some(span));
                    }
                    if text.contains("://") {
                        begins = begins.or(Some(span));
                    }
                }
            });
            let primary = written.or(begins).unwrap_or(request.span);
            let (severity, message) = match (filled, reaches_api) {
                (true, true) => (
                    Severity::Warning,
                    "A credential is put into the URL of an API call. Proxies, logs and error messages write URLs down.",
                ),
                (true, false) => (
                    Severity::Warning,
                    "A credential is put into a URL. Proxies, logs and error messages write URLs down.",
                ),
                (false, true) => (Severity::Error, MESSAGE),
                (false, false) => (
                    Severity::Error,
                    "A credential is written in a URL. Have it replaced: removing the line does not undo the exposure.",
                ),
            };
            let severity =
                if !reaches_api && api_call::is_local(&url, context.config) { Severity::Note } else { severity };
            let mut trail = vec![Step { span: primary, note: "the URL takes a user and a secret here".to_owned() }];
            trail.extend(url.steps());
            trail.push(Step { span: request.span, note: "and is requested here".to_owned() });
            findings.push(
                Finding::new("url-userinfo", severity, Confidence::High, primary, message)
                    .label("credential in a URL")
                    .help(INSTEAD)
                    .trail(trail),
            );
        }
    }
    findings
}
