//! The second human, as documents: what is asked for ([`Request`]), what
//! somebody answered ([`Decision`]), and when answers are enough.
//!
//! `docs/approval.md` is the specification. In one sentence: the request binds
//! everything that changes the effect of the command, a decision names the
//! SHA-256 of the request's exact bytes, and a signature covers the decision's
//! exact bytes. Nothing is ever written out again to be compared.
//!
//! Nothing here touches the world: times, keys and the state of the machine
//! come in as values.

pub mod decision;
pub mod difference;
pub mod display;
pub mod handle;
pub mod json;
pub mod quorum;
pub mod request;
pub mod seen;
pub mod terms;
pub mod time;

pub use decision::{Answer, Decision};
pub use difference::{Difference, differences};
pub use handle::handle;
pub use json::DocumentError;
pub use quorum::{Asked, Grant, Outcome, Refused, Trusted, Vote};
pub use request::Request;
pub use time::Utc;
