//! What commands about the state itself would change in it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::client::{Extra, ask_with};
use super::super::commands::Command;
use super::super::{Failed, Found, Job, Result};
use super::here::{self, STATE, holds, is_here, lineage, objects, serial};
use super::plan::{exists, readable, workspace};
use super::types::{Types, digest};
use super::{Client, client, folder};
use crate::model::{Count, Flag, Word};
use crate::text::{escape, words};

/// The longest list of addresses that is read, in bytes.
const MAX_LIST: usize = 8 << 20;
/// What terraform writes beside a local state while somebody works on it.
const LOCK: &str = ".terraform.tfstate.lock.info";

/// The lines that the client prints for these words.
fn lines(
    job: &Job,
    command: &'static Command,
    groups: &[&[String]],
    extra: Extra<'_>,
) -> std::result::Result<Vec<String>, Failed> {
    let extra = Extra { keep: Some(MAX_LIST), ..extra };
    let printed = ask_with(job, command, groups, extra)?.success(command.program)?;
    if printed.cut {
        return Err(Failed::new("the list of the state is too long"));
    }
    Ok(printed.text().lines().map(str::to_owned).collect())
}

/// What is needed to ask about a state: the client, the words in front of the
/// subcommand, and those that choose the state.
type Asking = (Client, Vec<String>, Vec<String>);

fn asking(job: &Job) -> std::result::Result<Option<Asking>, Failed> {
    let Some(client) = client(job).filter(|_| job.requester) else { return Ok(None) };
    let place = readable(job)?;
    let state = match job.has(&["-state", "--state"]) {
        false => Vec::new(),
        true => {
            let file = job.value(&["-state", "--state"]);
            let file = file.ok_or_else(|| Failed::new("-state is not known"))?;
            vec![format!("-state={file}")]
        }
    };
    Ok(Some((client, place, state)))
}

/// Addresses as they were typed; `None` where one is not known or could be taken
/// for an option.
fn addresses(job: &Job) -> Option<Vec<String>> {
    job.operands().filter(|all| !all.is_empty() && all.iter().all(|one| !one.starts_with('-')))
}

/// The operand, where there is one.
fn only(job: &Job) -> Option<String> {
    let mut all = addresses(job)?;
    all.pop().filter(|_| all.is_empty())
}

fn found<'a>(addresses: impl Iterator<Item = &'a str>, noun: &str, after: &str) -> Found {
    let addresses: Vec<&str> = addresses.collect();
    let types = Types::of(addresses.iter().copied());
    let n = types.total();
    let flags = types.flags();
    let named = if n > 0 { format!(": {}", types.words()) } else { String::new() };
    let hits = format!("{}{named}{after}", words::count(n, noun));
    let objects = Some(digest(addresses.into_iter().map(str::to_owned).collect()));
    Found { count: Count::Exact(n), hits, objects, flags, ..Found::default() }
}

/// `state rm`: what it would make terraform forget.
pub(in super::super) fn removed(job: &Job) -> Result {
    let Some((client, place, state)) = asking(job)? else { return Ok(None) };
    let Some(addresses) = addresses(job) else { return Ok(None) };
    workspace(job, &client, &place)?;
    let words = [state, addresses].concat();
    let lines = lines(job, client.remove, &[&place, &words], Extra::default())?;
    let gone = lines.iter().filter_map(|line| line.trim().strip_prefix("Would remove "));
    Ok(Some(found(gone, "address", "; what they name goes on running")))
}

/// `state mv`: which addresses it would change; `state replace-provider`: of how
/// many objects in a state that lies here.
pub(in super::super) fn changed(job: &Job) -> Result {
    let name = job.invocation.subcommand.last().map_or("", String::as_str);
    if name == "replace-provider" {
        return provided(job);
    }
    if !matches!(name, "mv" | "move") || job.has(&["-state-out", "--state-out"]) {
        return Ok(None);
    }
    let Some((client, place, state)) = asking(job)? else { return Ok(None) };
    let Some(addresses) = addresses(job) else { return Ok(None) };
    workspace(job, &client, &place)?;
    let words = [state, addresses].concat();
    let lines = lines(job, client.rename, &[&place, &words], Extra::default())?;
    let moved = lines.iter().filter_map(|line| line.trim().strip_prefix("Would move \""));
    let from = moved.filter_map(|line| line.split("\" to \"").next());
    Ok(Some(Found { flags: Vec::new(), ..found(from, "address", "") }))
}

fn provided(job: &Job) -> Result {
    let folder = folder(job)?;
    let Some(from) = job.invocation.operands.first().and_then(Word::as_static) else {
        return Ok(None);
    };
    if !is_here(job, &folder)? {
        return Ok(None);
    }
    let Some(state) = here::text(&folder, STATE) else { return Ok(None) };
    let state = read(&state)?;
    let n = here::provided(&state, from);
    let hits = format!("{} of this provider", words::count(n, "resource"));
    Ok(Some(Found { count: Count::Exact(n), hits, ..Found::default() }))
}

