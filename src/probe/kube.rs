//! kubectl: what a namespace, a selector, a workload or a node really holds.
//! `get all` leaves out volumes, secrets and configuration, so every kind that
//! can be listed is asked for.

mod change;
mod identity;
mod owned;

use serde_json::Value;

use super::client::{Printed, ask};
use super::commands::{KUBE_JSON, KUBE_KINDS, KUBE_NAMES};
use super::kinds::Kinds;
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

pub(super) use change::change;
pub(super) use owned::{node, workload};

/// The options that say which cluster, and as whom.
const PLACE: &[&str] = &[
    "--context",
    "--cluster",
    "--user",
    "--kubeconfig",
    "-s",
    "--server",
    "--as",
    "--as-group",
    "--certificate-authority",
    "--client-certificate",
    "--client-key",
    "--insecure-skip-tls-verify",
    "--tls-server-name",
];
const NAMESPACE: &[&str] = &["-n", "--namespace"];
/// The options that choose objects.
const CHOICE: &[&str] = &[
    "-l",
    "--selector",
    "--field-selector",
    "--all",
    "-A",
    "--all-namespaces",
    "-f",
    "--filename",
    "-R",
    "--recursive",
];
/// These would stand in the process list for everybody to read.
const SECRETS: &[&str] = &["--token", "--password"];

fn place(job: &Job) -> std::result::Result<Vec<String>, Failed> {
    if job.has(SECRETS) {
        return Err(Failed::new(
            "a secret on the command line is not passed on to a probe".to_owned(),
        ));
    }
    job.flags(PLACE).ok_or_else(|| Failed::new("which cluster is not known".to_owned()))
}

/// Where to ask, and the objects in the words of `get`.
type Chosen = (Vec<String>, Vec<String>);

/// Where to ask, and the objects of the command in the words of `get`; `None` when
/// they are not known or stand in the input.
fn chosen(job: &Job, operands: Vec<String>) -> std::result::Result<Option<Chosen>, Failed> {
    let mut place = place(job)?;
    let (Some(space), Some(choice)) = (job.flags(NAMESPACE), job.flags(CHOICE)) else {
        return Ok(None);
    };
    // What an address answers now need not be what the command gets.
    let elsewhere = |word: &String| word == "-" || word.ends_with("=-") || word.contains("://");
    if choice.iter().any(elsewhere) || operands.iter().any(|word| word.starts_with('-')) {
        return Ok(None);
    }
    place.extend(space);
    let mut chosen = operands;
    // `get` has no --all: it is what a kind alone means there.
    chosen.extend(
        choice.into_iter().filter(|word| !word.starts_with("--all") || word == "--all-namespaces"),
    );
    Ok((!chosen.is_empty()).then_some((place, chosen)))
}

/// Objects by kind, from lines `kind.group/name`.
fn by_kind(printed: &Printed) -> Kinds {
    let text = printed.text();
    let kinds = text.lines().filter_map(|line| line.split_once('/'));
    Kinds::of(kinds.map(|(kind, _)| kind.split('.').next().unwrap_or(kind)))
}

/// A partial list with an error is a failure with a lower bound.
fn listed(printed: Printed) -> std::result::Result<(Count, Kinds), Failed> {
    let kinds = by_kind(&printed);
    if printed.text().lines().any(|line| !line.contains('/')) {
        return Err(Failed::new("kubectl printed what cannot be read".to_owned()));
    }
    let n = kinds.total();
    if printed.ok {
        let count = if printed.cut { Count::AtLeast(n) } else { Count::Exact(n) };
        return Ok((count, kinds));
    }
    let seen = if n > 0 { words::count(n, "object") } else { String::new() };
    Err(Failed { why: format!("kubectl: {}", printed.error()), seen })
}

fn json(printed: Printed) -> std::result::Result<Value, Failed> {
    let printed = printed.success("kubectl")?;
    if printed.bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&printed.bytes)
        .map_err(|_| Failed::new("kubectl printed what cannot be read".to_owned()))
}

