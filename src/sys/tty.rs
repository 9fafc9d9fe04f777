//! What a question on a terminal needs: its width, and signals that arrive as
//! values instead of ending the process.
#![allow(unsafe_code, reason = "the standard library and nix have no safe call for this")]

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::SigSet;

/// Columns of the terminal, or `None` when it does not say.
#[must_use]
pub fn columns(terminal: impl AsFd) -> Option<usize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    let fd = terminal.as_fd().as_raw_fd();
    // SAFETY: the descriptor is open for as long as it is borrowed, TIOCGWINSZ
    // writes one `winsize` and nothing else, and `size` outlives the call.
    let done = unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &raw mut size) };
    (done == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Signals of a set, taken in as values. The set must be blocked.
#[derive(Debug)]
pub struct Signals {
    #[cfg(target_os = "linux")]
    fd: nix::sys::signalfd::SignalFd,
    #[cfg(not(target_os = "linux"))]
    set: SigSet,
}

#[cfg(target_os = "linux")]
impl Signals {
    /// Takes in the signals of `set`.
    ///
    /// # Errors
    /// Those of signalfd(2).
    pub fn new(set: SigSet) -> io::Result<Self> {
        use nix::sys::signalfd::{SfdFlags, SignalFd};
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        Ok(Self { fd: SignalFd::with_flags(&set, flags)? })
    }

    /// The number of a signal that has arrived.
    pub fn take(&mut self) -> Option<i32> {
        let found = self.fd.read_signal().ok().flatten()?;
        i32::try_from(found.ssi_signo).ok()
    }

    /// Waits until the terminal has one of `events`, a signal has arrived or the
    /// time is over; what the terminal has, if anything.
    ///
    /// # Errors
    /// Those of poll(2), but not an interruption.
    pub fn wait(
        &self,
        terminal: &impl AsFd,
        events: PollFlags,
        time: Duration,
    ) -> io::Result<PollFlags> {
        let mut ready = [
            PollFd::new(terminal.as_fd(), events),
            PollFd::new(self.fd.as_fd(), PollFlags::POLLIN),
        ];
        // Rounded up: a poll that ends a fraction early would spin.
        let time = i32::try_from(time.as_millis().saturating_add(1)).unwrap_or(i32::MAX);
        match poll(&mut ready, PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [terminal, _] = ready;
        Ok(terminal.revents().unwrap_or(PollFlags::empty()))
    }
}

/// Without signalfd, and where poll(2) does not work on a terminal, looking
/// twenty times a second has to do.
#[cfg(not(target_os = "linux"))]
impl Signals {
    /// Takes in the signals of `set`.
    ///
    /// # Errors
    /// None here.
    pub fn new(set: SigSet) -> io::Result<Self> {
        Ok(Self { set })
    }

    /// The number of a signal that has arrived.
    pub fn take(&mut self) -> Option<i32> {
        let mut pending = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: the pointer is valid for the call, which fills the set.
        if unsafe { libc::sigpending(pending.as_mut_ptr()) } != 0 {
            return None;
        }
        // SAFETY: filled above, and all zero bytes are a valid set besides.
        let pending = unsafe { SigSet::from_sigset_t_unchecked(pending.assume_init()) };
        let found = self.set.iter().find(|signal| pending.contains(*signal))?;
        let mut one = SigSet::empty();
        one.add(found);
        one.wait().ok().map(|signal| signal as i32)
    }

    /// Lets a moment pass; the terminal counts as ready, and a read or write
    /// that does not wait tells whether it is.
    ///
    /// # Errors
    /// None here.
    pub fn wait(
        &self,
        _terminal: &impl AsFd,
        events: PollFlags,
        time: Duration,
    ) -> io::Result<PollFlags> {
        std::thread::sleep(time.min(Duration::from_millis(50)));
        Ok(events)
    }
}