fn read(state: &[u8]) -> std::result::Result<Value, Failed> {
    serde_json::from_slice(state).map_err(|_| Failed::new("the state cannot be read"))
}

/// `workspace delete`: what its state still holds.
pub(in super::super) fn workspace_deleted(job: &Job) -> Result {
    let Some((client, place, _)) = asking(job)? else { return Ok(None) };
    let Some(name) = only(job) else { return Ok(None) };
    exists(job, &client, &place, &name)?;
    let vars = [("TF_WORKSPACE", name.clone().into())];
    let extra = Extra { vars: &vars, ..Extra::default() };
    let all = match lines(job, client.list, &[&place, &[]], extra) {
        Ok(all) => all,
        // A workspace without a state holds nothing.
        Err(failed) if failed.why.contains("No state file was found") => Vec::new(),
        Err(failed) => return Err(failed),
    };
    Ok(Some(found(all.iter().map(String::as_str), "resource", " in it")))
}

/// `taint`: what the next apply deletes and makes again.
pub(super) fn tainted(job: &Job) -> Result {
    let Some((client, place, state)) = asking(job)? else { return Ok(None) };
    let Some(addresses) = addresses(job) else { return Ok(None) };
    workspace(job, &client, &place)?;
    let words = [state, addresses].concat();
    let all = lines(job, client.list, &[&place, &words], Extra::default())?;
    Ok(Some(found(all.iter().map(String::as_str), "resource", ": the next apply makes it again")))
}

/// `force-unlock`: who holds the lock, where it is a file, and what the state is
/// of.
pub(in super::super) fn unlocked(job: &Job) -> Result {
    let Some((client, place, state)) = asking(job)? else { return Ok(None) };
    workspace(job, &client, &place)?;
    let all = lines(job, client.list, &[&place, &state], Extra::default())?;
    let mut found = found(all.iter().map(String::as_str), "resource", " in the state");
    let folder = folder(job)?;
    if is_here(job, &folder)?
        && let Some(lock) = here::text(&folder, LOCK)
        && let Ok(lock) = serde_json::from_slice::<Value>(&lock)
    {
        let at = |name: &str| lock.get(name).and_then(Value::as_str).map(escape);
        let who = at("Who").unwrap_or_else(|| "somebody".into());
        let since = at("Created").unwrap_or_else(|| "unknown".into());
        found.hits = format!("locked by {who} since {since} · {}", found.hits);
    }
    // Nothing of it is deleted.
    found.flags.clear();
    Ok(Some(found))
}

/// The state of the backend; `None` where it has none.
fn pulled(job: &Job) -> std::result::Result<Option<Vec<u8>>, Failed> {
    let Some((client, place, _)) = asking(job)? else { return Ok(None) };
    workspace(job, &client, &place)?;
    let extra = Extra { keep: Some(MAX_LIST), ..Extra::default() };
    let printed = ask_with(job, client.pull, &[&place], extra)?.success(client.pull.program)?;
    if printed.cut {
        return Err(Failed::new("the state is too long"));
    }
    Ok(Some(printed.bytes).filter(|bytes| !bytes.trim_ascii().is_empty()))
}

/// `state push FILE`: what the state here knows and the file does not.
pub(in super::super) fn pushed(job: &Job) -> Result {
    let folder = folder(job)?;
    let Some(file) = only(job) else { return Ok(None) };
    let Some(new) = here::text(&folder, &file) else { return Ok(None) };
    let new = read(&new)?;
    let number = |state: &Value| serial(state).unwrap_or_default();
    let mut hits =
        format!("{}, serial {}", words::count(holds(&new).0.total(), "resource"), number(&new));
    let now = if is_here(job, &folder)? { here::text(&folder, STATE) } else { pulled(job)? };
    let Some(now) = now else {
        return Ok(Some(Found { count: Count::NotChecked, hits, ..Found::default() }));
    };
    let now = read(&now)?;
    let stays: BTreeSet<String> = objects(&new).into_iter().map(|(name, _)| name).collect();
    let mut types = Types::default();
    objects(&now)
        .iter()
        .filter(|(name, _)| !stays.contains(name))
        .for_each(|(_, kind)| types.add(kind, 1));
    if lineage(&now) != lineage(&new) {
        hits = format!("another lineage than the state here · {hits}");
    } else if number(&new) < number(&now) {
        hits = format!("older than the state here, serial {} · {hits}", number(&now));
    }
    let n = types.total();
    let flags: Vec<Flag> = types.flags();
    if n > 0 {
        hits += &format!(", {n} forgotten: {}", types.words());
    }
    Ok(Some(Found { count: Count::Exact(n), hits, flags, ..Found::default() }))
}
