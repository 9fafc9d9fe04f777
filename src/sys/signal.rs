//! Signals and children: waiting with the sender's identity, resource use of a
//! child, and dying by a given signal.

#![allow(unsafe_code, reason = "src/sys is where unsafe code lives")]

use std::io;
use std::time::Duration;

use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, kill, sigaction,
};
use nix::unistd::Pid;

/// A signal that was taken from the queue, and who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignalInfo {
    /// Its number.
    pub signal: i32,
    /// Whether the kernel made it (terminal keys, a window that changed) rather
    /// than a process with `kill`.
    pub from_kernel: bool,
    /// The sender; 0 when it is unknown or outside this PID namespace.
    pub sender: i32,
}

/// What happened to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitEvent {
    /// Nothing since the last look.
    Nothing,
    /// It was stopped by this signal.
    Stopped(i32),
    /// It goes on after a stop.
    Continued,
    /// It ended with this exit code.
    Exited(i32, Usage),
    /// It died by this signal. A number, because real-time signals have no name.
    Signalled(i32, Usage),
}

/// Resources that a child and the descendants it waited for have used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in user mode.
    pub user: Duration,
    /// CPU time in the kernel.
    pub system: Duration,
    /// Largest resident set of any one of them, in KiB.
    pub max_rss_kib: u64,
}

/// Waits for one of the signals in `set`, which must be blocked.
///
/// # Errors
/// `Interrupted` when the process was stopped and resumed meanwhile.
#[cfg(target_os = "linux")]
pub fn wait_signal(set: &SigSet) -> io::Result<SignalInfo> {
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: both pointers are valid for the whole call; the kernel fills `info`.
    let signal = unsafe { libc::sigwaitinfo(set.as_ref(), info.as_mut_ptr()) };
    if signal < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed is a valid siginfo_t, and the call has written it besides.
    Ok(describe(signal, &unsafe { info.assume_init() }))
}

/// Waits for one of the signals in `set`. Without `sigwaitinfo` the sender is
/// unknown: what a terminal makes is taken to come from the kernel.
///
/// # Errors
/// Those of `sigwait`.
#[cfg(not(target_os = "linux"))]
pub fn wait_signal(set: &SigSet) -> io::Result<SignalInfo> {
    let signal = set.wait()?;
    let from_kernel = matches!(
        signal,
        Signal::SIGINT | Signal::SIGQUIT | Signal::SIGWINCH | Signal::SIGTSTP | Signal::SIGCHLD
    );
    Ok(SignalInfo { signal: signal as i32, from_kernel, sender: 0 })
}

/// Takes a signal of `set` that is already waiting, without blocking.
#[cfg(target_os = "linux")]
#[must_use]
pub fn take_pending(set: &SigSet) -> Option<SignalInfo> {
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    let now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: all three pointers are valid for the whole call.
    let signal = unsafe { libc::sigtimedwait(set.as_ref(), info.as_mut_ptr(), &raw const now) };
    if signal <= 0 {
        return None;
    }
    // SAFETY: zeroed is a valid siginfo_t, and the call has written it besides.
    Some(describe(signal, &unsafe { info.assume_init() }))
}

/// Takes a signal of `set` that is already waiting. Not available here: such a
/// signal is handled after the start.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn take_pending(_set: &SigSet) -> Option<SignalInfo> {
    None
}

#[cfg(target_os = "linux")]
fn describe(signal: i32, info: &libc::siginfo_t) -> SignalInfo {
    let from_kernel = info.si_code > 0;
    // Only `kill` and `sigqueue` fill the sender; in other records the same
    // bytes mean something else.
    let sender = match info.si_code {
        // SAFETY: for these codes the kernel has filled the `_kill`/`_rt` member.
        libc::SI_USER | libc::SI_TKILL | libc::SI_QUEUE => unsafe { info.si_pid() },
        _ => 0,
    };
    SignalInfo { signal, from_kernel, sender }
}

