//! Signed checkpoints: how many lines the log had, and the root of their tree.
//!
//! The text is that of C2SP tlog-checkpoint (<https://c2sp.org/tlog-checkpoint>):
//! three lines, origin, number of lines and root. It is signed by the host's key
//! as `ssh-keygen -Y sign -n guard-checkpoint@v1` would. In a file, text, an
//! empty line and the armored signature stand below one another; in a system
//! log everything stands in one line.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::record::Hash;
use crate::ssh::sshsig::Signature;
use crate::ssh::{CHECKPOINT, PublicKey, VerifyError, armor, verify};

/// The longest origin, in bytes.
pub const MAX_ORIGIN: usize = 400;

/// The longest file with one checkpoint, in bytes.
pub const MAX_FILE: u64 = 32 << 10;

/// What stands before a checkpoint in one line.
pub const LINE_MARK: &str = "guard-checkpoint@v1";

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log, such as `build-7.example.org/guard/audit`.
    pub origin: String,
    /// How many lines it had.
    pub size: u64,
    /// The root of their tree, see [`super::merkle`].
    pub root: Hash,
}

/// Why a text is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not three lines.
    #[error("it is not three lines: origin, number of lines, root")]
    Lines,
    /// Line 1.
    #[error("line 1 is no origin: text without spaces and without `+`")]
    Origin,
    /// Line 2.
    #[error("line 2 is no number of lines")]
    Size,
    /// Line 3.
    #[error("line 3 is no root: 32 bytes in base64")]
    Root,
    /// No signature below.
    #[error("no signature stands below the three lines")]
    Unsigned,
    /// A signature that cannot be read.
    #[error("its signature cannot be read: {0}")]
    Armor(String),
}

/// Whether a text can be an origin: that of a key name of C2SP signed notes
/// (no white space, no `+`), and ASCII, so that it looks like what it is.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_ORIGIN
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+')
}

/// The 32 bytes of a hash in standard base64.
#[must_use]
pub fn hash_of_base64(text: &str) -> Option<Hash> {
    // 44 characters: nothing longer is decoded.
    (text.len() == 44).then(|| BASE64.decode(text).ok()).flatten()?.try_into().ok()
}

/// A decimal number without leading zeros.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0');
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (plain && digits).then(|| text.parse().ok()).flatten()
}

impl Checkpoint {
    /// Reads the three lines, each with its line feed.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn read(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Lines)?.split('\n');
        let mut next = || lines.next().ok_or(CheckpointError::Lines);
        let (origin, size, root) = (next()?, next()?, next()?);
        if lines.next().is_some() {
            return Err(CheckpointError::Lines);
        }
        if !is_origin(origin) {
            return Err(CheckpointError::Origin);
        }
        let size = number(size).ok_or(CheckpointError::Size)?;
        let root = hash_of_base64(root).ok_or(CheckpointError::Root)?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

impl fmt::Display for Checkpoint {
    /// The exact text that is signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, BASE64.encode(self.root))
    }
}

/// A checkpoint and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The signature's blob. Nothing is known about it yet.
    pub signature: Vec<u8>,
}

