//! guard: an approval wrapper for shell commands.
//!
//! The crate is a library so that tests and benches can reach its parts; the
//! programme interface is the command line. Data flows one way, see the
//! modules in this order.

pub mod command;
pub mod decide;
pub mod exit;
pub mod model;
pub mod rules;
pub mod text;
