//! Proofs that records are in a log, which need neither the log nor guard.
//!
//! Made after C2SP tlog-proof (<https://c2sp.org/tlog-proof>), with the records
//! inside, several of them for one checkpoint, and the checkpoint's signature
//! as an SSH signature instead of a signed note:
//!
//! ```text
//! guard-log-proof@v1
//! build-7.example.org/guard/audit
//! 5
//! mvy6dWQeOD0RZ/+uzhcwfQYdur1WGJRjpji2Dxndv+M=
//!
//! -----BEGIN SSH SIGNATURE-----
//! ...
//! -----END SSH SIGNATURE-----
//!
//! index 2
//! base64 of a hash, from the leaf upwards, as many as it takes
//! {"v":1,"seq":2,... the raw line
//! ```
//!
//! Index, hashes and record repeat for each record, in the order of the log.
//! Every byte counts: there is one form only.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::checkpoint::{CheckpointError, Signed, hash_of_base64, number};
use super::merkle::{self, Frontier, Range};
use super::record::{Hash, Header};

/// First line of a proof.
pub const HEADER: &str = "guard-log-proof@v1";

/// The longest file that is read, in bytes: some commands of megabytes.
pub const MAX_FILE: u64 = 64 << 20;

/// Most records in one proof.
pub const MAX_RECORDS: usize = 1000;

/// The end of a signature.
const END: &str = "-----END SSH SIGNATURE-----\n";

/// One record and its way to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proved {
    /// Which line it is, from 0.
    pub index: u64,
    /// The hashes of [`merkle::path`].
    pub hashes: Vec<Hash>,
    /// The raw line, without its line feed.
    pub line: String,
}

/// Records and the checkpoint that covers them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The checkpoint.
    pub signed: Signed,
    /// The records, in the order of the log.
    pub records: Vec<Proved>,
}

/// Why a file is no proof, or proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Another kind of file.
    #[error("it does not begin with `{HEADER}`, so it is not a proof of guard")]
    Header,
    /// The checkpoint in it.
    #[error("its checkpoint is damaged: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The parts below.
    #[error("record {0} of the file is damaged")]
    Record(usize),
    /// More than [`MAX_RECORDS`], or none.
    #[error("it holds no record, or more than {MAX_RECORDS}")]
    Count,
    /// The signature.
    #[error("the signature of its checkpoint does not hold: {0}")]
    Signature(#[from] crate::ssh::VerifyError),
    /// The way to the root.
    #[error("line {} does not lead to the root that was signed: it is not in that log", .0 + 1)]
    Root(u64),
}

