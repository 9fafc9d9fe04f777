//! What a person who writes rules relies on: one file teaches a tool, and the
//! tools for authors say the truth about it.

use crate::harness::{Place, root};

/// A tool that guard has never heard of, in one file: its options, its
/// subcommands, what it starts, and what is dangerous about it.
const ENVCTL: &str = "\
tool: envctl
programs: [envctl, ectl]
grammar:
  values: [--config, -c]
  subcommands:
    env:
      values: [--region]
      subcommands:
        delete: {aliases: [rm], switches: [--force, -f]}
        list: {}
    exec: {}
wrappers:
  - subcommand: exec
    inner: [{dashes: 1}]
rules:
  - id: envctl.env-delete
    summary: deletes an environment with everything in it
    why: The services and the data of the environment are gone.
    match:
      subcommand: [env delete]
    effect:
      verb: delete
      object: environment
      name: [{operand: 0}]
      scope: 4
      reversibility: 3
    examples:
      match:
        - envctl env delete web
        - envctl --config delete env delete web
        - ectl -c x env --region eu rm web
      pass:
        - envctl env list
        - envctl --config env --region delete
        - envctl env list delete
";

fn tier(place: &Place, text: &str) -> String {
    let ran = place.run(["check", "--json", "-c", text]);
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    value["tier"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_tool_takes_one_file() {
    let place = Place::new();
    let file = place.write_home(".config/guard/rules.d/envctl,ectl.yaml", ENVCTL);
    let path = file.to_str().unwrap();
    for args in [["rules", "lint", path], ["rules", "test", path]] {
        let ran = place.run(args);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    }
    for (text, asked) in [
        ("envctl --config delete env list", false),
        ("envctl env --region delete list", false),
        ("envctl --config prod.yaml env delete web", true),
        ("ectl -cprod.yaml env --region=eu rm -f web", true),
        ("envctl exec web -- ls -la", false),
        ("envctl exec web -- git push --force origin main", true),
    ] {
        let tier = tier(&place, text);
        assert_eq!(!["allow", "notify"].contains(&tier.as_str()), asked, "{text}: {tier}");
    }
    let ran = place.run(["explain", "-c", "ectl -c x env rm web"]);
    assert!(ran.stdout.contains("envctl.env-delete"), "{}", ran.stdout);
}

#[test]
fn a_grammar_of_the_user_does_not_change_how_a_known_tool_is_read() {
    let place = Place::new();
    let text = ENVCTL.replace("[envctl, ectl]", "[kubectl]");
    place.write_home(".config/guard/rules.d/kubectl.yaml", text);
    let ran = place.run(["check", "-c", "kubectl --config delete ns prod"]);
    assert_eq!(ran.code, Some(78));
    assert!(ran.stderr.contains("guard knows the command line of `kubectl`"), "{}", ran.stderr);
}

/// `guard rules lint FILE` on the tool's file after a change: exit code, and
/// position and message of everything that is found.
fn lint(place: &Place, changes: &[(&str, &str)]) -> (Option<i32>, Vec<String>) {
    let mut text = ENVCTL.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    place.write("own.yaml", text);
    let ran = place.run(["rules", "lint", "own.yaml"]);
    let found = ran.stderr.lines().filter_map(|line| line.strip_prefix("own.yaml:"));
    (ran.code, found.map(str::to_owned).collect())
}

#[test]
fn lint_finds_a_rule_that_another_one_always_covers() {
    let place = Place::new();
    let more = |matches: &str, effect: &str| {
        format!(
            "rules:\n  - id: envctl.other\n    summary: deletes a thing\n    why: It is gone.\n    \
             match: {matches}\n    effect: {effect}\n    examples:\n      match: [envctl env \
             delete a -f, ectl env rm b -f, ectl env del -f c]\n      pass: [ectl env list, ectl \
             list, envctl x]\n"
        )
    };
    let own = ("delete: {aliases: [rm]", "delete: {aliases: [rm, del]");
    let narrow = "{subcommand: [env delete], options: [{any: [-f]}]}";
    let covered = lint(
        &place,
        &[
            own,
            ("rules:\n", &more(narrow, "{verb: delete, object: x, scope: 3, reversibility: 2}")),
        ],
    );
    assert_eq!(covered.0, Some(0));
    assert_eq!(
        covered.1,
        ["16:9: warning: `envctl.other` never decides: `envctl.env-delete` matches whenever \
          it does, and is as strict."]
    );
    let denied = place.run(["rules", "lint", "--deny-warnings", "own.yaml"]);
    assert_eq!(denied.code, Some(1));
    let stricter = "{verb: delete, object: x, scope: 4, reversibility: 4}";
    assert_eq!(lint(&place, &[own, ("rules:\n", &more(narrow, stricter))]), (Some(0), vec![]));
    // Wider than the other rule, but no example shows it.
    let wide = "{subcommand: [env delete, env forget]}";
    let milder = "{verb: delete, object: x, scope: 3, reversibility: 3}";
    let shown = lint(&place, &[own, ("rules:\n", &more(wide, milder))]);
    assert!(
        shown.1.len() == 1 && shown.1[0].contains("By its examples `envctl.other` never"),
        "{shown:?}"
    );
}

#[test]
fn lint_finds_options_that_the_tool_does_not_have() {
    let place = Place::new();
    let subcommand = "      subcommand: [env delete]\n";
    let with = |test: &str| format!("{subcommand}      none: [{{options: [{{any: [{test}]}}]}}]\n");
    for (option, message) in [
        ("--config", None),
        ("--region", None),
        ("-f", None),
        ("--dry-run", Some("has no option `--dry-run` here.")),
        ("--forse", Some("has no option `--forse` here.")),
    ] {
        let (code, found) = lint(&place, &[(subcommand, &with(option))]);
        assert_eq!(code, Some(0));
        assert_eq!(found.len(), usize::from(message.is_some()), "{option}: {found:?}");
        assert!(message.is_none_or(|message| found[0].ends_with(message)), "{found:?}");
    }
    let ran = place.run(["rules", "lint", "own.yaml"]);
    assert!(ran.stderr.contains("perhaps `--force`"), "{}", ran.stderr);
}

#[test]
fn lint_finds_examples_that_show_nothing() {
    let place = Place::new();
    let unwritten = concat!("TO", "DO a command");
    for (from, to, message) in [
        ("ectl -c x env --region eu rm web", "envctl env delete \"web", "not a command that a"),
        ("ectl -c x env --region eu rm web", "envctl env  delete web", "differs only in blanks"),
        ("ectl -c x env --region eu rm web", unwritten, "still to be written"),
        (
            "- envctl env list\n        - envctl --config env --region delete\n",
            "- ls\n        - pwd\n",
            "Only 1 of these examples is about",
        ),
    ] {
        let (code, found) = lint(&place, &[(from, to)]);
        assert_eq!((code, found.len()), (Some(0), 1), "{to}: {found:?}");
        assert!(found[0].contains(message) && found[0].contains(": warning: "), "{found:?}");
    }
    let fewer = lint(&place, &[("        - envctl env list delete\n", "")]);
    assert!(fewer.0 == Some(78) && fewer.1[0].contains("has 2 examples under `pass`"), "{fewer:?}");
    let twice = lint(&place, &[("- envctl env list delete", "- envctl env list")]);
    assert!(twice.0 == Some(78) && twice.1[0].contains("given twice"), "{twice:?}");
}

#[test]
fn lint_finds_ids_that_other_files_have() {
    let place = Place::new();
    let taken = |id: &str| {
        let tool = id.split('.').next().unwrap();
        let text = ENVCTL.replace("tool: envctl", &format!("tool: {tool}"));
        place.write("other.yaml", text.replace("envctl.env-delete", id));
        place.run(["rules", "lint", "other.yaml"])
    };
    let ran = taken("git.reset-hard");
    assert!(ran.code == Some(78) && ran.stderr.contains("is taken by a built-in rule"));
    let own = place.write_home(".config/guard/rules.d/envctl,ectl.yaml", ENVCTL);
    let ran = taken("envctl.env-delete");
    assert!(ran.code == Some(78) && ran.stderr.contains("is taken by"), "{}", ran.stderr);
    let itself = place.run(["rules", "lint", own.to_str().unwrap()]);
    assert_eq!(itself.code, Some(0), "{}", itself.stderr);
    place.write("two.yaml", ENVCTL.replace("[envctl, ectl]", "[envctl2]"));
    place.write("one.yaml", ENVCTL.replace("env-delete", "other"));
    place.write("three.yaml", ENVCTL.replace("[envctl, ectl]", "[envctl3]"));
    let ran = place.run(["rules", "lint", "two.yaml", "three.yaml"]);
    assert!(ran.code == Some(78) && ran.stderr.contains("is taken by two.yaml"), "{}", ran.stderr);
}

#[test]
fn a_new_file_lints_but_for_the_examples_to_be_written() {
    let place = Place::new();
    for tool in ["frobctl", "kubectl", "frob,frobnicate"] {
        let ran = place.run(["rules", "new", tool]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let path = place.path("home/.config/guard/rules.d").join(format!("{tool}.yaml"));
        assert!(ran.stdout.contains(path.to_str().unwrap()), "{}", ran.stdout);
        let linted = place.run(["rules", "lint", path.to_str().unwrap()]);
        assert_eq!(linted.code, Some(0), "{}", linted.stderr);
        let warnings: Vec<&str> =
            linted.stderr.lines().filter(|line| line.contains(": warning: ")).collect();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(warnings.len(), text.matches(concat!("- TO", "DO ")).count());
        assert!(warnings.iter().all(|line| line.contains("still to be written")), "{warnings:?}");
        let again = place.run(["rules", "new", tool]);
        assert_eq!(again.code, Some(1), "it does not overwrite");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        let ran = place.run(["rules", "new", tool, "--stdout", "--id", "zap", "--verb", "stop"]);
        assert!(ran.stdout.contains(".zap\n") && ran.stdout.contains("verb: stop\n"));
    }
    // The drafts are in force, and guard still works.
    assert_eq!(place.run(["check", "-c", "ls"]).code, Some(0));
    let dir = place.path("tmp/rules");
    let ran = place.run(["rules", "new", "x", "--dir", dir.to_str().unwrap()]);
    assert!(ran.code == Some(0) && dir.join("x.yaml").is_file());
    for (args, code) in [
        (["rules", "new", "../x"], 64),
        (["rules", "new", "@all"], 64),
        (["rules", "new", "x\ny"], 64),
        (["rules", "new", "--verb=nuke"], 64),
    ] {
        assert_eq!(place.run(args).code, Some(code), "{args:?}");
    }
    let ran = place.run(["rules", "new", "x", "--dir", "/proc/none"]);
    assert_eq!(ran.code, Some(74), "{}", ran.stderr);
}

/// Labelled commands whose numbers are worked out by hand.
const CORPUS: &str = "\
# made up; text to be judged
id\tcommand\tlabel\tsource
m-1\trm -rf /var/lib/app\tdangerous\tme
m-2\tls -la\tsafe\tme
m-3\tkubectl delete ns prod\tblock\tme
m-4\trm -rf /\treview\tme
m-5\techo \\\\ \\t hi\tdangerous\tme
m-6\tkubectl get pods\\nls\tallow\tme
m-7\tterraform destroy -auto-approve\tsafe\tme
m-8\tgit commit -m x\task\tme
";

const PLAIN: &str = "ls\n\nrm -rf ~\necho \\t a\n";

/// Every line with a count, a rate or a title.
fn numbers(text: &str) -> Vec<&str> {
    text.lines().take_while(|line| *line != "MISSES").collect()
}

#[test]
fn a_corpus_is_scored_and_its_misses_are_listed() {
    let place = Place::new();
    place.write("c.tsv", CORPUS);
    place.write("p.txt", PLAIN);
    let ran = place.run(["rules", "test", "--corpus", "c.tsv", "--corpus", "p.txt"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let lines: Vec<&str> =
        ran.stdout.lines().map(|line| line.split("  |").next().unwrap()).collect();
    let expected = [
        "c.tsv",
        "  dangerous      3  recall 0.6667 (2/3)",
        "  safe           3  interrupted 0.3333 (1/3)",
        "  review         2  deny 1",
        "p.txt",
        "  unlabelled     3  interrupted 333.3 per 1000, errors 0",
        "TOTAL",
    ];
    assert_eq!(lines[..expected.len()], expected, "{}", ran.stdout);
    assert!(ran.stdout.contains("MISSES\n  deny-on-review m-4 (deny): rm -rf /\n"));
    assert!(ran.stdout.contains("  missed m-5 (allow): echo \\\\ \\t hi\n"), "{}", ran.stdout);
    let limits = ["--min-recall", "0.9", "--max-interruptions", "0.5", "--misses", "m.tsv"];
    let ran = place.run(["rules", "test", "--corpus", "c.tsv"].iter().chain(&limits));
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.ends_with("SHORT: recall is below 0.9\n"), "{}", ran.stdout);
    let run = ["rules", "test", "--corpus", "c.tsv", "--misses", "m.tsv"];
    assert_eq!(place.run(run.iter().chain(&["--min-recall", "0.5"])).code, Some(0));
    let code = |args: &[&str]| place.run(run.iter().chain(args)).code;
    assert_eq!(code(&["--corpus", "gone.tsv"]), Some(78));
    assert_eq!(code(&["--min-recall", "2"]), Some(64));
    assert_eq!(place.run(["rules", "test", "--min-recall", "1"]).code, Some(64));
    place.write("bad.tsv", "a\tls\tfine\tme\n");
    let ran = place.run(["rules", "test", "--corpus", "bad.tsv"]);
    assert!(ran.code == Some(78) && ran.stderr.contains("`fine` in line 1"), "{}", ran.stderr);
    assert_eq!(place.run(["rules", "test", "--corpus", "c.tsv", "--misses", "/"]).code, Some(74));
}

#[test]
fn rules_of_a_file_count_in_the_score() {
    let place = Place::new();
    place.write("c.tsv", "m-1\tectl -c x env rm web\tdangerous\tme\n");
    place.write("own.yaml", ENVCTL);
    let score = |args: &[&str]| place.run(["rules", "test"].iter().chain(args)).stdout;
    assert!(score(&["--corpus", "c.tsv"]).contains("recall 0.0000 (0/1)"));
    assert!(score(&["own.yaml", "--corpus", "c.tsv"]).contains("recall 1.0000 (1/1)"));
}

#[test]
fn the_score_is_that_of_the_scorer() {
    let beside = root().join("../shared/tools/score.py");
    let scorer = std::env::var_os("GUARD_SCORER").map_or(beside, Into::into);
    let python = std::process::Command::new("python3").arg("--version").output();
    if !scorer.is_file() || python.is_err() {
        super::grammar_clients::skipped("no scorer or no python3: the scores were not compared");
        return;
    }
    let place = Place::new();
    place.write("c.tsv", CORPUS);
    place.write("p.txt", PLAIN);
    let limits = ["--min-recall", "0.7", "--max-interruptions", "0"];
    for actor in ["agent", "human"] {
        let args = ["rules", "test", "--actor", actor, "--misses", "ours.tsv"];
        let files = ["--corpus", "c.tsv", "--corpus", "p.txt"];
        let ours = place.run(args.iter().chain(&limits).chain(&files));
        let mut command = place.command("python3");
        command.arg(&scorer).args(["--guard", crate::harness::GUARD, "--misses", "theirs.tsv"]);
        command.args(["--actor", actor]).args(limits).args(["c.tsv", "p.txt"]);
        let theirs = crate::harness::output(&mut command);
        assert_eq!(numbers(&ours.stdout), numbers(&theirs.stdout), "{}", theirs.stderr);
        assert_eq!(ours.code, theirs.code);
        let read = |name: &str| std::fs::read_to_string(place.path("project").join(name)).unwrap();
        assert_eq!(read("ours.tsv"), read("theirs.tsv"));
    }
}
