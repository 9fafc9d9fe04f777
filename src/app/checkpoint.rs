//! Signing the log and sending the signature away.
//!
//! On the common path this costs one look at the time of a file. A checkpoint
//! that is due is made by a process in the background; only at the end of a
//! command that a second human had to allow is it made, and sent, at once.

mod delivery;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use super::host;
use crate::audit::checkpoint::{Checkpoint, MAX_ORIGIN, Signed, is_origin};
use crate::audit::parts::Source;
use crate::audit::progress::{self, AdvanceError, Progress};
use crate::audit::{Durability, Kind, Log, LogError, lookup};
use crate::config::paths::Paths;
use crate::config::{self, ConfigError};
use crate::decide::Policy;
use crate::decide::checkpoints::Checkpoints;
use crate::keys::file::Unlocked;
use crate::keys::{FileError, KeyFile, SignError, Signer as _, file, sign};
use crate::notify::ship::Arrived;
use crate::ssh::CHECKPOINT;
use crate::text::{escape, tell};

pub use delivery::{Delivery, Failure, Place};

/// Name of the host's key in the state folder.
const KEY_FILE: &str = "checkpoint.key";
/// Name of its public half in the folder of the checkpoints.
pub const PUBLIC_KEY: &str = "key.pub";
/// Held while a checkpoint is made; its time is that of the last try.
const LOCK: &str = "lock";
/// How long another process may hold it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the end of a command may wait for places.
const AT_END: Duration = Duration::from_secs(5);
/// How long `guard log checkpoint` waits for them.
const IN_PEACE: Duration = Duration::from_secs(30);

/// The log of this host and what policy says about signing it.
#[derive(Debug, Clone)]
pub struct Signing {
    dir: PathBuf,
    state: PathBuf,
    host: String,
    terms: Checkpoints,
}

/// What came of making a checkpoint.
#[derive(Debug)]
pub enum Made {
    /// A new one.
    New(Signed),
    /// There is nothing new since this one.
    Same(Signed),
    /// The log is empty.
    Nothing,
}

