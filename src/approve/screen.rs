//! The screen that is shown before anybody answers: at most eight lines, always
//! in the same order.
//!
//! What no probe looked at says "not checked"; nothing is left blank and
//! nothing is cut without saying how much. The command stands first, because
//! that is what would run; the rest is what guard thinks about it.

use std::collections::BTreeSet;

use super::command;
use crate::decide::{Finding, Verdict, describe};
use crate::model::{Actor, ActorKind, Environment, Fact, Flag, Tier};
use crate::text::{Line, Palette, Role, width};

/// Lines of a whole screen.
const LINES: usize = 8;
/// Narrower terminals wrap by themselves: below this nothing readable is left.
const NARROWEST: usize = 40;
/// Wider lines are hard to read, and the tier at the right end would be lost.
const WIDEST: usize = 100;
/// Columns for one piece of evidence.
const EVIDENCE: usize = 60;
/// Columns of the labels at the left.
const LABEL: usize = 8;

/// Everything a screen shows.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The command as the reader would type it: the shell text, or argv quoted.
    pub command: &'a str,
    /// What guard thinks of it.
    pub verdict: &'a Verdict,
    /// Who asks.
    pub actor: &'a Actor,
    /// Where guard itself runs.
    pub here: &'a Surroundings,
    /// The sequence that this belongs to; the line is left out when there is none.
    pub before: Option<&'a str>,
}

/// Where guard itself runs; what is not known is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Name of this host.
    pub host: Option<String>,
    /// Working directory.
    pub cwd: Option<String>,
    /// The account that the command would run as.
    pub user: Option<String>,
    /// The cluster or account that a remote command acts on, and as whom, as
    /// the files of its client say.
    pub target: Option<String>,
}

/// Renders the screen; every line ends with a line feed.
#[must_use]
pub fn render(scene: &Scene<'_>, palette: Palette, columns: usize) -> String {
    let columns = columns.clamp(NARROWEST, WIDEST);
    let span = decisive(scene.verdict).map(|finding| finding.effect.span);
    let mut lines = command::lines(scene.command, span, columns, command::LINES);
    let mut about = facts(scene, LINES - 1 - lines.len(), columns);
    if overflow(&about, columns) > 0 {
        // What is cut anyway can do with one line less; a whole command keeps all.
        lines = command::lines(scene.command, span, columns, command::LINES - 1);
        about = facts(scene, LINES - 1 - lines.len(), columns);
    }
    lines.push(headline(scene.verdict, columns));
    lines.extend(about);
    let mut out = String::new();
    for line in lines {
        out += &line.render(palette, columns);
        out.push('\n');
    }
    out
}

/// What the screen will be about, in one line without its end: shown while
/// probes still look, and replaced by the screen. The tier is not in it, because
/// they may change it. `clean` takes secrets out before anything is cut.
#[must_use]
pub fn at_once(verdict: &Verdict, columns: usize, clean: &dyn Fn(&str) -> String) -> String {
    let what = match decisive(verdict) {
        Some(Finding { effect, .. }) => {
            let name = effect.name.as_deref().unwrap_or_default();
            let words = [describe::verb(effect.facts.verb), effect.kind.as_str(), name];
            words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        }
        None => "A COMMAND THAT COULD NOT BE READ".to_owned(),
    };
    let looking = ": looking at what this would hit ...";
    // The last column is left free: a line that fills it would wrap.
    let room = columns.clamp(NARROWEST, WIDEST).saturating_sub(looking.len() + 1);
    format!("{}{looking}", width::cut(&crate::text::escape(&clean(&what)), room))
}

/// The finding that the tier comes from; none when a problem is worse.
pub(super) fn decisive(verdict: &Verdict) -> Option<&Finding> {
    verdict.worst().filter(|finding| finding.tier >= verdict.tier)
}

