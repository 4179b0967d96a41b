//! `on-peak-transfer`: a bulk transfer that a schedule starts while people work in the clinic.

use super::Context;
use super::operation::Call;
use crate::evaluate::times::seconds;
use crate::evaluate::value::{Callable, Data, Value};
use crate::facts::{RoundKind, Schedule};
use crate::finding::{Confidence, Finding, Severity, Step};
use crate::knowledge::off_peak::{Judgement, Season, Zone, judge};
use crate::knowledge::times::{time_of_day, with_weekdays_from_one};
use crate::knowledge::timetables::Meaning;
use crate::span::Span;
use crate::timetables::{Begins, Command, Entry, Started, Times};
use jiff::civil::Time;
use std::collections::BTreeSet;

/// Seconds: what runs at least this often runs in business hours too, whenever it was started.
const HALF_A_DAY: f64 = 12.0 * 3600.0;
const HELP: &str = "run it between 17:00 in Los Angeles and 08:00 in New York and name the zone: `0 1 * * *` in America/New_York lies in these hours all year";

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let year = crate::today::today().year();
    let mut findings = Vec::new();
    for schedule in &context.facts.schedules {
        let Some(message) = times(schedule).and_then(|times| failing(&times, year)) else { continue };
        let chosen = in_code(context, schedule);
        if let Some((call, how)) = bulk(context, chosen, None, schedule.every.is_none()) {
            findings.push(finding(schedule.span, call, how, &message));
        }
    }
    for started in &context.timetables.started {
        let Some(message) = failing(&started.entry.times, year) else { continue };
        let chosen = in_timetable(context, started);
        if let Some((call, how)) = bulk(context, chosen, None, true) {
            findings.push(finding(started.entry.span, call, how, &message));
        }
    }
    findings.extend(loops(context, year));
    findings
}

/// Whether something starts a call at times that are set.
pub(super) fn is_scheduled(context: &Context<'_, '_>, call: &Call<'_, '_>) -> bool {
    context.facts.schedules.iter().any(|schedule| in_code(context, schedule)(call))
        || context.timetables.started.iter().any(|started| in_timetable(context, started)(call))
}

/// Whether a schedule in code starts a call.
fn in_code<'c, 'a, 'p>(
    context: &'c Context<'a, 'p>,
    schedule: &'c Schedule<'p>,
) -> impl Fn(&Call<'_, '_>) -> bool + use<'c, 'a, 'p> {
    let begins = context.timetables.known.started(&commands(schedule));
    move |call| schedule.requests.contains(&call.number) || begins.iter().any(|begins| begins_in(context, call, begins))
}

/// Whether an entry of a timetable starts a call.
fn in_timetable<'c, 'a, 'p>(
    context: &'c Context<'a, 'p>,
    started: &'c Started,
) -> impl Fn(&Call<'_, '_>) -> bool + use<'c, 'a, 'p> {
    move |call| {
        started.begins.iter().any(|begins| begins_in(context, call, begins)) || runs(context, call, &started.entry)
    }
}

/// Whether the code that a call is made from begins where something is started.
fn begins_in(context: &Context<'_, '_>, call: &Call<'_, '_>, begins: &Begins) -> bool {
    let first = call.request.calls.first();
    let entered = first.and_then(|(id, _)| context.program.functions.get(id.0));
    let places = [
        first.map_or(call.request.span, |(_, span)| *span),
        entered.map_or(call.request.span, |entry| entry.function.span),
    ];
    if !places.iter().any(|span| span.file == begins.file) {
        return begins.function.is_none() && run_whole(context, call, begins);
    }
    // Another function of the same file is not what is started.
    match (&begins.function, entered) {
        (Some(wanted), Some(entered)) => {
            let mut all = context.program.functions.iter();
            let there = all.any(|one| one.item.name == *wanted && one.function.span.file == begins.file);
            !there || entered.item.name == *wanted
        }
        _ => true,
    }
}

