//! What the steps before a command make of it.

use super::judge::{BUDGET, FAILED, RECREATE, RECREATE_SAFER, World, finding};
use super::verdict::{Finding, Reason, Verdict};
use crate::model::{
    ActorKind, Count, Effect, Environment, Evidence, Fact, Facts, Flag, Reversibility, Scope, Span,
    Tier, Verb,
};
use crate::sequence::{self, Act, Done, Found, Past, Pattern, Step};
use crate::text::words::ago;

/// The steps of a verdict, for this command and for the memory of those after it.
#[must_use]
pub fn steps(verdict: &Verdict, world: World<'_>) -> Vec<Step> {
    let effects: Vec<(&Effect, Tier)> =
        verdict.findings.iter().map(|finding| (&finding.effect, finding.tier)).collect();
    sequence::steps(&verdict.invocations, &effects, world.ctx.cwd.as_deref())
}

/// The verdict in the light of the steps before it, oldest first: with none,
/// the steps of its own text are compared with each other.
pub fn with_past(mut verdict: Verdict, before: &[Past], world: World<'_>) -> Verdict {
    let now = steps(&verdict, world);
    // What one text does by itself was seen when it was judged.
    let known = |found: &Found| found.with.as_ref().is_some_and(|with| with.done == Done::SameText);
    let alone = before.is_empty();
    for found in sequence::find(&now, before) {
        if alone || !known(&found) {
            apply(&found, &mut verdict, world);
        }
    }
    for (invocation, to, text) in world.policy.overspent(&now, before) {
        let raise = Raise { id: "policy", text: text.clone(), to: Some(to) };
        let Some(step) = now.iter().find(|step| step.invocation == invocation) else { continue };
        if !verdict.findings.iter().any(|finding| finding.effect.invocation == invocation) {
            let effect = undescribed(BUDGET, "more in an hour than policy plans for", step, step);
            verdict.findings.push(finding(effect, world));
        }
        change(&mut verdict, invocation, world, Some(raise), |effect| note(effect, &text));
        tell(&mut verdict, text);
    }
    verdict.findings.sort_by_key(|finding| std::cmp::Reverse(finding.tier));
    let worst = verdict.findings.first().map_or(Tier::Allow, |finding| finding.tier);
    verdict.tier = verdict.tier.max(worst);
    verdict
}

fn apply(found: &Found, verdict: &mut Verdict, world: World<'_>) {
    let step = &found.step;
    let raise = match found.pattern {
        Pattern::Recreate => return recreate(found, verdict, world),
        // A person who answered each of them has seen them.
        Pattern::Burst(_) if world.actor.kind == ActorKind::Human => return,
        Pattern::Burst(_) => Some(("m5", None)),
        Pattern::AfterFailure => Some(("m8", None)),
        Pattern::Evidence => Some(("m9", Some(Tier::SecondHuman))),
        Pattern::Refused => Some(("m9", found.with.as_ref().map(|past| past.step.tier))),
        _ => None,
    };
    let text = words(found);
    let raise = raise.map(|(id, to)| Raise { id, text: text.clone(), to });
    let done = change(verdict, step.invocation, world, raise, |effect| match found.pattern {
        Pattern::Unprotected | Pattern::DataAndBackup => {
            effect.facts.flags.extend([Flag::Data, Flag::Backup]);
            note(effect, &text);
        }
        Pattern::Many(sum) => {
            if !matches!(effect.facts.count, Count::Exact(n) | Count::AtLeast(n) if n >= sum) {
                effect.facts.count = Count::AtLeast(sum);
            }
            if effect.facts.remote {
                effect.facts.scope = effect.facts.scope.max(Scope::SERVICE);
            }
            note(effect, &text);
        }
        _ => note(effect, &text),
    });
    if done {
        tell(verdict, text);
    } else if found.pattern == Pattern::AfterFailure {
        let mut effect = undescribed(FAILED, "relies on a step that failed", step, step);
        effect.facts.verb = Verb::Modify;
        effect.facts.reversibility = Reversibility(4);
        effect.facts.remote = false;
        note(&mut effect, &text);
        verdict.findings.push(finding(effect, world));
        tell(verdict, text);
    }
}

