//! A folder: one new file for each checkpoint, never written over.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::{Parcel, conflict, place};

/// Puts the file below `root`, which must exist: a folder that is made because
/// nothing is mounted there would be on the wrong machine.
pub(super) fn put(root: &Path, parcel: &Parcel) -> Result<(), String> {
    let path = root.join(place(parcel));
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    match fs::create_dir(root.join(&parcel.folder)) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => other.map_err(failed)?,
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&path);
    let mut file = match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return compare(&path, parcel);
        }
        other => other.map_err(failed)?,
    };
    let written = file.write_all(parcel.text.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a checkpoint would stand in the way of the next try.
        let _ = fs::remove_file(&path);
        failed(error)
    })
}

fn compare(path: &Path, parcel: &Parcel) -> Result<(), String> {
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
        .map_err(failed)?;
    let mut there = Vec::new();
    file.take(parcel.text.len() as u64 + 1).read_to_end(&mut there).map_err(failed)?;
    if there == parcel.text.as_bytes() { Ok(()) } else { Err(conflict(path)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::put;
    use crate::notify::ship::sample;

    #[test]
    fn a_checkpoint_is_put_once_and_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), &sample()).unwrap();
        put(dir.path(), &sample()).unwrap();
        let path = dir.path().join("h_guard_audit/5.checkpoint");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), sample().text);
        let other = crate::notify::ship::Parcel { text: "other".into(), ..sample() };
        assert!(put(dir.path(), &other).unwrap_err().contains("written anew"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), sample().text);
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_made() {
        let dir = tempfile::tempdir().unwrap();
        assert!(put(&dir.path().join("unmounted"), &sample()).is_err());
        assert!(!dir.path().join("unmounted").exists());
    }
}
