//! What an agent is about to do.

use serde_json::{Map, Value};

use super::fields::{any_text, object, optional_text, text};
use super::{Agent, MAX_PAYLOAD, aws, shapes};

/// A call of one of an agent's tools, before it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Name of the tool.
    pub tool: String,
    /// What it does.
    pub act: Act,
    /// Where, when the agent says so.
    pub cwd: Option<String>,
    /// The agent's session.
    pub session: Option<String>,
    /// The subagent that calls, if one does.
    pub subagent: Option<String>,
    /// The agent's permission mode, in its own words.
    pub mode: Option<String>,
    /// What answer the event takes.
    pub event: Event,
    /// The tool's whole input: an agent that takes a changed one takes it whole.
    pub input: Map<String, Value>,
    /// The member of `input` with the command.
    pub field: &'static str,
}

/// What a tool does, as far as guard judges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Runs shell texts, one after the other.
    Shell(Vec<String>),
    /// Starts a program with this argv.
    Argv(Vec<String>),
    /// Writes these files.
    Write(Vec<String>),
    /// Deletes these files.
    Delete(Vec<String>),
    /// Types this into a program that runs already.
    Typed(String),
    /// Starts another agent that nobody watches.
    Delegate(String),
    /// Nothing that guard judges.
    Other,
}

/// The kinds of events that are answered differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A tool is about to be used.
    Before,
    /// The same in a form of the agent's own: Copilot's event in Pascal case, the
    /// shell event of Cursor, Cline's IDE.
    BeforeVariant,
    /// A person is about to be asked by the agent itself.
    Permission,
    /// Something that does not come before a tool.
    Else,
}

/// A payload that guard cannot read. Never a pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Unreadable {
    pub(super) fn field(field: &str, what: &str) -> Self {
        Self(format!("the field `{field}` of the hook's input {what}"))
    }

    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Tools that run shell text.
const SHELL: &[&str] = &[
    "bash",
    "exec",
    "exec_command",
    "execute_bash",
    "execute_cmd",
    "execute_command",
    "execute_pwsh",
    "local_shell",
    "powershell",
    "run_command",
    "run_commands",
    "run_shell_command",
    "run_terminal_cmd",
    "shell",
    "terminal",
    "unified_exec",
];
/// Tools that write files.
const WRITE: &[&str] = &[
    "apply_patch",
    "create",
    "create_file",
    "edit",
    "edit_file",
    "file_editor",
    "fs_append",
    "fs_write",
    "multiedit",
    "notebookedit",
    "patch",
    "replace",
    "replace_in_file",
    "str_replace",
    "str_replace_editor",
    "write",
    "write_file",
    "write_to_file",
];
/// Tools that delete files.
const DELETE: &[&str] = &["delete", "delete_file", "fs_delete"];
/// Tools that type into a program that runs already.
const TYPED: &[&str] = &["write_bash", "write_powershell", "write_stdin"];
/// Members that hold the command of a shell tool.
const COMMAND: &[&str] = &["command", "commands", "cmd", "command_line", "script"];
/// Members that hold a path of a tool that writes.
const PATHS: &[&str] = &[
    "path",
    "file_path",
    "filePath",
    "absolute_path",
    "targetFile",
    "target_file",
    "notebook_path",
    "filename",
    "file",
];

/// Where Kiro's IDE 0.12 says what it is about to do.
pub const KIRO_VARIABLE: &str = "USER_PROMPT";

/// Whether the value of that variable is a call of a tool. It holds a person's
/// words in other events.
#[must_use]
pub fn is_kiros_variable(bytes: &[u8]) -> bool {
    let value = serde_json::from_slice::<Value>(bytes).ok();
    value.is_some_and(|value| value.get("toolName").is_some_and(Value::is_string))
}

/// Reads what an agent wrote to its hook.
///
/// # Errors
/// Anything that leaves open what the agent is about to do.
pub fn read(agent: Agent, payload: &[u8]) -> Result<Call, Unreadable> {
    if payload.len() > MAX_PAYLOAD {
        return Err(Unreadable::new(format!(
            "the hook's input is longer than {MAX_PAYLOAD} bytes"
        )));
    }
    if payload.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::new("the hook's input is empty"));
    }
    let value: Value = serde_json::from_slice(payload)
        .map_err(|error| Unreadable::new(format!("the hook's input is not JSON: {error}")))?;
    let Value::Object(payload) = value else {
        return Err(Unreadable::new("the hook's input is not a JSON object"));
    };
    shapes::read(agent, &payload)
}

/// What the envelope of a payload says.
pub(super) struct Envelope<'a> {
    pub tool: &'a str,
    pub input: Option<&'a Value>,
    pub input_field: &'static str,
    pub event: Event,
    pub cwd: Option<String>,
    pub session: Option<String>,
    pub subagent: Option<String>,
    pub mode: Option<String>,
    /// The members of the input that move the tool to another folder.
    pub folder: &'static [&'static str],
}

