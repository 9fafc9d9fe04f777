//! `guard approvers`: who may approve.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};
use serde_json::json;

use super::args::span;
use super::{columns, print, session, stderr_palette, token};
use crate::app::judge::Input;
use crate::app::run::{self, Ended, Wanted};
use crate::app::second::approvers::{self, Change};
use crate::app::second::circle::{Circle, now};
use crate::app::session::Session;
use crate::exit::Exit;
use crate::second::terms::Span;
use crate::ssh::{AllowedSigners, PublicKey, Token};
use crate::text::{escape, tell};

/// `guard approvers`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard approvers                          who is enrolled, and what is doubtful
  guard approvers add dana@example.org dana.pub
  guard approvers import team_signers      lines of an OpenSSH allowed_signers file
  guard approvers remove dana@example.org
  guard approvers revoke SHA256:...        remove a key and never trust it again

The list is /etc/guard/allowed_signers, or ~/.config/guard/allowed_signers. Only
a file that root owns keeps an agent from enrolling itself: make it with sudo.
Once somebody is enrolled, every change needs the approval of a second person.")]
pub struct ApproversArgs {
    /// What to do; without it the list.
    #[command(subcommand)]
    pub command: Option<ApproversCommand>,
}

/// How a change waits for its approval.
#[derive(Debug, Args)]
pub struct Waiting {
    /// Why; shown to whoever has to agree.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Wait so long for the approval.
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub wait: Option<Span>,
    /// A token with the approval; may be given several times.
    #[arg(long, value_name = "TOKEN")]
    pub token: Vec<String>,
}

