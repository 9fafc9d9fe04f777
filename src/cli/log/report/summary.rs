//! What the commands of a report add up to.

use std::collections::BTreeMap;

use super::collect::{Case, Collected, Ending};
use crate::text::stamp::Stamp;

/// Numbers and names for the first lines of a report.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// First and last moment.
    pub from: Option<Stamp>,
    /// Last moment.
    pub to: Option<Stamp>,
    /// Commands that somebody had to be asked about.
    pub asked: usize,
    /// Kept from running.
    pub stopped: usize,
    /// Ran and ended with 0.
    pub succeeded: usize,
    /// Ran and failed, or could not start.
    pub failed: usize,
    /// Left to an agent by its hook.
    pub handed_on: usize,
    /// Without an end in the record.
    pub open: usize,
    /// Who acted: the name, the accounts, how many commands.
    pub who: Vec<(String, String, usize)>,
    /// Sequences: when and what.
    pub sequences: Vec<(Option<Stamp>, String)>,
}

/// Most names and sequences in the summary.
const MAX: usize = 20;

pub(super) fn summary(found: &Collected) -> Summary {
    let mut out = Summary::default();
    let mut who: BTreeMap<(String, String), usize> = BTreeMap::new();
    for case in &found.cases {
        let times = case.events.iter().filter_map(|event| event.at).chain(case.at);
        for at in times {
            out.from = Some(out.from.map_or(at, |from| from.min(at)));
            out.to = Some(out.to.map_or(at, |to| to.max(at)));
        }
        out.asked += usize::from(case.level >= 2);
        match case.end {
            Ending::Succeeded => out.succeeded += 1,
            Ending::Failed(_) => out.failed += 1,
            Ending::Stopped(_) => out.stopped += 1,
            Ending::HandedOn(_) => out.handed_on += 1,
            Ending::Open => out.open += 1,
        }
        *who.entry((case.who.clone(), format!("{}@{}", case.user, case.host))).or_default() += 1;
        out.sequences.extend(case.before.iter().map(|line| (case.at, line.clone())));
    }
    out.who = who.into_iter().map(|((who, account), n)| (who, account, n)).collect();
    out.who.sort_by_key(|(.., n)| std::cmp::Reverse(*n));
    out.who.truncate(MAX);
    out.sequences.truncate(MAX);
    out
}

/// The ending in words.
pub(super) fn ending(case: &Case) -> String {
    match &case.end {
        Ending::Succeeded => "ran, exit 0".into(),
        Ending::Failed(how) => format!("failed, {how}"),
        Ending::Stopped(why) => format!("stopped, {why}"),
        Ending::HandedOn(None) => "left to the agent".into(),
        Ending::HandedOn(Some(said)) => format!("left to the agent: {said}"),
        Ending::Open => "no end in the record".into(),
    }
}

/// The moment for people, UTC.
pub(super) fn moment(at: Option<Stamp>) -> String {
    at.map_or_else(|| "unknown time".into(), |at| at.to_string())
}
