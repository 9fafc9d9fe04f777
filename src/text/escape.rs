//! Text from commands and other machines, made safe to show.
//!
//! A terminal obeys control characters, and a reader is fooled by characters
//! that reorder or hide text (CVE-2021-42574, "Trojan Source"). Both are shown
//! as escapes, in the notation of Rust and of bash's `$'..'`.

use std::fmt::{self, Write as _};

/// Displays text with everything that could deceive replaced by an escape.
/// Line feeds and tabs are escaped too, so that the result is one line.
#[derive(Debug, Clone, Copy)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if is_deceptive(c) && (c as u32) < 0x100 => write!(f, "\\x{:02x}", c as u32)?,
                c if is_deceptive(c) => write!(f, "\\u{{{:x}}}", c as u32)?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// [`Escaped`] as a `String`.
#[must_use]
pub fn escape(text: &str) -> String {
    Escaped(text).to_string()
}

/// Escapes bytes that need not be UTF-8: invalid ones are shown as `\xNN`.
#[must_use]
pub fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let _ = write!(out, "{}", Escaped(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Whether a character is a control, reorders or hides text, or is invisible.
///
/// Unicode categories Cc, Cf (format: bidi controls, zero-width, tags), Zl, Zp,
/// and the blanks other than U+0020 that look like it or like nothing.
#[must_use]
pub const fn is_deceptive(c: char) -> bool {
    matches!(
        c,
        '\0'..='\x1f'
            | '\x7f'..='\u{a0}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{1680}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}'
            | '\u{205f}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3000}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Bytes as text: what is UTF-8 as `valid` puts it, other bytes as `\xNN`.
pub fn utf8_or(bytes: &[u8], valid: impl Fn(&str, &mut String)) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        valid(chunk.valid(), &mut out);
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Text as it is; bytes that are not UTF-8 as `\xNN`. Control characters stay, so
/// this is to be stored and not to be shown.
#[must_use]
pub fn utf8_or_hex(bytes: &[u8]) -> String {
    utf8_or(bytes, |valid, out| out.push_str(valid))
}

#[cfg(test)]
mod tests {
    use super::{escape, escape_bytes};

    #[test]
    fn controls_bidi_and_invisible_characters_are_shown_as_escapes() {
        assert_eq!(
            escape("a\x1b[31mb\u{202e}c\u{200b}d\ne"),
            "a\\x1b[31mb\\u{202e}c\\u{200b}d\\ne"
        );
        assert_eq!(escape("naïve 漢字 ✓"), "naïve 漢字 ✓");
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept_readable() {
        assert_eq!(escape_bytes(b"a\xff\xfeb\0"), "a\\xff\\xfeb\\x00");
    }
}
