//! `echo` and `printf`.

use super::Printed;
use super::escape::{Style, decode};
use crate::shell::limits;

/// `echo`, the builtin or the program.
pub(super) fn echo(arguments: &[&str], builtin: bool) -> Option<Printed> {
    if !builtin && matches!(arguments, ["--help" | "--version"]) {
        return None;
    }
    let mut escapes = None;
    let mut newline = true;
    let mut words = arguments;
    while let Some((first, rest)) = words.split_first()
        && let Some(flags) = first.strip_prefix('-')
        && !flags.is_empty()
        && flags.bytes().all(|b| b"neE".contains(&b))
    {
        for flag in flags.bytes() {
            match flag {
                b'e' => escapes = Some(true),
                b'E' => escapes = Some(false),
                _ => newline = false,
            }
        }
        words = rest;
    }
    let text = words.join(" ");
    let (mut bytes, ends) = match escapes {
        Some(true) if !builtin && has_unicode(&text) => return None,
        Some(true) => decode(text.as_bytes(), Style::Echo)?,
        // Shells differ on what they do with backslashes when not asked, and
        // on knowing `-E`.
        _ if text.contains('\\') => return None,
        _ => (text.into_bytes(), false),
    };
    if newline && !ends {
        bytes.push(b'\n');
    }
    Printed::ok(bytes)
}

/// `printf`, the builtin or the program.
pub(super) fn printf(arguments: &[&str], builtin: bool) -> Option<Printed> {
    let (format, values) = match arguments {
        ["--", format, values @ ..] => (*format, values),
        [format, ..] if format.starts_with('-') => return None,
        [format, values @ ..] => (*format, values),
        [] => return None,
    };
    // The program of coreutils leaves `\'` as it is.
    if !builtin && arguments.iter().any(|word| has_unicode(word) || word.contains("\\'")) {
        return None;
    }
    let values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
    Printed::ok(Formatter { values, next: 0, builtin, out: Vec::new() }.run(format.as_bytes())?)
}

/// Whether there are escapes that the programs read in another way than bash.
fn has_unicode(text: &str) -> bool {
    text.contains("\\u") || text.contains("\\U")
}

/// What awk's `printf` shares: values are taken once, and must be enough.
pub(super) fn format_once(format: &[u8], values: Vec<&[u8]>) -> Option<Vec<u8>> {
    let mut formatter = Formatter { values, next: 0, builtin: false, out: Vec::new() };
    formatter.once(format)?;
    (formatter.next == formatter.values.len()).then_some(formatter.out)
}

struct Formatter<'a> {
    values: Vec<&'a [u8]>,
    next: usize,
    builtin: bool,
    out: Vec<u8>,
}

/// Between the `%` and the letter of a conversion.
#[derive(Default)]
struct Shape {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zeros: bool,
    width: usize,
    precision: Option<usize>,
}

impl<'a> Formatter<'a> {
    /// Uses the format until all values are used.
    fn run(mut self, format: &[u8]) -> Option<Vec<u8>> {
        loop {
            let before = self.next;
            let ends = self.once(format)?;
            if ends || self.next == before || self.next >= self.values.len() {
                return Some(self.out);
            }
        }
    }

    fn once(&mut self, format: &[u8]) -> Option<bool> {
        let mut rest = format;
        while let Some(at) = rest.iter().position(|b| *b == b'%') {
            let before = rest.get(..at)?;
            // To some, `\%` is no conversion.
            if before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1 {
                return None;
            }
            self.out.extend(decode(before, Style::Format)?.0);
            rest = rest.get(at + 1..)?;
            if let Some(tail) = rest.strip_prefix(b"%") {
                self.out.push(b'%');
                rest = tail;
                continue;
            }
            let shape = self.shape(&mut rest)?;
            let (&letter, tail) = rest.split_first()?;
            rest = tail;
            if self.convert(letter, &shape)? {
                return Some(true);
            }
            if self.out.len() > limits::MAX_VALUE {
                return None;
            }
        }
        self.out.extend(decode(rest, Style::Format)?.0);
        (self.out.len() <= limits::MAX_VALUE).then_some(false)
    }

