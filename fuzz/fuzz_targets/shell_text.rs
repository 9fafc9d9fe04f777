//! Shell text, from bytes to a verdict: no crash, and never milder than
//! "confirm" when something could not be read.
#![no_main]

use guard::app::judge::{Input, judge};
use guard::decide::{Policy, World};
use guard::model::{Actor, ActorKind, Context, Tier};
use guard::rules::RuleSet;
use libfuzzer_sys::fuzz_target;

thread_local! {
    /// One set for all inputs: rules are read once, as in `check --jsonl`.
    static RULES: RuleSet = RuleSet::builtin();
}

fuzz_target!(|data: &[u8]| RULES.with(|rules| one(data, rules)));

fn one(data: &[u8], rules: &RuleSet) {
    let text = String::from_utf8_lossy(data).into_owned();
    let (policy, ctx) = (Policy::default(), Context::neutral());
    let actor = Actor { kind: ActorKind::Agent, name: None, evidence: String::new() };
    let world = World { rules, policy: &policy, ctx: &ctx, actor: &actor, files: &guard::command::NoFiles };
    let verdict = judge(&Input::Text(text.clone()), world);
    assert!(verdict.problems.is_empty() || verdict.tier >= Tier::Confirm);
    for finding in &verdict.findings {
        assert!(finding.effect.span.end <= text.len(), "a span outside the text");
        assert!(finding.tier <= verdict.tier);
    }
}
