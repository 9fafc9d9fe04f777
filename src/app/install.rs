//! Writing an agent's settings: shown first, backed up, atomic, and taken back
//! exactly where nobody changed them since.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::record::note;
use super::session::Session;
use crate::audit::Kind;
use crate::audit::event::PolicyChange;
use crate::hook::Agent;
use crate::install::{self, Content, Folders, Plan, Planned, Scope};
use crate::second::display::sha256;
use crate::shell;

/// Longest settings file that is read, in bytes.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// What would become of one file.
#[derive(Debug, Clone)]
pub struct Change {
    /// The file.
    pub path: PathBuf,
    /// What it holds, if it is there.
    pub before: Option<String>,
    /// What it will hold; nothing means that it goes.
    pub after: Option<String>,
    /// Its permissions.
    mode: u32,
}

impl Change {
    /// Whether anything changes.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.before != self.after
    }
}

/// What was written once, so that exactly that can be taken away.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    path: PathBuf,
    /// What was there before.
    before: Option<String>,
    /// SHA-256 of what was written.
    sha256: String,
}

/// The folders of this process for plans.
///
/// # Errors
/// In words, when one is not known.
pub fn folders(agent: Agent, session: &Session) -> Result<Folders, String> {
    let home =
        session.paths.homes.first().cloned().ok_or("no home directory is known; set HOME")?;
    let project = session.ctx.project.clone().ok_or("the working directory is not known")?;
    let guard = std::env::current_exe().map_err(|error| format!("guard's own program: {error}"))?;
    let guard = guard.to_str().ok_or("the path of guard's program is not UTF-8")?.to_owned();
    let quoted = shell::join(&[guard.as_bytes().to_vec()]).0;
    let others = match agent {
        Agent::AmazonQ => json_files(&home.join(".aws/amazonq/cli-agents")),
        Agent::Kiro => json_files(&home.join(".kiro/agents")),
        _ => Vec::new(),
    };
    // By its absolute path: what stands first in the agent's PATH may be anything.
    let timeout = ["/usr/bin/timeout", "/bin/timeout"].map(PathBuf::from);
    let timeout = timeout.into_iter().find(|path| path.is_file());
    Ok(Folders { home, project: project.into(), guard, quoted, others, timeout })
}

/// The JSON files of a folder, sorted.
pub(super) fn json_files(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    files
}

/// What a plan would change.
///
/// # Errors
/// In words, with the file: nothing is written then.
pub fn changes(plan: &Plan) -> Result<Vec<Change>, String> {
    plan.files.iter().map(|file| change(file, true, None)).collect()
}

/// Whether a file holds what this guard would write.
pub(super) fn is_current(file: &Planned) -> bool {
    change(file, true, None).is_ok_and(|change| !change.is_needed())
}

/// When guard's hook was written into a file. Agents write into their own settings
/// all the time, so the time of such a file says nothing: that of guard's note does.
pub(super) fn written_at(
    file: &Planned,
    agent: Agent,
    scope: Scope,
    session: &Session,
) -> Option<SystemTime> {
    let note = memory(agent, session).ok()?;
    let noted = remembered(agent, session).ok()?.iter().any(|known| known.path == file.path);
    let own = scope == Scope::Managed || matches!(file.content, Content::Own(_));
    let path = if own { &file.path } else { Some(&note).filter(|_| noted)? };
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// What taking a plan away would change.
///
/// # Errors
/// As [`changes`].
pub fn removals(plan: &Plan, agent: Agent, session: &Session) -> Result<Vec<Change>, String> {
    let written = remembered(agent, session)?;
    plan.files
        .iter()
        .map(|file| {
            let known = written.iter().find(|written| written.path == file.path);
            let earlier = known.and_then(|known| known.before.as_deref());
            let mut undone = change(file, false, earlier)?;
            // Nobody touched it since: what was there before, to the byte.
            if let (Some(known), Some(now)) = (known, &undone.before)
                && known.sha256 == sha256(now.as_bytes())
            {
                undone.after.clone_from(&known.before);
            }
            Ok(undone)
        })
        .collect()
}

/// `earlier`: what the file held before guard wrote into it, where that is known.
fn change(file: &Planned, install: bool, earlier: Option<&str>) -> Result<Change, String> {
    let named = |why: String| format!("{}: {why}", file.path.display());
    let (before, mode) = read(&file.path).map_err(named)?;
    let after = match (&file.content, install, &before) {
        (Content::Own(text), true, _) => Some(text.clone()),
        (Content::Own(text), false, Some(now)) if ours(now, text) => None,
        (Content::Merge(steps), true, _) => {
            let text = before.as_deref().unwrap_or_default();
            Some(install::apply(text, steps).map_err(|error| named(error.to_string()))?)
        }
        (Content::Toml(tables), true, _) => {
            let text = before.as_deref().unwrap_or_default();
            Some(install::toml::apply(text, tables).map_err(|error| named(error.to_string()))?)
        }
        (Content::Toml(_), false, Some(now)) => {
            Some(install::toml::undo(now)).filter(|rest| !rest.is_empty())
        }
        (Content::Merge(steps), false, Some(now)) => {
            Some(install::undo(now, steps, earlier).map_err(|error| named(error.to_string()))?)
        }
        (_, false, now) => now.clone(),
    };
    if let (Content::Own(text), true, Some(now)) = (&file.content, install, &before)
        && !ours(now, text)
    {
        return Err(named(
            "a hook of somebody else is there, and this agent takes only one. Move it away, or \
             call guard from it."
                .into(),
        ));
    }
    let default = if file.executable { 0o755 } else { 0o644 };
    Ok(Change { path: file.path.clone(), before, after, mode: mode.unwrap_or(default) })
}

/// Whether a file of guard's own was written by some guard.
fn ours(now: &str, wanted: &str) -> bool {
    now == wanted
        || now.contains("guard init")
        || now.contains("\"hook\"")
        || now.contains("guard hook ")
}

/// A settings file that may be edited. A link could lead anywhere.
fn read(path: &Path) -> Result<(Option<String>, Option<u32>), String> {
    let meta = match fs::symlink_metadata(path) {
        Ok(meta) => meta,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, None)),
        Err(error) => return Err(error.to_string()),
    };
    if !meta.is_file() {
        return Err("it is a link or no file; guard edits only the file itself".into());
    }
    if meta.len() > MAX_FILE {
        return Err(format!("it is longer than {MAX_FILE} bytes"));
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    Ok((Some(text), Some(meta.permissions().mode() & 0o7777)))
}

