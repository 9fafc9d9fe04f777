//! The hook protocols of coding agents: JSON in, verdict out.
//!
//! An adapter only translates. [`call::read`] turns what an agent writes to its
//! hook into a [`Call`], [`reply::reply`] turns an [`Answer`] into what that
//! agent obeys; what the answer is, is decided elsewhere. Nearly every agent
//! runs the command when its hook crashes, ends with 1 or prints what it does
//! not expect, so there is no way out of here that is not an answer.

pub mod after;
mod agent;
mod aws;
pub mod call;
mod fields;
pub mod reply;
pub mod sample;
mod shapes;

pub use after::{After, MAX_AFTER};
pub use agent::Agent;
pub use call::{Act, Call, Unreadable};
pub use reply::{Answer, Reply};

/// Most bytes of a payload. What is longer is refused: the bound comes before
/// the parser, because memory that runs out cannot be caught.
pub const MAX_PAYLOAD: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
