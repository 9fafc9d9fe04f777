//! Sequences: steps that are harmless one by one and fatal together.
//!
//! The incident that guard was made for was "delete and recreate": two calls,
//! each of them ordinary. Here the verbs of a command are read as steps on
//! objects, and steps are compared with those before them, in the same text or
//! in what the same agent or terminal did in the last hour. All of it is pure:
//! where the earlier steps are kept is not known here.

mod find;
mod paths;
mod read;
mod words;

#[cfg(test)]
mod tests;

pub use find::{Found, Pattern, WINDOW, find};
pub use read::steps;
pub use words::lost;

use serde::{Deserialize, Serialize};

use crate::model::{Environment, Tier};

/// What a step does to its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Makes it.
    Create,
    /// Takes it away.
    Delete,
    /// Takes it away and makes it again.
    Rebuild,
    /// Takes away what protects it from deletion.
    Unprotect,
    /// Chooses what later commands act on.
    Switch,
    /// Anything else that somebody was asked about.
    Other,
}

impl Act {
    /// The verb in the past tense, for the line about what was before.
    #[must_use]
    pub const fn done(self) -> &'static str {
        match self {
            Self::Create => "created",
            Self::Delete => "deleted",
            Self::Rebuild => "rebuilt",
            Self::Unprotect => "unprotected",
            Self::Switch => "chosen",
            Self::Other => "changed",
        }
    }
}

/// One thing that a command does to one or more objects of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What.
    pub act: Act,
    /// Canonical name of the program.
    pub family: String,
    /// Words for the kind of object, normalised; empty when none is known.
    pub kinds: Vec<String>,
    /// Names of the objects, as written; paths are absolute where the folder is
    /// known. At most [`MAX_NAMES`].
    pub names: Vec<String>,
    /// How many objects, as far as it is known.
    pub count: u64,
    /// Where: pairs such as `("namespace", "shop")`, sorted. What is not said is
    /// left out.
    pub place: Vec<(String, String)>,
    /// How far it reaches (fact 2).
    pub scope: u8,
    /// Fact 5.
    pub environment: Environment,
    /// The object holds data.
    pub data: bool,
    /// The object is a backup, snapshot or replica.
    pub backup: bool,
    /// It destroys evidence.
    pub evidence: bool,
    /// The tier of the command for this step.
    pub tier: Tier,
    /// Index of the invocation in its text.
    #[serde(skip)]
    pub invocation: usize,
}

/// Names kept of one step.
pub const MAX_NAMES: usize = 16;
/// Bytes kept of one name.
pub const MAX_NAME: usize = 256;

impl Step {
    /// Whether nobody is asked about it by itself, and it overwrites something
    /// when the step before it has failed: `mkdir D`, then a move into `D`.
    #[must_use]
    pub fn relies(&self) -> bool {
        self.act == Act::Other && self.family == "files"
    }

    /// `kind/name`, the first of each, for people.
    #[must_use]
    pub fn object(&self) -> String {
        let kind = self.kinds.first().filter(|kind| !kind.is_empty());
        match (kind, self.names.first()) {
            (Some(kind), Some(name)) => format!("{kind}/{name}"),
            (Some(kind), None) => kind.clone(),
            (None, Some(name)) => name.clone(),
            (None, None) => self.family.clone(),
        }
    }
}

/// A step that was taken or refused before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The step.
    pub step: Step,
    /// Seconds ago; 0 in the same text.
    pub ago: u64,
    /// What became of it.
    pub done: Done,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// It stands earlier in the same text.
    SameText,
    /// It was started; how it ended is not known.
    Started,
    /// It ended with exit status 0.
    Succeeded,
    /// It ended otherwise, or could not start.
    Failed,
    /// Somebody or guard said no.
    Refused,
}

impl Done {
    /// Whether the object may have been changed.
    #[must_use]
    pub const fn happened(self) -> bool {
        matches!(self, Self::SameText | Self::Started | Self::Succeeded)
    }
}
