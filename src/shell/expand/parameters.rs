//! Parameter expansion: what a name refers to (bash(1), Parameter Expansion).

use super::lists::holds_list;
use super::literal_text;
use super::pieces::{Manner, Scope};
use super::symbols::without_patterns;
use crate::model::{Fallback, Part, Span};
use crate::shell::lex::{Parameter, Piece, is_name};
use crate::shell::read::Reader;
use crate::shell::vars::Value;

/// What an expansion gives.
#[derive(Debug)]
pub(super) enum Outcome {
    /// One value.
    Value(Vec<Part>),
    /// `$@` and the like: several values.
    List(List),
    /// The word behind the operator, with its own quoting.
    Argument,
    /// Not known.
    Hole(Gap),
}

/// Several values.
#[derive(Debug)]
pub(super) struct List {
    pub elements: Vec<Vec<Part>>,
    /// Joined in quotes.
    pub star: bool,
    /// Just the values, without an operator.
    pub plain: bool,
}

/// What is known of an expansion that has no known value.
#[derive(Debug, Default)]
pub(super) struct Gap {
    /// The commands inside.
    pub from: Vec<usize>,
    /// It may be several words even in quotes.
    pub list: bool,
    /// See [`crate::model::Hole::nonempty`].
    pub nonempty: bool,
    /// See [`crate::model::Hole::otherwise`].
    pub otherwise: Option<Box<Fallback>>,
    /// See [`crate::model::Hole::untouched`].
    pub untouched: Option<Box<str>>,
}

