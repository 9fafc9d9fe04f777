//! Choosing the key that signs, and signing.

use std::path::Path;

use super::Wanted;
use crate::app::second::circle::{Circle, now};
use crate::approve::typed;
use crate::keys::{self, AgentError, FileError, KeyFile, SignError, Signer, agent};
use crate::ssh::{DECISION, PublicKey, Token};
use crate::text::escape;

/// A key and in whose name it signs.
pub(super) struct Chosen {
    pub principal: String,
    key: Key,
}

enum Key {
    File(Box<KeyFile>),
    Agent(Box<agent::AgentKey>),
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The agent.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// Signing.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Nothing fits.
    #[error(
        "no key of yours is enrolled as an approver. Name one with `--key FILE`, or load it into ssh-agent; {0}"
    )]
    None(String),
    /// Whose key it is cannot be told here.
    #[error("no trust file on this machine says whose key this is; add `--as NAME`")]
    Whose,
    /// The passphrase.
    #[error("the passphrase was not typed: {0}")]
    Passphrase(&'static str),
}

/// The key file that was named, else the key in the agent that is enrolled.
pub(super) fn choose(wanted: &Wanted, circle: Option<&Circle>) -> Result<Chosen, SignerError> {
    if wanted.detached.is_some() {
        return Err(SignerError::None("a detached answer is signed elsewhere".into()));
    }
    let owner = |key: &PublicKey| owner(key, wanted.principal.as_deref(), circle);
    if let Some(path) = &wanted.key {
        let file = KeyFile::open(path)?;
        let principal = owner(&file.public()?).ok_or(SignerError::Whose)?;
        return Ok(Chosen { principal, key: Key::File(Box::new(file)) });
    }
    let socket = std::env::var_os("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty());
    let Some(socket) = socket else {
        return Err(SignerError::None("SSH_AUTH_SOCK is not set".into()));
    };
    let mut keys = agent::keys(Path::new(&socket))?;
    // Without a trust file only a single key can be meant.
    if circle.is_none() && keys.len() != 1 {
        let why = format!("the agent holds {} that could be meant", keys.len());
        return Err(SignerError::None(why));
    }
    let fits = keys.iter().position(|key| owner(key.public()).is_some());
    let Some(at) = fits else {
        let names: Vec<String> = keys.iter().map(|key| escape(key.comment())).collect();
        return Err(SignerError::None(format!("the agent holds: {}", names.join(", "))));
    };
    let key = keys.swap_remove(at);
    let principal = owner(key.public()).ok_or(SignerError::Whose)?;
    Ok(Chosen { principal, key: Key::Agent(Box::new(key)) })
}

/// In whose name a key signs: as the trust file says, else as was typed.
fn owner(key: &PublicKey, typed: Option<&str>, circle: Option<&Circle>) -> Option<String> {
    let enrolled = circle.and_then(|circle| {
        let mut entries = circle.trust.signers.entries().iter();
        entries.find(|entry| {
            entry.key == *key && entry.namespace == DECISION && entry.is_valid(now().0)
        })
    });
    match (enrolled, typed) {
        (Some(entry), None) => Some(entry.principal.clone()),
        (Some(entry), Some(name)) => (entry.principal == name).then(|| name.to_owned()),
        // On the approver's own machine there may be no trust file, or another
        // one.
        (None, Some(name)) => Some(name.to_owned()),
        (None, None) => None,
    }
}

/// Signs, asking for a passphrase where one is needed.
pub(super) fn sign(chosen: Chosen, document: Vec<u8>) -> Result<Token, SignerError> {
    match chosen.key {
        Key::Agent(key) => {
            if key.public().is_security_key() {
                crate::text::tell("guard: touch your security key now.\n");
            }
            Ok(keys::sign(key.as_ref(), DECISION, document)?)
        }
        Key::File(file) => {
            // A core dump or a debugger must not find the key.
            #[cfg(target_os = "linux")]
            let _ = nix::sys::prctl::set_dumpable(false);
            let passphrase = if file.is_locked() {
                let typed = typed::secret("Passphrase of the key: ");
                typed.map_err(|how| SignerError::Passphrase(how.name()))?
            } else {
                String::new()
            };
            let passphrase = zeroize::Zeroizing::new(passphrase);
            let key = file.unlock(passphrase.as_bytes())?;
            Ok(keys::sign(&key, DECISION, document)?)
        }
    }
}
