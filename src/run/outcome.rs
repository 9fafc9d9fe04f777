//! How a command ended, and ending the same way.

use std::process::ExitCode;
use std::time::Duration;

use super::Signals;
use crate::sys::{self, Usage};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// By itself, with this exit code (0 to 255).
    Exited(i32),
    /// By this signal.
    Signalled(i32),
}

/// What there is to record about a command that ended. Signals are held back
/// until it is dropped or finished.
#[derive(Debug)]
#[must_use = "guard has to end as the command did"]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// From start to end, by a clock that never jumps.
    pub duration: Duration,
    /// What it and the descendants that it waited for have used.
    pub usage: Usage,
    pub(super) signals: Signals,
}

impl Outcome {
    /// Ends guard as the command ended: the same code, or death by the same
    /// signal, and then this does not return. `exit(128 + n)` instead would
    /// not do: a shell goes on with its loop or list after that.
    ///
    /// Write the `end` record and flush all output before.
    pub fn finish(self) -> ExitCode {
        match self.status {
            Status::Exited(code) => {
                // What arrived too late to reach the command must not end
                // guard by another status now, so signals stay held.
                std::mem::forget(self.signals);
                ExitCode::from(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
            }
            Status::Signalled(signal) => {
                std::mem::forget(self.signals);
                sys::die_by(signal);
                ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
            }
        }
    }
}
