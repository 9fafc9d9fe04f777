//! terraform and tofu: what a plan file would do, and what a local state holds.
//! No plan is made: that takes a lock and asks every provider.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::client::ask;
use super::commands::{TERRAFORM_SHOW, TOFU_SHOW};
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility, Scope};
use crate::text::{escape, words};

/// The longest state that is read, in bytes.
const MAX_STATE: u64 = 16 << 20;
/// Types that are named on the screen.
const NAMED: usize = 3;
/// Types that hold data, by parts of their names.
const DATA: &[&str] = &[
    "db_instance",
    "rds_cluster",
    "s3_bucket",
    "efs_file_system",
    "dynamodb_table",
    "sql_database",
    "storage_bucket",
    "storage_account",
    "ebs_volume",
    "persistent_disk",
    "postgresql",
    "mysql",
    "redis",
    "elasticache",
    "bigquery_dataset",
    "cosmosdb",
    "redshift",
    "opensearch",
    "kms_key",
];
/// Types that decide who gets in and by which way, by parts of their names:
/// without them nobody may get in any more who could mend it.
const DOORS: &[&str] = &[
    "_iam_",
    "_role",
    "_policy",
    "access_key",
    "service_account",
    "security_group",
    "firewall",
    "network_acl",
    "route53",
    "dns_",
    "_vpn",
    "bastion",
    "identity_provider",
];
/// Types that hold copies of what others hold, by parts of their names.
const COPIES: &[&str] = &["snapshot", "backup", "recovery_services_vault"];
/// The state of a local backend, and what terraform keeps of the one before.
const STATE: &str = "terraform.tfstate";
const BACKUP: &str = "terraform.tfstate.backup";
const FOLDER: &[&str] = &["-chdir", "--chdir"];

/// Addresses by type, the most frequent first, those that hold data before all.
#[derive(Default)]
struct Types(Vec<(String, u64)>);

impl Types {
    fn add(&mut self, kind: &str, n: u64) {
        match self.0.iter_mut().find(|(known, _)| known == kind) {
            Some((_, count)) => *count += n,
            None => self.0.push((kind.to_owned(), n)),
        }
    }

    fn total(&self) -> u64 {
        self.0.iter().map(|(_, n)| n).sum()
    }

    /// What is worse than that something goes.
    fn flags(&self) -> Vec<Flag> {
        let some = |parts: &[&str]| self.0.iter().any(|(kind, _)| one_of(kind, parts));
        let all = [(DATA, Flag::Data), (DOORS, Flag::Access), (COPIES, Flag::Backup)];
        all.into_iter().filter(|(parts, _)| some(parts)).map(|(_, flag)| flag).collect()
    }

    fn words(mut self) -> String {
        self.0.sort_by_key(|(kind, n)| (!holds_data(kind), std::cmp::Reverse(*n)));
        let named = self.0.iter().take(NAMED).map(|(kind, n)| format!("{n} {}", escape(kind)));
        let named: Vec<String> = named.collect();
        let rest: u64 = self.0.iter().skip(NAMED).map(|(_, n)| n).sum();
        let rest = if rest > 0 { format!(", {rest} others") } else { String::new() };
        format!("{}{rest}", named.join(", "))
    }
}

fn one_of(kind: &str, parts: &[&str]) -> bool {
    parts.iter().any(|part| kind.contains(part))
}

fn holds_data(kind: &str) -> bool {
    one_of(kind, DATA)
}

/// What of the data stays when these objects go, by the attributes that their
/// state holds.
#[derive(Default)]
struct Kept {
    /// Of how many a last copy is made, of how many none is.
    copied: u64,
    lost: u64,
    /// How many refuse to be deleted.
    protected: u64,
}

impl Kept {
    fn add(&mut self, attributes: &Value) {
        let at = |name: &str| attributes.get(name).and_then(Value::as_bool);
        match at("skip_final_snapshot") {
            Some(true) => self.lost += 1,
            Some(false) => self.copied += 1,
            None => {}
        }
        let guarded = ["deletion_protection", "deletion_protection_enabled"];
        self.protected += u64::from(guarded.iter().any(|name| at(name) == Some(true)));
    }

