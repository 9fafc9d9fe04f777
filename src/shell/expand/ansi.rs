//! Escapes of `$'..'`, `printf` formats and `echo -e`.

/// Decodes the text between the quotes of `$'..'` (bash(1), QUOTING).
///
/// Bytes that are not UTF-8 become U+FFFD, and a NUL ends the text, as there.
pub(in crate::shell) fn decode(raw: &str) -> String {
    unescape(raw, Style::Ansi).0
}

/// Which escapes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell) enum Style {
    /// `$'..'`
    Ansi,
    /// `printf %b` and `echo -e`: `\0NNN` too, `\c` ends the output.
    Echo,
}

/// Decodes escapes; the flag tells that the output ends here (`\c`).
pub(in crate::shell) fn unescape(raw: &str, style: Style) -> (String, bool) {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    let mut ends = false;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some((&kind, tail)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        rest = tail;
        match kind {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'e' | b'E' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\\' => out.push(b'\\'),
            b'\'' | b'"' | b'?' if style != Style::Echo => out.push(kind),
            b'"' => out.extend([b'\\', b'"']),
            b'c' if style == Style::Ansi => control(&mut out, &mut rest),
            b'c' if style == Style::Echo => {
                ends = true;
                break;
            }
            b'0'..=b'7' => {
                // `echo -e` wants a zero in front and takes three more digits.
                let zero = style == Style::Echo && kind == b'0';
                let first = if zero { 0 } else { u32::from(kind - b'0') };
                let (value, _) = number(&mut rest, 8, if zero { 3 } else { 2 }, first);
                if push_byte(&mut out, value, style) {
                    break;
                }
            }
            b'x' => hexadecimal(&mut out, &mut rest),
            b'u' | b'U' => unicode(&mut out, &mut rest, kind),
            _ => out.extend([b'\\', kind]),
        }
        if style == Style::Ansi && out.last() == Some(&0) {
            break;
        }
    }
    if style == Style::Ansi
        && let Some(nul) = out.iter().position(|b| *b == 0)
    {
        out.truncate(nul);
    }
    (String::from_utf8_lossy(&out).into_owned(), ends)
}

/// `\cX`.
fn control(out: &mut Vec<u8>, rest: &mut &[u8]) {
    if let Some((&byte, tail)) = rest.split_first() {
        *rest = tail;
        if byte == b'\\' && rest.first() == Some(&b'\\') {
            *rest = rest.get(1..).unwrap_or_default();
        }
        out.push(if byte == b'?' { 127 } else { byte.to_ascii_uppercase() & 0x1f });
    } else {
        out.extend(*b"\\c");
    }
}

/// `\xHH`; `\x{H..}` is read too, by its last byte.
fn hexadecimal(out: &mut Vec<u8>, rest: &mut &[u8]) {
    let (value, digits) = if rest.first() == Some(&b'{') {
        let mut inner = rest.get(1..).unwrap_or_default();
        let (value, digits) = number(&mut inner, 16, usize::MAX, 0);
        if digits > 0 {
            *rest = inner.strip_prefix(b"}").unwrap_or(inner);
        }
        (value, digits)
    } else {
        number(rest, 16, 2, 0)
    };
    if digits == 0 {
        out.extend(*b"\\x");
    } else {
        out.push((value & 0xff) as u8);
    }
}

/// `\uHHHH`, `\UHHHHHHHH`.
fn unicode(out: &mut Vec<u8>, rest: &mut &[u8], kind: u8) {
    let (value, digits) = number(rest, 16, if kind == b'u' { 4 } else { 8 }, 0);
    if digits == 0 {
        out.extend([b'\\', kind]);
    } else {
        let mut buffer = [0; 4];
        let c = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend(c.encode_utf8(&mut buffer).as_bytes());
    }
}

/// Returns whether a NUL ends the text.
fn push_byte(out: &mut Vec<u8>, value: u32, style: Style) -> bool {
    let byte = (value & 0xff) as u8;
    out.push(byte);
    byte == 0 && style == Style::Ansi
}

/// Reads digits; returns the value, which wraps, and how many there were.
fn number(rest: &mut &[u8], radix: u32, most: usize, first: u32) -> (u32, usize) {
    let mut value = first;
    let mut digits = 0;
    while digits < most
        && let Some((&byte, tail)) = rest.split_first()
        && let Some(digit) = char::from(byte).to_digit(radix)
    {
        value = value.wrapping_mul(radix).wrapping_add(digit);
        digits += 1;
        *rest = tail;
    }
    (value, digits)
}
