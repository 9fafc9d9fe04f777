//! What guard keeps and relies on: its databases, the list of approvers, the
//! clock.

use std::time::{Duration, SystemTime};

use super::Finding;
use crate::app::second::circle::Circle;
use crate::app::session::Session;
use crate::audit::history::{self, Filter};
use crate::audit::lookup;
use crate::config::trust::Mode;
use crate::store::{Ledger, Store};
use crate::text::stamp::Stamp;
use crate::text::words::count;

/// How far a clock may have been set back before it is told, in milliseconds.
const BACK: i64 = 5 * 60_000;
/// How long another guard may hold a lock.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn state(session: &Session) -> Vec<Finding> {
    let mut out = databases(session);
    out.push(approvers(session));
    out.push(clock(session));
    out
}

fn databases(session: &Session) -> Vec<Finding> {
    let Some(state) = session.paths.state.as_deref() else { return Vec::new() };
    let requests = match Store::open_existing(state) {
        Ok(_) => Finding::good("requests", "their database can be used"),
        Err(error) => Finding::bad(
            "requests",
            error.to_string(),
            "what needs somebody elsewhere is refused",
            "do what the message says, then `guard requests`",
        ),
    };
    let steps = match Ledger::open_existing(state, PATIENCE) {
        Ok(_) => Finding::good("sequences", "the memory of earlier steps can be used"),
        Err(error) => Finding::bad(
            "sequences",
            error.to_string(),
            "delete and recreate across commands is not seen",
            format!("rm {}", state.join("steps.db").display()),
        ),
    };
    vec![requests, steps]
}

/// Who may approve, and whether the caller could change that.
fn approvers(session: &Session) -> Finding {
    match Circle::open(session) {
        Err(error) => Finding::bad(
            "approvers",
            error.to_string(),
            "every command that needs a second human is refused",
            "correct the file; docs/approval.md has its format",
        ),
        Ok(None) => Finding::good(
            "approvers",
            "nobody is enrolled: what needs a second human is refused; `guard approvers add`",
        ),
        Ok(Some(circle)) => {
            let number = circle.trust.signers.entries().len();
            let people = count(u64::try_from(number).unwrap_or(u64::MAX), "entry");
            let path = circle.trust.path.display();
            let worth = match &circle.trust.mode {
                Mode::TwoPerson => "nobody with your account can change it".to_owned(),
                Mode::Advise(why) => format!("an approval stops accidents only: {why}"),
            };
            Finding::good("approvers", format!("{people} in {path}; {worth}"))
        }
    }
}

/// Approvals expire by the wall clock, and the record is read by it.
fn clock(session: &Session) -> Finding {
    let now = Stamp::now();
    let ahead = newest(session).filter(|newest| newest.0 > now.0 + BACK);
    let built = std::env::current_exe().and_then(std::fs::metadata).and_then(|m| m.modified());
    let before_built =
        built.is_ok_and(|built| built > SystemTime::now() + Duration::from_secs(86_400));
    let what = match ahead {
        Some(newest) => format!("it is {now}, and the record already holds {newest}"),
        None if before_built => format!("it is {now}, a day or more before guard was installed"),
        None => return Finding::good("clock", format!("{now}")),
    };
    Finding::bad(
        "clock",
        what,
        "approvals and freezes hold longer than they should, and times in the record mislead",
        "timedatectl set-ntp true",
    )
}

/// The time of the last command in the record.
fn newest(session: &Session) -> Option<Stamp> {
    let dir = session.paths.log_dir()?;
    let filter = Filter { last: Some(1), ..Filter::default() };
    let files = lookup::files(&dir).ok()?;
    let last = files.iter().filter_map(|path| {
        let history = history::read(path, &filter, &mut |_, _| {}).ok()?;
        history.runs.back()?.time
    });
    last.max()
}
