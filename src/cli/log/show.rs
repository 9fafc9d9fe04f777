//! `guard log show`: commands in a table, newest last.

use std::collections::VecDeque;
use std::io;

use clap::{Args, ValueEnum};

use super::{LogIo, Since, one, parse_tiers, show_path, table, unreadable};
use crate::audit::history::{self, Filter, History, Run};
use crate::audit::lookup;
use crate::exit::Exit;
use crate::model::{ActorKind, Tier};
use crate::text::{escape, json};

/// How many commands `show` lists unless told otherwise.
const DEFAULT_LAST: usize = 50;

/// `guard log show`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  guard log show --since 2h                the last two hours
  guard log show --since 2026-11-22        since a day (UTC); 2026-11-22T09:30 works too
  guard log show --day 2026-11-22          that day (UTC), without reading the rest
  guard log show --tier confirm+           everything that had to be asked about
  guard log show --actor agent --refused   what agents were not allowed to do
  guard log show --rule 'kubectl.*' --json | jq .argv
  guard log show --object shop --outcome exit --since 7d    what ran on anything named shop
  guard log show --last 50 --skip 50       the fifty before the newest fifty
  guard log show GEXS-Z6KB                 one command: who was shown what, who said yes

On a terminal it is shown by GUARD_PAGER, else PAGER, else `less`: a program and its
options, split at blanks, which no shell reads. An empty one or `cat` turns that off.

Outcomes:
  exit N      ended with this code          signal N    ended by a signal
  refused     guard refused it              declined    a person said no
  cancelled   the question was broken off   asking      a question stands
  not found, not started                    the program could not be started
  handed on   a hook left it to the agent, or to `guard run`
  said: ...   the same, and how it went by the agent's word alone
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

    /// Only what was recorded on this day (UTC), as 2026-11-22; reads only the
    /// files of that day.
    #[arg(long, value_name = "DAY", value_parser = parse_day, conflicts_with_all = ["since", "until"])]
    pub day: Option<String>,

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

    /// Leave out the newest N: with --last the next page, further back.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub skip: usize,

    /// Do not cut long commands.
    #[arg(long)]
    pub wide: bool,

    /// Print at once, also on a terminal.
    #[arg(long)]
    pub no_pager: bool,
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

fn parse_day(text: &str) -> Result<String, String> {
    let at = crate::text::stamp::Stamp::parse(text).filter(|_| text.len() == 10);
    at.map(|at| at.to_string().chars().take(10).collect())
        .ok_or_else(|| "use a date as 2026-11-22 (UTC)".into())
}

pub(super) fn show(args: &ShowArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let last = (args.last > 0).then_some(args.last.saturating_add(args.skip));
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
        day: args.day.clone(),
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
        let mut meter = crate::cli::meter::Meter::new("reading", io.progress);
        let read = history::read(&path, &filter, &mut |done, all| meter.show(io.err, done, all));
        meter.clear(io.err);
        match read {
            Ok(history) => histories.push(history),
            Err(error) => return unreadable(io, &path, &error),
        }
    }
    for history in &histories {
        one::told(&history.notes, io)?;
    }
    let mut history = join(histories, last);
    history.runs.truncate(history.runs.len().saturating_sub(args.skip));
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
        let next = args.last.saturating_add(args.skip);
        let newest = if args.skip == 0 { "the newest" } else { "older ones," };
        notes.push(format!("{newest} {}; --skip {next} goes on, --last 0 shows all", args.last));
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
