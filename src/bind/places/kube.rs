//! Which cluster, as kubectl finds it
//! (<https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>):
//! options first, then the files of `KUBECONFIG`, of which the first that says
//! something wins, or `~/.kube/config`.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde::Deserialize;

use super::{Env, option};
use crate::model::Invocation;
use crate::rules::yaml;
use crate::second::display::sha256;
use crate::second::request::Target;

/// Clients that read a kubeconfig.
pub(super) const CLIENTS: &[&str] = &[
    "kubectl",
    "oc",
    "helm",
    "helmfile",
    "kustomize",
    "flux",
    "istioctl",
    "velero",
    "k9s",
    "kubens",
    "linkerd",
    "cilium",
    "skaffold",
    "argocd",
];

#[derive(Debug, Default, Deserialize)]
struct Config {
    #[serde(default, rename = "current-context")]
    current: Option<String>,
    #[serde(default)]
    contexts: Option<Vec<Named<Context>>>,
    #[serde(default)]
    clusters: Option<Vec<Named<Cluster>>>,
}

#[derive(Debug, Deserialize)]
struct Named<T> {
    name: String,
    #[serde(alias = "cluster", alias = "context")]
    value: T,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Context {
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Cluster {
    #[serde(default)]
    server: Option<String>,
    #[serde(default, rename = "certificate-authority")]
    ca_file: Option<String>,
    #[serde(default, rename = "certificate-authority-data")]
    ca_data: Option<String>,
}

/// What this invocation acts on; `None` when no kubeconfig says so.
pub(super) fn target(invocation: &Invocation, env: Env<'_>, cwd: &Path) -> Option<Target> {
    let configs = read(invocation, env, cwd);
    let given = |names: &[&str]| option(invocation, names);
    let name = given(&["--context", "--kube-context"])
        .or_else(|| configs.iter().find_map(|(_, config)| config.current.clone()))
        .filter(|name| !name.is_empty());
    let context = name.as_deref().and_then(|name| {
        named(configs.iter().flat_map(|(_, config)| config.contexts.iter().flatten()), name)
    });
    let context = context.unwrap_or_default();
    let cluster = given(&["--cluster"]).or(context.cluster);
    let (folder, cluster) = cluster
        .and_then(|name| {
            configs.iter().find_map(|(folder, config)| {
                let cluster = named(config.clusters.iter().flatten(), &name)?;
                Some((folder.clone(), cluster))
            })
        })
        .unwrap_or_default();
    let target = Target {
        kind: "kubernetes".into(),
        context: name,
        server: given(&["-s", "--server", "--kube-apiserver"]).or_else(|| cluster.server.clone()),
        ca_sha256: ca(&cluster, &folder),
        user: given(&["--user", "--as"]).or(context.user),
        namespace: given(&["-n", "--namespace"]).or(context.namespace),
        ..Target::default()
    };
    let known = target.context.is_some() || target.server.is_some();
    known.then_some(target)
}

fn named<'a, T: Clone + 'a>(mut list: impl Iterator<Item = &'a Named<T>>, name: &str) -> Option<T> {
    list.find(|entry| entry.name == name).map(|entry| entry.value.clone())
}

/// The kubeconfig files in order, each with its folder. One that cannot be read
/// or understood says nothing: kubectl would stop there, and so nothing runs.
fn read(invocation: &Invocation, env: Env<'_>, cwd: &Path) -> Vec<(PathBuf, Config)> {
    let files: Vec<PathBuf> = match option(invocation, &["--kubeconfig"]) {
        Some(file) => vec![file.into()],
        None => match env("KUBECONFIG").filter(|list| !list.is_empty()) {
            Some(list) => std::env::split_paths(&list).take(32).collect(),
            None => env("HOME")
                .map(|home| PathBuf::from(home).join(".kube/config"))
                .into_iter()
                .collect(),
        },
    };
    let read = |file: PathBuf| {
        let path = cwd.join(file);
        let text = super::content(&path)?;
        let config = yaml::parse(&path.to_string_lossy(), &text).ok()?;
        Some((path.parent().unwrap_or(cwd).to_owned(), config))
    };
    files.into_iter().filter_map(read).collect()
}

/// SHA-256 of the authority that the server is known by.
fn ca(cluster: &Cluster, folder: &Path) -> Option<String> {
    if let Some(data) = &cluster.ca_data {
        let bytes = base64::engine::general_purpose::STANDARD.decode(data.trim()).ok()?;
        return Some(sha256(&bytes));
    }
    let path = folder.join(cluster.ca_file.as_ref()?);
    let bytes = std::fs::read(path).ok().filter(|bytes| bytes.len() <= super::MAX_FILE)?;
    Some(sha256(&bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::ffi::OsString;

    use super::*;
    use crate::model::{Opt, Span, Word};

    const CONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: stage
contexts:
- name: stage
  context: {cluster: s, user: dev, namespace: shop}
- name: prod
  context: {cluster: p, user: deployer}
clusters:
- name: s
  cluster: {server: 'https://10.0.0.1:6443', certificate-authority-data: YWJj}
- name: p
  cluster: {server: 'https://10.20.0.1:6443', insecure-skip-tls-verify: true}
users:
- name: dev
  user: {token: secret}
";

    fn at(options: &[(&str, &str)], config: &str) -> Option<Target> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config"), config).unwrap();
        let options = options
            .iter()
            .map(|(name, value)| Opt {
                name: (*name).to_owned(),
                value: Some(Word::text(*value, Span::default())),
                known: true,
                span: Span::default(),
            })
            .collect();
        let invocation =
            Invocation { program: Some("kubectl".into()), options, ..Invocation::default() };
        let file = dir.path().join("config").into_os_string();
        let env = move |name: &str| (name == "KUBECONFIG").then(|| OsString::from(&file));
        target(&invocation, &env, Path::new("/"))
    }

    #[test]
    fn the_cluster_is_found_as_kubectl_finds_it() {
        let stage = at(&[], CONFIG).unwrap();
        assert_eq!(stage.context.as_deref(), Some("stage"));
        assert_eq!(stage.server.as_deref(), Some("https://10.0.0.1:6443"));
        assert_eq!(stage.namespace.as_deref(), Some("shop"));
        assert!(stage.ca_sha256.unwrap().starts_with("ba7816bf"));
        let prod = at(&[("--context", "prod"), ("-n", "payments")], CONFIG).unwrap();
        assert_eq!(prod.server.as_deref(), Some("https://10.20.0.1:6443"));
        assert_eq!(prod.user.as_deref(), Some("deployer"));
        assert_eq!(prod.namespace.as_deref(), Some("payments"));
    }

    #[test]
    fn no_secret_of_a_kubeconfig_is_kept_and_a_broken_one_says_nothing() {
        let shown = format!("{:?}", at(&[], CONFIG).unwrap());
        assert!(!shown.contains("secret"), "{shown}");
        assert_eq!(at(&[], "current-context: [broken"), None);
        assert_eq!(at(&[], ""), None);
    }
}
