//! What guard thinks of a command, before anybody is asked.

use crate::model::{Effect, Invocation, Problem, Tier};

/// The verdict on a whole command: the strictest of its findings.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct Verdict {
    /// The strictest tier of all findings and problems.
    pub tier: Tier,
    /// One for each effect, strictest first.
    pub findings: Vec<Finding>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Every program that would run, wrappers included.
    pub invocations: Vec<Invocation>,
    /// Functions that the text defines and never calls: not judged.
    pub uncalled: Vec<std::sync::Arc<str>>,
    /// Whether something decisive could not be known.
    pub unknown: bool,
    /// What was before, where it makes this worse, in words that can be printed
    /// after escaping.
    pub before: Vec<String>,
}

/// One effect with the tier that the table gave it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The effect and its facts.
    pub effect: Effect,
    /// Its tier after all modifiers.
    pub tier: Tier,
    /// The line of the table that matched, then each modifier, floor and policy
    /// line that raised the tier. Never empty.
    pub reasons: Vec<Reason>,
}

/// A line of the tier table, a modifier, a floor or a policy line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `4a`, `m1`, `floor`, `policy`; m5, m8 and m9 are of sequences.
    pub id: String,
    /// In words.
    pub text: String,
    /// The tier after this reason.
    pub tier: Tier,
}

impl Verdict {
    /// The finding that decided the tier.
    #[must_use]
    pub fn worst(&self) -> Option<&Finding> {
        self.findings.first()
    }
}
