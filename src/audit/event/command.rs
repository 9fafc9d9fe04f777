//! The words of a command as they are recorded.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use serde::Serialize;

use crate::audit::record::hex;
use crate::audit::redact::Redactor;

/// A command as it is recorded: complete, but without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The words. Bytes that are not UTF-8 are written as `\xNN`.
    pub argv: Vec<String>,
    /// The same words in hexadecimal, only when one of them is not UTF-8 and
    /// `argv` therefore not exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub argv_hex: Option<Vec<String>>,
    /// The shell text, when that is what was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Command {
    /// Takes the secrets out of a command. With `text`, the words are those of
    /// the shell that runs it (`sh -c TEXT`), and each is treated as text too.
    #[must_use]
    pub fn new(argv: &[OsString], text: Option<&str>, redactor: &Redactor<'_>) -> Self {
        let words: Vec<&[u8]> = argv.iter().map(|word| word.as_bytes()).collect();
        let words = redactor.argv(&words);
        let exact = words.iter().all(|word| std::str::from_utf8(word).is_ok());
        Self {
            argv: words.iter().map(|word| crate::text::utf8_or_hex(word)).collect(),
            argv_hex: (!exact).then(|| words.iter().map(|word| hex(word)).collect()),
            text: text.map(|text| redactor.text(text).into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::ffi::OsStringExt as _;

    use super::{Command, OsString, Redactor};

    #[test]
    fn words_that_are_not_utf8_are_kept_exactly() {
        let redactor = Redactor::without_key();
        let argv = [OsString::from("printf"), OsString::from_vec(b"a\xff\n".to_vec())];
        let command = Command::new(&argv, None, &redactor);
        assert_eq!(command.argv, ["printf", "a\\xff\n"]);
        assert_eq!(command.argv_hex.unwrap(), ["7072696e7466", "61ff0a"]);
    }

    #[test]
    fn secrets_are_gone_from_every_form() {
        let redactor = Redactor::without_key();
        let text = "curl -u bob:hunter2 https://example.org";
        let argv: Vec<OsString> = ["sh", "-c", text].map(OsString::from).to_vec();
        let command = Command::new(&argv, Some(text), &redactor);
        assert!(!serde_json::to_string(&command).unwrap().contains("hunter2"));
    }
}
