//! Where guard's files are.
//!
//! `/etc/guard` is for the system; the user's folders are the standard ones
//! (XDG Base Directory 0.8, or their macOS counterparts).

use std::fs;
use std::path::{Path, PathBuf};

/// The system's configuration folder.
pub const SYSTEM_CONFIG: &str = "/etc/guard";

/// Name of the policy file in the folders of system and user.
pub const POLICY_FILE: &str = "policy.yaml";

/// Name of the policy file in a repository.
pub const PROJECT_POLICY: &str = ".guard.yaml";

/// The folders of this user and system.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// Home directories: that of the environment, then the account's own.
    pub homes: Vec<PathBuf>,
    /// Configuration folders, the system's first. The user's is found through
    /// `XDG_CONFIG_HOME`, `HOME` and the account, so that none of the variables
    /// can make guard miss a policy of the account.
    pub config: Vec<PathBuf>,
    /// State: log, key, stamps. `None` without a home.
    pub state: Option<PathBuf>,
}

impl Paths {
    /// Finds the folders; creates nothing.
    #[must_use]
    pub fn find() -> Self {
        let account = account_home(nix::unistd::getuid().as_raw());
        let mut homes = Vec::new();
        let dirs = directories::ProjectDirs::from("", "", "guard");
        if let Some(base) = directories::BaseDirs::new() {
            homes.push(base.home_dir().to_owned());
        }
        let mut config = vec![PathBuf::from(SYSTEM_CONFIG)];
        config.extend(dirs.as_ref().map(|dirs| dirs.config_dir().to_owned()));
        if let Some(home) = account {
            push_new(&mut homes, home);
        }
        for home in &homes {
            push_new(&mut config, home.join(".config/guard"));
        }
        let state = dirs
            .as_ref()
            .map(|dirs| dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned());
        Self { homes, config, state }
    }

    /// The folder of the log.
    #[must_use]
    pub fn log_dir(&self) -> Option<PathBuf> {
        self.state.as_ref().map(|state| state.join("audit"))
    }

    /// Every file and folder of guard's own, for protection.
    #[must_use]
    pub fn own(&self) -> Vec<PathBuf> {
        let mut own = self.config.clone();
        own.extend(self.state.clone());
        own.extend(self.homes.iter().map(|home| home.join(".local/state/guard")));
        own.extend(["/var/lib/guard", "/var/log/guard"].map(PathBuf::from));
        own.extend(std::env::current_exe());
        own
    }
}

fn push_new(list: &mut Vec<PathBuf>, path: PathBuf) {
    if !list.contains(&path) {
        list.push(path);
    }
}

/// The home of an account by `/etc/passwd` (passwd(5)). Asking the name
/// service instead costs more than the whole verdict.
fn account_home(uid: u32) -> Option<PathBuf> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    let line = passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.get(2)?.parse() == Ok(uid)).then(|| fields.get(5).copied())?
    })?;
    (line.starts_with('/')).then(|| PathBuf::from(line))
}

/// The project around a folder: the nearest one upwards that holds `.git`.
#[must_use]
pub fn project_root(cwd: &Path) -> Option<PathBuf> {
    cwd.ancestors().take(64).find(|dir| dir.join(".git").exists()).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{account_home, project_root};

    #[test]
    fn the_account_of_root_has_a_home() {
        assert!(account_home(0).is_some_and(|home| home.is_absolute()));
        assert!(account_home(u32::MAX - 7).is_none());
    }

    #[test]
    fn a_folder_without_git_above_has_no_project() {
        assert_eq!(project_root(std::path::Path::new("/")), None);
    }
}
