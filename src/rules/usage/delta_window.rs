//! `delta-window` and `availability-window`: requests for a span of days that the API limits.

use super::Context;
use super::operation::Call;
use crate::evaluate::times::from_now;
use crate::evaluate::value::Value;
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::api::api;
use jiff::civil::Date;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in &context.calls {
        let (rule, most, help) = match call.operation.map(|op| op.kind.as_str()) {
            Some("delta") => {
                let most = api().delta_window_max_days;
                (
                    "delta-window",
                    most,
                    format!(
                        "send `start_date` and `end_date`, at most {most} days apart; cover a longer time with one request a week, one after the other, and keep the last `end_date` as the next `start_date`"
                    ),
                )
            }
            Some("availability") => {
                let most = api().availability_window_max_days;
                (
                    "availability-window",
                    most,
                    format!(
                        "ask for at most {most} days; cover a longer time with several requests, one after the other"
                    ),
                )
            }
            _ => continue,
        };
        let given = &call.parameters;
        let place = call.place();
        let missing: Vec<&str> =
            ["start_date", "end_date"].into_iter().filter(|name| !given.open && !given.has(name)).collect();
        let message = if rule == "delta-window" && !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
            format!("A delta request is sent without {}. The API needs both dates.", names.join(" and "))
        } else {
            match days(call) {
                Some(days) if days > most => {
                    format!("`{}` asks for {days} days; the API takes at most {most}.", call.shown())
                }
                _ => continue,
            }
        };
        let trail = [Step { span: place, note: "requested with these dates".to_owned() }];
        findings.push(
            Finding::new(rule, Severity::Warning, Confidence::High, place, message)
                .label("window")
                .help(help)
                .trail(trail.into_iter().chain(call.trail(place)).collect()),
        );
    }
    findings
}

/// The days between two dates that are written in the program, or that it computes from the day it runs.
fn days(call: &Call<'_, '_>) -> Option<i32> {
    let date = |name: &str| {
        let mut values = call.parameters.values(name);
        match (values.next(), values.next()) {
            (Some(value), None) => written(value),
            _ => None,
        }
    };
    if let (Some(end), Some(start)) = (date("end_date"), date("start_date")) {
        return end.since(start).ok().map(|span| span.get_days());
    }
    let moment = |name: &str| {
        let mut values = call.parameters.values(name);
        match (values.next(), values.next()) {
            (Some(value), None) => from_now(value),
            _ => None,
        }
    };
    let days = (moment("end_date")? - moment("start_date")?) / 86_400.0;
    // Some minutes of the day of a change of clocks do not make another day.
    (days.abs() < 100_000.0).then(|| days.round() as i32)
}

fn written(value: &Value<'_>) -> Option<Date> {
    let text = value.known_text()?;
    text.get(..10)?.parse().ok()
}
