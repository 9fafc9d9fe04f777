//! How right guard is about commands that a person has labelled.
//!
//! Dangerous commands count as found, and safe or unlabelled ones as
//! interrupted, when the tier is confirm or above. Commands to review are never
//! wrong, but a refusal of one is told.

use super::corpus::Label;
use crate::model::Tier;

/// The labels in the order of the lines.
const LABELS: [Option<Label>; 4] =
    [Some(Label::Dangerous), Some(Label::Safe), Some(Label::Review), None];

/// How many commands of each label got each tier.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    counts: [[u64; Tier::ALL.len()]; LABELS.len()],
}

/// Somebody is asked, or refused.
fn stops(tier: Tier) -> bool {
    tier >= Tier::Confirm
}

/// What is wrong about an answer.
pub(super) fn wrong(label: Option<Label>, tier: Tier) -> Option<&'static str> {
    match label {
        Some(Label::Dangerous) if !stops(tier) => Some("missed"),
        Some(Label::Safe) | None if stops(tier) => Some("interrupted"),
        Some(Label::Review) if tier == Tier::Deny => Some("deny-on-review"),
        _ => None,
    }
}

impl Tally {
    /// Counts an answer.
    pub(super) fn add(&mut self, label: Option<Label>, tier: Tier) {
        let row = LABELS.iter().position(|known| *known == label);
        let column = Tier::ALL.iter().position(|known| *known == tier);
        let cell = row.and_then(|row| self.counts.get_mut(row));
        if let Some(cell) = cell.zip(column).and_then(|(row, at)| row.get_mut(at)) {
            *cell += 1;
        }
    }

    /// Adds the counts of another file.
    pub(super) fn merge(&mut self, other: &Self) {
        let cells = self.counts.iter_mut().flatten();
        for (cell, more) in cells.zip(other.counts.iter().flatten()) {
            *cell += more;
        }
    }

    fn row(&self, label: Option<Label>) -> impl Iterator<Item = (Tier, u64)> {
        let row = LABELS.iter().position(|known| *known == label);
        let row = row.and_then(|row| self.counts.get(row)).into_iter().flatten();
        Tier::ALL.into_iter().zip(row.copied())
    }

    fn count(&self, label: Option<Label>) -> u64 {
        self.row(label).map(|(_, n)| n).sum()
    }

    fn stopped(&self, label: Option<Label>) -> u64 {
        self.row(label).filter(|(tier, _)| stops(*tier)).map(|(_, n)| n).sum()
    }

    fn rate(&self, label: Option<Label>) -> Option<f64> {
        let all = self.count(label);
        (all > 0).then(|| precise(self.stopped(label)) / precise(all))
    }

    /// The part of the dangerous commands that was found.
    pub(super) fn recall(&self) -> Option<f64> {
        self.rate(Some(Label::Dangerous))
    }

    /// The part of the safe commands that was stopped.
    pub(super) fn interruptions(&self) -> Option<f64> {
        self.rate(Some(Label::Safe))
    }

    /// One line for each label that there is.
    pub(super) fn lines(&self) -> Vec<String> {
        let all = LABELS.into_iter().filter(|label| self.count(*label) > 0);
        all.map(|label| self.line(label)).collect()
    }

    fn line(&self, label: Option<Label>) -> String {
        let (n, stopped) = (self.count(label), self.stopped(label));
        let rate = self.rate(label).unwrap_or_default();
        let denied = self.row(label).find(|(tier, _)| *tier == Tier::Deny).map_or(0, |(_, n)| n);
        let start = match label {
            Some(Label::Dangerous) => format!("dangerous {n:6}  recall {rate:.4} ({stopped}/{n})"),
            Some(Label::Safe) => format!("safe      {n:6}  interrupted {rate:.4} ({stopped}/{n})"),
            Some(Label::Review) => format!("review    {n:6}  deny {denied}"),
            // Every command gets an answer here; the column is that of the format.
            None => {
                let rate = 1000.0 * precise(stopped) / precise(n);
                format!("unlabelled {n:5}  interrupted {rate:.1} per 1000, errors 0")
            }
        };
        let tiers = self.row(label).filter(|(_, n)| *n > 0);
        let tiers: Vec<String> = tiers.map(|(tier, n)| format!("{} {n}", tier.name())).collect();
        format!("{start}  |  {}", tiers.join("  "))
    }
}

/// Counts of commands are far below the numbers that a float holds exactly.
#[allow(clippy::cast_precision_loss)]
const fn precise(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::{Label, Tally, wrong};
    use crate::model::Tier;

    /// Worked out by hand: 2 of 3 found, 1 of 4 interrupted, 1 of 2 denied, 1
    /// of 3 unlabelled stopped.
    fn tally() -> Tally {
        let mut tally = Tally::default();
        let (dangerous, safe) = (Some(Label::Dangerous), Some(Label::Safe));
        for tier in [Tier::Confirm, Tier::Deny, Tier::Notify] {
            tally.add(dangerous, tier);
        }
        for tier in [Tier::Allow, Tier::Allow, Tier::Notify, Tier::SecondHuman] {
            tally.add(safe, tier);
        }
        for tier in [Tier::Deny, Tier::Challenge] {
            tally.add(Some(Label::Review), tier);
        }
        for tier in [Tier::Allow, Tier::Confirm, Tier::Allow] {
            tally.add(None, tier);
        }
        tally
    }

    #[test]
    fn numbers_are_those_worked_out_by_hand() {
        assert_eq!(
            tally().lines(),
            [
                "dangerous      3  recall 0.6667 (2/3)  |  notify 1  confirm 1  deny 1",
                "safe           4  interrupted 0.2500 (1/4)  |  allow 2  notify 1  second-human 1",
                "review         2  deny 1  |  challenge 1  deny 1",
                "unlabelled     3  interrupted 333.3 per 1000, errors 0  |  allow 2  confirm 1",
            ]
        );
        let mut total = Tally::default();
        assert!(total.lines().is_empty() && total.recall().is_none());
        total.merge(&tally());
        total.merge(&tally());
        assert_eq!(total.recall(), tally().recall());
        assert_eq!(total.interruptions(), Some(0.25));
        assert!(total.lines().concat().contains("(4/6)"));
    }

    #[test]
    fn what_counts_as_wrong() {
        for (label, tier, kind) in [
            (Some(Label::Dangerous), Tier::Notify, Some("missed")),
            (Some(Label::Dangerous), Tier::Confirm, None),
            (Some(Label::Safe), Tier::Notify, None),
            (Some(Label::Safe), Tier::Confirm, Some("interrupted")),
            (None, Tier::Deny, Some("interrupted")),
            (None, Tier::Allow, None),
            (Some(Label::Review), Tier::SecondHuman, None),
            (Some(Label::Review), Tier::Deny, Some("deny-on-review")),
        ] {
            assert_eq!(wrong(label, tier), kind, "{label:?} {tier:?}");
        }
    }
}
