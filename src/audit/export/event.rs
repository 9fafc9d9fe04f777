//! One record with what its request said about the command.

use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use serde_json::Value;

use crate::model::Tier;
use crate::text::stamp::Stamp;

/// Most requests that are remembered for the records that belong to them; far
/// more than run at a time.
const MAX_REQUESTS: usize = 50_000;

/// What a request said.
#[derive(Debug, Default)]
pub(in crate::audit) struct Request {
    pub(in crate::audit) id: String,
    pub(in crate::audit) user: String,
    pub(in crate::audit) uid: Option<i64>,
    pub(in crate::audit) host: String,
    pub(in crate::audit) actor: String,
    pub(in crate::audit) agent: String,
    pub(in crate::audit) evidence: String,
    pub(in crate::audit) time: i64,
    pub(in crate::audit) session: String,
    pub(in crate::audit) cwd: String,
    pub(in crate::audit) argv: Vec<String>,
    pub(in crate::audit) command: String,
    pub(in crate::audit) program: String,
    pub(in crate::audit) rules: Vec<String>,
    pub(in crate::audit) tier: String,
    /// 0 to 5.
    pub(in crate::audit) level: u8,
    pub(in crate::audit) pid: Option<i64>,
    pub(in crate::audit) guard: String,
    /// Name of the way by which it came; empty in records of older versions.
    pub(in crate::audit) via: String,
}

/// How guard let a command run, or why it did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::audit) enum Verdict {
    /// Nothing is decided yet.
    #[default]
    Open,
    /// A rule allows it.
    Allowed,
    /// Somebody said yes.
    Approved,
    /// guard said no.
    Denied,
    /// Somebody said no.
    Rejected,
    /// Nobody answered in time, or the question was broken off.
    Cancelled,
    /// Left to the agent by its hook.
    HandedOn,
    /// Somebody went past a missing approval.
    Override,
}

impl Verdict {
    /// One word.
    pub(in crate::audit) const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Allowed => "allowed",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::HandedOn => "handed-on",
            Self::Override => "override",
        }
    }

    /// Whether the command was kept from running.
    pub(in crate::audit) const fn stopped(self) -> bool {
        matches!(self, Self::Denied | Self::Rejected | Self::Cancelled)
    }
}

/// One record for export.
#[derive(Debug)]
pub struct Event<'a> {
    /// The line.
    pub raw: &'a str,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
    /// Its number.
    pub seq: i64,
    /// Its kind.
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub time: i64,
    /// How long a person took to answer, in milliseconds; with `decision`.
    pub waited: Option<i64>,
    /// When, as the record says it.
    pub stamp: String,
    pub(in crate::audit) boot: String,
    pub(in crate::audit) ev: Value,
    pub(in crate::audit) id: String,
    pub(in crate::audit) request: Rc<Request>,
    pub(in crate::audit) verdict: Verdict,
    pub(in crate::audit) approver: String,
}

