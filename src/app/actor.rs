//! Who asks: a person, an agent, a CI job, or nobody who could answer.
//!
//! Everything looked at here can be forged by whoever starts guard, so it is
//! used in one direction only: a sign of an agent takes the question away from
//! the terminal, and no sign ever makes a verdict milder.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::model::{Actor, ActorKind};
use crate::sys;

/// How far up the ancestors are followed.
const MAX_ANCESTORS: usize = 32;
/// Most processes that are looked through for an agent.
const MAX_PROCESSES: usize = 65_536;

/// Set by `guard mcp` for what it starts: what the client calls itself. Any text
/// counts, because the client chooses it.
pub const MCP_CLIENT: &str = "GUARD_MCP_CLIENT";
/// Characters of a client's name that are kept.
const MAX_CLIENT: usize = 64;

/// When a variable counts as a sign.
#[derive(Debug, Clone, Copy)]
enum When {
    /// It is set to anything but nothing, `0`, `false` or `no`.
    Set,
    /// It is there; its value is what a client calls itself.
    Claims,
    /// Its value contains this text.
    Contains(&'static str),
}

/// Variables that agents set for the commands that they run, and the agent.
/// The specific ones come before the generic ones, for the name.
const AGENT_VARIABLES: &[(&str, When, Option<&str>)] = &[
    ("CLAUDECODE", When::Set, Some("claude-code")),
    ("CODEX_THREAD_ID", When::Set, Some("codex")),
    ("CODEX_CI", When::Set, Some("codex")),
    ("GEMINI_CLI", When::Set, Some("gemini-cli")),
    ("QWEN_CODE", When::Set, Some("qwen-code")),
    ("COPILOT_CLI", When::Set, Some("copilot-cli")),
    ("OPENCODE", When::Set, Some("opencode")),
    ("CLINE_ACTIVE", When::Set, Some("cline")),
    ("CLINE_CONNECTOR_CLI_LAUNCH", When::Set, Some("cline")),
    ("ROO_ACTIVE", When::Set, Some("roo")),
    ("KIRO_SESSION_ID", When::Set, Some("kiro")),
    ("AWS_EXECUTION_ENV", When::Contains("AmazonQ-For-CLI"), Some("amazon-q")),
    ("AWS_EXECUTION_ENV", When::Contains("Kiro"), Some("kiro")),
    ("CURSOR_AGENT", When::Set, Some("cursor")),
    ("OPENHANDS_SESSION_ID", When::Set, Some("openhands")),
    ("OPENHANDS_CONVERSATION_ID", When::Set, Some("openhands")),
    ("DEVIN_PROJECT_DIR", When::Set, Some("devin")),
    (MCP_CLIENT, When::Claims, Some("mcp")),
    // What the commands of its terminal have (openhands-tools 1.58.2).
    ("AI_AGENT", When::Contains("openhands"), Some("openhands")),
    ("AI_AGENT", When::Set, None),
    ("AGENT", When::Set, None),
];

/// Variables that an agent sets, but its editor sets too in the terminals of
/// people: a sign only where nobody could answer anyway.
const WEAK_VARIABLES: &[(&str, When, Option<&str>)] = &[
    ("CURSOR_TRACE_ID", When::Set, Some("cursor")),
    ("TERM_PROGRAM", When::Contains("kiro"), Some("kiro")),
];

/// Variables that CI systems set for their jobs.
const CI_VARIABLES: &[(&str, When, Option<&str>)] = &[
    ("GITHUB_ACTIONS", When::Set, Some("github-actions")),
    ("GITLAB_CI", When::Set, Some("gitlab-ci")),
    ("JENKINS_URL", When::Set, Some("jenkins")),
    ("BUILDKITE", When::Set, Some("buildkite")),
    ("CIRCLECI", When::Set, Some("circleci")),
    ("TRAVIS", When::Set, Some("travis")),
    ("TEAMCITY_VERSION", When::Set, Some("teamcity")),
    ("TF_BUILD", When::Set, Some("azure-pipelines")),
    ("BITBUCKET_BUILD_NUMBER", When::Set, Some("bitbucket")),
    ("CODEBUILD_BUILD_ID", When::Set, Some("codebuild")),
    ("DRONE", When::Set, Some("drone")),
    ("CI", When::Set, None),
    ("CONTINUOUS_INTEGRATION", When::Set, None),
];

/// The name that stands for a guard that serves an agent: unlike the variable it
/// cannot be taken away by a command that is run.
const MCP_SERVER: &str = "guard mcp";

/// Names of agents' processes, and the agent.
const AGENT_PROCESSES: &[(&str, &str)] = &[
    ("amp", "amp"),
    ("chat_cli", "amazon-q"),
    ("claude", "claude-code"),
    ("cline", "cline"),
    ("codex", "codex"),
    ("copilot", "copilot-cli"),
    ("cursor-agent", "cursor"),
    ("devin", "devin"),
    ("gemini", "gemini-cli"),
    ("goose", "goose"),
    (MCP_SERVER, "mcp"),
    ("kiro-cli", "kiro"),
    ("kiro-cli-chat", "kiro"),
    ("opencode", "opencode"),
    ("q", "amazon-q"),
    ("qchat", "amazon-q"),
    ("qwen", "qwen-code"),
];

/// Names under which scripts run: which program it is stands in the arguments.
const INTERPRETERS: &[&str] = &["bun", "deno", "node", "MainThread", "npm", "npx", "python", "uv"];

/// Decides who asks, from facts alone.
///
/// `ancestors` are process names, the nearest first (see [`ancestors`]);
/// `has_tty` says whether `/dev/tty` can be opened.
#[must_use]
pub fn detect(
    env: &dyn Fn(&str) -> Option<OsString>,
    ancestors: &[String],
    has_tty: bool,
) -> Actor {
    detect_lazily(env, || (ancestors.to_vec(), Vec::new()), || has_tty)
}

/// [`detect`] for this process: the environment, `/proc` and `/dev/tty` are
/// looked at only as far as needed.
#[must_use]
pub fn current() -> Actor {
    detect_lazily(&|name| std::env::var_os(name), lineage, can_open_terminal)
}

fn detect_lazily(
    env: &dyn Fn(&str) -> Option<OsString>,
    lineage: impl FnOnce() -> (Vec<String>, Vec<String>),
    has_tty: impl FnOnce() -> bool,
) -> Actor {
    if let Some(actor) = by_variable(env, AGENT_VARIABLES, ActorKind::Agent) {
        return actor;
    }
    let (ancestors, leaders) = lineage();
    if let Some(actor) = ancestors.iter().find_map(|name| by_process(name)) {
        return actor;
    }
    if let Some(actor) = leaders.iter().find_map(|name| by_process(name)) {
        let evidence = format!("session leader, {}", actor.evidence);
        return Actor { evidence, ..actor };
    }
    if let Some(actor) = by_variable(env, CI_VARIABLES, ActorKind::Ci) {
        return actor;
    }
    if has_tty() {
        let evidence = "a terminal and no sign of an agent".into();
        return Actor { kind: ActorKind::Human, name: None, evidence };
    }
    by_variable(env, WEAK_VARIABLES, ActorKind::Agent).unwrap_or_else(|| Actor {
        kind: ActorKind::Unattended,
        name: None,
        evidence: "no terminal".into(),
    })
}

fn by_variable(
    env: &dyn Fn(&str) -> Option<OsString>,
    table: &[(&str, When, Option<&str>)],
    kind: ActorKind,
) -> Option<Actor> {
    table.iter().find_map(|(variable, when, name)| {
        let value = env(variable)?;
        let value = value.to_string_lossy();
        let (counts, evidence) = match when {
            When::Set => {
                let off = ["", "0", "false", "no"];
                (!off.contains(&value.as_ref()), format!("{variable} is set"))
            }
            When::Claims => (true, format!("{variable} is set, to {}", claimed(&value))),
            When::Contains(text) => (value.contains(text), format!("{variable} contains {text}")),
        };
        counts.then(|| Actor { kind, name: name.map(str::to_owned), evidence })
    })
}

/// What a client calls itself, fit to be shown.
#[must_use]
pub fn claimed(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_graphic).take(MAX_CLIENT).collect();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

/// Who asks through `guard mcp`, when this process serves that client.
#[must_use]
pub fn of_client(client: &str) -> Actor {
    let env = |name: &str| match name {
        MCP_CLIENT => Some(OsString::from(client)),
        name => std::env::var_os(name),
    };
    detect_lazily(&env, lineage, can_open_terminal)
}

fn by_process(process: &str) -> Option<Actor> {
    let (_, agent) = AGENT_PROCESSES.iter().find(|(known, _)| *known == process)?;
    Some(Actor {
        kind: ActorKind::Agent,
        name: Some((*agent).to_owned()),
        evidence: format!("ancestor process {process}"),
    })
}

/// A process, and the names by which it may be known.
type Link = (i32, sys::Process, Vec<String>);

/// The names of this process's ancestors, the nearest first, at most 32. For an
/// interpreter the names of the programs in its first arguments stand in its
/// place.
#[must_use]
pub fn ancestors() -> Vec<String> {
    names(chain())
}

fn names(chain: Vec<Link>) -> Vec<String> {
    chain.into_iter().flat_map(|(_, _, names)| names).collect()
}

/// The names of the ancestors, and those of the session's leader and its
/// ancestors where it is none of them: whose parent has ended belongs to the
/// first process of all, but stays in the session that it was started in.
fn lineage() -> (Vec<String>, Vec<String>) {
    let chain = chain();
    let leaders = leaders(&chain);
    (names(chain), names(leaders))
}

fn leaders(chain: &[Link]) -> Vec<Link> {
    let own = i32::try_from(std::process::id()).ok();
    let session = own.and_then(sys::process).map_or(0, |process| process.session);
    let known = Some(session) == own || chain.iter().any(|(pid, ..)| *pid == session);
    if known { Vec::new() } else { chain_from(session) }
}

/// The outermost agent among this process's ancestors: its pid and when it was
/// started (see [`sys::Process::started`]).
#[must_use]
pub fn agent_process() -> Option<(i32, u64)> {
    let is_agent = |names: &[String]| names.iter().any(|name| by_process(name).is_some());
    let chain = chain();
    let leaders = leaders(&chain);
    let outermost =
        |mut chain: std::vec::IntoIter<_>| chain.rfind(|(_, _, names): &Link| is_agent(names));
    let found = outermost(chain.into_iter()).or_else(|| outermost(leaders.into_iter()));
    found.map(|(pid, process, _)| (pid, process.started))
}

/// The ancestors, the nearest first, with the names by which each may be known.
fn chain() -> Vec<Link> {
    chain_from(nix::unistd::getppid().as_raw())
}

/// A process and its ancestors.
fn chain_from(mut pid: i32) -> Vec<Link> {
    let mut out = Vec::new();
    for _ in 0..MAX_ANCESTORS {
        if pid <= 0 {
            break;
        }
        let Some(link) = link(pid) else { break };
        pid = link.1.parent;
        out.push(link);
    }
    out
}

fn link(pid: i32) -> Option<Link> {
    let process = sys::process(pid)?;
    let mut names = Vec::new();
    if is_interpreter(&process.name) {
        names.extend(sys::arguments(pid).iter().take(4).filter_map(|word| program_name(word)));
    }
    if process.name == "guard" && sys::arguments(pid).get(1).is_some_and(|word| word == "mcp") {
        names.push(MCP_SERVER.to_owned());
    }
    names.push(process.name.clone());
    Some((pid, process, names))
}

/// The processes of an agent that this user runs: pid and when it was started, in
/// clock ticks since the start of the host.
#[must_use]
pub fn running(agent: &str) -> Vec<(i32, u64)> {
    let is_agent = |names: &[String]| {
        names.iter().filter_map(|name| by_process(name)).any(|a| a.name.as_deref() == Some(agent))
    };
    let mut found: Vec<_> = sys::own_processes(MAX_PROCESSES)
        .into_iter()
        .filter_map(link)
        .filter(|(_, _, names)| is_agent(names))
        .map(|(pid, process, _)| (pid, process.started))
        .collect();
    found.sort_unstable();
    found
}

/// `python3.11` and `node-22` are interpreters as `python` and `node` are.
fn is_interpreter(name: &str) -> bool {
    INTERPRETERS.iter().any(|known| {
        name.strip_prefix(known).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(|c: char| !c.is_ascii_alphabetic())
        })
    })
}

