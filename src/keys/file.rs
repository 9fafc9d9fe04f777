//! OpenSSH private keys in files (OpenSSH, PROTOCOL.key).

use std::fs::OpenOptions;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ssh_key::PrivateKey;
use ssh_key::private::KeypairData;
use zeroize::Zeroizing;

use super::{SignError, Signer};
use crate::ssh::PublicKey;
use crate::ssh::wire::put_string;
use crate::text::escape;

/// The longest key file that is read, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// An unencrypted ed25519 key from a seed, in the form of OpenSSH's files:
/// private and public. For keys that are thrown away.
///
/// # Errors
/// [`ssh_key::Error`].
pub fn throw_away(
    seed: &[u8; 32],
    comment: &str,
) -> Result<(Zeroizing<String>, String), ssh_key::Error> {
    let pair = ssh_key::private::Ed25519Keypair::from_seed(seed);
    let mut key = PrivateKey::from(pair);
    key.set_comment(comment);
    Ok((key.to_openssh(ssh_key::LineEnding::LF)?, key.public_key().to_openssh()?))
}

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not readable.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file, escaped.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Others can read it.
    #[error(
        "{path} can be read by others, so anybody may hold this key; `chmod 600` it, and better make a new one"
    )]
    Open {
        /// The file, escaped.
        path: String,
    },
    /// Not a private key.
    #[error("{path} is not an OpenSSH private key: {why}")]
    NotAKey {
        /// The file, escaped.
        path: String,
        /// The reader's words.
        why: String,
    },
    /// Wrong passphrase.
    #[error("the passphrase of {path} is not right")]
    Passphrase {
        /// The file, escaped.
        path: String,
    },
    /// A security key.
    #[error(
        "{path} is only a handle of a security key; load it with `ssh-add` and let the agent ask for the touch"
    )]
    SecurityKey {
        /// The file, escaped.
        path: String,
    },
    /// RSA and others.
    #[error(
        "{path} holds a key of type {kind}, which cannot approve; make one with `ssh-keygen -t ed25519`"
    )]
    Type {
        /// The file, escaped.
        path: String,
        /// Its type.
        kind: String,
    },
    /// The library did not sign.
    #[error("the key could not sign")]
    Sign,
}

/// A key file, still locked if it has a passphrase.
#[derive(Debug)]
pub struct KeyFile {
    path: String,
    key: PrivateKey,
}

/// A key that can sign.
#[derive(Debug)]
pub struct Unlocked {
    public: PublicKey,
    key: PrivateKey,
}

impl KeyFile {
    /// Reads a key file as strictly as ssh does: nobody else may read it.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let shown = || escape(&path.to_string_lossy());
        let failed = |source| FileError::Read { path: shown(), source };
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
            .open(path)
            .map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        if !meta.is_file() {
            return Err(FileError::NotAKey { path: shown(), why: "it is not a file".into() });
        }
        if meta.mode() & 0o077 != 0 {
            return Err(FileError::Open { path: shown() });
        }
        let mut text = Zeroizing::new(String::new());
        file.take(MAX_FILE).read_to_string(&mut text).map_err(failed)?;
        let not_a_key = |why: String| FileError::NotAKey { path: shown(), why: escape(&why) };
        let key = PrivateKey::from_openssh(text.as_bytes())
            .map_err(|error| not_a_key(error.to_string()))?;
        let key = Self { path: shown(), key };
        key.check()?;
        Ok(key)
    }

    fn check(&self) -> Result<(), FileError> {
        use ssh_key::Algorithm;
        let path = || self.path.clone();
        match self.key.algorithm() {
            Algorithm::Ed25519 | Algorithm::Ecdsa { curve: ssh_key::EcdsaCurve::NistP256 } => {
                Ok(())
            }
            Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => {
                Err(FileError::SecurityKey { path: path() })
            }
            other => Err(FileError::Type { path: path(), kind: other.as_str().to_owned() }),
        }
    }

    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.key.is_encrypted()
    }

    /// The public half, which is readable without the passphrase.
    ///
    /// # Errors
    /// It is not one that can approve.
    pub fn public(&self) -> Result<PublicKey, FileError> {
        public(&self.key, &self.path)
    }

    /// The key itself; `passphrase` is ignored when there is none.
    ///
    /// # Errors
    /// The passphrase is wrong.
    pub fn unlock(self, passphrase: &[u8]) -> Result<Unlocked, FileError> {
        let Self { path, key } = self;
        let key = if key.is_encrypted() {
            key.decrypt(passphrase).map_err(|_| FileError::Passphrase { path: path.clone() })?
        } else {
            key
        };
        Ok(Unlocked { public: public(&key, &path)?, key })
    }
}

