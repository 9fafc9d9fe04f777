//! The screen that is shown before anybody answers: at most eight lines, always
//! in the same order.
//!
//! What no probe looked at says "not checked"; nothing is left blank and
//! nothing is cut without saying how much. The command stands first, because
//! that is what would run; the rest is what guard thinks about it.

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
    let mut tail = vec![("who", who(scene))];
    if let Some(before) = scene.before {
        tail.push(("before", Line::new().with(Role::Warn, before)));
    }
    tail.push(("why", why(scene.verdict)));
    let hits = hits(scene.verdict);
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
        broken(lines, room, columns)
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
/// the reason for the tier is what a reader wants whole.
fn broken(lines: Vec<Line>, room: usize, columns: usize) -> Vec<Line> {
    let mut spare = room.saturating_sub(lines.len());
    let mut groups: Vec<Vec<Line>> = Vec::with_capacity(lines.len());
    for line in lines.into_iter().rev() {
        let parts = line.wrap(columns, LABEL);
        let extra = parts.len() - 1;
        if extra <= spare {
            spare -= extra;
            groups.push(parts);
        } else {
            groups.push(vec![line]);
        }
    }
    groups.into_iter().rev().flatten().collect()
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
        line.push(Role::Plain, "remote, account not checked");
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
            line.push(Role::Plain, &describe::count(effect.facts.count, &effect.kind));
            if let Some(text) = describe::evidence(&effect.facts, Fact::Count) {
                line.evidence(text, EVIDENCE);
            }
            line.push(Role::Plain, " · ");
            line.push(Role::Plain, describe::scope(effect.facts.scope));
            if let Some(text) = describe::evidence(&effect.facts, Fact::Scope) {
                line.evidence(text, EVIDENCE);
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
fn more(verdict: &Verdict) -> Line {
    let name = |finding: &Finding| {
        let Finding { effect, tier, .. } = finding;
        let object = match &effect.name {
            Some(name) => format!("{} {name}", effect.kind),
            None => effect.kind.clone(),
        };
        format!("{} {object} ({})", describe::verb(effect.facts.verb), tier.short())
    };
    let skip = usize::from(decisive(verdict).is_some());
    let others = verdict.findings.len().saturating_sub(skip);
    if others == 0 {
        return Line::new();
    }
    // Far more than fit on a line; the rest is counted.
    const NAMED: usize = 5;
    let named: Vec<_> = verdict.findings.iter().skip(skip).take(NAMED).map(name).collect();
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
    if seen.is_empty() {
        return Line::new().with(Role::Plain, "not checked");
    }
    let mut line = Line::new().with(Role::Warn, &seen.join(", "));
    if let Some(text) = describe::evidence(facts, Fact::Flags) {
        line.evidence(text, EVIDENCE);
    }
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
        words = format!("{words} as {user}");
    }
    let mut line = Line::new().with(Role::Plain, &words);
    if decisive(scene.verdict).is_some_and(|finding| finding.effect.facts.remote) {
        line.push(Role::Plain, " · identity not checked");
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
mod tests {
    #![allow(clippy::indexing_slicing)]

    use super::{Scene, Surroundings, render};
    use crate::decide::samples::{self, DELETE_NS};
    use crate::decide::{Reason, Verdict};
    use crate::model::{
        Actor, Count, Evidence, Fact, Flag, Invocation, Place, Problem, ProblemKind, Reversibility,
        Span, Tier, Verb,
    };
    use crate::text::Palette;

    fn here() -> Surroundings {
        Surroundings {
            host: Some("build7".into()),
            cwd: Some("/srv/shop".into()),
            user: Some("ana".into()),
        }
    }

    fn show(command: &str, verdict: &Verdict, actor: &Actor) -> String {
        let here = here();
        let scene = Scene { command, verdict, actor, here: &here, before: None };
        let screen = render(&scene, Palette::OFF, 80);
        assert!(screen.lines().count() <= 8, "{screen}");
        assert!(screen.lines().all(|line| crate::text::width::width(line) <= 80), "{screen}");
        screen
    }

    #[test]
    fn the_eight_lines() {
        let verdict = samples::delete_namespace();
        insta::assert_snapshot!(show(DELETE_NS, &verdict, &samples::agent()), @r"
        $ kubectl delete ns prod
        DELETE  namespace prod                                           T4 second human
        where   remote, account not checked · PROD [the operand prod names production]
        hits    not checked · a whole service · holds data
        undo    not checked · seen by not checked
        who     agent claude-code as ana · identity not checked [CLAUDECODE is set]
        why     4a: deletes a whole service or data in production
                [kubectl.delete-namespace]
        ");
    }

    #[test]
    fn facts_that_were_looked_at_carry_their_evidence() {
        let mut verdict = samples::delete_namespace();
        verdict.invocations[0].place = Place::Container(Some("toolbox".into()));
        let facts = &mut verdict.findings[0].effect.facts;
        facts.count = Count::AtLeast(12);
        facts.reversibility = Reversibility(4);
        facts.flags.extend([Flag::Customers, Flag::Bypass]);
        for (fact, text) in [
            (Fact::Count, "12 pods listed, secrets not readable"),
            (Fact::Reversibility, "no snapshot class, no backup"),
            (Fact::Flags, "a LoadBalancer with an address"),
        ] {
            facts.evidence.push(Evidence { fact, text: text.into() });
        }
        verdict.findings[0].reasons.push(Reason {
            id: "m1".into(),
            text: "a prompt-bypass flag is present".into(),
            tier: Tier::SecondHuman,
        });
        let (actor, here) = (samples::human(), here());
        let before = Some("2nd step of delete and recreate");
        let scene =
            Scene { command: DELETE_NS, verdict: &verdict, actor: &actor, here: &here, before };
        let screen = render(&scene, Palette::OFF, 200);
        insta::assert_snapshot!(screen, @r"
        $ kubectl delete ns prod
        DELETE  namespace prod                                                               T4 second human
        where   in container toolbox, remote, account not checked · PROD [the operand prod names production]
        hits    at least 12 namespaces [12 pods listed, secrets not readable] · a whole s… (+58 characters)
        undo    none seen [no snapshot class, no backup] · seen by customers [a LoadBalan… (+20 characters)
        who     human as ana · identity not checked [stdin is a terminal]
        before  2nd step of delete and recreate
        why     4a: deletes a whole service or data in production · m1: a prompt-bypass f… (+41 characters)
        ");
    }

    #[test]
    fn several_findings_and_a_long_command_share_the_eight_lines() {
        let command = format!("rm -rf data && git push --force && echo {}", "x".repeat(400));
        let mut worst = samples::finding(Verb::Delete, "directory", Some("data"), Tier::Confirm);
        worst.effect.span = Span::new(0, 11);
        let push = samples::finding(Verb::Delete, "branch", Some("main"), Tier::Confirm);
        let verdict = samples::verdict(vec![worst, push], vec![Invocation::default()]);
        insta::assert_snapshot!(show(&command, &verdict, &samples::human()), @r"
        $ rm -rf data … xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          399 more characters, shown by: guard explain, with the same words
        DELETE  directory data                                                T2 confirm
        where   build7 in /srv/shop · LOCAL
        hits    not checked · a directory · and 1 more: DELETE branch main (T2)
        undo    not checked · seen by not checked
        who     human as ana [stdin is a terminal]
        why     2a: delete without a way back [sample.directory]
        ");
    }

    #[test]
    fn text_from_the_command_cannot_reach_the_terminal_raw() {
        let name = "x\x1b]0;t\x07\u{202e}dorp\u{200b}";
        let command = format!("rm -rf '{name}'");
        let mut found = samples::finding(Verb::Delete, "directory", Some(name), Tier::Confirm);
        found.effect.facts.evidence.push(Evidence { fact: Fact::Count, text: name.into() });
        found.reasons[0].text = name.into();
        let verdict = samples::verdict(vec![found], vec![]);
        let screen = show(&command, &verdict, &samples::human());
        let raw = |c: char| c != '\n' && crate::text::is_deceptive(c);
        assert!(!screen.chars().any(raw), "{screen:?}");
        assert!(screen.contains(r"$ rm -rf 'x\x1b]0;t\x07\u{202e}dorp\u{200b}'"), "{screen}");
    }

    #[test]
    fn a_command_that_could_not_be_read_says_so() {
        let mut verdict = samples::verdict(vec![], vec![]);
        verdict.tier = Tier::Confirm;
        verdict.problems.push(Problem {
            kind: ProblemKind::Syntax,
            message: "the quote that starts here is never closed".into(),
            span: Span::new(5, 6),
        });
        insta::assert_snapshot!(show("echo 'x", &verdict, &samples::human()), @r"
        $ echo 'x
        A COMMAND THAT COULD NOT BE READ                                      T2 confirm
        where   build7 in /srv/shop
        hits    not checked
        undo    not checked
        seen by not checked
        who     human as ana [stdin is a terminal]
        why     could not be read: the quote that starts here is never closed
        ");
    }

    #[test]
    fn long_names_and_reasons_are_cut_with_a_count() {
        let name = "very-long-".repeat(40);
        let mut found = samples::finding(Verb::Delete, "directory", Some(&name), Tier::Challenge);
        found.reasons[0].text = "because ".repeat(40);
        let verdict = samples::verdict(vec![found], vec![]);
        let screen = show("rm -rf $D", &verdict, &samples::human());
        assert!(screen.lines().nth(1).is_some_and(|line| line.ends_with("T3 challenge")));
        assert_eq!(screen.matches("characters)").count(), 2, "{screen}");
    }
}
