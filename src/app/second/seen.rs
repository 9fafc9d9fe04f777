//! The facts of a verdict, as a request tells them.

use crate::audit::Redactor;
use crate::decide::{Verdict, describe};
use crate::model::{Count, Fact, Tier};
use crate::second::seen::{Effect, MAX_BEFORE, MAX_EFFECTS, MAX_TEXT, Seen};

/// What this guard has seen, without secrets.
pub(in crate::app) fn seen(verdict: &Verdict, redactor: &Redactor<'_>) -> Seen {
    let clean = |text: &str| redactor.text(text).chars().take(MAX_TEXT).collect::<String>();
    let serious = verdict.findings.iter().filter(|finding| finding.tier >= Tier::Confirm);
    let effects = serious.take(MAX_EFFECTS).map(|finding| {
        let (effect, facts) = (&finding.effect, &finding.effect.facts);
        let told = |fact| describe::evidence(facts, fact).map(clean);
        let with = |words: &str, told: Option<String>| match told {
            Some(told) => format!("{words} ({told})"),
            None => words.to_owned(),
        };
        Effect {
            rule: effect.rule.clone(),
            object: clean(&effect.object()),
            hits: told(Fact::Count).unwrap_or_else(|| "not checked".to_owned()),
            count: match facts.count {
                Count::Exact(n) | Count::AtLeast(n) => Some(n),
                Count::NotChecked | Count::Unknown => None,
            },
            objects_sha256: facts.objects.clone(),
            undo: with(describe::undo(facts), told(Fact::Reversibility)),
            environment: with(
                describe::environment(facts.environment),
                describe::environment_evidence(facts).map(clean),
            ),
            seen_by: told(Fact::Flags),
            identity: describe::identity(facts).map(|text| clean(&text)),
        }
    });
    Seen {
        effects: effects.collect(),
        before: verdict.before.iter().take(MAX_BEFORE).map(|text| clean(text)).collect(),
    }
}