/// Looks, without waiting, at what a child has done since the last look.
///
/// # Errors
/// Those of wait4(2); `ECHILD` when there is no such child.
pub fn wait_event(pid: i32) -> io::Result<WaitEvent> {
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    let flags = libc::WNOHANG | libc::WUNTRACED | libc::WCONTINUED;
    let got = loop {
        // SAFETY: both pointers are valid for the whole call.
        let got = unsafe { libc::wait4(pid, &raw mut status, flags, usage.as_mut_ptr()) };
        if got >= 0 {
            break got;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    };
    if got == 0 {
        return Ok(WaitEvent::Nothing);
    }
    // SAFETY: zeroed is a valid rusage, and the call has written it besides.
    let usage = Usage::from(&unsafe { usage.assume_init() });
    Ok(if libc::WIFEXITED(status) {
        WaitEvent::Exited(libc::WEXITSTATUS(status), usage)
    } else if libc::WIFSIGNALED(status) {
        WaitEvent::Signalled(libc::WTERMSIG(status), usage)
    } else if libc::WIFSTOPPED(status) {
        WaitEvent::Stopped(libc::WSTOPSIG(status))
    } else {
        WaitEvent::Continued
    })
}

/// Whether a child has ended. It is not waited for by this: until it is, its pid
/// and the process group of that number are nobody else's.
///
/// # Errors
/// Those of waitid(2); `ECHILD` when there is no such child.
pub fn has_ended(pid: i32) -> io::Result<bool> {
    let id = libc::id_t::try_from(pid).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    loop {
        // SAFETY: the pointer is valid for the whole call.
        if unsafe { libc::waitid(libc::P_PID, id, info.as_mut_ptr(), flags) } == 0 {
            // SAFETY: zeroed is a valid siginfo, and of one that is left so, or
            // that the call has written for a child, the pid may be read.
            return Ok(unsafe { info.assume_init().si_pid() } != 0);
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

impl From<&libc::rusage> for Usage {
    fn from(usage: &libc::rusage) -> Self {
        let rss = u64::try_from(usage.ru_maxrss).unwrap_or(0);
        Self {
            user: duration(usage.ru_utime),
            system: duration(usage.ru_stime),
            // macOS counts bytes, Linux KiB.
            max_rss_kib: if cfg!(target_os = "macos") { rss / 1024 } else { rss },
        }
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0))
        + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or(0))
}

/// Gives SIGCHLD its default action and says whether it was ignored before:
/// with SIGCHLD ignored, children leave no status behind (waitpid(2)).
pub fn default_child_signal() -> bool {
    // SAFETY: SIG_DFL installs no code.
    let before = unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    before == libc::SIG_IGN
}

/// Whether a signal is ignored, as `nohup` and background jobs of scripts
/// arrange it.
#[must_use]
pub fn is_ignored(signal: Signal) -> bool {
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null new action only asks; `action` is valid for the whole call.
    let asked =
        unsafe { libc::sigaction(signal as i32, std::ptr::null(), action.as_mut_ptr()) } == 0;
    // SAFETY: zeroed is a valid sigaction, and the call has written it besides.
    asked && unsafe { action.assume_init() }.sa_sigaction == libc::SIG_IGN
}

/// Stops this process by the signal that stopped the child, so that a shell
/// says the same of both; returns when it is resumed.
pub fn stop_by(signal: i32) {
    let Ok(signal) = Signal::try_from(signal) else { return };
    if !matches!(signal, Signal::SIGSTOP | Signal::SIGTSTP | Signal::SIGTTIN | Signal::SIGTTOU) {
        return;
    }
    let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
    // SAFETY: SIG_DFL installs no code.
    let before = unsafe { sigaction(signal, &default) };
    let _ = kill(Pid::this(), signal);
    let set = SigSet::from(signal);
    if let Ok(mask) = set.thread_swap_mask(SigmaskHow::SIG_UNBLOCK) {
        let _ = mask.thread_set_mask();
    }
    if let Ok(before) = before {
        // SAFETY: puts back the action that was there before.
        let _ = unsafe { sigaction(signal, &before) };
    }
}

/// Ends this process by a signal, without leaving a core file: the child has
/// left its own already.
///
/// Returns only when the signal does not end a process, or this process is
/// PID 1 of a container, which signals of its own cannot end.
pub fn die_by(signal: i32) {
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    // The limit is not obeyed where cores are piped to a program (core(5)).
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
    // SAFETY: plain numbers, SIG_DFL installs no code, and `set` is initialised
    // by sigemptyset before it is read. Raw calls because real-time signals
    // have no `Signal`.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        libc::kill(libc::getpid(), signal);
        libc::pthread_sigmask(SigmaskHow::SIG_UNBLOCK as i32, set.as_ptr(), std::ptr::null_mut());
    }
}
