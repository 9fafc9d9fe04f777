//! What the record says about how a team works with guard: counts over days,
//! people, agents, folders and rules. Constant memory: so many groups, and of
//! each so many waiting times.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::export::{Event, Verdict};
use super::said::Said;
use crate::model::Way;
use crate::text::stamp::Stamp;

/// Most groups; what belongs to further ones is counted together.
const MAX_GROUPS: usize = 1000;
/// Most names of people and agents that are told apart.
const MAX_NAMES: usize = 10_000;
/// Most commands that wait for the run which a hook announced.
const MAX_HANDED: usize = 1000;
/// The run that a hook announced comes within so many milliseconds.
const HANDED: i64 = 3_600_000;
/// Most waiting times of one group that count for its median.
const MAX_WAITS: usize = 10_000;
/// An approval within so many milliseconds was hardly read.
const QUICK: i64 = 2000;
/// A rule that was approved so often and never denied asks perhaps in vain.
const ALWAYS: u64 = 5;
const DAY: i64 = 86_400_000;

/// What commands are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Days, UTC.
    Day,
    /// Weeks that begin on a Monday, UTC.
    Week,
    /// Agents, or `no agent`.
    Agent,
    /// Login names and hosts.
    Person,
    /// Working directories.
    Repository,
    /// The rule that decided.
    Rule,
    /// Ways by which commands came.
    Way,
}

/// Commands by the way by which they came to guard.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Ways {
    /// `guard --` and `guard run`.
    pub direct: u64,
    /// Hooks of agents, also those that were then run by `guard run`.
    pub hook: u64,
    /// Links with the names of other programs.
    pub shim: u64,
    /// guard as a shell.
    pub shell: u64,
    /// The tools of `guard mcp`.
    pub mcp: u64,
    /// Recorded by a version that did not note it.
    pub unknown: u64,
}

impl Ways {
    const fn count(&mut self, way: Option<Way>) {
        let counter = match way {
            Some(Way::Direct) => &mut self.direct,
            Some(Way::Hook) => &mut self.hook,
            Some(Way::Shim) => &mut self.shim,
            Some(Way::Shell) => &mut self.shell,
            Some(Way::Mcp) => &mut self.mcp,
            None => &mut self.unknown,
        };
        *counter += 1;
    }

    /// How many came by each, with its name.
    #[must_use]
    pub const fn all(&self) -> [(&'static str, u64); 6] {
        [
            (Way::Hook.name(), self.hook),
            (Way::Shim.name(), self.shim),
            (Way::Shell.name(), self.shell),
            (Way::Mcp.name(), self.mcp),
            (Way::Direct.name(), self.direct),
            ("unknown", self.unknown),
        ]
    }
}

/// Counts of one group.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// Commands.
    pub seen: u64,
    /// By which way they came.
    pub ways: Ways,
    /// Of these the agent said how it ended.
    pub said: u64,
    /// Of these it said that it ended with another code than 0, by a signal, or
    /// without success.
    pub said_failed: u64,
    /// That needed somebody: T2 and above.
    pub asked: u64,
    /// Somebody said yes.
    pub approved: u64,
    /// Of these within two seconds.
    pub quick: u64,
    /// Somebody said no.
    pub denied: u64,
    /// guard refused by itself.
    pub refused: u64,
    /// Nobody answered in time, or the question was broken off.
    pub cancelled: u64,
    /// Somebody went past a missing approval.
    pub break_glass: u64,
    /// Median time to an answer of a person, in milliseconds.
    pub median_ms: Option<i64>,
    /// Nine of ten answers came within so many milliseconds.
    pub p90_ms: Option<i64>,
    #[serde(skip)]
    waits: Vec<i64>,
}

/// Who used guard.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Adoption {
    /// People and agents in the whole period.
    pub known: usize,
    /// Of these in the last seven days.
    pub last_week: usize,
    /// The same in percent, rounded down.
    pub share: usize,
}

