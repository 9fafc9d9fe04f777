//! The Merkle tree over the lines of a log (RFC 6962, section 2.1).
//!
//! Leaves are the raw lines without their line feeds, torn lines included, so
//! that line n is leaf n - 1. Nothing here keeps more than 64 hashes: the tree
//! is built while the log streams by.

use std::io::{self, BufRead};

use sha2::{Digest as _, Sha256};

use super::reader::until_lf;
use super::record::Hash;

/// The hash of a leaf: `SHA-256(0x00 ‖ line)`.
#[must_use]
pub fn leaf(line: &[u8]) -> Hash {
    Sha256::new_with_prefix([0]).chain_update(line).finalize().into()
}

/// The hash of two subtrees: `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A subtree by its first leaf and how many leaves it has.
pub type Range = (u64, u64);

/// The right edge of a tree: the roots of its complete subtrees, the largest
/// first. All that is needed to add leaves and to tell the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Frontier {
    /// That of no leaves.
    #[must_use]
    pub const fn new() -> Self {
        Self { size: 0, nodes: Vec::new() }
    }

    /// A frontier from its parts; `None` when the number of hashes does not
    /// belong to that many leaves.
    #[must_use]
    pub fn from_parts(size: u64, nodes: Vec<Hash>) -> Option<Self> {
        (size.count_ones() as usize == nodes.len()).then_some(Self { size, nodes })
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, the largest first.
    #[must_use]
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Adds a leaf by its hash. `seen` is told every complete subtree that it
    /// finishes, itself included.
    pub fn push(&mut self, leaf: Hash, seen: &mut dyn FnMut(Range, &Hash)) {
        let mut hash = leaf;
        let (mut first, mut len) = (self.size, 1_u64);
        seen((first, len), &hash);
        while self.size & len != 0 {
            // As many nodes as bits of the size: there is one for this bit.
            let Some(left) = self.nodes.pop() else { break };
            hash = node(&left, &hash);
            first -= len;
            len <<= 1;
            seen((first, len), &hash);
        }
        self.nodes.push(hash);
        self.size += 1;
    }

    /// The root; that of no leaves is SHA-256 of nothing. `seen` is told every
    /// subtree that reaches to the end of the tree.
    #[must_use]
    pub fn root_with(&self, seen: &mut dyn FnMut(Range, &Hash)) -> Hash {
        let mut end = self.size;
        let mut right: Option<Hash> = None;
        for left in self.nodes.iter().rev() {
            // The smallest subtree stands last.
            let len = 1_u64 << end.trailing_zeros().min(63);
            end -= len;
            let hash = right.map_or(*left, |right| node(left, &right));
            seen((end, self.size - end), &hash);
            right = Some(hash);
        }
        right.unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root_with(&mut |_, _| {})
    }
}

/// The subtrees whose roots prove that leaf `index` is in a tree of `size`
/// leaves, from the leaf upwards (RFC 6962, section 2.1.1). At most 64; none
/// when there is no such leaf.
#[must_use]
pub fn path(index: u64, size: u64) -> Vec<Range> {
    let mut out = Vec::new();
    if index >= size {
        return out;
    }
    let (mut first, mut len) = (0_u64, size);
    while len > 1 {
        let half = split(len);
        if index - first < half {
            out.push((first + half, len - half));
            len = half;
        } else {
            out.push((first, half));
            first += half;
            len -= half;
        }
    }
    out.reverse();
    out
}

/// The largest power of two that is smaller than `len`, which is at least 2.
const fn split(len: u64) -> u64 {
    1 << (63 - (len - 1).leading_zeros())
}

/// The root that a leaf and the hashes of its [`path`] lead to; `None` when
/// there are too many or too few hashes, or no such leaf.
#[must_use]
pub fn root_by_path(leaf: Hash, index: u64, size: u64, hashes: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let ranges = path(index, size);
    if ranges.len() != hashes.len() {
        return None;
    }
    let start = (index, leaf);
    let (_, root) = ranges.iter().zip(hashes).fold(start, |(first, hash), (range, other)| {
        if range.0 < first { (range.0, node(other, &hash)) } else { (first, node(&hash, other)) }
    });
    Some(root)
}

/// One line as a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Its hash.
    pub hash: Hash,
    /// Bytes of the line, with its line feed.
    pub len: u64,
    /// Whether a line feed ended it. Without one it is no leaf yet: the next
    /// writer decides what the line is.
    pub ended: bool,
}

