//! The few calls of the operating system that need `unsafe`, and nothing else.

pub mod tty;