/// Makes the changes; what was there is remembered first.
///
/// # Errors
/// In words, with the file that could not be written.
pub fn write(
    changes: &[Change],
    agent: Agent,
    install: bool,
    session: &Session,
) -> Result<(), String> {
    let needed: Vec<&Change> = changes.iter().filter(|change| change.is_needed()).collect();
    if needed.is_empty() {
        return Ok(());
    }
    for change in &needed {
        let digest = |text: &Option<String>| text.as_ref().map(|text| sha256(text.as_bytes()));
        let event = PolicyChange {
            what: format!("{} {}", if install { "init" } else { "uninit" }, agent.name()),
            path: change.path.to_string_lossy().into_owned(),
            before: digest(&change.before),
            after: digest(&change.after).unwrap_or_default(),
            actor: session.actor.clone(),
            voided: 0,
        };
        note(session, Kind::PolicyChange, &event).map_err(|error| error.to_string())?;
    }
    if install {
        remember(&needed, agent, session)?;
    }
    for change in needed {
        put(change).map_err(|error| format!("{}: {error}", change.path.display()))?;
    }
    if install { Ok(()) } else { forget(changes, agent, session) }
}

fn put(change: &Change) -> io::Result<()> {
    // Somebody may have written meanwhile; what was shown is what is written.
    let (now, _) = read(&change.path).map_err(io::Error::other)?;
    if now != change.before {
        return Err(io::Error::other("it changed while it was shown; run guard again"));
    }
    let Some(after) = &change.after else { return fs::remove_file(&change.path) };
    let dir = change.path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(dir)?;
    let new = dir.join(format!(".guard-{}.tmp", std::process::id()));
    let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new);
    let done = made.and_then(|mut file| {
        file.write_all(after.as_bytes())?;
        file.set_permissions(fs::Permissions::from_mode(change.mode))?;
        file.sync_all()?;
        fs::rename(&new, &change.path)
    });
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done
}

/// Where it stands what was written for an agent.
fn memory(agent: Agent, session: &Session) -> Result<PathBuf, String> {
    let state = session.paths.state.clone().ok_or("no home directory is known; set HOME")?;
    Ok(state.join("agents").join(format!("{}.json", agent.name())))
}

fn remembered(agent: Agent, session: &Session) -> Result<Vec<Written>, String> {
    let path = memory(agent, session)?;
    match fs::read_to_string(&path) {
        Ok(text) => {
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

/// What was taken away is no longer guard's to restore; what was written for
/// another scope still is.
fn forget(changes: &[Change], agent: Agent, session: &Session) -> Result<(), String> {
    let mut all = remembered(agent, session)?;
    all.retain(|written| !changes.iter().any(|change| change.path == written.path));
    keep(&all, agent, session)
}

fn remember(changes: &[&Change], agent: Agent, session: &Session) -> Result<(), String> {
    let mut all = remembered(agent, session)?;
    for change in changes {
        let digest = sha256(change.after.as_deref().unwrap_or_default().as_bytes());
        match all.iter_mut().find(|written| written.path == change.path) {
            // The first backup stays: it is what was there without guard. What
            // somebody changed in between is no longer guard's to restore.
            Some(old) => {
                let untouched =
                    change.before.as_ref().is_some_and(|now| sha256(now.as_bytes()) == old.sha256);
                if !untouched {
                    old.before.clone_from(&change.before);
                    old.sha256 = String::new();
                } else {
                    old.sha256 = digest;
                }
            }
            None => all.push(Written {
                path: change.path.clone(),
                before: change.before.clone(),
                sha256: digest,
            }),
        }
    }
    keep(&all, agent, session)
}

fn keep(all: &[Written], agent: Agent, session: &Session) -> Result<(), String> {
    let path = memory(agent, session)?;
    let failed = |error: io::Error| format!("{}: {error}", path.display());
    if let Some(dir) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
    }
    let text = serde_json::to_string_pretty(all).map_err(|error| error.to_string())?;
    let new = path.with_extension("tmp");
    // Settings can hold keys: for nobody else to read.
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(&new);
    file.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)
    })
    .map_err(failed)
}

/// Whether an agent is used here: a program of its name, or its folder.
#[must_use]
pub fn is_used(agent: Agent, session: &Session) -> bool {
    let (programs, dirs) = install::detected(agent);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = |name: &&str| std::env::split_paths(&path).any(|dir| dir.join(name).is_file());
    let home = session.paths.homes.first();
    programs.iter().any(found)
        || home.is_some_and(|home| dirs.iter().any(|dir| home.join(dir).is_dir()))
}

/// The plan of an agent in this process's folders.
///
/// # Errors
/// In words.
pub fn plan(agent: Agent, scope: Scope, session: &Session) -> Result<Plan, String> {
    install::plan(agent, scope, &folders(agent, session)?)
}
