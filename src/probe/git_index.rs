//! How many files git tracks below some folders, from the bytes of its index
//! (gitformat-index(5), versions 2 to 4): no program is started for it, which
//! is most of what a question to git costs.
//!
//! Only what is certain is answered. An index that is split over two files or
//! sparse, one with entries of an unfinished merge, with an extension that must
//! be understood, of a repository with longer object names, or one that is
//! broken is left to git itself.

use std::io::{ErrorKind, Read};

/// Bytes in front of the entries.
const HEADER: usize = 12;
/// Bytes that are read at once, and kept.
const PIECE: usize = 64 * 1024;
/// No entry that is understood is longer.
const ENTRY: usize = NAME + LONGEST + 16;
/// Bytes of an object name and of the checksum at the end (SHA-1).
const HASH: usize = 20;
/// Where the parts of an entry stand.
const MODE: usize = 24;
const FLAGS: usize = 60;
const NAME: usize = 62;
/// The part of the flags that is the length of the name; longer ones have this.
const LENGTH: u16 = 0x0fff;
const ASSUME_VALID: u16 = 0x8000;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;
const SKIP_WORKTREE: u16 = 0x4000;
/// No path of a system is longer (PATH_MAX); also bounds the work for names
/// that are written as a change of the one before.
const LONGEST: usize = 4096;

/// What an index says about some folders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listed {
    /// Files that git tracks there.
    pub files: u64,
    /// How many of those git was told not to look at for changes (`git
    /// update-index --assume-unchanged`, `--skip-worktree`): it calls them
    /// unchanged whatever stands in them.
    pub unwatched: u64,
}

/// Counts the entries that are one of `paths` or below one: relative to the top
/// of the repository, without a slash at either end. `None` for an index that
/// is not certainly understood or cannot be read. Takes time that grows with its
/// length, and little memory: touching new memory for all of it would cost more
/// than looking through it.
#[must_use]
pub fn listed(index: &mut dyn Read, paths: &[&[u8]]) -> Option<Listed> {
    let below = Below::new(paths);
    let mut index = Window::new(index);
    let header = index.see(HEADER)?;
    let (version, count) = (number(header, 4)?, number(header, 8)?);
    if !header.starts_with(b"DIRC") || !(2..=4).contains(&version) {
        return None;
    }
    index.pass(HEADER)?;
    let mut name = Vec::with_capacity(256);
    let mut out = Listed::default();
    for _ in 0..count {
        let entry = index.see(ENTRY)?;
        let flags = half(entry, FLAGS)?;
        // A file, a link or a repository within; a folder stands in sparse ones.
        if !matches!(number(entry, MODE)? >> 12, 0o10 | 0o12 | 0o16) || flags & STAGE != 0 {
            return None;
        }
        let extended = flags & EXTENDED != 0;
        if extended && version == 2 {
            return None;
        }
        let more = if extended { half(entry, NAME)? } else { 0 };
        let start = if extended { NAME + 2 } else { NAME };
        let (name, length) = if version == 4 {
            let taken = changed_name(entry.get(start..)?, &mut name)?;
            (name.as_slice(), taken + start)
        } else {
            let text = until_nul(entry.get(start..)?)?;
            // One to eight NULs end it, so that each begins at a multiple of 8.
            (text, (start + text.len() + 8) & !7)
        };
        let said = usize::from(flags & LENGTH);
        if name.is_empty() || name.len().min(usize::from(LENGTH)) != said || name.len() > LONGEST {
            return None;
        }
        if below.holds(name) {
            out.files += 1;
            out.unwatched += u64::from(flags & ASSUME_VALID != 0 || more & SKIP_WORKTREE != 0);
        }
        index.pass(length)?;
    }
    only_optional(&mut index)?;
    Some(out)
}

/// Whether what follows the entries may be passed over.
fn only_optional(index: &mut Window<'_>) -> Option<()> {
    loop {
        let rest = index.see(HASH + 1)?;
        if rest.len() <= HASH {
            return (rest.len() == HASH).then_some(());
        }
        if !rest.first()?.is_ascii_uppercase() {
            return None;
        }
        let size = usize::try_from(number(rest, 4)?).ok()?;
        index.pass(8)?;
        index.pass(size)?;
    }
}

/// The part of an index that is in memory.
struct Window<'a> {
    from: &'a mut dyn Read,
    bytes: Vec<u8>,
    /// What of `bytes` is ahead.
    ahead: std::ops::Range<usize>,
}

impl<'a> Window<'a> {
    fn new(from: &'a mut dyn Read) -> Self {
        Self { from, bytes: vec![0; PIECE], ahead: 0..0 }
    }

    /// At least so many bytes of what is ahead, fewer only at the end; at most
    /// half a piece may be asked for. `None` when it cannot be read.
    fn see(&mut self, least: usize) -> Option<&[u8]> {
        if self.ahead.len() < least {
            self.bytes.copy_within(self.ahead.clone(), 0);
            self.ahead = 0..self.ahead.len();
            while self.ahead.len() < least {
                match self.from.read(self.bytes.get_mut(self.ahead.end..)?) {
                    Ok(0) => break,
                    Ok(more) => self.ahead.end += more,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => return None,
                }
            }
        }
        self.bytes.get(self.ahead.clone())
    }

    /// Leaves so many bytes behind; `None` when there are not so many.
    fn pass(&mut self, mut count: usize) -> Option<()> {
        while count > self.ahead.len() {
            count -= self.ahead.len();
            self.ahead.start = self.ahead.end;
            if self.see(1)?.is_empty() {
                return None;
            }
        }
        self.ahead.start += count;
        Some(())
    }
}

/// A name of version 4: how much goes from the end of the one before, and what
/// is put there. Returns the bytes that it takes.
fn changed_name(bytes: &[u8], name: &mut Vec<u8>) -> Option<usize> {
    let mut at = 0;
    let mut cut: usize = 0;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        cut = cut.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            break;
        }
        // As in the offsets of packs: no number can be written in two ways.
        cut = cut.checked_add(1)?;
    }
    let text = until_nul(bytes.get(at..)?)?;
    name.truncate(name.len().checked_sub(cut)?);
    name.extend_from_slice(text);
    Some(at + text.len() + 1)
}

fn until_nul(bytes: &[u8]) -> Option<&[u8]> {
    // A name that is too long to be one is not looked through.
    let bytes = bytes.get(..bytes.len().min(LONGEST + 1))?;
    bytes.get(..memchr::memchr(0, bytes)?)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

/// The paths that are asked about, each with a slash at its end, in order and
/// none below another.
struct Below(Vec<Vec<u8>>);

impl Below {
    fn new(paths: &[&[u8]]) -> Self {
        let mut all: Vec<Vec<u8>> = paths.iter().map(|path| [path, &b"/"[..]].concat()).collect();
        all.sort();
        // The first of those that begin alike is the one above the others.
        all.dedup_by(|later, first| later.starts_with(first));
        Self(all)
    }

    /// Whether a name is one of them or below one.
    fn holds(&self, name: &[u8]) -> bool {
        let at = self.0.partition_point(|path| !after(path, name));
        let before = at.checked_sub(1).and_then(|at| self.0.get(at));
        before.is_some_and(|path| match path.split_last() {
            Some((_, bare)) => name.starts_with(path) || name == bare,
            None => false,
        })
    }
}

/// Whether a path stands after a name that had a slash at its end.
fn after(path: &[u8], name: &[u8]) -> bool {
    match path.split_at_checked(name.len()) {
        Some((front, rest)) => (front, rest) > (name, &b"/"[..]),
        None => path > name,
    }
}

#[cfg(test)]
mod tests;
