//! `credential-in-argument`: a child process that calls the API has the credential in its arguments.

use super::{Context, api_call, secrets};
use crate::evaluate::value::Value;
use crate::facts::SinkKind;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::{is_placeholder, userinfo};
use crate::span::Span;

/// Stands for the parts of a URL that are not known.
const HOLE: &str = "{}";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for request in context.api_requests().filter(|request| request.by_process) {
        // A variable of the shell is put in before the process starts.
        let real = |text: &str| {
            let text = text.trim();
            !text.is_empty() && (text.starts_with('$') || !is_placeholder(text, &context.config.placeholders))
        };
        let given = |value: &&Value<'_>| value.known_text().is_none_or(|text| real(&text));
        let in_url = request.url.alternatives().iter().any(|url| {
            let text = api_call::text(url, context.config).replace('\0', HOLE);
            userinfo(&text).and_then(|(_, secret, _)| text.get(secret)).is_some_and(|s| s.contains(HOLE) || real(s))
        });
        let secret = secrets(request).into_iter().find(given);
        if secret.is_none() && !in_url {
            continue;
        }
        findings.push(finding(request.span, secret.map(Value::steps).unwrap_or_default()));
    }
    // Programs of which nothing is known have what they are given.
    for sink in context.facts.sinks(SinkKind::Process) {
        let held = sink.values.iter().find_map(|written| context.credentials.held(&written.value));
        findings.extend(held.map(|held| finding(sink.span, held.part.steps())));
    }
    findings
}

fn finding(span: Span, mut trail: Vec<Step>) -> Finding {
    trail.push(Step { span, note: "the process is started with it here".to_owned() });
    Finding::new(
        "credential-in-argument",
        Severity::Warning,
        Confidence::High,
        span,
        "An API credential stands in the arguments of a child process. Every user of the machine can list them.",
    )
    .label("started with the credential in its arguments")
    .help("send the request from the program itself, or hand the credential over by its environment, by standard input or in a file (`--netrc-file`, `--config`)")
    .trail(trail)
}
