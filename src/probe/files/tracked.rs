//! How much of what is deleted git could bring back. What git tracks stands in
//! its index, which is read in process: to start git costs more than to count a
//! folder of 40,000 files. git itself is asked where the index is not certainly
//! understood, and for what has changed since the last commit.

use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use super::walk::Tally;
use super::{Failed, Job, ask};
use crate::model::Reversibility;
use crate::probe::commands::{GIT_ROOT, GIT_STATUS, GIT_TRACKED};
use crate::probe::git_index::{self, Listed};

/// Paths that git is asked about at most; with more the answer is "not checked".
const MAX_ASKED: usize = 200;
/// From so many tracked files on git is asked which have changed only when that
/// decides: a look at each costs several times the counting.
const MANY: u64 = 2_000;
/// From so many on it is not asked at all, and they count as changed: whoever
/// deletes so much is asked, and soon.
const TOO_MANY: u64 = 20_000;
/// Bytes of an index that is read; one of 40,000 files has about 4 MB.
const MAX_INDEX: u64 = 64 << 20;
/// Bytes of the settings of a repository that are looked through.
const MAX_CONFIG: u64 = 1 << 18;
/// Settings by which names of the index are not paths below the folder of
/// `.git`, or object names are longer.
const ELSEWHERE: &[&str] = &["worktree", "objectformat"];
/// Variables by which git reads another index, or another repository.
const VARIABLES: &[&str] = &["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR"];

/// What git says about what is deleted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tracked {
    listed: Listed,
    /// How many of the files have changed since the last commit; `None` when it
    /// was not asked.
    changed: Option<u64>,
}

/// How many of the files git tracks, and of a few also how many of those have
/// changed since the last commit. `None` outside of a repository.
pub(super) fn look(job: &Job, paths: &[PathBuf]) -> Result<Option<Tracked>, Failed> {
    let Some(project) = job.project.as_ref().filter(|project| project.join(".git").exists()) else {
        return Ok(None);
    };
    if paths.len() > MAX_ASKED || !paths.iter().all(|path| path.starts_with(project)) {
        return Ok(None);
    }
    let listed = match in_process(job, project, paths) {
        Some(listed) => listed,
        None => match by_git(job, paths)? {
            Some(listed) => listed,
            None => return Ok(None),
        },
    };
    let changed = match listed.files {
        0 => Some(0),
        1..MANY => Some(changed(job, paths)?),
        _ => None,
    };
    Ok(Some(Tracked { listed, changed }))
}

/// What the index of the repository says, where the paths are certainly below
/// the folder that it speaks of.
fn in_process(job: &Job, project: &Path, paths: &[PathBuf]) -> Option<Listed> {
    let root = job.cwd.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok())?;
    let elsewhere = |name: &&str| {
        std::env::var_os(name).is_some()
            || job.variables().is_ok_and(|all| all.iter().any(|(known, _)| known == name))
    };
    if root != project || VARIABLES.iter().any(elsewhere) {
        return None;
    }
    let dir = root.join(".git");
    let meta = dir.symlink_metadata().ok()?;
    // git does not believe a repository of somebody else.
    if !meta.is_dir() || meta.uid() != nix::unistd::geteuid().as_raw() {
        return None;
    }
    let below: Vec<PathBuf> = paths.iter().map(|path| below(root, path)).collect::<Option<_>>()?;
    let config = read(&dir.join("config"), MAX_CONFIG)?.to_ascii_lowercase();
    let config = String::from_utf8_lossy(&config);
    if ELSEWHERE.iter().any(|setting| config.contains(setting)) {
        return None;
    }
    let names: Vec<&[u8]> = below.iter().map(|path| path.as_os_str().as_bytes()).collect();
    git_index::listed(&mut open(&dir.join("index"), MAX_INDEX)?, &names)
}

/// A path as the index would name it; `None` for one that goes through a link
/// or a parent, and for the whole repository.
fn below(root: &Path, path: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix(root).ok()?;
    let plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
    let some = plain && rest.components().next().is_some();
    // As the parts of it: without doubled slashes or one at the end.
    (some && super::elsewhere(path).is_none()).then(|| rest.components().collect())
}

/// A whole file of at most so many bytes.
fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    open(path, most)?.read_to_end(&mut out).ok()?;
    Some(out)
}

/// A file that has at most so many bytes, to read these.
fn open(path: &Path, most: u64) -> Option<std::io::Take<std::fs::File>> {
    let fits = |meta: &std::fs::Metadata| meta.is_file() && meta.len() <= most;
    // Before it is opened: a pipe would wait for somebody who writes into it.
    path.symlink_metadata().ok().filter(fits)?;
    Some(std::fs::File::open(path).ok()?.take(most))
}

