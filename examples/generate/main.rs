//! Writes what is generated and committed.
//!
//! `cargo run --example generate -- NAME` writes, `-- NAME --check` fails when
//! the committed files differ from what would be written.
#![allow(clippy::print_stderr, reason = "a developer's tool, not part of guard")]

mod picture;
mod rules;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let check = args.iter().any(|arg| arg == "--check");
    let result = match args.first().map(String::as_str) {
        Some("picture") => picture::generate(check),
        Some("rules") => rules::generate(check),
        _ => Err("usage: generate picture|rules [--check]".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
