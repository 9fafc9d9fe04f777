//! Going past a missing approval.

use super::{Asking, Pending, Stop};
use crate::app::record::Recorder;
use crate::app::run::Ended;
use crate::app::second::circle::now;
use crate::approve::elsewhere::{self};
use crate::audit::event::Override;
use crate::audit::{Decided, LogError};
use crate::exit::Exit;
use crate::second::terms::Event;
use crate::second::{Grant, quorum};

impl Asking<'_> {
    pub(super) fn break_glass(
        &self,
        pending: &Pending,
        recorder: &mut Recorder,
    ) -> Result<Grant, Stop> {
        let allowed = self.session.policy.break_glass.as_ref();
        let grant =
            allowed.and_then(|(_, allowed)| quorum::break_glass(pending.asked(), allowed, now()));
        let Some(grant) = grant else {
            let why = "this may not be overridden here";
            return Err(self.no_glass(why, Decided::Refused, recorder)?);
        };
        let screen = |_: usize| {
            format!(
                "{}\nThis runs WITHOUT the second person that it needs. It is recorded, everybody \
                 is told, and somebody else has to review it.\n",
                crate::second::display::display(&pending.request, &pending.bytes)
            )
        };
        let typed = crate::approve::typed::word(
            &screen,
            "To run it anyway",
            &format!("break-glass {}", pending.handle),
            self.wanted.palette,
        );
        if typed.is_err() {
            let why = "nobody typed what was asked for";
            return Err(self.no_glass(why, Decided::Declined, recorder)?);
        }
        recorder.overridden(&Override {
            request_id: recorder.id().to_owned(),
            petition: pending.request.id.clone(),
            user: pending.request.requester.user.clone(),
            reason: pending.request.requester.reason.clone().unwrap_or_default(),
        })?;
        self.tell_people(pending, Event::BreakGlass);
        Ok(grant)
    }

    /// A first look, before anything is written; the request decides.
    pub(super) fn may_break_glass(&self) -> bool {
        let user = crate::app::host::user().unwrap_or_default();
        let allowed = self.session.policy.break_glass.as_ref();
        self.session.actor.can_answer()
            && allowed.is_some_and(|(_, allowed)| allowed.users.contains(&user))
    }

    pub(super) fn no_glass(
        &self,
        why: &str,
        decided: Decided,
        recorder: &mut Recorder,
    ) -> Result<Stop, LogError> {
        recorder.decided(decided, "guard", Some(why.to_owned()), None)?;
        let next = "Breaking the glass is for people whom policy names, at a terminal, with \
                    --reason; never for an agent.";
        (self.tell)(&elsewhere::nobody(why, next, self.wanted.palette, self.wanted.columns));
        Ok(Stop::Ended(Ended::Own(Exit::Denied)))
    }
}
