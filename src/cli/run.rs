//! `guard -- CMD` and `guard run`.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use super::args::{Cli, Command, RunArgs, RunOptions};
use super::{check, columns, session, shell_mode, shim, stderr_palette, usage_error};
use crate::app::judge::Input;
use crate::app::nested::Reads;
use crate::app::run::{self, Ended, Wanted};
use crate::exit::Exit;
use crate::model::{Context, Way};
use crate::ssh::Token;
use crate::text::{escape, tell};

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

/// `kubectl ARG...` through a link to guard.
pub(super) fn shim(argv: Vec<OsString>, options: &RunOptions) -> ExitCode {
    lead(&Input::Argv(argv), options, Some(Way::Shim), Some(asked))
}

/// `guard-bash ARG...`, the words being those of the real shell.
pub(super) fn shell(argv: Vec<OsString>, options: &RunOptions) -> ExitCode {
    lead(&Input::Argv(argv), options, Some(Way::Shell), None)
}

/// What a guard process with these words on its command line was asked to run.
fn asked(args: &[OsString]) -> Option<Input> {
    if let Some(argv) = shell_mode::argv(args) {
        return argv.ok().map(Input::Argv);
    }
    if let Some(argv) = shim::argv(args) {
        return Some(Input::Argv(argv));
    }
    let cli = Cli::try_parse_from(args).ok()?;
    let what = match cli.command {
        None => return Some(Input::Argv(cli.argv)),
        Some(Command::Run(args)) => args.what,
        Some(_) => return None,
    };
    match what.text {
        None => Some(Input::Argv(what.argv)),
        Some(text) => check::exact_text(&text).ok().map(Input::Text),
    }
}

fn execute(input: &Input, options: &RunOptions) -> ExitCode {
    lead(input, options, None, None)
}

/// Whether the shell of a text has the variables of this process and no others:
/// none was too long or no text, and no file is read first that may set more.
fn starts_as_it_is(ctx: &Context) -> bool {
    let reads = ["BASH_ENV", "ENV"].iter().any(|name| std::env::var_os(name).is_some());
    !reads && std::env::vars_os().count() == ctx.vars.len()
}

fn lead(input: &Input, options: &RunOptions, way: Option<Way>, part_of: Option<Reads>) -> ExitCode {
    let mut session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    session.way = way.unwrap_or(session.way);
    session.ctx.all_vars = matches!(input, Input::Text(_)) && starts_as_it_is(&session.ctx);
    let tokens = match tokens(options) {
        Ok(tokens) => tokens,
        Err(message) => return usage_error(&message),
    };
    let wanted = Wanted {
        reason: options.reason.clone(),
        quiet: options.quiet,
        dry_run: options.dry_run,
        palette: stderr_palette(),
        columns: columns(),
        wait: options.wait.map(|span| Duration::from_secs(span.0.into())),
        tokens,
        break_glass: options.break_glass,
        nonce: options.nonce.clone(),
        part_of,
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

/// The tokens that came along, on the command line or in files.
fn tokens(options: &RunOptions) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    for line in &options.token {
        out.push(Token::read(line).map_err(|error| format!("--token: {error}"))?);
    }
    for path in &options.token_file {
        let name = escape(&path.to_string_lossy());
        let text = super::token::read_file(path)?;
        out.push(Token::read(&text).map_err(|error| format!("{name}: {error}"))?);
    }
    Ok(out)
}
