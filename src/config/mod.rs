//! guard's own files: where they are, and how they are read.

pub mod paths;
pub mod policy;
pub mod rules_d;
pub mod trust;

/// An error in configuration, rules or policy: nothing runs, exit code 78.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that exists could not be read.
    #[error("{path} cannot be read: {source}. Nothing runs until it can, or until it is removed.")]
    Read {
        /// The file, escaped.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file that others could have written.
    #[error("{path} {problem}. Fix it with: {fix}")]
    Unsafe {
        /// The file, escaped.
        path: String,
        /// What is wrong.
        problem: String,
        /// A command that mends it.
        fix: String,
    },
    /// Rule files with mistakes.
    #[error("{0}")]
    Rules(#[from] crate::rules::RuleErrors),
    /// A file with mistakes, each with file, line and column.
    #[error("{0}")]
    Invalid(String),
}

impl From<crate::rules::RuleError> for ConfigError {
    fn from(error: crate::rules::RuleError) -> Self {
        Self::Rules(error.into())
    }
}
