//! The position in the text, the nesting and the work done so far.

use super::Options;
use super::heredoc::Pending;
use super::token::Token;
use crate::model::ProblemKind;
use crate::shell::limits;

/// Why a text cannot be read.
#[derive(Debug, Clone)]
pub(in crate::shell) struct Fault {
    pub kind: ProblemKind,
    pub message: String,
    /// Bytes in the buffer.
    pub start: usize,
    pub end: usize,
}

/// What has been spent, over a text and all texts inside it.
#[derive(Debug)]
pub(in crate::shell) struct Meter {
    /// Bytes that may still be passed; each `((` may be read twice.
    pub fuel: usize,
    /// Open constructs.
    pub depth: usize,
    /// Most constructs that were open at once.
    pub deepest: usize,
    pub tokens: usize,
    pub commands: usize,
}

impl Meter {
    pub(in crate::shell) fn new(bytes: usize) -> Self {
        Self { fuel: 64 * 1024 + 8 * bytes, depth: 0, deepest: 0, tokens: 0, commands: 0 }
    }
}

/// Cuts one buffer; texts inside backquotes get a lexer of their own.
pub(super) struct Lexer<'a> {
    pub text: &'a str,
    pub pos: usize,
    /// One past the last byte to look at.
    pub end: usize,
    pub options: Options,
    pub meter: &'a mut Meter,
    /// Here-documents whose bodies start after the next newline, in the lists
    /// around the one being read.
    pub outer_documents: usize,
    /// Those of the list being read.
    pub documents: Vec<Pending>,
    pub tokens: Vec<Token>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str, options: Options, meter: &'a mut Meter) -> Self {
        Self {
            text,
            pos: 0,
            end: text.len(),
            options,
            meter,
            outer_documents: 0,
            documents: Vec::new(),
            tokens: Vec::new(),
        }
    }

    /// The byte `ahead` of the position, if it is inside the text.
    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        let at = self.pos + ahead;
        if at < self.end { self.text.as_bytes().get(at).copied() } else { None }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    /// Passes bytes.
    pub(super) fn bump(&mut self, bytes: usize) {
        self.pos = (self.pos + bytes).min(self.end);
        self.meter.fuel = self.meter.fuel.saturating_sub(bytes);
    }

    /// Passes one character and returns it as text.
    pub(super) fn take_char(&mut self) -> &'a str {
        let rest = self.text.get(self.pos..self.end).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        self.bump(length.max(usize::from(!rest.is_empty())));
        rest.get(..length).unwrap_or_default()
    }

    /// Passes bytes while they are wanted and returns them.
    pub(super) fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.pos..self.end).unwrap_or_default();
        let length = rest.bytes().position(|b| !wanted(b)).unwrap_or(rest.len());
        self.bump(length);
        rest.get(..length).unwrap_or_default()
    }

    /// Opens a construct, unless too many are open.
    pub(super) fn enter(&mut self) -> Result<(), Fault> {
        self.meter.depth += 1;
        self.meter.deepest = self.meter.deepest.max(self.meter.depth);
        if self.meter.depth > limits::MAX_DEPTH {
            return Err(self.limit("The command nests too deeply to be read"));
        }
        self.check_fuel()
    }

    pub(super) fn leave(&mut self) {
        self.meter.depth = self.meter.depth.saturating_sub(1);
    }

    pub(super) fn check_fuel(&self) -> Result<(), Fault> {
        if self.meter.fuel == 0 {
            return Err(self.limit("Reading the command would take too long"));
        }
        Ok(())
    }

    /// A fault at the current position.
    pub(super) fn limit(&self, message: &str) -> Fault {
        let message = format!("{message}; run its parts one by one.");
        Fault { kind: ProblemKind::Limit, message, start: self.pos, end: self.pos }
    }

    /// A fault from `start` on.
    pub(super) fn syntax(&self, start: usize, message: &str) -> Fault {
        let message = format!("The command is not valid shell: {message}.");
        Fault { kind: ProblemKind::Syntax, message, start, end: self.end.max(start) }
    }
}
