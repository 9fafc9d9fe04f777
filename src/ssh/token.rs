//! A decision on its way: document and signature in one line that survives
//! chat clients, terminals and QR codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::armor::{self, ArmorError};

/// Begins every token that guard writes.
pub const PREFIX: &str = "guard1.";
/// Begins tokens of drafts of the protocol; still read.
const OLD_PREFIX: &str = "gd1_";
/// The longest line that is read, in characters.
pub const MAX_LINE: usize = 100_000;
/// The longest document in a token: its length is written in 16 bits.
pub const MAX_DOCUMENT: usize = u16::MAX as usize;

/// A document and the signature over it, both still to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The document's exact bytes.
    pub document: Vec<u8>,
    /// The signature blob.
    pub signature: Vec<u8>,
}

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too long.
    #[error("the token is longer than 100,000 characters")]
    TooLong,
    /// Begins with something else.
    #[error("it is not a token: tokens begin with `{PREFIX}`")]
    Prefix,
    /// Something was lost or added on the way.
    #[error("the token is damaged; copy the whole line again, or send it as a file")]
    Damaged,
    /// The document does not fit.
    #[error("the document is too long for a token")]
    Document,
    /// The signature file is none.
    #[error("the signature file is not usable: {0}")]
    Armor(#[from] ArmorError),
}

impl Token {
    /// Reads a line. Blank space is ignored everywhere: terminals and chat
    /// clients break lines.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn read(text: &str) -> Result<Self, TokenError> {
        if text.len() > MAX_LINE {
            return Err(TokenError::TooLong);
        }
        let line: String = text.split_ascii_whitespace().collect();
        let rest = line.strip_prefix(PREFIX).or_else(|| line.strip_prefix(OLD_PREFIX));
        let bytes = URL_SAFE_NO_PAD
            .decode(rest.ok_or(TokenError::Prefix)?)
            .map_err(|_| TokenError::Damaged)?;
        let (length, rest) = bytes.split_at_checked(2).ok_or(TokenError::Damaged)?;
        let length: [u8; 2] = length.try_into().map_err(|_| TokenError::Damaged)?;
        let (document, signature) =
            rest.split_at_checked(u16::from_be_bytes(length).into()).ok_or(TokenError::Damaged)?;
        if document.is_empty() || signature.is_empty() {
            return Err(TokenError::Damaged);
        }
        Ok(Self { document: document.to_vec(), signature: signature.to_vec() })
    }

    /// The pair of files that stock `ssh-keygen` works with: document and
    /// armored signature.
    ///
    /// # Errors
    /// The signature file is none, or the document is too long.
    pub fn from_files(document: Vec<u8>, signature: &str) -> Result<Self, TokenError> {
        if document.is_empty() || document.len() > MAX_DOCUMENT {
            return Err(TokenError::Document);
        }
        Ok(Self { document, signature: armor::read(signature)? })
    }

    /// The line.
    ///
    /// # Errors
    /// The document is too long.
    pub fn write(&self) -> Result<String, TokenError> {
        let length = u16::try_from(self.document.len()).map_err(|_| TokenError::Document)?;
        let bytes = [&length.to_be_bytes(), &self.document[..], &self.signature].concat();
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{PREFIX, Token, TokenError};
    use crate::ssh::armor;
    use proptest::prelude::*;

    const LINE: &str = include_str!("../../tests/fixtures/approval/dana.token");

    #[test]
    fn the_published_line_holds_the_published_files() {
        let token = Token::read(LINE).unwrap();
        assert_eq!(token.document, include_bytes!("../../tests/fixtures/approval/dana.json"));
        let text = include_str!("../../tests/fixtures/approval/dana1.sig");
        assert_eq!(armor::write(&token.signature), text);
        assert_eq!(Token::from_files(token.document.clone(), text).unwrap(), token);
        let written = token.write().unwrap();
        assert_eq!(written, LINE.trim().replacen("gd1_", PREFIX, 1));
    }

    #[test]
    fn line_breaks_are_forgiven_and_nothing_else() {
        let good = Token::read(LINE).unwrap();
        let broken = LINE.replacen("VzdF", "Vz\n   dF", 1);
        assert_eq!(Token::read(&format!(" \n{broken}\n")).unwrap(), good);
        let line = good.write().unwrap();
        for (text, error) in [
            (line.replacen("guard1.", "guard2.", 1), TokenError::Prefix),
            (format!("> {line}"), TokenError::Prefix),
            (format!("{line}="), TokenError::Damaged),
            (format!("{line}+"), TokenError::Damaged),
            (PREFIX.to_owned(), TokenError::Damaged),
            (format!("{PREFIX}AAAA"), TokenError::Damaged),
            (format!("{PREFIX}__8AAAAA"), TokenError::Damaged),
            ("x".repeat(10 << 20), TokenError::TooLong),
        ] {
            assert_eq!(Token::read(&text).unwrap_err(), error);
        }
    }

    proptest! {
        #[test]
        fn any_token_is_read_back(
            document in proptest::collection::vec(any::<u8>(), 1..500),
            signature in proptest::collection::vec(any::<u8>(), 1..300),
        ) {
            let token = Token { document, signature };
            prop_assert_eq!(Token::read(&token.write().unwrap()).unwrap(), token);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(guard1\\.)?[ -~]{0,200}") {
            let _ = Token::read(&text);
        }
    }
}
