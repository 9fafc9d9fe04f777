//! `guard completions`: scripts for shells, generated from the command line's
//! definition.

use std::io;

use clap::CommandFactory as _;
use clap_complete::{generate, shells};
use clap_complete_nushell::Nushell;

use super::args::{Cli, Shell};
use crate::exit::Exit;

/// Every shell with the name of its committed script.
pub const FILES: [(Shell, &str); 6] = [
    (Shell::Bash, "guard.bash"),
    (Shell::Zsh, "_guard"),
    (Shell::Fish, "guard.fish"),
    (Shell::PowerShell, "_guard.ps1"),
    (Shell::Elvish, "guard.elv"),
    (Shell::Nushell, "guard.nu"),
];

/// The completion script of a shell.
#[must_use]
pub fn script(shell: Shell) -> Vec<u8> {
    let mut command = Cli::command();
    let mut out = Vec::new();
    match shell {
        Shell::Bash => generate(shells::Bash, &mut command, "guard", &mut out),
        Shell::Zsh => generate(shells::Zsh, &mut command, "guard", &mut out),
        Shell::Fish => generate(shells::Fish, &mut command, "guard", &mut out),
        Shell::PowerShell => generate(shells::PowerShell, &mut command, "guard", &mut out),
        Shell::Elvish => generate(shells::Elvish, &mut command, "guard", &mut out),
        Shell::Nushell => generate(Nushell, &mut command, "guard", &mut out),
    }
    out
}

/// Runs the subcommand.
///
/// # Errors
/// Output that could not be written.
pub fn print(shell: Shell, out: &mut dyn io::Write) -> io::Result<Exit> {
    out.write_all(&script(shell)).map(|()| Exit::Ok)
}
