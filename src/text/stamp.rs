//! Moments in time, as RFC 3339 in UTC, without a time zone database.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub i64);

/// Milliseconds in a day.
const DAY: i64 = 86_400_000;

impl Stamp {
    /// The wall clock. A clock before 1970 counts as 1970: the record is worth
    /// more than its time.
    #[must_use]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// This moment moved back by some milliseconds.
    #[must_use]
    pub const fn before(self, millis: i64) -> Self {
        Self(self.0.saturating_sub(millis))
    }

    /// Reads `2026-11-22T09:30:00.104Z`, `2026-11-22 09:30:00`, `2026-11-22T09:30` or
    /// `2026-11-22`, all in UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let (date, time) = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = digits(parts.next()?, 2)?;
        let day = digits(parts.next()?, 2)?;
        if parts.next().is_some() || !(1..=12).contains(&month) {
            return None;
        }
        if day < 1 || day > days_in_month(year, month) {
            return None;
        }
        let millis = time.map_or(Some(0), time_of_day)?;
        Some(Self(days_from_civil(year, month, day) * DAY + millis))
    }

    /// Like [`fmt::Display`], but to the second and with a space: for tables.
    #[must_use]
    pub fn short(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let seconds = self.0.rem_euclid(DAY) / 1000;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let millis = self.0.rem_euclid(DAY);
        let seconds = millis / 1000;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z",
            millis % 1000
        )
    }
}

fn digits(text: &str, width: usize) -> Option<i64> {
    (text.len() == width && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn time_of_day(text: &str) -> Option<i64> {
    let (text, millis) = match text.split_once('.') {
        Some((text, fraction)) => {
            if fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
            (text, padded.parse().ok()?)
        }
        None => (text, 0),
    };
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let second = parts.next().map_or(Some(0), |text| digits(text, 2))?;
    // 60: a leap second.
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(((hour * 60 + minute) * 60 + second) * 1000 + millis)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant,
/// "chrono-compatible low-level date algorithms", `days_from_civil`).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Stamp;
    use proptest::prelude::*;

    #[test]
    fn known_moments_are_written_and_read() {
        // Checked with `date -u -d @N`.
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_339_872_590, "2026-11-22T09:31:12.590Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Stamp(millis).to_string(), text);
            assert_eq!(Stamp::parse(text), Some(Stamp(millis)));
        }
        assert_eq!(Stamp::parse("2026-11-22").unwrap().short(), "2026-11-22 00:00:00Z");
        assert_eq!(Stamp::parse("2026-11-22 09:30").unwrap().short(), "2026-11-22 09:30:00Z");
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in ["", "2026", "2026-13-01", "2026-02-29", "2026-1-1", "2026-01-01T25:00", "x"] {
            assert_eq!(Stamp::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_moment_survives_writing_and_reading(millis in 0_i64..253_402_300_799_999) {
            prop_assert_eq!(Stamp::parse(&Stamp(millis).to_string()), Some(Stamp(millis)));
        }

        #[test]
        fn reading_never_panics(text in ".{0,40}") {
            let _ = Stamp::parse(&text);
        }
    }
}
