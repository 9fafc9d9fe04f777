//! Words as typed to words as a program gets them (bash(1), EXPANSION).

pub(super) mod ansi;
pub(super) mod arith;
mod arithmetic;
mod braces;
mod fields;
mod lists;
mod numbers;
mod operate;
mod operators;
mod parameters;
mod pattern;
mod pieces;
mod substitution;
mod symbols;
#[cfg(test)]
mod tests;
mod tilde;

pub(super) use pieces::Manner;
pub(super) use substitution::literal_text;
pub(super) use symbols::without_patterns;
