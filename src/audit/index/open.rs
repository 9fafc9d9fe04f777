//! The index of the file that is written to.
//!
//! It grows with the file: each stretch of it, from one whole line to another,
//! has an index of its own, and a new one is made for what came since, once that
//! is worth a file. Four of about one size become one, so that there are few of
//! them however often the file grew. What is behind the last is read.
//!
//! A stretch counts while the file has the same inode and the line that the
//! stretch ends with has the same hash: in a log that was only appended to, the
//! hash of a line stands for all before it. Lines that were changed in place
//! without that are what `guard log verify` finds, and it removes every index.

use std::fs::{File, Metadata};
use std::io::{self, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::blocks::{self, Kept, Of, Unfit};
use super::{Entry, Place, Query, Table, among, collect, folder, own_folder};
use crate::audit::lookup;
use crate::audit::parts::{Source, content_from};
use crate::audit::reader::RevLines;
use crate::audit::record::hash;

/// Bytes of the log that are worth a file of their own; fewer are read.
const STRETCH: u64 = if cfg!(test) { 2048 } else { 4 << 20 };
/// So many stretches of about one size become one.
const TOGETHER: usize = 4;
/// What the background reads at most, bytes: it shall not notice that somebody
/// removed an index of gigabytes.
const IN_BACKGROUND: u64 = 64 << 20;
/// More files in the folder than this are not guard's.
const MOST_FILES: usize = 4096;

/// A stretch of the file with its index.
struct Stretch {
    from: u64,
    upto: u64,
    path: PathBuf,
    kept: Kept,
}

impl Stretch {
    fn level(&self) -> u32 {
        level(self.from, self.upto)
    }
}

/// The indexes of the file that is written to.
pub(in super::super) struct Stretches {
    kept: Vec<Stretch>,
    /// Entries of what is behind them.
    rest: Vec<Entry>,
}

impl Stretches {
    /// Whether any of it is beside the log.
    pub(super) const fn any(&self) -> bool {
        !self.kept.is_empty()
    }

    /// The places of what is looked for.
    pub(super) fn find(&self, query: &Query) -> Result<Vec<Place>, Unfit> {
        let mut out = Vec::new();
        for stretch in &self.kept {
            let places = stretch.kept.find(query)?;
            let inside = |p: &Place| {
                p.offset >= stretch.from && p.offset.saturating_add(p.len.into()) < stretch.upto
            };
            if !places.iter().all(inside) {
                return Err(Unfit::Damaged);
            }
            out.extend(places);
        }
        out.extend(among(&self.rest, query));
        Ok(out)
    }
}

/// What a stretch was made of: the inode, its ends, and the line before its end.
fn of(file: &File, meta: &Metadata, from: u64, upto: u64) -> Option<Of> {
    let mut lines = RevLines::new(file, upto).ok()?;
    let last = lines.next_line().ok()??;
    let line = hash(last.bytes.filter(|_| last.ended)?);
    let numbers = [meta.dev(), meta.ino(), from, upto].into_iter().flat_map(u64::to_be_bytes);
    Some(blocks::of(b"guard-log-piece1", numbers.chain(line)))
}

fn name(from: u64, upto: u64) -> String {
    format!("open.{from:016}.{upto:016}")
}

/// The ends in the name of a stretch.
fn ends(name: &str) -> Option<(u64, u64)> {
    let (from, upto) = name.strip_prefix("open.")?.split_once('.')?;
    let (from, upto) = (from.parse().ok()?, upto.parse().ok()?);
    (from < upto).then_some((from, upto))
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().take(MOST_FILES);
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// The file that is written to, as it was opened.
struct Written<'l> {
    log: &'l Path,
    file: File,
    /// How much of it is looked at; more may have come since.
    size: u64,
    meta: Metadata,
}

impl<'l> Written<'l> {
    fn of(source: &'l Source, at: usize) -> io::Result<Self> {
        let (file, size) = source.random(at)?;
        let meta = file.metadata()?;
        Ok(Self { log: source.path(), file, size, meta })
    }

    /// The stretches that hold, from the beginning of the file on, without gaps;
    /// whether one was damaged. What holds no longer is removed.
    fn kept(&self) -> (Vec<Stretch>, bool) {
        let dir = folder(self.log);
        let mut all: Vec<(u64, u64)> = names(&dir).iter().filter_map(|name| ends(name)).collect();
        // Of several from one place the longest first: the others became it.
        all.sort_unstable_by_key(|(from, upto)| (*from, std::cmp::Reverse(*upto)));
        let (mut kept, mut damaged, mut old) = (Vec::<Stretch>::new(), false, false);
        for &(from, upto) in &all {
            let end = kept.last().map_or(0, |last| last.upto);
            // Another process may have seen more of the file.
            if from != end || upto > self.size && upto <= self.meta.len() {
                continue;
            }
            let path = dir.join(name(from, upto));
            match blocks::open(&path, || of(&self.file, &self.meta, from, upto)) {
                Ok(index) => kept.push(Stretch { from, upto, path, kept: index }),
                Err(Unfit::Missing) => {}
                Err(unfit) => {
                    damaged |= unfit == Unfit::Damaged;
                    old = true;
                }
            }
        }
        if old && own_folder(self.log, &self.meta).is_ok() {
            // Those of yesterday's file, among others.
            for (from, upto) in all {
                let path = dir.join(name(from, upto));
                let fits = || of(&self.file, &self.meta, from, upto);
                if blocks::open(&path, fits).is_err() {
                    let _ = std::fs::remove_file(path);
                }
            }
        }
        (kept, damaged)
    }

    /// Reads what is behind the stretches, and makes new ones of it.
    fn extend(&self, mut kept: Vec<Stretch>) -> io::Result<Table> {
        let begin = kept.last().map_or(0, |last| last.upto);
        let content = content_from(&self.file, begin, self.size);
        let content = BufReader::with_capacity(1 << 18, content);
        let mut from = begin;
        let all = collect(content, begin, &mut |entries, upto| {
            let added = self.add(&mut kept, (from, upto), entries);
            from = upto;
            Ok(added.is_ok())
        })?;
        let Some((mut rest, whole)) = all else { return Ok(Table::Huge) };
        if whole - from >= STRETCH {
            let is_whole = |(_, place): &Entry| place.offset < whole;
            let (lines, torn): (Vec<Entry>, Vec<Entry>) = rest.iter().partition(|e| is_whole(e));
            if self.add(&mut kept, (from, whole), &lines).is_ok() {
                rest = torn;
            }
        }
        let none = kept.is_empty();
        Ok(if none { Table::Read(rest) } else { Table::Open(Stretches { kept, rest }) })
    }

    /// Keeps the entries of a stretch, together with those before it when there
    /// are enough.
    fn add(
        &self,
        kept: &mut Vec<Stretch>,
        (from, upto): (u64, u64),
        entries: &[Entry],
    ) -> io::Result<()> {
        let dir = own_folder(self.log, &self.meta)?;
        let (mut begin, mut left) = (from, kept.len());
        while let Some(before) = left.checked_sub(TOGETHER - 1)
            && let Some(group) = kept.get(before..left)
            && group.iter().all(|one| one.level() <= level(begin, upto))
        {
            left = before;
            begin = group.first().map_or(begin, |one| one.from);
        }
        let joined: Vec<&Kept> = kept.iter().skip(left).map(|one| &one.kept).collect();
        let stretch = match self.write(&dir, (begin, upto), &joined, entries) {
            // One that is damaged is found when it is looked at; this one is right.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                left = kept.len();
                self.write(&dir, (from, upto), &[], entries)?
            }
            other => other?,
        };
        kept.truncate(left);
        kept.push(stretch);
        tidy(&dir, kept);
        Ok(())
    }

    fn write(
        &self,
        dir: &Path,
        (from, upto): (u64, u64),
        joined: &[&Kept],
        entries: &[Entry],
    ) -> io::Result<Stretch> {
        let of = of(&self.file, &self.meta, from, upto).ok_or(io::ErrorKind::Unsupported)?;
        let path = dir.join(name(from, upto));
        let draft = dir.join(format!("{}.{}.new", name(from, upto), std::process::id()));
        let file = blocks::create(&draft)?;
        let written = blocks::merge(file, &of, joined, entries)
            .and_then(|kept| std::fs::rename(&draft, &path).map(|()| kept));
        let kept = written.inspect_err(|_| drop(std::fs::remove_file(&draft)))?;
        Ok(Stretch { from, upto, path, kept })
    }
}

