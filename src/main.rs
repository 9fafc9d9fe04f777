//! The `guard` program: one call into the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    guard::cli::main()
}
