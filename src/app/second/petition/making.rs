//! Making the request, or joining the one that waits, and saying so.

use std::cell::RefCell;
use std::os::fd::AsFd as _;

use super::{Asking, Pending, Stop};
use crate::app::record::Recorder;
use crate::app::run::Ended;
use crate::app::second::circle::{Circle, now};
use crate::app::second::evidence::document;
use crate::app::second::gather::{self, GatherError, Gathered, Sources};
use crate::app::second::tell::tell;
use crate::app::second::wait::tally;
use crate::approve::elsewhere::{self, Ended as End};
use crate::audit::event::Petition as PetitionEvent;
use crate::audit::{Decided, LogError};
use crate::bind::stdin;
use crate::decide::Petition;
use crate::exit::Exit;
use crate::run::Executable;
use crate::second::display::sha256;
use crate::second::request::AnsweredBy;
use crate::second::terms::Event;
use crate::second::{Outcome, Request, differences, handle};
use crate::store::{New, Row, State, Store, StoreError};

/// Why there is no request in the store.
enum NotMade {
    Store(StoreError),
    Log(LogError),
}

impl From<StoreError> for NotMade {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<LogError> for NotMade {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

/// What is recorded of a request: the request, its bytes, their SHA-256.
fn event(
    recorder: &Recorder,
    (request, bytes, sha256): (&Request, &[u8], &str),
    joined: bool,
) -> PetitionEvent {
    PetitionEvent {
        request_id: recorder.id().to_owned(),
        petition: request.id.clone(),
        handle: handle(bytes),
        sha256: sha256.to_owned(),
        by: match request.answered_by() {
            AnsweredBy::SecondHuman => "second-human",
            AnsweredBy::Operator => "operator",
        },
        expires: request.expires.to_string(),
        joined,
        document: document(bytes),
    }
}

impl Asking<'_> {
    /// Makes or joins the request and says so.
    pub(super) fn request(
        &self,
        petition: &Petition,
        executable: &Executable,
        store: &mut Store,
        recorder: &mut Recorder,
    ) -> Result<Pending, Stop> {
        let circle = self.circle(petition.by(), recorder)?;
        let bound = match stdin::bind(std::io::stdin().as_fd()) {
            Ok(bound) => bound,
            Err(why) => return Err(self.unbound(&[why.to_string()], recorder)?),
        };
        let sources = Sources {
            input: self.input,
            subject: petition.subject(),
            session: self.session,
            executable,
            by: petition.by(),
            asked: petition.verdict_ref(),
            circle: circle.as_ref(),
            reason: self.wanted.reason.as_deref(),
            stdin: &bound.stdin,
        };
        let Gathered { mut request, unbound } = match gather::request(sources) {
            Ok(gathered) => gathered,
            Err(GatherError::Unbound(why)) => {
                return Err(self.unbound(&[why.to_string()], recorder)?);
            }
            Err(error) => return Err(self.broken(&error.to_string(), Exit::Config, recorder)?),
        };
        let unbound: Vec<String> = unbound.iter().map(ToString::to_string).collect();
        if !unbound.is_empty() && petition.by() == AnsweredBy::SecondHuman {
            return Err(self.unbound(&unbound, recorder)?);
        }
        request.log = recorder.head()?;
        let bytes = request.write();
        if bytes.len() > crate::second::json::MAX_DOCUMENT {
            let why = "the request would be longer than 64 KiB; do it in smaller steps".to_owned();
            return Err(self.unbound(&[why], recorder)?);
        }
        self.earlier(&request, store, recorder)?;
        let (row, created) = self.join(&request, &bytes, store, recorder)?;
        let request = match Request::read(&row.document) {
            Ok(request) if sha256(&row.document) == row.sha256 => request,
            _ => {
                return Err(self.broken(
                    "the stored request was changed",
                    Exit::Config,
                    recorder,
                )?);
            }
        };
        let pending = Pending {
            sha256: row.sha256,
            handle: handle(&row.document),
            request,
            bytes: row.document,
            circle,
            stdin: bound.stdin,
            replacement: bound.replacement,
            sending: RefCell::default(),
        };
        let safer = petition.verdict_ref().worst().and_then(|found| found.effect.safer.as_deref());
        // What is approved already runs at once: no need to say who could.
        let answered = store.decisions(&pending.request.id).is_ok_and(|stored| {
            let found = tally(&stored, pending.asked(), pending.circle.as_ref());
            matches!(found.outcome, Outcome::Granted(_))
        });
        self.announce(&pending, (created, answered), (&unbound, safer), recorder)?;
        Ok(pending)
    }

