//! When a schedule fires, and whether that is in the hours in which bulk transfers are welcome.

use super::api::api;
use croner::errors::CronError;
use croner::parser::CronParser;
use croner::{CivilDate, CivilDateTime, CivilTime, Cron, CronDateTime, Resolution, Weekday};
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use std::cmp::Ordering;

/// Firings looked at; a schedule that fires more often shows itself within them.
const MAX_FIRINGS: usize = 20_000;
/// Zones a machine's own clock is likely to be set to.
const LIKELY_ZONES: [&str; 5] = ["UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"];

/// Which zone a schedule's times are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zone {
    /// A named one.
    Named(String),
    /// That of the machine it runs on.
    Machine,
}

/// How a schedule's firings of one year lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The zone it was judged in.
    pub zone: String,
    /// Whether these are all firings of the year; not when there are more than anybody counts.
    pub whole: bool,
    /// Firings looked at.
    pub firings: usize,
    /// Firings outside the welcome hours.
    pub outside: usize,
    /// Times of day of those, in the schedule's zone, sorted.
    pub times: Vec<Time>,
    /// The first of them.
    pub first: Option<ZonedDateTime>,
    /// The last of them.
    pub last: Option<ZonedDateTime>,
    /// The last of them before the middle of the year and the first after it.
    pub pause: Option<(ZonedDateTime, ZonedDateTime)>,
    /// Whether all of them fall into daylight saving time, or all into standard time, of the hours' zones.
    pub season: Option<Season>,
}

/// A half of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// Daylight saving time.
    Daylight,
    /// Standard time.
    Standard,
}

/// Whether bulk transfers are welcome at an instant. Nothing is known without the hours' zones; then all is.
pub fn is_off_peak(instant: Timestamp) -> bool {
    let hours = &api().off_peak;
    let local = |zone: &str, time: &str| -> Option<(Time, Time)> {
        let zone = TimeZone::get(zone).ok()?;
        Some((zone.to_datetime(instant).time(), time.parse().ok()?))
    };
    let (Some((west, start)), Some((east, end))) =
        (local(&hours.start_zone, &hours.start), local(&hours.end_zone, &hours.end))
    else {
        return true;
    };
    // The evening in the west and the morning in the east overlap in the night between them.
    west >= start || east < end
}

/// Judges a cron pattern over one year. None when the pattern is not one.
pub fn judge(pattern: &str, zone: &Zone, year: i16) -> Option<Judgement> {
    let cron = parse(pattern)?;
    match zone {
        Zone::Named(name) => judge_in(&cron, name, year),
        Zone::Machine => {
            // It is only known to fail when it fails wherever the machine is.
            let all: Option<Vec<Judgement>> = LIKELY_ZONES.iter().map(|name| judge_in(&cron, name, year)).collect();
            all?.into_iter().min_by_key(|judgement| judgement.outside)
        }
    }
}

/// The shortest time, in seconds, between two firings of a cron pattern that follow one another. None when it is not one, or
/// does not fire twice.
pub fn shortest_gap(pattern: &str) -> Option<f64> {
    /// Firings looked at: more than two days of a pattern that fires every hour.
    const FIRINGS: usize = 64;
    let cron = parse(pattern)?;
    let mut at = Instant(Date::new(2026, 1, 1).ok()?.to_zoned_datetime(TimeZone::UTC).ok()?);
    let (mut before, mut shortest): (Option<Timestamp>, Option<f64>) = (None, None);
    for _ in 0..FIRINGS {
        let Ok(next) = cron.find_next_occurrence(&at, false) else { break };
        let fires = next.0.timestamp();
        if let Some(before) = before {
            let gap = fires.duration_since(before).as_secs_f64();
            shortest = Some(shortest.map_or(gap, |known| known.min(gap)));
        }
        before = Some(fires);
        at = next;
    }
    shortest
}

/// Reads a cron pattern of five, six or seven fields, or a nickname such as `@daily`.
fn parse(pattern: &str) -> Option<Cron> {
    // Quartz and some crates write `?` for any day.
    let pattern = super::times::with_weeks_in_order(&pattern.trim().replace('?', "*"));
    CronParser::builder().sloppy_ranges(true).build().parse(&pattern).ok()
}

