//! Times as schedulers write them: cron patterns, lengths of time, and times of day.

/// When something runs.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// By a cron pattern, in the zone that is written with it.
    Pattern(String, Option<String>),
    /// Each time this many seconds have passed.
    Every(f64),
}

/// Reads what a scheduler is given: `0 15 * * *`, `CRON_TZ=America/Denver 0 9 * * *`, `cron(0 15 * * ? *)`, `rate(2 hours)`,
/// `@hourly`, `every 2 hours`, `every day 15:00`, `at 3:30 pm`, `90 minutes`, `2h`. None for anything else.
pub fn read(text: &str) -> Option<When> {
    let text = text.trim();
    for prefix in ["CRON_TZ=", "TZ="] {
        if let Some((zone, pattern)) = text.strip_prefix(prefix).and_then(|rest| rest.split_once(char::is_whitespace)) {
            return Some(When::Pattern(pattern.trim().to_owned(), Some(zone.to_owned())));
        }
    }
    if let Some(inner) = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')) {
        return amazon(inner).map(|pattern| When::Pattern(pattern, None));
    }
    if let Some(inner) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        return length(inner).map(When::Every);
    }
    if let Some(inner) = text.strip_prefix("@every ") {
        return length(inner).map(When::Every);
    }
    if let Some(seconds) = length(text) {
        return Some(When::Every(seconds));
    }
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let daily = |clock: &[&str]| {
        let (hour, minute) = time_of_day(&clock.join(" "))?;
        Some(When::Pattern(format!("{minute} {hour} * * *"), None))
    };
    match words.as_slice() {
        ["every", "day" | "weekday", "at", clock @ ..]
        | ["every", "day" | "weekday", clock @ ..]
        | ["at", clock @ ..]
            if !clock.is_empty() =>
        {
            daily(clock)
        }
        ["every", rest @ ..] => length(&rest.join(" ")).map(When::Every),
        _ => (words.len() >= 5 || text.starts_with('@')).then(|| When::Pattern(text.to_owned(), None)),
    }
}

/// Reads six fields as Amazon writes them: minutes first, weeks from Sunday as 1, the year last.
fn amazon(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields.as_slice() else { return None };
    let weekday = weekdays_from_one(weekday);
    Some(match *year {
        "*" => format!("{minute} {hour} {day} {month} {weekday}"),
        year => format!("0 {minute} {hour} {day} {month} {weekday} {year}"),
    })
}

/// A cron pattern whose scheduler counts the days of the week from Sunday as 1, with their names instead.
pub fn with_weekdays_from_one(pattern: &str) -> String {
    let mut fields: Vec<String> = pattern.split_whitespace().map(str::to_owned).collect();
    // Five fields begin with minutes, six and seven with seconds.
    let place = if fields.len() > 5 { 5 } else { 4 };
    if let Some(field) = fields.get_mut(place) {
        *field = weekdays_from_one(field);
    }
    fields.join(" ")
}

/// A cron pattern in which no range of weekdays goes over the end of the week: `sat-mon` is `6-6,0-1`.
pub fn with_weeks_in_order(pattern: &str) -> String {
    let mut fields: Vec<String> = pattern.split_whitespace().map(str::to_owned).collect();
    let place = if fields.len() > 5 { 5 } else { 4 };
    let Some(field) = fields.get_mut(place) else { return pattern.to_owned() };
    let number = |day: &str| {
        let named = WEEKDAYS.iter().position(|name| name.eq_ignore_ascii_case(day));
        named.or_else(|| day.parse().ok().filter(|number| *number < WEEKDAYS.len()))
    };
    let part = |part: &str| match part.split_once('-').and_then(|(from, to)| Some((number(from)?, number(to)?))) {
        Some((from, to)) if from > to => format!("{from}-6,0-{to}"),
        _ => part.to_owned(),
    };
    let plus = if field.starts_with('+') { "+" } else { "" };
    let parts: Vec<String> = field.trim_start_matches('+').split(',').map(part).collect();
    *field = format!("{plus}{}", parts.join(","));
    fields.join(" ")
}

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Numbers of weekdays in which Sunday is 1, as names.
fn weekdays_from_one(field: &str) -> String {
    let mut written = String::new();
    let mut before = ' ';
    for c in field.chars() {
        // `6#3` is the third Friday, `*/2` every second day.
        let name = c
            .to_digit(10)
            .filter(|_| !matches!(before, '#' | '/'))
            .and_then(|digit| WEEKDAYS.get(digit.checked_sub(1)? as usize));
        match (name, c) {
            (Some(name), _) => written.push_str(name),
            // `6L` is the last Friday of the month, `L` the last day of the week.
            (None, 'L') if before.is_ascii_digit() => written.push_str("#L"),
            (None, 'L') if field.len() == 1 => written.push_str("SAT"),
            (None, _) => written.push(c),
        }
        before = c;
    }
    written
}

/// Seconds of a length of time: `2 hours`, `1 day`, `90m`, `1h 30m`, `500ms`, `one minute`.
pub fn length(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix("every ").unwrap_or(&text);
    let mut seconds = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (number, behind) = match digits {
            0 => {
                // `every hour` is one.
                let word = rest.split_whitespace().next()?;
                (1.0, if matches!(word, "a" | "an" | "one") { rest.get(word.len()..)? } else { rest })
            }
            _ => (rest.get(..digits)?.parse().ok()?, rest.get(digits..)?),
        };
        let behind = behind.trim_start();
        let letters = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        seconds += number * unit(behind.get(..letters)?)?;
        rest = behind.get(letters..)?.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        rest = rest.strip_prefix("and ").unwrap_or(rest);
    }
    Some(seconds)
}

