//! Checking the signatures of people in the record, from the record alone.
//!
//! A decision holds the request's bytes, the tokens, and the trust file as it
//! was: whether everything fits together can be seen for ever, by anybody, and
//! with stock `ssh-keygen -Y verify` as well.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;

use super::anchors::{self, Anchor, Said};
use super::parts::Source;
use super::reader::Lines;
use crate::second::display::sha256;
use crate::second::request::LogHead;
use crate::second::{Decision, Request};
use crate::ssh::{AllowedSigners, DECISION, Token, verify};

/// Most failures that are listed for a file.
const MAX_LISTED: usize = 100;

/// What was found in one file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    /// Signatures that hold.
    pub good: u64,
    /// Number of the record and what is wrong.
    pub bad: Vec<(u64, String)>,
    /// How many are wrong in all.
    pub bad_count: u64,
    /// Where the log ended by what was signed; at most [`anchors::MAX`].
    pub anchors: Vec<Anchor>,
    /// How many more there are.
    pub more_anchors: u64,
}

impl Signatures {
    fn anchor(&mut self, (host, head): (String, LogHead), seq: u64) {
        let anchor = Anchor { host, head, said: Said::Decision(seq) };
        if self.anchors.last() == Some(&anchor) {
            return;
        }
        match self.anchors.len() < anchors::MAX {
            true => self.anchors.push(anchor),
            false => self.more_anchors += 1,
        }
    }
}

#[derive(Deserialize)]
struct Record {
    seq: u64,
    ev: Event,
}

#[derive(Deserialize)]
struct Event {
    evidence: Evidence,
}

#[derive(Deserialize)]
struct Evidence {
    sha256: String,
    document: String,
    #[serde(default)]
    tokens: Vec<String>,
    trust: Option<Trust>,
}

#[derive(Deserialize)]
struct Trust {
    signers: String,
}

/// Checks every signature in a log, and collects where it ended by what was
/// signed. In bounded memory: each decision holds everything that it rests on.
///
/// # Errors
/// Those of the file.
pub fn check(source: &Source) -> io::Result<Signatures> {
    let mark = memchr::memmem::Finder::new(b"\"tokens\":");
    let mut lines = Lines::new(source.reader());
    let mut found = Signatures::default();
    while let Some(line) = lines.next_line()? {
        let wanted = mark.find(line.bytes).is_some();
        let Some(record) =
            wanted.then(|| serde_json::from_slice::<Record>(line.bytes).ok()).flatten()
        else {
            continue;
        };
        let evidence = &record.ev.evidence;
        for token in &evidence.tokens {
            match one(token, evidence) {
                Ok(head) => {
                    found.good += 1;
                    if let Some(head) = head {
                        found.anchor(head, record.seq);
                    }
                }
                Err(why) => {
                    found.bad_count += 1;
                    if found.bad.len() < MAX_LISTED {
                        found.bad.push((record.seq, why));
                    }
                }
            }
        }
    }
    Ok(found)
}

/// Checks one signature; the host and the head of its log that it covers.
fn one(token: &str, evidence: &Evidence) -> Result<Option<(String, LogHead)>, String> {
    let document = BASE64.decode(&evidence.document).map_err(|_| "the request is damaged")?;
    if sha256(&document) != evidence.sha256 {
        return Err("the request is not the one that was decided about".to_owned());
    }
    let trust = evidence.trust.as_ref().ok_or("the trust file is missing")?;
    let signers = AllowedSigners::read(&trust.signers).map_err(|error| error.to_string())?;
    let token = Token::read(token).map_err(|error| error.to_string())?;
    let decision = Decision::read(&token.document).map_err(|error| error.to_string())?;
    if decision.request_sha256 != evidence.sha256 {
        return Err("a decision is about another request".to_owned());
    }
    let who = &decision.principal;
    let mut why = format!("{who} is not in the trust file of that time");
    for entry in signers.of(who) {
        match verify(&token.document, &token.signature, DECISION, &entry.key) {
            Ok(_) if entry.is_valid(decision.issued.0) => {
                let request = Request::read(&document).ok();
                return Ok(request.and_then(|it| Some((it.host.name, it.log?))));
            }
            Ok(_) => why = format!("the key of {who} was not valid at that time"),
            Err(error) => why = format!("signed in the name of {who}: {error}"),
        }
    }
    Err(why)
}
