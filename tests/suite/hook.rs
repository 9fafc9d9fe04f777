//! `guard hook AGENT`: every payload that the agents were seen to send, at every
//! tier; what cannot be read; and what happens when guard itself is broken.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{GUARD, Output, Place, root};

/// A command of each tier, for an agent outside production evidence.
const T0: &str = "git status";
const T1: &str = "systemctl restart nginx";
const T2: &str = "git reset --hard";
const T3: &str = "kubectl -n staging delete deploy web";
const T4: &str = "kubectl delete ns prod";
const T5: &str = "rm -rf /";

/// Every agent that guard has an adapter for.
pub(crate) const AGENTS: [&str; 13] = [
    "amazon-q",
    "claude-code",
    "cline",
    "codex",
    "copilot-cli",
    "cursor",
    "devin",
    "gemini-cli",
    "kiro",
    "opencode",
    "openhands",
    "qwen-code",
    "windsurf",
];

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/fixtures/agents").join(name)).unwrap()
}

/// Every payload of an agent's shell tool, as agent and file.
fn shell_payloads() -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for agent in AGENTS {
        let dir = root().join("tests/fixtures/agents").join(agent);
        let mut names: Vec<String> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let shell = |name: &String| {
            let text = String::from_utf8(fixture(&format!("{agent}/{name}"))).unwrap();
            text.contains("kubectl delete ns prod\"") && !name.contains("two-commands")
        };
        out.extend(names.into_iter().filter(shell).map(|name| (agent, name)));
    }
    assert!(out.len() >= 17, "{out:?}");
    out
}

/// The payload of an agent before its shell tool is used.
fn shell_tool(agent: &str) -> String {
    let is = |(other, name): &(&str, String)| *other == agent && !name.starts_with("Permission");
    shell_payloads().into_iter().find(is).unwrap().1
}

/// The payload with another command. The agent's own quoting of it is JSON.
fn with(agent: &str, name: &str, command: &str) -> Vec<u8> {
    let text = String::from_utf8(fixture(&format!("{agent}/{name}"))).unwrap();
    text.replace("kubectl delete ns prod", command).into_bytes()
}

fn hook(place: &Place, agent: &str, payload: &[u8]) -> Output {
    place.run_with(["hook", agent], payload)
}

/// What the agent makes of an answer.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Ask,
    Rewrite(Vec<String>),
    Deny(String),
}

