//! What a person agrees to in the agent's own dialog is run by guard, once, and
//! nothing else is opened by it.

use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{GUARD, Output, Place};
use crate::hook::fed;
use crate::played::{Given, Played};

/// Tier T2 for an agent.
const ASKED: &str = "git reset --hard";
const SESSION: &str = "9d54ee14";
/// Longer than a dialog has to stand before an answer counts.
const READ: Duration = Duration::from_millis(600);

/// A place with an agent in it.
struct Scene {
    agent: Played,
    place: Place,
}

impl std::ops::Deref for Scene {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
}

fn place() -> Scene {
    let place = Place::new();
    place.marking("git");
    let agent = Played::start(&place);
    Scene { agent, place }
}

fn claude(place: &Place, args: &[&str], session: &str) -> std::process::Command {
    let mut command = place.guard(args);
    command.env("CLAUDECODE", "1").env("CLAUDE_CODE_SESSION_ATTENDED", "1");
    command.env("CLAUDE_CODE_SESSION_ID", session);
    command
}

fn payload(place: &Place, event: &str, mode: &str, command: &str, session: &str) -> String {
    let payload = json!({"session_id": session, "cwd": place.path("project"),
        "hook_event_name": event, "permission_mode": mode, "tool_name": "Bash",
        "tool_input": {"command": command, "description": "Run it"}});
    payload.to_string()
}

/// Calls the hook as `guard init claude-code` registers it.
fn hook(place: &Scene, event: &str, mode: &str, command: &str, session: &str) -> Value {
    let payload = payload(place, event, mode, command, session);
    let call = claude(place, &["hook", "claude-code", "--dialog"], session);
    let output = place.agent.call(&call, Given::Said(&payload));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    serde_json::from_str(&output.stdout).unwrap_or_default()
}

/// The command that Claude Code shows in its dialog.
fn asked(place: &Scene, mode: &str) -> String {
    let said = hook(place, "PreToolUse", mode, ASKED, SESSION);
    let own = &said["hookSpecificOutput"];
    assert_eq!(own["permissionDecision"], "ask", "{said}");
    let reason = own["permissionDecisionReason"].as_str().unwrap();
    assert!(reason.contains("uncommitted changes"), "{reason}");
    assert_eq!(own["updatedInput"]["description"], "Run it");
    own["updatedInput"]["command"].as_str().unwrap().to_owned()
}

fn nonce(command: &str) -> String {
    let rest = command.strip_prefix(&format!("{GUARD} run --nonce=")).unwrap();
    rest.split_once(' ').unwrap().0.to_owned()
}

/// A dialog that was shown long enough to be read.
fn shown(place: &Scene, mode: &str) -> String {
    let command = asked(place, mode);
    assert_eq!(hook(place, "PermissionRequest", mode, &command, SESSION), Value::Null);
    std::thread::sleep(READ);
    nonce(&command)
}

fn run(place: &Scene, nonce: &str, text: &str) -> Output {
    run_as(place, nonce, text, SESSION)
}

fn run_as(place: &Scene, nonce: &str, text: &str, session: &str) -> Output {
    let nonce = format!("--nonce={nonce}");
    let command = claude(place, &["run", &nonce, "--wait", "0s", "-c", text], session);
    place.agent.call(&command, Given::Nothing)
}

/// It was asked about as any other command, and not run.
fn refused(place: &Place, output: &Output, why: &str) {
    assert_eq!(output.code, Some(75), "{}", output.stderr);
    assert!(output.stderr.contains(why), "{}", output.stderr);
    assert!(!place.ran("git"), "{why}");
}

