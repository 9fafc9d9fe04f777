//! Why a command was not started, and the exit code for it.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::exit::Exit;
use crate::sys;
use crate::text::Escaped;

/// Why a command was not started. The text is a full sentence for the user,
/// already escaped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No such program.
    #[error("{}", not_found(program, searched.as_deref()))]
    NotFound {
        /// The name as typed.
        program: String,
        /// The PATH that was searched; none for a name with a slash.
        searched: Option<String>,
    },
    /// There is such a file, but it cannot be a program.
    #[error("{} {obstacle}.", Escaped(&path.to_string_lossy()))]
    NotExecutable {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        obstacle: Obstacle,
    },
    /// The file is not the one that was judged and approved.
    #[error(
        "{} has changed since it was judged ({what}), so it was not run. \
         Run the command again to have the new file judged.",
        Escaped(&path.to_string_lossy())
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// The kernel refused to execute the file.
    #[error("{}", exec_failed(path, source, *script))]
    Exec {
        /// The file.
        path: PathBuf,
        /// Whether it starts with `#!`.
        script: bool,
        /// The kernel's answer.
        source: io::Error,
    },
    /// No process could be made.
    #[error(
        "No process could be started: {0}. The limit on processes or memory is reached; \
         end some and run the command again."
    )]
    Fork(io::Error),
    /// A word of the command contains a NUL byte, which no program can be given.
    #[error(
        "The command contains a NUL byte and was not run: no program can be given one. \
         Remove it and run the command again."
    )]
    Nul,
    /// A signal came before the child was started.
    #[error("Interrupted by signal {0} before the command was started.")]
    Interrupted(i32),
}

/// What keeps a file from being a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Obstacle {
    /// It is a directory.
    #[error("is a directory, not a program")]
    Directory,
    /// It is a device, a pipe or a socket.
    #[error("is not a regular file, so it cannot be a program")]
    NotRegular,
    /// No execute permission for this user, or a file system mounted noexec.
    #[error(
        "may not be executed: permission denied. \
         If it is a script of yours, try `chmod u+x` on it, or run `sh` with it as argument"
    )]
    Permission,
    /// It could not be looked at.
    #[error("could not be reached: a part of its path is not a directory or may not be searched")]
    Unreachable,
}

impl RunError {
    /// The exit code that goes with it, as shells use them: 127 for not found,
    /// 126 for found but not executable.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotFound { .. } => Exit::NotFound,
            // A missing `#!` interpreter: 127, as bash says.
            Self::Exec { source, .. } if source.kind() == io::ErrorKind::NotFound => Exit::NotFound,
            Self::NotExecutable { .. } | Self::Exec { .. } | Self::Nul => Exit::NotExecutable,
            Self::Changed { .. } => Exit::Denied,
            Self::Fork(_) | Self::Interrupted(_) => Exit::Internal,
        }
    }

    /// Ends guard the way this error asks for. An interruption is passed on as
    /// the signal itself, so that a shell loop around guard stops; then this
    /// does not return. Flush all output before.
    pub fn finish(&self) -> ExitCode {
        if let Self::Interrupted(signal) = self {
            sys::die_by(*signal);
            return ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX));
        }
        self.exit().into()
    }
}

fn not_found(program: &str, searched: Option<&str>) -> String {
    let program = Escaped(program);
    match searched {
        Some(path) => format!(
            "{program} was not found in PATH ({}). Check the spelling, or install it.",
            Escaped(path)
        ),
        None => format!("{program} does not exist. Check the path."),
    }
}

fn exec_failed(path: &std::path::Path, source: &io::Error, script: bool) -> String {
    let path = path.to_string_lossy();
    let path = Escaped(&path);
    match source.raw_os_error() {
        Some(libc::ENOEXEC) => format!(
            "{path} could not be started: exec format error. It is neither a program for this \
             machine nor a script with a `#!` line. If it is a shell script, run \
             `guard -- sh {path}`."
        ),
        Some(libc::ENOENT) if script => format!(
            "{path} could not be started: the interpreter in its `#!` line does not exist. \
             Correct that line, or install the interpreter."
        ),
        Some(libc::ENOENT) => format!(
            "{path} could not be started: it or the loader that it needs does not exist. \
             It may be built for another system."
        ),
        Some(libc::E2BIG) => format!(
            "{path} could not be started: the arguments and the environment are too long. \
             Split the work, for example with xargs."
        ),
        _ => format!("{path} could not be started: {source}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_shells() {
        let path = PathBuf::from("/x");
        let exec = |errno| RunError::Exec {
            path: path.clone(),
            script: true,
            source: io::Error::from_raw_os_error(errno),
        };
        assert_eq!(exec(libc::ENOENT).exit(), Exit::NotFound);
        assert_eq!(exec(libc::ENOEXEC).exit(), Exit::NotExecutable);
        assert_eq!(exec(libc::EACCES).exit(), Exit::NotExecutable);
        let missing = RunError::NotFound { program: "x".into(), searched: None };
        assert_eq!(missing.exit(), Exit::NotFound);
        assert_eq!(
            RunError::Changed { path: path.clone(), what: "its content" }.exit(),
            Exit::Denied
        );
    }

    #[test]
    fn messages_show_hostile_names_escaped_and_say_what_to_do() {
        let error = RunError::NotFound {
            program: "a\x1b[2J\u{202e}".into(),
            searched: Some("/bin".into()),
        };
        assert_eq!(
            error.to_string(),
            "a\\x1b[2J\\u{202e} was not found in PATH (/bin). Check the spelling, or install it."
        );
    }
}
