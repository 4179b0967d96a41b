//! `error-exposes-credential`: what goes wrong is shown with what authenticates API calls: an error that carries its
//! request, or a credential in a message that users, error trackers or a crash show.

use super::Context;
use crate::facts::{Sink, SinkKind, SwitchMeaning};
use crate::finding::{Confidence, Finding, Severity, Step};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let shown = context.facts.sinks.iter().filter_map(|sink| one(context, sink));
    shown.chain(switched_on(context)).collect()
}

/// Settings that show requests or the program's values when something goes wrong.
fn switched_on(context: &Context<'_, '_>) -> Vec<Finding> {
    if context.api.is_empty() {
        return Vec::new();
    }
    let cleaned = context.facts.switches.iter().any(|switch| switch.meaning == SwitchMeaning::CleansEvents);
    let switched = context.facts.switches.iter().filter_map(|switch| {
        let (message, help) = match switch.meaning {
            SwitchMeaning::TracksRequests if !cleaned => (
                "The error tracker is told to send headers and other private parts of requests, in a program that makes API calls.",
                "leave the setting off, or remove headers and patient data before events are sent",
            ),
            SwitchMeaning::ErrorPages => (
                "Pages about errors show what the program knows, in a program that makes API calls.",
                "switch the pages on in development only",
            ),
            _ => return None,
        };
        Some(
            Finding::new("error-exposes-credential", Severity::Error, Confidence::Medium, switch.span, message)
                .label("switched on here")
                .help(help),
        )
    });
    switched.collect()
}

fn one(context: &Context<'_, '_>, sink: &Sink<'_>) -> Option<Finding> {
    let place = match sink.kind {
        SinkKind::Response => "is sent to the caller here",
        SinkKind::Tracker => "is handed to the error tracker here",
        SinkKind::Panic => "is part of the message the program dies with here",
        SinkKind::Page => "is put into a page here",
        SinkKind::Log | SinkKind::Output => "is written to the log here",
        _ => return None,
    };
    let cleaned = context.facts.switches.iter().any(|switch| switch.meaning == SwitchMeaning::CleansEvents);
    if cleaned && sink.kind == SinkKind::Tracker {
        return None;
    }
    let held = sink.values.iter().find_map(|written| context.credentials.held(&written.value))?;
    if held.failure.is_none() && matches!(sink.kind, SinkKind::Log | SinkKind::Output) {
        return None;
    }
    let mut trail = Vec::new();
    let message = match held.failure.and_then(|number| context.facts.requests.get(number)) {
        Some(request) => {
            trail.push(Step { span: request.span, note: "the error of this API call carries its request".to_owned() });
            "The error of an API call carries the request with its credential, and is shown whole. Treat the credential as exposed: disable the API user in the Cerbo interface and request new credentials."
        }
        None => {
            trail.extend(held.part.steps());
            "An API credential is shown when something goes wrong. Treat it as exposed: disable the API user in the Cerbo interface and request new credentials."
        }
    };
    trail.push(Step { span: sink.span, note: format!("and {place}") });
    Some(
        Finding::new("error-exposes-credential", Severity::Error, Confidence::High, sink.span, message)
            .label("shows the credential")
            .help("show the status and a message of your own; leave out the request, its headers and its URL")
            .trail(trail),
    )
}
