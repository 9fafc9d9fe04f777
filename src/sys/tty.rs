//! Asking a terminal about itself.
#![allow(unsafe_code, reason = "the standard library and nix have no safe call for this")]

use std::os::fd::{AsFd, AsRawFd};

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
