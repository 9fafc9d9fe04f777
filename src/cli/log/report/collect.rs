//! The commands of a period or a session, with all that the record says about
//! each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::path::Path;

use serde_json::Value;

use crate::audit::parts::Source;
use crate::audit::reader::Lines;
use crate::audit::said::Said;
use crate::text::stamp::Stamp;

/// Most commands in one report; of more the newest are kept, and the report says
/// how many were left out.
pub(super) const MAX_CASES: usize = 2000;
/// Most entries of one command.
const MAX_EVENTS: usize = 64;

/// What a report is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// From then on.
    pub since: Option<Stamp>,
    /// Until then.
    pub until: Option<Stamp>,
    /// One of the names of a session contains this.
    pub session: Option<String>,
    /// Harmless commands too.
    pub all: bool,
}

/// One command.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    /// Id of its request.
    pub id: String,
    /// When it was asked for.
    pub at: Option<Stamp>,
    /// The command, as recorded.
    pub command: String,
    /// `T4 second-human`.
    pub tier: String,
    /// 0 to 5.
    pub level: u8,
    /// `agent claude-code`.
    pub who: String,
    /// Login name.
    pub user: String,
    /// Host.
    pub host: String,
    /// Working directory.
    pub cwd: String,
    /// Reason of the caller.
    pub reason: String,
    /// Why the tier is what it is.
    pub why: Vec<String>,
    /// What was known at the time.
    pub known: Vec<String>,
    /// What was before.
    pub before: Vec<String>,
    /// Names of the session.
    pub sessions: Vec<String>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// How it ended.
    pub end: Ending,
}

/// One thing that happened to a command.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// When.
    pub at: Option<Stamp>,
    /// In words.
    pub text: String,
}

/// How a command ended, as far as the record says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Ending {
    /// It ran and ended with 0.
    Succeeded,
    /// It ran and ended otherwise.
    Failed(String),
    /// guard or a person kept it from running.
    Stopped(String),
    /// A hook left it to the agent; how it went by the agent's word, if it said so.
    HandedOn(Option<String>),
    /// The record holds no end.
    #[default]
    Open,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Collected {
    /// The commands, oldest first.
    pub cases: Vec<Case>,
    /// All commands of the period.
    pub seen: u64,
    /// Harmless ones of sessions in which nothing serious happened: left out.
    pub harmless: u64,
    /// Left out because there were too many.
    pub cut: u64,
    /// Lines that could not be read.
    pub unreadable: u64,
}

/// Reads the logs, oldest record first.
///
/// # Errors
/// A file cannot be read.
pub(super) fn collect(files: &[std::path::PathBuf], wanted: &Wanted) -> io::Result<Collected> {
    let mut reading = Reading::default();
    for path in files {
        reading.file(path, wanted)?;
    }
    Ok(reading.done(wanted))
}

/// The session names of the command that an id or its beginning names, and its
/// time.
///
/// # Errors
/// A file cannot be read.
pub(super) fn incident(
    files: &[std::path::PathBuf],
    id: &str,
) -> io::Result<Option<(Stamp, Vec<String>)>> {
    let handle = crate::second::handle::normal(id);
    let typed = id.to_ascii_lowercase();
    let mut requests: BTreeMap<String, (Stamp, Vec<String>)> = BTreeMap::new();
    let mut order = VecDeque::new();
    for path in files {
        let log = Source::open(path)?;
        let mut lines = Lines::new(log.reader());
        while let Some(line) = lines.next_line()? {
            let Ok(record) = serde_json::from_slice::<Value>(line.bytes) else { continue };
            let ev = record.get("ev").unwrap_or(&Value::Null);
            let request = text(ev, "request_id");
            let named =
                handle.is_some() && ev.get("handle").and_then(Value::as_str) == handle.as_deref();
            let begins = typed.len() >= 6 && request.to_ascii_lowercase().starts_with(&typed);
            if matches!(text(&record, "kind").as_str(), "request" | "run") {
                let at = Stamp::parse(&text(&record, "time")).unwrap_or(Stamp(0));
                requests.insert(request.clone(), (at, texts(ev, "sessions")));
                order.push_back(request.clone());
                if order.len() > MAX_CASES {
                    order.pop_front().map(|old| requests.remove(&old));
                }
            }
            if named || begins {
                return Ok(requests.remove(&request));
            }
        }
    }
    Ok(None)
}

