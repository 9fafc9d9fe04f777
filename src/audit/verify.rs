//! Checking whole logs, also while they are being written.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::path::PathBuf;

use super::chain::{self, Report};
use super::parts::{Part, Reader, Source};
use super::reader::Line;
use super::record::{self, Header};
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
    /// Closed files whose names say something else than their content.
    pub misnamed: Vec<Misnamed>,
}

/// A closed file whose name is not that of its content, which is what policy
/// and `guard log show --day` go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misnamed {
    /// The file.
    pub path: PathBuf,
    /// What is different.
    pub what: Wrong,
}

/// What a name says wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The number of its first record, which is this one.
    First(u64),
    /// The day of its last record, which is this one.
    Day(String),
}

/// Compares names with content, file by file.
struct Names<'s> {
    parts: &'s [Part],
    /// The file that is being read, and whether its first record was seen.
    file: usize,
    begun: bool,
    last: Vec<u8>,
    found: Vec<Misnamed>,
}

impl Names<'_> {
    fn line(&mut self, file: usize, line: &Line<'_>) {
        if file != self.file {
            self.end();
            (self.file, self.begun) = (file, false);
        }
        let Some(part) = self.parts.get(file).filter(|_| !line.is_cut()) else { return };
        if !self.begun
            && let Some(header) = Header::parse(line.bytes)
        {
            self.begun = true;
            if header.seq != part.first {
                let (path, what) = (part.path.clone(), Wrong::First(header.seq));
                self.found.push(Misnamed { path, what });
            }
        }
        self.last.clear();
        self.last.extend_from_slice(line.bytes);
    }

    /// The file is read to its end. A torn last line says nothing about the day.
    fn end(&mut self) {
        let time = record::time(&self.last);
        self.last.clear();
        let Some((part, time)) = self.parts.get(self.file).zip(time) else { return };
        let day: String = time.to_string().chars().take(10).collect();
        if day != part.day {
            self.found.push(Misnamed { path: part.path.clone(), what: Wrong::Day(day) });
        }
    }
}

/// Checks one log with all its files. `progress` is called now and then with
/// the bytes done and the bytes in all.
///
/// # Errors
///
/// When a file cannot be read.
pub fn log(source: &Source, progress: &mut dyn FnMut(u64, u64)) -> io::Result<Verified> {
    let file = Cell::new(0);
    let mut input =
        Counted { inner: source.reader(), file: &file, told: 0, size: source.size(), progress };
    let mut names =
        Names { parts: source.parts(), file: 0, begun: false, last: Vec::new(), found: Vec::new() };
    let (mut first, mut base) = (None::<Header>, None::<Base>);
    let mut report = chain::check(&mut input, &mut |line| {
        names.line(file.get(), line);
        if first.is_none() && !line.is_cut() {
            first = Header::parse(line.bytes);
        }
        let fits = |base: &Base| first.is_some_and(|first| base.fits(first));
        if let Some(found) = Base::of(line).filter(fits) {
            base = Some(found);
        }
    })?;
    names.end();
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
    Ok(Verified { path, files, report, base, misnamed: names.found })
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
    /// The file that the last line came from.
    file: &'p Cell<usize>,
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
        self.file.set(self.inner.file());
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