fn headline(verdict: &Verdict, columns: usize) -> Line {
    let role = tier_role(verdict.tier);
    let tier = describe::tier(verdict.tier);
    let mut line = Line::new();
    let mut object = String::new();
    match decisive(verdict) {
        Some(Finding { effect, .. }) => {
            line.push(role, describe::verb(effect.facts.verb));
            object = format!("  {}", effect.kind);
            if let Some(name) = &effect.name {
                object = format!("{object} {name}");
            }
        }
        None if verdict.problems.is_empty() => line.push(role, "NOTHING DANGEROUS FOUND"),
        None => line.push(role, "A COMMAND THAT COULD NOT BE READ"),
    }
    let room = columns.saturating_sub(line.width() + width::width(&tier) + 2);
    let object = crate::text::escape(&object);
    let object = width::cut(&object, room);
    let gap = room.saturating_sub(width::width(&object)) + 2;
    line.push(Role::Strong, &object);
    line.push(Role::Plain, &" ".repeat(gap));
    line.push(role, &tier);
    line
}

const fn tier_role(tier: Tier) -> Role {
    match tier {
        Tier::Allow | Tier::Notify => Role::Good,
        Tier::Confirm => Role::Warn,
        Tier::Challenge | Tier::SecondHuman | Tier::Deny => Role::Danger,
    }
}

/// The labelled lines, in at most `room` of them. Short facts share a line
/// when something else needs the space; then long ones are broken, and what
/// still does not fit is cut.
fn facts(scene: &Scene<'_>, room: usize, columns: usize) -> Vec<Line> {
    let place = whereabouts(scene);
    let mut who = who(scene);
    let before = scene.before.map(|before| Line::new().with(Role::Warn, before));
    // `where`, `hits`, `who`, `before` and `why` are as few as there can be.
    let mut tail = Vec::new();
    match before {
        Some(before) if room >= 5 => tail.extend([("who", who), ("before", before)]),
        Some(before) => {
            who.push(Role::Dim, " · before ");
            who.append(before);
            tail.push(("who", who));
        }
        None => tail.push(("who", who)),
    }
    tail.push(("why", why(scene.verdict)));
    let hits = hits(scene.verdict);
    let counted = decisive(scene.verdict)
        .is_some_and(|f| describe::evidence(&f.effect.facts, Fact::Count).is_some());
    let undo = undo(scene.verdict);
    let seen_by = seen_by(scene.verdict);
    let more = more(scene.verdict);

    // From one fact a line to all of them on one line.
    let middles = [
        vec![vec![("hits", &hits)], vec![("undo", &undo)], vec![("seen by", &seen_by)]],
        vec![vec![("hits", &hits)], vec![("undo", &undo), ("seen by", &seen_by)]],
        vec![vec![("hits", &hits), ("undo", &undo), ("seen by", &seen_by)]],
    ];
    let arrange = |middle: &Vec<Vec<(&str, &Line)>>| {
        let mut lines = vec![labelled(&[("where", &place)])];
        lines.extend(middle.iter().map(|facts| labelled(facts)));
        if let Some(hits) = lines.get_mut(1) {
            hits.append(more.clone());
        }
        lines.extend(tail.iter().map(|(name, line)| labelled(&[(name, line)])));
        broken(lines, room, columns, counted)
    };
    // Sharing a line must not cost anything that was on it.
    let shared = |middle: &Vec<Vec<(&str, &Line)>>| {
        middle.iter().filter(|facts| facts.len() > 1).any(|facts| !labelled(facts).fits(columns))
    };
    let worse = |middle: &Vec<Vec<(&str, &Line)>>| {
        let lines = arrange(middle);
        (lines.len() > room, shared(middle), overflow(&lines, columns))
    };
    middles.iter().min_by_key(|middle| worse(middle)).map(arrange).unwrap_or_default()
}

/// Columns that do not fit.
fn overflow(lines: &[Line], columns: usize) -> usize {
    lines.iter().map(|line| line.width().saturating_sub(columns)).sum()
}

/// Facts on one line, each behind its name; only the first name is padded.
fn labelled(facts: &[(&str, &Line)]) -> Line {
    let mut out = Line::new();
    for (at, (name, fact)) in facts.iter().enumerate() {
        let name = if at == 0 { width::pad(name, LABEL) } else { format!(" · {name} ") };
        out.push(Role::Dim, &name);
        out.append((*fact).clone());
    }
    out
}

