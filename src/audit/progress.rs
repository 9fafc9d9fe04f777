//! What is kept beside the log between two checkpoints.
//!
//! In the folder `<host>.checkpoints`: `latest.checkpoint`, the newest one that
//! was signed, and `progress.json`, the right edge of the tree at that point, so
//! that the next one need not read the log from its beginning. The second is a
//! convenience and never believed: its root has to be the one that was signed,
//! and it has to fit the place in the log at which it says it stands. Else the
//! tree is built anew.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, MAX_FILE, Signed};
use super::merkle::{Frontier, next_leaf};
use super::parts::{Position, Source};
use super::record::{hex, unhex};
use super::retention;

const LATEST: &str = "latest.checkpoint";
const PROGRESS: &str = "progress.json";

/// Bytes of the last line that are looked at to see whether it is a checkpoint
/// record itself.
const LOOK: u64 = 64 << 10;

/// The folder for checkpoints of a log.
#[must_use]
pub fn folder(log: &Path) -> PathBuf {
    log.with_extension("checkpoints")
}

/// Makes the folder, private, if it is missing.
///
/// # Errors
/// Those of the file system.
pub fn make_folder(dir: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        other => other,
    }
}

/// Reads a small file of the folder without following a link; `None` when it is
/// missing.
///
/// # Errors
/// It cannot be read, or is longer than `limit` bytes, or no text.
pub fn read_small(path: &Path, limit: u64) -> io::Result<Option<String>> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > limit {
        let what = format!("it is not a file of at most {limit} bytes");
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    let mut text = String::new();
    file.take(limit).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// Puts a small file in place, whole or not at all.
///
/// # Errors
/// Those of the file system.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    // One writer at a time holds the lock of the folder, so one name is enough;
    // what a dead one left is written over.
    let draft = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600).custom_flags(libc::O_NOFOLLOW);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()?;
    fs::rename(&draft, path)
}

/// The newest checkpoint that was signed here.
///
/// # Errors
/// It is there and cannot be read.
pub fn latest(dir: &Path) -> io::Result<Option<Signed>> {
    let Some(text) = read_small(&dir.join(LATEST), MAX_FILE)? else { return Ok(None) };
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, format!("{error}"));
    Signed::read(&text).map(Some).map_err(invalid)
}

/// The path of the newest checkpoint.
#[must_use]
pub fn latest_path(dir: &Path) -> PathBuf {
    dir.join(LATEST)
}

/// Keeps a checkpoint as the newest.
///
/// # Errors
/// Those of the file system.
pub fn keep(dir: &Path, signed: &Signed, progress: &Progress) -> io::Result<()> {
    replace(&dir.join(LATEST), &signed.to_string())?;
    let text = serde_json::to_string(&Saved::from(progress))?;
    replace(&dir.join(PROGRESS), &text)
}

/// The tree up to a place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The tree.
    pub frontier: Frontier,
    /// Up to where the log is in it.
    end: Position,
    /// The tree without its last line, and where that line begins.
    before: (Frontier, Position),
}

/// What is kept: the tree without its last line. Taking that line in from the
/// log again must give the signed root, which proves both, tree and place.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    size: u64,
    /// Bytes before that line in its file.
    offset: u64,
    /// The number of the first record of that file; older versions had only
    /// one file, which begins with 0.
    #[serde(default)]
    first: u64,
    nodes: Vec<String>,
}

impl From<&Progress> for Saved {
    fn from(progress: &Progress) -> Self {
        let (frontier, at) = &progress.before;
        let nodes = frontier.nodes().iter().map(|node| hex(node)).collect();
        let first = at.first.unwrap_or_default();
        Self { size: frontier.size(), offset: at.offset, first, nodes }
    }
}

/// Why the log cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum AdvanceError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is shorter than what was signed.
    #[error("it has {found} lines, but {wanted} were signed: its end was cut off")]
    Cut {
        /// Lines of the log.
        found: u64,
        /// Lines of the newest checkpoint.
        wanted: u64,
    },
    /// It is not what was signed.
    #[error("its first {0} lines are not those that were signed: it was written anew")]
    Changed(u64),
}

impl Progress {
    fn at(frontier: Frontier, end: Position) -> Self {
        let before = (frontier.clone(), end);
        Self { frontier, end, before }
    }

    /// From where the log begins.
    fn begin(log: &Source) -> io::Result<Self> {
        let base = retention::base(log)?;
        let frontier = base.map_or_else(Frontier::new, |base| base.frontier);
        Ok(Self::at(frontier, log.reader().position()))
    }

    /// Takes in all lines of the log, going on from what was kept in `dir` if
    /// that fits. `signed`: the newest checkpoint whose signature holds; the log
    /// must begin with what it covers.
    ///
    /// # Errors
    /// [`AdvanceError`].
    pub fn advance(
        log: &Source,
        dir: &Path,
        signed: Option<&Checkpoint>,
    ) -> Result<Self, AdvanceError> {
        if let Some(kept) = signed.and_then(|signed| Self::load(log, dir, signed)) {
            return kept.extend(log, u64::MAX).map_err(Into::into);
        }
        let begin = Self::begin(log)?;
        let Some(signed) = signed else {
            return begin.extend(log, u64::MAX).map_err(Into::into);
        };
        let known = begin.extend(log, signed.size)?;
        let found = known.frontier.size();
        if found < signed.size {
            return Err(AdvanceError::Cut { found, wanted: signed.size });
        }
        if known.frontier.root() != signed.root {
            return Err(AdvanceError::Changed(signed.size));
        }
        known.extend(log, u64::MAX).map_err(Into::into)
    }

