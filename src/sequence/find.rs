//! Patterns over steps.

use super::words::{alike, stem, within};
use super::{Act, Done, Past, Step};
use crate::model::{Scope, Tier};

/// How far back steps count, in seconds. The same for all patterns but those
/// that name a shorter one.
pub const WINDOW: u64 = 60 * 60;
/// How far back a failure and a burst count, in seconds.
const SOON: u64 = 10 * 60;
/// So many small deletes are one of their parent.
const MANY: u64 = 10;
/// So many commands that somebody was asked about are a burst (modifier m5).
const BURST: usize = 5;
/// So many tools with destructive steps are a burst.
const FAMILIES: usize = 3;

/// What a step completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Delete and create of the same or a like-named object.
    Recreate,
    /// A delete after the protection against it was taken off.
    Unprotected,
    /// The data and its backup.
    DataAndBackup,
    /// Small deletes that add up to so many objects.
    Many(u64),
    /// A step that relied on one that failed.
    AfterFailure,
    /// A destructive step after a switch of context or state.
    AfterSwitch,
    /// Evidence removed after something was destroyed.
    Evidence,
    /// So many commands that needed somebody, within ten minutes, or so many
    /// tools.
    Burst(usize),
    /// What was refused before, now in other words.
    Refused,
}

/// A pattern that a step completes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub pattern: Pattern,
    /// The step that completes it.
    pub step: Step,
    /// The step before it, where there is one.
    pub with: Option<Past>,
    /// Both objects are named; otherwise one of the steps names none (`apply`).
    pub named: bool,
}

/// The patterns that the steps of one command complete, with each other and
/// with those before them (oldest first).
#[must_use]
pub fn find(now: &[Step], before: &[Past]) -> Vec<Found> {
    let mut history: Vec<Past> = before.iter().filter(|past| past.ago <= WINDOW).cloned().collect();
    let mut out = Vec::new();
    for step in now {
        out.extend(patterns(step, &history));
        history.push(Past { step: step.clone(), ago: 0, done: Done::SameText });
    }
    out.extend(burst(now, before));
    out
}

fn patterns(step: &Step, history: &[Past]) -> Vec<Found> {
    let found = |pattern, with: Option<&Past>, named| Found {
        pattern,
        step: step.clone(),
        with: with.cloned(),
        named,
    };
    let mut out = Vec::new();
    // The latest step that fits is the one to tell about.
    let latest = |fits: &dyn Fn(&Past) -> bool| history.iter().rev().find(|past| fits(past));
    if let Some((past, named)) =
        history.iter().rev().find_map(|past| Some((past, recreates(step, past)?)))
    {
        out.push(found(Pattern::Recreate, Some(past), named));
    }
    if takes_away(step) {
        let off = |past: &Past| {
            past.step.act == Act::Unprotect
                && past.done.happened()
                && about_the_same(step, &past.step)
        };
        out.extend(latest(&off).map(|past| found(Pattern::Unprotected, Some(past), true)));
        let other = |past: &Past| data_and_backup(step, past);
        out.extend(latest(&other).map(|past| found(Pattern::DataAndBackup, Some(past), true)));
        out.extend(many(step, history).map(|sum| found(Pattern::Many(sum), None, true)));
    }
    let serious = step.tier >= Tier::Confirm;
    if serious || step.relies() {
        let failed = |past: &Past| failed_before(step, past);
        out.extend(latest(&failed).map(|past| found(Pattern::AfterFailure, Some(past), true)));
    }
    if serious {
        let switched = |past: &Past| switched_before(step, past);
        out.extend(latest(&switched).map(|past| found(Pattern::AfterSwitch, Some(past), true)));
        let refused = |past: &Past| refused_before(step, past);
        out.extend(latest(&refused).map(|past| found(Pattern::Refused, Some(past), true)));
    }
    if step.evidence {
        let destroyed = |past: &Past| {
            takes_away(&past.step)
                && past.done.happened()
                && past.step.tier >= Tier::Confirm
                && !past.step.evidence
        };
        out.extend(latest(&destroyed).map(|past| found(Pattern::Evidence, Some(past), true)));
    }
    out
}

const fn takes_away(step: &Step) -> bool {
    matches!(step.act, Act::Delete | Act::Rebuild)
}

const fn makes(step: &Step) -> bool {
    matches!(step.act, Act::Create | Act::Rebuild)
}

/// Whether two steps are a delete and a create of one object; the value is
/// whether both name it.
fn recreates(step: &Step, past: &Past) -> Option<bool> {
    if !past.done.happened() || step.backup || past.step.backup {
        return None;
    }
    let before = &past.step;
    let named = same_object(step, before)?;
    if makes(step) && takes_away(before) {
        return Some(named);
    }
    // Deleting what was just made is tidying up; deleting the old one after a
    // like-named new one was made is a replacement.
    let same_name = step.names.iter().any(|name| before.names.contains(name));
    (takes_away(step) && before.act == Act::Create && named && !same_name).then_some(named)
}

/// Whether two steps of one tool are about the same or a like-named object in
/// the same place. `Some(false)`: one of them names none.
fn same_object(a: &Step, b: &Step) -> Option<bool> {
    if a.family != b.family || !same_place(a, b) {
        return None;
    }
    if a.names.is_empty() || b.names.is_empty() {
        // `terraform state rm X` and `terraform apply`, `delete ns X` and
        // `apply -f .`: whatever is made again is not named.
        let unnamed = if a.names.is_empty() { a } else { b };
        let all = makes(unnamed) && unnamed.kinds.is_empty();
        return (all || a.kinds == b.kinds).then_some(a.names.is_empty() && b.names.is_empty());
    }
    let kinds = a.kinds.is_empty()
        || b.kinds.is_empty()
        || a.kinds.iter().any(|kind| b.kinds.contains(kind));
    (kinds && names_alike(a, b)).then_some(true)
}