/// Breaks lines that are too long as far as there is room, the last one first:
/// the reason for the tier is what a reader wants whole, after what a probe has
/// `counted` on the second line.
fn broken(lines: Vec<Line>, room: usize, columns: usize, counted: bool) -> Vec<Line> {
    let mut spare = room.saturating_sub(lines.len());
    let mut groups: Vec<Vec<Line>> = lines.into_iter().map(|line| vec![line]).collect();
    let first = counted.then_some(1);
    for at in first.into_iter().chain((0..groups.len()).rev()) {
        let Some(group) = groups.get_mut(at).filter(|group| group.len() == 1) else { continue };
        let mut parts = group.first().map(|line| line.wrap(columns, LABEL)).unwrap_or_default();
        if first == Some(at) && spare > 0 && parts.len() > spare + 1 {
            // As much as there is room for; the rest is cut at its end.
            let rest = parts.split_off(spare + 1);
            if let Some(last) = parts.last_mut() {
                last.push(Role::Plain, " ");
                rest.into_iter().for_each(|part| last.append(part));
            }
        }
        let extra = parts.len().saturating_sub(1);
        if extra > 0 && extra <= spare {
            spare -= extra;
            *group = parts;
        }
    }
    groups.into_iter().flatten().collect()
}

fn whereabouts(scene: &Scene<'_>) -> Line {
    let Surroundings { host, cwd, .. } = scene.here;
    let mut line = Line::new();
    let finding = decisive(scene.verdict);
    let invocation = finding.and_then(|f| scene.verdict.invocations.get(f.effect.invocation));
    let place = invocation.and_then(|invocation| describe::place(&invocation.place));
    let remote = finding.is_some_and(|f| f.effect.facts.remote);
    if let Some(place) = &place {
        line.push(Role::Strong, place);
        line.push(Role::Plain, ", ");
    }
    if remote {
        let target = scene.here.target.as_deref();
        line.push(Role::Plain, target.unwrap_or("remote, account not checked"));
    } else {
        line.push(Role::Plain, host.as_deref().unwrap_or("this machine"));
        if let Some(cwd) = cwd {
            line.push(Role::Plain, &format!(" in {cwd}"));
        }
    }
    if let Some(Finding { effect, .. }) = finding {
        line.push(Role::Plain, " · ");
        let environment = effect.facts.environment;
        let role = match environment {
            Environment::Prod => Role::Danger,
            Environment::Stage | Environment::Unknown => Role::Warn,
            Environment::Local | Environment::Dev => Role::Good,
        };
        line.push(role, describe::environment(environment));
        if let Some(text) = describe::environment_evidence(&effect.facts) {
            line.evidence(text, EVIDENCE);
        }
    }
    line
}

fn hits(verdict: &Verdict) -> Line {
    let mut line = Line::new();
    match decisive(verdict) {
        Some(Finding { effect, .. }) => {
            line.push(Role::Plain, &describe::hits(&effect.facts, &effect.kind));
            if describe::evidence(&effect.facts, Fact::Count).is_none() {
                line.push(Role::Plain, " · ");
                line.push(Role::Plain, describe::scope(effect.facts.scope));
                line.evidence(
                    describe::evidence(&effect.facts, Fact::Scope).unwrap_or_default(),
                    EVIDENCE,
                );
            }
            for flag in &effect.facts.flags {
                if !matches!(flag, Flag::Customers | Flag::Others) {
                    line.push(Role::Plain, " · ");
                    line.push(Role::Warn, describe::flag(*flag));
                }
            }
        }
        None => line.push(Role::Plain, "not checked"),
    }
    line
}

/// The other effects: ` · and 2 more: DELETE branch x (T3), MODIFY file y (T2)`.
/// Several rules may see the same thing; it is named once, with its worst tier.
fn more(verdict: &Verdict) -> Line {
    // Far more than fit on a line; the rest is counted.
    const NAMED: usize = 5;
    let thing = |finding: &Finding| {
        let effect = &finding.effect;
        let object = match &effect.name {
            Some(name) => format!("{} {name}", effect.kind),
            None => effect.kind.clone(),
        };
        format!("{} {object}", describe::verb(effect.facts.verb))
    };
    let mut seen: BTreeSet<String> = decisive(verdict).map(thing).into_iter().collect();
    let mut named = Vec::new();
    for finding in &verdict.findings {
        let thing = thing(finding);
        if seen.insert(thing.clone()) && named.len() < NAMED {
            named.push(format!("{thing} ({})", finding.tier.short()));
        }
    }
    let others = seen.len() - usize::from(decisive(verdict).is_some());
    if others == 0 {
        return Line::new();
    }
    let rest = others.saturating_sub(named.len());
    let rest = if rest > 0 { format!(", and {rest} others") } else { String::new() };
    let more = format!(" · and {others} more: {}{rest}", named.join(", "));
    Line::new().with(Role::Warn, &more)
}

