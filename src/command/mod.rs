//! From simple commands to invocations: what really would be started.
//!
//! Wrappers are taken off by data (`rules/wrappers.yaml`), options are read by
//! the tool's grammar. Nothing here knows a tool by name.

mod cwd;
pub mod files;
pub mod grammar;
mod inner;
mod listed;
mod resolve;
mod scripts;
pub mod wrapper;

pub use files::{Files, NoFiles, OnDisk};
pub use resolve::{MAX_INVOCATIONS, MAX_WRAPPERS, Resolved, resolve};
