//! Verdicts for readers: short, as JSON, and explained word by word.
//!
//! Pure functions of the verdict; the subcommands write what these return.

pub mod check;
pub mod explain;
mod words;

pub use check::{VerdictJson, json, reasons, short};
pub use explain::{Asked, render as explain};