fn undo(verdict: &Verdict) -> Line {
    let Some(finding) = decisive(verdict) else {
        return Line::new().with(Role::Plain, "not checked");
    };
    let facts = &finding.effect.facts;
    let role = if facts.reversibility.0 >= 3 { Role::Warn } else { Role::Plain };
    let mut line = Line::new().with(role, describe::undo(facts));
    // First, because the end of a long line is cut.
    if let Some(lost) = describe::not_brought_back(&finding.effect) {
        line.push(Role::Warn, " · ");
        line.push(Role::Warn, &lost);
    }
    if let Some(text) = describe::evidence(facts, Fact::Reversibility) {
        line.evidence(text, EVIDENCE);
    }
    line
}

fn seen_by(verdict: &Verdict) -> Line {
    let Some(finding) = decisive(verdict) else {
        return Line::new().with(Role::Plain, "not checked");
    };
    let facts = &finding.effect.facts;
    let seen: Vec<_> = [Flag::Customers, Flag::Others]
        .into_iter()
        .filter(|flag| facts.flags.contains(flag))
        .map(describe::flag)
        .collect();
    let looked = describe::evidence(facts, Fact::Flags);
    if seen.is_empty() {
        // "Nobody" only after a probe has said so.
        let words = if looked.is_some() { "nobody seen" } else { "not checked" };
        let mut line = Line::new().with(Role::Plain, words);
        line.evidence(looked.unwrap_or_default(), EVIDENCE);
        return line;
    }
    let mut line = Line::new().with(Role::Warn, &seen.join(", "));
    line.evidence(looked.unwrap_or_default(), EVIDENCE);
    line
}

fn who(scene: &Scene<'_>) -> Line {
    let Actor { kind, name, evidence } = scene.actor;
    let mut words = match kind {
        ActorKind::Human => "human".to_owned(),
        ActorKind::Agent => "agent".to_owned(),
        ActorKind::Ci => "CI job".to_owned(),
        ActorKind::Unattended => "nobody at a terminal".to_owned(),
    };
    if let Some(name) = name {
        words = format!("{words} {name}");
    }
    if let Some(user) = &scene.here.user {
        let between = if *kind == ActorKind::Human { " " } else { " as " };
        words = format!("{words}{between}{user}");
    }
    let mut line = Line::new().with(Role::Plain, &words);
    if let Some(Finding { effect, .. }) = decisive(scene.verdict) {
        match describe::identity(&effect.facts) {
            Some(identity) if effect.facts.flags.contains(&Flag::Wide) => {
                line.push(Role::Warn, &format!(", {identity}"));
            }
            Some(identity) => line.push(Role::Plain, &format!(", {identity}")),
            None if effect.facts.remote => line.push(Role::Plain, ", identity not checked"),
            None => {}
        }
    }
    if !evidence.is_empty() {
        line.evidence(evidence, EVIDENCE);
    }
    line
}

fn why(verdict: &Verdict) -> Line {
    let mut line = Line::new();
    if let Some(finding) = decisive(verdict) {
        for (at, reason) in finding.reasons.iter().enumerate() {
            if at > 0 {
                line.push(Role::Dim, " · ");
            }
            line.push(Role::Plain, &format!("{}: {}", reason.id, reason.text));
        }
        line.evidence(&finding.effect.rule, EVIDENCE);
    }
    for problem in &verdict.problems {
        if !line.is_empty() {
            line.push(Role::Dim, " · ");
        }
        line.push(Role::Warn, &format!("could not be read: {}", problem.message));
    }
    if line.is_empty() {
        line.push(Role::Plain, "no rule knows a danger in it");
    }
    line
}

#[cfg(test)]
mod tests;
