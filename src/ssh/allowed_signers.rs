//! The trust file: who may approve, with which key.
//!
//! OpenSSH's `allowed_signers` (ssh-keygen(1), ALLOWED SIGNERS), but only the
//! part of it that can be read in one way: one literal name a line, one purpose,
//! an end, no key twice. A file with one wrong line is no trust file at all:
//! what was meant by it, only its owner knows.

use super::key::PublicKey;
use super::{CHECKPOINT, DECISION, POLICY};
use crate::text::stamp::Stamp;

/// The longest file that is read, in bytes.
pub const MAX_FILE: usize = 256 << 10;
/// How long a key should be trusted at most, in seconds: 180 days.
pub const LONG: i64 = 180 * 86_400;

/// A trust file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedSigners {
    entries: Vec<Entry>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who.
    pub principal: String,
    /// For what: one of guard's namespaces.
    pub namespace: String,
    /// From when, in seconds since 1970.
    pub valid_after: Option<i64>,
    /// Until when, in seconds since 1970.
    pub valid_before: i64,
    /// The key.
    pub key: PublicKey,
    /// What stands behind the key.
    pub comment: String,
    /// Number of the line, from 1.
    pub line: usize,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct TrustFileError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in bytes.
    pub column: usize,
    /// What is wrong and what to do.
    pub why: String,
}

impl AllowedSigners {
    /// Reads a file.
    ///
    /// # Errors
    /// The first line that is not in the subset.
    pub fn read(text: &str) -> Result<Self, TrustFileError> {
        if text.len() > MAX_FILE {
            let why = "the file is longer than 256 KiB".to_owned();
            return Err(TrustFileError { line: 1, column: 1, why });
        }
        let mut entries: Vec<Entry> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let entry = Line { text: line, number, at: 0 }.entry()?;
            if let Some(other) = entries.iter().find(|other| other.key == entry.key) {
                let why = format!(
                    "the same key stands in line {}; a key belongs to one person and has one time",
                    other.line
                );
                return Err(TrustFileError { line: number, column: 1, why });
            }
            entries.push(entry);
        }
        Ok(Self { entries })
    }

    /// Every line.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The lines of one person.
    pub fn of<'a>(&'a self, principal: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.principal == principal)
    }

    /// What is allowed but should not last: keys that are trusted for more than
    /// 180 days.
    #[must_use]
    pub fn warnings(&self, now: i64) -> Vec<String> {
        let long = |entry: &&Entry| {
            entry.valid_before.saturating_sub(entry.valid_after.unwrap_or(now)) > LONG
        };
        self.entries
            .iter()
            .filter(long)
            .map(|entry| {
                format!(
                    "line {}: the key of {} is trusted for more than 180 days",
                    entry.line, entry.principal
                )
            })
            .collect()
    }
}

impl Entry {
    /// Whether the key is good at this time.
    #[must_use]
    pub fn is_valid(&self, now: i64) -> bool {
        self.valid_after.is_none_or(|after| after <= now) && now <= self.valid_before
    }

    /// The line.
    #[must_use]
    pub fn write(&self) -> String {
        let mut options = format!("namespaces=\"{}\"", self.namespace);
        if let Some(after) = self.valid_after {
            options += &format!(",valid-after=\"{}\"", written(after));
        }
        options += &format!(",valid-before=\"{}\"", written(self.valid_before));
        let mut line = format!("{} {options} {}", self.principal, self.key.line());
        if !self.comment.is_empty() {
            line.push(' ');
            line += &self.comment;
        }
        line
    }
}

/// `YYYYMMDDHHMMSSZ`.
fn written(time: i64) -> String {
    let text = Stamp(time.saturating_mul(1000)).to_string();
    let digits: String = text.chars().take(19).filter(char::is_ascii_digit).collect();
    format!("{digits}Z")
}

/// Whether a name may stand in the file and in documents.
#[must_use]
pub fn is_principal(name: &str) -> bool {
    (1..=128).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "@._+-".contains(c))
        && !name.starts_with('-')
}

struct Line<'a> {
    text: &'a str,
    number: usize,
    at: usize,
}

impl<'a> Line<'a> {
    fn wrong<T>(&self, why: impl Into<String>) -> Result<T, TrustFileError> {
        Err(TrustFileError { line: self.number, column: self.at + 1, why: why.into() })
    }

    /// The next field: up to a blank outside quotes.
    fn field(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        self.at += blank;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut quoted = false;
        let end = rest.find(|c: char| {
            quoted ^= c == '"';
            !quoted && matches!(c, ' ' | '\t')
        });
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }

