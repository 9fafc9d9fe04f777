//! The records of a command, joined: what was asked, answered, started, and how
//! it ended.
//!
//! Read from the end, so that the last commands of a long log come at once.
//! Logs outlive versions: every field may be missing or of another type.

mod filter;
mod join;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::ops::{ControlFlow, Range};
use std::path::Path;

use serde::Serialize;

pub use filter::Filter;
use join::{Parts, Record, text, whole_run};

use super::find::{Finder, Note};
use super::parts::Source;
use super::reader::RevLines;
use super::said::Said;
use crate::model::{ActorKind, Tier};
use crate::text::stamp::Stamp;

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// With a code.
    Exit {
        /// The code.
        exit: i64,
    },
    /// By a signal.
    Signal {
        /// The signal.
        signal: i64,
    },
    /// It could not be started.
    Failed {
        /// What guard exited with.
        exit: i64,
        /// Why.
        error: String,
    },
    /// guard refused it.
    Refused,
    /// Somebody said no.
    Declined,
    /// The question was broken off.
    Cancelled,
    /// A question stands.
    Asking,
    /// Somebody elsewhere has not answered; the same command, run again, goes
    /// on waiting.
    Pending,
    /// An agent's hook left it to the agent, or made the agent run it through
    /// `guard run`.
    HandedOn {
        /// How it went by the agent's word, if it said so.
        #[serde(skip_serializing_if = "Option::is_none")]
        said: Option<Said>,
    },
    /// guard ended before anything was decided.
    NotRun,
    /// It is running.
    Running,
    /// It was started and its end is not in the log: guard was killed, or the
    /// machine went down.
    Lost,
}

impl Outcome {
    /// The name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Exit { .. } => "exit",
            Self::Signal { .. } => "signal",
            Self::Failed { .. } => "failed",
            Self::Refused => "refused",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::Asking => "asking",
            Self::Pending => "pending",
            Self::HandedOn { .. } => "handed-on",
            Self::NotRun => "not-run",
            Self::Running => "running",
            Self::Lost => "lost",
        }
    }

    /// Whether the command was kept from running by guard or a person.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused | Self::Declined | Self::Cancelled)
    }
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its request.
    pub request_id: String,
    /// Number of the `request` record.
    pub seq: u64,
    /// When it was asked for.
    #[serde(serialize_with = "stamp")]
    pub time: Option<Stamp>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The verdict.
    pub tier: Option<Tier>,
    /// Who asked.
    pub actor: Option<ActorKind>,
    /// Name of the agent.
    pub agent: Option<String>,
    /// Login name of the caller.
    pub user: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// The working directory.
    pub cwd: Option<String>,
    /// The words, without secrets.
    pub argv: Vec<String>,
    /// The shell text, without secrets.
    pub text: Option<String>,
    /// Every program in it.
    pub programs: Vec<String>,
    /// Rules that matched.
    pub rules: Vec<String>,
    /// Why the tier is what it is.
    pub reasons: Vec<String>,
    /// The caller's reason.
    pub reason: Option<String>,
    /// Objects that it would hit, `kind/name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<String>,
    /// What was before, where it made this worse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// Names for who acted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<String>,
    /// The answer to the question, if one was asked.
    pub decision: Option<String>,
    /// How long it ran, in milliseconds.
    pub duration_ms: Option<u64>,
}

// The signature is serde's.
#[allow(clippy::ref_option)]
fn stamp<S: serde::Serializer>(time: &Option<Stamp>, to: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => to.collect_str(time),
        None => to.serialize_none(),
    }
}

/// What was read.
#[derive(Debug, Default)]
pub struct History {
    /// The commands, oldest first.
    pub runs: VecDeque<Run>,
    /// Whether [`Filter::last`] left out older ones.
    pub more: bool,
    /// Whether there is any command at all, wanted or not.
    pub any: bool,
    /// What there is to say about indexes.
    pub notes: Vec<Note>,
}

/// How far wall clocks are trusted to go forward from line to line.
const CLOCK_SLACK_MS: i64 = 86_400_000;

/// Records that wait for their request; far more than run at a time.
const MAX_OPEN: usize = 100_000;