/// The objects of a list, or the one object.
fn items(value: &Value) -> Vec<&Value> {
    match value.get("items").and_then(Value::as_array) {
        Some(items) => items.iter().collect(),
        None if value.is_object() => vec![value],
        None => Vec::new(),
    }
}

fn string<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// `kubectl delete namespace`.
pub(super) fn namespace(job: &Job) -> Result {
    identity::with(job, look_at_namespace)
}

fn look_at_namespace(job: &Job) -> Result {
    let place = place(job)?;
    let Some(operands) = job.operands() else { return Ok(None) };
    let names: Vec<String> = operands
        .iter()
        .filter_map(|word| match word.split_once('/') {
            Some((_, name)) => Some(name.to_owned()),
            None => {
                (!["ns", "namespace", "namespaces"].contains(&word.as_str())).then(|| word.clone())
            }
        })
        .collect();
    let [name] = names.as_slice() else { return Ok(None) };
    let kinds = ask(job, KUBE_KINDS, &[&place])?.success("kubectl")?.text();
    let kinds: Vec<&str> = kinds.lines().filter(|kind| !kind.starts_with("events")).collect();
    if kinds.is_empty() {
        return Err(Failed::new("the cluster names no kinds".to_owned()));
    }
    let inside = |what: String| vec![what, format!("--namespace={name}")];
    let (all, services, volumes) = std::thread::scope(|scope| {
        let all = scope.spawn(|| ask(job, KUBE_NAMES, &[&place, &inside(kinds.join(","))]));
        let services = scope.spawn(|| ask(job, KUBE_JSON, &[&place, &inside("services".into())]));
        let volumes = ask(job, KUBE_JSON, &[&place, &["persistentvolumes".to_owned()]]);
        let lost = || Err(Failed::new("the probe broke off".to_owned()));
        (all.join().unwrap_or_else(|_| lost()), services.join().unwrap_or_else(|_| lost()), volumes)
    });
    let (count, kinds) = listed(all?)?;
    let mut found = Found { count, hits: kinds.in_words(), ..Found::default() };
    if kinds.total() == 0 {
        found.hits = "no objects".to_owned();
    }
    if kinds.number("PVC") > 0 {
        found.flags.push(Flag::Data);
    }
    let volumes = volumes.and_then(json);
    let services = services.and_then(json);
    public(&mut found, &services);
    reclaimed(&mut found, &volumes, name);
    copies(&mut found, &kinds);
    Ok(Some(found))
}

/// Volumes that go with their claims.
fn reclaimed(found: &mut Found, volumes: &std::result::Result<Value, Failed>, namespace: &str) {
    let Ok(volumes) = volumes else {
        found.undo = Some((Reversibility(4), "volumes could not be listed".to_owned()));
        return;
    };
    let ours = items(volumes)
        .into_iter()
        .filter(|volume| string(volume, "/spec/claimRef/namespace") == namespace);
    let (mut gone, mut kept) = (0, 0);
    for volume in ours {
        match string(volume, "/spec/persistentVolumeReclaimPolicy") {
            "Retain" => kept += 1,
            _ => gone += 1,
        }
    }
    let mut text = "none seen".to_owned();
    if gone > 0 {
        text = format!(
            "{} deleted with the claim (reclaim policy Delete)",
            words::count(gone, "volume")
        );
    }
    if kept > 0 {
        text += &format!(", {} kept (Retain)", words::count(kept, "volume"));
    }
    found.undo = Some((Reversibility(4), text));
}

/// Snapshots and backups whose records are in the namespace go with it: they are
/// no backup of what else is there.
fn copies(found: &mut Found, kinds: &Kinds) {
    let copies = kinds.named_like(&["snapshot", "backup"]);
    if copies > 0 {
        found.flags.push(Flag::Backup);
        let text =
            format!("{} (snapshots, backups) in it deleted too", words::count(copies, "copy"));
        let (undo, said) = found.undo.take().unwrap_or((Reversibility(4), String::new()));
        found.undo = Some((undo, if said.is_empty() { text } else { format!("{text}; {said}") }));
    }
}

