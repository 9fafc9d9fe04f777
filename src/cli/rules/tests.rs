#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf, sync::LazyLock};

use clap::Parser;
use insta::assert_snapshot;

use super::{RulesArgs, Surroundings, run};
use crate::{
    decide::samples,
    exit::Exit,
    model::{ActorKind, Tier, Verb},
    rules::{RuleSet, builtin, compile::Page, lint::Hooks},
    text::Palette,
};

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    rules: RulesArgs,
}

/// Runs `guard rules ARGS` with a judge and a configuration folder.
fn guard(
    args: &[&str],
    config: &[PathBuf],
    judge: &dyn Fn(&str, &RuleSet) -> Vec<String>,
) -> (Exit, String, String) {
    let cli = Cli::try_parse_from([&["rules"], args].concat()).unwrap();
    let judge = |text: &str, rules: &RuleSet, _: ActorKind| {
        let findings = judge(text, rules).into_iter().map(|rule| {
            let mut finding = samples::finding(Verb::Delete, "disk", None, Tier::Confirm);
            finding.effect.rule = rule;
            finding
        });
        samples::verdict(findings.collect(), Vec::new())
    };
    let world = Surroundings {
        config,
        judge: &judge,
        hooks: Hooks::default(),
        palette: Palette::OFF,
        terminal: false,
        progress: false,
    };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(&cli.rules, world, &mut out, &mut err).unwrap();
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn plain(args: &[&str]) -> (Exit, String, String) {
    guard(args, &[], &|_, _| Vec::new())
}

/// A judge that knows the examples by heart.
fn oracle(command: &str, _: &RuleSet) -> Vec<String> {
    static KNOWN: LazyLock<Vec<Page>> = LazyLock::new(|| builtin::pages().collect());
    let fits = |page: &&Page| page.rule.examples.matches.iter().any(|known| known == command);
    KNOWN.iter().filter(fits).map(|page| page.rule.id.clone()).collect()
}

const OWN: &str = "\
tool: own
programs: [own, ours]
rules:
  - id: own.wipe
    summary: wipes a disk
    why: Everything that was on the disk is gone, and there is no copy of it anywhere else.
    match:
      subcommand: [wipe]
      options: [{any: [-f, --force]}]
      none: [{operands: [{is: {exact: [scratch], ignore_case: true}}]}]
    effect:
      verb: delete
      object: disk
      name: [{operand: 0}]
      scope: 4
      reversibility: 4
      flags: [data, others]
      bypass: [--yes]
    floor: challenge
    safer: '`own list` shows what is there'
    references: ['https://example.org/own']
    examples:
      match: [own wipe, own wipe x, own wipe y]
      pass: [own, own list, echo]
";

/// Runs `guard rules ARGS` with [`OWN`] as a rule file of the user.
fn with_own(args: &[&str]) -> (Exit, String, String) {
    let config = tempfile::tempdir().unwrap();
    fs::create_dir(config.path().join("rules.d")).unwrap();
    fs::write(config.path().join("rules.d/own,ours.yaml"), OWN).unwrap();
    let (exit, out, err) = guard(args, &[config.path().to_owned()], &|_, _| Vec::new());
    (exit, out.replace(config.path().to_str().unwrap(), "CONFIG"), err)
}

#[test]
fn list_is_a_table_and_knows_programs() {
    let (exit, out, err) = with_own(&["list", "ours"]);
    assert_eq!((exit, err.as_str()), (Exit::Ok, ""));
    assert_snapshot!(out, @"
own.wipe  wipes a disk

1 rule for 1 tool. `guard rules show ID` has the page of one.
");
    assert!(with_own(&["list"]).1.contains("\nown.wipe "));
    assert!(with_own(&["list"]).1.contains("\nshutdown.halt "));
}

#[test]
fn list_suggests_a_tool() {
    let (exit, out, err) = plain(&["list", "rebot"]);
    assert_eq!((exit, out.as_str()), (Exit::Usage, ""));
    assert_snapshot!(err, @"There are no rules for `rebot`. Did you mean `reboot`?");
}

#[test]
fn list_gives_json() {
    let (_, out, _) = plain(&["list", "--json", "shutdown"]);
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    let first = value.get(0).unwrap();
    assert_eq!(first.get("id").unwrap(), "shutdown.halt");
    assert_eq!(first.get("verb").unwrap(), "stop");
    assert_eq!(first.get("source").unwrap(), "rules/system/shutdown.yaml");
}

#[test]
fn show_is_a_page() {
    let (exit, out, _) = with_own(&["show", "own.wipe"]);
    assert_eq!(exit, Exit::Ok);
    assert_snapshot!(out, @"
own.wipe: wipes a disk

Everything that was on the disk is gone, and there is no copy of it anywhere
else.

Matches
  the program is `own` or `ours`
  the subcommand is `wipe`
  the option `-f` or `--force` is given
  none of these holds:
    - an operand is `scratch` in any letter case

Effect
  deletes or overwrites: disk
  reaches a whole service, namespace, database or bucket (scope 4)
  there is no way back (reversibility 4)
  worse because: holds data, other people
  one tier stricter with `--yes`
  at least challenge (T3), whatever else holds

Safer
  `own list` shows what is there

Such as
  $ own wipe
  $ own wipe x
  $ own wipe y

But not
  $ own
  $ own list
  $ echo

References
  https://example.org/own

From CONFIG/rules.d/own,ours.yaml
");
    for page in builtin::pages() {
        super::page::show(&page, Palette::OFF, &mut Vec::new()).unwrap();
    }
}

#[test]
fn show_suggests_an_id() {
    assert_snapshot!(plain(&["show", "shutdown.hallt"]).2, @"
There is no rule `shutdown.hallt`.
Did you mean `shutdown.halt`?
");
    assert_snapshot!(with_own(&["show", "ours"]).2, @"
There is no rule `ours`.
Did you mean `own.wipe`?
");
    assert_snapshot!(plain(&["show", "\u{1b}[31m"]).2, @r#"
There is no rule `\x1b[31m`.
`guard rules list` has the ids.
"#);
    let (exit, _, err) = plain(&["show"]);
    assert_eq!(exit, Exit::Usage);
    assert_snapshot!(err, @"Which rule? `guard rules list` has the ids.");
}

#[test]
fn test_says_which_examples_are_judged_otherwise() {
    let (exit, out, _) = guard(&["test"], &[], &oracle);
    assert_eq!(exit, Exit::Ok, "{out}");
    assert!(out.contains("all are judged as they say"), "{out}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("own.yaml");
    fs::write(&file, OWN).unwrap();
    let judge = |command: &str, rules: &RuleSet| {
        assert_eq!(rules.files("own").len(), 1, "the file given is in force");
        match command {
            "own wipe" | "own" => vec!["own.wipe".to_owned(), "other.rule".to_owned()],
            "own wipe x" => vec!["other.rule".to_owned()],
            _ => oracle(command, rules),
        }
    };
    let (exit, out, _) = guard(&["test", file.to_str().unwrap()], &[], &judge);
    assert_eq!(exit, Exit::Failed);
    let out = out.replace(dir.path().to_str().unwrap(), "DIR");
    let (failures, total) = out.trim_end().rsplit_once('\n').unwrap();
    assert!(total.starts_with("3 of "), "{total}");
    assert_snapshot!(failures, @"
own.wipe (DIR/own.yaml)
  $ own wipe x
  should match and does not; other.rule does

own.wipe (DIR/own.yaml)
  $ own wipe y
  should match and does not; no other rule does

own.wipe (DIR/own.yaml)
  $ own
  should not match and does; other.rule does
");
}

#[test]
fn lint_reports_every_mistake_of_every_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = path("good.yaml", OWN);
    let bad = path(
        "bad.yaml",
        &OWN.replace("own", "bad")
            .replace("bad.wipe", "x")
            .replace("reversibility: 4", "reversibility: 9"),
    );
    let worse = path("worse.yaml", "tool: [");
    let (exit, out, err) = plain(&["lint", &good, &bad, &worse]);
    assert_eq!(exit, Exit::Config);
    let hide = |text: &str| text.replace(dir.path().to_str().unwrap(), "DIR");
    assert_snapshot!(hide(&out), @"DIR/good.yaml: 1 rule, no mistakes.");
    assert_snapshot!(hide(&err), @"
DIR/bad.yaml:4:9: The id `x` is not of the form `tool.name`.
  |
4 |   - id: x
  |         ^
  |
  = expected: `bad.` and then small letters and digits with single `-`

DIR/bad.yaml:16:22: There is no such level.
   |
16 |       reversibility: 9
   |                      ^
   |
   = expected: 0 (built in) to 4 (no undo)

DIR/worse.yaml:1:7: This is not the right kind of value.
  |
1 | tool: [
  |       ^
  |
  = expected: text

3 mistakes.
");
    assert_eq!(plain(&["lint", "/no/such/file"]).0, Exit::Config);
    assert_eq!(plain(&["lint", &good]).0, Exit::Ok);
}

#[test]
fn every_builtin_file_lints_clean_by_itself() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let mut sources: Vec<String> = builtin::pages().map(|page| page.source).collect();
    sources.dedup();
    let paths: Vec<String> = sources.iter().map(|source| format!("{root}{source}")).collect();
    let args: Vec<&str> = std::iter::once("lint").chain(paths.iter().map(String::as_str)).collect();
    let (exit, _, err) = plain(&args);
    assert_eq!(exit, Exit::Ok, "{err}");
}

#[test]
fn rules_of_the_user_are_listed_and_a_broken_one_stops_everything() {
    let config = tempfile::tempdir().unwrap();
    let folder = config.path().join("rules.d");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("own,ours.yaml"), OWN).unwrap();
    let dirs = [config.path().to_owned()];
    let none = |_: &str, _: &RuleSet| Vec::new();
    let (_, out, _) = guard(&["show", "own.wipe"], &dirs, &none);
    assert!(out.contains("own.wipe: wipes") && out.contains("rules.d/own,ours.yaml"), "{out}");
    assert!(guard(&["lint"], &dirs, &none).1.starts_with("1 file in rules.d"));
    fs::write(folder.join("own,ours.yaml"), OWN.replace("verb: delete", "verb: nuke")).unwrap();
    for command in [["list"].as_slice(), &["show", "own.wipe"], &["test"], &["lint"]] {
        let (exit, out, err) = guard(command, &dirs, &none);
        assert_eq!((exit, out.as_str()), (Exit::Config, ""));
        assert!(err.contains("own,ours.yaml:12:13: `nuke` is not one of the words"), "{err}");
    }
}
