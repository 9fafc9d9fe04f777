//! Who started whom, from `/proc` (proc_pid_stat(5)). Elsewhere than on Linux
//! nothing is known, which callers must take as "cannot tell".

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// One process as its `/proc/PID/stat` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The name that `ps -o comm` shows: at most 15 bytes, chosen by the
    /// process itself, so never proof of anything.
    pub name: String,
    /// Its parent; 0 when there is none in this PID namespace.
    pub parent: i32,
    /// Its controlling terminal: major and minor device number.
    pub terminal: Option<(u32, u32)>,
    /// The leader of its session.
    pub session: i32,
    /// When it was started, in clock ticks since the start of the host.
    pub started: u64,
}

/// Reads name and parent of a process.
#[must_use]
pub fn process(pid: i32) -> Option<Process> {
    let mut buffer = [0_u8; 512];
    parse(read(&format!("/proc/{pid}/stat"), &mut buffer)?)
}

/// The first words of a process's command line. Only the first 1,024 bytes are
/// read: enough for an interpreter and its script.
#[must_use]
pub fn arguments(pid: i32) -> Vec<OsString> {
    let mut buffer = [0_u8; 1024];
    let Some(bytes) = read(&format!("/proc/{pid}/cmdline"), &mut buffer) else {
        return Vec::new();
    };
    bytes
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect()
}

/// Most bytes of a command line or an environment: both are bounded by the
/// kernel's own limit for `execve` (ARG_MAX, execve(2)).
const MAX_WORDS: u64 = 2 * 1024 * 1024;

/// All words of a process's command line, empty ones too.
#[must_use]
pub fn command_line(pid: i32) -> Option<Vec<OsString>> {
    words(&format!("/proc/{pid}/cmdline"))
}

/// The environment that a process was started with, as `NAME=value`. Only its
/// owner and root can read it.
#[must_use]
pub fn environment(pid: i32) -> Option<Vec<OsString>> {
    words(&format!("/proc/{pid}/environ"))
}

/// The processes that run as this user, at most so many.
#[must_use]
pub fn own_processes(most: usize) -> Vec<i32> {
    let user = nix::unistd::geteuid().as_raw();
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry)))
        .take(most)
        .filter(|(_, entry)| entry.metadata().is_ok_and(|meta| meta.uid() == user))
        .map(|(pid, _)| pid)
        .collect()
}

/// Where a process is.
#[must_use]
pub fn directory(pid: i32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// Whether a process runs the very file that this process runs.
#[must_use]
pub fn runs_this_program(pid: i32) -> bool {
    let file = |path: &str| std::fs::metadata(path).ok().map(|m| (m.dev(), m.ino()));
    let own = file("/proc/self/exe");
    own.is_some() && own == file(&format!("/proc/{pid}/exe"))
}

fn words(path: &str) -> Option<Vec<OsString>> {
    let mut bytes = Vec::new();
    let read = File::open(path).ok()?.take(MAX_WORDS + 1).read_to_end(&mut bytes).ok()?;
    if read == 0 || read as u64 > MAX_WORDS {
        return None;
    }
    bytes.pop_if(|last| *last == 0);
    Some(bytes.split(|byte| *byte == 0).map(|word| OsString::from_vec(word.to_vec())).collect())
}

fn read<'a>(path: &str, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let length = File::open(path).ok()?.read(buffer).ok()?;
    buffer.get(..length)
}

/// The name stands in parentheses and may itself contain parentheses and
/// spaces: the last `)` ends it.
fn parse(stat: &[u8]) -> Option<Process> {
    let open = stat.iter().position(|byte| *byte == b'(')?;
    let close = stat.iter().rposition(|byte| *byte == b')')?;
    let name = String::from_utf8_lossy(stat.get(open + 1..close)?).into_owned();
    let rest = std::str::from_utf8(stat.get(close + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    // After the group.
    let session = fields.nth(1).and_then(|field| field.parse().ok()).unwrap_or_default();
    let terminal = fields.next().and_then(|field| field.parse().ok()).unwrap_or(0_i32);
    // `starttime` is the 22nd field, `tty_nr` the 7th.
    let started = fields.nth(14).and_then(|field| field.parse().ok()).unwrap_or_default();
    Some(Process { name, parent, terminal: terminal_device(terminal), session, started })
}

/// `tty_nr` of proc_pid_stat(5): the minor number in bits 31 to 20 and 7 to 0,
/// the major number in bits 15 to 8.
fn terminal_device(number: i32) -> Option<(u32, u32)> {
    let bits = number.cast_unsigned();
    let device = (bits >> 8 & 0xff, bits >> 12 & 0xfff00 | bits & 0xff);
    (number != 0).then_some(device)
}

#[cfg(test)]
mod tests {
    use super::{Process, parse};

    #[test]
    fn a_process_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let seen = parse(
            b"42 (a) S 7 (b) R 9 3) S 17 42 41 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 777 1 2",
        );
        let name = "a) S 7 (b) R 9 3".into();
        assert_eq!(
            seen,
            Some(Process { name, parent: 17, terminal: None, session: 41, started: 777 })
        );
        let seen = parse(b"42 (sh) S 17 42 42 34819 -1").and_then(|process| process.terminal);
        assert_eq!(seen, Some((136, 3)), "/dev/pts/3");
        assert_eq!(parse(b"42 (cut off"), None);
    }
}
