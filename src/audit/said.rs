//! What an agent says about a command that its hook left to it: the same fields
//! in the record `outcome` and in what is read from it.

use serde::{Deserialize, Serialize};

/// How a command went by the word of the agent that ran it. guard saw nothing of
/// it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Said {
    /// The agent.
    pub by: String,
    /// Its exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i64>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i64>,
    /// It did not succeed, and no code was said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
    /// It was broken off.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// It goes on in the background.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub background: bool,
    /// How long it took by the agent's clock, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// From the verdict to this record by guard's clock, in milliseconds; time in
    /// which the agent itself asked somebody is part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between_ms: Option<u64>,
}

impl Said {
    /// From the payload of an `outcome` record.
    #[must_use]
    pub fn read(ev: &serde_json::Value) -> Self {
        Self::deserialize(ev).unwrap_or_default()
    }

    /// `exit 3`, `background`, or another few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self { exit: Some(code), .. } => format!("exit {code}"),
            Self { signal: Some(signal), .. } => format!("signal {signal}"),
            Self { background: true, .. } => "goes on in the background".into(),
            Self { interrupted: true, .. } => "broken off".into(),
            Self { failed: true, .. } => "failed".into(),
            _ => "ended".into(),
        }
    }

    /// In one phrase, that it is the agent's word included.
    #[must_use]
    pub fn phrase(&self) -> String {
        let took = match (self.duration_ms, self.between_ms) {
            (Some(ms), _) => format!(" after {ms} ms"),
            (None, Some(ms)) => format!(" within {ms} ms"),
            (None, None) => String::new(),
        };
        let by = if self.by.is_empty() { "the agent" } else { &self.by };
        format!("{}{took}, said by {by}", self.words())
    }
}
