//! One file a day: closing that of an earlier one.

use std::fs::{File, Metadata};
use std::io::{self, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::{Log, LogError, sync_folder};
use crate::audit::chain::Chain;
use crate::audit::parts;
use crate::audit::reader::{Lines, RevLines};
use crate::audit::record::{self, Header};
use crate::audit::tail;
use crate::text::stamp::Stamp;

/// Lines at the beginning and at the end of a file of which one has to be a
/// record, so that its number and its day can be told.
const LOOK: usize = 16;
const DAY: i64 = 86_400;

/// Whether the file was written to, and last on a day (UTC) before today. With a
/// clock that was set back it was not.
pub(super) fn is_over(meta: &Metadata) -> bool {
    let today = Stamp::now().0.div_euclid(1000 * DAY);
    meta.len() > 0 && meta.mtime().div_euclid(DAY) < today
}

impl Log {
    /// Gives the file, which is locked, the name of a closed one; whether it has
    /// it. When it can't be closed today goes into it too: a record is worth
    /// more than the name of its file.
    pub(super) fn close_day(&self, meta: &Metadata) -> bool {
        self.try_to_close(meta).unwrap_or(false)
    }

    /// Closes the file without a new record when its day is over; whether it did.
    ///
    /// # Errors
    /// The file can't be locked or is none of this account.
    pub fn close_if_over(&mut self) -> Result<bool, LogError> {
        self.lock()?;
        let result = self.checked().map(|meta| is_over(&meta) && self.close_day(&meta));
        let _ = self.file.unlock();
        self.last = None;
        result
    }

    fn try_to_close(&self, meta: &Metadata) -> io::Result<bool> {
        let mut lines = Lines::new(BufReader::new(parts::content(&self.file, meta.len())));
        let mut first = None;
        for _ in 0..LOOK {
            let Some(line) = lines.next_line()? else { break };
            first = Header::parse(line.bytes).filter(|_| !line.is_cut());
            if first.is_some() {
                break;
            }
        }
        let Some(first) = first else { return Ok(false) };
        // By what stands in it, so that name and content can be compared: the
        // time of writing can be set by anybody.
        let written = || Stamp(meta.mtime().saturating_mul(1000)).to_string();
        let day = last_time(&self.file, meta.len())?.unwrap_or_else(written);
        let day = day.get(..10).ok_or(io::ErrorKind::InvalidData)?;
        let closed = parts::closed_name(&self.path, first.seq, day);
        if closed.symlink_metadata().is_ok() || packed(&closed).symlink_metadata().is_ok() {
            return Ok(false);
        }
        // Files of a log are whole lines, so that they can be put behind one
        // another. What is not on the disk yet no later sync takes along.
        if tail::read(&self.file, meta.len())?.torn {
            (&self.file).write_all(b"\n")?;
        }
        self.file.sync_data()?;
        std::fs::rename(&self.path, &closed)?;
        // From here on the file of this name is missing, and the next one makes
        // it; a folder that is not synced could have both names after a crash, of
        // one file, and so one of them.
        let _ = self.path.parent().map(sync_folder);
        Ok(true)
    }

    /// Where the chain stands in front of an empty file: at the end of the one
    /// that was closed last.
    pub(super) fn chain_before(&self) -> Result<Chain, LogError> {
        let wrong = |source| LogError::Tail { path: self.path.clone(), source };
        let Some(last) = parts::closed(&self.path).map_err(wrong)?.pop() else {
            return Ok(Chain::default());
        };
        if !last.packed {
            let file = File::open(&last.path).map_err(wrong)?;
            let size = file.metadata().map_err(wrong)?.len();
            return tail::read(&file, size).map(|tail| tail.chain).map_err(wrong);
        }
        let mut chain = Chain::default();
        let mut lines = Lines::new(last.read().map_err(wrong)?);
        while let Some(line) = lines.next_line().map_err(wrong)? {
            let _ = chain.add(&line);
        }
        Ok(chain)
    }
}

/// The time of the last record, if it is among the last lines.
fn last_time(file: &File, size: u64) -> io::Result<Option<String>> {
    let mut lines = RevLines::new(file, size)?;
    for _ in 0..LOOK {
        let Some(line) = lines.next_line()? else { break };
        if let Some(time) = line.bytes.and_then(record::time) {
            return Ok(Some(time.to_string()));
        }
    }
    Ok(None)
}

fn packed(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(parts::PACKED);
    path.into()
}