    /// In words, the worst first; empty where nothing of it is known.
    fn words(&self) -> String {
        let all = [
            (self.lost, "without a final snapshot"),
            (self.copied, "with a final snapshot"),
            (self.protected, "protected from deletion"),
        ];
        let all = all.into_iter().filter(|(n, _)| *n > 0);
        all.map(|(n, what)| format!("{} {what}", words::count(n, "database")))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn folder(job: &Job) -> PathBuf {
    job.value(FOLDER).map_or_else(|| job.cwd.clone(), |folder| job.path(folder))
}

/// Whether the backend in use is the file that stands in the folder itself.
fn is_local(backend: &[u8]) -> bool {
    let Ok(backend) = serde_json::from_slice::<Value>(backend) else { return false };
    let at = |pointer: &str| backend.pointer(pointer).and_then(Value::as_str);
    let path = at("/backend/config/path");
    at("/backend/type") == Some("local") && path.is_none_or(|path| path == "terraform.tfstate")
}

/// A file of the folder, unless it is too long to be one of terraform's.
fn text(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let path = folder.join(name);
    let small = path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_STATE);
    small.then(|| std::fs::read(path).ok()).flatten()
}

/// Whether the state is a file in the folder itself: no other backend and no
/// workspace of its own, by files, options and variables.
fn is_here(job: &Job, folder: &Path) -> std::result::Result<bool, Failed> {
    let backend = text(folder, ".terraform/terraform.tfstate");
    Ok(backend.is_none_or(|backend| is_local(&backend))
        && !folder.join(".terraform/environment").exists()
        && !job.has(&["-state", "--state"])
        && std::env::var_os("TF_WORKSPACE").is_none()
        && std::env::var_os("TF_DATA_DIR").is_none()
        && job.variables()?.is_empty())
}

/// Which history of states one belongs to; a state that was put in the place of
/// another tells itself by it.
fn lineage(state: &Value) -> Option<&str> {
    state.get("lineage").and_then(Value::as_str).filter(|lineage| !lineage.is_empty())
}

/// That the state is not the one whose earlier version lies beside it.
fn swapped(state: &Value, folder: &Path) -> Option<String> {
    let before: Value = serde_json::from_slice(&text(folder, BACKUP)?).ok()?;
    let (now, before) = (lineage(state)?, lineage(&before)?);
    let short = |lineage: &str| escape(&lineage.chars().take(8).collect::<String>());
    (now != before).then(|| {
        format!("the state was replaced: lineage {}, before {}", short(now), short(before))
    })
}

/// That the state is older than the one that it was made from, which lies beside
/// it: each change counts its number up.
fn older(state: &Value, folder: &Path) -> Option<String> {
    let before: Value = serde_json::from_slice(&text(folder, BACKUP)?).ok()?;
    let serial = |state: &Value| state.get("serial").and_then(Value::as_u64);
    let (now, before) = (serial(state)?, serial(&before)?);
    (now < before).then(|| format!("an older state was put back: serial {now} after {before}"))
}

/// `destroy`: what the local state holds. A state elsewhere is not asked for.
pub(super) fn destroyed(job: &Job) -> Result {
    let folder = folder(job);
    if !is_here(job, &folder)? || job.has(&["-target", "--target"]) {
        return Ok(None);
    }
    let Some(state) = text(&folder, STATE) else { return Ok(None) };
    let state: Value =
        serde_json::from_slice(&state).map_err(|_| Failed::new("the state cannot be read"))?;
    let (mut types, mut kept) = (Types::default(), Kept::default());
    for resource in state.get("resources").and_then(Value::as_array).into_iter().flatten() {
        if resource.get("mode").and_then(Value::as_str) == Some("managed") {
            let kind = resource.get("type").and_then(Value::as_str).unwrap_or("unknown");
            let instances = resource.get("instances").and_then(Value::as_array);
            types.add(kind, instances.map_or(1, Vec::len) as u64);
            let all = instances.into_iter().flatten().filter_map(|one| one.get("attributes"));
            all.for_each(|attributes| kept.add(attributes));
        }
    }
    let serial = state.get("serial").and_then(Value::as_u64).unwrap_or_default();
    let n = types.total();
    let undo = (Reversibility(4), undo(&kept, "an apply makes new ones, empty"));
    let mut flags = types.flags();
    flags.push(Flag::All);
    let mut hits =
        format!("{}: {}, state serial {serial}", words::count(n, "resource"), types.words());
    if let Some(swapped) = swapped(&state, &folder).or_else(|| older(&state, &folder)) {
        hits = format!("{swapped} · {hits}");
    }
    Ok(Some(Found { count: Count::Exact(n), hits, undo: Some(undo), flags, ..Found::default() }))
}

fn undo(kept: &Kept, otherwise: &str) -> String {
    match kept.words() {
        words if words.is_empty() => otherwise.to_owned(),
        words => format!("{words}; {otherwise}"),
    }
}

/// `apply` without a plan: only making one could tell what it does, and that
/// takes a lock and asks every provider. But a state that is gone means that
/// all of it is made a second time, and nothing knows the first any more.
fn unplanned(job: &Job) -> Result {
    let folder = folder(job);
    let used = folder.join(BACKUP).exists() || folder.join(".terraform/terraform.tfstate").exists();
    if !used || !is_here(job, &folder)? {
        return Ok(None);
    }
    if let Some(state) = text(&folder, STATE) {
        let state = serde_json::from_slice(&state).unwrap_or_default();
        let swapped = swapped(&state, &folder).or_else(|| older(&state, &folder));
        return Ok(swapped.map(|hits| Found { count: Count::Unknown, hits, ..Found::default() }));
    }
    if folder.join(STATE).exists() {
        return Ok(None);
    }
    let hits = "the state is missing, and its backend was used before: all is made anew".to_owned();
    let undo = (Reversibility(4), "nothing here knows what was made before".to_owned());
    Ok(Some(Found { count: Count::Unknown, hits, undo: Some(undo), ..Found::default() }))
}

/// What a plan does, in numbers.
#[derive(Default)]
struct Changes {
    lost: Types,
    kept: Kept,
    gone: u64,
    replaced: u64,
    made: u64,
    changed: u64,
    /// Of each resource with a `count` or `for_each`: what is there, what stays.
    sets: BTreeMap<String, (u64, u64)>,
}

impl Changes {
    fn read(plan: &Value) -> Self {
        let mut all = Self::default();
        for change in plan.get("resource_changes").and_then(Value::as_array).into_iter().flatten() {
            let actions = change.pointer("/change/actions").and_then(Value::as_array);
            let has = |name: &str| actions.is_some_and(|all| all.iter().any(|a| a == name));
            match (has("delete"), has("create")) {
                (true, true) => all.replaced += 1,
                (true, false) => all.gone += 1,
                (false, true) => all.made += 1,
                (false, false) => all.changed += u64::from(has("update")),
            }
            let text = |name: &str| change.get(name).and_then(Value::as_str);
            if has("delete") {
                all.lost.add(text("type").unwrap_or("unknown"), 1);
                all.kept.add(change.pointer("/change/before").unwrap_or(&Value::Null));
            }
            let there = has("delete") || !has("create");
            if let (Some(address), true, true) =
                (text("address"), there, change.get("index").is_some())
            {
                let set = address.rsplit_once('[').map_or(address, |(set, _)| set);
                let (total, left) = all.sets.entry(set.to_owned()).or_default();
                *total += 1;
                *left += u64::from(!has("delete") || has("create"));
            }
        }
        all
    }

