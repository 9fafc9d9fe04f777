//! `guard log reconcile`: what ran without guard, by the records of others.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::{LogIo, unreadable};
use crate::app::judge::{Input, judge};
use crate::audit::export::Memory;
use crate::audit::parts::Source;
use crate::audit::reader::Lines;
use crate::audit::reconcile::{self, Seen, What};
use crate::audit::{Redactor, lookup};
use crate::command::NoFiles;
use crate::decide::{Policy, Verdict, World};
use crate::exit::Exit;
use crate::model::{Actor, ActorKind, Context, Tier};
use crate::rules::RuleSet;
use crate::shell::join;
use crate::text::escape;
use crate::text::stamp::Stamp;
use crate::text::words::count;

/// How far two clocks and a wait may lie apart, in milliseconds.
const SLACK: i64 = 5 * 60_000;
/// Most rows.
const MAX_ROWS: u64 = 1000;

const LIMITS: &str = "\
What the record of others does not hold is not seen here: commands before it began or
after it was cut, calls from a program's own code, and, in a history without times, lines
that guard saw at another time. A command that is in guard's record may still have been
run a second time without it.";

/// `guard log reconcile`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard log reconcile --auditd /var/log/audit/audit.log
  guard log reconcile --history ~/.bash_history
  guard log reconcile --cloudtrail trail.json

Lists commands that guard would have asked about and that its record does not
hold. For the kernel's log, audit execve with a rule such as
`-a always,exit -F arch=b64 -S execve,execveat -F auid>=1000 -F auid!=unset -k guard`.

Exit codes: 0 nothing went past guard, 1 something did, 74 a file cannot be read.")]
pub struct ReconcileArgs {
    /// The kernel's audit log, as auditd writes it.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub auditd: Vec<PathBuf>,

    /// A history of bash or zsh.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub history: Vec<PathBuf>,

    /// Events of AWS CloudTrail, JSON.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, required_unless_present_any = ["auditd", "history"])]
    pub cloudtrail: Vec<PathBuf>,

    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

/// What guard's record holds.
#[derive(Default)]
struct Known {
    /// Times by command text.
    texts: HashMap<String, Vec<i64>>,
    /// Operations of cloud command lines, such as `rds delete-db-instance`.
    calls: Vec<(String, i64)>,
    /// Processes of guard that started something, and when.
    pids: HashMap<i64, Vec<i64>>,
}

pub(super) fn run(args: &ReconcileArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let files = match lookup::files(io.dir) {
        Ok(files) => files,
        Err(error) => return unreadable(io, io.dir, &error),
    };
    let redactor = match super::redactor(io)? {
        Ok(redactor) => redactor,
        Err(exit) => return Ok(exit),
    };
    let mut known = Known::default();
    for path in &files {
        if let Err(error) = own(path, &mut known) {
            return unreadable(io, path, &error);
        }
    }
    let mut past = Past {
        known,
        rules: RuleSet::builtin(),
        children: HashMap::new(),
        rows: Vec::new(),
        redactor,
        seen: 0,
        past: 0,
    };
    type Reader = fn(BufReader<File>, &mut dyn FnMut(Seen)) -> io::Result<u64>;
    let sources: [(&[PathBuf], Reader); 3] = [
        (&args.auditd, reconcile::auditd),
        (&args.history, reconcile::shell),
        (&args.cloudtrail, reconcile::cloudtrail),
    ];
    let mut skipped = 0;
    for (paths, read) in sources {
        for path in paths {
            let result = File::open(path)
                .and_then(|file| read(BufReader::new(file), &mut |seen| past.add(seen)));
            match result {
                Ok(n) => skipped += n,
                Err(error) => return unreadable(io, path, &error),
            }
        }
    }
    tell(&past, args.json, skipped, io)
}

fn own(path: &Path, known: &mut Known) -> io::Result<()> {
    let mut memory = Memory::default();
    let log = Source::open(path)?;
    let mut lines = Lines::new(log.reader());
    while let Some(line) = lines.next_line()? {
        let Some(event) = memory.read(line.bytes, String::new()) else { continue };
        // What was left to the agent went through guard too.
        let handed_on = event.decision() == "handed-on" && event.kind != "outcome";
        let handed_on = handed_on.then_some(event.time);
        let Some(at) = event.started().or(handed_on) else { continue };
        known.texts.entry(normal(event.command())).or_default().push(at);
        let words: Vec<Vec<u8>> = event.argv().iter().map(|w| w.clone().into_bytes()).collect();
        known.texts.entry(normal(&join(&words).0)).or_default().push(at);
        known.calls.push((event.command().to_owned(), at));
        if let Some(pid) = event.guard_pid() {
            known.pids.entry(pid).or_default().push(at);
        }
    }
    Ok(())
}

/// Without secrets: records of others hold what was typed, guard's output does
/// not.
fn clean(redactor: &Redactor<'_>, seen: &Seen, text: &str) -> String {
    let words = match &seen.what {
        What::Argv(words) => {
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let clean = redactor.argv(&words);
            join(&clean.iter().map(|word| word.to_vec()).collect::<Vec<_>>()).0
        }
        What::Line(_) | What::Call(..) => text.to_owned(),
    };
    redactor.text(&words).into_owned()
}

/// Without differences in spaces.
fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Row {
    seen: Seen,
    text: String,
    tier: Tier,
}

struct Past {
    known: Known,
    rules: RuleSet,
    /// Processes below one that guard started.
    children: HashMap<i64, HashSet<i64>>,
    rows: Vec<Row>,
    redactor: Redactor<'static>,
    seen: u64,
    past: u64,
}

impl Past {
    fn add(&mut self, seen: Seen) {
        self.seen += 1;
        if self.below_guard(&seen) {
            return;
        }
        let (text, tier) = match &seen.what {
            What::Argv(words) => {
                let text = join(words).0;
                let tier = self.judge(&text).tier;
                (text, tier)
            }
            What::Line(line) => (line.clone(), self.judge(line).tier),
            What::Call(service, operation) => {
                let text = format!("aws {service} {operation}");
                let tier = self.judge(&text).tier;
                (text, tier)
            }
        };
        if tier < Tier::Confirm || self.is_known(&seen, &text) {
            return;
        }
        self.past += 1;
        if self.past <= MAX_ROWS {
            self.rows.push(Row { text: clean(&self.redactor, &seen, &text), seen, tier });
        }
    }

