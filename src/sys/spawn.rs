//! Starting the child.
//!
//! On Linux by `clone(CLONE_VM | CLONE_VFORK)`, as glibc's `posix_spawn` does
//! it: no page table is copied, so the cost does not grow with guard's memory,
//! and an exec that fails reports its errno through the shared memory. A
//! `posix_spawn` proper can set neither the parent-death signal nor exec an
//! open file.

#![allow(unsafe_code, reason = "src/sys is where unsafe code lives")]

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::BorrowedFd;

use nix::sys::signal::SigSet;

/// What to execute.
#[derive(Debug, Clone, Copy)]
pub enum Image<'a> {
    /// By path: scripts, whose interpreter opens them again by name.
    Path(&'a CStr),
    /// By an open file, so that the path may be swapped without effect. The
    /// path is used only where the kernel has no `execveat`.
    File(BorrowedFd<'a>, &'a CStr),
}

/// Everything that the child needs; its environment and directory are guard's.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// What to execute.
    pub image: Image<'a>,
    /// Its arguments, `argv[0]` first.
    pub argv: &'a [CString],
    /// The signal mask that the child gets.
    pub mask: &'a SigSet,
    /// Whether the child starts with SIGCHLD ignored.
    pub ignore_child_signal: bool,
}

/// Why there is no child.
#[derive(Debug)]
pub enum SpawnError {
    /// No process could be made.
    Fork(io::Error),
    /// The process was made but its exec failed; it is gone again.
    Exec(io::Error),
}

#[cfg(target_os = "linux")]
pub use linux::spawn;

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_char, c_int, c_void};
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::AsRawFd as _;
    use std::sync::atomic::{AtomicI32, Ordering};

    use super::{Image, Plan, SpawnError};
    use crate::sys::{Inherited, inherited};

    /// 64 KiB in units of the strictest stack alignment (16 bytes). The child
    /// makes a handful of system calls on it.
    const STACK_UNITS: usize = 4096;

    unsafe extern "C" {
        /// The environment of this process, environ(7).
        static environ: *const *const c_char;
    }

    /// The plan in the form that the child can use without allocating.
    struct Raw {
        file: c_int,
        path: *const c_char,
        argv: *const *const c_char,
        envp: *const *const c_char,
        mask: *const libc::sigset_t,
        ignore_child_signal: bool,
        inherited: Inherited,
        parent: libc::pid_t,
        errno: AtomicI32,
    }

    /// Starts a child. It gets SIGTERM when the calling thread ends, so call
    /// from the main thread.
    ///
    /// # Errors
    /// [`SpawnError`]; the child is reaped when its exec failed.
    pub fn spawn(plan: &Plan<'_>) -> Result<i32, SpawnError> {
        let mut argv: Vec<*const c_char> = plan.argv.iter().map(|word| word.as_ptr()).collect();
        argv.push(std::ptr::null());
        let (file, path) = match plan.image {
            Image::Path(path) => (-1, path.as_ptr()),
            Image::File(file, path) => (file.as_raw_fd(), path.as_ptr()),
        };
        let raw = Raw {
            file,
            path,
            argv: argv.as_ptr(),
            // SAFETY: reads one pointer; guard changes no variable at run time.
            envp: unsafe { environ },
            mask: plan.mask.as_ref(),
            ignore_child_signal: plan.ignore_child_signal,
            inherited: inherited(),
            parent: nix::unistd::getpid().as_raw(),
            errno: AtomicI32::new(0),
        };
        let mut stack = vec![MaybeUninit::<u128>::uninit(); STACK_UNITS];
        let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
        // SAFETY: with CLONE_VFORK this thread sleeps until the child has
        // exec'd or exited, so `raw`, `argv`, `plan` and `stack` outlive its
        // use of them. The stack pointer is one past the end of an allocation
        // that is aligned to 16 bytes, and stacks grow down on every Linux that
        // Rust supports. `child` never returns, allocates nothing, and takes no
        // lock that another thread might hold.
        let pid = unsafe {
            let top = stack.as_mut_ptr_range().end.cast::<c_void>();
            libc::clone(child, top, flags, (&raw const raw).cast_mut().cast())
        };
        if pid < 0 {
            return Err(SpawnError::Fork(io::Error::last_os_error()));
        }
        match raw.errno.load(Ordering::Acquire) {
            0 => Ok(pid),
            errno => {
                let _ = nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(pid), None);
                Err(SpawnError::Exec(io::Error::from_raw_os_error(errno)))
            }
        }
    }

    /// What the new process does: system calls only, no allocation, no panic.
    extern "C" fn child(plan: *mut c_void) -> c_int {
        // SAFETY: `spawn` passes a pointer to a `Raw` that outlives this
        // process's use of it. Every pointer in it is valid (see `spawn`), and
        // all functions called are async-signal-safe. `kill(getpid())` rather
        // than `raise`, which uses a thread id that the C library has cached
        // for the parent. Guard has no signal handlers that could run once the
        // mask is opened (Rust's own serve only faults).
        unsafe {
            let plan = &*plan.cast::<Raw>();
            // An ignored signal stays ignored across exec.
            if !plan.inherited.pipe_signal_ignored {
                libc::signal(libc::SIGPIPE, libc::SIG_DFL);
            }
            for (file, closed) in (0..).zip(plan.inherited.closed) {
                if closed {
                    libc::close(file);
                }
            }
            if plan.ignore_child_signal {
                libc::signal(libc::SIGCHLD, libc::SIG_IGN);
            }
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
            libc::sigprocmask(libc::SIG_SETMASK, plan.mask, std::ptr::null_mut());
            if libc::getppid() != plan.parent {
                // The parent died before it could be watched.
                libc::kill(libc::getpid(), libc::SIGTERM);
                libc::_exit(128 + libc::SIGTERM);
            }
            if plan.file >= 0 {
                let empty = c"".as_ptr();
                let at = libc::AT_EMPTY_PATH;
                libc::syscall(libc::SYS_execveat, plan.file, empty, plan.argv, plan.envp, at);
                if *libc::__errno_location() != libc::ENOSYS {
                    fail(plan);
                }
            }
            libc::execve(plan.path, plan.argv, plan.envp);
            fail(plan)
        }
    }

    /// Leaves errno for the parent and ends the child.
    ///
    /// # Safety
    /// Only for the child of [`spawn`], right after an exec that failed.
    unsafe fn fail(plan: &Raw) -> ! {
        // SAFETY: errno's location is valid in every thread; `_exit` ends only
        // this process and runs no exit handlers.
        unsafe {
            let errno = *libc::__errno_location();
            plan.errno.store(errno, Ordering::Release);
            libc::_exit(if errno == libc::ENOENT { 127 } else { 126 })
        }
    }
}

