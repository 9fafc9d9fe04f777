//! Counts what is below a path, for a limited time.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Found;
use crate::model::{Count, Flag, Reversibility};
use crate::sys::folder::{self, EntryKind};
use crate::text::{escape, words};

/// The longest that all walks of a command take.
const BUDGET: Duration = Duration::from_millis(800);
/// Entries of which size and owner are read; counting needs neither, and one
/// such look costs as much as counting five.
const SIZED: u64 = 500;
/// Entries between two looks at the clock.
const STEP: u64 = 256;
/// Entries that are looked at for when a log was last archived.
const MAX_ARCHIVED: usize = 2000;
/// Repositories whose places are kept.
const MAX_REPOSITORIES: usize = 4;
/// Folders that may wait to be read.
const MAX_OPEN: usize = 1 << 20;

/// Names of files that let somebody in; the ends begin with a dot.
const CREDENTIALS: &[&str] = &[
    ".env",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    "credentials",
    ".netrc",
    ".pgpass",
    "kubeconfig",
    ".kdbx",
    ".pem",
    ".p12",
    ".pfx",
    ".keytab",
    ".ssh",
    ".gnupg",
    ".aws",
    ".kube",
];

/// Names that say that something holds data.
const DATA: &[&str] =
    &["PG_VERSION", "ibdata1", ".sqlite", ".sqlite3", ".db", ".tfstate", ".rdb", ".mdb"];

/// Whether one of the known names ends so. A test compares it with all of them.
const fn known_end(end: [u8; 2]) -> bool {
    matches!(
        &end,
        b"nv"
            | b"sa"
            | b"19"
            | b"ls"
            | b"rc"
            | b"ss"
            | b"ig"
            | b"bx"
            | b"em"
            | b"12"
            | b"fx"
            | b"ab"
            | b"sh"
            | b"pg"
            | b"ws"
            | b"be"
            | b"ON"
            | b"a1"
            | b"te"
            | b"e3"
            | b"db"
            | b"id"
            | b"it"
    )
}

/// What was counted so far.
#[derive(Debug)]
pub(super) struct Tally {
    until: Instant,
    /// Who deletes.
    me: u32,
    pub(super) files: u64,
    pub(super) folders: u64,
    pub(super) links: u64,
    bytes: u64,
    sized: u64,
    missing: u64,
    pub(super) unreadable: u64,
    pub(super) repositories: u64,
    /// Where the first of them keep what they hold.
    pub(super) holds: Vec<PathBuf>,
    mounts: u64,
    /// Owners besides the caller.
    others: BTreeMap<u32, u64>,
    credentials: u64,
    credential: String,
    data: String,
    /// A database that runs: its lock file, and what is told of the server.
    live: bool,
    server: String,
    pub(super) cut: bool,
}

impl Tally {
    pub(super) fn new(until: Instant) -> Self {
        Self {
            until: until.min(Instant::now() + BUDGET),
            me: nix::unistd::geteuid().as_raw(),
            files: 0,
            folders: 0,
            links: 0,
            bytes: 0,
            sized: 0,
            missing: 0,
            unreadable: 0,
            repositories: 0,
            holds: Vec::new(),
            mounts: 0,
            others: BTreeMap::new(),
            credentials: 0,
            credential: String::new(),
            data: String::new(),
            live: false,
            server: String::new(),
            cut: false,
        }
    }

    /// Whether a server keeps its lock file there.
    pub(super) const fn live(&self) -> bool {
        self.live
    }

    pub(super) const fn total(&self) -> u64 {
        self.files + self.folders + self.links
    }

    /// How many of the files and links are beyond those that git tracks.
    pub(super) const fn outside(&self, tracked: u64) -> u64 {
        (self.files + self.links).saturating_sub(tracked)
    }

    /// One operand, with everything below it when `recursive`.
    pub(super) fn add(&mut self, path: &Path, recursive: bool) {
        let Ok(meta) = path.symlink_metadata() else {
            self.missing += 1;
            return;
        };
        if self.total().is_multiple_of(STEP) && Instant::now() >= self.until {
            self.cut = true;
            return;
        }
        self.named(path.file_name().unwrap_or_default());
        self.serves(path.parent().unwrap_or(path));
        self.weigh(&meta);
        if meta.is_symlink() {
            self.links += 1;
        } else if meta.is_dir() {
            self.folders += 1;
            if path.file_name() == Some(OsStr::new(".git")) {
                self.holds.push(path.to_owned());
            }
            if recursive {
                self.below(path.to_owned(), meta.dev());
            }
        } else {
            self.files += 1;
        }
    }