    fn judge(&self, text: &str) -> Verdict {
        let (policy, ctx) = (Policy::default(), Context::neutral());
        let kind = ActorKind::Unattended;
        let actor = Actor { kind, name: None, evidence: "given".into() };
        let world = World {
            rules: &self.rules,
            policy: &policy,
            ctx: &ctx,
            actor: &actor,
            files: &NoFiles,
        };
        judge(&Input::Text(text.to_owned()), world)
    }

    /// Started by guard, or by something that guard started.
    fn below_guard(&mut self, seen: &Seen) -> bool {
        let (Some((pid, parent)), Some(at)) = (seen.process, seen.at) else { return false };
        let near = |times: &Vec<i64>| times.iter().any(|time| (at - time).abs() <= SLACK);
        let own = self.known.pids.get(&parent).is_some_and(near);
        let above = own || self.children.values().any(|below| below.contains(&parent));
        if above {
            self.children.entry(parent).or_default().insert(pid);
        }
        above
    }

    fn is_known(&self, seen: &Seen, text: &str) -> bool {
        let near = |time: &i64| seen.at.is_none_or(|at| (at - time).abs() <= SLACK);
        match &seen.what {
            What::Call(service, operation) => self.known.calls.iter().any(|(command, time)| {
                let words: Vec<&str> = command.split_whitespace().collect();
                near(time)
                    && words.contains(&service.as_str())
                    && words.contains(&operation.as_str())
            }),
            What::Line(line) => {
                // `guard -- CMD` in a history is guard itself.
                let own = line.trim_start().strip_prefix("guard ").is_some();
                own || self
                    .known
                    .texts
                    .get(&normal(text))
                    .is_some_and(|times| times.iter().any(near))
            }
            What::Argv(_) => {
                self.known.texts.get(&normal(text)).is_some_and(|times| times.iter().any(near))
            }
        }
    }
}

fn tell(past: &Past, as_json: bool, skipped: u64, io: &mut LogIo<'_>) -> io::Result<Exit> {
    for row in &past.rows {
        let time = row.seen.at.map_or_else(|| "no time".to_owned(), |at| Stamp(at).to_string());
        if as_json {
            let line = json!({ "time": row.seen.at.map(|at| Stamp(at).to_string()), "who": row.seen.who,
                "command": row.text, "tier": row.tier.name() });
            writeln!(io.out, "{line}")?;
        } else {
            let tier = row.tier.short();
            writeln!(io.out, "{time}  {tier}  {}  [{}]", escape(&row.text), escape(&row.seen.who))?;
        }
    }
    if past.past > MAX_ROWS {
        writeln!(io.err, "guard: and {} more", past.past - MAX_ROWS)?;
    }
    if skipped > 0 {
        writeln!(io.err, "guard: {} could not be read", count(skipped, "line"))?;
    }
    let seen = count(past.seen, "command");
    writeln!(io.err, "guard: {} of {seen} went past guard.\n{LIMITS}", past.past)?;
    Ok(if past.past == 0 { Exit::Ok } else { Exit::Failed })
}
