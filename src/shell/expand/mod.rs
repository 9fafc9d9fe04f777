//! Words as typed to words as a program gets them (bash(1), EXPANSION).

pub(super) mod ansi;
mod arith;
mod braces;
mod fields;
mod operators;
mod output;
mod parameters;
mod pattern;
mod pieces;
mod tilde;

pub(super) use pieces::{Manner, literal_text};
