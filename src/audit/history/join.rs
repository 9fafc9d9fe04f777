//! What the records of one command come to.

use serde::Deserialize;
use serde_json::Value;

use super::{Outcome, Run};
use crate::audit::lookup;
use crate::audit::said::Said;
use crate::model::{ActorKind, Tier};
use crate::text::stamp::Stamp;

#[derive(Deserialize)]
pub(super) struct Record {
    seq: u64,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) time: String,
    #[serde(default)]
    mono_us: u64,
    #[serde(default)]
    boot: String,
    pub(super) ev: Value,
}

/// The records of a command other than its request. The earliest of a kind
/// counts: reading goes backwards, so later calls replace.
#[derive(Default)]
pub(super) struct Parts {
    decision: Option<Record>,
    start: Option<Record>,
    end: Option<Record>,
    failed: Option<Record>,
    said: Option<Record>,
}

impl Parts {
    pub(super) fn add(&mut self, record: Record) {
        match record.kind.as_str() {
            "decision" => self.decision = Some(record),
            "start" => self.start = Some(record),
            "end" => self.end = Some(record),
            "failed" => self.failed = Some(record),
            "outcome" => self.said = Some(record),
            _ => {}
        }
    }

    /// Whether nothing more can follow.
    pub(super) const fn ended(&self) -> bool {
        let decided = self.decision.is_some() && self.start.is_none();
        self.end.is_some() || self.failed.is_some() || decided
    }

    pub(super) fn join(
        self,
        request_id: String,
        request: Record,
        time: Option<Stamp>,
        boot: &str,
    ) -> Run {
        let ev = &request.ev;
        let actor = ev.get("actor").unwrap_or(&Value::Null);
        let tier = ev.get("tier").or_else(|| ev.get("verdict"));
        Run {
            outcome: self.outcome(&request, boot),
            request_id,
            seq: request.seq,
            time,
            tier: tier.and_then(|tier| Tier::deserialize(tier).ok()),
            actor: actor.get("kind").and_then(|kind| ActorKind::deserialize(kind).ok()),
            agent: text(actor, "name"),
            user: text(ev, "user"),
            host: text(ev, "host"),
            cwd: text(ev, "cwd"),
            argv: texts(ev, "argv"),
            text: text(ev, "text"),
            programs: texts(ev, "programs"),
            rules: texts(ev, "rules"),
            reasons: texts(ev, "reasons"),
            reason: text(ev, "reason"),
            objects: ev
                .get("facts")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|fact| text(fact, "object"))
                .collect(),
            before: texts(ev, "before"),
            sessions: texts(ev, "sessions"),
            decision: self.decision.as_ref().and_then(|d| text(&d.ev, "decision")),
            duration_ms: self.end.as_ref().and_then(|end| end.ev.get("duration_ms")?.as_u64()),
        }
    }

    fn outcome(&self, request: &Record, boot: &str) -> Outcome {
        let number = |record: &Record, key: &str| record.ev.get(key).and_then(Value::as_i64);
        if let Some(failed) = &self.failed {
            let exit = number(failed, "exit").unwrap_or(126);
            return Outcome::Failed { exit, error: text(&failed.ev, "error").unwrap_or_default() };
        }
        if let Some(end) = &self.end {
            if let Some(signal) = number(end, "signal") {
                return Outcome::Signal { signal };
            }
            return number(end, "exit").map_or(Outcome::Lost, |exit| Outcome::Exit { exit });
        }
        let lives = |record: &Record| {
            let pid = number(record, "pid").and_then(|pid| u32::try_from(pid).ok());
            record.boot == boot && pid.is_some_and(|pid| lookup::is_running(pid, record.mono_us))
        };
        if let Some(start) = &self.start {
            return if lives(start) { Outcome::Running } else { Outcome::Lost };
        }
        let decision = self.decision.as_ref().and_then(|d| text(&d.ev, "decision"));
        match decision.as_deref() {
            Some("refused") => Outcome::Refused,
            Some("declined" | "deny" | "denied") => Outcome::Declined,
            Some(
                "cancelled" | "expired" | "withdrawn" | "policy-changed" | "state-changed"
                | "already-used",
            ) => Outcome::Cancelled,
            Some("unanswered") => Outcome::Pending,
            Some("handed-on") => self.handed_on(),
            Some(_) => Outcome::NotRun,
            None if lives(request) => Outcome::Asking,
            None => Outcome::NotRun,
        }
    }

    /// Left to the agent, with what the agent said afterwards. Only here does that
    /// count for anything: it changes no verdict and no end that guard saw.
    fn handed_on(&self) -> Outcome {
        Outcome::HandedOn { said: self.said.as_ref().map(|said| Said::read(&said.ev)) }
    }
}

/// A harmless command, all of it in one record, but for what an agent says of it
/// afterwards.
pub(super) fn whole_run(
    id: String,
    record: Record,
    parts: Parts,
    time: Option<Stamp>,
    boot: &str,
) -> Run {
    let ev = &record.ev;
    let number = |key: &str| ev.get(key).and_then(Value::as_i64);
    let exit = number("exit").map_or(Outcome::Lost, |exit| Outcome::Exit { exit });
    let outcome = match (text(ev, "error"), number("signal")) {
        (Some(error), _) => Outcome::Failed { exit: number("exit").unwrap_or(126), error },
        (None, Some(signal)) => Outcome::Signal { signal },
        (None, None) if text(ev, "decision").is_some() => parts.handed_on(),
        (None, None) => exit,
    };
    let (decision, duration_ms) =
        (text(ev, "decision"), ev.get("duration_ms").and_then(Value::as_u64));
    let asked = text(ev, "asked").and_then(|asked| Stamp::parse(&asked)).or(time);
    Run { outcome, decision, duration_ms, ..Parts::default().join(id, record, asked, boot) }
}

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let items = value.get(key).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
