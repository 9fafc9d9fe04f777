//! Whether an agent that runs was started before its hook was written. Most
//! agents read their hooks when they start: such a one asks nobody.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use nix::time::{ClockId, clock_gettime};

use super::Finding;
use crate::app::actor;
use crate::hook::Agent;
use crate::sys;
use crate::text::words::count;

/// Times of processes and of files come from two clocks, the one in hundredths of a
/// second.
const SLACK: Duration = Duration::from_millis(200);
/// `USER_HZ`: what `/proc` counts starts in (time(7)).
const TICKS: u64 = 100;
/// Most processes that are named.
const NAMED: usize = 3;

/// The processes of the agent that have not read what was written at this time.
pub(super) fn started(
    agent: Agent,
    path: &Path,
    written: SystemTime,
    home: &Path,
) -> Option<Finding> {
    // Version 2.1.330 was seen to read new hooks while it runs; Gemini CLI 0.61.0
    // and Qwen Code 0.15.10 were seen not to.
    if agent == Agent::ClaudeCode {
        return None;
    }
    let age = SystemTime::now().duration_since(written).ok()? + SLACK;
    let boot = since_boot()?;
    let running = actor::running(agent.name());
    let older: Vec<String> = running
        .into_iter()
        .filter(|(pid, ticks)| boot.saturating_sub(since(*ticks)) > age && lives_in(*pid, home))
        .map(|(pid, _)| pid.to_string())
        .collect();
    let first = older.first()?;
    let more = older.len().saturating_sub(NAMED);
    let mut named = older.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(&format!(" and {more} more"));
    }
    let number = count(u64::try_from(older.len()).unwrap_or(u64::MAX), "process");
    Some(Finding::bad(
        agent.name(),
        format!("{number} of it ({named}) began before {} was written", path.display()),
        "it reads its hooks when it starts: until then nobody is asked about what it runs",
        format!("leave the agent (`kill {first}` ends it) and start it again"),
    ))
}

/// Whether a process looks for settings in this home, as far as can be told.
fn lives_in(pid: i32, home: &Path) -> bool {
    let variables = sys::environment(pid).unwrap_or_default();
    let mut homes = variables.iter().filter_map(|line| line.as_bytes().strip_prefix(b"HOME="));
    homes.next().is_none_or(|other| other == home.as_os_str().as_bytes())
}

/// Ticks since the start of the host.
fn since(ticks: u64) -> Duration {
    Duration::from_millis(ticks.saturating_mul(1000 / TICKS))
}

/// The clock that starts of processes are measured by.
fn since_boot() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    let clock = ClockId::CLOCK_BOOTTIME;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::CLOCK_MONOTONIC;
    clock_gettime(clock).ok().map(Duration::from)
}
