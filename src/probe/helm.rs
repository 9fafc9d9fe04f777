//! helm: the objects of a release, and which of them outlive it.

use super::client::ask;
use super::commands::{HELM_HISTORY, HELM_MANIFEST};
use super::kinds::Kinds;
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

/// The options that say which cluster, and as whom.
const PLACE: &[&str] = &[
    "-n",
    "--namespace",
    "--kube-context",
    "--kubeconfig",
    "--kube-apiserver",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
    "--kube-tls-server-name",
    "--kube-insecure-skip-tls-verify",
];
/// This would stand in the process list for everybody to read.
const SECRETS: &[&str] = &["--kube-token"];
/// Releases of one command that are looked at.
const MOST: usize = 4;

/// One object of a manifest.
#[derive(Debug, Default)]
struct Object {
    kind: String,
    /// `helm.sh/resource-policy: keep`: it stays when the release goes
    /// (<https://helm.sh/docs/howto/charts_tips_and_tricks/>).
    keep: bool,
    /// A service of type LoadBalancer.
    balancer: bool,
}

fn place(job: &Job) -> std::result::Result<Vec<String>, Failed> {
    if job.has(SECRETS) {
        return Err(Failed::new("a secret on the command line is not passed on to a probe"));
    }
    job.flags(PLACE).ok_or_else(|| Failed::new("which cluster is not known"))
}

/// The objects of a manifest: documents of YAML that helm itself has written,
/// read by their outermost keys.
fn objects(manifest: &str) -> Vec<Object> {
    let mut out = Vec::new();
    let mut object = Object::default();
    for line in manifest.lines().chain(["---"]) {
        if line.starts_with("---") {
            let done = std::mem::take(&mut object);
            out.extend((!done.kind.is_empty()).then_some(done));
            continue;
        }
        if let Some(kind) = line.strip_prefix("kind:") {
            kind.trim().trim_matches(['"', '\'']).clone_into(&mut object.kind);
        }
        let line = line.trim().replace(['"', '\''], "");
        object.keep |= line == "helm.sh/resource-policy: keep";
        object.balancer |= line == "type: LoadBalancer";
    }
    out
}

fn by_kind(objects: &[Object]) -> Kinds {
    Kinds::of(objects.iter().map(|object| object.kind.as_str()))
}

/// `helm uninstall RELEASE…`.
pub(super) fn uninstall(job: &Job) -> Result {
    let place = place(job)?;
    let Some(names) = job.operands().filter(|names| !names.is_empty()) else { return Ok(None) };
    if names.len() > MOST {
        return Err(Failed::new(format!("more than {MOST} releases")));
    }
    let mut all = Vec::new();
    for name in &names {
        let printed = ask(job, HELM_MANIFEST, &[&place, std::slice::from_ref(name)])?;
        let printed = printed.success("helm")?;
        if printed.cut {
            return Err(Failed::new("the manifest is longer than a probe reads"));
        }
        all.extend(objects(&printed.text()));
    }
    let (kept, gone): (Vec<Object>, Vec<Object>) = all.into_iter().partition(|object| object.keep);
    let kinds = by_kind(&gone);
    let claims = kinds.number("PVC");
    let mut hits = kinds.in_words();
    if !kept.is_empty() {
        hits += &format!("; {} kept", kept.len());
    }
    let undo = if claims > 0 {
        let volumes = words::count(claims, "volume claim");
        (Reversibility(4), format!("{volumes} with data"))
    } else if job.has(&["--keep-history"]) {
        (Reversibility(2), "helm rollback".to_owned())
    } else {
        let text = "its values go too";
        (Reversibility(3), text.to_owned())
    };
    let seen = outside(&gone);
    let mut flags = Vec::new();
    flags.extend((claims > 0).then_some(Flag::Data));
    flags.extend((!seen.is_empty()).then_some(Flag::Customers));
    let count = Count::Exact(kinds.total());
    Ok(Some(Found { count, hits, undo: Some(undo), flags, seen, ..Found::default() }))
}

/// What of it is seen from outside the cluster.
fn outside(objects: &[Object]) -> String {
    let open = |object: &&Object| {
        object.balancer || matches!(object.kind.as_str(), "Ingress" | "Gateway" | "HTTPRoute")
    };
    match objects.iter().filter(open).count() as u64 {
        0 => String::new(),
        n => format!("{} to the outside", words::count(n, "entrance")),
    }
}

