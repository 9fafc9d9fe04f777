//! terraform and tofu: what a plan would do, what a local state holds, and what
//! commands about the state change in it.

mod changes;
mod here;
mod plan;
mod state;
mod types;

use std::path::PathBuf;

use super::client::Extra;
use super::commands::{self, Command};
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::words;
use here::{BACKUP, STATE, exchanged, holds, is_here};
pub(super) use state::{changed, pushed, removed, unlocked, workspace_deleted};
use types::undo;

const FOLDER: &[&str] = &["-chdir", "--chdir"];

/// The commands of one of the two clients.
#[derive(Clone, Copy)]
struct Client {
    plan: &'static Command,
    show: &'static Command,
    list: &'static Command,
    pull: &'static Command,
    remove: &'static Command,
    rename: &'static Command,
    workspaces: &'static Command,
}

const TERRAFORM: Client = Client {
    plan: commands::TERRAFORM_PLAN,
    show: commands::TERRAFORM_SHOW,
    list: commands::TERRAFORM_STATE_LIST,
    pull: commands::TERRAFORM_STATE_PULL,
    remove: commands::TERRAFORM_STATE_RM,
    rename: commands::TERRAFORM_STATE_MV,
    workspaces: commands::TERRAFORM_WORKSPACES,
};
const TOFU: Client = Client {
    plan: commands::TOFU_PLAN,
    show: commands::TOFU_SHOW,
    list: commands::TOFU_STATE_LIST,
    pull: commands::TOFU_STATE_PULL,
    remove: commands::TOFU_STATE_RM,
    rename: commands::TOFU_STATE_MV,
    workspaces: commands::TOFU_WORKSPACES,
};

/// The client of the command by its own name; another one (`tf`, `tflocal`) may
/// put more words in front of it.
fn client(job: &Job) -> Option<Client> {
    let name = job.invocation.argv.first().and_then(|word| word.as_static())?;
    match name.rsplit('/').next()? {
        "terraform" => Some(TERRAFORM),
        "tofu" => Some(TOFU),
        _ => None,
    }
}

/// The words in front of the subcommand.
fn place(job: &Job) -> std::result::Result<Vec<String>, Failed> {
    if !job.has(FOLDER) {
        return Ok(Vec::new());
    }
    let folder = job.value(FOLDER).ok_or_else(|| Failed::new("-chdir is not known"))?;
    Ok(vec![format!("-chdir={folder}")])
}

fn folder(job: &Job) -> std::result::Result<PathBuf, Failed> {
    match job.value(FOLDER) {
        Some(folder) => Ok(job.path(folder)),
        None if job.has(FOLDER) => Err(Failed::new("-chdir is not known")),
        None => Ok(job.cwd.clone()),
    }
}

/// `destroy`: what the local state holds, where all of it goes; otherwise what a
/// plan says.
pub(super) fn destroyed(job: &Job) -> Result {
    const PARTS: &[&str] = &["-target", "-target-file", "-exclude", "-exclude-file"];
    let part = job.invocation.options.iter();
    let part = part.map(|option| option.name.replacen("--", "-", 1));
    let whole = !part.into_iter().any(|name| PARTS.contains(&name.as_str()));
    let folder = folder(job)?;
    if whole && is_here(job, &folder)? {
        return all_here(&folder);
    }
    let Some(client) = client(job) else { return Ok(None) };
    let Some(plan) = plan::made(job, &client)? else { return Ok(None) };
    let mut found = changes::found(&plan);
    if whole {
        found.flags.push(Flag::All);
    }
    Ok(Some(found))
}

fn all_here(folder: &std::path::Path) -> Result {
    let Some(state) = here::text(folder, STATE) else { return Ok(None) };
    let state: serde_json::Value =
        serde_json::from_slice(&state).map_err(|_| Failed::new("the state cannot be read"))?;
    let (types, kept) = holds(&state);
    let serial = here::serial(&state).unwrap_or_default();
    let n = types.total();
    let undo = (Reversibility(4), undo(&kept, "an apply makes new ones, empty"));
    let mut flags = types.flags();
    flags.push(Flag::All);
    let mut hits =
        format!("{}: {}, state serial {serial}", words::count(n, "resource"), types.words());
    if let Some(exchanged) = exchanged(&state, folder) {
        hits = format!("{exchanged} · {hits}");
    }
    let objects = here::objects(&state).into_iter().map(|(name, _)| name).collect();
    let objects = Some(types::digest(objects));
    let count = Count::Exact(n);
    Ok(Some(Found { count, hits, objects, undo: Some(undo), flags, ..Found::default() }))
}

/// What the files say of the state that an `apply` would start from: that it is
/// gone, which means that all is made a second time and that nothing knows the
/// first any more, or that it is another one than before.
fn told(job: &Job) -> Result {
    let folder = folder(job)?;
    let used = folder.join(BACKUP).exists() || folder.join(".terraform/terraform.tfstate").exists();
    if !used || !is_here(job, &folder)? {
        return Ok(None);
    }
    let found = |hits| Found { count: Count::Unknown, hits, ..Found::default() };
    if let Some(state) = here::text(&folder, STATE) {
        let state = serde_json::from_slice(&state).unwrap_or_default();
        return Ok(exchanged(&state, &folder).map(found));
    }
    if folder.join(STATE).exists() {
        return Ok(None);
    }
    let hits = "the state is missing, and its backend was used before: all is made anew".to_owned();
    let undo = (Reversibility(4), "nothing here knows what was made before".to_owned());
    Ok(Some(Found { undo: Some(undo), ..found(hits) }))
}

/// `apply` without a plan file: the plan that it would make, and what the files
/// say of its state.
fn unplanned(job: &Job) -> Result {
    let told = told(job)?;
    let made = client(job).map_or(Ok(None), |client| plan::made(job, &client));
    let Some(told) = told else { return Ok(made?.map(|plan| changes::found(&plan))) };
    Ok(Some(match made {
        Ok(None) => told,
        Ok(Some(plan)) => {
            let found = changes::found(&plan);
            let hits = format!("{} · {}", told.hits, found.hits);
            // A plan from a state that is not the right one counts nothing.
            Found { count: told.count, hits, undo: told.undo.or(found.undo), ..found }
        }
        Err(failed) => {
            let hits = format!("{} · {}", told.hits, failed.why);
            let undo = (Reversibility(4), "what it does is not known".to_owned());
            Found { hits, undo: told.undo.or(Some(undo)), ..told }
        }
    }))
}

/// `apply PLAN`: what the plan says; without a file, what a new one says.
/// `taint`: what the next one will make again.
pub(super) fn applied(job: &Job) -> Result {
    if job.invocation.subcommand.last().is_some_and(|name| name == "taint") {
        return state::tainted(job);
    }
    let Some(operands) = job.operands() else { return Ok(None) };
    let [file] = operands.as_slice() else { return unplanned(job) };
    if !job.requester {
        return Ok(None);
    }
    let client = client(job).unwrap_or(TERRAFORM);
    let file = std::slice::from_ref(file);
    let plan = plan::shown(job, &client, &place(job)?, file, Extra::default())?;
    Ok(Some(changes::found(&plan)))
}

#[cfg(test)]
mod tests;
