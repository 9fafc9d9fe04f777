//! Lines of a grammar table: found, not parsed.
//!
//! A table is text: one line per command path (`git reset`), sorted by bytes,
//! key and fields parted by tabs. A line is found by binary search and read in
//! place, so that starting up costs nothing and a command costs the few lines
//! it names, and of the table inside the program the pieces that these are in.

use std::cmp::Ordering;

use memchr::{memchr, memchr2, memrchr};

use crate::text::pieces::Pieces;

/// Where the lines are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table<'a> {
    /// In one text.
    Whole(&'a str),
    /// Inside the program.
    Pieces(&'static Pieces),
}

impl<'a> Table<'a> {
    /// The text that holds this byte, and where in the table it starts.
    fn at(self, byte: usize) -> Option<(usize, &'a str)> {
        match self {
            Self::Whole(text) => Some((0, text)),
            Self::Pieces(pieces) => pieces.at(byte),
        }
    }

    /// The text that holds a line if the table does.
    fn around(self, parent: &str, word: Option<&str>) -> Option<(usize, &'a str)> {
        match self {
            Self::Whole(text) => Some((0, text)),
            Self::Pieces(pieces) => pieces.around(|key| compare(key, parent, word)),
        }
    }
}

/// A line of a table.
pub(super) struct Line<'a> {
    /// The command path.
    pub(super) key: &'a str,
    /// What stands behind it.
    pub(super) fields: &'a str,
    /// Byte offset of the line after it.
    pub(super) next: usize,
}

/// The line that starts at this byte.
pub(super) fn line_at(table: Table<'_>, at: usize) -> Option<Line<'_>> {
    let (start, text) = table.at(at)?;
    let rest = text.get(at - start..)?;
    let end = memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
    let line = rest.get(..end).filter(|line| !line.is_empty())?;
    let tab = memchr(b'\t', line.as_bytes());
    let parts = tab.and_then(|tab| Some((line.get(..tab)?, line.get(tab + 1..)?)));
    let (key, fields) = parts.unwrap_or((line, ""));
    Some(Line { key, fields, next: at + line.len() + 1 })
}

/// The line whose key is `parent`, or `parent`, a space and `word`, not before
/// the line at `from`.
pub(super) fn find<'a>(
    table: Table<'a>,
    from: usize,
    parent: &str,
    word: Option<&str>,
) -> Option<Line<'a>> {
    let line = line_at(table, position(table, from, parent, word))?;
    (compare(line.key, parent, word) == Ordering::Equal).then_some(line)
}

fn compare(key: &str, parent: &str, word: Option<&str>) -> Ordering {
    let Some(word) = word else { return key.as_bytes().cmp(parent.as_bytes()) };
    let (head, tail) = key.as_bytes().split_at(parent.len().min(key.len()));
    match head.cmp(parent.as_bytes()) {
        Ordering::Equal => match tail.split_first() {
            None => Ordering::Less,
            Some((b' ', rest)) => rest.cmp(word.as_bytes()),
            Some((byte, _)) => byte.cmp(&b' '),
        },
        other => other,
    }
}

/// Byte offset of the first line whose key is not less than the one wanted. The
/// search starts at the line at `from` and widens, because subcommands stand
/// right behind their tool.
pub(super) fn position(table: Table<'_>, from: usize, parent: &str, word: Option<&str>) -> usize {
    let Some((start, text)) = table.around(parent, word) else { return from };
    // All lines of a piece that starts behind `from` are behind it.
    let from_here = from.checked_sub(start).filter(|from| *from > 0);
    start + position_in(text, from_here.unwrap_or(0), parent, word)
}

fn position_in(table: &str, from: usize, parent: &str, word: Option<&str>) -> usize {
    const FIRST_STEP: usize = 512;
    let (mut low, mut high) = (from, table.len());
    let mut step = if from == 0 { table.len() } else { FIRST_STEP };
    while low < high {
        let middle = if step < (high - low) / 2 { low + step } else { low + (high - low) / 2 };
        let before = table.as_bytes().get(low..middle).unwrap_or_default();
        let start = memrchr(b'\n', before).map_or(low, |n| low + n + 1);
        let line = table.get(start..).unwrap_or_default();
        let end = memchr2(b'\t', b'\n', line.as_bytes()).unwrap_or(line.len());
        let key = line.get(..end).unwrap_or_default();
        if compare(key, parent, word) == Ordering::Less {
            let rest = table.as_bytes().get(middle..).unwrap_or_default();
            low = memchr(b'\n', rest).map_or(table.len(), |n| middle + n + 1);
            step = step.saturating_mul(2);
        } else {
            high = start;
            step = table.len();
        }
    }
    low
}
