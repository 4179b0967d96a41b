//! `credential-check-in-loop` and `message-in-loop`: operations that must not be repeated.

use super::Context;
use super::operation::Call;
use crate::facts::RoundKind;
use crate::finding::{Confidence, Finding, Severity};
use crate::rules::{api_call, production_in_test, side};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in &context.calls {
        let Some(operation) = call.operation else { continue };
        let round = call.rounds(context).into_iter().rfind(|round| round.kind != RoundKind::Jobs);
        let tested =
            || side::test(context, call.request).filter(|_| operation.kind != "validate" && !mocked(context, call));
        let recursion = context.facts.recursions.iter().find(|again| {
            again.on_failure && call.request.calls.iter().any(|(function, _)| *function == again.function)
        });
        let (again, trail) = match (round, tested()) {
            (Some(round), _) if round.retry.is_some() => ("retried", call.trail_from_loop(round.span)),
            (None, _) if let Some(recursion) = recursion => ("retried", call.trail_from_loop(recursion.span)),
            (Some(round), _) => ("repeated in a loop", call.trail_from_loop(round.span)),
            (None, Some(verdict)) => ("sent by a test", side::trail(context, call.request, verdict, "and sent here")),
            (None, None) => continue,
        };
        let (rule, message, help) = match operation.kind.as_str() {
            "validate" => (
                "credential-check-in-loop",
                format!("`{}` is {again}. Checks of a login are rate-limited and lock.", call.shown()),
                "check a login once, when its user asks for it, and hand a failure back to the user; never repeat it by itself",
            ),
            "email" | "sms" => (
                "message-in-loop",
                format!(
                    "`{}` is {again}. Every call sends a message to a person, and these operations are rate-limited.",
                    call.shown()
                ),
                "send from a queue, one message at a time and each once: keep which ones were sent, and do not send again when the answer is lost",
            ),
            _ => continue,
        };
        let place = call.place();
        findings.push(
            Finding::new(rule, Severity::Warning, Confidence::High, place, message)
                .label(again)
                .help(help)
                .trail(trail),
        );
    }
    findings
}

/// Whether a call goes to a sandbox, or its host is not known to be a clinic's: a mock may answer it.
fn mocked(context: &Context<'_, '_>, call: &Call<'_, '_>) -> bool {
    let hosts = call.request.url.alternatives();
    let mut hosts = hosts.iter().filter_map(|url| api_call::host(context, url));
    !hosts.any(|host| production_in_test::is_production(context, &host))
}
