//! Who started whom, from `/proc` (proc_pid_stat(5)). Elsewhere than on Linux
//! nothing is known, which callers must take as "cannot tell".

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::os::unix::ffi::OsStringExt as _;

/// One process as its `/proc/PID/stat` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The name that `ps -o comm` shows: at most 15 bytes, chosen by the
    /// process itself, so never proof of anything.
    pub name: String,
    /// Its parent; 0 when there is none in this PID namespace.
    pub parent: i32,
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
    let parent = rest.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(Process { name, parent })
}

#[cfg(test)]
mod tests {
    use super::{Process, parse};

    #[test]
    fn a_process_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let seen = parse(b"42 (a) S 7 (b) R 9 3) S 17 42 42 0 -1");
        assert_eq!(seen, Some(Process { name: "a) S 7 (b) R 9 3".into(), parent: 17 }));
        assert_eq!(parse(b"42 (cut off"), None);
    }
}
