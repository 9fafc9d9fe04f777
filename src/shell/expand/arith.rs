//! Arithmetic (bash(1), ARITHMETIC EVALUATION) on known values; what is not
//! certain has no value. Evaluating changes nothing: assignments are returned.

use super::numbers;
use crate::shell::limits;

/// How many names and numbers one expression may read, those in the values of
/// variables included.
const MAX_STEPS: usize = 2_000;

/// Deepest nesting of parentheses and of values that name other variables.
const MAX_NESTING: usize = 40;

/// The result of an expression.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::shell) struct Evaluated {
    pub value: i64,
    /// The variables that it sets, in order; the last value of a name counts.
    pub assigned: Vec<(String, i64)>,
}

/// Finds the text of a variable, or of the element of an array. `None`: not
/// known.
pub(in crate::shell) type Lookup<'a> = &'a dyn Fn(&str, Option<i64>) -> Option<String>;

/// The value of an expression, and what finding it has cost.
pub(in crate::shell) fn evaluate(text: &str, lookup: Lookup<'_>) -> (Option<Evaluated>, usize) {
    let mut state = State { lookup, assigned: Vec::new(), steps: 0, depth: 0 };
    let value = state.evaluate(text);
    let evaluated = value.map(|value| Evaluated { value, assigned: state.assigned });
    (evaluated, state.steps * 64)
}

struct State<'a> {
    lookup: Lookup<'a>,
    assigned: Vec<(String, i64)>,
    steps: usize,
    depth: usize,
}

impl State<'_> {
    fn evaluate(&mut self, text: &str) -> Option<i64> {
        if text.len() > limits::MAX_SOURCE || self.depth > MAX_NESTING {
            return None;
        }
        self.step(1 + text.len() / 64)?;
        let mut reader = Reader { rest: text.as_bytes(), skip: false, state: self };
        if reader.peek().is_none() {
            return Some(0);
        }
        let value = reader.comma()?;
        reader.peek().is_none().then_some(value)
    }

    fn step(&mut self, count: usize) -> Option<()> {
        self.steps += count;
        (self.steps <= MAX_STEPS).then_some(())
    }

    /// The number that a variable stands for: its value is an expression too.
    fn number(&mut self, name: &str, index: Option<i64>) -> Option<i64> {
        if index.is_none()
            && let Some((_, value)) = self.assigned.iter().rev().find(|entry| entry.0 == name)
        {
            return Some(*value);
        }
        let text = (self.lookup)(name, index)?;
        // A subscript in a value may hold a command.
        if text.contains(['[', '$', '`']) {
            return None;
        }
        self.depth += 1;
        let value = self.evaluate(&text);
        self.depth -= 1;
        value
    }
}

/// A variable, or an element of an array.
struct Place {
    name: String,
    index: Option<i64>,
}

struct Reader<'t, 's, 'a> {
    rest: &'t [u8],
    /// Reads without evaluating: the branch that is not taken.
    skip: bool,
    state: &'s mut State<'a>,
}

/// The binary operators by precedence, the weakest first; longer ones before
/// their prefixes.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: &[&str] = &["=", "<<=", ">>=", "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|="];

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

