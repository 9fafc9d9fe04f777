//! Walks along a list of tokens.

use super::lex::Token;

/// A place in a list of tokens.
pub(super) struct Cursor<'t> {
    pub(super) tokens: &'t [Token],
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) const fn new(tokens: &'t [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    pub(super) fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn ahead(&self, by: usize) -> Option<&'t Token> {
        self.tokens.get(self.at + by)
    }

    pub(super) fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), Some(Token::Op(found)) if *found == op)
    }

    pub(super) fn name_ahead(&self, by: usize) -> Option<&'t str> {
        match self.ahead(by) {
            Some(Token::Name(name) | Token::Var(name)) => Some(name),
            _ => None,
        }
    }

    pub(super) const fn next(&mut self) {
        self.at += 1;
    }

    pub(super) const fn stop(&mut self) {
        self.at = self.tokens.len();
    }

    pub(super) fn lines(&mut self) {
        while matches!(self.peek(), Some(Token::Newline)) {
            self.next();
        }
    }
}
