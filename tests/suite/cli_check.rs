//! `guard check`: exit codes, the two machine interfaces and the short answer.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Output, Place};

fn check(place: &Place, text: &str) -> Output {
    place.run(["check", "-c", text])
}

fn jsonl(input: impl AsRef<[u8]>) -> Vec<Value> {
    let ran = Place::new().run_with(["check", "--jsonl"], input.as_ref());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_exit_code_says_what_would_happen() {
    let place = Place::new();
    for (text, code) in [
        ("ls -la", 0),
        ("mkdir new", 0),
        ("git reset --hard", 3),
        ("kubectl delete ns prod", 3),
        ("rm -rf /", 4),
        ("ls; git reset --hard; ls", 3),
        ("git reset --hard; rm -rf /", 4),
        ("echo \"", 3),
    ] {
        assert_eq!(check(&place, text).code, Some(code), "{text}");
    }
    assert_eq!(place.run(["check", "--", "git", "reset", "--hard"]).code, Some(3));
}

#[test]
fn an_argv_is_not_shell_text() {
    let place = Place::new();
    assert_eq!(place.run(["check", "--", "echo", "; rm -rf /"]).code, Some(0));
    assert_eq!(place.run(["check", "--", "echo", "$(rm -rf /)"]).code, Some(0));
    assert_eq!(check(&place, "echo $(rm -rf /)").code, Some(4));
}

#[test]
fn wrong_usage_is_64_and_says_how_to_go_on() {
    let place = Place::new();
    for args in [
        &["check"][..],
        &["check", "--bogus", "-c", "ls"],
        &["check", "-c"],
        &["check", "-c", "ls", "--", "ls"],
        &["check", "--jsonl", "-c", "ls"],
        &["check", "--json", "--jsonl"],
        &["check", "ls"],
    ] {
        let ran = place.run(args);
        assert_eq!(ran.code, Some(64), "{args:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("--help"), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn a_command_without_dashes_in_front_gets_a_hint_and_does_not_run() {
    let place = Place::new();
    place.marking("kubectl");
    for (args, hint) in [
        (&["kubectl", "delete", "ns", "x y"][..], "guard -- kubectl delete ns 'x y'\n"),
        (&["-q", "kubectl", "--help"], "guard -q -- kubectl --help\n"),
        (&["run", "kubectl", "get"], "guard run -- kubectl get\n"),
        (&["check", "--json", "kubectl"], "guard check --json -- kubectl\n"),
        (&["-c", "kubectl get"], "guard run -c 'kubectl get'\n"),
        (&["kubectl\u{1b}[2J"], "guard -- "),
    ] {
        let ran = place.run(args);
        assert_eq!(ran.code, Some(64), "{args:?}");
        assert!(ran.stderr.contains(&format!("Did you mean this?\n  {hint}")), "{}", ran.stderr);
        assert!(!ran.stderr.contains('\x1b'), "{}", ran.stderr);
    }
    for args in [&["check", "--bogus", "-c", "ls"][..], &["log", "bogus"], &["--", "--x"]] {
        assert!(!place.run(args).stderr.contains("Did you mean this?"), "{args:?}");
    }
    assert!(!place.ran("kubectl"));
}

#[test]
fn broken_configuration_is_78() {
    let place = Place::new();
    place.write(".guard.yaml", "raise: 5\n");
    let ran = check(&place, "ls");
    assert_eq!(ran.code, Some(78));
    assert!(ran.stdout.is_empty() && ran.stderr.contains(".guard.yaml:1:"), "{}", ran.stderr);
}

#[test]
fn checking_leaves_no_record_and_runs_nothing() {
    let place = Place::new();
    place.marking("git");
    for text in ["git status", "git reset --hard", "$(git status)"] {
        check(&place, text);
        place.run(["check", "--json", "-c", text]);
        place.run(["explain", "-c", text]);
    }
    assert!(!place.ran("git"));
    assert!(!place.path("home/.local").exists(), "state was written");
}

#[test]
fn json_has_exactly_the_documented_fields() {
    let place = Place::new();
    let ran = place.run(["check", "--json", "-c", "kubectl -n prod delete ns x"]);
    assert_eq!(ran.code, Some(3));
    assert_eq!(ran.stdout.matches('\n').count(), 1, "one object on one line");
    // In this order too: serde_json keeps no order, the text does.
    let order = ["\"tier\"", "\"effects\"", "\"reasons\"", "\"unknown\""];
    let at: Vec<_> = order.iter().map(|key| ran.stdout.rfind(key).unwrap()).collect();
    assert!(at[1] < at[2] && at[2] < at[3], "{}", ran.stdout);
    let verdict: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(keys(&verdict), ["effects", "reasons", "tier", "unknown"]);
    let effect = &verdict["effects"][0];
    assert_eq!(
        keys(effect),
        ["object", "reversibility", "rule", "scope", "span", "tier", "verb"],
        "{effect}"
    );
    assert_eq!(verdict["tier"], "second-human");
    assert_eq!(verdict["unknown"], false);
    assert_eq!(effect["rule"], "kubectl.delete-namespace");
    assert_eq!(effect["verb"], "delete");
    assert_eq!(effect["scope"], 4);
    assert_eq!(effect["object"], "namespace/x");
    assert_eq!(effect["reversibility"], "none");
    assert_eq!(effect["span"], json!([0, 27]));
    assert!(verdict["reasons"][0].as_str().unwrap().starts_with("4a: "), "{verdict}");
    let harmless = place.run(["check", "--json", "-c", "ls"]);
    assert_eq!(
        harmless.stdout,
        "{\"tier\":\"allow\",\"effects\":[],\"reasons\":[],\"unknown\":false}\n"
    );
}

#[test]
fn jsonl_answers_like_json_with_the_id_in_front() {
    let answers =
        jsonl(r#"{"id":"7","command":"kubectl -n prod delete ns x","cwd":"/srv","actor":"agent"}"#);
    assert_eq!(keys(&answers[0]), ["effects", "id", "reasons", "tier", "unknown"]);
    assert_eq!(answers[0]["id"], "7");
    assert_eq!(answers[0]["tier"], "second-human");
    let raw = Place::new().run_with(["check", "--jsonl"], b"{\"id\":\"7\",\"command\":\"ls\"}");
    assert!(raw.stdout.starts_with(r#"{"id":"7","tier":"#), "{}", raw.stdout);
}

#[test]
fn jsonl_keeps_the_order_and_answers_every_line_once() {
    let commands = ["ls", "rm -rf /", "git reset --hard", "mkdir x", "echo \"", "$X y"];
    let asked: String = (0..600)
        .map(|id| format!("{}\n", json!({"id": id, "command": commands[id % commands.len()]})))
        .collect();
    let answers = jsonl(asked);
    assert_eq!(answers.len(), 600);
    for (id, answer) in answers.iter().enumerate() {
        assert_eq!(answer["id"], id);
        assert_eq!(answer["tier"], answers[id % commands.len()]["tier"]);
    }
    let tiers: Vec<_> = answers[..6].iter().map(|a| a["tier"].as_str().unwrap()).collect();
    assert_eq!(&tiers[..3], ["allow", "deny", "confirm"]);
}

#[test]
fn jsonl_answers_lines_that_are_no_questions_with_unknown() {
    for line in [
        &b"{bad"[..],
        b"null",
        b"[]",
        b"\"ls\"",
        b"{}",
        br#"{"id":"h","command":5}"#,
        br#"{"id":"h","command":null}"#,
        br#"{"id":"a","command":"ls","command":"rm -rf /"}"#,
        br#"{"id":"a","command":"ls","actor":"robot"}"#,
        b"{\"command\":\"ls \xff\"}",
        b"\x00",
        b"{\"command\":\"\x00\"}",
        b"\xef\xbb\xbf{\"command\":\"ls\"}",
        br#"{"command":"\ud800"}"#,
        br#"{"command":"ls"} {"command":"ls"}"#,
    ] {
        let mut input = line.to_vec();
        input.extend(b"\n{\"id\":\"next\",\"command\":\"ls\"}\n");
        let answers = jsonl(&input);
        let shown = String::from_utf8_lossy(line);
        assert_eq!(answers.len(), 2, "{shown}");
        assert_eq!(answers[0]["tier"], "confirm", "{shown}");
        assert_eq!(answers[0]["unknown"], true, "{shown}");
        assert!(!answers[0]["reasons"][0].as_str().unwrap().is_empty(), "{shown}");
        assert_eq!(
            answers[1],
            json!({"id": "next", "tier": "allow", "effects": [], "reasons": [], "unknown": false})
        );
    }
}

#[test]
fn jsonl_says_whose_answer_it_is_even_when_the_question_is_wrong() {
    let answers = jsonl("{\"id\":\"h\",\"command\":5}\n{\"id\":4}\n{\"id\":\"x\",\"command\":");
    assert_eq!(answers[0]["id"], "h");
    assert_eq!(answers[1]["id"], 4);
    assert_eq!(answers[2].get("id"), None);
    assert!(answers.iter().all(|answer| answer["unknown"] == true));
}

#[test]
fn jsonl_takes_ids_of_any_type_and_none() {
    let lines = [
        r#"{"id":9,"command":"ls"}"#,
        r#"{"id":-9.5,"command":"ls"}"#,
        r#"{"id":18446744073709551615,"command":"ls"}"#,
        r#"{"id":{"a":[1]},"command":"ls"}"#,
        r#"{"id":true,"command":"ls"}"#,
        r#"{"id":"\u202e\u001b","command":"ls"}"#,
    ];
    let answers = jsonl(lines.join("\n"));
    for (line, answer) in lines.iter().zip(&answers) {
        let asked: Value = serde_json::from_str(line).unwrap();
        assert_eq!(answer["id"], asked["id"], "{line}");
    }
    for line in [r#"{"command":"ls"}"#, r#"{"id":null,"command":"ls"}"#] {
        assert_eq!(jsonl(line)[0].get("id"), None, "{line}");
    }
    // What a terminal would obey stays escaped in the answer.
    let raw = Place::new().run_with(["check", "--jsonl"], lines[5].as_bytes());
    assert!(raw.stdout.contains(r#""id":"\u202e\u001b""#), "{}", raw.stdout);
}

#[test]
fn jsonl_reads_crlf_empty_lines_and_a_last_line_without_an_end() {
    let answers =
        jsonl("\n\r\n  \t\n{\"id\":1,\"command\":\"ls\"}\r\n\n{\"id\":2,\"command\":\"rm -rf /\"}");
    let ids: Vec<_> = answers.iter().map(|answer| answer["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(answers[1]["tier"], "deny");
    assert!(jsonl("").is_empty());
    assert!(jsonl("\n\n").is_empty());
}

#[test]
fn jsonl_answers_a_huge_line_and_goes_on() {
    let huge = "a".repeat(10_000_000);
    let answers = jsonl(format!(
        "{}\n{}\n{{\"id\":\"after\",\"command\":\"ls\"}}\n",
        json!({"id": "huge", "command": huge}),
        json!({"id": "large", "command": huge[..2_000_000]}),
    ));
    assert_eq!(answers.len(), 3);
    assert!(answers[..2].iter().all(|a| a["unknown"] == true && a["tier"] == "confirm"));
    assert_eq!(answers[1]["id"], "large");
    assert_eq!(answers[2]["tier"], "allow");
}

#[test]
fn jsonl_answers_before_the_next_question_comes() {
    let place = Place::new();
    let mut command = place.guard(["check", "--jsonl"]);
    let mut guard = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut questions = guard.stdin.take().unwrap();
    let answers = BufReader::new(guard.stdout.take().unwrap());
    let (send, receive) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        answers.lines().map_while(Result::ok).for_each(|line| send.send(line).unwrap());
    });
    for id in 0..3 {
        writeln!(questions, r#"{{"id":{id},"command":"ls"}}"#).unwrap();
        let answer = receive.recv_timeout(Duration::from_secs(60)).expect("an answer");
        assert!(answer.starts_with(&format!("{{\"id\":{id},")), "{answer}");
    }
    drop(questions);
    assert!(guard.wait().unwrap().success());
    reader.join().unwrap();
}

#[test]
fn jsonl_does_not_depend_on_where_it_is_asked() {
    let place = Place::new();
    place.write(".guard.yaml", "raise:\n  - when: {verbs: [delete]}\n    to: deny\n    why: x\n");
    let line = br#"{"command":"rm -rf \"$HOME/x\" \"$SECRET\"; git reset --hard"}"#;
    let here = place.run_with(["check", "--jsonl"], line).stdout;
    let mut other = Place::new().command(crate::harness::GUARD);
    other.args(["check", "--jsonl"]).env_clear().env("SECRET", "/").current_dir("/");
    other.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = other.spawn().unwrap();
    child.stdin.take().unwrap().write_all(line).unwrap();
    let there = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&there.stdout), here);
}

#[test]
fn the_actor_of_a_question_changes_nothing_about_the_verdict() {
    let line =
        |actor: &str| json!({"command": "kubectl delete ns prod", "actor": actor}).to_string();
    let lines: Vec<_> = ["human", "agent", "ci", "unattended"].iter().map(|a| line(a)).collect();
    let answers = jsonl(lines.join("\n"));
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn spans_are_within_the_text_and_on_character_boundaries() {
    let place = Place::new();
    let texts = [
        "git reset --hard",
        "échó ü; git reset --hard; rm -rf /",
        "sudo sh -c 'ünï; git push origin :main'",
        "x=$(git reset --hard) && echo \"$(rm -rf /)\"",
        "`git reset --hard`",
        "cat <<E | sh -c 'git reset --hard'\nü\nE",
        "eval \"git reset\" --hard",
        "find . -name 'ü' -exec git reset --hard \\;",
        "echo 'git reset --hard' | bash",
        "for i in ü; do git reset --hard; done",
        "ssh h \"sudo sh -c 'rm -rf /'\"",
    ];
    for (text, verdict) in texts.iter().zip(place.verdicts(&texts)) {
        let effects = verdict["effects"].as_array().unwrap();
        assert!(!effects.is_empty(), "{text}");
        for effect in effects {
            let at = |i: usize| usize::try_from(effect["span"][i].as_u64().unwrap()).unwrap();
            assert!(at(0) < at(1), "{text}: {effect}");
            assert!(text.get(at(0)..at(1)).is_some(), "{text}: {effect}");
        }
    }
    let spans: Vec<_> = place.verdicts(&["ls; git reset --hard && ls"])[0]["effects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|effect| effect["span"].clone())
        .collect();
    assert_eq!(spans, [json!([4, 20])]);
}

#[test]
fn the_short_answer_is_for_people() {
    let place = Place::new();
    let short = |text: &str| check(&place, text).stdout;
    insta::assert_snapshot!(short("ls -la"), @"T0 allow: would run");
    insta::assert_snapshot!(short("git reset --hard"), @r#"
    T2 confirm: would ask y or n
      T2        DELETE uncommitted changes: no quick undo (2a) [git.reset-hard]
      safer     Run `git stash -u` first, or keep the changes with `git reset --keep COMMIT`.
    "#);
    insta::assert_snapshot!(short("kubectl -n prod delete ns shop"), @r#"
    T4 second human: would need a second person
      T4        DELETE namespace shop: delete or access change in production that reaches a whole
                service, data or customers (4a) [kubectl.delete-namespace]
      safer     list what is in it first: `kubectl api-resources --verbs=list --namespaced -o name`,
                then `kubectl get KINDS -n NAMESPACE`; delete single objects instead
    "#);
    insta::assert_snapshot!(short("sudo rm -rf / --no-preserve-root"), @r#"
    T5 deny: would be refused
      T5        DELETE path /: the target is the root, a home, a folder above the work, a disk, or guard
                itself (5a) [rm.recursive]
      safer     List first with `find DIR -type f | head`, or move the tree away with `mv DIR /tmp/` and
                delete it later.
    "#);
    insta::assert_snapshot!(short("$CMD deploy"), @r#"
    T2 confirm: would ask y or n; something in it cannot be known
      T2        RUN UNSEEN CODE command $CMD: what would run cannot be known (2b)
                [guard.unknown-program]
      safer     Write the command out, so that it can be judged.
    "#);
    insta::assert_snapshot!(short("git push origin :main && echo \"done"), @r#"
    T2 confirm: would ask y or n; something in it cannot be known
      not read  The command is not valid shell: a quote or bracket is never closed.
    "#);
}

#[test]
fn colour_is_only_for_terminals_and_can_be_asked_for() {
    let place = Place::new();
    assert!(!check(&place, "git reset --hard").stdout.contains('\x1b'));
    let mut forced = place.guard(["check", "-c", "git reset --hard"]);
    let ran: Output = forced.env("CLICOLOR_FORCE", "1").output().unwrap().into();
    assert!(ran.stdout.contains("\x1b["), "{}", ran.stdout);
    let ran: Output = forced.env("NO_COLOR", "1").output().unwrap().into();
    assert!(!ran.stdout.contains('\x1b'), "{}", ran.stdout);
}

#[test]
fn when_nobody_reads_the_answers_any_more_guard_ends_quietly() {
    let place = Place::new();
    let mut shell = place.command("/bin/bash");
    let script = "yes '{\"command\":\"rm -rf /\"}' | \"$0\" check --jsonl | head -n 1; \
                  echo ${PIPESTATUS[1]}";
    let ran = crate::harness::output(shell.args(["-c", script, crate::harness::GUARD]));
    assert!(ran.stdout.ends_with("}\n0\n"), "{}", ran.stdout);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
}
