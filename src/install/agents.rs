//! Where each agent looks for hooks, and what it has to find there. Measured
//! with the agents named in `docs/agents.md`; units and names are theirs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Content, Plan, Planned, Step, after, texts};
use crate::hook::Agent;

/// Whose settings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Scope {
    /// The settings of this user.
    User,
    /// The settings in this project.
    Project,
    /// The settings of this machine, which users cannot switch off; as root.
    Managed,
}

/// The folders that plans are made of.
#[derive(Debug, Clone)]
pub struct Folders {
    /// The home folder.
    pub home: PathBuf,
    /// The project.
    pub project: PathBuf,
    /// guard's program, an absolute path.
    pub guard: String,
    /// The same, quoted for a shell.
    pub quoted: String,
    /// The user's other agent files of Amazon Q and Kiro, which each have hooks
    /// of their own.
    pub others: Vec<PathBuf>,
    /// The program that ends another one after a time, where there is one.
    pub timeout: Option<PathBuf>,
}

/// Ten minutes. guard answers within five seconds; a time limit that passes lets
/// the command run, so it is set far away.
const SECONDS: u64 = 600;
/// When a guard that does not answer is ended. It gives up by itself after five
/// seconds, so this is for one that is stopped or starved.
const ANSWER_SECONDS: u64 = 20;
/// Said in place of a guard that gave no answer.
pub(super) const MISSING: &str =
    "guard is missing or was ended before it answered: nothing runs until it is back";
const KILLED_OR_SLOW: &str =
    "a hook that is killed together with its shell, or stopped for ten minutes";

impl Folders {
    /// The hook's command line.
    fn plain(&self, agent: Agent) -> String {
        let dialog = if agent == Agent::ClaudeCode { " --dialog" } else { "" };
        format!("{} hook {}{dialog}", self.quoted, agent.name())
    }

    /// The same for agents that run the command whenever the hook ends in another
    /// way than with exit code 2: whatever becomes of guard, the shell that started
    /// it outlives it and says no.
    fn checked(&self, agent: Agent) -> String {
        format!(
            "{}{} || {{ [ $? -eq 2 ] || echo \"{MISSING}\" >&2; exit 2; }}",
            self.in_time(),
            self.plain(agent)
        )
    }

    /// What stands before guard, so that a guard that hangs is ended while the
    /// agent still waits. In words of their own for a shell.
    fn in_time(&self) -> String {
        self.ended_in_time().iter().map(|word| format!("{word} ")).collect()
    }

    fn ended_in_time(&self) -> Vec<String> {
        let timeout = self.timeout.as_ref().map(|path| path.to_string_lossy().into_owned());
        let words = |path: String| [path, "-s".into(), "KILL".into(), ANSWER_SECONDS.to_string()];
        timeout.map(words).into_iter().flatten().collect()
    }
}

/// What stays open when guard's hook fails altogether: the agent's own doing,
/// measured with the agents that docs/agents.md names. Nothing where every failure
/// blocks.
#[must_use]
pub fn lets_run(agent: Agent) -> Option<String> {
    let (when, who) = match agent {
        Agent::ClaudeCode | Agent::Cursor | Agent::Opencode => return None,
        Agent::Codex => (KILLED_OR_SLOW, "Codex"),
        Agent::GeminiCli => (KILLED_OR_SLOW, "Gemini CLI"),
        Agent::QwenCode => (KILLED_OR_SLOW, "Qwen Code"),
        Agent::AmazonQ => (KILLED_OR_SLOW, "Amazon Q"),
        Agent::Kiro => (KILLED_OR_SLOW, "Kiro"),
        Agent::Windsurf => (KILLED_OR_SLOW, "Windsurf"),
        Agent::Openhands => (KILLED_OR_SLOW, "OpenHands"),
        Agent::Devin => (KILLED_OR_SLOW, "Devin"),
        Agent::CopilotCli => ("a hook that is stopped for ten minutes", "Copilot CLI"),
        Agent::Cline => {
            ("a hook script that is killed itself, or stopped for two minutes", "Cline")
        }
    };
    Some(format!("{when}: {who} runs the command"))
}

