//! Who may approve here and now.

use std::collections::BTreeSet;
use std::path::Path;

use crate::app::host;
use crate::app::session::Session;
use crate::config::ConfigError;
use crate::config::trust::{self, Trust};
use crate::keys::Agent;
use crate::second::request::Quorum;
use crate::second::terms::Groups;
use crate::second::{Trusted, Utc, quorum};
use crate::ssh::{DECISION, PublicKey};
use crate::text::stamp::Stamp;

/// Most public keys that are looked at in one home.
const MAX_KEYS: usize = 200;

/// The trust file with everything that policy adds to it.
#[derive(Debug)]
pub struct Circle {
    /// The trust file.
    pub trust: Trust,
    groups: Groups,
    origins: Vec<String>,
    keys: BTreeSet<String>,
}

impl Circle {
    /// Reads the trust file; `None` when nobody is enrolled.
    ///
    /// # Errors
    /// It exists and cannot be read or understood.
    pub fn open(session: &Session) -> Result<Option<Self>, ConfigError> {
        let found = trust::find(&session.paths, session.policy.service_account.as_deref())?;
        let found = found.filter(|trust| !trust.signers.entries().is_empty());
        Ok(found.map(|trust| Self::of(trust, session)))
    }

    /// The same for a trust file that is not in force.
    ///
    /// # Errors
    /// As [`Circle::open`]; there is none.
    pub fn of_file(session: &Session, path: &Path) -> Result<Self, ConfigError> {
        let trust = trust::load(path, session.policy.service_account.as_deref())?;
        Ok(Self::of(trust, session))
    }

    fn of(trust: Trust, session: &Session) -> Self {
        Self {
            trust,
            groups: session.policy.groups.clone(),
            origins: session.policy.approval_pages.clone(),
            keys: requesters_keys(session),
        }
    }

    /// For checking signatures.
    #[must_use]
    pub fn trusted(&self) -> Trusted<'_> {
        Trusted {
            signers: &self.trust.signers,
            revoked: &self.trust.revoked,
            groups: &self.groups,
            origins: &self.origins,
            requesters_keys: &self.keys,
        }
    }

    /// Groups.
    #[must_use]
    pub const fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Fingerprints of the keys that the requester can use.
    #[must_use]
    pub const fn keys(&self) -> &BTreeSet<String> {
        &self.keys
    }

    /// Who could approve now, by name.
    #[must_use]
    pub fn people(&self, quorums: &[Quorum], requester: Option<&str>) -> Vec<String> {
        let now = now();
        let members = |quorum: &Quorum, name: &str| {
            quorum.groups.is_empty()
                || quorum.groups.iter().any(|group| {
                    self.groups.get(group).is_some_and(|all| all.iter().any(|one| one == name))
                })
        };
        let names: BTreeSet<&str> = self
            .trust
            .signers
            .entries()
            .iter()
            .filter(|entry| {
                entry.namespace == DECISION
                    && entry.is_valid(now.0)
                    && Some(entry.principal.as_str()) != requester
                    && !self.keys.contains(&entry.key.fingerprint())
                    && quorums.iter().any(|quorum| members(quorum, &entry.principal))
            })
            .map(|entry| entry.principal.as_str())
            .collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Why these conditions cannot be met by anybody.
    #[must_use]
    pub fn unreachable(&self, quorums: &[Quorum], requester: Option<&str>) -> Option<String> {
        quorum::unreachable(quorums, self.trusted(), requester, now())
    }
}

/// The wall clock.
#[must_use]
pub fn now() -> Utc {
    Utc(Stamp::now().0.div_euclid(1000))
}

/// Fingerprints of all keys that the operator of this account is known to be
/// able to use: those in the agent, those in `~/.ssh`, those that policy lists.
/// An agent with the operator's account can use them as well, silently.
fn requesters_keys(session: &Session) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    if let Some(socket) = std::env::var_os("SSH_AUTH_SOCK").filter(|path| !path.is_empty()) {
        let listed = Agent::connect(Path::new(&socket)).and_then(|mut agent| agent.list());
        keys.extend(listed.unwrap_or_default().iter().map(|(key, _)| key.fingerprint()));
    }
    for home in &session.paths.homes {
        let Ok(entries) = std::fs::read_dir(home.join(".ssh")) else { continue };
        for entry in entries.flatten().take(MAX_KEYS) {
            let path = entry.path();
            let public = path.extension().is_some_and(|ending| ending == "pub");
            if let Some(text) = public.then(|| std::fs::read_to_string(&path).ok()).flatten() {
                keys.extend(PublicKey::from_line(&text).map(|(key, _)| key.fingerprint()));
            }
        }
    }
    let user = host::user().unwrap_or_default();
    for key in session.policy.operator(&user).iter().flat_map(|operator| &operator.keys) {
        if key.starts_with("SHA256:") {
            keys.insert(key.clone());
        } else {
            keys.extend(PublicKey::from_line(key).map(|(key, _)| key.fingerprint()));
        }
    }
    keys
}
