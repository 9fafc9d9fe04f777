//! Counts what is below a path, for a limited time.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::dir::{Dir, Type};
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;

use super::Found;
use crate::model::{Count, Flag};
use crate::text::{escape, words};

/// The longest that all walks of a command take.
const BUDGET: Duration = Duration::from_millis(800);
/// Entries of which size and owner are read; counting needs neither, and one
/// such look costs as much as counting five.
const SIZED: u64 = 500;
/// Entries between two looks at the clock.
const STEP: u64 = 256;
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
    mounts: u64,
    /// Owners besides the caller.
    others: BTreeMap<u32, u64>,
    credentials: u64,
    credential: String,
    data: String,
    /// A database that runs: its lock file.
    live: bool,
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
            mounts: 0,
            others: BTreeMap::new(),
            credentials: 0,
            credential: String::new(),
            data: String::new(),
            live: false,
            cut: false,
        }
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
        self.weigh(&meta);
        if meta.is_symlink() {
            self.links += 1;
        } else if meta.is_dir() {
            self.folders += 1;
            if recursive {
                self.below(path.to_owned(), meta.dev());
            }
        } else {
            self.files += 1;
        }
    }

    fn below(&mut self, root: PathBuf, device: u64) {
        let mut open = vec![root];
        while let Some(folder) = open.pop() {
            // A folder that has become a link since it was seen is not followed.
            let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
            let Ok(entries) = Dir::open(&folder, flags, Mode::empty()) else {
                self.unreadable += 1;
                continue;
            };
            for entry in entries {
                if self.total().is_multiple_of(STEP) && Instant::now() >= self.until {
                    self.cut = true;
                    return;
                }
                let Ok(entry) = entry else {
                    self.unreadable += 1;
                    break;
                };
                let name = entry.file_name().to_bytes();
                if name == b"." || name == b".." {
                    continue;
                }
                let name = OsStr::from_bytes(name);
                self.named(name);
                self.entry(&folder, name, entry.file_type(), device, &mut open);
            }
        }
    }

    /// What stands in a folder. `kind` is what the folder says that it is.
    fn entry(
        &mut self,
        folder: &Path,
        name: &OsStr,
        kind: Option<Type>,
        device: u64,
        open: &mut Vec<PathBuf>,
    ) {
        // Of folders always, because one may be a mount point.
        let look = matches!(kind, None | Some(Type::Directory)) || self.sized < SIZED;
        let meta = look.then(|| folder.join(name).symlink_metadata().ok()).flatten();
        if let Some(meta) = &meta {
            self.weigh(meta);
        }
        let (is_folder, is_link) = match (kind, &meta) {
            (Some(kind), _) => (kind == Type::Directory, kind == Type::Symlink),
            (None, Some(meta)) => (meta.is_dir(), meta.is_symlink()),
            (None, None) => {
                self.unreadable += 1;
                return;
            }
        };
        if is_folder {
            self.folders += 1;
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
        // Most names are none of these; looking at two bytes is cheap.
        let bytes = name.as_bytes();
        let plain = !bytes.contains(&b'.');
        if plain && !bytes.first().is_some_and(|first| b"PKickp".contains(first)) {
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
        let mut say = |condition: bool, text: String, flag: Option<Flag>| {
            if condition {
                hits += &format!(", {text}");
                flags.extend(flag);
            }
        };
        say(self.live, "a running database (postmaster.pid)".into(), Some(Flag::Data));
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
fn size(bytes: u64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"];
    let (mut n, mut at) = (bytes, 0);
    while n >= 10_000 && at + 1 < units.len() {
        n /= 1000;
        at += 1;
    }
    format!("{n} {}", units.get(at).copied().unwrap_or_default())
}
