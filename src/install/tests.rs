//! Promises about editing settings that people wrote.

use std::path::PathBuf;

use clap::ValueEnum as _;

use super::{Content, Folders, Scope, Step, apply, plan, undo};
use crate::hook::Agent;

fn folders() -> Folders {
    Folders {
        home: "/home/dev".into(),
        project: "/home/dev/project".into(),
        guard: "/usr/local/bin/guard".into(),
        quoted: "/usr/local/bin/guard".into(),
        others: vec![PathBuf::from("/home/dev/.kiro/agents/mine.json")],
        timeout: Some("/usr/bin/timeout".into()),
    }
}

fn steps(agent: Agent) -> Vec<Step> {
    let plan = plan(agent, Scope::User, &folders()).unwrap();
    plan.files
        .into_iter()
        .find_map(|file| match file.content {
            Content::Merge(steps) => Some(steps),
            Content::Own(_) | Content::Toml(_) => None,
        })
        .unwrap()
}

const THEIRS: &str = r#"{
    // the model that works for us
    "model": "opus",
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "~/bin/lint.sh"}]}, /* keep */
        ],
        "Stop": [ { "hooks": [{ "type": "command", "command": "notify-send done" }] } ]
    },
    "permissions": { "allow": ["Bash(ls:*)"],   "deny": [] },
}
"#;

#[test]
fn what_others_wrote_stays_byte_for_byte_and_in_order() {
    let new = apply(THEIRS, &steps(Agent::ClaudeCode)).unwrap();
    let mut rest = new.as_str();
    for line in THEIRS.lines() {
        let at = rest.find(line.trim_end_matches(',')).unwrap_or_else(|| panic!("{line}\n{new}"));
        rest = &rest[at + line.trim_end_matches(',').len()..];
    }
    assert!(new.contains("/usr/local/bin/guard hook claude-code"), "{new}");
    assert!(new.contains("\"onFailure\": \"block\""), "{new}");
}

#[test]
fn doing_it_twice_changes_nothing_and_an_older_entry_is_replaced() {
    for agent in [
        Agent::ClaudeCode,
        Agent::Codex,
        Agent::GeminiCli,
        Agent::QwenCode,
        Agent::Cursor,
        Agent::Windsurf,
        Agent::AmazonQ,
        Agent::Devin,
        Agent::Openhands,
    ] {
        for text in ["", "{}", "{\n  \"a\": 1\n}\n"] {
            let once = apply(text, &steps(agent)).unwrap();
            assert_eq!(apply(&once, &steps(agent)).unwrap(), once, "{agent:?}");
            let older = once.replace("/usr/local/bin/guard", "/opt/old/guard");
            assert_ne!(older, once);
            let again = apply(&older, &steps(agent)).unwrap();
            assert!(!again.contains("/opt/old"), "{agent:?}: {again}");
            let value: serde_json::Value = serde_json::from_str(&again).unwrap();
            assert_eq!(value, serde_json::from_str::<serde_json::Value>(&once).unwrap());
        }
    }
}

#[test]
fn taking_it_away_leaves_what_others_wrote() {
    let new = apply(THEIRS, &steps(Agent::ClaudeCode)).unwrap();
    let back = undo(&new, &steps(Agent::ClaudeCode), None).unwrap();
    let squeeze = |text: &str| text.split_whitespace().collect::<String>().replace(",]", "]");
    assert_eq!(squeeze(&back), squeeze(THEIRS));
    let only = apply("{}", &steps(Agent::ClaudeCode)).unwrap();
    let back = undo(&only, &steps(Agent::ClaudeCode), None).unwrap();
    assert_eq!(squeeze(&back), "{}");
}

#[test]
fn a_member_that_guard_has_set_is_again_what_it_was() {
    let steps = [
        Step::Set(vec!["a", "on"], true.into()),
        Step::Default(vec!["tools"], serde_json::json!(["*"])),
    ];
    for theirs in
        ["{\"a\": {\"on\": false}}", "{\"a\": {\"on\": true}, \"tools\": [\"*\"]}", "{\"a\": {}}"]
    {
        let new = apply(theirs, &steps).unwrap();
        let back = undo(&new, &steps, Some(theirs)).unwrap();
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&back), value(theirs));
    }
    // What somebody has changed since is theirs.
    let new = apply("{}", &steps).unwrap().replace("true", "false");
    assert!(undo(&new, &steps, Some("{}")).unwrap().contains("false"));
}

#[test]
fn settings_of_another_shape_are_left_alone() {
    for text in ["[]", "{", "7", "{\"hooks\": []}", "{\"hooks\": {\"PreToolUse\": {}}}", "{'a': 1}"]
    {
        assert!(apply(text, &steps(Agent::ClaudeCode)).is_err(), "{text}");
    }
}

#[test]
fn every_agent_has_a_plan_that_names_its_hook_and_what_stays_open() {
    for agent in Agent::value_variants() {
        for scope in [Scope::User, Scope::Project] {
            let plan = plan(*agent, scope, &folders()).unwrap();
            assert!(!plan.files.is_empty() && !plan.open.is_empty(), "{agent:?}");
            let texts: Vec<String> = plan
                .files
                .iter()
                .map(|file| match &file.content {
                    Content::Own(text) | Content::Toml(text) => text.clone(),
                    Content::Merge(steps) => apply("", steps).unwrap(),
                })
                .collect();
            let named = texts.iter().any(|text| {
                text.contains(&format!("guard hook {}", agent.name())) || text.contains("\"hook\"")
            });
            assert!(named, "{agent:?}: {texts:?}");
        }
    }
}
