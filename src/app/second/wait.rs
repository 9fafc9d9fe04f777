//! Waiting for answers.

use std::io::{IsTerminal as _, stderr};
use std::time::{Duration, Instant};

use super::circle::{Circle, now};
use crate::approve::elsewhere;
use crate::second::{Asked, Grant, Outcome, Refused, Vote, quorum};
use crate::ssh::Token;
use crate::store::{Row, State, Store, StoreError, Stored};

/// How often the store is looked at.
const PULSE: Duration = Duration::from_millis(200);

/// How waiting ended.
#[derive(Debug)]
pub(super) enum Waited {
    /// Enough people agree, by these tokens.
    Granted(Grant, Vec<Token>),
    /// Somebody said no.
    Denied { by: String, reason: String, token: Option<Token> },
    /// The request is closed.
    Closed(Row),
    /// Nobody answered before it ran out.
    Expired,
    /// guard stops waiting: what is missing.
    Unanswered(String),
}

/// What the answers in the store add up to. Every signature is checked, whatever
/// the store says about it.
#[derive(Debug)]
pub(super) struct Tally {
    pub outcome: Outcome,
    pub tokens: Vec<Token>,
    /// Answers that do not count, and why.
    pub refused: Vec<Refused>,
}

pub(super) fn tally(stored: &[Stored], asked: Asked<'_>, circle: Option<&Circle>) -> Tally {
    let mut votes: Vec<Vote> = Vec::new();
    let mut tokens = Vec::new();
    let mut refused = Vec::new();
    let mut own = None;
    for answer in stored {
        if answer.signature.is_empty() {
            match quorum::operator(&answer.document, asked, now()) {
                // A no of the operator ends it at once.
                Ok(outcome @ Outcome::Denied { .. }) => {
                    return Tally { outcome, tokens: Vec::new(), refused };
                }
                Ok(outcome) => own = Some(outcome),
                Err(why) => refused.push(why),
            }
            continue;
        }
        let Some(circle) = circle else { continue };
        let token =
            Token { document: answer.document.clone(), signature: answer.signature.clone() };
        match quorum::vote(&token, asked, circle.trusted(), now()) {
            Ok(vote) => {
                votes.push(vote);
                tokens.push(token);
            }
            Err(why) => refused.push(why),
        }
    }
    let none = crate::second::terms::Groups::new();
    let groups = circle.map_or(&none, Circle::groups);
    let signed = quorum::evaluate(&votes, asked, groups, now());
    let outcome = match (signed, own) {
        (Outcome::Missing(_), Some(own)) => own,
        (signed, _) => signed,
    };
    Tally { outcome, tokens, refused }
}

/// Waits until enough people agree, somebody says no, the request is closed or
/// runs out, or the time is over. `complain` is told about each answer that does
/// not count, once.
pub(super) fn wait(
    store: &Store,
    asked: Asked<'_>,
    circle: Option<&Circle>,
    limit: Option<Duration>,
    handle: &str,
    complain: &mut dyn FnMut(&Refused),
) -> Result<Waited, StoreError> {
    let begun = Instant::now();
    let mut line = Progress::new();
    let mut told = Vec::new();
    let mut seen = None;
    let mut missing = String::new();
    loop {
        let version = store.version()?;
        if seen != Some(version) {
            seen = Some(version);
            let row = store.find(&asked.request.id)?;
            let found = tally(&store.decisions(&asked.request.id)?, asked, circle);
            for why in found.refused {
                if !told.contains(&why) {
                    line.clear();
                    complain(&why);
                    told.push(why);
                }
            }
            match found.outcome {
                Outcome::Denied { principal: by, reason } => {
                    line.clear();
                    let token = found.tokens.last().cloned();
                    return Ok(Waited::Denied { by, reason, token });
                }
                _ if row.state != State::Pending => {
                    line.clear();
                    return Ok(Waited::Closed(row));
                }
                Outcome::Granted(grant) => {
                    line.clear();
                    return Ok(Waited::Granted(grant, found.tokens));
                }
                Outcome::Missing(what) => missing = what,
            }
        }
        if now() > asked.request.expires {
            line.clear();
            return Ok(Waited::Expired);
        }
        let until_end = asked.request.expires.0.saturating_sub(now().0).max(0);
        let left = match limit {
            Some(limit) => limit.saturating_sub(begun.elapsed()),
            None => Duration::from_secs(until_end.unsigned_abs()),
        };
        if limit.is_some() && left.is_zero() {
            line.clear();
            return Ok(Waited::Unanswered(missing));
        }
        line.show(&elsewhere::progress(handle, &missing, left.as_secs().saturating_add(1)));
        std::thread::sleep(PULSE.min(left.max(Duration::from_millis(1))));
    }
}

/// A line that is redrawn, on terminals only.
struct Progress {
    on: bool,
    shown: String,
}

impl Progress {
    fn new() -> Self {
        Self { on: stderr().is_terminal(), shown: String::new() }
    }

    fn show(&mut self, text: &str) {
        if self.on && self.shown != text {
            // Back to the start and clear to the end (ECMA-48, EL).
            crate::text::tell(&format!("\r{text}\x1b[K"));
            text.clone_into(&mut self.shown);
        }
    }

    fn clear(&mut self) {
        if !self.shown.is_empty() {
            crate::text::tell("\r\x1b[K");
            self.shown.clear();
        }
    }
}
