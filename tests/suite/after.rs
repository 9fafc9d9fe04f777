//! `guard hook AGENT --after`: what agents were seen to say when a command that
//! guard had left to them was over, and what is made of it.

use serde_json::{Value, json};

use crate::harness::{Output, Place, root};

fn fixture(agent: &str, name: &str) -> Option<Vec<u8>> {
    let path = root().join(format!("tests/fixtures/agents-after/{agent}/{name}.json"));
    std::fs::read(path).ok()
}

fn with(bytes: &[u8], command: &str) -> Vec<u8> {
    String::from_utf8(bytes.to_vec()).unwrap().replace("make test", command).into_bytes()
}

fn before(place: &Place, agent: &str, command: &str) -> Output {
    place.run_with(["hook", agent], &with(&fixture(agent, "before").unwrap(), command))
}

/// An event afterwards stays without a word, whatever happens.
fn after(place: &Place, agent: &str, payload: &[u8]) {
    let output = place.run_with(["hook", agent, "--after"], payload);
    let said = (output.code, output.stdout.as_str(), output.stderr.as_str());
    assert_eq!(said, (Some(0), "", ""), "{agent}");
}

fn shown(place: &Place) -> Vec<Value> {
    let output = place.run(["log", "show", "--json", "--last", "0"]);
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// In place of the command that the agents were asked to run.
const COMMAND: &str = "git status --short";

#[test]
fn every_agents_word_is_joined_to_the_verdict_that_left_the_command_to_it() {
    for (agent, fail, takes_time) in [
        ("claude-code", Some(3), true),
        ("codex", None, false),
        ("gemini-cli", Some(3), false),
        ("qwen-code", Some(3), false),
        ("copilot-cli", Some(3), false),
        ("opencode", Some(3), false),
        ("cline", Some(3), true),
        ("amazon-q", Some(3), false),
        ("cursor", None, true),
    ] {
        for (name, code) in [("ok", fail.map(|_| 0)), ("fail", fail)] {
            let Some(payload) = fixture(agent, name) else { continue };
            let place = Place::new();
            let let_pass = before(&place, agent, COMMAND);
            assert_eq!(let_pass.code, Some(0), "{agent}: {}", let_pass.stderr);
            after(&place, agent, &with(&payload, COMMAND));
            let outcomes = place.events("outcome");
            assert_eq!(outcomes.len(), 1, "{agent} {name}: {:?}", place.records());
            let outcome = &outcomes[0];
            assert_eq!(outcome["by"], agent);
            assert_eq!(outcome["exit"].as_i64(), code, "{agent} {name}: {outcome}");
            assert_eq!(outcome["duration_ms"].is_u64(), takes_time, "{agent}: {outcome}");
            assert!(outcome["between_ms"].is_u64(), "{outcome}");
            let run = &shown(&place)[0];
            assert_eq!((&run["outcome"], &run["tier"]), (&json!("handed-on"), &json!("allow")));
            assert_eq!(run["said"]["exit"].as_i64(), code, "{agent}: {run}");
            assert!(run["duration_ms"].is_null(), "guard did not see it: {run}");
            let table = place.run(["log", "show"]).stdout;
            let word = code.map_or("said: ended".into(), |code| format!("said: exit {code}"));
            assert!(table.contains(&word), "{agent}: {table}");
            let id = run["request_id"].as_str().unwrap();
            let one = place.run(["log", "show", id]).stdout;
            assert!(one.contains(&format!("said by {agent}")), "{one}");
            let verify = place.run(["log", "verify"]);
            assert_eq!(verify.code, Some(0), "{}", verify.stdout);
        }
    }
}

#[test]
fn reports_and_numbers_have_the_agents_word_as_such() {
    let place = Place::new();
    before(&place, "claude-code", COMMAND);
    after(&place, "claude-code", &with(&fixture("claude-code", "fail").unwrap(), COMMAND));
    let stats: Value = serde_json::from_str(&place.run(["log", "stats", "--json"]).stdout).unwrap();
    assert_eq!(stats["total"]["said"], 1, "{stats}");
    assert_eq!(stats["total"]["said_failed"], 1, "{stats}");
    assert_eq!(stats["total"]["seen"], 1, "{stats}");
    let report = place.run(["log", "report", "--all"]);
    let word = "left to the agent: exit 3 after 133 ms, said by claude";
    assert!(report.stdout.contains(word), "{}{}", report.stdout, report.stderr);
    for format in ["ecs", "ocsf", "otlp", "cef", "csv", "syslog"] {
        let exported = place.run(["log", "export", "--format", format]);
        assert!(exported.stdout.contains("outcome"), "{format}: {}", exported.stdout);
    }
}

#[test]
fn a_forged_outcome_changes_no_verdict_and_no_end_that_guard_saw() {
    let place = Place::new();
    place.marking("kubectl");
    let said = |command: &str| with(&fixture("claude-code", "ok").unwrap(), command);
    // Refused by the hook, run by guard, or never seen: nothing to be said.
    for command in ["rm -rf /", "kubectl delete ns prod"] {
        before(&place, "claude-code", command);
    }
    let ran = place.run(["run", "-c", "exit 3"]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    let records = place.records().len();
    for command in ["rm -rf /", "exit 3", "never seen"] {
        after(&place, "claude-code", &said(command));
    }
    assert_eq!(place.records().len(), records);
    // What guard itself was to run is not the agent's to tell.
    let own = format!("{} run -c 'kubectl delete ns prod'", crate::harness::GUARD);
    after(&place, "claude-code", &said(&own));
    assert_eq!(place.records().len(), records);
    // One that names a request by itself is an outcome of nothing else.
    let mut forged: Value = serde_json::from_slice(&said(COMMAND)).unwrap();
    forged["request_id"] = shown(&place)[0]["request_id"].clone();
    forged["tool_response"]["exit"] = json!(0);
    after(&place, "claude-code", forged.to_string().as_bytes());
    assert_eq!(place.records().len(), records);
    let outcomes: Vec<_> = shown(&place).iter().map(|run| run["outcome"].clone()).collect();
    assert_eq!(outcomes, ["refused", "handed-on", "exit"], "{outcomes:?}");
}

#[test]
fn what_is_said_twice_counts_once_and_the_same_command_again_takes_its_own() {
    let place = Place::new();
    let ok = with(&fixture("claude-code", "ok").unwrap(), COMMAND);
    let fail = with(&fixture("claude-code", "fail").unwrap(), COMMAND);
    before(&place, "claude-code", COMMAND);
    after(&place, "claude-code", &ok);
    after(&place, "claude-code", &fail);
    before(&place, "claude-code", COMMAND);
    after(&place, "claude-code", &fail);
    after(&place, "claude-code", &fail);
    let codes: Vec<_> = shown(&place).iter().map(|run| run["said"]["exit"].clone()).collect();
    assert_eq!(codes, [0, 3]);
    assert_eq!(place.events("outcome").len(), 2);
    // Another session or another agent says nothing about it.
    before(&place, "claude-code", COMMAND);
    let other = String::from_utf8(ok).unwrap().replace("000000000001", "000000000002");
    after(&place, "claude-code", other.as_bytes());
    after(&place, "qwen-code", &with(&fixture("qwen-code", "ok").unwrap(), COMMAND));
    assert_eq!(place.events("outcome").len(), 2);
}

#[test]
fn nothing_that_is_said_afterwards_stops_or_tells_anything() {
    let place = Place::new();
    before(&place, "codex", COMMAND);
    let ok = with(&fixture("codex", "ok").unwrap(), COMMAND);
    let long =
        format!("{{\"hook_event_name\": \"PostToolUse\", \"x\": \"{}\"}}", "a".repeat(9 << 20));
    let deep = "[".repeat(200_000);
    for payload in
        [b"".as_slice(), b"{", b"null", b"[]", b"\xff\0", long.as_bytes(), deep.as_bytes()]
    {
        after(&place, "codex", payload);
    }
    // Every member missing or of another type.
    let whole: Value = serde_json::from_slice(&ok).unwrap();
    for name in whole.as_object().unwrap().keys() {
        for new in [None, Some(json!(7)), Some(json!([])), Some(json!({})), Some(Value::Null)] {
            let mut bad = whole.clone();
            match new {
                None => drop(bad.as_object_mut().unwrap().remove(name)),
                Some(new) => bad[name.as_str()] = new,
            }
            after(&place, "codex", bad.to_string().as_bytes());
        }
    }
    // A policy that cannot be read, and a log that cannot be written.
    place.write_home(".config/guard/policy.yaml", "raise: [\n");
    after(&place, "codex", &ok);
}

#[test]
fn registered_where_guard_has_to_judge_it_judges() {
    let place = Place::new();
    for agent in ["claude-code", "codex", "gemini-cli", "qwen-code", "amazon-q"] {
        let payload = with(&fixture(agent, "before").unwrap(), "rm -rf /");
        let output = place.run_with(["hook", agent, "--after"], &payload);
        assert_eq!(output.code, Some(2), "{agent}: {}", output.stderr);
    }
    for agent in ["copilot-cli", "cursor", "cline", "opencode"] {
        let payload = with(&fixture(agent, "before").unwrap(), "rm -rf /");
        let output = place.run_with(["hook", agent, "--after"], &payload);
        assert!(!output.stdout.is_empty(), "{agent}");
    }
}

#[test]
fn secrets_and_output_of_the_command_are_not_recorded() {
    let place = Place::new();
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let command = format!("GITHUB_TOKEN={secret} git status");
    before(&place, "qwen-code", &command);
    let said = with(&fixture("qwen-code", "ok").unwrap(), &command);
    let said = String::from_utf8(said).unwrap().replace("Output: out", "Output: out of the vault");
    after(&place, "qwen-code", said.as_bytes());
    assert_eq!(place.events("outcome").len(), 1);
    let log = place.records().iter().map(ToString::to_string).collect::<String>();
    assert!(!log.contains(secret) && !log.contains("out of the vault"), "{log}");
}