/// What a name refers to.
pub(super) enum Base {
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
        let star = parameter.name == "*" || indexed(parameter, "*");
        let list = parameter.name == "@" || indexed(parameter, "@");
        if parameter.operator == "@" && literal_text(&parameter.argument) == "P" {
            // The value is expanded as a prompt is.
            let value = self.variables.get(&parameter.name).and_then(Value::as_static);
            let value = value.unwrap_or("$(").to_owned();
            self.expanded_again(&value);
        }
        let outcome = match self.base(parameter, scope) {
            Base::Unknown => Err(self.unknown(parameter, piece, scope)),
            Base::Unset => self.operate_unset(parameter, piece, scope).ok_or_else(Gap::default),
            Base::Scalar(parts) => {
                self.operate(parameter, parts, piece, quoted, scope).ok_or_else(Gap::default)
            }
            Base::List(elements) => self
                .operate_list(parameter, elements, piece, quoted, scope)
                .map(|outcome| match outcome {
                    Outcome::List(list) => Outcome::List(List { star, ..list }),
                    outcome => outcome,
                })
                .ok_or_else(Gap::default),
        };
        outcome.unwrap_or_else(|mut gap| {
            gap.list = list || (star && !quoted) || is_prefix(parameter);
            gap.list |= holds_list(&parameter.argument);
            gap.nonempty |= matches!(parameter.operator, ":?") || parameter.length;
            gap.from.extend(self.collect_parameter(parameter, scope));
            gap.from.sort_unstable();
            gap.from.dedup();
            self.remember(parameter, piece, &gap, scope);
            Outcome::Hole(gap)
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

    pub(super) fn base(&mut self, parameter: &Parameter, scope: &mut Scope<'_>) -> Base {
        // `${!#%x}` is an error in some versions.
        let odd = parameter.indirect && parameter.name == "#" && !parameter.operator.is_empty();
        if parameter.name.is_empty() || is_prefix(parameter) || odd {
            return Base::Unknown;
        }
        let whole = indexed(parameter, "@") || indexed(parameter, "*");
        if parameter.indirect && whole && is_name(&parameter.name) {
            return self.indices(parameter);
        }
        let base = self.named(&parameter.name, parameter.index.as_deref(), scope);
        let base = if parameter.indirect { self.indirect(base, scope) } else { base };
        match base {
            Base::Scalar(parts) => Base::Scalar(without_patterns(parts)),
            Base::List(elements) => {
                Base::List(elements.into_iter().map(without_patterns).collect())
            }
            base => base,
        }
    }

    /// `${!A[@]}`: the indices of an array.
    fn indices(&mut self, parameter: &Parameter) -> Base {
        // With an operator the value is a name again.
        if !parameter.operator.is_empty() {
            return Base::Unknown;
        }
        if let Some(Value::Map(entries)) = self.variables.get(&parameter.name) {
            // The order of several is the shell's own.
            let keys = entries.iter().map(|(key, _)| vec![Part::Text(key.clone())]);
            return if entries.len() < 2 { Base::List(keys.collect()) } else { Base::Unknown };
        }
        let count = match self.variables.get(&parameter.name) {
            Some(Value::Array(elements)) => elements.len(),
            Some(Value::Scalar(_)) if !self.variables.may_be_array(&parameter.name) => 1,
            _ => return Base::Unknown,
        };
        self.charge(count * 64);
        Base::List((0..count).map(|index| vec![Part::Text(index.to_string())]).collect())
    }

    /// What the name in a value refers to: `${!x}`.
    fn indirect(&mut self, base: Base, scope: &mut Scope<'_>) -> Base {
        let parts = match base {
            // `${!@}` without parameters is empty.
            Base::List(elements) if elements.is_empty() => return Base::List(elements),
            Base::Scalar(parts) => parts,
            _ => return Base::Unknown,
        };
        let [Part::Text(target)] = parts.as_slice() else { return Base::Unknown };
        if is_name(target) || is_number(target) {
            return self.named(target, None, scope);
        }
        // `x='a[$(CMD)]'; ${!x}` runs CMD.
        self.expanded_again(target);
        let element = target.strip_suffix(']').and_then(|target| target.split_once('['));
        let Some((name, index)) = element.filter(|(name, _)| is_name(name)) else {
            return Base::Unknown;
        };
        match self.variables.get(name).cloned() {
            Some(Value::Array(elements)) if matches!(index, "@" | "*") => {
                elements.iter().for_each(|parts| self.charge_parts(parts));
                Base::List(elements)
            }
            Some(Value::Array(elements)) if is_number(index) => {
                let element = index.parse().ok().and_then(|at: usize| elements.get(at));
                element.cloned().map_or(Base::Unset, Base::Scalar)
            }
            _ => Base::Unknown,
        }
    }

    fn named(&mut self, name: &str, index: Option<&[Piece]>, scope: &mut Scope<'_>) -> Base {
        if is_name(name) {
            return self.variable(name, index, scope);
        }
        if name == "0" {
            return self
                .variables
                .called()
                .map_or(Base::Unknown, |parts| Base::Scalar(parts.to_vec()));
        }
        let Some(positional) = self.variables.positional() else { return Base::Unknown };
        match name {
            "@" | "*" => {
                let elements = positional.to_vec();
                elements.iter().for_each(|parts| self.charge_parts(parts));
                Base::List(elements)
            }
            "#" => Base::Scalar(vec![Part::Text(positional.len().to_string())]),
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
            // Of an array that was not known only the first element is.
            (Value::Scalar(_), Some(_)) if self.variables.may_be_array(name) => Base::Unknown,
            (Value::Scalar(parts), Some(_)) if whole => Base::List(vec![parts]),
            (Value::Map(entries), index) => {
                self.charge(entries.len() * 64);
                // The order of several is the shell's own.
                if whole {
                    let known = entries.len() < 2;
                    let elements = entries.into_iter().map(|(_, parts)| parts).collect();
                    return if known { Base::List(elements) } else { Base::Unknown };
                }
                let key = match index {
                    None => Some("0".to_owned()),
                    Some(index) => {
                        let units = super::operators::units(index);
                        let word = self.inner(&units, Manner::Document, Span::default(), scope);
                        word.as_static().map(str::to_owned)
                    }
                };
                let Some(key) = key else { return Base::Unknown };
                let found = entries.into_iter().find(|(known, _)| *known == key);
                found.map_or(Base::Unset, |(_, parts)| {
                    self.charge_parts(&parts);
                    Base::Scalar(parts)
                })
            }
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
                    // Versions disagree on the last element of what is no array.
                    Value::Scalar(_) if number < 0 => return Base::Unknown,
                    Value::Scalar(parts) => vec![parts],
                    Value::Map(_) | Value::Either(_) | Value::Unknown => return Base::Unknown,
                };
                let count = i64::try_from(elements.len()).unwrap_or(i64::MAX);
                let number = if number < 0 { number.saturating_add(count) } else { number };
                usize::try_from(number)
                    .ok()
                    .and_then(|number| elements.into_iter().nth(number))
                    .map_or(Base::Unset, Base::Scalar)
            }
            (Value::Either(_) | Value::Unknown, None) => Base::Unknown,
        }
    }
}

/// `${!prefix*}` and `${!prefix@}`: the names of variables.
fn is_prefix(parameter: &Parameter) -> bool {
    parameter.indirect
        && parameter.index.is_none()
        && is_name(&parameter.name)
        && matches!(parameter.operator, "*" | "@")
        && parameter.argument.is_empty()
}

fn indexed(parameter: &Parameter, wanted: &str) -> bool {
    parameter.index.as_ref().is_some_and(|index| literal_text(index) == wanted)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
