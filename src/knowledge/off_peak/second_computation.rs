//! The same questions answered in another way: offsets by the rules of daylight saving time, with no calendar library, for
//! every minute of a year.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::{Zone, is_off_peak, judge};
use jiff::Timestamp;

const YEAR: i64 = 2026;
const DAY: i64 = 1440;

/// Days from the first day of 1970, by the civil calendar's cycle of 400 years.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The day of the month of the n-th Sunday.
fn sunday(year: i64, month: i64, which: i64) -> i64 {
    // The first day of 1970 was a Thursday, the fourth after Sunday.
    let weekday = (days(year, month, 1) + 4).rem_euclid(7);
    1 + (7 - weekday) % 7 + (which - 1) * 7
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i64, month: i64) -> i64 {
    let weekday = (days(year, month, 31) + 4).rem_euclid(7);
    31 - weekday
}

/// A zone: minutes east of Greenwich in standard time, and whose daylight saving time it keeps.
struct Place {
    name: &'static str,
    offset: i64,
    rule: Rule,
}

/// What a pattern asks about a minute.
struct Fields {
    weekday: i64,
    day: i64,
    last: i64,
    month: i64,
    minute: i64,
}

enum Rule {
    None,
    /// From the second Sunday of March to the first of November, at two o'clock local time.
    America,
    /// From the last Sunday of March to the last of October, at one o'clock in Greenwich.
    Europe,
}

const WEST: Place = Place { name: "America/Los_Angeles", offset: -480, rule: Rule::America };
const EAST: Place = Place { name: "America/New_York", offset: -300, rule: Rule::America };
const PLACES: [Place; 5] = [
    Place { name: "UTC", offset: 0, rule: Rule::None },
    WEST,
    EAST,
    Place { name: "Europe/Berlin", offset: 60, rule: Rule::Europe },
    Place { name: "America/Phoenix", offset: -420, rule: Rule::None },
];

impl Place {
    /// Minutes since the midnight of 1970 in Greenwich between which daylight saving time is in force in the year.
    fn daylight(&self) -> (i64, i64) {
        match self.rule {
            Rule::None => (0, 0),
            Rule::America => {
                let start = days(YEAR, 3, sunday(YEAR, 3, 2)) * DAY + 120 - self.offset;
                let end = days(YEAR, 11, sunday(YEAR, 11, 1)) * DAY + 120 - (self.offset + 60);
                (start, end)
            }
            Rule::Europe => {
                (days(YEAR, 3, last_sunday(YEAR, 3)) * DAY + 60, days(YEAR, 10, last_sunday(YEAR, 10)) * DAY + 60)
            }
        }
    }

    /// Day of the week (0 is Sunday), day of the month, month, and minute of the day at a minute since 1970.
    fn fields(&self, minute: i64) -> Fields {
        let (start, end) = self.daylight();
        let summer = if (start..end).contains(&minute) { 60 } else { 0 };
        let day = (minute + self.offset + summer).div_euclid(DAY);
        let month = (1..=12).rev().find(|month| days(YEAR, *month, 1) <= day).unwrap_or(12);
        let last = if month == 12 { days(YEAR + 1, 1, 1) } else { days(YEAR, month + 1, 1) } - 1;
        Fields {
            weekday: (day + 4).rem_euclid(7),
            day: day - days(YEAR, month, 1) + 1,
            last: last - days(YEAR, month, 1) + 1,
            month,
            minute: self.clock(minute),
        }
    }

    /// The minute of the day at a minute since 1970.
    fn clock(&self, minute: i64) -> i64 {
        let (start, end) = self.daylight();
        let summer = if (start..end).contains(&minute) { 60 } else { 0 };
        (minute + self.offset + summer).rem_euclid(DAY)
    }
}

fn expected(minute: i64) -> bool {
    WEST.clock(minute) >= 17 * 60 || EAST.clock(minute) < 8 * 60
}

fn year() -> std::ops::Range<i64> {
    days(YEAR, 1, 1) * DAY..days(YEAR + 1, 1, 1) * DAY
}

#[test]
fn every_minute_of_a_year_is_judged_alike() {
    let mut welcome = 0;
    for minute in year() {
        let instant = Timestamp::from_second(minute * 60).unwrap();
        assert_eq!(is_off_peak(instant), expected(minute), "{instant}");
        welcome += i64::from(expected(minute));
    }
    // Twelve hours of every day, whatever the clocks do: both zones change in the same night.
    let all = year().end - year().start;
    assert!((welcome * 2 - all).abs() <= 120, "{welcome} of {all}");
}

#[test]
fn clocks_of_five_zones_agree_through_the_year() {
    for place in &PLACES {
        let zone = jiff::tz::TimeZone::get(place.name).unwrap();
        for minute in year() {
            let at = zone.to_datetime(Timestamp::from_second(minute * 60).unwrap()).time();
            let clock = i64::from(at.hour()) * 60 + i64::from(at.minute());
            assert_eq!(clock, place.clock(minute), "{} {minute}", place.name);
        }
    }
}

