//! JSON whose strings are safe to show on a terminal.
//!
//! JSON requires escapes only below U+0020; DEL, the C1 controls and the
//! characters that reorder or hide text would pass as they are. Here they are
//! written as `\uXXXX`, which every JSON reader turns back into the same text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::is_deceptive;

/// Writes a value on one line, without a line end.
///
/// # Errors
/// What the writer reports.
pub fn write<T: Serialize + ?Sized>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Safe(CompactFormatter));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Writes a value over several lines, indented by two.
///
/// # Errors
/// What the writer reports.
pub fn write_pretty<T: Serialize + ?Sized>(out: &mut dyn Write, value: &T) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, Safe(PrettyFormatter::new()));
    value.serialize(&mut serializer).map_err(io::Error::from)
}

struct Safe<F>(F);

macro_rules! forward {
    ($($name:ident($($arg:ident: $ty:ty),*);)*) => {$(
        fn $name<W: ?Sized + Write>(&mut self, w: &mut W $(, $arg: $ty)*) -> io::Result<()> {
            self.0.$name(w $(, $arg)*)
        }
    )*};
}

impl<F: Formatter> Formatter for Safe<F> {
    forward! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        begin_object_value();
        end_object_value();
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        w: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut written = 0;
        for (at, c) in fragment.char_indices() {
            // Almost every character; the rest of the test is slower.
            if (' '..='~').contains(&c) || !is_deceptive(c) {
                continue;
            }
            w.write_all(fragment.get(written..at).unwrap_or_default().as_bytes())?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(w, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
        w.write_all(fragment.get(written..).unwrap_or_default().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn deceptive_characters_are_escaped_and_read_back_unchanged() {
        let text = "a\u{202e}b\x7f\u{9b}\x1b\"é漢\u{e0041}";
        let mut out = Vec::new();
        super::write(&mut out, &[text]).unwrap();
        let json = String::from_utf8(out).unwrap();
        assert_eq!(json, r#"["a\u202eb\u007f\u009b\u001b\"é漢\udb40\udc41"]"#);
        let back: Vec<String> = serde_json::from_str(&json).unwrap();
        assert_eq!(back, [text]);
        let mut out = Vec::new();
        super::write_pretty(&mut out, &serde_json::json!({"a": ["\u{200b}"]})).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{\n  \"a\": [\n    \"\\u200b\"\n  ]\n}");
    }
}
