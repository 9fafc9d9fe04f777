//! The command line of guard, as clap sees it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::second::terms::Span;

const EXAMPLES: &str = "\
Examples:
  guard -- kubectl delete ns prod          judge it, ask, run it, record it
  guard run -c 'rm -rf build && make'      the same for shell text
  guard check -c 'git reset --hard'        only the verdict; nothing runs
  guard explain -- terraform destroy       how the verdict came about
  guard requests                           what waits for somebody's answer
  guard log show                           what ran, and who said yes

Exit codes:
  the command's own code or signal, or
  64 wrong usage    70 defect of guard     74 record could not be written
  75 nobody has answered yet: run the same command again
  77 refused        78 broken configuration or rules
  126 not executable                       127 not found
  check: 0 would run, 3 would ask, 4 would refuse";

/// Judge a command before it runs: parse it, show what it would hit, get the
/// right human to say yes, run it, and record what happened.
#[derive(Debug, Parser)]
#[command(
    name = "guard",
    version,
    about = "Judge a command before it runs: show what it would hit, ask, run it, record it",
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = false,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do; without one, `guard -- CMD` runs CMD.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Options of running.
    #[command(flatten)]
    pub run: RunOptions,

    /// The command to run and its arguments, after `--`.
    #[arg(last = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub argv: Vec<OsString>,
}

/// Options of `guard --` and `guard run`.
#[derive(Debug, Clone, Default, Args)]
pub struct RunOptions {
    /// Why the command is needed; kept in the record.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,

    /// Judge and show, but do not ask and do not run.
    #[arg(long)]
    pub dry_run: bool,

    /// Say nothing about commands that may run.
    #[arg(short, long)]
    pub quiet: bool,

    /// Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s
    /// asks and does not wait.
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub wait: Option<Span>,

    /// A token with an approval; may be given several times.
    #[arg(long, value_name = "TOKEN")]
    pub token: Vec<String>,

    /// A file with a token.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Vec<PathBuf>,

    /// The number that an agent's hook has written here, whose question a person
    /// has answered in the agent: good once, for this text.
    #[arg(long, value_name = "NONCE")]
    pub nonce: Option<String>,

    /// Run without the second person that is needed; only where policy allows
    /// it, and never for an agent.
    #[arg(long, requires = "reason")]
    pub break_glass: bool,
}

pub(super) fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).ok_or_else(|| "expected a time such as 90s, 15m or 2h".to_owned())
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge a command, ask where needed, run it and record what happened.
    Run(RunArgs),
    /// Give the verdict on a command; never runs it, never asks.
    Check(CheckArgs),
    /// Show word by word how a verdict came about.
    Explain(ExplainArgs),
    /// Say yes to a request, after looking at it.
    Approve(super::answer::AnswerArgs),
    /// Say no to a request; it stays no.
    Deny(super::answer::AnswerArgs),
    /// Close the review of a command that was run past a missing approval.
    Review(super::answer::AnswerArgs),
    /// List, show, export and withdraw requests.
    Requests(super::requests::RequestsArgs),
    /// Enrol, list and remove the people who may approve.
    Approvers(super::approvers::ApproversArgs),
    /// Explain and check tokens.
    Token(super::token::TokenArgs),
    /// Answer a coding agent's hook: its JSON in, its verdict out.
    Hook(super::hook::HookArgs),
    /// Be the shell tool of an agent, by the Model Context Protocol.
    Mcp(super::mcp::McpArgs),
    /// Put guard in front of a coding agent.
    Init(super::init::InitArgs),
    /// Take guard away from a coding agent.
    Uninit(super::init::UninitArgs),
    /// Check that guard is really in front of the agents that are used here.
    Doctor(super::doctor::DoctorArgs),
    /// Show what guard promises on this host, and what is open.
    Status(super::status::StatusArgs),
    /// Play the incident that guard was made for, in a folder, with a model cloud.
    Demo(super::demo::DemoArgs),
    /// Look at the record, or verify it.
    Log(Box<super::log::LogArgs>),
    /// List, show, test and lint rules.
    Rules(super::rules::RulesArgs),
    /// Show or check the policy that is in force.
    Policy(PolicyArgs),
    /// Print a completion script for a shell.
    #[command(after_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print a man page, or write all of them into a folder.
    #[command(after_help = "\
