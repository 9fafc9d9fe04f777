//! The blob of a signature and what it signs (OpenSSH, PROTOCOL.sshsig).

use sha2::{Digest as _, Sha256, Sha512};

use super::wire::{Reader, put_string};

/// First bytes of blob and signed data.
const MAGIC: &[u8; 6] = b"SSHSIG";
/// The longest blob that is read.
pub const MAX_BLOB: usize = 12 << 10;

/// How the document is hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-512, the default of OpenSSH.
    Sha512,
}

impl Hash {
    const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }
}

/// A signature blob in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's blob. Whose it is, only the trust file says.
    pub public_key: Vec<u8>,
    /// What the signature is for.
    pub namespace: String,
    /// How the document was hashed.
    pub hash: Hash,
    /// Algorithm and value, still to be read by the algorithm.
    pub signature: Vec<u8>,
}

/// Why a blob is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Cut off, too long, or something else.
    #[error("it is not an SSH signature")]
    Malformed,
    /// OpenSSH takes 0 as well.
    #[error("it is an SSH signature of version {0}, and only 1 is known")]
    Version(u32),
    /// The field is not covered by the signature.
    #[error("its reserved field is not empty")]
    Reserved,
    /// SHA-1, or something new.
    #[error("it hashes with {0:?}; only sha512 and sha256 are accepted")]
    Hash(String),
}

impl Signature {
    /// Reads a blob.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn read(blob: &[u8]) -> Result<Self, SignatureError> {
        let malformed = |_| SignatureError::Malformed;
        if blob.len() > MAX_BLOB {
            return Err(SignatureError::Malformed);
        }
        let mut reader = Reader::new(blob);
        if reader.take(MAGIC.len()).map_err(malformed)? != MAGIC {
            return Err(SignatureError::Malformed);
        }
        let version = reader.uint32().map_err(malformed)?;
        if version != 1 {
            return Err(SignatureError::Version(version));
        }
        let public_key = reader.string().map_err(malformed)?.to_vec();
        let namespace = reader.string().map_err(malformed)?;
        let reserved = reader.string().map_err(malformed)?;
        let hash = reader.string().map_err(malformed)?;
        let signature = reader.string().map_err(malformed)?.to_vec();
        reader.end().map_err(malformed)?;
        if !reserved.is_empty() {
            return Err(SignatureError::Reserved);
        }
        let hash = match hash {
            b"sha256" => Hash::Sha256,
            b"sha512" => Hash::Sha512,
            other => {
                let name = String::from_utf8_lossy(other).chars().take(40).collect();
                return Err(SignatureError::Hash(name));
            }
        };
        let namespace =
            std::str::from_utf8(namespace).map_err(|_| SignatureError::Malformed)?.to_owned();
        Ok(Self { public_key, namespace, hash, signature })
    }

    /// The blob.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&1_u32.to_be_bytes());
        put_string(&mut out, &self.public_key);
        put_string(&mut out, self.namespace.as_bytes());
        put_string(&mut out, b"");
        put_string(&mut out, self.hash.name().as_bytes());
        put_string(&mut out, &self.signature);
        out
    }
}

/// What a key signs for a document: neither version nor key are in it.
#[must_use]
pub fn signed_data(namespace: &str, hash: Hash, document: &[u8]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    put_string(&mut out, namespace.as_bytes());
    put_string(&mut out, b"");
    put_string(&mut out, hash.name().as_bytes());
    put_string(&mut out, &hash.of(document));
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Hash, Signature, SignatureError, signed_data};
    use crate::ssh::{DECISION, armor};
    use proptest::prelude::*;

    fn bob() -> Vec<u8> {
        armor::read(include_str!("../../tests/fixtures/approval/bob.sig")).unwrap()
    }

    #[test]
    fn what_is_signed_is_as_published() {
        let document = include_bytes!("../../tests/fixtures/approval/bob.json");
        let data = signed_data(DECISION, Hash::Sha512, document);
        let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "5353485349470000001167756172642d6465636973696f6e407631000000000000000673686135313200\
             000040260c3444cda97c8863e3a8312f572560475ad1564c98085027de2168136b4c9d6989d073119eff\
             6ecdd585b0a48dad4897285af14ae99a2445e1da31f0c3c7cc"
        );
    }

    #[test]
    fn a_blob_is_read_and_written_byte_for_byte() {
        assert_eq!(Signature::read(&bob()).unwrap().write(), bob());
    }

    #[test]
    fn what_openssh_lets_pass_is_refused() {
        for version in [0, 2] {
            let mut blob = bob();
            blob[9] = version;
            let error = Signature::read(&blob).unwrap_err();
            assert_eq!(error, SignatureError::Version(version.into()));
        }
        let reserved = [&[0_u8; 4][..], b"\0\0\0\x06sha512"].concat();
        let with = [b"\0\0\0\x01x".as_slice(), b"\0\0\0\x06sha512"].concat();
        let blob = bob();
        let at = blob.windows(reserved.len()).position(|w| w == reserved).unwrap();
        let blob = [&blob[..at], &with, &blob[at + reserved.len()..]].concat();
        assert_eq!(Signature::read(&blob), Err(SignatureError::Reserved));
        let sha1 = String::from_utf8_lossy(&bob()).contains("sha512");
        assert!(sha1);
        let mut more = bob();
        more.push(0);
        assert_eq!(Signature::read(&more), Err(SignatureError::Malformed));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Signature::read(&bytes);
        }
    }
}
