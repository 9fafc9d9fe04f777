//! The words of sequences: verbs, kinds of objects and what recreation does not
//! bring back. They are the words of the field, not of one tool: `delete`,
//! `destroy` and `rm` mean the same in every command line, and so a pair is
//! recognised in a tool that nobody has described.

use super::Act;

/// Verbs that make something.
const CREATES: &[&str] = &[
    "create",
    "new",
    "init",
    "install",
    "run",
    "launch",
    "provision",
    "up",
    "apply",
    "deploy",
    "clone",
    "restore",
    "register",
    "import",
    "createdb",
    "createuser",
];

/// Verbs that take something away.
const DELETES: &[&str] = &[
    "delete",
    "del",
    "destroy",
    "terminate",
    "rm",
    "remove",
    "drop",
    "uninstall",
    "purge",
    "erase",
    "decommission",
    "teardown",
    "down",
    "wipe",
    "nuke",
    "deprovision",
    "dropdb",
    "dropuser",
    "deregister",
];

/// Verbs that do both.
const REBUILDS: &[&str] = &["rebuild", "recreate", "reinstall", "reimage", "reprovision"];

/// Verbs that choose what later commands act on.
const SWITCHES: &[&str] = &["use", "select", "switch", "set", "activate"];

/// What is chosen.
const CHOICES: &[&str] = &[
    "context",
    "workspace",
    "project",
    "account",
    "profile",
    "subscription",
    "cluster",
    "region",
    "namespace",
    "env",
    "environment",
];

/// Programs whose name says which cluster or namespace comes next.
const SWITCHERS: &[&str] = &["kubectx", "kubens", "kctx", "kns", "awsp", "tfswitch"];

/// Kinds of objects: the noun, other words for it, and what making it again
/// does not bring back, short enough for one line of the screen.
struct Kind {
    noun: &'static str,
    also: &'static [&'static str],
    lost: &'static str,
}

const fn kind(noun: &'static str, also: &'static [&'static str], lost: &'static str) -> Kind {
    Kind { noun, also, lost }
}

/// Sources: the vendors' pages on deleting each kind; for Kubernetes
/// "Persistent Volumes: Reclaiming" and the Service reference, for AWS the
/// deletion pages of Elastic Beanstalk, RDS, EC2, Route 53, KMS and IAM.
const KINDS: &[Kind] = &[
    kind("namespace", &["ns", "namespaces"], "volumes, secrets, addresses, grants"),
    kind("environment", &["env", "envs", "environments"], "data, host names, certificates, queues"),
    kind(
        "database",
        &["db", "dbs", "databases", "db-instance", "db-cluster", "schema"],
        "data, backups, grants, its address",
    ),
    kind(
        "instance",
        &["instances", "vm", "vms", "server", "servers", "droplet", "machine", "machines"],
        "disks, addresses, host keys",
    ),
    kind("cluster", &["clusters"], "volumes, addresses, secrets, grants"),
    kind("stack", &["stacks", "deployment-stack"], "data, addresses, generated secrets"),
    kind("volume", &["volumes", "pvc", "persistentvolumeclaim", "pv", "disk", "disks"], "its data"),
    kind("bucket", &["buckets"], "objects, versions, perhaps its name"),
    kind("table", &["tables"], "rows, grants, indexes, triggers"),
    kind(
        "queue",
        &["queues", "topic", "topics", "stream", "streams"],
        "waiting messages, subscriptions",
    ),
    kind("secret", &["secrets", "key", "keys", "parameter"], "its value and what it encrypted"),
    kind("zone", &["zones", "hosted-zone", "domain", "dns"], "records, name servers"),
    kind(
        "role",
        &["roles", "user", "users", "account", "accounts", "serviceaccount", "sa"],
        "grants, keys, its internal id",
    ),
    kind(
        "service",
        &["services", "svc", "load-balancer", "loadbalancer", "ingress", "ing"],
        "address, host name, certificate",
    ),
    kind(
        "deployment",
        &["deployments", "deploy", "statefulset", "statefulsets", "sts", "daemonset", "ds"],
        "work in flight, state in pods",
    ),
    kind("container", &["containers"], "file system, logs, work in flight"),
    kind("pod", &["pods", "po"], "file system, logs, work in flight"),
    kind("configmap", &["configmaps", "cm"], "values set by hand"),
    kind("app", &["apps", "application", "applications"], "data, addresses, settings, access"),
    kind(
        "group",
        &["groups", "resource-group", "project", "projects"],
        "all in it, its internal id, grants",
    ),
    kind("repository", &["repo", "repos", "repositories"], "issues, reviews, secrets, access"),
    kind("index", &["indexes", "indices", "collection", "collections"], "documents, mappings"),
    kind("function", &["functions"], "versions, triggers, log history"),
    kind("release", &["releases", "chart"], "volumes, secrets, addresses"),
    kind("image", &["images", "tag", "tags"], "the content, if it was the only copy"),
    kind("workspace", &["workspaces", "state"], "the state of what exists"),
];

/// What recreating an unknown kind may lose.
const LOST: &str = "data, addresses, secrets, grants";

/// Words that say that an object is a copy for a bad day.
const BACKUPS: &[&str] = &[
    "backup",
    "backups",
    "snapshot",
    "snapshots",
    "recovery",
    "replica",
    "replicas",
    "dump",
    "archive",
    "bak",
    "pitr",
    "standby",
];

/// What a verb means; of a compound word its first part, or what stands after a
/// colon: `terminate-instances`, `apps:destroy`.
pub(super) fn act_of(word: &str) -> Option<Act> {
    let word = word.to_ascii_lowercase();
    let meaning = |part: &str| {
        if CREATES.contains(&part) {
            Some(Act::Create)
        } else if DELETES.contains(&part) {
            Some(Act::Delete)
        } else if REBUILDS.contains(&part) {
            Some(Act::Rebuild)
        } else {
            None
        }
    };
    meaning(&word).or_else(|| {
        let mut parts = word.split(['-', ':', '_', '.']);
        let first = parts.next()?;
        meaning(first).or_else(|| word.rsplit(':').next().and_then(meaning))
    })
}

/// Whether these words choose what later commands act on.
pub(super) fn switches(program: &str, words: &[String]) -> bool {
    if SWITCHERS.contains(&program) {
        return true;
    }
    let parts = || words.iter().flat_map(|word| word.split(['-', ':', '_']));
    parts().any(|part| SWITCHES.contains(&part)) && parts().any(|part| CHOICES.contains(&part))
}

/// The noun of a word, if it is known as a kind of object.
pub(super) fn noun(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let word = word.split_once('.').map_or(word.as_str(), |(kind, _)| kind);
    KINDS.iter().find(|k| k.noun == word || k.also.contains(&word)).map(|k| k.noun)
}

/// The kind in the name of a program that is a verb: `dropdb`.
pub(super) fn kind_of_program(program: &str) -> Option<&'static str> {
    ["create", "drop"].iter().find_map(|verb| noun(program.strip_prefix(verb)?))
}