impl Event<'_> {
    /// The tier of its command, 0 to 5.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.request.level
    }

    /// What is decided by now, in one word.
    #[must_use]
    pub const fn decision(&self) -> &'static str {
        self.verdict.name()
    }

    /// Who asked: the agent or the kind of caller, and the account.
    #[must_use]
    pub fn who(&self) -> String {
        let request = &self.request;
        let who = if request.agent.is_empty() { &request.actor } else { &request.agent };
        format!("{who}/{}", request.user)
    }

    /// The words of the command.
    #[must_use]
    pub fn argv(&self) -> &[String] {
        &self.request.argv
    }

    /// The process of guard that ran it.
    #[must_use]
    pub fn guard_pid(&self) -> Option<i64> {
        self.number("pid").or(self.request.pid)
    }

    /// The command.
    #[must_use]
    pub fn command(&self) -> &str {
        &self.request.command
    }

    /// Whether a command was asked for with this record.
    #[must_use]
    pub fn asks(&self) -> bool {
        matches!(self.kind.as_str(), "request" | "run")
    }

    /// Whether a command was started, as far as this record says, and when: in
    /// milliseconds since 1970.
    #[must_use]
    pub fn started(&self) -> Option<i64> {
        match self.kind.as_str() {
            "start" => Some(self.time),
            "run" if self.verdict == Verdict::Allowed && self.text("error").is_empty() => {
                Some(self.request.time)
            }
            _ => None,
        }
    }

    pub(in crate::audit) fn text(&self, key: &str) -> String {
        text(&self.ev, key)
    }

    pub(in crate::audit) fn number(&self, key: &str) -> Option<i64> {
        self.ev.get(key).and_then(Value::as_i64)
    }

    /// `success`, `failure` or `unknown`.
    pub(in crate::audit) fn outcome(&self) -> &'static str {
        match (self.kind.as_str(), self.number("exit")) {
            ("run", _) if self.verdict == Verdict::HandedOn => "success",
            // The agent's word.
            ("outcome", Some(0)) => "success",
            ("outcome", Some(_)) => "failure",
            ("outcome", None) => "unknown",
            ("end" | "run", Some(0)) => "success",
            ("end" | "failed" | "run", _) => "failure",
            _ if self.verdict.stopped() => "failure",
            ("start" | "decision" | "answer", _) => "success",
            _ => "unknown",
        }
    }

    /// One line for people.
    pub(in crate::audit) fn title(&self) -> &'static str {
        match (self.kind.as_str(), self.verdict) {
            ("request", _) => "Command judged",
            ("run", Verdict::HandedOn) => "Command left to the agent",
            ("run", _) if !self.text("error").is_empty() => "Command could not start",
            ("run", _) => "Command ran",
            ("petition", _) => "Somebody elsewhere is asked",
            ("answer", _) => "Request answered",
            ("decision", Verdict::Approved | Verdict::Allowed) => "Command approved",
            ("decision", Verdict::HandedOn) => "Command left to the agent",
            ("decision", _) => "Command stopped",
            ("claim", _) => "Approval used up",
            ("start", Verdict::Approved) => "Command started after approval",
            ("start", _) => "Command started",
            ("end", _) => "Command ended",
            ("outcome", _) => "Command over, by the agent's word",
            ("failed", _) => "Command could not start",
            ("override", _) => "Missing approval overridden",
            ("policy_change", _) => "Policy or trust changed",
            ("trust_change", _) => "Trust in approvers changed",
            ("checkpoint", _) => "Log signed",
            _ => "Record",
        }
    }
}

/// What earlier records said, so that each event is whole by itself.
#[derive(Debug, Default)]
pub struct Memory {
    requests: HashMap<String, (Rc<Request>, Verdict, String)>,
    order: VecDeque<String>,
}

