//! Reads folders by the system call itself: names and what the folder says that
//! each is, in large pieces, without a look at the entries.

use std::io;
use std::path::Path;

/// What a folder says that an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A file, socket, device or the like.
    Other,
    /// This file system does not say.
    Unknown,
}

/// Bytes that are asked for at once: some hundred entries.
pub const PIECE: usize = 64 * 1024;

/// Calls `each` with the name and kind of what stands in a folder, but for `.`
/// and `..`, until it says `false`. `buffer` is room for one piece and may be
/// used again. A folder that is a symbolic link is not followed.
///
/// # Errors
/// The folder cannot be opened or read; `each` may have been called before.
pub fn entries(
    folder: &Path,
    buffer: &mut Vec<u8>,
    each: &mut dyn FnMut(&[u8], EntryKind) -> bool,
) -> io::Result<()> {
    platform::entries(folder, buffer, each)
}

#[cfg(target_os = "linux")]
mod platform {
    #![allow(unsafe_code, reason = "src/sys is where unsafe code lives")]

    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::fd::AsRawFd as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::path::Path;

    use super::{EntryKind, PIECE};

    /// Where the parts of an entry stand (getdents64(2)): its length, its kind
    /// and its name, which ends with a NUL.
    const LENGTH: usize = 16;
    const KIND: usize = 18;
    const NAME: usize = 19;

    pub(super) fn entries(
        folder: &Path,
        buffer: &mut Vec<u8>,
        each: &mut dyn FnMut(&[u8], EntryKind) -> bool,
    ) -> io::Result<()> {
        let flags = libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let file = OpenOptions::new().read(true).custom_flags(flags).open(folder)?;
        buffer.resize(PIECE, 0);
        loop {
            let filled = read(&file, buffer)?;
            if filled == 0 {
                return Ok(());
            }
            let mut rest = buffer.get(..filled).unwrap_or_default();
            while let Some((name, kind, after)) = split(rest) {
                rest = after;
                if name != b"." && name != b".." && !each(name, kind) {
                    return Ok(());
                }
            }
        }
    }

    fn read(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
        // SAFETY: the descriptor is open for as long as `file` lives, and the
        // kernel writes at most `buffer.len()` bytes, all of which are ours.
        let got = unsafe {
            libc::syscall(libc::SYS_getdents64, file.as_raw_fd(), buffer.as_mut_ptr(), buffer.len())
        };
        usize::try_from(got).map_err(|_| io::Error::last_os_error())
    }

    /// The first entry and the rest behind it; `None` at the end, and for what
    /// no kernel writes.
    fn split(bytes: &[u8]) -> Option<(&[u8], EntryKind, &[u8])> {
        let length = bytes.get(LENGTH..KIND)?.try_into().map(u16::from_ne_bytes).ok()?;
        let (entry, rest) = bytes.split_at_checked(usize::from(length))?;
        let kind = match *entry.get(KIND)? {
            libc::DT_DIR => EntryKind::Folder,
            libc::DT_LNK => EntryKind::Link,
            libc::DT_UNKNOWN => EntryKind::Unknown,
            _ => EntryKind::Other,
        };
        let name = entry.get(NAME..)?;
        let end = memchr::memchr(0, name)?;
        Some((name.get(..end)?, kind, rest))
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::io;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;

    use super::EntryKind;

    pub(super) fn entries(
        folder: &Path,
        _buffer: &mut Vec<u8>,
        each: &mut dyn FnMut(&[u8], EntryKind) -> bool,
    ) -> io::Result<()> {
        if folder.symlink_metadata()?.is_symlink() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let kind = match entry.file_type() {
                Ok(kind) if kind.is_dir() => EntryKind::Folder,
                Ok(kind) if kind.is_symlink() => EntryKind::Link,
                Ok(_) => EntryKind::Other,
                Err(_) => EntryKind::Unknown,
            };
            if !each(entry.file_name().as_bytes(), kind) {
                return Ok(());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{EntryKind, entries};

    #[test]
    fn every_entry_comes_once_with_its_kind_and_a_link_is_no_folder() {
        let dir = tempfile::tempdir().unwrap();
        // More than fit into one piece.
        for n in 0..3000 {
            std::fs::write(dir.path().join(format!("{n:040}")), "").unwrap();
        }
        std::fs::create_dir(dir.path().join("inner")).unwrap();
        std::os::unix::fs::symlink("inner", dir.path().join("link")).unwrap();
        let mut seen: BTreeMap<Vec<u8>, EntryKind> = BTreeMap::new();
        let mut buffer = Vec::new();
        entries(dir.path(), &mut buffer, &mut |name, kind| {
            assert_eq!(seen.insert(name.to_vec(), kind), None);
            true
        })
        .unwrap();
        assert_eq!(seen.len(), 3002);
        let kind = |name: &str| seen[name.as_bytes()];
        assert!(matches!(kind("inner"), EntryKind::Folder | EntryKind::Unknown));
        assert!(matches!(kind("link"), EntryKind::Link | EntryKind::Unknown));
        let mut calls = 0;
        let mut once = |_: &[u8], _| {
            calls += 1;
            false
        };
        entries(dir.path(), &mut buffer, &mut once).unwrap();
        assert_eq!(calls, 1);
        assert!(entries(&dir.path().join("link"), &mut buffer, &mut |_, _| true).is_err());
    }
}
