//! Shell text, from bytes to a verdict: no crash, and never milder than
//! "confirm" when something could not be read.
#![no_main]

use guard::app::judge::{Input, judge};
use guard::decide::{Policy, World};
use guard::model::{Actor, ActorKind, Context, Tier};
use guard::rules::RuleSet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data).into_owned();
    let (rules, policy, ctx) = (RuleSet::builtin(), Policy::default(), Context::neutral());
    let actor = Actor { kind: ActorKind::Agent, name: None, evidence: String::new() };
    let world = World { rules: &rules, policy: &policy, ctx: &ctx, actor: &actor, files: &guard::command::NoFiles };
    let verdict = judge(&Input::Text(text.clone()), world);
    assert!(verdict.problems.is_empty() || verdict.tier >= Tier::Confirm);
    for finding in &verdict.findings {
        assert!(finding.effect.span.end <= text.len(), "a span outside the text");
        assert!(finding.tier <= verdict.tier);
    }
});
