//! Words to pieces: quotes, escapes, parameters and substitutions.

use std::sync::Arc;

use super::cursor::{Fault, Lexer};
use super::token::{Body, Parameter, Piece, PieceKind};
use crate::model::ProblemKind;
use crate::shell::expand::ansi;
use crate::shell::limits;

/// What text inside a construct means, and where it ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    /// The closing byte; `None`: the end of the buffer.
    pub close: Option<u8>,
    /// A byte that opens a level of its own (`(` in arithmetic).
    pub open: Option<u8>,
    /// Text means itself and only some characters can be escaped.
    pub quoted: bool,
    /// Single quotes quote.
    pub single: bool,
    /// Double quotes quote.
    pub double: bool,
    /// What a backslash escapes where `quoted`.
    pub escapes: &'static [u8],
    /// Tabs at the start of lines are dropped (`<<-`).
    pub strip: bool,
}

impl Inside {
    const DOUBLE: Self = Self {
        close: Some(b'"'),
        open: None,
        quoted: true,
        single: false,
        double: false,
        escapes: b"$`\"\\",
        strip: false,
    };
    pub(super) const ARITHMETIC: Self = Self {
        close: Some(b')'),
        open: Some(b'('),
        single: true,
        double: true,
        escapes: b"$`\"\\'",
        ..Self::DOUBLE
    };
    pub(super) const BRACKET: Self =
        Self { close: Some(b']'), open: Some(b'['), ..Self::ARITHMETIC };

    /// The body of a here-document with an unquoted delimiter.
    pub(super) const fn document(strip: bool) -> Self {
        Self { close: None, escapes: b"$`\\", strip, ..Self::DOUBLE }
    }

    /// The word after the operator of `${x..}`. Inside double quotes single
    /// quotes are text, except in patterns (bash(1), Parameter Expansion).
    pub(super) fn argument(quoted: bool, operator: &str) -> Self {
        let pattern = operator.starts_with(['#', '%', '/', '^', ',', '~']);
        let quoted = quoted && !pattern;
        Self {
            close: Some(b'}'),
            open: None,
            quoted,
            single: !quoted,
            double: true,
            escapes: b"$`\"\\}",
            strip: false,
        }
    }
}

/// Collects pieces; neighbouring text of one kind becomes one piece.
#[derive(Default)]
pub(super) struct Pieces {
    pub list: Vec<Piece>,
}

impl Pieces {
    pub(super) fn push(&mut self, kind: PieceKind, start: usize, end: usize) {
        self.list.push(Piece { kind, start, end });
    }

    pub(super) fn text(&mut self, text: &str, quoted: bool, start: usize, end: usize) {
        match self.list.last_mut() {
            Some(Piece { kind: PieceKind::Literal(last), end: last_end, .. }) if !quoted => {
                last.push_str(text);
                *last_end = end;
            }
            Some(Piece { kind: PieceKind::Quoted(last), end: last_end, .. }) if quoted => {
                last.push_str(text);
                *last_end = end;
            }
            _ => {
                let text = text.to_owned();
                let kind = if quoted { PieceKind::Quoted(text) } else { PieceKind::Literal(text) };
                self.push(kind, start, end);
            }
        }
    }
}