/// Why there is no checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// Files.
    #[error("{path}: {source}")]
    File {
        /// Which, escaped.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The log is not what was signed.
    #[error(
        "{log} is not signed: {why}. `guard log verify` tells more. To begin anew, move {folder} \
         away; it proves what was there"
    )]
    Log {
        /// The log, escaped.
        log: String,
        /// The folder of the checkpoints, escaped.
        folder: String,
        /// Why.
        why: AdvanceError,
    },
    /// The key.
    #[error("the host's key: {0}")]
    Key(#[from] FileError),
    /// The key has a passphrase.
    #[error("the host's key {0} has a passphrase, and nobody is there to type it")]
    Locked(String),
    /// Signing.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The record.
    #[error(transparent)]
    Record(#[from] LogError),
    /// Another process.
    #[error("another guard is making a checkpoint")]
    Busy,
}

/// The origin of a host's log: the host for root, host and account for
/// everybody else, whose log is another one.
#[must_use]
pub fn origin(host: &str) -> String {
    let user = (!nix::unistd::geteuid().is_root()).then(host::user).flatten();
    let account = user.map(|user| format!("/{user}")).unwrap_or_default();
    let plain = |c: char| if c.is_ascii_graphic() && c != '+' { c } else { '_' };
    let host: String =
        host.chars().take(200).map(|c| if c == '/' { '_' } else { plain(c) }).collect();
    let account: String = account.chars().take(MAX_ORIGIN / 4).map(plain).collect();
    format!("{host}/guard/audit{account}")
}

fn wrong(path: &Path, source: io::Error) -> SigningError {
    SigningError::File { path: escape(&path.to_string_lossy()), source }
}

impl Signing {
    /// What policy says; `None` without a folder for state.
    #[must_use]
    pub fn of(paths: &Paths, policy: &Policy) -> Option<Self> {
        let (dir, state) = (paths.log_dir()?, paths.state.clone()?);
        Some(Self { dir, state, host: host::name(), terms: policy.checkpoints.clone() })
    }

    /// Reads policy.
    ///
    /// # Errors
    /// A broken policy file.
    pub fn open() -> Result<Option<Self>, ConfigError> {
        let paths = Paths::find();
        let policy = config::policy::load(&paths, None, &super::clock::now_utc())?;
        Ok(Self::of(&paths, &policy))
    }

    fn log(&self) -> PathBuf {
        self.dir.join(lookup::file_name(&self.host))
    }

    fn folder(&self) -> PathBuf {
        progress::folder(&self.log())
    }

    /// Whether a record with this number lets a checkpoint become due.
    #[must_use]
    pub fn counts(&self, seq: u64) -> bool {
        seq > 0 && seq.is_multiple_of(self.terms.every())
    }

    /// Starts a process that makes and sends a checkpoint if one is due:
    /// because enough records were `counted`, or enough time has passed.
    pub(super) fn if_due(&self, counted: bool) {
        let lock = self.folder().join(LOCK);
        let since = lock.metadata().and_then(|meta| meta.modified());
        // Before the first one, time runs from the first record.
        let since = since.or_else(|_| self.log().metadata()?.created());
        let limit = Duration::from_secs(self.terms.within().0.into());
        let waited = |since: SystemTime| SystemTime::now().duration_since(since).ok();
        let late = since.ok().and_then(waited).is_some_and(|waited| waited >= limit);
        if (counted || late) && self.touch().is_ok() {
            in_background();
        }
    }

    /// Notes the time of this try, so that nobody else tries at once.
    fn touch(&self) -> Result<File, SigningError> {
        let folder = self.folder();
        progress::make_folder(&folder).map_err(|error| wrong(&folder, error))?;
        let path = folder.join(LOCK);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let file = options.open(&path).map_err(|error| wrong(&path, error))?;
        file.set_modified(SystemTime::now()).map_err(|error| wrong(&path, error))?;
        Ok(file)
    }

    /// Makes a checkpoint of the log as it is now.
    ///
    /// # Errors
    /// [`SigningError`]; it is also noted for `guard status`.
    pub fn make(&self) -> Result<Made, SigningError> {
        let lock = self.touch()?;
        hold(&lock, &self.folder().join(LOCK))?;
        let made = self.make_locked();
        let why = made.as_ref().err().map(ToString::to_string);
        let _ = Delivery::note_error(&self.folder(), why);
        made
    }

    fn make_locked(&self) -> Result<Made, SigningError> {
        let (path, folder) = (self.log(), self.folder());
        let log = match Source::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Made::Nothing),
            other => other.map_err(|error| wrong(&path, error))?,
        };
        let key = self.key()?;
        let latest_path = progress::latest_path(&folder);
        let latest = progress::latest(&folder).map_err(|error| wrong(&latest_path, error))?;
        let begun = latest.as_ref().map(|signed| &signed.checkpoint);
        // What another key signed has to be read again.
        let own = latest.as_ref().is_none_or(|signed| signed.verify(key.public()).is_ok());
        let state = if own { folder.as_path() } else { Path::new("/nonexistent") };
        let now = Progress::advance(&log, state, begun).map_err(|why| {
            let show = |path: &Path| escape(&path.to_string_lossy());
            SigningError::Log { log: show(&path), folder: show(&folder), why }
        })?;
        let lines = now.frontier.size();
        if let Some(latest) = latest.filter(|_| own) {
            let ahead = lines.saturating_sub(latest.checkpoint.size);
            let record = || now.ends_with_checkpoint(&log).unwrap_or(false);
            if ahead == 0 || (ahead == 1 && record()) {
                return Ok(Made::Same(latest));
            }
        }
        if lines == 0 {
            return Ok(Made::Nothing);
        }
        // Others may not have synced what they wrote. Were it lost with the power
        // after it was signed, the log would be shorter than the checkpoint for ever.
        log.sync().map_err(|error| wrong(&path, error))?;
        let signed = self.sign(&key, &now)?;
        progress::keep(&folder, &signed, &now).map_err(|error| wrong(&folder, error))?;
        self.write_public(&key).map_err(|error| wrong(&folder, error))?;
        self.record(&signed)?;
        Ok(Made::New(signed))
    }

    fn sign(&self, key: &Unlocked, now: &Progress) -> Result<Signed, SigningError> {
        let (size, root) = (now.frontier.size(), now.frontier.root());
        let origin = Some(origin(&self.host)).filter(|origin| is_origin(origin));
        let origin = origin.unwrap_or_else(|| "localhost/guard/audit".to_owned());
        let checkpoint = Checkpoint { origin, size, root };
        let token = sign(key, CHECKPOINT, checkpoint.to_string().into_bytes())?;
        Ok(Signed { checkpoint, signature: token.signature })
    }

    /// Beside the checkpoints, so that a copy of all of it can be verified.
    fn write_public(&self, key: &Unlocked) -> io::Result<()> {
        let path = self.folder().join(PUBLIC_KEY);
        let line = format!("{}\n", key.public().line());
        let there = progress::read_small(&path, 4096).ok().flatten();
        if there.as_ref() == Some(&line) { Ok(()) } else { progress::replace(&path, &line) }
    }

    fn record(&self, signed: &Signed) -> Result<(), SigningError> {
        let missed = Delivery::load(&self.folder()).missed();
        let log = Log::open(&self.dir, &self.host)?;
        let mut log = log.on_wait(|waiting| tell(&format!("guard: {waiting}\n")));
        log.append(Kind::Checkpoint, &signed.event(missed), Durability::Synced)?;
        Ok(())
    }

    /// The host's key: that of policy, or one that is made once.
    fn key(&self) -> Result<Unlocked, SigningError> {
        let path = match &self.terms.key {
            Some(path) => path.clone(),
            None => {
                let path = self.state.join(KEY_FILE);
                if !path.exists() {
                    let comment = format!("guard checkpoints of {}", self.host);
                    file::create(&path, &comment).map_err(|error| wrong(&path, error))?;
                }
                path
            }
        };
        let key = KeyFile::open(&path)?;
        if key.is_locked() {
            return Err(SigningError::Locked(escape(&path.to_string_lossy())));
        }
        Ok(key.unlock(b"")?)
    }

    /// Whether policy names places.
    #[must_use]
    pub const fn has_places(&self) -> bool {
        !self.terms.send.is_empty()
    }

    /// Sends a checkpoint to all places, and notes how they took it.
    pub fn send(&self, signed: &Signed) -> Vec<Arrived> {
        delivery::send(&self.terms.send, signed, &self.folder(), IN_PEACE)
    }

    /// Lets whoever will look for a command find it fast: the process that signs
    /// is the one that nobody waits for.
    pub fn index(&self) {
        crate::audit::index::extend(&self.log());
    }

    /// Makes and sends one at the end of a command. Whatever fails is told and
    /// changes nothing about the command.
    pub(super) fn at_end(&self) {
        match self.make() {
            Ok(Made::New(signed)) => {
                for (to, result) in
                    delivery::send(&self.terms.send, &signed, &self.folder(), AT_END)
                {
                    if let Err(why) = result {
                        let text = escape(&format!("{to}: {why}"));
                        tell(&format!("guard: a checkpoint of the record was not sent: {text}\n"));
                    }
                }
            }
            Ok(Made::Same(_) | Made::Nothing) | Err(SigningError::Busy) => {}
            Err(error) => tell(&format!("guard: the record was not signed: {error}\n")),
        }
    }

    /// Makes one before something happens that nobody else agreed to.
    pub(super) fn before(&self) {
        match self.make() {
            Ok(_) | Err(SigningError::Busy) => {}
            Err(error) => tell(&format!("guard: the record was not signed: {error}\n")),
        }
    }

    /// The newest checkpoint, if there is one that can be read, and how sending
    /// went.
    #[must_use]
    pub fn health(&self) -> (Option<Signed>, Delivery) {
        let folder = self.folder();
        let delivery = Delivery::load(&folder).only(&self.terms.send);
        (progress::latest(&folder).ok().flatten(), delivery)
    }
}

/// Waits a little for the lock.
fn hold(lock: &File, path: &Path) -> Result<(), SigningError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(std::fs::TryLockError::WouldBlock) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(std::fs::TryLockError::WouldBlock) => return Err(SigningError::Busy),
            Err(std::fs::TryLockError::Error(error)) => return Err(wrong(path, error)),
        }
    }
}

/// `guard log checkpoint` by itself: the command whose record made it due has
/// ended and must not wait for it. If it cannot be started, the next one tries.
fn in_background() {
    let Ok(exe) = std::env::current_exe() else { return };
    let mut command = Command::new(exe);
    command.arg0("guard").args(["log", "checkpoint", "--quiet"]).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Out of reach of the signals that end the command's group. It outlives
    // this process, which is about to end: nobody has to wait for it.
    #[allow(clippy::zombie_processes)]
    let started = command.process_group(0).spawn();
    drop(started);
}
