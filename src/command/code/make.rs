//! Functions that only make values: decoding, joining, imports.

use super::language::ValueOp;
use super::reader::Reader;
use super::text::is_hole;
use super::value::{self, Arguments, Value};
use crate::model::{CONTENT, Cause};

impl Reader<'_> {
    /// What an operation makes of the thing it is called on and its arguments.
    pub(super) fn make(
        &mut self,
        op: ValueOp,
        receiver: Option<&Value>,
        arguments: &Arguments,
        path: &str,
    ) -> Value {
        let own = receiver.filter(|_| path.contains('.') && is_value(path));
        let input = own.or_else(|| arguments.at(0)).cloned().unwrap_or(Value::Unknown);
        if let Some(value) = self.decode(op, &input, arguments) {
            return value;
        }
        match op {
            ValueOp::Same => match input {
                Value::Unknown if receiver.is_some() => Value::Unknown,
                input => input,
            },
            ValueOp::Module => self.module(&arguments.at(0).cloned().unwrap_or(Value::Unknown)),
            ValueOp::Member => match (arguments.at(0), arguments.at(1)) {
                (Some(thing), Some(Value::Text(name))) => self.member(thing, name),
                (Some(thing), _) => self.member(thing, "?"),
                (None, _) => Value::Unknown,
            },
            ValueOp::Names => Value::path(path.trim_end_matches("()")),
            ValueOp::Join => self.join(own, arguments),
            ValueOp::Replace => self.replace(&input, own.is_some(), arguments),
            ValueOp::Characters => self.characters(own, arguments),
            ValueOp::Pack => self.packed(own, arguments),
            ValueOp::Format => {
                let values = arguments.positional.get(usize::from(own.is_none())..);
                self.format(&input, values.unwrap_or_default(), &arguments.named)
            }
            ValueOp::Path => {
                let mut parts = own.into_iter().chain(&arguments.positional).cloned();
                let first = parts.next().unwrap_or(Value::Unknown);
                let first = Value::text(self.text(&first));
                parts.fold(first, |left, right| self.join_paths(&left, &right))
            }
            ValueOp::Home => self.at_home(),
            ValueOp::Variable => match arguments.at(0) {
                Some(Value::Text(name)) => self.variable(&name.clone()),
                _ => Value::Unknown,
            },
            ValueOp::ExpandHome => match &input {
                Value::Text(text) if text.starts_with('~') => {
                    let home = self.at_home();
                    let rest = Value::text(text.get(1..).unwrap_or_default());
                    self.concat(&home, &rest)
                }
                _ => input,
            },
            ValueOp::Temporary => Value::text(self.hole(path, Cause::TempFile)),
            ValueOp::Content => match &input {
                Value::Path(..) | Value::Unknown | Value::Any(_) => Value::Unknown,
                input => Value::Content(self.text(input).into()),
            },
            ValueOp::Glob => input,
            ValueOp::Reverse
            | ValueOp::Lower
            | ValueOp::Upper
            | ValueOp::Strip
            | ValueOp::Split
            | ValueOp::Base64
            | ValueOp::Hex
            | ValueOp::Rot13
            | ValueOp::Codec
            | ValueOp::Percent => Value::Unknown,
            ValueOp::Append | ValueOp::Entries | ValueOp::Encoded | ValueOp::List => {
                self.gathered(op, own, &input, arguments)
            }
        }
    }

    /// Lists, and what is made of all that was given.
    fn gathered(
        &mut self,
        op: ValueOp,
        own: Option<&Value>,
        input: &Value,
        arguments: &Arguments,
    ) -> Value {
        match op {
            ValueOp::Append => {
                let before = match own {
                    Some(Value::List(items)) => items.to_vec(),
                    _ => Vec::new(),
                };
                let more = arguments.positional.iter().flat_map(|value| match value {
                    Value::List(items) => items.to_vec(),
                    other => vec![other.clone()],
                });
                Value::list(before.into_iter().chain(more).take(300).collect())
            }
            ValueOp::Entries => {
                let inside = Value::text(self.hole("?", Cause::Variable));
                self.join_paths(input, &inside)
            }
            ValueOp::Encoded => self.encoded(input),
            _ => match (own, arguments.positional.as_slice()) {
                (None, [only @ Value::List(_)]) => only.clone(),
                (_, positional) => Value::list(positional.iter().take(300).cloned().collect()),
            },
        }
    }

    /// What is left of a value in another form: whose content it is.
    fn encoded(&self, input: &Value) -> Value {
        match input {
            Value::Content(_) => input.clone(),
            Value::Path(path, _) if self.is_environment(path) => input.clone(),
            Value::Text(text) => {
                let content = |c: &char| {
                    let hole = super::text::hole(*c, &self.holes);
                    hole.is_some_and(|hole| hole.source.starts_with(CONTENT))
                };
                let held: String = text.chars().filter(content).take(1).collect();
                if held.is_empty() { Value::Unknown } else { Value::text(held) }
            }
            _ => Value::Unknown,
        }
    }

    /// Operations that make one text of another.
    fn decode(&mut self, op: ValueOp, input: &Value, arguments: &Arguments) -> Option<Value> {
        Some(match op {
            ValueOp::Reverse => self.reversed(input),
            ValueOp::Lower => self.mapped(input, |text| Some(text.to_lowercase())),
            ValueOp::Upper => self.mapped(input, |text| Some(text.to_uppercase())),
            ValueOp::Strip => self.mapped(input, |text| Some(text.trim().to_owned())),
            ValueOp::Split => match input {
                Value::Text(text) => {
                    Value::list(text.split_whitespace().take(300).map(Value::text).collect())
                }
                _ => Value::Unknown,
            },
            ValueOp::Base64 => self.decoded(input, value::base64),
            ValueOp::Hex => self.decoded(input, value::hex),
            ValueOp::Rot13 => self.mapped(input, |text| Some(value::rot13(text))),
            ValueOp::Codec => match arguments.at(1) {
                Some(Value::Text(name)) if name.contains("13") => {
                    self.mapped(input, |text| Some(value::rot13(text)))
                }
                Some(Value::Text(name)) if name.contains("hex") => self.decoded(input, value::hex),
                Some(Value::Text(name)) if name.contains("64") => {
                    self.decoded(input, value::base64)
                }
                _ => input.clone(),
            },
            ValueOp::Percent => self.decoded(input, value::percent),
            _ => return None,
        })
    }

    /// A module by its name.
    pub(super) fn module(&mut self, name: &Value) -> Value {
        match name {
            Value::Text(name) => Value::path(name.strip_prefix("node:").unwrap_or(name)),
            _ => Value::path("?"),
        }
    }

    fn mapped(&mut self, input: &Value, change: impl Fn(&str) -> Option<String>) -> Value {
        match input {
            Value::Text(text) => change(text).map_or(Value::Unknown, Value::text),
            _ => Value::Unknown,
        }
    }

    /// What is decoded is only known when all of it was.
    fn decoded(&mut self, input: &Value, change: impl Fn(&str) -> Option<String>) -> Value {
        match input {
            Value::Text(text) if !text.contains(is_hole) => {
                change(text).map_or(Value::Unknown, Value::text)
            }
            _ => Value::Unknown,
        }
    }

    /// `SEPARATOR.join(LIST)` or `LIST.join(SEPARATOR)`.
    fn join(&mut self, own: Option<&Value>, arguments: &Arguments) -> Value {
        let is_list = |value: &&Value| matches!(value, Value::List(_));
        let mut all = own.into_iter().chain(&arguments.positional);
        let list = all.clone().find(is_list);
        let separator = all.find(|value| !is_list(value));
        let Some(Value::List(items)) = list else { return Value::Unknown };
        let separator = separator.map(|value| self.text(value)).unwrap_or_default();
        let items: Vec<String> = items.iter().map(|item| self.text(item)).collect();
        Value::text(items.join(&separator).chars().take(value::MAX_TEXT).collect::<String>())
    }

    fn replace(&mut self, input: &Value, own: bool, arguments: &Arguments) -> Value {
        // As a function the text may stand last (PHP).
        let (from, to, text) = match (own, arguments.positional.as_slice()) {
            (true, [from, to, ..]) => (from, to, input),
            (false, [from, to, text, ..]) => (from, to, text),
            _ => return Value::Unknown,
        };
        match (from, to, text) {
            (Value::Text(from), Value::Text(to), Value::Text(text))
                if !from.is_empty() && to.len() <= 100 =>
            {
                let new = text.replace(&**from, to);
                Value::text(new.chars().take(value::MAX_TEXT).collect::<String>())
            }
            _ => Value::Unknown,
        }
    }

    /// `pack("H*", "726d")`, `["726d"].pack("H*")`
    fn packed(&mut self, own: Option<&Value>, arguments: &Arguments) -> Value {
        let Some(Value::Text(form)) = arguments.at(0) else { return Value::Unknown };
        let values: Vec<Value> = match own {
            Some(Value::List(items)) => items.to_vec(),
            _ => arguments.positional.get(1..).unwrap_or_default().to_vec(),
        };
        let first = values.first().cloned().unwrap_or(Value::Unknown);
        match form.chars().next() {
            Some('H') => self.decoded(&first, value::hex),
            Some('m') => self.decoded(&first, value::base64),
            Some('C' | 'c' | 'U' | 'W') => {
                self.characters(None, &Arguments { positional: values, named: Vec::new() })
            }
            Some('A' | 'a') => first,
            _ => Value::Unknown,
        }
    }

    /// `chr(114)`, `String.fromCharCode(114, 109)`, `bytes([114, 109])`.
    fn characters(&mut self, own: Option<&Value>, arguments: &Arguments) -> Value {
        let numbers: Vec<Value> = match (own, arguments.positional.as_slice()) {
            (_, [Value::List(items)]) => items.to_vec(),
            (Some(Value::List(items)), _) => items.to_vec(),
            (Some(own @ Value::Number(_)), _) => vec![own.clone()],
            (_, positional) => positional.to_vec(),
        };
        let text: Option<String> = numbers
            .iter()
            .map(|value| match value {
                Value::Number(n) => u32::try_from(*n).ok().and_then(char::from_u32),
                _ => None,
            })
            .collect();
        text.filter(|text| !text.contains(is_hole)).map_or(Value::Unknown, Value::text)
    }
}

/// Whether the thing that a path is called on is a value, not a module.
fn is_value(path: &str) -> bool {
    path.starts_with("''.")
        || path.starts_with("[].")
        || path.starts_with("?.")
        || path.contains("().")
}
