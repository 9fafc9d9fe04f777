//! The hash chain: what the next line must say, and where it does not.
//!
//! Writer and verifier share this one state, so they cannot disagree about
//! torn lines: a line that is no record takes part with its hash but has no
//! number.

use super::reader::Line;
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

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::{Chain, Checked};
    use crate::audit::reader::Lines;
    use crate::audit::record::hex;

    /// Five records with hashes that were computed by another program.
    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    fn check(content: &[u8]) -> (Chain, Vec<Checked>) {
        let mut lines = Lines::new(content);
        let mut chain = Chain::default();
        let mut out = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            out.push(chain.add(&line));
        }
        (chain, out)
    }

    fn breaks(content: &[u8]) -> Vec<usize> {
        let (_, checked) = check(content);
        (1..)
            .zip(checked)
            .filter(|(_, c)| matches!(c, Checked::Broken { .. }))
            .map(|(n, _)| n)
            .collect()
    }

    #[test]
    fn the_vector_is_intact_and_gives_the_known_hash() {
        let (chain, checked) = check(VECTOR.as_bytes());
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
        let (_, checked) = check(edited.as_bytes());
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
            let _ = check(&content);
        }

        #[test]
        fn any_changed_byte_before_the_last_line_is_noticed(at in 0_usize..2000, to in any::<u8>()) {
            let mut content = VECTOR.as_bytes().to_vec();
            let last = VECTOR.trim_end().rfind('\n').unwrap();
            let at = at % last;
            prop_assume!(content[at] != to);
            content[at] = to;
            let (_, checked) = check(&content);
            let noticed = checked.iter().any(|c| matches!(c, Checked::Broken { .. }));
            prop_assert!(noticed);
        }
    }
}
