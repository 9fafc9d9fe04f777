//! `guard -- CMD` and `guard run`.

use std::ffi::OsString;
use std::process::ExitCode;

use super::args::{RunArgs, RunOptions};
use super::{check, columns, session, stderr_palette, usage_error};
use crate::app::judge::Input;
use crate::app::run::{self, Ended, Wanted};
use crate::exit::Exit;
use crate::text::tell;

/// `guard -- CMD ARG...`
pub fn argv(argv: Vec<OsString>, options: &RunOptions) -> ExitCode {
    if argv.is_empty() {
        return usage_error(
            "no command was given. Put it after `--`, as in `guard -- git status`.",
        );
    }
    execute(&Input::Argv(argv), options)
}

/// `guard run`
pub fn run(args: RunArgs) -> ExitCode {
    match &args.what.text {
        None => argv(args.what.argv, &args.options),
        Some(text) => match check::exact_text(text) {
            Ok(text) => execute(&Input::Text(text), &args.options),
            Err(message) => usage_error(&message),
        },
    }
}

fn execute(input: &Input, options: &RunOptions) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    let wanted = Wanted {
        reason: options.reason.clone(),
        quiet: options.quiet,
        dry_run: options.dry_run,
        palette: stderr_palette(),
        columns: columns(),
    };
    match run::run(input, &session, &wanted, &tell) {
        Ok(Ended::Own(exit)) => exit.into(),
        Ok(Ended::Command(outcome)) => outcome.finish(),
        Ok(Ended::NotStarted(error)) => {
            tell(&format!("guard: {error}\n"));
            error.finish()
        }
        Ok(Ended::Interrupted(signal)) => {
            crate::sys::die_by(signal);
            Exit::Denied.into()
        }
        Err(error) => {
            tell(&format!("guard: not run: {error}\n"));
            Exit::NotRecorded.into()
        }
    }
}
