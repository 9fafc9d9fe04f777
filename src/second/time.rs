//! Times in documents: whole seconds, UTC, in one form only.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::stamp::Stamp;

/// Seconds since 1970-01-01 UTC; in documents `2026-12-31T23:59:59Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utc(pub i64);

impl Utc {
    /// Reads exactly `YYYY-MM-DDTHH:MM:SSZ`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b });
        if !shape.eq(*b"0000-00-00T00:00:00Z") {
            return None;
        }
        // A leap second has no number of its own, so it would not be written
        // back as it was read.
        let stamp = Stamp::parse(text)?;
        let time = Self(stamp.0.div_euclid(1000));
        (time.to_string() == text).then_some(time)
    }

    /// This many seconds later.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = Stamp(self.0.saturating_mul(1000)).to_string();
        write!(f, "{}Z", text.get(..19).unwrap_or(&text))
    }
}

impl Serialize for Utc {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Utc {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text)
            .ok_or_else(|| D::Error::custom("a time is not of the form 2026-12-31T23:59:59Z"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Utc;

    #[test]
    fn there_is_one_way_to_write_a_time() {
        let time = Utc::parse("2026-11-22T09:31:10Z").unwrap();
        assert_eq!(time, Utc(1_795_339_870));
        assert_eq!(time.to_string(), "2026-11-22T09:31:10Z");
        for other in [
            "2026-11-22 09:31:10Z",
            "2026-11-22T09:31:10",
            "2026-11-22T09:31:10.0Z",
            "2026-11-22T09:31:10z",
            "2026-02-30T09:31:10Z",
            "2026-11-22T09:31:60Z",
            "2026-11-22T24:00:00Z",
            "",
        ] {
            assert_eq!(Utc::parse(other), None, "{other}");
        }
    }
}
