//! The day a run takes for today.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// Today in UTC, so that it is the same everywhere. `SOURCE_DATE_EPOCH` (seconds since 1970) sets it, for reports that are
/// the same whenever they are made.
pub fn today() -> Date {
    let set = std::env::var("SOURCE_DATE_EPOCH").ok();
    let set = set.and_then(|text| text.trim().parse().ok()).and_then(|second| Timestamp::from_second(second).ok());
    Offset::UTC.to_datetime(set.unwrap_or_else(Timestamp::now)).date()
}
