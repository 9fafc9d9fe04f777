//! The key of the fingerprints that stand for secrets.
//!
//! With a plain hash, anybody who reads the log could try passwords against it;
//! with a key they need the key file too.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::record::hex;

/// File name of the key in the state folder.
pub const KEY_FILE: &str = "redact.key";

/// 32 random bytes.
#[derive(Clone)]
pub struct Key([u8; 32]);

// Never prints the key.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// A key from its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 32 bits of HMAC-SHA256(key, secret) in hexadecimal: enough to
    /// see that two commands used the same secret, too few to find it.
    #[must_use]
    pub fn fingerprint(&self, secret: &[u8]) -> String {
        // HMAC takes keys of any length; the error exists for other MACs.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(secret);
        let tag = mac.finalize().into_bytes();
        hex(tag.get(..4).unwrap_or(&[]))
    }

    /// HMAC-SHA256(key, value) in hexadecimal, to see whether a value that must
    /// not be written down is still the same.
    #[must_use]
    pub fn hmac(&self, value: &[u8]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(value);
        hex(&mac.finalize().into_bytes())
    }

    /// Reads the key of a state folder, or makes one (mode 0600).
    ///
    /// # Errors
    ///
    /// When the key cannot be read or made, is not a regular file of the caller
    /// with 32 bytes, or can be read by others.
    pub fn load_or_create(state: &Path) -> io::Result<Self> {
        let path = state.join(KEY_FILE);
        match read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        super::log::create_folder(state)?;
        let mut bytes = [0; 32];
        let mut nonce = [0; 8];
        random(&mut bytes)?;
        random(&mut nonce)?;
        // A finished file is linked into place: a reader never sees half a key,
        // and of two makers the first wins.
        let draft = state.join(format!(".{KEY_FILE}.{}", hex(&nonce)));
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW)
            .open(&draft)?;
        let made = file
            .write_all(&bytes)
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::hard_link(&draft, &path));
        let _ = std::fs::remove_file(&draft);
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => read(&path),
        }
    }
}

/// A key that is read when the first secret turns up: most commands hold none,
/// and then it costs nothing.
#[derive(Debug)]
pub struct KeyFile {
    state: PathBuf,
    key: OnceLock<Option<Key>>,
}

impl KeyFile {
    /// The key in a state folder.
    #[must_use]
    pub fn new(state: impl Into<PathBuf>) -> Self {
        Self { state: state.into(), key: OnceLock::new() }
    }

    /// The key, `None` when there is none and none can be made. Secrets are
    /// then taken out without a fingerprint.
    #[must_use]
    pub fn get(&self) -> Option<&Key> {
        self.key.get_or_init(|| Key::load_or_create(&self.state).ok()).as_ref()
    }
}

fn read(path: &Path) -> io::Result<Key> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)?;
    let meta = file.metadata()?;
    let own = nix::unistd::geteuid().as_raw();
    if !meta.is_file() || meta.uid() != own || meta.mode() & 0o077 != 0 || meta.len() != 32 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it must be a file of 32 bytes that only you can read; remove it to get a new one",
        ));
    }
    let mut bytes = [0; 32];
    file.read_exact(&mut bytes)?;
    Ok(Key(bytes))
}

/// Fills a buffer from the system's random source.
///
/// # Errors
/// It cannot be read.
pub fn random(bytes: &mut [u8]) -> io::Result<()> {
    File::open("/dev/urandom")?.read_exact(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::{KEY_FILE, Key, KeyFile};

    #[test]
    fn the_fingerprint_is_hmac_sha256() {
        // `printf secret | openssl mac -digest SHA256 -macopt hexkey:00..00 HMAC`.
        let key = Key::new([0; 32]);
        assert_eq!(key.fingerprint(b"secret"), "1810e8d3");
        assert_ne!(key.fingerprint(b"secret"), key.fingerprint(b"secreu"));
        assert_ne!(key.fingerprint(b"secret"), Key::new([1; 32]).fingerprint(b"secret"));
    }

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let one = Key::load_or_create(&state).unwrap().fingerprint(b"x");
        let mode = state.join(KEY_FILE).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(KeyFile::new(&state).get().unwrap().fingerprint(b"x"), one);
        assert_eq!(std::fs::read_dir(&state).unwrap().count(), 1);
    }

    #[test]
    fn many_makers_agree_on_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let prints: Vec<String> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Key::load_or_create(dir.path()).unwrap().fingerprint(b"x")))
                .collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        assert!(prints.windows(2).all(|pair| pair.first() == pair.last()));
    }

    #[test]
    fn a_key_that_others_could_know_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(KEY_FILE);
        std::fs::write(&path, [7; 32]).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(KeyFile::new(dir.path()).get().is_none());
        std::fs::remove_file(&path).unwrap();
        symlink("/dev/zero", &path).unwrap();
        assert!(KeyFile::new(dir.path()).get().is_none());
    }
}
