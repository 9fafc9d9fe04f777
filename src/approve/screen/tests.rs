//! Tests of the parent module.
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
        target: None,
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
    undo    not checked · made again it lacks volumes, secrets, addresses, grants
    seen by not checked
    who     agent claude-code as ana, identity not checked [CLAUDECODE is set]
    why     4a: deletes a whole service or data in production [kub… (+22 characters)
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
        (Fact::Count, "at least 12 pods, secrets not readable"),
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
    let scene = Scene { command: DELETE_NS, verdict: &verdict, actor: &actor, here: &here, before };
    let screen = render(&scene, Palette::OFF, 200);
    insta::assert_snapshot!(screen, @r"
    $ kubectl delete ns prod
    DELETE  namespace prod                                                               T4 second human
    where   in container toolbox, remote, account not checked · PROD [the operand prod names production]
    hits    at least 12 pods, secrets not readable · holds data · switches off the tool's own question
    undo    none seen [no snapshot class, no backup] · seen by customers [a LoadBalan… (+20 characters)
    who     human ana, identity not checked [stdin is a terminal]
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
    who     human ana [stdin is a terminal]
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
    who     human ana [stdin is a terminal]
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

proptest::proptest! {
        #[test]
        fn whatever_the_text_the_screen_keeps_its_shape(
            command in "(?s).{0,400}",
            name in "\\PC{0,80}|(?s).{0,30}",
            reason in "\\PC{0,200}",
            span in (0_usize..500, 0_usize..500),
            columns in 0_usize..200,
            more in 0_usize..8,
            before in proptest::option::of("\\PC{0,80}"),
        ) {
            let mut found = samples::finding(Verb::Delete, "thing", Some(&name), Tier::Challenge);
            found.effect.span = Span::new(span.0, span.1);
            found.reasons[0].text = reason;
            let verdict = samples::verdict(vec![found; more + 1], vec![]);
            let (actor, here) = (samples::agent(), here());
            let before = before.as_deref();
            let scene =
                Scene { command: &command, verdict: &verdict, actor: &actor, here: &here, before };
            let screen = render(&scene, Palette::OFF, columns);
            let columns = columns.clamp(40, 100);
            proptest::prop_assert!(screen.lines().count() <= 8, "{}", screen);
            for line in screen.lines() {
                proptest::prop_assert!(crate::text::width::width(line) <= columns, "{}", screen);
            }
            let raw = |c: char| c != '\n' && crate::text::is_deceptive(c);
            proptest::prop_assert!(!screen.chars().any(raw), "{:?}", screen);
            proptest::prop_assert!(screen.starts_with("$ "));
// On narrower terminals even this may be cut, with a count.
            let told = screen.contains("\nundo ") || screen.contains("undo not");
            proptest::prop_assert!(told || columns < 80, "{}", screen);
        }
    }