/// Starts a child, where there is neither `execveat` nor a parent-death signal:
/// by path, with the standard library's own fork and error pipe.
///
/// # Errors
/// [`SpawnError`].
#[cfg(not(target_os = "linux"))]
pub fn spawn(plan: &Plan<'_>) -> Result<i32, SpawnError> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::process::CommandExt as _;

    let (Image::Path(path) | Image::File(_, path)) = plan.image;
    let mut command = std::process::Command::new(OsStr::from_bytes(path.to_bytes()));
    if let Some((first, rest)) = plan.argv.split_first() {
        command.arg0(OsStr::from_bytes(first.to_bytes()));
        command.args(rest.iter().map(|word| OsStr::from_bytes(word.to_bytes())));
    }
    let (mask, ignore) = (*plan.mask, plan.ignore_child_signal);
    // SAFETY: the closure makes two async-signal-safe calls and allocates nothing.
    unsafe {
        command.pre_exec(move || {
            if ignore {
                libc::signal(libc::SIGCHLD, libc::SIG_IGN);
            }
            Ok(mask.thread_set_mask()?)
        });
    }
    let child = command.spawn().map_err(SpawnError::Exec)?;
    i32::try_from(child.id()).map_err(|_| SpawnError::Fork(io::ErrorKind::Other.into()))
}

/// Gives a process that the standard library starts this signal mask instead of
/// that of the thread that starts it.
pub fn with_mask(command: &mut std::process::Command, mask: nix::sys::signal::SigSet) {
    use std::os::unix::process::CommandExt as _;
    // SAFETY: pthread_sigmask is async-signal-safe and the closure allocates nothing.
    unsafe {
        command.pre_exec(move || Ok(mask.thread_set_mask()?));
    }
}

/// Makes a process that the standard library starts end with guard: where the
/// kernel can do that, it is killed when the thread that starts it ends.
#[cfg_attr(not(target_os = "linux"), allow(unused_variables, reason = "only Linux can"))]
pub fn end_with_parent(command: &mut std::process::Command) {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::process::CommandExt as _;
        // SAFETY: prctl is async-signal-safe and the closure allocates nothing.
        unsafe {
            command.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                Ok(())
            });
        }
    }
}
