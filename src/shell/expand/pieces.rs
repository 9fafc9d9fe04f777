//! Pieces to words: which expansions happen where.

use super::braces::{self, Atom};
use super::fields::Fields;
use super::lists::{are_blanks, holds_any, holds_list, holds_nested, lists};
use super::parameters::{List, Outcome};
use super::tilde::{self, Tildes};
use crate::model::{Cause, Hole, Part, Span, Word};
use crate::shell::lex::{Piece, PieceKind, assignment, is_name};
use crate::shell::read::{Buffer, Context, Reader};
use crate::shell::vars::Separators;

/// What happens to a word in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell) enum Manner {
    /// A word of a command: everything.
    Command,
    /// A value that is assigned: no splitting, no patterns.
    Value,
    /// A redirection's target: patterns, but one word.
    Target,
    /// A here-document or a pattern: nothing but substitutions.
    Document,
}

/// Where the pieces of one word come from, and what running them found.
pub(super) struct Scope<'a> {
    pub buffer: &'a Buffer,
    pub context: &'a Context,
    pub manner: Manner,
    /// As typed, the word looks like an assignment.
    pub assigns: bool,
    /// `"$@"` stands in the same quotes: empty ones make no word.
    pub loose: bool,
    /// A list stands behind an operator in the same quotes.
    pub nested: bool,
    /// `$@` or its kin stands somewhere in the word.
    pub listed: bool,
    /// The substitutions of the word by position, so that one that brace
    /// expansion repeats is read once.
    pub seen: Vec<(usize, Vec<usize>, Option<Vec<Part>>)>,
}

impl Reader {
    /// The words that a word of a command becomes.
    pub(in crate::shell) fn words(
        &mut self,
        pieces: &[Piece],
        buffer: &Buffer,
        context: &Context,
        span: Span,
    ) -> Vec<Word> {
        let assigns = assignment(pieces).is_some();
        let manner = Manner::Command;
        let listed = holds_list(pieces);
        let mut scope = Scope {
            buffer,
            context,
            manner,
            assigns,
            loose: false,
            nested: false,
            listed,
            seen: Vec::new(),
        };
        let Ok(alternatives) = braces::expand(pieces) else {
            let from = self.collect(pieces, &mut scope);
            let source = buffer.source(span_of(pieces));
            let hole = Hole { source, cause: Cause::Limit, splits: true, from, ..Hole::default() };
            return vec![Word { parts: vec![Part::Hole(hole)], span }];
        };
        // What braces have made looks like an assignment to nobody any more.
        scope.assigns &= alternatives.len() == 1;
        let mut words = Vec::new();
        for atoms in &alternatives {
            let mut fields = Fields::new(span);
            self.atoms(atoms, &mut fields, &mut scope);
            words.extend(fields.finish());
        }
        words
    }

    /// A word in a place where it stays one word.
    pub(in crate::shell) fn single(
        &mut self,
        pieces: &[Piece],
        buffer: &Buffer,
        context: &Context,
        manner: Manner,
        span: Span,
    ) -> Word {
        self.single_after(None, pieces, buffer, context, manner, span)
    }

    /// As [`Self::single`], with unquoted text in front of the pieces.
    pub(in crate::shell) fn single_after(
        &mut self,
        front: Option<&str>,
        pieces: &[Piece],
        buffer: &Buffer,
        context: &Context,
        manner: Manner,
        span: Span,
    ) -> Word {
        let listed = false;
        let mut scope = Scope {
            buffer,
            context,
            manner,
            assigns: false,
            loose: false,
            nested: false,
            listed,
            seen: Vec::new(),
        };
        let mut fields = Fields::new(span);
        let mut atoms: Vec<Atom<'_>> = Vec::with_capacity(pieces.len() + 1);
        atoms.extend(front.map(|text| Atom::Text(text.to_owned())));
        atoms.extend(pieces.iter().map(|piece| match &piece.kind {
            PieceKind::Literal(text) => Atom::Text(text.clone()),
            _ => Atom::Piece(piece),
        }));
        self.atoms(&atoms, &mut fields, &mut scope);
        fields.finish_single()
    }