    fn take(&mut self) -> Option<&'a [u8]> {
        let value = self.values.get(self.next).copied();
        // A value that is missing is used too: the format does not end there.
        self.next += 1;
        value
    }

    fn shape(&mut self, rest: &mut &[u8]) -> Option<Shape> {
        let mut shape = Shape::default();
        while let Some((&byte, tail)) = rest.split_first() {
            match byte {
                b'-' => shape.left = true,
                b'+' => shape.plus = true,
                b' ' => shape.space = true,
                b'#' => shape.alternate = true,
                b'0' => shape.zeros = true,
                _ => break,
            }
            *rest = tail;
        }
        shape.width = digits(rest)?.unwrap_or(0);
        if let Some(tail) = rest.strip_prefix(b".") {
            *rest = tail;
            shape.precision = Some(digits(rest)?.unwrap_or(0));
        }
        (shape.width <= limits::MAX_VALUE && shape.precision.unwrap_or(0) <= limits::MAX_VALUE)
            .then_some(shape)
    }

    /// One conversion; returns whether the output ends here.
    fn convert(&mut self, letter: u8, shape: &Shape) -> Option<bool> {
        let numeric = shape.plus || shape.space || shape.alternate || shape.zeros;
        match letter {
            b's' | b'b' | b'c' | b'q' if numeric => return None,
            b's' => {
                let value = self.take().unwrap_or_default();
                self.text(value, shape)?;
            }
            b'b' => {
                let value = self.take().unwrap_or_default();
                let (bytes, ends) = decode(value, Style::Value)?;
                self.text(&bytes, shape)?;
                return Some(ends);
            }
            b'c' => {
                let value = self.take()?;
                let first = value.first().filter(|byte| byte.is_ascii())?;
                (shape.precision.is_none()).then_some(())?;
                self.text(&[*first], shape)?;
            }
            b'q' if self.builtin => {
                let value = self.take().unwrap_or_default();
                let quoted = quoted(value)?;
                shape.precision.is_none().then_some(())?;
                self.text(&quoted, shape)?;
            }
            b'd' | b'i' | b'u' | b'x' | b'X' | b'o' => {
                let value = integer(self.take().unwrap_or_default())?;
                let text = shape.integer(letter, value)?;
                self.out.extend(text);
            }
            _ => return None,
        }
        Some(false)
    }

    fn text(&mut self, value: &[u8], shape: &Shape) -> Option<()> {
        let shaped = shape.width > 0 || shape.precision.is_some();
        // What a width counts depends on the shell and the locale.
        if shaped && !value.is_ascii() {
            return None;
        }
        let value = value.get(..shape.precision.unwrap_or(usize::MAX)).unwrap_or(value);
        let pad = vec![b' '; shape.width.saturating_sub(value.len())];
        if shape.left {
            self.out.extend(value);
            self.out.extend(pad);
        } else {
            self.out.extend(pad);
            self.out.extend(value);
        }
        Some(())
    }
}

impl Shape {
    fn integer(&self, letter: u8, value: i64) -> Option<Vec<u8>> {
        let signed = matches!(letter, b'd' | b'i');
        // C leaves these open.
        if !signed && (self.plus || self.space) || self.alternate && (signed || letter == b'u') {
            return None;
        }
        let wide = u64::from_ne_bytes(value.to_ne_bytes());
        let (sign, mut body) = match letter {
            b'd' | b'i' => {
                let sign = match (value < 0, self.plus, self.space) {
                    (true, ..) => "-",
                    (false, true, _) => "+",
                    (false, false, true) => " ",
                    _ => "",
                };
                (sign, value.unsigned_abs().to_string())
            }
            b'u' => ("", wide.to_string()),
            b'x' => (if self.alternate && value != 0 { "0x" } else { "" }, format!("{wide:x}")),
            b'X' => (if self.alternate && value != 0 { "0X" } else { "" }, format!("{wide:X}")),
            _ if self.alternate => return None,
            _ => ("", format!("{wide:o}")),
        };
        if self.precision == Some(0) && value == 0 {
            return None;
        }
        let wanted = match self.precision {
            Some(precision) => precision,
            None if self.zeros && !self.left => self.width.saturating_sub(sign.len()),
            None => 0,
        };
        body.insert_str(0, &"0".repeat(wanted.saturating_sub(body.len())));
        body.insert_str(0, sign);
        let pad = " ".repeat(self.width.saturating_sub(body.len()));
        if self.left {
            body.push_str(&pad);
        } else {
            body.insert_str(0, &pad);
        }
        Some(body.into_bytes())
    }
}

/// Leading decimal digits. The outer `None` means too large.
fn digits(rest: &mut &[u8]) -> Option<Option<usize>> {
    let length = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if length == 0 {
        return Some(None);
    }
    let value = std::str::from_utf8(rest.get(..length)?).ok()?.parse().ok()?;
    *rest = rest.get(length..)?;
    (length < 8).then_some(Some(value))
}

/// A number as `printf` reads it: C notation, or a quote and a character.
fn integer(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return Some(0);
    }
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    if let Some(quoted) = text.strip_prefix(['\'', '"']) {
        let mut bytes = quoted.bytes();
        let byte = bytes.next()?;
        return bytes.next().is_none().then_some(i64::from(byte));
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if digits.len() > 1 && digits.starts_with('0') => (digits.get(1..)?, 8),
        None => (digits, 10),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let value = i64::from_str_radix(digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

/// `%q` of bash, for printable ASCII.
fn quoted(value: &[u8]) -> Option<Vec<u8>> {
    if value.is_empty() {
        return Some(b"''".to_vec());
    }
    let mut out = Vec::with_capacity(value.len());
    for (at, byte) in value.iter().enumerate() {
        match byte {
            // Versions differ on a `~` behind these.
            b'~' if at > 0 && matches!(value.get(at - 1), Some(b':' | b'=')) => return None,
            b'#' | b'~' if at > 0 => {}
            b' ' | b'\'' | b'"' | b'\\' | b'|' | b'&' | b';' | b'(' | b')' | b'<' | b'>' | b'!'
            | b'{' | b'}' | b'*' | b'[' | b']' | b'?' | b'^' | b'$' | b'`' | b',' | b'#' | b'~' => {
                out.push(b'\\')
            }
            b'!'..=b'~' => {}
            _ => return None,
        }
        out.push(*byte);
    }
    Some(out)
}
