//! Answering a request: `guard approve`, `guard deny`, `guard review`.
//!
//! What the approver sees is worked out by their own guard from the words that
//! would be executed; what the requester's guard says about them is shown beside
//! it and believed in nothing.

pub mod load;
mod looked;
mod opinion;
mod sign;

use std::path::PathBuf;

use super::circle::{Circle, now};
use super::tell::tell;
use crate::app::record::note;
use crate::app::session::Session;
use crate::approve::typed;
use crate::audit::Kind;
use crate::audit::event::Answer as AnswerEvent;
use crate::bind::host;
use crate::decide::challenge_name;
use crate::model::ActorKind;
use crate::second::decision::TYPE;
use crate::second::display::{RENDERER, display, sha256};
use crate::second::request::AnsweredBy;
use crate::second::terms::Event;
use crate::second::{Answer, Decision, Utc, quorum};
use crate::ssh::Token;
use crate::store::{State, Store, StoreError};
use crate::text::{Palette, Role, escape};
pub use load::{LoadError, Loaded};
pub use sign::SignerError;

/// How long a review is good, in seconds.
const REVIEW: i64 = 86_400;

/// How an answer is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// In whose name, where the key does not tell.
    pub principal: Option<String>,
    /// Private key file; without it the agent.
    pub key: Option<PathBuf>,
    /// Why.
    pub reason: String,
    /// Answer although two guards judge the command differently.
    pub despite: bool,
    /// Write the document into this folder instead of signing it.
    pub detached: Option<PathBuf>,
    /// Look at what would be hit, as the one who answers.
    pub probe: bool,
    /// Colour.
    pub palette: Palette,
}

