//! Checking a signature: the steps of `docs/approval.md`, section
//! "Verification", 1 to 10.

mod webauthn;

use ed25519_dalek::{Signature as EdSignature, VerifyingKey as EdKey};
use p256::ecdsa::{Signature as EcSignature, VerifyingKey as EcKey, signature::Verifier as _};
use sha2::{Digest as _, Sha256};

use super::key::{ECDSA, ED25519, Kind, PublicKey, SK_ECDSA, SK_ED25519};
use super::sshsig::{Signature, SignatureError, signed_data};
use super::wire::Reader;

/// A passkey's signature under a key of type [`SK_ECDSA`] (OpenSSH,
/// PROTOCOL.u2f).
const WEBAUTHN: &str = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

/// Flags of a security key (FIDO U2F Raw Messages 5.4; WebAuthn Level 3, 6.1).
mod flag {
    pub(super) const PRESENT: u8 = 0x01;
    pub(super) const VERIFIED: u8 = 0x04;
    pub(super) const BACKUP_ELIGIBLE: u8 = 0x08;
    pub(super) const ATTESTED: u8 = 0x40;
    pub(super) const EXTENSIONS: u8 = 0x80;
}

/// A signature that holds, and what it shows. Only [`verify`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    key: PublicKey,
    details: Option<Details>,
    origin: Option<String>,
}

/// What a security key adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Details {
    flags: u8,
    counter: u32,
}

impl Proof {
    /// The key that signed.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Somebody touched the security key (UP).
    #[must_use]
    pub fn touched(&self) -> bool {
        self.has(flag::PRESENT)
    }

    /// The security key knew the person, by PIN or finger (UV).
    #[must_use]
    pub fn knew_the_person(&self) -> bool {
        self.has(flag::VERIFIED)
    }

    /// The passkey may be on several devices (BE).
    #[must_use]
    pub fn may_be_copied(&self) -> bool {
        self.has(flag::BACKUP_ELIGIBLE)
    }

    /// How often the security key says that it has signed. Many always say the
    /// same.
    #[must_use]
    pub fn counter(&self) -> Option<u32> {
        self.details.map(|details| details.counter)
    }

    /// The page on which a passkey was used.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    fn has(&self, bit: u8) -> bool {
        self.details.is_some_and(|details| details.flags & bit != 0)
    }
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Not a signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Made for something else.
    #[error("the signature is for {found:?}, not for {expected:?}")]
    Namespace {
        /// In the signature.
        found: String,
        /// Wanted.
        expected: String,
    },
    /// By another key.
    #[error("it is signed with another key than the one that is enrolled")]
    OtherKey,
    /// Key and algorithm do not fit.
    #[error("the signature algorithm {0:?} does not fit the key")]
    Algorithm(String),
    /// Parts missing or left over, or numbers written in another way.
    #[error("the signature value is malformed")]
    Value,
    /// It does not hold.
    #[error("the signature does not fit the document: one of them was changed")]
    Wrong,
    /// A passkey signature that a page could have been tricked into.
    #[error("the passkey signature is not acceptable: {0}")]
    Passkey(&'static str),
}

/// Checks a signature over a document's exact bytes. `enrolled` is the key of
/// the trust file: never the one that the signature brings along.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(
    document: &[u8],
    blob: &[u8],
    namespace: &str,
    enrolled: &PublicKey,
) -> Result<Proof, VerifyError> {
    let signature = Signature::read(blob)?;
    if signature.namespace != namespace {
        let found = signature.namespace.chars().take(80).collect();
        return Err(VerifyError::Namespace { found, expected: namespace.to_owned() });
    }
    if signature.public_key != enrolled.blob() {
        return Err(VerifyError::OtherKey);
    }
    let message = signed_data(namespace, signature.hash, document);
    let (details, origin) = value(&signature.signature, &message, enrolled)?;
    Ok(Proof { key: enrolled.clone(), details, origin })
}

type Shown = (Option<Details>, Option<String>);

