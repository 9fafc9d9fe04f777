//! Wiring: gathers what the core needs, and leads a command through the
//! stages.

pub mod context;
pub mod judge;
