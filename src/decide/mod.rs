//! From facts to a decision, as a pure function.

mod decision;
pub mod describe;
#[cfg(test)]
pub(crate) mod samples;
mod verdict;

pub use decision::{
    Answer, Approved, Decision, Expected, Permit, Question, Refusal, RefusalKind, Subject,
};
pub use verdict::{Finding, Reason, Verdict};
