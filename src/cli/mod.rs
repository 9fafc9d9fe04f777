//! The command line: one file for each subcommand.

pub mod answer;
pub mod approvers;
pub mod args;
pub mod check;
pub mod completions;
pub mod demo;
pub mod doctor;
pub mod explain;
pub mod hook;
pub mod init;
pub mod log;
pub mod man;
pub mod mcp;
mod meter;
pub mod origins;
mod pager;
pub mod policy;
pub mod render;
pub mod requests;
pub mod rules;
pub mod run;
mod shell_mode;
mod shim;
pub mod status;
pub mod token;

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::app::judge::Input;
use crate::app::session::Session;
use crate::exit::Exit;
use crate::second::Answer;
use crate::shell;
use crate::text::{Out, Palette, escape, tell, width};
use args::{Cli, Command};

/// guard's `main`: parses the command line, runs the subcommand, and turns
/// every outcome, a defect included, into an exit code.
#[must_use]
pub fn main() -> ExitCode {
    crate::sys::one_heap();
    // The message of a defect must not be lost in a backtrace, and must not
    // repeat what the command said.
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tell(&format!(
            "guard: internal error at {place}. The command was not approved. \
             This is a defect of guard; please report it.\n"
        ));
    }));
    let args: Vec<OsString> = std::env::args_os().collect();
    catch_unwind(AssertUnwindSafe(|| dispatch(&args))).unwrap_or_else(|_| Exit::Internal.into())
}

fn dispatch(args: &[OsString]) -> ExitCode {
    if let Some(code) = shell_mode::called(args) {
        return code;
    }
    if let Some(code) = shim::called(args) {
        return code;
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, args),
    };
    let Some(command) = cli.command else {
        return run::argv(cli.argv, &cli.run);
    };
    match command {
        Command::Run(args) => run::run(args),
        Command::Check(args) => check_command(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Approve(args) => answer::answer(&args, Answer::Approve),
        Command::Deny(args) => answer::answer(&args, Answer::Deny),
        Command::Review(args) => answer::answer(&args, Answer::Review),
        Command::Requests(args) => requests::requests(&args),
        Command::Approvers(args) => approvers::approvers(&args),
        Command::Token(args) => token::token(&args),
        Command::Hook(args) => hook::hook(&args),
        Command::Mcp(args) => mcp::mcp(&args),
        Command::Init(args) => init::init(&args),
        Command::Uninit(args) => init::uninit(&args),
        Command::Doctor(args) => doctor::doctor(&args),
        Command::Status(args) => status::status(&args),
        Command::Demo(args) => demo::demo(&args),
        Command::Log(args) => log::log(&args),
        Command::Rules(args) => rules_command(&args),
        Command::Policy(args) => policy::policy(&args),
        Command::Completions { shell } => print(|out| completions::print(shell, out)),
        Command::Man { page, dir } => man::man(page.as_deref(), dir.as_deref()),
    }
}

/// Shows clap's message: help and version on standard output with 0, mistakes
/// on standard error with 64. A mistake repeats what was typed, so it is shown
/// without colours and with every character that could deceive escaped.
fn usage(error: &clap::Error, args: &[OsString]) -> ExitCode {
    let rendered = error.render();
    if error.use_stderr() {
        let lines: Vec<String> = rendered.to_string().lines().map(escape).collect();
        tell(&format!("{}\n", lines.join("\n")));
        if let Some(meant) = meant(error, args) {
            tell(&format!("\nDid you mean this?\n  {meant}\n"));
        }
        return Exit::Usage.into();
    }
    let palette = stdout_palette();
    let text = if palette.on { rendered.ansi().to_string() } else { rendered.to_string() };
    print(|out| out.write_all(text.as_bytes()).map(|()| Exit::Ok))
}