/// What making this kind again does not bring back.
#[must_use]
pub fn lost(kind: &str) -> &'static str {
    let found = noun(kind).or_else(|| kind.rsplit([' ', '-']).find_map(noun));
    KINDS.iter().find(|kind| Some(kind.noun) == found).map_or(LOST, |kind| kind.lost)
}

/// Whether a word names a copy for a bad day.
pub(super) fn is_backup(word: &str) -> bool {
    word.to_ascii_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| BACKUPS.contains(&part))
}

/// Whether a word takes a protection away: `--no-deletion-protection`,
/// `deletionProtection=false`, `prevent_destroy=false`, `Status=Suspended`.
pub(super) fn unprotects(word: &str) -> bool {
    let word = word.to_ascii_lowercase().replace(['_', '-'], "");
    let protects = [
        "protection",
        "preventdestroy",
        "disableapitermination",
        "finalizers",
        "objectlock",
        "versioningconfiguration",
        "denydeletes",
        "denynonfastforwards",
    ];
    let off = [
        "=false",
        ":false",
        "=off",
        "=disabled",
        "suspended",
        "=null",
        ":null",
        ":[]",
        "\":false",
        "\": false",
        "\":null",
        "\": null",
        "\":[]",
    ];
    protects.iter().any(|name| word.contains(name))
        && (word.starts_with("no")
            || word.contains("disableprotect")
            || word.contains("noenable")
            || word.starts_with("disabledeletionprotection")
            || off.iter().any(|end| word.contains(end)))
}

/// A name without what marks a second one of the same: `cost-prod2`,
/// `cost-prod-new` and `cost-prod-v2` are like `cost-prod`.
pub(super) fn stem(name: &str) -> &str {
    let mut rest = name;
    loop {
        let cut = rest.trim_end_matches(|c: char| c.is_ascii_digit());
        let cut = [
            "new", "old", "copy", "tmp", "temp", "bak", "backup", "restored", "blue", "green",
            "next", "final", "v",
        ]
        .iter()
        .find_map(|end| {
            let short = cut.strip_suffix(end)?;
            short.ends_with(['-', '_', '.']).then_some(short)
        })
        .unwrap_or(cut)
        .trim_end_matches(['-', '_', '.']);
        if cut == rest || cut.is_empty() {
            return rest;
        }
        rest = cut;
    }
}

/// Whether two names are the same or alike.
pub(super) fn alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (a, b) = (stem(a), stem(b));
    a.len() >= 4 && a == b
}

/// Whether one name is a part of the other at the edges of words: the snapshot
/// `prod-final` of the database `prod`.
pub(super) fn within(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() < 3 {
        return false;
    }
    long.match_indices(short).any(|(at, _)| {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        let (before, rest) = long.split_at(at);
        edge(before.chars().next_back()) && edge(rest.chars().nth(short.chars().count()))
    })
}
