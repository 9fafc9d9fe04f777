//! A command that somebody elsewhere has to agree to, from the question to the
//! right to run.
//!
//! The order matters and is that of `docs/approval.md`, "Just before exec":
//! signatures, then every bound fact again, then the claim on disk, then the
//! `start` record, then the command. A crash anywhere in between burns the
//! approval and runs nothing.

mod ending;
mod glass;
mod making;
mod recheck;

use std::cell::RefCell;
use std::fs::File;
use std::time::Duration;

use super::circle::{Circle, now};
use super::evidence::evidence;
use super::wait::{Waited, wait};
use crate::app::judge::Input;
use crate::app::record::Recorder;
use crate::app::run::{Ended, Wanted};
use crate::app::session::Session;
use crate::audit::event::Claim as ClaimEvent;
use crate::audit::{Decided, LogError};
use crate::decide::{Approved, Petition};
use crate::exit::Exit;
use crate::model::ActorKind;
use crate::notify::Sending;
use crate::run::Executable;
use crate::second::request::Stdin;
use crate::second::{Asked, Grant, Request, quorum};
use crate::ssh::Token;
use crate::store::{Claimed, State, Store, StoreError};
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
}