/// The result.
#[derive(Debug, Default, Serialize)]
pub struct Stats {
    /// By group, in order of their names.
    pub groups: BTreeMap<String, Counts>,
    /// All together.
    pub total: Counts,
    /// By the rule that decided, for commands that needed somebody.
    pub rules: BTreeMap<String, Counts>,
    /// People.
    pub people: Adoption,
    /// Agents.
    pub agents: Adoption,
    /// Commands whose group did not fit any more.
    pub other: u64,
}

/// Counts events.
#[derive(Debug)]
pub struct Counter {
    by: By,
    now: Stamp,
    since: Option<Stamp>,
    stats: Stats,
    people: BTreeMap<String, i64>,
    agents: BTreeMap<String, i64>,
    /// What hooks made agents run through `guard run`: command and folder, and when
    /// last. That run is the same command, and was counted.
    handed: BTreeMap<(String, String), i64>,
    /// Ids of such runs: all of it belongs to the hook's way.
    runs: BTreeSet<String>,
}

impl Counter {
    /// For events since then.
    #[must_use]
    pub fn new(by: By, since: Option<Stamp>, now: Stamp) -> Self {
        let (people, agents) = (BTreeMap::new(), BTreeMap::new());
        let (handed, runs) = (BTreeMap::new(), BTreeSet::new());
        Self { by, now, since, stats: Stats::default(), people, agents, handed, runs }
    }

    /// Counts one event.
    pub fn add(&mut self, event: &Event<'_>) {
        let request = &event.request;
        // A command counts where it was asked for, its answer too.
        let at = if request.time == 0 { event.time } else { request.time };
        if self.since.is_some_and(|since| at < since.0) {
            return;
        }
        let rule = request.rules.first().cloned().unwrap_or_else(|| "no rule".into());
        let asked = request.level >= 2;
        let again = self.is_again(event);
        let asks = event.asks() && !again;
        if asks {
            note(&mut self.people, format!("{}@{}", request.user, request.host), at);
            if !request.agent.is_empty() {
                note(&mut self.agents, request.agent.clone(), at);
            }
        }
        let key = match self.by {
            By::Day => day(at),
            By::Week => day(at - (at.div_euclid(DAY) + 3).rem_euclid(7) * DAY),
            By::Agent if request.agent.is_empty() => "no agent".into(),
            By::Agent => request.agent.clone(),
            By::Person => format!("{}@{}", request.user, request.host),
            By::Repository => request.cwd.clone(),
            By::Rule => rule.clone(),
            By::Way if self.runs.contains(&event.id) => Way::Hook.name().to_owned(),
            By::Way => way(event).map_or("unknown", Way::name).to_owned(),
        };
        if again {
            return;
        }
        count(&mut self.stats.total, event);
        let known = self.stats.groups.contains_key(&key);
        if known || self.stats.groups.len() < MAX_GROUPS {
            count(self.stats.groups.entry(key).or_default(), event);
        } else if asks {
            self.stats.other += 1;
        }
        if asked && (self.stats.rules.contains_key(&rule) || self.stats.rules.len() < MAX_GROUPS) {
            count(self.stats.rules.entry(rule).or_default(), event);
        }
    }

    /// Whether this is the request of a run that a hook announced, which is the
    /// command that was counted with the hook.
    fn is_again(&mut self, event: &Event<'_>) -> bool {
        let request = &event.request;
        let by_hook = way(event) == Some(Way::Hook);
        let key = || (request.command.clone(), request.cwd.clone());
        if event.kind == "decision" && by_hook && event.text("next") == "guard" {
            if self.handed.len() < MAX_HANDED {
                self.handed.insert(key(), event.time);
            }
            return false;
        }
        let asks = event.asks() && !by_hook && !request.agent.is_empty();
        let announced = if asks { self.handed.remove(&key()) } else { None };
        let again = announced.is_some_and(|at| (0..HANDED).contains(&(event.time - at)));
        if again && self.runs.len() < MAX_NAMES {
            self.runs.insert(event.id.clone());
        }
        again
    }

