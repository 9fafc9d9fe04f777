//! What a loop may change before a command in it runs again.

use super::super::calls::in_force;
use super::super::expand::literal_text;
use super::super::lex::{Kind, Parameter, Piece, PieceKind, assignment, is_reserved};
use super::super::read::{Buffer, Reader};
use super::super::simple::plain_name;
use super::{DECLARERS, WRITERS};
use crate::model::Part;

/// Builtins that change variables or the arguments, besides those that are given
/// the names of variables.
const CHANGERS: &[&str] = &["eval", "source", ".", "trap", "cd", "pushd", "popd", "shift", "set"];

/// `"$@"`, or `$@`.
fn is_arguments(pieces: &[Piece]) -> bool {
    let pieces = match pieces {
        [Piece { kind: PieceKind::Double(inner), .. }] => inner.as_slice(),
        other => other,
    };
    matches!(
        pieces,
        [Piece { kind: PieceKind::Parameter(parameter), .. }]
            if parameter.name == "@" && parameter.operator.is_empty() && !parameter.length
                && !parameter.indirect
    )
}

impl Reader {
    /// Forgets what a loop's tokens may assign: its body runs again with what
    /// the round before has left. Twice, because what the first time forgets
    /// may be the name of a command.
    pub(in super::super) fn forget_loop(&mut self, range: std::ops::Range<usize>, buffer: &Buffer) {
        self.forget_range(range.clone(), buffer);
        self.forget_range(range, buffer);
    }

    fn forget_range(&mut self, range: std::ops::Range<usize>, buffer: &Buffer) {
        let mut named = false;
        let mut name_next = false;
        let mut command = true;
        for token in buffer.tokens.get(range).unwrap_or_default() {
            self.charge(16);
            match &token.kind {
                Kind::Operator(operator) => {
                    let redirects = operator.contains(['<', '>']);
                    named &= redirects;
                    command |= !redirects;
                    name_next = false;
                }
                Kind::Arithmetic(pieces) => self.forget_identifiers(&literal_text(pieces)),
                Kind::Word(pieces) => {
                    let assigns = assignment(pieces);
                    if let Some(target) = assigns {
                        self.variables.forget(target.name);
                    }
                    let text = self.command_text(pieces);
                    if (named || name_next)
                        && let Some(name) = text.as_deref().and_then(plain_name)
                    {
                        self.variables.forget(name);
                        self.variables.forget(&in_force(name));
                    }
                    name_next = matches!(text.as_deref(), Some("for" | "select"));
                    match text {
                        Some(text) => {
                            named |= self.forget_word(&text);
                            command &= is_reserved(&text) || assigns.is_some();
                        }
                        None if command && assigns.is_none() => {
                            // A command that is not known may change anything.
                            self.variables.forget_all();
                            command = false;
                        }
                        None => {}
                    }
                    self.forget_inside(pieces);
                }
                Kind::Body(pieces) => self.forget_inside(pieces),
                Kind::BodyEnd => {}
            }
        }
    }

    /// The text of a word of a loop, as far as it is certain in every round.
    fn command_text(&self, pieces: &[Piece]) -> Option<String> {
        let certain = |piece: &Piece| match &piece.kind {
            PieceKind::Literal(text) => !text.contains('{') || text == "{",
            PieceKind::Quoted(_) => true,
            PieceKind::Double(inner) => {
                inner.iter().all(|piece| matches!(piece.kind, PieceKind::Quoted(_)))
            }
            _ => false,
        };
        if is_arguments(pieces) {
            return self.plain_argument();
        }
        if let [Piece { kind: PieceKind::Parameter(parameter), .. }] = pieces
            && parameter.operator.is_empty()
            && !parameter.length
            && !parameter.indirect
        {
            let value = self.variables.get(&parameter.name)?.as_static()?;
            return value.split_whitespace().next().map(str::to_owned);
        }
        pieces.iter().all(certain).then(|| literal_text(pieces))
    }

    /// The first of the arguments, `"$@"`, when all of them are known and none is
    /// a word that changes variables: `retry kubectl get pods`.
    fn plain_argument(&self) -> Option<String> {
        let arguments = self.variables.positional()?;
        let mut texts = arguments.iter().map(|parts| match parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        });
        let changes = |text: &str| {
            let named = WRITERS.contains(&text) || DECLARERS.contains(&text);
            named || CHANGERS.contains(&text) || self.functions.knows(text)
        };
        let first = texts.next()??;
        let plain = !changes(first) && texts.all(|text| text.is_some_and(|text| !changes(text)));
        plain.then(|| first.clone())
    }

    /// Returns whether the words that follow name variables that change.
    fn forget_word(&mut self, text: &str) -> bool {
        match text {
            "eval" | "source" | "." | "trap" => self.variables.forget_all(),
            // [`CHANGERS`] has all of these.
            "cd" | "pushd" | "popd" => {
                self.variables.forget("PWD");
                self.variables.forget("OLDPWD");
            }
            "shift" | "set" => self.variables.set_positional(None),
            text if WRITERS.contains(&text) || DECLARERS.contains(&text) => {
                for name in ["REPLY", "MAPFILE", "OPTARG", "OPTIND"] {
                    self.variables.forget(name);
                }
                return true;
            }
            // A function may change anything but what functions there are.
            text if self.functions.knows(text) && !self.functions.may_unset(text) => {
                self.variables.forget_values();
            }
            text if self.functions.knows(text) => self.variables.forget_all(),
            _ => {}
        }
        false
    }

    /// `${x:=..}` and arithmetic inside words.
    fn forget_inside(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match &piece.kind {
                PieceKind::Double(inner) | PieceKind::Subscript(inner) => {
                    self.forget_inside(inner);
                }
                PieceKind::Arithmetic(inner) => {
                    self.forget_arithmetic(&literal_text(inner), inner);
                    self.forget_inside(inner);
                }
                PieceKind::Parameter(parameter) => self.forget_parameter(parameter),
                _ => {}
            }
        }
    }

    fn forget_parameter(&mut self, parameter: &Parameter) {
        if matches!(parameter.operator, "=" | ":=") {
            self.variables.forget(&parameter.name);
        }
        if let Some(index) = &parameter.index {
            self.forget_arithmetic(&literal_text(index), index);
        }
        if parameter.operator == ":" {
            self.forget_arithmetic(&literal_text(&parameter.argument), &parameter.argument);
        }
        self.forget_inside(&parameter.argument);
    }
}
