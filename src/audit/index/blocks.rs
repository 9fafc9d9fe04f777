//! The form of an index: entries of a fixed size, in order, in blocks with hashes.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{Entry, KEY, Place, Query};
use crate::audit::record::Hash;

/// The header with its hash.
const HEAD: usize = 136;
const BLOCK: usize = 4096;
const ENTRY: usize = 32;
/// Entries of a block, which ends with its hash.
const PER_BLOCK: usize = BLOCK / ENTRY - 1;
/// No key begins so: behind the last entry of the last block.
const NOTHING: u8 = 0xff;

/// What an index is of: sixteen bytes for the kind, the rest as the kind says.
pub(super) type Of = [u8; 96];

/// Puts together what an index is of.
pub(super) fn of(kind: &[u8; 16], rest: impl IntoIterator<Item = u8>) -> Of {
    let mut out = [0; 96];
    out.iter_mut().zip(kind.iter().copied().chain(rest)).for_each(|(to, byte)| *to = byte);
    out
}

/// Why there is no index to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Unfit {
    /// There was none.
    Missing,
    /// What it was made of is not there any more.
    Old,
    /// It is not what was written.
    Damaged,
}

/// An index beside the log.
pub(in super::super) struct Kept {
    file: File,
    head: Hash,
    blocks: u64,
}

/// Opens an index of the kind and content that `of` says.
pub(super) fn open(path: &Path, wanted: impl FnOnce() -> Option<Of>) -> Result<Kept, Unfit> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unfit::Missing),
        other => other.map_err(|_| Unfit::Damaged)?,
    };
    let meta = file.metadata().ok().filter(Metadata::is_file).ok_or(Unfit::Damaged)?;
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, 0).map_err(|_| Unfit::Damaged)?;
    let (content, hash) = head.split_at(HEAD - 32);
    let own: Hash = Sha256::digest(content).into();
    if own != hash {
        return Err(Unfit::Damaged);
    }
    let blocks = content.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes));
    let blocks = blocks.ok_or(Unfit::Damaged)?;
    let size = blocks.checked_mul(BLOCK as u64).and_then(|size| size.checked_add(HEAD as u64));
    if size != Some(meta.len()) {
        return Err(Unfit::Damaged);
    }
    let wanted = wanted().ok_or(Unfit::Old)?;
    if content.get(..16) != wanted.get(..16) {
        return Err(Unfit::Damaged);
    }
    if content.get(..wanted.len()) != Some(wanted.as_slice()) {
        return Err(Unfit::Old);
    }
    Ok(Kept { file, head: own, blocks })
}

impl Kept {
    /// The entries of a block.
    fn block(&self, number: u64) -> Result<Vec<Entry>, Unfit> {
        let mut block = vec![0; BLOCK];
        let at = HEAD as u64 + number * BLOCK as u64;
        self.file.read_exact_at(&mut block, at).map_err(|_| Unfit::Damaged)?;
        let (content, hash) = block.split_at(PER_BLOCK * ENTRY);
        if block_hash(&self.head, number, content).as_slice() != hash {
            return Err(Unfit::Damaged);
        }
        let used = content.chunks_exact(ENTRY).take_while(|bytes| bytes.first() != Some(&NOTHING));
        let entries: Vec<Entry> = used.filter_map(entry).collect();
        // A wrong order would hide entries from the search.
        if entries.is_empty() || !entries.is_sorted() {
            return Err(Unfit::Damaged);
        }
        Ok(entries)
    }

    /// The places of what is looked for.
    pub(super) fn find(&self, query: &Query) -> Result<Vec<Place>, Unfit> {
        // The last block that begins in front of it, or the first of all.
        let (mut low, mut high) = (0, self.blocks);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let before = self.block(middle)?.first().is_some_and(|(key, _)| *key < query.from);
            if before { low = middle } else { high = middle }
        }
        let mut out = Vec::new();
        for number in low..self.blocks {
            let entries = self.block(number)?;
            let beyond = entries.last().is_some_and(|(key, _)| *key > query.to);
            out.extend(entries.iter().filter(|(key, _)| query.takes(key)).map(|(_, place)| *place));
            if beyond {
                break;
            }
        }
        Ok(out)
    }

    /// How many entries there are.
    fn count(&self) -> Result<u64, Unfit> {
        let Some(last) = self.blocks.checked_sub(1) else { return Ok(0) };
        Ok(last * PER_BLOCK as u64 + self.block(last)?.len() as u64)
    }

    /// All entries, in order, a block in memory at a time.
    fn entries(&self) -> impl Iterator<Item = Result<Entry, Unfit>> + '_ {
        (0..self.blocks).flat_map(|number| {
            let (entries, error) = match self.block(number) {
                Ok(entries) => (entries, None),
                Err(unfit) => (Vec::new(), Some(Err(unfit))),
            };
            entries.into_iter().map(Ok).chain(error)
        })
    }
}

