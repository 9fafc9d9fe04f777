//! The seven facts of an effect, from words alone.
//!
//! Probes that look at real systems fill what is "not checked" here.

mod environment;
mod facts;
mod throwaway;

pub use environment::{Placement, by_name as named, configured, is_loopback, placement};
pub use facts::effect;