    /// What was kept, when its root is the one that was signed.
    fn load(log: &Source, dir: &Path, signed: &Checkpoint) -> Option<Self> {
        let text = read_small(&dir.join(PROGRESS), MAX_FILE).ok()??;
        let saved: Saved = serde_json::from_str(&text).ok()?;
        let nodes = saved.nodes.iter().map(|node| unhex(node)).collect::<Option<Vec<_>>>()?;
        let before = Frontier::from_parts(saved.size, nodes)?;
        let at = Position { first: Some(saved.first), offset: saved.offset };
        let mut byte = [b'\n'];
        if let Some(offset) = saved.offset.checked_sub(1) {
            log.reader_from(Position { offset, ..at })?.read_exact(&mut byte).ok()?;
        }
        if byte != [b'\n'] || before.size().checked_add(1) != Some(signed.size) {
            return None;
        }
        let found = Self::at(before, at).extend(log, signed.size).ok()?;
        (found.frontier.root() == signed.root).then_some(found)
    }

    /// Takes in lines up to `most` lines. An unfinished line is not taken.
    fn extend(mut self, log: &Source, most: u64) -> io::Result<Self> {
        let Some(mut input) = log.reader_from(self.end) else { return Ok(self) };
        while self.frontier.size() < most {
            let Some(leaf) = next_leaf(&mut input)?.filter(|leaf| leaf.ended) else { break };
            let end = input.position();
            self.before.0.clone_from(&self.frontier);
            // Where it begins: it may be the first line of the next file.
            let offset = end.offset.saturating_sub(leaf.len);
            self.before.1 = Position { offset, ..end };
            self.frontier.push(leaf.hash, &mut |_, _| {});
            self.end = end;
        }
        Ok(self)
    }

    /// Whether the last line is itself the record of a checkpoint.
    ///
    /// # Errors
    /// Those of the log.
    pub fn ends_with_checkpoint(&self, log: &Source) -> io::Result<bool> {
        let mut line = Vec::new();
        if let Some(reader) = log.reader_from(self.before.1) {
            reader.take(LOOK).read_to_end(&mut line)?;
        }
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let mark = br#","kind":"checkpoint","#;
        Ok(line.windows(mark.len()).any(|window| window == mark))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::path::Path;

    use super::{AdvanceError, Checkpoint, Progress, Signed, Source, keep, latest};

    fn log(dir: &Path, text: &str) -> Source {
        // Like a log in one respect: the first line tells its number.
        std::fs::write(dir.join("h.jsonl"), text).unwrap();
        Source::open(&dir.join("h.jsonl")).unwrap()
    }

    fn advance(
        dir: &Path,
        text: &str,
        signed: Option<&Checkpoint>,
    ) -> Result<Progress, AdvanceError> {
        Progress::advance(&log(dir, text), dir, signed)
    }

    fn sign(progress: &Progress) -> Signed {
        let (size, root) = (progress.frontier.size(), progress.frontier.root());
        let checkpoint = Checkpoint { origin: "h/guard/audit".into(), size, root };
        Signed { checkpoint, signature: b"x".to_vec() }
    }

    /// A folder in which `a b c` is signed.
    fn signed(dir: &Path) -> Checkpoint {
        let progress = advance(dir, "a\nb\nc\n", None).unwrap();
        let signed = sign(&progress);
        keep(dir, &signed, &progress).unwrap();
        assert_eq!(latest(dir).unwrap().unwrap(), signed);
        signed.checkpoint
    }

    #[test]
    fn going_on_gives_the_same_as_reading_it_all() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoint = signed(dir.path());
        let text = "a\nb\nc\nd\ne\nunfinished";
        let on = advance(dir.path(), text, Some(&checkpoint)).unwrap();
        assert_eq!(on, advance(dir.path(), text, None).unwrap());
        assert_eq!(on.frontier.size(), 5);
        // What was signed is not read again: the next checkpoint goes on from
        // it, so that no two of them can contradict each other.
        let edited = advance(dir.path(), "x\nb\nc\nd\ne\n", Some(&checkpoint)).unwrap();
        assert_eq!(edited, on);
    }

    #[test]
    fn a_state_that_does_not_fit_is_built_anew() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoint = signed(dir.path());
        let text = "a\nb\nc\nd\ne\n";
        let right = advance(dir.path(), text, None).unwrap();
        let state = dir.path().join("progress.json");
        let good = std::fs::read_to_string(&state).unwrap();
        for (from, to) in [
            ("\"size\":2", "\"size\":3"),
            ("\"offset\":4", "\"offset\":6"),
            ("\"offset\":4", "\"offset\":5"),
            ("\"offset\":4", "\"offset\":2"),
            ("\"offset\":4", "\"offset\":600"),
            ("\"offset\":4", "\"offset\":0"),
            ("\"nodes\":[\"", "\"nodes\":[\"0"),
            ("{", ""),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            std::fs::write(&state, bad).unwrap();
            assert_eq!(advance(dir.path(), text, Some(&checkpoint)).unwrap(), right, "{to}");
        }
        std::fs::remove_file(&state).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &state).unwrap();
        assert_eq!(advance(dir.path(), text, Some(&checkpoint)).unwrap(), right);
    }

    #[test]
    fn a_log_that_went_back_is_not_signed() {
        let dir = tempfile::tempdir().unwrap();
        let checkpoint = signed(dir.path());
        let cut = advance(dir.path(), "a\nb\n", Some(&checkpoint));
        assert!(matches!(cut, Err(AdvanceError::Cut { found: 2, wanted: 3 })), "{cut:?}");
        std::fs::remove_file(dir.path().join("progress.json")).unwrap();
        let anew = advance(dir.path(), "a\nb\nx\nd\n", Some(&checkpoint));
        assert!(matches!(anew, Err(AdvanceError::Changed(3))), "{anew:?}");
    }
}