    fn entry(mut self) -> Result<Entry, TrustFileError> {
        let principal = self.field();
        if !is_principal(principal) {
            return self.wrong(
                "expected one name (letters, digits and @ . _ + -); patterns, lists and quotes \
                 are not accepted, because they name more people than one",
            );
        }
        self.at += principal.len();
        let options = self.field();
        let end = self.at + options.len();
        let (namespace, valid_after, valid_before) = self.options(options)?;
        self.at = end;
        let kind = self.field();
        let at_kind = self.at;
        self.at += kind.len();
        let data = self.field();
        let end = self.at + data.len();
        self.at = at_kind;
        let key = match PublicKey::from_base64(kind, data) {
            Ok(key) => key,
            Err(error) => return self.wrong(error.to_string()),
        };
        let comment = self.text.get(end..).unwrap_or_default().trim().to_owned();
        Ok(Entry {
            principal: principal.to_owned(),
            namespace,
            valid_after,
            valid_before,
            key,
            comment,
            line: self.number,
        })
    }

    /// Comma-separated options; quotes around values.
    fn options(&mut self, options: &str) -> Result<(String, Option<i64>, i64), TrustFileError> {
        let (mut namespace, mut after, mut before) = (None, None, None);
        let mut rest = options;
        while !rest.is_empty() {
            let Some((name, value, next)) = option(rest) else {
                return self.wrong(
                    "expected options such as \
                     namespaces=\"guard-decision@v1\",valid-before=\"20270430Z\"",
                );
            };
            let twice = match name.to_ascii_lowercase().as_str() {
                "namespaces" => namespace.replace(value).is_some(),
                "valid-after" => after.replace(self.time(value)?).is_some(),
                "valid-before" => before.replace(self.time(value)?).is_some(),
                "cert-authority" => {
                    return self.wrong(
                        "cert-authority is not supported: whoever holds that key could make \
                         approvers; enrol each person's own key",
                    );
                }
                _ => return self.wrong(format!("the option {name:?} is not known")),
            };
            if twice {
                return self.wrong(format!("the option {name} is given twice"));
            }
            self.at += rest.len() - next.len();
            rest = next;
        }
        let Some(namespace) =
            namespace.filter(|name| [DECISION, POLICY, CHECKPOINT].contains(name))
        else {
            return self.wrong(format!(
                "the option namespaces=\"{DECISION}\" is needed, with exactly one of guard's \
                 namespaces and no pattern"
            ));
        };
        let Some(before) = before else {
            return self.wrong("the option valid-before=\"YYYYMMDDZ\" is needed");
        };
        Ok((namespace.to_owned(), after, before))
    }

    /// `YYYYMMDDZ`, `YYYYMMDDHHMMZ` or `YYYYMMDDHHMMSSZ`. Without `Z` OpenSSH
    /// means local time, which differs from host to host.
    fn time(&self, value: &str) -> Result<i64, TrustFileError> {
        let digits = value.strip_suffix('Z').filter(|digits| {
            matches!(digits.len(), 8 | 12 | 14) && digits.bytes().all(|b| b.is_ascii_digit())
        });
        let parsed = digits.and_then(|digits| {
            let part = |from: usize, to: usize| digits.get(from..to).unwrap_or("00");
            let text = format!(
                "{}-{}-{}T{}:{}:{}Z",
                part(0, 4),
                part(4, 6),
                part(6, 8),
                part(8, 10),
                part(10, 12),
                part(12, 14)
            );
            Stamp::parse(&text)
        });
        match parsed {
            Some(stamp) => Ok(stamp.0.div_euclid(1000)),
            None => self.wrong(format!(
                "{value:?} is not a time such as 20270430Z or 202704301200Z (the Z is needed)"
            )),
        }
    }
}

