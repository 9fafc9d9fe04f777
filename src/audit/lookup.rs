//! Finding log files and the processes behind their records.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::parts;

/// The name of a host's log. Host names come from outside, so everything that
/// could lead to another folder or hide the file is replaced.
#[must_use]
pub fn file_name(host: &str) -> String {
    let mut name: String = host
        .chars()
        .take(200)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .collect();
    if name.starts_with(['.', '-']) {
        name.insert(0, '_');
    }
    if name.is_empty() {
        name.push_str("localhost");
    }
    name.push_str(".jsonl");
    if parts::active_of(Path::new(&name)).is_none_or(|active| active != Path::new(&name)) {
        // A closed file of another log is called so.
        name = name.replacen('.', "_", name.matches('.').count() - 1);
    }
    name
}

/// All logs of a folder, by the file that is written to, in the order of their
/// names. A missing folder holds none.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut out = BTreeSet::new();
    for entry in entries {
        out.extend(parts::active_of(&entry?.path()));
    }
    Ok(out.into_iter().collect())
}

/// A new random identifier, in the form of a UUID version 4 (RFC 9562).
///
/// # Errors
///
/// When the system's random source cannot be read.
pub fn new_id() -> io::Result<String> {
    let mut bytes = [0_u8; 16];
    super::key::random(&mut bytes)?;
    let [.., six, _, eight, _, _, _, _, _, _, _] = &mut bytes;
    *six = *six & 0x0f | 0x40;
    *eight = *eight & 0x3f | 0x80;
    let mut id = super::record::hex(&bytes);
    for at in [20, 16, 12, 8] {
        id.insert(at, '-');
    }
    Ok(id)
}

/// Whether the process that wrote a record at `mono_us` of this boot still
/// lives. A process that began later only has its number.
#[must_use]
pub fn is_running(pid: u32, mono_us: u64) -> bool {
    #[cfg(target_os = "linux")]
    if let Some(started) = started_us(pid) {
        return started <= mono_us;
    }
    let Ok(pid) = i32::try_from(pid) else { return false };
    if pid <= 0 || cfg!(target_os = "linux") {
        return false;
    }
    let _ = mono_us;
    !matches!(
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None),
        Err(nix::errno::Errno::ESRCH)
    )
}

/// When a process began, in microseconds since boot: field 22 of
/// `/proc/PID/stat` (proc_pid_stat(5)), clock ticks of 10 ms.
#[cfg(target_os = "linux")]
fn started_us(pid: u32) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The name in field 2 may hold anything, so fields are counted after it.
    let after = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(stat.get(after + 1..)?).ok()?;
    let ticks: u64 = rest.split_ascii_whitespace().nth(19)?.parse().ok()?;
    ticks.checked_mul(10_000)
}

/// The process that holds the lock on a file, from `/proc/locks`
/// (proc_locks(5)): `1: FLOCK ADVISORY WRITE PID MAJ:MIN:INODE 0 EOF`.
pub(super) fn lock_holder(file: &File) -> Option<u32> {
    let inode = file.metadata().ok()?.ino();
    let locks = std::fs::read_to_string("/proc/locks").ok()?;
    holder_in(&locks, inode)
}

fn holder_in(locks: &str, inode: u64) -> Option<u32> {
    locks.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        // Lines with `->` are processes that wait.
        let kind = fields.nth(1)?;
        let pid = fields.nth(2)?;
        let file = fields.next()?;
        let matches = kind == "FLOCK" && file.rsplit(':').next() == Some(&inode.to_string());
        matches.then(|| pid.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::{file_name, holder_in, is_running, new_id};

    #[test]
    fn host_names_cannot_leave_the_folder() {
        assert_eq!(file_name("build-7.example.org"), "build-7.example.org.jsonl");
        assert_eq!(file_name("../../etc/x"), "_.._.._etc_x.jsonl");
        assert_eq!(file_name(""), "localhost.jsonl");
        assert_eq!(file_name("a\nb\u{202e}"), "a_b_.jsonl");
        assert_eq!(file_name("h.000000000012.2026-11-27"), "h_000000000012_2026-11-27.jsonl");
        assert!(file_name(&"x".repeat(9000)).len() < 255);
    }

    #[test]
    fn ids_are_version_4_uuids_and_differ() {
        let (a, b) = (new_id().unwrap(), new_id().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.len(), 36);
        assert_eq!(&a[14..15], "4");
        assert!(matches!(&a[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn the_holder_of_a_lock_is_found() {
        let locks = "1: POSIX  ADVISORY  WRITE 11 fe:01:42 0 EOF\n\
                     2: FLOCK  ADVISORY  WRITE 12 fe:01:42 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 13 fe:01:42 0 EOF\n";
        assert_eq!(holder_in(locks, 42), Some(12));
        assert_eq!(holder_in(locks, 43), None);
        assert_eq!(holder_in("x\n\n1:", 43), None);
    }

    #[test]
    fn a_living_process_is_told_from_one_that_got_its_number_later() {
        assert!(is_running(std::process::id(), u64::MAX));
        #[cfg(target_os = "linux")]
        assert!(!is_running(std::process::id(), 0));
        assert!(!is_running(0, u64::MAX));
    }
}
