//! Opening the store, and what can be wrong with it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::Store;
use super::schema::{TABLES, VERSION};
use crate::text::escape;

/// File name in the state folder.
pub(super) const FILE: &str = "guard.db";
/// How long another guard may hold the lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the store cannot be used. Nothing that needs somebody's answer runs then.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No state folder.
    #[error("no home directory is known for the requests; set HOME or XDG_STATE_HOME")]
    NoHome,
    /// Not readable or writable.
    #[error("{path} cannot be used: {source}")]
    File {
        /// The file, escaped.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Somebody else could have written it.
    #[error(
        "{path} belongs to somebody else or can be written by others; `chmod go-w` it, or move it away"
    )]
    Unsafe {
        /// The file, escaped.
        path: String,
    },
    /// Not a database.
    #[error(
        "{path} is damaged or no database. Move it away to start with an empty one: requests that wait are lost, nothing else"
    )]
    NotADatabase {
        /// The file, escaped.
        path: String,
    },
    /// Written by a later version.
    #[error(
        "{path} was written by a newer guard (version {found} of its tables, this one knows {VERSION}); update guard"
    )]
    Newer {
        /// The file, escaped.
        path: String,
        /// Its version.
        found: i64,
    },
    /// A row is not what it should be.
    #[error("the store of requests does not hold what was just written")]
    Damaged,
    /// Unknown id.
    #[error("there is no request {0}; `guard requests --all` lists them")]
    NotFound(String),
    /// Not unique.
    #[error("more than one request begins with {0}; type more of its id")]
    Ambiguous(String),
    /// Somebody floods it.
    #[error("the request has too many answers already")]
    TooMany,
    /// SQLite.
    #[error("the store of requests failed: {0}")]
    Sql(#[from] rusqlite::Error),
}

impl Store {
    /// Opens the store in a state folder, making both if needed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(state: &Path) -> Result<Self, StoreError> {
        let path = state.join(FILE);
        let fail = |source| StoreError::File { path: shown(&path), source };
        DirBuilder::new().recursive(true).mode(0o700).create(state).map_err(fail)?;
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
            .open(&path)
            .map_err(fail)?;
        Self::at(&path, state)
    }

    /// Opens the store if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_existing(state: &Path) -> Result<Option<Self>, StoreError> {
        let path = state.join(FILE);
        match fs::symlink_metadata(&path) {
            Ok(_) => Self::at(&path, state).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(StoreError::File { path: shown(&path), source }),
        }
    }

    fn at(path: &PathBuf, state: &Path) -> Result<Self, StoreError> {
        trusted(state, false)?;
        trusted(path, true)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let wrong = |error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                StoreError::NotADatabase { path: shown(path) }
            }
            _ => StoreError::Sql(error),
        };
        let mut db = Connection::open_with_flags(path, flags).map_err(wrong)?;
        set_up(&mut db, path).map_err(|error| match error {
            StoreError::Sql(error) => wrong(error),
            other => other,
        })?;
        Ok(Self { db })
    }
}

fn set_up(db: &mut Connection, path: &Path) -> Result<(), StoreError> {
    db.busy_timeout(PATIENCE)?;
    // A write is on disk when it is committed, the write-ahead log included.
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "trusted_schema", false)?;
    let version = |db: &Connection| db.pragma_query_value(None, "user_version", |row| row.get(0));
    let found: i64 = version(db)?;
    if found > VERSION {
        return Err(StoreError::Newer { path: shown(path), found });
    }
    if found < VERSION {
        // Two guards may both come here; the lock lets one make the tables.
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&tx)? < VERSION {
            tx.execute_batch(TABLES)?;
            tx.pragma_update(None, "user_version", VERSION)?;
        }
        tx.commit()?;
    }
    Ok(())
}

/// Nobody else may be able to write it.
fn trusted(path: &Path, file: bool) -> Result<(), StoreError> {
    let fail = |source| StoreError::File { path: shown(path), source };
    let meta = if file { fs::symlink_metadata(path) } else { fs::metadata(path) }.map_err(fail)?;
    let right = if file { meta.is_file() } else { meta.is_dir() };
    let ours = meta.uid() == nix::unistd::geteuid().as_raw() || meta.uid() == 0;
    if right && ours && meta.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(StoreError::Unsafe { path: shown(path) })
    }
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}
