//! Commands that need the answer of somebody who is not here: asking, waiting,
//! answering, and checking everything once more before they run.

pub mod answer;
pub mod approvers;
pub mod circle;
mod evidence;
mod gather;
mod judged;
mod petition;
pub(super) mod seen;
mod tell;
mod wait;
pub mod withdraw;

pub use petition::{Asking, Given};