#[derive(Default)]
struct Reading {
    cases: BTreeMap<u64, Case>,
    numbers: BTreeMap<String, u64>,
    next: u64,
    found: Collected,
}

impl Reading {
    fn file(&mut self, path: &Path, wanted: &Wanted) -> io::Result<()> {
        let log = Source::open(path)?;
        let mut lines = Lines::new(log.reader());
        while let Some(line) = lines.next_line()? {
            match serde_json::from_slice::<Value>(line.bytes) {
                Ok(record) => self.record(&record, wanted),
                Err(_) => self.found.unreadable += 1,
            }
        }
        Ok(())
    }

    fn record(&mut self, record: &Value, wanted: &Wanted) {
        let ev = record.get("ev").unwrap_or(&Value::Null);
        let id = text(ev, "request_id");
        let whole = text(record, "kind") == "run";
        let written = Stamp::parse(&text(record, "time"));
        let at = Stamp::parse(&text(ev, "asked")).filter(|_| whole).or(written);
        if whole || text(record, "kind") == "request" {
            let outside = at.is_some_and(|at| {
                wanted.since.is_some_and(|since| at < since)
                    || wanted.until.is_some_and(|until| at > until)
            });
            let mut case = asked(ev, at, &id);
            if whole {
                event(&mut case, record, ev, written);
            }
            let other = wanted
                .session
                .as_ref()
                .is_some_and(|name| !case.sessions.iter().any(|own| own.contains(name.as_str())));
            if outside || other {
                return;
            }
            self.found.seen += 1;
            self.numbers.insert(id, self.next);
            self.cases.insert(self.next, case);
            self.next += 1;
            if self.cases.len() > MAX_CASES
                && let Some((_, old)) = self.cases.pop_first()
            {
                self.numbers.remove(&old.id);
                self.found.cut += 1;
            }
        } else {
            let petition = text(ev, "petition");
            // An answer names the petition only.
            let number = self.numbers.get(&id).or_else(|| self.numbers.get(&petition)).copied();
            if let Some(number) = number
                && let Some(case) = self.cases.get_mut(&number)
            {
                event(case, record, ev, at);
                if !petition.is_empty() && self.numbers.len() < 4 * MAX_CASES {
                    self.numbers.insert(petition, number);
                }
            }
        }
    }

    fn done(mut self, wanted: &Wanted) -> Collected {
        let serious = self.cases.values().filter(|case| case.level >= 2);
        let names: BTreeSet<String> = serious.flat_map(|case| case.sessions.clone()).collect();
        let cases = std::mem::take(&mut self.cases).into_values();
        self.found.cases = cases
            .filter(|case| {
                // A harmless step of a session in which something serious
                // happened belongs to the story.
                case.level >= 2 || wanted.all || case.sessions.iter().any(|s| names.contains(s))
            })
            .collect();
        let kept = u64::try_from(self.found.cases.len()).unwrap_or(u64::MAX);
        self.found.harmless = self.found.seen.saturating_sub(kept + self.found.cut);
        self.found
    }
}

fn asked(ev: &Value, at: Option<Stamp>, id: &str) -> Case {
    let actor = ev.get("actor").unwrap_or(&Value::Null);
    let tier = text(ev, "tier");
    let level = crate::model::Tier::ALL.iter().position(|known| known.name() == tier).unwrap_or(0);
    let words = match ev.get("text").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => {
            let words: Vec<Vec<u8>> =
                texts(ev, "argv").into_iter().map(String::into_bytes).collect();
            crate::shell::join(&words).0
        }
    };
    Case {
        id: id.to_owned(),
        at,
        command: words,
        tier: format!("T{level} {}", tier.replace('-', " ")),
        level: u8::try_from(level).unwrap_or(5),
        who: format!("{} {}", text(actor, "kind"), text(actor, "name")).trim().to_owned(),
        user: text(ev, "user"),
        host: text(ev, "host"),
        cwd: text(ev, "cwd"),
        reason: text(ev, "reason"),
        why: texts(ev, "reasons"),
        known: ev.get("facts").and_then(Value::as_array).into_iter().flatten().map(known).collect(),
        before: texts(ev, "before"),
        sessions: texts(ev, "sessions"),
        events: Vec::new(),
        end: Ending::Open,
    }
}

