//! The folder of links that stands first in `PATH`, so that what scripts and
//! agents call by its name is guard.
//!
//! A link's name is the program's, what it points to is guard; guard passes such
//! links over when it looks for the program itself (see [`crate::run::resolve`]).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::session::Session;
use crate::text::escape;

/// The programs that get a link when none are named.
const USUAL: &str = include_str!("../../rules/shims.txt");

/// A change of one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// It is to be made.
    New(String),
    /// It is there and points to this guard.
    Stands(String),
    /// It is there and points elsewhere.
    Stale(String),
}

impl Link {
    /// The program's name.
    #[must_use]
    pub fn name(&self) -> &str {
        let (Self::New(name) | Self::Stands(name) | Self::Stale(name)) = self;
        name
    }
}

/// The folder, whether or not it is there.
///
/// # Errors
/// In words, when no home is known.
pub fn folder(session: &Session) -> Result<PathBuf, String> {
    let state = session.paths.state.as_ref().ok_or("no home directory is known; set HOME")?;
    Ok(state.join("shims"))
}

/// What has to be done so that each of these programs has a link; without names,
/// each of the usual ones that is installed.
///
/// # Errors
/// In words: a name that cannot be a program's, or one that guard must not have.
pub fn wanted(names: &[String], session: &Session) -> Result<Vec<Link>, String> {
    let dir = folder(session)?;
    let names: Vec<String> = if names.is_empty() {
        usual().filter(|name| is_installed(name)).map(str::to_owned).collect()
    } else {
        names.to_vec()
    };
    names.iter().try_for_each(|name| fits(name))?;
    let guard = guard()?;
    Ok(names.into_iter().map(|name| state(&dir, &guard, name)).collect())
}

/// The links that are there.
///
/// # Errors
/// In words, when the folder cannot be read.
pub fn there(session: &Session) -> Result<Vec<Link>, String> {
    let dir = folder(session)?;
    let entries = match fs::read_dir(&dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(&dir, &error)),
    };
    let guard = guard()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut links: Vec<Link> = names.map(|name| state(&dir, &guard, name)).collect();
    links.sort_by(|a, b| a.name().cmp(b.name()));
    Ok(links)
}

/// Makes the links. Each is made aside and renamed, so that no moment is without.
///
/// # Errors
/// In words.
pub fn make(links: &[Link], session: &Session) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt as _, symlink};
    let dir = folder(session)?;
    let guard = guard()?;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&dir)
        .map_err(|error| failed(&dir, &error))?;
    for link in links.iter().filter(|link| !matches!(link, Link::Stands(_))) {
        let path = dir.join(link.name());
        if fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_symlink()) {
            return Err(format!(
                "{} is not a link; remove it first",
                escape(&path.to_string_lossy())
            ));
        }
        let aside = dir.join(format!(".guard-{}-{}", std::process::id(), link.name()));
        symlink(&guard, &aside)
            .and_then(|()| fs::rename(&aside, &path))
            .map_err(|error| failed(&path, &error))?;
    }
    Ok(())
}

/// Removes links to guard; anything else in the folder stays.
///
/// # Errors
/// In words.
pub fn remove(links: &[Link], session: &Session) -> Result<(), String> {
    let dir = folder(session)?;
    for link in links {
        let path = dir.join(link.name());
        match fs::symlink_metadata(&path) {
            Ok(meta) if meta.is_symlink() => {
                fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
            }
            Ok(_) => {
                return Err(format!("{} is not a link", escape(&path.to_string_lossy())));
            }
            Err(_) => {}
        }
    }
    // Only when it is empty.
    let _ = fs::remove_dir(&dir);
    Ok(())
}

fn usual() -> impl Iterator<Item = &'static str> {
    USUAL.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn is_installed(name: &str) -> bool {
    let path = std::env::var_os("PATH");
    crate::run::resolve(name.as_ref(), path.as_deref(), Path::new("/")).is_ok()
}

/// Whether a link of this name can stand for a program. Shells have a mode of
/// their own, and what starts guard itself must not lead back to it.
fn fits(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    if name.is_empty() || name.starts_with(['.', '-']) || !name.chars().all(plain) {
        return Err(format!("\"{}\" is not the name of a program", escape(name)));
    }
    if name.starts_with("guard") {
        return Err(format!("\"{}\": guard needs no link to itself", escape(name)));
    }
    let shells = ["sh", "bash", "zsh", "fish", "dash", "ksh"];
    if shells.contains(&name) {
        return Err(format!(
            "\"{name}\": every script would go through it; set guard-{name} as the shell of the \
             agent instead (docs/agents.md)"
        ));
    }
    Ok(())
}

fn state(dir: &Path, guard: &Path, name: String) -> Link {
    match fs::read_link(dir.join(&name)) {
        Ok(target) if target == guard => Link::Stands(name),
        Ok(_) => Link::Stale(name),
        Err(_) => Link::New(name),
    }
}

fn guard() -> Result<PathBuf, String> {
    std::env::current_exe().map_err(|error| format!("guard's own program: {error}"))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", escape(&path.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::{fits, usual};

    #[test]
    fn the_usual_programs_have_names_that_fit() {
        assert!(usual().count() > 20);
        for name in usual() {
            assert_eq!(fits(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn no_link_leaves_the_folder_hides_a_shell_or_leads_back_to_guard() {
        for name in ["", "..", "../x", "a/b", "-x", ".x", "a b", "guard", "guard-sh", "bash", "sh"]
        {
            assert!(fits(name).is_err(), "{name:?}");
        }
    }
}
