//! The records of a command, joined: what was asked, answered, started, and how
//! it ended.
//!
//! Read from the end, so that the last commands of a long log come at once.
//! Logs outlive versions: every field may be missing or of another type.

mod join;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::io;
use std::ops::{ControlFlow, Range};
use std::path::Path;

use serde::{Deserialize, Serialize};

use join::{Parts, Record, text, whole_run};

use super::find::{Finder, Note};
use super::parts::Source;
use super::reader::RevLines;
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

/// How a command went by the word of the agent that ran it. guard saw nothing of
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The agent.
    pub by: String,
    /// Its exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i64>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i64>,
    /// It did not succeed, and no code was said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// It was broken off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// It goes on in the background.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub background: bool,
    /// How long it took by the agent's clock, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// From the verdict to its word by guard's clock, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between_ms: Option<u64>,
}

impl Said {
    /// From the payload of an `outcome` record.
    #[must_use]
    pub fn read(ev: &serde_json::Value) -> Self {
        Self::deserialize(ev).unwrap_or_default()
    }

    /// `exit 3`, `background`, or another few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self { exit: Some(code), .. } => format!("exit {code}"),
            Self { signal: Some(signal), .. } => format!("signal {signal}"),
            Self { background: true, .. } => "goes on in the background".into(),
            Self { interrupted: true, .. } => "broken off".into(),
            Self { failed: true, .. } => "failed".into(),
            _ => "ended".into(),
        }
    }

    /// In one phrase, that it is the agent's word included.
    #[must_use]
    pub fn phrase(&self) -> String {
        let took = match (self.duration_ms, self.between_ms) {
            (Some(ms), _) => format!(" after {ms} ms"),
            (None, Some(ms)) => format!(" within {ms} ms"),
            (None, None) => String::new(),
        };
        let by = if self.by.is_empty() { "the agent" } else { &self.by };
        format!("{}{took}, said by {by}", self.words())
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

/// Which commands are wanted; all that are set must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Asked for at this time or later.
    pub since: Option<Stamp>,
    /// The mildest and the strictest tier.
    pub tiers: Option<(Tier, Tier)>,
    /// Who asked.
    pub actor: Option<ActorKind>,
    /// A rule that matched; `*` stands for any text.
    pub rule: Option<String>,
    /// A program in the command.
    pub program: Option<String>,
    /// Only what was refused, declined or cancelled.
    pub refused: bool,
    /// Asked for at this time or earlier.
    pub until: Option<Stamp>,
    /// A part of one of the names of its session.
    pub session: Option<String>,
    /// A part of an object that it would hit, `kind/name`.
    pub object: Option<String>,
    /// A part of the command, without regard to case.
    pub text: Option<String>,
    /// The name of its outcome, as in JSON.
    pub outcome: Option<String>,
    /// Only what was recorded on this day (UTC), `2026-11-22`: what was asked for
    /// then, and harmless commands that ended then.
    pub day: Option<String>,
    /// At most this many, the newest.
    pub last: Option<usize>,
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

impl Filter {
    fn wants(&self, run: &Run) -> bool {
        let since = self.since.is_none_or(|since| run.time.is_some_and(|time| time >= since));
        let tier = self
            .tiers
            .is_none_or(|(from, to)| run.tier.is_some_and(|tier| tier >= from && tier <= to));
        let actor = self.actor.is_none_or(|kind| run.actor == Some(kind));
        let rule =
            self.rule.as_ref().is_none_or(|glob| run.rules.iter().any(|rule| matches(glob, rule)));
        let program = self.program.as_ref().is_none_or(|name| {
            let first = run.argv.first().and_then(|word| word.rsplit('/').next());
            first == Some(name) || run.programs.iter().any(|program| program == name)
        });
        let refused = !self.refused || run.outcome.is_refusal();
        let until = self.until.is_none_or(|until| run.time.is_some_and(|time| time <= until));
        let has = |part: &Option<String>, list: &[String]| {
            part.as_ref().is_none_or(|part| list.iter().any(|one| one.contains(part.as_str())))
        };
        let session = has(&self.session, &run.sessions);
        let object = has(&self.object, &run.objects);
        let text = self.text.as_ref().is_none_or(|part| {
            let words = run.text.clone().unwrap_or_else(|| run.argv.join(" "));
            words.to_lowercase().contains(&part.to_lowercase())
        });
        let outcome = self.outcome.as_ref().is_none_or(|name| run.outcome.name() == name);
        since
            && tier
            && actor
            && rule
            && program
            && refused
            && until
            && session
            && object
            && text
            && outcome
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(glob: &str, text: &str) -> bool {
    let mut pieces = glob.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        if let Some(piece) = last.replace(piece) {
            let Some(at) = rest.find(piece) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or("");
        }
    }
    last.map_or(rest.is_empty(), |last: &str| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Filter, Outcome, Stamp, Tier, matches, read};

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

    #[test]
    fn patterns_match_whole_names() {
        for (glob, text) in
            [("*", ""), ("*", "x"), ("a.*", "a.b"), ("*.b", "a.b"), ("a*c*e", "abcde"), ("a", "a")]
        {
            assert!(matches(glob, text), "{glob} {text}");
        }
        for (glob, text) in [("a", "ab"), ("", "a"), ("a*b", "a"), ("a*bc*c", "abc"), ("*a", "ab")]
        {
            assert!(!matches(glob, text), "{glob} {text}");
        }
    }
}