/// Whether a call is made by a file that something else of the project runs as a whole too.
fn run_whole(context: &Context<'_, '_>, call: &Call<'_, '_>, begins: &Begins) -> bool {
    let mut files = context.timetables.known.files.iter();
    let Some((path, _)) = files.find(|(_, file)| *file == begins.file) else { return false };
    let name = path.rsplit('/').next().unwrap_or(path);
    let entered = call.request.calls.iter().filter_map(|(id, _)| context.program.functions.get(id.0));
    entered.into_iter().any(|entry| entry.function.span.file == begins.file && entry.item.name == name)
}

/// Whether a call is made from a script that stands where an entry says what it starts.
fn runs(context: &Context<'_, '_>, call: &Call<'_, '_>, entry: &Entry) -> bool {
    let first = call.request.calls.first().and_then(|(id, _)| context.program.functions.get(id.0));
    let Some(first) = first else { return false };
    entry.runs.iter().any(|place| place.contains(first.function.span))
}

/// What a schedule starts besides the function it is given, as commands.
fn commands(schedule: &Schedule<'_>) -> Vec<Command> {
    let mut texts = Vec::new();
    schedule.starts.iter().for_each(|value| known_texts(value, &mut texts, 8));
    let handler =
        |text: &String| text.rsplit_once('.').is_some_and(|(file, _)| !file.is_empty() && !text.contains(' '));
    let as_handlers: Vec<Command> =
        texts.iter().filter(|text| handler(text)).map(|text| Command::new(text, Meaning::Handler)).collect();
    texts.iter().map(|text| Command::new(text, Meaning::Command)).chain(as_handlers).collect()
}

/// Loops that wait: for a length of time, or for the next time of a pattern.
fn loops(context: &Context<'_, '_>, year: i16) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let paging: BTreeSet<Span> =
        context.calls.iter().filter_map(|call| call.paging_loop(context)).map(|round| round.span).collect();
    for (number, round) in context.facts.rounds.iter().enumerate() {
        // A pause between two pages is no schedule.
        if paging.contains(&round.span) || findings.iter().any(|known| known.primary == round.span) {
            continue;
        }
        let over = round.waits.iter().map(|(_, long)| long).chain([&round.over]);
        let pattern = over.into_iter().find_map(|value| pattern_of(value, 4));
        let endless = matches!(round.kind, RoundKind::Forever | RoundKind::While) && round.retry.is_none();
        let message = match pattern {
            Some((pattern, zone)) => Times::read(&pattern, zone).and_then(|times| failing(&times, year)),
            None if endless => {
                let waits: Option<Vec<f64>> = round.waits.iter().map(|(_, long)| seconds(long)).collect();
                let longest = waits.and_then(|waits| waits.into_iter().reduce(f64::max));
                longest.and_then(every)
            }
            None => None,
        };
        let Some(message) = message else { continue };
        let inside = |call: &Call<'_, '_>| call.request.loops.contains(&number);
        if let Some((call, how)) = bulk(context, inside, Some(number), false) {
            findings.push(finding(round.span, call, how, &message));
        }
    }
    findings
}

fn finding(span: Span, call: &Call<'_, '_>, how: &str, message: &str) -> Finding {
    let message = format!("A bulk transfer is scheduled in business hours. {message}");
    let trail = vec![
        Step { span, note: "scheduled here".to_owned() },
        Step { span: call.request.span, note: format!("`{}` {how}", call.shown()) },
    ];
    Finding::new("on-peak-transfer", Severity::Warning, Confidence::Medium, span, message)
        .label("schedule")
        .help(HELP)
        .trail(trail)
}

/// The first call that makes what is scheduled a bulk transfer, and why. Loops from `outer` outwards do not count.
fn bulk<'c, 'a, 'p>(
    context: &'c Context<'a, 'p>,
    chosen: impl Fn(&Call<'a, 'p>) -> bool,
    outer: Option<usize>,
    lists: bool,
) -> Option<(&'c Call<'a, 'p>, &'static str)> {
    context.calls.iter().filter(|call| chosen(call)).find_map(|call| {
        let inner = call.request.loops.iter().skip_while(|number| outer.is_some_and(|outer| **number != outer));
        let inner = inner.skip(usize::from(outer.is_some())).filter_map(|number| context.facts.rounds.get(*number));
        let mut repeats = inner.filter(|round| round.retry.is_none());
        if repeats.next().is_some() {
            return Some((call, "is repeated for every page or record"));
        }
        let whole =
            lists && call.operation.is_some_and(|op| op.kind == "list" && op.paginated && !op.path.contains('{'));
        (whole
            && !call.narrowed()
            && !call.parameters.open
            && call.parameters.numbers("limit").iter().all(|n| *n >= 50))
        .then_some((call, "fetches a whole list"))
    })
}