    /// Who may approve; with nobody enrolled there is nobody to wait for.
    pub(super) fn circle(
        &self,
        by: AnsweredBy,
        recorder: &mut Recorder,
    ) -> Result<Option<Circle>, Stop> {
        let circle = match Circle::open(self.session) {
            Ok(circle) => circle,
            Err(error) => return Err(self.broken(&error.to_string(), Exit::Config, recorder)?),
        };
        if by == AnsweredBy::Operator || self.wanted.break_glass {
            return Ok(circle);
        }
        let quorums = self.session.policy.quorums();
        let (why, next) = match circle {
            None => (
                "nobody is enrolled who could".to_owned(),
                "Enrol a colleague with `guard approvers add NAME KEY.pub`; `docs/approval.md` \
                 and `guard approvers --help` say how."
                    .to_owned(),
            ),
            Some(circle) => {
                let user = crate::app::host::user().unwrap_or_default();
                let own = self.session.policy.operator(&user).map(|one| one.principal.as_str());
                match circle.unreachable(&quorums, own) {
                    None => return Ok(Some(circle)),
                    Some(why) => (
                        format!("not enough people could: {why}"),
                        "`guard approvers list` shows who is enrolled, and whose key the requester \
                         could use as well."
                            .to_owned(),
                    ),
                }
            }
        };
        recorder.decided(Decided::Refused, "guard", Some(why.clone()), None)?;
        (self.tell)(&elsewhere::nobody(&why, &next, self.wanted.palette, self.wanted.columns));
        Err(Stop::Ended(Ended::Own(Exit::Denied)))
    }

    /// What became of an earlier request for the same command: a no still
    /// holds, a changed state or policy is named, silence is said.
    pub(super) fn earlier(
        &self,
        request: &Request,
        store: &mut Store,
        recorder: &mut Recorder,
    ) -> Result<(), Stop> {
        let latest = match store.latest(&request.command_key()) {
            Ok(latest) => latest,
            Err(error) => {
                return Err(self.broken(&error.to_string(), Exit::NotRecorded, recorder)?);
            }
        };
        let Some(row) = latest else { return Ok(()) };
        match row.state {
            State::Denied if now() <= row.expires => {
                let until = row.expires.to_string();
                let end = End::Denied { by: &row.by, reason: &row.why, until: &until };
                Err(self.ended(&row.handle, end, Decided::Denied, recorder)?)
            }
            State::Pending if now() > row.expires => {
                self.close(store, &row, State::Expired, "nobody answered in time");
                self.say(&row.handle, End::Expired, true);
                Ok(())
            }
            State::Pending if row.join_key != request.join_key() => {
                let Ok(before) = Request::read(&row.document) else { return Ok(()) };
                let found = differences(&before, request);
                self.void(store, &row, &found, true);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The request in the store: the one that waits, or a new one, whose record
    /// is on disk before anybody can find it.
    pub(super) fn join(
        &self,
        request: &Request,
        bytes: &[u8],
        store: &mut Store,
        recorder: &mut Recorder,
    ) -> Result<(Row, bool), Stop> {
        let (join_key, command_key, sha) =
            (request.join_key(), request.command_key(), sha256(bytes));
        let who = match &request.requester.agent {
            Some(agent) => format!("{} ({})", request.requester.user, agent.name),
            None => request.requester.user.clone(),
        };
        let new = New {
            document: bytes,
            id: &request.id,
            sha256: &sha,
            join_key: &join_key,
            command_key: &command_key,
            tier: &request.policy.tier,
            shown: &self.shown,
            who: &who,
            created: request.created,
            expires: request.expires,
        };
        let record = || -> Result<(), NotMade> {
            let event = event(recorder, (request, bytes, &sha), false);
            Ok(recorder.petition(&event)?)
        };
        match store.join_or_create(&new, now(), record) {
            Ok(joined) => Ok((joined.row, joined.created)),
            Err(NotMade::Log(error)) => Err(error.into()),
            Err(NotMade::Store(error)) => {
                Err(self.broken(&error.to_string(), Exit::NotRecorded, recorder)?)
            }
        }
    }

    pub(super) fn announce(
        &self,
        pending: &Pending,
        (created, answered): (bool, bool),
        (unbound, safer): (&[String], Option<&str>),
        recorder: &mut Recorder,
    ) -> Result<(), Stop> {
        let Pending { request, circle, .. } = pending;
        let by = request.answered_by();
        if !created {
            let asked = (request, pending.bytes.as_slice(), pending.sha256.as_str());
            recorder.petition(&event(recorder, asked, true))?;
        }
        if self.wanted.break_glass || answered || !self.wanted.tokens.is_empty() {
            return Ok(());
        }
        let quorums: Vec<_> = request.quorums().cloned().collect();
        let people = circle
            .as_ref()
            .map(|circle| circle.people(&quorums, request.requester.principal.as_deref()));
        let people = people.unwrap_or_default();
        let advise = circle.as_ref().and_then(|circle| match &circle.trust.mode {
            crate::config::trust::Mode::Advise(why) => Some(why.as_str()),
            crate::config::trust::Mode::TwoPerson => None,
        });
        let waiting = elsewhere::Waiting {
            request,
            handle: &pending.handle,
            people: if by == AnsweredBy::SecondHuman { &people } else { &[] },
            actor: &self.session.actor,
            joined: !created,
            advise: advise.filter(|_| by == AnsweredBy::SecondHuman),
            unbound,
            safer,
        };
        (self.tell)(&elsewhere::waiting(waiting, self.wanted.palette, self.wanted.columns));
        if created {
            self.tell_people(pending, Event::Request);
        }
        Ok(())
    }

    pub(super) fn tell_people(&self, pending: &Pending, event: Event) {
        let asked = (&pending.request, pending.bytes.as_slice());
        *pending.sending.borrow_mut() = tell(self.session, event, asked, &self.shown, None);
    }
}
