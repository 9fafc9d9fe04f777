//! Shell text to tokens, the way bash cuts it.
//!
//! The grammar of commands is brush-parser's; the cutting is done here because
//! guard needs what a tokenizer usually throws away: the exact bytes of every
//! piece of every word, and the same borders as bash in the places where a
//! difference would hide a command (`\$'a\'`, `( (..) )`, `$((..);..)`, quoted
//! and escaped here-document delimiters, `case` patterns inside `$(..)`).
//!
//! One pass, no backtracking except at `((`, every byte counted.

mod cursor;
mod heredoc;
mod operators;
mod parameters;
mod parens;
mod scan;
mod state;
mod token;
mod words;

pub(super) use cursor::{Fault, Meter};
pub(super) use state::is_reserved;
pub(super) use token::{Body, Kind, Parameter, Piece, PieceKind, Target, Token, assignment, plain};

use cursor::Lexer;

/// How to cut.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Options {
    /// Extended patterns are on outside `[[ ]]` too (`shopt -s extglob`).
    pub extended: bool,
}

/// Cuts a whole text.
pub(super) fn tokens(text: &str, options: Options, meter: &mut Meter) -> Result<Vec<Token>, Fault> {
    Lexer::new(text, options, meter).run(None)
}

/// Whether the text is a name that a variable can have.
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
