//! `guard requests`: what waits for an answer, and what became of the rest.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{print, session, stdout_palette};
use crate::app::second::answer::load;
use crate::app::second::circle::now;
use crate::app::second::withdraw;
use crate::app::session::Session;
use crate::exit::Exit;
use crate::second::display::display;
use crate::second::{Decision, Request};
use crate::store::{Row, State, Store, StoreError};
use crate::text::{Palette, Role, escape, tell, width};

/// Most requests in one list.
const PAGE: u32 = 200;

/// `guard requests`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard requests                           what waits for somebody's answer
  guard requests --all                     and what became of the others
  guard requests show GEXS-Z6KB            everything that an answer binds
  guard requests export GEXS-Z6KB          one line, for the approver's machine
  guard requests withdraw GEXS-Z6KB        take a request back")]
pub struct RequestsArgs {
    /// What to do; without it the list.
    #[command(subcommand)]
    pub command: Option<RequestsCommand>,

    /// Those that are over as well.
    #[arg(long)]
    pub all: bool,

    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Subcommands of `guard requests`.
#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// Show one request: what is asked for, what is bound, what was answered.
    #[command(after_help = "\
Examples:
  guard requests show GEXS-Z6KB
  guard requests show request.json         one that came as a file
  guard requests show GEXS-Z6KB --json")]
    Show {
        /// Its name or id.
        id: String,
        /// As JSON: the document itself.
        #[arg(long)]
        json: bool,
    },
    /// Print a request for somebody on another machine.
    #[command(after_help = "\
Examples:
  guard requests export GEXS-Z6KB                   one line, to paste
  guard requests export GEXS-Z6KB --file > r.json   the document, byte for byte")]
    Export {
        /// Its name or id.
        id: String,
        /// The document itself instead of one line.
        #[arg(long)]
        file: bool,
    },
    /// Take a request back; agents may do this too.
    #[command(after_help = "\
Examples:
  guard requests withdraw GEXS-Z6KB")]
    Withdraw {
        /// Its name or id.
        id: String,
    },
}

/// Runs the subcommand.
pub fn requests(args: &RequestsArgs) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    match &args.command {
        None => list(&session, args.all, args.json),
        Some(RequestsCommand::Show { id, json }) => show(&session, id, *json),
        Some(RequestsCommand::Export { id, file }) => export(&session, id, *file),
        Some(RequestsCommand::Withdraw { id }) => match withdraw::withdraw(&session, id) {
            Ok(handle) => {
                tell(&format!("guard: request {handle} is withdrawn.\n"));
                Exit::Ok.into()
            }
            Err(error) => failed(&error.to_string()),
        },
    }
}

fn failed(why: &str) -> ExitCode {
    tell(&format!("guard: {why}\n"));
    Exit::Failed.into()
}

fn store(session: &Session) -> Result<Option<Store>, StoreError> {
    let state = session.paths.state.as_deref().ok_or(StoreError::NoHome)?;
    Store::open_existing(state)
}

fn list(session: &Session, all: bool, as_json: bool) -> ExitCode {
    let rows = store(session).and_then(|store| match store {
        Some(store) => store.list(!all, now(), PAGE),
        None => Ok(Vec::new()),
    });
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => return failed(&error.to_string()),
    };
    print(|out| {
        if as_json {
            let rows: Vec<Value> = rows.iter().map(as_value).collect();
            crate::text::json::write_pretty(&mut *out, &rows)?;
            writeln!(out)?;
        } else {
            table(&rows, stdout_palette(), out)?;
        }
        Ok(Exit::Ok)
    })
}

/// What a request is now: one that nobody answered in time is not pending.
fn state(row: &Row) -> &'static str {
    if row.state == State::Pending && now() > row.expires { "expired" } else { row.state.name() }
}

fn as_value(row: &Row) -> Value {
    json!({
        "handle": row.handle,
        "id": row.id,
        "sha256": row.sha256,
        "state": state(row),
        "tier": row.tier,
        "command": row.shown,
        "who": row.who,
        "created": row.created.to_string(),
        "expires": row.expires.to_string(),
        "by": row.by,
        "why": row.why,
    })
}