/// What was probably meant: the mistake that nearly everybody makes once is a
/// command without `--` in front.
fn meant(error: &clap::Error, args: &[OsString]) -> Option<String> {
    if error.kind() != ErrorKind::UnknownArgument || args.iter().any(|arg| arg == "--") {
        return None;
    }
    let Some(ContextValue::String(wrong)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let own = ["run", "check", "explain"];
    let at = args.iter().skip(1).position(|arg| arg.to_string_lossy() == *wrong)? + 1;
    let (front, rest) = args.split_at_checked(at)?;
    let front = front.get(1..)?;
    let shown = |words: &[OsString]| {
        let words: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
        escape(&shell::join(&words).0)
    };
    if wrong == "-c" && front.is_empty() {
        return Some(format!("guard run {}", shown(rest)));
    }
    let of_guard = front.iter().all(|word| {
        let word = word.to_string_lossy();
        word.starts_with('-') || own.contains(&word.as_ref())
    });
    if wrong.starts_with('-') || !of_guard {
        return None;
    }
    let front = if front.is_empty() { String::new() } else { shown(front) + " " };
    Some(format!("guard {front}-- {}", shown(rest)))
}

/// Runs something that prints on standard output; a closed pipe is no error.
pub(crate) fn print(body: impl FnOnce(&mut dyn io::Write) -> io::Result<Exit>) -> ExitCode {
    print_to(Out::stdout(), body)
}

/// The same on another writer.
fn print_to<W: io::Write>(
    mut out: Out<W>,
    body: impl FnOnce(&mut dyn io::Write) -> io::Result<Exit>,
) -> ExitCode {
    let result = body(&mut out).and_then(|exit| out.finish().map(|()| exit));
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            tell(&format!("guard: the output could not be written: {error}.\n"));
            Exit::NotRecorded.into()
        }
    }
}

pub(crate) fn stdout_palette() -> Palette {
    Palette::choose(|name| std::env::var_os(name), io::stdout().is_terminal())
}

pub(crate) fn stderr_palette() -> Palette {
    Palette::choose(|name| std::env::var_os(name), io::stderr().is_terminal())
}

/// Gathers the session, or says what is broken.
pub(crate) fn session() -> Result<Session, ExitCode> {
    let session = Session::open().map_err(|error| {
        tell(&format!("guard: {error}\n"));
        ExitCode::from(Exit::Config)
    })?;
    for note in &session.policy.notes {
        tell(&format!("guard: {note}\n"));
    }
    Ok(session)
}

/// `check --jsonl`. When nobody reads the answers any more, there is nothing
/// left to do, however many questions wait.
fn answers() -> ExitCode {
    let mut input = io::BufReader::with_capacity(64 * 1024, io::stdin());
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout());
    let result = check::stream(&mut input, &mut out);
    match result.and_then(|exit| out.flush().map(|()| exit)) {
        Ok(exit) => exit.into(),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok.into(),
        Err(error) => {
            tell(&format!("guard: the answers could not be written: {error}.\n"));
            Exit::NotRecorded.into()
        }
    }
}

fn check_command(args: &args::CheckArgs) -> ExitCode {
    if args.jsonl {
        return answers();
    }
    let (input, session) = match prepare(&args.what) {
        Ok(ready) => ready,
        Err(code) => return code,
    };
    print(|out| check::one(args, &input, &session, out, stdout_palette()))
}

fn rules_command(args: &rules::RulesArgs) -> ExitCode {
    let paths = crate::config::paths::Paths::find();
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    let world = rules::Surroundings {
        config: &paths.config,
        judge: &crate::app::judge::judged,
        hooks: crate::app::judge::HOOKS,
        palette: stdout_palette(),
        terminal,
        progress: io::stderr().is_terminal(),
    };
    let mut err = Out::stderr();
    let code = print(|out| rules::run(args, world, out, &mut err));
    let _ = err.finish();
    code
}

/// The command that is asked about, and what it is judged with.
pub(crate) fn prepare(what: &args::What) -> Result<(Input, Session), ExitCode> {
    let input = check::input(what).map_err(usage_error)?;
    Ok((input, session()?))
}

/// Says what is wrong with the command line.
pub(crate) fn usage_error(message: &str) -> ExitCode {
    tell(&format!("guard: {message}\nFor more, try `guard --help`.\n"));
    Exit::Usage.into()
}

/// Columns of the terminal behind standard error, or 80.
pub(crate) fn columns() -> usize {
    width::columns(&io::stderr())
}
