//! Rule files: their shape, the strict loader, and matching.

pub mod builtin;
pub mod compile;
mod error;
pub mod glob;
pub mod lint;
pub mod loaded;
pub mod schema;
pub mod table;
pub mod yaml;

pub use error::{RuleError, RuleErrors};
pub use loaded::{LoadedFile, Origin};
