//! This machine as a whole, for what stops it: who is logged in, who is connected
//! from elsewhere, how long it has been up. Everybody is told the same, so this
//! looks for `sudo` too.

use super::client::ask;
use super::commands::{CRONTAB, WHO};
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

/// Users that are named.
const NAMED: usize = 3;
/// Bytes of a table of connections that are read.
const MAX_TABLE: u64 = 8 << 20;
/// An established connection (`TCP_ESTABLISHED` in the kernel's tcp_states.h).
const ESTABLISHED: &str = "01";

/// `reboot`, `shutdown`, `systemctl poweroff`.
pub(super) fn stopped(job: &Job) -> Result {
    // Another machine, or a container.
    if job.has(&["-H", "--host", "-M", "--machine", "--root"]) {
        return Ok(None);
    }
    let host = nix::unistd::gethostname().unwrap_or_default();
    let mut hits = format!("this machine ({})", escape(&host.to_string_lossy()));
    if let Some(seconds) = uptime() {
        hits += &format!(", up {}", words::ago(seconds));
    }
    let sessions = ask(job, WHO, &[]).ok().filter(|printed| printed.ok).map(|p| p.text());
    let connected = ["/proc/net/tcp", "/proc/net/tcp6"].map(connections);
    let connected: Option<u64> = connected.into_iter().flatten().reduce(|a, b| a + b);
    let mut seen = match &sessions {
        Some(text) => logged_in(text),
        None => "who is logged in was not read".to_owned(),
    };
    seen += &match connected {
        Some(n) => format!(", {} from elsewhere", words::count(n, "connection")),
        None => ", connections not counted".to_owned(),
    };
    let others =
        sessions.is_some_and(|text| text.lines().count() > 1) || connected.is_some_and(|n| n > 0);
    let flags = if others { vec![Flag::Others] } else { Vec::new() };
    Ok(Some(Found { count: Count::Exact(1), hits, flags, seen, ..Found::default() }))
}

fn uptime() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    text.split('.').next()?.trim().parse().ok()
}

/// The sessions of `who -u`, one in a line, the name first.
fn logged_in(text: &str) -> String {
    let mut names: Vec<&str> =
        text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let n = names.len() as u64;
    names.sort_unstable();
    names.dedup();
    let more = if names.len() > NAMED { ", …" } else { "" };
    let named: Vec<String> = names.into_iter().take(NAMED).map(escape).collect();
    match n {
        0 => "nobody logged in".to_owned(),
        _ => format!("{} ({}{more})", words::count(n, "session"), named.join(", ")),
    }
}

/// Established connections with other machines (proc_pid_net(5)).
fn connections(path: &str) -> Option<u64> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(MAX_TABLE).read_to_string(&mut text).ok()?;
    Some(foreign(&text))
}

/// The lines of such a table whose other end is not this machine. The address is
/// written in words of four bytes in the order of the processor.
fn foreign(text: &str) -> u64 {
    let counts = |line: &&str| {
        let mut fields = line.split_whitespace().skip(2);
        let (Some(other), Some(state)) = (fields.next(), fields.next()) else { return false };
        let address = other.split(':').next().unwrap_or_default();
        // 127.0.0.0/8 by itself and in IPv6, and ::1; either order of the bytes.
        let v4 = address.get(24..).filter(|_| address.len() == 32).unwrap_or(address);
        let mapped = address.len() == 8 || address.get(16..24).is_some_and(|w| w.contains("FFFF"));
        let here = mapped && (v4.ends_with("7F") || v4.starts_with("7F"));
        let one = ["00000001", "01000000"].contains(&v4)
            && address.get(..24).is_some_and(|rest| rest.bytes().all(|byte| byte == b'0'));
        state == ESTABLISHED && !here && !one
    };
    text.lines().skip(1).filter(counts).count() as u64
}

/// `crontab -r`: the jobs of the table.
pub(super) fn jobs(job: &Job) -> Result {
    if job.invocation.program.as_deref() != Some("crontab") {
        return Ok(None);
    }
    let Some(user) = job.flags(&["-u"]) else { return Ok(None) };
    let printed = ask(job, CRONTAB, &[&user])?;
    let errors = String::from_utf8_lossy(&printed.errors).into_owned();
    if !printed.ok && !errors.contains("no crontab for") {
        return Err(Failed::new(format!("crontab: {}", printed.error())));
    }
    let text = printed.text();
    let lines = text.lines().map(str::trim);
    // What begins with a digit, a star or an @ is a job; the rest are settings.
    let n = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_digit() || "*@".contains(c)));
    let n = n.count() as u64;
    let undo = match n {
        0 => (Reversibility(1), "there is nothing in it".to_owned()),
        _ => (Reversibility(4), "no copy: `crontab -l >FILE` makes one".to_owned()),
    };
    let hits = words::count(n, "job");
    Ok(Some(Found { count: Count::Exact(n), hits, undo: Some(undo), ..Found::default() }))
}

/// `kill -1`-like: every process that the caller may signal.
pub(super) fn every_process(job: &Job) -> Result {
    use std::os::unix::fs::MetadataExt as _;
    if job.invocation.program.as_deref() != Some("kill") {
        return Ok(None);
    }
    let me = nix::unistd::geteuid().as_raw();
    let Ok(all) = std::fs::read_dir("/proc") else { return Ok(None) };
    let process = |entry: &std::fs::DirEntry| {
        let name = entry.file_name();
        let number = name.to_string_lossy().bytes().all(|byte| byte.is_ascii_digit());
        number && (me == 0 || entry.metadata().is_ok_and(|meta| meta.uid() == me))
    };
    let n = all.flatten().filter(process).count() as u64;
    let hits = format!("{}, all that may be signalled", words::count(n, "process"));
    Ok(Some(Found { count: Count::Exact(n), hits, ..Found::default() }))
}

#[cfg(test)]
mod tests {
    use super::{foreign, logged_in};

    #[test]
    fn connections_of_this_machine_with_itself_are_not_counted() {
        let line = |other: &str, state: &str| format!("  0: 0100007F:1F90 {other} {state} 0 0\n");
        let six = "00000000000000000000000001000000:01";
        let mapped = "0000000000000000FFFF00000100007F:01";
        let far = "B80D0120000000000000000001000000:01";
        let mut text = "  sl  local_address rem_address   st\n".to_owned();
        for (other, state) in [
            ("0100007F:1", "01"),
            (six, "01"),
            (mapped, "01"),
            ("0A01A8C0:1", "0A"),
            ("0A01A8C0:1", "01"),
            (far, "01"),
        ] {
            text += &line(other, state);
        }
        assert_eq!(foreign(&text), 2);
        for hostile in ["", "x", "a\nb c d e", "a\n1 2 \u{fffd}\u{fffd}\u{fffd}:1 01"] {
            let _ = foreign(hostile);
        }
    }

    #[test]
    fn sessions_are_named_once_and_escaped() {
        let text = "ann pts/0 x\nann pts/1 x\nb\u{1b}b tty1 x\n";
        assert_eq!(
            logged_in(text),
            "3 sessions (ann, b\\u{1b}b)".replace("\\u{1b}", &crate::text::escape("\u{1b}"))
        );
        assert_eq!(logged_in(""), "nobody logged in");
    }
}