fn judge_in(cron: &Cron, name: &str, year: i16) -> Option<Judgement> {
    let zone = TimeZone::get(name).ok()?;
    let start = Date::new(year, 1, 1).ok()?.to_zoned_datetime(zone.clone()).ok()?;
    let end = Date::new(year.checked_add(1)?, 1, 1).ok()?.to_zoned_datetime(zone).ok()?;
    let mut judgement = Judgement {
        zone: name.to_owned(),
        whole: false,
        firings: 0,
        outside: 0,
        times: Vec::new(),
        first: None,
        last: None,
        pause: None,
        season: None,
    };
    let mut spring: Option<ZonedDateTime> = None;
    let (mut daylight, mut standard) = (0, 0);
    let mut at = Instant(start);
    let mut inclusive = true;
    while judgement.firings < MAX_FIRINGS {
        let next = cron.find_next_occurrence(&at, inclusive).ok();
        let Some(next) = next.filter(|next| next.0.timestamp() < end.timestamp()) else {
            judgement.whole = true;
            break;
        };
        inclusive = false;
        judgement.firings += 1;
        if !is_off_peak(next.0.timestamp()) {
            judgement.outside += 1;
            let time = next.0.time();
            if !judgement.times.contains(&time) && judgement.times.len() < 48 {
                judgement.times.push(time);
            }
            match season(next.0.timestamp()) {
                Season::Daylight => daylight += 1,
                Season::Standard => standard += 1,
            }
            judgement.first.get_or_insert_with(|| next.0.clone());
            judgement.last = Some(next.0.clone());
            if next.0.month() < 7 {
                spring = Some(next.0.clone());
            } else if let (Some(before), None) = (&spring, &judgement.pause) {
                judgement.pause = Some((before.clone(), next.0.clone()));
            }
        }
        at = next;
    }
    judgement.times.sort_unstable();
    judgement.season = match (daylight, standard) {
        (0, 1..) => Some(Season::Standard),
        (1.., 0) => Some(Season::Daylight),
        _ => None,
    };
    Some(judgement)
}

/// The half of the year in the zone in which the welcome hours end.
fn season(instant: Timestamp) -> Season {
    let daylight =
        TimeZone::get(&api().off_peak.end_zone).is_ok_and(|zone| zone.to_offset_info(instant).dst().is_dst());
    if daylight { Season::Daylight } else { Season::Standard }
}

/// A zoned time that cron patterns are searched over.
#[derive(Clone)]
struct Instant(ZonedDateTime);