/// Folders that show that an agent is used here.
#[must_use]
pub fn detected(agent: Agent) -> (&'static [&'static str], &'static [&'static str]) {
    match agent {
        Agent::Kiro => (&["kiro-cli", "kiro"], &[".kiro"]),
        Agent::AmazonQ => (&["q", "qchat"], &[".aws/amazonq"]),
        Agent::ClaudeCode => (&["claude"], &[".claude"]),
        Agent::Codex => (&["codex"], &[".codex"]),
        Agent::Cursor => (&["cursor", "cursor-agent"], &[".cursor"]),
        Agent::GeminiCli => (&["gemini"], &[".gemini"]),
        Agent::CopilotCli => (&["copilot"], &[".copilot"]),
        Agent::QwenCode => (&["qwen"], &[".qwen"]),
        Agent::Opencode => (&["opencode"], &[".config/opencode"]),
        Agent::Windsurf => (&["windsurf"], &[".codeium/windsurf"]),
        Agent::Cline => (&["cline"], &[".cline", "Documents/Cline"]),
        Agent::Openhands => (&["openhands"], &[".openhands"]),
        Agent::Devin => (&["devin"], &[".config/devin"]),
    }
}

fn merge(path: PathBuf, steps: Vec<Step>) -> Planned {
    Planned { path, content: Content::Merge(steps), executable: false }
}

fn own(path: PathBuf, text: String, executable: bool) -> Planned {
    Planned { path, content: Content::Own(text), executable }
}

/// Groups as Claude Code began them.
pub(super) fn group(event: &'static str, matcher: &str, hook: Value) -> Step {
    Step::Element(vec!["hooks", event], json!({"matcher": matcher, "hooks": [hook]}))
}

/// The hook that asks, and what tells guard afterwards how it went.
fn with_after(agent: Agent, before: Step, folders: &Folders) -> Vec<Step> {
    let mut steps = vec![before];
    steps.extend(after::steps(agent, folders));
    steps
}

/// The plan for an agent.
///
/// # Errors
/// In words, when this agent has no such scope.
pub fn plan(agent: Agent, scope: Scope, folders: &Folders) -> Result<Plan, String> {
    let mut plan = match agent {
        Agent::Codex if scope == Scope::Managed => codex_managed(folders),
        Agent::Cline => cline(scope, folders)?,
        Agent::Kiro => kiro(scope, folders)?,
        _ => {
            let path = settings(agent, scope, folders)?;
            match agent {
                Agent::ClaudeCode => claude(path, folders),
                Agent::GeminiCli => gemini(path, scope, folders),
                Agent::QwenCode => qwen(path, folders),
                Agent::CopilotCli => copilot(path, folders),
                Agent::Cursor => cursor(path, folders),
                Agent::Windsurf => windsurf(path, folders),
                Agent::Openhands => openhands(path, folders),
                Agent::Devin => devin(path, folders),
                Agent::Opencode => opencode(path, folders),
                Agent::AmazonQ => amazon_q(path, scope, folders),
                Agent::Codex | Agent::Cline | Agent::Kiro => codex(path, folders),
            }
        }
    };
    plan.open.extend(lets_run(agent));
    plan.open.push("what its tools do without a command: MCP servers and web calls".into());
    if scope != Scope::Managed {
        plan.open.push("changing these settings from outside the agent".into());
    }
    Ok(plan)
}

/// The one file with an agent's hooks, where it is one.
fn settings(agent: Agent, scope: Scope, folders: &Folders) -> Result<PathBuf, String> {
    let (user, project, managed) = match agent {
        Agent::ClaudeCode => (
            ".claude/settings.json",
            ".claude/settings.json",
            Some("/etc/claude-code/managed-settings.json"),
        ),
        Agent::Codex => (".codex/hooks.json", ".codex/hooks.json", None),
        Agent::GeminiCli => (
            ".gemini/settings.json",
            ".gemini/settings.json",
            Some("/etc/gemini-cli/settings.json"),
        ),
        Agent::QwenCode => (".qwen/settings.json", ".qwen/settings.json", None),
        Agent::CopilotCli => (
            ".copilot/hooks/guard.json",
            ".github/hooks/guard.json",
            Some("/etc/github-copilot/policy.d/guard.json"),
        ),
        Agent::Cursor => {
            (".cursor/hooks.json", ".cursor/hooks.json", Some("/etc/cursor/hooks.json"))
        }
        Agent::Windsurf => (
            ".codeium/windsurf/hooks.json",
            ".windsurf/hooks.json",
            Some("/etc/windsurf/hooks.json"),
        ),
        Agent::Openhands => (".openhands/hooks.json", ".openhands/hooks.json", None),
        Agent::Devin => (".config/devin/config.json", ".devin/config.json", None),
        Agent::Opencode => {
            (".config/opencode/plugins/guard.js", ".opencode/plugins/guard.js", None)
        }
        Agent::AmazonQ => (
            ".aws/amazonq/cli-agents/q_cli_default.json",
            ".amazonq/cli-agents/q_cli_default.json",
            None,
        ),
        Agent::Cline | Agent::Kiro => {
            return Err(format!("{} has more than one such file", agent.name()));
        }
    };
    match scope {
        Scope::User => Ok(folders.home.join(user)),
        Scope::Project => Ok(folders.project.join(project)),
        Scope::Managed => managed.map(PathBuf::from).ok_or_else(|| {
            format!("{} has no settings of the machine that hold hooks", agent.name())
        }),
    }
}

