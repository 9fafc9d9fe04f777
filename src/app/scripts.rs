//! Reads the scripts that a command names, for the pure core.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};

use crate::command::files::MAX_SCRIPT;
use crate::command::{Files, OnDisk};

/// The disk of this machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> OnDisk {
        // A pipe or a device must not block, and is never read.
        let opened = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
        match opened {
            Ok(file) => read(file),
            Err(error) => match error.kind() {
                std::io::ErrorKind::PermissionDenied => OnDisk::Unreadable("it cannot be read"),
                // What is not there does not run either.
                _ => OnDisk::Other,
            },
        }
    }
}

fn read(mut file: File) -> OnDisk {
    let Ok(before) = file.metadata() else { return OnDisk::Other };
    if !before.is_file() {
        return OnDisk::Other;
    }
    let mut bytes = Vec::new();
    let limit = MAX_SCRIPT as u64 + 1;
    if (&mut file).take(limit).read_to_end(&mut bytes).is_err() {
        return OnDisk::Unreadable("it cannot be read");
    }
    let machine_code = bytes.starts_with(b"\x7fELF") || bytes.contains(&0);
    if machine_code {
        return OnDisk::Other;
    }
    if bytes.len() > MAX_SCRIPT {
        return OnDisk::Unreadable("it is longer than 64 KiB");
    }
    let same = |after: Metadata| stamp(&after) == stamp(&before);
    if !file.metadata().is_ok_and(same) {
        return OnDisk::Unreadable("it changes while it is read");
    }
    match String::from_utf8(bytes) {
        Ok(text) => OnDisk::Text(text),
        Err(_) => OnDisk::Unreadable("it is not UTF-8 text"),
    }
}

/// What changes when a file is written.
fn stamp(meta: &Metadata) -> (u64, i64, i64, i64, i64) {
    (meta.size(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec())
}
