//! Who may approve on this host, and whether somebody on this host could change
//! that.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::ConfigError;
use super::paths::{Paths, SYSTEM_CONFIG};
use crate::second::display::hex;
use crate::ssh::allowed_signers::MAX_FILE;
use crate::ssh::{AllowedSigners, KeyError, PublicKey};
use crate::text::escape;

/// Name of the trust file in a configuration folder.
pub const SIGNERS_FILE: &str = "allowed_signers";
/// Name of the list of keys that are no longer trusted, beside it.
pub const REVOKED_FILE: &str = "revoked_keys";

/// The trust file that is in force.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Where it is.
    pub path: PathBuf,
    /// Its exact text.
    pub text: String,
    /// Its lines.
    pub signers: AllowedSigners,
    /// Keys that are no longer trusted.
    pub revoked: Vec<PublicKey>,
    /// SHA-256 of both files, hexadecimal.
    pub sha256: String,
    /// What approvals by it are worth.
    pub mode: Mode,
}

/// What an approval is worth on this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Somebody with the caller's account could have changed the files, so an
    /// approval stops accidents only. Why, in words.
    Advise(String),
    /// Nobody with the caller's account can change who approves.
    TwoPerson,
}

impl Mode {
    /// The name in documents.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Advise(_) => "advise",
            Self::TwoPerson => "two-person",
        }
    }
}

/// Finds the trust file: the system's, or without one the user's. A file of the
/// user never adds to the system's.
///
/// # Errors
/// A file that exists and cannot be read or understood: then nobody approves.
pub fn find(paths: &Paths, service: Option<&str>) -> Result<Option<Trust>, ConfigError> {
    for dir in &paths.config {
        let path = dir.join(SIGNERS_FILE);
        match fs::symlink_metadata(&path) {
            Ok(_) => return load(&path, service).map(Some),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(source) => return Err(unreadable(&path, source)),
        }
    }
    Ok(None)
}

/// Where approvers are enrolled: in the file in force, else in the system's
/// folder for root and in the user's for everybody else.
#[must_use]
pub fn place(paths: &Paths) -> Option<PathBuf> {
    let there = paths.config.iter().map(|dir| dir.join(SIGNERS_FILE)).find(|path| path.exists());
    there.or_else(|| {
        let system = nix::unistd::geteuid().is_root() && Path::new(SYSTEM_CONFIG).is_dir();
        let dir = paths.config.iter().find(|dir| system || !dir.starts_with(SYSTEM_CONFIG))?;
        Some(dir.join(SIGNERS_FILE))
    })
}

/// Reads one trust file and the revoked keys beside it.
///
/// # Errors
/// As [`find`]; it does not exist.
pub fn load(path: &Path, service: Option<&str>) -> Result<Trust, ConfigError> {
    let (text, mut mode) = read(path, service)?;
    let name = || escape(&path.to_string_lossy());
    let signers = AllowedSigners::read(&text)
        .map_err(|error| ConfigError::Invalid(format!("{}: {error}", name())))?;
    let list = path.with_file_name(REVOKED_FILE);
    let mut sha = Sha256::new();
    sha.update((text.len() as u64).to_be_bytes());
    sha.update(&text);
    let mut revoked = Vec::new();
    if fs::symlink_metadata(&list).is_ok() {
        let (text, of_list) = read(&list, service)?;
        revoked = revoked_keys(&text).map_err(|(line, error)| {
            ConfigError::Invalid(format!(
                "{}: line {line}: {error}",
                escape(&list.to_string_lossy())
            ))
        })?;
        sha.update(&text);
        if mode == Mode::TwoPerson {
            mode = of_list;
        }
    }
    let hash: [u8; 32] = sha.finalize().into();
    Ok(Trust { path: path.to_owned(), text, signers, revoked, sha256: hex(&hash), mode })
}

fn revoked_keys(text: &str) -> Result<Vec<PublicKey>, (usize, KeyError)> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            PublicKey::from_line(line).map(|(key, _)| key).map_err(|error| (index + 1, error))
        })
        .collect()
}

fn unreadable(path: &Path, source: std::io::Error) -> ConfigError {
    ConfigError::Read { path: escape(&path.to_string_lossy()), source }
}

/// Reads from the same descriptor that was looked at.
fn read(path: &Path, service: Option<&str>) -> Result<(String, Mode), ConfigError> {
    let fail = |source| unreadable(path, source);
    let canonical = fs::canonicalize(path).map_err(fail)?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC)
        .open(&canonical)
        .map_err(fail)?;
    let meta = file.metadata().map_err(fail)?;
    if !meta.is_file() {
        let name = escape(&path.to_string_lossy());
        return Err(ConfigError::Invalid(format!("{name}: this is not an ordinary file")));
    }
    let service = service.and_then(account);
    let mode = match changeable(&canonical, &meta, service, nix::unistd::geteuid().as_raw()) {
        Some(why) => Mode::Advise(why),
        None => Mode::TwoPerson,
    };
    let mut bytes = Vec::new();
    file.take(MAX_FILE as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        ConfigError::Invalid(format!("{}: this is not UTF-8 text", escape(&path.to_string_lossy())))
    })?;
    Ok((text, mode))
}

