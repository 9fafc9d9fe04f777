//! The six tiers: who has to agree.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much agreement a command needs. Ordered: a later tier is stricter.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// T0: runs; recorded.
    #[default]
    Allow,
    /// T1: runs; recorded; one line on standard error for a human.
    Notify,
    /// T2: y/N, default no.
    Confirm,
    /// T3: type the real name of what is hit.
    Challenge,
    /// T4: a signature by an enrolled approver who is not the requester.
    SecondHuman,
    /// T5: never.
    Deny,
}

impl Tier {
    /// All tiers, mildest first.
    pub const ALL: [Self; 6] =
        [Self::Allow, Self::Notify, Self::Confirm, Self::Challenge, Self::SecondHuman, Self::Deny];

    /// The short name that people use: `T0` to `T5`.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Allow => "T0",
            Self::Notify => "T1",
            Self::Confirm => "T2",
            Self::Challenge => "T3",
            Self::SecondHuman => "T4",
            Self::Deny => "T5",
        }
    }

    /// The name used in JSON, YAML and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Notify => "notify",
            Self::Confirm => "confirm",
            Self::Challenge => "challenge",
            Self::SecondHuman => "second-human",
            Self::Deny => "deny",
        }
    }

    /// The next stricter tier, but never `Deny`: a modifier cannot forbid, only
    /// a line of the table or a floor can.
    #[must_use]
    pub const fn raised(self) -> Self {
        match self {
            Self::Allow => Self::Notify,
            Self::Notify => Self::Confirm,
            Self::Confirm => Self::Challenge,
            Self::Challenge | Self::SecondHuman => Self::SecondHuman,
            Self::Deny => Self::Deny,
        }
    }

    /// Whether somebody has to say yes before the command may run.
    #[must_use]
    pub fn asks(self) -> bool {
        self >= Self::Confirm
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Tier;

    #[test]
    fn raising_is_monotone_and_never_reaches_deny_by_itself() {
        for pair in Tier::ALL.windows(2) {
            if let [low, high] = pair {
                assert!(low < high && low.raised() <= high.raised());
            }
        }
        assert_eq!(Tier::SecondHuman.raised(), Tier::SecondHuman);
    }
}
