//! A command that somebody elsewhere has to agree to, from the question to the
//! right to run.
//!
//! The order matters and is that of `docs/approval.md`, "Just before exec":
//! signatures, then every bound fact again, then the claim on disk, then the
//! `start` record, then the command. A crash anywhere in between burns the
//! approval and runs nothing.

use std::cell::RefCell;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::time::Duration;

use super::circle::{Circle, now};
use super::evidence::{document, evidence};
use super::gather::{self, GatherError, Gathered, Sources};
use super::tell::tell;
use super::wait::{Waited, tally, wait};
use crate::app::judge::Input;
use crate::app::record::Recorder;
use crate::app::run::{Ended, Wanted};
use crate::app::session::Session;
use crate::approve::elsewhere::{self, Ended as End};
use crate::audit::event::{Claim as ClaimEvent, Override, Petition as PetitionEvent};
use crate::audit::{Decided, LogError};
use crate::bind::stdin;
use crate::decide::{Approved, Petition};
use crate::exit::Exit;
use crate::model::ActorKind;
use crate::notify::Sending;
use crate::run::Executable;
use crate::second::difference::About;
use crate::second::display::sha256;
use crate::second::request::{AnsweredBy, Stdin, StdinKind};
use crate::second::terms::Event;
use crate::second::{Asked, Difference, Grant, Outcome, Request, differences, handle, quorum};
use crate::ssh::Token;
use crate::store::{Claimed, New, Row, State, Store, StoreError};
use crate::text::escape;

/// How long guard waits for agents where nothing is known: most of them end or
/// background a command after two minutes.
const AGENT_WAIT: Duration = Duration::from_secs(110);

/// A command on its way.
pub struct Asking<'a> {
    /// What was asked for.
    pub input: &'a Input,
    /// Everything around it.
    pub session: &'a Session,
    /// How it is wanted.
    pub wanted: &'a Wanted,
    /// Shows text.
    pub tell: &'a dyn Fn(&str),
    /// The command on one line, without secrets.
    pub shown: String,
}

/// What came of it.
pub enum Given {
    /// It may run, now.
    Approved(Box<(Approved, Executable, Recorder)>),
    /// It does not run; everything has been said and recorded.
    Ended(Ended),
}

/// The request that is waited for, with what it was made of.
struct Pending {
    request: Request,
    bytes: Vec<u8>,
    sha256: String,
    handle: String,
    circle: Option<Circle>,
    stdin: Stdin,
    replacement: Option<File>,
    sending: RefCell<Sending>,
}

/// Whatever happens, messages on their way are given their ten seconds; only a
/// command that may run does not wait for them.
impl Drop for Pending {
    fn drop(&mut self) {
        self.sending.take().finish();
    }
}

impl Pending {
    const fn asked(&self) -> Asked<'_> {
        Asked { request: &self.request, bytes: self.bytes.as_slice() }
    }
}

/// Ways of stopping short.
enum Stop {
    Log(LogError),
    /// Everything has been said.
    Ended(Ended),
}

impl From<LogError> for Stop {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl Asking<'_> {
    /// Asks, waits, checks.
    ///
    /// # Errors
    /// The record could not be written: nothing runs.
    pub fn ask(
        &self,
        petition: Petition,
        executable: Executable,
        mut recorder: Recorder,
    ) -> Result<Given, LogError> {
        match self.go(petition, executable, &mut recorder) {
            Ok((approved, executable)) => {
                Ok(Given::Approved(Box::new((approved, executable, recorder))))
            }
            Err(Stop::Ended(ended)) => Ok(Given::Ended(ended)),
            Err(Stop::Log(error)) => Err(error),
        }
    }

