//! Words: where they end, and what only they can hold.

use super::cursor::{Fault, Lexer};
use super::is_name;
use super::scan::{Inside, Pieces};
use super::token::{Piece, PieceKind};

/// What is special about the place of a word.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Position {
    /// `NAME[..]=` can start here.
    pub assignment: bool,
    /// Extended patterns are on.
    pub extended: bool,
    /// The right side of `=~`.
    pub regex: bool,
}

/// Bytes that end a run of plain text in a word.
fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\n'
            | b';'
            | b'&'
            | b'|'
            | b'('
            | b')'
            | b'<'
            | b'>'
            | b'\\'
            | b'\''
            | b'"'
            | b'$'
            | b'`'
            | b'['
    )
}

impl Lexer<'_> {
    /// Reads one word; the position is at its first byte.
    pub(super) fn word(&mut self, position: Position) -> Result<Vec<Piece>, Fault> {
        let mut pieces = Pieces::default();
        loop {
            let at = self.pos;
            let Some(byte) = self.peek() else { break };
            match byte {
                b'|' if position.regex => {
                    self.bump(1);
                    pieces.text("|", false, at, self.pos);
                }
                b'(' if position.regex => self.group(&mut pieces, false)?,
                b'(' if position.extended && ends_with_pattern(&pieces) => {
                    self.group(&mut pieces, true)?;
                }
                b'(' if starts_array(&pieces) => self.array(&mut pieces)?,
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => self.process(&mut pieces)?,
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
                b'\\' => {
                    self.bump(1);
                    match self.peek() {
                        Some(b'\n') => self.bump(1),
                        None => pieces.text("\\", true, at, self.pos),
                        Some(_) => {
                            let text = self.take_char();
                            pieces.text(text, true, at, self.pos);
                        }
                    }
                }
                b'\'' => self.single(&mut pieces)?,
                b'"' => {
                    let inner = self.double()?;
                    pieces.push(PieceKind::Double(inner), at, self.pos);
                }
                b'$' | b'`' => self.substitution(false, true, &mut pieces)?,
                b'[' if position.assignment && is_bare_name(&pieces) => {
                    self.bump(1);
                    self.enter()?;
                    let inner = self.inside(Inside::BRACKET)?;
                    self.leave();
                    pieces.push(PieceKind::Subscript(inner), at, self.pos);
                }
                b'[' => {
                    self.bump(1);
                    pieces.text("[", false, at, self.pos);
                }
                _ => {
                    let text = self.take_while(|b| !is_special(b));
                    pieces.text(text, false, at, self.pos);
                }
            }
        }
        Ok(pieces.list)
    }

    /// A parenthesis of an extended pattern or a regular expression, up to the
    /// one that closes it.
    fn group(&mut self, pieces: &mut Pieces, extended: bool) -> Result<(), Fault> {
        let start = self.pos;
        self.enter()?;
        let mut operator = String::new();
        if extended
            && let Some(Piece { kind: PieceKind::Literal(text), .. }) = pieces.list.last_mut()
        {
            operator.extend(text.pop());
        }
        operator.push('(');
        self.bump(1);
        pieces.push(PieceKind::Pattern(operator), start, self.pos);
        let mut levels = 0usize;
        loop {
            let at = self.pos;
            match self.peek() {
                None => return Err(self.syntax(start, "a parenthesis is never closed")),
                Some(b'(' | b')' | b'|') => {
                    let text = self.take_char();
                    pieces.push(PieceKind::Pattern(text.to_owned()), at, self.pos);
                    match text {
                        "(" => levels += 1,
                        ")" if levels == 0 => break,
                        ")" => levels -= 1,
                        _ => {}
                    }
                }
                Some(b'\\') => {
                    self.bump(1);
                    let text = self.take_char();
                    pieces.text(text, true, at, self.pos);
                }
                Some(b'\'') => self.single(pieces)?,
                Some(b'"') => {
                    let inner = self.double()?;
                    pieces.push(PieceKind::Double(inner), at, self.pos);
                }
                Some(b'$' | b'`') => self.substitution(false, true, pieces)?,
                Some(_) => {
                    let text = self.take_char();
                    pieces.text(text, false, at, self.pos);
                }
            }
        }
        self.leave();
        Ok(())
    }

    /// The elements of `NAME=(..)`.
    fn array(&mut self, pieces: &mut Pieces) -> Result<(), Fault> {
        let start = self.pos;
        self.enter()?;
        self.bump(1);
        let mut elements = Vec::new();
        loop {
            match self.peek() {
                None => return Err(self.syntax(start, "a parenthesis is never closed")),
                Some(b')') => break,
                Some(b' ' | b'\t' | b'\n') => self.bump(1),
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.bump(2),
                Some(b'#') => {
                    self.take_while(|b| b != b'\n');
                }
                Some(b'<' | b'>') if self.peek_at(1) != Some(b'(') => {
                    return Err(self.syntax(self.pos, "an operator stands in an array"));
                }
                Some(b';' | b'&' | b'|' | b'(') => {
                    return Err(self.syntax(self.pos, "an operator stands in an array"));
                }
                Some(_) => {
                    let extended = self.options.extended;
                    elements.push(self.word(Position { extended, ..Position::default() })?);
                }
            }
        }
        self.bump(1);
        self.leave();
        pieces.push(PieceKind::Array(elements), start, self.pos);
        Ok(())
    }
}

/// `name=` and `name+=` in front of `(`.
fn starts_array(pieces: &Pieces) -> bool {
    match pieces.list.as_slice() {
        [Piece { kind: PieceKind::Literal(text), .. }] => text
            .strip_suffix('=')
            .is_some_and(|name| is_name(name.strip_suffix('+').unwrap_or(name))),
        _ => false,
    }
}

fn is_bare_name(pieces: &Pieces) -> bool {
    matches!(pieces.list.as_slice(),
        [Piece { kind: PieceKind::Literal(text), .. }] if is_name(text))
}

fn ends_with_pattern(pieces: &Pieces) -> bool {
    matches!(pieces.list.last(),
        Some(Piece { kind: PieceKind::Literal(text), .. })
            if text.ends_with(['?', '*', '+', '@', '!']))
}