/// The tools of Claude Code that are asked about.
const CLAUDE_TOOLS: &str = "Bash|PowerShell|Write|Edit|NotebookEdit|mcp__.*";

fn claude(path: PathBuf, folders: &Folders) -> Plan {
    let hook = json!({"type": "command", "command": folders.checked(Agent::ClaudeCode),
        "timeout": SECONDS, "onFailure": "block"});
    // Called when the dialog is shown, and only then.
    let dialog = json!({"type": "command", "command": folders.checked(Agent::ClaudeCode),
        "timeout": SECONDS});
    let mut steps = with_after(Agent::ClaudeCode, group("PreToolUse", CLAUDE_TOOLS, hook), folders);
    steps.push(group("PermissionRequest", "Bash|PowerShell", dialog));
    Plan {
        files: vec![merge(path, steps)],
        by_hand: vec![
            "start Claude Code again and look at it with /hooks".into(),
            "versions before 2.1.295 do not know `onFailure`: there a hook that is killed lets the \
             command run"
                .into(),
        ],
        open: vec!["`claude --bare` and `--safe-mode` run without user hooks".into()],
    }
}

fn codex(path: PathBuf, folders: &Folders) -> Plan {
    let hook = json!({"type": "command", "command": folders.checked(Agent::Codex),
        "timeout": SECONDS});
    let tools = "^(Bash|apply_patch|write_stdin|mcp__.*)$";
    Plan {
        files: vec![merge(path, with_after(Agent::Codex, group("PreToolUse", tools, hook), folders))],
        by_hand: vec![
            "in Codex, open /hooks and trust the entries: until then they are never called, and nothing \
             says so (`--scope managed` needs no trust)"
                .into(),
        ],
        open: vec!["`codex --disable hooks`, and another CODEX_HOME".into()],
    }
}

/// Another format, in the form in which Codex itself documents it.
fn codex_managed(folders: &Folders) -> Plan {
    let command = folders.checked(Agent::Codex).replace('\'', "'\\''");
    let after = after::line(Agent::Codex, folders).replace('\'', "'\\''");
    let after_seconds = after::SECONDS;
    let text = format!(
        "[[hooks.PreToolUse]]\nmatcher = \"^(Bash|apply_patch|write_stdin|mcp__.*)$\"\n\n\
         [[hooks.PreToolUse.hooks]]\ntype = \"command\"\ncommand = '''{command}'''\n\
         timeout = {SECONDS}\n\n\
         [[hooks.PostToolUse]]\nmatcher = \"^Bash$\"\n\n\
         [[hooks.PostToolUse.hooks]]\ntype = \"command\"\ncommand = '''{after}'''\n\
         timeout = {after_seconds}\n"
    );
    let path = "/etc/codex/requirements.toml".into();
    let file = Planned { path, content: Content::Toml(text), executable: false };
    Plan { files: vec![file], ..Plan::default() }
}

fn gemini(path: PathBuf, scope: Scope, folders: &Folders) -> Plan {
    let hook = json!({"type": "command", "name": "guard",
        "command": folders.checked(Agent::GeminiCli), "timeout": SECONDS * 1000});
    let before = group("BeforeTool", "run_shell_command|write_file|replace", hook);
    let mut steps = with_after(Agent::GeminiCli, before, folders);
    if scope == Scope::Managed {
        steps.push(Step::Set(vec!["hooksConfig", "enabled"], json!(true)));
    }
    Plan {
        files: vec![merge(path, steps)],
        by_hand: vec!["start Gemini CLI again".into()],
        open: vec!["`hooksConfig.enabled: false` switches user hooks off".into()],
    }
}

fn qwen(path: PathBuf, folders: &Folders) -> Plan {
    let hook = json!({"type": "command", "name": "guard",
        "command": folders.checked(Agent::QwenCode), "timeout": SECONDS * 1000});
    let before = group("PreToolUse", "run_shell_command|write_file|edit", hook);
    Plan {
        files: vec![merge(path, with_after(Agent::QwenCode, before, folders))],
        by_hand: vec!["start Qwen Code again".into()],
        ..Plan::default()
    }
}

