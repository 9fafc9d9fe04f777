//! `guard status`: what guard promises on this host, and what is open.

use std::io;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::{print, session};
use crate::app::checkpoint::{Delivery, Signing};
use crate::app::second::circle::{Circle, now};
use crate::app::session::Session;
use crate::config::trust::Mode;
use crate::exit::Exit;
use crate::second::display::quorum;
use crate::store::{Row, Store};
use crate::text::words::count;
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
    let all = Status::gather(&session, circle.as_ref(), store.as_ref());
    print(|out| {
        if args.json {
            crate::text::json::write_pretty(&mut *out, &all.json(&session))?;
            return writeln!(out).map(|()| Exit::Ok);
        }
        all.write(&session, out).map(|()| Exit::Ok)
    })
}

/// Everything that is told.
struct Status {
    mode: &'static str,
    why: String,
    raise: &'static str,
    approvers: Option<(usize, std::path::PathBuf)>,
    needs: Vec<String>,
    pending: usize,
    reviews: Vec<Row>,
    doubts: Vec<String>,
    /// Lines of the log that are signed, and how sending went.
    signed: Option<u64>,
    delivery: Delivery,
}

impl Status {
    fn gather(session: &Session, circle: Option<&Circle>, store: Option<&Store>) -> Self {
        let open = store.and_then(|store| store.list(true, now(), 200).ok());
        let (mode, why, raise) = match circle.map(|circle| &circle.trust.mode) {
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
        let health = Signing::of(&session.paths, &session.policy).map(|signing| signing.health());
        let (signed, delivery) = health.unwrap_or_default();
        Self {
            mode,
            why,
            raise,
            approvers: circle
                .map(|circle| (circle.trust.signers.entries().len(), circle.trust.path.clone())),
            needs: session.policy.quorums().iter().map(quorum).collect(),
            pending: open.map_or(0, |open| open.len()),
            reviews: store.and_then(|store| store.open_reviews().ok()).unwrap_or_default(),
            doubts: circle.map(|circle| circle.doubts(session)).unwrap_or_default(),
            signed: signed.map(|signed| signed.checkpoint.size),
            delivery,
        }
    }

    fn json(&self, session: &Session) -> serde_json::Value {
        json!({
            "mode": self.mode,
            "why": self.why,
            "approvers": self.approvers.as_ref().map_or(0, |(count, _)| *count),
            "second_human": self.needs,
            "pending": self.pending,
            "open_reviews": self.reviews.iter().map(|row| &row.handle).collect::<Vec<_>>(),
            "break_glass": session.policy.break_glass.is_some(),
            "doubts": self.doubts,
            "log": session.paths.log_dir(),
            "checkpoint": { "size": self.signed, "delivery": self.delivery },
        })
    }

    fn write(&self, session: &Session, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "mode      {}: {}", self.mode, escape(&self.why))?;
        writeln!(out, "to raise  {}", self.raise)?;
        if self.mode == "advise" {
            writeln!(
                out,
                "          Whoever has this account can change guard's files, its requests and its\n          \
                 record: approvals here stop accidents and well-behaved agents."
            )?;
        }
        match &self.approvers {
            Some((count, path)) => {
                writeln!(out, "approvers {count} keys in {}", escape(&path.to_string_lossy()))?;
            }
            None => writeln!(out, "approvers none")?,
        }
        writeln!(out, "needs     {}", escape(&self.needs.join("; and ")))?;
        writeln!(out, "requests  {} waiting (`guard requests`)", self.pending)?;
        self.record(out)?;
        if session.policy.break_glass.is_some() {
            writeln!(out, "glass     may be broken by accounts that policy names")?;
        }
        for row in &self.reviews {
            writeln!(
                out,
                "REVIEW    {0} ran past a missing approval and nobody has looked at it: {1}\n          \
                 guard review {0}",
                escape(&row.handle),
                escape(&row.shown),
            )?;
        }
        for doubt in &self.doubts {
            writeln!(out, "!         {}", escape(doubt))?;
        }
        Ok(())
    }

    /// What the record is worth.
    fn record(&self, out: &mut dyn io::Write) -> io::Result<()> {
        match self.signed {
            Some(size) => writeln!(out, "record    {} signed", count(size, "line"))?,
            None => writeln!(out, "record    not signed yet (`guard log checkpoint`)")?,
        }
        for place in &self.delivery.places {
            let to = escape(&place.to);
            match (&place.failed, place.size) {
                (Some(failed), _) => writeln!(
                    out,
                    "!         not sent to {to} at {}: {}",
                    escape(&failed.at),
                    escape(&failed.why)
                )?,
                (None, 0) => writeln!(out, "          nothing sent to {to} yet")?,
                (None, size) => writeln!(out, "          {} sent to {to}", count(size, "line"))?,
            }
        }
        if let Some(why) = &self.delivery.error {
            writeln!(out, "!         not signed the last time: {}", escape(why))?;
        }
        let newest = self.delivery.places.iter().map(|place| place.size).max().unwrap_or(0);
        let from = match newest {
            0 => "All of it".to_owned(),
            size => format!("What came after line {size}"),
        };
        writeln!(
            out,
            "          {from} can be written anew by every program that runs as you (docs/log.md)."
        )
    }
}
