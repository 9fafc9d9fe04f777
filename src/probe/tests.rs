#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::{Failed, Found, Report};
use crate::model::{Count, Environment, Facts, Reversibility, Scope, Verb};

fn facts() -> Facts {
    Facts {
        verb: Verb::Delete,
        scope: Scope::DIRECTORY,
        count: Count::NotChecked,
        reversibility: Reversibility(1),
        environment: Environment::Local,
        named: false,
        remote: false,
        flags: std::collections::BTreeSet::new(),
        objects: None,
        evidence: Vec::new(),
    }
}

#[test]
fn a_failed_probe_is_the_worst_case_and_says_so() {
    let mut facts = facts();
    let result = Err(Failed::new("probe timed out after 3 s"));
    Report { effect: 0, result, took: super::TOGETHER }.apply(&mut facts);
    assert_eq!((facts.count, facts.reversibility), (Count::Unknown, Reversibility(4)));
    let said = &facts.evidence[0].text;
    assert_eq!(said, "count unknown (probe timed out after 3 s): treated as more than 100");
}

#[test]
fn what_a_probe_did_not_look_at_stays_as_it_was() {
    let mut facts = facts();
    let found = Found { count: Count::Exact(3), hits: "3 pods".into(), ..Found::default() };
    Report { effect: 0, result: Ok(found), took: super::TOGETHER }.apply(&mut facts);
    assert_eq!((facts.count, facts.reversibility), (Count::Exact(3), Reversibility(1)));
    assert_eq!(facts.evidence.len(), 1);
}
