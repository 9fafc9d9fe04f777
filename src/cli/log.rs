//! `guard log`: looking at the record and verifying it.

mod checkpoint;
mod export;
mod follow;
mod one;
mod outside;
mod prove;
mod reconcile;
mod report;
mod scan;
mod signed;
mod stats;
mod table;
mod tail;
mod verify;

use std::collections::VecDeque;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use crate::audit::history::{self, Filter, History, Run};
use crate::audit::lookup;
use crate::exit::Exit;
use crate::model::{ActorKind, Tier};
use crate::text::stamp::Stamp;
use crate::text::{Out, Palette, escape, escape_bytes, json};

/// How many commands `show` lists unless told otherwise.
const DEFAULT_LAST: usize = 50;

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
    pub show: ShowArgs,
}

/// Subcommands of `guard log`.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// List commands, newest last: who asked, the verdict, how it ended.
    Show(ShowArgs),
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

Exit codes: 0 intact, 1 broken, 74 a log cannot be read.";

/// `guard log show`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  guard log show --since 2h                the last two hours
  guard log show --since 2026-11-22        since a day (UTC); 2026-11-22T09:30 works too
  guard log show --tier confirm+           everything that had to be asked about
  guard log show --actor agent --refused   what agents were not allowed to do
  guard log show --rule 'kubectl.*' --json | jq .argv
  guard log show --object shop --outcome exit --since 7d    what ran on anything named shop
  guard log show GEXS-Z6KB                 one command: who was shown what, who said yes

Outcomes:
  exit N      ended with this code          signal N    ended by a signal
  refused     guard refused it              declined    a person said no
  cancelled   the question was broken off   asking      a question stands
  not found, not started                    the program could not be started
  handed on   a hook left it to the agent, or to `guard run`
  not run     guard ended before a decision
  running     has not ended
  lost        started; its end was never recorded (guard killed, power failure)")]
pub struct ShowArgs {
    /// Everything about one command: the id of its request, or the name of the
    /// request that somebody answered, such as GEXS-Z6KB.
    #[arg(value_name = "ID")]
    pub id: Option<String>,

    /// One JSON object a line instead of a table.
    #[arg(long)]
    pub json: bool,

    /// Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC).
    #[arg(long, value_name = "WHEN", value_parser = Since::parse)]
    pub since: Option<Since>,

    /// Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`).
    #[arg(long, value_name = "TIER", value_parser = parse_tiers)]
    pub tier: Option<(Tier, Tier)>,

    /// Only commands of people, agents, CI jobs, or without anybody.
    #[arg(long, value_name = "WHO")]
    pub actor: Option<Who>,

    /// Only commands that matched a rule; `*` stands for any text.
    #[arg(long, value_name = "GLOB")]
    pub rule: Option<String>,

    /// Only commands in which this program runs.
    #[arg(long, value_name = "NAME")]
    pub program: Option<String>,

    /// Only commands that guard or a person kept from running.
    #[arg(long)]
    pub refused: bool,

    /// Only commands until then.
    #[arg(long, value_name = "WHEN", value_parser = Since::parse)]
    pub until: Option<Since>,

    /// Only commands of this session: a part of one of its names, as in `sessions`
    /// with --json.
    #[arg(long, value_name = "NAME")]
    pub session: Option<String>,

    /// Only commands that would hit this: a part of `kind/name`.
    #[arg(long, value_name = "OBJECT")]
    pub object: Option<String>,

    /// Only commands with this text in them.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,

    /// Only commands that ended so.
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<OutcomeArg>,

    /// At most this many, the newest; 0: all.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LAST)]
    pub last: usize,

    /// Do not cut long commands.
    #[arg(long)]
    pub wide: bool,
}

/// `guard log verify`.
#[derive(Debug, Clone, Default, Args)]
pub struct VerifyArgs {
    /// The files; without them every log in guard's folder.
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// Checkpoints that were kept elsewhere: a file or a folder of them.
    #[arg(long, value_name = "FILE|DIR", value_hint = clap::ValueHint::AnyPath)]
    pub checkpoint: Vec<PathBuf>,

    /// The key that must have signed: a `.pub` file, or its line.
    #[arg(long, value_name = "PUBKEY", value_hint = clap::ValueHint::FilePath)]
    pub key: Vec<String>,
}

/// Values of `--outcome`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutcomeArg {
    /// Ended with a code.
    Exit,
    /// Ended by a signal.
    Signal,
    /// Could not be started.
    Failed,
    /// guard refused it.
    Refused,
    /// A person said no.
    Declined,
    /// The question was broken off.
    Cancelled,
    /// Somebody elsewhere has not answered.
    Pending,
    /// Left to the agent by a hook.
    HandedOn,
    /// Has not ended.
    Running,
    /// Its end was never recorded.
    Lost,
}

impl OutcomeArg {
    const fn name(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Signal => "signal",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Pending => "pending",
            Self::HandedOn => "handed-on",
            Self::Running => "running",
            Self::Lost => "lost",
        }
    }
}

