//! `no-sandbox` and `missing-request-log`: what a project as a whole does not have. One finding a project.

use super::Context;
use super::operation::{Call, DEPTH, flat};
use crate::evaluate::value::{Data, Label, Leaf, Piece, Value};
use crate::facts::{Sink, SinkKind};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::{Segment, api};
use crate::program::link::FunctionId;
use crate::span::{FileId, Span};
use std::collections::BTreeSet;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    no_sandbox(context).into_iter().chain(missing_request_log(context)).collect()
}

fn no_sandbox(context: &Context<'_, '_>) -> Option<Finding> {
    let risky = |call: &&Call<'_, '_>| {
        call.methods.iter().any(|method| method != "GET" && method != "HEAD") || call.paging_loop(context).is_some()
    };
    let fixed: Vec<(&Call<'_, '_>, Span)> =
        context.calls.iter().filter_map(|call| Some((call, production(call, context)?))).collect();
    // One way to another host is enough: the project can be pointed at the sandbox.
    if fixed.len() < context.calls.len() {
        return None;
    }
    let (call, host) = fixed.iter().find(|(call, _)| risky(call))?;
    let does = if call.paging_loop(context).is_some() { "reads whole lists from" } else { "writes to" };
    let message = format!(
        "This project {does} the API and cannot be pointed at a sandbox: the production host is written in the code."
    );
    let trail = vec![
        Step { span: *host, note: "the host is written here".to_owned() },
        Step { span: call.request.span, note: format!("and `{}` is sent to it", call.shown()) },
    ];
    Some(
        Finding::new("no-sandbox", Severity::Note, Confidence::Medium, *host, message)
            .label("production host")
            .help("read the base URL from the environment or a configuration file, ask the vendor for a sandbox, and use it wherever the code is tried out")
            .trail(trail),
    )
}

/// Where the host of a call is written, when it is a production host that nothing can change.
fn production(call: &Call<'_, '_>, context: &Context<'_, '_>) -> Option<Span> {
    let url = &call.request.url;
    let chosen = |label: &Label| matches!(label, Label::Environment(_) | Label::UserInput | Label::Default);
    if matches!(&*url.data, Data::Union(_)) || url.any_label(&chosen) {
        return None;
    }
    let (authority, span) = authority(url)?;
    let host = authority.rsplit('@').next()?.to_ascii_lowercase();
    let sandbox = api().sandbox_hosts.iter().chain(&context.config.sandbox_hosts).any(|known| *known == host);
    let own = api().host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()))
        || context.config.hosts.contains(&host);
    (own && !sandbox).then_some(span)
}

/// The authority of a URL that is written whole, and where its end is written.
fn authority(url: &Value<'_>) -> Option<(String, Span)> {
    let mut pieces = Vec::new();
    flat(url, &mut pieces, DEPTH);
    let mut text = String::new();
    let mut named = None;
    for piece in pieces {
        let Piece::Known(known, span) = piece else { break };
        text.push_str(&known);
        let Some((_, rest)) = text.split_once("://") else { continue };
        let (authority, path) = rest.split_once('/').map_or((rest, false), |(authority, _)| (authority, true));
        if !authority.is_empty() && (named.is_none() || !path) {
            named = Some(span);
        }
        if path {
            return Some((authority.to_owned(), named?));
        }
    }
    let (_, rest) = text.split_once("://")?;
    Some((rest.to_owned(), named?))
}

/// The file whose own statements make a call, outside every function.
fn begins_outside(context: &Context<'_, '_>, call: &Call<'_, '_>) -> Option<FileId> {
    let Some((function, place)) = call.request.calls.first() else { return Some(call.request.span.file) };
    let own = context.program.functions.get(function.0).map(|entry| entry.function.span);
    (own != Some(*place)).then_some(place.file)
}

/// The first part of a call's path, where it is known.
fn first_word<'c>(call: &'c Call<'_, '_>) -> Option<&'c str> {
    match call.path.first() {
        Some(Segment::Known(word)) => Some(word),
        _ => None,
    }
}

/// Whether text in a value is the path of a call: `/task/4`.
fn names_a_path(value: &Value<'_>, asked: &BTreeSet<&str>) -> bool {
    let mut named = false;
    value.leaves(&|_| false, &mut |leaf| {
        let Leaf::Text(text, ..) = leaf else { return };
        named |= text.split_whitespace().any(|word| {
            let path = word.strip_prefix(api().base_path.as_str()).unwrap_or(word).strip_prefix('/').unwrap_or("");
            asked.contains(path.split(['/', '?']).next().unwrap_or(""))
        });
    });
    named
}

fn missing_request_log(context: &Context<'_, '_>) -> Option<Finding> {
    // A log anywhere on the way of any call is taken for the project's way of logging them. What is said where a program
    // begins, before anything is called, is none.
    let begins: BTreeSet<FileId> = context.calls.iter().filter_map(|call| begins_outside(context, call)).collect();
    let senders: BTreeSet<FileId> = context.calls.iter().map(|call| call.request.span.file).collect();
    // Closures have no number of their own.
    let numbers = |functions: &[(FunctionId, Span)]| -> Vec<usize> {
        functions.iter().map(|(function, _)| function.0).filter(|number| *number != usize::MAX).collect()
    };
    let ways = || context.calls.iter().map(|call| call.request.calls.as_slice());
    let on_the_way: BTreeSet<usize> = ways().flat_map(numbers).collect();
    // The functions that lead to a call and nothing else: all but the one that the program begins in, unless that sends it.
    let led = |way: &[(FunctionId, Span)]| numbers(way.get(usize::from(way.len() > 1)..).unwrap_or_default());
    let called: BTreeSet<usize> = ways().flat_map(led).collect();
    let logs = || context.facts.sinks.iter().filter(|sink| matches!(sink.kind, SinkKind::Log | SinkKind::Output));
    let covers = |log: &Sink<'_>| {
        senders.contains(&log.span.file)
            || log.calls.last().is_some_and(|(function, _)| on_the_way.contains(&function.0))
            || log.calls.iter().any(|(function, _)| called.contains(&function.0))
            || (log.calls.is_empty() && begins.contains(&log.span.file))
    };
    if logs().any(covers) {
        return None;
    }
    let about = |label: &Label| matches!(label, Label::Body(_) | Label::Meta(_));
    let asked: BTreeSet<&str> = context.calls.iter().filter_map(|call| first_word(call)).collect();
    if logs().flat_map(|log| &log.values).any(|written| {
        // A helper may be given no more of the reply than a number; what was asked for is named by its path.
        written.value.any_label(&about) || names_a_path(&written.value, &asked)
    }) {
        return None;
    }
    // The place most calls pass.
    let mut passed: Vec<(Span, usize)> = Vec::new();
    for call in &context.calls {
        match passed.iter_mut().find(|(span, _)| *span == call.request.span) {
            Some((_, count)) => *count += 1,
            None => passed.push((call.request.span, 1)),
        }
    }
    let (span, _) = passed.iter().max_by_key(|(span, count)| (*count, std::cmp::Reverse(*span)))?;
    let message = "No API call of this project is logged. When something goes wrong, nobody can say what was sent and what came back.";
    let trail = vec![Step { span: *span, note: "a log here would cover the most calls".to_owned() }];
    Some(
        Finding::new("missing-request-log", Severity::Note, Confidence::Medium, *span, message)
            .label("sent without a log")
            .help("log verb, path and status here, without headers, credentials and patient data")
            .trail(trail),
    )
}
