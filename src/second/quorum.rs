//! Whether what was answered is enough: the last steps of `docs/approval.md`,
//! section "Verification".
//!
//! The only place where a [`Grant`] is made, and a grant is the only way from a
//! request to a command that runs.

use std::collections::BTreeSet;

use super::decision::{Answer, Decision};
use super::display::{quorum as in_words, sha256};
use super::json::DocumentError;
use super::request::{AnsweredBy, Proof as Shows, Quorum, Request};
use super::terms::Groups;
use super::time::Utc;
use crate::ssh::{self, AllowedSigners, DECISION, Entry, Proof, PublicKey, Token, VerifyError};

/// How far two clocks may be apart, in seconds.
const SKEW: i64 = 60;

/// Who is trusted, and who is not.
#[derive(Debug, Clone, Copy)]
pub struct Trusted<'a> {
    /// The trust file.
    pub signers: &'a AllowedSigners,
    /// Keys that are no longer trusted.
    pub revoked: &'a [PublicKey],
    /// Groups.
    pub groups: &'a Groups,
    /// Pages on which passkeys may be used.
    pub origins: &'a [String],
    /// Fingerprints of keys that the requester can use, from wherever they are
    /// known.
    pub requesters_keys: &'a BTreeSet<String>,
}

/// A request with its exact bytes.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The request.
    pub request: &'a Request,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A decision that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who.
    pub principal: String,
    /// The decision.
    pub decision: Decision,
    /// What the signature shows.
    pub proof: Proof,
    /// The line of the trust file.
    pub line: String,
}

/// Why a decision does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Unreadable.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Not enrolled.
    #[error("{0:?} is not an approver here")]
    Unknown(String),
    /// Enrolled, but not now.
    #[error("no key of {0:?} is valid at this time")]
    Expired(String),
    /// Enrolled, but not when it was signed.
    #[error("the key of {0:?} was not valid yet when the decision was made")]
    Early(String),
    /// Taken back.
    #[error("the key of {0:?} has been revoked")]
    Revoked(String),
    /// Signature.
    #[error("signed in the name of {principal:?}: {error}")]
    Signature {
        /// Claimed name.
        principal: String,
        /// What is wrong.
        error: VerifyError,
    },
    /// Another request.
    #[error("the decision is about another request")]
    OtherRequest,
    /// Self.
    #[error("{0:?} asked for this and cannot approve it")]
    Self_(String),
    /// Self, by key.
    #[error("the key of {0:?} is one that the requester can use, so the signature proves nothing")]
    RequestersKey(String),
    /// A page that is not trusted.
    #[error("the passkey was used on {0:?}, which is not one of the approval pages")]
    Origin(String),
    /// Times.
    #[error("the decision is {0}")]
    Time(&'static str),
    /// A decision of another kind than the request needs.
    #[error("the request is answered in another way")]
    Way,
}

/// Checks one token against a request.
///
/// # Errors
/// [`Refused`].
pub fn vote(
    token: &Token,
    asked: Asked<'_>,
    trusted: Trusted<'_>,
    now: Utc,
) -> Result<Vote, Refused> {
    // Read before the signature is checked, but only to find whose key it has
    // to be: the trust file alone says which key that is.
    let claimed = Decision::read(&token.document)?.principal;
    let (entry, proof) = signature(token, &claimed, trusted, now)?;
    let decision = Decision::read(&token.document)?;
    let who = || claimed.clone();
    if decision.request_sha256 != sha256(asked.bytes) || decision.request_id != asked.request.id {
        return Err(Refused::OtherRequest);
    }
    if trusted.revoked.contains(&entry.key) {
        return Err(Refused::Revoked(who()));
    }
    if !entry.is_valid(decision.issued.0) {
        return Err(Refused::Early(who()));
    }
    requester_is_somebody_else(&decision, entry, asked.request, trusted)?;
    if let Some(origin) = proof.origin()
        && !trusted.origins.iter().any(|known| known == origin)
    {
        return Err(Refused::Origin(origin.to_owned()));
    }
    times(&decision, asked.request, now)?;
    Ok(Vote { principal: claimed, decision, proof, line: entry.write() })
}

