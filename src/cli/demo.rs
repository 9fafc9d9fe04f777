//! `guard demo`.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::app::demo::{Demo, Play};
use crate::exit::Exit;
use crate::text::{escape, tell};

/// `guard demo`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard demo                          watch it, two minutes
  guard demo --fast                   without pauses
  guard demo --interactive approver   you are the second human
  guard demo --interactive operator   a shell in the model world

An agent wants to delete and recreate an environment with the orders of customers;
it is stopped, a second human says no, then yes to something narrower; the log
verifies, a changed copy does not, and a report is written. The cloud is a folder,
its client a script, the key is thrown away: nothing outside the folder is touched
and nothing real is needed. The folder stays, to look at.

Exit codes: 0 it went as told, 1 it did not.")]
pub struct DemoArgs {
    /// The folder; new or empty. Without it one in the temporary folder.
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub dir: Option<PathBuf>,

    /// Play a part yourself.
    #[arg(long, value_name = "PART")]
    pub interactive: Option<Part>,

    /// No pauses for reading.
    #[arg(long)]
    pub fast: bool,
}

/// Values of `--interactive`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The second human.
    Approver,
    /// Whoever has the permissions.
    Operator,
}

/// Runs the subcommand.
pub fn demo(args: &DemoArgs) -> ExitCode {
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(error) => return failed(&error),
    };
    let dir = args
        .dir
        .clone()
        .unwrap_or_else(|| std::env::temp_dir().join(format!("guard-demo-{}", std::process::id())));
    let terminal = std::io::stderr().is_terminal();
    let play = match args.interactive {
        None => Play::Watch,
        Some(_) if !(terminal && std::io::stdin().is_terminal()) => {
            return failed(&"playing a part needs a terminal");
        }
        Some(Part::Approver) => Play::Approver,
        Some(Part::Operator) => Play::Operator,
    };
    let pause = if args.fast || !terminal { Duration::ZERO } else { Duration::from_secs(4) };
    let demo = Demo {
        dir,
        guard: own,
        play,
        pause,
        palette: super::stderr_palette(),
        tell: &|text| tell(text),
    };
    match demo.play() {
        Ok(report) => {
            let report =
                report.map(|path| format!("\nThe report: {}", escape(&path.to_string_lossy())));
            tell(&format!(
                "{}\nThe folder stays; remove it when you have looked.\n",
                report.unwrap_or_default()
            ));
            Exit::Ok.into()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> ExitCode {
    tell(&format!("guard: demo: {error}\n"));
    Exit::Failed.into()
}
