//! `guard log`: looking at the record and verifying it.

mod checkpoint;
mod export;
mod follow;
mod kept;
mod one;
mod outside;
mod prove;
mod reconcile;
mod report;
mod rotate;
mod scan;
mod show;
mod signed;
mod stats;
mod table;
mod tail;
mod verify;

use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::pager::Paged;
use crate::audit::{Redactor, lookup};
use crate::exit::Exit;
use crate::model::Tier;
use crate::text::stamp::Stamp;
use crate::text::{Out, Palette, escape_bytes};

/// `guard log`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  guard log                                the last 50 commands
  guard log show --since 2h --refused      what was refused in the last two hours
  guard log verify                         has anybody changed the record?
  guard log report --since 2h              what happened, as a draft of a postmortem
  tail -f \"$(guard log path)\"              records as they are written"
)]
pub struct LogArgs {
    /// What to do; without one, `show`.
    #[command(subcommand)]
    pub command: Option<LogCommand>,
    /// Options of `show`.
    #[command(flatten)]
    pub show: show::ShowArgs,
}

/// Subcommands of `guard log`.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// List commands, newest last: who asked, the verdict, how it ended.
    Show(show::ShowArgs),
    /// Check that no line was changed, every checkpoint, and every signature of a person.
    #[command(after_help = VERIFY_HELP)]
    Verify(VerifyArgs),
    /// Show records as they are written.
    Follow(follow::FollowArgs),
    /// Write the record in a form that other systems read.
    Export(export::ExportArgs),
    /// Count: commands, questions, answers and how long they took.
    Stats(stats::StatsArgs),
    /// Look for secrets that stand in the record all the same.
    Scan(scan::ScanArgs),
    /// Compare with other records: what ran without guard.
    Reconcile(reconcile::ReconcileArgs),
    /// Draft a postmortem: a timeline of a session, a period or one incident.
    Report(report::ReportArgs),
    /// Sign the log as it is, and send the signature where policy says.
    Checkpoint(checkpoint::CheckpointArgs),
    /// Compress the files of earlier days; remove what policy no longer keeps.
    Rotate(rotate::RotateArgs),
    /// Write a proof that the records of a command are in the log.
    Prove(prove::ProveArgs),
    /// Check such a proof; needs neither the log nor guard's other files.
    CheckProof(prove::CheckProofArgs),
    /// Print the path of this host's log.
    #[command(after_help = "\
Examples:
  guard log path
  tail -f \"$(guard log path)\"              records as they are written")]
    Path,
}

const VERIFY_HELP: &str = "\
Examples:
  guard log verify                         this host's log
  guard log verify --checkpoint /mnt/kept  and against checkpoints that were sent there
  guard log verify backup/web1.jsonl --key web1.pub
                                           a copy, and the key that must have signed it

Each line holds the hash of the line before it, and each decision of a second
person holds what was signed, so that both can be checked again. Lines that a killed process left
unfinished are listed too; they are no break.

A checkpoint says how many lines there were and what their hash was, signed. Those in
the log are always checked; those from elsewhere also show that the end was cut off or
that somebody who may write the file (every program that runs as you) wrote it anew.
--checkpoint takes a checkpoint, a folder of them, or lines of a system log.
A request says where the log ended, and whoever approves it signs that: it is compared
for every decision in the log, and with --request for one that `guard requests export`
wrote on another machine.

Exit codes: 0 intact, 1 broken, 74 a log cannot be read.";

/// `guard log verify`.
#[derive(Debug, Clone, Default, Args)]
pub struct VerifyArgs {
    /// The files; without them every log in guard's folder.
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Checkpoints that were kept elsewhere: a file or a folder of them.
    #[arg(long, value_name = "FILE|DIR", value_hint = clap::ValueHint::AnyPath)]
    pub checkpoint: Vec<PathBuf>,

    /// A request that an approver kept: the log must still be what it was then.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub request: Vec<PathBuf>,

    /// The key that must have signed: a `.pub` file, or its line.
    #[arg(long, value_name = "PUBKEY", value_hint = clap::ValueHint::FilePath)]
    pub key: Vec<String>,
}

/// A value of `--since`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// This many milliseconds ago.
    Ago(i64),
    /// This moment.
    At(Stamp),
}

impl Since {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(at) = Stamp::parse(text) {
            return Ok(Self::At(at));
        }
        let ago = || {
            let number: i64 = text.get(..text.len().checked_sub(1)?)?.parse().ok()?;
            let unit = match text.chars().last()? {
                's' => 1000,
                'm' => 60_000,
                'h' => 3_600_000,
                'd' => 86_400_000,
                'w' => 604_800_000,
                _ => return None,
            };
            (number >= 0).then_some(number.checked_mul(unit)?)
        };
        ago().map(Self::Ago).ok_or_else(|| {
            "use 90s, 30m, 2h, 7d or 2w, a date as 2026-11-22, or a time as 2026-11-22T09:30 (UTC)"
                .into()
        })
    }

    const fn from(self, now: Stamp) -> Stamp {
        match self {
            Self::Ago(millis) => now.before(millis),
            Self::At(at) => at,
        }
    }
}

