//! Policy: what an organisation, a person or a repository asks for on top of
//! the table. It can only raise a tier, so merging is putting lists together.

use serde::{Deserialize, Serialize};

use super::checkpoints::Checkpoints;
use super::limits::{Budget, ExpectedIdentity};
use super::logging::{LogTerms, Logging};
use super::verdict::Reason;
use crate::model::{Actor, ActorKind, Effect, Environment, Tier, Verb};
use crate::rules::glob;
use crate::second::request::Quorum;
use crate::second::terms::{BreakGlass, Groups, Notify, Operator, SecondHuman, Span};
use crate::text::words;

/// A policy file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PolicyFile {
    /// Lines that raise tiers.
    pub raise: Vec<Raise>,
    /// Freezes.
    pub freeze: Vec<Freeze>,
    /// Who has to agree to a command of tier `second-human`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second_human: Option<SecondHuman>,
    /// Groups of approvers.
    #[serde(skip_serializing_if = "Groups::is_empty")]
    pub groups: Groups,
    /// Who works on this host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<Operator>,
    /// Pages on which approvers may use passkeys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approval_pages: Vec<String>,
    /// The account that guard runs commands as, besides root the only one that
    /// may own the trust file. Only in the system's file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Who may go past a missing approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlass>,
    /// Where people are told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Notify>,
    /// How the log is signed, and where the signatures are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<Checkpoints>,
    /// How much is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Logging>,
    /// Which environment names stand for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<Named>,
    /// As whom commands are expected to act.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<ExpectedIdentity>,
    /// How much one session may do in an hour.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
}

/// "Clusters, accounts, hosts and databases of these names are this
/// environment."
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Patterns of whole names; `*` stands for any text.
    pub names: Vec<String>,
    /// The environment.
    pub is: Environment,
}

impl PolicyFile {
    /// What is wrong with it beyond its form, in words.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        let second = self.second_human.as_ref().and_then(SecondHuman::mistake);
        second.map(|why| format!("second-human: {why}")).or_else(|| {
            self.notify.iter().find_map(Notify::mistake).map(|why| format!("notify: {why}"))
        })
    }

    /// What is in it besides what has a list of its own, in words.
    fn others(&self) -> impl Iterator<Item = String> {
        let members = |n: usize| words::count(n as u64, "member");
        let groups = self
            .groups
            .iter()
            .map(move |(name, people)| format!("group {name}: {}", members(people.len())));
        let operators = self.operators.iter().map(|operator| {
            format!("operator {}: {}", operator.principal, operator.users.join(", "))
        });
        let pages = self.approval_pages.iter().map(|page| format!("approval page {page}"));
        // An address is a secret, and the words of a command may hold one.
        let told = self.notify.iter().map(|place| match (&place.command, &place.webhook) {
            (Some(command), _) => {
                let program = command.first().map(String::as_str).unwrap_or_default();
                format!("people are told by {program}")
            }
            (None, _) => "people are told by a webhook".to_owned(),
        });
        let account = self.service_account.iter().map(|name| format!("service account {name}"));
        let signed = self.checkpoints.iter().map(|_| "checkpoints of the log".to_owned());
        groups.chain(operators).chain(pages).chain(told).chain(account).chain(signed)
    }

    /// Takes out the parts that are not about being stricter, and so count for
    /// nothing in a file that anybody may have written; their names.
    pub fn keep_stricter(&mut self) -> Vec<&'static str> {
        let weak = self.log.as_mut().is_some_and(Logging::keep_stricter);
        let parts = [
            ("groups", !self.groups.is_empty()),
            ("operators", !self.operators.is_empty()),
            ("approval-pages", !self.approval_pages.is_empty()),
            ("service-account", self.service_account.is_some()),
            ("break-glass", self.break_glass.is_some()),
            ("notify", !self.notify.is_empty()),
            ("checkpoints", self.checkpoints.is_some()),
            ("log other than harmless: record or sync", weak),
            (
                "environments other than prod",
                self.environments.iter().any(|named| named.is != Environment::Prod),
            ),
        ];
        let found = parts.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
        self.environments.retain(|named| named.is == Environment::Prod);
        *self = Self {
            raise: std::mem::take(&mut self.raise),
            freeze: std::mem::take(&mut self.freeze),
            second_human: self.second_human.take(),
            environments: std::mem::take(&mut self.environments),
            identities: std::mem::take(&mut self.identities),
            budgets: std::mem::take(&mut self.budgets),
            log: self.log.take(),
            ..Self::default()
        };
        found
    }
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
    /// Conditions on second humans and their file; all must hold.
    pub second_human: Vec<(String, SecondHuman)>,
    /// Groups of approvers.
    pub groups: Groups,
    /// Who works on this host.
    pub operators: Vec<Operator>,
    /// Pages on which approvers may use passkeys.
    pub approval_pages: Vec<String>,
    /// See [`PolicyFile::service_account`].
    pub service_account: Option<String>,
    /// Who may go past a missing approval, and the file that says so.
    pub break_glass: Option<(String, BreakGlass)>,
    /// Where people are told.
    pub notify: Vec<Notify>,
    /// How the log is signed, and where the signatures are sent.
    pub checkpoints: Checkpoints,
    /// How much is recorded.
    pub log: LogTerms,
    /// Which environment names stand for, and the file.
    pub environments: Vec<(String, Named)>,
    /// As whom commands are expected to act, and the file.
    pub identities: Vec<(String, ExpectedIdentity)>,
    /// How much one session may do in an hour, and the file.
    pub budgets: Vec<(String, Budget)>,
    /// The file and what else it says, in words: groups, operators, pages, where
    /// people are told, the service account, how the log is signed.
    pub others: Vec<(String, String)>,
    /// Parts of a repository's file that count for nothing, in words.
    pub notes: Vec<String>,
    /// Name and text of every file, so that an approval can be bound to them.
    pub texts: Vec<(String, String)>,
}

