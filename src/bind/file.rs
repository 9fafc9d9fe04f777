//! Hashes of files and folders, bounded.

use std::collections::HashMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};

use crate::text::escape;

/// Most bytes that are hashed of one file.
pub const MAX_FILE: u64 = 512 << 20;
/// Most bytes that are hashed of one folder.
pub const MAX_FOLDER: u64 = 64 << 20;
/// Most entries that are looked at in one folder.
pub const MAX_ENTRIES: usize = 4000;

/// What cannot be bound, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbound {
    /// A folder has too much in it.
    #[error(
        "{path} holds more than {MAX_ENTRIES} files or 64 MiB, so nobody can be asked about exactly what is in it"
    )]
    TooLarge {
        /// The folder, escaped.
        path: String,
    },
    /// A file is too long.
    #[error("{path} is larger than 512 MiB, so it cannot be bound to an approval")]
    TooLong {
        /// The file, escaped.
        path: String,
    },
    /// It cannot be read.
    #[error("{path} cannot be read ({why}), so nobody can be asked about what is in it")]
    Unreadable {
        /// The file, escaped.
        path: String,
        /// Why.
        why: String,
    },
    /// It changes while it is read.
    #[error("{path} changes while it is read; run the command again when it is finished")]
    Changing {
        /// The file, escaped.
        path: String,
    },
    /// Its file system does not answer.
    #[error(
        "{path} does not answer, so nobody can be asked about what is there; is it on a mount that hangs?"
    )]
    Silent {
        /// What is named, escaped.
        path: String,
    },
    /// Too many files.
    #[error(
        "the command names more than 200 files, so it cannot be bound to an approval; do it in smaller steps"
    )]
    TooMany,
    /// Standard input.
    #[error(
        "standard input is {what}, and what it will say cannot be known before it is approved. Put the data into a file and use `< FILE`, or close it with `< /dev/null`"
    )]
    Stdin {
        /// What it is.
        what: &'static str,
    },
}

/// What stands at a path.
#[derive(Debug)]
pub enum Found {
    /// Nothing.
    Absent,
    /// A regular file.
    File(Metadata),
    /// A folder.
    Folder(Metadata),
    /// Something else.
    Other,
}

/// Looks, following links.
#[must_use]
pub fn look(path: &Path) -> Found {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() => Found::File(meta),
        Ok(meta) if meta.is_dir() => Found::Folder(meta),
        Ok(_) => Found::Other,
        Err(_) => Found::Absent,
    }
}

/// Which state of which file.
type State = (u64, u64, u64, i64, i64, i64, i64);

fn state(meta: &Metadata) -> State {
    let (mtime, ctime) = (meta.mtime(), meta.ctime());
    (meta.dev(), meta.ino(), meta.size(), mtime, meta.mtime_nsec(), ctime, meta.ctime_nsec())
}

/// Hashes files; one that has not changed since is not read again. Lives for
/// one run at most, because times are coarse.
#[derive(Debug, Default)]
pub struct Hasher {
    known: HashMap<State, [u8; 32]>,
    /// Goes up with everything that a file system has answered.
    beat: Arc<AtomicU64>,
}

impl Hasher {
    /// What goes up as long as the file systems that are read answer.
    #[must_use]
    pub fn beat(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.beat)
    }

    /// SHA-256 of a regular file, and its size.
    ///
    /// # Errors
    /// It cannot be read, is too long, or changes meanwhile.
    pub fn file(&mut self, path: &Path) -> Result<(u64, [u8; 32]), Unbound> {
        let shown = || escape(&path.to_string_lossy());
        let unreadable =
            |error: io::Error| Unbound::Unreadable { path: shown(), why: error.to_string() };
        let mut file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
            .open(path)
            .map_err(unreadable)?;
        let meta = file.metadata().map_err(unreadable)?;
        if meta.size() > MAX_FILE {
            return Err(Unbound::TooLong { path: shown() });
        }
        if let Some(hash) = self.known.get(&state(&meta)) {
            return Ok((meta.size(), *hash));
        }
        let hash = digest(&mut file, &self.beat).map_err(unreadable)?;
        let after = file.metadata().map_err(unreadable)?;
        if state(&after) != state(&meta) {
            return Err(Unbound::Changing { path: shown() });
        }
        self.known.insert(state(&meta), hash);
        Ok((meta.size(), hash))
    }

    /// SHA-256 over a folder: for each entry below it, sorted by path, its kind,
    /// mode, path and hash (of a link: its target). The bytes in all.
    ///
    /// # Errors
    /// As [`Hasher::file`]; too much in it.
    pub fn folder(&mut self, path: &Path) -> Result<(u64, [u8; 32]), Unbound> {
        let entries = list(path, &self.beat)?;
        let mut sha = Sha256::new();
        let mut total = 0_u64;
        for entry in entries {
            self.beat.fetch_add(1, Ordering::Relaxed);
            let full = path.join(&entry);
            let unreadable = |error: io::Error| Unbound::Unreadable {
                path: escape(&full.to_string_lossy()),
                why: error.to_string(),
            };
            let meta = fs::symlink_metadata(&full).map_err(unreadable)?;
            let (kind, hash) = if meta.is_symlink() {
                let target = fs::read_link(&full).map_err(unreadable)?;
                (b'l', Sha256::digest(target.as_os_str().as_bytes()).into())
            } else if meta.is_file() {
                total = total.saturating_add(meta.size());
                if total > MAX_FOLDER {
                    return Err(Unbound::TooLarge { path: escape(&path.to_string_lossy()) });
                }
                (b'f', self.file(&full)?.1)
            } else {
                (if meta.is_dir() { b'd' } else { b'o' }, [0; 32])
            };
            let name = entry.as_os_str().as_bytes();
            sha.update([kind]);
            sha.update((meta.mode() & 0o7777).to_be_bytes());
            sha.update((name.len() as u64).to_be_bytes());
            sha.update(name);
            sha.update(hash);
        }
        Ok((total, sha.finalize().into()))
    }
}

