//! What the files of a folder say of its state, where it is one of them.

use std::path::Path;

use serde_json::Value;

use super::super::{Failed, Job};
use super::types::{Kept, Types};
use crate::text::escape;

/// The longest state that is read, in bytes.
const MAX_STATE: u64 = 16 << 20;
/// The state of a local backend, and what terraform keeps of the one before.
pub(super) const STATE: &str = "terraform.tfstate";
pub(super) const BACKUP: &str = "terraform.tfstate.backup";

/// Whether the backend in use is the file that stands in the folder itself.
fn is_local(backend: &[u8]) -> bool {
    let Ok(backend) = serde_json::from_slice::<Value>(backend) else { return false };
    let at = |pointer: &str| backend.pointer(pointer).and_then(Value::as_str);
    let path = at("/backend/config/path");
    at("/backend/type") == Some("local") && path.is_none_or(|path| path == "terraform.tfstate")
}

/// A file of the folder, unless it is too long to be one of terraform's.
pub(super) fn text(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let path = folder.join(name);
    let small = path.metadata().is_ok_and(|meta| meta.is_file() && meta.len() <= MAX_STATE);
    small.then(|| std::fs::read(path).ok()).flatten()
}

/// Whether the state is a file in the folder itself: no other backend and no
/// workspace of its own, by files, options and variables.
pub(super) fn is_here(job: &Job, folder: &Path) -> std::result::Result<bool, Failed> {
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
pub(super) fn lineage(state: &Value) -> Option<&str> {
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
pub(super) fn older(state: &Value, folder: &Path) -> Option<String> {
    let before: Value = serde_json::from_slice(&text(folder, BACKUP)?).ok()?;
    let (now, before) = (serial(state)?, serial(&before)?);
    (now < before).then(|| format!("an older state was put back: serial {now} after {before}"))
}

/// The number of a state; each change counts it up.
pub(super) fn serial(state: &Value) -> Option<u64> {
    state.get("serial").and_then(Value::as_u64)
}

/// That a state is not the one that was here before, or an older one of it.
pub(super) fn exchanged(state: &Value, folder: &Path) -> Option<String> {
    swapped(state, folder).or_else(|| older(state, folder))
}

/// The resources of a state that terraform manages: type, instances.
fn managed(state: &Value) -> impl Iterator<Item = (&Value, &str, &[Value])> {
    let all = state.get("resources").and_then(Value::as_array).into_iter().flatten();
    let all = all.filter(|one| one.get("mode").and_then(Value::as_str) == Some("managed"));
    all.map(|one| {
        let kind = one.get("type").and_then(Value::as_str).unwrap_or("unknown");
        let instances = one.get("instances").and_then(Value::as_array);
        (one, kind, instances.map_or(&[][..], Vec::as_slice))
    })
}

/// What a state holds, and what of its data would stay.
pub(super) fn holds(state: &Value) -> (Types, Kept) {
    let (mut types, mut kept) = (Types::default(), Kept::default());
    for (_, kind, instances) in managed(state) {
        types.add(kind, instances.len() as u64);
        let all = instances.iter().filter_map(|one| one.get("attributes"));
        all.for_each(|attributes| kept.add(attributes));
    }
    (types, kept)
}

/// A name for each object of a state, with its type.
pub(super) fn objects(state: &Value) -> Vec<(String, &str)> {
    let mut out = Vec::new();
    for (resource, kind, instances) in managed(state) {
        let at = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        for instance in instances {
            let key = instance.get("index_key").map(Value::to_string).unwrap_or_default();
            out.push((format!("{} {kind} {} {key}", at("module"), at("name")), kind));
        }
    }
    out
}

/// How many objects of a state are of a provider, by a part of its address.
pub(super) fn provided(state: &Value, provider: &str) -> u64 {
    let of = |one: &Value| one.get("provider").and_then(Value::as_str).map(str::to_owned);
    let fits = |one: &Value| of(one).is_some_and(|name| name.contains(provider));
    managed(state).filter(|(one, ..)| fits(one)).map(|(.., all)| all.len() as u64).sum()
}