/// How often four became one, about, for a stretch to be that long.
fn level(from: u64, upto: u64) -> u32 {
    ((upto - from) / STRETCH).max(1).ilog(TOGETHER as u64)
}

/// Removes stretches that became others, and drafts of processes that died.
fn tidy(dir: &Path, kept: &[Stretch]) {
    let end = kept.last().map_or(0, |last| last.upto);
    for name in names(dir) {
        let path = dir.join(&name);
        let is_old = match (ends(&name), name.strip_suffix(".new")) {
            (Some((_, upto)), _) => upto <= end && kept.iter().all(|one| one.path != path),
            (None, Some(draft)) => {
                let pid = draft.rsplit('.').next().and_then(|pid| pid.parse().ok());
                pid.is_some_and(|pid| !lookup::is_running(pid, u64::MAX))
            }
            (None, None) => false,
        };
        if is_old {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The table of the file that is written to, after keeping what came since, and
/// whether a part of what was kept was damaged.
///
/// # Errors
/// Those of the file of the log.
pub(in super::super) fn load(source: &Source, at: usize) -> io::Result<(Table, bool)> {
    let written = Written::of(source, at)?;
    let (kept, damaged) = written.kept();
    Ok((written.extend(kept)?, damaged))
}

/// The same without anything that was kept before.
///
/// # Errors
/// Those of the file of the log.
pub(in super::super) fn make(source: &Source, at: usize) -> io::Result<Table> {
    drop_all(source, at)?;
    Written::of(source, at)?.extend(Vec::new())
}

/// Removes what was kept of the file.
///
/// # Errors
/// Those of the file of the log.
pub(in super::super) fn drop_all(source: &Source, at: usize) -> io::Result<()> {
    let written = Written::of(source, at)?;
    if folder(written.log).symlink_metadata().is_ok_and(|meta| meta.is_dir())
        && let Ok(dir) = own_folder(written.log, &written.meta)
    {
        for name in names(&dir).iter().filter(|name| ends(name).is_some()) {
            let _ = std::fs::remove_file(dir.join(name));
        }
    }
    Ok(())
}

/// Keeps what came since, of the file that is written to, for whoever will look
/// for something. Not when that is much, as after somebody removed the index.
pub fn extend(log: &Path) {
    // Without a look into it, which takes the lock for a moment.
    if !log.metadata().is_ok_and(|meta| meta.len() >= STRETCH) {
        return;
    }
    let Ok(source) = Source::open(log) else { return };
    let at = source.parts().len();
    if at == source.count() {
        return;
    }
    let Ok(written) = Written::of(&source, at) else { return };
    let (kept, _) = written.kept();
    let begin = kept.last().map_or(0, |last| last.upto);
    if (STRETCH..=IN_BACKGROUND).contains(&written.size.saturating_sub(begin)) {
        // Without it the file is read when somebody looks.
        let _ = written.extend(kept);
    }
}

/// Writes a stretch with these entries, as somebody could who may write the folder.
#[cfg(test)]
pub(in super::super) fn forge(source: &Source, at: usize, entries: &[Entry]) -> io::Result<()> {
    drop_all(source, at)?;
    let written = Written::of(source, at)?;
    let dir = own_folder(written.log, &written.meta)?;
    written.write(&dir, (0, written.size), &[], entries).map(drop)
}
