//! What a change of workloads would meet: how many replicas there are and are
//! ready, what runs there now, and how many objects of a file exist already. All
//! by `get`: no dry run is sent.

use serde_json::Value;

use super::super::client::ask;
use super::super::commands::{KUBE_JSON, KUBE_NAMES};
use super::super::{Failed, Found, Job, Result};
use super::{chosen, identity, items, json, listed, string};
use crate::model::{Count, Flag};
use crate::text::{escape, width, words};

/// The longest file whose objects are counted, in bytes.
const MAX_FILE: u64 = 256 << 10;
/// Columns of the name of an image.
const IMAGE: usize = 60;

/// `kubectl rollout|set|patch|apply|replace …`.
pub(in super::super) fn change(job: &Job) -> Result {
    identity::with(job, look)
}

fn look(job: &Job) -> Result {
    let words: Vec<&str> = job.invocation.subcommand.iter().map(String::as_str).collect();
    let Some(operands) = job.operands() else { return Ok(None) };
    match words.as_slice() {
        ["rollout", verb @ ("undo" | "restart"), ..] => rollout(job, verb, operands),
        ["set", "image", ..] => image(job, operands),
        ["patch", ..] => patch(job, operands),
        ["apply" | "replace", ..] => file(job, operands),
        _ => Ok(None),
    }
}