    fn below(&mut self, root: PathBuf, device: u64) {
        let mut open = vec![root];
        let mut buffer = Vec::new();
        while let Some(folder) = open.pop() {
            // A folder that has become a link since it was seen is not followed.
            let read = folder::entries(&folder, &mut buffer, &mut |name, kind| {
                if self.total().is_multiple_of(STEP) && Instant::now() >= self.until {
                    self.cut = true;
                    return false;
                }
                let name = OsStr::from_bytes(name);
                self.named(name);
                self.serves(&folder);
                self.entry(&folder, name, kind, device, &mut open);
                true
            });
            self.unreadable += u64::from(read.is_err());
            if self.cut {
                return;
            }
        }
    }

    /// What stands in a folder. `kind` is what the folder says that it is.
    fn entry(
        &mut self,
        folder: &Path,
        name: &OsStr,
        kind: EntryKind,
        device: u64,
        open: &mut Vec<PathBuf>,
    ) {
        // Of folders always, because one may be a mount point.
        let look = matches!(kind, EntryKind::Unknown | EntryKind::Folder) || self.sized < SIZED;
        let meta = look.then(|| folder.join(name).symlink_metadata().ok()).flatten();
        if let Some(meta) = &meta {
            self.weigh(meta);
        }
        let (is_folder, is_link) = match (kind, &meta) {
            (EntryKind::Unknown, Some(meta)) => (meta.is_dir(), meta.is_symlink()),
            (EntryKind::Unknown, None) => {
                self.unreadable += 1;
                return;
            }
            (kind, _) => (kind == EntryKind::Folder, kind == EntryKind::Link),
        };
        if is_folder {
            self.folders += 1;
            if name == ".git" && self.holds.len() < MAX_REPOSITORIES {
                self.holds.push(folder.join(name));
            }
            self.mounts += u64::from(meta.is_some_and(|meta| meta.dev() != device));
            if open.len() < MAX_OPEN {
                open.push(folder.join(name));
            } else {
                self.cut = true;
            }
        } else if is_link {
            self.links += 1;
        } else {
            self.files += 1;
        }
    }

    fn weigh(&mut self, meta: &std::fs::Metadata) {
        self.sized += 1;
        self.bytes += if meta.is_file() { meta.len() } else { 0 };
        if meta.uid() != self.me {
            *self.others.entry(meta.uid()).or_default() += 1;
        }
    }

    fn named(&mut self, name: &OsStr) {
        // Most names are none of these, which their last two bytes tell.
        let [.., before, last] = name.as_bytes() else { return };
        if !known_end([*before, *last]) {
            return;
        }
        let name = name.to_string_lossy();
        let name = name.as_ref();
        let one_of = |names: &[&str]| {
            names
                .iter()
                .any(|known| name == *known || (known.starts_with('.') && name.ends_with(known)))
        };
        if one_of(CREDENTIALS) {
            self.credentials += 1;
            if self.credential.is_empty() {
                self.credential = escape(name);
            }
        }
        if self.data.is_empty() && one_of(DATA) {
            self.data = escape(name);
        }
        self.live |= name == "postmaster.pid";
        self.repositories += u64::from(name == ".git");
    }

    /// What stands beside the lock file of a server: of two, the replica is the one
    /// that can be made again, and an archive is a part of a backup.
    fn serves(&mut self, folder: &Path) {
        if !self.live || !self.server.is_empty() {
            return;
        }
        let role = if folder.join("standby.signal").exists() { "standby" } else { "primary" };
        let done = std::fs::read_dir(folder.join("pg_wal/archive_status")).into_iter().flatten();
        let done = done.take(MAX_ARCHIVED).flatten();
        let done = done.filter(|entry| entry.path().extension().is_some_and(|end| end == "done"));
        let newest = done.filter_map(|entry| entry.metadata().ok()?.modified().ok()).max();
        let archived = match newest.map(|at| at.elapsed().unwrap_or_default()) {
            Some(age) => {
                format!("a file of its log was archived {} ago", words::ago(age.as_secs()))
            }
            None => "no file of its log was archived".to_owned(),
        };
        self.server = format!("{role}, {archived}");
    }

