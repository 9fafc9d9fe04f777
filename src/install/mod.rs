//! What has to be written so that an agent asks guard, and taken away again.
//!
//! A plan is data: the files, and for each either a text of guard's own or the
//! steps of a merge into what somebody else wrote. Nothing here touches a disk.

mod after;
mod agents;
mod merge;
pub mod shell;
mod texts;
pub mod toml;

pub use agents::{Folders, Scope, detected, lets_run, plan};
pub use merge::{HookCall, MergeError, apply, calls, settings, undo};

use std::path::PathBuf;

use serde_json::Value;

/// The option with which a hook only takes the agent's word on how a command
/// ended.
const AFTER: &str = "--after";

/// Everything about the integration of one agent.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The files, in the order in which they are written.
    pub files: Vec<Planned>,
    /// What remains to be done by hand.
    pub by_hand: Vec<String>,
    /// What this agent cannot be stopped from doing.
    pub open: Vec<String>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Where.
    pub path: PathBuf,
    /// What goes into it.
    pub content: Content,
    /// Whether it has to be executable.
    pub executable: bool,
}

/// What goes into a file.
#[derive(Debug, Clone)]
pub enum Content {
    /// A file that is guard's alone.
    Own(String),
    /// Steps of a merge into JSON, with comments if there are any.
    Merge(Vec<Step>),
    /// Tables behind a TOML file of somebody else.
    Toml(String),
}

/// A step of a merge.
#[derive(Debug, Clone)]
pub enum Step {
    /// A member of an object, by its path: set whatever it was.
    Set(Vec<&'static str>, Value),
    /// A member that is only set when it is missing.
    Default(Vec<&'static str>, Value),
    /// An element of an array, by the array's path. An element that is guard's
    /// already is replaced.
    Element(Vec<&'static str>, Value),
}

#[cfg(test)]
mod tests;