    fn atoms(&mut self, atoms: &[Atom<'_>], fields: &mut Fields, scope: &mut Scope<'_>) {
        let mut tildes = match scope.manner {
            Manner::Command | Manner::Target => Tildes::Start,
            Manner::Value => Tildes::Colons,
            Manner::Document => Tildes::None,
        };
        for (index, atom) in atoms.iter().enumerate() {
            if self.stopped {
                return;
            }
            match atom {
                Atom::Text(text) => {
                    self.charge(text.len());
                    let last = index + 1 == atoms.len();
                    self.literal(text, tildes, last, fields, scope);
                }
                Atom::Unknown => fields.hole(Hole {
                    source: "$".to_owned(),
                    cause: Cause::Variable,
                    splits: true,
                    ..Hole::default()
                }),
                Atom::Piece(piece) => self.piece(piece, false, fields, scope),
            }
            tildes = match tildes {
                Tildes::None | Tildes::Start => Tildes::None,
                Tildes::Colons | Tildes::LaterColons => Tildes::LaterColons,
            };
        }
    }

    /// Unquoted text.
    fn literal(
        &mut self,
        text: &str,
        tildes: Tildes,
        last: bool,
        fields: &mut Fields,
        scope: &Scope<'_>,
    ) {
        let active = matches!(scope.manner, Manner::Command | Manner::Target);
        let write = |fields: &mut Fields, text: &str| {
            if active { fields.active(text) } else { fields.text(text) }
        };
        // `NAME=~/x` is expanded in any word that looks like an assignment.
        if tildes == Tildes::Start
            && scope.assigns
            && let Some((name, value)) = text.split_once('=')
            && is_name(name)
        {
            write(fields, text.get(..=name.len()).unwrap_or_default());
            tilde::emit(fields, &self.variables, value, Tildes::Colons, last, write);
            return;
        }
        tilde::emit(fields, &self.variables, text, tildes, last, write);
    }

    /// One piece that is not unquoted text.
    pub(super) fn piece(
        &mut self,
        piece: &Piece,
        quoted: bool,
        fields: &mut Fields,
        scope: &mut Scope<'_>,
    ) {
        match &piece.kind {
            PieceKind::Literal(text) => {
                let quoted = quoted || scope.manner != Manner::Command;
                if quoted { fields.text(text) } else { fields.active(text) }
            }
            PieceKind::Pattern(text) => fields.pattern(text),
            PieceKind::Quoted(text) => {
                self.charge(text.len());
                fields.start();
                fields.text(text);
            }
            PieceKind::Double(inner) => {
                // `"$@"` without parameters is no word at all.
                let loose = inner.iter().any(|piece| lists(piece, "@"));
                if !loose {
                    fields.start();
                }
                let nested = std::mem::replace(&mut scope.nested, holds_nested(inner));
                let outer = std::mem::replace(&mut scope.loose, loose);
                for piece in inner {
                    self.piece(piece, true, fields, scope);
                }
                scope.loose = outer;
                scope.nested = nested;
            }
            PieceKind::Parameter(parameter) => {
                match self.parameter(parameter, piece, quoted, scope) {
                    Outcome::Argument => {
                        self.argument(&parameter.argument, piece, quoted, fields, scope);
                    }
                    outcome => self.emit(outcome, piece, quoted, fields, scope),
                }
            }
            PieceKind::Command(body) => {
                let (from, parts) = self.substitution(body, piece, scope);
                match parts {
                    Some(parts) => {
                        let value = Outcome::Value(parts);
                        self.emit(value, piece, quoted, fields, scope);
                    }
                    None => {
                        fields.hole(self.gap(
                            piece,
                            Cause::CommandSubstitution,
                            quoted,
                            from,
                            scope,
                        ));
                    }
                }
            }
            PieceKind::Process(body, write) => {
                let from = self.process(body, *write, piece, scope);
                fields.hole(self.gap(piece, Cause::ProcessSubstitution, true, from, scope));
            }
            PieceKind::Arithmetic(inner) => {
                self.arithmetic_piece(inner, piece, quoted, fields, scope);
            }
            PieceKind::Array(elements) => self.array_text(elements, fields, scope),
            PieceKind::Subscript(inner) => {
                fields.text("[");
                for piece in inner {
                    self.piece(piece, true, fields, scope);
                }
                fields.text("]");
            }
        }
    }

    fn arithmetic_piece(
        &mut self,
        inner: &[Piece],
        piece: &Piece,
        quoted: bool,
        fields: &mut Fields,
        scope: &mut Scope<'_>,
    ) {
        let parts = match self.arithmetic(inner, scope) {
            Ok(value) => vec![Part::Text(value.to_string())],
            Err(from) => {
                fields.hole(self.gap(piece, Cause::Arithmetic, quoted, from, scope));
                return;
            }
        };
        match self.variables.separators() {
            Separators::Known(_) => {
                self.emit(Outcome::Value(parts), piece, quoted, fields, scope);
            }
            // Practically never digits.
            Separators::Unknown => fields.quoted(&parts),
        }
    }

    fn array_text(&mut self, elements: &[Vec<Piece>], fields: &mut Fields, scope: &mut Scope<'_>) {
        fields.text("(");
        for (index, element) in elements.iter().enumerate() {
            if index > 0 {
                fields.text(" ");
            }
            for piece in element {
                self.piece(piece, true, fields, scope);
            }
        }
        fields.text(")");
    }

    /// A hole for a piece.
    pub(super) fn gap(
        &mut self,
        piece: &Piece,
        cause: Cause,
        quoted: bool,
        from: Vec<usize>,
        scope: &Scope<'_>,
    ) -> Hole {
        let source = scope.buffer.source((piece.start, piece.end));
        self.charge(source.len());
        let splits = (!quoted || scope.loose) && scope.manner == Manner::Command;
        Hole { source, cause, splits, from, ..Hole::default() }
    }

    fn emit(
        &mut self,
        outcome: Outcome,
        piece: &Piece,
        quoted: bool,
        fields: &mut Fields,
        scope: &mut Scope<'_>,
    ) {
        let separators = self.variables.separators();
        let whole = quoted || scope.manner != Manner::Command;
        match (outcome, separators) {
            (Outcome::Hole(gap), _) => {
                let mut hole = self.gap(piece, Cause::Variable, quoted, gap.from, scope);
                hole.splits |= gap.list && scope.manner == Manner::Command;
                hole.nonempty = gap.nonempty;
                hole.otherwise = gap.otherwise;
                hole.untouched = gap.untouched;
                fields.hole(hole);
            }
            (Outcome::Argument, _) => {}
            (Outcome::Value(parts), _) if quoted && scope.loose && parts.is_empty() => {}
            // Next to `"$@"` even a quoted value is split.
            (Outcome::Value(parts), Separators::Known(separators))
                if quoted && scope.loose && holds_any(&parts, &separators) =>
            {
                fields.hole(self.gap(piece, Cause::Variable, quoted, Vec::new(), scope));
            }
            (Outcome::Value(parts), _) if whole => {
                self.charge_parts(&parts);
                fields.quoted(&parts);
            }
            // Next to a list, versions disagree on empty fields.
            (Outcome::Value(parts), Separators::Known(separators))
                if scope.listed && !are_blanks(&separators) =>
            {
                let list = List { elements: vec![parts], star: false, plain: true };
                self.several(list, &separators, piece, quoted, fields, scope);
            }
            (Outcome::Value(parts), Separators::Known(separators)) => {
                self.charge_parts(&parts);
                fields.split(&parts, &separators);
            }
            (Outcome::List(list), Separators::Known(separators)) => {
                self.several(list, &separators, piece, quoted, fields, scope);
            }
            (Outcome::Value(_) | Outcome::List(_), Separators::Unknown) => {
                fields.hole(self.gap(piece, Cause::Variable, quoted, Vec::new(), scope));
            }
        }
    }
}

fn span_of(pieces: &[Piece]) -> (usize, usize) {
    let start = pieces.first().map_or(0, |piece| piece.start);
    (start, pieces.last().map_or(start, |piece| piece.end))
}
