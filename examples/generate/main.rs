//! Writes what is generated and committed.
//!
//! ```text
//! cargo run --example generate -- WHAT [ARG...] [--check]
//! ```
//!
//! `all` makes everything that needs nothing but this checkout. With `--check`
//! nothing is written; a difference is an error.

mod artefacts;
mod grammars;
mod output;
mod picture;
mod rules;

use std::process::ExitCode;

const USAGE: &str = "say what to generate: all, rules, picture, artefacts, or grammars --facts DIR";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let check = words.contains(&"--check");
    let result = match words.as_slice() {
        ["all", ..] => rules::generate(check)
            .and_then(|()| picture::generate(check))
            .and_then(|()| artefacts::generate(check))
            .map(|text| format!("{text}grammars: not made here, they need the fact files\n")),
        ["rules", ..] => rules::generate(check).map(|()| String::new()),
        ["picture", ..] => picture::generate(check).map(|()| String::new()),
        ["artefacts", ..] => artefacts::generate(check),
        ["grammars", rest @ ..] => grammars::run(rest),
        _ => Err(USAGE.to_owned()),
    };
    output::finish(result)
}