fn table(rows: &[Row], palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(
            out,
            "No request waits for an answer. `guard requests --all` shows the others."
        );
    }
    let header =
        format!("{:<11}{:<12}{:<14}{:<22}{:<9}COMMAND", "REQUEST", "STATE", "TIER", "WHO", "LEFT");
    writeln!(out, "{}", palette.paint(Role::Dim, header))?;
    for row in rows {
        let left = row.expires.0.saturating_sub(now().0);
        let left = match state(row) {
            "pending" if left >= 3600 => format!("{}h{:02}m", left / 3600, left / 60 % 60),
            "pending" => format!("{}m{:02}s", left.max(0) / 60, left.max(0) % 60),
            _ => String::new(),
        };
        let pad = |text: &str, columns: usize| {
            width::pad(&width::cut(&escape(text), columns - 1), columns)
        };
        writeln!(
            out,
            "{}{}{}{}{}{}",
            palette.paint(Role::Strong, pad(&row.handle, 11)),
            pad(state(row), 12),
            pad(&row.tier, 14),
            pad(&row.who, 22),
            pad(&left, 9),
            width::cut(&escape(&row.shown), 120),
        )?;
    }
    if rows.len() >= PAGE as usize {
        writeln!(out, "Older ones are not shown.")?;
    }
    Ok(())
}

fn show(session: &Session, id: &str, as_json: bool) -> ExitCode {
    let loaded = match load::load(id, session) {
        Ok(loaded) => loaded,
        Err(error) => return failed(&error.to_string()),
    };
    if as_json {
        return print(|out| {
            crate::text::json::write_pretty(&mut *out, &loaded.request)?;
            writeln!(out).map(|()| Exit::Ok)
        });
    }
    print(|out| {
        write!(out, "{}", display(&loaded.request, &loaded.bytes))?;
        details(&loaded.request, out)?;
        let Some(row) = &loaded.row else { return Ok(Exit::Ok) };
        writeln!(out, "STATE  {}", state(row))?;
        if !row.by.is_empty() || !row.why.is_empty() {
            writeln!(out, "       {} {}", escape(&row.by), escape(&row.why))?;
        }
        let answers = store(session).and_then(|store| match store {
            Some(store) => store.decisions(&row.id),
            None => Ok(Vec::new()),
        });
        for answer in answers.unwrap_or_default() {
            let Ok(decision) = Decision::read(&answer.document) else { continue };
            let signed = if answer.signature.is_empty() { "unsigned" } else { "signed" };
            writeln!(
                out,
                "ANSWER {} by {} at {} ({signed}) {}",
                decision.decision.name(),
                escape(&decision.principal),
                decision.issued,
                escape(&decision.reason)
            )?;
        }
        Ok(Exit::Ok)
    })
}

/// What is bound beyond what an approver is shown.
fn details(request: &Request, out: &mut dyn Write) -> io::Result<()> {
    for variable in &request.context.env {
        let value = variable.value.as_deref().map_or_else(|| "(secret)".to_owned(), escape);
        writeln!(out, "ENV    {}={value}", escape(&variable.name))?;
    }
    for process in &request.requester.ancestry {
        writeln!(out, "ABOVE  {} {}", process.pid, escape(&process.exe))?;
    }
    if let Some(trust) = &request.trust {
        writeln!(out, "TRUST  {} ({})", escape(&trust.sha256), escape(&trust.mode))?;
    }
    writeln!(out, "ID     {}", escape(&request.id))
}

fn export(session: &Session, id: &str, file: bool) -> ExitCode {
    match load::load(id, session) {
        Ok(loaded) if file => print(|out| out.write_all(&loaded.bytes).map(|()| Exit::Ok)),
        Ok(loaded) => {
            print(|out| writeln!(out, "{}", load::line(&loaded.bytes)).map(|()| Exit::Ok))
        }
        Err(error) => failed(&error.to_string()),
    }
}