#[test]
fn daily_schedules_in_five_zones_fail_on_as_many_days() {
    for place in &PLACES {
        // Every minute at which each time of day comes, and whether that is welcome.
        let mut outside = vec![0usize; 1440];
        let start = year().start - place.offset;
        for minute in start..start + 365 * DAY {
            outside[usize::try_from(place.clock(minute)).unwrap()] += usize::from(!expected(minute));
        }
        // The hour that is skipped and the one that comes twice are the night's, when all is welcome.
        for time in (0..DAY).step_by(20).chain([479, 480, 481, 1019, 1020, 1021]) {
            let pattern = format!("{} {} * * *", time % 60, time / 60);
            let judged = judge(&pattern, &Zone::Named(place.name.to_owned()), 2026).unwrap();
            let expected = outside[usize::try_from(time).unwrap()];
            assert_eq!(judged.outside, expected, "{pattern} in {}", place.name);
        }
    }
}

/// A pattern and what it means, written by hand.
type Meant = (&'static str, fn(&Fields) -> bool);

/// Patterns by day of the week, by date, with steps and lists.
const MEANT: &[Meant] = &[
    ("0 15 * * 1-5", |at| at.minute == 900 && (1..=5).contains(&at.weekday)),
    ("30 9 * * 0", |at| at.minute == 570 && at.weekday == 0),
    ("30 9 * * 7", |at| at.minute == 570 && at.weekday == 0),
    ("0 12 * * SAT,SUN", |at| at.minute == 720 && (at.weekday == 0 || at.weekday == 6)),
    ("0 13 * * sat-mon", |at| at.minute == 780 && (at.weekday == 6 || at.weekday <= 1)),
    ("*/30 * * * *", |at| at.minute % 30 == 0),
    ("7/15 9-17/2 * * *", |at| {
        at.minute % 60 % 15 == 7 && (9..=17).contains(&(at.minute / 60)) && (at.minute / 60 - 9) % 2 == 0
    }),
    ("0 */5 * * *", |at| at.minute % 300 == 0),
    ("0 4,10,16,22 * * *", |at| [240, 600, 960, 1320].contains(&at.minute)),
    ("15 14 1 * *", |at| at.minute == 855 && at.day == 1),
    ("15 14 1,15 1-6 *", |at| at.minute == 855 && (at.day == 1 || at.day == 15) && at.month <= 6),
    ("0 14 */10 * *", |at| at.minute == 840 && at.day % 10 == 1),
    // Either of both, and both of them.
    ("0 14 13 * 5", |at| at.minute == 840 && (at.day == 13 || at.weekday == 5)),
    ("0 14 1-7 * +Mon", |at| at.minute == 840 && at.day <= 7 && at.weekday == 1),
    ("0 14 L * *", |at| at.minute == 840 && at.day == at.last),
    ("0 14 ? * FRI#L", |at| at.minute == 840 && at.weekday == 5 && at.day > at.last - 7),
    ("0 14 ? * MON#2", |at| at.minute == 840 && at.weekday == 1 && (8..=14).contains(&at.day)),
    ("0 0 14 ? * TUE", |at| at.minute == 840 && at.weekday == 2),
    ("0 12 * 3,11 *", |at| at.minute == 720 && (at.month == 3 || at.month == 11)),
    ("@weekly", |at| at.minute == 0 && at.weekday == 0),
    ("@monthly", |at| at.minute == 0 && at.day == 1),
    ("@hourly", |at| at.minute % 60 == 0),
];

#[test]
fn weekly_and_stepped_schedules_in_five_zones_fail_on_as_many_runs() {
    for place in &PLACES {
        let start = days(YEAR, 1, 1) * DAY - place.offset;
        let end = days(YEAR + 1, 1, 1) * DAY - place.offset;
        let mut outside = vec![0usize; MEANT.len()];
        for minute in (start..end).filter(|minute| !expected(*minute)) {
            let at = place.fields(minute);
            for ((_, meant), count) in MEANT.iter().zip(&mut outside) {
                *count += usize::from(meant(&at));
            }
        }
        for ((pattern, _), expected) in MEANT.iter().zip(outside) {
            let judged = judge(pattern, &Zone::Named(place.name.to_owned()), 2026);
            assert_eq!(judged.map(|judged| judged.outside), Some(expected), "{pattern} in {}", place.name);
        }
    }
}

#[test]
fn the_dates_on_which_a_weekly_schedule_fails_are_those_of_the_second_computation() {
    // 12:30 in Greenwich on Mondays: welcome in winter only. 00:30 on Thursdays: welcome in summer only.
    for (pattern, clock, weekday) in [("30 12 * * 1", 750, 1), ("30 0 * * 4", 30, 4)] {
        let fails = |minute: &i64| {
            let at = PLACES[0].fields(*minute);
            at.minute == clock && at.weekday == weekday && !expected(*minute)
        };
        let date = |minute: i64| {
            let at = PLACES[0].fields(minute);
            format!("{YEAR}-{:02}-{:02}", at.month, at.day)
        };
        let all: Vec<i64> = year().filter(fails).collect();
        let judged = judge(pattern, &Zone::Named("UTC".to_owned()), 2026).unwrap();
        assert_eq!(judged.outside, all.len());
        assert_eq!(judged.first.unwrap().date().to_string(), date(all[0]));
        assert_eq!(judged.last.unwrap().date().to_string(), date(*all.last().unwrap()));
        // Where a winter is, there is a summer in between: the longest time without a failure.
        let gap = all.windows(2).max_by_key(|pair| pair[1] - pair[0]).unwrap();
        if clock == 30 {
            let (until, from) = judged.pause.unwrap();
            assert_eq!((until.date().to_string(), from.date().to_string()), (date(gap[0]), date(gap[1])));
        }
    }
}
