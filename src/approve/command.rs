//! The command itself at the top of a screen.
//!
//! A command that is too long to show whole keeps its beginning, the words that
//! decided the verdict and its end, and says how much is left out: the words
//! that matter must not be pushed out of sight by padding.

use crate::model::Span;
use crate::text::width::{split, split_end, width};
use crate::text::{Line, Role, escape};

/// Lines for the command, the note about what is left out included.
pub(super) const LINES: usize = 3;

/// The command behind a `$`, whole if it fits on [`LINES`] lines of `columns`,
/// else cut to at most `most` lines.
pub(super) fn lines(text: &str, decisive: Option<Span>, columns: usize, most: usize) -> Vec<Line> {
    let room = columns.saturating_sub(2);
    // Escaping never makes text narrower: what does not fit raw never will.
    if split(text, room * LINES).1.is_empty() {
        let shown = escape(text);
        let whole = break_up(&shown, room);
        if whole.len() <= LINES {
            return whole.into_iter().enumerate().map(|(at, part)| line(at, part)).collect();
        }
    }
    let (shown, mut left_out) = pieces(text, decisive, room * (most - 1));
    let parts = break_up(&shown, room);
    let mut lines = Vec::with_capacity(most);
    for (at, part) in parts.into_iter().enumerate() {
        // Wide characters and piles of marks can make a line end early.
        if at < most - 1 {
            lines.push(line(at, part));
        } else {
            left_out += part.chars().count();
        }
    }
    let long = format!("{left_out} more characters, shown by: guard explain, with the same words");
    let short = format!("{left_out} more: see guard explain");
    let note = if width(&long) <= room { long } else { short };
    lines.push(Line::new().with(Role::Warn, &format!("  {note}")));
    lines
}

fn line(at: usize, part: &str) -> Line {
    let mark = if at == 0 { "$ " } else { "  " };
    Line::new().with(Role::Dim, mark).with(Role::Strong, part)
}

/// Breaks at exactly `room` columns: a break at a blank would swallow it.
fn break_up(text: &str, room: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (head, tail) = split(rest, room);
        parts.push(head);
        if tail.is_empty() || head.is_empty() {
            return parts;
        }
        rest = tail;
    }
}

/// Beginning, decisive words and end of the text, escaped, with marks for the
/// gaps, in at most `room` columns; and the number of characters left out.
fn pieces(text: &str, decisive: Option<Span>, room: usize) -> (String, usize) {
    const GAP: &str = " … ";
    let room = room.saturating_sub(2 * width(GAP));
    let middle = Span::new(text.len() / 2, text.len() / 2);
    // An empty span means that the words cannot be told.
    let span = decisive.filter(|span| span.start < span.end).unwrap_or(middle);
    let start = floor(text, span.start);
    let end = floor(text, span.end).max(start);
    let (before, rest) = text.split_at(start);
    let (words, after) = rest.split_at(end - start);

    // Half for the decisive words, a quarter for each side; what one does not
    // need the next one gets.
    let (words_head, words_cut) = fit(words, room / 2);
    let left = room.saturating_sub(width(&words_head));
    let (tail_cut, tail) = fit_end(after, left / 2);
    let left = left.saturating_sub(width(&tail));
    let (head, head_cut) = fit(before, left);

    let mut out = head;
    if !head_cut.is_empty() {
        out += GAP;
    }
    out += &words_head;
    let cut_after_words = !(words_cut.is_empty() && tail_cut.is_empty());
    if cut_after_words && !out.ends_with(GAP) {
        out += GAP;
    }
    out += &tail;
    let left_out = [head_cut, words_cut, tail_cut].map(|cut| cut.chars().count());
    (out, left_out.iter().sum())
}

/// The longest beginning whose escaped form fits, escaped; and what is left.
fn fit(text: &str, room: usize) -> (String, &str) {
    // Escaping never makes text narrower, so this bound keeps the work small.
    let (candidate, _) = split(text, room);
    let mut shown = String::new();
    for (at, c) in candidate.char_indices() {
        let escaped = escape(c.encode_utf8(&mut [0; 4]));
        if width(&shown) + width(&escaped) > room {
            return (shown, text.get(at..).unwrap_or_default());
        }
        shown += &escaped;
    }
    (shown, text.get(candidate.len()..).unwrap_or_default())
}

/// The longest end whose escaped form fits: what is left before it, and the end.
fn fit_end(text: &str, room: usize) -> (&str, String) {
    let (_, candidate) = split_end(text, room);
    let mut from = text.len();
    let mut columns = 0;
    for (at, c) in candidate.char_indices().rev() {
        columns += width(&escape(c.encode_utf8(&mut [0; 4])));
        if columns > room {
            break;
        }
        from = text.len() - candidate.len() + at;
    }
    let (before, end) = text.split_at(from);
    (before, escape(end))
}

/// The nearest character boundary at or before `at`: spans are hints here, the
/// text may have been redacted since.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::lines;
    use crate::model::Span;
    use crate::text::Palette;

    fn show(text: &str, span: Option<Span>) -> String {
        let lines = lines(text, span, 40, 3);
        assert!(lines.len() <= 3);
        lines.iter().map(|line| line.render(Palette::OFF, 40) + "\n").collect()
    }

    #[test]
    fn what_fits_is_shown_whole() {
        assert_eq!(show("rm -rf build", None), "$ rm -rf build\n");
        insta::assert_snapshot!(show(&"0123456789".repeat(11), None), @r"
        $ 01234567890123456789012345678901234567
          89012345678901234567890123456789012345
          6789012345678901234567890123456789
        ");
    }

    #[test]
    fn padding_does_not_push_the_decisive_words_out_of_sight() {
        let text = format!("echo {}; rm -rf /srv/data; echo {}", "a".repeat(900), "b".repeat(900));
        let at = text.find("rm").unwrap_or(0);
        insta::assert_snapshot!(show(&text, Some(Span::new(at, at + 16))), @r"
        $ echo aaaaaaaaaaaaaaaaaaaaaa … rm -rf /
          srv/data … bbbbbbbbbbbbbbbbbbbbbbbbbbb
          1760 more: see guard explain
        ");
        assert!(show(&text, None).starts_with("$ echo aaaaa"));
    }

    #[test]
    fn controls_are_escaped_and_odd_spans_do_no_harm() {
        assert_eq!(show("echo \x1b[2J\u{202e}x\n", None), "$ echo \\x1b[2J\\u{202e}x\\n\n");
        let text = "é\u{202e}".repeat(500);
        for span in [Span::new(1, 2), Span::new(5, 1), Span::new(999_999, 1_000_000)] {
            assert!(show(&text, Some(span)).contains("more: see guard explain"));
        }
    }
}