#[test]
fn what_a_person_agrees_to_in_the_agents_dialog_runs_once_and_is_recorded() {
    for mode in ["default", "auto"] {
        let place = place();
        let nonce = shown(&place, mode);
        let output = run(&place, &nonce, ASKED);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(place.ran("git"));
        let decided = place.events("decision");
        let last = decided.last().unwrap();
        assert_eq!((&last["decision"], &last["how"]), (&json!("approved"), &json!("dialog")));
        assert!(last["reason"].as_str().unwrap().contains("dialog of claude-code"), "{last}");
        assert!(last["waited_ms"].as_u64().unwrap() >= 500, "{last}");
        assert_eq!(place.events("end").last().unwrap()["exit"], 0);
        // Used up.
        std::fs::remove_file(place.path("tmp/git.ran")).unwrap();
        refused(&place, &run(&place, &nonce, ASKED), "used up");
    }
}

#[test]
fn a_number_opens_nothing_without_the_dialog_and_no_other_text_folder_or_session() {
    let place = place();
    let unseen = nonce(&asked(&place, "default"));
    refused(&place, &run(&place, &unseen, ASKED), "shown no dialog");

    // Answered by a program: too soon for anybody to have read it.
    let command = asked(&place, "default");
    hook(&place, "PermissionRequest", "default", &command, SESSION);
    refused(&place, &run(&place, &nonce(&command), ASKED), "sooner than a person");

    // The dialog of another session, or about another command, is not this one's.
    let command = asked(&place, "default");
    hook(&place, "PermissionRequest", "default", &command, "another");
    hook(&place, "PermissionRequest", "default", &format!("{command}; true"), SESSION);
    std::thread::sleep(READ);
    refused(&place, &run(&place, &nonce(&command), ASKED), "shown no dialog");

    let other = shown(&place, "default");
    refused(&place, &run(&place, &other, "git reset --hard HEAD~1"), "another text");
    refused(&place, &run(&place, &other, ASKED), "used up");

    let other = shown(&place, "default");
    refused(&place, &run_as(&place, &other, ASKED, "another"), "another session");

    let other = shown(&place, "default");
    let nonce = format!("--nonce={other}");
    let mut moved = claude(&place, &["run", &nonce, "--wait", "0s", "-c", ASKED], SESSION);
    moved.current_dir(place.path("home"));
    refused(&place, &place.agent.call(&moved, Given::Nothing), "another folder");

    for made_up in ["", "x", "../../etc/passwd", "00000000-0000-4000-8000-000000000000"] {
        refused(&place, &run(&place, made_up, ASKED), "its number is");
    }
}

#[test]
fn a_number_expires_and_does_not_outlive_a_restart_of_the_machine() {
    let place = place();
    let slip = |nonce: &str| {
        let mut sum = place.path("home/.local/state/guard/dialogs");
        sum.push(guard::second::display::sha256(nonce.as_bytes()));
        sum
    };
    for (member, value, why) in
        [("us", json!(1), "too long ago"), ("boot", json!("another"), "too long ago")]
    {
        let nonce = shown(&place, "default");
        let path = slip(&nonce);
        let mut text: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        text["at"][member] = value;
        std::fs::write(&path, text.to_string()).unwrap();
        refused(&place, &run(&place, &nonce, ASKED), why);
    }
    // What cannot be read opens nothing either.
    let nonce = shown(&place, "default");
    std::fs::write(slip(&nonce), "{").unwrap();
    refused(&place, &run(&place, &nonce, ASKED), "cannot be read");
}

#[test]
fn of_many_that_take_a_number_at_once_one_gets_it() {
    let place = place();
    let nonce = shown(&place, "default");
    let codes: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(|| run(&place, &nonce, ASKED))).collect();
        runs.into_iter().map(|run| run.join().unwrap().code).collect()
    });
    let ran = codes.iter().filter(|code| **code == Some(0)).count();
    assert_eq!(ran, 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(75)).count(), 5, "{codes:?}");
}

#[test]
fn no_number_is_given_where_nobody_is_to_be_asked_or_more_than_a_yes_is_needed() {
    let place = place();
    for (mode, command) in [
        ("bypassPermissions", ASKED),
        ("dontAsk", ASKED),
        ("default", "kubectl delete ns prod"),
        ("default", "git push --force origin main"),
    ] {
        let said = hook(&place, "PreToolUse", mode, command, SESSION);
        assert_eq!(said["hookSpecificOutput"]["permissionDecision"], "allow", "{mode}: {said}");
        assert!(!said.to_string().contains("--nonce"), "{said}");
    }
}