impl CronDateTime for Instant {
    fn to_civil(&self) -> CivilDateTime {
        let at = self.0.datetime();
        let small = |number: i8| u32::try_from(number).unwrap_or_default();
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(i32::from(at.year()), small(at.month()), small(at.day())),
            CivilTime::from_parts_unchecked(small(at.hour()), small(at.minute()), small(at.second())),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        match self.0.weekday() {
            jiff::civil::Weekday::Monday => Weekday::Monday,
            jiff::civil::Weekday::Tuesday => Weekday::Tuesday,
            jiff::civil::Weekday::Wednesday => Weekday::Wednesday,
            jiff::civil::Weekday::Thursday => Weekday::Thursday,
            jiff::civil::Weekday::Friday => Weekday::Friday,
            jiff::civil::Weekday::Saturday => Weekday::Saturday,
            jiff::civil::Weekday::Sunday => Weekday::Sunday,
        }
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let small = |number: u32| i8::try_from(number).map_err(|_| CronError::InvalidTime);
        let year = i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?;
        let at = jiff::civil::DateTime::new(
            year,
            small(civil.month())?,
            small(civil.day())?,
            small(civil.hour())?,
            small(civil.minute())?,
            small(civil.second())?,
            0,
        )
        .map_err(|_| CronError::InvalidDate)?;
        let zone = self.0.time_zone();
        let ambiguous = zone.to_ambiguous_zoned_datetime(at);
        let wrong = |_| CronError::InvalidTime;
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(Self(ambiguous.compatible().map_err(wrong)?)),
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
            AmbiguousOffset::Fold { .. } => {
                let earlier = Self(ambiguous.clone().earlier().map_err(wrong)?);
                Resolution::Ambiguous(earlier, Self(ambiguous.later().map_err(wrong)?))
            }
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(seconds.seconds()).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

#[cfg(test)]
mod second_computation;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    fn off_peak(text: &str) -> bool {
        is_off_peak(text.parse().unwrap())
    }

    #[test]
    fn the_hours_follow_both_zones_through_both_changes() {
        // Standard time: 17:00 Pacific is 01:00 UTC, 08:00 Eastern is 13:00 UTC.
        assert!(!off_peak("2026-01-15T00:59:59Z"));
        assert!(off_peak("2026-01-15T01:00:00Z"));
        assert!(off_peak("2026-01-15T12:59:59Z"));
        assert!(!off_peak("2026-01-15T13:00:00Z"));
        // Daylight saving time: an hour earlier in UTC.
        assert!(!off_peak("2026-07-15T23:59:59Z"));
        assert!(off_peak("2026-07-15T00:00:00Z"));
        assert!(off_peak("2026-07-15T11:59:59Z"));
        assert!(!off_peak("2026-07-15T12:00:00Z"));
        // The night of 8 March 2026: begins in standard time, ends in daylight saving time.
        assert!(off_peak("2026-03-08T01:00:00Z"));
        assert!(off_peak("2026-03-08T11:59:59Z"));
        assert!(!off_peak("2026-03-08T12:00:00Z"));
        // The night of 1 November 2026: the other way round.
        assert!(off_peak("2026-11-01T00:00:00Z"));
        assert!(off_peak("2026-11-01T12:59:59Z"));
        assert!(!off_peak("2026-11-01T13:00:00Z"));
    }

    #[test]
    fn the_hours_agree_with_offsets_written_down_by_hand_for_every_quarter_of_an_hour_of_a_year() {
        // Daylight saving time in the United States in 2026: 8 March to 1 November, 02:00 local.
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
        let west = |second: i64| {
            if (at("2026-03-08T10:00:00Z")..at("2026-11-01T09:00:00Z")).contains(&second) { -7 } else { -8 }
        };
        let east = |second: i64| {
            if (at("2026-03-08T07:00:00Z")..at("2026-11-01T06:00:00Z")).contains(&second) { -4 } else { -5 }
        };
        let mut second = at("2026-01-01T00:00:00Z");
        while second < at("2027-01-01T00:00:00Z") {
            let hour = |offset: i64| (second + offset * 3600).rem_euclid(86_400) / 3600;
            let expected = hour(west(second)) >= 17 || hour(east(second)) < 8;
            assert_eq!(is_off_peak(Timestamp::from_second(second).unwrap()), expected, "{second}");
            second += 900;
        }
    }

    fn named(zone: &str) -> Zone {
        Zone::Named(zone.to_owned())
    }

    #[test]
    fn a_time_in_utc_can_fail_in_one_half_of_the_year() {
        let judged = judge("30 12 * * *", &named("UTC"), 2026).unwrap();
        assert_eq!((judged.firings, judged.season), (365, Some(Season::Daylight)));
        // 8 March to 31 October inclusive.
        assert_eq!(judged.outside, 238);
        assert_eq!(judged.first.unwrap().date().to_string(), "2026-03-08");
        assert_eq!(judged.last.unwrap().date().to_string(), "2026-10-31");
        let evening = judge("30 0 * * *", &named("UTC"), 2026).unwrap();
        assert_eq!(evening.season, Some(Season::Standard));
    }

    #[test]
    fn a_night_in_new_york_is_welcome_and_a_morning_in_los_angeles_is_not() {
        assert_eq!(judge("0 2 * * *", &named("America/New_York"), 2026).unwrap().outside, 0);
        assert_eq!(judge("0 17 * * *", &named("America/Los_Angeles"), 2026).unwrap().outside, 0);
        assert_eq!(judge("0 59 16 * * *", &named("America/Los_Angeles"), 2026).unwrap().outside, 365);
        // 05:00 Pacific is 08:00 Eastern.
        assert_eq!(judge("0 5 * * *", &named("America/Los_Angeles"), 2026).unwrap().outside, 365);
        assert_eq!(judge("59 4 * * *", &named("America/Los_Angeles"), 2026).unwrap().outside, 0);
    }

    #[test]
    fn the_clock_of_a_machine_fails_only_when_it_would_everywhere() {
        assert_eq!(judge("0 3 * * *", &Zone::Machine, 2026).unwrap().outside, 0);
        assert!(judge("0 15 * * *", &Zone::Machine, 2026).unwrap().outside > 300);
    }

    #[test]
    fn the_shortest_gap_of_a_pattern_is_that_between_two_firings() {
        assert_eq!(shortest_gap("* * * * *"), Some(60.0));
        assert_eq!(shortest_gap("*/15 8-17 * * *"), Some(900.0));
        assert_eq!(shortest_gap("0 3,4 * * *"), Some(3600.0));
        assert_eq!(shortest_gap("0 3 * * *"), Some(86_400.0));
        assert_eq!(shortest_gap("whenever"), None);
    }

    #[test]
    fn what_is_no_pattern_is_not_judged() {
        assert_eq!(judge("whenever", &named("UTC"), 2026), None);
        assert_eq!(judge("0 3 * * *", &named("Mars/Olympus"), 2026), None);
        assert!(judge("0 0 3 ? * MON-FRI", &named("UTC"), 2026).is_some());
    }
}