/// Values of `--actor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Who {
    /// A person at a terminal.
    Human,
    /// An AI agent.
    Agent,
    /// A CI job.
    Ci,
    /// No agent was seen, but no terminal either.
    Unattended,
}

impl From<Who> for ActorKind {
    fn from(who: Who) -> Self {
        match who {
            Who::Human => Self::Human,
            Who::Agent => Self::Agent,
            Who::Ci => Self::Ci,
            Who::Unattended => Self::Unattended,
        }
    }
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
    let mut err = Out::stderr();
    let code = super::print(|out| {
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
        None => show(&args.show, io),
        Some(LogCommand::Show(args)) => show(args, io),
        Some(LogCommand::Verify(args)) => verify::run(args, io),
        Some(LogCommand::Follow(args)) => follow::run(args, io),
        Some(LogCommand::Scan(args)) => scan::run(args, io),
        Some(LogCommand::Reconcile(args)) => reconcile::run(args, io),
        Some(LogCommand::Export(args)) => export::run(args, io),
        Some(LogCommand::Stats(args)) => stats::run(args, io),
        Some(LogCommand::Report(args)) => report::run(args, io),
        Some(LogCommand::Checkpoint(args)) => checkpoint::run(args, io),
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

fn show_path(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    escape_bytes(path.as_os_str().as_bytes())
}

fn unreadable(io: &mut LogIo<'_>, path: &Path, error: &io::Error) -> io::Result<Exit> {
    let path = show_path(path);
    writeln!(io.err, "guard: {path} cannot be read: {error}. Make it readable for you.")?;
    Ok(Exit::NotRecorded)
}

fn show(args: &ShowArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let last = (args.last > 0).then_some(args.last);
    let filter = Filter {
        since: args.since.map(|since| since.from(io.now)),
        tiers: args.tier,
        actor: args.actor.map(Into::into),
        rule: args.rule.clone(),
        program: args.program.clone(),
        refused: args.refused,
        until: args.until.map(|until| until.from(io.now)),
        session: args.session.clone(),
        object: args.object.clone(),
        text: args.text.clone(),
        outcome: args.outcome.map(|outcome| outcome.name().to_owned()),
        last,
    };
    let files = match lookup::files(io.dir) {
        Ok(files) => files,
        Err(error) => return unreadable(io, io.dir, &error),
    };
    if let Some(id) = &args.id {
        return one::show(id, &files, io);
    }
    let mut histories = Vec::with_capacity(files.len());
    for path in files {
        let mut meter = super::meter::Meter::new("reading", io.progress);
        let read = history::read(&path, &filter, &mut |done, all| meter.show(io.err, done, all));
        meter.clear(io.err);
        match read {
            Ok(history) => histories.push(history),
            Err(error) => return unreadable(io, &path, &error),
        }
    }
    let history = join(histories, last);
    if args.json {
        for run in &history.runs {
            json::write(&mut *io.out, run)?;
            io.out.write_all(b"\n")?;
        }
        return Ok(Exit::Ok);
    }
    if history.runs.is_empty() {
        nothing(&history, io)?;
        return Ok(Exit::Ok);
    }
    let columns = if args.wide { None } else { io.columns };
    let runs: Vec<&Run> = history.runs.iter().collect();
    let cut = table::write(io.out, &runs, io.palette, columns)?;
    notes(args, &history, cut, io)?;
    Ok(Exit::Ok)
}

/// Several logs as one, by time.
fn join(histories: Vec<History>, last: Option<usize>) -> History {
    let mut all = History::default();
    let several = histories.len() > 1;
    for mut history in histories {
        all.more |= history.more;
        all.any |= history.any;
        all.runs.append(&mut history.runs);
    }
    if several {
        let mut runs: Vec<Run> = std::mem::take(&mut all.runs).into();
        runs.sort_by_key(|run| run.time);
        all.runs = VecDeque::from(runs);
        while last.is_some_and(|last| all.runs.len() > last) {
            all.runs.pop_front();
            all.more = true;
        }
    }
    all
}

fn nothing(history: &History, io: &mut LogIo<'_>) -> io::Result<()> {
    if history.any {
        writeln!(io.err, "No recorded command fits; `guard log show --last 0` lists all of them.")
    } else {
        let dir = show_path(io.dir);
        writeln!(
            io.err,
            "Nothing is recorded in {dir} yet. Put `guard --` in front of a command, as in\n  \
             guard -- git status\nand it is listed here."
        )
    }
}

/// Says what the table left out.
fn notes(args: &ShowArgs, history: &History, cut: bool, io: &mut LogIo<'_>) -> io::Result<()> {
    let mut notes = Vec::new();
    if history.more {
        notes.push(format!("the newest {}; --last 0 shows all", args.last));
    }
    if cut {
        notes.push("… marks a cut command; --wide shows it whole".to_owned());
    }
    if notes.is_empty() {
        return Ok(());
    }
    io.out.flush()?;
    writeln!(io.err, "({})", escape(&notes.join(". ")))
}

#[cfg(test)]
mod tests;