/// As git itself lists them: with a letter in front of each, small for one that
/// it was told to take as unchanged and S for one that need not be there.
fn by_git(job: &Job, paths: &[PathBuf]) -> Result<Option<Listed>, Failed> {
    let (at, words) = asking(job, paths);
    let printed = ask(job, GIT_TRACKED, &[&at, &words])?;
    if !printed.ok && !ask(job, GIT_ROOT, &[&at])?.ok {
        return Ok(None);
    }
    let printed = printed.success("git ls-files")?;
    let first = |entry: &[u8]| entry.first().is_some_and(|c| c.is_ascii_lowercase() || *c == b'S');
    let seen = printed.bytes.split(|byte| *byte == 0).filter(|entry| first(entry)).count();
    // Of what was not kept nothing is known.
    let unwatched = if printed.cut { printed.nuls } else { seen as u64 };
    Ok(Some(Listed { files: printed.nuls, unwatched }))
}

/// How many of the tracked files have changed since the last commit. git looks
/// at each of them for that.
fn changed(job: &Job, paths: &[PathBuf]) -> Result<u64, Failed> {
    let (at, words) = asking(job, paths);
    let options = ["--untracked-files=no".to_owned()];
    Ok(ask(job, GIT_STATUS, &[&at, &options, &words])?.success("git status")?.nuls)
}

/// The words in front of a question to git and those that say about what.
fn asking(job: &Job, paths: &[PathBuf]) -> ([String; 3], Vec<String>) {
    let words = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
    let cwd = job.cwd.to_string_lossy().into_owned();
    (["-C".to_owned(), cwd, "--literal-pathspecs".to_owned()], words)
}

/// How much of it git holds, and the undo that follows.
type Committed = (String, (Reversibility, String));

impl Tracked {
    /// Asks what has changed, where that decides: of many files, when there is
    /// nothing besides them.
    pub(super) fn complete(
        self,
        job: &Job,
        paths: &[PathBuf],
        tally: &Tally,
    ) -> Result<Self, Failed> {
        if self.open(tally) {
            return Ok(Self { changed: Some(changed(job, paths)?), ..self });
        }
        Ok(self)
    }

    /// Whether it hangs on what has changed, and that may be asked.
    fn open(self, tally: &Tally) -> bool {
        let Listed { files, unwatched } = self.listed;
        let decides = tally.outside(files) == 0 && unwatched == 0 && tally.repositories == 0;
        self.changed.is_none() && decides && !tally.cut && files < TOO_MANY
    }

    /// How much of it git holds: nothing of a tree that holds the repository
    /// itself.
    pub(super) fn committed(self, tally: &Tally) -> Option<Committed> {
        if tally.repositories > 0 || tally.total() == 0 {
            return None;
        }
        let Listed { files, unwatched } = self.listed;
        let outside = tally.outside(files);
        let seen = outside == 0 && self.changed == Some(0) && unwatched == 0;
        let undo = if seen && !tally.cut && tally.unreadable == 0 {
            (Reversibility(0), "all of it is committed in git".to_owned())
        } else if outside == 0 && self.changed.is_none() {
            (Reversibility(4), "not checked whether git holds it as it is".to_owned())
        } else {
            (Reversibility(4), "git does not hold all of it".to_owned())
        };
        let text = match (outside, self.changed) {
            _ if unwatched > 0 => format!("{unwatched} that git was told not to look at"),
            (0, Some(0)) => "all committed".to_owned(),
            (0, Some(changed)) => format!("{changed} with uncommitted changes"),
            (0, None) => "all tracked, changes not checked".to_owned(),
            (outside, Some(0) | None) => format!("{outside} not in git"),
            (outside, Some(changed)) => format!("{outside} not in git, {changed} changed"),
        };
        Some((text, undo))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Listed, TOO_MANY, Tally, Tracked};
    use crate::model::Reversibility;

    #[test]
    fn of_very_many_files_git_is_not_asked_and_they_count_as_changed() {
        let mut tally = Tally::new(Instant::now() + Duration::from_secs(1));
        let mut with = |files, unwatched| {
            tally.files = files;
            let all = Tracked { listed: Listed { files, unwatched }, changed: None };
            (all.open(&tally), all.committed(&tally).unwrap())
        };
        assert!(with(TOO_MANY - 1, 0).0);
        let (open, (text, (undo, why))) = with(TOO_MANY, 0);
        assert!(!open);
        assert_eq!((text.as_str(), undo), ("all tracked, changes not checked", Reversibility(4)));
        assert_eq!(why, "not checked whether git holds it as it is");
        assert!(!with(TOO_MANY - 1, 1).0);
    }
}