/// Subcommands of `guard approvers`.
#[derive(Debug, Subcommand)]
pub enum ApproversCommand {
    /// List who is enrolled.
    #[command(after_help = "\
Examples:
  guard approvers list
  guard approvers list --json")]
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Enrol a person with a public key.
    #[command(after_help = "\
Examples:
  guard approvers add dana@example.org dana.pub
  guard approvers add dana@example.org 'ssh-ed25519 AAAA...' --days 90
  sudo guard approvers add dana@example.org dana.pub    into /etc/guard")]
    Add {
        /// Their name, such as dana@example.org.
        name: String,
        /// Their public key: a .pub file, or its line.
        #[arg(value_hint = ValueHint::FilePath)]
        key: String,
        /// For how many days the key is trusted.
        #[arg(long, value_name = "DAYS", default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=1800))]
        days: u32,
        /// Waiting.
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Take a person, or one key, out.
    #[command(after_help = "\
Examples:
  guard approvers remove dana@example.org
  guard approvers remove SHA256:mfOPE4N40P9VdZqGM/txo9gM8QkpYcGSoopu8xFxfXY")]
    Remove {
        /// Their name, or the fingerprint of a key.
        name: String,
        /// Waiting.
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Take a person, or one key, out and never trust the keys again.
    #[command(after_help = "\
Examples:
  guard approvers revoke dana@example.org --reason 'laptop stolen'")]
    Revoke {
        /// Their name, or the fingerprint of a key.
        name: String,
        /// Waiting.
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Enrol everybody of an OpenSSH allowed_signers file.
    #[command(after_help = "\
Examples:
  guard approvers import team_signers")]
    Import {
        /// The file.
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// Waiting.
        #[command(flatten)]
        waiting: Waiting,
    },
}

/// Runs the subcommand.
pub fn approvers(args: &ApproversArgs) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    let change = match &args.command {
        None => return list(&session, false),
        Some(ApproversCommand::List { json }) => return list(&session, *json),
        Some(ApproversCommand::Add { name, key, days, waiting }) => {
            let valid = approvers::validity(*days);
            public_key(key)
                .map(|key| (Change::Add { principal: name.clone(), key, valid }, waiting))
        }
        Some(ApproversCommand::Remove { name, waiting }) => {
            Ok((Change::Remove(name.clone()), waiting))
        }
        Some(ApproversCommand::Revoke { name, waiting }) => {
            Ok((Change::Revoke(name.clone()), waiting))
        }
        Some(ApproversCommand::Import { file, waiting }) => token::read_file(file)
            .and_then(|text| AllowedSigners::read(&text).map_err(|error| error.to_string()))
            .map(|signers| (Change::Import(signers), waiting)),
    };
    match change {
        Ok((change, waiting)) => make(&change, waiting, &session),
        Err(why) => {
            tell(&format!("guard: {why}\n"));
            Exit::Failed.into()
        }
    }
}

fn public_key(typed: &str) -> Result<PublicKey, String> {
    let path = std::path::Path::new(typed);
    let text = if path.is_file() { token::read_file(path)? } else { typed.to_owned() };
    let key = PublicKey::from_line(&text).map(|(key, _)| key);
    key.map_err(|error| format!("{}: {error}", escape(&typed.chars().take(80).collect::<String>())))
}

fn make(change: &Change, waiting: &Waiting, session: &Session) -> ExitCode {
    let enrolled = match Circle::open(session) {
        Ok(circle) => circle.is_some(),
        Err(error) => {
            tell(&format!("guard: {error}\n"));
            return Exit::Config.into();
        }
    };
    let mut apply = || {
        let changed = approvers::apply(change, session)?;
        tell(&format!("guard: {}\n", escape(&changed.path.to_string_lossy())));
        for note in changed.notes {
            tell(&format!("  {}\n", escape(&note)));
        }
        Ok(())
    };
    if !enrolled {
        return first(session, &mut apply);
    }
    let tokens: Result<Vec<Token>, _> =
        waiting.token.iter().map(|line| Token::read(line)).collect();
    let tokens = match tokens {
        Ok(tokens) => tokens,
        Err(error) => return super::usage_error(&format!("--token: {error}")),
    };
    let wanted = Wanted {
        reason: waiting.reason.clone(),
        palette: stderr_palette(),
        columns: columns(),
        wait: waiting.wait.map(|span| Duration::from_secs(span.0.into())),
        tokens,
        ..Wanted::default()
    };
    let input = Input::Argv(own_words());
    match run::act(&input, session, &wanted, &tell, &mut apply) {
        Ok(Ended::Own(exit)) => exit.into(),
        Ok(Ended::NotStarted(error)) => {
            tell(&format!("guard: {error}\n"));
            error.finish()
        }
        Ok(_) => Exit::Internal.into(),
        Err(error) => {
            tell(&format!("guard: not done: {error}\n"));
            Exit::NotRecorded.into()
        }
    }
}

/// This command line as it is bound: the program by its real path, and without
/// what only says how to wait.
fn own_words() -> Vec<std::ffi::OsString> {
    let mut words: Vec<std::ffi::OsString> = Vec::new();
    let program = std::env::current_exe().map(PathBuf::into_os_string);
    words.push(program.unwrap_or_else(|_| "guard".into()));
    let mut skip = false;
    for word in std::env::args_os().skip(1) {
        let text = word.to_string_lossy().into_owned();
        if std::mem::take(&mut skip) {
            continue;
        }
        let waits = ["--wait", "--token", "--reason"];
        if waits.contains(&text.as_str()) {
            skip = true;
        } else if !waits.iter().any(|name| text.starts_with(&format!("{name}="))) {
            words.push(word);
        }
    }
    words
}

/// With nobody enrolled there is nobody to agree. Only a person may begin.
fn first(session: &Session, apply: &mut dyn FnMut() -> Result<(), String>) -> ExitCode {
    if !session.actor.can_answer() {
        tell(
            "guard: not done: the first approver is enrolled by a person at a terminal, or by root \
             writing /etc/guard/allowed_signers; whoever is enrolled can approve everything.\n",
        );
        return Exit::Denied.into();
    }
    match apply() {
        Ok(()) => Exit::Ok.into(),
        Err(why) => {
            tell(&format!("guard: {why}\n"));
            Exit::Failed.into()
        }
    }
}

fn list(session: &Session, as_json: bool) -> ExitCode {
    let circle = match Circle::open(session) {
        Ok(circle) => circle,
        Err(error) => {
            tell(&format!("guard: {error}\n"));
            return Exit::Config.into();
        }
    };
    let Some(circle) = circle else {
        return print(|out| {
            if as_json {
                return writeln!(out, "{{\"approvers\":[]}}").map(|()| Exit::Ok);
            }
            writeln!(out, "Nobody is enrolled; a command that needs a second person cannot run.")?;
            writeln!(out, "Enrol one with: guard approvers add NAME KEY.pub").map(|()| Exit::Ok)
        });
    };
    let entries = circle.trust.signers.entries();
    let groups = |name: &str| -> Vec<String> {
        let all = circle.groups().iter();
        all.filter(|(_, members)| members.iter().any(|one| one == name))
            .map(|(group, _)| group.clone())
            .collect()
    };
    let until = |time: i64| crate::second::Utc(time).to_string();
    print(|out| {
        if as_json {
            let list: Vec<_> = entries
                .iter()
                .map(|entry| {
                    json!({
                        "principal": entry.principal,
                        "key": entry.key.algorithm(),
                        "fingerprint": entry.key.fingerprint(),
                        "until": until(entry.valid_before),
                        "valid": entry.is_valid(now().0),
                        "groups": groups(&entry.principal),
                    })
                })
                .collect();
            let all = json!({
                "file": circle.trust.path,
                "mode": circle.trust.mode.name(),
                "approvers": list,
                "doubts": circle.doubts(session),
            });
            crate::text::json::write_pretty(&mut *out, &all)?;
            writeln!(out)?;
            return Ok(Exit::Ok);
        }
        writeln!(out, "{}", escape(&circle.trust.path.to_string_lossy()))?;
        for entry in entries {
            let state = if entry.is_valid(now().0) { "until" } else { "NOT VALID, until" };
            let groups = groups(&entry.principal).join(", ");
            writeln!(
                out,
                "  {}  {}  {}  {state} {}  {groups}",
                entry.principal,
                entry.key.algorithm(),
                entry.key.fingerprint(),
                until(entry.valid_before),
            )?;
        }
        for doubt in circle.doubts(session) {
            writeln!(out, "! {}", escape(&doubt))?;
        }
        Ok(Exit::Ok)
    })
}
