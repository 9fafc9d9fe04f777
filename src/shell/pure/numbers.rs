//! What only needs its words: `seq`, `expr`, `test`, `basename`, `dirname`; and
//! `bc` over whole numbers.

use super::Printed;
use super::options::count;
use crate::shell::limits;

/// A whole number that no program reads differently.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = count(digits).is_some() && (digits == "0" || !digits.starts_with('0'));
    (plain && text != "-0").then(|| text.parse().ok())?
}

/// `seq` over whole numbers.
pub(super) fn seq(arguments: &[&str]) -> Option<Printed> {
    let mut separator = "\n";
    let mut wide = false;
    let mut words = arguments;
    loop {
        match words {
            ["-s", value, rest @ ..] => {
                separator = value;
                words = rest;
            }
            ["-w", rest @ ..] => {
                wide = true;
                words = rest;
            }
            [word, rest @ ..] if word.starts_with("-s") => {
                separator = word.get(2..)?;
                words = rest;
            }
            _ => break,
        }
    }
    let (first, step, last) = match words {
        [last] => (1, 1, whole(last)?),
        [first, last] => (whole(first)?, 1, whole(last)?),
        [first, step, last] => (whole(first)?, whole(step)?, whole(last)?),
        _ => return None,
    };
    // Systems differ on escapes in the separator and on the step of a sequence
    // that goes down.
    if separator.contains('\\') || step == 0 || wide && (first < 0 || last < 0) {
        return None;
    }
    if words.len() < 3 && first > last {
        return None;
    }
    let width = if wide { first.to_string().len().max(last.to_string().len()) } else { 0 };
    let mut out = String::new();
    let mut value = first;
    while if step > 0 { value <= last } else { value >= last } {
        if !out.is_empty() {
            out.push_str(separator);
        }
        out.push_str(&format!("{value:0width$}"));
        if out.len() > limits::MAX_VALUE {
            return None;
        }
        value = value.checked_add(step)?;
    }
    if !out.is_empty() {
        out.push('\n');
    }
    Printed::ok(out.into_bytes())
}

/// `expr` with one operation.
pub(super) fn expr(arguments: &[&str]) -> Option<Printed> {
    let text = match arguments {
        ["length", text] if text.is_ascii() => text.len().to_string(),
        ["substr", text, position, length] if text.is_ascii() => {
            let start = count(position)?.checked_sub(1)?;
            let rest = text.get(start.min(text.len())..)?;
            rest.get(..count(length)?.min(rest.len()))?.to_owned()
        }
        [left, operator, right] => {
            let (left, right) = (whole(left)?, whole(right)?);
            let truth = |value: bool| Some(i64::from(value));
            match *operator {
                "+" => left.checked_add(right),
                "-" => left.checked_sub(right),
                "*" => left.checked_mul(right),
                "/" => left.checked_div(right),
                "%" => left.checked_rem(right),
                "=" => truth(left == right),
                "!=" => truth(left != right),
                "<" => truth(left < right),
                "<=" => truth(left <= right),
                ">" => truth(left > right),
                ">=" => truth(left >= right),
                _ => None,
            }?
            .to_string()
        }
        _ => return None,
    };
    let success = Some(!text.is_empty() && text != "0");
    // What a text of zeros is worth is a question of its own.
    if text.len() > 1 && text.trim_start_matches(['-', '0']).is_empty() {
        return None;
    }
    Some(Printed { bytes: format!("{text}\n").into_bytes(), success })
}

/// `test` and `[`, of strings and whole numbers.
pub(super) fn test(arguments: &[&str]) -> Option<Printed> {
    let truth = match arguments {
        ["!", rest @ ..] if !rest.is_empty() => !primary(rest)?,
        _ => primary(arguments)?,
    };
    Printed::status(truth)
}

