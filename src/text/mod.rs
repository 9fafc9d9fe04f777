//! Text for people: escaping, colour, output.

pub mod escape;

pub use escape::{Escaped, escape, escape_bytes};
