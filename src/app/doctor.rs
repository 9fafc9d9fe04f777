//! Whether what is registered is really in front: the hook of each agent is
//! called as the agent calls it, with a command that must be stopped and one
//! that must pass.

mod limits;
mod links;
mod overrides;
mod started;
mod state;

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::ValueEnum as _;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde::Serialize;

use super::actor::agent_process;
use super::install;
use super::session::Session;
use crate::hook::{Agent, Reply, sample};
use crate::install::{Content, HookCall, Scope, calls, lets_run};
use crate::shell;

/// How long a hook may take here. It has to answer in milliseconds.
const LIMIT: Duration = Duration::from_secs(2);
/// Most bytes of an answer.
const MAX_SAID: u64 = 64 * 1024;
/// Nothing that guard ever lets through.
const MUST_STOP: &str = "rm -rf /";
/// Nothing that anybody is ever asked about.
const MUST_PASS: &str = "true";

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What it is about: an agent, or guard.
    pub about: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Whether it is a limit that nothing on this machine puts right.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub note: bool,
    /// What was found.
    pub what: String,
    /// Why it matters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// What puts it right.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fix: String,
}

impl Finding {
    fn good(about: &str, what: impl Into<String>) -> Self {
        let (why, fix) = (String::new(), String::new());
        Self { about: about.into(), ok: true, note: false, what: what.into(), why, fix }
    }

    /// Nothing is wrong, and this stays open all the same.
    fn note(about: &str, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { note: true, why: why.into(), ..Self::good(about, what) }
    }

    fn bad(
        about: &str,
        what: impl Into<String>,
        why: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let (what, why, fix) = (what.into(), why.into(), fix.into());
        Self { about: about.into(), ok: false, note: false, what, why, fix }
    }
}

/// Looks at everything.
#[must_use]
pub fn findings(session: &Session) -> Vec<Finding> {
    let mut out = own(session);
    let (running, unread) = running();
    out.extend(unread);
    out.extend(surroundings(&running));
    out.extend(state::state(session));
    out.extend(links::links(session));
    let used = Agent::value_variants().iter().filter(|agent| install::is_used(**agent, session));
    for agent in used {
        out.extend(integration(*agent, session, &running));
    }
    out
}

/// guard's program and its record.
fn own(session: &Session) -> Vec<Finding> {
    let mut out = Vec::new();
    match std::env::current_exe().and_then(|path| Ok((std::fs::metadata(&path)?, path))) {
        Ok((meta, path)) if meta.permissions().mode() & 0o022 != 0 => out.push(Finding::bad(
            "guard",
            format!("{} can be written by others", path.display()),
            "whoever can write it decides what guard says",
            format!(
                "chmod go-w {}",
                shell::join(&[path.as_os_str().as_encoded_bytes().to_vec()]).0
            ),
        )),
        Ok((_, path)) => {
            let version = env!("CARGO_PKG_VERSION");
            out.push(Finding::good("guard", format!("version {version}, {}", path.display())));
        }
        Err(error) => out.push(Finding::bad(
            "guard",
            format!("its own program cannot be found: {error}"),
            "hooks name it by its path",
            "install guard again",
        )),
    }
    let log = session.paths.log_dir();
    let made = log.as_deref().map(|dir| {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        nix::unistd::access(dir, nix::unistd::AccessFlags::W_OK).map_err(std::io::Error::from)
    });
    match (log, made) {
        (Some(dir), Some(Ok(()))) => {
            out.push(Finding::good("record", format!("{} can be written", dir.display())));
        }
        (dir, made) => out.push(Finding::bad(
            "record",
            format!(
                "{} cannot be written{}",
                dir.unwrap_or_else(|| "the folder of the log".into()).display(),
                made.and_then(Result::err).map(|e| format!(": {e}")).unwrap_or_default()
            ),
            "what cannot be recorded does not run: guard refuses everything",
            "set HOME, or free the disk and give yourself the folder",
        )),
    }
    out
}

/// The environment that the agent above this process was started with.
type Running = HashMap<String, OsString>;

/// What the agent that this is called from was started with: its hooks get that,
/// not what a command of it has set since.
fn running() -> (Running, Option<Finding>) {
    let Some((pid, _)) = agent_process() else { return (Running::new(), None) };
    let Some(lines) = crate::sys::environment(pid) else {
        let finding = Finding::bad(
            "agent",
            format!("the environment of the agent (process {pid}) cannot be read"),
            "a variable there can lead it to other settings than guard's",
            "run guard doctor as the user whom the agent runs as",
        );
        return (Running::new(), Some(finding));
    };
    let pairs = lines.into_iter().filter_map(|line| {
        let text = line.to_string_lossy().into_owned();
        text.split_once('=').map(|(name, value)| (name.to_owned(), value.into()))
    });
    (pairs.collect(), None)
}

