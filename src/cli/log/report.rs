//! `guard log report`: what happened, as a draft that people finish.

pub(super) mod collect;
pub(super) mod html;
mod markdown;
mod picture;
mod summary;

use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::{LogIo, Since, unreadable};
use crate::audit::parts::Source;
use crate::audit::verify::{Verified, join, log};
use crate::audit::{lookup, record};
use crate::cli::meter::Meter;
use crate::exit::Exit;
use crate::text::escape;
use crate::text::stamp::Stamp;
use crate::text::words::count;
use collect::{Case, Collected, Wanted};
use summary::{Summary, moment};

/// How far before and after an incident's command the report reaches, in
/// milliseconds: the window in which steps belong together.
const AROUND: i64 = 3_600_000;

/// What guard cannot know, and what a postmortem needs of it.
const OPEN: [(&str, &str); 5] = [
    (
        "Impact",
        "Who noticed what, from when to when, and how many. guard sees commands, not customers.",
    ),
    ("Cause", "Why did the first serious command look right to whoever gave it?"),
    (
        "What helped, what was missing",
        "Which question, fact or person stopped it or would have; what was not checked.",
    ),
    ("Recovery", "What brought it back, how long that took, and what did not come back."),
    (
        "Actions",
        "Each with an owner and a date. Rules and policy that would have stopped it earlier.",
    ),
];

/// `guard log report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard log report --since 2h                         the last two hours, as Markdown
  guard log report --incident GEXS-Z6KB > draft.md    one command, its session, an hour around it
  guard log report --session claude --since 1d        what one agent did
  guard log report --since 7d --html week.html        one file with a picture, to open or print

A harmless command is listed when its session also holds a serious one; with
--all always. The report holds what the record holds: no secrets, and nothing
that went past guard.

Exit codes: 0, 1 nothing is recorded about it, 74 a log cannot be read or the
file not be written.")]
pub struct ReportArgs {
    /// Only commands of this session: a part of its name, as in `sessions` of
    /// `guard log show --json`.
    #[arg(long, value_name = "NAME")]
    pub session: Option<String>,

    /// From then on: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without
    /// any choice: the last day.
    #[arg(long, value_name = "WHEN", value_parser = Since::parse)]
    pub since: Option<Since>,

    /// Until then.
    #[arg(long, value_name = "WHEN", value_parser = Since::parse)]
    pub until: Option<Since>,

    /// Around one command: the id or the name of its request.
    #[arg(long, value_name = "ID", conflicts_with_all = ["session", "since", "until"])]
    pub incident: Option<String>,

    /// Harmless commands too.
    #[arg(long)]
    pub all: bool,

    /// Write HTML to this file instead of Markdown to standard output.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub html: Option<PathBuf>,
}

/// Everything that both forms show.
pub(super) struct Report<'a> {
    title: String,
    source: String,
    found: &'a Collected,
    summary: Summary,
    chain: Vec<String>,
}

pub(super) fn run(args: &ReportArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let files = match lookup::files(io.dir) {
        Ok(files) => files,
        Err(error) => return unreadable(io, io.dir, &error),
    };
    let now = io.now;
    let (wanted, title) = match &args.incident {
        None => period(args, now),
        Some(id) => match incident(id, args.all, &files) {
            Ok(Some(found)) => found,
            Ok(None) => {
                let id = escape(id);
                writeln!(
                    io.err,
                    "guard: nothing is recorded about {id}; `guard log show` lists ids"
                )?;
                return Ok(Exit::Failed);
            }
            Err(error) => return unreadable(io, io.dir, &error),
        },
    };
    let found = match collect::collect(&files, &wanted) {
        Ok(found) => found,
        Err(error) => return unreadable(io, io.dir, &error),
    };
    if found.cases.is_empty() {
        writeln!(
            io.err,
            "guard: nothing serious is recorded in that time ({} in all); `--all` lists every command",
            count(found.seen, "command")
        )?;
        return Ok(Exit::Failed);
    }
    let chain = match chain(&files, io) {
        Ok(chain) => chain,
        Err(error) => return unreadable(io, io.dir, &error),
    };
    let source = format!(
        "A draft from guard's record on {}, made {now} by guard {}.",
        io.host,
        env!("CARGO_PKG_VERSION")
    );
    let summary = summary::summary(&found);
    let report = Report { title, source, found: &found, summary, chain };
    match &args.html {
        None => io.out.write_all(markdown::render(&report).as_bytes())?,
        Some(path) => {
            if let Err(error) = write(path, html::render(&report).as_bytes()) {
                return unreadable(io, path, &error);
            }
            writeln!(io.err, "guard: written to {}", escape(&path.to_string_lossy()))?;
        }
    }
    Ok(Exit::Ok)
}

