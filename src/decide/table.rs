//! The tier table: `rules/tiers.yaml`, compiled and evaluated.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::model::{Count, Environment, Facts, Flag, Tier, Verb};

/// Shape of `rules/tiers.yaml`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// First match from the top wins.
    pub lines: Vec<Line>,
}

/// A line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Its name in reasons.
    pub id: String,
    /// The tier.
    pub tier: Tier,
    /// The reason in words.
    pub why: String,
    /// When it matches.
    pub when: When,
}

/// Conditions on facts; all that are given must hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct When {
    /// One of these verbs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<Verb>,
    /// One of these flags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// All of these flags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all_flags: Vec<Flag>,
    /// One of these environments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Environment>,
    /// At least this scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope_min: Option<u8>,
    /// At most this scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope_max: Option<u8>,
    /// At least this hard to undo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_min: Option<u8>,
    /// At most this hard to undo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_max: Option<u8>,
    /// More objects than this; a failed probe counts as more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_than: Option<u64>,
    /// On another machine, or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<bool>,
    /// The environment is named, not assumed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named: Option<bool>,
}

impl When {
    /// Whether the facts fit.
    #[must_use]
    pub fn fits(&self, facts: &Facts) -> bool {
        let has = |flag: &Flag| facts.flags.contains(flag);
        (self.verbs.is_empty() || self.verbs.contains(&facts.verb))
            && (self.flags.is_empty() || self.flags.iter().any(has))
            && self.all_flags.iter().all(has)
            && (self.environments.is_empty() || self.environments.contains(&facts.environment))
            && self.scope_min.is_none_or(|min| facts.scope.0 >= min)
            && self.scope_max.is_none_or(|max| facts.scope.0 <= max)
            && self.undo_min.is_none_or(|min| facts.reversibility.0 >= min)
            && self.undo_max.is_none_or(|max| facts.reversibility.0 <= max)
            && self.more_than.is_none_or(|n| more_than(facts.count, n))
            && self.remote.is_none_or(|remote| facts.remote == remote)
            && self.named.is_none_or(|named| facts.named == named)
    }
}

const fn more_than(count: Count, n: u64) -> bool {
    match count {
        Count::Exact(have) => have > n,
        Count::AtLeast(have) => have >= n,
        Count::Unknown => true,
        Count::NotChecked => false,
    }
}

impl Table {
    /// The built-in table.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| {
            serde_json::from_str(include_str!("../../rules/generated/tiers.json"))
                .unwrap_or_default()
        })
    }

    /// Which line decides, counted from 0.
    #[must_use]
    pub fn position(&self, facts: &Facts) -> Option<usize> {
        self.lines.iter().position(|line| line.when.fits(facts))
    }

    /// The line that decides. An empty or damaged table forbids everything.
    #[must_use]
    pub fn line(&self, facts: &Facts) -> (&str, Tier, &str) {
        self.lines.iter().find(|line| line.when.fits(facts)).map_or(
            ("none", Tier::Deny, "no line of the tier table fits: guard is damaged"),
            |line| (&line.id, line.tier, &line.why),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Table;
    use crate::model::{Count, Environment, Facts, Flag, Reversibility, Scope, Tier, Verb};

    const VERBS: [Verb; 8] = [
        Verb::Read,
        Verb::Create,
        Verb::Modify,
        Verb::Stop,
        Verb::Delete,
        Verb::Access,
        Verb::Expose,
        Verb::ExecuteUnknown,
    ];
    const ENVIRONMENTS: [Environment; 5] = [
        Environment::Local,
        Environment::Dev,
        Environment::Unknown,
        Environment::Stage,
        Environment::Prod,
    ];
    const FLAGS: [Flag; 10] = [
        Flag::Data,
        Flag::Customers,
        Flag::Others,
        Flag::Network,
        Flag::Root,
        Flag::Guard,
        Flag::Outside,
        Flag::All,
        Flag::Replace,
        Flag::Backup,
    ];

    fn tier(facts: &Facts) -> Tier {
        Table::builtin().line(facts).1
    }

    /// All sets of up to three flags: more only repeat what three show.
    fn flag_sets() -> Vec<BTreeSet<Flag>> {
        (0u32..1 << FLAGS.len())
            .filter(|bits| bits.count_ones() <= 3)
            .map(|bits| {
                let chosen = FLAGS.into_iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1);
                chosen.map(|(_, flag)| flag).collect()
            })
            .collect()
    }

    /// Calls `visit` for every combination of the facts that the table reads.
    fn every(visit: &mut dyn FnMut(&Facts)) {
        for flags in flag_sets() {
            let mut facts = facts(Verb::Read, 0, 0, Environment::Local, &[]);
            facts.flags = flags;
            for verb in VERBS {
                for environment in ENVIRONMENTS {
                    for scope in 0..=6 {
                        for undo in 0..=4 {
                            facts.verb = verb;
                            facts.environment = environment;
                            facts.scope = Scope(scope);
                            facts.reversibility = Reversibility(undo);
                            for count in [Count::Exact(1), Count::Exact(101)] {
                                facts.count = count;
                                visit(&facts);
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_combination_of_facts_has_a_line_and_worse_facts_never_lower_the_tier() {
        let mut checked = 0u64;
        every(&mut |facts| {
            checked += 1;
            let here = tier(facts);
            let mut worse = Vec::new();
            if facts.scope.0 < 6 {
                worse.push(Facts { scope: Scope(facts.scope.0 + 1), ..facts.clone() });
            }
            if facts.reversibility.0 < 4 {
                let reversibility = Reversibility(facts.reversibility.0 + 1);
                worse.push(Facts { reversibility, ..facts.clone() });
            }
            if let Some(next) = ENVIRONMENTS.iter().find(|e| **e > facts.environment) {
                worse.push(Facts { environment: *next, ..facts.clone() });
            }
            worse.push(Facts { count: Count::Unknown, ..facts.clone() });
            if let Some(flag) = FLAGS.iter().find(|flag| !facts.flags.contains(flag)) {
                let mut flags = facts.flags.clone();
                flags.insert(*flag);
                worse.push(Facts { flags, ..facts.clone() });
            }
            for other in worse {
                assert!(tier(&other) >= here, "{facts:?} is {here}, {other:?} is milder");
            }
        });
        assert!(checked > 400_000);
    }

    fn facts(verb: Verb, scope: u8, undo: u8, environment: Environment, flags: &[Flag]) -> Facts {
        Facts {
            verb,
            scope: Scope(scope),
            count: Count::NotChecked,
            reversibility: Reversibility(undo),
            environment,
            named: false,
            remote: environment == Environment::Prod,
            flags: flags.iter().copied().collect(),
            objects: None,
            evidence: Vec::new(),
        }
    }

    #[test]
    fn the_worked_examples_of_the_design_hold() {
        use Environment::{Local, Prod, Stage};
        let cases = [
            (facts(Verb::Read, 4, 0, Prod, &[]), "0a"),
            (facts(Verb::Delete, 1, 4, Local, &[]), "2a"),
            (facts(Verb::Delete, 3, 4, Local, &[Flag::EmptySelector]), "5b"),
            (facts(Verb::Delete, 4, 4, Prod, &[]), "4a"),
            (facts(Verb::Delete, 4, 4, Stage, &[Flag::Replace, Flag::Data]), "4b"),
            (facts(Verb::Delete, 2, 4, Local, &[Flag::Others]), "3d"),
        ];
        for (facts, line) in cases {
            assert_eq!(Table::builtin().line(&facts).0, line, "{facts:?}");
        }
    }
}