/// The texts that are known in a value.
fn known_texts(value: &Value<'_>, texts: &mut Vec<String>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &*value.data {
        Data::Instance { state: parts, .. } | Data::Object { fields: parts, .. } => {
            parts.values().for_each(|part| known_texts(part, texts, depth));
        }
        Data::List { items: all, .. } | Data::Union(all) => all.iter().for_each(|one| known_texts(one, texts, depth)),
        _ => texts.extend(value.known_text()),
    }
}

/// When a schedule runs; none when that is not known.
fn times(schedule: &Schedule<'_>) -> Option<Times> {
    let default = || match schedule.default_zone.as_str() {
        "" => Zone::Machine,
        name => Zone::Named(name.to_owned()),
    };
    let zone = match given(schedule.zone.as_ref()) {
        None => Some(default()),
        // Given, and not known: nothing is said of patterns and times of day.
        Some(value) => self::zone(value),
    };
    let at = given(schedule.at.as_ref()).and_then(|at| time_of_day(&at.known_text()?));
    if let (Some((hour, minute)), Some(zone)) = (at, &zone) {
        return Some(Times::Pattern(format!("{minute} {hour} * * *"), zone.clone()));
    }
    for value in [schedule.pattern.as_ref(), schedule.every.as_ref()].into_iter().filter_map(given) {
        if let Some(long) = seconds(value) {
            return Some(Times::Every(long));
        }
        let texts = value.alternatives().into_iter().filter_map(|one| one.known_text());
        let texts = texts.map(|text| if schedule.sunday == 1 { with_weekdays_from_one(&text) } else { text });
        match texts.filter_map(|text| Times::read(&text, Zone::Machine)).next() {
            // A zone that the text names itself holds.
            Some(Times::Pattern(pattern, Zone::Machine)) => return Some(Times::Pattern(pattern, zone?)),
            Some(times) => return Some(times),
            None => {}
        }
    }
    None
}

/// What is given, not left out: what is not known and comes from nowhere is an option that is not there.
fn given<'v, 'p>(value: Option<&'v Value<'p>>) -> Option<&'v Value<'p>> {
    value.filter(|value| !matches!(*value.data, Data::Nothing))
}

/// What is wrong with times; none when nothing is, or they cannot be judged.
fn failing(times: &Times, year: i16) -> Option<String> {
    match times {
        Times::Every(seconds) => every(*seconds),
        Times::Pattern(pattern, zone) => {
            judge(pattern, zone, year).and_then(|judged| told(&judged, *zone == Zone::Machine))
        }
    }
}

/// The zone a value names.
fn zone(value: &Value<'_>) -> Option<Zone> {
    let name = match &*value.data {
        Data::Callable(Callable::External(path, _)) => path.to_string(),
        _ => value.known_text()?,
    };
    if name == "UTC" || name == "Z" {
        return Some(Zone::Named("UTC".to_owned()));
    }
    if name.ends_with("::Local") || name == "Local" {
        return Some(Zone::Machine);
    }
    // `chrono_tz::America::New_York`, `chrono_tz::Tz::America__New_York`
    let name = name.rsplit("chrono_tz::").next().unwrap_or(&name);
    let name = name.trim_start_matches("Tz::").replace("__", "/").replace("::", "/");
    jiff::tz::TimeZone::get(&name).is_ok().then_some(Zone::Named(name))
}

/// The pattern of a schedule that a loop goes through or waits for, and its zone. None when that is not known.
fn pattern_of(value: &Value<'_>, depth: usize) -> Option<(String, Zone)> {
    let depth = depth.checked_sub(1)?;
    match &*value.data {
        Data::Instance { state, .. } => {
            let zone = match given(state.get("zone")) {
                Some(value) => self::zone(value)?,
                None => Zone::Machine,
            };
            let pattern = state.get("pattern")?.known_text()?;
            let from_one = state.get("sunday").is_some_and(|number| number.known_text().as_deref() == Some("1"));
            Some((if from_one { with_weekdays_from_one(&pattern) } else { pattern }, zone))
        }
        Data::List { items, rest } => items.iter().chain(rest).find_map(|value| pattern_of(value, depth)),
        _ => None,
    }
}