fn copilot(path: PathBuf, folders: &Folders) -> Plan {
    // The form with `exec` is not affected by BASH_ENV, and a program that is
    // missing blocks.
    let own_words = [folders.guard.clone(), "hook".into(), Agent::CopilotCli.name().into()];
    let mut words = folders.ended_in_time();
    words.extend(own_words);
    let (exec, args) = words.split_first().unwrap_or((&folders.guard, &[]));
    let hook = json!({"type": "command", "exec": exec, "args": args, "timeoutSec": SECONDS,
        "matcher": "bash|powershell|create|edit|write_bash"});
    let all = json!({"version": 1,
        "hooks": {"preToolUse": [hook], "postToolUse": [after::copilot(folders)]}});
    Plan {
        files: vec![own(path, format!("{all:#}\n"), false)],
        by_hand: vec!["start Copilot CLI again".into()],
        ..Plan::default()
    }
}

fn cursor(path: PathBuf, folders: &Folders) -> Plan {
    let hook = json!({"command": folders.plain(Agent::Cursor), "timeout": SECONDS,
        "failClosed": true});
    let before = Step::Element(vec!["hooks", "beforeShellExecution"], hook);
    let mut steps = vec![Step::Default(vec!["version"], json!(1))];
    steps.extend(with_after(Agent::Cursor, before, folders));
    Plan {
        files: vec![merge(path, steps)],
        by_hand: vec!["start Cursor again".into()],
        open: vec!["Cursor was never run against this guard: its contract is third-party".into()],
    }
}

fn windsurf(path: PathBuf, folders: &Folders) -> Plan {
    let hook = |event| {
        let hook = json!({"command": folders.checked(Agent::Windsurf), "show_output": true});
        Step::Element(vec!["hooks", event], hook)
    };
    let mut steps = vec![hook("pre_run_command"), hook("pre_write_code")];
    steps.extend(after::steps(Agent::Windsurf, folders));
    Plan {
        files: vec![merge(path, steps)],
        by_hand: vec!["start Windsurf again".into()],
        ..Plan::default()
    }
}

fn openhands(path: PathBuf, folders: &Folders) -> Plan {
    let hook = json!({"type": "command", "command": folders.checked(Agent::Openhands),
        "timeout": SECONDS});
    Plan {
        files: vec![merge(
            path,
            with_after(Agent::Openhands, group("PreToolUse", "*", hook), folders),
        )],
        by_hand: vec![
            "a project with a hooks.json of its own hides this user's: `guard init openhands \
             --scope project` there"
                .into(),
        ],
        ..Plan::default()
    }
}

fn devin(path: PathBuf, folders: &Folders) -> Plan {
    let hook = json!({"type": "command", "command": folders.checked(Agent::Devin),
        "timeout": SECONDS});
    let mut steps = vec![Step::Default(vec!["version"], json!(1))];
    steps.extend(with_after(Agent::Devin, group("PreToolUse", "", hook), folders));
    Plan {
        files: vec![merge(path, steps)],
        by_hand: vec!["start Devin again and look at it with /hooks".into()],
        open: vec!["a workspace that is not trusted runs no hooks".into()],
    }
}

fn opencode(path: PathBuf, folders: &Folders) -> Plan {
    Plan {
        files: vec![own(path, texts::opencode(&folders.guard), false)],
        by_hand: vec!["start opencode again".into()],
        open: vec!["`opencode --pure` runs without plugins".into()],
    }
}

fn cline(scope: Scope, folders: &Folders) -> Result<Plan, String> {
    let text = texts::cline(&folders.guard, &folders.quoted, &folders.in_time());
    let paths = match scope {
        Scope::User => vec![
            folders.home.join(".cline/hooks/PreToolUse.sh"),
            folders.home.join("Documents/Cline/Hooks/PreToolUse"),
        ],
        Scope::Project => vec![folders.project.join(".clinerules/hooks/PreToolUse")],
        Scope::Managed => return Err("cline has no settings of the machine that hold hooks".into()),
    };
    let after = texts::cline_after(&folders.quoted);
    let behind = |path: &Path| {
        let name = path.to_string_lossy().replace("PreToolUse", "PostToolUse");
        own(PathBuf::from(name), after.clone(), true)
    };
    let afterwards: Vec<Planned> = paths.iter().map(|path| behind(path)).collect();
    let asking = paths.into_iter().map(|path| own(path, text.clone(), true));
    Ok(Plan {
        files: asking.chain(afterwards).collect(),
        by_hand: vec!["in the IDE, switch Settings > Hooks on and reload".into()],
        ..Plan::default()
    })
}

