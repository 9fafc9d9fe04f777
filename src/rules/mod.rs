//! Rule files: their shape, the strict loader, and matching.

mod agents;
pub mod builtin;
pub mod compile;
mod error;
mod everywhere;
pub mod flow;
pub mod glob;
pub mod links;
pub mod lint;
pub mod loaded;
pub mod matching;
pub mod paths;
mod places;
pub mod schema;
mod secret_files;
mod secrets;
pub mod set;
pub mod sql;
pub use crate::text::table;
pub mod words;
mod written;
pub mod yaml;

pub use error::{RuleError, RuleErrors};
pub use loaded::{LoadedFile, Origin};
pub use set::RuleSet;
