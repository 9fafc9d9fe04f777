use super::*;

fn step(act: Act, family: &str, kind: &str, name: &str) -> Step {
    let own = |text: &str| if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    Step {
        act,
        family: family.into(),
        kinds: own(kind),
        names: own(name),
        count: 1,
        place: Vec::new(),
        scope: 4,
        environment: Environment::Prod,
        data: true,
        backup: false,
        evidence: false,
        tier: Tier::SecondHuman,
        invocation: 0,
    }
}

fn ago(step: Step, ago: u64, done: Done) -> Past {
    Past { step, ago, done }
}

fn patterns(now: &[Step], before: &[Past]) -> Vec<Pattern> {
    find(now, before).into_iter().map(|found| found.pattern).collect()
}

#[test]
fn delete_then_create_of_a_like_named_object_is_a_pair() {
    let gone = ago(step(Act::Delete, "aws", "environment", "cost-prod"), 240, Done::Succeeded);
    for name in ["cost-prod", "cost-prod2", "cost-prod-new", "cost-prod-v2"] {
        let made = step(Act::Create, "aws", "environment", name);
        assert_eq!(patterns(&[made], std::slice::from_ref(&gone)), [Pattern::Recreate], "{name}");
    }
    for name in ["cost-stage", "billing-prod", "cost"] {
        let made = step(Act::Create, "aws", "environment", name);
        assert!(patterns(&[made], std::slice::from_ref(&gone)).is_empty(), "{name}");
    }
}

#[test]
fn making_the_new_one_first_is_the_same_pair_but_tidying_up_is_none() {
    let made = ago(step(Act::Create, "aws", "environment", "cost-prod2"), 60, Done::Succeeded);
    let old = step(Act::Delete, "aws", "environment", "cost-prod");
    assert_eq!(patterns(&[old], std::slice::from_ref(&made)), [Pattern::Recreate]);
    let own = step(Act::Delete, "aws", "environment", "cost-prod2");
    assert!(patterns(&[own], &[made]).is_empty());
}

#[test]
fn another_place_a_refusal_and_an_hour_make_no_pair() {
    let made = step(Act::Create, "kubectl", "namespace", "shop");
    let mut gone = step(Act::Delete, "kubectl", "namespace", "shop");
    let elsewhere = |value: &str| vec![("context".to_owned(), value.to_owned())];
    gone.place = elsewhere("a");
    let mut there = made.clone();
    there.place = elsewhere("b");
    assert!(patterns(&[there], &[ago(gone.clone(), 10, Done::Succeeded)]).is_empty());
    for (seconds, done) in [(WINDOW + 1, Done::Succeeded), (10, Done::Refused), (10, Done::Failed)]
    {
        let past = ago(gone.clone(), seconds, done);
        assert!(patterns(std::slice::from_ref(&made), &[past]).is_empty(), "{seconds} {done:?}");
    }
}

#[test]
fn protection_off_then_delete_and_data_with_its_backup_are_found() {
    let off = ago(step(Act::Unprotect, "aws", "database", "prod"), 60, Done::Started);
    let gone = step(Act::Delete, "aws", "database", "prod");
    assert_eq!(patterns(std::slice::from_ref(&gone), &[off]), [Pattern::Unprotected]);
    let mut copy = step(Act::Delete, "aws", "db-snapshot", "prod-final");
    copy.backup = true;
    let before = ago(copy.clone(), 60, Done::Succeeded);
    assert_eq!(patterns(std::slice::from_ref(&gone), &[before]), [Pattern::DataAndBackup]);
    let before = ago(gone, 60, Done::Succeeded);
    assert_eq!(patterns(&[copy], &[before]), [Pattern::DataAndBackup]);
}

#[test]
fn small_deletes_add_up() {
    let pod = |n: u64| {
        let mut pod = step(Act::Delete, "kubectl", "pod", &format!("web-{n}"));
        (pod.scope, pod.tier, pod.data) = (0, Tier::Notify, false);
        pod
    };
    let before: Vec<Past> = (0..9).map(|n| ago(pod(n), 9 - n, Done::Succeeded)).collect();
    assert_eq!(patterns(&[pod(9)], &before), [Pattern::Many(10)]);
    assert!(patterns(&[pod(9)], before.get(1..).unwrap()).is_empty());
}

#[test]
fn failure_switch_refusal_and_evidence_before_are_told() {
    let gone = step(Act::Delete, "kubectl", "namespace", "shop");
    let before =
        |act, kind: &str, name: &str, done| ago(step(act, "kubectl", kind, name), 60, done);
    let switch = before(Act::Switch, "", "prod", Done::Succeeded);
    assert_eq!(patterns(std::slice::from_ref(&gone), &[switch]), [Pattern::AfterSwitch]);
    let refused = before(Act::Delete, "namespace", "shop", Done::Refused);
    assert_eq!(patterns(std::slice::from_ref(&gone), &[refused]), [Pattern::Refused]);
    let mut raw = step(Act::Delete, "curl", "", "shop");
    raw.tier = Tier::Confirm;
    let refused = before(Act::Delete, "namespace", "shop", Done::Refused);
    assert_eq!(patterns(&[raw], &[refused]), [Pattern::Refused], "in other words");
    let mut backup = step(Act::Create, "pg_dump", "", "shop.bak");
    backup.backup = true;
    let failed = ago(backup, 60, Done::Failed);
    assert_eq!(patterns(std::slice::from_ref(&gone), &[failed]), [Pattern::AfterFailure]);
    let mut history = step(Act::Other, "history", "", "");
    history.evidence = true;
    let done = ago(gone, 60, Done::Succeeded);
    assert_eq!(patterns(&[history], &[done]), [Pattern::Evidence]);
}

#[test]
fn a_burst_is_more_than_five_in_ten_minutes_or_three_tools() {
    let gone = |family: &str, n: u64| step(Act::Delete, family, "", &format!("thing{n}x"));
    let mut before: Vec<Past> = (0..5).map(|n| ago(gone("gh", n), 60, Done::Succeeded)).collect();
    assert!(patterns(&[gone("gh", 9)], &before).contains(&Pattern::Burst(6)));
    before.pop();
    assert!(patterns(&[gone("gh", 9)], &before).is_empty());
    let three = [ago(gone("gh", 1), 9, Done::Succeeded), ago(gone("aws", 2), 9, Done::Succeeded)];
    assert!(patterns(&[gone("kubectl", 3)], &three).contains(&Pattern::Burst(3)));
}
