//! Writes what is generated and committed.
//!
//! ```text
//! cargo run --example generate -- WHAT [ARG...] [--check]
//! ```
//!
//! With `--check` nothing is written; a difference is an error.

mod grammars;
mod output;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["grammars", rest @ ..] => grammars::run(rest),
        _ => Err("say what to generate: grammars --facts DIR".to_owned()),
    };
    output::finish(result)
}
