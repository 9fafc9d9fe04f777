//! What the host that asks has seen of what the command would hit. A claim of
//! that host, for the approver to read. Of all of it only the counts and the objects
//! are compared again: an approval does not hold for much more than was counted,
//! nor for other objects where all of them were known.

use serde::{Deserialize, Serialize};

/// Most effects that a request tells about, the worst first.
pub const MAX_EFFECTS: usize = 4;
/// Most lines about what was before.
pub const MAX_BEFORE: usize = 4;
/// Longest text of one fact, in characters; what is longer is cut.
pub const MAX_TEXT: usize = 240;

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// What the command would do.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// The sequence that this belongs to, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
}

/// One thing that the command would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The rule.
    pub rule: String,
    /// The object.
    pub object: String,
    /// How much of it, or that nobody looked.
    pub hits: String,
    /// The number in it, when objects were counted: at least so many. It is
    /// compared again before the command runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// SHA-256 in hexadecimal of which objects, and what becomes of each, where all
    /// of them were known. It is compared again before the command runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects_sha256: Option<String>,
    /// What would bring it back.
    pub undo: String,
    /// Where it would happen, and what that rests on.
    pub environment: String,
    /// Who would notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_by: Option<String>,
    /// As whom it would act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

impl Seen {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty() && self.before.is_empty()
    }
}

impl Effect {
    /// The facts on one line, in the order of the screen.
    #[must_use]
    pub fn line(&self) -> String {
        let mut out =
            format!("{}: {}; undo {}; {}", self.object, self.hits, self.undo, self.environment);
        for more in [&self.seen_by, &self.identity].into_iter().flatten() {
            out += "; ";
            out += more;
        }
        out
    }
}
