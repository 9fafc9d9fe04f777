//! Policy: what an organisation, a person or a repository asks for on top of
//! the table. It can only raise a tier, so merging is putting lists together.

use serde::{Deserialize, Serialize};

use super::verdict::Reason;
use crate::model::{Actor, ActorKind, Effect, Environment, Tier, Verb};
use crate::rules::glob;

/// A policy file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFile {
    /// Lines that raise tiers.
    pub raise: Vec<Raise>,
    /// Freezes.
    pub freeze: Vec<Freeze>,
}

/// "Whatever fits `when` needs at least tier `to`."
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// Which effects.
    #[serde(default)]
    pub when: PolicyWhen,
    /// At least this tier.
    pub to: Tier,
    /// The reason that people are shown.
    pub why: String,
}

/// "No changes in these environments."
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freeze {
    /// Which effects; reading is never frozen.
    #[serde(default)]
    pub when: PolicyWhen,
    /// Begins at this time, RFC 3339 in UTC (`2026-12-20T00:00:00Z`); without
    /// it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Ends at this time; without it when the line is taken out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The reason that people are shown.
    pub why: String,
}

/// Which effects a policy line is about; all that are given must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyWhen {
    /// Globs over rule ids (`kubectl.*`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Verbs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<Verb>,
    /// Environments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Environment>,
    /// Who asks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<ActorKind>,
    /// Globs over the object (`namespace/prod*`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<String>,
}

/// All the policy that is in force, each line with the file it came from.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Raising lines and their file.
    pub raise: Vec<(String, Raise)>,
    /// The freezes in force now and their file.
    pub freeze: Vec<(String, Freeze)>,
}

impl Policy {
    /// Adds a file. Freezes outside their time are left out by the caller, who
    /// has the clock.
    pub fn add(&mut self, source: &str, file: PolicyFile) {
        self.raise.extend(file.raise.into_iter().map(|line| (source.to_owned(), line)));
        self.freeze.extend(file.freeze.into_iter().map(|line| (source.to_owned(), line)));
    }

    /// The freeze that covers an effect.
    #[must_use]
    pub fn frozen(&self, effect: &Effect, actor: &Actor) -> Option<&str> {
        let line = self.freeze.iter().find(|(_, line)| line.when.fits(effect, actor));
        line.map(|(_, line)| line.why.as_str())
    }

    /// How a line of the file `source` is given as a reason.
    #[must_use]
    pub fn reason(source: &str, line: &Raise) -> String {
        format!("{} (policy in {source})", line.why)
    }

    /// Raises a tier by every line that fits; each that changes it is a reason.
    pub fn apply(
        &self,
        effect: &Effect,
        actor: &Actor,
        tier: &mut Tier,
        reasons: &mut Vec<Reason>,
    ) {
        for (source, line) in &self.raise {
            if line.to > *tier && line.when.fits(effect, actor) {
                *tier = line.to;
                let text = Self::reason(source, line);
                reasons.push(Reason { id: "policy".into(), text, tier: *tier });
            }
        }
    }
}

impl PolicyWhen {
    fn fits(&self, effect: &Effect, actor: &Actor) -> bool {
        let globs = |patterns: &[String], text: &str| {
            patterns.is_empty() || patterns.iter().any(|p| glob::matches(p, text, false))
        };
        globs(&self.rules, &effect.rule)
            && globs(&self.objects, &effect.object())
            && (self.verbs.is_empty() || self.verbs.contains(&effect.facts.verb))
            && (self.environments.is_empty()
                || self.environments.contains(&effect.facts.environment))
            && (self.actors.is_empty() || self.actors.contains(&actor.kind))
    }
}
