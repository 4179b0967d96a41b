//! `logged-credential`: a value that authenticates API calls is written to a log.

use super::{Context, secrets};
use crate::facts::SinkKind;
use crate::finding::{Confidence, Finding, Hint, Severity, Step};

const RULE: &str = "logged-credential";
const HELP: &str = "log the method, path, status and duration; never what authenticates the call";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let logs = context.facts.sinks.iter().filter(|sink| matches!(sink.kind, SinkKind::Log | SinkKind::Output));
    for log in logs {
        for written in &log.values {
            // What an error carries is another rule's.
            let Some(held) = context.credentials.held(&written.value).filter(|held| held.failure.is_none()) else {
                continue;
            };
            let first = log.values.first().is_some_and(|first| first.span == written.span);
            let paths = log.leaves_out.filter(|_| first).zip(context.credentials.paths(&written.value));
            let mut trail = held.part.steps();
            trail.push(Step { span: log.span, note: "and is written to the log here".to_owned() });
            findings.push(
                Finding::new(RULE, Severity::Error, Confidence::High, log.span, "An API credential is written to a log. Treat it as exposed: disable the API user in the Cerbo interface and request new credentials.")
                    .label("log")
                    .help(HELP)
                    .hint(paths.map(|(logger, paths)| Hint::LeaveOut(logger, paths)))
                    .trail(trail),
            );
        }
    }
    for request in context.api_requests() {
        let Some(verbose) = request.verbose.as_ref().filter(|verbose| verbose.known_text().as_deref() == Some("true"))
        else {
            continue;
        };
        if secrets(request).is_empty() && context.credentials.held(&request.url).is_none() {
            continue;
        }
        let steps = verbose.steps();
        let primary = steps.last().map_or(request.span, |step| step.span);
        let mut trail = steps;
        trail.push(Step { span: request.span, note: "this API call is logged with its headers".to_owned() });
        findings.push(
            Finding::new(
                RULE,
                Severity::Error,
                Confidence::High,
                primary,
                "The client logs every request as it is sent, the `Authorization` header of its API calls included.",
            )
            .label("logs headers")
            .help(HELP)
            .trail(trail),
        );
    }
    findings
}
