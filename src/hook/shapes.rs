//! The envelope of each agent's payload: where the tool's name, its input and
//! the rest stand.

use serde_json::{Map, Value};

use super::call::{Call, Envelope, Event, call, inner};
use super::fields::{any_text, optional_text, text};
use super::{Agent, Unreadable};

type Object = Map<String, Value>;

/// Reads a payload in the agent's own shape.
pub(super) fn read(agent: Agent, payload: &Object) -> Result<Call, Unreadable> {
    match agent {
        Agent::CopilotCli if payload.contains_key("toolName") => copilot(payload),
        Agent::Cursor if payload.get("hook_event_name") == Some(&"beforeShellExecution".into()) => {
            cursor_shell(payload)
        }
        Agent::Windsurf => windsurf(payload),
        Agent::Cline => cline(payload),
        Agent::Opencode => opencode(payload),
        Agent::Kiro if payload.contains_key("toolName") && !payload.contains_key("tool_name") => {
            kiro_ide(payload)
        }
        _ => common(agent, payload),
    }
}

/// Reads a payload of an event after a tool. The envelope is that of the event
/// before, so that both are read in the same way.
pub(super) fn read_after(agent: Agent, payload: &Object) -> Option<Call> {
    let mut before = payload.clone();
    let named = |field: &str| payload.get(field).and_then(Value::as_str).unwrap_or_default();
    let after = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.starts_with("post") || name.starts_with("after")
    };
    let is_after = match agent {
        Agent::CopilotCli if payload.contains_key("toolName") => {
            payload.contains_key("toolResult") || payload.contains_key("error")
        }
        Agent::Cursor if named("hook_event_name") == "afterShellExecution" => {
            before.insert("hook_event_name".into(), "beforeShellExecution".into());
            true
        }
        Agent::Windsurf => {
            before.insert("agent_action_name".into(), "pre_run_command".into());
            named("agent_action_name") == "post_run_command"
        }
        Agent::Cline => {
            before.insert("tool_call".into(), payload.get("tool_result")?.clone());
            true
        }
        Agent::Opencode => {
            // The arguments moved to the other side.
            let args = payload.get("input")?.get("args")?.clone();
            before.insert("output".into(), serde_json::json!({ "args": args }));
            true
        }
        Agent::Openhands => after(named("event_type")),
        Agent::Kiro if !payload.contains_key("hook_event_name") => {
            before.insert("hook_event_name".into(), "PostToolUse".into());
            payload.contains_key("tool_response")
        }
        _ => after(named("hook_event_name")),
    };
    let call = read(agent, &before).ok().filter(|_| is_after)?;
    Some(Call { event: Event::Else, ..call })
}

/// The shape that Claude Code began: `hook_event_name`, `tool_name`,
/// `tool_input`. OpenHands has other names for two of them.
fn common(agent: Agent, payload: &Object) -> Result<Call, Unreadable> {
    let field = if agent == Agent::Openhands { "event_type" } else { "hook_event_name" };
    let event = match optional_text(payload, field)? {
        Some(name) => event(agent, name),
        // Kiro's newer engine is reported to leave it out; nothing else of guard
        // is registered there.
        None if agent == Agent::Kiro => Event::Before,
        None => return Err(Unreadable::field(field, "is missing")),
    };
    if event == Event::Else && !payload.contains_key("tool_name") {
        return Ok(nothing());
    }
    let cwd = any_text(payload, &["cwd", "working_dir"]);
    call(
        agent,
        Envelope {
            tool: text(payload, "tool_name")?,
            input: payload.get("tool_input"),
            input_field: "tool_input",
            event,
            cwd,
            session: any_text(payload, &["session_id", "conversation_id"]),
            subagent: any_text(payload, &["agent_type", "agent_id"]),
            mode: any_text(payload, &["permission_mode"]),
            // The event of Kiro's CLI 2, whose shell tool knows no folder, begins
            // with a small letter; the newer engine's does not.
            folder: match payload.get("hook_event_name").and_then(Value::as_str) {
                Some("preToolUse") if agent == Agent::Kiro => &[],
                _ => agent.folder_members(),
            },
        },
    )
}

/// Events that come before a tool. One that is not known counts as one that
/// does, unless its name says that the tool is through.
fn event(agent: Agent, name: &str) -> Event {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("post") || lower.starts_with("after") || lower.ends_with("posttooluse") {
        return Event::Else;
    }
    match lower.as_str() {
        "permissionrequest" => Event::Permission,
        "pretooluse" if agent == Agent::CopilotCli => Event::BeforeVariant,
        "sessionstart" | "sessionend" | "stop" | "notification" | "userpromptsubmit"
        | "agentspawn" => Event::Else,
        _ => Event::Before,
    }
}

