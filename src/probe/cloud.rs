//! Google Cloud and Azure: the object that would be deleted as its own service
//! describes it, and what a group of resources holds and what locks it.

use serde_json::Value;

use super::aws::by_kind;
use super::client::ask;
use super::commands::{
    AZ_LOCKS, AZ_RESOURCES, Command, GCLOUD_CLUSTER, GCLOUD_DISK, GCLOUD_INSTANCE, GCLOUD_PROJECT,
    GCLOUD_SQL,
};
use super::{Failed, Found, Job, Result};
use crate::blast;
use crate::model::{Count, Environment, Flag, Reversibility};
use crate::text::{escape, width, words};

/// What is described: the words in front of `delete`, how, and what it is.
const KINDS: &[(&[&str], &Command, &str)] = &[
    (&["compute", "instances"], GCLOUD_INSTANCE, "instance"),
    (&["compute", "disks"], GCLOUD_DISK, "disk"),
    (&["sql", "instances"], GCLOUD_SQL, "database"),
    (&["container", "clusters"], GCLOUD_CLUSTER, "cluster"),
    (&["projects"], GCLOUD_PROJECT, "project"),
];
/// The options that say where, and as whom.
const PLACE: &[&str] = &[
    "--project",
    "--zone",
    "--region",
    "--location",
    "--account",
    "--configuration",
    "--impersonate-service-account",
];
/// Objects of one command that are looked at: each takes about a second.
const MOST: usize = 2;
/// Columns of a name that are shown.
const NAME: usize = 32;

/// `gcloud … delete NAME…`.
pub(super) fn gcloud(job: &Job) -> Result {
    let path = job.invocation.subcommand.iter().map(String::as_str);
    let path: Vec<&str> = path.filter(|word| !matches!(*word, "alpha" | "beta")).collect();
    let Some((&"delete", kind)) = path.split_last() else { return Ok(None) };
    let Some((_, command, noun)) = KINDS.iter().find(|(known, ..)| *known == kind) else {
        return Ok(None);
    };
    let (Some(place), Some(names)) = (job.flags(PLACE), job.operands()) else { return Ok(None) };
    job.reaches(&["CLOUDSDK_"])?;
    if names.len() > MOST {
        return Err(Failed::new(format!("more than {MOST} objects")));
    }
    let (mut said, mut environment, mut protected) = (Vec::new(), None, 0);
    for name in &names {
        let printed = ask(job, command, &[&place, std::slice::from_ref(name)])?;
        let object: Value = serde_json::from_slice(&printed.success("gcloud")?.bytes)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| Failed::new("gcloud printed what cannot be read"))?;
        protected += usize::from(is_protected(&object));
        said.push(format!("{}{}", width::cut(&escape(name), NAME), facts(&object)));
        environment = environment.max(labelled(&object));
    }
    let n = names.len() as u64;
    let mut hits = format!("{}: {}", words::count(n, noun), said.join("; "));
    if protected > 0 {
        hits += &format!(", {protected} protected against it");
    }
    if job.has(&["--delete-disks", "--keep-disks"]) {
        hits += ", disks as the command says";
    }
    let undo = match *noun {
        "project" => (Reversibility(3), "undelete within 30 days, some data goes sooner"),
        _ => (Reversibility(4), "no copy elsewhere was seen"),
    };
    let undo = Some((undo.0, undo.1.to_owned()));
    Ok(Some(Found { count: Count::Exact(n), hits, undo, environment, ..Found::default() }))
}

/// Under the names that the services give to it.
fn is_protected(object: &Value) -> bool {
    let places = ["/deletionProtection", "/settings/deletionProtectionEnabled"];
    places.iter().any(|at| object.pointer(at) == Some(&Value::Bool(true)))
}

/// What is worth a word of an object.
fn facts(object: &Value) -> String {
    let text = |at: &str| match object.pointer(at) {
        Some(Value::String(text)) if !text.is_empty() => {
            Some(width::cut(&escape(text), NAME).into_owned())
        }
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let list =
        |at: &str| object.pointer(at).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut out = String::new();
    for at in ["/status", "/state", "/lifecycleState"] {
        out += &text(at).map(|text| format!(" {text}")).unwrap_or_default();
    }
    for (at, unit) in
        [("/sizeGb", " GB"), ("/settings/dataDiskSizeGb", " GB"), ("/currentNodeCount", " nodes")]
    {
        out += &text(at).map(|text| format!(", {text}{unit}")).unwrap_or_default();
    }
    let gone = |disk: &&Value| disk.get("autoDelete") == Some(&Value::Bool(true));
    for (n, what) in [
        (list("/disks").iter().filter(gone).count(), "disk goes too"),
        (list("/users").len(), "machine uses it"),
        (list("/replicaNames").len(), "replica"),
    ] {
        out += &if n > 0 { format!(", {n} × {what}") } else { String::new() };
    }
    out
}

/// The environment that labels speak of, which can only make it stricter.
fn labelled(object: &Value) -> Option<(Environment, String)> {
    let places = ["/labels", "/resourceLabels", "/settings/userLabels"];
    let labels = places.iter().filter_map(|at| object.pointer(at)?.as_object()).flatten();
    let known = labels.filter(|(key, _)| {
        ["env", "environment", "stage", "tier"].iter().any(|name| key.eq_ignore_ascii_case(name))
    });
    let read = known.filter_map(|(key, value)| {
        let value = value.as_str()?;
        let text = format!("label {}={}", escape(key), width::cut(&escape(value), NAME));
        Some((blast::named(value)?, text))
    });
    read.max_by_key(|(environment, _)| *environment)
}

/// `az group delete`: what is in it, by type, and which locks hold it back.
pub(super) fn group(job: &Job) -> Result {
    let group = job.invocation.subcommand.iter().eq(["group", "delete"]);
    let name = job.value(&["-n", "--name", "-g", "--resource-group"]);
    let (true, Some(name), Some(mut place)) = (group, name, job.flags(&["--subscription"])) else {
        return Ok(None);
    };
    job.reaches(&["AZURE_"])?;
    place.push(format!("--resource-group={name}"));
    let list = |command| -> std::result::Result<Vec<Value>, Failed> {
        let printed = ask(job, command, &[&place])?.success("az")?;
        serde_json::from_slice(&printed.bytes)
            .map_err(|_| Failed::new("az printed what cannot be read"))
    };
    let resources = list(AZ_RESOURCES)?;
    let kind = |resource: &Value| {
        let kind = resource.get("type").and_then(Value::as_str).unwrap_or("unknown");
        kind.rsplit('/').next().unwrap_or(kind).to_owned()
    };
    let n = resources.len() as u64;
    let mut hits = words::count(n, "resource");
    if n > 0 {
        hits += &format!(": {}", by_kind(resources.iter().map(kind)));
    }
    // Who may not list locks is told so; it says nothing about what is in the group.
    hits += &match list(AZ_LOCKS).map(|locks| locks.len() as u64) {
        Ok(0) => ", no lock".to_owned(),
        Ok(n) => format!(", {} in the way", words::count(n, "lock")),
        Err(_) => ", locks not checked".to_owned(),
    };
    let flags = if n > 0 { vec![Flag::Data] } else { Vec::new() };
    let undo = Some((Reversibility(4), "no copy elsewhere was seen".to_owned()));
    Ok(Some(Found { count: Count::Exact(n), hits, undo, flags, ..Found::default() }))
}