fn block_hash(head: &Hash, number: u64, content: &[u8]) -> Hash {
    let digest = Sha256::new_with_prefix(head);
    digest.chain_update(number.to_be_bytes()).chain_update(content).finalize().into()
}

fn bytes((key, place): Entry) -> [u8; ENTRY] {
    let mut out = [0; ENTRY];
    let all = key.into_iter().chain(place.offset.to_be_bytes()).chain(place.len.to_be_bytes());
    out.iter_mut().zip(all).for_each(|(to, byte)| *to = byte);
    out
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let (key, rest) = bytes.split_first_chunk::<KEY>()?;
    let (offset, rest) = rest.split_first_chunk::<8>()?;
    let (len, _) = rest.split_first_chunk::<4>()?;
    let place = Place { offset: u64::from_be_bytes(*offset), len: u32::from_be_bytes(*len) };
    Some((*key, place))
}

/// A new file that nobody else opened. What a process left there that had the
/// same number is removed.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let _ = std::fs::remove_file(path);
    OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)
}

/// Writes entries that are in order into a new file.
pub(super) fn write(to: File, of: &Of, entries: &[Entry]) -> io::Result<Kept> {
    write_all(to, of, entries.len() as u64, entries.iter().copied().map(Ok))
}

/// Writes everything that several indexes hold and `more`, which are of different
/// places, into a new file, in order, a block of each in memory at a time.
pub(super) fn merge(to: File, of: &Of, from: &[&Kept], more: &[Entry]) -> io::Result<Kept> {
    let damaged = |_| io::Error::from(io::ErrorKind::InvalidData);
    let mut count = more.len() as u64;
    let mut inputs: Vec<std::iter::Peekable<Box<dyn Iterator<Item = io::Result<Entry>> + '_>>> =
        vec![];
    for one in from {
        count += one.count().map_err(damaged)?;
        let all: Box<dyn Iterator<Item = _>> =
            Box::new(one.entries().map(move |entry| entry.map_err(damaged)));
        inputs.push(all.peekable());
    }
    let more: Box<dyn Iterator<Item = _>> = Box::new(more.iter().copied().map(Ok));
    inputs.push(more.peekable());
    // Of so few inputs the least is found by looking at each. Errors come first.
    let least = std::iter::from_fn(|| {
        let heads = inputs.iter_mut().enumerate();
        let heads =
            heads.filter_map(|(at, input)| Some((input.peek()?.as_ref().ok().copied(), at)));
        let (_, at) = heads.min()?;
        inputs.get_mut(at)?.next()
    });
    write_all(to, of, count, least)
}

fn write_all(
    to: File,
    of: &Of,
    count: u64,
    mut entries: impl Iterator<Item = io::Result<Entry>>,
) -> io::Result<Kept> {
    let blocks = count.div_ceil(PER_BLOCK as u64);
    let mut head = of.to_vec();
    head.extend_from_slice(&blocks.to_be_bytes());
    let hash: Hash = Sha256::digest(&head).into();
    let mut out = io::BufWriter::new(to);
    out.write_all(&head)?;
    out.write_all(&hash)?;
    for number in 0..blocks {
        let mut content = Vec::with_capacity(PER_BLOCK * ENTRY);
        for entry in entries.by_ref().take(PER_BLOCK) {
            content.extend_from_slice(&bytes(entry?));
        }
        content.resize(PER_BLOCK * ENTRY, NOTHING);
        out.write_all(&content)?;
        out.write_all(&block_hash(&hash, number, &content))?;
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Kept { file, head: hash, blocks })
}