impl Memory {
    /// Reads one line. `None`: no record.
    pub fn read<'a>(&mut self, line: &'a [u8], sha256: String) -> Option<Event<'a>> {
        let raw = std::str::from_utf8(line).ok()?;
        let mut record: Value = serde_json::from_str(raw).ok()?;
        let kind = text(&record, "kind");
        let stamp = text(&record, "time");
        let seq = record.get("seq")?.as_i64()?;
        let boot = text(&record, "boot");
        let ev = record.get_mut("ev").map(Value::take).unwrap_or_default();
        let id = match text(&ev, "request_id") {
            id if id.is_empty() => text(&ev, "petition"),
            id => id,
        };
        if kind == "request" || kind == "run" {
            let time = Stamp::parse(&text(&ev, "asked")).or_else(|| Stamp::parse(&stamp));
            let request = Request { time: time.map_or(0, |time| time.0), ..request(&ev) };
            self.insert(id.clone(), (Rc::new(request), Verdict::Open, String::new()));
        }
        let (request, verdict, approver) = match self.requests.get_mut(&id) {
            Some(known) => {
                update(&kind, &ev, &mut known.1, &mut known.2);
                known.clone()
            }
            None => {
                let mut known = (Rc::default(), Verdict::Open, String::new());
                update(&kind, &ev, &mut known.1, &mut known.2);
                known
            }
        };
        if kind == "petition" {
            // Answers name the petition only.
            self.insert(text(&ev, "petition"), (Rc::clone(&request), verdict, approver.clone()));
        }
        let id = if request.id.is_empty() { id } else { request.id.clone() };
        let time = Stamp::parse(&stamp).map_or(0, |stamp| stamp.0);
        let waited = self.waited(&kind, &ev);
        Some(Event {
            waited,
            raw,
            sha256,
            seq,
            kind,
            time,
            stamp,
            boot,
            ev,
            id,
            request,
            verdict,
            approver,
        })
    }

    /// How long a person took to answer: measured at the terminal, or from the
    /// first time it was asked to the time that was signed.
    fn waited(&self, kind: &str, ev: &Value) -> Option<i64> {
        if kind != "decision" {
            return None;
        }
        if let Some(millis) = ev.get("waited_ms").and_then(Value::as_i64) {
            return Some(millis);
        }
        let petition = text(ev.get("evidence")?, "petition");
        let asked = self.requests.get(&petition)?.0.time;
        Some((signed(ev)?.issued.0.saturating_mul(1000) - asked).max(0))
    }

    fn insert(&mut self, id: String, known: (Rc<Request>, Verdict, String)) {
        if id.is_empty() {
            return;
        }
        if self.requests.insert(id.clone(), known).is_none() {
            self.order.push_back(id);
        }
        if self.order.len() > MAX_REQUESTS
            && let Some(old) = self.order.pop_front()
        {
            self.requests.remove(&old);
        }
    }
}

fn update(kind: &str, ev: &Value, verdict: &mut Verdict, approver: &mut String) {
    match kind {
        "decision" => {
            *verdict = match text(ev, "decision").as_str() {
                "approved" => Verdict::Approved,
                "refused" => Verdict::Denied,
                "declined" | "denied" | "deny" => Verdict::Rejected,
                "handed-on" => Verdict::HandedOn,
                _ => Verdict::Cancelled,
            };
            if let Some(signed) = signed(ev) {
                *approver = signed.principal;
            }
        }
        "answer" => *approver = text(ev, "by"),
        "override" => *verdict = Verdict::Override,
        "run" if text(ev, "decision") == "handed-on" => *verdict = Verdict::HandedOn,
        "run" => *verdict = Verdict::Allowed,
        "start" if *verdict == Verdict::Open => *verdict = Verdict::Allowed,
        _ => {}
    }
}

/// What was signed first.
fn signed(ev: &Value) -> Option<crate::second::Decision> {
    let token = ev.get("evidence")?.get("tokens")?.as_array()?.first()?.as_str()?;
    let token = crate::ssh::Token::read(token).ok()?;
    crate::second::Decision::read(&token.document).ok()
}

fn request(ev: &Value) -> Request {
    let actor = ev.get("actor").unwrap_or(&Value::Null);
    let number = |key: &str| ev.get(key).and_then(Value::as_i64);
    let argv = texts(ev, "argv");
    let tier = text(ev, "tier");
    let level = Tier::ALL.iter().position(|known| known.name() == tier).unwrap_or(0);
    let command = match ev.get("text").and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => argv.join(" "),
    };
    Request {
        id: text(ev, "request_id"),
        user: text(ev, "user"),
        uid: number("uid"),
        host: text(ev, "host"),
        actor: text(actor, "kind"),
        agent: text(actor, "name"),
        evidence: text(actor, "evidence"),
        time: 0,
        session: texts(ev, "sessions").into_iter().next().unwrap_or_default(),
        cwd: text(ev, "cwd"),
        command,
        program: texts(ev, "programs").into_iter().next().unwrap_or_default(),
        argv,
        rules: texts(ev, "rules"),
        tier,
        level: u8::try_from(level).unwrap_or(5),
        pid: number("pid"),
        guard: text(ev, "guard"),
        via: text(ev, "via"),
    }
}

pub(in crate::audit) fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
