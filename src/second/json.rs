//! Reading documents that may come from anybody.
//!
//! Stricter than JSON, so that no two readers can understand one document in
//! two ways: no repeated or unknown name in an object, integers only and within
//! what every reader keeps exactly, a bounded size and depth, no NUL.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest document, in bytes.
pub const MAX_DOCUMENT: usize = 64 << 10;
/// How deep objects and arrays may be nested.
pub const MAX_DEPTH: usize = 16;
/// Integers beyond this are not exact in every reader (RFC 8259, section 6).
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Why a document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Too long.
    #[error("the document has {0} bytes; at most 65536 are read")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("the document is not UTF-8 text")]
    NotText,
    /// Nested too deep, or with brackets that do not fit.
    #[error("the document is nested deeper than 16 levels")]
    TooDeep,
    /// A string holds U+0000.
    #[error("the document holds a NUL character")]
    Nul,
    /// Not the expected document.
    #[error("the document is not a valid {what}: {why}")]
    Invalid {
        /// What was expected.
        what: &'static str,
        /// The parser's words.
        why: String,
    },
    /// A value that no guard writes.
    #[error("the {what} is not acceptable: {why}")]
    Unacceptable {
        /// Which document.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// Reads a document. All of `T`'s objects must be structs with
/// `deny_unknown_fields`: serde refuses a repeated field only in those.
///
/// # Errors
/// [`DocumentError`].
pub fn read<T: DeserializeOwned>(bytes: &[u8], what: &'static str) -> Result<T, DocumentError> {
    if bytes.len() > MAX_DOCUMENT {
        return Err(DocumentError::TooLong(bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| DocumentError::NotText)?;
    if depth(text) > MAX_DEPTH {
        return Err(DocumentError::TooDeep);
    }
    if has_nul(text) {
        return Err(DocumentError::Nul);
    }
    serde_json::from_str(text)
        .map_err(|error| DocumentError::Invalid { what, why: error.to_string() })
}

/// Writes a document on one line with a final line feed, so that shells and
/// editors do not add one.
#[must_use]
pub fn write<T: Serialize>(document: &T) -> Vec<u8> {
    // These types hold nothing that JSON cannot express.
    let mut bytes = serde_json::to_vec(document).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The deepest nesting outside strings.
fn depth(text: &str) -> usize {
    let (mut now, mut most, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                now += 1;
                most = most.max(now);
            }
            b'}' | b']' if !quoted => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// A raw NUL is no JSON; an escaped one is, and must not reach a C string. The
/// backslash before `u` counts only when it is not escaped itself.
fn has_nul(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (0, _) => return true,
            (b'\\', Some(b'u')) if bytes.get(at + 2..at + 6) == Some(b"0000") => return true,
            (b'\\', _) => at += 2,
            _ => at += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{DocumentError, read};
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Small {
        a: i64,
        #[serde(default)]
        b: Vec<Small>,
    }

    fn why(text: &str) -> String {
        read::<Small>(text.as_bytes(), "thing").unwrap_err().to_string()
    }

    #[test]
    fn a_name_is_given_once_and_known() {
        assert_eq!(read::<Small>(b"{\"a\":1}\n", "thing").unwrap(), Small { a: 1, b: vec![] });
        assert!(why(r#"{"a":1,"a":2}"#).contains("duplicate field"));
        assert!(why(r#"{"a":1,"\u0061":2}"#).contains("duplicate field"));
        assert!(why(r#"{"a":1,"c":2}"#).contains("unknown field"));
    }

    #[test]
    fn numbers_are_integers() {
        for number in ["1.5", "1e3", "1.0", "99999999999999999999", "-99999999999999999999"] {
            assert!(why(&format!("{{\"a\":{number}}}")).contains("thing"), "{number}");
        }
    }

    #[test]
    fn nothing_may_follow_and_nothing_may_be_hidden() {
        assert!(why("{\"a\":1}{").contains("trailing"));
        assert_eq!(read::<Small>(b"{\"a\":1}\0", "thing").unwrap_err(), DocumentError::Nul);
        assert_eq!(read::<String>(br#""a\u0000""#, "thing").unwrap_err(), DocumentError::Nul);
        assert_eq!(read::<String>(br#""a\\u0000""#, "thing").unwrap(), "a\\u0000");
        assert_eq!(read::<Small>(b"\xff", "thing").unwrap_err(), DocumentError::NotText);
        let long = vec![b' '; super::MAX_DOCUMENT + 1];
        assert!(matches!(read::<Small>(&long, "thing"), Err(DocumentError::TooLong(_))));
        let deep = "{\"a\":1,\"b\":[".repeat(100_000 / 12);
        assert!(matches!(
            read::<Small>(deep.get(..60_000).unwrap().as_bytes(), "thing"),
            Err(DocumentError::TooDeep)
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read::<Small>(&bytes, "thing");
        }
    }
}
