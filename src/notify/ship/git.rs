//! A branch of a git repository: one commit for each checkpoint, made in a bare
//! repository of guard's own, without a working tree, hooks or a shell, and
//! pushed without force.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Parcel, conflict, place};
use crate::notify::process;

/// Where the branch as it is elsewhere is kept in guard's own repository.
const THEIRS: &str = "refs/guard/theirs";

/// guard's own repository for one branch of one repository.
pub(super) struct Clone<'a> {
    dir: PathBuf,
    url: &'a str,
    branch: &'a str,
    until: Instant,
}

impl<'a> Clone<'a> {
    /// The repository lies below `work`.
    pub(super) fn new(work: &Path, url: &'a str, branch: &'a str, until: Instant) -> Self {
        let mut hasher = DefaultHasher::new();
        (url, branch).hash(&mut hasher);
        let dir = work.join(format!("{:016x}.git", hasher.finish()));
        Self { dir, url, branch, until }
    }

    /// Commits the file and pushes. Another host may push in between: then once
    /// more on top of that.
    pub(super) fn put(&self, parcel: &Parcel) -> Result<(), String> {
        self.prepare()?;
        self.commit_and_push(parcel).or_else(|_| self.commit_and_push(parcel))
    }

    /// A repository that is broken is made anew: it holds nothing of its own.
    fn prepare(&self) -> Result<(), String> {
        let known = || self.git(&["rev-parse", "--is-bare-repository"], "");
        if self.dir.is_dir() && known().is_ok_and(|answer| answer == "true") {
            return Ok(());
        }
        let _ = std::fs::remove_dir_all(&self.dir);
        let dir = self.dir.to_str().ok_or("the state folder has no name in UTF-8")?;
        self.bare(&["init", "--quiet", "--bare", dir], "").map(drop)
    }

    fn commit_and_push(&self, parcel: &Parcel) -> Result<(), String> {
        let parent = self.fetch()?;
        let path = place(parcel);
        let path = path.to_str().ok_or("the name of the checkpoint is not UTF-8")?;
        if let Some(parent) = &parent {
            // 4 KiB are kept of what git prints; a checkpoint is shorter.
            if let Ok(there) = self.git(&["cat-file", "blob", &format!("{parent}:{path}")], "") {
                let same = there.trim() == parcel.text.trim();
                return if same { Ok(()) } else { Err(conflict(Path::new(path))) };
            }
        }
        let blob = self.git(&["hash-object", "-w", "--stdin"], &parcel.text)?;
        match &parent {
            Some(parent) => self.git(&["read-tree", parent], "")?,
            None => self.git(&["read-tree", "--empty"], "")?,
        };
        let entry = format!("100644,{blob},{path}");
        self.git(&["update-index", "--add", "--cacheinfo", &entry], "")?;
        let tree = self.git(&["write-tree"], "")?;
        let mut words = vec!["commit-tree", tree.as_str()];
        if let Some(parent) = &parent {
            words.extend(["-p", parent.as_str()]);
        }
        let commit = self.git(&words, &format!("{}\n", parcel.title))?;
        let to = format!("{commit}:refs/heads/{}", self.branch);
        self.git(&["push", "--quiet", "--no-verify", self.url, &to], "").map(drop)
    }

    /// The branch as it is now, `None` when there is none yet.
    fn fetch(&self) -> Result<Option<String>, String> {
        let name = format!("refs/heads/{}", self.branch);
        let heads = self.git(&["ls-remote", self.url, &name], "")?;
        if heads.is_empty() {
            return Ok(None);
        }
        let from = format!("+{name}:{THEIRS}");
        let fetch = ["fetch", "--quiet", "--no-tags", "--depth", "1", self.url, from.as_str()];
        self.git(&fetch, "")?;
        self.git(&["rev-parse", THEIRS], "").map(Some)
    }

    fn git(&self, words: &[&str], input: &str) -> Result<String, String> {
        let dir = self.dir.to_str().ok_or("the state folder has no name in UTF-8")?;
        let words: Vec<&str> = ["--git-dir", dir].iter().chain(words).copied().collect();
        self.bare(&words, input)
    }

    fn bare(&self, words: &[&str], input: &str) -> Result<String, String> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left < Duration::from_millis(50) {
            return Err("git: no time is left".to_owned());
        }
        let mut command = Command::new("git");
        // Settings of the account must not run programs here.
        for setting in ["core.hooksPath=/dev/null", "commit.gpgSign=false", "gc.auto=0"] {
            command.args(["-c", setting]);
        }
        command.args(["-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false"]);
        command.args(words);
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        command.env("GIT_INDEX_FILE", self.dir.join("guard-index"));
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "guard");
            command.env(format!("GIT_{who}_EMAIL"), "guard@localhost");
        }
        command.envs(std::env::var_os("SSH_AUTH_SOCK").map(|path| ("SSH_AUTH_SOCK", path)));
        let name = "git";
        process::ask((name, command), input, left).map_err(|why| {
            // git repeats the address, which may hold a password.
            why.replace(self.url, "(address)")
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::Clone;
    use crate::notify::ship::{Parcel, sample};

    fn git(words: &[&str]) -> String {
        let out = Command::new("git").args(words).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    fn put(work: &Path, url: &str, parcel: &Parcel) -> Result<(), String> {
        let until = Instant::now() + Duration::from_secs(30);
        Clone::new(work, url, "checks", until).put(parcel)
    }

    #[test]
    fn each_checkpoint_is_a_commit_on_top_of_what_others_pushed() {
        let dir = tempfile::tempdir().unwrap();
        let bare = dir.path().join("there.git");
        let url = bare.to_str().unwrap();
        git(&["init", "--quiet", "--bare", url]);
        put(dir.path(), url, &sample()).unwrap();
        put(dir.path(), url, &sample()).unwrap();
        // Another machine with its own repository.
        let next = Parcel { file: "9.checkpoint".into(), text: "nine\n".into(), ..sample() };
        let other = tempfile::tempdir().unwrap();
        put(other.path(), url, &next).unwrap();
        let third = Parcel { file: "12.checkpoint".into(), text: "twelve\n".into(), ..sample() };
        put(dir.path(), url, &third).unwrap();
        assert_eq!(git(&["--git-dir", url, "rev-list", "--count", "checks"]).trim(), "3");
        let first = git(&["--git-dir", url, "show", "checks:h_guard_audit/5.checkpoint"]);
        assert_eq!(first, sample().text);
        let files = git(&["--git-dir", url, "ls-tree", "-r", "--name-only", "checks"]);
        assert_eq!(files.lines().count(), 3);

        let changed = Parcel { text: "other\n".into(), ..sample() };
        assert!(put(dir.path(), url, &changed).unwrap_err().contains("written anew"));
    }

    #[test]
    fn a_repository_that_is_not_there_is_a_failure_without_its_address() {
        let dir = tempfile::tempdir().unwrap();
        let url = dir.path().join("SECRET.git");
        let why = put(dir.path(), url.to_str().unwrap(), &sample()).unwrap_err();
        assert!(why.starts_with("git:") && !why.contains("/SECRET"), "{why}");
    }
}