#[test]
fn a_command_of_the_agent_that_plays_its_hook_gets_no_number() {
    let place = place();
    let said = payload(&place, "PreToolUse", "default", ASKED, SESSION);
    let call = |whose: &str| {
        let mut call = claude(&place, &["hook", "claude-code", "--dialog"], SESSION);
        call.env("AI_AGENT", whose);
        call
    };
    let hook = call("claude-code_2-1-330_harness");
    let given = |output: &Output| output.stdout.contains("--nonce=");
    assert!(given(&place.agent.call(&hook, Given::Said(&said))));
    // What Claude Code sets for its commands.
    let own = call("claude-code_2-1-330_agent");
    assert!(!given(&place.agent.call(&own, Given::Said(&said))));

    // Whatever a command sets or unsets, the pipe is its own, and not the agent's.
    let file = place.path("tmp").join("payload.json");
    std::fs::write(&file, &said).unwrap();
    for line in ["exec \"$@\" <\"$P\"", "cat \"$P\" | \"$@\"", "\"$@\" <<E\n$(cat \"$P\")\nE"] {
        let mut command = place.command("/bin/sh");
        command.args(["-c", line, "sh"]).arg(hook.get_program()).args(hook.get_args());
        command.envs(hook.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = place.agent.call(command.env("P", &file), Given::Nothing);
        assert!(output.stdout.contains("\"ask\""), "{line}: {}", output.stderr);
        assert!(!given(&output), "{line}: {}", output.stdout);
    }
    // Nor is an agent that it starts.
    let output = place.agent.call_through_another(&place, &hook, &said);
    assert!(output.stdout.contains("\"ask\""), "{}", output.stderr);
    assert!(!given(&output), "{}", output.stdout);
}

#[test]
fn a_command_of_the_agent_that_plays_the_dialog_has_shown_none() {
    let place = place();
    let command = asked(&place, "default");
    let said = payload(&place, "PermissionRequest", "default", &command, SESSION);
    let hook = claude(&place, &["hook", "claude-code", "--dialog"], SESSION);
    let output = place.agent.call_through_another(&place, &hook, &said);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    std::thread::sleep(READ);
    refused(&place, &run(&place, &nonce(&command), ASKED), "shown no dialog");
}

#[test]
fn without_an_agent_above_it_no_number_is_given_and_none_is_good() {
    let place = place();
    let said = payload(&place, "PreToolUse", "default", ASKED, SESSION);
    let mut hook = claude(&place, &["hook", "claude-code", "--dialog"], SESSION);
    let (near, far) = UnixStream::pair().unwrap();
    hook.stdin(OwnedFd::from(far)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = hook.spawn().unwrap();
    drop(hook);
    (&near).write_all(said.as_bytes()).unwrap();
    drop(near);
    let output = Output::from(child.wait_with_output().unwrap());
    assert!(output.stdout.contains("\"ask\""), "{} {}", output.stdout, output.stderr);
    assert!(!output.stdout.contains("--nonce="), "{}", output.stdout);

    let nonce = format!("--nonce={}", shown(&place, "default"));
    let run = claude(&place, &["run", &nonce, "--wait", "0s", "-c", ASKED], SESSION);
    refused(&place, &fed(run, b""), "another session");
}

#[test]
fn a_number_for_tier_t2_opens_nothing_that_has_become_more() {
    let place = place();
    let nonce = shown(&place, "default");
    let policy = "raise:\n  - when: {rules: [\"git.*\"]}\n    to: challenge\n    why: no backup\n";
    place.write_home(".config/guard/policy.yaml", policy);
    refused(&place, &run(&place, &nonce, ASKED), "needs more than a yes");
}
