//! The four tools and the question to the client's user.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ClientResult, ContentBlock,
    ElicitRequest, ElicitRequestParams, ElicitationAction, ElicitationSchema, Implementation,
    JsonObject, ListToolsResult, PaginatedRequestParams, ProtocolVersion, ServerCapabilities,
    ServerConfig, ServerRequest, Tool,
};
use rmcp::service::{PeerRequestOptions, RequestContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde::Deserialize;
use serde_json::{Value, json};

use super::child::{Children, Job, Ran};
use crate::app::actor::claimed;
use crate::text::{escape, width};

/// Seconds that `run` waits for an answer, unless told otherwise: clients end a
/// call after a minute at the soonest.
const WAIT: u64 = 45;
/// The most that may be asked for.
const MAX_WAIT: u64 = 3600;
/// Seconds that a command may run, unless told otherwise.
const RUN: u64 = 600;
/// The most that may be asked for.
const MAX_RUN: u64 = 24 * 3600;
/// What only judges is done long before.
const JUDGE: Duration = Duration::from_secs(30);
/// How long the client's user may take.
const QUESTION: Duration = Duration::from_secs(300);
/// Bytes of a command or a reason: Linux takes less than 128 KiB in one argument.
const MAX_TEXT: usize = 120_000;
/// Columns of the command that the question shows.
const SHOWN: usize = 400;

/// When the client's user was asked in vain.
const NO_ANSWER: &str = "the user was asked and no answer came that guard understands";

const RUN_ABOUT: &str = "Run a shell command through guard. guard judges it: harmless commands \
    run at once, others wait for a person to approve them, and a few are refused. Exit code 75 \
    means that nobody has answered yet: run exactly the same command again to go on waiting. \
    What the command leaves in the background ends with it. \
    Other refusals say what to do instead; do not try the same effect in other words.";
const CHECK_ABOUT: &str = "Give guard's verdict on a shell command without running it.";
const EXPLAIN_ABOUT: &str = "Show word by word how guard's verdict on a shell command came about, \
    without running it.";
const STATUS_ABOUT: &str = "Show what became of a request for approval, by its code such as \
    GEXS-Z6KB.";

/// The server.
#[derive(Debug, Clone)]
pub(super) struct Server {
    children: Arc<Children>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunInput {
    command: String,
    #[serde(default)]
    cwd: Option<PathBuf>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    wait_seconds: Option<u64>,
    #[serde(default)]
    timeout_seconds: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JudgeInput {
    command: String,
    #[serde(default)]
    cwd: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusInput {
    request: String,
}

impl Server {
    pub(super) const fn new(children: Arc<Children>) -> Self {
        Self { children }
    }

    async fn called(
        &self,
        name: &str,
        arguments: Option<JsonObject>,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let _room = self.children.call().map_err(|error| ErrorData::internal_error(error, None))?;
        match name {
            "run" => self.run(read(arguments)?, context).await,
            "check" => self.judge(&["check", "--json"], read(arguments)?, context).await,
            "explain" => self.judge(&["explain"], read(arguments)?, context).await,
            "request_status" => {
                let StatusInput { request } = read(arguments)?;
                let request = operand(&request)?;
                let args = ["requests", "show", "--json", request];
                let ran = self.start(&args, None, JUDGE, context).await?;
                Ok(told(&ran))
            }
            _ => Err(ErrorData::invalid_params("guard has no tool of this name", None)),
        }
    }

    async fn judge(
        &self,
        how: &[&str],
        input: JudgeInput,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let JudgeInput { command, cwd } = input;
        let args: Vec<&str> = how.iter().copied().chain(["-c", operand(&command)?]).collect();
        let ran = self.start(&args, folder(cwd)?, JUDGE, context).await?;
        // Other codes than these two mean that there is no verdict.
        let mut result = told(&ran);
        result.is_error = Some(!matches!(ran.code, Some(0 | 3 | 4)));
        Ok(result)
    }

    async fn run(
        &self,
        input: RunInput,
        context: &RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        let RunInput { command, cwd, reason, wait_seconds, timeout_seconds } = input;
        let cwd = folder(cwd)?;
        operand(&command)?;
        let wait = within("wait_seconds", wait_seconds.unwrap_or(WAIT), 0, MAX_WAIT)?;
        let time = within("timeout_seconds", timeout_seconds.unwrap_or(RUN), 1, MAX_RUN)?;
        // One word with its option, so that it is never an option itself.
        let reason = reason.map(|reason| format!("--reason={reason}"));
        reason.as_deref().map(fits).transpose()?;
        let tier = self.tier(&command, cwd.clone(), context).await?;
        if let Some(no) = self.ask_user(&command, &tier, cwd.clone(), context).await? {
            return Ok(CallToolResult::error(vec![ContentBlock::text(no)]));
        }
        let limit = Duration::from_secs(time + wait);
        let wait = format!("{wait}s");
        let mut args = vec!["run", "--wait", &wait];
        args.extend(reason.as_deref());
        args.extend(["-c", &command]);
        let ran = self.start(&args, cwd, limit, context).await?;
        Ok(told_of(&ran, Some(&tier)))
    }

    /// The tier of a command, for the client and its user to see. What then runs
    /// is judged again by the guard that runs it, whose verdict alone counts.
    async fn tier(
        &self,
        command: &str,
        cwd: Option<PathBuf>,
        context: &RequestContext<RoleServer>,
    ) -> Result<String, ErrorData> {
        let ran = self.start(&["check", "--json", "-c", command], cwd, JUDGE, context).await?;
        let verdict: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        Ok(verdict.get("tier").and_then(Value::as_str).unwrap_or("unknown").to_owned())
    }

    /// Asks the client's user where guard would ask somebody, if the client can.
    /// The answer is no approval: any program can give it. A text: not to be run.
    async fn ask_user(
        &self,
        command: &str,
        tier: &str,
        cwd: Option<PathBuf>,
        context: &RequestContext<RoleServer>,
    ) -> Result<Option<String>, ErrorData> {
        // What runs anyway needs no question, what is refused gets none.
        if !asks(context) || matches!(tier, "allow" | "notify" | "deny") {
            return Ok(None);
        }
        let shown = escape(command);
        let shown = width::cut(&shown, SHOWN);
        let at = cwd.as_ref().map_or_else(String::new, |cwd| {
            format!(" in {}", width::cut(&escape(&cwd.to_string_lossy()), SHOWN))
        });
        let message = format!(
            "An agent wants to run{at}:\n  {shown}\nguard's verdict: {tier}. If you accept, guard asks \
             the operator or a second person for approval as always; accepting approves nothing \
             by itself. If you decline, the command is not run."
        );
        let params = ElicitRequestParams::FormElicitationParams {
            meta: None,
            message,
            requested_schema: ElicitationSchema::new(std::collections::BTreeMap::new()),
        };
        let request = ServerRequest::ElicitRequest(ElicitRequest::new(params));
        // When the time is up, the client is told that its dialog is no use more.
        let options = PeerRequestOptions::with_timeout(QUESTION);
        let asked = async {
            context.peer.send_cancellable_request(request, options).await?.await_response().await
        };
        let asked = context.ct.run_until_cancelled(asked).await;
        // Also when the answer came with it.
        let how = match asked.filter(|_| !context.ct.is_cancelled()) {
            Some(Ok(ClientResult::ElicitResult(answer))) => match answer.action {
                ElicitationAction::Accept => return Ok(None),
                ElicitationAction::Decline => "declined by the user",
                ElicitationAction::Cancel => "broken off by the user",
                _ => NO_ANSWER,
            },
            Some(_) => NO_ANSWER,
            None => "the client took the call back",
        };
        record_no(command, cwd, context, how).await?;
        Ok(Some(format!(
            "guard: not run: {how}. Do not try the same effect in other words; ask the user what \
             to do instead."
        )))
    }

    async fn start(
        &self,
        args: &[&str],
        cwd: Option<PathBuf>,
        limit: Duration,
        context: &RequestContext<RoleServer>,
    ) -> Result<Ran, ErrorData> {
        let job = Job {
            args: args.iter().map(Into::into).collect(),
            cwd,
            client: client(context),
            limit,
        };
        let (children, token) = (Arc::clone(&self.children), context.ct.clone());
        // Also when this call is dropped without a word.
        let dropped = Dropped(Arc::new(AtomicBool::new(false)));
        let gone = Arc::clone(&dropped.0);
        let ran = tokio::task::spawn_blocking(move || {
            children.run(job, &|| token.is_cancelled() || gone.load(Ordering::SeqCst))
        });
        let ran = ran.await;
        drop(dropped);
        defects(ran)
    }
}

/// What was declined is in the record like what guard itself refuses.
async fn record_no(
    command: &str,
    cwd: Option<PathBuf>,
    context: &RequestContext<RoleServer>,
    how: &'static str,
) -> Result<(), ErrorData> {
    let (command, client) = (command.to_owned(), client(context));
    // Judging and writing take a while; other calls go on meanwhile.
    let task = move || crate::app::mcp::declined(&command, cwd, &client, how);
    defects(tokio::task::spawn_blocking(task).await)
}

fn defects<T, E>(done: Result<Result<T, String>, E>) -> Result<T, ErrorData> {
    done.map_err(|_| ErrorData::internal_error("guard met a defect of its own", None))?
        .map_err(|error| ErrorData::internal_error(error, None))
}

/// What the client calls itself.
fn client(context: &RequestContext<RoleServer>) -> String {
    claimed(&context.client_info().map(|client| client.name).unwrap_or_default())
}

struct Dropped(Arc<AtomicBool>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Whether the client can show its user a question. From protocol 2026-07-28 on
/// a server sends no requests of its own; guard's own question stays then.
fn asks(context: &RequestContext<RoleServer>) -> bool {
    let old = context
        .protocol_version()
        .is_some_and(|version| version.as_str() < ProtocolVersion::V_2026_07_28.as_str());
    let elicitation = context.client_capabilities().and_then(|client| client.elicitation);
    old && elicitation.is_some_and(|can| can.form.is_some() || can.url.is_none())
}

/// The arguments of a call. A member that is not known is an error: something
/// else than what guard understands was meant.
fn read<T: for<'a> Deserialize<'a>>(arguments: Option<JsonObject>) -> Result<T, ErrorData> {
    serde_json::from_value(Value::Object(arguments.unwrap_or_default()))
        .map_err(|error| ErrorData::invalid_params(escape(&error.to_string()), None))
}

/// A text that stands as one argument in guard's command line.
fn fits(text: &str) -> Result<&str, ErrorData> {
    if text.contains('\0') {
        return Err(ErrorData::invalid_params("a command cannot hold a NUL byte", None));
    }
    if text.len() > MAX_TEXT {
        let most = format!("longer than {MAX_TEXT} bytes; put it into a file");
        return Err(ErrorData::invalid_params(most, None));
    }
    Ok(text)
}

/// The same where guard's parser could take it for an option.
fn operand(text: &str) -> Result<&str, ErrorData> {
    if text.starts_with('-') {
        return Err(ErrorData::invalid_params("it begins with a dash, like an option", None));
    }
    fits(text)
}

fn within(name: &str, value: u64, least: u64, most: u64) -> Result<u64, ErrorData> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(ErrorData::invalid_params(format!("{name} is not from {least} to {most}"), None))
}

fn folder(cwd: Option<PathBuf>) -> Result<Option<PathBuf>, ErrorData> {
    match cwd {
        Some(cwd) if !cwd.is_absolute() || !cwd.is_dir() => {
            Err(ErrorData::invalid_params("cwd is not the absolute path of a folder", None))
        }
        cwd => Ok(cwd),
    }
}

/// The request that guard names in what it says of a command that was not run,
/// for the tool `request_status`. The command can write such a line too; the code
/// gives no right to anything.
fn request(ran: &Ran) -> Option<&str> {
    let said = ran.stderr.lines().rev().filter_map(|line| line.strip_prefix("guard: "));
    let code = said.filter_map(|line| line.split_once("request ")).find_map(|(_, rest)| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let code = rest.get(..end.unwrap_or(rest.len()))?;
        (code.len() == 9 && code.find('-') == Some(4)).then_some(code)
    });
    code.filter(|_| ran.code != Some(0))
}

fn told(ran: &Ran) -> CallToolResult {
    told_of(ran, None)
}

/// A result for the model: all of it as text, and the same as members; with the
/// tier that a command had before it was run.
fn told_of(ran: &Ran, tier: Option<&str>) -> CallToolResult {
    let code = ran.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let mut text = format!("exit code: {code}\n");
    if let Some(tier) = tier {
        text += &format!("tier: {tier}\n");
    }
    if let Some(why) = ran.ended {
        text += &format!("ended early: {why}\n");
    }
    if ran.left {
        text += "note: what it left in the background was ended\n";
    }
    let request = request(ran);
    if let Some(request) = request {
        text += &format!("request: {request}\n");
    }
    for (name, part) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        if !part.is_empty() {
            text += &format!("{name}:\n{part}");
            text += if part.ends_with('\n') { "" } else { "\n" };
        }
    }
    let content = vec![ContentBlock::text(text)];
    let mut result = if ran.code == Some(0) && ran.ended.is_none() {
        CallToolResult::success(content)
    } else {
        CallToolResult::error(content)
    };
    result.structured_content = Some(json!({
        "exit_code": ran.code,
        "tier": tier,
        "ended_early": ran.ended,
        "left_behind": ran.left,
        "request": request,
        "stdout": ran.stdout,
        "stderr": ran.stderr,
    }));
    result
}

fn tool(name: &'static str, about: &'static str, properties: Value, required: &[&str]) -> Tool {
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    let schema = match schema {
        Value::Object(schema) => schema,
        _ => JsonObject::default(),
    };
    Tool::new(name, about, schema)
}

fn tools() -> Vec<Tool> {
    let command =
        json!({"type": "string", "description": "The command, as bash would be given it."});
    let cwd = json!({"type": "string", "description": "Absolute path of the folder to work in."});
    let judged = json!({"command": command, "cwd": cwd});
    let run = json!({
        "command": command,
        "cwd": cwd,
        "reason": {"type": "string", "description": "Why it is needed; whoever approves reads it."},
        "wait_seconds": {"type": "integer", "minimum": 0, "maximum": MAX_WAIT,
            "description": format!("How long to wait for an approval; {WAIT} without it.")},
        "timeout_seconds": {"type": "integer", "minimum": 1, "maximum": MAX_RUN,
            "description": format!("How long the command may run; {RUN} without it.")},
    });
    let code = json!({"request": {"type": "string", "description": "The code of the request."}});
    vec![
        tool("run", RUN_ABOUT, run, &["command"]),
        tool("check", CHECK_ABOUT, judged.clone(), &["command"]),
        tool("explain", EXPLAIN_ABOUT, judged, &["command"]),
        tool("request_status", STATUS_ABOUT, code, &["request"]),
    ]
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("guard", env!("CARGO_PKG_VERSION")))
            .with_instructions("Run shell commands with the tool `run` and no other way.")
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult { tools: tools(), ..ListToolsResult::default() })
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.called(&request.name, request.arguments, &context).await.map(Into::into)
    }
}
