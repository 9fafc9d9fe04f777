//! Checking a log against everything that was signed about it.

use std::io;

use serde::Deserialize;

use super::checkpoint::{Event, Signed};
use super::merkle::{Frontier, next_leaf};
use super::parts::Source;
use super::reader::Lines;
use super::record::Hash;
use super::retention::base;
use crate::ssh::PublicKey;

/// Most checkpoints of one log that are checked. More is no honest log: that
/// would be one a minute for a year.
pub const MAX_CLAIMS: usize = 500_000;

/// Most faults that are listed; the rest is counted.
const MAX_LISTED: usize = 100;

/// Where a checkpoint was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the log, as the record of this number.
    Record(u64),
    /// The newest one, which is kept beside the log.
    Beside,
    /// In a file from elsewhere, named for people.
    File(String),
}

/// A checkpoint that the log has to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where it was found.
    pub source: Origin,
    /// The checkpoint.
    pub signed: Signed,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The log has fewer lines than were signed.
    Cut {
        /// Lines that were signed.
        wanted: u64,
        /// Lines of the log.
        found: u64,
    },
    /// The lines are not those that were signed.
    Changed {
        /// Lines that were signed.
        size: u64,
        /// The newest checkpoint before it that holds; 0 if there is none.
        intact: u64,
    },
    /// The signature does not hold, or is by a key that is not the host's.
    Signature(String),
    /// A record that says to be a checkpoint and cannot be read.
    Damaged,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Finished lines of the log.
    pub lines: u64,
    /// Checkpoints in it that hold.
    pub own: u64,
    /// Whether the one beside it holds.
    pub beside: bool,
    /// Checkpoints from files that hold.
    pub outside: u64,
    /// Lines at the beginning that policy had removed.
    pub removed: u64,
    /// Checkpoints that only cover such lines, and so can't be checked.
    pub gone: u64,
    /// The most lines that a checkpoint covers which holds.
    pub newest: u64,
    /// The most lines that a checkpoint from a file covers which holds.
    pub newest_outside: u64,
    /// What does not hold; at most 100.
    pub bad: Vec<(Origin, Fault)>,
    /// How much does not hold in all.
    pub bad_count: u64,
    /// Keys that signed and that nobody vouches for, when no key was given.
    pub unvouched: Vec<String>,
}

impl Found {
    fn fault(&mut self, source: Origin, fault: Fault) {
        self.bad_count += 1;
        if self.bad.len() < MAX_LISTED {
            self.bad.push((source, fault));
        }
    }

    /// Checks who signed. Without keys any signature that holds is taken, and
    /// its key named.
    fn signature(&mut self, claim: Claim, keys: &[PublicKey]) -> Option<Wanted> {
        let Claim { source, signed } = claim;
        let Some(named) = signed.named_key() else {
            self.fault(source, Fault::Signature("it cannot be read".into()));
            return None;
        };
        let fingerprint = named.fingerprint();
        if !keys.is_empty() && !keys.iter().any(|key| key.blob() == named.blob()) {
            let why = format!("it is signed with another key, {fingerprint}");
            self.fault(source, Fault::Signature(why));
            return None;
        }
        if let Err(error) = signed.verify(&named) {
            self.fault(source, Fault::Signature(error.to_string()));
            return None;
        }
        if keys.is_empty() && !self.unvouched.contains(&fingerprint) && self.unvouched.len() < 10 {
            self.unvouched.push(fingerprint);
        }
        let (size, root) = (signed.checkpoint.size, signed.checkpoint.root);
        Some(Wanted { source, size, root })
    }

    fn holds(&mut self, wanted: &Wanted) {
        let size = wanted.size;
        self.newest = self.newest.max(size);
        match wanted.source {
            Origin::Record(_) => self.own += 1,
            // The same as that of the newest record, unless guard was killed
            // before it could write that.
            Origin::Beside => self.beside = true,
            Origin::File(_) => {
                self.outside += 1;
                self.newest_outside = self.newest_outside.max(size);
            }
        }
    }
}

/// What is left of a checkpoint once its signature holds: a log may hold many.
struct Wanted {
    source: Origin,
    size: u64,
    root: Hash,
}

#[derive(Deserialize)]
struct Record {
    seq: u64,
    kind: String,
    ev: serde_json::Value,
}

/// Checks a log against the checkpoints in it and those from elsewhere, in two
/// passes and bounded memory. `keys`: those of the host.
///
/// # Errors
/// Those of the file.
pub fn check(source: &Source, outside: Vec<Claim>, keys: &[PublicKey]) -> io::Result<Found> {
    let mut found = Found::default();
    let mut wanted = own(source, keys, &mut found)?;
    wanted.extend(outside.into_iter().filter_map(|claim| found.signature(claim, keys)));
    wanted.sort_by_key(|wanted| wanted.size);
    compare(source, &wanted, &mut found)?;
    Ok(found)
}

/// The checkpoints in the log itself.
fn own(source: &Source, keys: &[PublicKey], found: &mut Found) -> io::Result<Vec<Wanted>> {
    let mut lines = Lines::new(source.reader());
    let mut claims = Vec::new();
    let mark = memchr::memmem::Finder::new(b"\"checkpoint\"");
    while let Some(line) = lines.next_line()? {
        let wanted = mark.find(line.bytes).is_some();
        let record = wanted.then(|| serde_json::from_slice::<Record>(line.bytes).ok()).flatten();
        let Some(record) = record.filter(|record| record.kind == "checkpoint") else { continue };
        let source = Origin::Record(record.seq);
        let event = serde_json::from_value::<Event>(record.ev).ok();
        match event.and_then(|event| event.signed()).filter(|_| claims.len() < MAX_CLAIMS) {
            Some(signed) => claims.extend(found.signature(Claim { source, signed }, keys)),
            None => found.fault(source, Fault::Damaged),
        }
    }
    Ok(claims)
}

