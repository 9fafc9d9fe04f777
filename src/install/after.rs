//! The hooks for afterwards, where an agent has such an event: how a command went
//! that was left to the agent. They stop nothing, so they are let go wrong in
//! silence: `|| true`, and a time limit of their own.

use serde_json::{Value, json};

use super::agents::{Folders, group};
use super::{AFTER, Step};
use crate::hook::Agent;

/// guard gives up after five seconds by itself.
pub(super) const SECONDS: u64 = 10;

/// What goes into the agent's settings besides the hook that asks.
pub(super) fn steps(agent: Agent, folders: &Folders) -> Vec<Step> {
    let line = line(agent, folders);
    let command = || json!({"type": "command", "command": line, "timeout": SECONDS});
    let named = || {
        json!({"type": "command", "name": "guard-after", "command": line,
            "timeout": SECONDS * 1000})
    };
    match agent {
        // Success and failure are two events.
        Agent::ClaudeCode => ["PostToolUse", "PostToolUseFailure"]
            .map(|event| group(event, "Bash|PowerShell", command()))
            .to_vec(),
        Agent::Codex => vec![group("PostToolUse", "^Bash$", command())],
        Agent::GeminiCli => vec![group("AfterTool", "run_shell_command", named())],
        Agent::QwenCode => vec![group("PostToolUse", "run_shell_command", named())],
        Agent::Cursor => vec![Step::Element(
            vec!["hooks", "afterShellExecution"],
            json!({"command": line, "timeout": SECONDS}),
        )],
        Agent::AmazonQ | Agent::Kiro => {
            // A name of the tool that the other one does not have would be none.
            let matcher = if agent == Agent::AmazonQ { "execute_*" } else { "*" };
            vec![Step::Element(
                vec!["hooks", "postToolUse"],
                json!({"matcher": matcher, "command": line, "timeout_ms": SECONDS * 1000,
                    "cache_ttl_seconds": 0}),
            )]
        }
        // By their documents; neither says how the command ended.
        Agent::Openhands => vec![group("PostToolUse", "*", command())],
        Agent::Devin => vec![group("PostToolUse", "", command())],
        Agent::Windsurf => {
            vec![Step::Element(vec!["hooks", "post_run_command"], json!({"command": line}))]
        }
        _ => Vec::new(),
    }
}

/// For a shell.
pub(super) fn line(agent: Agent, folders: &Folders) -> String {
    format!("{} hook {} {AFTER} || true", folders.quoted, agent.name())
}

/// The same as a program with its arguments, for Copilot CLI.
pub(super) fn copilot(folders: &Folders) -> Value {
    json!({"type": "command", "exec": folders.guard,
        "args": ["hook", Agent::CopilotCli.name(), AFTER], "timeoutSec": SECONDS,
        "matcher": "bash|powershell"})
}

/// The same for the engines of Kiro that read files of hooks. In a file of its
/// own: should an engine not know this event, it may drop the whole file.
pub(super) fn kiro(folders: &Folders) -> Value {
    json!({"version": "v1", "hooks": [{"name": "guard-after",
        "description": "tells guard how a command ended", "trigger": "PostToolUse",
        "matcher": ".*", "action": {"type": "command", "command": line(Agent::Kiro, folders)},
        "timeout": SECONDS, "enabled": true}]})
}
