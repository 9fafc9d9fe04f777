//! Integration tests: one binary, one module per topic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod grammar_clients;
mod grammar_drift;
