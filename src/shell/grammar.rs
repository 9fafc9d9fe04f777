//! Tokens to a tree, by brush-parser's grammar.
//!
//! The grammar sees reserved words, operators and `NAME=`; every other word is
//! a placeholder. Words that it would parse by itself could cost exponential
//! time or a panic, and guard reads them from the text anyway. The position of
//! each tree node is the index of a token.

use std::sync::Arc;

use brush_parser::{ParseError, ParserOptions, SourcePosition, SourceSpan, ast};

use super::lex::{Fault, Kind, Token, assignment, is_reserved, plain};
use crate::model::ProblemKind;

/// Parses a list of tokens.
pub(super) fn parse(tokens: &[Token]) -> Result<ast::Program, Fault> {
    let mut list = Vec::with_capacity(tokens.len());
    let mut in_test = false;
    for (index, token) in tokens.iter().enumerate() {
        // Even numbers start tokens; only a descriptor ends where the next
        // token starts, which is how the grammar knows it.
        let end = if token.descriptor { 2 * index + 2 } else { 2 * index + 1 };
        let span = SourceSpan { start: position(2 * index), end: position(end) };
        list.push(match &token.kind {
            Kind::Operator(operator) => brush_parser::Token::Operator((*operator).to_owned(), span),
            Kind::Word(pieces) => {
                let text = plain(pieces).unwrap_or_default();
                let value = if token.descriptor {
                    text.to_owned()
                } else if let Some(target) = assignment(pieces) {
                    format!("{}{}", target.name, if target.append { "+=" } else { "=" })
                } else {
                    visible(text, in_test).to_owned()
                };
                in_test = (in_test || text == "[[") && text != "]]";
                brush_parser::Token::Word(value, span)
            }
            Kind::Arithmetic(_) | Kind::Body(_) | Kind::BodyEnd => {
                brush_parser::Token::Word(PLACEHOLDER.to_owned(), span)
            }
        });
    }
    brush_parser::parse_tokens(&list, &ParserOptions::default())
        .map_err(|error| fault(&error, tokens))
}

/// Stands for a word that the grammar need not know.
const PLACEHOLDER: &str = "w";

/// What the grammar sees of a plain word.
fn visible(text: &str, in_test: bool) -> &str {
    match text {
        // Same grammar, and brush-parser does not know the word.
        "select" => "for",
        "-p" => "-p",
        text if is_reserved(text) => text,
        "=" | "==" | "!=" | "=~" if in_test => text,
        text if in_test && text.len() <= 3 && text.starts_with('-') => text,
        _ => PLACEHOLDER,
    }
}

/// A position that holds the index of a token.
fn position(index: usize) -> Arc<SourcePosition> {
    Arc::new(SourcePosition { index, line: 0, column: 0 })
}

/// The index of the token at which a tree node starts.
pub(super) fn token_index(location: &SourceSpan) -> usize {
    location.start.index / 2
}

/// The tokens of a tree node.
pub(super) fn token_range(location: &SourceSpan) -> std::ops::Range<usize> {
    location.start.index / 2..location.end.index.div_ceil(2)
}

fn fault(error: &ParseError, tokens: &[Token]) -> Fault {
    let token = match error {
        ParseError::ParsingNear(position) => tokens.get(position.index / 2),
        _ => None,
    };
    let end = tokens.last().map_or(0, |token| token.end);
    let (start, end, what) = match token {
        Some(token) if token.end > token.start => (token.start, token.end, "not expected here"),
        _ => (end, end, "not expected to end here"),
    };
    let message = format!("The command is not valid shell: it is {what}.");
    Fault { kind: ProblemKind::Syntax, message, start, end }
}
