//! The operators of parameter expansion: which value they give.

use super::fields::Fields;
use super::operators::{self, Unit};
use super::parameters::{Gap, List, Outcome};
use super::pattern::{self, Budget, Element};
use super::pieces::Scope;
use super::symbols::{self, Symbols, commands, is_filled};
use super::{Manner, ansi, literal_text};
use crate::model::{Fallback, Hole, Part, Span, Word};
use crate::shell::lex::{Parameter, Piece, PieceKind, is_name};
use crate::shell::limits;
use crate::shell::read::Reader;
use crate::shell::vars::Value;

impl Reader {
    /// An operator on a parameter that is not set.
    pub(super) fn operate_unset(
        &mut self,
        parameter: &Parameter,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> Option<Outcome> {
        if parameter.length {
            return Some(Outcome::Value(vec![Part::Text("0".to_owned())]));
        }
        match parameter.operator {
            "-" | ":-" => Some(Outcome::Argument),
            "=" | ":=" => self.default_value(parameter, piece, scope),
            "?" | ":?" => None,
            _ => Some(Outcome::Value(Vec::new())),
        }
    }

    /// An operator on a parameter that is set; `None`: nothing is known.
    pub(super) fn operate(
        &mut self,
        parameter: &Parameter,
        parts: Vec<Part>,
        piece: &Piece,
        quoted: bool,
        scope: &mut Scope<'_>,
    ) -> Option<Outcome> {
        let operator = parameter.operator;
        if parameter.length || !chooses(operator) {
            return self.change(parameter, &parts, piece, quoted, scope).map(Outcome::Value);
        }
        match operator {
            "" | "-" | "=" | "?" => Some(Outcome::Value(parts)),
            "+" => Some(Outcome::Argument),
            _ if is_filled(&parts) => {
                Some(if operator == ":+" { Outcome::Argument } else { Outcome::Value(parts) })
            }
            _ if parts.is_empty() => match operator {
                ":-" => Some(Outcome::Argument),
                ":=" => self.default_value(parameter, piece, scope),
                ":+" => Some(Outcome::Value(Vec::new())),
                _ => None,
            },
            // A hole may turn out to be empty.
            ":-" | ":=" | ":?" => {
                let mut gap = self.unknown(parameter, piece, scope);
                gap.nonempty |= operator == ":?";
                let mut hole = symbols::derived(self.source(piece, scope), &parts);
                if let [Part::Hole(only)] = parts.as_slice() {
                    hole.cause = only.cause;
                }
                hole.nonempty = gap.nonempty;
                hole.otherwise = gap.otherwise;
                hole.from.extend(self.collect_parameter(parameter, scope));
                hole.from.sort_unstable();
                hole.from.dedup();
                self.set_default(parameter, &hole);
                Some(Outcome::Value(vec![Part::Hole(hole)]))
            }
            _ => None,
        }
    }

    /// An operator on `$@` or all elements of an array.
    pub(super) fn operate_list(
        &mut self,
        parameter: &Parameter,
        elements: Vec<Vec<Part>>,
        piece: &Piece,
        quoted: bool,
        scope: &mut Scope<'_>,
    ) -> Option<Outcome> {
        if parameter.length {
            return Some(Outcome::Value(vec![Part::Text(elements.len().to_string())]));
        }
        let operator = parameter.operator;
        let empty = elements.is_empty();
        // With one empty element, shells differ on what counts as empty.
        let filled = elements.iter().any(|parts| is_filled(parts));
        let elements = match operator {
            "" => elements,
            "-" | ":-" if empty => return Some(Outcome::Argument),
            "+" if !empty => return Some(Outcome::Argument),
            ":+" if filled => return Some(Outcome::Argument),
            "+" | ":+" if empty => elements,
            "-" | "?" if !empty => elements,
            ":-" | ":?" if filled => elements,
            ":" => self.slice_list(parameter, elements, scope)?,
            _ if chooses(operator) => return None,
            _ => elements
                .into_iter()
                .map(|parts| self.change(parameter, &parts, piece, quoted, scope))
                .collect::<Option<_>>()?,
        };
        let plain = operator.is_empty() && !parameter.indirect;
        Some(Outcome::List(List { elements, star: false, plain }))
    }

    fn slice_list(
        &mut self,
        parameter: &Parameter,
        elements: Vec<Vec<Part>>,
        scope: &mut Scope<'_>,
    ) -> Option<Vec<Vec<Part>>> {
        let (from, count) = self.bounds(&parameter.argument, scope)?;
        // Positional parameters count from `$1`, with `$0` in front.
        let front = i64::from(!is_name(&parameter.name));
        let length = i64::try_from(elements.len()).ok()?;
        let start = if from < 0 { from + length + front } else { from };
        if from < 0 && start < 0 {
            return Some(Vec::new());
        }
        let skip = usize::try_from(start.checked_sub(front)?);
        let count = count.map_or(Some(usize::MAX), |count| usize::try_from(count).ok())?;
        match skip {
            Ok(skip) => Some(elements.into_iter().skip(skip).take(count).collect()),
            Err(_) => None,
        }
    }

    /// `:=` and `=` on a parameter without a value.
    fn default_value(
        &mut self,
        parameter: &Parameter,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> Option<Outcome> {
        let span = scope.buffer.span(piece.start, piece.end);
        let word = self.inner(&operators::units(&parameter.argument), Manner::Value, span, scope);
        if parameter.indirect || parameter.index.is_some() || !is_name(&parameter.name) {
            self.variables.forget(&parameter.name);
            return None;
        }
        self.variables.set(&parameter.name, Value::Scalar(word.parts.clone()));
        Some(Outcome::Value(word.parts))
    }

    /// What is known of an operator's result when the parameter may be anything.
    pub(super) fn unknown(
        &mut self,
        parameter: &Parameter,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> Gap {
        let mut gap = Gap {
            nonempty: parameter.operator.is_empty()
                && matches!(parameter.name.as_str(), "$" | "?" | "#" | "0"),
            ..Gap::default()
        };
        let plain = parameter.operator.is_empty() && !parameter.length;
        let named = !parameter.indirect && parameter.index.is_none() && is_name(&parameter.name);
        if plain && named && self.variables.is_untouched(&parameter.name) {
            self.charge(parameter.name.len());
            gap.untouched = Some(parameter.name.as_str().into());
        }
        if matches!(parameter.operator, ":-" | "-" | ":=" | "=") && !parameter.length {
            let span = scope.buffer.span(piece.start, piece.end);
            let units = operators::units(&parameter.argument);
            let word = self.inner(&units, Manner::Value, span, scope);
            let filled = parameter.operator.starts_with(':') && is_filled(&word.parts);
            gap.nonempty = filled && !parameter.indirect;
            if named && self.variables.is_untouched(&parameter.name) {
                let variable = parameter.name.clone();
                let text = word.as_static().map(str::to_owned);
                gap.otherwise = text.map(|text| Box::new(Fallback { variable, text }));
            }
            gap.from.extend(word.holes().flat_map(|hole| hole.from.iter().copied()));
        }
        gap
    }

    /// `: "${x:=word}"` and `: "${x:?}"` tell something about `x` from there on.
    pub(super) fn remember(
        &mut self,
        parameter: &Parameter,
        piece: &Piece,
        gap: &Gap,
        scope: &Scope<'_>,
    ) {
        if gap.nonempty || gap.otherwise.is_some() {
            let hole = Hole {
                source: self.source(piece, scope),
                nonempty: gap.nonempty,
                otherwise: gap.otherwise.clone(),
                from: gap.from.clone(),
                ..Hole::default()
            };
            self.set_default(parameter, &hole);
        }
    }

    fn set_default(&mut self, parameter: &Parameter, hole: &Hole) {
        let lasts = matches!(parameter.operator, "=" | ":=" | ":?");
        if lasts && !parameter.indirect && parameter.index.is_none() && is_name(&parameter.name) {
            self.variables.set(&parameter.name, Value::Scalar(vec![Part::Hole(hole.clone())]));
        }
    }

    pub(super) fn source(&mut self, piece: &Piece, scope: &Scope<'_>) -> String {
        let source = scope.buffer.source((piece.start, piece.end));
        self.charge(source.len());
        source
    }

    /// An operator that makes a new value.
    fn change(
        &mut self,
        parameter: &Parameter,
        parts: &[Part],
        piece: &Piece,
        quoted: bool,
        scope: &mut Scope<'_>,
    ) -> Option<Vec<Part>> {
        self.charge_parts(parts);
        let text = Symbols::new(parts);
        if parameter.length {
            let plain = text.is_ascii() && parts.iter().all(|part| matches!(part, Part::Text(_)));
            return plain.then(|| vec![Part::Text(text.len().to_string())]);
        }
        let argument = parameter.argument.as_slice();
        let operator = parameter.operator;
        let mut gap = symbols::derived(self.source(piece, scope), parts);
        let mut budget = Budget::new();
        let before = budget.0;
        let result = match operator {
            ":" => {
                let (from, count) = self.bounds(argument, scope)?;
                operators::substring(&text, from, count, gap)
            }
            "#" | "##" | "%" | "%%" => {
                let wanted = self.pattern(&operators::units(argument), scope)?;
                operators::strip(&text, &wanted, operator, gap, &mut budget)
            }
            "/" | "//" | "/#" | "/%" => {
                let (wanted, replacement) = operators::split_replacement(argument);
                let wanted = self.pattern(&wanted, scope)?;
                let replacement = self.replacement(&replacement, quoted, scope)?;
                gap.from.extend(replacement.iter().flat_map(commands));
                operators::replace(&text, &wanted, &replacement, operator, &gap, &mut budget)
            }
            "^" | "^^" | "," | ",," | "~" | "~~" => {
                let wanted = self.pattern(&operators::units(argument), scope)?;
                operators::change_case(&text, operator, &wanted, &gap, &mut budget)
            }
            "@" => transform(&literal_text(argument), parts),
            _ => None,
        };
        self.charge(before - budget.0);
        if let Some(parts) = &result {
            self.charge_parts(parts);
        }
        result
    }

    /// The numbers of `:offset:length`.
    fn bounds(&mut self, argument: &[Piece], scope: &mut Scope<'_>) -> Option<(i64, Option<i64>)> {
        let text = self.arithmetic_text(argument, scope)?;
        if text.contains('?') {
            return None;
        }
        match text.split_once(':') {
            None => Some((self.evaluate(&text)?, None)),
            Some((from, count)) => Some((self.evaluate(from)?, Some(self.evaluate(count)?))),
        }
    }

    /// A part of an argument as one word; substitutions in it are read once.
    pub(super) fn inner(
        &mut self,
        units: &[Unit<'_>],
        manner: Manner,
        span: Span,
        scope: &mut Scope<'_>,
    ) -> Word {
        let mut fields = Fields::new(span);
        let outer = std::mem::replace(&mut scope.manner, manner);
        let assigns = std::mem::take(&mut scope.assigns);
        for (index, unit) in units.iter().enumerate() {
            match unit {
                Unit::Literal(text) if index == 0 && manner == Manner::Value => {
                    self.charge(text.len());
                    self.tilde(text, units.len() == 1, &mut fields);
                }
                Unit::Literal(text) => {
                    self.charge(text.len());
                    fields.text(text);
                }
                Unit::Piece(piece) => self.piece(piece, false, &mut fields, scope),
            }
        }
        scope.manner = outer;
        scope.assigns = assigns;
        fields.finish_single()
    }

    /// The replacement of `${x/pattern/replacement}`.
    fn replacement(
        &mut self,
        units: &[Unit<'_>],
        quoted: bool,
        scope: &mut Scope<'_>,
    ) -> Option<Vec<Part>> {
        for unit in units {
            // In newer bash an unquoted `&` is the match, and what a backslash
            // does in quotes depends on the version too.
            match unit {
                Unit::Literal(text) if text.contains('&') => return None,
                Unit::Piece(piece) => match &piece.kind {
                    PieceKind::Quoted(text) if text.contains('\\') => return None,
                    PieceKind::Quoted(text) if quoted && text.contains('&') => return None,
                    _ => {}
                },
                Unit::Literal(_) => {}
            }
        }
        if matches!(units.first(), Some(Unit::Literal(text)) if text.starts_with('~')) {
            return None;
        }
        let expands = units.iter().any(
            |unit| matches!(unit, Unit::Piece(piece) if !matches!(piece.kind, PieceKind::Quoted(_))),
        );
        let word = self.inner(units, Manner::Document, Span::default(), scope);
        let odd = |part: &Part| match part {
            Part::Text(text) => expands && text.contains(['&', '\\']),
            Part::Glob(_) => true,
            Part::Hole(_) => false,
        };
        (!word.parts.iter().any(odd)).then_some(word.parts)
    }

    /// The pattern behind an operator; `None`: not known.
    fn pattern(&mut self, units: &[Unit<'_>], scope: &mut Scope<'_>) -> Option<Vec<Element>> {
        let mut chars = Vec::new();
        let quote = |text: &str, quoted: bool, chars: &mut Vec<(char, bool)>| {
            chars.extend(text.chars().map(|c| (c, quoted)));
        };
        for (index, unit) in units.iter().enumerate() {
            match unit {
                Unit::Literal(text) if index == 0 && text.starts_with('~') => return None,
                Unit::Literal(text) => quote(text, false, &mut chars),
                Unit::Piece(piece) => {
                    let text = self.inner(&[*unit], Manner::Document, Span::default(), scope);
                    let text = text.as_static()?;
                    match piece.kind {
                        PieceKind::Quoted(_) | PieceKind::Double(_) => {
                            quote(text, true, &mut chars);
                        }
                        // A backslash in a value quotes what follows it.
                        _ => {
                            let mut rest = text.chars();
                            while let Some(c) = rest.next() {
                                match c {
                                    '\\' => chars.push((rest.next()?, true)),
                                    c => chars.push((c, false)),
                                }
                            }
                        }
                    }
                }
            }
            self.charge(chars.len());
            if chars.len() > limits::MAX_VALUE {
                return None;
            }
        }
        pattern::parse(&chars)
    }
}

/// Whether the operator takes the value or a word, and changes neither.
fn chooses(operator: &str) -> bool {
    matches!(operator, "" | "-" | ":-" | "=" | ":=" | "?" | ":?" | "+" | ":+")
}

/// `${x@Q}` and its kin.
fn transform(operator: &str, parts: &[Part]) -> Option<Vec<Part>> {
    let text = match parts {
        [] => "",
        [Part::Text(text)] => text,
        _ => return None,
    };
    let ascii = text.is_ascii().then_some(text);
    let text = match operator {
        "Q" => operators::quoted(text)?,
        "E" => ansi::decode(text),
        "U" => ascii?.to_ascii_uppercase(),
        "L" => ascii?.to_ascii_lowercase(),
        "u" => {
            let (first, rest) = ascii?.split_at_checked(1).unwrap_or_default();
            first.to_ascii_uppercase() + rest
        }
        _ => return None,
    };
    Some(if text.is_empty() { Vec::new() } else { vec![Part::Text(text)] })
}