/// An hour before and after one command, in its session.
fn incident(id: &str, all: bool, files: &[PathBuf]) -> io::Result<Option<(Wanted, String)>> {
    let found = collect::incident(files, id)?;
    Ok(found.map(|(at, sessions)| {
        let wanted = Wanted {
            since: Some(at.before(AROUND)),
            until: Some(at.before(-AROUND)),
            session: sessions.into_iter().next(),
            all,
        };
        (wanted, format!("Incident {id}, {at}"))
    }))
}

/// A session or a period; without any choice the last day.
fn period(args: &ReportArgs, now: Stamp) -> (Wanted, String) {
    let from = |when: Option<Since>| when.map(|when| when.from(now));
    let day = args.session.is_none().then(|| now.before(86_400_000));
    let wanted = Wanted {
        since: from(args.since).or(day),
        until: from(args.until),
        session: args.session.clone(),
        all: args.all,
    };
    let title = match (&wanted.session, wanted.since) {
        (Some(name), _) => format!("What session {name} did"),
        (None, since) => format!("What happened since {}", moment(since)),
    };
    (wanted, title)
}

/// Only for its owner: commands name hosts, people and objects.
pub(super) fn write(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    // Never over something that is there: a page is no reason to lose a file.
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// What verifying the logs says, a line each.
fn chain(files: &[PathBuf], io: &mut LogIo<'_>) -> io::Result<Vec<String>> {
    let mut verified: Vec<Verified> = Vec::new();
    for path in files {
        let mut meter = Meter::new("verifying", io.progress);
        let source = Source::open(path)?;
        verified.push(log(&source, &mut |done, all| meter.show(io.err, done, all))?);
        meter.clear(io.err);
    }
    join(&mut verified);
    let lines = verified.iter().map(|log| {
        let name = log.path.file_name().unwrap_or_default().to_string_lossy();
        let head = log.report.last.map_or_else(String::new, |(seq, hash)| {
            format!(", the last is number {seq} with hash {}", record::hex(&hash))
        });
        match log.report.break_count {
            0 => format!(
                "{name}: {} in an unbroken chain{head}",
                count(log.report.records, "record")
            ),
            n => format!(
                "{name}: THE CHAIN IS BROKEN in {}; `guard log verify` names them{head}",
                count(n, "place")
            ),
        }
    });
    Ok(lines.collect())
}

impl Report<'_> {
    fn serious(&self) -> impl Iterator<Item = &Case> {
        self.found.cases.iter().filter(|case| case.level >= 2 || !case.before.is_empty())
    }

    fn short(&self) -> Vec<String> {
        let s = &self.summary;
        let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let mut out = vec![
            format!("from {} to {}", moment(s.from), moment(s.to)),
            format!(
                "{}, {} that somebody had to be asked about: {} stopped, {} ran, {} failed, {} left to the agent, {} without an end in the record",
                count(number(self.found.cases.len()), "command"),
                s.asked,
                s.stopped,
                s.succeeded,
                s.failed,
                s.handed_on,
                s.open
            ),
        ];
        out.extend(s.who.iter().map(|(who, account, n)| {
            format!("{who} as {account}: {}", count(number(*n), "command"))
        }));
        out.extend(s.sequences.iter().map(|(at, line)| format!("{}: {line}", moment(*at))));
        out
    }

    fn limits(&self) -> Vec<String> {
        let mut out = self.chain.clone();
        out.push("Only what went through guard is here; `guard doctor` says what does.".into());
        let counted = [
            (self.found.harmless, "harmless command", "left out"),
            (self.found.cut, "older command", "left out, the report was full"),
            (self.found.unreadable, "line", "of the log could not be read"),
        ];
        for (n, what, how) in counted {
            if n > 0 {
                out.push(format!("{} {how}.", count(n, what)));
            }
        }
        out.push("What is \"not checked\" was judged by the words of the command alone.".into());
        out
    }
}
