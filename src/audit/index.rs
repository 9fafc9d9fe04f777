//! Where the records of a command stand in the files of the log.
//!
//! Small files in the folder `HOST.index`: for every id of a command its place,
//! in fixed sizes and in order ([`blocks`]), so that one lookup reads a few blocks.
//! They are made from the log and never believed:
//!
//! - each says of what it was made, and counts for nothing else. A closed file
//!   has one ([`closed`]), which names its size, times and inode: a file that was
//!   changed has another time of change, which no program can set (`st_ctim`,
//!   inode(7)). The file that is written to has several ([`open`]), each for a
//!   stretch of it, which names the inode and the hash of the line that it ends
//!   with;
//! - each block has its SHA-256, so that one that was damaged, moved or cut is no
//!   block; then it is as if there were no index;
//! - a place is only where to look: whoever asks reads the raw line there.
//!
//! What remains is an index that somebody who may write the folder made anew
//! with some places left out. [`super::find`] notices a command that has no
//! beginning, end or middle by it; `guard log verify` removes every index.

mod blocks;
pub(super) mod closed;
pub(super) mod open;

use std::fs::Metadata;
use std::io::{self, BufRead};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use self::blocks::Kept;
pub(super) use self::blocks::Unfit;
pub use self::open::extend;
use super::parts::Source;
use super::progress::make_folder;
use super::reader::Lines;

/// Bytes of an id that are kept, behind the byte that says what it is.
const KEY: usize = 16;
/// More entries than that are not kept in memory. Few in unit tests, so that
/// they see what happens then.
const MOST: usize = if cfg!(test) { 350 } else { 4 << 20 };

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

/// The places of one file.
pub(super) enum Table {
    /// From the index beside the log.
    Kept(Kept),
    /// The same for the stretches of the file that is written to; behind them
    /// from the file itself.
    Open(open::Stretches),
    /// From the file itself.
    Read(Vec<Entry>),
    /// Too many to keep: every line has to be looked at.
    Huge,
}

impl Table {
    /// Where a file holds what is looked for; `None`: anywhere.
    pub(super) fn find(&self, query: &Query) -> Result<Option<Vec<Place>>, Unfit> {
        match self {
            Self::Kept(kept) => kept.find(query).map(Some),
            Self::Open(stretches) => stretches.find(query).map(Some),
            Self::Read(entries) => Ok(Some(among(entries, query))),
            Self::Huge => Ok(None),
        }
    }

    /// Whether any of it is beside the log, and not from the file itself.
    pub(super) fn is_kept(&self) -> bool {
        match self {
            Self::Kept(_) => true,
            Self::Open(stretches) => stretches.any(),
            Self::Read(_) | Self::Huge => false,
        }
    }
}

fn among(entries: &[Entry], query: &Query) -> Vec<Place> {
    let start = entries.partition_point(|(key, _)| *key < query.from);
    let fits = entries.iter().skip(start).take_while(|(key, _)| *key <= query.to);
    fits.map(|(_, place)| *place).collect()
}

/// Makes the table of a file from its content, in memory.
///
/// # Errors
/// Those of the file.
pub(super) fn read(source: &Source, part: usize) -> io::Result<Table> {
    let none = &mut |_: &mut Vec<Entry>, _| Ok(false);
    let all = collect(source.open_part(part, 0)?, 0, none)?;
    Ok(all.map_or(Table::Huge, |(entries, _)| Table::Read(entries)))
}

/// The entries of a content that begins at `offset`, in order, and where its last
/// whole line ends, with its line feed. When there are too many, `full` gets them
/// and where they end, and says whether it took them; `None` when it did not.
///
/// # Errors
/// Those of the content and of `full`.
fn collect(
    content: impl BufRead,
    mut offset: u64,
    full: &mut dyn FnMut(&mut Vec<Entry>, u64) -> io::Result<bool>,
) -> io::Result<Option<(Vec<Entry>, u64)>> {
    let mut lines = Lines::new(content);
    let (mut entries, mut whole) = (Vec::new(), offset);
    while let Some(line) = lines.next_line()? {
        let at = offset;
        offset += line.len + u64::from(line.ended);
        if line.ended {
            whole = offset;
        }
        if let Some(len) = u32::try_from(line.len).ok().filter(|_| !line.is_cut()) {
            let place = Place { offset: at, len };
            entries.extend(keys_of(line.bytes).into_iter().map(|key| (key, place)));
        }
        if entries.len() > MOST && line.ended {
            in_order(&mut entries);
            if !full(&mut entries, whole)? {
                return Ok(None);
            }
            entries.clear();
        }
    }
    in_order(&mut entries);
    Ok(Some((entries, whole)))
}

fn in_order(entries: &mut Vec<Entry>) {
    entries.sort_unstable();
    entries.dedup();
}

/// The folder of the indexes of a log.
#[must_use]
pub fn folder(log: &Path) -> PathBuf {
    log.with_extension("index")
}

/// The same, made if it is missing, when it belongs to this account and the file
/// of the log does too: root, looking at the log of somebody else, writes nothing
/// there.
fn own_folder(log: &Path, of: &Metadata) -> io::Result<PathBuf> {
    let dir = folder(log);
    make_folder(&dir)?;
    let own = nix::unistd::geteuid().as_raw();
    let meta = dir.symlink_metadata()?;
    if !meta.is_dir() || meta.uid() != own || of.uid() != own {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(dir)
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

/// Everything that an index of a file would hold.
#[cfg(test)]
pub(super) fn all(source: &Source, part: usize) -> io::Result<Vec<Entry>> {
    let mut all = Vec::new();
    let rest = collect(source.open_part(part, 0)?, 0, &mut |entries, _| {
        all.append(entries);
        Ok(true)
    })?;
    all.extend(rest.into_iter().flat_map(|(rest, _)| rest));
    in_order(&mut all);
    Ok(all)
}

#[cfg(test)]
mod tests;