    /// In words, the worst first: the end of a long line is cut.
    pub(super) fn found(&self) -> Found {
        let mut hits = String::new();
        if self.cut {
            hits += "at least ";
        }
        hits += &words::count(self.files, "file");
        let more = [(self.folders, "folder"), (self.links, "link (not followed)")];
        for (n, what) in more.into_iter().filter(|(n, _)| *n > 0) {
            hits += &format!(", {}", words::count(n, what));
        }
        let mut flags = Vec::new();
        if self.live {
            // Whoever uses the server is outside the project.
            flags.extend([Flag::Data, Flag::Outside]);
        }
        let mut say = |condition: bool, text: String, flag: Option<Flag>| {
            if condition {
                hits += &format!(", {text}");
                flags.extend(flag);
            }
        };
        say(!self.data.is_empty(), format!("data ({})", self.data), Some(Flag::Data));
        say(self.mounts > 0, words::count(self.mounts, "mount point"), Some(Flag::Outside));
        say(
            self.credentials > 0,
            format!("{} ({})", words::count(self.credentials, "credential file"), self.credential),
            None,
        );
        say(
            self.repositories > 0,
            words::count(self.repositories, "git repository"),
            Some(Flag::Evidence),
        );
        say(
            self.unreadable > 0,
            format!("{} not readable", words::count(self.unreadable, "folder")),
            None,
        );
        say(self.missing > 0, format!("{} not there", self.missing), None);
        let least = if self.sized < self.total() { "at least " } else { "" };
        hits += &format!(", {least}{}", size(self.bytes));
        let owners: Vec<String> =
            self.others.iter().take(3).map(|(uid, n)| format!("{n} of uid {uid}")).collect();
        if !owners.is_empty() {
            flags.push(Flag::Others);
        }
        let complete = !self.cut && self.unreadable == 0;
        Found {
            count: if complete {
                Count::Exact(self.total())
            } else {
                Count::AtLeast(self.total().max(101))
            },
            hits,
            flags,
            undo: (!self.server.is_empty())
                .then(|| (Reversibility(4), format!("no backup seen; {}", self.server))),
            seen: if owners.is_empty() {
                String::new()
            } else {
                format!("owners: {}", owners.join(", "))
            },
            ..Found::default()
        }
    }
}

/// Bytes in the largest unit that leaves a number above 1.
pub(in crate::probe) fn size(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let (mut n, mut at) = (bytes, 0);
    while n >= 10_000 && at + 1 < units.len() {
        n /= 1000;
        at += 1;
    }
    format!("{n} {}", units.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{CREDENTIALS, DATA, STEP, Tally, known_end};
    use crate::model::Count;

    #[test]
    fn what_is_not_counted_when_the_time_is_up_is_at_least_so_much() {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..=STEP {
            std::fs::write(dir.path().join(n.to_string()), "").unwrap();
        }
        let now = Instant::now();
        let mut tally = Tally::new(now + Duration::from_secs(60));
        tally.add(dir.path(), true);
        assert_eq!((tally.cut, tally.files), (false, STEP + 1));
        assert_eq!(tally.found().count, Count::Exact(STEP + 2));
        let mut tally = Tally::new(now);
        tally.folders = 1;
        tally.add(dir.path(), true);
        let found = tally.found();
        assert!(tally.cut && tally.files < STEP && found.hits.starts_with("at least "));
        // Fewer were seen, but there may be any number.
        assert_eq!(found.count, Count::AtLeast(STEP));
    }

    #[test]
    fn no_known_name_is_passed_over_by_its_end() {
        for name in CREDENTIALS.iter().chain(DATA).chain(&["postmaster.pid", ".git"]) {
            let end = name.as_bytes().last_chunk().unwrap();
            assert!(known_end(*end), "{name}");
        }
        assert!(!known_end(*b"xt") && !known_end(*b"rs"));
    }
}
