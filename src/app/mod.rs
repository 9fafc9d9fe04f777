//! Wiring: gathers what the core needs, and leads a command through the
//! stages.

pub mod actor;
pub mod after;
pub mod checkpoint;
mod clock;
pub mod context;
pub mod demo;
mod dialog;
pub mod doctor;
pub mod hook;
pub mod host;
pub mod install;
pub mod judge;
pub mod mcp;
mod memory;
pub mod nested;
mod probes;
pub mod public;
mod record;
pub mod rotate;
pub mod run;
mod scripts;
pub mod second;
pub mod session;
pub mod shims;
