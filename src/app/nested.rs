//! Whether a command was judged already, as a part of a larger one.
//!
//! A link in front of `kubectl` is met again inside a script or text that guard
//! itself has started. Which guard processes stand above this one, and what they
//! were called with, is read from `/proc` (proc_pid_cmdline(5)): what a process of guard
//! has been given starts only once it was approved; probes, which start before,
//! are marked and get nothing. No variable, file or name grants anything.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use super::judge::{self, Input};
use super::{context, session::Session};
use crate::command::NoFiles;
use crate::decide::{Permit, Subject, Verdict, World};
use crate::model::Tier;
use crate::sys;

/// How far up the ancestors are followed.
const MAX_ANCESTORS: usize = 32;

/// What a guard process with these words on its command line was asked to run.
pub type Reads = fn(&[OsString]) -> Option<Input>;

/// The permit for a command that is a part of what a guard process above this
/// one is running, and the number of that process.
///
/// `verdict` is that on the command by itself. With what was done before it is
/// `tier`: the whole must have needed as much, so that a harmless one that was
/// started early cannot finish a sequence that nobody agreed to.
pub(super) fn permit(
    verdict: &Verdict,
    tier: Tier,
    subject: &Subject,
    session: &Session,
    reads: Reads,
) -> Option<(Permit, i32)> {
    // What looks before anybody has agreed is below a guard process too.
    if std::env::var_os("GUARD_PROBE").is_some() {
        return None;
    }
    let mut pid = nix::unistd::getppid().as_raw();
    for _ in 0..MAX_ANCESTORS {
        if pid <= 1 {
            return None;
        }
        if sys::runs_this_program(pid) {
            let whole = whole(pid, session, reads);
            let whole = whole.filter(|whole| whole.tier >= tier);
            let found = whole.and_then(|whole| Permit::as_part(verdict, subject, &whole));
            if let Some(permit) = found {
                return Some((permit, pid));
            }
        }
        pid = sys::process(pid)?.parent;
    }
    None
}

/// The verdict on what that process runs, in its surroundings. Scripts are not
/// read: they may have been written since somebody looked, so that only what
/// stands on the command line itself was certainly agreed to.
fn whole(pid: i32, session: &Session, reads: Reads) -> Option<Verdict> {
    let input = reads(&sys::command_line(pid)?)?;
    let cwd = sys::directory(pid)?;
    let vars = sys::environment(pid)?.into_iter().filter_map(split);
    let mut ctx = context::gather_with(&session.paths, Some(&cwd), vars);
    ctx.environments.clone_from(&session.ctx.environments);
    let world = World { ctx: &ctx, files: &NoFiles, ..session.world() };
    Some(judge::judge(&input, world))
}

/// `NAME=value`.
fn split(line: OsString) -> Option<(OsString, OsString)> {
    let at = line.as_bytes().iter().position(|byte| *byte == b'=')?;
    let (name, value) = line.as_bytes().split_at_checked(at)?;
    let value = value.get(1..).unwrap_or_default();
    Some((OsStr::from_bytes(name).to_owned(), OsString::from_vec(value.to_vec())))
}
