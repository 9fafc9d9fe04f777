//! Facts in words, the same on every screen.
//!
//! The results hold text from the command: escape them before showing.

use crate::model::{
    Count, Effect, Environment, Fact, Facts, Flag, Place, Reversibility, Scope, Tier, Verb,
};
use crate::text::words;

/// `T4 second human`.
#[must_use]
pub fn tier(tier: Tier) -> String {
    format!("{} {}", tier.short(), tier.name().replace('-', " "))
}

/// The verb as the first word of a headline.
#[must_use]
pub const fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "READ",
        Verb::Create => "CREATE",
        Verb::Modify => "MODIFY",
        Verb::Stop => "STOP",
        Verb::Delete => "DELETE",
        Verb::Access => "CHANGE ACCESS TO",
        Verb::Expose => "EXPOSE",
        Verb::ExecuteUnknown => "RUN UNSEEN CODE",
    }
}

/// How many objects, or that nobody looked.
#[must_use]
pub fn count(count: Count, kind: &str) -> String {
    match count {
        Count::Exact(n) => words::count(n, kind),
        Count::AtLeast(n) => format!("at least {}", words::count(n, kind)),
        Count::NotChecked => "not checked".into(),
        Count::Unknown => "count unknown: treated as more than 100".into(),
    }
}

/// What is hit: in the words of the probe that counted it, else the count.
#[must_use]
pub fn hits(facts: &Facts, kind: &str) -> String {
    match evidence(facts, Fact::Count) {
        Some(seen) => seen.to_owned(),
        None => count(facts.count, kind),
    }
}

/// How far it reaches, in as few words as fit on a crowded line.
#[must_use]
pub const fn scope(scope: Scope) -> &'static str {
    match scope.0 {
        0 => "a file",
        1 => "a directory",
        2 => "the repository or a remote branch",
        3 => "this host",
        4 => "a whole service",
        5 => "a whole cluster or account",
        _ => "many accounts",
    }
}

/// What would bring it back. The worst value is "none seen" only when somebody
/// looked.
#[must_use]
pub fn undo(facts: &Facts) -> &'static str {
    let looked = evidence(facts, Fact::Reversibility).is_some();
    match facts.reversibility {
        Reversibility(0) => "built in",
        Reversibility(1) => "from a snapshot that guard takes",
        Reversibility(2) => "rebuild it from its configuration",
        Reversibility(3) => "restore it from a backup",
        _ if looked => "none seen",
        _ => "not checked",
    }
}

/// What is gone even when the object is made again; for whole services and more
/// that are not on this host.
#[must_use]
pub fn not_brought_back(effect: &Effect) -> Option<String> {
    let facts = &effect.facts;
    let whole = facts.verb == Verb::Delete || facts.flags.contains(&Flag::Replace);
    let elsewhere = facts.environment != Environment::Local;
    // What a probe saw is the better fact, and the line is short; but whoever
    // makes it again believes that nothing is lost.
    let looked = evidence(facts, Fact::Count).or(evidence(facts, Fact::Reversibility)).is_some();
    let seen = looked && !facts.flags.contains(&Flag::Replace);
    (whole && elsewhere && !seen && facts.scope >= Scope::SERVICE)
        .then(|| format!("made again it lacks {}", crate::sequence::lost(&effect.kind)))
}

/// The environment in capitals.
#[must_use]
pub const fn environment(environment: Environment) -> &'static str {
    match environment {
        Environment::Local => "LOCAL",
        Environment::Dev => "DEV",
        Environment::Unknown => "UNKNOWN",
        Environment::Stage => "STAGE",
        Environment::Prod => "PROD",
    }
}

/// What the environment rests on. "Remote and unknown" is said in full, because
/// PROD without a reason would look like a mistake.
#[must_use]
pub fn environment_evidence(facts: &Facts) -> Option<&str> {
    let found = evidence(facts, Fact::Environment);
    if found.is_none() && facts.remote && facts.environment == Environment::Prod {
        return Some("unknown and remote: treated as prod");
    }
    found
}

/// As whom it would act, with what is to be said of that.
#[must_use]
pub fn identity(facts: &Facts) -> Option<String> {
    let all = facts.evidence.iter().filter(|evidence| evidence.fact == Fact::Identity);
    let mut all = all.map(|evidence| evidence.text.as_str());
    let name = all.next()?;
    let notes: Vec<&str> = all.collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    // Of a request only the token is known that it carries (see `given`).
    let how = if super::given::is_token(name) { "with" } else { "as" };
    Some(format!("{how} {name}{notes}"))
}

/// The evidence of one fact.
#[must_use]
pub fn evidence(facts: &Facts, fact: Fact) -> Option<&str> {
    facts.evidence.iter().find(|evidence| evidence.fact == fact).map(|found| found.text.as_str())
}

/// What a flag means.
#[must_use]
pub const fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Data => "holds data",
        Flag::Customers => "customers",
        Flag::Others => "other people",
        Flag::Access => "could lock you out",
        Flag::Evidence => "history, logs or backups",
        Flag::Network => "code from the network",
        Flag::Bypass => "switches off the tool's own question",
        Flag::Root => "a root, home or disk",
        Flag::Guard => "guard's own files",
        Flag::Outside => "outside the project",
        Flag::EmptySelector => "an empty selector: everything",
        Flag::All => "everything of its kind",
        Flag::Replace => "deletes and makes again",
        Flag::Backup => "takes the backup along",
        Flag::Freeze => "changes are frozen",
        Flag::Wide => "an identity wider than needed",
    }
}

/// Where a program runs, when that is not simply here.
#[must_use]
pub fn place(place: &Place) -> Option<String> {
    let named = |what: &str, name: &Option<String>| match name {
        Some(name) => format!("{what} {name}"),
        None => what.to_owned(),
    };
    match place {
        Place::Here => None,
        Place::AsUser(user) => Some(format!("as {}", user.as_deref().unwrap_or("root"))),
        Place::Container(name) => Some(named("in container", name)),
        Place::Remote(host) => Some(named("on host", host)),
        Place::Chroot(dir) => Some(named("under the root", dir)),
    }
}
