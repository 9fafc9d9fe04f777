//! What holds for every command line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::tests::{readings, words};
use super::{MAX_READINGS, Reading, Role, read};
use crate::model::{Cause, Opt, Part, Span, Word};

const TOOLS: &[&str] = &[
    "git",
    "kubectl",
    "terraform",
    "aws",
    "gcloud",
    "az",
    "docker",
    "docker-compose",
    "helm",
    "tar",
    "find",
    "sudo",
    "ssh",
    "bash",
    "rm",
    "chmod",
    "npm",
    "python3",
    "hcloud",
    "ip",
    "xyzzy",
];

const PIECES: &[&str] = &[
    "-",
    "--",
    "---",
    "-n",
    "-f",
    "-rf",
    "-rfx=1",
    "-9",
    "-20",
    "--force",
    "--force=false",
    "--x",
    "--x=y",
    "--context",
    "--recurs",
    "-exec",
    ";",
    "+",
    "{}",
    "(",
    "!",
    "+e",
    "-c",
    "-o",
    "delete",
    "s3",
    "rm",
    "ec2",
    "compute",
    "instances",
    "push",
    "apply",
    "compose",
    "run",
    "exec",
    "a",
    "é",
    "-é",
    "--é=é",
    "",
    " ",
    "a b",
    "\t",
    "xzf",
    "wait",
    "beta",
    "help",
    "=",
    "-=",
    "--=",
    "-chdir=a",
    "-var",
    "$",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![8 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn argument() -> impl Strategy<Value = Word> {
    let hole = || Word::hole("$X", Cause::Variable, Span::default()).parts;
    prop_oneof![
        8 => piece().prop_map(|text| Word::text(text, Span::default())),
        1 => piece().prop_map(move |text| {
            let mut word = Word::text(text, Span::default());
            word.parts.extend(hole());
            word
        }),
        1 => piece().prop_map(|text| Word { parts: vec![Part::Glob("*".into()), Part::Text(text)], span: Span::default() }),
    ]
}

fn command() -> impl Strategy<Value = (&'static str, Vec<Word>)> {
    (prop::sample::select(TOOLS), prop::collection::vec(argument(), 0..12)).prop_map(
        |(tool, mut rest)| {
            rest.insert(0, Word::text(tool, Span::default()));
            (tool, rest)
        },
    )
}

/// How many words of each role the parts of a reading account for.
fn accounted(reading: &Reading, argv: &[Word]) {
    assert_eq!(reading.roles.len(), argv.len());
    assert_eq!(reading.roles[0], Role::Program);
    let count = |role| reading.roles.iter().filter(|r| **r == role).count();
    assert_eq!(count(Role::Operand), reading.operands.len());
    assert_eq!(reading.operands.len(), reading.operand_positions.len());
    for (position, operand) in reading.operand_positions.iter().zip(&reading.operands) {
        assert_eq!(argv[*position], *operand);
        assert_eq!(reading.roles[*position], Role::Operand);
    }
    assert!(reading.operand_positions.is_sorted());
    assert_eq!(count(Role::DashDash), usize::from(reading.dashdash.is_some()));
    let values: Vec<&Word> = argv
        .iter()
        .zip(&reading.roles)
        .filter(|(_, r)| **r == Role::Value)
        .map(|(w, _)| w)
        .collect();
    let found: Vec<&Word> = reading.options.iter().filter_map(|opt| opt.value.as_ref()).collect();
    for value in values {
        assert!(found.contains(&value), "a value is lost: {value:?}");
    }
    assert!(reading.options.len() >= count(Role::Option));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_word_is_accounted_for_once((tool, argv) in command()) {
        let all = read(tool, &argv);
        prop_assert!((1..=MAX_READINGS).contains(&all.len()));
        for reading in &all {
            accounted(reading, &argv);
        }
    }

    #[test]
    fn arbitrary_words_never_panic(tool in ".{0,10}", rest in prop::collection::vec(".{0,20}", 0..8)) {
        let mut argv = vec![Word::text(tool.clone(), Span::default())];
        argv.extend(rest.into_iter().map(|text| Word::text(text, Span::default())));
        for reading in read(&super::tool_name(&tool), &argv) {
            accounted(&reading, &argv);
        }
    }

    /// A global option may stand anywhere and changes nothing else.
    #[test]
    fn a_global_option_moves_freely(
        (line, globals) in prop::sample::select(GLOBALS),
        choice in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
    ) {
        let plain = readings(line);
        let option = globals[choice.index(globals.len())];
        let mut parts: Vec<&str> = line.split(' ').collect();
        parts.insert(1 + place.index(parts.len()), option);
        let with = readings(&parts.join(" "));
        prop_assert_eq!(plain.len(), 1);
        prop_assert_eq!(with.len(), 1, "{}", parts.join(" "));
        prop_assert_eq!(&plain[0].subcommand, &with[0].subcommand);
        let texts = |r: &Reading| r.operands.iter().map(Word::display).collect::<Vec<_>>();
        prop_assert_eq!(texts(&plain[0]), texts(&with[0]), "{}", parts.join(" "));
        prop_assert_eq!(with[0].class, plain[0].class);
    }

    /// For tools whose global options end at the verb.
    #[test]
    fn a_global_option_before_the_verb_changes_nothing_else(
        (line, globals) in prop::sample::select(BEFORE),
        choice in any::<prop::sample::Index>(),
    ) {
        let plain = readings(line);
        let option = globals[choice.index(globals.len())];
        let (tool, rest) = line.split_once(' ').unwrap();
        let with = readings(&format!("{tool} {option} {rest}"));
        prop_assert_eq!(with.len(), 1);
        prop_assert_eq!(&plain[0].subcommand, &with[0].subcommand);
        let named = |r: &Reading| r.options.iter().map(|Opt { name, .. }| name.clone()).collect::<Vec<_>>();
        prop_assert!(named(&with[0]).ends_with(&named(&plain[0])));
        prop_assert_eq!(plain[0].operands.len(), with[0].operands.len());
    }
}

type Lines = [(&'static str, &'static [&'static str])];

const GLOBALS: &Lines = &[
    (
        "kubectl delete ns x",
        &["-n=p", "--context=c", "--namespace p", "-np", "-v 5", "--kubeconfig k"],
    ),
    ("kubectl rollout undo deploy/x", &["-n p", "--cluster=c"]),
    ("helm uninstall y", &["-n p", "--kube-context=c", "--debug"]),
    (
        "aws ec2 terminate-instances",
        &["--profile p", "--region=r", "--no-cli-pager", "--output json"],
    ),
    ("aws s3 rm s3://b/k", &["--profile p", "--region=r", "--debug"]),
    ("gcloud compute instances delete x", &["--project p", "--quiet", "-q", "--format=json"]),
    ("az vm delete", &["--subscription s", "--yes", "-o table"]),
    ("systemctl stop x", &["--user", "-H host", "--no-pager", "--host=h"]),
];

const BEFORE: &Lines = &[
    ("git reset --hard", &["-C d", "-c a=b", "--git-dir=g", "--git-dir g", "--no-pager", "-p"]),
    ("git push -f origin main", &["-C d", "--work-tree=w", "--bare"]),
    ("docker volume rm v", &["--context c", "-H h", "-D", "--log-level=debug"]),
    ("docker compose down -v", &["-c c", "--tls"]),
    ("terraform apply -auto-approve", &["-chdir=d", "-help"]),
    ("podman rm -f x", &["--log-level debug", "--remote"]),
];

#[test]
fn words_of_the_helper_have_spans() {
    assert_eq!(words("a bc")[1].span, Span::new(2, 4));
}
