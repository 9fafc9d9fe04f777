//! What stands inside string literals: escapes, and parts that are code.

use super::language::{Holes, Quote};

/// A piece of a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Known text.
    Text(String),
    /// An expression whose value is put in.
    Code(String),
}

/// Reads a quoted literal at the beginning of `text`: its pieces, and how many
/// bytes it takes. A literal without an end goes on to the end of the text.
pub(super) fn quoted(text: &str, quote: &Quote, arrays: bool) -> (Vec<Piece>, usize) {
    let close = if quote.close.is_empty() { &quote.open } else { &quote.close };
    let body = text.get(quote.open.len()..).unwrap_or_default();
    let mut chars = body.char_indices();
    let (mut end, mut used) = (body.len(), body.len());
    // `${..}` inside a template may hold quotes of its own.
    let mut depth = 0usize;
    while let Some((at, c)) = chars.next() {
        let rest = body.get(at..).unwrap_or_default();
        if depth == 0 && rest.starts_with(close.as_str()) {
            (end, used) = (at, at + close.len());
            break;
        }
        if c == '\n' && quote.line {
            (end, used) = (at, at);
            break;
        }
        match c {
            '\\' if !quote.open.starts_with('[') => {
                chars.next();
            }
            '{' if depth > 0 => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '$' if quote.holes == Holes::Braced && rest.starts_with("${") => {
                depth = 1;
                chars.next();
            }
            '#' if quote.holes == Holes::Hash && rest.starts_with("#{") => {
                depth = 1;
                chars.next();
            }
            _ => {}
        }
    }
    let inner = body.get(..end).unwrap_or_default();
    (pieces(inner, quote, arrays), quote.open.len() + used)
}

/// The text between a delimiter and its partner, brackets nested, and the bytes
/// used with both delimiters.
pub(super) fn delimited(text: &str, delimiter: char) -> (&str, usize) {
    let partner = match delimiter {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        other => other,
    };
    let start = delimiter.len_utf8();
    let body = text.get(start..).unwrap_or_default();
    if partner == delimiter {
        let (inner, used) = until(body, delimiter);
        return (inner, start + used);
    }
    let mut depth = 1usize;
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == delimiter {
            depth += 1;
        } else if c == partner {
            depth -= 1;
            if depth == 0 {
                let inner = body.get(..at).unwrap_or_default();
                return (inner, start + at + c.len_utf8());
            }
        }
    }
    (body, text.len())
}

/// The text up to a character that is not escaped, and the bytes used with it.
pub(super) fn until(text: &str, end: char) -> (&str, usize) {
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == end {
            return (text.get(..at).unwrap_or_default(), at + c.len_utf8());
        }
    }
    (text, text.len())
}

/// Resolves escapes and cuts out what is code.
pub(super) fn pieces(text: &str, quote: &Quote, arrays: bool) -> Vec<Piece> {
    let mut reader = Reader { rest: text, known: String::new(), out: Vec::new() };
    while let Some(c) = reader.rest.chars().next() {
        if c == '\\' && !quote.raw {
            reader.escape(quote);
        } else if !reader.code(c, quote.holes, arrays) {
            reader.take(c);
        }
    }
    reader.flush();
    reader.out
}

struct Reader<'a> {
    rest: &'a str,
    known: String,
    out: Vec<Piece>,
}

