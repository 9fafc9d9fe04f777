//! Tests of the parent module.

use super::render;
use crate::decide::samples::{self, DELETE_NS};
use crate::model::{
    Cause, Certainty, Invocation, Place, Problem, ProblemKind, Span, Stdin, Tier, Verb, Word,
    Wrapper,
};
use crate::text::Palette;

#[test]
fn one_dangerous_command() {
    let text = render(&samples::delete_namespace(), DELETE_NS, Palette::OFF, 80);
    insta::assert_snapshot!(text, @r"
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
         safer        Delete single objects: `kubectl delete deploy NAME -n NS`

    together     T4 second human: a second person has to agree
    ");
}

#[test]
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
    insta::assert_snapshot!(render(&verdict, text, Palette::OFF, 70), @r"
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

    together     T2 confirm: a human at a terminal has to answer y
    ");
    let coloured = render(&verdict, text, Palette::ON, 70);
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
    let page = render(&verdict, &text, Palette::OFF, 40);
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
    assert!(render(&verdict, &text, Palette::ON, 80).len() > 100_000);
}
