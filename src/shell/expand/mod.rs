//! Words as typed to words as a program gets them (bash(1), EXPANSION).

pub(super) mod ansi;
mod arith;
mod braces;
mod fields;
mod operators;
mod parameters;
mod pattern;
mod pieces;
mod substitution;
mod tilde;

pub(super) use pieces::Manner;
pub(super) use substitution::literal_text;
