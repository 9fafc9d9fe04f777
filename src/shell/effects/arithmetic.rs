//! What arithmetic does to variables, and the values of variables in it.

use super::super::lex::{Piece, PieceKind};
use super::super::read::Reader;
use super::super::simple::plain_name;
use crate::model::{Problem, ProblemKind, Span};

impl Reader {
    /// Bash reads the value of a variable in arithmetic as arithmetic, and
    /// expands the subscripts in it: `x='a[$(CMD)]'; echo $((x))` runs CMD.
    pub(in super::super) fn values_in_arithmetic(&mut self, text: &str) {
        let names = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let values: Vec<String> = names
            .filter_map(|name| Some(self.variables.get(name)?.as_static()?.to_owned()))
            .filter(|value| value.contains('['))
            .collect();
        for value in values {
            self.expanded_again(&value);
        }
    }

    /// Text that bash expands although it was quoted.
    pub(in super::super) fn expanded_again(&mut self, text: &str) {
        if (text.contains("$(") || text.contains('`')) && !self.stopped {
            let message = "A quoted text is expanded once more here, and there is a command in \
                           it. Write that command out, so that it can be judged."
                .to_owned();
            let span = Span::default();
            self.script.problems.push(Problem { kind: ProblemKind::Limit, message, span });
        }
    }

    /// Arithmetic that assigns: every name in it may change.
    pub(in super::super) fn forget_arithmetic(&mut self, text: &str, pieces: &[Piece]) {
        self.values_in_arithmetic(text);
        let bytes = text.as_bytes();
        let assigns = bytes.iter().enumerate().any(|(index, byte)| {
            let next = bytes.get(index + 1).copied();
            let before = index.checked_sub(1).and_then(|at| bytes.get(at)).copied();
            match byte {
                b'=' => {
                    let comparison = next == Some(b'=')
                        || matches!(before, Some(b'=' | b'!'))
                        || (matches!(before, Some(b'<' | b'>'))
                            && index.checked_sub(2).and_then(|at| bytes.get(at)).copied()
                                != before);
                    !comparison
                }
                b'+' => next == Some(b'+'),
                b'-' => next == Some(b'-'),
                _ => false,
            }
        });
        if !assigns {
            return;
        }
        let opaque = pieces
            .iter()
            .any(|piece| matches!(piece.kind, PieceKind::Parameter(_) | PieceKind::Command(_)));
        if opaque {
            self.variables.forget_all();
        } else {
            self.forget_identifiers(text);
        }
    }

    pub(super) fn forget_identifiers(&mut self, text: &str) {
        for name in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            if let Some(name) = plain_name(name) {
                self.variables.forget(name);
            }
        }
    }
}
