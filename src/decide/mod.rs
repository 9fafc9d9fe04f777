//! From facts to a decision, as a pure function.

pub mod checkpoints;
mod decision;
pub mod describe;
mod given;
pub mod judge;
pub mod limits;
pub mod logging;
pub mod part;
pub mod policy;
#[cfg(test)]
pub(crate) mod samples;
pub mod sequences;
pub mod table;
mod verdict;

pub use decision::{
    Answer, Approved, Decision, DialogYes, Expected, Permit, Petition, Question, Refusal, Subject,
    challenge_name,
};
pub use judge::{World, again, judge, unreadable};
pub use policy::{Policy, PolicyFile};
pub use sequences::with_past;
pub use verdict::{Finding, Reason, Verdict};
