//! Every row of the table of inputs, with the message that people get.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use insta::assert_snapshot;
use proptest::prelude::*;

use super::{MAX_BYTES, outline, parse};
use crate::rules::schema::{RuleFile, ScopeSpec};

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
fn probe() {
    let f: RuleFile = parse("x", GOOD).unwrap();
    eprintln!("{f:?}");
    for (a, b) in [
        ("summary:", "sumary:"),
        ("verb: delete", "verb: nuke"),
        ("scope: 4", "scope: 9"),
        ("scope: 4", "scope: {paths: operands}"),
        ("scope: 4", "scope: {path: operands}"),
        ("scope: 4", "scope: {paths: foo}"),
        ("scope: 4", "scope: {paths: last, paths: last}"),
        ("scope: 4", "scope: four"),
        ("scope: 4", "scope: {}"),
        ("scope: 4", "scope: -1"),
        ("scope: 4", "scope: 010"),
        ("scope: 4", "scope: 12:30:00"),
        ("scope: 4", "scope: 0x4"),
        ("object: disk\n", "object: disk\n      verb: delete\n"),
        ("object: disk", "object: &a disk"),
        ("object: disk", "object: *a"),
        ("object: disk", "<<: {a: b}"),
        ("object: disk", "object: ~"),
        ("object: disk", "object:"),
        ("object: disk", "object: !!binary YQ=="),
        ("object: disk", "object: !x y"),
        ("object: disk", "object: !!str y"),
        ("object: disk", "object: \"a\\u202e\""),
        ("object: disk", "object: a\u{202e}"),
        ("object: disk", "object: \"\\0\""),
        ("object: disk", "object: \"\\e\""),
        ("object: disk", "object: [a]"),
        ("programs: [demo]", "programs: demo"),
        ("scope: 4", "scope: 4\n      local: no"),
        ("scope: 4", "scope: 4\n      local: TRUE"),
        ("scope: 4", "scope: 4\n      local: 'true'"),
        ("scope: 4", "\tscope: 4"),
        ("      scope: 4\n", ""),
        ("redirect", "redirekt"),
        ("{operand: 1}", "{operand: x}"),
        ("{operand: 1}", "{operant: 1}"),
        ("{operand: 1}", "{operand: 1, text: x}"),
        ("tool: demo", "---\ntool: demo\n---\n"),
        ("tool: demo", "\u{feff}tool: demo\nx: y"),
        ("tool: demo", "%YAML 1.2\n---\ntool: demo"),
        ("programs: [demo]", "programs: [\n  demo\n]"),
        ("tool: demo", "tool: demo: x"),
        ("tool: demo", "%TAG !b! tag:yaml.org,2002:\n---\ntool: !b!inary YQ=="),
        ("tool: demo", "tool: !<tag:yaml.org,2002:binary> YQ=="),
        ("tool: demo", "? [a]\n: b\ntool: demo"),
        ("tool: demo", "? {a: b}\n: b\ntool: demo"),
        ("subcommand: [wipe]", "subcommand: ['~', 010, 1.10, on, no, true]"),
        ("subcommand: [wipe]", "subcommand: [wipe"),
        ("subcommand: [wipe]", "options: [{any: -f}]"),
        ("subcommand: [wipe]", "options: [{any: [-f], any: [-x]}]"),
        ("rules:", "rules: x"),
    ] {
        let t = GOOD.replacen(a, b, 1);
        eprintln!("=== {b}");
        match parse::<RuleFile>("rules/demo.yaml", &t) {
            Ok(f) => eprintln!(
                "ACCEPTED {:?} {:?}",
                f.rules.first().map(|r| (r.effect.clone(), r.matches.clone())),
                f.tool
            ),
            Err(e) => eprintln!("{}", e.render(false)),
        }
    }
    for t in [
        "",
        "[",
        "x",
        "- a",
        &"[".repeat(100000),
        &"? ".repeat(100000),
        &"a".repeat(300000),
        &"a: ".repeat(10000),
        "a: b\n...\nfoo",
    ] {
        eprintln!("=== {}", &t[..t.len().min(30)]);
        let s = std::time::Instant::now();
        match parse::<RuleFile>("rules/demo.yaml", t) {
            Ok(_) => eprintln!("ACCEPTED"),
            Err(e) => eprintln!("{}", e.render(false)),
        }
        eprintln!("{:?}", s.elapsed());
    }
}
