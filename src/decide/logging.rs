//! `log:` of a policy file: how much is recorded of harmless commands, and what
//! becomes of the files of earlier days.
//!
//! Everything that is checked is checked while the file is read, so that a
//! mistake is shown with its line and column.

use serde::{Deserialize, Deserializer, Serialize};

use crate::second::terms::Span;

/// When closed files are compressed, unless policy says otherwise.
pub const COMPRESS_AFTER: Span = Span(7 * 86_400);
/// Files are kept at least so long, whatever a policy asks for.
const LEAST: Span = Span(7 * 86_400);

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
    /// Files of so long ago are compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compress_after: Option<Span>,
    /// Files of so long ago are removed; without it never.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "keep")]
    pub keep: Option<Span>,
    /// What is taken out besides. Only of system and user: a repository could hide
    /// what happens in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redact: Option<Redact>,
}

/// What is taken out of records, screens and requests besides what guard knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Redact {
    /// Names of options, variables, headers and fields whose value is a secret; in
    /// any case of letters.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "names")]
    pub names: Vec<String>,
    /// Beginnings of tokens.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "tokens")]
    pub tokens: Vec<String>,
}

/// Most entries of a list, and most characters of one.
const MAX_LISTED: usize = 64;

fn listed<'de, D: Deserializer<'de>>(from: D, least: usize) -> Result<Vec<String>, D::Error> {
    let list: Vec<String> = Vec::deserialize(from)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let bad = list
        .iter()
        .find(|text| !(least..=MAX_LISTED).contains(&text.len()) || !text.bytes().all(plain));
    match bad {
        Some(text) => Err(serde::de::Error::custom(format!(
            "{text:?} in redact: use {least} to {MAX_LISTED} letters, digits, `_`, `-` and `.`"
        ))),
        None if list.len() > MAX_LISTED => {
            Err(serde::de::Error::custom(format!("redact: at most {MAX_LISTED} of a kind")))
        }
        None => Ok(list),
    }
}

fn names<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    listed(from, 2)
}

/// Shorter ones would begin words of every command.
fn tokens<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    listed(from, 4)
}

fn keep<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Span>, D::Error> {
    let span = Span::deserialize(from)?;
    if span < LEAST {
        return Err(serde::de::Error::custom(format!("keep must be at least {LEAST}")));
    }
    Ok(Some(span))
}

impl Logging {
    /// Takes out what would weaken the record, and so counts for nothing in a
    /// file that anybody may have written; whether there was any.
    pub fn keep_stricter(&mut self) -> bool {
        let more = self.harmless.filter(|harmless| *harmless != Harmless::None);
        let kept = Self { harmless: more, ..Self::default() };
        let weak = kept != *self;
        *self = kept;
        weak
    }
}

/// What all files together say.
#[derive(Debug, Clone, Default)]
pub struct LogTerms {
    /// The most that a file asks for, and that file.
    harmless: Option<(String, Harmless)>,
    /// The longest, and the file.
    compress_after: Option<(String, Span)>,
    keep: Option<(String, Span)>,
    /// Of all files.
    redact: Vec<(String, Redact)>,
}

/// Puts in what a file says when that is more.
fn most<T: PartialOrd>(known: &mut Option<(String, T)>, source: &str, said: Option<T>) {
    if let Some(said) = said
        && known.as_ref().is_none_or(|(_, known)| said > *known)
    {
        *known = Some((source.to_owned(), said));
    }
}

impl LogTerms {
    /// Adds what the file `source` says: the more that is recorded, the later
    /// it may be taken back.
    pub fn add(&mut self, source: &str, file: &Logging) {
        most(&mut self.harmless, source, file.harmless);
        most(&mut self.compress_after, source, file.compress_after);
        most(&mut self.keep, source, file.keep);
        self.redact.extend(file.redact.iter().map(|list| (source.to_owned(), list.clone())));
    }

    /// What is taken out besides what guard knows.
    #[must_use]
    pub fn redact(&self) -> Redact {
        let all = || self.redact.iter().map(|(_, list)| list);
        Redact {
            names: all().flat_map(|list| list.names.iter().cloned()).collect(),
            tokens: all().flat_map(|list| list.tokens.iter().cloned()).collect(),
        }
    }

    /// Files of so long ago are compressed.
    #[must_use]
    pub fn compress_after(&self) -> Span {
        self.compress_after.as_ref().map_or(COMPRESS_AFTER, |(_, span)| *span)
    }

    /// Files of so long ago are removed; `None`: never.
    #[must_use]
    pub fn keep(&self) -> Option<Span> {
        self.keep.as_ref().map(|(_, span)| *span)
    }

    /// What is recorded of harmless commands.
    #[must_use]
    pub fn harmless(&self) -> Harmless {
        self.harmless.as_ref().map_or(Harmless::Record, |(_, harmless)| *harmless)
    }

    /// Each setting that a file makes, as in the file, and the file.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, Logging)> {
        let none = Logging::default;
        let harmless = self
            .harmless
            .iter()
            .map(|(file, more)| (file.clone(), Logging { harmless: Some(*more), ..none() }));
        let packed = self
            .compress_after
            .iter()
            .map(|(file, span)| (file.clone(), Logging { compress_after: Some(*span), ..none() }));
        let kept = self
            .keep
            .iter()
            .map(|(file, span)| (file.clone(), Logging { keep: Some(*span), ..none() }));
        let listed = self
            .redact
            .iter()
            .map(|(file, list)| (file.clone(), Logging { redact: Some(list.clone()), ..none() }));
        harmless.chain(packed).chain(kept).chain(listed).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{COMPRESS_AFTER, Harmless, LogTerms, Logging, Span};

    fn of(harmless: Harmless) -> Logging {
        Logging { harmless: Some(harmless), ..Logging::default() }
    }

    #[test]
    fn nothing_is_removed_unless_a_file_says_so_and_the_longest_time_counts() {
        let mut terms = LogTerms::default();
        assert_eq!((terms.compress_after(), terms.keep()), (COMPRESS_AFTER, None));
        for (days, left) in [(400, 400), (30, 400), (500, 500)] {
            let keep = Some(Span(days * 86_400));
            terms.add("x", &Logging { keep, ..Logging::default() });
            assert_eq!(terms.keep(), Some(Span(left * 86_400)));
        }
        let mut anybodys = Logging { keep: Some(Span(1)), ..of(Harmless::Sync) };
        assert!(anybodys.keep_stricter());
        assert_eq!(anybodys, of(Harmless::Sync));
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