/// What customers reach.
fn public(found: &mut Found, services: &std::result::Result<Value, Failed>) {
    let Ok(services) = services else { return };
    let balancers: Vec<String> = items(services)
        .into_iter()
        .filter(|service| string(service, "/spec/type") == "LoadBalancer")
        .map(|service| {
            let at = "/status/loadBalancer/ingress/0";
            let address =
                [string(service, &format!("{at}/ip")), string(service, &format!("{at}/hostname"))];
            let address = address.into_iter().find(|a| !a.is_empty()).unwrap_or("no address yet");
            escape(&format!("{} {address}", string(service, "/metadata/name")))
        })
        .collect();
    if balancers.is_empty() {
        found.seen = "no LoadBalancer service".to_owned();
        return;
    }
    let first = balancers.first().map(String::as_str).unwrap_or_default();
    let more = if balancers.len() > 1 {
        format!(" and {} more", balancers.len() - 1)
    } else {
        String::new()
    };
    found.seen = format!("LoadBalancer {first}{more}");
    found.flags.push(Flag::Customers);
}

/// `kubectl delete KIND NAME`, `-l`, `--all`, `-f FILE`: the same choice, listed.
pub(super) fn objects(job: &Job) -> Result {
    identity::with(job, look_at_objects)
}

fn look_at_objects(job: &Job) -> Result {
    let Some(operands) = job.operands() else { return Ok(None) };
    let Some((place, chosen)) = chosen(job, operands)? else { return Ok(None) };
    let (count, kinds) = listed(ask(job, KUBE_NAMES, &[&place, &chosen])?)?;
    let nothing = kinds.total() == 0;
    let hits = if nothing { "nothing there".to_owned() } else { kinds.in_words() };
    let volumes = kinds.number("PVC") + kinds.number("PV") > 0;
    let flags = if volumes { vec![Flag::Data] } else { Vec::new() };
    Ok(Some(Found { count, hits, flags, ..Found::default() }))
}

/// `kubectl scale`: replicas now and then.
pub(super) fn scale(job: &Job) -> Result {
    identity::with(job, look_at_scale)
}

fn look_at_scale(job: &Job) -> Result {
    let Some(operands) = job.operands() else { return Ok(None) };
    let Some((place, chosen)) = chosen(job, operands)? else { return Ok(None) };
    let value = json(ask(job, KUBE_JSON, &[&place, &chosen])?)?;
    let objects = items(&value);
    let now: u64 =
        objects.iter().filter_map(|o| o.pointer("/spec/replicas").and_then(Value::as_u64)).sum();
    let then = job.value(&["--replicas"]).map_or("?".to_owned(), escape);
    let hits =
        format!("{}, replicas {now} → {then}", words::count(objects.len() as u64, "workload"));
    let mut flags = Vec::new();
    if then == "0" && now > 0 {
        flags.push(Flag::All);
    }
    Ok(Some(Found { count: Count::Exact(objects.len() as u64), hits, flags, ..Found::default() }))
}

#[cfg(test)]
mod tests {
    use super::{copies, reclaimed};
    use crate::model::{Flag, Reversibility};
    use crate::probe::Found;
    use crate::probe::kinds::Kinds;

    #[test]
    fn a_snapshot_inside_the_namespace_is_no_backup_of_it() {
        let mut found = Found::default();
        reclaimed(&mut found, &Ok(serde_json::json!({"items": []})), "shop");
        copies(&mut found, &Kinds::of(["pod", "persistentvolumeclaim"].into_iter()));
        assert_eq!(found.flags, []);
        let kinds = ["persistentvolumeclaim", "volumesnapshot", "backup", "pod"];
        copies(&mut found, &Kinds::of(kinds.into_iter()));
        assert_eq!(found.flags, [Flag::Backup]);
        let said = "2 copies (snapshots, backups) in it deleted too; none seen";
        assert_eq!(found.undo, Some((Reversibility(4), said.to_owned())));
    }
}