/// Variables through which a shell runs something before the hook.
fn surroundings(running: &Running) -> Vec<Finding> {
    let set = |name: &str| std::env::var_os(name).or_else(|| running.get(name).cloned());
    ["BASH_ENV", "ENV"]
        .iter()
        .filter(|name| set(name).is_some_and(|value| !value.is_empty()))
        .map(|name| {
            Finding::bad(
                "shell",
                format!("{name} is set"),
                "the shell that starts a hook runs that file first; a line `exit 0` in it silences \
                 the hook in Codex, Copilot CLI and Amazon Q",
                format!("unset {name}"),
            )
        })
        .collect()
}

/// One agent: every file that has guard's hook is tried.
fn integration(agent: Agent, session: &Session, running: &Running) -> Vec<Finding> {
    let name = agent.name();
    let mut out = Vec::new();
    let mut registered = false;
    for scope in [Scope::User, Scope::Project, Scope::Managed] {
        let Ok(plan) = install::plan(agent, scope, session) else { continue };
        for file in &plan.files {
            let Ok(text) = std::fs::read_to_string(&file.path) else { continue };
            let calls = match &file.content {
                _ if agent == Agent::Opencode && text.contains("guard init") => {
                    vec![HookCall::Argv(plugin_call(&text))]
                }
                // It tells guard how a command ended, and stops nothing.
                Content::Own(_) if text.contains("hook cline --after") => Vec::new(),
                Content::Own(_) if file.executable && text.contains("guard init") => {
                    vec![HookCall::Argv(vec![file.path.to_string_lossy().into_owned()])]
                }
                Content::Toml(_) => toml_call(&text),
                _ => calls(&text).unwrap_or_default(),
            };
            if !calls.is_empty() && !install::is_current(file) {
                out.push(Finding {
                    fix: format!("guard init {name}"),
                    ..Finding::note(
                        name,
                        format!("{}: another guard than this wrote the hook", file.path.display()),
                        "what this one writes says no even when guard is killed or hangs, and notes how \
                         commands ended",
                    )
                });
            }
            if !calls.is_empty() {
                let written = install::written_at(file, agent, scope, session);
                let home = session.paths.homes.first().zip(written);
                out.extend(
                    home.and_then(|(home, at)| started::started(agent, &file.path, at, home)),
                );
            }
            for call in calls {
                registered = true;
                out.push(tried(agent, &call, &file.path, session));
            }
            out.extend(cached(agent, &file.path, &text));
            out.extend(limits::limits(agent, &file.path, &text));
        }
    }
    if registered {
        if let Some(home) = session.paths.homes.first() {
            let places = overrides::Places {
                home,
                project: session.cwd.as_deref(),
                root: Path::new("/"),
                env: &|name| std::env::var_os(name).or_else(|| running.get(name).cloned()),
            };
            out.extend(overrides::overrides(agent, &places));
        }
        out.extend(session.paths.homes.first().and_then(|home| asleep(agent, home)));
        let why = "the agent decides so, and no hook can prevent it: docs/agents.md";
        out.extend(lets_run(agent).map(|what| Finding::note(name, what, why)));
    } else {
        out.push(Finding::bad(
            name,
            "guard is not its hook",
            "nobody is asked about what it runs",
            format!("guard init {name}"),
        ));
    }
    out
}

/// The program in the plugin, as the plugin starts it.
fn plugin_call(text: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("const GUARD = "));
    let guard = line.and_then(|json| serde_json::from_str::<String>(json).ok());
    vec![guard.unwrap_or_default(), "hook".into(), "opencode".into()]
}

/// The call in a TOML file into which guard wrote it.
fn toml_call(text: &str) -> Vec<HookCall> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("command = '''"));
    let mut lines = lines.filter_map(|line| line.strip_suffix("'''"));
    // The one for afterwards stops nothing, and other hooks are not guard's.
    let own = |line: &&str| line.contains("guard hook codex") && !line.contains(" --after");
    lines.find(own).map(|line| HookCall::Line(line.to_owned())).into_iter().collect()
}

/// A hook that is registered and that the agent does not call yet.
fn asleep(agent: Agent, home: &Path) -> Option<Finding> {
    let name = agent.name();
    let why = "the hook is never called, and the agent says nothing about it";
    let read = |path: &str| std::fs::read_to_string(home.join(path)).unwrap_or_default();
    let (settings, agents, fallback) = match agent {
        Agent::Codex => {
            // Codex notes a trusted hook under `PATH:pre_tool_use:GROUP:INDEX`.
            let hooks = home.join(".codex/hooks.json");
            let managed = Path::new("/etc/codex/requirements.toml").is_file();
            let mark = format!("{}:pre_tool_use:", hooks.display());
            let trusted = managed || !hooks.is_file() || read(".codex/config.toml").contains(&mark);
            let fix = "open /hooks in Codex and trust the entry";
            let what = "the hook is registered and not trusted yet";
            return (!trusted).then(|| Finding::bad(name, what, why, fix));
        }
        Agent::AmazonQ => {
            (".local/share/amazon-q/settings.json", ".aws/amazonq/cli-agents", "q_cli_default")
        }
        Agent::Kiro => (".kiro/settings/cli.json", ".kiro/agents", "guard"),
        _ => return None,
    };
    let settings: serde_json::Value = serde_json::from_str(&read(settings)).unwrap_or_default();
    let default = settings.get("chat.defaultAgent").and_then(serde_json::Value::as_str);
    // The built-in agents have no file and no hooks.
    let hooked = default.is_some_and(|default| {
        let files = install::json_files(&home.join(agents)).into_iter();
        let mut files = files.filter_map(|path| Some((std::fs::read_to_string(&path).ok()?, path)));
        files.any(|(text, path)| {
            let file: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            let named = file.get("name").and_then(serde_json::Value::as_str);
            let stem = path.file_stem().and_then(std::ffi::OsStr::to_str);
            (named.or(stem) == Some(default)) && calls(&text).is_ok_and(|calls| !calls.is_empty())
        })
    });
    let what = match default {
        Some(default) => format!("the default agent `{default}` does not have the hook"),
        None => "no default agent is set, and the built-in one has no hooks".into(),
    };
    let fix = format!("set chat.defaultAgent to {fallback}, or guard init {name}");
    (!hooked).then(|| Finding::bad(name, what, why, fix))
}

