//! Reading lines of a log, forwards and backwards, in bounded memory.
//!
//! The file may hold anything: lines of any length, no line feed at all, bytes
//! that are not UTF-8. Lines longer than [`MAX_LINE`] are never kept in memory;
//! only their hash and length are known.

use std::fs::File;
use std::io::{self, BufRead};
use std::os::unix::fs::FileExt as _;

use sha2::{Digest as _, Sha256};

use super::record::{Hash, MAX_LINE, hash};

/// A line as found, without its line feed.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// Its bytes; only the first [`MAX_LINE`] when it is longer.
    pub bytes: &'a [u8],
    /// Its length in bytes.
    pub len: u64,
    /// Whether a line feed ended it; only the last line of a file can lack it.
    pub ended: bool,
    long_hash: Option<Hash>,
}

impl Line<'_> {
    /// SHA-256 of the whole line.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.long_hash.unwrap_or_else(|| hash(self.bytes))
    }

    /// Whether the line is longer than what is kept of it.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.long_hash.is_some()
    }
}

/// Reads lines from the beginning.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Reads from `input`.
    pub const fn new(input: R) -> Self {
        Self { input, line: Vec::new() }
    }

    /// The next line, `None` at the end.
    ///
    /// # Errors
    ///
    /// Those of the input.
    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let mut long: Option<Sha256> = None;
        let mut len = 0_u64;
        let ended = loop {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break false;
            }
            let (piece, ended) = until_lf(buffer);
            let used = piece.len() + usize::from(ended);
            len += piece.len() as u64;
            if long.is_none() && self.line.len() + piece.len() > MAX_LINE {
                long = Some(Sha256::new_with_prefix(&self.line));
            }
            match &mut long {
                Some(digest) => digest.update(piece),
                None => self.line.extend_from_slice(piece),
            }
            self.input.consume(used);
            if ended {
                break true;
            }
        };
        if len == 0 && !ended {
            return Ok(None);
        }
        let long_hash = long.map(|digest| digest.finalize().into());
        Ok(Some(Line { bytes: &self.line, len, ended, long_hash }))
    }
}

/// The part before the first line feed, and whether there is one.
pub(super) fn until_lf(buffer: &[u8]) -> (&[u8], bool) {
    match memchr::memchr(b'\n', buffer) {
        Some(at) => (buffer.get(..at).unwrap_or(buffer), true),
        None => (buffer, false),
    }
}

/// Reads lines from the end, in steps that grow with the length of a line, so
/// that the last lines of a file of any size cost only their own length.
#[derive(Debug)]
pub struct RevLines<'f> {
    file: &'f File,
    /// Where the next line to yield ends (exclusive); `None`: all read.
    end: Option<u64>,
    /// Bytes `start..start + buffer.len()` of the file.
    buffer: Vec<u8>,
    start: u64,
    ended: bool,
}

/// First step of [`RevLines`], bytes; each further one is four times longer.
const WINDOW: u64 = 4096;

/// A line found from the end.
#[derive(Debug)]
pub struct RevLine<'a> {
    /// Its bytes; `None` when it is longer than [`MAX_LINE`].
    pub bytes: Option<&'a [u8]>,
    /// Where it starts in the file.
    pub start: u64,
    /// Where it ends, without its line feed.
    pub end: u64,
    /// Whether a line feed ended it.
    pub ended: bool,
}

impl<'f> RevLines<'f> {
    /// Reads the first `size` bytes of `file` backwards.
    ///
    /// # Errors
    ///
    /// Those of reading the file.
    pub fn new(file: &'f File, size: u64) -> io::Result<Self> {
        let mut lines = Self { file, end: None, buffer: Vec::new(), start: size, ended: false };
        if size == 0 {
            return Ok(lines);
        }
        lines.extend(WINDOW, true)?;
        lines.ended = lines.buffer.last() == Some(&b'\n');
        lines.end = Some(if lines.ended { size - 1 } else { size });
        Ok(lines)
    }

    /// Reads up to `window` bytes in front of the buffer. Without `keep`, the
    /// old content is dropped.
    fn extend(&mut self, window: u64, keep: bool) -> io::Result<()> {
        let start = self.start.saturating_sub(window);
        let mut fresh = vec![0; usize::try_from(self.start - start).unwrap_or(0)];
        self.file.read_exact_at(&mut fresh, start)?;
        if keep {
            fresh.append(&mut self.buffer);
        }
        self.buffer = fresh;
        self.start = start;
        Ok(())
    }

