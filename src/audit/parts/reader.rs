//! The files of a log as one stream.

use std::io::{self, BufRead, Read};

use super::Source;

/// A place in a log that stays right when files are closed or compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The number of the first record of the file.
    pub first: Option<u64>,
    /// Bytes of its content before the place.
    pub offset: u64,
}

/// Reads the files of a log behind one another.
pub struct Reader<'s> {
    source: &'s Source,
    index: usize,
    offset: u64,
    current: Option<Box<dyn BufRead + 's>>,
    /// Bytes on the disk of the files that were read to their end.
    done: u64,
}

impl<'s> Reader<'s> {
    pub(super) const fn at(source: &'s Source, index: usize, offset: u64) -> Self {
        Self { source, index, offset, current: None, done: 0 }
    }

    /// Where it stands. Behind the last byte of a file that is the end of that
    /// file, not yet the beginning of the next.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { first: self.source.first_of(self.index), offset: self.offset }
    }

    /// The number of the file from which the last bytes came.
    #[must_use]
    pub const fn file(&self) -> usize {
        self.index
    }

    /// About how many bytes on the disk were read.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done + self.offset.min(self.source.size_of(self.index))
    }
}

impl BufRead for Reader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            let current = match &mut self.current {
                Some(current) => current,
                None if self.index >= self.source.count() => return Ok(&[]),
                none => none.insert(self.source.open_part(self.index, self.offset)?),
            };
            let at_end = current.fill_buf()?.is_empty();
            if !at_end || self.index + 1 >= self.source.count() {
                break;
            }
            self.current = None;
            self.done += self.source.size_of(self.index);
            self.index += 1;
            self.offset = 0;
        }
        self.current.as_mut().map_or(Ok(&[]), |current| current.fill_buf())
    }

    fn consume(&mut self, amount: usize) {
        if let Some(current) = &mut self.current {
            current.consume(amount);
            self.offset += amount as u64;
        }
    }
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let count = ready.len().min(buffer.len());
        let (to, from) = (buffer.get_mut(..count), ready.get(..count));
        if let (Some(to), Some(from)) = (to, from) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}
