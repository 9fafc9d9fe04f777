//! What running a part of a text gives: its commands, what they print and
//! whether they succeed, as far as that is certain.

use std::sync::Arc;

use super::limits;
use crate::model::{Cause, Hole, Part, Span, Word};

/// What commands print to their standard output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Output {
    /// Anything.
    #[default]
    Unknown,
    /// Exactly this.
    Bytes(Vec<u8>),
    /// Text of which some parts are not known.
    Parts(Vec<Part>),
}

impl Output {
    /// Nothing is printed.
    pub(super) const NOTHING: Self = Self::Bytes(Vec::new());

    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }

    /// The exact bytes.
    pub(super) fn exact(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Text and holes; `None` when nothing is known or it is not text.
    pub(super) fn parts(&self) -> Option<Vec<Part>> {
        match self {
            Self::Unknown => None,
            Self::Bytes(bytes) => {
                let text = std::str::from_utf8(bytes).ok()?;
                Some(if text.is_empty() { Vec::new() } else { vec![Part::Text(text.to_owned())] })
            }
            Self::Parts(parts) => Some(parts.clone()),
        }
    }

    /// As a word, for whoever reads it.
    pub(super) fn word(&self, span: Span) -> Option<Arc<Word>> {
        Some(Arc::new(Word { parts: self.parts()?, span }))
    }

    pub(super) fn size(&self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Bytes(bytes) => bytes.len(),
            Self::Parts(parts) => parts.len() * 64 + parts.iter().map(length).sum::<usize>(),
        }
    }

    /// One output after the other. Of an unknown one stays a hole that names
    /// the commands it is from.
    fn then(self, from: &[usize], next: Self, next_from: &[usize]) -> Self {
        if self.is_nothing() {
            return next;
        }
        if next.is_nothing() {
            return self;
        }
        let joined = match (self, next) {
            (Self::Unknown, Self::Unknown) => return Self::Unknown,
            (Self::Bytes(mut bytes), Self::Bytes(more)) => {
                bytes.extend(more);
                Self::Bytes(bytes)
            }
            (first, second) => {
                let (Some(mut parts), Some(more)) =
                    (first.or_hole(from), second.or_hole(next_from))
                else {
                    return Self::Unknown;
                };
                let mut word = Word::default();
                for part in parts.drain(..).chain(more) {
                    match part {
                        Part::Text(text) => word.push_text(&text),
                        part => word.parts.push(part),
                    }
                }
                Self::Parts(word.parts)
            }
        };
        let parts = matches!(&joined, Self::Parts(parts) if parts.len() > limits::MAX_PARTS);
        if parts || joined.size() > 2 * limits::MAX_VALUE { Self::Unknown } else { joined }
    }

    /// The parts of it; what is unknown is a hole and the line break that
    /// nearly every command's output ends with. Without it the next line would
    /// be read as more of the same command where a shell is given both.
    fn or_hole(self, from: &[usize]) -> Option<Vec<Part>> {
        if self != Self::Unknown {
            return self.parts();
        }
        let hole = Hole {
            source: "..".to_owned(),
            cause: Cause::CommandSubstitution,
            splits: true,
            from: from.to_vec(),
            ..Hole::default()
        };
        Some(vec![Part::Hole(hole), Part::Text("\n".to_owned())])
    }
}

fn length(part: &Part) -> usize {
    match part {
        Part::Text(text) | Part::Glob(text) => text.len(),
        Part::Hole(hole) => hole.source.len(),
    }
}

/// A part of a text that has been walked.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    /// Its commands, those inside their words not counted.
    pub commands: Vec<usize>,
    /// What they print.
    pub output: Output,
    /// Whether the last one succeeds.
    pub success: Option<bool>,
}

impl Flow {
    /// Nothing ran.
    pub(super) fn nothing() -> Self {
        Self { commands: Vec::new(), output: Output::NOTHING, success: Some(true) }
    }

    /// Commands of which only the numbers are known.
    pub(super) const fn opaque(commands: Vec<usize>) -> Self {
        Self { commands, output: Output::Unknown, success: None }
    }

    /// One after the other.
    pub(super) fn then(mut self, next: Self) -> Self {
        let output = self.output.then(&self.commands, next.output, &next.commands);
        self.commands.extend(next.commands);
        Self { commands: self.commands, output, success: next.success }
    }

    /// And something that may run after it.
    pub(super) fn perhaps(self, next: Self) -> Self {
        let silent = next.output.is_nothing();
        let next = Self { output: if silent { Output::NOTHING } else { Output::Unknown }, ..next };
        Self { success: None, ..self.then(next) }
    }
}
