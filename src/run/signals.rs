//! Which signals guard holds back while a child runs, and which it passes on.

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

use crate::sys::{self, SignalInfo};

/// Signals that would end or stop guard, or tell it something the child must
/// hear.
///
/// Those that stop are held although the terminal sends them to guard and child
/// at once: guard stops only after the child has. Otherwise the shell would
/// take the terminal back while the child still reads from it or, as full
/// screen programs do on Ctrl-Z, still puts its modes right; and a child that
/// ignores Ctrl-Z would run on behind a job that is shown as stopped. SIGCONT
/// resumes guard although it is blocked; being blocked, it is also seen.
const HELD: [Signal; 13] = [
    Signal::SIGCHLD,
    Signal::SIGCONT,
    Signal::SIGTSTP,
    Signal::SIGTTIN,
    Signal::SIGTTOU,
    Signal::SIGINT,
    Signal::SIGQUIT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
    Signal::SIGALRM,
];

/// How many parents are followed to see whether a sender descends from the
/// child. A cycle is impossible, but processes come and go meanwhile.
const MAX_GENERATIONS: usize = 64;

/// Signals held back from now until dropped. The thread that holds it must be
/// the main one, and the only one.
#[derive(Debug)]
#[must_use = "dropping it lets signals through again"]
pub struct Signals {
    held: SigSet,
    before: SigSet,
    child_signal_was_ignored: bool,
}

impl Signals {
    /// Holds signals back.
    pub fn block() -> Self {
        let held: SigSet = HELD.into_iter().collect();
        let child_signal_was_ignored = sys::default_child_signal();
        // Fails only for an invalid `how`.
        let before =
            held.thread_swap_mask(SigmaskHow::SIG_BLOCK).unwrap_or_else(|_| SigSet::empty());
        Self { held, before, child_signal_was_ignored }
    }

    /// The mask from before, which the child gets.
    pub(super) const fn before(&self) -> &SigSet {
        &self.before
    }

    /// Whether SIGCHLD was ignored before, as the child should find it.
    pub(super) const fn child_signal_was_ignored(&self) -> bool {
        self.child_signal_was_ignored
    }

    /// The signals that are waited for.
    pub(super) const fn held(&self) -> &SigSet {
        &self.held
    }

    /// A signal that would have ended guard by now, had it not been held.
    pub(super) fn interruption(&self) -> Option<i32> {
        let fatal = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];
        let fatal = fatal.into_iter().filter(|signal| !sys::is_ignored(*signal)).collect();
        Some(sys::take_pending(&fatal)?.signal)
    }

    /// Whether guard has been resumed and has not taken notice yet.
    pub(super) fn resumed(&self) -> bool {
        sys::take_pending(&SigSet::from(Signal::SIGCONT)).is_some()
    }

    /// Takes a signal that came while the child was being started.
    pub(super) fn early(&self) -> Option<SignalInfo> {
        let mut set = self.held;
        set.remove(Signal::SIGCHLD);
        sys::take_pending(&set)
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        let _ = self.before.thread_set_mask();
    }
}

/// Whether guard passes a signal on to the child.
///
/// What the kernel sends (Ctrl-C, a window that changed) goes to the whole
/// foreground group, so the child has it. What a process sends is meant for
/// "the command" and is passed on, unless the child or one of its descendants
/// sent it: otherwise a command that signals everything, as `reboot` does,
/// would hit itself. sudo draws that line at the process group; here it is the
/// descent, because in a script without job control (`guard -- x & kill $!`)
/// and under `timeout --foreground` the sender that must be obeyed is in
/// guard's own group.
pub(super) fn passes_on(info: &SignalInfo, child: i32, parent_of: impl Fn(i32) -> i32) -> bool {
    if info.from_kernel {
        return false;
    }
    let mut pid = info.sender;
    for _ in 0..MAX_GENERATIONS {
        if pid == child {
            return false;
        }
        if pid <= 1 {
            return true;
        }
        pid = parent_of(pid);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10 is guard, 20 the child, 30 below it; 40 a shell beside guard.
    fn parent_of(pid: i32) -> i32 {
        match pid {
            30 => 20,
            20 => 10,
            10 | 40 => 5,
            5 => 1,
            _ => 0,
        }
    }

    fn passed(from_kernel: bool, sender: i32) -> bool {
        let info = SignalInfo { signal: libc::SIGTERM, from_kernel, sender };
        passes_on(&info, 20, parent_of)
    }

    #[test]
    fn what_the_terminal_sends_is_not_doubled() {
        assert!(!passed(true, 0));
    }

    #[test]
    fn what_the_child_or_its_descendants_send_does_not_come_back() {
        assert!(!passed(false, 20));
        assert!(!passed(false, 30));
    }

    #[test]
    fn what_others_send_is_passed_on_even_when_they_are_gone() {
        assert!(passed(false, 40), "a shell in the same group");
        assert!(passed(false, 10), "guard itself");
        assert!(passed(false, 99), "gone already");
        assert!(passed(false, 0), "outside the container");
    }

    #[test]
    fn a_chain_without_end_ends() {
        let info = SignalInfo { signal: 1, from_kernel: false, sender: 7 };
        assert!(passes_on(&info, 20, |pid| pid));
    }
}