impl Policy {
    /// Adds a file. Freezes outside their time are left out by the caller, who
    /// has the clock.
    ///
    /// # Errors
    /// It takes back or widens what a file before it says: in words.
    pub fn add(&mut self, source: &str, file: PolicyFile) -> Result<(), String> {
        let known = file.groups.keys().find(|name| self.groups.contains_key(*name));
        if let Some(name) = known {
            return Err(format!(
                "the group {name:?} is already defined by a file that comes first"
            ));
        }
        if file.break_glass.is_some() && !self.texts.is_empty() {
            return Err("break-glass can only be allowed by the file that comes first".to_owned());
        }
        self.others.extend(file.others().map(|what| (source.to_owned(), what)));
        self.raise.extend(file.raise.into_iter().map(|line| (source.to_owned(), line)));
        self.freeze.extend(file.freeze.into_iter().map(|line| (source.to_owned(), line)));
        self.second_human.extend(file.second_human.map(|terms| (source.to_owned(), terms)));
        self.groups.extend(file.groups);
        self.operators.extend(file.operators);
        self.approval_pages.extend(file.approval_pages);
        self.service_account = self.service_account.take().or(file.service_account);
        if let Some(allowed) = file.break_glass {
            self.break_glass = Some((source.to_owned(), allowed));
        }
        self.notify.extend(file.notify);
        self.environments.extend(file.environments.into_iter().map(|n| (source.to_owned(), n)));
        self.identities.extend(file.identities.into_iter().map(|n| (source.to_owned(), n)));
        self.budgets.extend(file.budgets.into_iter().map(|n| (source.to_owned(), n)));
        self.log.add(source, &file.log.unwrap_or_default());
        self.checkpoints.add(file.checkpoints.unwrap_or_default())
    }

    /// Patterns of names and their environments. Production first: whatever
    /// another line says, it stays production.
    #[must_use]
    pub fn names(&self) -> Vec<(String, Environment)> {
        let all = self
            .environments
            .iter()
            .flat_map(|(_, line)| line.names.iter().map(|name| (name.clone(), line.is)));
        let mut all: Vec<_> = all.collect();
        all.sort_by_key(|(_, is)| *is != Environment::Prod);
        all
    }

    /// All conditions on second humans; without policy one of the enrolled.
    #[must_use]
    pub fn quorums(&self) -> Vec<Quorum> {
        if self.second_human.is_empty() {
            return vec![SecondHuman::default().quorum()];
        }
        self.second_human.iter().map(|(_, terms)| terms.quorum()).collect()
    }

    /// How long a request waits, and how soon after the approval the command
    /// must start: the shortest of all files.
    #[must_use]
    pub fn timers(&self) -> (Span, Span) {
        let default = SecondHuman::default();
        let terms = || self.second_human.iter().map(|(_, terms)| terms);
        let approve = terms().map(|terms| terms.approve_within).min();
        let run = terms().map(|terms| terms.run_within).min();
        (approve.unwrap_or(default.approve_within), run.unwrap_or(default.run_within))
    }

    /// The operator that an account belongs to.
    #[must_use]
    pub fn operator(&self, user: &str) -> Option<&Operator> {
        self.operators.iter().find(|operator| operator.users.iter().any(|name| name == user))
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
    pub(super) fn fits(&self, effect: &Effect, actor: &Actor) -> bool {
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
