//! Which machine writes a log.
//!
//! Two machines that share a folder have logs of their own by their names. Two
//! of one name would write one log, and each would take the other's processes
//! and clock for its own: the second one is refused.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::log::{LogError, create_folder};
use super::lookup;
use super::progress::read_small;
use super::record::hex;

/// The longest file that says it, in bytes.
const MOST: u64 = 256;

/// Makes sure that this machine may write the log of a host, whose folder is
/// somewhere below `state`. The first machine leaves its mark there. Where the
/// system does not tell which machine it is (no `/etc/machine-id`, as in many
/// containers), nothing is checked.
///
/// # Errors
/// Another machine's log, or a mark that can be neither read nor made.
pub fn check(state: &Path, host: &str) -> Result<(), LogError> {
    machine().map_or(Ok(()), |own| compare(state, host, &own))
}

/// The mark of this machine. Its id is to be kept from others (machine-id(5)),
/// so only a hash of it is.
fn machine() -> Option<String> {
    let path = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
    let read = |path: &&str| read_small(Path::new(path), MOST).ok().flatten();
    let id = path.iter().find_map(read)?;
    let id = id.trim();
    let whole = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then(|| hex(&Sha256::new_with_prefix(b"guard log ").chain_update(id).finalize()))
}

fn compare(state: &Path, host: &str, own: &str) -> Result<(), LogError> {
    let mark = state.join(lookup::file_name(host)).with_extension("machine");
    let wrong = |source| LogError::Open { path: mark.clone(), source };
    // It may be made in between.
    for _ in 0..2 {
        if let Some(theirs) = read_small(&mark, MOST).map_err(wrong)? {
            return match theirs.trim() == own {
                true => Ok(()),
                false => Err(LogError::OtherMachine { mark: mark.clone() }),
            };
        }
        create_folder(state)
            .map_err(|source| LogError::Folder { path: state.to_owned(), source })?;
        match write(&mark, own) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map_err(wrong),
        }
    }
    Err(wrong(io::ErrorKind::AlreadyExists.into()))
}

/// Whole or not at all: half a mark would keep this machine out as well.
fn write(mark: &PathBuf, own: &str) -> io::Result<()> {
    // Two machines have processes of one number.
    let mut bytes = [0; 8];
    super::key::random(&mut bytes)?;
    let draft = mark.with_extension(format!("{}.new", hex(&bytes)));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&draft)?;
    let linked = writeln!(file, "{own}").and_then(|()| std::fs::hard_link(&draft, mark));
    let _ = std::fs::remove_file(&draft);
    linked
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{LogError, compare};

    #[test]
    fn the_second_machine_of_a_name_is_refused_and_one_of_another_name_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        compare(&state, "h", "one").unwrap();
        compare(&state, "h", "one").unwrap();
        let refused = compare(&state, "h", "two");
        assert!(matches!(refused, Err(LogError::OtherMachine { .. })), "{refused:?}");
        compare(&state, "g", "two").unwrap();
        assert_eq!(std::fs::read_dir(&state).unwrap().count(), 2, "no drafts are left");
    }

    #[test]
    fn of_many_that_begin_at_once_one_machine_wins() {
        let dir = tempfile::tempdir().unwrap();
        let ok = |n: usize| compare(dir.path(), "h", &(n % 2).to_string()).is_ok();
        let fine: Vec<bool> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|n| scope.spawn(move || ok(n))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let winner = fine.iter().position(|fine| *fine).unwrap();
        for (n, fine) in fine.iter().enumerate() {
            assert_eq!(*fine, n % 2 == winner % 2, "{n}");
        }
    }
}
