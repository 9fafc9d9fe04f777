//! What the pure core is told about the outside world.

use std::collections::BTreeMap;

use super::Environment;

/// Folders that everybody may write to, for what is thrown away: the File System
/// Hierarchy Standard 3.0 (3.18, 5.15), shared memory on Linux, and `/tmp` as
/// macOS resolves it.
pub const SCRATCH: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/private/tmp"];

/// Facts about the surroundings that `app` gathers once, so that the core needs
/// no file system and no environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    /// Working directory, absolute and without symbolic links.
    pub cwd: Option<String>,
    /// Home directories to protect: `$HOME` and the account's own.
    pub homes: Vec<String>,
    /// Root of the project around `cwd` (the folder with `.git`), else `cwd`.
    pub project: Option<String>,
    /// guard's own files and folders: configuration, state, logs, binary.
    pub guard_paths: Vec<String>,
    /// The environment variables that rules may look at.
    pub vars: BTreeMap<String, String>,
    /// Whether these are all that the command starts with, so that what is not
    /// among them is not set.
    pub all_vars: bool,
    /// Whether the caller is root.
    pub root: bool,
    /// What policy says about names of clusters, accounts, hosts and the like:
    /// patterns in which `*` stands for any text, first match first.
    pub environments: Vec<(String, Environment)>,
}

impl Context {
    /// The fixed neutral context of `check --jsonl`: an ordinary user in
    /// `/home/user/project`, nothing exported.
    #[must_use]
    pub fn neutral() -> Self {
        Self {
            cwd: Some("/home/user/project".into()),
            homes: vec!["/home/user".into()],
            project: Some("/home/user/project".into()),
            guard_paths: vec![
                "/etc/guard".into(),
                "/home/user/.config/guard".into(),
                "/home/user/.local/state/guard".into(),
                "/var/lib/guard".into(),
                "/var/log/guard".into(),
            ],
            vars: BTreeMap::new(),
            all_vars: false,
            root: false,
            environments: Vec::new(),
        }
    }
}