    /// The result.
    #[must_use]
    pub fn done(mut self) -> Stats {
        let all = self.stats.groups.values_mut().chain(self.stats.rules.values_mut());
        for counts in all.chain([&mut self.stats.total]) {
            counts.waits.sort_unstable();
            counts.median_ms = at_share(&counts.waits, 50);
            counts.p90_ms = at_share(&counts.waits, 90);
        }
        let week = self.now.0 - 7 * DAY;
        let adoption = |names: &BTreeMap<String, i64>| {
            let last_week = names.values().filter(|last| **last >= week).count();
            let share = (last_week * 100).checked_div(names.len()).unwrap_or(0);
            Adoption { known: names.len(), last_week, share }
        };
        self.stats.people = adoption(&self.people);
        self.stats.agents = adoption(&self.agents);
        self.stats
    }
}

impl Stats {
    /// Rules whose question may be needless: always approved, or mostly so
    /// quickly that nobody can have read it.
    #[must_use]
    pub fn needless(&self) -> Vec<(&str, &Counts)> {
        let vain = |counts: &&Counts| {
            let always = counts.approved >= ALWAYS && counts.denied == 0;
            let quick = counts.approved >= 2 && counts.quick * 2 > counts.approved;
            always || quick
        };
        let found = self.rules.iter().filter(|(_, counts)| vain(counts));
        found.map(|(rule, counts)| (rule.as_str(), counts)).collect()
    }

    /// Rules by how often somebody was asked because of them, most first.
    #[must_use]
    pub fn busiest(&self, most: usize) -> Vec<(&str, &Counts)> {
        let mut all: Vec<_> =
            self.rules.iter().map(|(rule, counts)| (rule.as_str(), counts)).collect();
        all.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.asked));
        all.truncate(most);
        all
    }
}

fn note(names: &mut BTreeMap<String, i64>, name: String, at: i64) {
    if names.len() < MAX_NAMES || names.contains_key(&name) {
        let last = names.entry(name).or_default();
        *last = (*last).max(at);
    }
}

fn count(counts: &mut Counts, event: &Event<'_>) {
    let request = &event.request;
    match (event.kind.as_str(), event.verdict) {
        ("request" | "run", _) => {
            counts.seen += 1;
            counts.asked += u64::from(request.level >= 2);
            counts.ways.count(way(event));
        }
        ("outcome", Verdict::HandedOn) => {
            let said = Said::read(&event.ev);
            counts.said += 1;
            let failed = said.failed || said.signal.is_some();
            counts.said_failed += u64::from(failed || said.exit.is_some_and(|code| code != 0));
        }
        ("override", _) => counts.break_glass += 1,
        ("decision", Verdict::Approved) if event.text("how") != "part" => {
            counts.approved += 1;
            let quick = wait(counts, event).is_some_and(|took| took < QUICK);
            counts.quick += u64::from(quick);
        }
        ("decision", Verdict::Rejected) => {
            counts.denied += 1;
            wait(counts, event);
        }
        ("decision", Verdict::Denied) => counts.refused += 1,
        ("decision", Verdict::Cancelled) => counts.cancelled += 1,
        _ => {}
    }
}

/// By which way a command came. Older versions noted only that of hooks.
fn way(event: &Event<'_>) -> Option<Way> {
    let request = &event.request;
    let said = Way::ALL.into_iter().find(|way| way.name() == request.via);
    said.or_else(|| request.evidence.starts_with("hook of ").then_some(Way::Hook))
}

/// How long the answer took, also noted for the median.
fn wait(counts: &mut Counts, event: &Event<'_>) -> Option<i64> {
    let took = event.waited?;
    if counts.waits.len() < MAX_WAITS {
        counts.waits.push(took);
    }
    Some(took)
}

/// The value below which this share of a sorted list lies, in percent.
fn at_share(sorted: &[i64], percent: usize) -> Option<i64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last * percent).div_ceil(100)).copied()
}

fn day(millis: i64) -> String {
    Stamp(millis).to_string().chars().take(10).collect()
}
