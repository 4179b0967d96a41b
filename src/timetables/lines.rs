//! Timetables written in lines: crontabs and systemd timers.

use super::{Command, Entry, File, Times};
use crate::knowledge::off_peak::Zone;
use crate::knowledge::times::length;
use crate::knowledge::timetables::Meaning;
use crate::project::kind::is_crontab;
use crate::span::{FileId, Span};
use std::path::Path;

/// Whether a file is one of those that are read here, by its path.
pub(super) fn by_name(path: &Path) -> bool {
    is_crontab(path) || path.extension().is_some_and(|end| end == "timer" || end == "service")
}

/// The entries of a crontab or timer; none for any other file.
pub(super) fn entries(path: &str, file: FileId, text: &str, all: &[File<'_>]) -> Vec<Entry> {
    if path.ends_with(".timer") {
        return timer(path, file, text, all);
    }
    if is_crontab(Path::new(path)) { crontab(file, text) } else { Vec::new() }
}

fn crontab(file: FileId, text: &str) -> Vec<Entry> {
    let mut zone = Zone::Machine;
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some((name, value)) =
            trimmed.split_once('=').filter(|(name, _)| name.trim().chars().all(|c| c.is_alphanumeric() || c == '_'))
        {
            if matches!(name.trim(), "CRON_TZ" | "TZ") {
                zone = Zone::Named(value.trim().trim_matches(['"', '\'']).to_owned());
            }
            continue;
        }
        let fields = if trimmed.starts_with('@') { 1 } else { 5 };
        let Some(rest) = after_fields(trimmed, fields) else { continue };
        let pattern = trimmed.get(..trimmed.len() - rest.len()).unwrap_or("").trim();
        let offset = start + (line.len() - trimmed.len());
        let span = Span::new(file, offset, offset + pattern.len());
        let times = Times::Pattern(pattern.to_owned(), zone.clone());
        let from = offset + trimmed.len() - rest.len();
        let runs = vec![Span::new(file, from, start + line.len())];
        found.push(Entry { span, times, commands: vec![Command::new(rest, Meaning::Command)], runs });
    }
    found
}

/// What stands behind so many fields of a line.
fn after_fields(line: &str, fields: usize) -> Option<&str> {
    let mut rest = line;
    for _ in 0..fields {
        let end = rest.find(char::is_whitespace)?;
        rest = rest.get(end..)?.trim_start();
    }
    (!rest.is_empty()).then_some(rest)
}

fn timer(path: &str, file: FileId, text: &str, all: &[File<'_>]) -> Vec<Entry> {
    let stem = path.strip_suffix(".timer").unwrap_or(path);
    let unit = setting(text, "Unit").map(|(_, unit)| {
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        format!("{folder}{unit}")
    });
    let service = unit.unwrap_or_else(|| format!("{stem}.service"));
    let Some(service) = all.iter().find(|file| file.path == service) else { return Vec::new() };
    let runs = vec![Span::new(service.module.file, 0, service.text.len())];
    let commands: Vec<Command> = settings(service.text, "ExecStart")
        .map(|(_, command)| Command::new(command.trim_start_matches(['-', '@', '+', '!', ':']), Meaning::Command))
        .collect();
    // `OnUnitActiveSec=2h`: again and again, from whenever it was started.
    let rounds = ["OnUnitActiveSec", "OnUnitInactiveSec"].into_iter().flat_map(|key| settings(text, key));
    let rounds = rounds.filter_map(|(offset, value)| {
        let seconds = length(value).or_else(|| value.parse().ok())?;
        let span = Span::new(file, offset, offset + value.len());
        Some(Entry { span, times: Times::Every(seconds), commands: commands.clone(), runs: runs.clone() })
    });
    settings(text, "OnCalendar")
        .filter_map(|(offset, value)| {
            let (pattern, zone) = calendar(value)?;
            let span = Span::new(file, offset, offset + value.len());
            Some(Entry { span, times: Times::Pattern(pattern, zone), commands: commands.clone(), runs: runs.clone() })
        })
        .chain(rounds)
        .collect()
}

fn setting<'t>(text: &'t str, key: &str) -> Option<(usize, &'t str)> {
    settings(text, key).next()
}

/// Values of a key with their offsets.
fn settings<'t>(text: &'t str, key: &str) -> impl Iterator<Item = (usize, &'t str)> {
    lines(text).filter_map(move |(start, line)| {
        let value = line.trim_end().strip_prefix(key)?.strip_prefix('=')?;
        let trimmed = value.trim_start();
        Some((start + key.len() + 1 + (value.len() - trimmed.len()), trimmed))
    })
}

/// Lines with the offset of each.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let at = start;
        start += line.len() + 1;
        (at, line.trim_end_matches('\r'))
    })
}

