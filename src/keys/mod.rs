//! Signing with the keys that people have: OpenSSH key files and anything that
//! speaks the ssh-agent protocol.

pub mod agent;
pub mod file;

use crate::ssh::token::Token;
use crate::ssh::{Hash, PublicKey, Signature, VerifyError, signed_data, verify};

pub use agent::{Agent, AgentError};
pub use file::{FileError, KeyFile};

/// Something that can sign.
pub trait Signer {
    /// The key.
    fn public(&self) -> &PublicKey;

    /// Signs `data` and gives algorithm and value, as in an SSH signature.
    ///
    /// # Errors
    /// The key cannot be used, or somebody said no.
    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why there is no signature.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The agent.
    #[error(transparent)]
    Agent(#[from] AgentError),
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// What came back does not hold.
    #[error("the signature that was made does not hold: {0}")]
    Bad(#[from] VerifyError),
}

/// Signs a document and checks the result, as whoever receives it will.
///
/// # Errors
/// [`SignError`].
pub fn sign(signer: &dyn Signer, namespace: &str, document: Vec<u8>) -> Result<Token, SignError> {
    let hash = Hash::Sha512;
    let value = signer.sign(&signed_data(namespace, hash, &document))?;
    let public_key = signer.public().blob().to_vec();
    let signature =
        Signature { public_key, namespace: namespace.to_owned(), hash, signature: value }.write();
    verify(&document, &signature, namespace, signer.public())?;
    Ok(Token { document, signature })
}