impl Signed {
    /// Reads a file: text, empty line, armored signature, nothing else.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn read(text: &str) -> Result<Self, CheckpointError> {
        let (head, armored) = text.split_once("\n\n").ok_or(CheckpointError::Unsigned)?;
        let checkpoint = Checkpoint::read(&format!("{head}\n"))?;
        Ok(Self { checkpoint, signature: unarmor(armored)? })
    }

    /// Joins a text and the armored signature of a file beside it.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn of_two(text: &str, armored: &str) -> Result<Self, CheckpointError> {
        Ok(Self { checkpoint: Checkpoint::read(text)?, signature: unarmor(armored)? })
    }

    /// Finds a checkpoint in a line of a system log.
    #[must_use]
    pub fn of_line(line: &str) -> Option<Self> {
        let (_, rest) = line.split_once(LINE_MARK)?;
        let mut words = rest.split_ascii_whitespace();
        let origin = words.next().filter(|word| is_origin(word))?.to_owned();
        let size = number(words.next()?)?;
        let root = hash_of_base64(words.next()?)?;
        let signature = words.next().filter(|word| word.len() <= armor::MAX_ARMOR)?;
        let signature = BASE64.decode(signature).ok()?;
        Some(Self { checkpoint: Checkpoint { origin, size, root }, signature })
    }

    /// The line for a system log.
    #[must_use]
    pub fn line(&self) -> String {
        let Checkpoint { origin, size, root } = &self.checkpoint;
        let (root, signature) = (BASE64.encode(root), BASE64.encode(&self.signature));
        format!("{LINE_MARK} {origin} {size} {root} {signature}")
    }

    /// The payload of the record.
    #[must_use]
    pub fn event(&self, missed: Vec<Missed>) -> Event {
        Event {
            origin: self.checkpoint.origin.clone(),
            size: self.checkpoint.size,
            root: BASE64.encode(self.checkpoint.root),
            sig_b64: BASE64.encode(&self.signature),
            missed,
        }
    }

    /// The key that the signature names. Whose it is, only somebody who knows
    /// the host's key can say.
    #[must_use]
    pub fn named_key(&self) -> Option<PublicKey> {
        PublicKey::from_blob(&Signature::read(&self.signature).ok()?.public_key).ok()
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), VerifyError> {
        let text = self.checkpoint.to_string();
        verify(text.as_bytes(), &self.signature, CHECKPOINT, key).map(drop)
    }
}

impl fmt::Display for Signed {
    /// The file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.checkpoint, armor::write(&self.signature))
    }
}

/// An armored signature in exactly the form in which OpenSSH writes it, so that
/// a checkpoint has one form only.
fn unarmor(armored: &str) -> Result<Vec<u8>, CheckpointError> {
    let blob = armor::read(armored).map_err(|error| CheckpointError::Armor(error.to_string()))?;
    if armor::write(&blob) != armored {
        return Err(CheckpointError::Armor("it is not written as OpenSSH writes it".into()));
    }
    Ok(blob)
}

/// `checkpoint`: the log up to here was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Line 1 of the text.
    pub origin: String,
    /// Line 2.
    pub size: u64,
    /// Line 3.
    pub root: String,
    /// The signature's blob in base64.
    pub sig_b64: String,
    /// Where the checkpoints before this one did not arrive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<Missed>,
}

/// A place that did not take the last checkpoint that was sent to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// The place, without what may be a secret.
    pub to: String,
    /// How many lines that checkpoint covered.
    pub size: u64,
    /// Why, in words.
    pub why: String,
}