/// Answers that Amazon Q and Kiro would remember.
fn cached(agent: Agent, path: &Path, text: &str) -> Option<Finding> {
    if !matches!(agent, Agent::AmazonQ | Agent::Kiro) {
        return None;
    }
    let squeezed: String = text.split_whitespace().collect();
    let cached =
        squeezed.split("\"cache_ttl_seconds\":").skip(1).any(|rest| !rest.starts_with('0'));
    cached.then(|| {
        Finding::bad(
            agent.name(),
            format!("{}: cache_ttl_seconds is not 0", path.display()),
            "the answer about one command would be taken for the next ones",
            format!("guard init {}", agent.name()),
        )
    })
}

/// Calls what is registered, with both commands.
fn tried(agent: Agent, call: &HookCall, path: &Path, session: &Session) -> Finding {
    let name = agent.name();
    let cwd = session.ctx.cwd.clone().unwrap_or_else(|| "/".into());
    let ask = |command: &str| run(call, &sample::payload(agent, command, &cwd).to_string());
    let fix = format!("guard init {name}");
    let place = path.display();
    let why = "where a hook does not answer, most agents run the command";
    match (ask(MUST_STOP), ask(MUST_PASS)) {
        (Ok(stop), Ok(pass)) if sample::stops(agent, &stop) && sample::passes(agent, &pass) => {
            Finding::good(
                name,
                format!("{place}: the hook stops `{MUST_STOP}` and lets `{MUST_PASS}` pass"),
            )
        }
        (Ok(stop), Ok(_)) if sample::stops(agent, &stop) => Finding::bad(
            name,
            format!("{place}: the hook refuses `{MUST_PASS}` too: {}", first_line(&stop)),
            "the agent can run nothing",
            format!("guard check -- {MUST_PASS}"),
        ),
        (Ok(stop), _) => Finding::bad(
            name,
            format!("{place}: the hook does not stop `{MUST_STOP}`: {}", first_line(&stop)),
            why,
            fix,
        ),
        (Err(error), _) => Finding::bad(name, format!("{place}: the hook {error}"), why, fix),
    }
}

fn first_line(reply: &Reply) -> String {
    let said = if reply.stderr.trim().is_empty() { &reply.stdout } else { &reply.stderr };
    let line = said.lines().next().unwrap_or_default();
    format!("exit code {}, {}", reply.exit, line.chars().take(160).collect::<String>())
}

/// Starts a hook as the agent does and waits for its answer.
fn run(call: &HookCall, payload: &str) -> Result<Reply, String> {
    let mut command = match call {
        HookCall::Line(line) => {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", line]);
            command
        }
        HookCall::Argv(argv) => {
            let (program, args) = argv.split_first().ok_or("is empty")?;
            let mut command = Command::new(program);
            command.args(args);
            command
        }
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    if let Some(mut pipe) = child.stdin.take() {
        let payload = payload.to_owned();
        std::thread::spawn(move || drop(pipe.write_all(payload.as_bytes())));
    }
    let (out, err) = (gather(child.stdout.take()), gather(child.stderr.take()));
    let until = Instant::now() + LIMIT;
    let left = || until.saturating_duration_since(Instant::now());
    let said = out.recv_timeout(left()).and_then(|out| Ok((out, err.recv_timeout(left())?)));
    let Ok((stdout, stderr)) = said else {
        if let Ok(pid) = i32::try_from(child.id()) {
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        }
        let _ = child.wait();
        return Err(format!("did not answer within {} seconds", LIMIT.as_secs()));
    };
    let status = child.wait().map_err(|error| error.to_string())?;
    let exit = status.code().ok_or("was ended by a signal")?;
    Ok(Reply { stdout, stderr, exit: u8::try_from(exit).unwrap_or(u8::MAX) })
}

fn gather(pipe: Option<impl std::io::Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(MAX_SAID).read_to_end(&mut bytes);
        }
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}
