//! One line of a screen, built from pieces that are escaped on the way in.

use super::style::{Palette, Role};
use super::width::{cut_note, split, width};
use super::{Escaped, escape};

/// A line that can only hold escaped text, so that no screen can forget to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    pieces: Vec<(Role, String)>,
}

impl Line {
    /// An empty line.
    #[must_use]
    pub const fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    /// Appends text, escaped.
    #[must_use]
    pub fn with(mut self, role: Role, text: &str) -> Self {
        self.push(role, text);
        self
    }

    /// Appends text, escaped.
    pub fn push(&mut self, role: Role, text: &str) {
        match self.pieces.last_mut() {
            _ if text.is_empty() => {}
            Some((last, piece)) if *last == role => *piece += &escape(text),
            _ => self.pieces.push((role, escape(text))),
        }
    }

    /// Appends another line.
    pub fn append(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
    }

    /// Appends `[text]`, cut at `max` columns, as evidence.
    pub fn evidence(&mut self, text: &str, max: usize) {
        if text.is_empty() {
            return;
        }
        let text = Escaped(text).to_string();
        let text = super::width::cut(&text, max);
        self.pieces.push((Role::Dim, format!(" [{text}]")));
    }

    /// Whether nothing was appended.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Columns that the whole line takes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(_, text)| width(text)).sum()
    }

    /// The line in at most `max` columns; if it has to be cut, it says how many
    /// characters were left out.
    #[must_use]
    pub fn render(&self, palette: Palette, max: usize) -> String {
        let mut out = String::new();
        if self.fits(max) {
            for (role, text) in &self.pieces {
                out += &palette.paint(*role, text).to_string();
            }
            return out;
        }
        let total: usize = self.pieces.iter().map(|(_, text)| text.chars().count()).sum();
        let mut room = max.saturating_sub(width(&cut_note(total)));
        let mut left_out = 0;
        for (role, text) in &self.pieces {
            let (head, rest) = split(text, if left_out > 0 { 0 } else { room });
            room = room.saturating_sub(width(head));
            left_out += rest.chars().count();
            if !head.is_empty() {
                out += &palette.paint(*role, head).to_string();
            }
        }
        out += &palette.paint(Role::Warn, cut_note(left_out)).to_string();
        out
    }

    /// The line broken into several of at most `max` columns, those after the
    /// first indented.
    #[must_use]
    pub fn wrap(&self, max: usize, indent: usize) -> Vec<Self> {
        let text: String = self.pieces.iter().map(|(_, text)| text.as_str()).collect();
        let ranges = super::width::wrap_ranges(&text, max, max.saturating_sub(indent));
        let mut lines = Vec::with_capacity(ranges.len());
        for range in ranges {
            let mut line = Self::new();
            if !lines.is_empty() {
                line.push(Role::Plain, &" ".repeat(indent));
            }
            let mut start = 0;
            for (role, text) in &self.pieces {
                let end = start + text.len();
                let from = range.start.clamp(start, end) - start;
                let to = range.end.clamp(start, end) - start;
                line.push(*role, text.get(from..to).unwrap_or_default());
                start = end;
            }
            lines.push(line);
        }
        lines
    }

    /// Whether the line needs no cut at `max` columns.
    #[must_use]
    pub fn fits(&self, max: usize) -> bool {
        let mut room = max;
        self.pieces.iter().all(|(_, text)| {
            let fits = super::width::fits(text, room);
            room = room.saturating_sub(width(text));
            fits
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Line;
    use crate::text::{Palette, Role};

    #[test]
    fn everything_is_escaped_and_a_cut_is_counted() {
        let line = Line::new().with(Role::Plain, "a\x1b[2J").with(Role::Danger, &"b".repeat(50));
        assert_eq!(line.render(Palette::OFF, 80), format!("a\\x1b[2J{}", "b".repeat(50)));
        let cut = line.render(Palette::OFF, 30);
        assert_eq!(cut, "a\\x1b[2Jbbbb… (+46 characters)");
        assert!(line.render(Palette::ON, 30).contains("\x1b[31mbbbb\x1b[0m"));
    }

    #[test]
    fn wrapping_keeps_roles_and_text() {
        let line = Line::new().with(Role::Dim, "who   ").with(Role::Danger, "one two three four");
        let wrapped = line.wrap(16, 6);
        let shown: Vec<_> = wrapped.iter().map(|line| line.render(Palette::OFF, 80)).collect();
        assert_eq!(shown, ["who   one two", "      three four"]);
        assert_eq!(line.wrap(80, 6), [line]);
    }
}
