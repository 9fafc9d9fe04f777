//! Files of sections with `name = value` lines, as the command lines of clouds
//! keep their configuration.

use std::path::{Path, PathBuf};

use super::{Env, text};

/// A file of sections with `name = value` lines.
#[derive(Debug, Default)]
pub(super) struct Ini(String);

impl Ini {
    /// The file that a variable names, or the usual one below the home.
    pub(super) fn read(env: Env<'_>, variable: &str, usual: &str) -> Self {
        let path = text(env, variable)
            .map(PathBuf::from)
            .or_else(|| env("HOME").map(|home| PathBuf::from(home).join(usual)));
        path.map(|path| Self::at(&path)).unwrap_or_default()
    }

    /// A file that is not there, or too long, says nothing.
    pub(super) fn at(path: &Path) -> Self {
        Self(super::content(path).unwrap_or_default())
    }

    /// The last value of a name in a section.
    pub(super) fn get(&self, section: &str, name: &str) -> Option<String> {
        let mut inside = false;
        let mut found = None;
        for line in self.0.lines() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                inside = header.split_whitespace().eq(section.split_whitespace());
            } else if inside
                && let Some((key, value)) = line.split_once('=')
                && key.trim() == name
            {
                found = Some(value.trim().to_owned());
            }
        }
        found
    }
}
