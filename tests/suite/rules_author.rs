//! What a person who writes rules relies on: one file teaches a tool, and the
//! tools for authors say the truth about it.

use crate::harness::{Place, root};

/// A tool that guard has never heard of, in one file: its options, its
/// subcommands, what it starts, and what is dangerous about it.
const DEPLOYCTL: &str = "\
tool: deployctl
programs: [deployctl, dctl]
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
  - id: deployctl.env-delete
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
        - deployctl env delete web
        - deployctl --config delete env delete web
        - dctl -c x env --region eu rm web
      pass:
        - deployctl env list
        - deployctl --config env --region delete
        - deployctl env list delete
";

fn tier(place: &Place, text: &str) -> String {
    let ran = place.run(["check", "--json", "-c", text]);
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    value["tier"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_tool_takes_one_file() {
    let place = Place::new();
    let file = place.write_home(".config/guard/rules.d/deployctl,dctl.yaml", DEPLOYCTL);
    let path = file.to_str().unwrap();
    for args in [["rules", "lint", path], ["rules", "test", path]] {
        let ran = place.run(args);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    }
    for (text, asked) in [
        ("deployctl --config delete env list", false),
        ("deployctl env --region delete list", false),
        ("deployctl --config prod.yaml env delete web", true),
        ("dctl -cprod.yaml env --region=eu rm -f web", true),
        ("deployctl exec web -- ls -la", false),
        ("deployctl exec web -- git push --force origin main", true),
    ] {
        let tier = tier(&place, text);
        assert_eq!(!["allow", "notify"].contains(&tier.as_str()), asked, "{text}: {tier}");
    }
    let ran = place.run(["explain", "-c", "dctl -c x env rm web"]);
    assert!(ran.stdout.contains("deployctl.env-delete"), "{}", ran.stdout);
}

#[test]
fn a_grammar_of_the_user_does_not_change_how_a_known_tool_is_read() {
    let place = Place::new();
    let text = DEPLOYCTL.replace("[deployctl, dctl]", "[kubectl]");
    place.write_home(".config/guard/rules.d/kubectl.yaml", text);
    let ran = place.run(["check", "-c", "kubectl --config delete ns prod"]);
    assert_eq!(ran.code, Some(78));
    assert!(ran.stderr.contains("guard knows the command line of `kubectl`"), "{}", ran.stderr);
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
    place.write("c.tsv", "m-1\tdctl -c x env rm web\tdangerous\tme\n");
    place.write("own.yaml", DEPLOYCTL);
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
