//! Limits that policy sets besides tiers: as whom commands are expected to act,
//! and how much one session may do in an hour.

use serde::{Deserialize, Serialize};

use super::policy::{Policy, PolicyWhen};
use crate::model::{Actor, Effect, Environment, Tier};
use crate::rules::glob;
use crate::sequence::{Act, Done, Past, Step};

/// "Here commands act as one of these."
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedIdentity {
    /// Which effects.
    #[serde(default)]
    pub when: PolicyWhen,
    /// Patterns of names, as the other side says them; `*` stands for any text.
    pub expect: Vec<String>,
    /// The reason that people are shown.
    pub why: String,
}

/// "No more than so many objects in an hour of one session."
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// What counts; without it whatever takes something away.
    #[serde(default = "destructive")]
    pub acts: Vec<Act>,
    /// Where; without it everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Environment>,
    /// Objects, with those of the command in question.
    pub most: u64,
    /// At least this tier beyond that.
    pub to: Tier,
    /// The reason that people are shown.
    pub why: String,
}

fn destructive() -> Vec<Act> {
    vec![Act::Delete, Act::Rebuild, Act::Unprotect]
}

impl ExpectedIdentity {
    /// Why this name is not expected for an effect, if it is not. A tier is
    /// raised then, so further lines can only add to what is expected.
    fn refuses(&self, effect: &Effect, actor: &Actor, name: &str) -> bool {
        self.when.fits(effect, actor)
            && !self.expect.iter().any(|pattern| glob::matches(pattern, name, false))
    }
}

impl Budget {
    /// Whether a step is one of those that count.
    #[must_use]
    pub fn counts(&self, step: &Step) -> bool {
        self.acts.contains(&step.act)
            && (self.environments.is_empty() || self.environments.contains(&step.environment))
    }
}

impl Policy {
    /// The line that does not expect this identity for an effect, and its file.
    /// Every line that is about the effect has to expect it.
    #[must_use]
    pub fn unexpected(
        &self,
        effect: &Effect,
        actor: &Actor,
        name: &str,
    ) -> Option<&(String, ExpectedIdentity)> {
        self.identities.iter().find(|(_, line)| line.refuses(effect, actor, name))
    }

    /// Budgets that these steps go beyond, after those of the last hour: the
    /// step, the tier that it needs then, and why.
    #[must_use]
    pub fn overspent(&self, now: &[Step], before: &[Past]) -> Vec<(usize, Tier, String)> {
        let mut out = Vec::new();
        for (source, budget) in &self.budgets {
            let ran = before.iter().filter(|past| {
                !matches!(past.done, Done::Refused | Done::Failed) && budget.counts(&past.step)
            });
            let mut spent: u64 = ran.map(|past| past.step.count.max(1)).sum();
            for step in now.iter().filter(|step| budget.counts(step)) {
                spent = spent.saturating_add(step.count.max(1));
                if spent > budget.most {
                    let text = format!(
                        "{}: {spent} objects in an hour, {} are planned for (policy in {source})",
                        budget.why, budget.most
                    );
                    out.push((step.invocation, budget.to, text));
                }
            }
        }
        out
    }
}
