//! The files of one log, read as the one log that they are.
//!
//! `HOST.jsonl` is written to. The first record of a new day closes it: it
//! becomes `HOST.FIRST.DAY.jsonl`, FIRST being the number of its first record
//! and DAY the last day (UTC) on which it was written, and later perhaps
//! `HOST.FIRST.DAY.jsonl.gz`. Unpacked and put behind one another in the order
//! of FIRST, the files are the log: the first record of each holds the hash of
//! the last line of the one before.

mod reader;

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

pub use reader::{Position, Reader};

use super::gzip::Unpacker;

/// What the name of a file without `.gz` ends with.
const ENDING: &str = ".jsonl";
/// What the name of a compressed file ends with besides.
pub(super) const PACKED: &str = ".gz";
/// Bytes of a file that are read at a time.
const BUFFER: usize = 1 << 18;

/// A file of a log that is not written to any more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The number of its first record, as its name says.
    pub first: u64,
    /// The last day on which it was written, as its name says: `2026-11-27`.
    pub day: String,
    /// The file.
    pub path: PathBuf,
    /// Whether it is compressed.
    pub packed: bool,
}

/// The name of a closed file, taken apart: that of its log without the ending,
/// and what [`Part`] holds.
fn split(name: &str) -> Option<(&str, u64, &str, bool)> {
    let (plain, packed) = name.strip_suffix(PACKED).map_or((name, false), |plain| (plain, true));
    let (rest, day) = plain.strip_suffix(ENDING)?.rsplit_once('.')?;
    let (stem, first) = rest.rsplit_once('.')?;
    let shape: String = day.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let number = (12..=20).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_digit());
    let fits = !stem.is_empty() && number && shape == "0000-00-00";
    Some((stem, first.parse().ok()?, day, packed)).filter(|_| fits)
}

/// The name that a file of the log gets when it is closed.
#[must_use]
pub(super) fn closed_name(active: &Path, first: u64, day: &str) -> PathBuf {
    let stem = active.file_stem().unwrap_or_default().to_string_lossy();
    active.with_file_name(format!("{stem}.{first:012}.{day}{ENDING}"))
}

/// The file that is written to of the log that a file belongs to; `None` for a
/// name that no log has.
#[must_use]
pub fn active_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    match split(name) {
        Some((stem, ..)) => Some(path.with_file_name(format!("{stem}{ENDING}"))),
        None => name.ends_with(ENDING).then(|| path.to_owned()),
    }
}

/// The closed files of the log whose file `active` is written to, oldest first.
///
/// # Errors
/// The folder cannot be read.
pub fn closed(active: &Path) -> io::Result<Vec<Part>> {
    let own = active.file_name().and_then(|name| name.to_str());
    let Some(own) = own.and_then(|name| name.strip_suffix(ENDING)) else { return Ok(Vec::new()) };
    let dir = active.parent().filter(|dir| !dir.as_os_str().is_empty());
    let entries = match std::fs::read_dir(dir.unwrap_or(Path::new("."))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut parts = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let found = name.to_str().and_then(split).filter(|(stem, ..)| *stem == own);
        let Some((_, first, day, packed)) = found else { continue };
        parts.push(Part { first, day: day.to_owned(), path: active.with_file_name(&name), packed });
    }
    parts.sort();
    // Both forms of one file are there while it is compressed, and after guard was
    // killed at that; the first of them is the uncompressed one.
    parts.dedup_by(|next, kept| next.first == kept.first && next.day == kept.day);
    Ok(parts)
}

/// The file that is written to.
struct Active {
    file: File,
    size: u64,
    /// The number of its first record, as far as that can be seen.
    first: Option<u64>,
}

/// All files of one log at one moment.
pub struct Source {
    path: PathBuf,
    parts: Vec<Part>,
    active: Option<Active>,
}

impl Source {
    /// Opens the log whose file `path` is written to, with everything that was
    /// closed of it. The name of a closed file, and of one that no log has,
    /// stands for that file alone.
    ///
    /// # Errors
    /// Those of the file system; there is no such log.
    pub fn open(path: &Path) -> io::Result<Self> {
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some((_, first, day, packed)) = name.and_then(split) {
            let part = Part { first, day: day.to_owned(), path: path.to_owned(), packed };
            File::open(path)?;
            return Ok(Self { path: path.to_owned(), parts: vec![part], active: None });
        }
        // It may be closed in between, and would be missed or come twice.
        for _ in 0..8 {
            let active = match File::open(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                other => Some(Active::of(other?)?),
            };
            let parts = closed(path)?;
            let inode = match &active {
                Some(active) => Some(inode(&active.file)?),
                None => None,
            };
            let moved = parts.iter().any(|part| {
                let meta = std::fs::metadata(&part.path).ok();
                meta.is_some_and(|meta| Some((meta.dev(), meta.ino())) == inode)
            });
            if moved {
                continue;
            }
            if active.is_none() && parts.is_empty() {
                return Err(io::ErrorKind::NotFound.into());
            }
            return Ok(Self { path: path.to_owned(), parts, active });
        }
        Err(io::Error::other("it is renamed all the time"))
    }

