//! A word of a command after everything static has been resolved.
//!
//! What cannot be known is kept as a [`Hole`], never dropped: `"$X/*"` is a
//! hole, the text `/` and the pattern `*`.

use super::Span;

/// How the source of a hole begins that is what a file holds; its path follows.
pub const CONTENT: &str = "content of ";

/// One word: a sequence of known text, unquoted patterns and holes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    /// The parts in order. No part: the empty word (`''`).
    pub parts: Vec<Part>,
    /// Where the word stands in the text given to guard.
    pub span: Span,
}

/// A piece of a [`Word`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that reaches the program as it is.
    Text(String),
    /// Unquoted pathname-expansion characters (`*`, `?`, `[..]`): the shell
    /// replaces the word by the matching names.
    Glob(String),
    /// Something that is not known before the command runs.
    Hole(Hole),
}

/// A part of a word that cannot be known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hole {
    /// The source text, such as `$X` or `$(date)`.
    pub source: String,
    /// Why it is unknown.
    pub cause: Cause,
    /// Not inside double quotes: the value may split into several words, or
    /// into none, and may hold patterns.
    pub splits: bool,
    /// Indices into [`super::Script::commands`] of the commands whose output
    /// becomes the value (command and process substitution).
    pub from: Vec<usize>,
    /// The value is certainly not empty: `${X:?}` ends the shell otherwise.
    pub nonempty: bool,
    /// What stands there when the variable is not set: `${X:-this}`.
    pub otherwise: Option<Box<Fallback>>,
    /// The variable, when the hole is nothing but it (`$X`, `${X}`) and nothing
    /// in the text can have given it a value.
    pub untouched: Option<Box<str>>,
    /// The value is certainly empty: the variable is untouched, and the
    /// environment that the command starts with lacks it as well.
    pub empty: bool,
}

/// The value in the place of a variable that is not set. Only kept where
/// nothing in the text can have set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The variable's name.
    pub variable: String,
    /// The value.
    pub text: String,
}

/// Why a part of a word is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Cause {
    /// A variable or parameter that the text does not set to a constant.
    #[default]
    Variable,
    /// A name that a pattern matches, or the pattern itself when none does;
    /// the source is the pattern (`for f in *.txt; do rm "$f"; done`).
    Pattern,
    /// `$(..)` or backquotes.
    CommandSubstitution,
    /// `<(..)` or `>(..)`: the word is the path of a pipe.
    ProcessSubstitution,
    /// `$((..))` that is not constant.
    Arithmetic,
    /// Items that a wrapper reads from its input or finds (`xargs`, `{}`).
    Input,
    /// `~user`, or `~` without a known home.
    Tilde,
    /// The name of a new temporary file (`$(mktemp)`).
    TempFile,
    /// What a script holds that could not be read.
    Script,
    /// A limit was reached while resolving.
    Limit,
}

impl Word {
    /// A word of known text.
    #[must_use]
    pub fn text(text: impl Into<String>, span: Span) -> Self {
        let text = text.into();
        let parts = if text.is_empty() { Vec::new() } else { vec![Part::Text(text)] };
        Self { parts, span }
    }

    /// A word of which nothing is known.
    #[must_use]
    pub fn hole(source: impl Into<String>, cause: Cause, span: Span) -> Self {
        let hole = Hole { source: source.into(), cause, splits: true, ..Hole::default() };
        Self { parts: vec![Part::Hole(hole)], span }
    }

    /// The exact text, when every part is known and holds no active pattern.
    #[must_use]
    pub fn as_static(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether any part is unknown. A pattern is known: it is what was typed.
    #[must_use]
    pub fn has_hole(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Hole(_)))
    }

    /// Whether any part is an active pattern.
    #[must_use]
    pub fn has_glob(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Glob(_)))
    }

    /// The holes of the word.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            _ => None,
        })
    }

    /// The known text before the first hole; patterns included as typed.
    #[must_use]
    pub fn known_prefix(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) | Part::Glob(text) => out.push_str(text),
                Part::Hole(_) => break,
            }
        }
        out
    }

    /// Text, patterns as typed, and holes as their source: for messages. The
    /// result is not escaped for a terminal.
    #[must_use]
    pub fn display(&self) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) | Part::Glob(text) => out.push_str(text),
                Part::Hole(hole) => out.push_str(&hole.source),
            }
        }
        out
    }

    /// Appends known text, merging it with a preceding text part.
    pub fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Text(last)) = self.parts.last_mut() {
            last.push_str(text);
        } else {
            self.parts.push(Part::Text(text.to_owned()));
        }
    }
}
