//! Substitutions: their commands, and their value where it is plain.

use super::Manner;
use super::pieces::Scope;
use crate::model::Stdin;
use crate::shell::lex::{Body, Piece, PieceKind};
use crate::shell::read::{Buffer, Context, Reader};

impl Reader {
    /// Reads the commands of a substitution; returns their indices and their
    /// output, where that is plain.
    pub(super) fn substitution(
        &mut self,
        body: &Body,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> (Vec<usize>, Option<String>) {
        if let Some((_, from, text)) = scope.seen.iter().find(|seen| seen.0 == piece.start) {
            return (from.clone(), text.clone());
        }
        let context = Context { stdin: scope.context.stdin.clone(), ..Context::default() };
        let (from, sequence) = self.body(body, piece, scope.buffer, &context);
        let text = if sequence { self.plain_output(&from) } else { None };
        scope.seen.push((piece.start, from.clone(), text.clone()));
        (from, text)
    }

    pub(super) fn process(
        &mut self,
        body: &Body,
        write: bool,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> Vec<usize> {
        if let Some((_, from, _)) = scope.seen.iter().find(|seen| seen.0 == piece.start) {
            return from.clone();
        }
        let (from, _) = self.body(body, piece, scope.buffer, &Context::default());
        if write {
            let inherits = |index: &usize| {
                let command = self.script.commands.get(*index);
                command.is_some_and(|command| matches!(command.stdin, Stdin::Inherited))
            };
            let fed: Vec<usize> = from.iter().copied().filter(|index| inherits(index)).collect();
            self.fed_by_next.extend(fed);
        }
        scope.seen.push((piece.start, from.clone(), None));
        from
    }

    /// Reads the commands of all substitutions in pieces that have no value.
    pub(super) fn collect(&mut self, pieces: &[Piece], scope: &mut Scope<'_>) -> Vec<usize> {
        let mut from = Vec::new();
        for piece in pieces {
            match &piece.kind {
                PieceKind::Literal(_) | PieceKind::Pattern(_) | PieceKind::Quoted(_) => {}
                PieceKind::Double(inner) | PieceKind::Subscript(inner) => {
                    from.extend(self.collect(inner, scope));
                }
                PieceKind::Arithmetic(inner) => {
                    let text = literal_text(inner);
                    self.forget_arithmetic(&text, inner);
                    from.extend(self.collect(inner, scope));
                }
                PieceKind::Array(elements) => {
                    for element in elements {
                        from.extend(self.collect(element, scope));
                    }
                }
                PieceKind::Parameter(parameter) => {
                    from.extend(self.collect_parameter(parameter, scope));
                }
                PieceKind::Command(body) => from.extend(self.substitution(body, piece, scope).0),
                PieceKind::Process(body, write) => {
                    from.extend(self.process(body, *write, piece, scope));
                }
            }
        }
        self.charge(from.len());
        from
    }

    /// Reads the substitutions of pieces that are not a word of a command.
    pub(in crate::shell) fn visit(
        &mut self,
        pieces: &[Piece],
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        let manner = Manner::Document;
        let mut scope = Scope {
            buffer,
            context,
            manner,
            assigns: false,
            loose: false,
            listed: false,
            seen: Vec::new(),
        };
        let text = literal_text(pieces);
        self.forget_arithmetic(&text, &[]);
        self.collect(pieces, &mut scope)
    }
}

/// The text of pieces without substitutions.
pub(in crate::shell) fn literal_text(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match &piece.kind {
            PieceKind::Literal(part) | PieceKind::Quoted(part) => text.push_str(part),
            PieceKind::Double(inner) => text.push_str(&literal_text(inner)),
            _ => {}
        }
    }
    text
}