    /// The next line towards the beginning, `None` when there is none.
    ///
    /// # Errors
    ///
    /// Those of reading the file.
    pub fn next_line(&mut self) -> io::Result<Option<RevLine<'_>>> {
        let Some(end) = self.end else { return Ok(None) };
        let ended = std::mem::replace(&mut self.ended, true);
        let mut window = WINDOW;
        let mut long = false;
        // Only bytes before this one still have to be searched.
        let mut unsearched = end;
        let start = loop {
            let upto = usize::try_from(unsearched.saturating_sub(self.start)).unwrap_or(0);
            let area = self.buffer.get(..upto).unwrap_or(&[]);
            if let Some(at) = memchr::memrchr(b'\n', area) {
                break self.start + at as u64 + 1;
            }
            if self.start == 0 {
                break 0;
            }
            unsearched = self.start;
            long |= end - self.start > MAX_LINE as u64;
            self.extend(window, !long)?;
            window = window.saturating_mul(4).min(1 << 22);
        };
        self.end = start.checked_sub(1);
        long |= end - start > MAX_LINE as u64;
        let bytes = if long {
            None
        } else {
            let from = usize::try_from(start - self.start).unwrap_or(usize::MAX);
            let upto = usize::try_from(end - self.start).unwrap_or(usize::MAX);
            // Nothing after this line is needed again.
            self.buffer.truncate(upto);
            self.buffer.get(from..)
        };
        Ok(Some(RevLine { bytes, start, end, ended }))
    }
}

/// SHA-256 of a part of a file, in steps.
///
/// # Errors
///
/// Those of reading the file; it may have become shorter.
pub fn hash_range(file: &File, mut start: u64, end: u64) -> io::Result<Hash> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    while start < end {
        let wanted = usize::try_from(end - start).unwrap_or(usize::MAX).min(buffer.len());
        let part = buffer.get_mut(..wanted).unwrap_or(&mut []);
        file.read_exact_at(part, start)?;
        digest.update(&*part);
        start += wanted as u64;
    }
    Ok(digest.finalize().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{BufReader, Write as _};

    use proptest::prelude::*;

    use super::{Lines, MAX_LINE, RevLines, hash, hash_range};

    fn forward(content: &[u8], capacity: usize) -> Vec<(Vec<u8>, bool)> {
        let mut lines = Lines::new(BufReader::with_capacity(capacity, content));
        let mut out = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            out.push((line.bytes.to_vec(), line.ended));
        }
        out
    }

    fn backward(content: &[u8]) -> Vec<(Vec<u8>, bool)> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let mut lines = RevLines::new(&file, content.len() as u64).unwrap();
        let mut out = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            let bytes = line.bytes.unwrap().to_vec();
            assert_eq!(bytes, content[usize::try_from(line.start).unwrap()..][..bytes.len()]);
            out.push((bytes, line.ended));
        }
        out.reverse();
        out
    }

    #[test]
    fn lines_longer_than_the_cap_are_hashed_but_not_kept() {
        let mut content = b"first\n".to_vec();
        let long = vec![b'x'; MAX_LINE + 3_000_000];
        content.extend_from_slice(&long);
        content.extend_from_slice(b"\nlast");
        let mut lines = Lines::new(&content[..]);
        assert_eq!(lines.next_line().unwrap().unwrap().bytes, b"first");
        let line = lines.next_line().unwrap().unwrap();
        assert!(line.is_cut() && line.bytes.len() <= MAX_LINE);
        assert_eq!((line.len, line.hash()), (long.len() as u64, hash(&long)));
        assert_eq!(lines.next_line().unwrap().unwrap().bytes, b"last");
        assert!(lines.next_line().unwrap().is_none());

        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let mut lines = RevLines::new(&file, content.len() as u64).unwrap();
        assert_eq!(lines.next_line().unwrap().unwrap().bytes, Some(&b"last"[..]));
        let line = lines.next_line().unwrap().unwrap();
        assert!(line.bytes.is_none() && line.ended);
        assert_eq!(hash_range(&file, line.start, line.end).unwrap(), hash(&long));
        assert_eq!(lines.next_line().unwrap().unwrap().bytes, Some(&b"first"[..]));
        assert!(lines.next_line().unwrap().is_none());
    }

    fn logs() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..40),
            Just(b"\n".to_vec()),
            (0_usize..20_000).prop_map(|n| vec![b'a'; n]),
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn forwards_and_backwards_agree_with_splitting(content in logs(), capacity in 1_usize..9000) {
            let mut expected: Vec<(Vec<u8>, bool)> =
                content.split(|b| *b == b'\n').map(|line| (line.to_vec(), true)).collect();
            let (last, _) = expected.pop().unwrap();
            if !last.is_empty() {
                expected.push((last, false));
            }
            prop_assert_eq!(&forward(&content, capacity), &expected);
            prop_assert_eq!(&backward(&content), &expected);
        }
    }
}