/// Seconds of a unit of time by any of its names.
pub fn unit(name: &str) -> Option<f64> {
    const DAY: f64 = 86_400.0;
    Some(match name {
        "ms" | "millisecond" | "milliseconds" | "millis" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => DAY,
        "w" | "wk" | "week" | "weeks" => 7.0 * DAY,
        "mo" | "month" | "months" => 30.0 * DAY,
        "q" | "quarter" | "quarters" => 91.0 * DAY,
        "y" | "yr" | "year" | "years" => 365.0 * DAY,
        _ => return None,
    })
}

/// Hour and minute of a time of day: `15:30`, `3:00 am`, `03:00:00`, `10pm`.
pub fn time_of_day(text: &str) -> Option<(u8, u8)> {
    let text = text.trim().to_ascii_lowercase();
    let (clock, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(clock), _) => (clock.trim(), Some(0)),
        (_, Some(clock)) => (clock.trim(), Some(12)),
        _ => (text.as_str(), None),
    };
    let mut parts = clock.split(':').map(|part| part.parse::<u8>().ok());
    let hour = parts.next()??;
    // Without a colon or a half of the day it is any number.
    let minute = match parts.next() {
        Some(minute) => minute?,
        None if half.is_some() => 0,
        None => return None,
    };
    let hour = match half {
        Some(half) => hour % 12 + half,
        None => hour,
    };
    (hour < 24 && minute < 60).then_some((hour, minute))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Option<String> {
        match read(text)? {
            When::Pattern(pattern, None) => Some(pattern),
            _ => None,
        }
    }

    #[test]
    fn patterns_of_amazon_count_days_from_sunday() {
        assert_eq!(pattern("cron(0 15 ? * 2-6 *)").as_deref(), Some("0 15 ? * MON-FRI"));
        assert_eq!(pattern("cron(0 15 ? * MON#1 *)").as_deref(), Some("0 15 ? * MON#1"));
        assert_eq!(pattern("cron(0 15 ? * 6#3 2026-2028)").as_deref(), Some("0 0 15 ? * FRI#3 2026-2028"));
        assert_eq!(pattern("cron(0 15 ? * 6L *)").as_deref(), Some("0 15 ? * FRI#L"));
        assert_eq!(pattern("cron(0 15 ? * L *)").as_deref(), Some("0 15 ? * SAT"));
        assert_eq!(pattern("cron(0 15 L * ? *)").as_deref(), Some("0 15 L * ?"));
        assert_eq!(pattern("cron(0 15 3W * ? *)").as_deref(), Some("0 15 3W * ?"));
        assert_eq!(pattern("cron(0 15 * * *)"), None);
    }

    #[test]
    fn days_of_the_week_can_be_counted_from_one() {
        for (written, read) in [
            ("0 0 15 * * 2", "0 0 15 * * MON"),
            ("0 0 15 * * 1,7", "0 0 15 * * SUN,SAT"),
            ("0 0 15 * * Mon-Fri 2026", "0 0 15 * * Mon-Fri 2026"),
            ("0 0 15 * * 2-6 *", "0 0 15 * * MON-FRI *"),
            ("0 15 * * 7", "0 15 * * SAT"),
            ("@daily", "@daily"),
        ] {
            assert_eq!(with_weekdays_from_one(written), read);
        }
    }

    #[test]
    fn weeks_can_be_written_over_their_end() {
        assert_eq!(with_weeks_in_order("0 15 * * sat-mon"), "0 15 * * 6-6,0-1");
        assert_eq!(with_weeks_in_order("0 0 15 * * FRI-SUN,WED"), "0 0 15 * * 5-6,0-0,WED");
        assert_eq!(with_weeks_in_order("0 15 1-7 * +Sat-Sun"), "0 15 1-7 * +6-6,0-0");
        for same in ["0 15 * * MON-FRI", "0 15 * * 5-7", "@daily", "0 15 * * FRI#L"] {
            assert_eq!(with_weeks_in_order(same), same);
        }
    }

    #[test]
    fn lengths_of_time_are_read() {
        for (text, seconds) in [
            ("rate(2 hours)", 7200.0),
            ("rate(1 day)", 86_400.0),
            ("@every 1h30m", 5400.0),
            ("3 minutes", 180.0),
            ("every 2 hours", 7200.0),
            ("one day", 86_400.0),
            ("every hour", 3600.0),
            ("90m", 5400.0),
            ("1 hour and 30 minutes", 5400.0),
            ("1500ms", 1.5),
        ] {
            assert_eq!(read(text), Some(When::Every(seconds)), "{text}");
        }
        for text in ["", "soon", "2 moons", "rate()", "rate(two hours)", "15"] {
            assert!(!matches!(read(text), Some(When::Every(_))), "{text}");
        }
    }

    #[test]
    fn times_of_day_are_read() {
        for (text, expected) in [
            ("3:00 am", Some((3, 0))),
            ("12:15 am", Some((0, 15))),
            ("3:20 pm", Some((15, 20))),
            ("10pm", Some((22, 0))),
            ("15:30", Some((15, 30))),
            ("15", None),
            ("soon", None),
            ("25:00", None),
            ("12:61", None),
        ] {
            assert_eq!(time_of_day(text), expected, "{text}");
        }
        assert_eq!(pattern("at 3:30 pm").as_deref(), Some("30 15 * * *"));
        assert_eq!(pattern("every day 09:00").as_deref(), Some("0 9 * * *"));
    }

    #[test]
    fn zones_stand_before_patterns() {
        let east = Some("America/New_York".to_owned());
        assert_eq!(read("CRON_TZ=America/New_York 0 9 * * *"), Some(When::Pattern("0 9 * * *".to_owned(), east)));
        assert_eq!(pattern("@daily").as_deref(), Some("@daily"));
        assert_eq!(read("whenever it suits"), None);
    }
}