/// The next line of a log as a leaf, `None` at the end. Lines of any length
/// cost no memory.
///
/// # Errors
///
/// Those of the input.
pub fn next_leaf(input: &mut impl BufRead) -> io::Result<Option<Leaf>> {
    let mut digest = Sha256::new_with_prefix([0]);
    let mut len = 0_u64;
    let ended = loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            break false;
        }
        let (piece, ended) = until_lf(buffer);
        digest.update(piece);
        let used = piece.len() + usize::from(ended);
        len += used as u64;
        input.consume(used);
        if ended {
            break true;
        }
    };
    Ok((len > 0).then(|| Leaf { hash: digest.finalize().into(), len, ended }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::collections::HashMap;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use proptest::prelude::*;

    use super::{Frontier, Hash, leaf, next_leaf, node, path, root_by_path, split};

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    /// RFC 6962, section 2.1, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Frontier::default().root(),
            [one] => *one,
            many => {
                let (left, right) =
                    many.split_at(usize::try_from(split(many.len() as u64)).unwrap());
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    fn tree(leaves: &[Hash]) -> Frontier {
        let mut frontier = Frontier::default();
        for hash in leaves {
            frontier.push(*hash, &mut |_, _| {});
        }
        frontier
    }

    #[test]
    fn the_roots_of_the_vector_are_those_that_two_other_programs_computed() {
        let known = [
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "kGwTbw04VkBFK3fh9AAZ+ZOa4q3gz8aNRznQxuAwYlo=",
            "TKIyypWIXsPSBUrViVQcCjJxMMPbjGonkKPuMoUE5eI=",
            "WT17ZLFERpolG4kRmfI+/jYTZW16ioOjX/2GoBJ2/mQ=",
            "7JQ/XBR9nFxSMhrwFcTDLVJHa3lEJj+eL5GLcX9Ush8=",
            "mvy6dWQeOD0RZ/+uzhcwfQYdur1WGJRjpji2Dxndv+M=",
        ];
        let mut input = VECTOR.as_bytes();
        let mut frontier = Frontier::default();
        let mut roots = vec![BASE64.encode(frontier.root())];
        while let Some(found) = next_leaf(&mut input).unwrap() {
            assert!(found.ended);
            frontier.push(found.hash, &mut |_, _| {});
            roots.push(BASE64.encode(frontier.root()));
        }
        assert_eq!(roots, known);
    }

    #[test]
    fn a_line_without_an_end_is_told_apart() {
        let found = next_leaf(&mut &b"abc"[..]).unwrap().unwrap();
        assert_eq!((found.hash, found.len, found.ended), (leaf(b"abc"), 3, false));
        let found = next_leaf(&mut &b"\nabc"[..]).unwrap().unwrap();
        assert_eq!((found.hash, found.len, found.ended), (leaf(b""), 1, true));
        assert_eq!(next_leaf(&mut &b""[..]).unwrap(), None);
    }

    #[test]
    fn parts_that_do_not_fit_are_no_frontier() {
        assert!(Frontier::from_parts(5, vec![[0; 32]; 2]).is_some());
        assert!(Frontier::from_parts(5, vec![[0; 32]; 3]).is_none());
        assert!(Frontier::from_parts(u64::MAX, vec![]).is_none());
    }

    #[test]
    fn every_leaf_of_every_small_tree_is_proved_and_no_other() {
        let leaves: Vec<Hash> = (0_u8..40).map(|n| leaf(&[n])).collect();
        for size in 1..=leaves.len() {
            let mut known = HashMap::new();
            let mut frontier = Frontier::default();
            for hash in &leaves[..size] {
                frontier.push(*hash, &mut |range, hash| {
                    known.insert(range, *hash);
                });
            }
            let root = frontier.root_with(&mut |range, hash| {
                known.insert(range, *hash);
            });
            assert_eq!(root, by_definition(&leaves[..size]));
            for (index, own) in leaves[..size].iter().enumerate() {
                let (at, of) = (index as u64, size as u64);
                let hashes: Vec<Hash> = path(at, of).iter().map(|range| known[range]).collect();
                assert_eq!(root_by_path(*own, at, of, &hashes), Some(root));
                let other = leaf(b"other");
                assert_ne!(root_by_path(other, at, of, &hashes), Some(root));
                assert_eq!(root_by_path(*own, of, of, &hashes), None);
                let longer = [&hashes[..], &[other]].concat();
                assert_eq!(root_by_path(*own, at, of, &longer), None);
            }
        }
    }

    proptest! {
        #[test]
        fn a_frontier_goes_on_from_its_parts(count in 0_usize..300, cut in 0_usize..300) {
            let leaves: Vec<Hash> = (0..count).map(|n| leaf(&n.to_le_bytes())).collect();
            let cut = cut.min(count);
            let part = tree(&leaves[..cut]);
            let mut again = Frontier::from_parts(part.size(), part.nodes().to_vec()).unwrap();
            for hash in &leaves[cut..] {
                again.push(*hash, &mut |_, _| {});
            }
            prop_assert_eq!(again.root(), by_definition(&leaves));
        }

        #[test]
        fn any_index_and_size_end(index in any::<u64>(), size in any::<u64>()) {
            prop_assert!(path(index, size).len() <= 64);
            let _ = root_by_path([0; 32], index, size, &[[1; 32]]);
        }
    }
}