/// The user id of an account by `/etc/passwd` (passwd(5)).
fn account(name: &str) -> Option<u32> {
    let passwd = fs::read_to_string("/etc/passwd").ok()?;
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// Why somebody with the account `us` could change a file, as sshd's StrictModes
/// and sudo look at it: the file and every folder above it must belong to root
/// or the service account, which must be somebody else, and must not be
/// writable by others.
fn changeable(path: &Path, meta: &Metadata, service: Option<u32>, us: u32) -> Option<String> {
    let check = |path: &Path, meta: &Metadata| {
        let name = escape(&path.to_string_lossy());
        if meta.uid() == us {
            return Some(if us == 0 {
                "you are root, and root can change who approves".to_owned()
            } else {
                format!("{name} belongs to the account that runs the commands")
            });
        }
        if meta.uid() != 0 && Some(meta.uid()) != service {
            return Some(format!("{name} belongs to neither root nor the service account"));
        }
        (meta.mode() & 0o022 != 0).then(|| format!("{name} can be written by others"))
    };
    check(path, meta).or_else(|| {
        path.ancestors().skip(1).find_map(|folder| match fs::metadata(folder) {
            Ok(meta) => check(folder, &meta),
            Err(error) => {
                Some(format!("{} cannot be looked at: {error}", escape(&folder.to_string_lossy())))
            }
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    const TRUST: &str = include_str!("../../tests/fixtures/approval/allowed_signers");

    fn paths(dirs: &[&Path]) -> Paths {
        let config = dirs.iter().map(|dir| dir.join("guard")).collect();
        Paths { homes: Vec::new(), config, state: None }
    }

    #[test]
    fn the_first_file_alone_is_in_force() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let both = paths(&[one.path(), two.path()]);
        assert!(find(&both, None).unwrap().is_none());
        fs::create_dir(two.path().join("guard")).unwrap();
        fs::write(two.path().join("guard/allowed_signers"), TRUST).unwrap();
        let found = find(&both, None).unwrap().unwrap();
        assert_eq!(found.signers.entries().len(), 3);
        fs::create_dir(one.path().join("guard")).unwrap();
        let dana = TRUST.lines().nth(1).unwrap();
        fs::write(one.path().join("guard/allowed_signers"), dana).unwrap();
        let first = find(&both, None).unwrap().unwrap();
        assert_eq!(first.signers.entries().len(), 1);
        assert_ne!(first.sha256, found.sha256);
        fs::write(one.path().join("guard/allowed_signers"), "*").unwrap();
        let error = find(&both, None).unwrap_err().to_string();
        assert!(error.contains("allowed_signers: line 1, column 1"), "{error}");
        fs::remove_file(one.path().join("guard/allowed_signers")).unwrap();
        symlink("/nowhere", one.path().join("guard/allowed_signers")).unwrap();
        assert!(find(&both, None).is_err(), "a link to nothing is not the same as no file");
    }

    #[test]
    fn revoked_keys_count_and_change_the_digest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(SIGNERS_FILE);
        fs::write(&path, TRUST).unwrap();
        let before = load(&path, None).unwrap();
        let key = before.signers.entries().first().unwrap().key.clone();
        fs::write(dir.path().join(REVOKED_FILE), format!("# gone\n{} bob\n", key.line())).unwrap();
        let after = load(&path, None).unwrap();
        assert_eq!(after.revoked, [key]);
        assert_ne!(after.sha256, before.sha256);
        fs::write(dir.path().join(REVOKED_FILE), "bob\n").unwrap();
        assert!(load(&path, None).is_err(), "an unreadable list revokes everything");
    }

    /// Seen by an account that is neither root nor the owner.
    #[test]
    fn files_that_somebody_could_change_are_pointed_out() {
        let somebody = 54_321;
        let root = |path: &str| {
            let meta = fs::metadata(path).unwrap();
            changeable(Path::new(path), &meta, None, somebody)
        };
        assert_eq!(root("/etc/passwd"), None);
        let passwd = fs::metadata("/etc/passwd").unwrap();
        let as_root = changeable(Path::new("/etc/passwd"), &passwd, None, 0).unwrap();
        assert!(as_root.contains("you are root"), "{as_root}");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
        let meta = fs::metadata(&path).unwrap();
        let service = Some(meta.uid()).filter(|uid| *uid != 0);
        let why = changeable(&path, &meta, service, somebody).unwrap();
        assert!(why.ends_with("x can be written by others"), "{why}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let meta = fs::metadata(&path).unwrap();
        // A temporary folder stands below one that everybody can write.
        let why = changeable(&path, &meta, service, somebody).unwrap();
        assert!(why.contains("/tmp") || why.contains("belongs to"), "{why}");
        let own = changeable(&path, &meta, None, meta.uid()).unwrap();
        assert!(own.contains("root") || own.contains("belongs to the account"), "{own}");
    }
}
