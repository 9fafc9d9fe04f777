//! Rule files: their shape, the strict loader, and matching.

pub mod schema;
