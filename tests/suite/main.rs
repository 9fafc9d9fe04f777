//! x
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod run_binding;
mod run_child;
mod run_place;
mod run_pty;