/// A call from its envelope: which tool it is decides what has to be there.
pub(super) fn call(agent: Agent, envelope: Envelope<'_>) -> Result<Call, Unreadable> {
    let name = envelope.tool.to_ascii_lowercase();
    let nothing = Value::Object(Map::new());
    let known = [SHELL, WRITE, DELETE, TYPED].iter().any(|set| set.contains(&name.as_str()));
    let input = match envelope.input {
        Some(Value::Object(input)) => input.clone(),
        // Copilot CLI before 1.0 wrote the arguments as text.
        Some(Value::String(text)) if agent == Agent::CopilotCli => {
            match serde_json::from_str(text) {
                Ok(Value::Object(input)) => input,
                _ => return Err(Unreadable::field(envelope.input_field, "is not an object")),
            }
        }
        other if known || is_aws(agent, &name) => {
            let what = if other.is_none() { "is missing" } else { "is not an object" };
            return Err(Unreadable::field(envelope.input_field, what));
        }
        other => match other.unwrap_or(&nothing) {
            Value::Object(input) => input.clone(),
            _ => Map::new(),
        },
    };
    let (act, field) = act(agent, &name, &input)?;
    let own = any_text(&input, envelope.folder);
    let cwd = match (envelope.cwd.filter(|cwd| !cwd.is_empty()), own) {
        (Some(base), Some(own)) if !own.starts_with('/') => Some(format!("{base}/{own}")),
        (base, own) => own.or(base),
    };
    Ok(Call {
        tool: envelope.tool.to_owned(),
        act,
        cwd: cwd.filter(|cwd| cwd.starts_with('/')),
        session: envelope.session,
        subagent: envelope.subagent,
        mode: envelope.mode,
        event: envelope.event,
        input,
        field,
    })
}

fn is_aws(agent: Agent, tool: &str) -> bool {
    agent.calls_aws() && matches!(tool, "use_aws" | "aws")
}

fn act(
    agent: Agent,
    tool: &str,
    input: &Map<String, Value>,
) -> Result<(Act, &'static str), Unreadable> {
    let is = |set: &[&str]| set.contains(&tool);
    if is_aws(agent, tool) {
        return Ok((Act::Argv(aws::argv(input)?), "parameters"));
    }
    if is(WRITE) {
        return Ok((Act::Write(paths(input)?), "path"));
    }
    if is(DELETE) {
        return Ok((Act::Delete(paths(input)?), "path"));
    }
    if is(TYPED) {
        let typed = [optional_text(input, "chars")?, optional_text(input, "input")?];
        let typed = typed.into_iter().flatten().collect::<Vec<_>>().join("\n");
        let act = if typed.is_empty() { Act::Other } else { Act::Typed(typed) };
        return Ok((act, "chars"));
    }
    if agent.calls_aws() && tool == "delegate" {
        let launches = optional_text(input, "operation")? != Some("status");
        let task = optional_text(input, "task")?.unwrap_or_default().to_owned();
        return Ok((if launches { Act::Delegate(task) } else { Act::Other }, "task"));
    }
    let mut fields = COMMAND.iter().filter(|field| input.contains_key(**field));
    let (Some(field), other) = (fields.next(), fields.next()) else {
        if is(SHELL) {
            return Err(Unreadable::field("command", "is missing"));
        }
        return Ok((Act::Other, ""));
    };
    // The model writes the input: beside the member that the agent runs it could
    // put a harmless one for guard to read.
    if let Some(other) = other {
        return Err(Unreadable::field(other, &format!("stands beside `{field}`")));
    }
    match commands(input, field) {
        Ok(texts) => Ok((Act::Shell(texts), field)),
        // Somebody else's tool may call anything a command; a list of words is
        // what a newer shell tool might take.
        Err(_) if !is(SHELL) => Ok((words(input, field).map_or(Act::Other, Act::Argv), "")),
        Err(error) => Err(error),
    }
}

/// The texts of a shell tool. Only Cline's `commands` is a list.
fn commands(input: &Map<String, Value>, field: &str) -> Result<Vec<String>, Unreadable> {
    // Cline writes the list a second time, as JSON in a string.
    let parsed = match input.get(field) {
        Some(Value::String(text)) if field == "commands" => serde_json::from_str(text).ok(),
        other => other.cloned(),
    };
    match parsed {
        Some(Value::Array(list)) if field == "commands" => {
            if list.is_empty() {
                return Err(Unreadable::field(field, "is empty"));
            }
            let texts = list.into_iter().map(|item| match item {
                Value::String(text) if !text.contains('\0') => Ok(text),
                Value::String(_) => Err(Unreadable::field(field, "contains a NUL byte")),
                _ => Err(Unreadable::field(field, "is not a list of strings")),
            });
            texts.collect()
        }
        _ if field == "commands" => Err(Unreadable::field(field, "is not a list of strings")),
        _ => Ok(vec![text(input, field)?.to_owned()]),
    }
}

/// A list of words, if the member is one.
fn words(input: &Map<String, Value>, field: &str) -> Option<Vec<String>> {
    let words = input.get(field)?.as_array()?.iter();
    let words: Option<Vec<String>> = words.map(|word| word.as_str().map(str::to_owned)).collect();
    words.filter(|words| !words.is_empty() && words.iter().all(|word| !word.contains('\0')))
}

/// The files that a tool writes.
fn paths(input: &Map<String, Value>) -> Result<Vec<String>, Unreadable> {
    // All of them, for the same reason: only the agent knows which it takes.
    let mut named = Vec::new();
    for field in PATHS {
        named.extend(optional_text(input, field)?.map(str::to_owned));
    }
    if let Some(patch) = any_text(input, &["input", "patch", "patchText", "command"]) {
        let marks = ["*** Update File: ", "*** Add File: ", "*** Delete File: ", "*** Move to: "];
        let found = patch
            .lines()
            .filter_map(|line| marks.iter().find_map(|mark| line.strip_prefix(mark)))
            .map(|path| path.trim().to_owned());
        named.extend(found);
    }
    if !named.is_empty() {
        return Ok(named);
    }
    Err(Unreadable::field("path", "is missing, so it cannot be told which file is written"))
}

/// The first member of `payload` that is an object, as an envelope's input.
pub(super) fn inner<'a>(
    payload: &'a Map<String, Value>,
    field: &str,
) -> Result<&'a Map<String, Value>, Unreadable> {
    object(payload, field)
}
