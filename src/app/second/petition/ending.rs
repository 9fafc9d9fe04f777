//! Every way of stopping short: said, recorded, and closed in the store.

use super::{Asking, Pending, Stop};
use crate::app::record::Recorder;
use crate::app::run::{Ended, Wanted};
use crate::app::second::circle::now;
use crate::app::second::evidence::evidence;
use crate::app::second::wait::Waited;
use crate::approve::elsewhere::{self, Ended as End};
use crate::audit::{Decided, LogError};
use crate::exit::Exit;
use crate::second::Difference;
use crate::second::difference::About;
use crate::ssh::Token;
use crate::store::{Row, State, Store};

impl Asking<'_> {
    pub(super) fn not_granted(
        &self,
        waited: Waited,
        pending: &Pending,
        store: &mut Store,
        recorder: &mut Recorder,
    ) -> Result<Stop, LogError> {
        let id = &pending.request.id;
        let handle = &pending.handle;
        match waited {
            Waited::Denied { by, reason, token } => {
                // Whoever could not be reached when the no was given learns it
                // from the store.
                let _ = store.finish(id, State::Denied, &reason, &by, now());
                let tokens: Vec<Token> = token.into_iter().collect();
                let asked = (&pending.request, pending.bytes.as_slice(), pending.sha256.as_str());
                let proof = evidence(asked, vec![by.clone()], &tokens, pending.circle.as_ref());
                recorder.decided_by(
                    Decided::Denied,
                    "second-human",
                    Some(reason.clone()),
                    proof,
                )?;
                self.say(handle, End::Denied { by: &by, reason: &reason, until: "" }, false);
                Ok(Stop::Ended(Ended::Own(Exit::Denied)))
            }
            Waited::Closed(row) => self.gone(pending, row.state, store, recorder),
            Waited::Expired => {
                let _ = store.finish(id, State::Expired, "nobody answered in time", "", now());
                self.ended(handle, End::Expired, Decided::Expired, recorder)
            }
            Waited::Unanswered(missing) => {
                let end = End::Unanswered { missing: &missing };
                recorder.decided(Decided::Unanswered, "guard", Some(missing.clone()), None)?;
                self.say(handle, end, false);
                Ok(Stop::Ended(Ended::Own(Exit::Pending)))
            }
            Waited::Granted(..) => Ok(Stop::Ended(Ended::Own(Exit::Internal))),
        }
    }

    /// The request was closed by somebody else meanwhile.
    pub(super) fn gone(
        &self,
        pending: &Pending,
        state: State,
        store: &Store,
        recorder: &mut Recorder,
    ) -> Result<Stop, LogError> {
        let row = store.find(&pending.request.id).ok();
        let (by, why) = row.map(|row| (row.by, row.why)).unwrap_or_default();
        let handle = &pending.handle;
        match state {
            State::Denied => {
                let end = End::Denied { by: &by, reason: &why, until: "" };
                self.ended(handle, end, Decided::Denied, recorder)
            }
            State::Withdrawn => {
                self.ended(handle, End::Withdrawn { by: &by }, Decided::Withdrawn, recorder)
            }
            State::Expired => self.ended(handle, End::Expired, Decided::Expired, recorder),
            State::Void => {
                let why = [why];
                self.ended(handle, End::PolicyChanged(&why), Decided::PolicyChanged, recorder)
            }
            _ => self.ended(handle, End::AlreadyUsed, Decided::AlreadyUsed, recorder),
        }
    }

    pub(super) fn changed(
        &self,
        pending: &Pending,
        found: &[Difference],
        store: &mut Store,
        recorder: &mut Recorder,
    ) -> Result<Stop, LogError> {
        let texts: Vec<String> = found.iter().map(|difference| difference.text.clone()).collect();
        let policy = found.iter().all(|difference| difference.about == About::Policy);
        let _ = store.finish(&pending.request.id, State::Void, &texts.join("; "), "guard", now());
        let (end, decided) = if policy {
            (End::PolicyChanged(&texts), Decided::PolicyChanged)
        } else {
            (End::StateChanged(&texts), Decided::StateChanged)
        };
        recorder.decided(decided, "guard", Some(texts.join("; ")), None)?;
        self.say(&pending.handle, end, false);
        Ok(Stop::Ended(Ended::Own(Exit::Denied)))
    }

    pub(super) fn say(&self, handle: &str, end: End<'_>, again: bool) {
        let Wanted { palette, columns, .. } = self.wanted;
        let text = elsewhere::ended(handle, end, &self.session.actor, again, *palette, *columns);
        (self.tell)(&text);
    }

    pub(super) fn ended(
        &self,
        handle: &str,
        end: End<'_>,
        decided: Decided,
        recorder: &mut Recorder,
    ) -> Result<Stop, LogError> {
        recorder.decided(decided, "guard", None, None)?;
        self.say(handle, end, false);
        Ok(Stop::Ended(Ended::Own(Exit::Denied)))
    }

    pub(super) fn void(&self, store: &mut Store, row: &Row, found: &[Difference], again: bool) {
        let texts: Vec<String> = found.iter().map(|difference| difference.text.clone()).collect();
        self.close(store, row, State::Void, &texts.join("; "));
        let policy = !found.is_empty() && found.iter().all(|found| found.about == About::Policy);
        let end = if policy { End::PolicyChanged(&texts) } else { End::StateChanged(&texts) };
        self.say(&row.handle, end, again);
    }

    /// Closing what is over is tidying: when it fails, the request runs out by
    /// itself.
    pub(super) fn close(&self, store: &mut Store, row: &Row, state: State, why: &str) {
        if let Err(error) = store.finish(&row.id, state, why, "guard", now()) {
            (self.tell)(&format!("guard: request {} stays open: {error}\n", row.handle));
        }
    }

    pub(super) fn unbound(
        &self,
        why: &[String],
        recorder: &mut Recorder,
    ) -> Result<Stop, LogError> {
        recorder.decided(Decided::Refused, "guard", Some(why.join("; ")), None)?;
        (self.tell)(&elsewhere::unbound(why, self.wanted.palette, self.wanted.columns));
        Ok(Stop::Ended(Ended::Own(Exit::Denied)))
    }

    pub(super) fn broken(
        &self,
        why: &str,
        exit: Exit,
        recorder: &mut Recorder,
    ) -> Result<Stop, LogError> {
        recorder.decided(Decided::Refused, "guard", Some(why.to_owned()), None)?;
        (self.tell)(&format!("guard: not run: {why}\n"));
        Ok(Stop::Ended(Ended::Own(exit)))
    }
}
