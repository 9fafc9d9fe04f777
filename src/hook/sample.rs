//! A payload as an agent sends it, to try what is registered.

use serde_json::{Value, json};

use super::{Agent, Reply};

/// What the agent writes to its hook before its shell tool runs a command.
#[must_use]
pub fn payload(agent: Agent, command: &str, cwd: &str) -> Value {
    let claude = |event: &str, tool: &str| {
        json!({"session_id": "guard-doctor", "cwd": cwd, "hook_event_name": event,
            "permission_mode": "default", "tool_name": tool, "tool_input": {"command": command}})
    };
    match agent {
        Agent::ClaudeCode | Agent::Codex => claude("PreToolUse", "Bash"),
        Agent::QwenCode => claude("PreToolUse", "run_shell_command"),
        Agent::GeminiCli => claude("BeforeTool", "run_shell_command"),
        Agent::Devin => claude("PreToolUse", "exec"),
        Agent::AmazonQ | Agent::Kiro => claude("preToolUse", "execute_bash"),
        Agent::CopilotCli => json!({"sessionId": "guard-doctor", "timestamp": 0, "cwd": cwd,
            "toolName": "bash", "toolArgs": {"command": command}}),
        Agent::Cursor => json!({"conversation_id": "guard-doctor", "cwd": cwd,
            "hook_event_name": "beforeShellExecution", "command": command}),
        Agent::Windsurf => json!({"agent_action_name": "pre_run_command",
            "trajectory_id": "guard-doctor", "tool_info": {"command_line": command, "cwd": cwd}}),
        Agent::Openhands => json!({"event_type": "PreToolUse", "session_id": "guard-doctor",
            "tool_name": "terminal", "tool_input": {"command": command}, "working_dir": cwd}),
        Agent::Opencode => json!({"directory": cwd, "input": {"tool": "bash",
            "sessionID": "guard-doctor"}, "output": {"args": {"command": command}}}),
        Agent::Cline => json!({"clineVersion": "", "hookName": "tool_call",
            "taskId": "guard-doctor", "workspaceRoots": [cwd],
            "tool_call": {"name": "run_commands", "input": {"commands": [command]}}}),
    }
}

/// Whether an agent that gets this reply does not run the command.
#[must_use]
pub fn stops(agent: Agent, reply: &Reply) -> bool {
    let said: Value = serde_json::from_str(&reply.stdout).unwrap_or_default();
    let member = |name: &str| said.get(name).cloned().unwrap_or_default();
    match agent {
        // Or something else runs: guard's own refusal.
        Agent::Cline => {
            let instead = member("overrideInput");
            let commands = instead.get("commands").and_then(Value::as_array);
            let refuses = |command: &Value| {
                command.as_str().is_some_and(|text| text.contains(" run --wait 25s -c "))
            };
            member("cancel") == true
                || commands.is_some_and(|all| !all.is_empty() && all.iter().all(refuses))
        }
        Agent::Cursor => reply.exit == 0 && member("permission") == "deny",
        Agent::Opencode => reply.exit != 0 || member("decision") == "deny",
        Agent::CopilotCli => reply.exit != 0 || member("permissionDecision") == "deny",
        _ => reply.exit == 2 && reply.stdout.is_empty() && !reply.stderr.trim().is_empty(),
    }
}

/// Whether an agent that gets this reply goes on as without guard.
#[must_use]
pub fn passes(agent: Agent, reply: &Reply) -> bool {
    let said: Value = serde_json::from_str(&reply.stdout).unwrap_or_default();
    let member = |name: &str| said.get(name).cloned().unwrap_or_default();
    reply.exit == 0
        && match agent {
            Agent::Cursor => member("permission") == "allow",
            Agent::Cline => {
                member("cancel") != true && member("overrideInput").is_null() && said.is_object()
            }
            _ => reply.stdout.trim().is_empty(),
        }
}
