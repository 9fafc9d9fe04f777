//! `${..}`: the name, the operator and its argument.

use super::cursor::{Fault, Lexer};
use super::is_name;
use super::scan::Inside;
use super::token::{Parameter, PieceKind};

impl Lexer<'_> {
    /// `${..}`.
    pub(super) fn braced(&mut self, quoted: bool) -> Result<PieceKind, Fault> {
        let at = self.pos;
        self.bump(2);
        if matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'|')) {
            // In newer shells this runs commands; in others it is an error.
            return Err(self.syntax(at, "`${` is followed by a blank"));
        }
        self.enter()?;
        let mut parameter = Parameter { braced: true, ..Parameter::default() };
        self.parameter_head(&mut parameter)?;
        parameter.operator = parameter_operator(self);
        self.bump(parameter.operator.len());
        parameter.argument = self.inside(Inside::argument(quoted, parameter.operator))?;
        let odd = parameter.operator.is_empty() && !parameter.argument.is_empty();
        if odd {
            // A bad substitution: bash stops there. Nothing in it is lost.
            parameter.name.clear();
        }
        self.leave();
        Ok(PieceKind::Parameter(Box::new(parameter)))
    }

    /// The prefix, name and subscript of `${..}`.
    fn parameter_head(&mut self, parameter: &mut Parameter) -> Result<(), Fault> {
        let closes = |byte: Option<u8>| matches!(byte, Some(b'}') | None);
        if self.peek() == Some(b'#') && !closes(self.peek_at(1)) {
            // `${#-x}` and `${#:-x}` are the parameter `#` with an operator;
            // `${#-}` is the length of `-`.
            let next = self.peek_at(1).unwrap_or_default();
            let lone = closes(self.peek_at(2));
            let name = next.is_ascii_alphanumeric() || next == b'_' || b"@*".contains(&next);
            if name || (lone && b"#?-$!".contains(&next)) {
                parameter.length = true;
                self.bump(1);
            }
        } else if self.peek() == Some(b'!') && !closes(self.peek_at(1)) {
            let next = self.peek_at(1).unwrap_or_default();
            if next.is_ascii_alphanumeric() || b"_@*#?-$!".contains(&next) {
                parameter.indirect = true;
                self.bump(1);
            }
        }
        let name = self.take_while(|b| b.is_ascii_alphanumeric() || b == b'_');
        parameter.name = name.to_owned();
        if name.is_empty() {
            if let Some(byte) = self.peek().filter(|b| b"@*#?-$!".contains(b)) {
                self.bump(1);
                parameter.name = char::from(byte).to_string();
            }
        } else if is_name(name) && self.peek() == Some(b'[') {
            self.bump(1);
            parameter.index = Some(self.inside(Inside::BRACKET)?);
        } else if !is_name(name) && !name.bytes().all(|b| b.is_ascii_digit()) {
            parameter.name.clear();
        }
        Ok(())
    }
}

/// The operator at the position inside `${..}`, longest first.
fn parameter_operator(lexer: &Lexer<'_>) -> &'static str {
    const OPERATORS: &[&str] = &[
        ":-", ":=", ":?", ":+", "##", "%%", "//", "/#", "/%", "^^", ",,", "~~", "-", "=", "?", "+",
        ":", "#", "%", "/", "^", ",", "~", "@", "*",
    ];
    let rest = lexer.text.as_bytes().get(lexer.pos..lexer.end).unwrap_or_default();
    OPERATORS.iter().find(|operator| rest.starts_with(operator.as_bytes())).copied().unwrap_or("")
}