impl Reader<'_, '_, '_> {
    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some((first, tail)) = self.rest.split_first() {
            if !matches!(first, b' ' | b'\t' | b'\n') {
                return Some(*first);
            }
            self.rest = tail;
        }
        None
    }

    fn take(&mut self, wanted: &str) -> bool {
        self.peek();
        if let Some(rest) = self.rest.strip_prefix(wanted.as_bytes()) {
            self.rest = rest;
            return true;
        }
        false
    }

    fn comma(&mut self) -> Option<i64> {
        let mut value = self.assignment()?;
        while self.take(",") {
            value = self.assignment()?;
        }
        Some(value)
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.state.depth += 1;
        if self.state.depth > MAX_NESTING {
            return None;
        }
        let value = read(self);
        self.state.depth -= 1;
        value
    }

    fn skipping<T>(&mut self, skip: bool, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let skip = skip || self.skip;
        let before = std::mem::replace(&mut self.skip, skip);
        let value = read(self);
        self.skip = before;
        value
    }

    fn assignment(&mut self) -> Option<i64> {
        let start = self.rest;
        if self.peek().is_some_and(starts_name) {
            let place = self.place()?;
            let operator = ASSIGNMENTS.iter().copied().find(|operator| {
                self.peek();
                self.rest.starts_with(operator.as_bytes()) && !self.rest.starts_with(b"==")
            });
            if let Some(operator) = operator {
                self.take(operator);
                let before = if operator == "=" { 0 } else { self.read(&place)? };
                let value = self.nested(Self::assignment)?;
                let value = match operator.strip_suffix('=') {
                    Some("") | None => value,
                    Some(operator) => self.apply(operator, before, value)?,
                };
                return self.write(place, value);
            }
            self.rest = start;
        }
        self.conditional()
    }

    fn conditional(&mut self) -> Option<i64> {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Some(condition);
        }
        let first = self.nested(|r| r.skipping(condition == 0, Self::comma))?;
        if !self.take(":") {
            return None;
        }
        let second = self.nested(|r| r.skipping(condition != 0, Self::conditional))?;
        Some(if condition == 0 { second } else { first })
    }

    fn binary(&mut self, level: usize) -> Option<i64> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut value = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators)? {
            value = match operator {
                "&&" => {
                    let right = self.skipping(value == 0, |r| r.binary(level + 1))?;
                    i64::from(value != 0 && right != 0)
                }
                "||" => {
                    let right = self.skipping(value != 0, |r| r.binary(level + 1))?;
                    i64::from(value != 0 || right != 0)
                }
                _ => {
                    let right = self.binary(level + 1)?;
                    self.apply(operator, value, right)?
                }
            };
        }
        Some(value)
    }

    /// Takes one of the operators, unless it is the start of a longer one;
    /// the outer `None`: bash refuses what comes.
    fn operator(&mut self, operators: &[&'static str]) -> Option<Option<&'static str>> {
        self.peek();
        let rest = self.rest;
        let second = rest.get(1).copied();
        let Some(operator) = operators.iter().find(|operator| {
            let long = match operator.as_bytes() {
                [b'|'] => matches!(second, Some(b'|' | b'=')),
                [b'&'] => matches!(second, Some(b'&' | b'=')),
                [b'<' | b'>'] => second == rest.first().copied(),
                [b'<' | b'>', b'='] | [b'|', b'|'] | [b'&', b'&'] | [b'=' | b'!', b'='] => false,
                [b'*'] => matches!(second, Some(b'*' | b'=')),
                [_] => second == Some(b'='),
                _ => rest.get(2) == Some(&b'='),
            };
            rest.starts_with(operator.as_bytes()) && !long
        }) else {
            return Some(None);
        };
        // `1++x` is read as `1 (++x)`, which is nothing.
        let twice = matches!(*operator, "+" | "-") && second == rest.first().copied();
        if twice && before_name(rest.get(2..).unwrap_or_default()) {
            return None;
        }
        self.take(operator);
        Some(Some(*operator))
    }

    fn apply(&self, operator: &str, left: i64, right: i64) -> Option<i64> {
        if self.skip {
            return Some(0);
        }
        let shift = || u32::try_from(right).ok().filter(|bits| *bits < 64);
        Some(match operator {
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(shift()?),
            ">>" => left.wrapping_shr(shift()?),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            "/" => left.checked_div(right)?,
            "%" => left.checked_rem(right)?,
            _ => return None,
        })
    }

    fn power(&mut self) -> Option<i64> {
        let base = self.sign()?;
        if !self.take("**") {
            return Some(base);
        }
        // A negative exponent is an error even where nothing is evaluated.
        let exponent = u32::try_from(self.nested(Self::power)?).ok()?;
        Some(base.wrapping_pow(exponent))
    }

    fn sign(&mut self) -> Option<i64> {
        let byte = self.peek()?;
        let rest = self.rest;
        match byte {
            b'+' | b'-' => {
                let tail = rest.get(1..).unwrap_or_default();
                let step = if byte == b'+' { 1 } else { -1 };
                if tail.first() == Some(&byte) && before_name(tail.get(1..).unwrap_or_default()) {
                    self.rest = tail.get(1..).unwrap_or_default();
                    self.peek();
                    let place = self.place()?;
                    let value = self.read(&place)?.wrapping_add(step);
                    self.peek();
                    if self.rest.starts_with(b"++") || self.rest.starts_with(b"--") {
                        return None;
                    }
                    return self.write(place, value);
                }
                self.rest = tail;
                Some(self.nested(Self::sign)?.wrapping_mul(step))
            }
            b'!' | b'~' => {
                self.rest = rest.get(1..).unwrap_or_default();
                let value = self.nested(Self::sign)?;
                Some(if byte == b'!' { i64::from(value == 0) } else { !value })
            }
            b'(' => {
                self.take("(");
                let value = self.nested(Self::comma)?;
                self.take(")").then_some(value)
            }
            byte if byte.is_ascii_digit() => self.number(),
            byte if starts_name(byte) => {
                let place = self.place()?;
                let value = self.read(&place)?;
                let step = if self.take("++") {
                    1
                } else if self.take("--") {
                    -1
                } else {
                    return Some(value);
                };
                self.write(place, value.wrapping_add(step))?;
                Some(value)
            }
            _ => None,
        }
    }

    fn place(&mut self) -> Option<Place> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
        let (name, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let name = String::from_utf8_lossy(name).into_owned();
        if self.rest.first() != Some(&b'[') {
            return Some(Place { name, index: None });
        }
        self.take("[");
        let index = self.nested(Self::comma)?;
        self.take("]").then_some(Place { name, index: Some(index) })
    }

    fn read(&mut self, place: &Place) -> Option<i64> {
        self.state.step(1)?;
        if self.skip { Some(0) } else { self.state.number(&place.name, place.index) }
    }

    fn write(&mut self, place: Place, value: i64) -> Option<i64> {
        if self.skip {
            return Some(value);
        }
        // An array is kept as a whole.
        if place.index.is_some() {
            return None;
        }
        self.state.assigned.push((place.name, value));
        Some(value)
    }

    fn number(&mut self) -> Option<i64> {
        self.state.step(1)?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"#@_".contains(byte);
        let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        numbers::parse(std::str::from_utf8(digits).ok()?)
    }
}

/// Whether a name comes next.
fn before_name(text: &[u8]) -> bool {
    text.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\n')).copied().is_some_and(starts_name)
}