/// The first option of a list: name, value, what follows the comma.
fn option(rest: &str) -> Option<(&str, &str, &str)> {
    let end = rest.find(['=', ',']).unwrap_or(rest.len());
    let (name, after) = rest.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    let Some(after) = after.strip_prefix("=\"") else {
        // A name alone, such as cert-authority.
        let next = match after.strip_prefix(',') {
            Some(next) if !next.is_empty() => next,
            None if after.is_empty() => "",
            _ => return None,
        };
        return Some((name, "", next));
    };
    let (value, after) = after.split_once('"')?;
    match after.strip_prefix(',') {
        Some(next) if !next.is_empty() => Some((name, value, next)),
        None if after.is_empty() => Some((name, value, "")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::{AllowedSigners, is_principal};
    use proptest::prelude::*;

    const PUBLISHED: &str = include_str!("../../tests/fixtures/approval/allowed_signers");
    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBfusAfVRmJn0N7xC5AJVrpq1S/8A3jQzr31ofZ5xrV";
    const GOOD: &str = "namespaces=\"guard-decision@v1\",valid-before=\"20270430Z\"";

    fn why(line: &str) -> String {
        AllowedSigners::read(line).unwrap_err().to_string()
    }

    #[test]
    fn the_published_file_is_read() {
        let file = AllowedSigners::read(PUBLISHED).unwrap();
        let names: Vec<_> = file.entries().iter().map(|e| e.principal.as_str()).collect();
        assert_eq!(names, ["bob@example.org", "dana@example.org", "erin@example.org"]);
        let bob = &file.entries()[0];
        assert_eq!(bob.valid_after, Some(1_793_491_200));
        assert!(bob.is_valid(1_793_491_200) && !bob.is_valid(1_793_491_199));
        assert!(bob.is_valid(bob.valid_before) && !bob.is_valid(bob.valid_before + 1));
        assert_eq!(bob.comment, "bob");
        assert_eq!(file.warnings(0), Vec::<String>::new());
        assert_eq!(file.of("dana@example.org").count(), 1);
    }

    #[test]
    fn a_line_is_the_same_after_writing_and_reading() {
        for entry in AllowedSigners::read(PUBLISHED).unwrap().entries() {
            let written = AllowedSigners::read(&entry.write()).unwrap();
            let again = &written.entries()[0];
            assert_eq!((&again.principal, &again.key), (&entry.principal, &entry.key));
            assert_eq!(again.valid_before, entry.valid_before);
            assert_eq!(again.valid_after, entry.valid_after);
        }
    }

    #[test]
    fn what_could_mean_more_than_one_thing_is_refused() {
        for (line, says) in [
            (format!("*@example.org {GOOD} {KEY}"), "column 1: expected one name"),
            (format!("a,b {GOOD} {KEY}"), "expected one name"),
            (format!("!a {GOOD} {KEY}"), "expected one name"),
            (format!("\"a\" {GOOD} {KEY}"), "expected one name"),
            (format!("a {KEY}"), "column 3"),
            (format!("a valid-before=\"20270430Z\" {KEY}"), "namespaces="),
            (format!("a namespaces=\"guard-*\",valid-before=\"20270430Z\" {KEY}"), "no pattern"),
            (
                format!("a namespaces=\"guard-decision@v1,file\",valid-before=\"20270430Z\" {KEY}"),
                "no pattern",
            ),
            (format!("a namespaces=\"guard-decision@v1\" {KEY}"), "valid-before"),
            (
                format!("a namespaces=\"guard-decision@v1\",valid-before=\"20270430\" {KEY}"),
                "the Z is needed",
            ),
            (
                format!("a namespaces=\"guard-decision@v1\",valid-before=\"20270231Z\" {KEY}"),
                "is not a time",
            ),
            (format!("a {GOOD},cert-authority {KEY}"), "cert-authority is not supported"),
            (format!("a cert-authority,{GOOD} {KEY}"), "cert-authority is not supported"),
            (format!("a {GOOD},verify-required {KEY}"), "\"verify-required\" is not known"),
            (format!("a {GOOD},{GOOD} {KEY}"), "given twice"),
            (format!("a {GOOD}, {KEY}"), "expected options"),
            (format!("a {GOOD} ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQA="), "keys of type"),
            (format!("a {GOOD}"), "column"),
            ("a".to_owned(), "namespaces"),
            (format!("a {GOOD} {KEY}\nb {GOOD} {KEY}"), "line 2, column 1: the same key"),
            (format!("a {GOOD} {KEY}\na {GOOD} {KEY}"), "the same key"),
        ] {
            let found = why(&line);
            assert!(found.contains(says), "{line}\n{found}");
        }
    }

    #[test]
    fn a_key_that_is_trusted_for_long_is_pointed_out() {
        let file = AllowedSigners::read(&format!("a {GOOD} {KEY}")).unwrap();
        assert_eq!(file.warnings(1_795_000_000).len(), 0);
        assert_eq!(file.warnings(1_700_000_000).len(), 1);
    }

    #[test]
    fn names_are_plain() {
        assert!(is_principal("dana@example.org") && is_principal("o+x_1-2.3"));
        for wrong in ["", "a b", "-n", "é", "a\u{202e}", "a,b", "*"] {
            assert!(!is_principal(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,300}") {
            let _ = AllowedSigners::read(&text);
        }

        #[test]
        fn any_change_of_a_line_is_read_or_refused(at in 0_usize..200, c in any::<char>()) {
            let mut text: Vec<char> = format!("a {GOOD} {KEY}").chars().collect();
            let at = at.min(text.len());
            text.insert(at, c);
            let _ = AllowedSigners::read(&text.into_iter().collect::<String>());
        }
    }
}
