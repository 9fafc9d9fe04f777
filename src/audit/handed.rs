//! The verdict that a hook gave on a command which the agent now says is over.
//!
//! Agents give no name to a call that all of them repeat afterwards, so it is
//! found by what was asked: the last one of the same agent, session and text that
//! was left to the agent and has no outcome yet. Looked for from the end of the
//! log, and not far: an agent says it when the command is over.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::parts::Source;
use super::reader::RevLines;

/// Most records that are looked through.
const MAX_RECORDS: usize = 4096;
/// Most bytes of them.
const MAX_BYTES: u64 = 8 << 20;

/// What is looked for; all of it as recorded, without secrets.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The agent.
    pub agent: &'a str,
    /// The name of its session in records, where the agent names one.
    pub session: Option<&'a str>,
    /// Where, when there is no session to tell agents apart.
    pub cwd: Option<&'a str>,
    /// The shell text.
    pub text: &'a str,
}

/// A verdict that was left to the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOn {
    /// Its request.
    pub request_id: String,
    /// Microseconds of the clock that never jumps, when it was given.
    pub mono_us: u64,
    /// The boot that this clock belongs to.
    pub boot: String,
}

/// Finds the verdict.
///
/// # Errors
///
/// When the log cannot be read.
pub fn find(path: &Path, asked: &Asked<'_>) -> io::Result<Option<HandedOn>> {
    let log = Source::open(path)?;
    let mut reading = Reading { asked, over: HashSet::new(), left: HashSet::new() };
    let (mut records, mut bytes) = (0, 0);
    // The file of the day before too: midnight may lie between.
    for index in (0..log.count()).rev().take(2) {
        let (file, size) = log.random(index)?;
        let mut lines = RevLines::new(&file, size)?;
        while let Some(line) = lines.next_line()? {
            records += 1;
            bytes += line.end - line.start;
            if records > MAX_RECORDS || bytes > MAX_BYTES {
                return Ok(None);
            }
            let record = line.bytes.and_then(|line| serde_json::from_slice::<Value>(line).ok());
            if let Some(found) = record.and_then(|record| reading.add(&record)) {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// What was read, from the end.
struct Reading<'a> {
    asked: &'a Asked<'a>,
    /// Requests whose outcome was said, or that guard itself saw the end of.
    over: HashSet<String>,
    /// Requests that a hook left to the agent.
    left: HashSet<String>,
}

impl Reading<'_> {
    fn add(&mut self, record: &Value) -> Option<HandedOn> {
        let ev = record.get("ev")?;
        let id = text(ev, "request_id");
        let is_left = text(ev, "decision") == "handed-on";
        match text(record, "kind") {
            "decision" if is_left => drop(self.left.insert(id.to_owned())),
            "decision" | "start" | "end" | "failed" | "outcome" => {
                self.over.insert(id.to_owned());
            }
            "run" | "request" => {
                let open = !self.over.contains(id) && (is_left || self.left.contains(id));
                return (open && self.fits(ev)).then(|| HandedOn {
                    request_id: id.to_owned(),
                    mono_us: record.get("mono_us").and_then(Value::as_u64).unwrap_or(0),
                    boot: text(record, "boot").to_owned(),
                });
            }
            _ => {}
        }
        None
    }

    fn fits(&self, ev: &Value) -> bool {
        let agent = ev.get("actor").map_or("", |actor| text(actor, "name"));
        let same = || match self.asked.session {
            Some(session) => {
                let sessions = ev.get("sessions").and_then(Value::as_array);
                sessions.into_iter().flatten().any(|name| name == session)
            }
            None => self.asked.cwd.is_none_or(|cwd| text(ev, "cwd") == cwd),
        };
        agent == self.asked.agent && text(ev, "text") == self.asked.text && same()
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::{Asked, find};

    const ASKED: Asked<'_> = Asked {
        agent: "claude-code",
        session: Some("session claude-code s"),
        cwd: None,
        text: "make",
    };

    fn found(records: &[Value]) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("h.jsonl");
        let lines: Vec<String> = records.iter().map(|record| format!("{record}\n")).collect();
        std::fs::write(&path, lines.concat()).unwrap();
        find(&path, &ASKED).unwrap().map(|found| found.request_id)
    }

    fn run(id: &str, text: &str, session: &str) -> Value {
        json!({"kind": "run", "ev": {"request_id": id, "decision": "handed-on", "text": text,
            "actor": {"name": "claude-code"}, "sessions": [format!("session claude-code {session}")]}})
    }

    #[test]
    fn the_last_open_verdict_of_the_same_session_and_text_is_found() {
        let told = |id: &str| json!({"kind": "outcome", "ev": {"request_id": id}});
        let (a, b) = (run("a", "make", "s"), run("b", "make", "s"));
        let others = [run("c", "make all", "s"), run("d", "make", "t")];
        let all = |more: &[Value]| [&[a.clone(), b.clone()], &others[..], more].concat();
        assert_eq!(found(&all(&[])), Some("b".into()));
        assert_eq!(found(&all(&[told("b")])), Some("a".into()));
        assert_eq!(found(&all(&[told("b"), told("a")])), None);
        assert_eq!(found(&others), None);
    }

    #[test]
    fn only_what_a_hook_left_to_the_agent_takes_an_outcome() {
        let mut request = run("a", "make", "s");
        request["kind"] = "request".into();
        request["ev"]["decision"] = Value::Null;
        let decided = |how: &str| {
            json!({"kind": "decision",
            "ev": {"request_id": "a", "decision": how}})
        };
        assert_eq!(found(&[request.clone(), decided("handed-on")]), Some("a".into()));
        for how in ["refused", "approved", "denied"] {
            assert_eq!(found(&[request.clone(), decided(how)]), None, "{how}");
        }
        let start = json!({"kind": "start", "ev": {"request_id": "a"}});
        assert_eq!(found(&[request.clone(), decided("handed-on"), start]), None);
        assert_eq!(found(&[request]), None);
    }
}
