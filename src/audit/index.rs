//! Where the records of a command stand in a closed file of the log.
//!
//! One small file for each closed one, in the folder `HOST.index`: for every id
//! of a command its place, in fixed sizes and in order, so that one lookup reads
//! a few blocks of it. It is made from the log and never believed:
//!
//! - it says of which file it was made (size, times, inode), and counts for no
//!   other: a file that was changed has another time of change, which no program
//!   can set (`st_ctim`, inode(7));
//! - each block has its SHA-256, so that one that was damaged, moved or cut is no
//!   block; then it is as if there were no index;
//! - a place is only where to look: whoever asks reads the raw line there.
//!
//! What remains is an index that somebody who may write the folder made anew
//! with some places left out. [`super::find`] notices a command that has no
//! beginning, end or middle by it; `guard log verify` removes every index.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::parts::{Part, Source};
use super::progress::make_folder;
use super::reader::Lines;
use super::record::Hash;

const MAGIC: &[u8; 16] = b"guard-log-index1";
/// The header with its hash.
const HEAD: usize = 136;
const BLOCK: usize = 4096;
const ENTRY: usize = 32;
/// Entries of a block, which ends with its hash.
const PER_BLOCK: usize = BLOCK / ENTRY - 1;
/// Bytes of an id that are kept, behind the byte that says what it is.
const KEY: usize = 16;
/// More entries than that are not kept in memory, and their file is read instead.
const MOST: usize = 4 << 20;
/// No key begins so: behind the last entry of the last block.
const NOTHING: u8 = 0xff;

/// The beginning of an id, by which entries are in order.
pub(super) type Key = [u8; KEY];

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Query {
    from: Key,
    to: Key,
}

impl Query {
    /// Every id that begins so, in any case of letters; also others, when it is
    /// longer than a key.
    pub(super) fn beginning(text: &str) -> Self {
        let mut to = key(b'i', text);
        if let Some(rest) = to.get_mut((text.len() + 1).min(KEY)..) {
            rest.fill(u8::MAX);
        }
        Self { from: key(b'i', text), to }
    }

    /// This short name.
    pub(super) fn handle(text: &str) -> Self {
        Self { from: key(b'h', text), to: key(b'h', text) }
    }

    fn takes(&self, key: &Key) -> bool {
        *key >= self.from && *key <= self.to
    }

    /// Whether a record has such an id.
    pub(super) fn is_in(&self, record: &Value) -> bool {
        keys(record).iter().any(|key| self.takes(key))
    }

    /// Whether a line can be a record with such an id, told fast: `false` is
    /// certain.
    pub(super) fn may_be_in(&self, line: &[u8]) -> bool {
        keys_of(line).iter().any(|key| self.takes(key))
    }
}

pub(super) fn key(tag: u8, text: &str) -> Key {
    let mut key = [0; KEY];
    let bytes = std::iter::once(tag).chain(text.bytes().map(|byte| byte.to_ascii_lowercase()));
    key.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
    key
}

/// The ids by which a record belongs to a command, and its short name.
pub(super) fn names(record: &Value) -> (Vec<&str>, Option<&str>) {
    let ev = record.get("ev").unwrap_or(&Value::Null);
    let evidence = ev.get("evidence");
    let ids = [
        ev.get("request_id"),
        ev.get("petition"),
        evidence.and_then(|evidence| evidence.get("petition")),
    ];
    let ids = ids.into_iter().flatten().filter_map(Value::as_str).collect();
    (ids, ev.get("handle").and_then(Value::as_str))
}

/// The fields that matter, as guard writes them: everything else is passed over.
#[derive(Deserialize)]
struct Quick<'l> {
    #[serde(borrow)]
    ev: QuickEvent<'l>,
}

#[derive(Deserialize)]
struct QuickEvent<'l> {
    #[serde(borrow)]
    request_id: Option<&'l str>,
    petition: Option<&'l str>,
    handle: Option<&'l str>,
    evidence: Option<QuickEvidence<'l>>,
}

#[derive(Deserialize)]
struct QuickEvidence<'l> {
    #[serde(borrow)]
    petition: Option<&'l str>,
}