impl Lexer<'_> {
    /// Reads pieces up to the closing byte, which is passed too.
    pub(super) fn inside(&mut self, how: Inside) -> Result<Vec<Piece>, Fault> {
        let start = self.pos;
        let mut pieces = Pieces::default();
        let mut levels = 0usize;
        if how.strip {
            self.take_while(|b| b == b'\t');
        }
        loop {
            let at = self.pos;
            let Some(byte) = self.peek() else {
                if how.close.is_none() {
                    return Ok(pieces.list);
                }
                return Err(self.syntax(start, "a quote or bracket is never closed"));
            };
            if Some(byte) == how.close && levels == 0 {
                self.bump(1);
                return Ok(pieces.list);
            }
            match byte {
                b'\\' => self.escape(how, &mut pieces),
                b'$' | b'`' => self.substitution(how.quoted, how.single, &mut pieces)?,
                b'"' if how.double => {
                    let inner = self.double()?;
                    pieces.push(PieceKind::Double(inner), at, self.pos);
                }
                b'\'' if how.single => self.single(&mut pieces)?,
                b'<' | b'>' if !how.quoted && self.peek_at(1) == Some(b'(') => {
                    self.process(&mut pieces)?;
                }
                b'\n' if how.strip => {
                    self.bump(1);
                    pieces.text("\n", true, at, self.pos);
                    self.take_while(|b| b == b'\t');
                }
                _ => {
                    if Some(byte) == how.open {
                        levels += 1;
                        if self.meter.depth + levels > limits::MAX_DEPTH {
                            return Err(self.limit("The command nests too deeply to be read"));
                        }
                    } else if Some(byte) == how.close {
                        levels = levels.saturating_sub(1);
                    }
                    let text = self.take_char();
                    pieces.text(text, how.quoted, at, self.pos);
                }
            }
        }
    }

    /// A backslash; a backslash and a newline are nothing.
    fn escape(&mut self, how: Inside, pieces: &mut Pieces) {
        let at = self.pos;
        self.bump(1);
        match self.peek() {
            Some(b'\n') => self.bump(1),
            Some(byte) if !how.quoted || how.escapes.contains(&byte) => {
                let text = self.take_char();
                pieces.text(text, true, at, self.pos);
            }
            _ => pieces.text("\\", true, at, self.pos),
        }
    }

    /// `'..'`.
    pub(super) fn single(&mut self, pieces: &mut Pieces) -> Result<(), Fault> {
        let at = self.pos;
        self.bump(1);
        let text = self.take_while(|b| b != b'\'');
        if self.peek().is_none() {
            return Err(self.syntax(at, "a single quote is never closed"));
        }
        self.bump(1);
        pieces.text(text, true, at, self.pos);
        Ok(())
    }

    /// `".."`: the position is at the first quote.
    pub(super) fn double(&mut self) -> Result<Vec<Piece>, Fault> {
        let at = self.pos;
        self.bump(1);
        self.enter()?;
        let pieces = self.inside(Inside::DOUBLE).map_err(|mut fault| {
            if fault.kind == ProblemKind::Syntax && fault.start == at + 1 {
                fault.start = at;
            }
            fault
        });
        self.leave();
        pieces
    }

    /// What a `$` or backquote starts; a `$` that starts nothing is text.
    pub(super) fn substitution(
        &mut self,
        quoted: bool,
        single: bool,
        pieces: &mut Pieces,
    ) -> Result<(), Fault> {
        let at = self.pos;
        if self.peek() == Some(b'`') {
            let body = self.backquotes(quoted)?;
            pieces.push(PieceKind::Command(Box::new(body.printing())), at, self.pos);
            return Ok(());
        }
        let kind = match self.peek_at(1) {
            // Shells join the lines first, so that what follows belongs to the
            // `$`. No one writes that, and reading it as text would hide it.
            Some(b'\\') if self.peek_at(2) == Some(b'\n') => {
                return Err(self.syntax(at, "a line ends in the middle of an expansion"));
            }
            Some(b'(') => self.parenthesis()?,
            Some(b'[') => {
                self.bump(2);
                self.enter()?;
                let inner = self.inside(Inside::BRACKET)?;
                self.leave();
                PieceKind::Arithmetic(inner)
            }
            Some(b'{') => self.braced(quoted)?,
            Some(b'\'') if single => {
                self.bump(1);
                return self.ansi(pieces);
            }
            Some(b'"') if !quoted => {
                self.bump(1);
                PieceKind::Double(self.double()?)
            }
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.bump(1);
                let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
                let name = self.take_while(is_part).to_owned();
                if self.peek() == Some(b'\\')
                    && self.peek_at(1) == Some(b'\n')
                    && self.peek_at(2).is_some_and(is_part)
                {
                    return Err(self.syntax(at, "a line ends in the middle of an expansion"));
                }
                PieceKind::Parameter(Box::new(Parameter { name, ..Parameter::default() }))
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?-$!".contains(&byte) => {
                self.bump(2);
                let name = char::from(byte).to_string();
                PieceKind::Parameter(Box::new(Parameter { name, ..Parameter::default() }))
            }
            _ => {
                self.bump(1);
                pieces.text("$", quoted, at, self.pos);
                return Ok(());
            }
        };
        pieces.push(kind, at, self.pos);
        Ok(())
    }

    /// `$'..'`: the position is at the quote.
    fn ansi(&mut self, pieces: &mut Pieces) -> Result<(), Fault> {
        let at = self.pos;
        self.bump(1);
        let start = self.pos;
        loop {
            match self.peek() {
                None => return Err(self.syntax(at, "a quote is never closed")),
                Some(b'\'') => break,
                Some(b'\\') => {
                    self.bump(1);
                    self.take_char();
                }
                Some(_) => self.bump(1),
            }
        }
        let raw = self.text.get(start..self.pos).unwrap_or_default();
        let text = ansi::decode(raw);
        self.bump(1);
        pieces.text(&text, true, at, self.pos);
        Ok(())
    }

    /// `$((..))`, or else `$(..)`: bash decides by what closes it.
    fn parenthesis(&mut self) -> Result<PieceKind, Fault> {
        let at = self.pos;
        if self.peek_at(2) == Some(b'(') {
            self.bump(3);
            if let Some(inner) = self.arithmetic()? {
                return Ok(PieceKind::Arithmetic(inner));
            }
            self.pos = at;
        }
        self.bump(2);
        Ok(PieceKind::Command(Box::new(self.body()?.printing())))
    }

    /// The text up to `))`; `None` when it is not arithmetic after all.
    pub(super) fn arithmetic(&mut self) -> Result<Option<Vec<Piece>>, Fault> {
        self.enter()?;
        let depth = self.meter.depth;
        let inner = self.inside(Inside::ARITHMETIC);
        self.meter.depth = depth;
        self.leave();
        match inner {
            Err(fault) if fault.kind == ProblemKind::Limit => Err(fault),
            Ok(inner) if self.peek() == Some(b')') => {
                self.bump(1);
                Ok(Some(inner))
            }
            _ => Ok(None),
        }
    }

    /// The commands up to the `)` that closes a substitution.
    pub(super) fn body(&mut self) -> Result<Body, Fault> {
        self.enter()?;
        let outer = std::mem::take(&mut self.tokens);
        let documents = std::mem::take(&mut self.documents);
        self.outer_documents += documents.len();
        let tokens = self.run(Some(b')'));
        self.outer_documents -= documents.len();
        self.documents = documents;
        self.tokens = outer;
        self.leave();
        Ok(Body { tokens: Arc::new(tokens?), text: None })
    }

    /// `<(..)` or `>(..)`.
    pub(super) fn process(&mut self, pieces: &mut Pieces) -> Result<(), Fault> {
        let at = self.pos;
        let write = self.peek() == Some(b'>');
        self.bump(2);
        let body = self.body()?;
        pieces.push(PieceKind::Process(Box::new(body), write), at, self.pos);
        Ok(())
    }

    /// Backquotes: their text is unescaped once and cut on its own.
    fn backquotes(&mut self, quoted: bool) -> Result<Body, Fault> {
        let at = self.pos;
        self.bump(1);
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return Err(self.syntax(at, "a backquote is never closed")),
                Some(b'`') => break,
                Some(b'\\') => {
                    let next = self.peek_at(1);
                    let escaped =
                        next.is_some_and(|b| b"$`\\".contains(&b) || (quoted && b == b'"'));
                    self.bump(1);
                    if !escaped {
                        text.push('\\');
                    }
                    if next.is_some() {
                        text.push_str(self.take_char());
                    }
                }
                Some(_) => text.push_str(self.take_while(|b| b != b'`' && b != b'\\')),
            }
        }
        self.bump(1);
        self.enter()?;
        let tokens = Lexer::new(&text, self.options, self.meter)
            .run(None)
            .map_err(|fault| Fault { start: at, end: self.pos, ..fault })?;
        self.leave();
        Ok(Body { tokens: Arc::new(tokens), text: Some(text.into()) })
    }
}