impl Event {
    /// The checkpoint in it, `None` when a field is damaged.
    #[must_use]
    pub fn signed(&self) -> Option<Signed> {
        let root = hash_of_base64(&self.root)?;
        let origin = Some(&self.origin).filter(|origin| is_origin(origin))?.clone();
        let signature = (self.sig_b64.len() <= armor::MAX_ARMOR)
            .then(|| BASE64.decode(&self.sig_b64).ok())
            .flatten()?;
        Some(Signed { checkpoint: Checkpoint { origin, size: self.size, root }, signature })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use proptest::prelude::*;

    use super::{Checkpoint, CheckpointError, PublicKey, Signed, number};

    const TEXT: &str = include_str!("../../tests/fixtures/audit/chain-vector.checkpoint");
    const SIG: &str = include_str!("../../tests/fixtures/audit/chain-vector.checkpoint.sig");
    const SIGNERS: &str = include_str!("../../tests/fixtures/audit/chain-vector.allowed_signers");

    fn vector() -> Signed {
        Signed::of_two(TEXT, SIG).unwrap()
    }

    fn key() -> PublicKey {
        let (_, line) = SIGNERS.split_once("\" ").unwrap();
        PublicKey::from_line(line).unwrap().0
    }

    #[test]
    fn the_vector_is_read_and_written_byte_for_byte_and_its_signature_holds() {
        let signed = vector();
        assert_eq!(signed.checkpoint.size, 5);
        assert_eq!(signed.checkpoint.to_string(), TEXT);
        assert_eq!(signed.to_string(), format!("{TEXT}\n{SIG}"));
        assert_eq!(Signed::read(&signed.to_string()).unwrap(), signed);
        assert_eq!(signed.named_key().unwrap(), key());
        signed.verify(&key()).unwrap();
    }

    #[test]
    fn a_line_of_a_system_log_and_a_record_hold_all_of_it() {
        let signed = vector();
        let line = format!("Nov 22 09:31:12 build-7 guard[7]: {}\n", signed.line());
        assert!(line.len() < 1024, "old system logs cut longer lines");
        assert_eq!(Signed::of_line(&line).unwrap(), signed);
        assert_eq!(Signed::of_line("guard-checkpoint@v1 x 5"), None);
        assert_eq!(signed.event(Vec::new()).signed().unwrap(), signed);
    }

    #[test]
    fn only_one_form_is_a_checkpoint() {
        use CheckpointError as E;
        let with = |from: &str, to: &str| Checkpoint::read(&TEXT.replacen(from, to, 1));
        assert_eq!(Checkpoint::read(TEXT.trim_end()), Err(E::Lines));
        assert_eq!(Checkpoint::read(&format!("{TEXT}x\n")), Err(E::Lines));
        assert_eq!(Checkpoint::read(&format!("{TEXT}\n")), Err(E::Lines));
        assert_eq!(Checkpoint::read(""), Err(E::Lines));
        for origin in ["a b", "a+b", "a\tb", "a\rb", "ä"] {
            assert_eq!(with("build-7.example.org", origin), Err(E::Origin), "{origin}");
        }
        for size in ["05", "+5", "-5", "", " 5", "5 ", "0x5", "18446744073709551616"] {
            assert_eq!(with("\n5\n", &format!("\n{size}\n")), Err(E::Size), "{size}");
        }
        // The last two bits of the last digit belong to no byte.
        for root in ["+M", "+N=", "+M=\n="] {
            assert!(with("+M=", root).is_err(), "{root}");
        }
    }

    #[test]
    fn numbers_have_one_form() {
        assert_eq!((number("0"), number("10")), (Some(0), Some(10)));
        assert_eq!((number("00"), number("١")), (None, None));
    }

    #[test]
    fn every_changed_byte_is_refused() {
        let text = vector().to_string();
        for at in 0..text.len() {
            for flip in [1, 2, 0x10, 0x20, 0x80] {
                let mut bytes = text.clone().into_bytes();
                bytes[at] ^= flip;
                let Ok(text) = String::from_utf8(bytes) else { continue };
                let holds = Signed::read(&text).is_ok_and(|signed| signed.verify(&key()).is_ok());
                assert!(!holds, "byte {at}: {text}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = Checkpoint::read(&text);
            let _ = Signed::read(&text);
            let _ = Signed::of_line(&format!("guard-checkpoint@v1{text}"));
        }

        #[test]
        fn what_is_read_is_written_as_it_was(
            origin in "[a-z./ +]{1,12}", size in "[0-9]{1,20}", root in "[A-Za-z0-9+/]{42,43}={0,2}"
        ) {
            let text = format!("{origin}\n{size}\n{root}\n");
            if let Ok(checkpoint) = Checkpoint::read(&text) {
                prop_assert_eq!(checkpoint.to_string(), text);
            }
        }

        #[test]
        fn a_checkpoint_survives_its_forms(
            origin in "[!-*,-~]{1,60}", size in any::<u64>(), root in any::<[u8; 32]>(),
            signature in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let signed = Signed { checkpoint: Checkpoint { origin, size, root }, signature };
            prop_assert_eq!(&Signed::read(&signed.to_string()).unwrap(), &signed);
            if !signed.signature.is_empty() {
                prop_assert_eq!(&Signed::of_line(&signed.line()).unwrap(), &signed);
            }
        }
    }
}
