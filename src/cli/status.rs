//! `guard status`: what guard promises on this host, and what is open.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{print, session};
use crate::app::second::circle::{Circle, now};
use crate::config::trust::Mode;
use crate::exit::Exit;
use crate::second::display::quorum;
use crate::store::Store;
use crate::text::{escape, tell};

/// `guard status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard status
  guard status --json

The mode says what an approval is worth: `advise` stops accidents and
well-behaved agents; in `two-person` nobody with your account can forge one.")]
pub struct StatusArgs {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the subcommand.
pub fn status(args: &StatusArgs) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    let circle = match Circle::open(&session) {
        Ok(circle) => circle,
        Err(error) => {
            tell(&format!("guard: {error}\n"));
            return Exit::Config.into();
        }
    };
    let store = session.paths.state.as_deref().map(Store::open_existing).transpose();
    let store = match store {
        Ok(store) => store.flatten(),
        Err(error) => {
            tell(&format!("guard: {error}\n"));
            return Exit::NotRecorded.into();
        }
    };
    let open =
        store.as_ref().and_then(|store| store.list(true, now(), 200).ok()).unwrap_or_default();
    let reviews = store.as_ref().and_then(|store| store.open_reviews().ok()).unwrap_or_default();
    let (mode, why, raise) = match circle.as_ref().map(|circle| &circle.trust.mode) {
        Some(Mode::TwoPerson) => (
            "two-person",
            "nobody with this account can change who approves".to_owned(),
            "keep approvers' keys on other machines, and ask for touch in policy",
        ),
        Some(Mode::Advise(why)) => (
            "advise",
            why.clone(),
            "make /etc/guard/allowed_signers as root, and run commands as another account",
        ),
        None => (
            "advise",
            "nobody is enrolled who could approve".to_owned(),
            "enrol a colleague: guard approvers add NAME KEY.pub",
        ),
    };
    let needs: Vec<String> = session.policy.quorums().iter().map(quorum).collect();
    let doubts = circle.as_ref().map(|circle| circle.doubts(&session)).unwrap_or_default();
    print(|out| {
        if args.json {
            let all = json!({
                "mode": mode,
                "why": why,
                "approvers": circle.as_ref().map_or(0, |circle| circle.trust.signers.entries().len()),
                "second_human": needs,
                "pending": open.len(),
                "open_reviews": reviews.iter().map(|row| &row.handle).collect::<Vec<_>>(),
                "break_glass": session.policy.break_glass.is_some(),
                "doubts": doubts,
                "log": session.paths.log_dir(),
            });
            crate::text::json::write_pretty(&mut *out, &all)?;
            writeln!(out)?;
            return Ok(Exit::Ok);
        }
        writeln!(out, "mode      {mode}: {}", escape(&why))?;
        writeln!(out, "to raise  {raise}")?;
        if mode == "advise" {
            writeln!(
                out,
                "          Whoever has this account can change guard's files, its requests and its\n          \
                 record: approvals here stop accidents and well-behaved agents."
            )?;
        }
        match &circle {
            Some(circle) => {
                let count = circle.trust.signers.entries().len();
                let path = escape(&circle.trust.path.to_string_lossy());
                writeln!(out, "approvers {count} keys in {path}")?;
            }
            None => writeln!(out, "approvers none")?,
        }
        writeln!(out, "needs     {}", escape(&needs.join("; and ")))?;
        writeln!(out, "requests  {} waiting (`guard requests`)", open.len())?;
        if session.policy.break_glass.is_some() {
            writeln!(out, "glass     may be broken by accounts that policy names")?;
        }
        for row in &reviews {
            writeln!(
                out,
                "REVIEW    {} ran past a missing approval and nobody has looked at it: {}\n          \
                 guard review {}",
                escape(&row.handle),
                escape(&row.shown),
                escape(&row.handle)
            )?;
        }
        for doubt in &doubts {
            writeln!(out, "!         {}", escape(doubt))?;
        }
        Ok(Exit::Ok)
    })
}
