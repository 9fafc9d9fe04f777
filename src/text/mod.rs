//! Text for people: escaping, colour, width, small words and output.

pub mod escape;
pub mod json;
pub mod line;
mod nearest;
pub mod out;
pub mod pieces;
pub mod qr;
pub mod stamp;
pub mod style;
pub mod table;
pub mod width;
pub mod words;

pub use escape::{Escaped, escape, escape_bytes, is_deceptive, utf8_or, utf8_or_hex};
pub use line::Line;
pub use nearest::nearest;
pub use out::{Out, tell};
pub use style::{Palette, Role};
