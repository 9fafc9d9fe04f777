//! The wiring: gathers facts about the surroundings and leads a command through
//! all stages.

pub mod actor;
