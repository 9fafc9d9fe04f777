//! What is left of files of the log that policy had removed: the record that
//! names them, and where chain and tree stood at their end.
//!
//! The record is a line of the log like any other: the chain and every later
//! checkpoint cover it. It is never believed by itself: the chain has to go on
//! where it says, and the tree that is built on it has to give the roots that
//! were signed.

use std::io;

use serde::{Deserialize, Serialize};

use super::chain::Chain;
use super::merkle::Frontier;
use super::parts::Source;
use super::reader::{Line, Lines};
use super::record::{Header, hex, unhex};

/// `retention`: a closed file is about to be removed. One record for each, so
/// that there is one that fits whatever guard is killed at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// How long policy keeps files.
    pub keep: String,
    /// The file's name, without `.gz`.
    pub file: String,
    /// SHA-256 of its content, unpacked.
    pub sha256: String,
    /// The number of its first record.
    pub first: u64,
    /// The number of the first record that is left.
    pub next: u64,
    /// SHA-256 of the last line that is removed.
    pub last: String,
    /// Lines that are gone, with those that were removed before.
    pub lines: u64,
    /// The right edge of the tree over them, the largest subtree first.
    pub nodes: Vec<String>,
}

/// Where a log begins whose first files were removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The number of the record that says so.
    pub seq: u64,
    /// Where the chain stood.
    pub chain: Chain,
    /// Where the tree stood.
    pub frontier: Frontier,
    /// What it says.
    pub removal: Removal,
}

#[derive(Deserialize)]
struct Record {
    seq: u64,
    ev: Removal,
}

impl Removal {
    /// The same with the place at which chain and tree stand behind the file.
    #[must_use]
    pub fn up_to(self, chain: Chain, tree: &Frontier) -> Self {
        Self {
            next: chain.next_seq,
            last: hex(&chain.prev),
            lines: tree.size(),
            nodes: tree.nodes().iter().map(|node| hex(node)).collect(),
            ..self
        }
    }
}

impl Base {
    /// What a line says; `None` for any other line.
    #[must_use]
    pub fn of(line: &Line<'_>) -> Option<Self> {
        // In the envelope, which guard writes in one order: a look at every line
        // must cost nothing.
        let mark = br#","kind":"retention","#;
        let head = line.bytes.get(..160)?;
        if line.is_cut() || memchr::memmem::find(head, mark).is_none() {
            return None;
        }
        let Record { seq, ev: removal } = serde_json::from_slice(line.bytes).ok()?;
        let nodes = removal.nodes.iter().map(|node| unhex(node)).collect::<Option<Vec<_>>>()?;
        let frontier = Frontier::from_parts(removal.lines, nodes)?;
        let chain = Chain { prev: unhex(&removal.last)?, next_seq: removal.next };
        Some(Self { seq, chain, frontier, removal })
    }

    /// Whether a log that begins with this record goes on where it ends.
    #[must_use]
    pub fn fits(&self, first: Header) -> bool {
        first.seq > 0 && first.seq == self.chain.next_seq && first.prev == self.chain.prev
    }
}

/// Where a log begins: at nothing, or where its record of removed files says.
/// Reads a log to its end only if its beginning is gone.
///
/// # Errors
/// Those of the files.
pub fn base(source: &Source) -> io::Result<Option<Base>> {
    let mut lines = Lines::new(source.reader());
    let mut first = None;
    let mut found = None;
    while let Some(line) = lines.next_line()? {
        if first.is_none() {
            first = Header::parse(line.bytes).filter(|_| !line.is_cut());
            if first.is_none_or(|first| first.seq == 0) {
                return Ok(None);
            }
        }
        found = first.and_then(|first| Base::of(&line).filter(|base| base.fits(first))).or(found);
    }
    Ok(found)
}
