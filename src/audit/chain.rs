//! The hash chain: what the next line must say, and where it does not.
//!
//! Writer and verifier share this one state, so they cannot disagree about
//! torn lines: a line that is no record takes part with its hash but has no
//! number.

use std::io::{self, BufRead};

use super::reader::{Line, Lines};
use super::record::{GENESIS, Hash, Header};

/// Where the chain stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chain {
    /// Hash of the last line.
    pub prev: Hash,
    /// Number of the next record.
    pub next_seq: u64,
}

impl Default for Chain {
    fn default() -> Self {
        Self { prev: GENESIS, next_seq: 0 }
    }
}

/// What one line is in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Checked {
    /// A record that follows from the line before.
    Good {
        /// Its number.
        seq: u64,
    },
    /// A record that does not follow: something before it was changed, taken
    /// out, put in or moved.
    Broken {
        /// Its number.
        seq: u64,
        /// The number that it should have, when that is wrong.
        expected_seq: Option<u64>,
        /// Whether its `prev` is not the hash of the line before.
        wrong_prev: bool,
    },
    /// No record: left by a writer that died, or damaged.
    Torn,
}

impl Chain {
    /// Adds the next line. After a break the chain goes on from what is there,
    /// so that one change is reported once.
    pub fn add(&mut self, line: &Line<'_>) -> Checked {
        let header = if line.is_cut() { None } else { Header::parse(line.bytes) };
        let before = *self;
        self.prev = line.hash();
        let Some(header) = header else { return Checked::Torn };
        self.next_seq = header.seq + 1;
        let wrong_prev = header.prev != before.prev;
        let wrong_seq = header.seq != before.next_seq;
        if wrong_prev || wrong_seq {
            let expected_seq = wrong_seq.then_some(before.next_seq);
            return Checked::Broken { seq: header.seq, expected_seq, wrong_prev };
        }
        Checked::Good { seq: header.seq }
    }
}

/// How many breaks and torn lines a [`Report`] lists; the rest is counted.
const MAX_LISTED: usize = 1000;

/// What was found in one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Report {
    /// Records, broken ones included.
    pub records: u64,
    /// Where the chain does not hold; at most 1000.
    pub breaks: Vec<Break>,
    /// How many breaks there are in all.
    pub break_count: u64,
    /// Lines that are no records, by number from 1; at most 1000.
    pub torn: Vec<u64>,
    /// How many of them there are in all.
    pub torn_count: u64,
    /// Whether the last line lacks its line feed.
    pub unfinished: bool,
    /// Number and `prev` of the first record.
    pub first: Option<Header>,
    /// Number and hash of the last record.
    pub last: Option<(u64, Hash)>,
    /// Where the chain stands at the end.
    pub end: Chain,
}

/// A place where the chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Break {
    /// Number of the line, from 1.
    pub line: u64,
    /// The number of its record.
    pub seq: u64,
    /// The number that it should have, when that is wrong.
    pub expected_seq: Option<u64>,
    /// Whether its `prev` is not the hash of the line before.
    pub wrong_prev: bool,
}

/// Checks a whole log; `each` sees every line.
///
/// # Errors
///
/// Those of the input.
pub fn check(input: &mut impl BufRead, each: &mut dyn FnMut(&Line<'_>)) -> io::Result<Report> {
    let mut lines = Lines::new(input);
    let mut report = Report::default();
    let mut number = 0;
    while let Some(line) = lines.next_line()? {
        number += 1;
        report.unfinished = !line.ended;
        each(&line);
        if report.records == 0 {
            report.first = Header::parse(line.bytes).filter(|_| !line.is_cut());
        }
        let checked = report.end.add(&line);
        if let Checked::Good { seq } | Checked::Broken { seq, .. } = checked {
            report.records += 1;
            report.last = Some((seq, report.end.prev));
        }
        match checked {
            Checked::Good { .. } => {}
            Checked::Broken { seq, expected_seq, wrong_prev } => {
                report.break_count += 1;
                if report.breaks.len() < MAX_LISTED {
                    report.breaks.push(Break { line: number, seq, expected_seq, wrong_prev });
                }
            }
            Checked::Torn => {
                report.torn_count += 1;
                if report.torn.len() < MAX_LISTED {
                    report.torn.push(number);
                }
            }
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::{Chain, Checked};
    use crate::audit::reader::Lines;
    use crate::audit::record::hex;

    /// Five records with hashes that were computed by another program.
    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    fn every(content: &[u8]) -> (Chain, Vec<Checked>) {
        let mut lines = Lines::new(content);
        let mut chain = Chain::default();
        let mut out = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            out.push(chain.add(&line));
        }
        (chain, out)
    }

    fn breaks(content: &[u8]) -> Vec<u64> {
        super::check(&mut &content[..], &mut |_| {})
            .unwrap()
            .breaks
            .iter()
            .map(|b| b.line)
            .collect()
    }

    #[test]
    fn the_vector_is_intact_and_gives_the_known_hash() {
        let (chain, checked) = every(VECTOR.as_bytes());
        let good: Vec<Checked> = (0..5).map(|seq| Checked::Good { seq }).collect();
        assert_eq!(checked, good);
        assert_eq!(
            hex(&chain.prev),
            "69252dc66f9e58fbaba5850acd6fa115120ea5f31ab181c433b7fa3670186597"
        );
    }

    #[test]
    fn an_edited_byte_is_one_break_at_the_next_line() {
        assert_eq!(breaks(VECTOR.replace("b7c1f2", "b7c1f3").as_bytes()), [4]);
    }

    #[test]
    fn an_edit_that_destroys_a_record_is_a_torn_line_and_one_break() {
        let edited = VECTOR.replace(r#"{"v":1,"seq":2"#, r#"["v":1,"seq":2"#);
        let (_, checked) = every(edited.as_bytes());
        assert_eq!(checked[2], Checked::Torn);
        assert_eq!(checked[3], Checked::Broken { seq: 3, expected_seq: Some(2), wrong_prev: true });
        assert_eq!(breaks(edited.as_bytes()), [4]);
    }

    #[test]
    fn a_deleted_line_is_one_break() {
        let lines: Vec<&str> = VECTOR.split_inclusive('\n').collect();
        assert_eq!(breaks([lines[0], lines[1], lines[3], lines[4]].concat().as_bytes()), [3]);
        // Without its first line the log no longer starts at the beginning.
        assert_eq!(breaks(lines[1..].concat().as_bytes()), [1]);
    }

    #[test]
    fn swapped_lines_are_breaks() {
        let lines: Vec<&str> = VECTOR.split_inclusive('\n').collect();
        let swapped = [lines[0], lines[2], lines[1], lines[3], lines[4]].concat();
        assert_eq!(breaks(swapped.as_bytes()), [2, 3, 4]);
    }

    #[test]
    fn a_cut_end_is_not_found_by_the_chain_alone() {
        let lines: Vec<&str> = VECTOR.split_inclusive('\n').collect();
        assert!(breaks(lines[..3].concat().as_bytes()).is_empty());
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(content in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = every(&content);
        }

        #[test]
        fn any_changed_byte_before_the_last_line_is_noticed(at in 0_usize..2000, to in any::<u8>()) {
            let mut content = VECTOR.as_bytes().to_vec();
            let last = VECTOR.trim_end().rfind('\n').unwrap();
            let at = at % last;
            prop_assume!(content[at] != to);
            content[at] = to;
            let (_, checked) = every(&content);
            let noticed = checked.iter().any(|c| matches!(c, Checked::Broken { .. }));
            prop_assert!(noticed);
        }
    }
}