/// Finds the enrolled key of the claimed person that made the signature.
fn signature<'a>(
    token: &Token,
    claimed: &str,
    trusted: Trusted<'a>,
    now: Utc,
) -> Result<(&'a Entry, Proof), Refused> {
    let who = || claimed.to_owned();
    let mut error = None;
    let mut enrolled = false;
    for entry in trusted.signers.entries() {
        if entry.principal != claimed || entry.namespace != DECISION {
            continue;
        }
        enrolled = true;
        if !entry.is_valid(now.0) {
            continue;
        }
        match ssh::verify(&token.document, &token.signature, DECISION, &entry.key) {
            Ok(proof) => return Ok((entry, proof)),
            // Of several keys, the one that was used is the one to talk about.
            Err(other) => {
                if error.is_none() || other != VerifyError::OtherKey {
                    error = Some(other);
                }
            }
        }
    }
    Err(match error {
        Some(error) => Refused::Signature { principal: who(), error },
        None if enrolled => Refused::Expired(who()),
        None => Refused::Unknown(who()),
    })
}

fn requester_is_somebody_else(
    decision: &Decision,
    entry: &Entry,
    request: &Request,
    trusted: Trusted<'_>,
) -> Result<(), Refused> {
    // A no may come from anybody who is enrolled, the requester included.
    if decision.decision == Answer::Deny {
        return Ok(());
    }
    if request.requester.principal.as_deref() == Some(decision.principal.as_str()) {
        return Err(Refused::Self_(decision.principal.clone()));
    }
    let fingerprint = entry.key.fingerprint();
    if request.requester.keys.contains(&fingerprint)
        || trusted.requesters_keys.contains(&fingerprint)
    {
        return Err(Refused::RequestersKey(decision.principal.clone()));
    }
    Ok(())
}

fn times(decision: &Decision, request: &Request, now: Utc) -> Result<(), Refused> {
    let refuse = |why| Err(Refused::Time(why));
    if decision.issued > now.plus(SKEW) {
        return refuse("from the future; one of the two clocks is wrong");
    }
    if decision.issued.plus(SKEW) < request.not_before {
        return refuse("older than the request");
    }
    // A review comes when everything is over.
    if decision.decision == Answer::Review {
        return Ok(());
    }
    if decision.issued > request.expires || decision.expires > request.expires {
        return refuse("good for longer than the request");
    }
    // A no does not wear off.
    if decision.decision == Answer::Approve && now > decision.expires {
        return refuse("no longer good");
    }
    Ok(())
}

/// What the answers add up to.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// Enough people agree.
    Granted(Grant),
    /// Somebody said no. It stays no.
    Denied {
        /// Who.
        principal: String,
        /// Why.
        reason: String,
    },
    /// Not enough yet: what is missing, in words.
    Missing(String),
}

/// The right to run what was asked for, until a moment. Neither `Clone` nor
/// `Copy`, and made only in this module.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Grant {
    request_sha256: String,
    by: Vec<String>,
    until: Utc,
    how: &'static str,
}

impl Grant {
    /// SHA-256 of the request that it is for.
    #[must_use]
    pub fn request_sha256(&self) -> &str {
        &self.request_sha256
    }

    /// Who agreed.
    #[must_use]
    pub fn by(&self) -> &[String] {
        &self.by
    }

    /// The command must start by this time.
    #[must_use]
    pub const fn until(&self) -> Utc {
        self.until
    }

    /// `second-human`, `operator` or `break-glass`.
    #[must_use]
    pub const fn how(&self) -> &'static str {
        self.how
    }
}

/// Adds up signed answers. People are counted, not keys and not signatures.
pub fn evaluate(votes: &[Vote], asked: Asked<'_>, groups: &Groups, now: Utc) -> Outcome {
    let request = asked.request;
    let denied = votes.iter().find(|vote| {
        vote.decision.decision == Answer::Deny
            && request.quorums().any(|quorum| is_in(&vote.principal, quorum, groups))
    });
    if let Some(vote) = denied {
        return Outcome::Denied {
            principal: vote.principal.clone(),
            reason: vote.decision.reason.clone(),
        };
    }
    if request.answered_by() != AnsweredBy::SecondHuman {
        return Outcome::Missing("the operator's answer".to_owned());
    }
    let approvals: Vec<&Vote> =
        votes.iter().filter(|vote| vote.decision.decision == Answer::Approve).collect();
    let mut by: BTreeSet<&str> = BTreeSet::new();
    for quorum in request.quorums() {
        let people: BTreeSet<&str> = approvals
            .iter()
            .filter(|vote| is_in(&vote.principal, quorum, groups) && shows(&vote.proof, quorum))
            .map(|vote| vote.principal.as_str())
            .collect();
        if people.len() < quorum.approvals as usize {
            return Outcome::Missing(missing(&approvals, &people, quorum));
        }
        by.extend(people);
    }
    let last = approvals.iter().map(|vote| vote.decision.issued).max().unwrap_or(now);
    let until = last.plus(i64::from(request.exec_window_s));
    if now > until {
        return Outcome::Missing(format!(
            "a new approval: the last one was at {last}, and the command had to start within {} s",
            request.exec_window_s
        ));
    }
    Outcome::Granted(Grant {
        request_sha256: sha256(asked.bytes),
        by: by.into_iter().map(str::to_owned).collect(),
        until,
        how: "second-human",
    })
}