Examples:
  guard man | man -l -
  guard man log-show | man -l -
  guard man --dir ~/.local/share/man/man1")]
    Man {
        /// The subcommand whose page is printed, such as `run`; without it guard's own.
        page: Option<String>,
        /// Write every page into this folder.
        #[arg(long, value_name = "DIR", conflicts_with = "page", value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
}

const COMPLETIONS_HELP: &str = "\
Examples:
  guard completions bash > ~/.local/share/bash-completion/completions/guard
  guard completions zsh > ~/.zfunc/_guard
  guard completions fish > ~/.config/fish/completions/guard.fish
  guard completions powershell >> $PROFILE";

/// A command as shell text or as argv.
#[derive(Debug, Clone, Args)]
pub struct What {
    /// Shell text (bash) instead of an argv.
    #[arg(short = 'c', value_name = "TEXT", conflicts_with = "argv")]
    pub text: Option<OsString>,

    /// The command and its arguments, after `--`.
    #[arg(last = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub argv: Vec<OsString>,
}

/// `guard run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard run -- git push --force            same as `guard -- git push --force`
  guard run -c 'cd build && rm -rf *'      bash text; every command in it is judged
  guard run --reason 'CHG-4711' -- systemctl stop nginx

The verdict:
  allow         runs
  notify        runs, with one line on standard error
  confirm       y/N at the terminal
  challenge     type the name of what is hit
  second-human  needs another person's signature
  deny          never runs; a safer way is named

What an agent may not answer, and every second-human, becomes a request that
somebody answers elsewhere: guard prints its name and who can answer, and waits.
When it ends with 75, run the same command again; once approved, it runs.")]
pub struct RunArgs {
    /// Options.
    #[command(flatten)]
    pub options: RunOptions,
    /// The command.
    #[command(flatten)]
    pub what: What,
}

/// `guard check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard check -c 'rm -rf \"$DIR\"/*'
  guard check --json -- kubectl delete ns prod
  guard check --jsonl < commands.jsonl     one object a line in, one a line out:
    {\"id\":\"7\",\"command\":\"git push -f\",\"cwd\":\"/srv/app\",\"actor\":\"agent\"}

Exit codes: 0 would run, 3 would ask, 4 would refuse; with --jsonl 0.")]
pub struct CheckArgs {
    /// The verdict as one JSON object.
    #[arg(long)]
    pub json: bool,

    /// Read one JSON object a line from standard input and answer each with one
    /// line, in the same order, in a fixed neutral context.
    #[arg(long, conflicts_with_all = ["json", "text", "argv"])]
    pub jsonl: bool,

    /// The command.
    #[command(flatten)]
    pub what: What,
}

/// `guard explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard explain -- sudo rm -rf /var/lib/postgresql
  guard explain -c 'curl -s https://example.org/x.sh | bash'")]
pub struct ExplainArgs {
    /// The command.
    #[command(flatten)]
    pub what: What,
}

/// `guard policy`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard policy show
  guard policy check ./policy.yaml

Policy stands in /etc/guard/policy.yaml, ~/.config/guard/policy.yaml and in
.guard.yaml of a repository. It raises tiers, and can only raise:
  raise:
    - when: {rules: [\"git.*\"], verbs: [delete]}
      to: challenge
      why: this repository has no backup")]
pub struct PolicyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// Subcommands of `guard policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show every line in force, with the file it comes from.
    #[command(after_help = "\
Examples:
  guard policy show
  guard policy show --effective
  guard policy show --json")]
    Show {
        /// What is in force of all files together, which is what is shown
        /// without it too.
        #[arg(long)]
        effective: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check policy files without putting them in force.
    #[command(after_help = "\
Examples:
  guard policy check                       the files in force
  guard policy check ./policy.yaml         before it goes to ~/.config/guard/

Exit codes: 0 no mistakes, 78 mistakes.")]
    Check {
        /// The files; without them those in force.
        #[arg(value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
    },
}

/// Shells with a completion script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Bourne-again shell
    Bash,
    /// Z shell
    Zsh,
    /// Friendly interactive shell
    Fish,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// Elvish
    Elvish,
    /// Nushell
    #[value(name = "nushell")]
    Nushell,
}