    /// A set that a change of the configuration has emptied, or nearly: a list
    /// that was read as empty looks like this.
    fn emptied(&self) -> Option<String> {
        let sets = self.sets.iter().filter(|(_, (total, left))| *total > 1 && left * 10 <= *total);
        let (name, (total, left)) = sets.max_by_key(|(_, (total, left))| total - left)?;
        Some(format!("{left} of {total} {} left", escape(name)))
    }
}

/// `apply PLAN`: what the plan says. Without a file only a new plan could tell.
pub(super) fn applied(job: &Job) -> Result {
    let Some(operands) = job.operands() else { return Ok(None) };
    let [plan] = operands.as_slice() else { return unplanned(job) };
    let tofu = job.invocation.argv.first().and_then(|word| word.as_static());
    let tofu = tofu.is_some_and(|name| name.ends_with("tofu"));
    let show = if tofu { TOFU_SHOW } else { TERRAFORM_SHOW };
    let place: Vec<String> =
        job.value(FOLDER).map(|folder| format!("-chdir={folder}")).into_iter().collect();
    let printed = ask(job, show, &[&place, std::slice::from_ref(plan)])?.success(show.program)?;
    let plan: Value = serde_json::from_slice(&printed.bytes)
        .map_err(|_| Failed::new("the plan cannot be read or is too long"))?;
    let changes = Changes::read(&plan);
    let emptied = changes.emptied();
    let Changes { lost, kept, gone, replaced, made, changed, .. } = changes;
    let mut flags = lost.flags();
    if replaced > 0 {
        flags.push(Flag::Replace);
    }
    if emptied.is_some() {
        flags.push(Flag::All);
    }
    let n = gone + replaced;
    // Short, because the end of a long line is cut.
    let mut hits = format!("{gone} to delete, {replaced} to replace, {made} new");
    if changed > 0 {
        hits += &format!(", {changed} changed");
    }
    if n > 0 {
        hits += &format!(": {}", lost.words());
    }
    if plan.get("prior_state").is_none_or(|state| state.get("values").is_none()) && made > 0 {
        hits += ", no state before";
    }
    let undo = if n > 0 {
        Some((Reversibility(4), undo(&kept, "what is made again is new and empty")))
    } else {
        None
    };
    if let Some(emptied) = emptied {
        hits = format!("{emptied} · {hits}");
    }
    let count = Count::Exact(n.max(changed));
    // A resource that is made again, or that holds data, is a whole service, and
    // so is a set that is emptied.
    let deletes = (n > 0).then_some(if flags.is_empty() { Scope::FILE } else { Scope::SERVICE });
    Ok(Some(Found { count, hits, undo, flags, deletes, ..Found::default() }))
}

#[cfg(test)]
mod tests;