fn digest(file: &mut File, beat: &AtomicU64) -> io::Result<[u8; 32]> {
    let mut sha = Sha256::new();
    let mut buffer = vec![0_u8; 256 << 10];
    let mut left = MAX_FILE.saturating_add(1);
    loop {
        let length = file.read(&mut buffer)?;
        beat.fetch_add(1, Ordering::Relaxed);
        left = left.saturating_sub(length as u64);
        if length == 0 || left == 0 {
            return Ok(sha.finalize().into());
        }
        sha.update(buffer.get(..length).unwrap_or_default());
    }
}

/// Every path below a folder, relative and sorted. Links are not followed.
fn list(root: &Path, beat: &AtomicU64) -> Result<Vec<PathBuf>, Unbound> {
    let mut out: Vec<PathBuf> = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        let full = root.join(&folder);
        let unreadable = |error: io::Error| Unbound::Unreadable {
            path: escape(&full.to_string_lossy()),
            why: error.to_string(),
        };
        for entry in fs::read_dir(&full).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            beat.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(entry.file_name());
            if entry.file_type().map_err(unreadable)?.is_dir() {
                open.push(path.clone());
            }
            out.push(path);
            if out.len() > MAX_ENTRIES {
                return Err(Unbound::TooLarge { path: escape(&root.to_string_lossy()) });
            }
        }
    }
    out.sort_unstable();
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::{Hasher, MAX_ENTRIES, Unbound};

    #[test]
    fn a_file_is_hashed_by_content() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        fs::write(&one, "abc").unwrap();
        fs::write(&two, "abd").unwrap();
        let mut hasher = Hasher::default();
        let (size, hash) = hasher.file(&one).unwrap();
        assert_eq!((size, hash[0]), (3, 0xba), "FIPS 180-2, B.1");
        assert_ne!(hasher.file(&two).unwrap().1, hash);
        assert!(matches!(hasher.file(&dir.path().join("no")), Err(Unbound::Unreadable { .. })));
    }

    #[test]
    fn everything_in_a_folder_counts() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/a"), "1").unwrap();
        symlink("a", root.join("sub/link")).unwrap();
        let hash = |root: &std::path::Path| Hasher::default().folder(root).unwrap().1;
        let mut seen = vec![hash(root)];
        let mut changed = |what: &str| {
            let now = hash(root);
            assert!(!seen.contains(&now), "{what}");
            seen.push(now);
        };
        fs::write(root.join("sub/a"), "2").unwrap();
        changed("content");
        fs::set_permissions(root.join("sub/a"), fs::Permissions::from_mode(0o755)).unwrap();
        changed("mode");
        fs::write(root.join("b"), "").unwrap();
        changed("a new file");
        fs::rename(root.join("b"), root.join("c")).unwrap();
        changed("a name");
        fs::remove_file(root.join("sub/link")).unwrap();
        symlink("b", root.join("sub/link")).unwrap();
        changed("a link's target");
    }

    #[test]
    fn a_folder_with_too_much_in_it_cannot_be_bound() {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..=MAX_ENTRIES {
            fs::write(dir.path().join(n.to_string()), "").unwrap();
        }
        let found = Hasher::default().folder(dir.path());
        assert!(matches!(found, Err(Unbound::TooLarge { .. })), "{found:?}");
    }
}