fn parse_tiers(text: &str) -> Result<(Tier, Tier), String> {
    let (name, open) = text.strip_suffix('+').map_or((text, false), |name| (name, true));
    let tier = Tier::ALL
        .into_iter()
        .find(|tier| tier.name() == name || tier.short().eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            let names = Tier::ALL.map(Tier::name).join(", ");
            format!("use one of {names} or T0 to T5, with a `+` for \"and stricter\"")
        })?;
    Ok((tier, if open { Tier::Deny } else { tier }))
}

/// What the subcommands need of the process.
pub struct LogIo<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Whether standard error is a terminal, which may be told how far things are.
    pub progress: bool,
    /// The folder of the logs.
    pub dir: &'a Path,
    /// This host's name.
    pub host: &'a str,
    /// Colour on standard output.
    pub palette: Palette,
    /// Columns of standard output; `None`: no terminal, nothing is cut.
    pub columns: Option<usize>,
    /// The time.
    pub now: Stamp,
}

/// `guard log` in this process.
pub fn log(args: &LogArgs) -> ExitCode {
    let paths = crate::config::paths::Paths::find();
    let Some(dir) = paths.log_dir() else {
        return super::usage_error(
            "no home directory is known, so there is no log. Set HOME or XDG_STATE_HOME.",
        );
    };
    let host = crate::app::host::name();
    let shown = match &args.command {
        None => Some(&args.show),
        Some(LogCommand::Show(show)) => Some(show),
        Some(_) => None,
    };
    let paged = Paged::new(shown.is_none_or(|show| show.no_pager));
    let mut err = Out::new(paged.err());
    let code = super::print_to(Out::new(paged.out()), |out| {
        let mut io = LogIo {
            out,
            err: &mut err,
            progress: io::stderr().is_terminal(),
            dir: &dir,
            host: &host,
            palette: super::stdout_palette(),
            columns: crate::sys::tty::columns(io::stdout()),
            now: Stamp::now(),
        };
        run(args, &mut io)
    });
    let _ = err.finish();
    paged.finish();
    code
}

/// Runs the subcommand.
///
/// # Errors
///
/// Output that could not be written. Logs that cannot be read are reported and
/// end in [`Exit::NotRecorded`].
pub fn run(args: &LogArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    match &args.command {
        None => show::show(&args.show, io),
        Some(LogCommand::Show(args)) => show::show(args, io),
        Some(LogCommand::Verify(args)) => verify::run(args, io),
        Some(LogCommand::Follow(args)) => follow::run(args, io),
        Some(LogCommand::Scan(args)) => scan::run(args, io),
        Some(LogCommand::Reconcile(args)) => reconcile::run(args, io),
        Some(LogCommand::Export(args)) => export::run(args, io),
        Some(LogCommand::Stats(args)) => stats::run(args, io),
        Some(LogCommand::Report(args)) => report::run(args, io),
        Some(LogCommand::Checkpoint(args)) => checkpoint::run(args, io),
        Some(LogCommand::Rotate(args)) => rotate::run(args, io),
        Some(LogCommand::Prove(args)) => match lookup::files(io.dir) {
            Ok(files) => prove::prove(args, &files, io),
            Err(error) => unreadable(io, io.dir, &error),
        },
        Some(LogCommand::CheckProof(args)) => prove::check(args, io),
        Some(LogCommand::Path) => {
            let path = io.dir.join(lookup::file_name(io.host));
            writeln!(io.out, "{}", show_path(&path))?;
            Ok(Exit::Ok)
        }
    }
}

/// What guard would take out today of what others wrote, by policy too; or what the
/// process ends with where that cannot be read.
fn redactor(io: &mut LogIo<'_>) -> io::Result<Result<Redactor<'static>, Exit>> {
    match crate::app::rotate::log_terms() {
        Ok(terms) => Ok(Ok(Redactor::without_key().also(terms.redact()))),
        Err(error) => {
            writeln!(io.err, "guard: {error}")?;
            Ok(Err(Exit::Config))
        }
    }
}

fn show_path(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    escape_bytes(path.as_os_str().as_bytes())
}

fn unreadable(io: &mut LogIo<'_>, path: &Path, error: &io::Error) -> io::Result<Exit> {
    let path = show_path(path);
    writeln!(io.err, "guard: {path} cannot be read: {error}. Make it readable for you.")?;
    Ok(Exit::NotRecorded)
}

#[cfg(test)]
mod tests;