/// One effect in words: `delete namespace/shop in prod, 41 objects, undo: none
/// seen (12 pods, 2 volumes)`.
pub(in crate::cli::log) fn known(fact: &Value) -> String {
    let count = match fact.get("count") {
        Some(Value::Object(count)) => {
            let (how, n) = count
                .iter()
                .next()
                .map_or(("", 0), |(how, n)| (how.as_str(), n.as_u64().unwrap_or_default()));
            if how == "at-least" { format!(", at least {n}") } else { format!(", {n}") }
        }
        Some(Value::String(how)) if how == "unknown" => ", count unknown".to_owned(),
        _ => ", count not checked".to_owned(),
    };
    let mut out = format!(
        "{} {} in {}{count}, undo: {}",
        text(fact, "verb"),
        text(fact, "object"),
        text(fact, "environment"),
        text(fact, "undo")
    );
    let evidence = texts(fact, "evidence");
    if !evidence.is_empty() {
        out.push_str(&format!(" ({})", evidence.join("; ")));
    }
    out
}

fn event(case: &mut Case, record: &Value, ev: &Value, at: Option<Stamp>) {
    let reason = text(ev, "reason");
    let because = |words: String| {
        if reason.is_empty() { words } else { format!("{words}: {reason}") }
    };
    let told = match text(record, "kind").as_str() {
        "petition" => format!("asked of {} as {}", text(ev, "by"), text(ev, "handle")),
        "answer" => because(format!("{} by {}", text(ev, "answer"), text(ev, "by"))),
        "decision" => {
            let decision = text(ev, "decision");
            let by = signers(ev);
            let how = text(ev, "how");
            let words = if by.is_empty() {
                format!("{decision} ({how})")
            } else {
                format!("{decision} by {by} ({how})")
            };
            match decision.as_str() {
                "handed-on" => case.end = Ending::HandedOn(None),
                "approved" => {}
                _ => case.end = Ending::Stopped(because(decision.clone())),
            }
            because(words)
        }
        "override" => because("went past a missing approval".to_owned()),
        "claim" => return,
        "start" => "started".to_owned(),
        "run" if !text(ev, "decision").is_empty() => {
            case.end = Ending::HandedOn(None);
            format!("{} ({})", text(ev, "decision"), text(ev, "how"))
        }
        "run" if !text(ev, "error").is_empty() => {
            let words = format!("not started: {}", text(ev, "error"));
            case.end = Ending::Failed(words.clone());
            words
        }
        "end" | "run" => {
            let number = |key: &str| ev.get(key).and_then(Value::as_i64);
            let took = number("duration_ms").unwrap_or_default();
            let (words, end) = match (number("exit"), number("signal")) {
                (Some(0), _) => ("exit 0".to_owned(), Ending::Succeeded),
                (Some(code), _) => (format!("exit {code}"), Ending::Failed(format!("exit {code}"))),
                (None, signal) => {
                    let words = format!("signal {}", signal.unwrap_or_default());
                    (words.clone(), Ending::Failed(words))
                }
            };
            case.end = end;
            format!("{words} after {took} ms")
        }
        "failed" => {
            let words = format!("not started: {}", text(ev, "error"));
            case.end = Ending::Failed(words.clone());
            words
        }
        "outcome" => {
            let words = Said::read(ev).phrase();
            // It says nothing about what guard itself saw the end of.
            if case.end == Ending::HandedOn(None) {
                case.end = Ending::HandedOn(Some(words.clone()));
            }
            words
        }
        other => because(other.to_owned()),
    };
    if case.events.len() < MAX_EVENTS {
        case.events.push(Event { at, text: told });
    }
}

/// Who signed a decision.
fn signers(ev: &Value) -> String {
    let tokens = ev.get("evidence").and_then(|evidence| evidence.get("tokens"));
    let names = tokens.and_then(Value::as_array).into_iter().flatten().filter_map(|token| {
        let token = crate::ssh::Token::read(token.as_str()?).ok()?;
        Some(crate::second::Decision::read(&token.document).ok()?.principal)
    });
    names.collect::<Vec<_>>().join(", ")
}

pub(super) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
