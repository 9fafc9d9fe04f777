//! Arithmetic in words: its text, its value and what it assigns.

use super::arith;
use super::literal_text;
use super::operators;
use super::parameters::Outcome;
use super::pieces::{Manner, Scope};
use crate::model::{Part, Span, Word};
use crate::shell::lex::{Parameter, Piece, PieceKind};
use crate::shell::limits;
use crate::shell::read::{Buffer, Context, Reader};
use crate::shell::vars::{Value, Variables};

impl Reader {
    /// The value of the text of arithmetic. What it assigns is noted; where
    /// the value is not certain, what it may assign is forgotten.
    pub(in crate::shell) fn evaluate(&mut self, text: &str) -> Option<i64> {
        let variables = &self.variables;
        let lookup = |name: &str, index: Option<i64>| number(variables, name, index);
        let (evaluated, cost) = arith::evaluate(text, &lookup);
        self.charge(cost + text.len());
        let Some(evaluated) = evaluated else {
            let all = self.assigns_by_value(text);
            self.forget_arithmetic(text, &[]);
            if all {
                self.variables.forget_all();
            }
            return None;
        };
        // A branch that is not taken may hold one all the same.
        self.values_in_arithmetic(text);
        for (name, value) in &evaluated.assigned {
            match self.variables.get(name) {
                Some(Value::Array(_)) => self.variables.forget(name),
                _ => self.variables.set(name, Value::text(&value.to_string())),
            }
        }
        Some(evaluated.value)
    }

    /// `((..))`: what it assigns is noted.
    pub(in crate::shell) fn arithmetic_command(
        &mut self,
        pieces: &[Piece],
        buffer: &Buffer,
        context: &Context,
    ) {
        let mut scope = Scope {
            buffer,
            context,
            manner: Manner::Document,
            assigns: false,
            loose: false,
            nested: false,
            listed: false,
            seen: Vec::new(),
        };
        let _ = self.arithmetic(pieces, &mut scope);
    }

    /// Whether a variable that the text names may hold an assignment.
    fn assigns_by_value(&self, text: &str) -> bool {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .filter_map(|name| self.variables.get(name)?.as_static())
            .any(|value| value.contains('=') || value.contains("++") || value.contains("--"))
    }

    /// The value of arithmetic, or the commands in it.
    pub(super) fn arithmetic(
        &mut self,
        pieces: &[Piece],
        scope: &mut Scope<'_>,
    ) -> Result<i64, Vec<usize>> {
        if let Some(text) = self.arithmetic_text(pieces, scope) {
            if let Some(value) = self.evaluate(&text) {
                return Ok(value);
            }
        } else {
            self.forget_arithmetic(&literal_text(pieces), pieces);
        }
        Err(self.collect(pieces, scope))
    }

    /// The text of arithmetic, if all of it is known.
    pub(super) fn arithmetic_text(
        &mut self,
        pieces: &[Piece],
        scope: &mut Scope<'_>,
    ) -> Option<String> {
        let mut text = String::new();
        for piece in pieces {
            match &piece.kind {
                PieceKind::Literal(part) | PieceKind::Quoted(part) => text.push_str(part),
                PieceKind::Double(inner) => text.push_str(&self.arithmetic_text(inner, scope)?),
                PieceKind::Parameter(parameter) => {
                    text.push_str(&self.static_value(parameter, piece, scope)?);
                }
                PieceKind::Arithmetic(inner) => {
                    text.push_str(&self.arithmetic(inner, scope).ok()?.to_string());
                }
                PieceKind::Command(body) => {
                    match self.substitution(body, piece, scope).1?.as_slice() {
                        [] => {}
                        [crate::model::Part::Text(part)] => text.push_str(part),
                        _ => return None,
                    }
                }
                _ => return None,
            }
            self.charge(text.len());
            if text.len() > limits::MAX_SOURCE {
                return None;
            }
        }
        Some(text)
    }

    fn static_value(
        &mut self,
        parameter: &Parameter,
        piece: &Piece,
        scope: &mut Scope<'_>,
    ) -> Option<String> {
        let word = match self.parameter(parameter, piece, true, scope) {
            Outcome::Value(parts) => Word { parts, span: Span::default() },
            Outcome::Argument => {
                let units = operators::units(&parameter.argument);
                self.inner(&units, Manner::Document, Span::default(), scope)
            }
            _ => return None,
        };
        word.as_static().map(str::to_owned)
    }
}

/// The text of a variable, or of an element of an array.
fn number(variables: &Variables, name: &str, index: Option<i64>) -> Option<String> {
    let text = |parts: &[Part]| match parts {
        [] => Some(String::new()),
        [Part::Text(text)] => Some(text.clone()),
        _ => None,
    };
    match variables.get(name)? {
        Value::Scalar(parts) if matches!(index, None | Some(0)) => text(parts),
        Value::Array(elements) => {
            let index = index.unwrap_or(0);
            let count = i64::try_from(elements.len()).ok()?;
            let index = if index < 0 { index.checked_add(count)? } else { index };
            match elements.get(usize::try_from(index).ok()?) {
                Some(parts) => text(parts),
                None => Some(String::new()),
            }
        }
        _ => None,
    }
}
