//! What a probe saw, and what that makes of the facts of an effect.

use std::time::Duration;

use crate::model::{Count, Environment, Evidence, Fact, Facts, Flag, Reversibility, Scope, Verb};

/// What a probe saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// How many objects.
    pub count: Count,
    /// The count in words, by kind: `12 pods, 1 secret`.
    pub hits: String,
    /// Which objects, where all of them are known; see [`Facts::objects`].
    pub objects: Option<String>,
    /// How it could be undone, and what that rests on.
    pub undo: Option<(Reversibility, String)>,
    /// What is known of backups where that does not decide whether it could be
    /// undone.
    pub backup: String,
    /// What makes it worse.
    pub flags: Vec<Flag>,
    /// It deletes, and this far: what the words of the command did not say.
    pub deletes: Option<Scope>,
    /// Who would notice; empty when the probe did not look for that.
    pub seen: String,
    /// As whom the client would act, as the other side says.
    pub identity: Option<Identity>,
    /// Where labels of the object say that it belongs. They can only make it
    /// worse than its name does.
    pub environment: Option<(Environment, String)>,
}

/// As whom a client would act.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// A name that can be shown.
    pub name: String,
    /// What makes it wider than anybody's work needs.
    pub wide: Option<String>,
}

/// Why a probe could not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// In words that follow "count unknown".
    pub why: String,
    /// What it saw nevertheless, in words: there is at least that.
    pub seen: String,
}

impl Failed {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), seen: String::new() }
    }
}

/// What was found out about one effect.
#[derive(Debug)]
pub struct Report {
    /// Index of the effect in what was asked.
    pub effect: usize,
    /// What came out.
    pub result: std::result::Result<Found, Failed>,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// Puts the result into the facts of the effect.
    pub fn apply(&self, facts: &mut Facts) {
        let mut say = |fact, text: String| {
            // First, because screens show the first evidence of a fact.
            facts.evidence.insert(0, Evidence { fact, text });
        };
        let found = match &self.result {
            Ok(found) => found,
            Err(Failed { why, seen }) => {
                let least =
                    if seen.is_empty() { String::new() } else { format!(", at least {seen}") };
                say(Fact::Count, format!("count unknown ({why}): treated as more than 100{least}"));
                facts.count = Count::Unknown;
                facts.objects = None;
                facts.reversibility = Reversibility(4);
                return;
            }
        };
        let took = self.took.as_millis();
        say(Fact::Count, format!("{} [{took} ms]", found.hits));
        if !found.backup.is_empty() {
            say(Fact::Reversibility, found.backup.clone());
        }
        if let Some((_, text)) = &found.undo {
            say(Fact::Reversibility, text.clone());
        }
        if !found.seen.is_empty() {
            say(Fact::Flags, found.seen.clone());
        }
        if let Some(Identity { name, wide }) = &found.identity {
            if let Some(what) = wide {
                say(Fact::Identity, format!("{what}: wider than needed"));
            }
            // The name comes first, then what is to be said of it.
            say(Fact::Identity, name.clone());
        }
        if let Some((environment, text)) = &found.environment
            && *environment >= facts.environment
        {
            say(Fact::Environment, text.clone());
            facts.environment = *environment;
        }
        facts.count = found.count;
        facts.objects.clone_from(&found.objects);
        if let Some((undo, _)) = &found.undo {
            facts.reversibility = *undo;
        }
        facts.flags.extend(found.flags.iter().copied());
        if found.identity.as_ref().is_some_and(|identity| identity.wide.is_some()) {
            facts.flags.insert(Flag::Wide);
        }
        if let Some(scope) = found.deletes {
            facts.verb = Verb::Delete;
            facts.scope = facts.scope.max(scope);
        }
        if found.flags.contains(&Flag::Outside) {
            facts.scope = facts.scope.max(Scope::HOST);
        }
    }
}
