//! `guard init` and `guard uninit`: guard in front of a coding agent.

mod others;

use std::process::ExitCode;
use std::sync::OnceLock;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use similar::{ChangeTag, TextDiff};

use super::{print, session, stderr_palette, stdout_palette, usage_error};
use crate::app::install::{self, Change};
use crate::app::session::Session;
use crate::approve::{How, typed};
use crate::exit::Exit;
use crate::hook::Agent;
use crate::install::{Plan, Scope};
use crate::text::{Palette, Role, escape, tell};

/// `guard init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard init                               which agents are used here
  guard init claude-code --dry-run         what would be written
  guard init claude-code                   show it, ask, write it
  sudo guard init codex --scope managed    for every user, and no user can switch it off
  guard init shims kubectl terraform       links in front of programs, for scripts too
  guard init shell bash                    lines for ~/.bashrc: asked before a line runs
  guard init shell bash kubectl            only `kubectl` asks, through an alias

Comments, order and other hooks in the settings stay as they are. What was
there before is kept, and `guard uninit` brings it back. docs/agents.md says for
each agent what guard covers then, and what it does not.")]
pub struct InitArgs {
    /// The agent, `shims` or `shell`; without one, the agents that are used here
    /// are listed.
    #[arg(value_enum)]
    pub target: Option<Target>,
    /// For `shims`, the programs; for `shell`, which shell, then the programs that
    /// get an alias.
    #[arg(value_name = "NAME", requires = "target")]
    pub names: Vec<String>,
    /// Whose settings.
    #[arg(long, value_enum, default_value = "user", requires = "target")]
    pub scope: Scope,
    /// Show what would be written, and write nothing.
    #[arg(long, requires = "target")]
    pub dry_run: bool,
    /// Write without asking.
    #[arg(short, long, requires = "target")]
    pub yes: bool,
}

/// `guard uninit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard uninit claude-code --dry-run       what would be taken away
  guard uninit claude-code
  guard uninit shims                       remove all links
  guard uninit shims kubectl

Only a person at a terminal can do it: from then on nobody asks about what the
agent runs.")]
pub struct UninitArgs {
    /// The agent, or `shims`.
    #[arg(value_enum)]
    pub target: Target,
    /// For `shims`, the programs; without one, all.
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Whose settings.
    #[arg(long, value_enum, default_value = "user")]
    pub scope: Scope,
    /// Show what would be taken away, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// What guard is put in front of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A coding agent.
    Agent(Agent),
    /// Programs, by links in front of them.
    Shims,
    /// A shell that people type into.
    Shell,
}

impl ValueEnum for Target {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: OnceLock<Vec<Target>> = OnceLock::new();
        ALL.get_or_init(|| {
            let agents = Agent::value_variants().iter().copied().map(Target::Agent);
            agents.chain([Target::Shims, Target::Shell]).collect()
        })
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Agent(agent) => agent.to_possible_value(),
            Self::Shims => Some(PossibleValue::new("shims")),
            Self::Shell => Some(PossibleValue::new("shell")),
        }
    }
}

/// Runs `guard init`.
pub fn init(args: &InitArgs) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    let agent = match args.target {
        None => return list(&session),
        Some(Target::Agent(agent)) => agent,
        Some(Target::Shims) => return others::shims(args, &session),
        Some(Target::Shell) => return others::shell(args, &session),
    };
    if let Some(name) = args.names.first() {
        return usage_error(&format!("\"{}\": an agent takes no further names.", escape(name)));
    }
    let ready = install::plan(agent, args.scope, &session)
        .and_then(|plan| Ok((install::changes(&plan)?, plan)));
    let (changes, plan) = match ready {
        Ok(ready) => ready,
        Err(why) => return failed(&why),
    };
    let needed = changes.iter().any(Change::is_needed);
    if !needed {
        tell(&format!("guard: {} asks guard already; nothing to write.\n", agent.name()));
        return finish(&plan, agent);
    }
    tell(&shown(&changes, stderr_palette()));
    if args.dry_run {
        return finish(&plan, agent);
    }
    if !args.yes {
        match typed::text(&format!("Write this for {}? [y/N] ", agent.name())) {
            Ok(line) if matches!(line.trim(), "y" | "Y" | "yes") => {}
            Ok(_) => return not_done("nothing was written."),
            Err(How::NoTerminal) => {
                return usage_error("there is no terminal to ask on; add --yes to write it.");
            }
            Err(_) => return not_done("nothing was written."),
        }
    }
    match install::write(&changes, agent, true, &session) {
        Ok(()) => {
            tell(&format!("guard: written. {} now asks guard.\n", agent.name()));
            finish(&plan, agent)
        }
        Err(why) => broken_off(&why),
    }
}