impl Proof {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ProofError`], for anything that is not exactly in the form that is
    /// written.
    pub fn read(text: &str) -> Result<Self, ProofError> {
        let rest = text
            .strip_prefix(HEADER)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(ProofError::Header)?;
        let (head, rest) = rest.split_once(END).ok_or(CheckpointError::Unsigned)?;
        let signed = Signed::read(&format!("{head}{END}"))?;
        let mut rest = rest;
        let mut records: Vec<Proved> = Vec::new();
        while !rest.is_empty() {
            if records.len() == MAX_RECORDS {
                return Err(ProofError::Count);
            }
            let last = records.last().map(|record| record.index);
            let (record, after) = one(rest)
                .filter(|(record, _)| last.is_none_or(|last| last < record.index))
                .ok_or(ProofError::Record(records.len() + 1))?;
            records.push(record);
            rest = after;
        }
        if records.is_empty() {
            return Err(ProofError::Count);
        }
        Ok(Self { signed, records })
    }

    /// Checks everything with the host's key.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn check(&self, key: &crate::ssh::PublicKey) -> Result<(), ProofError> {
        self.signed.verify(key)?;
        let (size, root) = (self.signed.checkpoint.size, self.signed.checkpoint.root);
        for record in &self.records {
            let leaf = merkle::leaf(record.line.as_bytes());
            let leads = merkle::root_by_path(leaf, record.index, size, &record.hashes);
            if leads != Some(root) {
                return Err(ProofError::Root(record.index));
            }
        }
        Ok(())
    }
}

/// The first record of the text and what follows.
fn one(text: &str) -> Option<(Proved, &str)> {
    let (index, mut rest) = text.strip_prefix("\nindex ")?.split_once('\n')?;
    let index = number(index)?;
    let mut hashes = Vec::new();
    loop {
        let (line, after) = rest.split_once('\n')?;
        rest = after;
        if line.starts_with('{') {
            // The chain takes other lines too, but nobody wants them proved.
            Header::parse(line.as_bytes())?;
            return Some((Proved { index, hashes, line: line.to_owned() }, rest));
        }
        if hashes.len() == 64 {
            return None;
        }
        hashes.push(hash_of_base64(line)?);
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEADER}\n{}", self.signed)?;
        for record in &self.records {
            writeln!(f, "\nindex {}", record.index)?;
            for hash in &record.hashes {
                writeln!(f, "{}", BASE64.encode(hash))?;
            }
            writeln!(f, "{}", record.line)?;
        }
        Ok(())
    }
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It has fewer lines than the checkpoint says.
    #[error("the log has only {found} of the {wanted} lines that were signed")]
    Short {
        /// Lines of the log.
        found: u64,
        /// Lines of the checkpoint.
        wanted: u64,
    },
    /// It has other lines.
    #[error("the first {0} lines of the log are not those that were signed")]
    Changed(u64),
}

/// Proves lines of a log, given by index and content, in rising order and all
/// below the size of the checkpoint. Reads the log once, in bounded memory.
/// `tree` is that over the lines before the first one that `log` still has.
///
/// # Errors
/// [`MakeError`].
pub fn make(
    log: &mut impl BufRead,
    mut frontier: Frontier,
    signed: Signed,
    lines: Vec<(u64, String)>,
) -> Result<Proof, MakeError> {
    let size = signed.checkpoint.size;
    let mut known: HashMap<Range, Hash> = lines
        .iter()
        .flat_map(|(index, _)| merkle::path(*index, size))
        .map(|range| (range, [0; 32]))
        .collect();
    // Subtrees that were finished before the first line that is left.
    let mut first = 0;
    for (bit, root) in
        (0..64_u32).rev().filter(|bit| frontier.size() >> bit & 1 == 1).zip(frontier.nodes())
    {
        if let Some(known) = known.get_mut(&(first, 1 << bit)) {
            *known = *root;
        }
        first += 1 << bit;
    }
    let mut keep = |range: Range, hash: &Hash| {
        if let Some(known) = known.get_mut(&range) {
            *known = *hash;
        }
    };
    while frontier.size() < size {
        match merkle::next_leaf(log)? {
            Some(leaf) if leaf.ended => frontier.push(leaf.hash, &mut keep),
            _ => return Err(MakeError::Short { found: frontier.size(), wanted: size }),
        }
    }
    if frontier.root_with(&mut keep) != signed.checkpoint.root {
        return Err(MakeError::Changed(size));
    }
    let records = lines
        .into_iter()
        .map(|(index, line)| {
            let hash = |range| known.get(&range).copied().unwrap_or_default();
            let hashes = merkle::path(index, size).into_iter().map(hash).collect();
            Proved { index, hashes, line }
        })
        .collect();
    Ok(Proof { signed, records })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::{Frontier, HEADER, MakeError, Proof, ProofError, Signed, make};
    use crate::ssh::PublicKey;

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");
    const TEXT: &str = include_str!("../../tests/fixtures/audit/chain-vector.checkpoint");
    const SIG: &str = include_str!("../../tests/fixtures/audit/chain-vector.checkpoint.sig");

    fn signed() -> Signed {
        Signed::of_two(TEXT, SIG).unwrap()
    }

    fn key() -> PublicKey {
        signed().named_key().unwrap()
    }

    fn proof(of: &[u64]) -> Proof {
        let all: Vec<&str> = VECTOR.lines().collect();
        let line = |index: &u64| (*index, all[usize::try_from(*index).unwrap()].to_owned());
        make(&mut VECTOR.as_bytes(), Frontier::new(), signed(), of.iter().map(line).collect())
            .unwrap()
    }

    #[test]
    fn the_records_of_the_vector_are_proved_one_by_one_and_together() {
        for of in [&[0][..], &[1], &[2], &[3], &[4], &[0, 2, 3, 4], &[0, 1, 2, 3, 4]] {
            let made = proof(of);
            made.check(&key()).unwrap();
            let text = made.to_string();
            assert_eq!(Proof::read(&text).unwrap(), made);
        }
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let text = proof(&[2, 4]).to_string();
        for at in 0..text.len() {
            for flip in [1, 4, 0x20, 0x80] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= flip;
                let Ok(text) = String::from_utf8(bytes) else { continue };
                let holds = Proof::read(&text).is_ok_and(|proof| proof.check(&key()).is_ok());
                assert!(!holds, "byte {at}");
            }
            let removed = [&text.as_bytes()[..at], &text.as_bytes()[at + 1..]].concat();
            let removed = String::from_utf8(removed).unwrap();
            let holds = Proof::read(&removed).is_ok_and(|proof| proof.check(&key()).is_ok());
            assert!(!holds, "without byte {at}");
        }
    }

    #[test]
    fn another_key_place_or_record_is_refused() {
        let made = proof(&[2]);
        let other = PublicKey::ed25519(
            ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes(),
        );
        assert!(matches!(made.check(&other), Err(ProofError::Signature(_))));
        let mut moved = made.clone();
        moved.records[0].index = 3;
        assert_eq!(moved.check(&key()), Err(ProofError::Root(3)));
        let mut swapped = made.clone();
        swapped.records[0].line = VECTOR.lines().next().unwrap().to_owned();
        assert_eq!(swapped.check(&key()), Err(ProofError::Root(2)));
        let twice = made.to_string();
        let again = twice.split_once("\nindex").unwrap().1;
        let twice = format!("{twice}\nindex{again}");
        assert_eq!(Proof::read(&twice), Err(ProofError::Record(2)));
        let none = twice.split_once("\nindex").unwrap().0;
        assert_eq!(Proof::read(none), Err(ProofError::Count));
    }

    #[test]
    fn a_log_that_is_not_the_one_that_was_signed_proves_nothing() {
        let short: String = VECTOR.split_inclusive('\n').take(4).collect();
        let made = make(&mut short.as_bytes(), Frontier::new(), signed(), vec![]);
        assert!(matches!(made, Err(MakeError::Short { found: 4, wanted: 5 })));
        let unfinished = VECTOR.trim_end();
        let made = make(&mut unfinished.as_bytes(), Frontier::new(), signed(), vec![]);
        assert!(matches!(made, Err(MakeError::Short { found: 4, wanted: 5 })));
        let edited = VECTOR.replace("b7c1f2", "b7c1f3");
        let made = make(&mut edited.as_bytes(), Frontier::new(), signed(), vec![]);
        assert!(matches!(made, Err(MakeError::Changed(5))));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,300}") {
            let _ = Proof::read(&text);
            let _ = Proof::read(&format!("{HEADER}\n{text}"));
        }

        #[test]
        fn any_changes_of_a_proof_are_read_or_refused(
            at in any::<usize>(), with in "[\\n0-9a-z{}= ]{0,9}", drop in 0_usize..400,
        ) {
            let text = proof(&[1, 3]).to_string();
            let at = at % text.len();
            let end = (at + drop).min(text.len());
            let changed = format!("{}{with}{}", &text[..at], &text[end..]);
            if let Ok(found) = Proof::read(&changed) {
                prop_assert_eq!(found.to_string(), changed.clone());
                prop_assert!(changed == text || found.check(&key()).is_err());
            }
        }
    }
}
