//! Public keys: the four types that may stand behind an approval.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD as BASE64, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::wire::{Reader, put_string};

/// `ssh-ed25519` (RFC 8709).
pub const ED25519: &str = "ssh-ed25519";
/// `ecdsa-sha2-nistp256` (RFC 5656).
pub const ECDSA: &str = "ecdsa-sha2-nistp256";
/// Ed25519 in a security key (OpenSSH, PROTOCOL.u2f).
pub const SK_ED25519: &str = "sk-ssh-ed25519@openssh.com";
/// P-256 in a security key, or a passkey (OpenSSH, PROTOCOL.u2f).
pub const SK_ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";

/// The longest key, in bytes of its blob.
const MAX_BLOB: usize = 2048;

/// A public key. The exact bytes are what is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    blob: Vec<u8>,
    kind: Kind,
}

/// What is in a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Ed25519([u8; 32]),
    /// The uncompressed point, `04` X Y.
    Ecdsa(Vec<u8>),
    SkEd25519([u8; 32], String),
    SkEcdsa(Vec<u8>, String),
}

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Another type.
    #[error(
        "keys of type {0:?} cannot approve; use ssh-ed25519, ecdsa-sha2-nistp256, or a security \
         key (sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com)"
    )]
    Type(String),
    /// A certificate.
    #[error("{0:?} is a certificate; enrol the key itself")]
    Certificate(String),
    /// Not a key.
    #[error("it is not an OpenSSH public key (`TYPE BASE64 [COMMENT]`, as in a .pub file)")]
    NotAKey,
    /// The type in front is not the one inside.
    #[error("the key says that it is {inside:?}, the line says {line:?}")]
    Mismatch {
        /// In the blob.
        inside: String,
        /// In front of it.
        line: String,
    },
}

impl PublicKey {
    /// Reads a key blob.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_blob(blob: &[u8]) -> Result<Self, KeyError> {
        let malformed = |_| KeyError::NotAKey;
        if blob.len() > MAX_BLOB {
            return Err(KeyError::NotAKey);
        }
        let mut reader = Reader::new(blob);
        let name = reader.string().map_err(malformed)?;
        let name = std::str::from_utf8(name).map_err(|_| KeyError::NotAKey)?;
        let kind = match name {
            ED25519 => Kind::Ed25519(ed25519(&mut reader)?),
            ECDSA => Kind::Ecdsa(point(&mut reader)?),
            SK_ED25519 => Kind::SkEd25519(ed25519(&mut reader)?, application(&mut reader)?),
            SK_ECDSA => Kind::SkEcdsa(point(&mut reader)?, application(&mut reader)?),
            other if other.contains("-cert-v") => {
                return Err(KeyError::Certificate(other.chars().take(80).collect()));
            }
            other => return Err(KeyError::Type(other.chars().take(80).collect())),
        };
        reader.end().map_err(malformed)?;
        Ok(Self { blob: blob.to_vec(), kind })
    }

    /// Reads `TYPE BASE64 [COMMENT]`, the content of a `.pub` file. The comment
    /// comes along.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_line(line: &str) -> Result<(Self, &str), KeyError> {
        let line = line.trim();
        let (name, rest) = line.split_once([' ', '\t']).ok_or(KeyError::NotAKey)?;
        let rest = rest.trim_start();
        let (text, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let key = Self::from_base64(name, text)?;
        Ok((key, comment.trim()))
    }

    /// Reads the two fields of a line.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn from_base64(name: &str, text: &str) -> Result<Self, KeyError> {
        let blob = BASE64.decode(text).map_err(|_| KeyError::NotAKey)?;
        let key = Self::from_blob(&blob)?;
        if key.algorithm() != name {
            let (inside, line) = (key.algorithm().to_owned(), name.chars().take(80).collect());
            return Err(KeyError::Mismatch { inside, line });
        }
        Ok(key)
    }

    /// The exact bytes.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    pub(super) const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The type by name.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self.kind {
            Kind::Ed25519(_) => ED25519,
            Kind::Ecdsa(_) => ECDSA,
            Kind::SkEd25519(..) => SK_ED25519,
            Kind::SkEcdsa(..) => SK_ECDSA,
        }
    }

    /// Whether it lives in a security key or is a passkey.
    #[must_use]
    pub const fn is_security_key(&self) -> bool {
        matches!(self.kind, Kind::SkEd25519(..) | Kind::SkEcdsa(..))
    }

    /// What a security key was made for: `ssh:...`, or the domain of a passkey.
    #[must_use]
    pub fn application(&self) -> Option<&str> {
        match &self.kind {
            Kind::SkEd25519(_, application) | Kind::SkEcdsa(_, application) => Some(application),
            _ => None,
        }
    }

    /// `SHA256:...`, as `ssh-keygen -l` prints it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash: [u8; 32] = Sha256::digest(&self.blob).into();
        format!("SHA256:{}", STANDARD_NO_PAD.encode(hash))
    }

    /// `TYPE BASE64`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}", self.algorithm(), BASE64.encode(&self.blob))
    }

    /// An Ed25519 key from its 32 bytes.
    #[must_use]
    pub fn ed25519(public: [u8; 32]) -> Self {
        let mut blob = Vec::new();
        put_string(&mut blob, ED25519.as_bytes());
        put_string(&mut blob, &public);
        Self { blob, kind: Kind::Ed25519(public) }
    }
}