/// Runs `guard uninit`.
pub fn uninit(args: &UninitArgs) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    let agent = match args.target {
        Target::Agent(agent) => agent,
        Target::Shims => return others::remove_shims(args, &session),
        Target::Shell => {
            tell(
                "guard: take the line of `guard init shell` out of the start file of your shell.\n",
            );
            return Exit::Ok.into();
        }
    };
    let changes = install::plan(agent, args.scope, &session)
        .and_then(|plan| install::removals(&plan, agent, &session));
    let changes = match changes {
        Ok(changes) => changes,
        Err(why) => return failed(&why),
    };
    if !changes.iter().any(Change::is_needed) {
        tell(&format!("guard: nothing of guard's is in the settings of {}.\n", agent.name()));
        return Exit::Ok.into();
    }
    let screen = shown(&changes, stderr_palette());
    if args.dry_run {
        tell(&screen);
        return Exit::Ok.into();
    }
    if !session.actor.can_answer() {
        return not_done("only a person at a terminal takes guard away from an agent.");
    }
    let purpose = "From then on nobody asks about what it runs. To take guard away";
    match typed::word(&|_| screen.clone(), purpose, agent.name(), stderr_palette()) {
        Ok(()) => {}
        Err(_) => return not_done("nothing was changed."),
    }
    match install::write(&changes, agent, false, &session) {
        Ok(()) => {
            tell(&format!("guard: {} no longer asks guard.\n", agent.name()));
            Exit::Ok.into()
        }
        Err(why) => broken_off(&why),
    }
}

fn list(session: &Session) -> ExitCode {
    let palette = stdout_palette();
    let mut lines = Vec::new();
    for agent in Agent::value_variants().iter().filter(|agent| install::is_used(**agent, session)) {
        let state = install::plan(*agent, Scope::User, session)
            .and_then(|plan| install::changes(&plan))
            .map(|changes| !changes.iter().any(Change::is_needed));
        let (text, role) = match state {
            Ok(true) => ("asks guard".to_owned(), Role::Good),
            Ok(false) => (format!("does not ask guard: guard init {}", agent.name()), Role::Warn),
            Err(why) => (format!("cannot be set up: {}", escape(&why)), Role::Danger),
        };
        let text = palette.paint(role, text);
        lines.push(format!("{:<12} {text}\n", agent.name()));
    }
    if lines.is_empty() {
        lines.push("No agent that guard knows was found. `guard init --help` names them.\n".into());
    }
    print(|out| out.write_all(lines.concat().as_bytes()).map(|()| Exit::Ok))
}

/// What is left to say after the settings stand.
fn finish(plan: &Plan, agent: Agent) -> ExitCode {
    let mut text = String::new();
    for (title, lines) in [
        ("Still to be done by hand:", &plan.by_hand),
        ("What guard cannot stop there:", &plan.open),
    ] {
        if !lines.is_empty() {
            text.push_str(&format!("{title}\n"));
            lines.iter().for_each(|line| text.push_str(&format!("  - {line}\n")));
        }
    }
    text.push_str(&format!(
        "To see that it works, let {} run `guard --help`, then `git reset --hard`: the second must \
         be stopped.\n",
        agent.name()
    ));
    tell(&text);
    Exit::Ok.into()
}

fn failed(why: &str) -> ExitCode {
    tell(&format!("guard: nothing was written: {}\n", escape(why)));
    Exit::Failed.into()
}

/// Of several files the first ones may stand already.
fn broken_off(why: &str) -> ExitCode {
    tell(&format!(
        "guard: broken off: {}\nWhat was written before it stands; run the same command again.\n",
        escape(why)
    ));
    Exit::Failed.into()
}

fn not_done(why: &str) -> ExitCode {
    tell(&format!("guard: not done: {why}\n"));
    Exit::Denied.into()
}

/// The lines that go and come, with a few around them.
fn shown(changes: &[Change], palette: Palette) -> String {
    let mut text = String::new();
    for change in changes.iter().filter(|change| change.is_needed()) {
        let path = escape(&change.path.to_string_lossy());
        let what = match (&change.before, &change.after) {
            (None, _) => "new file",
            (_, None) => "removed",
            _ => "changed",
        };
        let head = palette.paint(Role::Strong, format!("{path} ({what})"));
        text.push_str(&format!("{head}\n"));
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        let diff = TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default());
        for group in diff.grouped_ops(2) {
            for line in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let (sign, role) = match line.tag() {
                    ChangeTag::Delete => ("-", Role::Danger),
                    ChangeTag::Insert => ("+", Role::Good),
                    ChangeTag::Equal => (" ", Role::Dim),
                };
                let line = escape(line.value().trim_end_matches(['\n', '\r']));
                let line = palette.paint(role, format!("{sign} {line}"));
                text.push_str(&format!("  {line}\n"));
            }
        }
    }
    text
}
