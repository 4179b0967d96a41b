//! `credential-check-in-loop` and `message-in-loop`: operations that must not be repeated.

use super::Context;
use crate::finding::{Confidence, Finding, Severity};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in &context.calls {
        let Some(operation) = call.operation else { continue };
        let Some(round) = call.rounds(context).into_iter().next_back() else { continue };
        let again = if round.retry.is_some() { "retried" } else { "repeated in a loop" };
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
                .trail(call.trail_from_loop(round.span)),
        );
    }
    findings
}
