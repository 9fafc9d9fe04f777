//! Tokens of shell text, with words already cut into their quoted pieces.

use std::sync::Arc;

/// A token and where it stands in its buffer, in bytes.
#[derive(Debug)]
pub(in crate::shell) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// A number directly in front of a redirection operator.
    pub descriptor: bool,
}

/// What a token is.
#[derive(Debug)]
pub(in crate::shell) enum Kind {
    /// An operator, a newline included.
    Operator(&'static str),
    /// A word.
    Word(Vec<Piece>),
    /// The text of `((..))`, or one of the three parts of `for ((..;..;..))`.
    Arithmetic(Vec<Piece>),
    /// The body of a here-document.
    Body(Vec<Piece>),
    /// The closing delimiter of a here-document.
    BodyEnd,
}

/// A part of a word with one kind of quoting.
#[derive(Debug)]
pub(in crate::shell) struct Piece {
    pub kind: PieceKind,
    pub start: usize,
    pub end: usize,
}

/// Kinds of [`Piece`].
#[derive(Debug)]
pub(in crate::shell) enum PieceKind {
    /// Unquoted text: braces, tildes and patterns in it are active.
    Literal(String),
    /// An operator of an extended pattern: `@(`, `|`, `)`.
    Pattern(String),
    /// Text that means itself.
    Quoted(String),
    /// `".."`.
    Double(Vec<Piece>),
    /// `$x`, `${x..}`.
    Parameter(Box<Parameter>),
    /// `$(..)` or backquotes.
    Command(Box<Body>),
    /// `<(..)`, or `>(..)` when the flag is set.
    Process(Box<Body>, bool),
    /// `$((..))` or `$[..]`.
    Arithmetic(Vec<Piece>),
    /// The parenthesised value of `NAME=(..)`.
    Array(Vec<Vec<Piece>>),
    /// The subscript of an assignment, brackets not included.
    Subscript(Vec<Piece>),
}

/// A parameter expansion.
#[derive(Debug, Default)]
pub(in crate::shell) struct Parameter {
    /// Written with braces.
    pub braced: bool,
    /// `${!x}`.
    pub indirect: bool,
    /// `${#x}`.
    pub length: bool,
    /// The name; empty when the expansion is malformed.
    pub name: String,
    /// The subscript.
    pub index: Option<Vec<Piece>>,
    /// The operator, such as `:-` or `//`; empty for none.
    pub operator: &'static str,
    /// What follows the operator.
    pub argument: Vec<Piece>,
}

/// The commands of a substitution.
#[derive(Debug)]
pub(in crate::shell) struct Body {
    pub tokens: Arc<Vec<Token>>,
    /// The text without the escapes of backquotes, when it differs from the
    /// buffer around it.
    pub text: Option<Arc<str>>,
}

impl Body {
    /// `$(< FILE)` is `$(cat < FILE)` (bash(1), "Command Substitution"): the only
    /// place where a redirection without a command prints something.
    pub(in crate::shell) fn printing(mut self) -> Self {
        let Some(tokens) = Arc::get_mut(&mut self.tokens) else { return self };
        let ends = |token: &Token| token.is_operator("\n") || token.is_operator(";");
        let mut words = tokens.iter().filter(|token| !ends(token));
        let mut next = words.next();
        next = if next.is_some_and(|token| token.descriptor) { words.next() } else { next };
        let reads = next.is_some_and(|token| token.is_operator("<"))
            && words.next().is_some_and(|token| matches!(token.kind, Kind::Word(_)))
            && words.next().is_none();
        let first = tokens.iter().position(|token| !ends(token)).filter(|_| reads);
        if let Some((first, start)) = first.and_then(|at| Some((at, tokens.get(at)?.start))) {
            let piece = Piece { kind: PieceKind::Literal("cat".to_owned()), start, end: start };
            let kind = Kind::Word(vec![piece]);
            tokens.insert(first, Token { kind, start, end: start, descriptor: false });
        }
        self
    }
}

impl Token {
    /// Whether this is the given operator.
    pub(in crate::shell) fn is_operator(&self, wanted: &str) -> bool {
        matches!(self.kind, Kind::Operator(operator) if operator == wanted)
    }
}

/// The text of a word that is nothing but unquoted text.
pub(in crate::shell) fn plain(pieces: &[Piece]) -> Option<&str> {
    match pieces {
        [Piece { kind: PieceKind::Literal(text), .. }] => Some(text),
        _ => None,
    }
}

/// The variable and the length of `NAME=` or `NAME+=` at the start of a word.
pub(in crate::shell) fn assignment(pieces: &[Piece]) -> Option<Target<'_>> {
    let Some(Piece { kind: PieceKind::Literal(first), .. }) = pieces.first() else { return None };
    if let Some((left, _)) = first.split_once('=') {
        let name = left.strip_suffix('+').unwrap_or(left);
        return super::is_name(name).then_some(Target {
            name,
            subscript: None,
            append: name.len() != left.len(),
            piece: 0,
            offset: left.len() + 1,
        });
    }
    let [_, Piece { kind: PieceKind::Subscript(subscript), .. }, third, ..] = pieces else {
        return None;
    };
    let PieceKind::Literal(rest) = &third.kind else { return None };
    let append = rest.starts_with("+=");
    (super::is_name(first) && (append || rest.starts_with('='))).then_some(Target {
        name: first,
        subscript: Some(subscript),
        append,
        piece: 2,
        offset: 1 + usize::from(append),
    })
}

/// The left side of an assignment.
#[derive(Debug, Clone, Copy)]
pub(in crate::shell) struct Target<'a> {
    pub name: &'a str,
    pub subscript: Option<&'a Vec<Piece>>,
    pub append: bool,
    /// The piece in which the value starts, and the byte in it.
    pub piece: usize,
    pub offset: usize,
}
