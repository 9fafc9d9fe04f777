//! terraform and tofu: what a plan file would do, and what a local state holds.
//! No plan is made: that takes a lock and asks every provider.

use std::path::PathBuf;

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

    fn data(&self) -> bool {
        self.0.iter().any(|(kind, _)| holds_data(kind))
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

fn holds_data(kind: &str) -> bool {
    DATA.iter().any(|part| kind.contains(part))
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

/// `destroy`: what the local state holds. A state elsewhere is not asked for.
pub(super) fn destroyed(job: &Job) -> Result {
    let folder = folder(job);
    let text = |name: &str| {
        let path = folder.join(name);
        let small = path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_STATE);
        small.then(|| std::fs::read(path).ok()).flatten()
    };
    // A backend or a workspace of its own: the file here is not what counts.
    let backend = text(".terraform/terraform.tfstate");
    if backend.is_some_and(|backend| !is_local(&backend))
        || folder.join(".terraform/environment").exists()
        || job.has(&["-target", "--target", "-state", "--state"])
        || std::env::var_os("TF_WORKSPACE").is_some()
        || std::env::var_os("TF_DATA_DIR").is_some()
        || !job.variables()?.is_empty()
    {
        return Ok(None);
    }
    let Some(state) = text("terraform.tfstate") else { return Ok(None) };
    let state: Value =
        serde_json::from_slice(&state).map_err(|_| Failed::new("the state cannot be read"))?;
    let mut types = Types::default();
    for resource in state.get("resources").and_then(Value::as_array).into_iter().flatten() {
        if resource.get("mode").and_then(Value::as_str) == Some("managed") {
            let kind = resource.get("type").and_then(Value::as_str).unwrap_or("unknown");
            let n = resource.get("instances").and_then(Value::as_array).map_or(1, Vec::len);
            types.add(kind, n as u64);
        }
    }
    let serial = state.get("serial").and_then(Value::as_u64).unwrap_or_default();
    let n = types.total();
    let undo = (Reversibility(4), "an apply makes new ones, empty".to_owned());
    let flags = if types.data() { vec![Flag::Data, Flag::All] } else { vec![Flag::All] };
    let hits = format!("{}: {}, state serial {serial}", words::count(n, "resource"), types.words());
    Ok(Some(Found { count: Count::Exact(n), hits, undo: Some(undo), flags, ..Found::default() }))
}

/// `apply PLAN`: what the plan says. Without a file only a new plan could tell.
pub(super) fn applied(job: &Job) -> Result {
    let Some(operands) = job.operands() else { return Ok(None) };
    let [plan] = operands.as_slice() else { return Ok(None) };
    let tofu = job.invocation.argv.first().and_then(|word| word.as_static());
    let tofu = tofu.is_some_and(|name| name.ends_with("tofu"));
    let show = if tofu { TOFU_SHOW } else { TERRAFORM_SHOW };
    let place: Vec<String> =
        job.value(FOLDER).map(|folder| format!("-chdir={folder}")).into_iter().collect();
    let printed = ask(job, show, &[&place, std::slice::from_ref(plan)])?.success(show.program)?;
    let plan: Value = serde_json::from_slice(&printed.bytes)
        .map_err(|_| Failed::new("the plan cannot be read or is too long"))?;
    let mut lost = Types::default();
    let (mut gone, mut replaced, mut made, mut changed) = (0, 0, 0, 0);
    for change in plan.get("resource_changes").and_then(Value::as_array).into_iter().flatten() {
        let actions = change.pointer("/change/actions").and_then(Value::as_array);
        let has = |name: &str| actions.is_some_and(|all| all.iter().any(|a| a == name));
        match (has("delete"), has("create")) {
            (true, true) => replaced += 1,
            (true, false) => gone += 1,
            (false, true) => made += 1,
            (false, false) => changed += u64::from(has("update")),
        }
        if has("delete") {
            lost.add(change.get("type").and_then(Value::as_str).unwrap_or("unknown"), 1);
        }
    }
    let mut flags = Vec::new();
    if replaced > 0 {
        flags.push(Flag::Replace);
    }
    if lost.data() {
        flags.push(Flag::Data);
    }
    let n = gone + replaced;
    let mut hits = format!(
        "{gone} to delete, {replaced} to delete and make again, {made} new, {changed} changed"
    );
    let undo = if n > 0 {
        hits += &format!(": {}", lost.words());
        Some((Reversibility(4), "what is made again is new and empty".to_owned()))
    } else {
        None
    };
    let count = Count::Exact(n.max(changed));
    // A resource that is made again, or that holds data, is a whole service.
    let deletes = (n > 0).then_some(if flags.is_empty() { Scope::FILE } else { Scope::SERVICE });
    Ok(Some(Found { count, hits, undo, flags, deletes, ..Found::default() }))
}