/// A payload of an event that is no call of a tool.
fn nothing() -> Call {
    Call {
        tool: String::new(),
        act: super::Act::Other,
        cwd: None,
        session: None,
        subagent: None,
        mode: None,
        event: Event::Else,
        input: Object::new(),
        field: "",
    }
}

fn copilot(payload: &Object) -> Result<Call, Unreadable> {
    let permission = payload.get("hookName") == Some(&"permissionRequest".into());
    let field = if permission { "toolInput" } else { "toolArgs" };
    let event = if permission { Event::Permission } else { Event::Before };
    call(
        Agent::CopilotCli,
        Envelope {
            tool: text(payload, "toolName")?,
            input: payload.get(field),
            input_field: field,
            event,
            cwd: any_text(payload, &["cwd"]),
            session: any_text(payload, &["sessionId"]),
            subagent: None,
            mode: None,
            folder: Agent::CopilotCli.folder_members(),
        },
    )
}

/// IDE 0.12, where it is a hook before a tool by where it is registered.
fn kiro_ide(payload: &Object) -> Result<Call, Unreadable> {
    call(
        Agent::Kiro,
        Envelope {
            tool: text(payload, "toolName")?,
            input: payload.get("toolArgs"),
            input_field: "toolArgs",
            event: Event::Before,
            cwd: any_text(payload, &["cwd"]),
            session: any_text(payload, &["sessionId"]),
            subagent: None,
            mode: None,
            folder: Agent::Kiro.folder_members(),
        },
    )
}

fn cursor_shell(payload: &Object) -> Result<Call, Unreadable> {
    let mut input = Object::new();
    input.insert("command".into(), text(payload, "command")?.into());
    call(
        Agent::Cursor,
        Envelope {
            tool: "Shell",
            input: Some(&Value::Object(input)),
            input_field: "command",
            event: Event::BeforeVariant,
            cwd: any_text(payload, &["cwd"]),
            session: any_text(payload, &["conversation_id", "session_id"]),
            subagent: None,
            mode: None,
            folder: Agent::Cursor.folder_members(),
        },
    )
}

fn windsurf(payload: &Object) -> Result<Call, Unreadable> {
    let action = text(payload, "agent_action_name")?;
    let tool = match action {
        "pre_run_command" => "run_command",
        "pre_write_code" => "write_file",
        _ if action.starts_with("post_") => return Ok(nothing()),
        other => other,
    };
    let info = inner(payload, "tool_info")?;
    if tool == "run_command" {
        text(info, "command_line")?;
    }
    call(
        Agent::Windsurf,
        Envelope {
            tool,
            input: payload.get("tool_info"),
            input_field: "tool_info",
            event: Event::Before,
            cwd: any_text(info, &["cwd"]),
            session: any_text(payload, &["trajectory_id"]),
            subagent: None,
            mode: None,
            folder: Agent::Windsurf.folder_members(),
        },
    )
}

fn cline(payload: &Object) -> Result<Call, Unreadable> {
    let (at, name, input_field) = match payload.get("tool_call") {
        Some(_) => ("tool_call", "name", "input"),
        None => ("preToolUse", "toolName", "parameters"),
    };
    if at == "preToolUse" && !payload.contains_key(at) {
        let hook = text(payload, "hookName")?;
        if !matches!(hook, "PreToolUse" | "tool_call") {
            return Ok(nothing());
        }
    }
    let used = inner(payload, at)?;
    let name = if used.contains_key(name) { name } else { "tool" };
    let root = match payload.get("workspaceRoots") {
        Some(Value::Array(roots)) => roots.first().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    let event = if at == "tool_call" { Event::Before } else { Event::BeforeVariant };
    call(
        Agent::Cline,
        Envelope {
            tool: text(used, name)?,
            input: used.get(input_field),
            input_field,
            event,
            cwd: root,
            session: any_text(payload, &["taskId"]),
            subagent: any_text(payload, &["parent_agent_id"]),
            mode: None,
            folder: Agent::Cline.folder_members(),
        },
    )
}

/// The protocol of guard's own plugin: `tool.execute.before` as opencode calls
/// it, with the folder.
fn opencode(payload: &Object) -> Result<Call, Unreadable> {
    let input = inner(payload, "input")?;
    let output = inner(payload, "output")?;
    if !input.contains_key("tool") && output.contains_key("env") {
        return Ok(nothing());
    }
    call(
        Agent::Opencode,
        Envelope {
            tool: text(input, "tool")?,
            input: output.get("args"),
            input_field: "args",
            event: Event::Before,
            cwd: any_text(payload, &["directory"]),
            session: any_text(input, &["sessionID"]),
            subagent: None,
            mode: None,
            folder: Agent::Opencode.folder_members(),
        },
    )
}
