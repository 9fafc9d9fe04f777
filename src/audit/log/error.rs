//! Why nothing could be recorded, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::audit::record::MAX_LINE;

/// Why nothing could be recorded. Always means that the command must not run.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The folder is missing and cannot be made.
    #[error(
        "The folder {} for the audit log could not be created: {source}. Create it so that \
         you can write there (`mkdir -p` and `chmod 700`), then run the command again.", show(.path)
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file cannot be opened for appending.
    #[error(
        "The audit log {} could not be opened for writing: {source}. Make it and its folder \
         writable for you, then run the command again.", show(.path)
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The path leads to something that guard must not write to.
    #[error(
        "The audit log {} is {what}, so guard does not write to it. Find out who put it there, \
         move it away, then run the command again.", show(.path)
    )]
    Suspicious {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A machine of the same name writes the same log.
    #[error(
        "The record of this host is written by another machine of the same name. Two that share \
         a folder would take each other's records for their own: give this one another host name \
         or its own XDG_STATE_HOME. If it has taken the place of the other, remove {}.", show(.mark)
    )]
    OtherMachine {
        /// The file that says which machine it is.
        mark: PathBuf,
    },
    /// The lock cannot be taken at all.
    #[error(
        "The audit log {} could not be locked: {source}. Its file system must support locks; \
         keep the state folder on a local disk.", show(.path)
    )]
    Lock {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The end of the file is unreadable.
    #[error(
        "The end of the audit log {} could not be read: {source}. Keep the file as evidence: \
         move it aside, and the next command starts a new one.", show(.path)
    )]
    Tail {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Writing failed, perhaps in the middle of a line.
    #[error("The audit log {} could not be written: {source}. {}", show(.path), advice(.source))]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// Written, but the disk did not confirm it.
    #[error(
        "The disk did not confirm a record in the audit log {}: {source}. Check the disk, then \
         run the command again.", show(.path)
    )]
    Sync {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The command is too long to be recorded whole.
    #[error(
        "The record would be {len} bytes long; {MAX_LINE} is the limit. Put the long part of \
         the command into a file."
    )]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// A payload cannot be expressed as JSON.
    #[error("A record could not be expressed as JSON: {0}. This is a defect of guard.")]
    Payload(#[from] serde_json::Error),
}

pub(super) fn show(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    crate::text::escape_bytes(path.as_os_str().as_bytes())
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "The disk is full: free some space, then run the command again."
        }
        io::ErrorKind::FileTooLarge => {
            "A limit on the size of files was reached (`ulimit -f`): raise it, then run the \
             command again."
        }
        _ => "Check the disk, then run the command again.",
    }
}