    /// The path that was asked for.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The closed files, oldest first.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// How many files there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parts.len() + usize::from(self.active.is_some())
    }

    /// Bytes on the disk, for showing how far reading is.
    #[must_use]
    pub fn size(&self) -> u64 {
        (0..self.count()).map(|index| self.size_of(index)).sum()
    }

    /// Bytes of one file on the disk.
    #[must_use]
    pub fn size_of(&self, index: usize) -> u64 {
        match self.parts.get(index) {
            Some(part) => std::fs::metadata(&part.path).map_or(0, |meta| meta.len()),
            None => self.active.as_ref().map_or(0, |active| active.size),
        }
    }

    /// The number of the first record of a file, as far as that can be seen
    /// without reading it.
    #[must_use]
    pub fn first_of(&self, index: usize) -> Option<u64> {
        match self.parts.get(index) {
            Some(part) => Some(part.first),
            None => {
                let begins = self.parts.is_empty().then_some(0);
                self.active.as_ref().and_then(|active| active.first).or(begins)
            }
        }
    }

    /// The files that were written to on a day, by their names: each from the
    /// day on which the one before was closed to its own.
    #[must_use]
    pub fn of_day(&self, day: &str) -> Range<usize> {
        // With a clock that was set back days are not in order; then the range
        // takes in every file that may hold the day.
        let from = self.parts.iter().position(|part| part.day.as_str() >= day);
        let from = from.unwrap_or(self.parts.len());
        let last = self.parts.iter().rposition(|part| part.day.as_str() <= day);
        // The file behind the last one that ends on or before the day may go on
        // on it, unless that one ended on it: the next began another day.
        let ends_on_it = |at: usize| self.parts.get(at).is_some_and(|part| part.day == day);
        let upto = last.map_or(0, |at| if ends_on_it(at) { at + 1 } else { at + 2 });
        from..upto.max(from + 1).min(self.count()).max(from.min(self.count()))
    }

    /// Which file it is, over a change of its name: device and inode.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn inode(&self, index: usize) -> io::Result<(u64, u64)> {
        match (self.parts.get(index), &self.active) {
            (Some(part), _) => {
                let meta = std::fs::metadata(&part.path)?;
                Ok((meta.dev(), meta.ino()))
            }
            (None, Some(active)) => inode(&active.file),
            (None, None) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Has the system put everything on disk. Closed files are there already.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.active.as_ref().map_or(Ok(()), |active| active.file.sync_data())
    }

    /// Reads everything, oldest first.
    #[must_use]
    pub const fn reader(&self) -> Reader<'_> {
        Reader::at(self, 0, 0)
    }

    /// Reads from a place that [`Reader::position`] has told, or `None` when
    /// there is no such file any more.
    #[must_use]
    pub fn reader_from(&self, position: Position) -> Option<Reader<'_>> {
        let at = (0..self.count()).rev().find(|i| self.first_of(*i) == position.first)?;
        Some(Reader::at(self, at, position.offset))
    }

    /// Reads one file from an offset of its content; what lies behind the end
    /// is nothing.
    ///
    /// # Errors
    /// Those of the file.
    pub fn open_part(&self, index: usize, offset: u64) -> io::Result<Box<dyn BufRead + '_>> {
        let Some(part) = self.parts.get(index) else {
            let Some(active) = &self.active else { return Ok(Box::new(io::empty())) };
            let at = At { file: &active.file, at: offset, end: active.size };
            return Ok(Box::new(BufReader::with_capacity(BUFFER, at)));
        };
        let file = part.open()?;
        match file {
            Opened::Plain(file) => {
                let end = file.metadata()?.len();
                let at = Owned { file, at: offset, end };
                Ok(Box::new(BufReader::with_capacity(BUFFER, at)))
            }
            Opened::Packed(unpacker) => {
                let mut content = BufReader::with_capacity(BUFFER, *unpacker);
                io::copy(&mut content.by_ref().take(offset), &mut io::sink())?;
                Ok(Box::new(content))
            }
        }
    }

    /// A file with its content at hand in any order, and how long that is.
    /// What is compressed is unpacked into a file without a name.
    ///
    /// # Errors
    /// Those of the files.
    pub fn random(&self, index: usize) -> io::Result<(File, u64)> {
        let Some(part) = self.parts.get(index) else {
            let active = self.active.as_ref().ok_or(io::ErrorKind::NotFound)?;
            return Ok((active.file.try_clone()?, active.size));
        };
        match part.open()? {
            Opened::Plain(file) => {
                let size = file.metadata()?.len();
                Ok((file, size))
            }
            Opened::Packed(mut unpacker) => {
                let mut file = anonymous()?;
                let size = io::copy(&mut unpacker, &mut file)?;
                Ok((file, size))
            }
        }
    }
}

