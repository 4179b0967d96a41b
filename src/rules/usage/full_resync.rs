//! `full-resync` and `polling`: whole collections fetched again where the delta operation tells what changed.

use super::Context;
use super::on_peak_transfer::is_scheduled;
use super::operation::Call;
use crate::evaluate::times::seconds;
use crate::evaluate::value::{Label, Value};
use crate::facts::{RoundKind, Schedule};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::{Segment, api};
use crate::knowledge::off_peak::{Zone, shortest_gap};
use crate::knowledge::repeats::is_run_once;
use crate::span::Span;
use crate::timetables::Times;
use std::collections::{BTreeMap, BTreeSet};

/// Seconds: a list asked for at least this rarely is not polled.
const RARELY: f64 = 3600.0;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let known = deltas(context);
    let mut findings = Vec::new();
    let mut places: BTreeMap<(Span, &str), Vec<&Call<'_, '_>>> = BTreeMap::new();
    for call in &context.calls {
        let Some(operation) = call.operation else { continue };
        let listed = operation.kind == "list" && !operation.delta.is_empty() && !operation.path.contains('{');
        if listed {
            places.entry((call.place(), &operation.id)).or_default().push(call);
        }
    }
    for ((place, _), calls) in places {
        let Some(resources) = calls.first().and_then(|call| call.operation).map(|op| &op.delta) else { continue };
        let exact = format!(
            "ask `GET {}/delta/{}` with `start_date` and `end_date` of the time since the last run, at most {} days, and fetch what it names",
            api().base_path,
            resources.join("` or `"),
            api().delta_window_max_days
        );
        let polled = calls.iter().find_map(|call| polling(call, context).map(|round| (call, round)));
        if let Some((call, (round, every))) = polled {
            let message = format!(
                "`{}` is asked for again every {}. Most of the time nothing has changed.",
                call.shown(),
                spoken(every)
            );
            findings.push(
                Finding::new("polling", Severity::Note, Confidence::Medium, place, message)
                    .label("polled")
                    .help(format!("let a webhook announce the change, or {exact}, at longer intervals"))
                    .trail(call.trail_from_loop(round)),
            );
            continue;
        }
        if resources.iter().any(|resource| known.contains(resource))
            || calls.iter().any(|call| call.narrowed() || call.parameters.open || once(context, call))
        {
            continue;
        }
        let paged = calls.iter().find_map(|call| Some((call, call.pages_through(context)?)));
        let each = calls.iter().find_map(|call| fetched_each(call, context).map(|other| (call, other)));
        let (call, how, steps) = match (paged, each) {
            (Some((call, round)), _) => (call, "page by page", call.trail_from_loop(round)),
            (None, Some((call, (round, sent)))) => (
                call,
                "and then one record after the other",
                vec![
                    Step { span: place, note: "the list is requested here".to_owned() },
                    Step { span: round, note: "for each of its records".to_owned() },
                    Step { span: sent, note: "another request is sent".to_owned() },
                ],
            ),
            (None, None) => continue,
        };
        let message = format!(
            "All of `{}` is fetched {how}, although the API tells what changed. Every run reads the whole collection again.",
            call.shown()
        );
        findings.push(
            Finding::new("full-resync", Severity::Warning, Confidence::Medium, place, message)
                .label("whole collection")
                .help(exact)
                .trail(steps),
        );
    }
    findings
}

/// The resources whose changes the program asks for; all of them when it does not say which.
fn deltas(context: &Context<'_, '_>) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for call in context.calls.iter().filter(|call| call.operation.is_some_and(|op| op.kind == "delta")) {
        match call.path.last() {
            Some(Segment::Known(resource)) => {
                known.insert(resource.clone());
            }
            _ => known.extend(api().delta_resources.iter().cloned()),
        }
    }
    known
}

/// Whether what leads to a call says that it is run once; what runs by a schedule is not, whatever its name.
fn once(context: &Context<'_, '_>, call: &Call<'_, '_>) -> bool {
    if is_scheduled(context, call) {
        return false;
    }
    call.request.calls.iter().filter_map(|(id, _)| context.program.functions.get(id.0)).any(|entry| {
        let module = context.program.scopes.get(entry.scope.0).map_or("", |scope| scope.name.as_str());
        is_run_once(&entry.item.name) || is_run_once(module)
    }) || file_of_start(context, call).is_some_and(is_run_once)
}

/// The name of the file in which the program begins that makes a call.
fn file_of_start<'a>(context: &Context<'a, '_>, call: &Call<'a, '_>) -> Option<&'a str> {
    let start = call.request.calls.first().map_or(call.request.span, |(_, span)| *span);
    let (path, _) = context.timetables.known.files.iter().find(|(_, file)| *file == start.file)?;
    std::path::Path::new(path).file_stem()?.to_str()
}

/// A loop over the records of the list in which another request asks for one of them.
fn fetched_each(call: &Call<'_, '_>, context: &Context<'_, '_>) -> Option<(Span, Span)> {
    let of_list =
        |value: &Value<'_>| value.any_label(&|label| matches!(label, Label::Body(number) if *number == call.number));
    context.calls.iter().filter(|other| other.number != call.number && other.methods == ["GET"]).find_map(|other| {
        let round = other
            .rounds(context)
            .into_iter()
            .rev()
            .find(|round| round.kind == RoundKind::Each && of_list(&round.over))?;
        Some((round.span, other.request.span))
    })
}

/// What asks for a list at short intervals, and how long it waits in between (seconds).
fn polling(call: &Call<'_, '_>, context: &Context<'_, '_>) -> Option<(Span, f64)> {
    if call.pages_through(context).is_some() {
        return None;
    }
    let timers = context.facts.schedules.iter().filter(|timer| timer.requests.contains(&call.number));
    let gap = |timer: &Schedule<'_>| {
        let every = timer.every.as_ref().and_then(seconds);
        every.or_else(|| match Times::read(&timer.pattern.as_ref()?.known_text()?, Zone::Machine)? {
            Times::Every(long) => Some(long),
            Times::Pattern(pattern, _) => shortest_gap(&pattern),
        })
    };
    let timer = timers.filter_map(|timer| Some((timer.span, gap(timer)?))).next();
    let looped = || {
        let mut rounds = call.rounds(context).into_iter();
        let endless = |kind| matches!(kind, RoundKind::Forever | RoundKind::While);
        let round = rounds.find(|round| endless(round.kind) && round.retry.is_none())?;
        let waits: Option<Vec<f64>> = round.waits.iter().map(|(_, long)| seconds(long)).collect();
        Some((round.span, waits?.into_iter().reduce(f64::max)?))
    };
    timer.or_else(looped).filter(|(_, long)| *long < RARELY)
}

fn spoken(seconds: f64) -> String {
    match seconds {
        s if s >= 120.0 => format!("{} minutes", (s / 60.0).round()),
        s => format!("{} seconds", s.max(2.0).round()),
    }
}