/// Whether a name of one is the same as one of the other or like it. Stems are
/// made once for each name: there may be thousands of steps to compare with.
fn names_alike(a: &Step, b: &Step) -> bool {
    if a.names.iter().any(|name| b.names.contains(name)) {
        return true;
    }
    let stems = |step: &'_ Step| -> Vec<String> {
        step.names
            .iter()
            .map(|name| stem(name))
            .filter(|s| s.len() >= 4)
            .map(str::to_owned)
            .collect()
    };
    let others = stems(b);
    stems(a).iter().any(|stem| others.contains(stem))
}

/// What both say about where agrees.
fn same_place(a: &Step, b: &Step) -> bool {
    a.place
        .iter()
        .all(|(what, value)| b.place.iter().all(|(other, its)| what != other || value == its))
}

fn about_the_same(a: &Step, b: &Step) -> bool {
    let named = a.names.is_empty()
        || b.names.is_empty()
        || a.names
            .iter()
            .any(|name| b.names.iter().any(|other| alike(name, other) || within(name, other)));
    a.family == b.family && same_place(a, b) && named
}

fn data_and_backup(step: &Step, past: &Past) -> bool {
    let other = &past.step;
    past.done.happened()
        && takes_away(other)
        && step.backup != other.backup
        && (step.family == other.family || step.family == "files" || other.family == "files")
        && about_one_name(step, other)
}

/// Whether two steps name one thing in two places: `repos` and `repos-backup`,
/// `/srv/repos` and `/mnt/backup/repos`.
fn about_one_name(a: &Step, b: &Step) -> bool {
    let last = |name: &str| name.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
    let short = |step: &Step| -> Vec<(String, String)> {
        step.names.iter().filter_map(|name| Some((last(name)?, name.clone()))).collect()
    };
    let (a, b) = (short(a), short(b));
    a.iter().any(|(name, whole)| {
        b.iter().any(|(other, its)| {
            if name == other {
                whole != its && whole.contains('/') && its.contains('/')
            } else {
                within(name, other) || alike(name, other)
            }
        })
    })
}

/// The sum of small deletes of one kind in one place, where there are many.
fn many(step: &Step, history: &[Past]) -> Option<u64> {
    if step.scope >= Scope::SERVICE.0 || step.family == "files" {
        return None;
    }
    let small = |past: &&Past| {
        let other = &past.step;
        takes_away(other)
            && past.done.happened()
            && other.family == step.family
            && other.kinds.first() == step.kinds.first()
            && other.scope < Scope::SERVICE.0
            && same_place(step, other)
    };
    let mut before = history.iter().filter(small).peekable();
    before.peek()?;
    let sum = before.fold(step.count, |sum, past| sum.saturating_add(past.step.count));
    (sum >= MANY).then_some(sum)
}

fn failed_before(step: &Step, past: &Past) -> bool {
    let other = &past.step;
    if past.done != Done::Failed || past.ago > SOON || other.act != Act::Create {
        return false;
    }
    let inside = step.names.iter().any(|name| {
        other.names.iter().any(|made| {
            name == made
                || name.strip_prefix(made.as_str()).is_some_and(|rest| rest.starts_with('/'))
        })
    });
    // The copy for a bad day was not made, and now the data goes.
    inside || (other.backup && takes_away(step) && (step.data || about_one_name(step, other)))
}

fn switched_before(step: &Step, past: &Past) -> bool {
    let other = &past.step;
    let switcher = super::words::switches(&other.family, &[]);
    other.act == Act::Switch
        && past.done.happened()
        && step.act != Act::Switch
        && (other.family == step.family || (switcher && step.family != "files"))
}

fn refused_before(step: &Step, past: &Past) -> bool {
    let other = &past.step;
    if past.done != Done::Refused || other.tier < Tier::Confirm {
        return false;
    }
    let exact = step.names.iter().any(|name| name.len() >= 4 && other.names.contains(name));
    let both = takes_away(step) && takes_away(other);
    (both && (exact || same_object(step, other) == Some(true)))
        || (step.act == other.act && step.family == other.family && exact)
}

/// More commands than usual needed somebody, or they came from many tools.
fn burst(now: &[Step], before: &[Past]) -> Option<Found> {
    let step = now.iter().filter(|step| step.tier >= Tier::Confirm).max_by_key(|step| step.tier)?;
    let recent: Vec<&Past> =
        before.iter().filter(|past| past.ago <= SOON && past.step.tier >= Tier::Confirm).collect();
    let mut families: Vec<&str> = recent
        .iter()
        .filter(|past| takes_away(&past.step) && past.done.happened())
        .map(|past| past.step.family.as_str())
        .collect();
    families.push(&step.family);
    families.sort_unstable();
    families.dedup();
    let commands = recent.len() + 1;
    let found =
        |n| Found { pattern: Pattern::Burst(n), step: step.clone(), with: None, named: true };
    if commands > BURST {
        Some(found(commands))
    } else if families.len() >= FAMILIES && takes_away(step) {
        Some(found(families.len()))
    } else {
        None
    }
}
