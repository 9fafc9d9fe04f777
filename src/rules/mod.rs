//! Rule files: their shape, the strict loader, and matching.

mod error;
pub mod schema;
pub mod yaml;

pub use error::{RuleError, RuleErrors};
