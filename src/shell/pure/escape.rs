//! Backslash escapes of `echo -e`, `printf` formats and `printf %b`, to bytes.

/// Whose escapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `echo -e`
    Echo,
    /// The format of `printf`.
    Format,
    /// `printf %b`
    Value,
}

/// Decodes escapes; the flag tells that the output ends here (`\c`).
///
/// `None` for escapes about which shells differ.
pub(super) fn decode(text: &[u8], style: Style) -> Option<(Vec<u8>, bool)> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
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
            b'e' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\\' => out.push(b'\\'),
            b'\'' | b'"' if style == Style::Format => out.push(kind),
            b'c' if style != Style::Format => return Some((out, true)),
            // bash's own echo prints `\162` as it is, others print `r`.
            b'1'..=b'7' if style == Style::Echo => return None,
            b'0'..=b'7' => {
                let zero = kind == b'0' && style != Style::Format;
                let most = if zero { 3 } else { 2 };
                let (value, _) = number(&mut rest, 8, most, u32::from(kind - b'0'));
                out.push((value & 0xff) as u8);
            }
            b'x' => {
                let (value, digits) = number(&mut rest, 16, 2, 0);
                if digits == 0 {
                    return None;
                }
                out.push((value & 0xff) as u8);
            }
            b'u' | b'U' => {
                let most = if kind == b'u' { 4 } else { 8 };
                let (value, digits) = number(&mut rest, 16, most, 0);
                let c = char::from_u32(value).filter(|_| digits > 0)?;
                out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            // Letters of other shells, and what each does its own way.
            b'E' | b'c' | b'"' | b'\'' | b'?' => return None,
            _ => out.extend([b'\\', kind]),
        }
    }
    Some((out, false))
}

/// Reads digits; returns the value, which wraps, and how many there were.
pub(super) fn number(rest: &mut &[u8], radix: u32, most: usize, first: u32) -> (u32, usize) {
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
