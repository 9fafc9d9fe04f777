//! `(` and `((`: subshells, functions, patterns and arithmetic.

use super::cursor::{Fault, Lexer};
use super::state::{Next, Open, State};
use super::token::{Kind, Piece, PieceKind};

impl Lexer<'_> {
    /// `(`: arithmetic, a subshell, a function's parentheses, a pattern's.
    pub(super) fn opening(&mut self, state: &mut State) -> Result<(), Fault> {
        let at = self.pos;
        let twice = self.peek_at(1) == Some(b'(');
        let command = (state.reserved && !state.in_pattern()) || state.next == Next::LoopName;
        if !state.in_test() {
            // The grammar takes `( (` for arithmetic; a newline between the
            // two changes nothing and tells them apart.
            if self.tokens.last().is_some_and(|token| token.is_operator("(")) && command {
                self.push(Kind::Operator("\n"), at)?;
            }
            if twice && command {
                self.bump(2);
                if let Some(inner) = self.arithmetic()? {
                    return self.arithmetic_command(state, inner, at);
                }
                self.pos = at;
            }
        }
        self.bump(1);
        self.push(Kind::Operator("("), at)?;
        if !state.in_pattern() {
            self.open(state, Open::Parenthesis)?;
        }
        state.next = Next::Ordinary;
        state.reserved = true;
        state.assignment = true;
        Ok(())
    }

    /// The tokens of `((..))` or `for ((..;..;..))`.
    fn arithmetic_command(
        &mut self,
        state: &mut State,
        inner: Vec<Piece>,
        at: usize,
    ) -> Result<(), Fault> {
        self.push(Kind::Operator("("), at)?;
        self.push(Kind::Operator("("), at)?;
        if state.next == Next::LoopName {
            for (index, part) in split_at_semicolons(inner).into_iter().enumerate() {
                if index > 0 {
                    self.push(Kind::Operator(";"), at)?;
                }
                self.push(Kind::Arithmetic(part), at)?;
            }
        } else {
            self.push(Kind::Arithmetic(inner), at)?;
        }
        self.push(Kind::Operator(")"), at)?;
        self.push(Kind::Operator(")"), at)?;
        state.next = Next::Ordinary;
        state.reserved = true;
        state.assignment = true;
        Ok(())
    }
}

/// The three parts of an arithmetic `for`; brackets keep their semicolons.
fn split_at_semicolons(pieces: Vec<Piece>) -> Vec<Vec<Piece>> {
    let mut parts = vec![Vec::new()];
    for piece in pieces {
        let (start, end) = (piece.start, piece.end);
        if let PieceKind::Quoted(text) = &piece.kind
            && text.contains(';')
        {
            for (index, part) in text.split(';').enumerate() {
                if index > 0 {
                    parts.push(Vec::new());
                }
                if let Some(last) = parts.last_mut() {
                    last.push(Piece { kind: PieceKind::Quoted(part.to_owned()), start, end });
                }
            }
        } else if let Some(last) = parts.last_mut() {
            last.push(piece);
        }
    }
    parts
}
