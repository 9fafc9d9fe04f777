//! Cuts shell text into words well enough to find secrets.
//!
//! Not the grammar that verdicts rest on: this one must give an answer for any
//! bytes, such as text that does not parse, in one pass.

use std::borrow::Cow;
use std::ops::Range;

/// A word or what separates commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word with its quotes.
    Word(Range<usize>),
    /// `;`, `&`, `(`, `)`, a backquote or a line feed: another command begins.
    Break,
    /// `|`: another command begins and reads the output of this one.
    Pipe,
    /// `<` or `>`.
    Redirect,
}

/// Cuts text into tokens. A quote without its partner is an ordinary character.
pub(super) fn tokens(text: &[u8]) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, no_single: false, no_double: false };
    let mut out = Vec::new();
    while let Some(&byte) = text.get(lexer.at) {
        let token = match byte {
            b' ' | b'\t' | b'\r' => None,
            b'\n' | b';' | b'&' | b'(' | b')' | b'`' => Some(Token::Break),
            b'|' => Some(Token::Pipe),
            b'<' | b'>' => Some(Token::Redirect),
            _ => {
                let start = lexer.at;
                lexer.word();
                out.push(Token::Word(start..lexer.at));
                continue;
            }
        };
        out.extend(token);
        lexer.at += 1;
    }
    out
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    // Set when no closing quote follows, so that the rest is searched only once.
    no_single: bool,
    no_double: bool,
}

impl Lexer<'_> {
    fn word(&mut self) {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'(' | b')' | b'`' | b'|' | b'<'
                | b'>' => return,
                b'\\' => self.at = (self.at + 2).min(self.text.len()),
                b'\'' if !self.no_single => {
                    match self.text.iter().skip(self.at + 1).position(|b| *b == b'\'') {
                        Some(inner) => self.at += inner + 2,
                        None => {
                            self.no_single = true;
                            self.at += 1;
                        }
                    }
                }
                b'"' if !self.no_double => match closing_double(self.text, self.at + 1) {
                    Some(end) => self.at = end + 1,
                    None => {
                        self.no_double = true;
                        self.at += 1;
                    }
                },
                _ => self.at += 1,
            }
        }
    }
}

fn closing_double(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// A word without its quotes and backslashes.
pub(super) fn unquote(word: &[u8]) -> Cow<'_, [u8]> {
    if !word.iter().any(|byte| matches!(byte, b'\'' | b'"' | b'\\')) {
        return Cow::Borrowed(word);
    }
    let mut out = Vec::with_capacity(word.len());
    let mut quote = 0_u8;
    let mut bytes = word.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' | b'"' if quote == 0 => quote = byte,
            _ if byte == quote && quote != 0 => quote = 0,
            b'\\' if quote != b'\'' => out.extend(bytes.next()),
            _ => out.push(byte),
        }
    }
    Cow::Owned(out)
}

/// The part of a quoted range that lies between the quotes, when one pair of
/// quotes holds all of it.
pub(super) fn inside(text: &[u8], range: Range<usize>) -> Range<usize> {
    let word = text.get(range.clone()).unwrap_or(&[]);
    let (open, skip) = match word {
        [b'$', quote @ (b'\'' | b'"'), ..] => (*quote, 2),
        [quote @ (b'\'' | b'"'), ..] => (*quote, 1),
        _ => return range,
    };
    let inner = word.get(skip..word.len().saturating_sub(1)).unwrap_or(&[]);
    if word.len() <= skip || word.last() != Some(&open) || inner.contains(&open) {
        return range;
    }
    range.start + skip..range.end - 1
}

#[cfg(test)]
mod tests {
    use super::{Token, inside, tokens, unquote};

    fn split(text: &str) -> Vec<&str> {
        tokens(text.as_bytes())
            .into_iter()
            .map(|token| match token {
                Token::Word(range) => text.get(range).unwrap_or(""),
                Token::Break => ";",
                Token::Pipe => "|",
                Token::Redirect => ">",
            })
            .collect()
    }

    #[test]
    fn text_is_cut_like_a_shell_would() {
        assert_eq!(
            split("a 'b c' \"d \\\" e\"f|g;h\\ i >j $(k)"),
            ["a", "'b c'", "\"d \\\" e\"f", "|", "g", ";", "h\\ i", ">", "j", "$", ";", "k", ";"]
        );
        assert_eq!(split("don't stop \"here"), ["don't", "stop", "\"here"]);
        assert_eq!(split("a\\"), ["a\\"]);
    }

    #[test]
    fn quotes_are_taken_off() {
        assert_eq!(&*unquote(b"a'b c'\"d\\\"e\"\\ f"), b"ab cd\"e f");
        assert_eq!(inside(b"'ab'", 0..4), 1..3);
        assert_eq!(inside(b"$'ab'", 0..5), 2..4);
        assert_eq!(inside(b"'a'b'c'", 0..7), 0..7);
        assert_eq!(inside(b"'", 0..1), 0..1);
    }
}
