//! Checking whole files, also while they are being written.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::chain::{self, Report};

/// A log file and what was found in it.
#[derive(Debug)]
pub struct Verified {
    /// The file.
    pub path: PathBuf,
    /// What was found.
    pub report: Report,
}

/// Checks one file. `progress` is called now and then with the bytes done and
/// the bytes in all.
///
/// # Errors
///
/// When the file cannot be read.
pub fn file(path: &Path, progress: &mut dyn FnMut(u64, u64)) -> io::Result<Verified> {
    let file = File::open(path)?;
    let size = settled_size(&file)?;
    let counted = Counted { inner: file.take(size), done: 0, size, progress };
    let report = chain::check(&mut BufReader::with_capacity(1 << 18, counted))?;
    Ok(Verified { path: path.to_owned(), report })
}

/// The size at a moment when nobody is in the middle of writing a line. When
/// the lock is held, as by a stopped process, the size as it is: looking at a
/// log must not hang.
pub(super) fn settled_size(file: &File) -> io::Result<u64> {
    let locked = file.try_lock_shared().is_ok();
    let size = file.metadata().map(|meta| meta.len());
    if locked {
        let _ = file.unlock();
    }
    size
}

/// Takes back the breaks at the first line of files that go on where another
/// file of the folder ended.
pub fn join(files: &mut [Verified]) {
    let ends: Vec<_> = files.iter().map(|file| file.report.end).collect();
    for file in files {
        let report = &mut file.report;
        let (Some(first), Some(found)) = (report.first, report.breaks.first()) else { continue };
        let goes_on = first.seq > 0
            && found.seq == first.seq
            && ends.iter().any(|end| end.next_seq == first.seq && end.prev == first.prev);
        if goes_on {
            report.breaks.remove(0);
            report.break_count -= 1;
        }
    }
}

struct Counted<'p, R> {
    inner: R,
    done: u64,
    size: u64,
    progress: &'p mut dyn FnMut(u64, u64),
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.done += read as u64;
        (self.progress)(self.done, self.size);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::{file, join};

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    #[test]
    fn a_log_in_two_files_is_one_chain() {
        let dir = tempfile::tempdir().unwrap();
        let lines: Vec<&str> = VECTOR.split_inclusive('\n').collect();
        let (one, two) = (dir.path().join("h.jsonl"), dir.path().join("h.3.jsonl"));
        std::fs::write(&one, lines[..3].concat()).unwrap();
        std::fs::write(&two, lines[3..].concat()).unwrap();
        let mut seen = 0;
        let mut files: Vec<_> =
            [&two, &one].map(|path| file(path, &mut |done, _| seen = done).unwrap()).into();
        assert_eq!(files[0].report.break_count, 1, "alone it has no beginning");
        join(&mut files);
        assert!(files.iter().all(|f| f.report.break_count == 0 && f.report.breaks.is_empty()));
        assert_eq!(seen, lines[..3].concat().len() as u64);
    }

    #[test]
    fn a_locked_log_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("h.jsonl");
        std::fs::write(&path, VECTOR).unwrap();
        let holder = std::fs::File::open(&path).unwrap();
        holder.lock().unwrap();
        assert_eq!(file(&path, &mut |_, _| {}).unwrap().report.records, 5);
    }
}
