//! OpenSSH signatures (SSHSIG): reading, checking and making them, and the file
//! of trusted keys.
//!
//! Stock `ssh-keygen -Y verify` accepts more than a second human's approval may
//! rest on: signatures without touch, pages of another origin, keys for every
//! purpose. Here each of those is refused; `docs/approval.md` has the list.
//! Nothing here touches the world.

pub mod allowed_signers;
pub mod armor;
pub mod key;
pub mod sshsig;
pub mod token;
pub mod verify;
pub mod wire;

pub use allowed_signers::{AllowedSigners, Entry, TrustFileError};
pub use key::{KeyError, PublicKey};
pub use sshsig::{Hash, Signature, SignatureError, signed_data};
pub use token::{Token, TokenError};
pub use verify::{Proof, VerifyError, verify};

/// Namespace of decisions (`-n` of `ssh-keygen -Y`).
pub const DECISION: &str = "guard-decision@v1";
/// Namespace of policy files.
pub const POLICY: &str = "guard-policy@v1";
/// Namespace of checkpoints of the log.
pub const CHECKPOINT: &str = "guard-checkpoint@v1";
