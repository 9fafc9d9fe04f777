//! What this process was given at its start and Rust's runtime changes before
//! `main`: it ignores SIGPIPE and opens `/dev/null` in the place of closed
//! standard files. A child should find both as guard found them.

/// The state at the start of this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Inherited {
    /// Whether SIGPIPE was ignored.
    pub pipe_signal_ignored: bool,
    /// Whether files 0, 1 and 2 were closed.
    pub closed: [bool; 3],
}

/// What this process was given. Where it could not be recorded: all open, and
/// SIGPIPE at its default, as the standard library assumes for children.
#[must_use]
pub fn inherited() -> Inherited {
    #[cfg(target_os = "linux")]
    {
        linux::recorded()
    }
    #[cfg(not(target_os = "linux"))]
    {
        Inherited::default()
    }
}

#[cfg(target_os = "linux")]
mod linux {
    #![allow(unsafe_code, reason = "src/sys is where unsafe code lives")]

    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Inherited;

    const PIPE_IGNORED: u8 = 8;

    /// Bits 0 to 2: closed files; [`PIPE_IGNORED`].
    static RECORD: AtomicU8 = AtomicU8::new(0);

    /// The C library calls what stands in this section before `main`, and so
    /// before Rust's runtime starts (System V ABI, "Initialization and
    /// Termination Functions").
    // SAFETY: the section holds pointers to C functions without result; extra
    // arguments that glibc passes are ignored by the calling convention.
    #[used]
    #[unsafe(link_section = ".init_array")]
    static AT_START: extern "C" fn() = record;

    extern "C" fn record() {
        let mut bits = 0;
        for file in 0..3 {
            // SAFETY: asks for the flags of a number; no memory is involved.
            if unsafe { libc::fcntl(file, libc::F_GETFD) } == -1 {
                bits |= 1 << file;
            }
        }
        if crate::sys::is_ignored(nix::sys::signal::Signal::SIGPIPE) {
            bits |= PIPE_IGNORED;
        }
        RECORD.store(bits, Ordering::Relaxed);
    }

    pub(super) fn recorded() -> Inherited {
        let bits = RECORD.load(Ordering::Relaxed);
        Inherited {
            pipe_signal_ignored: bits & PIPE_IGNORED != 0,
            closed: [0, 1, 2].map(|file| bits & (1 << file) != 0),
        }
    }
}