fn ed25519(reader: &mut Reader<'_>) -> Result<[u8; 32], KeyError> {
    reader.string().ok().and_then(|key| key.try_into().ok()).ok_or(KeyError::NotAKey)
}

/// The curve's name and an uncompressed point (SEC 1, section 2.3.3).
fn point(reader: &mut Reader<'_>) -> Result<Vec<u8>, KeyError> {
    let curve = reader.string().map_err(|_| KeyError::NotAKey)?;
    let point = reader.string().map_err(|_| KeyError::NotAKey)?;
    if curve != b"nistp256" || point.len() != 65 || point.first() != Some(&4) {
        return Err(KeyError::NotAKey);
    }
    Ok(point.to_vec())
}

fn application(reader: &mut Reader<'_>) -> Result<String, KeyError> {
    let text = reader.string().map_err(|_| KeyError::NotAKey)?;
    let text = std::str::from_utf8(text).map_err(|_| KeyError::NotAKey)?;
    let plain = text.len() <= 255 && text.chars().all(|c| c.is_ascii_graphic());
    if plain { Ok(text.to_owned()) } else { Err(KeyError::NotAKey) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{KeyError, PublicKey};
    use proptest::prelude::*;

    const BOB: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBfusAfVRmJn0N7xC5AJVrpq1S/8A3jQzr31ofZ5xrV bob";

    #[test]
    fn a_line_of_a_pub_file_is_a_key() {
        let (key, comment) = PublicKey::from_line(BOB).unwrap();
        assert_eq!((key.algorithm(), comment), ("ssh-ed25519", "bob"));
        assert_eq!(format!("{} bob", key.line()), BOB);
        // `ssh-keygen -lf`
        assert_eq!(key.fingerprint(), "SHA256:mfOPE4N40P9VdZqGM/txo9gM8QkpYcGSoopu8xFxfXY");
        assert!(!key.is_security_key());
    }

    #[test]
    fn other_types_are_refused_by_name() {
        let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQA=";
        assert_eq!(PublicKey::from_line(rsa), Err(KeyError::Type("ssh-rsa".into())));
        let renamed = BOB.replacen("ssh-ed25519", "ecdsa-sha2-nistp256", 1);
        assert!(matches!(PublicKey::from_line(&renamed), Err(KeyError::Mismatch { .. })));
        for wrong in ["", "ssh-ed25519", "ssh-ed25519 !!!!", "ssh-ed25519 AAAA"] {
            assert_eq!(PublicKey::from_line(wrong), Err(KeyError::NotAKey), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_refused(line in ".{0,200}") {
            let _ = PublicKey::from_line(&line);
        }

        #[test]
        fn any_change_of_a_blob_is_another_key_or_none(at in 0_usize..51, bit in 0_u8..8) {
            let (key, _) = PublicKey::from_line(BOB).unwrap();
            let mut blob = key.blob().to_vec();
            if let Some(byte) = blob.get_mut(at) {
                *byte ^= 1 << bit;
            }
            prop_assert_ne!(PublicKey::from_blob(&blob), Ok(key));
        }
    }
}
