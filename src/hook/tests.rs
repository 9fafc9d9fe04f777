//! Promises of the adapters that need no process.

use super::call::{self, Act, Event};
use super::reply::{self, Answer};
use super::{Agent, MAX_PAYLOAD};
use clap::ValueEnum as _;
use proptest::prelude::*;

fn read(agent: Agent, text: &str) -> Result<super::Call, String> {
    call::read(agent, text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn every_agent_has_the_name_of_its_subcommand_and_a_refusal_that_stops_it() {
    for agent in Agent::value_variants() {
        let value = agent.to_possible_value().unwrap();
        assert_eq!(value.get_name(), agent.name());
        let reply = reply::failed(*agent, "guard: not run: x");
        assert!(!reply.stderr.is_empty(), "{agent:?}");
        let json = ["cursor", "cline", "opencode"].contains(&agent.name());
        assert_eq!(reply.exit, if json { 0 } else { 2 }, "{agent:?}");
        assert_eq!(reply.stdout.is_empty(), !json, "JSON and exit code 2 never go together");
    }
}

#[test]
fn use_aws_is_the_command_that_the_agent_starts() {
    let payload = r#"{"hook_event_name":"preToolUse","cwd":"/w","tool_name":"use_aws","tool_input":
        {"service_name":"cloudformation","operation_name":"delete-stack","region":"eu-west-1",
         "profile_name":"prod","parameters":{"StackName":"web","NoPaginate":"","ids":["a","b"]}}}"#;
    let call = read(Agent::AmazonQ, payload).unwrap();
    let words = "aws --region eu-west-1 --profile prod cloudformation delete-stack --no-paginate \
                 --stack-name web --ids [\"a\",\"b\"]";
    assert_eq!(call.act, Act::Argv(words.split_whitespace().map(str::to_owned).collect()));
    let shifted = payload.replace("delete-stack", "--endpoint-url");
    assert!(read(Agent::Kiro, &shifted).unwrap_err().contains("operation_name"));
}

#[test]
fn a_tool_that_nobody_knows_is_judged_when_it_has_a_command() {
    let payload = r#"{"hook_event_name":"PreToolUse","tool_name":"ShellV2",
        "tool_input":{"command":"rm -rf /srv"}}"#;
    assert_eq!(
        read(Agent::ClaudeCode, payload).unwrap().act,
        Act::Shell(vec!["rm -rf /srv".into()])
    );
    let listed = payload.replace("\"rm -rf /srv\"", "[\"bash\",\"-c\",\"rm -rf /srv\"]");
    let words = ["bash", "-c", "rm -rf /srv"].map(str::to_owned).to_vec();
    assert_eq!(read(Agent::ClaudeCode, &listed).unwrap().act, Act::Argv(words));
    let read_only = payload.replace("\"command\"", "\"query\"");
    assert_eq!(read(Agent::ClaudeCode, &read_only).unwrap().act, Act::Other);
}

