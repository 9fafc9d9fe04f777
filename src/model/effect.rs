//! What a command would do, and the facts that decide its tier.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Span, Tier};

/// Fact 1: what is done to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Looks only.
    Read,
    /// Makes something new.
    Create,
    /// Changes something that exists.
    Modify,
    /// Stops a process, service or machine.
    Stop,
    /// Removes or overwrites.
    Delete,
    /// Changes who may do what: permissions, keys, firewall, roles.
    Access,
    /// Makes something public, or sends it out.
    Expose,
    /// Runs code that cannot be seen.
    ExecuteUnknown,
}

/// Fact 2: how far it reaches, 0 to 6 (see the variants' numbers).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Scope(pub u8);

impl Scope {
    /// A file.
    pub const FILE: Self = Self(0);
    /// A directory or part of the project.
    pub const DIRECTORY: Self = Self(1);
    /// The repository, the whole project tree, or a remote branch.
    pub const REPOSITORY: Self = Self(2);
    /// The host, or something outside the project.
    pub const HOST: Self = Self(3);
    /// A service, namespace, database, stack or bucket.
    pub const SERVICE: Self = Self(4);
    /// A cluster, account, project or subscription.
    pub const ACCOUNT: Self = Self(5);
    /// An organisation or many accounts.
    pub const ORGANISATION: Self = Self(6);

    /// The scope in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self.0 {
            0 => "one file",
            1 => "a directory or part of the project",
            2 => "the repository or a remote branch",
            3 => "this host, or outside the project",
            4 => "a whole service, namespace, database or bucket",
            5 => "a whole cluster or account",
            _ => "many accounts",
        }
    }
}

/// Fact 3: how many objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Count {
    /// Exactly this many.
    Exact(u64),
    /// A probe was cut off after this many.
    AtLeast(u64),
    /// Nobody looked.
    #[default]
    NotChecked,
    /// A probe failed: worst case.
    Unknown,
}

/// Fact 4: how it could be undone, 0 (built in) to 4 (no undo seen).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reversibility(pub u8);

impl Reversibility {
    /// The name used in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            0 => "built-in",
            1 => "snapshot",
            2 => "rebuild",
            3 => "backup",
            _ => "none",
        }
    }
}

impl Default for Reversibility {
    /// Not probed counts as "no undo seen".
    fn default() -> Self {
        Self(4)
    }
}

/// Fact 5: where it would happen. Unknown and remote counts as `Prod`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// This machine.
    #[default]
    Local,
    /// Development, test, sandbox.
    Dev,
    /// Nothing is known, but it is not remote.
    Unknown,
    /// Staging, acceptance.
    Stage,
    /// Production, by evidence or because it is remote and nothing says otherwise.
    Prod,
}

/// Fact 6: what makes it worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flag {
    /// Volumes, databases, buckets, state files.
    Data,
    /// Customers would see it.
    Customers,
    /// Other people's work or sessions.
    Others,
    /// Could lock out us or guard.
    Access,
    /// Destroys history, logs, backups or audit.
    Evidence,
    /// Runs code that was fetched from the network.
    Network,
    /// Switches off a question that the tool would have asked (modifier m1).
    Bypass,
    /// The target is `/`, a home, an ancestor of the working directory or a
    /// block device.
    Root,
    /// The target is guard's own configuration, log, keys or program.
    Guard,
    /// The target is outside the project, on this host.
    Outside,
    /// A selector is empty, so that it means everything.
    EmptySelector,
    /// Covers everything of its kind (`--all`, `-A`).
    All,
    /// Deletes something and makes it again: what recreation does not bring
    /// back is lost.
    Replace,
    /// Deletes the backup, snapshot, versions or protection along with the data.
    Backup,
    /// Policy has frozen changes here.
    Freeze,
    /// The identity that would act may do more than anybody's work needs
    /// (modifier m4).
    Wide,
}

/// The facts about one effect, each with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Fact 1.
    pub verb: Verb,
    /// Fact 2.
    pub scope: Scope,
    /// Fact 3.
    pub count: Count,
    /// Fact 4.
    pub reversibility: Reversibility,
    /// Fact 5.
    pub environment: Environment,
    /// Whether a name or the policy says which environment it is; otherwise it
    /// is assumed.
    pub named: bool,
    /// Whether the effect is on another machine.
    pub remote: bool,
    /// Fact 6.
    pub flags: BTreeSet<Flag>,
    /// SHA-256 in hexadecimal of which objects it hits and what becomes of each,
    /// where all of them are known: it does not hold for others.
    pub objects: Option<String>,
    /// What each fact rests on.
    pub evidence: Vec<Evidence>,
}

/// Names of the facts, for evidence and explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// Verb.
    Verb,
    /// Scope.
    Scope,
    /// Count.
    Count,
    /// Reversibility.
    Reversibility,
    /// Environment.
    Environment,
    /// Flags.
    Flags,
    /// Who.
    Who,
    /// As whom, as the other side says.
    Identity,
}

/// Why a fact has its value, in words that can be printed after escaping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Which fact.
    pub fact: Fact,
    /// The words.
    pub text: String,
}

/// One thing that a command would do, found by one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Id of the rule, such as `kubectl.delete-namespace`.
    pub rule: String,
    /// One line: what the rule is about.
    pub summary: String,
    /// Kind of object, such as `namespace`.
    pub kind: String,
    /// Name of the object as written, unescaped; `None` when unknown.
    pub name: Option<String>,
    /// The facts.
    pub facts: Facts,
    /// Never milder than this.
    pub floor: Option<Tier>,
    /// A safer way, if the rule names one.
    pub safer: Option<String>,
    /// Index of the invocation.
    pub invocation: usize,
    /// The words that matter.
    pub span: Span,
}

impl Effect {
    /// `kind/name`, or the kind alone: the JSON `object`.
    #[must_use]
    pub fn object(&self) -> String {
        match &self.name {
            Some(name) => format!("{}/{}", self.kind, name),
            None => self.kind.clone(),
        }
    }
}