/// The keys of a line; none when it is no record. Never fewer than [`keys`] finds:
/// a place too many is only looked at.
fn keys_of(line: &[u8]) -> Vec<Key> {
    // What is written in another way, with escapes, repeated fields or fields of
    // another type, is read in the slow way, which decides.
    let Ok(Quick { ev }) = serde_json::from_slice::<Quick<'_>>(line) else {
        let record = serde_json::from_slice::<Value>(line);
        return record.map_or_else(|_| Vec::new(), |record| keys(&record));
    };
    let used = ev.evidence.and_then(|evidence| evidence.petition);
    let ids = [ev.request_id, ev.petition, used].into_iter().flatten().map(|id| key(b'i', id));
    ids.chain(ev.handle.map(|handle| key(b'h', handle))).collect()
}

fn keys(record: &Value) -> Vec<Key> {
    let (ids, handle) = names(record);
    let handle = handle.map(|handle| key(b'h', handle));
    ids.into_iter().map(|id| key(b'i', id)).chain(handle).collect()
}

/// A place in the content of a file: where a line begins, and its length without
/// the line feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) len: u32,
}

pub(super) type Entry = (Key, Place);

fn bytes((key, place): &Entry) -> [u8; ENTRY] {
    let mut out = [0; ENTRY];
    let all = key.iter().copied().chain(place.offset.to_be_bytes()).chain(place.len.to_be_bytes());
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

/// The places of one file.
pub(super) enum Table {
    /// From the index beside the log.
    Kept(Kept),
    /// From the file itself.
    Read(Vec<Entry>),
    /// Too many to keep: every line has to be looked at.
    Huge,
}

/// An index beside the log.
pub(super) struct Kept {
    file: File,
    head: Hash,
    blocks: u64,
}

/// Why there is no index to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// There was none.
    Missing,
    /// The file of the log is not the one that it was made of.
    Old,
    /// It is not what was written.
    Damaged,
}

/// What a file is, so that an index of another one is not taken for its own.
fn identity(meta: &Metadata) -> [u8; 56] {
    let mut out = [0; 56];
    let numbers = [
        meta.dev(),
        meta.ino(),
        meta.size(),
        meta.mtime().cast_unsigned(),
        meta.mtime_nsec().cast_unsigned(),
        meta.ctime().cast_unsigned(),
        meta.ctime_nsec().cast_unsigned(),
    ];
    let bytes = numbers.into_iter().flat_map(u64::to_be_bytes);
    out.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
    out
}

/// The folder of the indexes of a log.
#[must_use]
pub fn folder(log: &Path) -> PathBuf {
    log.with_extension("index")
}

fn file_of(log: &Path, part: &Part) -> PathBuf {
    folder(log).join(format!("{:012}", part.first))
}

/// Removes every index of a log, so that the next ones are made from what the
/// log holds now. What can't be removed was not made by guard.
pub fn forget(log: &Path) {
    let dir = folder(log);
    // Not through a link that somebody put in its place.
    if !dir.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        return;
    }
    for entry in std::fs::read_dir(&dir).into_iter().flatten().flatten() {
        let _ = std::fs::remove_file(entry.path());
    }
    let _ = std::fs::remove_dir(dir);
}

/// Removes the index of one closed file.
pub(super) fn drop_one(log: &Path, part: &Part) {
    if folder(log).symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        let _ = std::fs::remove_file(file_of(log, part));
    }
}

