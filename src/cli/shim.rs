//! guard under the name of another program: a link to it in the folder of shims
//! (`kubectl`, `terraform`, ...) makes `kubectl ARGS` what `guard -- kubectl ARGS`
//! is, for scripts and agents that know nothing of guard.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::ExitCode;

use super::args::RunOptions;
use super::run;

/// The words of the command, when this process was called by the name of another
/// program. Whatever does not begin with `guard` is one: a shim that took its
/// arguments for guard's own would be a way around the question.
pub(super) fn argv(args: &[OsString]) -> Option<Vec<OsString>> {
    let (name, rest) = args.split_first()?;
    let name = Path::new(name).file_name()?.as_bytes();
    // `-name` is how login(1) starts a shell, `.name-wrapped` is what some
    // package managers call the program behind a start script.
    let name = name.strip_prefix(b"-").or(name.strip_prefix(b".")).unwrap_or(name);
    if name.starts_with(b"guard") {
        return None;
    }
    let name = OsStr::from_bytes(name).to_owned();
    Some(std::iter::once(name).chain(rest.iter().cloned()).collect())
}

/// Runs as a shim when this process was called as one.
pub(super) fn called(args: &[OsString]) -> Option<ExitCode> {
    let options = RunOptions { quiet: true, ..RunOptions::default() };
    argv(args).map(|argv| run::shim(argv, &options))
}
