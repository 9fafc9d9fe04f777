//! Policy files as people write them.

use crate::harness::{Place, root};

fn environment(place: &Place, text: &str) -> String {
    let out = place.run(["explain", "-c", text]).stdout;
    let line = out.lines().find(|line| line.contains("environment"));
    line.unwrap_or(&out).split_whitespace().nth(1).unwrap_or_default().trim_matches(',').to_owned()
}

#[test]
fn the_example_has_no_mistakes_and_is_in_force_as_written() {
    let place = Place::new();
    let example = std::fs::read_to_string(root().join("docs/policy.example.yaml")).unwrap();
    place.write_home(".config/guard/policy.yaml", example);
    let ran = place.run(["policy", "check"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let shown = place.run(["policy", "show"]).stdout;
    for text in ["prod: eu-live", "dev: lab-*", "challenge: this repository has no backup"] {
        assert!(shown.contains(text), "{text:?} is missing:\n{shown}");
    }
}

#[test]
fn names_stand_for_the_environment_that_policy_says() {
    let place = Place::new();
    let example = std::fs::read_to_string(root().join("docs/policy.example.yaml")).unwrap();
    place.write_home(".config/guard/policy.yaml", example);
    for (text, environment_is) in [
        ("kubectl --context eu-live delete ns x", "PROD"),
        ("kubectl --context lab-3 delete ns x", "DEV"),
        ("kubectl --context prod-replica-test delete ns x", "DEV"),
        // A pattern does not make milder what calls itself production.
        ("kubectl --context lab-prod delete ns x", "PROD"),
        ("psql -h db7.example.com -c 'drop table x'", "PROD"),
        // Nothing is said: remote and unknown.
        ("kubectl --context other delete ns x", "PROD"),
    ] {
        assert_eq!(environment(&place, text), environment_is, "{text}");
    }
}

#[test]
fn a_repository_can_add_production_and_nothing_milder() {
    let place = Place::new();
    place.write(".guard.yaml", "environments:\n  - names: [dev-9]\n    is: prod\n");
    assert_eq!(environment(&place, "kubectl --context dev-9 delete ns x"), "PROD");
    place.write(".guard.yaml", "environments:\n  - names: [eu-live]\n    is: dev\n");
    let ran = place.run(["explain", "-c", "kubectl --context eu-live delete ns x"]);
    assert!(ran.stdout.contains("PROD"), "{}", ran.stdout);
    let note = "ignored: environments other than prod. A repository can only make guard stricter";
    assert!(ran.stderr.contains(note), "{}", ran.stderr);
    // What is stricter in the same file counts.
    let both = "notify: []\nservice-account: x\nenvironments:\n  - {names: [dev-9], is: prod}\n  - {names: [a], is: dev}\n";
    place.write(".guard.yaml", both);
    assert_eq!(environment(&place, "kubectl --context dev-9 delete ns x"), "PROD");
    assert_eq!(place.run(["--", "true"]).code, Some(0));
}
