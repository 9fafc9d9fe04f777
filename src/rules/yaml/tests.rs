//! Every row of the table of inputs, with the message that people get.
#![allow(clippy::unwrap_used, clippy::panic, clippy::too_many_lines)]

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{MAX_BYTES, decode, outline, parse};
use crate::rules::schema::{NameSource, PathSource, RuleFile, ScopeSpec};

const GOOD: &str = "\
tool: demo
programs: [demo]
rules:
  - id: demo.wipe
    summary: wipes the disk
    why: Everything is gone.
    match:
      subcommand: [wipe]
    effect:
      verb: delete
      object: disk
      scope: 4
      name: [{operand: 1}, {option: [--x, -x]}, redirect, subcommand]
";

fn error(text: &str) -> String {
    match parse::<RuleFile>("rules/demo.yaml", text) {
        Ok(file) => panic!("accepted: {file:?}"),
        Err(error) => error.render(false),
    }
}

fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    error(&GOOD.replacen(from, to, 1))
}
#[test]
fn unknown_keys_and_words_come_with_the_nearest_right_one() {
    assert_snapshot!(changed("summary:", "sumary:"), @"
rules/demo.yaml:5:5: The key `sumary` is not known here.
  |
5 |     sumary: wipes the disk
  |     ^^^^^^
  |
  = expected: probably `summary`
");
    assert_snapshot!(changed("tool: demo", "tool: demo\nx: y"), @"
rules/demo.yaml:2:1: The key `x` is not known here.
  |
2 | x: y
  | ^
  |
  = expected: one of `tool`, `programs`, `grammar`, `wrappers`, `whereabouts`, `acts_despite_help`, `rules`
");
    assert_snapshot!(changed("verb: delete", "verb: nuke"), @"
rules/demo.yaml:10:13: `nuke` is not one of the words for this.
   |
10 |       verb: nuke
   |             ^^^^
   |
   = expected: one of `read`, `create`, `modify`, `stop`, `delete`, `access`, `expose`, `execute-unknown`
");
    assert_snapshot!(changed("redirect,", "redirekt,"), @"
rules/demo.yaml:13:49: `redirekt` is not one of the words for this.
   |
13 |       name: [{operand: 1}, {option: [--x, -x]}, redirekt, subcommand]
   |                                                 ^^^^^^^^
   |
   = expected: probably `redirect`
");
    assert_snapshot!(changed("{operand: 1}", "{operant: 1}"), @"
rules/demo.yaml:13:15: `operant` is not one of the words for this.
   |
13 |       name: [{operant: 1}, {option: [--x, -x]}, redirect, subcommand]
   |               ^^^^^^^
   |
   = expected: probably `operand`
");
}

#[test]
fn missing_and_empty_values_are_refused() {
    assert_snapshot!(changed("      scope: 4\n", ""), @"
rules/demo.yaml:12:7: The key `scope` is missing.
   |
12 |       name: [{operand: 1}, {option: [--x, -x]}, redirect, subcommand]
   |       ^^^^
");
    assert_snapshot!(changed("object: disk", "object: ~"), @"
rules/demo.yaml:11:15: There is no value here.
   |
11 |       object: ~
   |               ^
   |
   = expected: text; put `~` or `null` in quotes
");
    assert_snapshot!(changed("object: disk", "object:"), @"
rules/demo.yaml:11:13: There is no value here.
   |
11 |       object:
   |             ^
   |
   = expected: text; put `~` or `null` in quotes
");
}

#[test]
fn wrong_types_say_what_was_expected() {
    assert_snapshot!(changed("object: disk", "object: [a]"), @"
rules/demo.yaml:11:15: This is not the right kind of value.
   |
11 |       object: [a]
   |               ^
   |
   = expected: text
");
    assert_snapshot!(changed("programs: [demo]", "programs: demo"), @"
rules/demo.yaml:2:11: This is not the right kind of value.
  |
2 | programs: demo
  |           ^^^^
  |
  = expected: a list: `[a, b]`, or lines that begin with `- `
");
    assert_snapshot!(changed("{operand: 1}", "{operand: x}"), @"
rules/demo.yaml:13:24: `x` cannot be read as a number.
   |
13 |       name: [{operand: x}, {option: [--x, -x]}, redirect, subcommand]
   |                        ^
   |
   = expected: a whole number, such as 4
");
    assert_snapshot!(changed("scope: 4", "scope: 4\n      local: no"), @"
rules/demo.yaml:13:14: `no` is not a truth value.
   |
13 |       local: no
   |              ^^
   |
   = expected: true or false
");
    assert_snapshot!(changed("rules:", "rules: x"), @"
rules/demo.yaml:3:8: This is not the right kind of value.
  |
3 | rules: x
  |        ^
  |
  = expected: a list: `[a, b]`, or lines that begin with `- `
");
}

#[test]
fn a_scope_is_a_number_or_paths() {
    assert_snapshot!(changed("scope: 4", "scope: 7"), @"
rules/demo.yaml:12:14: `7` is not right here.
   |
12 |       scope: 7
   |              ^
   |
   = expected: a number from 0 to 6, or `paths: ` with the words that are paths
");
    assert_snapshot!(changed("scope: 4", "scope: -1"), @"
rules/demo.yaml:12:14: `-1` is not right here.
   |
12 |       scope: -1
   |              ^^
   |
   = expected: a number from 0 to 6, or `paths: ` with the words that are paths
");
    assert_snapshot!(changed("scope: 4", "scope: four"), @"
rules/demo.yaml:12:14: `four` is not right here.
   |
12 |       scope: four
   |              ^^^^
   |
   = expected: a number from 0 to 6, or `paths: ` with the words that are paths
");
    assert_snapshot!(changed("scope: 4", "scope: 010"), @"
rules/demo.yaml:12:14: `010` is not right here.
   |
12 |       scope: 010
   |              ^^^
   |
   = expected: a number from 0 to 6, or `paths: ` with the words that are paths
");
    assert_snapshot!(changed("scope: 4", "scope: 12:30:00"), @"
rules/demo.yaml:12:14: `12:30:00` is not right here.
   |
12 |       scope: 12:30:00
   |              ^^^^^^^^
   |
   = expected: a number from 0 to 6, or `paths: ` with the words that are paths
");
    assert_snapshot!(changed("scope: 4", "scope: {path: operands}"), @"
rules/demo.yaml:12:15: The key `path` is not known here.
   |
12 |       scope: {path: operands}
   |               ^^^^
   |
   = expected: probably `paths`
");
    assert_snapshot!(changed("scope: 4", "scope: {paths: nowhere}"), @"
rules/demo.yaml:12:22: `nowhere` is not one of the words for this.
   |
12 |       scope: {paths: nowhere}
   |                      ^^^^^^^
   |
   = expected: one of `operands`, `rest`, `sources`, `last`, `first`, `redirects`, `value`
");
    assert_snapshot!(changed("scope: 4", "scope: {}"), @"
rules/demo.yaml:12:14: The key `paths` is missing.
   |
12 |       scope: {}
   |              ^
");
    assert_snapshot!(changed("scope: 4", "scope: {paths: last, paths: last}"), @"
rules/demo.yaml:12:28: The key `paths` is given twice.
   |
12 |       scope: {paths: last, paths: last}
   |                            ^^^^^
   |
   = expected: each key once
");
}

#[test]
fn duplicate_keys_are_refused_at_the_second_one() {
    assert_snapshot!(changed("object: disk\n", "object: disk\n      verb: delete\n"), @"
rules/demo.yaml:12:7: The key `verb` is given twice.
   |
12 |       verb: delete
   |       ^^^^
   |
   = expected: each key once
");
}

#[test]
fn anchors_aliases_and_merge_keys_are_refused() {
    assert_snapshot!(changed("object: disk", "object: &a disk"), @"
rules/demo.yaml:11:18: Anchors and aliases are not allowed.
   |
11 |       object: &a disk
   |                  ^^^^
   |
   = expected: the value itself; put text that begins with `&` or `*` in quotes
");
    assert_snapshot!(changed("object: disk", "object: *a"), @"
rules/demo.yaml:11:15: Anchors and aliases are not allowed.
   |
11 |       object: *a
   |               ^
   |
   = expected: the value itself; put text that begins with `&` or `*` in quotes
");
    assert_snapshot!(changed("object: disk", "<<: {a: b}"), @"
rules/demo.yaml:11:7: Merge keys (`<<`) are not allowed.
   |
11 |       <<: {a: b}
   |       ^^
   |
   = expected: every rule written out, so that it can be read alone
");
}

#[test]
fn tags_are_refused_however_they_are_written() {
    assert_snapshot!(changed("object: disk", "object: !!binary YQ=="), @"
rules/demo.yaml:11:15: YAML tags are not allowed here.
   |
11 |       object: !!binary YQ==
   |               ^^^^^^^^
   |
   = expected: the plain value, without `!...` in front
");
    assert_snapshot!(changed("object: disk", "object: !!str y"), @"
rules/demo.yaml:11:15: YAML tags are not allowed here.
   |
11 |       object: !!str y
   |               ^^^^^
   |
   = expected: the plain value, without `!...` in front
");
    assert_snapshot!(changed("object: disk", "object: !x y"), @"
rules/demo.yaml:11:18: YAML tags are not allowed here.
   |
11 |       object: !x y
   |                  ^
   |
   = expected: the plain value, without `!...` in front
");
    assert_snapshot!(changed("object: disk", "object: !!python/object:os.system y"), @"
rules/demo.yaml:11:41: YAML tags are not allowed here.
   |
11 |       object: !!python/object:os.system y
   |                                         ^
   |
   = expected: the plain value, without `!...` in front
");
    assert_snapshot!(changed("tool: demo", "%TAG !b! tag:yaml.org,2002:\n---\ntool: !b!inary YQ=="), @"
rules/demo.yaml:3:16: YAML tags are not allowed here.
  |
3 | tool: !b!inary YQ==
  |                ^^^^
  |
  = expected: the plain value, without `!...` in front
");
    assert_snapshot!(changed("tool: demo", "tool: !<tag:yaml.org,2002:binary> YQ=="), @"
rules/demo.yaml:1:7: YAML tags are not allowed here.
  |
1 | tool: !<tag:yaml.org,2002:binary> YQ==
  |       ^^^^^^^^^^^^^^
  |
  = expected: the plain value, without `!...` in front
");
}

#[test]
fn deceptive_characters_are_refused_raw_and_as_escapes() {
    assert_snapshot!(changed("object: disk", "object: \"a\\u202e\""), @r#"
rules/demo.yaml:11:15: This text has the character U+202E, which is invisible or reorders text.
   |
11 |       object: "a\u202e"
   |               ^^^^^^^^^
   |
   = expected: visible characters; write what you mean in words
"#);
    assert_snapshot!(changed("object: disk", "object: \"\\0\""), @r#"
rules/demo.yaml:11:15: This text has the character U+0000, which is invisible or reorders text.
   |
11 |       object: "\0"
   |               ^^^^
   |
   = expected: visible characters; write what you mean in words
"#);
    assert_snapshot!(changed("object: disk", "object: \"\\e[31m\""), @r#"
rules/demo.yaml:11:15: This text has the character U+001B, which is invisible or reorders text.
   |
11 |       object: "\e[31m"
   |               ^^^^^^^^
   |
   = expected: visible characters; write what you mean in words
"#);
    assert_snapshot!(changed("object: disk", "object: a\u{202e}"), @r#"
rules/demo.yaml:11:16: The file has the character U+202E, which is invisible, a control, or reorders text.
   |
11 |       object: a\u{202e}
   |                ^^^^^^^^
   |
   = expected: plain text; nothing that a reviewer cannot see
"#);
    assert_snapshot!(changed("tool: demo", "# hidden \u{200b} text\ntool: demo"), @r#"
rules/demo.yaml:1:10: The file has the character U+200B, which is invisible, a control, or reorders text.
  |
1 | # hidden \u{200b} text
  |          ^^^^^^^^
  |
  = expected: plain text; nothing that a reviewer cannot see
"#);
    assert_snapshot!(changed("tool: demo", "tool: demo\rx"), @r#"
rules/demo.yaml:1:11: The file has the character U+000D, which is invisible, a control, or reorders text.
  |
1 | tool: demo\rx
  |           ^^
  |
  = expected: plain text; nothing that a reviewer cannot see
"#);
}

#[test]
fn syntax_errors_have_a_position_and_a_hint() {
    assert_snapshot!(changed("      scope: 4", "\tscope: 4"), @"
rules/demo.yaml:11:15: While scanning a plain scalar, found a tab.
   |
11 |       object: disk
   |               ^
   |
   = expected: spaces
");
    assert_snapshot!(changed("programs: [demo]", "programs: [\n  demo\n]"), @"
rules/demo.yaml:4:1: Invalid indentation.
  |
4 | ]
  | ^
  |
  = expected: the same indentation for all keys of a map; a list in `[ ]` deeper than its key, its closing bracket too
");
    assert_snapshot!(changed("tool: demo", "tool: demo: x"), @"
rules/demo.yaml:1:11: Mapping values are not allowed in this context.
  |
1 | tool: demo: x
  |           ^
  |
  = expected: quotes around text that has `: ` in it
");
    assert_snapshot!(changed("tool: demo", "? [a]\n: b\ntool: demo"), @"
rules/demo.yaml:1:3: This is not the right kind of value.
  |
1 | ? [a]
  |   ^
  |
  = expected: text
");
    assert_snapshot!(changed("subcommand: [wipe]", "subcommand: [wipe"), @"
rules/demo.yaml:9:5: Invalid indentation.
  |
9 |     effect:
  |     ^
  |
  = expected: the same indentation for all keys of a map; a list in `[ ]` deeper than its key, its closing bracket too
");
}

#[test]
fn other_documents_and_empty_files_are_refused() {
    assert_snapshot!(error(&format!("{GOOD}---\ntool: x\n")), @"
rules/demo.yaml:14:1: There is a second document.
   |
14 | ---
   | ^^^
   |
   = expected: one document in each file
");
    assert_snapshot!(error(&format!("{GOOD}...\ntrailing\n")), @"
rules/demo.yaml:15:1: There is a second document.
   |
15 | trailing
   | ^^^^^^^^
   |
   = expected: one document in each file
");
    assert_snapshot!(error(""), @"
rules/demo.yaml:1:1: The file ends too early, or is empty.
");
    assert_snapshot!(error("- a"), @"
rules/demo.yaml:1:1: This is not the right kind of value.
  |
1 | - a
  | ^
  |
  = expected: keys with values: `key: value`
");
}

#[test]
fn size_and_depth_are_limited() {
    assert_snapshot!(error(&"#".repeat(MAX_BYTES + 1)), @"
rules/demo.yaml:1:1: The file has 262145 bytes; the limit is 262144.
  expected: one file for each tool, without data in it
");
    assert_snapshot!(error(&"[".repeat(100_000)), @"
rules/demo.yaml:1:33: Recursion limit exceeded.
  |
1 | [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
  |                                 ^
  |
  = expected: at most 32 levels
");
    assert_snapshot!(error(&"? ".repeat(100_000)), @"
rules/demo.yaml:1:65: This is nested too deeply.
  |
1 | …? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? …
  |                                                              ^
  |
  = expected: at most 32 levels
");
    assert!(error(&"{a: ".repeat(10_000)).contains("rules/demo.yaml:1:"));
    let many = "  - x\n".repeat(40_000);
    assert!(error(&format!("tool: x\nprograms:\n{many}")).contains("rules/demo.yaml:"));
}

#[test]
fn bytes_that_are_not_text_have_a_position() {
    assert_eq!(decode("x", "é".as_bytes()).unwrap(), "é");
    assert_snapshot!(decode("x", b"tool: x\nprograms: [\xff]\n").unwrap_err().render(false), @"
x:2:12: The file is not UTF-8 text from here on.
  |
2 | programs: [�]
  |            ^
");
    assert!(decode("x", &vec![b'a'; MAX_BYTES + 1]).is_err());
}

#[test]
fn an_alias_bomb_is_stopped_at_its_first_anchor() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n".repeat(1000);
    assert!(error(&bomb).contains("rules/demo.yaml:1:1: The key `a`"));
    let typed = format!("tool: x\nprograms: &p [{}]\nrules: []\n", "x, ".repeat(1000));
    let message = error(&typed);
    assert!(message.contains("yaml:2:") && message.contains("Anchors"), "{message}");
}

#[test]
fn good_files_are_read() {
    let file: RuleFile = parse("x", GOOD).unwrap();
    let effect = &file.rules.first().unwrap().effect;
    assert_eq!(effect.scope, ScopeSpec::Level(4));
    let options = NameSource::Option(vec!["--x".into(), "-x".into()]);
    let names = [NameSource::Operand(1), options, NameSource::Redirect, NameSource::Subcommand];
    assert_eq!(effect.name, names);
    for (from, to) in [
        ("tool: demo", "\u{feff}tool: demo"),
        ("tool: demo", "%YAML 1.2\n---\ntool: demo"),
        ("\n", "\r\n"),
        ("scope: 4", "scope: 0x4"),
        ("scope: 4", "scope: 4\n      local: TRUE"),
        ("subcommand: [wipe]", "subcommand: ['~', 010, 1.10, on, no, true, 'x!!y', \"\\t\"]"),
    ] {
        assert!(parse::<RuleFile>("x", &GOOD.replace(from, to)).is_ok(), "{to}");
    }
    let paths = GOOD.replace("scope: 4", "scope: {paths: operands}");
    let file: RuleFile = parse("x", &paths).unwrap();
    assert_eq!(file.rules.first().unwrap().effect.scope, ScopeSpec::Paths(PathSource::Operands));
}

#[test]
fn an_outline_knows_where_things_stand() {
    let outline = outline("x", GOOD).unwrap();
    let text = |node: &super::Outline| GOOD.get(node.mark()).unwrap().to_owned();
    let rule = outline.key("rules").unwrap().index(0).unwrap();
    assert_eq!(text(rule), "id");
    assert_eq!(text(rule.key("summary").unwrap()), "wipes the disk");
    assert_eq!(GOOD.get(rule.key_range("effect").unwrap()), Some("effect"));
    let name = rule.key("effect").unwrap().key("name").unwrap();
    assert_eq!(text(name.index(1).unwrap().key("option").unwrap().index(1).unwrap()), "-x");
    assert!(outline.key("nothing").is_none() && rule.index(0).is_none());
}

#[test]
fn colours_come_only_when_asked_for() {
    let error = parse::<RuleFile>("x", "a: b").unwrap_err();
    assert!(!error.render(false).contains('\x1b'));
    assert!(error.render(true).contains('\x1b'));
}

proptest! {
    #[test]
    fn any_text_gives_an_answer_without_controls(text in any::<String>()) {
        if let Err(error) = parse::<RuleFile>("x\u{1b}", &text) {
            let shown = error.render(false);
            prop_assert!(!shown.contains(|c: char| c != '\n' && crate::text::escape::is_deceptive(c)));
        }
    }

    #[test]
    fn text_that_looks_like_yaml_gives_an_answer(text in "[a-z:\\[\\]{},&*!#|>'\" \n\\-\\\\%?~]{0,80}") {
        let _ = parse::<RuleFile>("x", &text);
        let _ = outline("x", &text);
    }

    #[test]
    fn a_broken_good_file_gives_an_answer(at in 0..GOOD.len(), with in "[:\\[{}&*!#|>'\" \n\\-]{0,3}") {
        let mut text = GOOD.to_owned();
        text.replace_range(at..(at + 1).min(GOOD.len()), &with);
        if let Err(error) = parse::<RuleFile>("x", &text) {
            prop_assert!(error.position().0 <= GOOD.lines().count() + 4);
        }
    }
}
