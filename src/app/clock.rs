//! The wall clock, as text.

use crate::text::stamp::Stamp;

/// Now in RFC 3339, UTC, whole seconds: `2026-12-31T23:59:59Z`.
#[must_use]
pub(super) fn now_utc() -> String {
    let now = Stamp::now().to_string();
    let seconds = now.get(..19).unwrap_or(&now);
    format!("{seconds}Z")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_time_has_the_form_that_freezes_are_compared_with() {
        let now = super::now_utc();
        let shape: String = now.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert_eq!(shape, "0000-00-00T00:00:00Z");
    }
}
