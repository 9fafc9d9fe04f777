//! Words back to shell text, for display and for text that bash reads again.

use crate::model::Span;
use crate::text::escape::is_deceptive;

/// Quotes one word so that bash reads it back as exactly these bytes.
///
/// As little as needed: a plain word stays as it is, others get single quotes,
/// and bytes that a terminal or a reader could misread get `$'..'`.
#[must_use]
pub fn quote(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if is_plain(text) => text.to_owned(),
        Ok(text) if !text.chars().any(is_deceptive) => single_quote(text),
        _ => ansi_quote(bytes),
    }
}

/// Joins words with spaces, each quoted, and tells where each one stands.
#[must_use]
pub fn join(argv: &[Vec<u8>]) -> (String, Vec<Span>) {
    let mut text = String::new();
    let mut spans = Vec::with_capacity(argv.len());
    for (index, word) in argv.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        let start = text.len();
        let quoted = quote(word);
        // In front, a reserved word would start a compound command.
        if index == 0 && super::lex::is_reserved(&quoted) {
            text.push_str(&single_quote(&quoted));
        } else {
            text.push_str(&quoted);
        }
        spans.push(Span::new(start, text.len()));
    }
    (text, spans)
}

/// Whether a word means itself wherever it stands but in front.
fn is_plain(text: &str) -> bool {
    if matches!(text, "[" | "]" | "[[" | "]]" | "{" | "}" | "{}" | "!") {
        return true;
    }
    !text.is_empty()
        && !text.starts_with('~')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./:,+%@=".contains(&b))
        && !is_assignment(text)
        && !text.contains("=~")
}

/// Whether the text reads as `NAME=..` or `NAME+=..`.
fn is_assignment(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        super::lex::is_name(name)
    })
}

fn single_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('\'');
    for c in text.chars() {
        if c == '\'' {
            out.push_str("'\\''");
        } else {
            out.push(c);
        }
    }
    out.push('\'');
    out
}

fn ansi_quote(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\'' => out.push_str("\\'"),
                '\\' => out.push_str("\\\\"),
                c if is_deceptive(c) => {
                    let mut buffer = [0; 4];
                    push_hex(&mut out, c.encode_utf8(&mut buffer).as_bytes());
                }
                c => out.push(c),
            }
        }
        push_hex(&mut out, chunk.invalid());
    }
    out.push('\'');
    out
}

/// `\xNN`: bash reads at most two digits, so that what follows is safe.
fn push_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        out.push_str("\\x");
        for nibble in [byte >> 4, byte & 15] {
            out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
    }
}