/// `/usr/lib/node_modules/.bin/gemini` and `gemini.js` are `gemini`.
fn program_name(word: &OsStr) -> Option<String> {
    Some(Path::new(word).file_stem()?.to_string_lossy().into_owned())
}

/// The variable by which this process is a job of a CI system, if it is one.
/// Nobody sits in front of what runs there.
#[must_use]
pub fn ci() -> Option<String> {
    by_variable(&|name| std::env::var_os(name), CI_VARIABLES, ActorKind::Ci)
        .map(|actor| actor.evidence)
}

/// Whether this process has a controlling terminal.
#[must_use]
pub fn can_open_terminal() -> bool {
    std::fs::File::open("/dev/tty").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(variables: &[(&str, &str)], ancestors: &[&str], has_tty: bool) -> Actor {
        let env = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let ancestors: Vec<_> = ancestors.iter().map(|name| (*name).to_owned()).collect();
        detect(&env, &ancestors, has_tty)
    }

    #[test]
    fn an_agents_marker_counts_even_at_a_terminal() {
        for (variable, value, name) in [
            ("CLAUDECODE", "1", Some("claude-code")),
            ("AI_AGENT", "claude-code_2-1-330_agent", None),
            ("AI_AGENT", "openhands", Some("openhands")),
            ("AWS_EXECUTION_ENV", "AmazonQ-For-CLI Version/1.2", Some("amazon-q")),
            ("AGENT", "1", None),
        ] {
            let actor = who(&[(variable, value)], &["bash"], true);
            assert_eq!(actor.kind, ActorKind::Agent, "{variable}");
            assert_eq!(actor.name.as_deref(), name, "{variable}");
            assert!(!actor.can_answer());
        }
    }

    #[test]
    fn no_name_of_a_client_takes_its_mark_away() {
        for (name, kept) in [("", "unnamed"), ("0", "0"), ("no", "no"), ("a \u{1b}[m\n", "a[m")] {
            let actor = who(&[(MCP_CLIENT, name)], &["bash"], true);
            assert_eq!(actor.kind, ActorKind::Agent, "{name}");
            assert_eq!(actor.evidence, format!("GUARD_MCP_CLIENT is set, to {kept}"));
        }
        assert_eq!(claimed(&"x".repeat(1000)).len(), MAX_CLIENT);
        assert_eq!(who(&[], &["bash", MCP_SERVER], true).name.as_deref(), Some("mcp"));
    }

    #[test]
    fn an_agent_among_the_ancestors_counts_without_any_marker() {
        let actor = who(&[], &["bash", "sh", "codex", "zsh"], true);
        assert_eq!(actor.kind, ActorKind::Agent);
        assert_eq!(actor.evidence, "ancestor process codex");
    }

    #[test]
    fn a_marker_never_makes_an_actor_milder() {
        // Unset, switched off or empty: what the rest says still holds.
        let off = [("CLAUDECODE", ""), ("AGENT", "0"), ("CI", "false")];
        assert_eq!(who(&off, &["claude"], true).kind, ActorKind::Agent);
        assert_eq!(who(&off, &["bash"], false).kind, ActorKind::Unattended);
        assert_eq!(who(&off, &["bash"], true).kind, ActorKind::Human);
        // A CI variable does not hide an agent.
        let both = [("CI", "1"), ("GEMINI_CLI", "1")];
        assert_eq!(who(&both, &[], true).kind, ActorKind::Agent);
    }

    #[test]
    fn a_ci_job_is_not_a_person_even_with_a_terminal() {
        let actor = who(&[("CI", "true"), ("GITHUB_ACTIONS", "true")], &["bash"], true);
        assert_eq!(actor.kind, ActorKind::Ci);
        assert_eq!(actor.name.as_deref(), Some("github-actions"));
    }

    #[test]
    fn an_editors_terminal_is_a_persons_unless_nobody_could_answer() {
        let cursor = [("CURSOR_TRACE_ID", "abc")];
        assert_eq!(who(&cursor, &["bash"], true).kind, ActorKind::Human);
        assert_eq!(who(&cursor, &["bash"], false).kind, ActorKind::Agent);
    }

    #[test]
    fn an_agent_has_the_same_name_here_and_at_its_hook() {
        use clap::ValueEnum as _;
        let names = AGENT_VARIABLES.iter().chain(WEAK_VARIABLES).filter_map(|row| row.2);
        // Else what it does through the one is not remembered at the other.
        for name in names.chain(AGENT_PROCESSES.iter().map(|row| row.1)) {
            if let Ok(agent) = crate::hook::Agent::from_str(name, true) {
                assert_eq!(agent.name(), name);
            }
        }
    }

    #[test]
    fn interpreters_are_looked_through() {
        assert!(is_interpreter("node"));
        assert!(is_interpreter("python3.11"));
        assert!(!is_interpreter("nodemon"));
        assert_eq!(program_name("/x/bin/gemini.js".as_ref()).as_deref(), Some("gemini"));
        assert!(!ancestors().is_empty());
    }
}