/// Makes an Ed25519 key without a passphrase (mode 0600) and its public half
/// beside it (`.pub`), unless there is a file already.
///
/// # Errors
/// The files cannot be written, or the system has no random numbers.
pub fn create(path: &Path, comment: &str) -> io::Result<()> {
    use ssh_key::private::{Ed25519Keypair, KeypairData};
    let mut seed = Zeroizing::new([0; 32]);
    std::fs::File::open("/dev/urandom")?.read_exact(seed.as_mut())?;
    let other = |error: ssh_key::Error| io::Error::other(error.to_string());
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed));
    let key = PrivateKey::new(pair, comment).map_err(other)?;
    let text = key.to_openssh(ssh_key::LineEnding::LF).map_err(other)?;
    // A finished file is linked into place: of two makers the first wins, and
    // nobody reads half a key.
    let draft = with_suffix(path, &format!(".{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).custom_flags(libc::O_NOFOLLOW);
    let mut file = options.open(&draft)?;
    let made = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::hard_link(&draft, path));
    let _ = std::fs::remove_file(&draft);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => {
            let line = key.public_key().to_openssh().map_err(other)?;
            std::fs::write(with_suffix(path, ".pub"), format!("{line}\n"))
        }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn public(key: &PrivateKey, path: &str) -> Result<PublicKey, FileError> {
    let not_a_key = |why: String| FileError::NotAKey { path: path.to_owned(), why };
    let blob = key.public_key().to_bytes().map_err(|error| not_a_key(error.to_string()))?;
    PublicKey::from_blob(&blob).map_err(|error| not_a_key(error.to_string()))
}

impl Signer for Unlocked {
    fn public(&self) -> &PublicKey {
        &self.public
    }

    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut out = Vec::new();
        match self.key.key_data() {
            KeypairData::Ed25519(pair) => {
                use ed25519_dalek::Signer as _;
                let secret = Zeroizing::new(pair.private.to_bytes());
                let key = ed25519_dalek::SigningKey::from_bytes(&secret);
                put_string(&mut out, crate::ssh::key::ED25519.as_bytes());
                put_string(&mut out, &key.sign(data).to_bytes());
            }
            KeypairData::Ecdsa(ssh_key::private::EcdsaKeypair::NistP256 { private, .. }) => {
                use p256::ecdsa::signature::Signer as _;
                let key = p256::ecdsa::SigningKey::from_slice(private.as_slice())
                    .map_err(|_| FileError::Sign)?;
                // Deterministic (RFC 6979): no random number can leak the key.
                let signature: p256::ecdsa::Signature =
                    key.try_sign(data).map_err(|_| FileError::Sign)?;
                let (r, s) = signature.split_bytes();
                let mut value = Vec::new();
                put_string(&mut value, &mpint(&r));
                put_string(&mut value, &mpint(&s));
                put_string(&mut out, crate::ssh::key::ECDSA.as_bytes());
                put_string(&mut out, &value);
            }
            _ => return Err(FileError::Sign.into()),
        }
        Ok(out)
    }
}

/// A positive number as SSH writes it (RFC 4251, section 5).
fn mpint(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let digits = bytes.get(first..).unwrap_or_default();
    let mut out = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_some_and(|byte| byte & 0x80 != 0) {
        out.push(0);
    }
    out.extend_from_slice(digits);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{KeyFile, create};
    use crate::keys::sign;
    use crate::ssh::{CHECKPOINT, PublicKey, verify};

    #[test]
    fn a_key_is_made_once_and_signs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("checkpoint.key");
        create(&path, "a comment").unwrap();
        let first = std::fs::read(&path).unwrap();
        create(&path, "again").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), first);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        let line = std::fs::read_to_string(dir.path().join("checkpoint.key.pub")).unwrap();
        let (public, comment) = PublicKey::from_line(&line).unwrap();
        assert_eq!(comment, "a comment");
        let key = KeyFile::open(&path).unwrap().unlock(b"").unwrap();
        let token = sign(&key, CHECKPOINT, b"x".to_vec()).unwrap();
        verify(b"x", &token.signature, CHECKPOINT, &public).unwrap();
    }
}
