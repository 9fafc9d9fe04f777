//! Gathers the surroundings for the pure core.

use std::ffi::OsString;
use std::path::Path;

use crate::config::paths::{self, Paths};
use crate::model::Context;

/// Values longer than this are no names of environments.
const MAX_VALUE: usize = 4096;

/// The surroundings of this process.
#[must_use]
pub fn gather(own: &Paths, cwd: Option<&Path>) -> Context {
    gather_with(own, cwd, std::env::vars_os())
}

/// The surroundings of a process with this environment.
pub(super) fn gather_with(
    own: &Paths,
    cwd: Option<&Path>,
    vars: impl Iterator<Item = (OsString, OsString)>,
) -> Context {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let project = cwd.and_then(paths::project_root);
    let mut homes: Vec<String> = own.homes.iter().map(|home| text(home)).collect();
    homes.retain(|home| home != "/");
    let vars = vars
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Context {
        cwd: cwd.map(text),
        homes,
        project: project.as_deref().or(cwd).map(text),
        guard_paths: own.own().iter().map(|path| text(path)).collect(),
        vars: vars.filter(|(_, value)| value.len() <= MAX_VALUE).collect(),
        all_vars: false,
        root: nix::unistd::geteuid().is_root(),
        environments: Vec::new(),
    }
}