/// What came of an answer.
#[derive(Debug)]
pub enum Answered {
    /// It is in the store of this host; the command that waits goes on.
    Here,
    /// It has to go back to the host that asked, as this token.
    Token(String),
    /// The document to be signed, and in whose name.
    Detached(PathBuf, String),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The request.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Whoever called.
    #[error("{0}")]
    NotYou(String),
    /// The request is over.
    #[error("request {handle} is {state}; there is nothing left to answer")]
    Over {
        /// Its short name.
        handle: String,
        /// What it is.
        state: &'static str,
    },
    /// The two guards differ.
    #[error(
        "your guard and theirs judge this command differently; look again, and answer with `--despite` if you are sure"
    )]
    Differs,
    /// The terminal.
    #[error("nothing was signed: {0}")]
    NotTyped(&'static str),
    /// No key.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// It would not count.
    #[error("this would not count: {0}")]
    WouldNotCount(quorum::Refused),
    /// Trust file.
    #[error("{0}")]
    Config(#[from] crate::config::ConfigError),
    /// The record.
    #[error("{0}")]
    Log(#[from] crate::audit::LogError),
    /// Files of a detached answer.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// The file, escaped.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Answers a request.
///
/// # Errors
/// [`AnswerError`]: nothing was answered.
pub fn answer(
    typed: &str,
    answer: Answer,
    wanted: &Wanted,
    session: &Session,
) -> Result<Answered, AnswerError> {
    may_answer(session)?;
    let loaded = load::load(typed, session)?;
    is_open(&loaded, answer)?;
    let by_operator = loaded.request.answered_by() == AnsweredBy::Operator;
    if by_operator && answer == Answer::Approve {
        is_own_terminal(&loaded)?;
    }
    let circle = Circle::open(session)?;
    let mut opinion = opinion::form(&loaded, session);
    if wanted.probe {
        opinion.looked = looked::look(&loaded, &opinion, session);
    }
    if answer == Answer::Approve && opinion.differs && !wanted.despite {
        let screen = opinion::screen(&loaded, &opinion, wanted.palette);
        crate::text::tell(&screen);
        return Err(AnswerError::Differs);
    }
    let unsigned = by_operator || (answer == Answer::Deny && loaded.row.is_some());
    let signer = match sign::choose(wanted, circle.as_ref()) {
        _ if wanted.detached.is_some() => None,
        Ok(signer) => Some(signer),
        Err(_) if unsigned && wanted.key.is_none() && wanted.principal.is_none() => None,
        Err(error) => return Err(error.into()),
    };
    let signer = signer.filter(|_| !by_operator);
    let principal = match (&signer, &wanted.principal) {
        (Some(signer), _) => signer.principal.clone(),
        (None, Some(name)) => name.clone(),
        (None, None) if wanted.detached.is_some() => return Err(SignerError::Whose.into()),
        (None, None) => format!("operator:{}", crate::app::host::user().unwrap_or_default()),
    };
    ask(&loaded, &opinion, answer, &principal, wanted)?;
    let decision = document(&loaded, answer, &principal, &wanted.reason);
    if let Some(folder) = &wanted.detached {
        return detach(folder, &decision, principal);
    }
    let token = match signer {
        Some(signer) => sign::sign(signer, decision.write())?,
        None => Token { document: decision.write(), signature: Vec::new() },
    };
    let signed = !token.signature.is_empty();
    if let Some(circle) = circle.as_ref().filter(|_| signed && loaded.is_here()) {
        let asked = loaded.asked();
        quorum::vote(&token, asked, circle.trusted(), now()).map_err(AnswerError::WouldNotCount)?;
    }
    deliver(&loaded, answer, &principal, token, opinion.differs, wanted, session)
}

/// An agent does not answer, whatever terminal it has made for itself; nor does
/// anybody who cannot be asked.
fn may_answer(session: &Session) -> Result<(), AnswerError> {
    let why = match session.actor.kind {
        ActorKind::Human => return Ok(()),
        ActorKind::Agent => {
            "an agent cannot answer requests; this is for people, in a terminal that no agent \
             started. To take a request of your own back: guard requests withdraw ID"
        }
        ActorKind::Ci => "a CI job cannot answer requests; this is for people at a terminal",
        ActorKind::Unattended => {
            "there is no terminal to answer on; run this in a terminal of your own"
        }
    };
    Err(AnswerError::NotYou(format!("{why} ({})", escape(&session.actor.evidence))))
}

/// The operator answers in a terminal of their own: not in the one in which the
/// agent runs.
fn is_own_terminal(loaded: &Loaded) -> Result<(), AnswerError> {
    if loaded.row.is_none() {
        let why = "this request is for the operator on the host that made it; answer it there";
        return Err(AnswerError::NotYou(why.to_owned()));
    }
    let theirs = loaded.request.requester.tty.as_deref();
    let own = host::terminals();
    if let Some(theirs) = theirs.filter(|tty| own.iter().any(|one| one == tty)) {
        let why = format!(
            "this terminal ({theirs}) is the one that the command was asked for in; an agent can \
             type into it. Open another terminal for the answer"
        );
        return Err(AnswerError::NotYou(why));
    }
    Ok(())
}

fn is_open(loaded: &Loaded, answer: Answer) -> Result<(), AnswerError> {
    let over = |state| AnswerError::Over { handle: loaded.handle(), state };
    let state = loaded.row.as_ref().map_or(State::Pending, |row| row.state);
    match (answer, state) {
        (Answer::Review, State::Overridden) => Ok(()),
        (Answer::Review, _) => Err(over("not waiting for a review")),
        (_, State::Pending) if now() > loaded.request.expires => Err(over("expired")),
        (_, State::Pending) => Ok(()),
        (_, state) => Err(over(state.name())),
    }
}

/// Shows everything and wants the name of the object typed.
fn ask(
    loaded: &Loaded,
    opinion: &opinion::Opinion,
    answer: Answer,
    principal: &str,
    wanted: &Wanted,
) -> Result<(), AnswerError> {
    let palette = wanted.palette;
    let screen = |_: usize| {
        let mut text = opinion::screen(loaded, opinion, palette);
        let name = palette.paint(Role::Strong, escape(principal));
        text += &format!("You answer \"{}\" as {name}.\n", answer.name());
        text
    };
    let (purpose, word) = match answer {
        Answer::Approve => ("To approve", challenge_name(&opinion.verdict)),
        Answer::Deny => ("To deny", "deny".to_owned()),
        Answer::Review => ("To close the review", loaded.handle()),
    };
    typed::word(&screen, purpose, &word, palette).map_err(|how| AnswerError::NotTyped(how.name()))
}

fn document(loaded: &Loaded, answer: Answer, principal: &str, reason: &str) -> Decision {
    let issued = now();
    let expires = match answer {
        Answer::Review => issued.plus(REVIEW),
        _ => Utc(loaded.request.expires.0.max(issued.0 + 1)),
    };
    let shown = display(&loaded.request, &loaded.bytes);
    Decision {
        v: 1,
        kind: TYPE.to_owned(),
        request_id: loaded.request.id.clone(),
        request_sha256: sha256(&loaded.bytes),
        decision: answer,
        principal: principal.to_owned(),
        issued,
        expires,
        max_uses: 1,
        reason: reason.to_owned(),
        renderer: RENDERER.to_owned(),
        display_sha256: sha256(shown.as_bytes()),
    }
}

fn detach(
    folder: &std::path::Path,
    decision: &Decision,
    principal: String,
) -> Result<Answered, AnswerError> {
    let path = folder.join("decision.json");
    let fail = |source| AnswerError::Write { path: escape(&path.to_string_lossy()), source };
    std::fs::create_dir_all(folder).map_err(fail)?;
    std::fs::write(&path, decision.write()).map_err(fail)?;
    Ok(Answered::Detached(path, principal))
}

/// Puts the answer where it belongs and records it.
fn deliver(
    loaded: &Loaded,
    answer: Answer,
    principal: &str,
    token: Token,
    despite: bool,
    wanted: &Wanted,
    session: &Session,
) -> Result<Answered, AnswerError> {
    let signed = !token.signature.is_empty();
    let line = token.write().ok().filter(|_| signed);
    let event = AnswerEvent {
        petition: loaded.request.id.clone(),
        sha256: sha256(&loaded.bytes),
        answer: answer.name(),
        by: principal.to_owned(),
        actor: session.actor.clone(),
        reason: session.redactor().text(&wanted.reason).into_owned(),
        despite,
        token: line.clone(),
    };
    // Recorded first: an answer that nobody can see afterwards is none.
    note(session, Kind::Answer, &event)?;
    if loaded.row.is_none() || !loaded.is_here() {
        return Ok(Answered::Token(line.unwrap_or_default()));
    }
    let state = session.paths.state.as_deref().ok_or(StoreError::NoHome)?;
    let mut store = Store::open(state)?;
    store.add_decision(&loaded.request.id, &token.document, &token.signature, now())?;
    let closes = match answer {
        Answer::Approve => None,
        Answer::Deny => Some(State::Denied),
        Answer::Review => Some(State::Reviewed),
    };
    if let Some(closes) = closes {
        store.finish(&loaded.request.id, closes, &wanted.reason, principal, now())?;
    }
    let shown = loaded.row.as_ref().map(|row| row.shown.clone()).unwrap_or_default();
    let said = Some((answer.name().to_owned(), principal.to_owned()));
    let asked = (&loaded.request, loaded.bytes.as_slice());
    tell(session, Event::Decision, asked, &shown, said).finish();
    Ok(Answered::Here)
}
