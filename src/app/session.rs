//! What every subcommand that judges needs, gathered once.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::{actor, clock, context, judge};
use crate::audit::{KeyFile, Redactor, record};
use crate::config::{self, ConfigError, paths::Paths, rules_d};
use crate::decide::{Policy, World};
use crate::model::{Actor, Context, Way};
use crate::rules::{RuleSet, builtin};
use crate::text::escape;

/// The surroundings, rules and policy of this process.
#[derive(Debug)]
pub struct Session {
    /// guard's folders.
    pub paths: Paths,
    /// Working directory, when it can be told.
    pub cwd: Option<PathBuf>,
    /// The surroundings as the core sees them.
    pub ctx: Context,
    /// Who asks.
    pub actor: Actor,
    /// By which way the command came here. Told, not proven: nothing is decided
    /// by it.
    pub way: Way,
    /// Built-in rules and those of system and user.
    pub rules: RuleSet,
    /// Policy of system, user and project.
    pub policy: Policy,
    /// Rule files of system and user.
    pub rule_files: Vec<PathBuf>,
    /// The key of the fingerprints that stand in place of secrets.
    pub key: KeyFile,
}

impl Session {
    /// Gathers everything.
    ///
    /// # Errors
    /// A broken or untrustworthy configuration, rule or policy file.
    pub fn open() -> Result<Self, ConfigError> {
        let mcp = std::env::var_os(actor::MCP_CLIENT).is_some();
        let way = if mcp { Way::Mcp } else { Way::Direct };
        Self::open_as(std::env::current_dir().ok(), actor::current(), way)
    }

    /// Gathers everything for somebody else, who acts in this folder.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_as(cwd: Option<PathBuf>, actor: Actor, way: Way) -> Result<Self, ConfigError> {
        let paths = Paths::find();
        let mut ctx = context::gather(&paths, cwd.as_deref());
        let project = ctx.project.as_deref().map(std::path::Path::new);
        let policy = config::policy::load(&paths, project, &clock::now_utc())?;
        ctx.environments = policy.names();
        let files = rules_d::find(&paths.config, paths.state.as_deref(), judge::HOOKS)?;
        let rules = files.rules();
        let key = KeyFile::new(paths.state.clone().unwrap_or_default());
        let rule_files = files.paths().to_vec();
        Ok(Self { ctx, actor, way, rules, policy, rule_files, cwd, paths, key })
    }

    /// SHA-256 over everything that decides, in hexadecimal: this guard, its rules,
    /// the rules and policies of system, user and project.
    ///
    /// # Errors
    /// A rule file that can no longer be read, in words.
    pub(super) fn digest(&self) -> Result<String, String> {
        let mut sha = Sha256::new();
        let mut part = |text: &[u8]| {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text);
        };
        part(env!("CARGO_PKG_VERSION").as_bytes());
        part(&builtin::fingerprint().to_be_bytes());
        for (name, text) in &self.policy.texts {
            part(name.as_bytes());
            part(text.as_bytes());
        }
        for path in &self.rule_files {
            let name = path.to_string_lossy();
            let text = std::fs::read(path).map_err(|e| format!("{}: {e}", escape(&name)))?;
            part(name.as_bytes());
            part(&text);
        }
        let hash: [u8; 32] = sha.finalize().into();
        Ok(record::hex(&hash))
    }

    /// Takes secrets out of what is stored or shown.
    #[must_use]
    pub fn redactor(&self) -> Redactor<'_> {
        Redactor::with(|secret| self.key.get().map(|key| key.fingerprint(secret)))
            .also(self.policy.log.redact())
    }

    /// What the core judges with.
    #[must_use]
    pub const fn world(&self) -> World<'_> {
        World {
            rules: &self.rules,
            policy: &self.policy,
            ctx: &self.ctx,
            actor: &self.actor,
            files: &super::scripts::Disk,
        }
    }
}
