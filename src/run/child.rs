//! The child, from approval to its end.

use std::ffi::{CString, OsString};
use std::fs::File;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::time::Instant;

use nix::unistd::Pid;

use super::{Executable, Kind, Outcome, RunError, Signals, Status, signals};
use crate::decide::Approved;
use crate::exit::Exit;
use crate::sys::{self, Image, Plan, SignalInfo, SpawnError, Usage, WaitEvent};

/// Everything that is needed to start, with signals held back already: the
/// moment to write the `start` record. Dropping it calls the run off.
#[derive(Debug)]
#[must_use = "nothing runs until `start`"]
pub struct Prepared {
    approved: Approved,
    executable: Executable,
    signals: Signals,
}

/// A child that runs.
#[derive(Debug)]
#[must_use = "the child must be waited for"]
pub struct Running {
    pid: i32,
    started: Instant,
    signals: Signals,
}

/// Takes the approval and the program that it is for, and holds signals back.
pub fn prepare(approved: Approved, executable: Executable) -> Prepared {
    Prepared { approved, executable, signals: Signals::block() }
}

impl Prepared {
    /// The program, for the record.
    #[must_use]
    pub const fn executable(&self) -> &Executable {
        &self.executable
    }

    /// What was approved, for the record.
    pub const fn approved(&self) -> &Approved {
        &self.approved
    }

    /// Checks the file once more and starts the child. Call from the main
    /// thread: the child gets SIGTERM when the thread that started it ends.
    ///
    /// # Errors
    /// Any [`RunError`] except those of the search; nothing runs then. The
    /// approval is used up in any case.
    pub fn start(self) -> Result<Running, RunError> {
        let Self { approved, executable, signals } = self;
        let argv = words(&approved.subject().argv)?;
        if approved.subject().argv.first() != Some(&executable.typed) {
            return Err(RunError::Changed {
                path: executable.call_path,
                what: "another program was approved",
            });
        }
        let path =
            CString::new(executable.call_path.as_os_str().as_bytes()).map_err(|_| RunError::Nul)?;
        if let Some(signal) = signals.interruption() {
            return Err(RunError::Interrupted(signal));
        }
        executable.recheck()?;
        let image = if executable.by_file() {
            Image::File(executable.file.as_fd(), &path)
        } else {
            Image::Path(&path)
        };
        let plan = Plan {
            image,
            argv: &argv,
            mask: signals.before(),
            ignore_child_signal: signals.child_signal_was_ignored(),
        };
        let started = Instant::now();
        let pid = sys::spawn(&plan).map_err(|error| match error {
            SpawnError::Fork(source) => RunError::Fork(source),
            SpawnError::Exec(source) => RunError::Exec {
                script: matches!(executable.kind, Kind::Script { .. }),
                path: executable.call_path,
                source,
            },
        })?;
        let running = Running { pid, started, signals };
        // A Ctrl-C since the last look may have come before the child was there.
        while let Some(early) = running.signals.early() {
            if is_winch_or_cont(early.signal) {
                continue;
            }
            running.send(early.signal);
        }
        Ok(running)
    }
}

fn words(argv: &[OsString]) -> Result<Vec<CString>, RunError> {
    argv.iter().map(|word| CString::new(word.as_bytes()).map_err(|_| RunError::Nul)).collect()
}

const fn is_winch_or_cont(signal: i32) -> bool {
    matches!(signal, libc::SIGWINCH | libc::SIGCONT)
}

impl Running {
    /// The child's process id.
    #[must_use]
    pub const fn pid(&self) -> i32 {
        self.pid
    }

    /// Waits for the end, passing on signals and stops. Signals stay held back
    /// while the outcome lives, so that the `end` record can be written.
    pub fn wait(self) -> Outcome {
        let (status, usage) = self.follow();
        let duration = self.started.elapsed();
        Outcome { status, duration, usage, signals: self.signals }
    }

    fn follow(&self) -> (Status, Usage) {
        // The signal that the child is stopped by, while it is.
        let mut stopped = None;
        loop {
            // An error means that guard itself was stopped and resumed: look.
            let info = sys::wait_signal(self.signals.held()).unwrap_or(SignalInfo {
                signal: libc::SIGCHLD,
                from_kernel: true,
                sender: 0,
            });
            match info.signal {
                libc::SIGCHLD | libc::SIGCONT => {
                    if let Some(end) = self.look(&mut stopped) {
                        return end;
                    }
                    // Guard may have been resumed a moment before the child is.
                    let resumed = info.signal == libc::SIGCONT || self.signals.resumed();
                    match stopped {
                        Some(_) if resumed => {
                            self.send(libc::SIGCONT);
                            stopped = None;
                        }
                        Some(signal) if has_terminal() => sys::stop_by(signal),
                        _ => {}
                    }
                }
                signal if signals::passes_on(&info, self.pid, parent_of) => self.send(signal),
                _ => {}
            }
        }
    }

    /// Takes in all that has happened to the child. The last event counts: a
    /// group that is resumed may be seen stopped and continued in one go.
    fn look(&self, stopped: &mut Option<i32>) -> Option<(Status, Usage)> {
        loop {
            match sys::wait_event(self.pid) {
                Ok(WaitEvent::Exited(code, usage)) => return Some((Status::Exited(code), usage)),
                Ok(WaitEvent::Signalled(signal, usage)) => {
                    return Some((Status::Signalled(signal), usage));
                }
                Ok(WaitEvent::Stopped(signal)) => *stopped = Some(signal),
                Ok(WaitEvent::Continued) => *stopped = None,
                Ok(WaitEvent::Nothing) => return None,
                // The child is ours and has not been reaped, so this cannot
                // be; but waiting for ever would be worse than saying 70.
                Err(_) => {
                    return Some((Status::Exited(Exit::Internal as i32), Usage::default()));
                }
            }
        }
    }

    fn send(&self, signal: i32) {
        if let Ok(signal) = nix::sys::signal::Signal::try_from(signal) {
            let _ = nix::sys::signal::kill(Pid::from_raw(self.pid), signal);
        }
    }
}

fn parent_of(pid: i32) -> i32 {
    sys::process(pid).map_or(0, |process| process.parent)
}

/// Whether a shell may be waiting for its terminal. Without one nobody would
/// resume guard, and whoever resumes the child would wait for guard for ever.
fn has_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}
