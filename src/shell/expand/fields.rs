//! Builds words from parts, splitting values into fields.

use crate::model::{Cause, Hole, Part, Span, Word};
use crate::shell::limits;

/// The words made so far, and the one being made.
#[derive(Debug)]
pub(super) struct Fields {
    words: Vec<Word>,
    current: Vec<Part>,
    /// Something, at least an empty quoted string, is in the current word.
    started: bool,
    /// Blanks have just ended a word; a separator that follows belongs to them.
    after_blanks: bool,
    size: usize,
    overflow: bool,
    span: Span,
}

impl Fields {
    pub(super) fn new(span: Span) -> Self {
        Self {
            words: Vec::new(),
            current: Vec::new(),
            started: false,
            after_blanks: false,
            size: 0,
            overflow: false,
            span,
        }
    }

    /// The current word exists even when nothing is added to it.
    pub(super) fn start(&mut self) {
        self.started = true;
        self.after_blanks = false;
    }

    fn grow(&mut self, bytes: usize) -> bool {
        self.start();
        if self.words.len() > limits::MAX_WORDS {
            return false;
        }
        self.size += bytes;
        self.overflow |= self.size > limits::MAX_VALUE || self.current.len() > limits::MAX_PARTS;
        !self.overflow
    }

    pub(super) fn text(&mut self, text: &str) {
        if !text.is_empty() && self.grow(text.len()) {
            push_text(&mut self.current, text);
        }
    }

    pub(super) fn pattern(&mut self, text: &str) {
        if !self.grow(text.len()) {
            return;
        }
        if let Some(Part::Glob(last)) = self.current.last_mut() {
            last.push_str(text);
        } else {
            self.current.push(Part::Glob(text.to_owned()));
        }
    }

    pub(super) fn hole(&mut self, hole: Hole) {
        if self.grow(hole.source.len()) {
            self.current.push(Part::Hole(hole));
        }
    }

    /// Unquoted text: `*`, `?` and `[..]` in it are patterns.
    pub(super) fn active(&mut self, text: &str) {
        if !text.contains(['*', '?', '[']) {
            self.text(text);
            return;
        }
        let mut rest = text;
        let mut stop = 0;
        while let Some(at) = rest.find(['*', '?', '[']) {
            let (before, tail) = rest.split_at(at);
            self.text(before);
            let open = text.len() - tail.len();
            let length = if tail.starts_with('[') { bracket(text, open, &mut stop) } else { 1 };
            if length == 0 {
                self.text("[");
                rest = tail.get(1..).unwrap_or_default();
            } else {
                let (pattern, after) = tail.split_at(length);
                self.pattern(pattern);
                rest = after;
            }
        }
        self.text(rest);
    }

    /// A value in double quotes.
    pub(super) fn quoted(&mut self, parts: &[Part]) {
        self.start();
        for part in parts {
            match part {
                Part::Text(text) => self.text(text),
                // It stands for names; see `symbols::without_patterns`.
                Part::Glob(source) => self.hole(Hole {
                    source: source.clone(),
                    cause: Cause::Pattern,
                    ..Hole::default()
                }),
                Part::Hole(hole) => self.hole(Hole { splits: false, ..hole.clone() }),
            }
        }
    }

    /// A value outside quotes: fields end at separators, patterns are active.
    pub(super) fn split(&mut self, parts: &[Part], separators: &str) {
        for part in parts {
            match part {
                Part::Hole(hole) => self.hole(Hole { splits: true, ..hole.clone() }),
                Part::Text(text) | Part::Glob(text) => self.split_text(text, separators),
            }
        }
    }

    pub(super) fn split_text(&mut self, text: &str, separators: &str) {
        let separates = |c: char| separators.contains(c);
        let is_blank = |c: char| separates(c) && matches!(c, ' ' | '\t' | '\n');
        let mut rest = text;
        while self.words.len() <= limits::MAX_WORDS {
            let (field, tail) = rest.split_at(rest.find(separates).unwrap_or(rest.len()));
            if !field.is_empty() {
                self.active(field);
            }
            if tail.is_empty() {
                return;
            }
            rest = tail.trim_start_matches(is_blank);
            // At most one separator that is no blank belongs to the border.
            if let Some(c) = rest.chars().next().filter(|c| separates(*c)) {
                rest = rest.get(c.len_utf8()..).unwrap_or_default().trim_start_matches(is_blank);
                if !self.after_blanks {
                    self.start();
                }
                self.finish_word();
            } else if self.started {
                self.finish_word();
                self.after_blanks = true;
            }
        }
    }

    /// Ends the current word, if there is one.
    pub(super) fn finish_word(&mut self) {
        self.after_blanks = false;
        if !self.started {
            return;
        }
        let parts = std::mem::take(&mut self.current);
        let word = if self.overflow || self.words.len() >= limits::MAX_WORDS {
            Word::hole("..", Cause::Limit, self.span)
        } else {
            Word { parts, span: self.span }
        };
        if self.words.len() <= limits::MAX_WORDS {
            self.words.push(word);
        }
        self.started = false;
        self.size = 0;
        self.overflow = false;
    }

    pub(super) fn finish(mut self) -> Vec<Word> {
        self.finish_word();
        self.words
    }

    /// All parts as one word, for places where fields are not split.
    pub(super) fn finish_single(self) -> Word {
        let span = self.span;
        if self.overflow {
            return Word::hole("..", Cause::Limit, span);
        }
        let mut words = self.words.into_iter();
        let mut parts = words.next().map(|word| word.parts).unwrap_or_default();
        for word in words {
            push_text(&mut parts, " ");
            parts.extend(word.parts);
        }
        parts.extend(self.current);
        Word { parts, span }
    }
}

/// Appends text, merging it with a preceding text part.
pub(super) fn push_text(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Part::Text(last)) = parts.last_mut() {
        last.push_str(text);
    } else {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// The length of the bracket expression that begins at `open`, or 0. `stop` is
/// the next `]` or `/` as found for an earlier bracket: many brackets in a row
/// look for it once.
fn bracket(text: &str, open: usize, stop: &mut usize) -> usize {
    let bytes = text.as_bytes();
    let negated = matches!(bytes.get(open + 1), Some(b'!' | b'^'));
    let first = open + 1 + usize::from(negated);
    // A `]` in front stands for itself.
    let from = first + 1;
    if *stop < from {
        let rest = bytes.get(from..).unwrap_or_default();
        let found = rest.iter().position(|b| matches!(b, b']' | b'/'));
        *stop = found.map_or(bytes.len(), |at| from + at);
    }
    match (bytes.get(first), bytes.get(*stop)) {
        (Some(b'/'), _) => 0,
        (_, Some(b']')) => *stop + 1 - open,
        _ => 0,
    }
}
