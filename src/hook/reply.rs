//! What each agent obeys.
//!
//! The rules behind it, all measured with the agents themselves: an explicit
//! `allow` switches the agent's own question off, so no opinion is silence
//! wherever silence is taken for that; a refusal is exit code 2 with the reason
//! on standard error and nothing on standard output, except where only JSON
//! counts or where only JSON reaches the model; and JSON never goes together
//! with exit code 2, because one agent believes the JSON.

use serde_json::{Map, Value, json};

use super::call::Event;
use super::{Agent, Call};

/// What the agent is told about a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing: the agent goes on as if there were no guard.
    NoOpinion,
    /// The agent's own question.
    Ask {
        /// Its text.
        text: String,
        /// What runs in place of the command when a person says yes.
        instead: Option<String>,
    },
    /// These commands in place of the tool's own.
    Rewrite(Vec<String>),
    /// It does not run, and this is why.
    Deny(String),
}

/// What the hook's process prints and how it ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// For standard output.
    pub stdout: String,
    /// For standard error.
    pub stderr: String,
    /// The exit code.
    pub exit: u8,
}

impl Reply {
    fn json(value: &Value) -> Self {
        Self { stdout: format!("{value}\n"), ..Self::default() }
    }

    fn refused(reason: &str) -> Self {
        Self { stderr: format!("{}\n", reason.trim_end()), exit: 2, ..Self::default() }
    }
}

/// Whether the agent runs another command in place of the one that it wanted.
/// The others ignore the change and run the original: never try it there.
#[must_use]
pub const fn rewrites(agent: Agent, event: Event) -> bool {
    match agent {
        Agent::ClaudeCode
        | Agent::Codex
        | Agent::GeminiCli
        | Agent::CopilotCli
        | Agent::Opencode
        | Agent::Cursor
        | Agent::Cline => matches!(event, Event::Before),
        Agent::Kiro
        | Agent::AmazonQ
        | Agent::QwenCode
        | Agent::Windsurf
        | Agent::Openhands
        | Agent::Devin => false,
    }
}

/// Whether the agent's own question is a real one: it exists, somebody is there,
/// and nothing answers in their place. `attended` is what can be told from the
/// hook's surroundings.
#[must_use]
pub fn asks(agent: Agent, call: &Call, attended: bool) -> bool {
    let mode = call.mode.as_deref();
    match agent {
        // The modes in which a person decides; bypassPermissions, dontAsk and
        // auto are those in which nobody does.
        Agent::ClaudeCode => attended && matches!(mode, Some("default" | "acceptEdits" | "plan")),
        Agent::QwenCode => attended && matches!(mode, Some("default" | "plan" | "auto-edit")),
        // Gemini waits for ever when it is not attended and does not say whether
        // it is; Copilot does not say in which mode it is; Cursor blocks without
        // a dialog; Codex runs the command; the others have no question.
        _ => false,
    }
}

/// Whether what a person agrees to in the agent's dialog can be led through
/// `guard run`: the agent takes text and another command together, and calls a
/// hook when it shows the dialog and only then. Seen with Claude Code 2.1.330,
/// whose mode `auto` shows it too; that a mode shows none is found out by the hook
/// that is not called, so only those are left out in which nobody is to be asked.
#[must_use]
pub fn asks_to_run(agent: Agent, call: &Call, attended: bool) -> bool {
    let mode = call.mode.as_deref();
    matches!(agent, Agent::ClaudeCode)
        && attended
        && call.event == Event::Before
        && matches!(mode, Some("default" | "acceptEdits" | "plan" | "auto"))
}

/// The reply to a call.
#[must_use]
pub fn reply(agent: Agent, call: &Call, answer: &Answer) -> Reply {
    match answer {
        Answer::NoOpinion => no_opinion(agent, call.event),
        Answer::Ask { text, instead } => ask(agent, call, text, instead.as_deref()),
        Answer::Rewrite(commands) if rewrites(agent, call.event) => rewrite(agent, call, commands),
        Answer::Rewrite(_) => {
            deny(agent, call.event, "guard: this command needs guard's approval.")
        }
        Answer::Deny(reason) => deny(agent, call.event, reason),
    }
}

