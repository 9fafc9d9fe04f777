//! Arrays: what assignments to them and to their elements leave.

use super::expand::{Manner, literal_text};
use super::lex::{Piece, PieceKind};
use super::limits;
use super::read::{Buffer, Context, Reader};
use super::vars::Value;
use crate::model::{Part, Span, Word};

impl Reader {
    /// `NAME[SUBSCRIPT]=VALUE`: what the variable holds then.
    pub(super) fn element_assigned(
        &mut self,
        name: &str,
        subscript: &[Piece],
        value: &[Part],
        buffer: &Buffer,
        context: &Context,
    ) -> Value {
        match self.variables.get(name).cloned() {
            Some(Value::Map(mut entries)) => {
                let key = self.key(subscript, buffer, context);
                let usable = |key: &String| !key.is_empty() && entries.len() < limits::MAX_WORDS;
                let Some(key) = key.filter(usable) else {
                    return Value::Unknown;
                };
                self.charge(entries.len() * 64);
                match entries.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, old)) => *old = value.to_vec(),
                    None => entries.push((key, value.to_vec())),
                }
                Value::Map(entries)
            }
            Some(Value::Array(mut elements)) => {
                let Ok(index) = literal_text(subscript).parse::<usize>() else {
                    return Value::Unknown;
                };
                self.charge(elements.len() * 64);
                let next = elements.len();
                match elements.get_mut(index) {
                    Some(old) => *old = value.to_vec(),
                    None if index == next && index < limits::MAX_WORDS => {
                        elements.push(value.to_vec());
                    }
                    None => return Value::Unknown,
                }
                Value::Array(elements)
            }
            None if self.variables.is_untouched(name) && literal_text(subscript) == "0" => {
                Value::Array(vec![value.to_vec()])
            }
            _ => Value::Unknown,
        }
    }

    /// `NAME=VALUE`, which of an array is the first element.
    pub(super) fn whole_assigned(&mut self, name: &str, value: &[Part]) -> Value {
        match self.variables.get(name).cloned() {
            Some(Value::Map(_)) => Value::Unknown,
            Some(Value::Array(mut elements)) if !elements.is_empty() => {
                self.charge(elements.len() * 64);
                if let Some(first) = elements.first_mut() {
                    *first = value.to_vec();
                }
                Value::Array(elements)
            }
            _ => Value::Scalar(value.to_vec()),
        }
    }

    /// `([key]=value ..)` of an associative array.
    pub(super) fn entries(
        &mut self,
        elements: &[Vec<Piece>],
        buffer: &Buffer,
        context: &Context,
        span: Span,
    ) -> Value {
        let mut entries: Vec<(String, Vec<Part>)> = Vec::new();
        for element in elements {
            let Some((key, front, rest)) = cut(element) else { return Value::Unknown };
            let key = match key {
                Key::Text(text) => Some(text.to_owned()),
                Key::Pieces(pieces) => self.key(pieces, buffer, context),
            };
            let Some(key) = key.filter(|key| !key.is_empty()) else { return Value::Unknown };
            let front = Some(front).filter(|front| !front.is_empty());
            let value = self.single_after(front, rest, buffer, context, Manner::Value, span);
            self.charge_parts(&value.parts);
            entries.retain(|(known, _)| *known != key);
            entries.push((key, value.parts));
            self.charge(entries.len() * 16);
        }
        Value::Map(entries)
    }

    /// The text of a key.
    pub(super) fn key(
        &mut self,
        subscript: &[Piece],
        buffer: &Buffer,
        context: &Context,
    ) -> Option<String> {
        let word = self.single(subscript, buffer, context, Manner::Document, Span::default());
        word.as_static().map(str::to_owned)
    }

    /// What `"${M[@]}"` or `"${!M[@]}"` alone is for an associative array, for a
    /// loop whose rounds come in an order of the shell's own.
    pub(super) fn listed_map(&self, pieces: &[Piece]) -> Option<Vec<Word>> {
        let pieces = match pieces {
            [Piece { kind: PieceKind::Double(inner), .. }] => inner,
            pieces => pieces,
        };
        let [Piece { kind: PieceKind::Parameter(parameter), .. }] = pieces else { return None };
        let whole = parameter.index.as_ref().is_some_and(|index| literal_text(index) == "@");
        if !whole || parameter.length || !parameter.operator.is_empty() {
            return None;
        }
        let Some(Value::Map(entries)) = self.variables.get(&parameter.name) else { return None };
        let word = |(key, value): &(String, Vec<Part>)| {
            if parameter.indirect {
                Word::text(key.as_str(), Span::default())
            } else {
                Word { parts: value.clone(), ..Word::default() }
            }
        };
        Some(entries.iter().map(word).collect())
    }
}

/// The key of an element.
enum Key<'p> {
    Text(&'p str),
    Pieces(&'p [Piece]),
}

/// `[key]=value` as key, the unquoted text behind `=`, and the pieces after it.
fn cut(element: &[Piece]) -> Option<(Key<'_>, &str, &[Piece])> {
    let Some(Piece { kind: PieceKind::Literal(first), .. }) = element.first() else { return None };
    let inside = first.strip_prefix('[')?;
    if let Some((key, front)) = inside.split_once("]=") {
        return Some((Key::Text(key), front, element.get(1..)?));
    }
    if !inside.is_empty() {
        return None;
    }
    let closes =
        |piece: &Piece| matches!(&piece.kind, PieceKind::Literal(text) if text.starts_with("]="));
    let at = element.iter().skip(1).position(closes)? + 1;
    let Some(Piece { kind: PieceKind::Literal(text), .. }) = element.get(at) else { return None };
    Some((Key::Pieces(element.get(1..at)?), text.strip_prefix("]=")?, element.get(at + 1..)?))
}
