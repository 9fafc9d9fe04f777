//! The machine, the account and the processes above.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::second::request::{Folder, Host, Process};
use crate::sys;

/// How many processes above are named.
const MAX_ANCESTRY: usize = 16;

/// The machine since its start. What the system does not tell is the empty
/// text: the same each time, so it binds nothing and refuses nothing.
#[must_use]
pub fn host(name: String) -> Host {
    let machine_id = match read("/etc/machine-id") {
        id if id.is_empty() => read("/var/lib/dbus/machine-id"),
        id => id,
    };
    Host { name, machine_id, boot_id: boot_id(), up_s: up() }
}

fn read(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.chars().filter(|c| c.is_ascii_hexdigit() || *c == '-').take(64).collect()
}

/// The id of this run of the kernel, `/proc/sys/kernel/random/boot_id`
/// (random(4)); empty where there is none.
#[must_use]
pub fn boot_id() -> String {
    read("/proc/sys/kernel/random/boot_id")
}

/// Whole seconds since the machine started, time asleep included
/// (`CLOCK_BOOTTIME`, clock_gettime(2)). Nobody can set this clock back.
#[must_use]
pub fn up() -> Option<u64> {
    #[cfg(target_os = "linux")]
    let clock = nix::time::ClockId::CLOCK_BOOTTIME;
    #[cfg(not(target_os = "linux"))]
    let clock = nix::time::ClockId::CLOCK_MONOTONIC;
    let now = nix::time::clock_gettime(clock).ok()?;
    u64::try_from(now.tv_sec()).ok()
}

/// The working directory by path and by identity.
///
/// # Errors
/// It is gone or cannot be looked at.
pub fn folder(cwd: &Path) -> io::Result<Folder> {
    let meta = fs::metadata(cwd)?;
    Ok(Folder {
        path: cwd.to_string_lossy().into_owned(),
        dev: meta.dev().to_string(),
        ino: meta.ino().to_string(),
    })
}

/// The mode mask as octal digits. Reading it means setting it: the old one is
/// put back at once.
#[must_use]
pub fn umask() -> String {
    use nix::sys::stat::{Mode, umask};
    let mask = umask(Mode::from_bits_truncate(0o077));
    umask(mask);
    format!("{:04o}", mask.bits())
}

/// Group ids besides the main one, sorted.
#[must_use]
pub fn groups() -> Vec<u32> {
    #[cfg(target_os = "linux")]
    let groups = nix::unistd::getgroups().unwrap_or_default();
    #[cfg(not(target_os = "linux"))]
    let groups: Vec<nix::unistd::Gid> = Vec::new();
    let mut groups: Vec<u32> = groups.iter().map(|group| group.as_raw()).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// The processes above this one, nearest first.
#[must_use]
pub fn ancestry() -> Vec<Process> {
    let mut out = Vec::new();
    let mut pid = i32::try_from(std::process::id()).unwrap_or(0);
    while out.len() < MAX_ANCESTRY && pid > 0 {
        let Some(process) = sys::process(pid) else { break };
        let exe = fs::read_link(format!("/proc/{pid}/exe"));
        let exe = exe.map_or(process.name, |path| path.to_string_lossy().into_owned());
        out.push(Process { pid: pid.unsigned_abs(), exe });
        pid = process.parent;
    }
    out
}

/// The terminals of this process and of those above it, as `MAJOR:MINOR`,
/// nearest first, each once. An agent often runs commands without a terminal
/// while it has one itself.
#[must_use]
pub fn terminals() -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut pid = i32::try_from(std::process::id()).unwrap_or(0);
    for _ in 0..64 {
        let Some(process) = sys::process(pid) else { break };
        if let Some((major, minor)) = process.terminal {
            let name = format!("{major}:{minor}");
            if !out.contains(&name) {
                out.push(name);
            }
        }
        pid = process.parent;
        if pid <= 0 {
            break;
        }
    }
    out
}

/// The terminal of this process itself.
#[must_use]
pub fn own_terminal() -> Option<String> {
    let process = sys::process(i32::try_from(std::process::id()).ok()?)?;
    process.terminal.map(|(major, minor)| format!("{major}:{minor}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_has_an_identity_and_a_start() {
        let host = super::host("here".into());
        assert_eq!(host.boot_id.len(), 36);
        assert!(host.up_s.unwrap() > 0);
        assert!(super::ancestry().len() > 1);
        assert_eq!(super::umask(), super::umask());
        let folder = super::folder(std::path::Path::new("/")).unwrap();
        assert_ne!(folder.ino, "0");
    }
}
