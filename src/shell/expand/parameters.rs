//! Parameter expansion with known values (bash(1), Parameter Expansion).

use super::arith;
use super::fields::push_text;
use super::literal_text;
use super::operators;
use super::pieces::Scope;
use crate::model::Part;
use crate::shell::lex::{Parameter, Piece, PieceKind, is_name};
use crate::shell::limits;
use crate::shell::read::Reader;
use crate::shell::vars::Value;

/// What an expansion gives.
#[derive(Debug)]
pub(super) enum Outcome {
    /// One value.
    Value(Vec<Part>),
    /// `$@` and the like: several values; `star` ones are joined in quotes.
    List { elements: Vec<Vec<Part>>, star: bool },
    /// Unknown; with the commands inside. `list`: may be several words even in
    /// quotes.
    Hole { from: Vec<usize>, list: bool },
}

impl Outcome {
    pub(super) fn as_static(&self) -> Option<String> {
        match self {
            Self::Value(parts) => match parts.as_slice() {
                [] => Some(String::new()),
                [Part::Text(text)] => Some(text.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// What a name refers to.
enum Base {
    Scalar(Vec<Part>),
    List(Vec<Vec<Part>>),
    Unset,
    Unknown,
}

impl Reader {
    /// Expands `$x` or `${x..}`.
    pub(super) fn parameter(
        &mut self,
        parameter: &Parameter,
        piece: &Piece,
        quoted: bool,
        scope: &mut Scope<'_>,
    ) -> Outcome {
        let star = parameter.name == "*"
            || parameter.index.as_ref().is_some_and(|index| literal_text(index) == "*");
        let list = parameter.name == "@"
            || parameter.index.as_ref().is_some_and(|index| literal_text(index) == "@");
        let base = self.base(parameter, scope);
        if parameter.operator == "@" && literal_text(&parameter.argument) == "P" {
            // The value is expanded as a prompt is.
            let value = self.variables.get(&parameter.name).and_then(Value::as_static);
            let value = value.unwrap_or("$(").to_owned();
            self.expanded_again(&value);
        }
        let outcome = match base {
            Base::Unknown => None,
            Base::Unset => self.operate_empty(parameter, true, piece, quoted, scope),
            Base::Scalar(parts) if parts.is_empty() => {
                self.operate_empty(parameter, false, piece, quoted, scope)
            }
            Base::List(elements) if elements.is_empty() => {
                match self.operate_empty(parameter, true, piece, quoted, scope) {
                    Some(Outcome::Value(parts)) if parts.is_empty() => {
                        Some(Outcome::List { elements, star })
                    }
                    other => other,
                }
            }
            Base::Scalar(parts) => self.operate(parameter, &parts, scope).map(Outcome::Value),
            Base::List(elements) => self
                .operate_list(parameter, elements, scope)
                .map(|elements| Outcome::List { elements, star }),
        };
        outcome.unwrap_or_else(|| Outcome::Hole {
            from: self.collect_parameter(parameter, scope),
            list: list || (star && !quoted),
        })
    }

    /// Reads the substitutions inside an expansion that has no known value.
    pub(super) fn collect_parameter(
        &mut self,
        parameter: &Parameter,
        scope: &mut Scope<'_>,
    ) -> Vec<usize> {
        let mut from = Vec::new();
        if let Some(index) = &parameter.index {
            self.forget_arithmetic(&literal_text(index), index);
            from.extend(self.collect(index, scope));
        }
        if parameter.operator == ":" {
            self.forget_arithmetic(&literal_text(&parameter.argument), &parameter.argument);
        }
        if matches!(parameter.operator, "=" | ":=") {
            self.variables.forget(&parameter.name);
        }
        from.extend(self.collect(&parameter.argument, scope));
        // A value that is only partly known still has its commands.
        if let Some(Value::Scalar(parts)) = self.variables.get(&parameter.name) {
            let before = from.len();
            for part in parts {
                if let Part::Hole(hole) = part {
                    from.extend(&hole.from);
                }
            }
            let added = from.len() - before;
            self.charge(added);
        }
        from
    }

    fn base(&mut self, parameter: &Parameter, scope: &mut Scope<'_>) -> Base {
        if parameter.name.is_empty() {
            return Base::Unknown;
        }
        let base = self.named(&parameter.name, parameter.index.as_deref(), scope);
        if !parameter.indirect {
            return base;
        }
        match base {
            // `${!@}` without parameters is empty.
            Base::List(elements) if elements.is_empty() => Base::List(elements),
            Base::Scalar(parts) => match parts.as_slice() {
                [Part::Text(name)] if is_name(name) || is_number(name) => {
                    let name = name.clone();
                    self.named(&name, None, scope)
                }
                _ => Base::Unknown,
            },
            _ => Base::Unknown,
        }
    }

    fn named(&mut self, name: &str, index: Option<&[Piece]>, scope: &mut Scope<'_>) -> Base {
        if is_name(name) {
            return self.variable(name, index, scope);
        }
        let Some(positional) = self.variables.positional() else { return Base::Unknown };
        match name {
            "@" | "*" => {
                let elements = positional.to_vec();
                elements.iter().for_each(|parts| self.charge_parts(parts));
                Base::List(elements)
            }
            "#" => Base::Scalar(vec![Part::Text(positional.len().to_string())]),
            "0" => Base::Unknown,
            _ => match name.parse::<usize>() {
                Ok(number) if number > 0 => {
                    positional.get(number - 1).cloned().map_or(Base::Unset, Base::Scalar)
                }
                _ => Base::Unknown,
            },
        }
    }

    fn variable(&mut self, name: &str, index: Option<&[Piece]>, scope: &mut Scope<'_>) -> Base {
        let Some(value) = self.variables.get(name).cloned() else { return Base::Unknown };
        if let Value::Scalar(parts) = &value {
            self.charge_parts(parts);
        }
        let whole = index.map(literal_text).is_some_and(|text| text == "@" || text == "*");
        match (value, index) {
            (Value::Scalar(parts), None) => Base::Scalar(parts),
            (Value::Scalar(parts), Some(_)) if whole => Base::List(vec![parts]),
            (Value::Array(elements), None) => {
                elements.into_iter().next().map_or(Base::Unset, Base::Scalar)
            }
            (Value::Array(elements), Some(_)) if whole => {
                elements.iter().for_each(|parts| self.charge_parts(parts));
                Base::List(elements)
            }
            (value, Some(index)) => {
                let Ok(number) = self.arithmetic(index, scope) else { return Base::Unknown };
                let elements = match value {
                    Value::Array(elements) => elements,
                    Value::Scalar(parts) => vec![parts],
                    Value::Unknown => return Base::Unknown,
                };
                let count = i64::try_from(elements.len()).unwrap_or(i64::MAX);
                let number = if number < 0 { number.saturating_add(count) } else { number };
                usize::try_from(number)
                    .ok()
                    .and_then(|number| elements.into_iter().nth(number))
                    .map_or(Base::Unset, Base::Scalar)
            }
            (Value::Unknown, None) => Base::Unknown,
        }
    }

    /// An operator on an empty or unset parameter.
    fn operate_empty(
        &mut self,
        parameter: &Parameter,
        unset: bool,
        piece: &Piece,
        quoted: bool,
        scope: &mut Scope<'_>,
    ) -> Option<Outcome> {
        if parameter.length {
            return Some(Outcome::Value(vec![Part::Text("0".to_owned())]));
        }
        let default = match parameter.operator {
            ":-" | ":=" => true,
            "-" | "=" | "+" => unset != (parameter.operator == "+"),
            ":?" => return None,
            "?" if unset => return None,
            ":" | "@" | "*" if !parameter.argument.is_empty() && !unset => return None,
            _ => false,
        };
        if !default {
            return Some(Outcome::Value(Vec::new()));
        }
        if quoted || parameter.operator.ends_with('=') {
            return self.argument_value(parameter, piece, scope);
        }
        // Unquoted, the argument keeps its own quoting, which a value loses.
        match parameter.argument.as_slice() {
            [] => Some(Outcome::Value(Vec::new())),
            [Piece { kind: PieceKind::Literal(_), .. }] => {
                self.argument_value(parameter, piece, scope)
            }
            _ => None,
        }
    }

    fn argument_value(
        &mut self,
        parameter: &Parameter,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> Option<Outcome> {
        let span = scope.buffer.span(piece.start, piece.end);
        let argument = &parameter.argument;
        let word = self.single(argument, scope.buffer, scope.context, super::Manner::Value, span);
        if parameter.operator.ends_with('=') && is_name(&parameter.name) {
            let value = Value::Scalar(word.parts.clone());
            self.variables.set(&parameter.name, value);
        }
        Some(Outcome::Value(word.parts))
    }

    /// An operator on a value that is not empty; `None`: unknown.
    fn operate(
        &mut self,
        parameter: &Parameter,
        parts: &[Part],
        scope: &mut Scope<'_>,
    ) -> Option<Vec<Part>> {
        let operator = parameter.operator;
        if !parameter.length && matches!(operator, "" | ":-" | "-" | ":=" | "=" | ":?" | "?") {
            // A hole may turn out to be empty, or not set.
            let certain = operator.is_empty()
                || parts.iter().any(|part| matches!(part, Part::Text(_)))
                || !operator.starts_with(':');
            return certain.then(|| parts.to_vec());
        }
        let [Part::Text(text)] = parts else { return None };
        if parameter.length {
            return Some(vec![Part::Text(text.chars().count().to_string())]);
        }
        if matches!(operator, ":+" | "+") {
            let span = crate::model::Span::default();
            let argument = &parameter.argument;
            let manner = super::Manner::Value;
            return Some(self.single(argument, scope.buffer, scope.context, manner, span).parts);
        }
        let text = self.transform(parameter, text, scope)?;
        let mut parts = Vec::new();
        push_text(&mut parts, &text);
        Some(parts)
    }

    fn transform(
        &mut self,
        parameter: &Parameter,
        text: &str,
        scope: &mut Scope<'_>,
    ) -> Option<String> {
        let argument = parameter.argument.as_slice();
        self.charge(text.len());
        match parameter.operator {
            ":" => {
                let (from, count) = self.slice(argument, scope)?;
                operators::substring(text, from, count)
            }
            "#" | "##" | "%" | "%%" => {
                let pattern = self.pattern(argument, scope)?;
                let cost = operators::cost(text, &pattern)?;
                self.charge(cost);
                Some(operators::strip(text, &pattern, parameter.operator))
            }
            "/" | "//" | "/#" | "/%" => {
                let (pattern, replacement) = operators::split_replacement(argument);
                let pattern = self.pattern(&pattern, scope)?;
                let replacement = self.constant(&replacement, scope)?;
                let cost = operators::cost(text, &pattern)?;
                self.charge(cost);
                let out = operators::replace(text, &pattern, &replacement, parameter.operator)?;
                self.charge(out.len());
                Some(out)
            }
            "^" | "^^" | "," | ",," | "~" | "~~" if argument.is_empty() => {
                Some(operators::change_case(text, parameter.operator))
            }
            _ => None,
        }
    }

    fn operate_list(
        &mut self,
        parameter: &Parameter,
        elements: Vec<Vec<Part>>,
        scope: &mut Scope<'_>,
    ) -> Option<Vec<Vec<Part>>> {
        if parameter.length {
            return Some(vec![vec![Part::Text(elements.len().to_string())]]);
        }
        match parameter.operator {
            "" | "-" | "=" | "?" => Some(elements),
            ":" => {
                let (from, count) = self.slice(&parameter.argument, scope)?;
                // Positional parameters count from `$1`, with `$0` in front.
                let first = usize::try_from(from).ok()?;
                let skip = if is_name(&parameter.name) { first } else { first.checked_sub(1)? };
                let count = count.map_or(Some(usize::MAX), |count| usize::try_from(count).ok())?;
                Some(elements.into_iter().skip(skip).take(count).collect())
            }
            ":-" | ":=" | ":?" | ":+" | "+" => None,
            _ => elements
                .iter()
                .map(|parts| {
                    if parts.is_empty() {
                        Some(Vec::new())
                    } else {
                        self.operate(parameter, parts, scope)
                    }
                })
                .collect(),
        }
    }

    /// The numbers of `:offset:length`.
    fn slice(&mut self, argument: &[Piece], scope: &mut Scope<'_>) -> Option<(i64, Option<i64>)> {
        let text = self.constant(argument, scope)?;
        self.forget_arithmetic(&text, argument);
        match text.split_once(':') {
            None => Some((arith::evaluate(&text)?, None)),
            Some((from, count)) => Some((arith::evaluate(from)?, Some(arith::evaluate(count)?))),
        }
    }

    /// The text of an argument without holes.
    fn constant(&mut self, argument: &[Piece], scope: &mut Scope<'_>) -> Option<String> {
        let span = crate::model::Span::default();
        let manner = super::Manner::Document;
        let word = self.single(argument, scope.buffer, scope.context, manner, span);
        let text = word.as_static()?;
        (text.len() <= limits::MAX_VALUE).then(|| text.to_owned())
    }

    /// A pattern without brackets and extended operators.
    fn pattern(
        &mut self,
        argument: &[Piece],
        scope: &mut Scope<'_>,
    ) -> Option<Vec<super::pattern::Element>> {
        use super::pattern::Element;
        let mut pattern = Vec::new();
        for piece in argument {
            match &piece.kind {
                PieceKind::Literal(text) => {
                    for c in text.chars() {
                        pattern.push(match c {
                            '*' => Element::Star,
                            '?' => Element::Any,
                            '[' | '(' => return None,
                            c => Element::Char(c),
                        });
                    }
                }
                PieceKind::Quoted(text) => pattern.extend(text.chars().map(Element::Char)),
                PieceKind::Double(inner) => {
                    let text = self.constant(inner, scope)?;
                    pattern.extend(text.chars().map(Element::Char));
                }
                _ => {
                    let text = self.constant(std::slice::from_ref(piece), scope)?;
                    if text.contains(['*', '?', '[', '\\', '(']) {
                        return None;
                    }
                    pattern.extend(text.chars().map(Element::Char));
                }
            }
        }
        Some(pattern)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