fn every(seconds: f64) -> Option<String> {
    (seconds > 0.0 && seconds < HALF_A_DAY).then(|| {
        let minutes = (seconds / 60.0).round();
        let how = match minutes {
            m if m >= 120.0 => format!("{} hours", (m / 60.0).round()),
            m if m >= 2.0 => format!("{m} minutes"),
            m if m >= 1.0 => "minute".to_owned(),
            _ => format!("{} seconds", seconds.max(2.0).round()),
        };
        format!("It runs every {how}, at all times of the day.")
    })
}

fn told(judged: &Judgement, of_machine: bool) -> Option<String> {
    let (first, last) = (judged.first.as_ref()?, judged.last.as_ref()?);
    let clock = |time: &Time| format!("{:02}:{:02}", time.hour(), time.minute());
    let mut times: Vec<String> = judged.times.iter().map(clock).collect();
    times.dedup();
    let shown = match times.as_slice() {
        [] => return None,
        few if few.len() <= 4 => few.join(", "),
        [a, b, .., z] => format!("{a}, {b}, … {z}"),
        _ => times.join(", "),
    };
    let local = |zone: &str| -> String {
        let there = first.in_tz(zone).map(|there| clock(&there.time()));
        there.unwrap_or_default()
    };
    let whose = if of_machine { "whichever zone the machine is in".to_owned() } else { judged.zone.clone() };
    let when = match judged.season {
        Some(Season::Daylight) if judged.outside < judged.firings => format!(
            " It is outside the hours only while daylight saving time is in force: from {} to {}.",
            first.date(),
            last.date()
        ),
        Some(Season::Standard) if judged.outside < judged.firings => {
            let time = "It is outside the hours only while standard time is in force";
            match &judged.pause {
                Some((until, from)) => format!(" {time}: until {} and from {}.", until.date(), from.date()),
                None => format!(" {time}: from {} to {}.", first.date(), last.date()),
            }
        }
        _ if !judged.whole => " Runs of every day are outside the hours.".to_owned(),
        _ if judged.outside < judged.firings => {
            format!(
                " {} of its {} runs this year are outside the hours, the first on {}.",
                judged.outside,
                judged.firings,
                first.date()
            )
        }
        _ => " Every run is outside the hours.".to_owned(),
    };
    Some(format!(
        "It runs at {shown} ({whose}); on {} that is {} in Los Angeles and {} in New York.{when}",
        first.date(),
        local("America/Los_Angeles"),
        local("America/New_York")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_several_times_a_day_runs_in_business_hours() {
        assert!(every(900.0).is_some_and(|text| text.contains("15 minutes")));
        assert_eq!(every(86_400.0), None);
    }

    #[test]
    fn the_message_names_the_half_of_the_year() {
        let utc = Zone::Named("UTC".to_owned());
        let text = judge("30 12 * * *", &utc, 2026).and_then(|judged| told(&judged, false)).unwrap_or_default();
        assert!(text.contains("12:30 (UTC)") && text.contains("daylight") && text.contains("2026-03-08"), "{text}");
        let all = judge("0 15 * * *", &utc, 2026).and_then(|judged| told(&judged, false)).unwrap_or_default();
        assert!(
            all.contains("Every run") && all.contains("07:00 in Los Angeles") && all.contains("10:00 in New York"),
            "{all}"
        );
        let often = judge("*/5 * * * *", &utc, 2026).and_then(|judged| told(&judged, false)).unwrap_or_default();
        assert!(often.contains("Runs of every day"), "{often}");
        let winter = judge("30 0 * * *", &utc, 2026).and_then(|judged| told(&judged, false)).unwrap_or_default();
        assert!(winter.contains("standard time is in force: until 2026-03-08 and from 2026-11-02"), "{winter}");
        assert_eq!(judge("0 6 * * *", &utc, 2026).and_then(|judged| told(&judged, false)), None);
    }
}