/// Reads an answer as the agent does: each agent's table of what it obeys.
fn told(agent: &str, output: &Output) -> Told {
    assert!(output.signal.is_none());
    if output.code == Some(2) {
        assert_eq!(output.stdout, "", "{agent}: JSON and exit code 2 never go together");
        assert!(!output.stderr.trim().is_empty(), "{agent}: without a reason some run it");
        // Cline looks at JSON alone, and Cursor's model would not be told why.
        assert!(
            !["cline", "cursor", "opencode"].contains(&agent),
            "{agent}: {output:?}",
            output = output.stderr
        );
        return Told::Deny(output.stderr.clone());
    }
    assert_eq!(output.code, Some(0), "{agent}: {}", output.stderr);
    if output.stdout.is_empty() {
        assert!(!["cline", "cursor"].contains(&agent), "an empty answer is a failure there");
        return Told::Nothing;
    }
    let all: Value = serde_json::from_str(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let command = |value: &Value| Told::Rewrite(vec![text(&value["command"])]);
    let own = &all["hookSpecificOutput"];
    match agent {
        "claude-code" | "codex" | "qwen-code" if !own["decision"].is_null() => {
            assert_eq!(own["decision"]["behavior"], "deny");
            Told::Deny(text(&own["decision"]["message"]))
        }
        "claude-code" | "codex" => match own["permissionDecision"].as_str() {
            // `ask` is unsupported there, and a bare allow as well: both run it.
            Some("ask") if agent == "claude-code" => Told::Ask,
            Some("allow") => command(&own["updatedInput"]),
            other => panic!("{agent}: {other:?}"),
        },
        "gemini-cli" => command(&own["tool_input"]),
        "copilot-cli" if all["behavior"] == "deny" => Told::Deny(text(&all["message"])),
        "copilot-cli" => match all["permissionDecision"].as_str() {
            Some("deny") => Told::Deny(text(&all["permissionDecisionReason"])),
            Some("allow") => command(&all["modifiedArgs"]),
            other => panic!("{agent}: {other:?}"),
        },
        "cursor" => match (all["permission"].as_str(), &all["updated_input"]) {
            (Some("deny"), _) => Told::Deny(text(&all["user_message"])),
            (Some("allow"), Value::Null) => Told::Nothing,
            (Some("allow"), input) => command(input),
            other => panic!("{agent}: {other:?}"),
        },
        "cline" => match (&all["cancel"], &all["overrideInput"]) {
            (Value::Bool(true), _) => Told::Deny(text(&all["errorMessage"])),
            (_, Value::Null) => Told::Nothing,
            (_, input) => {
                Told::Rewrite(input["commands"].as_array().unwrap().iter().map(text).collect())
            }
        },
        "opencode" if all["decision"] == "deny" => Told::Deny(text(&all["reason"])),
        "opencode" => command(&all["args"]),
        other => panic!("{other} reads no JSON: {all}"),
    }
}

fn rewrites(agent: &str, name: &str) -> bool {
    let before = !name.starts_with("PermissionRequest")
        && !["permissionRequest.json", "PreToolUse.pascal.json", "PreToolUse.ide.json"]
            .contains(&name)
        && !name.starts_with("beforeShellExecution");
    let able = ["claude-code", "codex", "gemini-cli", "copilot-cli", "cursor", "cline", "opencode"];
    before && able.contains(&agent)
}

fn wrapped(agent: &str, command: &str) -> String {
    let wait = match agent {
        "codex" => "--wait 8s ",
        "cline" => "--wait 25s ",
        _ => "",
    };
    format!("{GUARD} run {wait}-c '{command}'")
}

#[test]
fn every_payload_of_every_agent_gets_the_answer_of_its_tier() {
    for (agent, name) in shell_payloads() {
        // Its own memory: more than a few such commands in a row are a burst.
        let place = Place::new();
        let answer =
            |command: &str| told(agent, &hook(&place, agent, &with(agent, &name, command)));
        assert_eq!(answer(T0), Told::Nothing, "{agent} {name}");
        let permission = name.to_lowercase().starts_with("permissionrequest");
        match answer(T2) {
            // The agent is about to ask a person by itself.
            Told::Nothing if permission => {}
            Told::Rewrite(new) if rewrites(agent, &name) => {
                assert_eq!(new, [wrapped(agent, T2)], "{agent} {name}");
            }
            Told::Deny(reason) if !rewrites(agent, &name) && !permission => {
                assert!(reason.contains(&format!("{GUARD} run ")), "{agent} {name}: {reason}");
                assert!(reason.contains(T2), "{agent} {name}: {reason}");
            }
            other => panic!("{agent} {name}: {other:?}"),
        }
        match answer(T4) {
            Told::Rewrite(new) if rewrites(agent, &name) => assert_eq!(new, [wrapped(agent, T4)]),
            Told::Deny(reason) if !rewrites(agent, &name) => {
                assert!(reason.contains("second human"), "{agent} {name}: {reason}");
                assert!(reason.contains(&wrapped(agent, T4)), "{agent} {name}: {reason}");
            }
            other => panic!("{agent} {name}: {other:?}"),
        }
        let place = Place::new();
        let answer =
            |command: &str| told(agent, &hook(&place, agent, &with(agent, &name, command)));
        assert_eq!(answer(T1), Told::Nothing, "{agent} {name}");
        match answer(T3) {
            Told::Rewrite(new) if rewrites(agent, &name) => assert_eq!(new, [wrapped(agent, T3)]),
            Told::Deny(reason) if !rewrites(agent, &name) => {
                assert!(reason.contains("T3 challenge"), "{agent} {name}: {reason}");
                assert!(reason.contains(&wrapped(agent, T3)), "{agent} {name}: {reason}");
            }
            other => panic!("{agent} {name}: {other:?}"),
        }
        let tiers: Vec<_> = place.events("request").iter().map(|r| r["tier"].clone()).collect();
        assert_eq!(tiers, ["notify", "challenge"], "{agent} {name}");
        match answer(T5) {
            // A refusal would end the run there without a word to anybody.
            Told::Rewrite(new) if agent == "cline" && rewrites(agent, &name) => {
                assert_eq!(new, [wrapped(agent, T5)]);
            }
            Told::Deny(reason) if agent != "cline" || !rewrites(agent, &name) => {
                assert!(!reason.contains("run it as"), "{agent} {name}: {reason}")
            }
            other => panic!("{agent} {name}: {other:?}"),
        }
    }
}

#[test]
fn a_rewritten_call_keeps_everything_else_of_the_tools_input() {
    let place = Place::new();
    let payload = with("claude-code", "PreToolUse.subagent.json", T2);
    let output = hook(&place, "claude-code", &payload);
    let all: Value = serde_json::from_str(&output.stdout).unwrap();
    let mut expected = serde_json::from_slice::<Value>(&payload).unwrap()["tool_input"].take();
    expected["command"] = json!(wrapped("claude-code", T2));
    assert_eq!(all["hookSpecificOutput"]["updatedInput"], expected);
}

#[test]
fn the_agents_own_question_is_used_only_where_a_person_sees_it() {
    let place = Place::new();
    let ask = |mode: &str, attended: &str| {
        let payload = with("claude-code", "PreToolUse.json", T2);
        let mut payload: Value = serde_json::from_slice(&payload).unwrap();
        payload["permission_mode"] = json!(mode);
        let mut command = place.guard(["hook", "claude-code"]);
        command.env("CLAUDE_CODE_SESSION_ATTENDED", attended);
        let output = fed(command, payload.to_string().as_bytes());
        if output.stdout.contains("\"ask\"") {
            assert!(output.stdout.contains("uncommitted changes"), "{}", output.stdout);
        }
        told("claude-code", &output)
    };
    assert_eq!(ask("default", "1"), Told::Ask);
    for (mode, attended) in [
        ("default", "0"),
        ("bypassPermissions", "1"),
        ("dontAsk", "1"),
        ("auto", "1"),
        ("a new mode", "1"),
    ] {
        assert_eq!(ask(mode, attended), Told::Rewrite(vec![wrapped("claude-code", T2)]), "{mode}");
    }
    // A second person is never the one who sits before the agent.
    let mut command = place.guard(["hook", "claude-code"]);
    command.env("CLAUDE_CODE_SESSION_ATTENDED", "1");
    let output = fed(command, &with("claude-code", "PreToolUse.json", T4));
    assert_eq!(told("claude-code", &output), Told::Rewrite(vec![wrapped("claude-code", T4)]));
}

#[test]
fn an_agent_that_does_what_the_refusal_says_is_no_evader() {
    let place = Place::new();
    place.program("kubectl", "exit 0");
    let run = |text: &str| {
        let mut command = place.guard(["run", "--dry-run", "-c", text]);
        command.env("QWEN_CODE", "1").env("COLUMNS", "200");
        fed(command, b"").stderr
    };
    let refused =
        told("qwen-code", &hook(&place, "qwen-code", &with("qwen-code", "PreToolUse.json", T4)));
    assert!(matches!(refused, Told::Deny(reason) if reason.contains(&wrapped("qwen-code", T4))));
    assert!(!run(T4).contains("refused before"), "{}", run(T4));
}

#[test]
fn every_command_of_a_list_is_judged() {
    let place = Place::new();
    let payload = fixture("cline/tool_call.cli.two-commands.json");
    let answer = told("cline", &hook(&place, "cline", &payload));
    assert_eq!(answer, Told::Rewrite(vec![T0.into(), wrapped("cline", T4)]));
    let text = String::from_utf8(payload).unwrap().replace(T4, T5);
    let answer = told("cline", &hook(&place, "cline", text.as_bytes()));
    // guard's refusal is all that runs of such a list.
    assert_eq!(answer, Told::Rewrite(vec![wrapped("cline", T5)]));
}

#[test]
fn tools_that_are_no_shell_are_judged_by_what_they_do() {
    let place = Place::new();
    for agent in ["amazon-q", "kiro"] {
        for name in std::fs::read_dir(root().join("tests/fixtures/agents").join(agent)).unwrap() {
            let name = name.unwrap().file_name().into_string().unwrap();
            let answer = told(agent, &hook(&place, agent, &fixture(&format!("{agent}/{name}"))));
            let harmless = name.contains("fs_read") || name.contains("mcp");
            assert_eq!(answer == Told::Nothing, harmless, "{agent} {name}: {answer:?}");
            if let Told::Deny(reason) = answer
                && name.contains("use_aws")
            {
                assert!(reason.contains("--environment-name cost-prod"), "{reason}");
                assert!(reason.contains("shell tool"), "{reason}");
            }
        }
    }
    // A file in the project is the agent's daily work.
    let write = |path: PathBuf| {
        let payload = json!({"hook_event_name": "PreToolUse", "cwd": place.path("project"),
            "tool_name": "Write", "tool_input": {"file_path": path, "content": "x"}});
        told("claude-code", &hook(&place, "claude-code", payload.to_string().as_bytes()))
    };
    assert_eq!(write(place.path("project").join("src/a.rs")), Told::Nothing);
    let settings = write(place.path("home").join(".claude/settings.json"));
    assert!(matches!(&settings, Told::Deny(why) if why.contains("agent")), "{settings:?}");
}

#[test]
fn an_interactive_shell_is_stopped_where_an_agent_can_type_into_it_later() {
    let place = Place::new();
    let answer =
        told("codex", &hook(&place, "codex", &fixture("codex/PreToolUse.bare-shell.json")));
    assert!(matches!(&answer, Told::Deny(why) if why.contains("already running")), "{answer:?}");
    let typed = |chars: &str| {
        let payload = json!({"hook_event_name": "PreToolUse", "turn_id": "t", "tool_name":
            "write_stdin", "tool_input": {"session_id": 3, "chars": chars}});
        told("codex", &hook(&place, "codex", payload.to_string().as_bytes()))
    };
    assert_eq!(typed(""), Told::Nothing);
    assert_eq!(typed("ls\n"), Told::Nothing);
    assert!(matches!(typed("rm -rf /srv\n"), Told::Deny(_)));
}

#[test]
fn a_call_of_this_very_guard_is_not_asked_about_twice() {
    let place = Place::new();
    let link = place.path("bin").join("guard");
    std::os::unix::fs::symlink(GUARD, &link).unwrap();
    let answer = |command: &str| {
        let payload = json!({"hook_event_name": "preToolUse", "cwd": place.path("project"),
            "tool_name": "execute_bash", "tool_input": {"command": command}});
        told("amazon-q", &hook(&place, "amazon-q", payload.to_string().as_bytes()))
    };
    for own in [
        format!("{GUARD} run -c '{T4}'"),
        format!("{GUARD} -- {T4}"),
        format!("guard -- {T4}"),
        format!("{GUARD} run --wait 25s -c 'rm -rf /srv && echo done'"),
    ] {
        assert_eq!(answer(&own), Told::Nothing, "{own}");
    }
    // What only begins like it, or is another program of that name.
    std::fs::create_dir_all(place.path("project/other")).unwrap();
    std::fs::copy("/bin/true", place.path("project/other/guard")).unwrap();
    for other in [
        format!("{GUARD} run -c 'echo x'; {T4}"),
        format!("{GUARD} run -c 'echo x' | {T4}"),
        format!("{GUARD} run -c \"$({T4})\""),
        format!("LD_PRELOAD=/tmp/x.so {GUARD} -- {T4}"),
        format!("{GUARD} run -c 'echo x' > ~/.claude/settings.json"),
        format!("guard() {{ {T4}; }}; guard -- x"),
        format!("./other/guard -- {T4}"),
    ] {
        assert!(matches!(answer(&other), Told::Deny(_)), "{other}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_in_the_form_of_the_agent() {
    let place = Place::new();
    for entry in std::fs::read_dir(root().join("tests/fixtures/agents/malformed")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let payload = fixture(&format!("malformed/{name}"));
        let answer = told("claude-code", &hook(&place, "claude-code", &payload));
        if name == "unknown-fields.json" {
            let judged = matches!(answer, Told::Nothing | Told::Rewrite(_));
            assert!(judged, "{name}: {answer:?}");
        } else {
            assert!(matches!(answer, Told::Deny(_)), "{name}: {answer:?}");
        }
        if name.ends_with(".txt") {
            for agent in AGENTS {
                let answer = told(agent, &hook(&place, agent, &payload));
                assert!(matches!(answer, Told::Deny(_)), "{agent} {name}: {answer:?}");
            }
        }
    }
}

#[test]
fn no_member_of_a_payload_can_be_missing_or_of_another_type_and_pass() {
    let place = Place::new();
    for (agent, name) in shell_payloads() {
        let payload: Value = serde_json::from_slice(&fixture(&format!("{agent}/{name}"))).unwrap();
        for pointer in pointers(&payload) {
            for wrong in [None, Some(json!(7)), Some(json!(null)), Some(json!([]))] {
                let mut changed = payload.clone();
                let (parent, member) = pointer.rsplit_once('/').unwrap();
                let parent = changed.pointer_mut(parent).unwrap().as_object_mut();
                let Some(parent) = parent else { continue };
                match &wrong {
                    None => drop(parent.remove(member)),
                    Some(value) => drop(parent.insert(member.into(), value.clone())),
                }
                let answer = told(agent, &hook(&place, agent, changed.to_string().as_bytes()));
                assert_ne!(answer, Told::Nothing, "{agent} {name}: {pointer} {wrong:?}");
            }
        }
    }
}

/// The members that lead to the command, as JSON pointers.
fn pointers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, out: &mut Vec<String>) -> bool {
        match value {
            Value::String(text) => text.contains(T4),
            Value::Object(members) => {
                let mut holds = false;
                for (name, inner) in members {
                    let below = format!("{at}/{name}");
                    // A copy of the arguments that is only shown.
                    let copy = below.starts_with("/preToolUse/parameters/commands");
                    if !copy && walk(inner, &below, out) {
                        out.push(below);
                        holds = true;
                    }
                }
                holds
            }
            Value::Array(items) => items.iter().any(|item| walk(item, at, &mut Vec::new())),
            _ => false,
        }
    }
    let mut out = Vec::new();
    walk(value, "", &mut out);
    let tool = ["/tool_name", "/toolName", "/agent_action_name", "/input/tool", "/tool_call/name"];
    out.extend(tool.iter().filter(|p| value.pointer(p).is_some()).map(|p| (*p).to_owned()));
    // The description of Copilot and others repeats nothing; the rest informs.
    out.retain(|pointer| !pointer.ends_with("permission_suggestions"));
    out
}

#[test]
fn a_megabyte_and_bytes_that_are_no_text_are_never_a_pass() {
    let place = Place::new();
    let long = format!("{T4} {}", "x".repeat(1_100_000));
    let inside = format!("{T4} {}", "x ".repeat(200_000));
    for agent in AGENTS {
        let name = shell_tool(agent);
        for command in [&long, &inside] {
            let answer = told(agent, &hook(&place, agent, &with(agent, &name, command)));
            assert_ne!(answer, Told::Nothing, "{agent}");
        }
        let mut bytes = with(agent, &name, "rm \u{fffd}");
        let at = bytes.windows(3).position(|window| window == "\u{fffd}".as_bytes()).unwrap();
        bytes.splice(at..at + 3, [0xff, 0xfe]);
        let answer = told(agent, &hook(&place, agent, &bytes));
        assert!(matches!(answer, Told::Deny(_)), "{agent}: {answer:?}");
    }
}

#[test]
fn a_broken_guard_refuses_everything() {
    for agent in AGENTS {
        let name = shell_tool(agent);
        let harmless = with(agent, &name, T0);
        let refused = |place: &Place, why: &str| {
            let answer = told(agent, &hook(place, agent, &harmless));
            assert!(matches!(answer, Told::Deny(_)), "{agent}, {why}: {answer:?}");
        };
        let place = Place::new();
        place.write_home(".config/guard/policy.yaml", "version: [");
        refused(&place, "a policy that is no YAML");

        let place = Place::new();
        place.write_home(".local/state/guard", "a file where the folder should be");
        refused(&place, "no folder for the record");
    }
}

#[test]
fn a_full_disk_refuses() {
    for agent in AGENTS {
        let place = Place::new();
        let dir = place.log_dir();
        std::fs::create_dir_all(&dir).unwrap();
        let mut command = place.command("/bin/bash");
        // No byte may be written to any file.
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f 0; exec {GUARD} hook {agent}")]);
        let output = fed(command, &with(agent, &shell_tool(agent), T0));
        assert!(matches!(told(agent, &output), Told::Deny(_)), "{agent}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_a_refusal() {
    let place = Place::new();
    let mut command = place.command("/bin/bash");
    command.args(["-c", &format!("exec {GUARD} hook codex 1>&-")]);
    let output = fed(command, &with("codex", "PreToolUse.json", T4));
    assert_eq!(output.code, Some(2), "{}", output.stderr);
    assert!(output.stderr.contains("could not be written"), "{}", output.stderr);
}

#[test]
fn nobody_who_reads_is_no_reason_to_let_a_command_run() {
    // A pipe without a reader, of a process that does not ignore SIGPIPE.
    let broken = || {
        let (read, write) = std::io::pipe().unwrap();
        drop(read);
        Stdio::from(write)
    };
    for agent in AGENTS {
        let payload = with(agent, &shell_tool(agent), T5);
        for both in [false, true] {
            let place = Place::new();
            let mut command = place.guard(["hook", agent]);
            command.stdin(Stdio::piped()).stdout(broken());
            command.stderr(if both { broken() } else { Stdio::null() });
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(&payload).unwrap();
            let ended: Output = child.wait_with_output().unwrap().into();
            assert_eq!((ended.code, ended.signal), (Some(2), None), "{agent} {both}");
        }
        let place = Place::new();
        let mut command = place.command("/bin/bash");
        command.args(["-c", &format!("exec {GUARD} hook {agent} 1>&- 2>&-")]);
        let ended = fed(command, &payload);
        assert_eq!((ended.code, ended.signal), (Some(2), None), "{agent} closed");
    }
}

#[test]
fn a_file_that_is_never_read_to_its_end_is_refused_in_time() {
    let place = Place::new();
    let path = place.path("home/.config/guard");
    std::fs::create_dir_all(&path).unwrap();
    nix::unistd::mkfifo(&path.join("policy.yaml"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let begun = Instant::now();
    for agent in ["claude-code", "cline", "kiro"] {
        let output = hook(&place, agent, &with(agent, &shell_tool(agent), T0));
        assert!(matches!(told(agent, &output), Told::Deny(_)), "{agent}");
    }
    assert!(begun.elapsed() < Duration::from_secs(27));
}

#[test]
fn a_hook_starts_no_program() {
    let place = Place::new();
    let programs = ["git", "kubectl", "aws", "terraform", "psql", "ssh"];
    for program in programs {
        // Unlike other programs of a place, these say so when a probe asks them.
        let mark = place.path("tmp").join(format!("{program}.ran"));
        place.client(program, &format!(": >'{}'", mark.display()));
    }
    for command in [T0, T2, T4, "aws s3 rb s3://x --force", "terraform destroy", "ssh db1 reboot"] {
        hook(&place, "codex", &with("codex", "PreToolUse.json", command));
    }
    assert!(programs.iter().all(|program| !place.ran(program)));
    assert_eq!(place.events("decision").len(), 6);
}

#[test]
fn a_payload_that_never_ends_is_refused_in_time() {
    let place = Place::new();
    let mut command = place.guard(["hook", "kiro"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(&with("kiro", "PreToolUse.shell.v3.json", T0)).unwrap();
    let output: Output = child.wait_with_output().unwrap().into();
    drop(pipe);
    assert!(matches!(told("kiro", &output), Told::Deny(_)));
    // Far below every agent's time limit, which is what matters.
    assert!(begun.elapsed() < Duration::from_secs(9));
}

#[test]
fn a_record_that_takes_for_ever_is_refused_in_time() {
    let place = Place::new();
    // Somebody holds the lock of the log and does not let go.
    let first = hook(&place, "codex", &with("codex", "PreToolUse.json", T0));
    assert_eq!(told("codex", &first), Told::Nothing);
    let holders: Vec<std::fs::File> = std::fs::read_dir(place.log_dir())
        .unwrap()
        .map(|entry| {
            let mut options = std::fs::File::options();
            let file = options.read(true).write(true).open(entry.unwrap().path()).unwrap();
            file.lock().unwrap();
            file
        })
        .collect();
    assert!(!holders.is_empty());
    let output = hook(&place, "codex", &with("codex", "PreToolUse.json", T0));
    assert!(matches!(told("codex", &output), Told::Deny(_)));
    drop(holders);
}

#[test]
fn what_a_hook_said_is_in_the_record_without_secrets() {
    let place = Place::new();
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let payload = with("codex", "PreToolUse.json", &format!("GITHUB_TOKEN={secret} git status"));
    assert_eq!(told("codex", &hook(&place, "codex", &payload)), Told::Nothing);
    hook(&place, "codex", &with("codex", "PreToolUse.json", T5));
    let requests = place.events("request");
    let decisions = place.events("decision");
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0]["actor"]["name"], "codex");
    let evidence = requests[0]["actor"]["evidence"].as_str().unwrap();
    assert!(evidence.contains("session 00000000-0000-4000-8000-000000000001"), "{evidence}");
    let how: Vec<_> = decisions.iter().map(|d| (&d["how"], &d["decision"])).collect();
    assert_eq!(how, [(&json!("hook"), &json!("handed-on")), (&json!("hook"), &json!("refused"))]);
    assert!(!format!("{requests:?}").contains(secret));
    let shown = place.run(["log", "show"]).stdout;
    assert!(shown.contains("handed on") && shown.contains("refused"), "{shown}");
}

#[test]
fn a_rewritten_command_waits_and_does_not_run_by_itself() {
    let place = Place::new();
    place.marking("kubectl");
    let Told::Rewrite(new) =
        told("gemini-cli", &hook(&place, "gemini-cli", &with("gemini-cli", "BeforeTool.json", T4)))
    else {
        panic!("not rewritten");
    };
    let line = new[0].replace(" run -c", " run --wait 0s -c");
    let mut command = place.command("/bin/bash");
    command.env("GEMINI_CLI", "1").args(["-c", &line]).stdin(Stdio::null());
    let output = crate::harness::output(&mut command);
    assert!(matches!(output.code, Some(75 | 77)), "{:?} {}", output.code, output.stderr);
    assert!(!place.ran("kubectl"));
}

#[test]
fn kiros_old_ide_is_read_where_it_says_something_and_only_there() {
    let place = Place::new();
    let ask = |variable: &str, stdin: Stdio| {
        let mut command = place.guard(["hook", "kiro"]);
        command.env("USER_PROMPT", variable).stdin(stdin);
        crate::harness::output(&mut command)
    };
    let said = |command: &str| {
        json!({"toolName": "execute_bash", "toolArgs": {"command": command}}).to_string()
    };
    // Standard input that nobody closes: the other end stays here.
    let (open, _other) = nix::unistd::pipe().unwrap();
    let open = || Stdio::from(open.try_clone().unwrap());
    assert_eq!(ask(&said(T5), open()).code, Some(2));
    assert_eq!(ask(&said(T0), open()).code, Some(0));
    assert_eq!(ask(&said(T0), Stdio::null()).code, Some(0));
    for variable in ["delete everything", "{}", "[]", "{\"toolName\": 7}", ""] {
        assert_eq!(ask(variable, Stdio::null()).code, Some(2), "{variable}");
    }
    let no_command = json!({"toolName": "execute_bash", "toolArgs": {}}).to_string();
    assert_eq!(ask(&no_command, Stdio::null()).code, Some(2));
    // What stands on standard input counts alone.
    let mut command = place.guard(["hook", "kiro"]);
    command.env("USER_PROMPT", said(T0));
    let payload = with("kiro", "preToolUse.execute_bash.cli2.json", T5);
    assert_eq!(fed(command, &payload).code, Some(2));
    let mut command = place.guard(["hook", "kiro"]);
    command.env("USER_PROMPT", said(T0));
    assert_eq!(fed(command, b"{").code, Some(2));
}

#[test]
fn an_agent_in_a_ci_job_has_nobody_to_ask_and_stays_an_agent() {
    let place = Place::new();
    let ask = |ci: Option<&str>| {
        let mut command = place.guard(["hook", "claude-code"]);
        command.env("CLAUDE_CODE_SESSION_ATTENDED", "1");
        if let Some(ci) = ci {
            command.env("CI", ci);
        }
        told("claude-code", &fed(command, &with("claude-code", "PreToolUse.json", T2)))
    };
    assert_eq!(ask(None), Told::Ask);
    assert_eq!(ask(Some("false")), Told::Ask);
    assert!(matches!(ask(Some("true")), Told::Rewrite(_)));
    let last = place.events("request").pop().unwrap();
    assert_eq!(last["actor"]["kind"], "agent");
    let evidence = last["actor"]["evidence"].as_str().unwrap();
    assert!(evidence.ends_with(", in CI: CI is set"), "{evidence}");
}

#[test]
fn the_hook_is_executable_only_by_its_full_name_of_agent() {
    let place = Place::new();
    let output = place.run(["hook", "nobody"]);
    assert_eq!(output.code, Some(64));
    assert!(output.stderr.contains("claude-code"), "{}", output.stderr);
    let mode = std::fs::metadata(GUARD).unwrap().permissions().mode();
    assert_ne!(mode & 0o111, 0);
}

/// Runs a prepared command with standard input.
pub fn fed(mut command: std::process::Command, stdin: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let _ = pipe.write_all(stdin);
    drop(pipe);
    child.wait_with_output().unwrap().into()
}
