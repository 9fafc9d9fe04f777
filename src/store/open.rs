//! Opening the store, and what can be wrong with it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::Store;
use super::schema::{REQUESTS, Schema};
use crate::text::escape;

/// How long another guard may hold the lock of the requests.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long until what does not wait by itself is tried again.
const AGAIN: Duration = Duration::from_millis(5);

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
        "{path} was written by a newer guard (version {found} of its tables, this one knows {known}); update guard"
    )]
    Newer {
        /// The file, escaped.
        path: String,
        /// Its version.
        found: i64,
        /// The version that this guard writes.
        known: i64,
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
        make(state, &REQUESTS, PATIENCE).map(|db| Self { db })
    }

    /// Opens the store if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_existing(state: &Path) -> Result<Option<Self>, StoreError> {
        Ok(existing(state, &REQUESTS, PATIENCE)?.map(|db| Self { db }))
    }
}

/// Opens a database in a state folder, making both if needed.
pub(super) fn make(
    state: &Path,
    schema: &Schema,
    patience: Duration,
) -> Result<Connection, StoreError> {
    let path = state.join(schema.file);
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
    connect(&path, state, schema, patience)
}

/// Opens a database if there is one.
pub(super) fn existing(
    state: &Path,
    schema: &Schema,
    patience: Duration,
) -> Result<Option<Connection>, StoreError> {
    let path = state.join(schema.file);
    match fs::symlink_metadata(&path) {
        Ok(_) => connect(&path, state, schema, patience).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { path: shown(&path), source }),
    }
}

fn connect(
    path: &PathBuf,
    state: &Path,
    schema: &Schema,
    patience: Duration,
) -> Result<Connection, StoreError> {
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
    set_up(&mut db, path, schema, patience).map_err(|error| match error {
        StoreError::Sql(error) => wrong(error),
        other => other,
    })?;
    Ok(db)
}

fn set_up(
    db: &mut Connection,
    path: &Path,
    schema: &Schema,
    patience: Duration,
) -> Result<(), StoreError> {
    db.busy_timeout(patience)?;
    write_ahead(db, patience)?;
    db.pragma_update(None, "synchronous", schema.synchronous)?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.set_db_config(
        DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
        log_size(path) < schema.left_in_log,
    )?;
    let version = |db: &Connection| db.pragma_query_value(None, "user_version", |row| row.get(0));
    let found: i64 = version(db)?;
    if found > schema.version {
        return Err(StoreError::Newer { path: shown(path), found, known: schema.version });
    }
    if found < schema.version {
        // Two guards may both come here; the lock lets one make the tables.
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if version(&tx)? < schema.version {
            tx.execute_batch(schema.tables)?;
            tx.pragma_update(None, "user_version", schema.version)?;
        }
        tx.commit()?;
    }
    Ok(())
}

/// Bytes of the write-ahead log; 0 without one.
fn log_size(path: &Path) -> u64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).map_or(0, |meta| meta.len())
}

/// Turns the write-ahead log on. For the change to it SQLite waits for nobody:
/// of two guards that make the database at once one is told that it is busy
/// (<https://sqlite.org/wal.html#activating_and_configuring_wal_mode>).
fn write_ahead(db: &Connection, patience: Duration) -> Result<(), rusqlite::Error> {
    let start = Instant::now();
    loop {
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && start.elapsed() < patience =>
            {
                std::thread::sleep(AGAIN);
            }
            done => return done,
        }
    }
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