enum Opened {
    Plain(File),
    Packed(Box<Unpacker<BufReader<File>>>),
}

impl Part {
    /// Opens it; also when it was compressed since it was listed.
    fn open(&self) -> io::Result<Opened> {
        let packed = |file| Opened::Packed(Box::new(Unpacker::new(BufReader::new(file))));
        let named = |path: &Path, error: io::Error| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            io::Error::new(error.kind(), format!("{}: {error}", crate::text::escape(&name)))
        };
        match File::open(&self.path) {
            Ok(file) if self.packed => Ok(packed(file)),
            Ok(file) => Ok(Opened::Plain(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.packed => {
                let path = self.packed_path();
                File::open(&path).map(packed).map_err(|error| named(&path, error))
            }
            Err(error) => Err(named(&self.path, error)),
        }
    }

    /// What it is on the disk; also when it was compressed since it was listed.
    pub(super) fn metadata(&self) -> io::Result<std::fs::Metadata> {
        match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.packed => {
                std::fs::metadata(self.packed_path())
            }
            other => other,
        }
    }

    /// Where its compressed form stands.
    #[must_use]
    pub(super) fn packed_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        if !self.packed {
            path.push(PACKED);
        }
        path.into()
    }

    /// Its content, unpacked.
    ///
    /// # Errors
    /// Those of the file.
    pub fn read(&self) -> io::Result<Box<dyn BufRead>> {
        Ok(match self.open()? {
            Opened::Plain(file) => Box::new(BufReader::with_capacity(BUFFER, file)),
            Opened::Packed(unpacker) => Box::new(BufReader::with_capacity(BUFFER, *unpacker)),
        })
    }
}

impl Active {
    fn of(file: File) -> io::Result<Self> {
        let size = settled_size(&file)?;
        let mut head = [0; 64];
        let read = file.read_at(&mut head, 0).unwrap_or(0);
        let head = std::str::from_utf8(head.get(..read).unwrap_or_default()).unwrap_or_default();
        // Of a first line that was torn nothing is known, and need not be.
        let first = head
            .strip_prefix(r#"{"v":1,"seq":"#)
            .and_then(|rest| rest.split_once(',').and_then(|(number, _)| number.parse().ok()));
        Ok(Self { file, size, first })
    }
}

fn inode(file: &File) -> io::Result<(u64, u64)> {
    let meta = file.metadata()?;
    Ok((meta.dev(), meta.ino()))
}

/// The size at a moment when nobody is in the middle of writing a line. When
/// the lock is held, as by a stopped process, the size as it is: looking at a
/// log must not hang.
fn settled_size(file: &File) -> io::Result<u64> {
    let locked = file.try_lock_shared().is_ok();
    let size = file.metadata().map(|meta| meta.len());
    if locked {
        let _ = file.unlock();
    }
    size
}

/// The first `size` bytes of a file, without moving its position.
pub(super) const fn content(file: &File, size: u64) -> impl Read {
    At { file, at: 0, end: size }
}

/// The bytes of a file from one place to another, without moving its position.
pub(super) const fn content_from(file: &File, from: u64, upto: u64) -> impl Read {
    At { file, at: from, end: upto }
}

/// A file that goes when it is closed.
fn anonymous() -> io::Result<File> {
    let dir = std::env::temp_dir();
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    #[cfg(target_os = "linux")]
    if let Ok(file) = options.clone().custom_flags(libc::O_TMPFILE).open(&dir) {
        return Ok(file);
    }
    let mut bytes = [0; 16];
    super::key::random(&mut bytes)?;
    let path = dir.join(format!("guard-{}", super::record::hex(&bytes)));
    let file = options.create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// A part of a file, without moving its position.
struct At<'f> {
    file: &'f File,
    at: u64,
    end: u64,
}

impl Read for At<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_at(self.file, &mut self.at, self.end, buffer)
    }
}

/// The same of a file that nobody else has.
struct Owned {
    file: File,
    at: u64,
    end: u64,
}

impl Read for Owned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_at(&self.file, &mut self.at, self.end, buffer)
    }
}

fn read_at(file: &File, at: &mut u64, end: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let left = usize::try_from(end.saturating_sub(*at)).unwrap_or(usize::MAX);
    let most = buffer.len().min(left);
    let count = file.read_at(buffer.get_mut(..most).unwrap_or_default(), *at)?;
    *at += count as u64;
    Ok(count)
}