/// Reads the commands of one log, from its end over all its files as far as it
/// has to. `progress` is called now and then with the bytes done and the bytes
/// in all.
///
/// # Errors
///
/// When a file cannot be read.
pub fn read(
    path: &Path,
    filter: &Filter,
    progress: &mut dyn FnMut(u64, u64),
) -> io::Result<History> {
    let log = Source::open(path)?;
    let boot = super::log::boot_id();
    let mut reading = Reading::new(filter, &boot);
    let Some(day) = &filter.day else {
        reading.files(&log, 0..log.count(), progress)?;
        return Ok(reading.history);
    };
    let files = log.of_day(day);
    reading.files(&log, files.clone(), progress)?;
    if reading.unended.is_empty() {
        return Ok(reading.history);
    }
    // What had not ended at the end of the file may have ended in a later one.
    let mut finder = Finder::new(&log);
    let later = finder.behind(files.end.saturating_sub(1), &reading.unended)?;
    let mut again = Reading::new(filter, &boot);
    for record in later.into_iter().rev() {
        if let Ok(record) = serde_json::from_value::<Record>(record)
            && let Some(id) = text(&record.ev, "request_id")
        {
            again.open.entry(id).or_default().add(record);
        }
    }
    again.files(&log, files, progress)?;
    again.history.notes = finder.notes();
    Ok(again.history)
}

/// What was read, from the end.
struct Reading<'f> {
    filter: &'f Filter,
    boot: &'f str,
    /// Records that wait for their request.
    open: HashMap<String, Parts>,
    /// Wanted commands whose end was not among what was read.
    unended: BTreeSet<String>,
    history: History,
}

impl<'f> Reading<'f> {
    fn new(filter: &'f Filter, boot: &'f str) -> Self {
        let (open, unended) = (HashMap::new(), BTreeSet::new());
        Self { filter, boot, open, unended, history: History::default() }
    }

    /// Reads files from the end of the last to the beginning of the first, or
    /// until no more is needed.
    fn files(
        &mut self,
        log: &Source,
        files: Range<usize>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> io::Result<()> {
        for index in files.rev() {
            let (file, size) = log.random(index)?;
            let mut lines = RevLines::new(&file, size)?;
            let mut told = size;
            while let Some(line) = lines.next_line()? {
                if told - line.start > 1 << 20 {
                    told = line.start;
                    progress(size - told, size);
                }
                let record = line.bytes.and_then(|b| serde_json::from_slice::<Record>(b).ok());
                if record.is_some_and(|record| self.add(record).is_break()) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Takes the record before those that it took; breaks when no more are
    /// needed.
    fn add(&mut self, record: Record) -> ControlFlow<()> {
        let time = Stamp::parse(&record.time);
        if let (Some(since), Some(time)) = (self.filter.since, time)
            && time < since.before(CLOCK_SLACK_MS)
        {
            return ControlFlow::Break(());
        }
        let Some(id) = text(&record.ev, "request_id") else { return ControlFlow::Continue(()) };
        let whole = record.kind == "run";
        if record.kind != "request" && !whole {
            if self.open.len() < MAX_OPEN || self.open.contains_key(&id) {
                self.open.entry(id).or_default().add(record);
            }
            return ControlFlow::Continue(());
        }
        self.history.any = true;
        let parts = self.open.remove(&id).unwrap_or_default();
        if self.filter.day.as_ref().is_some_and(|day| !record.time.starts_with(day.as_str())) {
            return ControlFlow::Continue(());
        }
        if !whole && !parts.ended() {
            self.unended.insert(id.clone());
        }
        let run = match whole {
            true => whole_run(id, record, parts, time, self.boot),
            false => parts.join(id, record, time, self.boot),
        };
        if !self.filter.wants(&run) {
            return ControlFlow::Continue(());
        }
        if self.filter.last.is_some_and(|last| self.history.runs.len() >= last) {
            self.history.more = true;
            return ControlFlow::Break(());
        }
        self.history.runs.push_front(run);
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Filter, Outcome, Stamp, Tier, read};

    const VECTOR: &str = include_str!("../../tests/fixtures/audit/chain-vector.jsonl");

    #[test]
    fn the_records_of_a_command_are_joined() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("h.jsonl");
        std::fs::write(&path, format!("torn\n{VECTOR}{{\"v\":1,\"se")).unwrap();
        let history = read(&path, &Filter::default(), &mut |_, _| {}).unwrap();
        let run = history.runs.front().unwrap();
        assert_eq!(run.outcome, Outcome::Exit { exit: 0 });
        assert_eq!(run.tier, Some(Tier::SecondHuman));
        assert_eq!(run.rules, ["k8s.delete-namespace"]);
        assert_eq!(run.decision.as_deref(), Some("approve"));
        assert!(!history.more);

        // Without its end, and in another boot: nobody knows.
        let lines: Vec<&str> = VECTOR.split_inclusive('\n').take(4).collect();
        std::fs::write(&path, lines.concat()).unwrap();
        let history = read(&path, &Filter::default(), &mut |_, _| {}).unwrap();
        assert_eq!(history.runs.front().unwrap().outcome, Outcome::Lost);
        let since = Stamp::parse("2026-11-23").unwrap();
        let late = Filter { since: Some(since), ..Filter::default() };
        assert!(read(&path, &late, &mut |_, _| {}).unwrap().runs.is_empty());
    }
}
