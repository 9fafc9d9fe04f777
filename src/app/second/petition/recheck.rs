//! Everything once more, just before it counts.

use std::os::fd::AsFd as _;

use super::{Asking, Pending, Stop};
use crate::app::probes;
use crate::app::record::Recorder;
use crate::app::second::circle::Circle;
use crate::app::second::gather::{self, Sources};
use crate::app::second::seen::seen;
use crate::app::second::wait::{Waited, tally};
use crate::app::session::Session;
use crate::bind::stdin;
use crate::decide::Petition;
use crate::exit::Exit;
use crate::run::Executable;
use crate::second::difference::{About, grown};
use crate::second::request::StdinKind;
use crate::second::seen::Effect;
use crate::second::{Difference, Outcome, Request, differences};
use crate::store::Store;

impl Asking<'_> {
    /// Everything once more, just before it counts: who is trusted, every
    /// signature, every bound fact, the clocks.
    pub(super) fn check_again(
        &self,
        petition: &Petition,
        executable: &Executable,
        pending: &Pending,
        store: &mut Store,
        recorder: &mut Recorder,
    ) -> Result<(), Stop> {
        let fresh = match Session::open() {
            Ok(fresh) => fresh,
            Err(error) => return Err(self.broken(&error.to_string(), Exit::Config, recorder)?),
        };
        let circle = match Circle::open(&fresh) {
            Ok(circle) => circle,
            Err(error) => return Err(self.broken(&error.to_string(), Exit::Config, recorder)?),
        };
        let again = stdin::bind(std::io::stdin().as_fd()).ok();
        let stdin = match (&pending.replacement, again) {
            (None, Some(again)) if pending.stdin.kind != StdinKind::None => again.stdin,
            _ => pending.stdin.clone(),
        };
        let sources = Sources {
            input: self.input,
            subject: petition.subject(),
            session: &fresh,
            executable,
            by: petition.by(),
            asked: petition.verdict_ref(),
            circle: circle.as_ref(),
            reason: None,
            stdin: &stdin,
        };
        let now_is = match gather::request(sources) {
            Ok(gathered) => gathered.request,
            Err(error) => {
                let text = error.to_string();
                return Err(self.changed(
                    pending,
                    &[Difference { about: About::State, text }],
                    store,
                    recorder,
                )?);
            }
        };
        let mut found = differences(&pending.request, &now_is);
        found.extend(clocks(&pending.request, &now_is));
        if found.is_empty() && !self.wanted.break_glass {
            found.extend(counted_again(petition, pending, &fresh));
        }
        if !found.is_empty() {
            return Err(self.changed(pending, &found, store, recorder)?);
        }
        if self.wanted.break_glass {
            return Ok(());
        }
        let stored = match store.decisions(&pending.request.id) {
            Ok(stored) => stored,
            Err(error) => {
                return Err(self.broken(&error.to_string(), Exit::NotRecorded, recorder)?);
            }
        };
        match tally(&stored, pending.asked(), circle.as_ref()).outcome {
            Outcome::Granted(_) => Ok(()),
            Outcome::Denied { principal, reason } => {
                let denied = Waited::Denied { by: principal, reason, token: None };
                Err(self.not_granted(denied, pending, store, recorder)?)
            }
            Outcome::Missing(missing) => {
                Err(self.not_granted(Waited::Unanswered(missing), pending, store, recorder)?)
            }
        }
    }
}

/// Looks again at what would be hit, when it was counted for the request: the
/// answer may have taken an hour. What cannot be counted now is no difference,
/// because a client that is slow once would use up every approval; only what was
/// known object by object has to be known again.
fn counted_again(petition: &Petition, pending: &Pending, session: &Session) -> Vec<Difference> {
    let asked = pending.request.seen.as_ref();
    let known = |effect: &Effect| effect.count.is_some() || effect.objects_sha256.is_some();
    let counted = asked.iter().flat_map(|seen| &seen.effects).any(known);
    if !counted {
        return Vec::new();
    }
    let now = probes::again(petition.verdict_ref(), session);
    grown(asked, &seen(&now, &session.redactor()))
}

/// A wall clock that was set back since the request, and a request that is older
/// by the clock that nobody can set.
fn clocks(asked: &Request, now_is: &Request) -> Option<Difference> {
    let say = |text: &str| Some(Difference { about: About::State, text: text.to_owned() });
    if now_is.created.plus(60) < asked.created {
        return say("clock: it has been set back since the request was made");
    }
    let (Some(then), Some(now)) = (asked.host.up_s, now_is.host.up_s) else { return None };
    let life = asked.expires.0 - asked.created.0 + i64::from(asked.exec_window_s) + 60;
    let passed = i64::try_from(now.saturating_sub(then)).unwrap_or(i64::MAX);
    if passed > life {
        return say("clock: more time has passed since the request than the clock says");
    }
    None
}
