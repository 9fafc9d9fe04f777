//! Substitutions: their commands, and their value where it is plain.

use std::rc::Rc;

use super::Manner;
use super::pieces::Scope;
use crate::model::{Part, Stdin};
use crate::shell::flow::Output;
use crate::shell::lex::{Body, Piece, PieceKind};
use crate::shell::read::{Buffer, Context, Reader};

impl Reader {
    /// Reads the commands of a substitution; returns their indices and their
    /// output, where that is known at least in part.
    pub(super) fn substitution(
        &mut self,
        body: &Body,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> (Vec<usize>, Option<Vec<Part>>) {
        if let Some((_, from, parts)) = scope.seen.iter().find(|seen| seen.0 == piece.start) {
            return (from.clone(), parts.clone());
        }
        let context = Context {
            stdin: scope.context.stdin.clone(),
            input: Rc::clone(&scope.context.input),
            shared: scope.context.shared || self.input_used,
            ..Context::default()
        };
        let flow = self.body(body, piece, scope.buffer, &context);
        self.input_used = true;
        let parts = substituted(&flow.output);
        self.charge(flow.output.size());
        scope.seen.push((piece.start, flow.commands.clone(), parts.clone()));
        (flow.commands, parts)
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
        let flow = self.body(body, piece, scope.buffer, &Context::default());
        let from = flow.commands;
        if write {
            let inherits = |index: &usize| {
                let command = self.script.commands.get(*index);
                command.is_some_and(|command| matches!(command.stdin, Stdin::Inherited))
            };
            let fed: Vec<usize> = from.iter().copied().filter(|index| inherits(index)).collect();
            self.fed_by_next.extend(fed);
        } else if flow.output != Output::Unknown {
            self.processes.push((from.clone(), flow.output));
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
            nested: false,
            listed: false,
            seen: Vec::new(),
        };
        let text = literal_text(pieces);
        self.forget_arithmetic(&text, &[]);
        self.collect(pieces, &mut scope)
    }
}

/// What a substitution becomes: no NUL bytes, and no newlines at its end.
fn substituted(output: &Output) -> Option<Vec<Part>> {
    let mut parts = match output.exact() {
        Some(bytes) if bytes.contains(&0) => {
            let kept: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
            Output::Bytes(kept).parts()?
        }
        _ => output.parts()?,
    };
    if let Some(Part::Text(last)) = parts.last_mut() {
        last.truncate(last.trim_end_matches('\n').len());
        if last.is_empty() {
            parts.pop();
        }
    }
    Some(parts)
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