/// The index of a closed file, as it is beside the log.
pub(super) fn kept(log: &Path, part: &Part) -> Result<Kept, Unfit> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = match options.open(file_of(log, part)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unfit::Missing),
        other => other.map_err(|_| Unfit::Damaged)?,
    };
    let meta = file.metadata().ok().filter(Metadata::is_file).ok_or(Unfit::Damaged)?;
    let mut head = [0; HEAD];
    file.read_exact_at(&mut head, 0).map_err(|_| Unfit::Damaged)?;
    let (content, hash) = head.split_at(HEAD - 32);
    let own: Hash = Sha256::digest(content).into();
    if own != hash || !content.starts_with(MAGIC) {
        return Err(Unfit::Damaged);
    }
    let blocks = content.last_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes));
    let blocks = blocks.ok_or(Unfit::Damaged)?;
    let size = blocks.checked_mul(BLOCK as u64).and_then(|size| size.checked_add(HEAD as u64));
    if size != Some(meta.len()) {
        return Err(Unfit::Damaged);
    }
    let now = part.metadata().map_err(|_| Unfit::Old)?;
    if content.get(16..72) != Some(identity(&now).as_slice()) {
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

    fn find(&self, query: &Query) -> Result<Vec<Place>, Unfit> {
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
}

fn block_hash(head: &Hash, number: u64, content: &[u8]) -> Hash {
    let digest = Sha256::new_with_prefix(head);
    digest.chain_update(number.to_be_bytes()).chain_update(content).finalize().into()
}

impl Table {
    /// Where a file holds what is looked for; `None`: anywhere.
    pub(super) fn find(&self, query: &Query) -> Result<Option<Vec<Place>>, Unfit> {
        match self {
            Self::Kept(kept) => kept.find(query).map(Some),
            Self::Read(entries) => {
                let start = entries.partition_point(|(key, _)| *key < query.from);
                let fits = entries.iter().skip(start).take_while(|(key, _)| *key <= query.to);
                Ok(Some(fits.map(|(_, place)| *place).collect()))
            }
            Self::Huge => Ok(None),
        }
    }
}

/// Makes the table of a file from its content.
///
/// # Errors
/// Those of the file.
pub(super) fn read(source: &Source, part: usize) -> io::Result<Table> {
    let mut lines = Lines::new(source.open_part(part, 0)?);
    let (mut entries, mut offset) = (Vec::new(), 0);
    while let Some(line) = lines.next_line()? {
        let at = offset;
        offset += line.len + u64::from(line.ended);
        let Some(len) = u32::try_from(line.len).ok().filter(|_| !line.is_cut()) else { continue };
        let place = Place { offset: at, len };
        entries.extend(keys_of(line.bytes).into_iter().map(|key| (key, place)));
        if entries.len() > MOST {
            return Ok(Table::Huge);
        }
    }
    entries.sort_unstable();
    entries.dedup();
    Ok(Table::Read(entries))
}

/// Keeps the table of a closed file beside the log, in a folder that belongs to
/// this account; `before` is what the file was before it was read.
///
/// # Errors
/// Those of the file system; then the next lookup reads the file again.
pub(super) fn keep(log: &Path, part: &Part, before: &Metadata, table: &Table) -> io::Result<()> {
    let Table::Read(entries) = table else { return Ok(()) };
    let dir = folder(log);
    make_folder(&dir)?;
    let own = nix::unistd::geteuid().as_raw();
    let meta = dir.symlink_metadata()?;
    // Root, looking at the log of somebody else, writes nothing there.
    if !meta.is_dir() || meta.uid() != own || before.uid() != own {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let path = file_of(log, part);
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let _ = std::fs::remove_file(&draft);
    let to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = write(to, before, entries).and_then(|()| std::fs::rename(&draft, &path));
    written.inspect_err(|_| drop(std::fs::remove_file(&draft)))
}

fn write(to: File, of: &Metadata, entries: &[Entry]) -> io::Result<()> {
    let blocks = entries.len().div_ceil(PER_BLOCK) as u64;
    let mut head = Vec::with_capacity(HEAD);
    head.extend_from_slice(MAGIC);
    head.extend_from_slice(&identity(of));
    head.resize(HEAD - 40, 0);
    head.extend_from_slice(&blocks.to_be_bytes());
    let hash: Hash = Sha256::digest(&head).into();
    let mut to = io::BufWriter::new(to);
    to.write_all(&head)?;
    to.write_all(&hash)?;
    for (number, chunk) in (0..).zip(entries.chunks(PER_BLOCK)) {
        let mut content: Vec<u8> = chunk.iter().flat_map(bytes).collect();
        content.resize(PER_BLOCK * ENTRY, NOTHING);
        to.write_all(&content)?;
        to.write_all(&block_hash(&hash, number, &content))?;
    }
    to.flush()
}

#[cfg(test)]
mod tests;