/// The reply when guard itself failed or could not read the payload: nothing is
/// known but the agent. The reason is on standard error as well, whatever counts.
#[must_use]
pub fn failed(agent: Agent, reason: &str) -> Reply {
    let event = match agent {
        // Which of Copilot's events it was is not known: both block on 2.
        Agent::CopilotCli => Event::BeforeVariant,
        _ => Event::Before,
    };
    let mut reply = deny(agent, event, reason);
    reply.stderr = format!("{}\n", reason.trim_end());
    reply
}

fn no_opinion(agent: Agent, event: Event) -> Reply {
    match (agent, event) {
        // With failClosed an empty answer is a failure.
        (Agent::Cursor, _) => Reply::json(&json!({"permission": "allow"})),
        (Agent::Cline, Event::Before) => Reply::json(&json!({})),
        (Agent::Cline, _) => Reply::json(&json!({"cancel": false})),
        _ => Reply::default(),
    }
}

fn ask(agent: Agent, call: &Call, text: &str, instead: Option<&str>) -> Reply {
    match agent {
        Agent::ClaudeCode | Agent::QwenCode if call.event == Event::Before => {
            let mut said = json!({
                "hookEventName": "PreToolUse",
                "permissionDecision": "ask",
                "permissionDecisionReason": text,
            });
            if let (Some(command), Some(said)) = (instead, said.as_object_mut()) {
                let mut input = call.input.clone();
                input.insert(call.field.to_owned(), command.into());
                said.insert("updatedInput".into(), input.into());
            }
            Reply::json(&json!({ "hookSpecificOutput": said }))
        }
        _ => deny(agent, call.event, text),
    }
}

fn deny(agent: Agent, event: Event, reason: &str) -> Reply {
    let reason = if reason.trim().is_empty() { "guard: not run." } else { reason.trim_end() };
    match (agent, event) {
        (Agent::ClaudeCode | Agent::Codex | Agent::QwenCode, Event::Permission) => {
            Reply::json(&json!({"hookSpecificOutput": {
                "hookEventName": "PermissionRequest",
                "decision": {"behavior": "deny", "message": reason},
            }}))
        }
        (Agent::CopilotCli, Event::Permission) => {
            Reply::json(&json!({"behavior": "deny", "message": reason}))
        }
        // With exit code 2 the model is not told why.
        (Agent::CopilotCli, Event::Before) => Reply::json(&json!({
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        })),
        (Agent::Cursor, _) => Reply::json(&json!({
            "permission": "deny",
            "user_message": reason,
            "agent_message": reason,
        })),
        // Exit codes are ignored: only JSON stops it.
        (Agent::Cline, _) => Reply::json(&json!({"cancel": true, "errorMessage": reason})),
        (Agent::Opencode, _) => Reply::json(&json!({"decision": "deny", "reason": reason})),
        _ => Reply::refused(reason),
    }
}

fn rewrite(agent: Agent, call: &Call, commands: &[String]) -> Reply {
    let mut input: Map<String, Value> = call.input.clone();
    let new = match input.get(call.field) {
        Some(Value::Array(_)) => Value::from(commands.to_vec()),
        _ => Value::from(commands.first().cloned().unwrap_or_default()),
    };
    input.insert(call.field.to_owned(), new.clone());
    let only = Value::Object(Map::from_iter([(call.field.to_owned(), new)]));
    Reply::json(&match agent {
        Agent::ClaudeCode => json!({"hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "allow",
            "updatedInput": input,
        }}),
        Agent::Codex => json!({"hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "allow",
            "updatedInput": only,
        }}),
        Agent::GeminiCli => json!({"hookSpecificOutput": {
            "hookEventName": "BeforeTool",
            "tool_input": input,
        }}),
        Agent::CopilotCli => json!({"permissionDecision": "allow", "modifiedArgs": input}),
        Agent::Cursor => json!({"permission": "allow", "updated_input": only}),
        Agent::Cline => json!({"overrideInput": only}),
        Agent::Opencode => json!({"args": only}),
        Agent::Kiro
        | Agent::AmazonQ
        | Agent::QwenCode
        | Agent::Windsurf
        | Agent::Openhands
        | Agent::Devin => {
            return deny(agent, call.event, "guard: this command needs guard's approval.");
        }
    })
}