    fn go(
        &self,
        petition: Petition,
        executable: Executable,
        recorder: &mut Recorder,
    ) -> Result<(Approved, Executable), Stop> {
        if self.wanted.break_glass && !self.may_break_glass() {
            return Err(self.no_glass(
                "this may not be overridden here",
                Decided::Refused,
                recorder,
            )?);
        }
        let mut store = match self.open_store() {
            Ok(store) => store,
            Err(error) => {
                return Err(self.broken(&error.to_string(), Exit::NotRecorded, recorder)?);
            }
        };
        let pending = self.request(&petition, &executable, &mut store, recorder)?;
        let (grant, tokens) = if self.wanted.break_glass {
            (self.break_glass(&pending, recorder)?, Vec::new())
        } else {
            self.answers(&pending, &mut store, recorder)?
        };
        self.check_again(&petition, &executable, &pending, &mut store, recorder)?;
        let to = if self.wanted.break_glass { State::Overridden } else { State::Used };
        let claimed = store.claim(&pending.request.id, &pending.sha256, to, now());
        match claimed {
            Ok(Claimed::Ours(_)) => {}
            Ok(Claimed::Gone(state)) => {
                return Err(self.gone(&pending, state, &store, recorder)?);
            }
            Err(error) => {
                return Err(self.broken(&error.to_string(), Exit::NotRecorded, recorder)?);
            }
        }
        self.approve(petition, executable, pending, grant, &tokens, recorder)
    }

    fn open_store(&self) -> Result<Store, StoreError> {
        let state = self.session.paths.state.as_deref().ok_or(StoreError::NoHome)?;
        Store::open(state)
    }

    /// Makes or joins the request and says so.
    fn request(
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
        self.announce(&pending, created, (&unbound, safer), recorder)?;
        Ok(pending)
    }