/// `helm upgrade RELEASE CHART`: what the release holds now. Nothing is rendered:
/// a chart may come from elsewhere, and its hooks are not a matter of a dry run.
pub(super) fn upgrade(job: &Job) -> Result {
    if job.invocation.subcommand.first().is_none_or(|word| word != "upgrade") {
        return Ok(None);
    }
    let place = place(job)?;
    let Some(names) = job.operands() else { return Ok(None) };
    let Some(name) = names.first() else { return Ok(None) };
    let printed = ask(job, HELM_MANIFEST, &[&place, std::slice::from_ref(name)])?;
    // `upgrade --install` of what is not there is an installation.
    if !printed.ok && printed.error().contains("not found") {
        let hits = "no release of that name yet".to_owned();
        return Ok(Some(Found { count: Count::Exact(0), hits, ..Found::default() }));
    }
    let all = objects(&printed.success("helm")?.text());
    let (revision, _, _) = revision(job, &place, name)?;
    let kinds = by_kind(&all);
    let force = job.has(&["--force", "--force-replace"]);
    let replaced = if force { ", some made anew" } else { "" };
    let seen = outside(&all);
    let flags = if seen.is_empty() { Vec::new() } else { vec![Flag::Customers] };
    Ok(Some(Found {
        count: Count::Exact(kinds.total()),
        hits: format!("revision {revision} now: {}{replaced}", kinds.in_words()),
        undo: Some((Reversibility(2), format!("helm rollback {} {revision}", escape(name)))),
        flags,
        seen,
        ..Found::default()
    }))
}

/// The newest revision of a release: its number, chart and status.
fn revision(
    job: &Job,
    place: &[String],
    name: &String,
) -> std::result::Result<(u64, String, String), Failed> {
    let printed = ask(job, HELM_HISTORY, &[place, std::slice::from_ref(name)])?.success("helm")?;
    let revisions: Vec<serde_json::Value> = serde_json::from_slice(&printed.bytes)
        .map_err(|_| Failed::new("helm printed what cannot be read"))?;
    let now = revisions.last().ok_or_else(|| Failed::new("helm knows no revision"))?;
    let word = |key: &str| escape(now.get(key).and_then(serde_json::Value::as_str).unwrap_or("?"));
    let revision = now.get("revision").and_then(serde_json::Value::as_u64).unwrap_or_default();
    Ok((revision, word("chart"), word("status")))
}

/// `helm rollback RELEASE [REVISION]`: the newest revisions.
pub(super) fn rollback(job: &Job) -> Result {
    let place = place(job)?;
    let Some(names) = job.operands() else { return Ok(None) };
    let Some(name) = names.first() else { return Ok(None) };
    let (revision, chart, status) = revision(job, &place, name)?;
    let target = names.get(1).map_or("the one before", String::as_str);
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!("revision {revision} ({chart}, {status}) → {}", escape(target)),
        undo: Some((Reversibility(2), format!("helm rollback {} {revision}", escape(name)))),
        ..Found::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::{by_kind, objects, outside};

    const MANIFEST: &str = "---\n# Source: web/templates/pvc.yaml\napiVersion: v1\nkind: PersistentVolumeClaim\n\
        metadata:\n  name: data\n  annotations:\n    \"helm.sh/resource-policy\": keep\n---\nkind: Service\nspec:\n  \
        type: LoadBalancer\n---\nkind: Deployment\nspec:\n  kind: none\n---\n---\nkind: \"Deployment\"\n";

    #[test]
    fn a_manifest_is_read_by_its_documents() {
        let all = objects(MANIFEST);
        assert_eq!(by_kind(&all).in_words(), "1 PVC, 1 Service, 2 Deployments");
        assert_eq!(all.iter().filter(|object| object.keep).count(), 1);
        assert_eq!(outside(&all), "1 entrance to the outside");
    }

    #[test]
    fn no_manifest_makes_it_panic() {
        for text in ["", "kind:", "---\n---", "kind: \u{1b}[2J\n", "\u{0}kind: x\nkind: y"] {
            let _ = by_kind(&objects(text)).in_words();
        }
    }
}
