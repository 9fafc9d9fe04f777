//! Every check, with the message that people get.
#![allow(clippy::unwrap_used, clippy::panic, clippy::too_many_lines)]

use insta::assert_snapshot;

use super::{Hooks, Source, across, check};

const GOOD: &str = r#"tool: demo
programs: [demo, demo2]
rules:
  - id: demo.wipe
    summary: wipes the disk
    why: Everything is gone.
    match:
      subcommand: [wipe]
      options:
        - any: [--force, -f]
      operands:
        - at: first
          is: {glob: ["/dev/*"]}
    effect:
      verb: delete
      object: disk
      scope: 4
      reversibility: 3
    safer: "`demo list` first"
    references: ["https://example.org/demo"]
    examples:
      match: [a 1, a 2, a 3]
      pass: [b 1, b 2, b 3]
  - id: demo.two
    summary: the second rule
    why: To compare with the first.
    match:
      program: [demo2]
    effect: {verb: delete, object: disk, scope: 4}
    examples:
      match: [a 1, a 2, a 3]
      pass: [b 1, b 2, b 3]
"#;

/// A grammar that knows `wipe`.
fn hooks() -> Hooks<'static> {
    Hooks { knows_subcommand: &|tool, path| tool == "demo" && path == "wipe" }
}

fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    match check("demo.yaml", &GOOD.replacen(from, to, 1), hooks()) {
        Ok(file) => panic!("accepted: {file:?}"),
        Err(errors) => errors.render(false),
    }
}