fn asked(job: &Job, operands: Vec<String>) -> std::result::Result<Option<Value>, Failed> {
    let Some((place, chosen)) = chosen(job, operands)? else { return Ok(None) };
    let value = json(ask(job, KUBE_JSON, &[&place, &chosen])?)?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

/// Replicas that are wanted and that are ready.
fn replicas(objects: &[&Value]) -> (u64, u64) {
    let sum = |pointer| {
        objects.iter().filter_map(|o| o.pointer(pointer).and_then(Value::as_u64)).sum::<u64>()
    };
    (sum("/spec/replicas"), sum("/status/readyReplicas"))
}

fn said(objects: &[&Value], more: &str, flags: Vec<Flag>) -> Found {
    let n = objects.len() as u64;
    let (wanted, ready) = replicas(objects);
    let mut hits = words::count(n, "object");
    if wanted > 0 {
        hits += &format!(", {ready} of {} ready", words::count(wanted, "replica"));
    }
    Found { count: Count::Exact(n), hits: hits + more, flags, ..Found::default() }
}

fn nothing() -> Found {
    Found { count: Count::Exact(0), hits: "nothing there".to_owned(), ..Found::default() }
}

/// `rollout undo`, `rollout restart`: every pod of it is replaced.
fn rollout(job: &Job, verb: &str, operands: Vec<String>) -> Result {
    let Some(value) = asked(job, operands)? else { return Ok(Some(nothing())) };
    let objects = items(&value);
    let at_once = objects.iter().any(|o| string(o, "/spec/strategy/type") == "Recreate");
    let mut more = if at_once { ", all pods at once (Recreate)" } else { "" }.to_owned();
    if verb == "undo"
        && let [one] = objects.as_slice()
    {
        let annotations = one.pointer("/metadata/annotations");
        let now = annotations.and_then(|all| all.get("deployment.kubernetes.io/revision"));
        let now = now.and_then(Value::as_str).unwrap_or("?");
        let then = match job.value(&["--to-revision"]) {
            None | Some("0") => "the one before".to_owned(),
            Some(revision) => escape(revision),
        };
        more = format!(", revision {} → {then}{more}", escape(now));
    }
    Ok(Some(said(&objects, &more, Vec::new())))
}

/// `set image KIND/NAME CONTAINER=IMAGE`: the image now and then.
fn image(job: &Job, operands: Vec<String>) -> Result {
    let (pairs, named): (Vec<_>, Vec<_>) =
        operands.into_iter().partition(|word| word.contains('='));
    let Some(value) = asked(job, named)? else { return Ok(Some(nothing())) };
    let objects = items(&value);
    let shown = |text: &str| width::cut(&escape(text), IMAGE).into_owned();
    let mut more = String::new();
    if let Some((container, then)) = pairs.first().and_then(|pair| pair.split_once('=')) {
        let containers = objects.iter().filter_map(|object| {
            object.pointer("/spec/template/spec/containers").and_then(Value::as_array)
        });
        let mut hit =
            containers.flatten().filter(|c| container == "*" || string(c, "/name") == container);
        let now = hit.next().map_or("no such container", |c| string(c, "/image"));
        more = format!(", image {} → {}", shown(now), shown(then));
    }
    Ok(Some(said(&objects, &more, Vec::new())))
}

/// `patch KIND NAME -p …`: replicas now and then, when it is about these.
fn patch(job: &Job, operands: Vec<String>) -> Result {
    let Some(value) = asked(job, operands)? else { return Ok(Some(nothing())) };
    let objects = items(&value);
    let text = job.value(&["-p", "--patch"]).unwrap_or_default();
    let patch: Value = serde_json::from_str(text).unwrap_or_default();
    let merged = patch.pointer("/spec/replicas");
    let listed = patch.as_array().into_iter().flatten();
    let listed = listed.filter(|step| string(step, "/path") == "/spec/replicas");
    let then = listed.filter_map(|step| step.get("value")).next_back().or(merged);
    let (mut more, mut flags) = (String::new(), Vec::new());
    if let Some(then) = then.and_then(Value::as_u64) {
        let now = replicas(&objects).0;
        more = format!(", replicas {now} → {then}");
        flags.extend((then == 0 && now > 0).then_some(Flag::All));
    }
    Ok(Some(said(&objects, &more, flags)))
}

/// `apply -f FILE`, `replace -f FILE`: how many of its objects are there already.
fn file(job: &Job, operands: Vec<String>) -> Result {
    if !operands.is_empty() {
        return Ok(None);
    }
    let Some((place, chosen)) = chosen(job, operands)? else { return Ok(None) };
    // A selector alone would be every object of its kind; what kustomize makes of a
    // folder may come from elsewhere.
    if !job.has(&["-f", "--filename"]) || job.has(&["-k", "--kustomize"]) {
        return Ok(None);
    }
    let printed = ask(job, KUBE_NAMES, &[&place, &chosen])?;
    // A file may bring the definition of a kind and the first objects of it.
    if !printed.ok && String::from_utf8_lossy(&printed.errors).contains("no matches for kind") {
        let hits = "kinds that the cluster does not know yet".to_owned();
        return Ok(Some(Found { count: Count::NotChecked, hits, ..Found::default() }));
    }
    let (count, kinds) = listed(printed)?;
    let n = kinds.total();
    let all = job.value(&["-f", "--filename"]).and_then(|name| documents(job, name));
    let of = all.filter(|all| *all >= n).map(|all| format!(" of {all}")).unwrap_or_default();
    let hits = match n {
        0 => format!("none{of} is there yet"),
        _ => format!("{n}{of} there already: {}", kinds.in_words()),
    };
    let count = match count {
        Count::Exact(n) => Count::Exact(n.max(all.unwrap_or(1))),
        other => other,
    };
    Ok(Some(Found { count, hits, ..Found::default() }))
}

/// The objects of one file of YAML, by the outermost `kind:` of its documents;
/// `None` for what is no such file, and for lists, which hold others.
fn documents(job: &Job, name: &str) -> Option<u64> {
    let path = job.path(name);
    let meta = path.metadata().ok()?;
    if !meta.is_file() || meta.len() > MAX_FILE {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    let kinds = || text.lines().filter_map(|line| line.strip_prefix("kind:"));
    let n = kinds().count() as u64;
    (n > 0 && !kinds().any(|kind| kind.trim().ends_with("List"))).then_some(n)
}