fn primary(words: &[&str]) -> Option<bool> {
    match words {
        [] => Some(false),
        [text] => Some(!text.is_empty()),
        ["-n", text] => Some(!text.is_empty()),
        ["-z", text] => Some(text.is_empty()),
        [left, "=", right] => Some(left == right),
        [left, "!=", right] => Some(left != right),
        [left, operator, right] => {
            let (left, right) = (whole(left)?, whole(right)?);
            // `==` is an error in some shells.
            match *operator {
                "-eq" => Some(left == right),
                "-ne" => Some(left != right),
                "-lt" => Some(left < right),
                "-le" => Some(left <= right),
                "-gt" => Some(left > right),
                "-ge" => Some(left >= right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `basename NAME [SUFFIX]`.
pub(super) fn basename(arguments: &[&str]) -> Option<Printed> {
    let (name, suffix) = match operands(arguments)? {
        [name] => (*name, ""),
        [name, suffix] => (*name, *suffix),
        _ => return None,
    };
    let trimmed = name.trim_end_matches('/');
    if trimmed.is_empty() {
        return None;
    }
    let last = trimmed.rsplit('/').next()?;
    let cut = last.strip_suffix(suffix).filter(|rest| !rest.is_empty()).unwrap_or(last);
    Printed::ok(format!("{cut}\n").into_bytes())
}

/// `dirname NAME`.
pub(super) fn dirname(arguments: &[&str]) -> Option<Printed> {
    let [name] = operands(arguments)? else { return None };
    let trimmed = name.trim_end_matches('/');
    if trimmed.is_empty() {
        return None;
    }
    let folder = match trimmed.rfind('/') {
        None => ".",
        Some(at) => match trimmed.get(..at)?.trim_end_matches('/') {
            "" if trimmed.starts_with("//") => return None,
            "" => "/",
            folder => folder,
        },
    };
    Printed::ok(format!("{folder}\n").into_bytes())
}

fn operands<'a, 'b>(arguments: &'b [&'a str]) -> Option<&'b [&'a str]> {
    match arguments {
        ["--", rest @ ..] => Some(rest),
        [first, ..] if first.starts_with('-') => None,
        _ => Some(arguments),
    }
}

/// `bc` without options: lines of whole numbers, `+ - * / % ( )`.
pub(super) fn bc(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    // A last line without its end is an error in some versions.
    if !matches!(arguments, [] | ["-q"]) || !input.ends_with(b"\n") {
        return None;
    }
    let mut out = String::new();
    for line in std::str::from_utf8(input).ok()?.lines() {
        let mut parser = Sum { rest: line.as_bytes(), depth: 0 };
        parser.blanks();
        if parser.rest.is_empty() {
            continue;
        }
        let value = parser.sum()?;
        if !parser.rest.is_empty() {
            return None;
        }
        out.push_str(&format!("{value}\n"));
    }
    Printed::ok(out.into_bytes())
}

/// A sum of products, read and computed at once.
struct Sum<'a> {
    rest: &'a [u8],
    depth: usize,
}

/// Deepest parentheses of `bc`.
const MAX_PARENTHESES: usize = 50;

impl Sum<'_> {
    fn blanks(&mut self) {
        while let [b' ', tail @ ..] = self.rest {
            self.rest = tail;
        }
    }

    fn operator(&mut self, wanted: &[u8]) -> Option<u8> {
        self.blanks();
        let (first, tail) = self.rest.split_first()?;
        if !wanted.contains(first) {
            return None;
        }
        self.rest = tail;
        Some(*first)
    }

    fn sum(&mut self) -> Option<i64> {
        let mut value = self.product()?;
        while let Some(operator) = self.operator(b"+-") {
            let right = self.product()?;
            value = if operator == b'+' {
                value.checked_add(right)?
            } else {
                value.checked_sub(right)?
            };
        }
        Some(value)
    }

    fn product(&mut self) -> Option<i64> {
        let mut value = self.factor()?;
        while let Some(operator) = self.operator(b"*/%") {
            let right = self.factor()?;
            value = match operator {
                b'*' => value.checked_mul(right)?,
                b'/' => value.checked_div(right)?,
                _ => value.checked_rem(right)?,
            };
        }
        Some(value)
    }

    fn factor(&mut self) -> Option<i64> {
        if self.operator(b"(").is_some() {
            self.depth += 1;
            let value = (self.depth < MAX_PARENTHESES).then(|| self.sum())??;
            self.depth -= 1;
            self.operator(b")")?;
            self.blanks();
            return Some(value);
        }
        let length = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let digits = std::str::from_utf8(self.rest.get(..length)?).ok()?;
        let value = digits.parse().ok()?;
        self.rest = self.rest.get(length..)?;
        self.blanks();
        Some(value)
    }
}
