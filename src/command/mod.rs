//! From simple commands to invocations: what really would be started.
//!
//! Wrappers are taken off by data (`rules/wrappers.yaml`), options are read by
//! the tool's grammar. Nothing here knows a tool by name.

pub mod code;
mod cwd;
mod embedded;
pub mod files;
mod folders;
pub mod grammar;
mod inner;
mod keyed;
mod likely;
mod listed;
mod parameters;
mod resolve;
mod scripts;
mod search_path;
mod task_files;
mod tasks;
pub mod tool_files;
mod unpacked;
pub mod wrapper;

pub use files::{Files, NoFiles, OnDisk};
pub use resolve::{MAX_INVOCATIONS, MAX_WRAPPERS, Resolved, resolve};
