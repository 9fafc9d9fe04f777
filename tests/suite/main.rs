//! The integration tests: one binary, one module for each topic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests say what they skip, and fail by panicking"
)]

mod architecture;
mod generated;
mod harness;
mod prompt_api;
mod shell_oracle;
