//! The file that will run, pinned: open, identified, and hashed if a script.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Obstacle, RunError, path};

/// Scripts above this many bytes are told apart by their identity alone:
/// hashing self-extracting archives would cost seconds.
const MAX_HASHED: u64 = 64 << 20;

/// The longest `#!` line that Linux reads (BINPRM_BUF_SIZE).
const MAX_SHEBANG: usize = 256;

/// A program, found and pinned. The file stays open until it runs.
#[derive(Debug)]
pub struct Executable {
    /// The program as it was typed.
    pub typed: OsString,
    /// Absolute, without symbolic links: what to show and to record.
    pub path: PathBuf,
    /// As the search found it, for exec by path: programs that are many in one
    /// look at the name they were called by, and scripts see it as `$0`.
    pub call_path: PathBuf,
    /// What kind of file it is.
    pub kind: Kind,
    /// Which file exactly.
    pub identity: Identity,
    /// SHA-256 of a script (up to 64 MiB); programs proper are bound by the
    /// open file.
    pub sha256: Option<[u8; 32]>,
    /// Whether root alone could put another file in its place.
    pub only_root_can_change: bool,
    pub(super) file: File,
}

/// Kinds of executable files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// An ELF image for the machine that guard itself was built for.
    Elf,
    /// Text that starts with `#!`.
    Script {
        /// The interpreter's path as written in that line.
        interpreter: PathBuf,
    },
    /// Anything else: left to the kernel (binfmt_misc, other machines, files
    /// that may be run but not read).
    Other,
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Device number.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
    /// Length in bytes.
    pub size: u64,
    /// Last change of the content: seconds and nanoseconds.
    pub mtime: (i64, i64),
    /// Last change of content, owner, mode or links: seconds and nanoseconds.
    pub ctime: (i64, i64),
}

impl From<&fs::Metadata> for Identity {
    fn from(metadata: &fs::Metadata) -> Self {
        Self {
            dev: metadata.dev(),
            ino: metadata.ino(),
            size: metadata.size(),
            mtime: (metadata.mtime(), metadata.mtime_nsec()),
            ctime: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Executable {
    /// Opens and identifies a file that may be executed. `found` is its
    /// metadata from the search, `cwd` what a relative `call_path` refers to.
    pub(super) fn pin(
        typed: &OsStr,
        call_path: PathBuf,
        cwd: &Path,
        found: &fs::Metadata,
    ) -> Result<Self, RunError> {
        let full = cwd.join(&call_path);
        let unreachable = |_| RunError::NotExecutable {
            path: call_path.clone(),
            obstacle: Obstacle::Unreachable,
        };
        let file = open(&full).map_err(unreachable)?;
        let identity = Identity::from(&file.metadata().map_err(unreachable)?);
        if identity != Identity::from(found) {
            return Err(RunError::Changed { path: call_path, what: "another file took its place" });
        }
        // The kernel's own view is asked where the walk cannot follow, such as
        // through the links in /proc.
        let walked = path::walk(&full)
            .or_else(|_| {
                let canonical = fs::canonicalize(&full)?;
                Ok(path::Walked { canonical, only_root_can_change: false })
            })
            .map_err(unreachable)?;
        let kind = kind(&file);
        let sha256 = match kind {
            Kind::Script { .. } => hash(&file, identity.size).map_err(unreachable)?,
            Kind::Elf | Kind::Other => None,
        };
        Ok(Self {
            typed: typed.to_owned(),
            path: walked.canonical,
            call_path,
            kind,
            identity,
            sha256,
            only_root_can_change: walked.only_root_can_change,
            file,
        })
    }

    /// Checks, just before exec, that path and content are still what was
    /// pinned.
    ///
    /// # Errors
    /// [`RunError::Changed`].
    pub fn recheck(&self) -> Result<(), RunError> {
        let changed = |what| RunError::Changed { path: self.call_path.clone(), what };
        let now = fs::metadata(&self.call_path).map_err(|_| changed("it is gone"))?;
        if (now.dev(), now.ino()) != (self.identity.dev, self.identity.ino) {
            return Err(changed("another file took its place"));
        }
        let open = self.file.metadata().map_err(|_| changed("it cannot be read any more"))?;
        if Identity::from(&now) != self.identity || Identity::from(&open) != self.identity {
            return Err(changed("its content or its attributes"));
        }
        if self.sha256.is_some() {
            let again = hash(&self.file, self.identity.size);
            if !again.is_ok_and(|again| again == self.sha256) {
                return Err(changed("its content"));
            }
        }
        Ok(())
    }

    /// Whether to execute the open file rather than the path.
    ///
    /// By file, a swap after the last check cannot matter; but then the kernel
    /// names the process after the file instead of the link that was called
    /// (`dash` for `sh`; before Linux 6.14 after the descriptor, `5`), and
    /// `pkill` misses it. So the path is used where root alone could swap it.
    /// Scripts always go by path: by file their `$0` would be `/dev/fd/N`.
    pub(super) fn by_file(&self) -> bool {
        self.kind == Kind::Elf && !self.only_root_can_change
    }
}

/// Programs may be executable without being readable, as sudo often is.
fn open(path: &Path) -> io::Result<File> {
    let readable = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
    #[cfg(target_os = "linux")]
    if matches!(&readable, Err(error) if error.kind() == io::ErrorKind::PermissionDenied) {
        return OpenOptions::new().read(true).custom_flags(libc::O_PATH).open(path);
    }
    readable
}

fn kind(file: &File) -> Kind {
    let mut buffer = [0_u8; MAX_SHEBANG];
    let length = file.read_at(&mut buffer, 0).unwrap_or(0);
    let head = buffer.get(..length).unwrap_or_default();
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let word = line
            .split(|byte| matches!(byte, b' ' | b'\t'))
            .find(|word| !word.is_empty())
            .unwrap_or_default();
        use std::os::unix::ffi::OsStrExt as _;
        return Kind::Script { interpreter: PathBuf::from(OsStr::from_bytes(word)) };
    }
    if is_native_elf(head) { Kind::Elf } else { Kind::Other }
}

/// Whether class and machine are those of guard (elf(5): `EI_CLASS` at 4,
/// `e_machine` at 18). Images for other machines go through binfmt_misc, which
/// cannot run an open file.
fn is_native_elf(head: &[u8]) -> bool {
    let machine: u16 = match std::env::consts::ARCH {
        "x86" => 3,
        "powerpc64" => 21,
        "s390x" => 22,
        "arm" => 40,
        "x86_64" => 62,
        "aarch64" => 183,
        "riscv64" => 243,
        "loongarch64" => 258,
        _ => return false,
    };
    let class = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    head.starts_with(b"\x7fELF")
        && head.get(4) == Some(&class)
        && head.get(18..20) == Some(machine.to_ne_bytes().as_slice())
}

fn hash(file: &File, size: u64) -> io::Result<Option<[u8; 32]>> {
    if size > MAX_HASHED {
        return Ok(None);
    }
    let mut sha = Sha256::new();
    let mut buffer = vec![0_u8; 64 << 10];
    let mut offset = 0;
    // A file that grows under our hands differs in size, which is compared too.
    while offset <= MAX_HASHED {
        let length = file.read_at(&mut buffer, offset)?;
        if length == 0 {
            break;
        }
        sha.update(buffer.get(..length).unwrap_or_default());
        offset += length as u64;
    }
    Ok(Some(sha.finalize().into()))
}
