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
    for text in [
        "prod: eu-live",
        "dev: lab-*",
        "challenge: this repository has no backup",
        "acts as arn:aws:sts::123456789012:assumed-role/Deploy/*",
        "second-human beyond 20 objects in an hour",
    ] {
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

#[test]
fn another_identity_than_policy_expects_is_shown_and_raises_the_tier() {
    let place = Place::new();
    place.client(
        "aws",
        "case \"$*\" in\n*get-caller-identity*) echo '{\"Arn\": \"arn:aws:iam::1:user/ann\"}' ;;\n*) echo '{}' ;;\nesac",
    );
    let policy = |names: &str| {
        let line = "why: deploys only";
        let text = format!(
            "identities:\n  - when: {{rules: [aws.*]}}\n    expect: [{names}]\n    {line}\n"
        );
        place.write_home(".config/guard/policy.yaml", text);
        let call = ["--", "aws", "--profile", "staging", "lambda", "delete-function"];
        let ran = place.run([&call[..], &["--function-name", "resize"]].concat());
        ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let expected = policy("'arn:aws:iam::1:user/*'");
    assert!(expected.contains("T3 challenge") && !expected.contains(" m4"), "{expected}");
    let other = policy("'arn:aws:iam::1:role/deploy'");
    assert!(other.contains("T4 second human") && other.contains("(not expected here)"), "{other}");
    let told = place.records().iter().map(ToString::to_string).collect::<String>();
    assert!(told.contains("is not the one expected: deploys only (policy in "), "{told}");
    // A repository can expect more, and not less.
    place.write(".guard.yaml", "identities:\n  - {expect: ['*'], why: anybody}\n");
    let both = policy("'arn:aws:iam::1:role/deploy'");
    assert!(both.contains("T4 second human"), "{both}");
}

#[test]
fn what_goes_beyond_the_budget_of_an_hour_has_to_be_looked_at() {
    let place = Place::new();
    let budget = "budgets:\n  - {most: 2, to: challenge, why: a quiet hour}\n";
    place.write_home(".config/guard/policy.yaml", budget);
    place.marking("rm");
    for name in ["a", "b", "c", "d"] {
        place.write(&format!("target/{name}"), "x");
    }
    let remove = |name: &str| place.run(["--", "rm", "-r", &format!("target/{name}")]);
    for name in ["a", "b"] {
        let ran = remove(name);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let ran = remove("c");
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    let all = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(all.contains("a quiet hour: 3 objects in an hour, 2 are planned for"), "{all}");
    // Within one command, too, and without a memory.
    let at_once = place.run(["check", "-c", "rm -r target/a target/b target/c", "--json"]);
    assert!(at_once.stdout.contains("\"challenge\""), "{}", at_once.stdout);
    let few = place.run(["check", "-c", "rm -r target/a target/b", "--json"]);
    assert!(!few.stdout.contains("a quiet hour"), "{}", few.stdout);
}

#[test]
fn every_line_in_force_is_shown_with_the_file_that_it_comes_from() {
    let place = Place::new();
    let mine = "raise:\n  - {when: {rules: ['git.*']}, to: challenge, why: no backup}\n\
                freeze:\n  - {when: {environments: [prod]}, why: holidays}\n\
                environments:\n  - {names: [lab-*], is: dev}\n\
                identities:\n  - {expect: ['arn:x'], why: deploys}\n\
                budgets:\n  - {most: 9, to: challenge, why: quiet}\n\
                second-human: {of: [sre], count: 2}\n\
                groups: {sre: [dana@example.org, erin@example.org]}\n\
                operators:\n  - {principal: ann@example.org, users: [ann]}\n\
                approval-pages: ['https://approve.example.org']\n\
                notify:\n  - {on: [request], webhook: 'https://hooks.example.org/not-shown'}\n  \
                - {on: [decision], command: [tell-us, not-shown]}\n\
                log: {harmless: sync}\n";
    place.write_home(".config/guard/policy.yaml", mine);
    let theirs = "raise:\n  - {to: confirm, why: of the repository}\n\
                  environments:\n  - {names: [eu-1], is: prod}\n  - {names: [eu-2], is: dev}\n";
    place.write(".guard.yaml", theirs);
    let ran = place.run(["policy", "show", "--effective"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout, place.run(["policy", "show"]).stdout);
    for (text, file) in [
        ("challenge: no backup", "policy.yaml]"),
        ("frozen: holidays", "policy.yaml]"),
        ("dev: lab-*", "policy.yaml]"),
        ("acts as arn:x", "policy.yaml]"),
        ("challenge beyond 9 objects", "policy.yaml]"),
        ("second human: ", "policy.yaml]"),
        ("group sre: 2 members", "policy.yaml]"),
        ("operator ann@example.org: ann", "policy.yaml]"),
        ("approval page https://approve.example.org", "policy.yaml]"),
        ("people are told by a webhook", "policy.yaml]"),
        ("people are told by tell-us", "policy.yaml]"),
        ("log: ", "policy.yaml]"),
        ("confirm: of the repository", ".guard.yaml]"),
        ("prod: eu-1", ".guard.yaml]"),
    ] {
        let line = ran.stdout.lines().find(|line| line.starts_with(text));
        assert!(line.is_some_and(|line| line.ends_with(file)), "{text}: {file}\n{}", ran.stdout);
    }
    let all = ran.stdout + &place.run(["policy", "show", "--json"]).stdout;
    assert!(!all.contains("not-shown") && !all.contains("eu-2"), "{all}");
    assert!(ran.stderr.contains("ignored: environments other than prod"), "{}", ran.stderr);
}