/// Checks the signature value: only the five pairs of key type and algorithm
/// exist.
fn value(signature: &[u8], message: &[u8], key: &PublicKey) -> Result<Shown, VerifyError> {
    let malformed = |_| VerifyError::Value;
    let mut reader = Reader::new(signature);
    let algorithm = reader.string().map_err(malformed)?;
    let algorithm = std::str::from_utf8(algorithm).map_err(|_| VerifyError::Value)?;
    let shown = match (key.kind(), algorithm) {
        (Kind::Ed25519(public), ED25519) => {
            let value = reader.string().map_err(malformed)?;
            ed25519(public, value, message)?;
            (None, None)
        }
        (Kind::Ecdsa(point), ECDSA) => {
            let value = reader.string().map_err(malformed)?;
            ecdsa(point, value, message)?;
            (None, None)
        }
        (Kind::SkEd25519(public, application), SK_ED25519) => {
            let value = reader.string().map_err(malformed)?;
            let details = details(&mut reader)?;
            let message = by_security_key(application, details, &[], message);
            ed25519(public, value, &message)?;
            (Some(details), None)
        }
        (Kind::SkEcdsa(point, application), SK_ECDSA) => {
            let value = reader.string().map_err(malformed)?;
            let details = details(&mut reader)?;
            let message = by_security_key(application, details, &[], message);
            ecdsa(point, value, &message)?;
            (Some(details), None)
        }
        (Kind::SkEcdsa(point, application), WEBAUTHN) => {
            passkey(&mut reader, point, application, message)?
        }
        (_, other) => return Err(VerifyError::Algorithm(other.chars().take(80).collect())),
    };
    reader.end().map_err(malformed)?;
    Ok(shown)
}

fn details(reader: &mut Reader<'_>) -> Result<Details, VerifyError> {
    let flags = reader.byte().map_err(|_| VerifyError::Value)?;
    let counter = reader.uint32().map_err(|_| VerifyError::Value)?;
    Ok(Details { flags, counter })
}

/// What a security key signs: hash of the application, flags, counter,
/// extensions, hash of the message.
fn by_security_key(
    application: &str,
    details: Details,
    extensions: &[u8],
    message: &[u8],
) -> Vec<u8> {
    let mut out = Sha256::digest(application.as_bytes()).to_vec();
    out.push(details.flags);
    out.extend_from_slice(&details.counter.to_be_bytes());
    out.extend_from_slice(extensions);
    out.extend_from_slice(&Sha256::digest(message));
    out
}

/// Strict: neither keys of small order nor other encodings of the same
/// signature (RFC 8032, 5.1.7, cofactorless).
fn ed25519(public: &[u8; 32], value: &[u8], message: &[u8]) -> Result<(), VerifyError> {
    let value: [u8; 64] = value.try_into().map_err(|_| VerifyError::Value)?;
    let key = EdKey::from_bytes(public).map_err(|_| VerifyError::Wrong)?;
    key.verify_strict(message, &EdSignature::from_bytes(&value)).map_err(|_| VerifyError::Wrong)
}

fn ecdsa(point: &[u8], value: &[u8], message: &[u8]) -> Result<(), VerifyError> {
    let mut reader = Reader::new(value);
    let r = scalar(reader.string().map_err(|_| VerifyError::Value)?)?;
    let s = scalar(reader.string().map_err(|_| VerifyError::Value)?)?;
    reader.end().map_err(|_| VerifyError::Value)?;
    let signature = EcSignature::from_scalars(r, s).map_err(|_| VerifyError::Value)?;
    let key = EcKey::from_sec1_bytes(point).map_err(|_| VerifyError::Wrong)?;
    key.verify(message, &signature).map_err(|_| VerifyError::Wrong)
}

/// An `mpint` that is positive, at most 256 bits, and written in the one way
/// that RFC 4251 allows. OpenSSH takes several leading zeros.
fn scalar(mpint: &[u8]) -> Result<[u8; 32], VerifyError> {
    let digits = match mpint {
        [0, rest @ ..] if rest.first().is_some_and(|byte| byte & 0x80 != 0) => rest,
        [first, ..] if (1..0x80).contains(first) => mpint,
        _ => return Err(VerifyError::Value),
    };
    let mut out = [0; 32];
    let start = out.len().checked_sub(digits.len()).ok_or(VerifyError::Value)?;
    out.get_mut(start..).ok_or(VerifyError::Value)?.copy_from_slice(digits);
    Ok(out)
}

fn passkey(
    reader: &mut Reader<'_>,
    point: &[u8],
    application: &str,
    message: &[u8],
) -> Result<Shown, VerifyError> {
    let malformed = |_| VerifyError::Value;
    let value = reader.string().map_err(malformed)?;
    let details = details(reader)?;
    let origin = reader.string().map_err(malformed)?;
    let client_data = reader.string().map_err(malformed)?;
    let extensions = reader.string().map_err(malformed)?;
    if details.flags & flag::ATTESTED != 0 {
        return Err(VerifyError::Passkey("it carries registration data"));
    }
    if details.flags & flag::EXTENSIONS != 0 || !extensions.is_empty() {
        return Err(VerifyError::Passkey("it carries extensions, and none are known"));
    }
    let origin = webauthn::check(client_data, origin, message).map_err(VerifyError::Passkey)?;
    let signed = by_security_key(application, details, extensions, client_data);
    ecdsa(point, value, &signed)?;
    Ok((Some(details), Some(origin)))
}

#[cfg(test)]
mod tests;
