//! Pieces to words: which expansions happen where.

use super::braces::{self, Atom};
use super::fields::Fields;
use super::literal_text;
use super::parameters::{List, Outcome};
use super::symbols::commands;
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
        let mut scope =
            Scope { buffer, context, manner, assigns, loose: false, listed, seen: Vec::new() };
        let Ok(alternatives) = braces::expand(pieces) else {
            let from = self.collect(pieces, &mut scope);
            let source = buffer.source(span_of(pieces));
            let hole = Hole { source, cause: Cause::Limit, splits: true, from, ..Hole::default() };
            return vec![Word { parts: vec![Part::Hole(hole)], span }];
        };
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
                let outer = std::mem::replace(&mut scope.loose, loose);
                for piece in inner {
                    self.piece(piece, true, fields, scope);
                }
                scope.loose = outer;
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
            PieceKind::Arithmetic(inner) => match self.arithmetic(inner, scope) {
                Ok(value) => {
                    let parts = vec![Part::Text(value.to_string())];
                    match self.variables.separators() {
                        Separators::Known(_) => {
                            self.emit(Outcome::Value(parts), piece, quoted, fields, scope);
                        }
                        // Practically never digits.
                        Separators::Unknown => fields.quoted(&parts),
                    }
                }
                Err(from) => {
                    fields.hole(self.gap(piece, Cause::Arithmetic, quoted, from, scope));
                }
            },
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

    /// Several values. Where the separators are not blanks, shells and their
    /// versions disagree on most lists with an operator.
    fn several(
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
                || (scope.loose && star && elements.len() > 1);
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
    fn argument(
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
            PieceKind::Double(_) if quoted => !usual || lists(piece, "@") || lists(piece, "*"),
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

/// Whether the piece is `$@` or `${A[@]}`, or with a star.
fn lists(piece: &Piece, sign: &str) -> bool {
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

/// Whether one of these separators, which are not all blanks, stands in a value.
fn holds_any(parts: &[Part], separators: &str) -> bool {
    let holds = |part: &Part| match part {
        Part::Text(text) => text.contains(|c| separators.contains(c)),
        _ => false,
    };
    !are_blanks(separators) && parts.iter().any(holds)
}

/// Whether fields are separated by nothing but blanks.
fn are_blanks(separators: &str) -> bool {
    !separators.is_empty() && separators.chars().all(|c| matches!(c, ' ' | '\t' | '\n'))
}

fn span_of(pieces: &[Piece]) -> (usize, usize) {
    let start = pieces.first().map_or(0, |piece| piece.start);
    (start, pieces.last().map_or(start, |piece| piece.end))
}
