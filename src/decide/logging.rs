//! `log:` of a policy file: how much is recorded of harmless commands.
//!
//! Everything that is checked is checked while the file is read, so that a
//! mistake is shown with its line and column.

use serde::{Deserialize, Serialize};

/// What is recorded of a command of tier `allow` that nobody is asked about. In
/// rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Harmless {
    /// Nothing.
    None,
    /// One record when it is over, not synced.
    Record,
    /// As of every other command: `start` is on disk before it begins.
    Sync,
}

/// `log:` of a policy file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Logging {
    /// What is recorded of harmless commands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harmless: Option<Harmless>,
}

impl Logging {
    /// Takes out what would weaken the record, and so counts for nothing in a
    /// file that anybody may have written; whether there was any.
    pub fn keep_stricter(&mut self) -> bool {
        let weak = self.harmless == Some(Harmless::None);
        if weak {
            self.harmless = None;
        }
        weak
    }
}

/// What all files together say.
#[derive(Debug, Clone, Default)]
pub struct LogTerms {
    /// The most that a file asks for, and that file.
    harmless: Option<(String, Harmless)>,
}

impl LogTerms {
    /// Adds what the file `source` says: the more that is recorded, the later
    /// it may be taken back.
    pub fn add(&mut self, source: &str, file: &Logging) {
        if let Some(more) = file.harmless
            && self.harmless.as_ref().is_none_or(|(_, harmless)| more > *harmless)
        {
            self.harmless = Some((source.to_owned(), more));
        }
    }

    /// What is recorded of harmless commands.
    #[must_use]
    pub fn harmless(&self) -> Harmless {
        self.harmless.as_ref().map_or(Harmless::Record, |(_, harmless)| *harmless)
    }

    /// Each setting that a file makes, as in the file, and the file.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, Logging)> {
        let harmless = self.harmless.iter();
        harmless.map(|(file, more)| (file.clone(), Logging { harmless: Some(*more) })).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Harmless, LogTerms, Logging};

    fn of(harmless: Harmless) -> Logging {
        Logging { harmless: Some(harmless) }
    }

    #[test]
    fn the_file_that_records_most_counts_whatever_comes_after() {
        let mut terms = LogTerms::default();
        assert_eq!(terms.harmless(), Harmless::Record);
        terms.add("system", &of(Harmless::None));
        assert_eq!(terms.harmless(), Harmless::None);
        for (more, expected) in [
            (Harmless::Sync, Harmless::Sync),
            (Harmless::Record, Harmless::Sync),
            (Harmless::None, Harmless::Sync),
        ] {
            terms.add("user", &of(more));
            assert_eq!(terms.harmless(), expected);
        }
        assert_eq!(terms.lines(), [("user".to_owned(), of(Harmless::Sync))]);
    }

    #[test]
    fn a_file_of_anybody_can_only_ask_for_more() {
        for (asked, left) in [
            (Harmless::None, None),
            (Harmless::Record, Some(Harmless::Record)),
            (Harmless::Sync, Some(Harmless::Sync)),
        ] {
            let mut file = of(asked);
            assert_eq!(file.keep_stricter(), left.is_none());
            assert_eq!(file.harmless, left);
        }
    }
}
