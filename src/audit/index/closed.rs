//! The index of a closed file.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::blocks::{self, Kept, Of, Unfit};
use super::{Entry, Table, collect, folder, own_folder};
use crate::audit::parts::{Part, Source};

/// A file's times may be as coarse as the kernel's clock tick. One that changed
/// that short ago could change again without having another time.
const SETTLED: Duration = Duration::from_millis(100);

/// What a file is, so that an index of another one is not taken for its own.
fn identity(meta: &Metadata) -> Of {
    let numbers = [
        meta.dev(),
        meta.ino(),
        meta.size(),
        meta.mtime().cast_unsigned(),
        meta.mtime_nsec().cast_unsigned(),
        meta.ctime().cast_unsigned(),
        meta.ctime_nsec().cast_unsigned(),
    ];
    blocks::of(b"guard-log-index1", numbers.into_iter().flat_map(u64::to_be_bytes))
}

fn file_of(dir: &Path, part: &Part) -> PathBuf {
    dir.join(format!("{:012}", part.first))
}

/// Removes the index of one closed file.
pub(in super::super) fn drop_one(log: &Path, part: &Part) {
    let dir = folder(log);
    if dir.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        let _ = std::fs::remove_file(file_of(&dir, part));
    }
}

/// The index of a closed file, as it is beside the log.
pub(in super::super) fn kept(log: &Path, part: &Part) -> Result<Kept, Unfit> {
    let now = || part.metadata().ok().as_ref().map(identity);
    blocks::open(&file_of(&folder(log), part), now)
}

/// Makes the table of a closed file from its content, and keeps it beside the log
/// when that can be.
///
/// # Errors
/// Those of the file of the log. An index only saves time: without it the file is
/// read again.
pub(in super::super) fn make(source: &Source, at: usize, part: &Part) -> io::Result<Table> {
    let before = part.metadata()?;
    let mut pieces = Pieces { log: source.path(), part, before: &before, pieces: Vec::new() };
    let all =
        collect(source.open_part(at, 0)?, 0, &mut |entries, _| Ok(pieces.add(entries).is_ok()))?;
    let Some((rest, _)) = all else { return Ok(Table::Huge) };
    let kept = is_settled(&before) || !pieces.pieces.is_empty();
    let kept = if kept { pieces.join(&rest).ok() } else { None };
    Ok(match kept {
        Some(kept) if !pieces.pieces.is_empty() => Table::Kept(kept),
        _ if pieces.pieces.is_empty() => Table::Read(rest),
        _ => Table::Huge,
    })
}

fn is_settled(meta: &Metadata) -> bool {
    let changed = || {
        let seconds = u64::try_from(meta.ctime()).ok()?;
        let nanos = u32::try_from(meta.ctime_nsec()).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::new(seconds, nanos))
    };
    changed()
        .is_some_and(|at| SystemTime::now().duration_since(at).is_ok_and(|since| since > SETTLED))
}

/// Entries that are too many for the memory, as far as they were read.
struct Pieces<'p> {
    log: &'p Path,
    part: &'p Part,
    /// What the file was before it was read.
    before: &'p Metadata,
    pieces: Vec<Kept>,
}

impl Pieces<'_> {
    fn draft(&self) -> io::Result<(PathBuf, PathBuf, File)> {
        let path = file_of(&own_folder(self.log, self.before)?, self.part);
        let draft = path.with_extension(format!("{}.new", std::process::id()));
        let file = blocks::create(&draft)?;
        Ok((path, draft, file))
    }

    /// Puts entries into a file without a name.
    fn add(&mut self, entries: &[Entry]) -> io::Result<()> {
        let (_, draft, file) = self.draft()?;
        let written = blocks::write(file, &identity(self.before), entries);
        std::fs::remove_file(draft)?;
        self.pieces.push(written?);
        Ok(())
    }

    /// The index of all of them and the rest, kept beside the log if the file has
    /// not just been changed.
    fn join(&self, rest: &[Entry]) -> io::Result<Kept> {
        let (path, draft, file) = self.draft()?;
        let pieces: Vec<&Kept> = self.pieces.iter().collect();
        let written = blocks::merge(file, &identity(self.before), &pieces, rest);
        if written.is_ok() && is_settled(self.before) {
            std::fs::rename(&draft, &path)?;
        } else {
            std::fs::remove_file(&draft)?;
        }
        written
    }
}

/// Keeps a table as if it had been made of a file, as somebody could who may
/// write the folder.
#[cfg(test)]
pub(in super::super) fn forge(log: &Path, part: &Part, entries: &[Entry]) -> io::Result<()> {
    let before = part.metadata()?;
    Pieces { log, part, before: &before, pieces: Vec::new() }.join(entries).map(drop)
}