fn amazon_q(path: PathBuf, scope: Scope, folders: &Folders) -> Plan {
    let hook = json!({"matcher": "*", "command": folders.checked(Agent::AmazonQ),
        "timeout_ms": SECONDS * 1000, "cache_ttl_seconds": 0});
    let hooks =
        with_after(Agent::AmazonQ, Step::Element(vec!["hooks", "preToolUse"], hook), folders);
    let resources = ["file://AmazonQ.md", "file://README.md", "file://.amazonq/rules/**/*.md"];
    let mut steps = vec![
        Step::Default(vec!["name"], json!("q_cli_default")),
        Step::Default(vec!["tools"], json!(["*"])),
        Step::Default(vec!["allowedTools"], json!(["fs_read"])),
        Step::Default(vec!["resources"], json!(resources)),
        Step::Default(vec!["useLegacyMcpJson"], json!(true)),
    ];
    steps.extend(hooks.clone());
    let mut files = vec![merge(path.clone(), steps)];
    if scope == Scope::User {
        files.extend(others(folders, &path, &hooks));
        files.push(merge(
            folders.home.join(".local/share/amazon-q/settings.json"),
            vec![Step::Default(vec!["chat.defaultAgent"], json!("q_cli_default"))],
        ));
    }
    Plan {
        files,
        by_hand: vec![
            "end every running `q chat`: agents are read at its start".into(),
            "the built-in agent has no hooks: `chat.defaultAgent` has to name one that has".into(),
        ],
        open: vec![
            "an agent file in a project's .amazonq/cli-agents that hides this one by its name"
                .into(),
        ],
    }
}

fn kiro(scope: Scope, folders: &Folders) -> Result<Plan, String> {
    let base = match scope {
        Scope::User => folders.home.join(".kiro"),
        Scope::Project => folders.project.join(".kiro"),
        Scope::Managed => return Err("kiro has no settings of the machine that hold hooks".into()),
    };
    let command = folders.checked(Agent::Kiro);
    // Two engines, two files, two kinds of patterns: `*` is no regular
    // expression and `.*` is a glob that no tool matches.
    let engine = json!({"version": "v1", "hooks": [{"name": "guard",
        "description": "asks guard before a tool runs", "trigger": "PreToolUse", "matcher": ".*",
        "action": {"type": "command", "command": command}, "timeout": SECONDS, "enabled": true}]});
    let hook = json!({"matcher": "*", "command": command, "timeout_ms": SECONDS * 1000,
        "cache_ttl_seconds": 0});
    let hooks = with_after(Agent::Kiro, Step::Element(vec!["hooks", "preToolUse"], hook), folders);
    let agent = base.join("agents/guard.json");
    let mut steps = vec![
        Step::Default(vec!["name"], json!("guard")),
        Step::Default(vec!["description"], json!("The default tools, with guard before them")),
        Step::Default(vec!["tools"], json!(["*"])),
        Step::Default(vec!["includeMcpJson"], json!(true)),
    ];
    steps.extend(hooks.clone());
    let after = format!("{:#}\n", after::kiro(folders));
    let mut files = vec![
        own(base.join("hooks/guard.json"), format!("{engine:#}\n"), false),
        own(base.join("hooks/guard-after.json"), after, false),
        merge(agent.clone(), steps),
    ];
    if scope == Scope::User {
        files.extend(others(folders, &agent, &hooks));
        files.push(merge(
            base.join("settings/cli.json"),
            vec![Step::Default(vec!["chat.defaultAgent"], json!("guard"))],
        ));
    }
    Ok(Plan {
        files,
        by_hand: vec![
            "end the Kiro IDE completely and start it again: it reads hooks only then".into(),
            "`chat.defaultAgent` has to name an agent that has the hook; guard does not change one \
             that is set"
                .into(),
        ],
        open: vec![
            "`--agent` and an agent file of the same name in a project".into(),
            "Kiro was never run against this guard: its contract is third-party".into(),
        ],
    })
}

fn others<'a>(
    folders: &'a Folders,
    own: &'a Path,
    hooks: &'a [Step],
) -> impl Iterator<Item = Planned> + 'a {
    let files = folders.others.iter().filter(move |path| path.as_path() != own);
    files.map(|path| merge(path.clone(), hooks.to_vec()))
}