/// A calendar expression as a cron pattern and its zone: `daily`, `*-*-* 14:00:00`, `Mon..Fri 09:30 America/New_York`.
/// None for what this does not read.
fn calendar(text: &str) -> Option<(String, Zone)> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut zone = Zone::Machine;
    if let Some(last) = words.last()
        && (*last == "UTC" || (last.contains('/') && last.starts_with(|c: char| c.is_ascii_uppercase())))
    {
        zone = Zone::Named((*last).to_owned());
        words.pop();
    }
    let nickname = match words.as_slice() {
        ["hourly"] => Some("0 * * * *"),
        ["daily"] => Some("0 0 * * *"),
        ["weekly"] => Some("0 0 * * 1"),
        ["monthly"] => Some("0 0 1 * *"),
        ["quarterly"] => Some("0 0 1 1,4,7,10 *"),
        ["semiannually"] => Some("0 0 1 1,7 *"),
        ["yearly" | "annually"] => Some("0 0 1 1 *"),
        ["minutely"] => Some("* * * * *"),
        _ => None,
    };
    if let Some(pattern) = nickname {
        return Some((pattern.to_owned(), zone));
    }
    let (mut days, mut date, mut time) = ("*".to_owned(), ("*", "*"), None);
    for word in words {
        if word.contains(':') {
            let mut parts = word.split(':');
            time = Some((parts.next()?, parts.next()?));
        } else if word.contains('-') && !word.starts_with(|c: char| c.is_alphabetic()) {
            let mut parts = word.rsplit('-');
            let (day, month) = (parts.next()?, parts.next()?);
            date = (day, month);
        } else {
            days = word.replace("..", "-");
        }
    }
    let (hour, minute) = time.unwrap_or(("0", "0"));
    // `9..17` is a range.
    let (hour, minute) = (hour.replace("..", "-"), minute.replace("..", "-"));
    let (day, month) = (date.0.replace("..", "-"), date.1.replace("..", "-"));
    let plain = |part: &str| part.chars().all(|c| c.is_ascii_digit() || "*,/-".contains(c));
    // A day of the week and a date must both fit; cron takes either, unless `+` says otherwise.
    let both = if days == "*" || day == "*" { "" } else { "+" };
    [&hour, &minute, &day, &month]
        .into_iter()
        .all(|part| plain(part))
        .then(|| (format!("{minute} {hour} {day} {month} {both}{days}"), zone))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn crontabs_have_zones_nicknames_and_comments() {
        let text = "# nightly\nMAILTO=ops@example.org\n0 3 * * * /usr/local/bin/mirror --all\nCRON_TZ=America/New_York\n@daily mirror\nbroken line\n";
        let found = crontab(FileId(0), text);
        let shown: Vec<(&Times, &str)> =
            found.iter().map(|entry| (&entry.times, entry.commands[0].text.as_str())).collect();
        let east = Zone::Named("America/New_York".to_owned());
        assert_eq!(
            shown,
            [
                (&Times::Pattern("0 3 * * *".to_owned(), Zone::Machine), "/usr/local/bin/mirror --all"),
                (&Times::Pattern("@daily".to_owned(), east), "mirror"),
            ]
        );
        let span = found[0].span;
        assert_eq!(&text[span.start as usize..span.end as usize], "0 3 * * *");
    }

    #[test]
    fn calendar_expressions_become_patterns() {
        let pattern = |text: &str| calendar(text).map(|(pattern, _)| pattern);
        assert_eq!(pattern("*-*-* 14:05:00").as_deref(), Some("05 14 * * *"));
        assert_eq!(pattern("Mon..Fri 09:30").as_deref(), Some("30 09 * * Mon-Fri"));
        assert_eq!(pattern("*-*-01 03:00").as_deref(), Some("00 03 01 * *"));
        assert_eq!(calendar("daily UTC"), Some(("0 0 * * *".to_owned(), Zone::Named("UTC".to_owned()))));
        assert_eq!(pattern("Sat *-*-* 9..17:00/15").as_deref(), Some("00/15 9-17 * * Sat"));
        assert_eq!(pattern("Mon *-*-1..7 04:30").as_deref(), Some("30 04 1-7 * +Mon"));
        assert_eq!(pattern("*-04..09-15 22:00").as_deref(), Some("00 22 15 04-09 *"));
        assert_eq!(pattern("Sat..Mon 0/6:00").as_deref(), Some("00 0/6 * * Sat-Mon"));
        assert_eq!(pattern("*:0/15").as_deref(), Some("0/15 * * * *"));
        // The last days of a month, and a span of hours that is none.
        assert_eq!(pattern("*-*~03 10:00"), None);
        assert_eq!(pattern("*-*-* 14~16:00"), None);
    }
}