#[test]
fn the_good_file_is_good() {
    let result = check("demo.yaml", GOOD, hooks());
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

#[test]
fn a_grammar_fits_a_tool_that_guard_does_not_know() {
    let good = GOOD.replacen(
        "rules:",
        "grammar:\n  values: [--config]\n  subcommands: {wipe: {aliases: [w]}}\n\
         wrappers: [{subcommand: wipe, inner: [{dashes: 1}]}]\nrules:",
        1,
    );
    assert!(check("demo.yaml", &good, hooks()).is_ok());
    assert!(
        check("demo.yaml", &good.replacen("wipe: {aliases", "erase: {aliases", 1), hooks()).is_ok()
    );
    let bad = changed(
        "rules:",
        "grammar:\n  values: [--config, -c]\n  switches: [-c, force]\n  stops_at: 0\n  \
         subcommands:\n    wipe: {aliases: [w]}\n    -x: {aliases: [w, a b]}\n\
         wrappers: [{programs: [demo], inner: []}]\nrules:",
    );
    assert_eq!(
        headlines(&bad),
        [
            "5:14: The option `-c` is listed twice.",
            "5:18: This cannot be the name of an option.",
            "6:13: Operands are counted from 1.",
            "8:22: The name `w` is taken.",
            "9:5: `-x` cannot be a subcommand.",
            "9:23: `a b` cannot be a subcommand.",
            "10:13: The programs of the file are meant here.",
            "10:31: It is not said where the inner command stands.",
        ]
    );
    let unknown = changed("rules:", "grammar: no-such-tool\nrules:");
    assert_eq!(
        headlines(&unknown),
        ["3:10: guard does not know the command line of `no-such-tool`."]
    );
    let known = GOOD.replacen("[demo, demo2]", "[demo, demo2, kubectl]", 1);
    let known = known.replacen("rules:", "grammar: docker\nrules:", 1);
    let Err(errors) = check("demo.yaml", &known, hooks()) else { panic!("accepted") };
    assert_eq!(
        headlines(&errors.render(false)).first(),
        Some(&"3:10: guard knows the command line of `kubectl` already.")
    );
}

/// Position and message of each mistake.
fn headlines(report: &str) -> Vec<&str> {
    report.lines().filter_map(|line| line.strip_prefix("demo.yaml:")).collect()
}

#[test]
fn names_and_ids_have_a_form() {
    assert_snapshot!(changed("tool: demo", "tool: Demo!"), @"
demo.yaml:1:7: `Demo!` is not a name for a tool.
  |
1 | tool: Demo!
  |       ^^^^^
  |
  = expected: small letters, digits, `-`, `_`, `+`

demo.yaml:4:9: The id `demo.wipe` is not of the form `tool.name`.
  |
4 |   - id: demo.wipe
  |         ^^^^^^^^^
  |
  = expected: `Demo!.` and then small letters and digits with single `-`

demo.yaml:24:9: The id `demo.two` is not of the form `tool.name`.
   |
24 |   - id: demo.two
   |         ^^^^^^^^
   |
   = expected: `Demo!.` and then small letters and digits with single `-`
");
    assert_snapshot!(changed("programs: [demo, demo2]", "programs: []"), @"
demo.yaml:2:1: There are no programs.
  |
2 | programs: []
  | ^^^^^^^^
  |
  = expected: the names of the program files

demo.yaml:28:17: `demo2` is not among the `programs` of this file.
   |
28 |       program: [demo2]
   |                 ^^^^^
   |
   = expected: one of
");
    assert_snapshot!(changed("programs: [demo, demo2]", "programs: [demo, '*', demo]"), @"
demo.yaml:2:18: `*` stands for every program.
  |
2 | programs: [demo, '*', demo]
  |                  ^^^
  |
  = expected: `*` alone in its file

demo.yaml:2:23: The program `demo` is listed twice.
  |
2 | programs: [demo, '*', demo]
  |                       ^^^^
");
    assert_snapshot!(changed("programs: [demo, demo2]", "programs: [/bin/demo]"), @"
demo.yaml:2:12: This cannot be the file name of a program.
  |
2 | programs: [/bin/demo]
  |            ^^^^^^^^^

demo.yaml:8:20: By the grammar of `/bin/demo` no command has this: `wipe`.
  |
8 |       subcommand: [wipe]
  |                    ^^^^
  |
  = expected: a subcommand path with aliases resolved

demo.yaml:28:17: `demo2` is not among the `programs` of this file.
   |
28 |       program: [demo2]
   |                 ^^^^^
   |
   = expected: one of /bin/demo
");
    assert_snapshot!(changed("id: demo.wipe", "id: demo.Wipe_all"), @"
demo.yaml:4:9: The id `demo.Wipe_all` is not of the form `tool.name`.
  |
4 |   - id: demo.Wipe_all
  |         ^^^^^^^^^^^^^
  |
  = expected: `demo.` and then small letters and digits with single `-`
");
    assert_snapshot!(changed("id: demo.wipe", "id: other.wipe"), @"
demo.yaml:4:9: The id `other.wipe` is not of the form `tool.name`.
  |
4 |   - id: other.wipe
  |         ^^^^^^^^^^
  |
  = expected: `demo.` and then small letters and digits with single `-`
");
    assert_snapshot!(changed("id: demo.two", "id: demo.wipe"), @"
demo.yaml:24:9: The id `demo.wipe` is taken.
   |
24 |   - id: demo.wipe
   |         ^^^^^^^^^
");
}

#[test]
fn rules_are_explained_and_shown_by_examples() {
    assert_snapshot!(changed("summary: wipes the disk", "summary: long long long long long long long long long long long long long long long long long long long long "), @"
demo.yaml:5:14: The summary has 99 characters.
  |
5 |     summary: long long long long long long long long long long long long …
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = expected: at most 72
");
    assert_snapshot!(changed("summary: wipes the disk", "summary: ''"), @"
demo.yaml:5:14: The summary is empty.
  |
5 |     summary: ''
  |              ^^
");
    assert_snapshot!(changed("    why: Everything is gone.\n", ""), @"
demo.yaml:4:5: The rule does not say why.
  |
4 |   - id: demo.wipe
  |     ^^
  |
  = expected: a short paragraph in `why`
");
    assert_snapshot!(changed("      match: [a 1, a 2, a 3]\n      pass: [b 1, b 2, b 3]", "      match: [a 1, a 1]\n      pass: [a 1, b 2, '']"), @"
demo.yaml:22:7: The rule `demo.wipe` has 2 examples under `match`.
   |
22 |       match: [a 1, a 1]
   |       ^^^^^
   |
   = expected: at least 3

demo.yaml:22:20: The example is given twice.
   |
22 |       match: [a 1, a 1]
   |                    ^^^

demo.yaml:23:14: The example is also under `match`.
   |
23 |       pass: [a 1, b 2, '']
   |              ^^^

demo.yaml:23:24: The example is empty.
   |
23 |       pass: [a 1, b 2, '']
   |                        ^^
");
    assert_snapshot!(changed("    examples:\n      match: [a 1, a 2, a 3]\n      pass: [b 1, b 2, b 3]\n", ""), @"
demo.yaml:4:5: The rule `demo.wipe` has 0 examples under `match`.
  |
4 |   - id: demo.wipe
  |     ^^
  |
  = expected: at least 3

demo.yaml:4:5: The rule `demo.wipe` has 0 examples under `pass`.
  |
4 |   - id: demo.wipe
  |     ^^
  |
  = expected: at least 3
");
    assert_snapshot!(changed("references: [\"https://example.org/demo\"]", "references: [see the manual]"), @"
demo.yaml:20:18: This is not an address.
   |
20 |     references: [see the manual]
   |                  ^^^^^^^^^^^^^^
   |
   = expected: `https://...` or `man:name(8)`
");
}

#[test]
fn numbers_are_in_range() {
    assert_snapshot!(changed("reversibility: 3", "reversibility: 5"), @"
demo.yaml:18:22: There is no such level.
   |
18 |       reversibility: 5
   |                      ^
   |
   = expected: 0 (built in) to 4 (no undo)
");
    assert_snapshot!(changed("- at: first\n          is: {glob: [\"/dev/*\"]}", "- {at: any, min: 3, max: 2}"), @"
demo.yaml:12:26: No number is at least 3 and at most 2.
   |
12 |         - {at: any, min: 3, max: 2}
   |                          ^
");
}

#[test]
fn patterns_must_mean_something() {
    assert_snapshot!(changed("{glob: [\"/dev/*\"]}", "{glob: [\"/dev/[ab\"]}"), @r#"
demo.yaml:13:23: A `[` in the glob is not closed.
   |
13 |           is: {glob: ["/dev/[ab"]}
   |                       ^^^^^^^^^^
"#);
    assert_snapshot!(changed("{glob: [\"/dev/*\"]}", "{regex: \"(a\"}"), @r#"
demo.yaml:13:23: This is not a regular expression: unclosed group.
   |
13 |           is: {regex: "(a"}
   |                       ^^^^
"#);
    assert_snapshot!(changed("{glob: [\"/dev/*\"]}", "{regex: '\\w{900}{90}'}"), @r#"
demo.yaml:13:23: The regular expression is too large when compiled; use smaller repetitions.
   |
13 |           is: {regex: '\w{900}{90}'}
   |                       ^^^^^^^^^^^^^
"#);
    let long = format!("{{regex: '{}'}}", "a".repeat(513));
    assert!(changed("{glob: [\"/dev/*\"]}", &long).contains("longer than 512 bytes"));
    assert_snapshot!(changed("{glob: [\"/dev/*\"]}", "{}"), @"
demo.yaml:13:11: There is no condition here, so every word would fit.
   |
13 |           is: {}
   |           ^^
");
    assert_snapshot!(changed("{glob: [\"/dev/*\"]}", "{not: {ignore_case: true, regex: x}}"), @"
demo.yaml:13:35: `ignore_case` is about `exact` and `glob`, and there is none.
   |
13 |           is: {not: {ignore_case: true, regex: x}}
   |                                   ^^^^
   |
   = expected: `(?i)` at the beginning of a regular expression
");
}

#[test]
fn a_rule_that_matches_everything_has_to_say_so() {
    assert_snapshot!(changed("match:\n      program: [demo2]\n", "match: {}\n"), @"
demo.yaml:27:5: There is no condition, so everything would match.
   |
27 |     match: {}
   |     ^^^^^
   |
   = expected: a condition, or `program: [...]` to mean every call
");
    assert_snapshot!(changed("subcommand: [wipe]", "any: [{subcommand: [wipe]}, {}]"), @"
demo.yaml:8:35: There is no condition, so everything would match.
  |
8 |       any: [{subcommand: [wipe]}, {}]
  |                                   ^
  |
  = expected: a condition, or `program: [...]` to mean every call
");
}

#[test]
fn dead_conditions_are_refused() {
    assert_snapshot!(changed("subcommand: [wipe]", "subcommand: [wipe|erase all, 'no  blanks']"), @"
demo.yaml:8:20: By the grammar of `demo` and `demo2` no command has this: `wipe all`.
  |
8 |       subcommand: [wipe|erase all, 'no  blanks']
  |                    ^^^^^^^^^^^^^^
  |
  = expected: a subcommand path with aliases resolved

demo.yaml:8:20: By the grammar of `demo` and `demo2` no command has this: `erase all`.
  |
8 |       subcommand: [wipe|erase all, 'no  blanks']
  |                    ^^^^^^^^^^^^^^
  |
  = expected: a subcommand path with aliases resolved

demo.yaml:8:36: This is not a subcommand path.
  |
8 |       subcommand: [wipe|erase all, 'no  blanks']
  |                                    ^^^^^^^^^^^^
  |
  = expected: words, single blanks
");
    assert_snapshot!(changed("program: [demo2]", "program: [demo3]"), @"
demo.yaml:28:17: `demo3` is not among the `programs` of this file.
   |
28 |       program: [demo3]
   |                 ^^^^^
   |
   = expected: one of demo, demo2
");
    assert_snapshot!(changed("- any: [--force, -f]", "- any: [--force, -f]\n        - none: [-f]"), @"
demo.yaml:11:18: `-f` is asked for by another test of this rule.
   |
11 |         - none: [-f]
   |                  ^^
   |
   = expected: an option in one of the two lists
");
    assert_snapshot!(changed("- any: [--force, -f]", "- any: [--force]\n          none: [-f]"), @"
demo.yaml:10:11: This test has 2 of `any`, `all`, `none`.
   |
10 |         - any: [--force]
   |           ^^^
   |
   = expected: exactly one; write a second test for more
");
    assert_snapshot!(changed("- any: [--force, -f]", "- {}"), @"
demo.yaml:10:11: This test has 0 of `any`, `all`, `none`.
   |
10 |         - {}
   |           ^
   |
   = expected: exactly one; write a second test for more
");
    assert_snapshot!(changed("- any: [--force, -f]", "- any: [force, '--x=y']"), @"
demo.yaml:10:17: This cannot be the name of an option.
   |
10 |         - any: [force, '--x=y']
   |                 ^^^^^
   |
   = expected: the name with its dashes and without a value

demo.yaml:10:24: This cannot be the name of an option.
   |
10 |         - any: [force, '--x=y']
   |                        ^^^^^^^
   |
   = expected: the name with its dashes and without a value
");
    assert_snapshot!(changed("- any: [--force, -f]", "- all: [-x]\n          value: {exact: [y]}"), @"
demo.yaml:11:11: `value` goes with `any` or `none`, not with `all`.
   |
11 |           value: {exact: [y]}
   |           ^^^^^
");
    assert_snapshot!(changed("program: [demo2]", "stdin: {}"), @"
demo.yaml:28:7: There is no condition here.
   |
28 |       stdin: {}
   |       ^^^^^
   |
   = expected: `kind`, `from` or `text`
");
}

#[test]
fn the_safer_way_must_be_shell() {
    assert_snapshot!(changed("safer: \"`demo list` first\"", "safer: do \"this"), @r#"
demo.yaml:19:12: `do "this` is not a shell command: unterminated double quote at 1,4 (detected near line 2 col 1).
   |
19 |     safer: do "this
   |            ^^^^^^^^
   |
   = expected: a command, or a sentence with `commands`
"#);
    assert_snapshot!(changed("safer: \"`demo list` first\"", "safer: 'first `demo list'"), @"
demo.yaml:19:12: A backquote has no partner.
   |
19 |     safer: 'first `demo list'
   |            ^^^^^^^^^^^^^^^^^^
   |
   = expected: `command` in a sentence
");
    assert_snapshot!(changed("safer: \"`demo list` first\"", "safer: 'first `` then `if`'"), @"
demo.yaml:19:12: `` is not a shell command: it is empty.
   |
19 |     safer: 'first `` then `if`'
   |            ^^^^^^^^^^^^^^^^^^^^
   |
   = expected: a command, or a sentence with `commands`

demo.yaml:19:12: `if` is not a shell command: syntax error at end of input.
   |
19 |     safer: 'first `` then `if`'
   |            ^^^^^^^^^^^^^^^^^^^^
   |
   = expected: a command, or a sentence with `commands`
");
    assert_snapshot!(changed("safer: \"`demo list` first\"", "safer: '(((((((((((((((((((('"), @"
demo.yaml:19:12: `((((((((((((((((((((` is not a shell command: it is too complicated.
   |
19 |     safer: '(((((((((((((((((((('
   |            ^^^^^^^^^^^^^^^^^^^^^^
   |
   = expected: a command, or a sentence with `commands`
");
}

#[test]
fn rules_with_the_same_conditions_are_refused() {
    let (start, _) = GOOD.split_once("    match:").unwrap();
    let rest = GOOD.split_once("    match:").unwrap().1.split_once("    effect:").unwrap();
    let same = format!("{start}    match:{}    effect:{}", rest.0, rest.1);
    let same = same.replace("      program: [demo2]\n", rest.0.trim_start_matches('\n'));
    assert_snapshot!(check("demo.yaml", &same, hooks()).unwrap_err().render(false), @"
demo.yaml:27:5: The rule `demo.wipe` has the same `match`.
   |
27 |     match:
   |     ^^^^^
   |
   = expected: one rule, or conditions that differ
");
}

#[test]
fn all_mistakes_are_reported_in_order() {
    let text =
        GOOD.replace("/dev/*", "[").replace("tool: demo", "tool: DEMO").replace("demo.two", "x");
    let errors = check("demo.yaml", &text, Hooks::default()).unwrap_err();
    let lines: Vec<usize> = errors.0.iter().map(|error| error.position().0).collect();
    assert_eq!(lines, [1, 4, 13, 24]);
}

#[test]
fn programs_and_ids_belong_to_one_file() {
    let source = |name: &str, text: &str| Source {
        name: name.into(),
        text: text.into(),
        file: check(name, text, hooks()).unwrap(),
    };
    let other = GOOD.replace("demo.two", "demo.three");
    let files = [source("a.yaml", GOOD), source("b.yaml", &other)];
    let errors =
        across(&files, true, &|id| (id == "demo.three").then(|| "a built-in rule".to_owned()));
    let shown: Vec<String> = errors.iter().map(|error| error.render(false)).collect();
    assert_snapshot!(shown.join(""), @"
b.yaml:2:12: The program `demo` has rules in a.yaml already.
  |
2 | programs: [demo, demo2]
  |            ^^^^
  |
  = expected: all rules for a program in one file
b.yaml:2:18: The program `demo2` has rules in a.yaml already.
  |
2 | programs: [demo, demo2]
  |                  ^^^^^
  |
  = expected: all rules for a program in one file
b.yaml:4:9: The id `demo.wipe` is taken by a.yaml.
  |
4 |   - id: demo.wipe
  |         ^^^^^^^^^
b.yaml:24:9: The id `demo.three` is taken by a built-in rule.
   |
24 |   - id: demo.three
   |         ^^^^^^^^^^
");
    assert_eq!(across(&files, false, &|_| None).len(), 1);
    assert!(across(files.get(..1).unwrap(), true, &|_| None).is_empty());
}
