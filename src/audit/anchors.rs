//! What people who signed a request knew of the log: where it ended then.
//!
//! A request says the number of the next record and the hash of the last line.
//! Whoever approves it signs that too, so nobody can write anew what was before
//! it, not even with the host's own key.

use std::collections::BTreeMap;
use std::io;

use super::parts::Source;
use super::reader::Lines;
use super::record::hex;
use crate::second::request::LogHead;

/// Most heads that are compared with one log.
pub const MAX: usize = 65_536;

/// Where a log ended, by somebody's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// The host whose log it is.
    pub host: String,
    /// What they saw.
    pub head: LogHead,
    /// Who says so.
    pub said: Said,
}

/// Who says where a log ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The signed decision in the record of this number.
    Decision(u64),
    /// A request that was kept elsewhere.
    File(String),
}

/// What is wrong at a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is another record in that place.
    Changed,
    /// There is none: the end was cut off, or it was taken out.
    Missing,
}

/// What came of comparing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Anchored {
    /// Heads that are in their place.
    pub good: u64,
    /// Heads before the first line that is left.
    pub gone: u64,
    /// Heads that are not there.
    pub bad: Vec<(Anchor, Fault)>,
}

/// Looks for every head in a log. Reads it only when there are any, and only
/// as far as the last.
///
/// # Errors
/// Those of the files.
pub fn check(source: &Source, anchors: Vec<Anchor>) -> io::Result<Anchored> {
    let mut found = Anchored::default();
    let mut wanted: BTreeMap<u64, Vec<Anchor>> = BTreeMap::new();
    for anchor in anchors {
        // The head of an empty log is no record.
        if let Some(last) = anchor.head.seq.checked_sub(1) {
            wanted.entry(last).or_default().push(anchor);
        }
    }
    if wanted.is_empty() {
        return Ok(found);
    }
    let mut lines = Lines::new(source.reader());
    let mut first = None;
    while let Some(line) = lines.next_line()? {
        let Some(seq) = number(line.bytes) else { continue };
        first.get_or_insert(seq);
        let Some(anchors) = wanted.remove(&seq) else { continue };
        let hash = hex(&line.hash());
        for anchor in anchors {
            match anchor.head.sha256 == hash {
                true => found.good += 1,
                false => found.bad.push((anchor, Fault::Changed)),
            }
        }
        if wanted.is_empty() {
            break;
        }
    }
    for (seq, anchors) in wanted {
        match first.is_some_and(|first| seq < first) {
            true => found.gone += anchors.len() as u64,
            false => found.bad.extend(anchors.into_iter().map(|one| (one, Fault::Missing))),
        }
    }
    Ok(found)
}

/// The number of a record, as guard writes it. Any other line, however it is
/// read elsewhere, has not the hash of one that guard wrote.
fn number(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(br#"{"v":1,"seq":"#)?;
    let end = memchr::memchr(b',', rest.get(..rest.len().min(21))?)?;
    std::str::from_utf8(rest.get(..end)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::super::record::{hash, hex};
    use super::{Anchor, Fault, LogHead, Said, Source, check};

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    fn head(seq: u64, line: &str) -> Anchor {
        let sha256 = hex(&hash(line.trim_end().as_bytes()));
        Anchor { host: "h".into(), head: LogHead { seq, sha256 }, said: Said::File("f".into()) }
    }

    #[test]
    fn a_head_is_found_cut_off_changed_or_before_what_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("h.jsonl");
        let lines: Vec<&str> = VECTOR.split_inclusive('\n').collect();
        let all = || vec![head(2, lines[1]), head(5, lines[4])];
        let of = |text: &str, anchors: Vec<Anchor>| {
            std::fs::write(&path, text).unwrap();
            check(&Source::open(&path).unwrap(), anchors).unwrap()
        };
        let found = of(VECTOR, all());
        assert_eq!((found.good, found.gone, found.bad.len()), (2, 0, 0));
        let cut = of(&lines[..4].concat(), all());
        assert_eq!((cut.good, &cut.bad[..]), (1, &[(head(5, lines[4]), Fault::Missing)][..]));
        let empty = of("", all());
        assert_eq!((empty.good, empty.gone, empty.bad.len()), (0, 0, 2));
        let changed = of(&VECTOR.replacen("\"boot\":\"", "\"boot\":\"0", 2), all());
        assert_eq!((changed.good, changed.bad[0].1), (1, Fault::Changed));
        let left = of(&lines[3..].concat(), all());
        assert_eq!((left.good, left.gone, left.bad.len()), (1, 1, 0));
        // Before the first record there is nothing that could be missing.
        let none = of(VECTOR, vec![head(0, "")]);
        assert_eq!((none.good, none.bad.len()), (0, 0));
    }
}