#[test]
fn errors_name_the_member_that_was_not_understood() {
    for (payload, field) in [
        (r#"{"hook_event_name":"PreToolUse","tool_name":"Bash"}"#, "tool_input"),
        (r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":"ls"}"#, "tool_input"),
        (r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{}}"#, "command"),
        (
            r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":["ls"]}}"#,
            "command",
        ),
        (
            r#"{"hook_event_name":"PreToolUse","tool_name":"Write","tool_input":{"content":""}}"#,
            "path",
        ),
        (r#"{"hook_event_name":7,"tool_name":"Bash"}"#, "hook_event_name"),
        (r#"{"hook_event_name":"PreToolUse","tool_input":{"command":"ls"}}"#, "tool_name"),
    ] {
        let error = read(Agent::ClaudeCode, payload).unwrap_err();
        assert!(error.contains(&format!("`{field}`")), "{payload}: {error}");
    }
    let long = format!("{{{}}}", " ".repeat(MAX_PAYLOAD));
    assert!(read(Agent::Codex, &long).unwrap_err().contains("longer"));
}

#[test]
fn a_command_of_a_subfolder_is_judged_there() {
    let payload = r#"{"hook_event_name":"BeforeTool","cwd":"/w","tool_name":"run_shell_command",
        "tool_input":{"command":"rm -rf .","directory":"a/b"}}"#;
    assert_eq!(read(Agent::GeminiCli, payload).unwrap().cwd.as_deref(), Some("/w/a/b"));
}

/// The model writes a tool's input, and agents ignore members that they do not
/// know: none of them may be what guard reads instead.
#[test]
fn a_member_that_only_guard_would_read_deceives_nobody() {
    let cline = r#"{"clineVersion":"","hookName":"tool_call","tool_call":{"name":"run_commands",
        "input":{"command":"ls","commands":["rm -rf /srv"]}}}"#;
    assert!(read(Agent::Cline, cline).unwrap_err().contains("stands beside"));
    let moved = r#"{"hook_event_name":"PreToolUse","cwd":"/home/dev","tool_name":"Bash",
        "tool_input":{"command":"rm -rf *","cwd":"/tmp/x","workdir":"/tmp/x"}}"#;
    for agent in [Agent::ClaudeCode, Agent::Codex, Agent::QwenCode, Agent::AmazonQ] {
        assert_eq!(read(agent, moved).unwrap().cwd.as_deref(), Some("/home/dev"), "{agent:?}");
    }
    let kiro = moved.replace("Bash", "execute_bash");
    assert_eq!(read(Agent::Kiro, &kiro).unwrap().cwd.as_deref(), Some("/tmp/x"));
    let cli2 = kiro.replace("PreToolUse", "preToolUse");
    assert_eq!(read(Agent::Kiro, &cli2).unwrap().cwd.as_deref(), Some("/home/dev"));
    let patch = r#"{"hook_event_name":"PreToolUse","tool_name":"apply_patch","tool_input":
        {"path":"a.txt","input":"*** Update File: /etc/passwd\n"}}"#;
    let act = read(Agent::Codex, patch).unwrap().act;
    assert_eq!(act, Act::Write(vec!["a.txt".into(), "/etc/passwd".into()]));
    let written = r#"{"hook_event_name":"PreToolUse","tool_name":"Write",
        "tool_input":{"path":"a.txt","file_path":"/etc/passwd","content":""}}"#;
    let act = read(Agent::ClaudeCode, written).unwrap().act;
    assert_eq!(act, Act::Write(vec!["a.txt".into(), "/etc/passwd".into()]));
    let typed = r#"{"hook_event_name":"PreToolUse","tool_name":"write_stdin",
        "tool_input":{"chars":"ls","input":"rm -rf /srv"}}"#;
    assert_eq!(read(Agent::Codex, typed).unwrap().act, Act::Typed("ls\nrm -rf /srv".into()));
}

#[test]
fn patches_name_every_file_that_they_touch() {
    let payload = r#"{"hook_event_name":"PreToolUse","tool_name":"apply_patch","tool_input":
        {"command":"*** Begin Patch\n*** Add File: a.txt\n+x\n*** Delete File: /etc/b\n*** End Patch"}}"#;
    let call = read(Agent::Codex, payload).unwrap();
    assert_eq!(call.act, Act::Write(vec!["a.txt".into(), "/etc/b".into()]));
}

#[test]
fn only_agents_that_obey_a_changed_command_get_one() {
    for agent in Agent::value_variants() {
        for event in [Event::Before, Event::BeforeVariant, Event::Permission, Event::Else] {
            if !reply::rewrites(*agent, event) {
                let payload = r#"{"hook_event_name":"PreToolUse","event_type":"PreToolUse",
                    "tool_name":"Bash","tool_input":{"command":"x"}}"#;
                let Ok(mut call) = read(*agent, payload) else { continue };
                call.event = event;
                let reply = reply::reply(*agent, &call, &Answer::Rewrite(vec!["y".into()]));
                assert!(!reply.stdout.contains("\"y\""), "{agent:?} {event:?}");
                let stops = reply.exit == 2
                    || reply.stdout.contains("deny")
                    || reply.stdout.contains("cancel");
                assert!(stops, "{agent:?} {event:?}: {reply:?}");
            }
        }
    }
}

proptest! {
    /// Whatever arrives: an answer, never a panic.
    #[test]
    fn any_bytes_are_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        which in 0..Agent::value_variants().len(),
    ) {
        let _ = call::read(Agent::value_variants()[which], &bytes);
    }

    /// A shell tool with a member of another type is never a pass.
    #[test]
    fn a_shell_tool_with_another_shape_is_never_a_pass(
        wrong in prop_oneof![
            Just("null"), Just("7"), Just("true"), Just("[]"), Just("{}"), Just("[\"ls\"]"),
        ],
        which in 0..3usize,
    ) {
        let (tool, input) = match which {
            0 => ("\"Bash\"".to_owned(), format!("{{\"command\":{wrong}}}")),
            1 => ("\"Bash\"".to_owned(), wrong.to_owned()),
            _ => (wrong.to_owned(), "{\"command\":\"ls\"}".to_owned()),
        };
        let payload = format!(
            "{{\"hook_event_name\":\"PreToolUse\",\"tool_name\":{tool},\"tool_input\":{input}}}"
        );
        for agent in [Agent::ClaudeCode, Agent::Codex, Agent::GeminiCli, Agent::QwenCode,
            Agent::Kiro, Agent::AmazonQ, Agent::Devin] {
            prop_assert!(read(agent, &payload).is_err(), "{}", payload);
        }
    }
}