fn is_in(principal: &str, quorum: &Quorum, groups: &Groups) -> bool {
    quorum.groups.is_empty()
        || quorum.groups.iter().any(|group| {
            groups.get(group).is_some_and(|members| members.iter().any(|name| name == principal))
        })
}

fn shows(proof: &Proof, quorum: &Quorum) -> bool {
    quorum.require.iter().all(|what| {
        proof.key().is_security_key()
            && match what {
                Shows::Touch => proof.touched(),
                Shows::Uv => proof.knew_the_person(),
            }
    })
}

fn missing(approvals: &[&Vote], people: &BTreeSet<&str>, quorum: &Quorum) -> String {
    let mut text = format!("{}; so far {}", in_words(quorum), people.len());
    let without: BTreeSet<&str> = approvals
        .iter()
        .map(|vote| vote.principal.as_str())
        .filter(|name| !people.contains(name))
        .collect();
    if !without.is_empty() {
        let names = without.into_iter().collect::<Vec<_>>().join(", ");
        text += &format!(" (signed, but not counted here: {names})");
    }
    text
}

/// The operator's own answer to what their agent asked for. It is not signed:
/// whoever has the operator's account could have written it.
///
/// # Errors
/// The request is not one for the operator, or the answer is about another one.
pub fn operator(document: &[u8], asked: Asked<'_>, now: Utc) -> Result<Outcome, Refused> {
    let decision = Decision::read(document)?;
    if decision.request_sha256 != sha256(asked.bytes) || decision.request_id != asked.request.id {
        return Err(Refused::OtherRequest);
    }
    match decision.decision {
        // The operator may stop anything of theirs.
        Answer::Deny => {
            Ok(Outcome::Denied { principal: decision.principal, reason: decision.reason })
        }
        Answer::Approve if asked.request.answered_by() == AnsweredBy::Operator => {
            times(&decision, asked.request, now)?;
            let until = decision.issued.plus(i64::from(asked.request.exec_window_s));
            if now > until {
                return Err(Refused::Time("no longer good"));
            }
            Ok(Outcome::Granted(Grant {
                request_sha256: sha256(asked.bytes),
                by: vec![decision.principal],
                until,
                how: "operator",
            }))
        }
        _ => Err(Refused::Way),
    }
}

/// Past a missing approval: only for accounts that policy names, and never for
/// an agent.
#[must_use]
pub fn break_glass(
    asked: Asked<'_>,
    allowed: &super::terms::BreakGlass,
    now: Utc,
) -> Option<Grant> {
    let requester = &asked.request.requester;
    let human = requester.agent.is_none() && requester.actor.as_deref() == Some("human");
    let named = allowed.users.contains(&requester.user);
    (human && named && requester.reason.is_some()).then(|| Grant {
        request_sha256: sha256(asked.bytes),
        by: vec![requester.user.clone()],
        until: now.plus(SKEW),
        how: "break-glass",
    })
}

/// Whether a quorum can be reached at all without the requester, for checking
/// policy and before asking: what is missing, in words.
#[must_use]
pub fn unreachable(
    quorums: &[Quorum],
    trusted: Trusted<'_>,
    requester: Option<&str>,
    now: Utc,
) -> Option<String> {
    quorums.iter().find_map(|quorum| {
        let people: BTreeSet<&str> = trusted
            .signers
            .entries()
            .iter()
            .filter(|entry| {
                entry.namespace == DECISION
                    && entry.is_valid(now.0)
                    && Some(entry.principal.as_str()) != requester
                    && !trusted.revoked.contains(&entry.key)
                    && !trusted.requesters_keys.contains(&entry.key.fingerprint())
                    && (quorum.require.is_empty() || entry.key.is_security_key())
                    && is_in(&entry.principal, quorum, trusted.groups)
            })
            .map(|entry| entry.principal.as_str())
            .collect();
        (people.len() < quorum.approvals as usize).then(|| {
            format!(
                "{} needed, but only {} could ({})",
                in_words(quorum),
                people.len(),
                if people.is_empty() {
                    "nobody".to_owned()
                } else {
                    people.into_iter().collect::<Vec<_>>().join(", ")
                }
            )
        })
    })
}

#[cfg(test)]
#[path = "quorum/tests.rs"]
mod tests;