    /// Who may approve; with nobody enrolled there is nobody to wait for.
    fn circle(&self, by: AnsweredBy, recorder: &mut Recorder) -> Result<Option<Circle>, Stop> {
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
    fn earlier(
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

    fn join(
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
        match store.join_or_create(&new, now()) {
            Ok(joined) => Ok((joined.row, joined.created)),
            Err(error) => Err(self.broken(&error.to_string(), Exit::NotRecorded, recorder)?),
        }
    }

    fn announce(
        &self,
        pending: &Pending,
        created: bool,
        (unbound, safer): (&[String], Option<&str>),
        recorder: &mut Recorder,
    ) -> Result<(), Stop> {
        let Pending { request, circle, .. } = pending;
        let by = request.answered_by();
        recorder.petition(&PetitionEvent {
            request_id: recorder.id().to_owned(),
            petition: request.id.clone(),
            handle: pending.handle.clone(),
            sha256: pending.sha256.clone(),
            by: match by {
                AnsweredBy::SecondHuman => "second-human",
                AnsweredBy::Operator => "operator",
            },
            expires: request.expires.to_string(),
            joined: !created,
            document: document(&pending.bytes),
        })?;
        if self.wanted.break_glass {
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

    /// Takes in tokens that came along, and waits for the rest.
    fn answers(
        &self,
        pending: &Pending,
        store: &mut Store,
        recorder: &mut Recorder,
    ) -> Result<(Grant, Vec<Token>), Stop> {
        for token in &self.wanted.tokens {
            let Some(circle) = &pending.circle else { continue };
            match quorum::vote(token, pending.asked(), circle.trusted(), now()) {
                Ok(_) => {
                    let added = store.add_decision(
                        &pending.request.id,
                        &token.document,
                        &token.signature,
                        now(),
                    );
                    if let Err(error) = added {
                        return Err(self.broken(
                            &error.to_string(),
                            Exit::NotRecorded,
                            recorder,
                        )?);
                    }
                }
                Err(why) => {
                    let why = format!("the token is not accepted: {why}");
                    recorder.decided(Decided::Refused, "guard", Some(why.clone()), None)?;
                    (self.tell)(&format!("guard: not run: {}.\n", escape(&why)));
                    return Err(Stop::Ended(Ended::Own(Exit::Denied)));
                }
            }
        }
        let default = match self.session.actor.kind {
            ActorKind::Human => None,
            _ => Some(AGENT_WAIT),
        };
        let limit = self.wanted.wait.map_or(default, Some);
        let mut complain = |why: &crate::second::Refused| {
            (self.tell)(&format!(
                "guard: an answer does not count: {}.\n",
                escape(&why.to_string())
            ));
        };
        let circle = pending.circle.as_ref();
        let waited = wait(store, pending.asked(), circle, limit, &pending.handle, &mut complain);
        match waited {
            Ok(Waited::Granted(grant, tokens)) => Ok((grant, tokens)),
            Ok(other) => Err(self.not_granted(other, pending, store, recorder)?),
            Err(error) => Err(self.broken(&error.to_string(), Exit::NotRecorded, recorder)?),
        }
    }

    fn not_granted(
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
    fn gone(
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

    /// Everything once more, just before it counts: who is trusted, every
    /// signature, every bound fact, the clocks.
    fn check_again(
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

    fn changed(
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

    /// Claimed: from here on the approval is used up.
    fn approve(
        &self,
        petition: Petition,
        executable: Executable,
        pending: Pending,
        grant: Grant,
        tokens: &[Token],
        recorder: &mut Recorder,
    ) -> Result<(Approved, Executable), Stop> {
        let how = grant.how();
        let asked = (&pending.request, pending.bytes.as_slice(), pending.sha256.as_str());
        let proof = evidence(asked, grant.by().to_vec(), tokens, pending.circle.as_ref());
        recorder.allowed_by(how, proof)?;
        recorder.claim(&ClaimEvent {
            request_id: recorder.id().to_owned(),
            petition: pending.request.id.clone(),
            sha256: pending.sha256.clone(),
        })?;
        if let Some(file) = &pending.replacement
            && let Err(error) = nix::unistd::dup2_stdin(file)
        {
            let why = format!("standard input cannot be put in place: {error}");
            return Err(self.broken(&why, Exit::Internal, recorder)?);
        }
        pending.sending.take().let_go();
        let by = escape(&grant.by().join(", "));
        let approved = petition.approve(grant, pending.asked());
        let Some(approved) = approved else {
            return Err(self.broken(
                "the approval is for another command",
                Exit::Denied,
                recorder,
            )?);
        };
        if !self.wanted.quiet {
            (self.tell)(&format!(
                "guard: request {}: approved by {by}; it runs now.\n",
                pending.handle
            ));
        }
        Ok((approved, executable))
    }

    fn break_glass(&self, pending: &Pending, recorder: &mut Recorder) -> Result<Grant, Stop> {
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
    fn may_break_glass(&self) -> bool {
        let user = crate::app::host::user().unwrap_or_default();
        let allowed = self.session.policy.break_glass.as_ref();
        self.session.actor.can_answer()
            && allowed.is_some_and(|(_, allowed)| allowed.users.contains(&user))
    }

    fn no_glass(
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

    fn tell_people(&self, pending: &Pending, event: Event) {
        let asked = (&pending.request, pending.bytes.as_slice());
        *pending.sending.borrow_mut() = tell(self.session, event, asked, &self.shown, None);
    }

    fn say(&self, handle: &str, end: End<'_>, again: bool) {
        let Wanted { palette, columns, .. } = self.wanted;
        let text = elsewhere::ended(handle, end, &self.session.actor, again, *palette, *columns);
        (self.tell)(&text);
    }

    fn ended(
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

    fn void(&self, store: &mut Store, row: &Row, found: &[Difference], again: bool) {
        let texts: Vec<String> = found.iter().map(|difference| difference.text.clone()).collect();
        self.close(store, row, State::Void, &texts.join("; "));
        let policy = !found.is_empty() && found.iter().all(|found| found.about == About::Policy);
        let end = if policy { End::PolicyChanged(&texts) } else { End::StateChanged(&texts) };
        self.say(&row.handle, end, again);
    }

    /// Closing what is over is tidying: when it fails, the request runs out by
    /// itself.
    fn close(&self, store: &mut Store, row: &Row, state: State, why: &str) {
        if let Err(error) = store.finish(&row.id, state, why, "guard", now()) {
            (self.tell)(&format!("guard: request {} stays open: {error}\n", row.handle));
        }
    }

    fn unbound(&self, why: &[String], recorder: &mut Recorder) -> Result<Stop, LogError> {
        recorder.decided(Decided::Refused, "guard", Some(why.join("; ")), None)?;
        (self.tell)(&elsewhere::unbound(why, self.wanted.palette, self.wanted.columns));
        Ok(Stop::Ended(Ended::Own(Exit::Denied)))
    }

    fn broken(&self, why: &str, exit: Exit, recorder: &mut Recorder) -> Result<Stop, LogError> {
        recorder.decided(Decided::Refused, "guard", Some(why.to_owned()), None)?;
        (self.tell)(&format!("guard: not run: {why}\n"));
        Ok(Stop::Ended(Ended::Own(exit)))
    }
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
