//! Taking a request back, and taking an answer in that came by hand.

use super::answer::load::{LoadError, load};
use super::circle::{Circle, now};
use super::tell::tell;
use crate::app::record::note;
use crate::app::session::Session;
use crate::audit::event::Answer as Event;
use crate::audit::{Kind, LogError};
use crate::config::ConfigError;
use crate::second::display::sha256;
use crate::second::terms::Event as TellEvent;
use crate::second::{Answer, Decision, DocumentError, Refused, quorum};
use crate::ssh::Token;
use crate::store::{State, Store, StoreError};

/// Why it did not work.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// The request.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Trust file.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The answer.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// It does not count.
    #[error("the token does not count here: {0}")]
    Refused(#[from] Refused),
    /// Nobody is enrolled.
    #[error("nobody is enrolled as an approver on this host, so no token counts")]
    Nobody,
    /// It is over.
    #[error("request {0} is closed already")]
    Over(String),
}

/// Takes a request back. Anybody with the account may: it only makes less run.
///
/// # Errors
/// [`CloseError`].
pub fn withdraw(session: &Session, id: &str) -> Result<String, CloseError> {
    let loaded = load(id, session)?;
    let handle = loaded.handle();
    let user = crate::app::host::user().unwrap_or_default();
    let state = session.paths.state.as_deref().ok_or(StoreError::NoHome)?;
    let mut store = Store::open(state)?;
    if !store.finish(&loaded.request.id, State::Withdrawn, "", &user, now())? {
        return Err(CloseError::Over(handle));
    }
    let event = Event {
        petition: loaded.request.id.clone(),
        sha256: sha256(&loaded.bytes),
        answer: "withdraw",
        by: user,
        actor: session.actor.clone(),
        reason: String::new(),
        despite: false,
        token: None,
    };
    note(session, Kind::Answer, &event)?;
    Ok(handle)
}

/// Takes in a token from somebody elsewhere, so that the command that waits goes
/// on. It counts for nothing that the signature does not say.
///
/// # Errors
/// [`CloseError`].
pub fn accept(session: &Session, token: &Token) -> Result<(String, Answer, String), CloseError> {
    let claimed = Decision::read(&token.document)?;
    let loaded = load(&claimed.request_id, session)?;
    let circle = Circle::open(session)?.ok_or(CloseError::Nobody)?;
    let vote = quorum::vote(token, loaded.asked(), circle.trusted(), now())?;
    let state = session.paths.state.as_deref().ok_or(StoreError::NoHome)?;
    let mut store = Store::open(state)?;
    let event = Event {
        petition: loaded.request.id.clone(),
        sha256: sha256(&loaded.bytes),
        answer: vote.decision.decision.name(),
        by: vote.principal.clone(),
        actor: session.actor.clone(),
        reason: session.redactor().text(&vote.decision.reason).into_owned(),
        despite: false,
        token: token.write().ok(),
    };
    note(session, Kind::Answer, &event)?;
    store.add_decision(&loaded.request.id, &token.document, &token.signature, now())?;
    let closes = match vote.decision.decision {
        Answer::Approve => None,
        Answer::Deny => Some(State::Denied),
        Answer::Review => Some(State::Reviewed),
    };
    if let Some(closes) = closes {
        let why = &vote.decision.reason;
        store.finish(&loaded.request.id, closes, why, &vote.principal, now())?;
    }
    let shown = loaded.row.as_ref().map(|row| row.shown.clone()).unwrap_or_default();
    let said = Some((vote.decision.decision.name().to_owned(), vote.principal.clone()));
    let asked = (&loaded.request, loaded.bytes.as_slice());
    tell(session, TellEvent::Decision, asked, &shown, said).finish();
    Ok((loaded.handle(), vote.decision.decision, vote.principal))
}