/// Delete and create: the flag on the delete where it stands in this text, else
/// on what makes it again.
fn recreate(found: &Found, verdict: &mut Verdict, world: World<'_>) {
    let Some(past) = &found.with else { return };
    let (step, before) = (&found.step, &past.step);
    let away = |step: &Step| matches!(step.act, Act::Delete | Act::Rebuild);
    let gone = if away(before) { before } else { step };
    let local = gone.environment == Environment::Local;
    // `delete ns X` and `apply -f .` in a development cluster is an ordinary
    // day, as long as nothing says that X comes back.
    let sure = found.named || !matches!(gone.environment, Environment::Dev | Environment::Local);
    let text = words(found);
    let at = if past.done == Done::SameText && away(before) {
        before.invocation
    } else {
        step.invocation
    };
    let mark = |effect: &mut Effect| {
        if sure {
            effect.facts.flags.insert(Flag::Replace);
            if !local {
                effect.facts.scope = effect.facts.scope.max(Scope(gone.scope));
                effect.facts.environment = effect.facts.environment.max(gone.environment);
            }
        }
        note(effect, &text);
    };
    if change(verdict, at, world, None, mark) {
        tell(verdict, text);
    } else if sure && !local && gone.scope >= Scope::SERVICE.0 {
        let mut effect = undescribed(RECREATE, "makes again what was just deleted", step, gone);
        mark(&mut effect);
        verdict.findings.push(finding(effect, world));
        tell(verdict, text);
    }
}

/// The effect of a step that no rule describes.
fn undescribed(rule: &str, summary: &str, step: &Step, gone: &Step) -> Effect {
    Effect {
        rule: rule.into(),
        summary: summary.into(),
        kind: step.kinds.first().or(gone.kinds.first()).cloned().unwrap_or_default(),
        name: step.names.first().or(gone.names.first()).cloned(),
        facts: Facts {
            verb: Verb::Create,
            scope: Scope(gone.scope),
            count: Count::NotChecked,
            reversibility: Reversibility::default(),
            environment: gone.environment,
            named: false,
            remote: true,
            flags: std::collections::BTreeSet::new(),
            objects: None,
            evidence: Vec::new(),
        },
        floor: None,
        safer: (rule == RECREATE).then(|| RECREATE_SAFER.into()),
        invocation: step.invocation,
        span: Span::default(),
    }
}

/// What raises a tier.
struct Raise {
    /// The modifier.
    id: &'static str,
    /// In words.
    text: String,
    /// To this tier; without it one more. Never above a second human, but for policy.
    to: Option<Tier>,
}

/// Changes the strictest finding of an invocation and decides it again; a
/// finding is never made milder. `false` when there is none.
fn change(
    verdict: &mut Verdict,
    invocation: usize,
    world: World<'_>,
    raise: Option<Raise>,
    edit: impl FnOnce(&mut Effect),
) -> bool {
    let mut own: Vec<&mut Finding> =
        verdict.findings.iter_mut().filter(|f| f.effect.invocation == invocation).collect();
    own.sort_by_key(|f| std::cmp::Reverse((f.tier, f.effect.facts.verb == Verb::Delete)));
    let Some(old) = own.into_iter().next() else { return false };
    let mut effect = old.effect.clone();
    edit(&mut effect);
    let mut new = finding(effect, world);
    if new.tier < old.tier {
        new.tier = old.tier;
        new.reasons.clone_from(&old.reasons);
    }
    if let Some(Raise { id, text, to }) = raise {
        // Only policy can forbid.
        let most = if id == "policy" { Tier::Deny } else { Tier::SecondHuman };
        let tier = to.unwrap_or_else(|| new.tier.raised()).min(most);
        if tier > new.tier {
            new.tier = tier;
            new.reasons.push(Reason { id: id.to_owned(), text, tier });
        }
    }
    *old = new;
    true
}

fn note(effect: &mut Effect, text: &str) {
    let evidence = Evidence { fact: Fact::Who, text: text.to_owned() };
    if !effect.facts.evidence.contains(&evidence) {
        effect.facts.evidence.push(evidence);
    }
}

/// Most lines about what was before.
const MAX_TOLD: usize = 8;

fn tell(verdict: &mut Verdict, text: String) {
    if verdict.before.len() < MAX_TOLD && !verdict.before.contains(&text) {
        verdict.before.push(text);
    }
}

/// The pattern in words that can be printed after escaping, short enough for one
/// line of the screen.
fn words(found: &Found) -> String {
    let earlier = found.with.as_ref().map_or_else(String::new, |past| {
        let object = past.step.object();
        let done = match past.done {
            Done::Failed => "failed",
            Done::Refused => "was refused",
            _ => past.step.act.done(),
        };
        match past.done {
            Done::SameText => format!("{object} {done} in the same text"),
            _ => format!("{object} {done} {} ago", ago(past.ago)),
        }
    });
    match found.pattern {
        Pattern::Recreate => format!("2nd step of delete and recreate: {earlier}"),
        Pattern::Unprotected => format!("protection off, then delete: {earlier}"),
        Pattern::DataAndBackup => format!("data and its backup: {earlier}"),
        Pattern::Many(sum) => format!("{sum} like it within an hour: counted together"),
        Pattern::AfterFailure => format!("relies on what failed: {earlier}"),
        Pattern::AfterSwitch => format!("after a switch: {earlier}"),
        Pattern::Evidence => format!("evidence removed after: {earlier}"),
        Pattern::Burst(n) => format!("a burst: {n} commands or tools within ten minutes"),
        Pattern::Refused => format!("refused before: {earlier}"),
    }
}
