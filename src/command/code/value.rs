//! Values of expressions, as far as they are constant.

use std::rc::Rc;

/// Most characters of a text that is put together.
pub(super) const MAX_TEXT: usize = 64 * 1024;

/// What an expression is.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A text; unknown parts are private characters.
    Text(Rc<str>),
    /// A whole number.
    Number(i64),
    /// A list.
    List(Rc<Vec<Value>>),
    /// Values by name.
    Map(Rc<Vec<(String, Value)>>),
    /// A thing known by its name: `os.system`, `boto3.client()`.
    Path(Rc<str>, Option<Rc<Value>>),
    /// What the named file holds.
    Content(Rc<str>),
    /// One of these.
    Any(Rc<Vec<Value>>),
    /// Nothing is known.
    Unknown,
}

impl Value {
    pub(super) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Rc::from(text.as_ref()))
    }

    pub(super) fn path(path: &str) -> Self {
        Self::Path(Rc::from(path), None)
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(items))
    }

    /// What a loop over it sees.
    pub(super) fn each(&self) -> Self {
        match self {
            Self::List(items) if !items.is_empty() => Self::Any(Rc::clone(items)),
            // A pattern for names of files stands for each of them.
            Self::Text(_) => self.clone(),
            _ => Self::Unknown,
        }
    }

    /// Whether it means yes.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Path(path, _) => path.eq_ignore_ascii_case("true"),
            Self::Number(number) => *number != 0,
            _ => false,
        }
    }
}

/// What a `data:` address holds (RFC 2397): a module that is written out in its
/// name. What cannot be read is given as it stands.
pub(super) fn data_address(address: &str) -> Option<String> {
    let (kind, data) = address.strip_prefix("data:")?.split_once(',')?;
    let decoded = if kind.ends_with(";base64") { base64(data) } else { None };
    Some(decoded.unwrap_or_else(|| data.to_owned()))
}

/// One argument of a call or entry of a list.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) name: Option<String>,
    pub(super) value: Value,
}

/// The arguments of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments {
    pub(super) positional: Vec<Value>,
    pub(super) named: Vec<(String, Value)>,
}

impl Arguments {
    pub(super) fn new(items: Vec<Item>) -> Self {
        let mut out = Self::default();
        for item in items {
            match item.name {
                Some(name) => out.named.push((name, item.value)),
                None => out.positional.push(item.value),
            }
        }
        out
    }

    pub(super) fn at(&self, index: usize) -> Option<&Value> {
        self.positional.get(index)
    }

    /// A named argument, or an entry of an argument that is a map.
    pub(super) fn named(&self, name: &str) -> Option<&Value> {
        let maps = self.positional.iter().filter_map(|value| match value {
            Value::Map(entries) => Some(entries.as_slice()),
            _ => None,
        });
        let mut all = self.named.iter().chain(maps.flatten());
        all.find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// Decodes base64, standard or for addresses, blanks skipped.
pub(super) fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut buffer, mut bits) = (0u32, 0u32);
    for byte in text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        buffer = ((buffer << 6) | u32::from(value)) & 0x00FF_FFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xFF).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Decodes hexadecimal digits, blanks skipped.
pub(super) fn hex(text: &str) -> Option<String> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
}

/// Rotates letters by 13.
pub(super) fn rot13(text: &str) -> String {
    let turn = |c: char, first: u8| {
        let offset = u8::try_from(c).map_or(0, |byte| (byte - first + 13) % 26);
        char::from(first + offset)
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => turn(c, b'a'),
            'A'..='Z' => turn(c, b'A'),
            other => other,
        })
        .collect()
}

/// Decodes `%41`.
pub(super) fn percent(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Fills the places of a format (`%s`, `{}`, `{0}`, `{name}`) in order.
pub(super) fn fill(
    format: &str,
    values: &[String],
    named: &[(String, String)],
    hole: &str,
) -> String {
    let mut out = String::new();
    let mut next = values.iter();
    let mut chars = format.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let rest = format.get(at + c.len_utf8()..).unwrap_or_default();
        if c == '%' {
            if rest.starts_with('%') {
                chars.next();
                out.push('%');
                continue;
            }
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).filter(|end| *end < 8);
            let letter = end.and_then(|end| rest.get(end..=end));
            match (end, letter) {
                (Some(end), Some("s" | "d" | "r" | "i" | "q" | "u" | "v")) => {
                    out.push_str(next.next().map_or(hole, String::as_str));
                    for _ in 0..=end {
                        chars.next();
                    }
                }
                _ => out.push(c),
            }
        } else if c == '{' {
            let Some(end) = rest.find('}').filter(|end| *end < 60) else {
                out.push(c);
                continue;
            };
            let key = rest.get(..end).unwrap_or_default();
            let key = key.split([':', '!', '.', '[']).next().unwrap_or_default();
            let value = match key.parse::<usize>() {
                Ok(index) => values.get(index),
                Err(_) if key.is_empty() => next.next(),
                Err(_) => named.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            };
            out.push_str(value.map_or(hole, String::as_str));
            while chars.next_if(|(i, _)| *i <= at + 1 + end).is_some() {}
        } else {
            out.push(c);
        }
        if out.len() > MAX_TEXT {
            return hole.to_owned();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{base64, fill, hex, percent, rot13};

    #[test]
    fn simple_encodings_are_decoded() {
        assert_eq!(base64("cm0gLXJmIC8=").as_deref(), Some("rm -rf /"));
        assert_eq!(base64("!"), None);
        assert_eq!(hex("726d20").as_deref(), Some("rm "));
        assert_eq!(rot13("ez -es"), "rm -rf");
        assert_eq!(percent("rm%20x").as_deref(), Some("rm x"));
        let values = ["a".to_owned(), "b".to_owned()];
        assert_eq!(fill("%s-%s {}", &values, &[], "?"), "a-b ?");
        assert_eq!(fill("{1}{0}{x}", &values, &[("x".into(), "y".into())], "?"), "bay");
    }
}
