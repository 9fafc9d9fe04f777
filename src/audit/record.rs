//! One line of the log: how it is written and what of it the chain needs.
//!
//! A line is a JSON object without line feeds, in this order:
//! `v` (1), `seq` (from 0, no gaps), `prev` (SHA-256 of the raw bytes of the
//! line before, without its line feed; zeros for the first), `kind`, `time`
//! (RFC 3339, UTC, milliseconds), `mono_us` (clock that never jumps), `boot`
//! (which boot that clock belongs to), `ev` (what happened, see `event`).

use std::fmt::Write as _;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::text::stamp::Stamp;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The `prev` of the first line.
pub const GENESIS: Hash = [0; 32];

/// The longest line that is written, and the longest that a reader keeps in
/// memory. A line can hold a command of some megabytes.
pub const MAX_LINE: usize = 16 << 20;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A command was judged.
    Request,
    /// Somebody who is not here is asked.
    Petition,
    /// Somebody answered a petition with `guard approve` or `guard deny`.
    Answer,
    /// Somebody answered, or guard refused by itself.
    Decision,
    /// A request was taken for running, so that it runs once.
    Claim,
    /// The command is about to be started; on disk before it is.
    Start,
    /// The command ended.
    End,
    /// A harmless command from beginning to end, or left to an agent by its
    /// hook: what `request`, `start` and `end` say, in one.
    Run,
    /// An agent says how a command went that its hook left to it.
    Outcome,
    /// The command should have run but could not be started: not found, not
    /// executable. Apart from `end`, because there was no process.
    Failed,
    /// A human went past a refusal.
    Override,
    /// What makes an agent ask guard changed.
    PolicyChange,
    /// Who is trusted to approve changed.
    TrustChange,
    /// Size and root of the log, signed.
    Checkpoint,
    /// Closed files are about to be removed because policy says so.
    Retention,
}

impl Kind {
    /// The name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Petition => "petition",
            Self::Answer => "answer",
            Self::Decision => "decision",
            Self::Claim => "claim",
            Self::Start => "start",
            Self::End => "end",
            Self::Run => "run",
            Self::Outcome => "outcome",
            Self::Failed => "failed",
            Self::Override => "override",
            Self::PolicyChange => "policy_change",
            Self::TrustChange => "trust_change",
            Self::Checkpoint => "checkpoint",
            Self::Retention => "retention",
        }
    }
}

/// Something to append: kind and payload, already turned into JSON so that the
/// lock is held for as short as possible.
#[derive(Debug, Clone)]
pub struct Entry {
    pub(super) kind: Kind,
    pub(super) ev: String,
}

impl Entry {
    /// Prepares a record.
    ///
    /// # Errors
    ///
    /// When the payload cannot be expressed as JSON, such as a map with keys
    /// that are not text.
    pub fn new(kind: Kind, ev: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self { kind, ev: serde_json::to_string(ev)? })
    }
}

/// The parts of a record that guard adds by itself.
#[derive(Debug, Clone)]
pub(super) struct Envelope<'a> {
    pub(super) seq: u64,
    pub(super) prev: Hash,
    pub(super) time: Stamp,
    pub(super) mono_us: u64,
    /// Must need no JSON escaping.
    pub(super) boot: &'a str,
}

impl Envelope<'_> {
    /// Appends the line, without its line feed, to `out`.
    pub(super) fn write(&self, entry: &Entry, out: &mut Vec<u8>) {
        let mut head = String::with_capacity(256);
        let _ = write!(
            head,
            r#"{{"v":1,"seq":{},"prev":"{}","kind":"{}","time":"{}","mono_us":{},"boot":"{}","ev":"#,
            self.seq,
            hex(&self.prev),
            entry.kind.name(),
            self.time,
            self.mono_us,
            self.boot,
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(entry.ev.as_bytes());
        out.push(b'}');
    }
}

/// What the chain needs of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Its number.
    pub seq: u64,
    /// The hash that it gives for the line before.
    pub prev: Hash,
}

#[derive(Deserialize)]
struct RawHeader<'a> {
    v: u32,
    seq: u64,
    #[serde(borrow)]
    prev: &'a str,
    // Only checked for being there: a record without a payload is no record.
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    #[serde(rename = "ev")]
    _ev: IgnoredAny,
}

impl Header {
    /// Reads a line without its line feed; `None` when it is no record, such as
    /// a line that a dying writer left unfinished. Records of later versions
    /// count, so that an older guard can go on after a newer one.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        if line.first() != Some(&b'{') || line.len() > MAX_LINE {
            return None;
        }
        let raw: RawHeader<'_> = serde_json::from_slice(line).ok()?;
        // No number can follow the last one, so such a line cannot be ours.
        if raw.v == 0 || raw.seq == u64::MAX {
            return None;
        }
        Some(Self { seq: raw.seq, prev: unhex(raw.prev)? })
    }
}

/// The time of a record; `None` when the line is none.
pub(super) fn time(line: &[u8]) -> Option<Stamp> {
    #[derive(Deserialize)]
    struct Timed<'a> {
        #[serde(borrow)]
        time: &'a str,
    }
    Header::parse(line)?;
    serde_json::from_slice::<Timed<'_>>(line).ok().and_then(|timed| Stamp::parse(timed.time))
}

/// SHA-256 of the raw bytes of a line.
#[must_use]
pub fn hash(line: &[u8]) -> Hash {
    Sha256::digest(line).into()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Reads 64 lower-case hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<Hash> {
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    let mut out = GENESIS;
    for (byte, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(out)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Entry, Envelope, GENESIS, Header, Kind, Stamp, hash, hex};

    #[test]
    fn a_line_is_written_in_the_documented_order_and_read_back() {
        let entry = Entry::new(Kind::Start, &serde_json::json!({"pid": 7, "x": "a\nb"})).unwrap();
        let envelope = Envelope {
            seq: 3,
            prev: GENESIS,
            time: Stamp(1_795_339_872_590),
            mono_us: 9,
            boot: "b-1",
        };
        let mut line = Vec::new();
        envelope.write(&entry, &mut line);
        let zeros = "0".repeat(64);
        assert_eq!(
            String::from_utf8(line.clone()).unwrap(),
            format!(
                r#"{{"v":1,"seq":3,"prev":"{zeros}","kind":"start","time":"2026-11-22T09:31:12.590Z","mono_us":9,"boot":"b-1","ev":{{"pid":7,"x":"a\nb"}}}}"#
            )
        );
        assert_eq!(Header::parse(&line), Some(Header { seq: 3, prev: GENESIS }));
    }

    #[test]
    fn lines_that_are_no_records_are_recognised() {
        let zeros = "0".repeat(64);
        for line in [
            String::new(),
            "{}".into(),
            "null".into(),
            format!(r#"{{"v":1,"seq":0,"prev":"{zeros}","kind":"end","ev":{{}}"#),
            format!(r#"{{"v":1,"seq":-1,"prev":"{zeros}","kind":"end","ev":{{}}}}"#),
            format!(r#"{{"v":1,"seq":{},"prev":"{zeros}","kind":"end","ev":{{}}}}"#, u64::MAX),
            format!(r#"{{"v":1,"seq":0,"prev":"{}","kind":"end","ev":{{}}}}"#, "A".repeat(64)),
            r#"{"v":1,"seq":0,"prev":"00","kind":"end","ev":{}}"#.into(),
        ] {
            assert_eq!(Header::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn hashing_is_sha256() {
        assert_eq!(
            hex(&hash(b"")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