impl Reader<'_> {
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn take(&mut self, c: char) {
        self.known.push(c);
        self.skip(c.len_utf8());
    }

    fn flush(&mut self) {
        if !self.known.is_empty() {
            self.out.push(Piece::Text(std::mem::take(&mut self.known)));
        }
    }

    fn expression(&mut self, code: &str, used: usize) {
        self.flush();
        self.out.push(Piece::Code(code.to_owned()));
        self.skip(used);
    }

    /// Takes an expression that is put into the text here.
    fn code(&mut self, c: char, holes: Holes, arrays: bool) -> bool {
        let rest = self.rest;
        match (holes, c) {
            (Holes::Braces, '{' | '}') => {
                if rest.get(1..).is_some_and(|after| after.starts_with(c)) {
                    self.known.push(c);
                    self.skip(2);
                } else if c == '{' {
                    let (inner, used) = delimited(rest, '{');
                    let end = format_end(inner);
                    self.expression(inner.get(..end).unwrap_or_default(), used);
                } else {
                    return false;
                }
                true
            }
            (Holes::Hash, '#') | (Holes::Braced, '$')
                if rest.get(1..).is_some_and(|r| r.starts_with('{')) =>
            {
                let (inner, used) = delimited(rest.get(1..).unwrap_or_default(), '{');
                self.expression(inner, used + 1);
                true
            }
            (Holes::Dollar, '{') if rest.starts_with("{$") => {
                let (inner, used) = delimited(rest, '{');
                self.expression(inner, used);
                true
            }
            (Holes::Dollar, '$') => self.dollar(),
            (Holes::Dollar, '@') if arrays => self.dollar(),
            _ => false,
        }
    }

    /// `$name`, `${..}`, `@{[ .. ]}`, with what is taken out of it behind.
    fn dollar(&mut self) -> bool {
        let after = self.rest.get(1..).unwrap_or_default();
        if after.starts_with('{') {
            let (inner, used) = delimited(after, '{');
            let is_name =
                !inner.is_empty() && inner.chars().all(|c| c.is_alphanumeric() || c == '_');
            let code = if is_name { format!("${inner}") } else { inner.to_owned() };
            self.expression(&code, used + 1);
            return true;
        }
        let len = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
        if len == 0 {
            return false;
        }
        let name = after.get(..len).unwrap_or_default();
        let behind = after.get(len..).unwrap_or_default();
        let element = behind.starts_with(['[', '{']) || behind.starts_with("->");
        if element {
            let open = behind.trim_start_matches("->");
            let arrow = behind.len() - open.len();
            let used = match open.chars().next() {
                Some(c @ ('[' | '{')) => delimited(open, c).1 + arrow,
                _ => 0,
            };
            // One element of something: not known.
            self.expression("", 1 + len + used);
        } else {
            self.expression(&format!("${name}"), 1 + len);
        }
        true
    }

    fn escape(&mut self, quote: &Quote) {
        let after = self.rest.get(1..).unwrap_or_default();
        let Some(c) = after.chars().next() else {
            self.take('\\');
            return;
        };
        if quote.plain {
            if c != '\\' && !quote.open.starts_with(c) {
                self.known.push('\\');
            }
            self.known.push(c);
            self.skip(1 + c.len_utf8());
            return;
        }
        let digits = |from: usize, most: usize, radix: u32| {
            let digits = after.get(from..).unwrap_or_default();
            let len = digits.chars().take(most).take_while(|c| c.is_digit(radix)).count();
            (digits.get(..len).unwrap_or_default(), from + len, radix)
        };
        let braced = |from: usize| {
            let inner = after.get(from + 1..).unwrap_or_default();
            let end = inner.find('}').filter(|end| *end <= 8).unwrap_or(0);
            (inner.get(..end).unwrap_or_default(), from + end + 2, 16)
        };
        let is_braced = after.get(1..).is_some_and(|r| r.starts_with('{'));
        let (number, used, radix) = match c {
            'x' | 'u' if is_braced => braced(1),
            'x' => digits(1, 2, 16),
            'u' => digits(1, 4, 16),
            'U' => digits(1, 8, 16),
            '0'..='9' if quote.decimal => digits(0, 3, 10),
            '0'..='7' => digits(0, 3, 8),
            _ => ("", 0, 0),
        };
        if used > 0 {
            let value = u32::from_str_radix(number, radix).ok().and_then(char::from_u32);
            self.known.push(value.unwrap_or('?'));
            self.skip(1 + used);
            return;
        }
        match c {
            'n' => self.known.push('\n'),
            't' => self.known.push('\t'),
            'r' => self.known.push('\r'),
            'a' | 'b' | 'f' | 'v' | 'e' => self.known.push(' '),
            '\n' => {}
            '\\' | '\'' | '"' | '`' | '$' | '@' | '#' | '/' | '{' | '}' => self.known.push(c),
            other => {
                // Most languages keep or drop the backslash; a regular
                // expression needs it, a command does not have it.
                self.known.push('\\');
                self.known.push(other);
            }
        }
        self.skip(1 + c.len_utf8());
    }
}

/// Where the expression ends and the format (`!r`, `:>10`) begins.
fn format_end(inner: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in inner.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return at,
            '!' if depth == 0 && !inner.get(at + 1..).is_some_and(|r| r.starts_with('=')) => {
                return at;
            }
            _ => {}
        }
    }
    inner.len()
}
