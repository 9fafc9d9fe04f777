//! The decision document: what a signature covers.

use serde::{Deserialize, Serialize};

use super::json::{self, DocumentError};
use super::request::{is_hex, is_uuid};
use super::time::Utc;

/// `type` of a decision.
pub const TYPE: &str = "guard.decision";

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Version: 1.
    pub v: u32,
    /// Always [`TYPE`].
    #[serde(rename = "type")]
    pub kind: String,
    /// `id` of the request, to find it.
    pub request_id: String,
    /// SHA-256 of the request's exact bytes, hexadecimal: this is what is
    /// decided about.
    pub request_sha256: String,
    /// The answer.
    pub decision: Answer,
    /// Who decides.
    pub principal: String,
    /// When.
    pub issued: Utc,
    /// Good until.
    pub expires: Utc,
    /// Always 1.
    pub max_uses: u32,
    /// Why, in their words.
    #[serde(default)]
    pub reason: String,
    /// Which text they were shown.
    pub renderer: String,
    /// SHA-256 of that text.
    pub display_sha256: String,
}

/// Answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Yes.
    Approve,
    /// No; it stays no.
    Deny,
    /// "I have looked at what was run past the rules": closes a break-glass
    /// review, allows nothing.
    Review,
}

impl Answer {
    /// The word in documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Review => "review",
        }
    }
}

impl Decision {
    /// Reads a decision. Call only on bytes whose signature has been verified,
    /// or to explain them to somebody.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        let decision: Self = json::read(bytes, "decision")?;
        decision.check()?;
        Ok(decision)
    }

    /// The document, without a line feed at the end.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = json::write(self);
        bytes.pop();
        bytes
    }

    fn check(&self) -> Result<(), DocumentError> {
        let refuse =
            |why: &str| Err(DocumentError::Unacceptable { what: "decision", why: why.to_owned() });
        if self.v != 1 || self.kind != TYPE {
            return refuse("it is not a guard.decision of version 1");
        }
        if !is_uuid(&self.request_id)
            || !is_hex(&self.request_sha256, 64)
            || !is_hex(&self.display_sha256, 64)
        {
            return refuse("an identifier or a SHA-256 is not of the right form");
        }
        if self.max_uses != 1 {
            return refuse("max_uses is not 1");
        }
        if self.expires <= self.issued {
            return refuse("it expires before it is issued");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Answer, Decision};
    use crate::second::Utc;

    const DANA: &[u8] = include_bytes!("../../tests/fixtures/approval/dana.json");

    #[test]
    fn the_published_decision_is_read_and_written_byte_for_byte() {
        let dana = Decision::read(DANA).unwrap();
        assert_eq!(dana.decision, Answer::Approve);
        assert_eq!(dana.expires, Utc::parse("2026-11-22T09:40:00Z").unwrap());
        assert_eq!(dana.write(), DANA);
    }

    #[test]
    fn a_decision_that_no_guard_writes_is_refused() {
        let text = std::str::from_utf8(DANA).unwrap();
        for (from, to) in [
            ("\"v\":1", "\"v\":2"),
            ("guard.decision", "guard.request"),
            ("\"max_uses\":1", "\"max_uses\":2"),
            ("\"max_uses\":1", "\"max_uses\":1.0"),
            ("\"approve\"", "\"allow\""),
            ("\"approve\"", "\"approve\",\"decision\":\"deny\""),
            ("09:40:00Z", "09:31:10Z"),
            ("83bb9f", "83BB9F"),
            ("6f1d2f0e-", "6f1d2f0e"),
            ("\"reason\"", "\"because\""),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            assert!(Decision::read(changed.as_bytes()).is_err(), "{from} -> {to}");
        }
    }
}
