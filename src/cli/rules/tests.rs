#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf, sync::LazyLock};

use clap::Parser;
use insta::assert_snapshot;

use super::{RulesArgs, Surroundings, run};
use crate::{
    exit::Exit,
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
    let (palette, terminal) = (Palette::OFF, false);
    let world = Surroundings { config, judge, hooks: Hooks::default(), palette, terminal };
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
programs: [own]
rules:
  - id: own.wipe
    summary: wipes
    why: It is gone.
    match: {subcommand: [wipe]}
    effect: {verb: delete, object: disk, scope: 4}
    examples: {match: [own wipe, own wipe x, own wipe y], pass: [own, own list, echo]}
";

#[test]
fn list_is_a_table_and_knows_programs() {
    let (exit, out, err) = plain(&["list", "poweroff"]);
    assert_eq!((exit, err.as_str()), (Exit::Ok, ""));
    assert_snapshot!(out, @"
shutdown.halt       stops or restarts this machine at once
shutdown.power-off  stops or restarts this machine
shutdown.runlevel   changes the run level, which stops or restarts this machine

3 rules for 1 tool. `guard rules show ID` has the page of one.
");
    assert!(plain(&["list"]).1.contains("shutdown.halt"));
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
    let (exit, out, _) = plain(&["show", "shutdown.runlevel"]);
    assert_eq!(exit, Exit::Ok);
    assert_snapshot!(out, @"
shutdown.runlevel: changes the run level, which stops or restarts this machine

Run level 0 halts, 6 restarts and 1 ends every service and session to leave
one console.

Matches
  the program is `shutdown`, `reboot`, `poweroff`, `halt`, `init` or
    `telinit`
  it is called as `init` or `telinit`
  the first operand is `0`, `1`, `6`, `s` or `S`

Effect
  stops: machine
  reaches this host, or outside the project (scope 3)
  it can be made again (reversibility 2)
  worse because: other people
  always on this machine

Safer
  `shutdown -r +10` gives people ten minutes to save their work

Such as
  $ init 0
  $ sudo init 6
  $ telinit 1

But not
  $ init 3
  $ telinit q
  $ init --help
  $ runlevel

References
  man:telinit(8)

From rules/system/shutdown.yaml
");
}

#[test]
fn show_suggests_an_id() {
    assert_snapshot!(plain(&["show", "shutdown.hallt"]).2, @"
There is no rule `shutdown.hallt`.
Did you mean `shutdown.halt`?
");
    assert_snapshot!(plain(&["show", "reboot"]).2, @"
There is no rule `reboot`.
Did you mean `shutdown.halt`, `shutdown.power-off` or `shutdown.runlevel`?
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
    assert!(total.starts_with("3 examples of "), "{total}");
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
            .replace("scope: 4", "scope: 4, reversibility: 9"),
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

DIR/bad.yaml:8:67: There is no such level.
  |
8 | …fect: {verb: delete, object: disk, scope: 4, reversibility: 9}
  |                                                              ^
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
    fs::write(folder.join("own.yaml"), OWN).unwrap();
    let dirs = [config.path().to_owned()];
    let none = |_: &str, _: &RuleSet| Vec::new();
    let (_, out, _) = guard(&["show", "own.wipe"], &dirs, &none);
    assert!(out.contains("own.wipe: wipes") && out.contains("rules.d/own.yaml"), "{out}");
    assert!(guard(&["lint"], &dirs, &none).1.starts_with("1 file in rules.d"));
    fs::write(folder.join("own.yaml"), OWN.replace("verb: delete", "verb: nuke")).unwrap();
    for command in [["list"].as_slice(), &["show", "own.wipe"], &["test"], &["lint"]] {
        let (exit, out, err) = guard(command, &dirs, &none);
        assert_eq!((exit, out.as_str()), (Exit::Config, ""));
        assert!(err.contains("own.yaml:8:20: `nuke` is not one of the words"), "{err}");
    }
}
