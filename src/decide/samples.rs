//! Hand-built verdicts for the tests of everything that shows one.

use std::collections::BTreeSet;

use super::{Finding, Reason, Verdict};
use crate::model::{
    Actor, ActorKind, Count, Effect, Environment, Evidence, Fact, Facts, Flag, Invocation, Opt,
    Reversibility, Scope, Span, Tier, Verb, Word,
};

/// `kubectl delete ns prod`, T4, as the built-in rules judge it.
pub(crate) const DELETE_NS: &str = "kubectl delete ns prod";

/// A word of `text`, found by its first occurrence.
pub(crate) fn word(text: &str, word: &str) -> Word {
    let start = text.find(word).unwrap_or(0);
    Word::text(word, Span::new(start, start + word.len()))
}

/// A finding with everything that most tests do not care about.
pub(crate) fn finding(verb: Verb, kind: &str, name: Option<&str>, tier: Tier) -> Finding {
    let facts = Facts {
        verb,
        scope: Scope::DIRECTORY,
        count: Count::NotChecked,
        reversibility: Reversibility::default(),
        environment: Environment::Local,
        named: false,
        remote: false,
        flags: BTreeSet::new(),
        objects: None,
        evidence: Vec::new(),
    };
    let effect = Effect {
        rule: format!("sample.{kind}").replace(' ', "-"),
        summary: format!("works on a {kind}"),
        kind: kind.into(),
        name: name.map(Into::into),
        facts,
        floor: None,
        safer: None,
        invocation: 0,
        span: Span::default(),
    };
    let reasons = vec![Reason { id: "2a".into(), text: "delete without a way back".into(), tier }];
    Finding { effect, tier, reasons }
}

/// A verdict of these findings; the first must be the strictest.
pub(crate) fn verdict(findings: Vec<Finding>, invocations: Vec<Invocation>) -> Verdict {
    let tier = findings.first().map_or(Tier::Allow, |finding| finding.tier);
    Verdict { tier, findings, invocations, ..Verdict::default() }
}

/// The verdict on [`DELETE_NS`].
pub(crate) fn delete_namespace() -> Verdict {
    let mut found = finding(Verb::Delete, "namespace", Some("prod"), Tier::SecondHuman);
    found.effect.rule = "kubectl.delete-namespace".into();
    found.effect.summary = "Deletes a namespace and everything in it".into();
    found.effect.safer = Some("Delete single objects: `kubectl delete deploy NAME -n NS`".into());
    found.effect.span = Span::new(8, 22);
    found.effect.facts.scope = Scope::SERVICE;
    found.effect.facts.environment = Environment::Prod;
    found.effect.facts.remote = true;
    found.effect.facts.flags.insert(Flag::Data);
    found.effect.facts.evidence.push(Evidence {
        fact: Fact::Environment,
        text: "the operand prod names production".into(),
    });
    found.reasons = vec![Reason {
        id: "4a".into(),
        text: "deletes a whole service or data in production".into(),
        tier: Tier::SecondHuman,
    }];
    verdict(vec![found], vec![kubectl(DELETE_NS)])
}

/// The invocation of [`DELETE_NS`].
pub(crate) fn kubectl(text: &str) -> Invocation {
    Invocation {
        program: Some("kubectl".into()),
        argv: ["kubectl", "delete", "ns", "prod"].map(|part| word(text, part)).into(),
        subcommand: vec!["delete".into()],
        operands: ["ns", "prod"].map(|part| word(text, part)).into(),
        span: Span::new(0, text.len()),
        ..Invocation::default()
    }
}

/// An option as the grammar would find it.
pub(crate) fn option(text: &str, name: &str) -> Opt {
    Opt { name: name.into(), value: None, known: true, span: word(text, name).span }
}

/// A person at a terminal.
pub(crate) fn human() -> Actor {
    Actor { kind: ActorKind::Human, name: None, evidence: "stdin is a terminal".into() }
}

/// An agent.
pub(crate) fn agent() -> Actor {
    Actor {
        kind: ActorKind::Agent,
        name: Some("claude-code".into()),
        evidence: "CLAUDECODE is set".into(),
    }
}
