//! Checking whole logs, also while they are being written.

use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use super::chain::{self, Report};
use super::parts::{Reader, Source};
use super::record::Header;
use super::retention::Base;

/// A log and what was found in it.
#[derive(Debug)]
pub struct Verified {
    /// The file that is written to.
    pub path: PathBuf,
    /// How many files it has.
    pub files: usize,
    /// What was found, with the lines counted from the first that there ever
    /// was.
    pub report: Report,
    /// Where it begins, when its first files were removed by policy.
    pub base: Option<Base>,
}

/// Checks one log with all its files. `progress` is called now and then with
/// the bytes done and the bytes in all.
///
/// # Errors
///
/// When a file cannot be read.
pub fn log(source: &Source, progress: &mut dyn FnMut(u64, u64)) -> io::Result<Verified> {
    let mut input = Counted { inner: source.reader(), told: 0, size: source.size(), progress };
    let (mut first, mut base) = (None::<Header>, None::<Base>);
    let mut report = chain::check(&mut input, &mut |line| {
        if first.is_none() && !line.is_cut() {
            first = Header::parse(line.bytes);
        }
        let fits = |base: &Base| first.is_some_and(|first| base.fits(first));
        if let Some(found) = Base::of(line).filter(fits) {
            base = Some(found);
        }
    })?;
    (input.progress)(input.size, input.size);
    if let Some(base) = &base {
        // Nothing but its beginning breaks the chain there.
        if report.breaks.first().is_some_and(|found| Some(found.seq) == first.map(|f| f.seq)) {
            report.breaks.remove(0);
            report.break_count -= 1;
        }
        let removed = base.frontier.size();
        report.breaks.iter_mut().for_each(|found| found.line += removed);
        report.torn.iter_mut().for_each(|line| *line += removed);
    }
    let (path, files) = (source.path().to_owned(), source.count());
    Ok(Verified { path, files, report, base })
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

/// Bytes between two calls of `progress`.
const STEP: u64 = 1 << 20;

struct Counted<'p, 's> {
    inner: Reader<'s>,
    /// Bytes since the last call.
    told: u64,
    size: u64,
    progress: &'p mut dyn FnMut(u64, u64),
}

impl BufRead for Counted<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.told += amount as u64;
        if self.told >= STEP {
            self.told = 0;
            (self.progress)(self.inner.done(), self.size);
        }
    }
}

impl Read for Counted<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::path::Path;

    use super::{Source, Verified, join};

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    fn file(path: &Path, progress: &mut dyn FnMut(u64, u64)) -> std::io::Result<Verified> {
        super::log(&Source::open(path)?, progress)
    }

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
