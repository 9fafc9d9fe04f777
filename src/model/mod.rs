//! The vocabulary of guard: words, commands, effects, facts and tiers.
//!
//! Everything here is plain data. It depends on nothing else in the crate and
//! touches no file, environment, process, network or clock.

mod actor;
mod command;
mod context;
mod effect;
mod invocation;
mod span;
mod tier;
mod word;

pub use actor::{Actor, ActorKind, Way};
pub use command::{
    Assignment, Problem, ProblemKind, Redirect, RedirectOp, Script, Simple, Stdin, Written,
    printed_by,
};
pub use context::{Context, SCRATCH};
pub use effect::{
    Count, Effect, Environment, Evidence, Fact, Facts, Flag, Reversibility, Scope, Verb,
};
pub use invocation::{Certainty, Invocation, OpClass, Opt, Place, Wrapper};
pub use span::Span;
pub use tier::Tier;
pub use word::{CONTENT, Cause, Fallback, Hole, Part, Word};
