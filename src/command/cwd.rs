//! Follows `cd` through a script, so that relative paths are judged where they
//! are used.

use crate::model::{Simple, Word};

/// The directory that relative paths are relative to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Cwd {
    /// guard's own working directory.
    #[default]
    Start,
    /// A known change: absolute, or relative to the start.
    At(String),
    /// A change to somewhere unknown.
    Unknown,
}

impl Cwd {
    /// The directory after a simple command.
    pub(crate) fn after(self, command: &Simple, home: Option<&str>) -> Self {
        let mut words = command.words.iter();
        let Some(program) = words.next().and_then(Word::as_static) else { return self };
        if program == "popd" {
            return Self::Unknown;
        }
        if program != "cd" && program != "pushd" {
            return self;
        }
        let target =
            words.find(|word| !matches!(word.as_static(), Some("-P" | "-L" | "-e" | "--")));
        match target {
            None => home.map_or(Self::Unknown, |home| Self::At(home.to_owned())),
            Some(word) => match word.as_static() {
                Some("-") | None => Self::Unknown,
                Some("") => self,
                Some(path) => self.join(path),
            },
        }
    }

    fn join(self, path: &str) -> Self {
        if path.starts_with('/') {
            return Self::At(path.to_owned());
        }
        match self {
            Self::Start => Self::At(path.to_owned()),
            Self::At(base) => Self::At(format!("{base}/{path}")),
            Self::Unknown => Self::Unknown,
        }
    }

    /// As stored in an invocation: `None` for guard's own directory, an empty
    /// text for unknown.
    pub(crate) fn stored(&self) -> Option<String> {
        match self {
            Self::Start => None,
            Self::At(path) => Some(path.clone()),
            Self::Unknown => Some(String::new()),
        }
    }
}
