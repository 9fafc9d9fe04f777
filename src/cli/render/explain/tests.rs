//! Tests of the parent module.

use super::{Asked, render};
use crate::app::judge::judged;
use crate::cli::origins::Origins;
use crate::decide::Policy;
use crate::decide::samples::{self, DELETE_NS};
use crate::model::ActorKind;
use crate::model::{
    Cause, Certainty, Invocation, Place, Problem, ProblemKind, Span, Stdin, Tier, Verb, Word,
    Wrapper,
};
use crate::rules::RuleSet;
use crate::text::Palette;

fn asked(text: &str) -> Asked<'_> {
    Asked { text, ..Asked::default() }
}

/// The page without the line of the tier table, which moves.
fn no_lines(page: &str) -> String {
    let mut parts = page.split("tiers.yaml:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out += "tiers.yaml:N";
        out += part.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out
}

/// The page about a command judged with the built-in rules: the rows about
/// values and places, without the numbers of lines, which move.
fn values(text: &str) -> String {
    let rules = RuleSet::builtin();
    let verdict = judged(text, &rules, ActorKind::Agent);
    let origins = Origins::find(&verdict, &rules, &Policy::default());
    let page = render(&verdict, &Asked { text, moved: false, origins }, Palette::OFF, 1000);
    let labels = ["sets ", "word ", "it holds ", "prints ", "reading ", "not judged ", "decided "];
    let mut out = String::new();
    for line in page.lines().skip(1) {
        let row = line.trim_start();
        if row.starts_with(|c: char| c.is_ascii_digit())
            || labels.iter().any(|l| row.starts_with(l))
        {
            let line = match row.split_once(".yaml:") {
                Some((head, _)) if row.starts_with("decided") => format!("{head}.yaml:N ..\n"),
                _ => format!("{row}\n"),
            };
            out += &line;
        }
    }
    out
}

#[test]
fn values_are_shown_with_where_they_come_from() {
    insta::assert_snapshot!(values("X=/srv; rm -rf \"$X/data\" \"${D:-/opt/app}\""), @r#"
    1  no program
    sets         X=/srv
    2  rm
    word         "$X/data" is /srv/data [X is set in 1]
    word         "${D:-/opt/app}" is /opt/app [the text does not set D: this is its default]
    decided by   rm.recursive in 2, rules/files/rm.yaml:N ..
    "#);
    insta::assert_snapshot!(values("f() { rm -rf \"$1/x\"; }; for d in a b; do f $d; done"), @r#"
    1  f
    word         $d is a [d goes through the items of a loop]
    2  rm
    word         "$1/x" is a/x [from the arguments of the function or script]
    3  f
    word         $d is b [d goes through the items of a loop]
    4  rm
    word         "$1/x" is b/x [from the arguments of the function or script]
    decided by   rm.recursive in 2, rules/files/rm.yaml:N ..
    "#);
    insta::assert_snapshot!(values("echo cm0gLXJmIC8K | base64 -d | sh"), @r"
    1  echo
    prints       cm0gLXJmIC8K\n
    2  base64
    it holds     cm0gLXJmIC8K\n
    prints       rm -rf /\n
    3  sh
    it holds     rm -rf /\n
    4  rm  inside sh
    it holds     rm -rf /\n
    decided by   rm.recursive in 4, rules/files/rm.yaml:N ..
    ");
}

#[test]
fn what_is_not_known_says_why_and_what_is_known_of_it() {
    insta::assert_snapshot!(values("D=$(date +%F); rm -rf /srv/$D/* $1"), @r"
    1  date
    2  no program
    sets         D=$(date +%F)
    word         $(date +%F) is not known: the output of 1, which guard does not compute
    3  rm
    word         /srv/$D/* is not known: $(date +%F) is the output of 1, which guard does not compute [begins with '/srv/', ends with '*', may be several words]
    word         $1 is not known: an argument that the text does not give [may be empty, may be several words]
    decided by   rm.recursive in 3, rules/files/rm.yaml:N ..
    ");
    insta::assert_snapshot!(values("find . -name '*.log' | xargs rm"), @r"
    1  find
    2  xargs
    3  rm  inside xargs
    word         ./{}.log is not known: {} is what xargs reads or finds when it runs [begins with './', ends with '.log', may be several words]
    decided by   rm.unknown-path in 3, rules/files/rm.yaml:N ..
    ");
    insta::assert_snapshot!(values("rm -rf \"${X:?}\"/* $(kubectl get ns -o name)"), @r#"
    1  kubectl get
    2  rm
    word         "${X:?}"/* is not known: ${X:?} is a variable that the text does not set to a known value [ends with '*', never empty]
    word         $(kubectl get ns -o name) is not known: the output of 1, which guard does not compute [may be several words]
    decided by   rm.recursive in 2, rules/files/rm.yaml:N ..
    "#);
    insta::assert_snapshot!(values("t=$(mktemp -d); rm -rf \"$t\"; bash -c \"rm -rf $X\""), @r#"
    1  mktemp
    2  no program
    sets         t=$(mktemp -d)
    word         $(mktemp -d) is not known: the name of a new temporary file
    3  rm
    word         "$t" is not known: $(mktemp -d) is the name of a new temporary file
    4  bash
    word         "rm -rf $X" is not known: $X is a variable that the text does not set to a known value [begins with 'rm -rf ']
    5  rm  inside bash
    word         ${__unknown} is not known: a part that is not known of the text that is run [may be empty, may be several words]
    decided by   rm.recursive in 5, rules/files/rm.yaml:N ..
    "#);
}

#[test]
fn texts_that_are_read_and_functions_that_are_not_called_are_named() {
    insta::assert_snapshot!(values("f() { rm -rf /; }; trap 'rm -rf /srv/app' EXIT"), @r"
    1  trap
    reading      its text was read: what that starts is listed too
    2  rm
    not judged   f: a function that is never called
    decided by   rm.recursive in 2, rules/files/rm.yaml:N ..
    ");
}

#[test]
fn long_and_hostile_values_are_cut_and_escaped() {
    let text = format!("X=$'\\e[2J{}'; rm -rf \"$X\"", "a".repeat(5000));
    let page = values(&text);
    assert!(page.contains("\\x1b[2Jaaa") && page.contains("(+"), "{page}");
    assert!(!page.contains('\x1b'), "{page}");
    let word = page.lines().find(|line| line.starts_with("word ")).unwrap_or_default();
    assert!(word.len() < 400, "{word}");
}

#[test]
fn one_dangerous_command() {
    let text = render(&samples::delete_namespace(), &asked(DELETE_NS), Palette::OFF, 80);
    insta::assert_snapshot!(no_lines(&text), @r"
    kubectl delete ns prod
            ^^^^^^^^^^^^^^

    1  kubectl delete
       operands     ns, prod
       DELETE namespace prod  T4 second human [kubectl.delete-namespace]
         what         Deletes a namespace and everything in it
         scope        4: a whole service, namespace, database or bucket
         count        not checked
         undo         not checked, which counts as none
         environment  PROD, remote [the operand prod names production]
         flags        holds data
         line 4a      T4  deletes a whole service or data in production
                      [rules/tiers.yaml:N]
         safer        Delete single objects: `kubectl delete deploy NAME -n NS`

    together     T4 second human: a second person has to agree
    decided by   kubectl.delete-namespace in 1, rules/tiers.yaml:N (line 4a)
    ");
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it is the page")]
fn a_tree_with_wrappers_pipes_and_unknown_words() {
    let text = "curl -s u | sudo sh -c 'rm -rf $X'";
    let curl = Invocation {
        program: Some("curl".into()),
        argv: ["curl", "-s", "u"].map(|w| samples::word(text, w)).into(),
        options: vec![samples::option(text, "-s")],
        operands: vec![Word::text("u", Span::new(8, 9))],
        span: Span::new(0, 9),
        ..Invocation::default()
    };
    let sudo = Invocation {
        program: Some("sudo".into()),
        argv: vec![samples::word(text, "sudo")],
        stdin: Stdin::Pipe(vec![0]),
        span: Span::new(12, 34),
        ..Invocation::default()
    };
    let hole = Word::hole("$X", Cause::Variable, Span::new(31, 33));
    let rm = Invocation {
        program: Some("rm".into()),
        argv: vec![samples::word(text, "rm"), samples::word(text, "-rf"), hole.clone()],
        options: vec![samples::option(text, "-rf")],
        operands: vec![hole],
        certainty: Certainty::Shape,
        place: Place::AsUser(None),
        wrappers: ["sudo", "sh"]
            .map(|name| Wrapper { name: name.into(), span: Span::default() })
            .into(),
        parent: Some(1),
        span: Span::new(24, 33),
        ..Invocation::default()
    };
    let mut found = samples::finding(Verb::Delete, "directory", None, Tier::Confirm);
    found.effect.invocation = 2;
    found.effect.span = Span::new(24, 33);
    let mut verdict = samples::verdict(vec![found], vec![curl, sudo, rm]);
    verdict.problems.push(Problem {
        kind: ProblemKind::Limit,
        message: "nested too deeply".into(),
        span: Span::new(0, 4),
    });
    insta::assert_snapshot!(no_lines(&render(&verdict, &asked(text), Palette::OFF, 70)), @r"
    curl -s u | sudo sh -c 'rm -rf $X'
                            ^^^^^^^^^

    not read     bytes 0 to 4: nested too deeply
    1  curl
       options      -s
       operands     u
       effects      no rule knows a danger in it

    2  sudo
       input        the output of 1
       effects      no rule knows a danger in it

      3  rm  as root  inside sudo, sh
         options      -rf
         operands     $X
         word         $X is not known: a variable that the text does not
                      set to a known value [may be empty, may be several
                      words]
         reading      a subcommand or the place of an option is not
                      known
         DELETE directory  T2 confirm [sample.directory]
           what         works on a directory
           scope        1: a directory or part of the project
           count        not checked
           undo         not checked, which counts as none
           environment  LOCAL
           flags        none
           line 2a      T2  delete without a way back
                        [rules/tiers.yaml:N]

    together     T2 confirm: a human at a terminal has to answer y
    decided by   sample.directory in 3, rules/tiers.yaml:N (line 2a)
    ");
    let coloured = render(&verdict, &asked(text), Palette::ON, 70);
    assert!(coloured.contains("colours: "), "{coloured}");
    assert!(coloured.contains("\x1b[31m$X\x1b[0m"), "the unknown word stands out");
}

#[test]
fn hostile_text_is_shown_whole_and_escaped() {
    let text = "rm '\x1b[2J\u{202e}\n漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字'; ".repeat(50);
    let mut verdict = samples::delete_namespace();
    for (span, parent) in [
        (Span::new(0, usize::MAX), Some(7)),
        (Span::new(9, 3), Some(0)),
        (Span::new(6, 8), Some(2)),
    ] {
        let invocation =
            Invocation { argv: vec![Word::text("x", span)], parent, span, ..Invocation::default() };
        verdict.invocations.push(invocation);
    }
    let page = render(&verdict, &asked(&text), Palette::OFF, 40);
    assert!(!page.chars().any(|c| c != '\n' && crate::text::is_deceptive(c)));
    assert_eq!(page.matches("\\x1b[2J").count(), 50);
    assert_eq!(page.matches('漢').count(), 500);
}

#[test]
fn deep_nesting_takes_bounded_work() {
    let text = "x".repeat(100_000);
    let whole = Span::new(0, text.len());
    let invocations = (0..10_000).map(|at: usize| Invocation {
        argv: vec![Word::text("x", whole)],
        parent: at.checked_sub(1),
        span: whole,
        ..Invocation::default()
    });
    let verdict = samples::verdict(vec![], invocations.collect());
    assert!(render(&verdict, &asked(&text), Palette::ON, 80).len() > 100_000);
}
