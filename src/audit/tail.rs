//! Where the chain of an existing file stands, read from its end.

use std::fs::File;
use std::io;

use super::chain::Chain;
use super::reader::{RevLines, hash_range};
use super::record::{Header, hash};

/// How far back a record is looked for. More than this without one is not the
/// work of dying writers, and reading on would let a spoiled file stop the
/// machine.
const MAX_TAIL: u64 = 64 << 20;

/// The end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tail {
    /// What the next record must say.
    pub(super) chain: Chain,
    /// Whether the last line lacks its line feed: the next write has to begin
    /// with one, so that the torn bytes stay as their own line.
    pub(super) torn: bool,
}

/// Reads the end of the first `size` bytes of `file`; costs as much as its last
/// lines are long.
///
/// # Errors
///
/// Those of reading, and `InvalidData` when there is no record within the last
/// 64 MiB.
pub(super) fn read(file: &File, size: u64) -> io::Result<Tail> {
    let mut chain = Chain::default();
    let mut lines = RevLines::new(file, size)?;
    let Some(last) = lines.next_line()? else { return Ok(Tail { chain, torn: false }) };
    let torn = !last.ended;
    chain.prev = match last.bytes {
        Some(bytes) => hash(bytes),
        None => hash_range(file, last.start, last.end)?,
    };
    let mut line = Some(last);
    while let Some(found) = line {
        if let Some(header) = found.bytes.and_then(Header::parse) {
            chain.next_seq = header.seq + 1;
            break;
        }
        if size - found.start > MAX_TAIL {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "its last 64 MiB hold no record",
            ));
        }
        line = lines.next_line()?;
    }
    Ok(Tail { chain, torn })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::{Chain, Tail, read};
    use crate::audit::reader::Lines;

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    fn tail(content: &[u8]) -> Tail {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        read(&file, content.len() as u64).unwrap()
    }

    /// The verifier's view of the same bytes.
    fn forwards(content: &[u8]) -> Tail {
        let mut lines = Lines::new(content);
        let mut chain = Chain::default();
        let mut torn = false;
        while let Some(line) = lines.next_line().unwrap() {
            let _ = chain.add(&line);
            torn = !line.ended;
        }
        Tail { chain, torn }
    }

    #[test]
    fn the_end_is_found_from_the_back() {
        assert_eq!(tail(VECTOR.as_bytes()).chain.next_seq, 5);
        assert_eq!(tail(b""), Tail { chain: Chain::default(), torn: false });
        assert!(tail(b"{\"v\":1").torn);
    }

    proptest! {
        #[test]
        fn writer_and_verifier_agree_on_any_file(
            lines in 0_usize..5,
            garbage in proptest::collection::vec(any::<u8>(), 0..9000),
            cut in 0_usize..2600,
        ) {
            let head: String = VECTOR.split_inclusive('\n').take(lines).collect();
            let mut content = [head.as_bytes(), &garbage].concat();
            prop_assert_eq!(tail(&content), forwards(&content));
            content.extend_from_slice(VECTOR.as_bytes());
            content.truncate(content.len().saturating_sub(cut));
            prop_assert_eq!(tail(&content), forwards(&content));
        }
    }
}
