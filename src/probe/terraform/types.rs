//! Objects by their type, and what is worse about some types than that one of
//! them goes.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::Flag;
use crate::text::{escape, words};

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
/// Addresses by type, the most frequent first, those that hold data before all.
#[derive(Default)]
pub(super) struct Types(Vec<(String, u64)>);

impl Types {
    pub(super) fn add(&mut self, kind: &str, n: u64) {
        match self.0.iter_mut().find(|(known, _)| known == kind) {
            Some((_, count)) => *count += n,
            None => self.0.push((kind.to_owned(), n)),
        }
    }

    /// The types of these addresses; those of data sources, which only read, are
    /// left out.
    pub(super) fn of<'a>(addresses: impl Iterator<Item = &'a str>) -> Self {
        let mut types = Self::default();
        addresses.filter_map(kind).for_each(|kind| types.add(kind, 1));
        types
    }

    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|(_, n)| n).sum()
    }

    /// What is worse than that something goes.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let some = |parts: &[&str]| self.0.iter().any(|(kind, _)| one_of(kind, parts));
        let all = [(DATA, Flag::Data), (DOORS, Flag::Access), (COPIES, Flag::Backup)];
        all.into_iter().filter(|(parts, _)| some(parts)).map(|(_, flag)| flag).collect()
    }

    pub(super) fn words(mut self) -> String {
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
pub(super) struct Kept {
    /// Of how many a last copy is made, of how many none is.
    copied: u64,
    lost: u64,
    /// How many refuse to be deleted.
    protected: u64,
}

impl Kept {
    pub(super) fn add(&mut self, attributes: &Value) {
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
    pub(super) fn words(&self) -> String {
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

/// How it could be undone, by what stays of the data.
pub(super) fn undo(kept: &Kept, otherwise: &str) -> String {
    match kept.words() {
        words if words.is_empty() => otherwise.to_owned(),
        words => format!("{words}; {otherwise}"),
    }
}

/// SHA-256 of a list, whatever its order.
pub(super) fn digest(mut all: Vec<String>) -> String {
    all.sort_unstable();
    let mut sha = Sha256::new();
    for one in all {
        sha.update(one);
        sha.update([0]);
    }
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The type in the address of a resource, behind the modules that it is in:
/// `module.shop["a.b"].aws_db_instance.main[0]`. `None` for a data source
/// (<https://developer.hashicorp.com/terraform/cli/state/resource-addressing>).
fn kind(address: &str) -> Option<&str> {
    let mut rest = address;
    loop {
        let (first, after) = step(rest);
        match first {
            "module" => rest = step(after).1,
            "data" => return None,
            kind => return Some(kind).filter(|kind| !kind.is_empty()),
        }
    }
}

/// Up to the first dot outside a key, and what follows it.
fn step(address: &str) -> (&str, &str) {
    let (mut key, mut quoted, mut escaped) = (false, false, false);
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if key => quoted = !quoted,
            b'[' => key = true,
            b']' if !quoted => key = false,
            b'.' if !key => {
                let (first, rest) = address.split_at(at);
                return (first, rest.get(1..).unwrap_or_default());
            }
            _ => {}
        }
    }
    (address, "")
}
