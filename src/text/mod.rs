//! Text for people: escaping, colour, output.

pub mod escape;
mod nearest;

pub use escape::{Escaped, escape, escape_bytes};
pub use nearest::nearest;