/// Builds the tree and compares, at each size that was signed. `claims` in
/// rising order.
fn compare(source: &Source, claims: &[Wanted], found: &mut Found) -> io::Result<()> {
    let mut input = source.reader();
    let mut frontier = base(source)?.map_or_else(Frontier::new, |base| base.frontier);
    found.removed = frontier.size();
    let mut claims = claims.iter().peekable();
    while claims.next_if(|claim| claim.size < found.removed).is_some() {
        found.gone += 1;
    }
    loop {
        let mut root = None;
        while let Some(claim) = claims.next_if(|claim| claim.size == frontier.size()) {
            if *root.get_or_insert_with(|| frontier.root()) == claim.root {
                found.holds(claim);
            } else {
                let (size, intact) = (frontier.size(), found.newest);
                found.fault(claim.source.clone(), Fault::Changed { size, intact });
            }
        }
        match next_leaf(&mut input)? {
            Some(leaf) if leaf.ended => frontier.push(leaf.hash, &mut |_, _| {}),
            _ => break,
        }
    }
    found.lines = frontier.size();
    for claim in claims {
        let wanted = claim.size;
        found.fault(claim.source.clone(), Fault::Cut { wanted, found: found.lines });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::{Claim, Fault, Found, Origin, Signed, Source, check};
    use crate::ssh::PublicKey;

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");
    const TEXT: &str = include_str!("../../tests/fixtures/audit/chain-vector.checkpoint");
    const SIG: &str = include_str!("../../tests/fixtures/audit/chain-vector.checkpoint.sig");

    fn signed() -> Signed {
        Signed::of_two(TEXT, SIG).unwrap()
    }

    fn run(log: &str, keys: &[PublicKey]) -> Found {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("h.jsonl");
        std::fs::write(&path, log).unwrap();
        let claim = Claim { source: Origin::File("kept".into()), signed: signed() };
        check(&Source::open(&path).unwrap(), vec![claim], keys).unwrap()
    }

    fn key() -> PublicKey {
        signed().named_key().unwrap()
    }

    #[test]
    fn the_vector_fits_its_checkpoint_and_may_grow() {
        let found = run(VECTOR, &[key()]);
        assert_eq!((found.lines, found.outside, found.newest_outside), (5, 1, 5));
        assert!(found.bad.is_empty() && found.unvouched.is_empty());
        let grown = run(&format!("{VECTOR}{{}}\n"), &[key()]);
        assert_eq!((grown.lines, grown.newest, grown.bad_count), (6, 5, 0));
    }

    #[test]
    fn a_cut_end_and_any_other_line_are_found() {
        let lines: Vec<&str> = VECTOR.split_inclusive('\n').collect();
        let cut = run(&lines[..3].concat(), &[key()]);
        assert_eq!(cut.bad[0].1, Fault::Cut { wanted: 5, found: 3 });
        let unfinished = run(VECTOR.trim_end(), &[key()]);
        assert_eq!(unfinished.bad[0].1, Fault::Cut { wanted: 5, found: 4 });
        let changed = Fault::Changed { size: 5, intact: 0 };
        for other in [
            VECTOR.replace("b7c1f2", "b7c1f3"),
            [lines[0], lines[1], lines[3], lines[2], lines[4]].concat(),
            [lines[0], lines[0], lines[1], lines[2], lines[3], lines[4]].concat(),
            [lines[0], lines[1], "{}\n", lines[2], lines[3], lines[4]].concat(),
        ] {
            assert_eq!(run(&other, &[key()]).bad[0].1, changed);
        }
    }

    #[test]
    fn every_flipped_byte_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("h.jsonl");
        for at in (0..VECTOR.len()).step_by(7).chain([VECTOR.len() - 1]) {
            let mut bytes = VECTOR.as_bytes().to_vec();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&path, bytes).unwrap();
            let claim = Claim { source: Origin::File("kept".into()), signed: signed() };
            let found = check(&Source::open(&path).unwrap(), vec![claim], &[key()]).unwrap();
            assert_eq!((found.bad_count, found.outside), (1, 0), "byte {at}");
        }
    }

    #[test]
    fn who_signed_is_compared_or_at_least_named() {
        let other = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        let other = PublicKey::ed25519(other.to_bytes());
        let found = run(VECTOR, std::slice::from_ref(&other));
        assert!(matches!(&found.bad[0].1, Fault::Signature(why) if why.contains("another key")));
        assert_eq!(run(VECTOR, &[other, key()]).bad_count, 0);
        let found = run(VECTOR, &[]);
        assert_eq!((found.bad_count, found.unvouched), (0, vec![key().fingerprint()]));
    }

    #[test]
    fn records_are_checked_like_files_and_damage_is_named() {
        let event = serde_json::to_value(signed().event(Vec::new())).unwrap();
        let line = |ev: &serde_json::Value| {
            let record = serde_json::json!({"v": 1, "seq": 5, "kind": "checkpoint", "ev": ev});
            format!("{VECTOR}{record}\n")
        };
        assert_eq!(run(&line(&event), &[key()]).own, 1);
        let mut moved = event.clone();
        moved["size"] = 4.into();
        let found = run(&line(&moved), &[key()]);
        assert!(matches!(&found.bad[0], (Origin::Record(5), Fault::Signature(_))));
        let mut damaged = event;
        damaged["root"] = "x".into();
        assert_eq!(run(&line(&damaged), &[key()]).bad[0].1, Fault::Damaged);
    }
}
