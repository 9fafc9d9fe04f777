//! How wide text is on a terminal, and cutting it without hiding that.
//!
//! Everything here expects text that has been escaped already.

use std::borrow::Cow;
use std::ops::Range;
use std::os::fd::AsFd;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters that take no column still count against this many per column, so
/// that a pile of combining marks cannot make a "short" text endless.
const MARKS_PER_COLUMN: usize = 4;

/// Columns of the terminal behind a stream; 80 when it is no terminal.
#[must_use]
pub fn columns(stream: &impl AsFd) -> usize {
    crate::sys::tty::columns(stream).unwrap_or(80)
}

/// Columns that the text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The longest beginning that fits into `max` columns, and the rest.
#[must_use]
pub fn split(text: &str, max: usize) -> (&str, &str) {
    let mut columns = 0;
    let mut characters = 0;
    for (at, c) in text.char_indices() {
        columns += c.width().unwrap_or(1);
        characters += 1;
        if columns > max || characters > max.saturating_mul(MARKS_PER_COLUMN) {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// The longest end that fits into `max` columns, and what stands before it.
#[must_use]
pub fn split_end(text: &str, max: usize) -> (&str, &str) {
    let mut columns = 0;
    let mut characters = 0;
    for (at, c) in text.char_indices().rev() {
        columns += c.width().unwrap_or(1);
        characters += 1;
        if columns > max || characters > max.saturating_mul(MARKS_PER_COLUMN) {
            return text.split_at(at + c.len_utf8());
        }
    }
    ("", text)
}

/// Whether the text fits into `max` columns.
#[must_use]
pub fn fits(text: &str, max: usize) -> bool {
    split(text, max).1.is_empty()
}

/// The note that stands for `left_out` characters.
#[must_use]
pub fn cut_note(left_out: usize) -> String {
    format!("… (+{left_out} characters)")
}

/// The text, cut at `max` columns; a cut text says how much was left out.
///
/// The note itself is never cut, so the result can be wider than a very small
/// `max`.
#[must_use]
pub fn cut(text: &str, max: usize) -> Cow<'_, str> {
    if fits(text, max) {
        return Cow::Borrowed(text);
    }
    let room = max.saturating_sub(width(&cut_note(text.chars().count())));
    let (head, rest) = split(text, room);
    Cow::Owned(format!("{head}{}", cut_note(rest.chars().count())))
}

/// Breaks text into pieces of at most `max` columns, at a blank where there is
/// one in the second half of the line, else anywhere. Only the blank at a break
/// is left out.
#[must_use]
pub fn wrap(text: &str, max: usize) -> Vec<&str> {
    wrap_ranges(text, max, max)
        .into_iter()
        .map(|range| text.get(range).unwrap_or_default())
        .collect()
}

/// [`wrap`] as ranges of bytes, with another width for the first line.
#[must_use]
pub fn wrap_ranges(text: &str, first: usize, others: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut max = first.max(2);
    loop {
        let rest = text.get(start..).unwrap_or_default();
        let (head, tail) = split(rest, max);
        let end = match head.rfind(' ') {
            _ if tail.is_empty() || tail.starts_with(' ') => head.len(),
            Some(at) if at * 2 >= head.len() => at,
            _ => head.len(),
        };
        ranges.push(start..start + end);
        if tail.is_empty() {
            return ranges;
        }
        let blank = rest.get(end..).is_some_and(|rest| rest.starts_with(' '));
        start += end + usize::from(blank);
        max = others.max(2);
    }
}

/// The text, with blanks up to `columns`.
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    let mut out = text.to_owned();
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(text))));
    out
}

#[cfg(test)]
mod tests {
    use super::{cut, fits, pad, split_end, width, wrap};

    #[test]
    fn a_cut_says_how_much_was_left_out() {
        assert_eq!(cut("short", 10), "short");
        let long = "x".repeat(100);
        let shown = cut(&long, 40);
        assert_eq!(shown, format!("{}… (+79 characters)", "x".repeat(21)));
        assert!(width(&shown) <= 40);
        assert_eq!(cut("abcdefgh", 3), "… (+8 characters)", "never silently");
    }

    #[test]
    fn wide_and_combining_characters_are_measured() {
        assert_eq!(width("漢字"), 4);
        assert!(fits("漢字", 4) && !fits("漢字", 3));
        let pile = format!("e{}", "\u{301}".repeat(1000));
        assert!(cut(&pile, 40).contains("characters)"));
        assert_eq!(split_end("abc漢", 3), ("ab", "c漢"));
    }

    #[test]
    fn wrapping_keeps_everything() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("漢漢", 1), ["漢", "漢"], "a line holds at least one character");
        assert_eq!(pad("ab", 4), "ab  ");
    }
}
