//! guard: an approval wrapper for shell commands.
//!
//! The crate is a library so that tests and benches can reach its parts; the
//! programme interface is the command line. Data flows one way, see the
//! modules in this order.

pub mod app;
pub mod approve;
pub mod audit;
pub mod bind;
pub mod blast;
pub mod cli;
pub mod command;
pub mod config;
pub mod decide;
pub mod exit;
pub mod hook;
pub mod install;
pub mod keys;
pub mod model;
pub mod notify;
pub mod probe;
pub mod rules;
pub mod run;
pub mod second;
pub mod sequence;
pub mod shell;
pub mod ssh;
pub mod store;
pub mod sys;
pub mod text;
