//! The facts that an approval binds, as they are now.
//!
//! Gathered twice: when somebody is asked, and again just before the command
//! would start. Both times by the same code, so that what is compared is
//! comparable.

pub mod env;
pub mod file;
pub mod host;
pub mod inputs;
pub mod places;
pub mod stdin;

pub use file::{Hasher, Unbound};
pub use inputs::Candidate;
