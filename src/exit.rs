//! Every exit code of guard, in one place.

use std::process::ExitCode;

/// How a guard process ends by itself. A command that was run passes its own
/// code or signal through instead.
///
/// 64 to 78 are those of `sysexits.h`; 126 and 127 are what shells use
/// (POSIX.1-2024, XCU 2.8.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done; for `check`: the command would run without a question.
    Ok = 0,
    /// A check of guard's own failed (`rules test`, `log verify`).
    Failed = 1,
    /// `check`: somebody would be asked.
    WouldAsk = 3,
    /// `check`: the command would be refused.
    WouldDeny = 4,
    /// Wrong usage of guard itself (`EX_USAGE`).
    Usage = 64,
    /// A defect of guard (`EX_SOFTWARE`).
    Internal = 70,
    /// The record could not be written, so the command did not run (`EX_IOERR`).
    NotRecorded = 74,
    /// Waiting for an answer: run the same command again (`EX_TEMPFAIL`).
    Pending = 75,
    /// Refused (`EX_NOPERM`).
    Denied = 77,
    /// Configuration, rules or policy are broken (`EX_CONFIG`).
    Config = 78,
    /// The program was found but could not be started.
    NotExecutable = 126,
    /// The program was not found.
    NotFound = 127,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
