//! Appending to the log.
//!
//! Lock, read the end, write once, unlock, sync. The lock orders the hashes;
//! `O_APPEND` alone would not. Syncing comes after it, so that of many writers
//! all that have written wait for the disk together: file systems with a
//! journal put what waits at the same time on the disk at once (measured on
//! ext4). Each writer still syncs for itself and learns of its own errors; a
//! mark "synced up to here" that one leaves for others would hide theirs. The
//! first record of a day begins a new file.
//! Nothing is ever truncated or repaired: what a
//! dying writer left behind stays in the file as its own line.

mod day;
mod error;

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use serde::Serialize;

pub use error::LogError;

use super::chain::Chain;
use super::lookup;
use super::record::{Entry, Envelope, Hash, Kind, MAX_LINE, hash};
use super::tail;
use crate::text::stamp::Stamp;

/// How long a writer waits in silence for another one.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the lock is tried before a writer waits in line for it, and how
/// long apart: others hold it for less than a tenth of a millisecond, and the
/// thread that tells of a long wait costs more than that.
const TRIES: u32 = 32;
const APART: Duration = Duration::from_micros(100);

/// Whether a record has to survive a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On disk before the call returns. Needed for `start`.
    Synced,
    /// Handed to the kernel: survives the death of guard, not that of the
    /// machine. The next synced record takes it along.
    Buffered,
}

/// What was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Number of the record.
    pub seq: u64,
    /// SHA-256 of its line.
    pub sha256: Hash,
}

/// Told to the caller when another process holds the lock for more than a
/// second; appending goes on waiting.
#[derive(Debug)]
pub struct Waiting<'a> {
    /// The log that is locked.
    pub path: &'a Path,
    /// The process that holds the lock, when the system tells.
    pub holder: Option<u32>,
}

impl std::fmt::Display for Waiting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = error::show(self.path);
        match self.holder {
            Some(pid) => write!(
                f,
                "Waiting for process {pid}, which holds the audit log {path}. Nothing runs \
                 without its record; if that process is stopped, resume or end it."
            ),
            None => write!(
                f,
                "Waiting for another process, which holds the audit log {path}. Nothing runs \
                 without its record; `fuser {path}` names the process."
            ),
        }
    }
}

type OnWait = Box<dyn Fn(&Waiting<'_>) + Send + Sync>;

/// An open log. Keep one for all records of a command.
pub struct Log {
    path: PathBuf,
    file: File,
    boot: String,
    on_wait: Option<OnWait>,
    /// Size and chain after our own last write: while the size is the same,
    /// nobody wrote in between and the end need not be read again.
    last: Option<(u64, Chain)>,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("path", &self.path).field("last", &self.last).finish()
    }
}

impl Log {
    /// Opens the log of a host in a folder; both are created when missing (the
    /// folder 0700, the file 0600).
    ///
    /// # Errors
    ///
    /// When folder or file cannot be created or opened, or when something else
    /// than a file stands in its place (a symbolic link among others).
    pub fn open(dir: &Path, host: &str) -> Result<Self, LogError> {
        let path = dir.join(lookup::file_name(host));
        let file = open_file(&path)?;
        checked(&file, &path)?;
        Ok(Self { path, file, boot: boot_id(), on_wait: None, last: None })
    }

