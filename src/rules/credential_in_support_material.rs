//! `credential-in-support-material`: a credential stands in documentation, recorded requests or collections, or goes out in
//! a mail, ticket or message.

use super::{Context, api_call};
use crate::evaluate::value::Value;
use crate::facts::SinkKind;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::words::delivers_messages;
use crate::span::Span;

const RULE: &str = "credential-in-support-material";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        context.written.iter().filter(|written| written.support).map(|written| {
            let finding = Finding::new(RULE, Severity::Error, written.confidence, written.span, "An API credential is written in material that is handed around. Disable the API user in the Cerbo interface and request new credentials: removing the line does not undo the exposure.")
                .label("credential")
                .help("write a placeholder such as `<secret>` or a variable there, and share credentials by a secret manager only");
            match written.user {
                Some(user) => finding.related(user, "its user name"),
                None => finding,
            }
        })
        .collect();
    for sink in context.facts.sinks(SinkKind::Mail) {
        findings.extend(sink.values.iter().find_map(|written| sent(context, &written.value, sink.span)));
    }
    for (number, request) in context.facts.requests.iter().enumerate() {
        if context.api.contains_key(&number) {
            continue;
        }
        let delivers = request.url.alternatives().iter().any(|url| {
            let text = api_call::text(url, context.config);
            let (host, path) =
                text.split_once("://").map_or(("", ""), |(_, rest)| rest.split_once('/').unwrap_or((rest, "")));
            delivers_messages(host, path)
        });
        if delivers {
            let sent = request.body.iter().chain(&request.query).find_map(|value| sent(context, value, request.span));
            findings.extend(sent);
        }
    }
    findings
}

/// The finding for a value that goes out to people, when it holds a credential.
fn sent(context: &Context<'_, '_>, value: &Value<'_>, span: Span) -> Option<Finding> {
    let held = context.credentials.held(value)?;
    let mut trail = held.part.steps();
    trail.push(Step { span, note: "and goes out in a message here".to_owned() });
    Some(
        Finding::new(RULE, Severity::Error, Confidence::High, span, "An API credential goes out in a mail, ticket or message. Everyone who reads it, now or in an archive, has the credential: disable the API user in the Cerbo interface and request new credentials.")
            .label("sends the credential to people")
            .help("describe the failed call by method, path, status and time; who helps needs no credential for that")
            .trail(trail),
    )
}
