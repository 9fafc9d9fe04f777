//! `$@`, `${A[*]}` and their kin, and the words behind operators, which may
//! hold them. What depends on the version of bash stays unknown.

use super::fields::Fields;
use super::literal_text;
use super::parameters::List;
use super::pieces::{Manner, Scope};
use super::symbols::commands;
use super::tilde::{self, Tildes};
use crate::model::{Cause, Part};
use crate::shell::lex::{Piece, PieceKind};
use crate::shell::read::Reader;
use crate::shell::vars::Separators;

impl Reader {
    /// Several values. Where the separators are not blanks, shells and their
    /// versions disagree on most lists with an operator.
    pub(super) fn several(
        &mut self,
        list: List,
        separators: &str,
        piece: &Piece,
        quoted: bool,
        fields: &mut Fields,
        scope: &Scope<'_>,
    ) {
        let List { elements, star, plain } = list;
        elements.iter().for_each(|parts| self.charge_parts(parts));
        let command = scope.manner == Manner::Command;
        let whole = quoted || !command;
        let usual = are_blanks(separators);
        let separates = |part: &Part| match part {
            Part::Text(text) => text.contains(|c| separators.contains(c)),
            _ => true,
        };
        let splits = |parts: &Vec<Part>| parts.is_empty() || parts.iter().any(separates);
        let odd =
            !usual && !elements.is_empty() && (!plain || (!whole && elements.iter().any(splits)))
                || ((scope.loose || scope.nested) && star && (elements.len() > 1 || !plain));
        if odd {
            let from = elements.iter().flatten().flat_map(commands).collect();
            let mut hole = self.gap(piece, Cause::Variable, quoted, from, scope);
            hole.splits = command;
            fields.hole(hole);
            return;
        }
        let separator = separators.chars().next().map(String::from).unwrap_or_default();
        let joint = match (star, whole) {
            (true, true) => Some(separator.as_str()),
            (false, true) if !command => Some(" "),
            _ => None,
        };
        for (index, parts) in elements.iter().enumerate() {
            match joint {
                _ if index == 0 => {}
                Some(joint) => fields.text(joint),
                None => fields.finish_word(),
            }
            if whole { fields.quoted(parts) } else { fields.split(parts, separators) }
        }
    }

    /// The word behind an operator, in the place of the expansion.
    pub(super) fn argument(
        &mut self,
        argument: &[Piece],
        piece: &Piece,
        quoted: bool,
        fields: &mut Fields,
        scope: &mut Scope<'_>,
    ) {
        let whole = quoted || scope.manner != Manner::Command;
        let known = match self.variables.separators() {
            Separators::Known(separators) => Some(separators),
            Separators::Unknown => None,
        };
        let usual = known.as_deref().is_some_and(are_blanks);
        // What bash does with these depends on its version.
        let odd = argument.iter().any(|inner| match &inner.kind {
            PieceKind::Double(_) if quoted => {
                let list = lists(piece, "@") || lists(piece, "*");
                !usual || list || argument.len() > 1
            }
            PieceKind::Literal(text) if !usual && !whole && text.starts_with('~') => true,
            PieceKind::Literal(text) => scope.manner == Manner::Value && text.contains(":~"),
            _ => false,
        }) || (holds_list(argument) && (!usual || (!whole && argument.len() > 1)));
        let separators = known.filter(|_| !odd).or((whole && !odd).then(String::new));
        let Some(separators) = separators else {
            let from = self.collect(argument, scope);
            let mut hole = self.gap(piece, Cause::Variable, quoted, from, scope);
            hole.splits |= scope.manner == Manner::Command && holds_list(argument);
            fields.hole(hole);
            return;
        };
        if quoted && (!scope.loose || lists(piece, "@")) {
            fields.start();
        }
        for (index, inner) in argument.iter().enumerate() {
            let PieceKind::Literal(text) = &inner.kind else {
                self.piece(inner, quoted, fields, scope);
                continue;
            };
            self.charge(text.len());
            let tildes = if index == 0 && !quoted { Tildes::Start } else { Tildes::None };
            let last = argument.len() == 1;
            tilde::emit(fields, &self.variables, text, tildes, last, |fields, text| {
                if whole { fields.text(text) } else { fields.split_text(text, &separators) }
            });
        }
    }

    /// Unquoted text in front of which a tilde is a home.
    pub(super) fn tilde(&mut self, text: &str, last: bool, fields: &mut Fields) {
        tilde::emit(fields, &self.variables, text, Tildes::Start, last, Fields::text);
    }
}

/// Whether the piece is `$@` or `${A[@]}`, or with a star.
pub(super) fn lists(piece: &Piece, sign: &str) -> bool {
    match &piece.kind {
        PieceKind::Parameter(parameter) => {
            parameter.name == sign
                || parameter.index.as_ref().is_some_and(|index| literal_text(index) == sign)
        }
        _ => false,
    }
}

/// Whether a list stands in the pieces, or in quotes in them.
pub(super) fn holds_list(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| match &piece.kind {
        PieceKind::Double(inner) => holds_list(inner),
        PieceKind::Parameter(parameter) => {
            lists(piece, "@") || lists(piece, "*") || holds_list(&parameter.argument)
        }
        _ => false,
    })
}

/// Whether a list stands in the word behind an operator of one of the pieces.
/// What bash makes of a starred list next to it depends on the version.
pub(super) fn holds_nested(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| match &piece.kind {
        PieceKind::Parameter(parameter) => holds_list(&parameter.argument),
        _ => false,
    })
}

/// Whether one of these separators, which are not all blanks, stands in a value.
pub(super) fn holds_any(parts: &[Part], separators: &str) -> bool {
    let holds = |part: &Part| match part {
        Part::Text(text) => text.contains(|c| separators.contains(c)),
        _ => false,
    };
    !are_blanks(separators) && parts.iter().any(holds)
}

/// Whether fields are separated by nothing but blanks.
pub(super) fn are_blanks(separators: &str) -> bool {
    !separators.is_empty() && separators.chars().all(|c| matches!(c, ' ' | '\t' | '\n'))
}