    /// Sets what happens when another process holds the log for over a second.
    /// It is called from another thread.
    #[must_use]
    pub fn on_wait(mut self, tell: impl Fn(&Waiting<'_>) + Send + Sync + 'static) -> Self {
        self.on_wait = Some(Box::new(tell));
        self
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one record.
    ///
    /// # Errors
    ///
    /// When it could not be written (or synced, if that was asked for).
    pub fn append(
        &mut self,
        kind: Kind,
        ev: &impl Serialize,
        durability: Durability,
    ) -> Result<Appended, LogError> {
        let entry = Entry::new(kind, ev)?;
        let done = self.append_all(&[entry], durability)?;
        // `append_all` answers every entry; the fallback is never used.
        Ok(done.first().copied().unwrap_or(Appended { seq: 0, sha256: [0; 32] }))
    }

    /// Appends records next to one another with one write and one sync.
    ///
    /// # Errors
    ///
    /// When they could not all be written. Some may have been; the chain stays
    /// intact.
    pub fn append_all(
        &mut self,
        entries: &[Entry],
        durability: Durability,
    ) -> Result<Vec<Appended>, LogError> {
        if let Some(entry) = entries.iter().find(|entry| entry.ev.len() > MAX_LINE - 512) {
            return Err(LogError::TooLong { len: entry.ev.len() });
        }
        self.lock()?;
        let result = self.append_locked(entries);
        // Dropping the file would release it too; a failure here changes nothing.
        let _ = self.file.unlock();
        // Takes everything before it along, also what others have not synced yet.
        // Whoever closes the day in between syncs this file too.
        let result = result.and_then(|done| match durability {
            Durability::Synced => self.sync().map(|()| done),
            Durability::Buffered => Ok(done),
        });
        if result.is_err() {
            self.last = None;
        }
        result
    }

    fn sync(&self) -> Result<(), LogError> {
        self.file.sync_data().map_err(|source| LogError::Sync { path: self.path.clone(), source })
    }

    fn append_locked(&mut self, entries: &[Entry]) -> Result<Vec<Appended>, LogError> {
        let mut meta = self.checked()?;
        if day::is_over(&meta) && self.close_day(&meta) {
            meta = self.checked()?;
        }
        let size = meta.len();
        let tail = match self.last {
            Some((end, chain)) if end == size => tail::Tail { chain, torn: false },
            _ if size == 0 => tail::Tail { chain: self.chain_before()?, torn: false },
            _ => tail::read(&self.file, size)
                .map_err(|source| LogError::Tail { path: self.path.clone(), source })?,
        };
        let mut chain = tail.chain;
        let mut block = Vec::with_capacity(1024);
        if tail.torn {
            block.push(b'\n');
        }
        let (time, mono_us) = (Stamp::now(), mono_us());
        let mut done = Vec::with_capacity(entries.len());
        for entry in entries {
            let from = block.len();
            let seq = chain.next_seq;
            Envelope { seq, prev: chain.prev, time, mono_us, boot: &self.boot }
                .write(entry, &mut block);
            chain.prev = hash(block.get(from..).unwrap_or(&[]));
            chain.next_seq += 1;
            block.push(b'\n');
            done.push(Appended { seq, sha256: chain.prev });
        }
        // Normally one call; after a short write (a disk that fills up) the rest
        // is tried once more, to learn the reason.
        (&self.file)
            .write_all(&block)
            .map_err(|source| LogError::Write { path: self.path.clone(), source })?;
        self.last = Some((size + block.len() as u64, chain));
        Ok(done)
    }

    /// Takes the lock; says so when that takes more than a second. There is no
    /// time limit: giving up would mean to skip a record.
    fn lock(&mut self) -> Result<(), LogError> {
        for _ in 0..TRIES {
            match self.file.try_lock() {
                Ok(()) => return Ok(()),
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(APART),
                Err(std::fs::TryLockError::Error(source)) => {
                    return Err(LogError::Lock { path: self.path.clone(), source });
                }
            }
        }
        let (file, path, tell) = (&self.file, self.path.as_path(), self.on_wait.as_ref());
        std::thread::scope(|scope| {
            let (done, waiting) = mpsc::channel::<()>();
            // A blocking lock queues fairly among many writers, so the message
            // comes from a thread of its own. Without one there is no message,
            // but still no gap in the record.
            let _ = std::thread::Builder::new().name("guard-log-wait".into()).spawn_scoped(
                scope,
                move || {
                    let timed_out =
                        waiting.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout);
                    if let (true, Some(tell)) = (timed_out, tell) {
                        tell(&Waiting { path, holder: lookup::lock_holder(file) });
                    }
                },
            );
            let locked = loop {
                match file.lock() {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            drop(done);
            locked.map_err(|source| LogError::Lock { path: path.to_owned(), source })
        })
    }

    /// What the file is, after making sure that it still is the one of this
    /// name.
    fn checked(&mut self) -> Result<Metadata, LogError> {
        // A new day began, or somebody removed or replaced the log while the
        // command ran: a record in a file without its name would be lost, so it
        // goes into the one that has it. So often in a row is an attack on the
        // record.
        for _ in 0..100 {
            let meta = checked(&self.file, &self.path)?;
            let named = std::fs::symlink_metadata(&self.path);
            if named.is_ok_and(|named| (named.dev(), named.ino()) == (meta.dev(), meta.ino())) {
                return Ok(meta);
            }
            self.file = open_file(&self.path)?;
            self.last = None;
            self.lock()?;
        }
        let what = "removed or replaced again and again".to_owned();
        Err(LogError::Suspicious { path: self.path.clone(), what })
    }
}

/// What the file is, after making sure that it can be a log of this account.
fn checked(file: &File, path: &Path) -> Result<Metadata, LogError> {
    let meta =
        file.metadata().map_err(|source| LogError::Open { path: path.to_owned(), source })?;
    let own = nix::unistd::geteuid().as_raw();
    let what = if !meta.is_file() {
        "not a regular file".to_owned()
    } else if meta.uid() != own {
        format!("owned by user {}, not by you (user {own})", meta.uid())
    } else {
        return Ok(meta);
    };
    Err(LogError::Suspicious { path: path.to_owned(), what })
}

/// Opens the file for reading and appending without following a link in its
/// last component; creates it, and makes its name durable, when it is missing.
fn open_file(path: &Path) -> Result<File, LogError> {
    let mut options = OpenOptions::new();
    // O_NONBLOCK: a pipe in its place must not make guard hang. It means nothing
    // for a regular file.
    options.read(true).append(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let error = |source: io::Error| match source.raw_os_error() {
        Some(libc::ELOOP) => {
            LogError::Suspicious { path: path.to_owned(), what: "a symbolic link".into() }
        }
        _ => LogError::Open { path: path.to_owned(), source },
    };
    // Two rounds: another process may create or remove the file in between.
    for _ in 0..2 {
        match options.open(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
            other => return other.map_err(error),
        }
        let dir = path.parent().unwrap_or(Path::new("."));
        create_folder(dir).map_err(|source| LogError::Folder { path: dir.to_owned(), source })?;
        match options.clone().create_new(true).mode(0o600).open(path) {
            Ok(file) => {
                sync_folder(dir)
                    .map_err(|source| LogError::Sync { path: path.to_owned(), source })?;
                return Ok(file);
            }
            Err(exists) if exists.kind() == io::ErrorKind::AlreadyExists => {}
            Err(other) => return Err(error(other)),
        }
    }
    options.open(path).map_err(error)
}

/// Creates a folder and its parents, private, and makes their names durable.
pub(super) fn create_folder(dir: &Path) -> io::Result<()> {
    if dir.as_os_str().is_empty() || dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().unwrap_or(Path::new("."));
    create_folder(parent)?;
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(parent),
    }
}

pub(super) fn sync_folder(dir: &Path) -> io::Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    match File::open(dir)?.sync_all() {
        // Some file systems have no such call for folders, and need none.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// The clock that never jumps, in microseconds, and the boot that it belongs to,
/// as records have them.
#[must_use]
pub fn clock() -> (u64, String) {
    (mono_us(), boot_id())
}

/// Microseconds of a clock that never jumps and goes on during suspend, so that
/// it can be compared with the wall clock.
fn mono_us() -> u64 {
    #[cfg(target_os = "linux")]
    const CLOCK: nix::time::ClockId = nix::time::ClockId::CLOCK_BOOTTIME;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: nix::time::ClockId = nix::time::ClockId::CLOCK_MONOTONIC;
    let Ok(time) = nix::time::clock_gettime(CLOCK) else { return 0 };
    let seconds = u64::try_from(time.tv_sec()).unwrap_or(0);
    let micros = u64::try_from(time.tv_nsec()).unwrap_or(0) / 1000;
    seconds.saturating_mul(1_000_000).saturating_add(micros)
}

/// Which boot the clock belongs to; empty where the system does not tell. Only
/// characters that JSON takes as they are.
pub(super) fn boot_id() -> String {
    // One read into a buffer that is long enough: this is done for every command.
    let mut buffer = [0; 64];
    let read = File::open("/proc/sys/kernel/random/boot_id")
        .and_then(|mut file| io::Read::read(&mut file, &mut buffer));
    let id = buffer.get(..read.unwrap_or(0)).unwrap_or(&[]);
    let safe = |byte: &&u8| byte.is_ascii_hexdigit() || **byte == b'-';
    id.iter().filter(safe).map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests;
