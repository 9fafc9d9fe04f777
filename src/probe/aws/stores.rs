//! Caches, file systems, search domains and streams: what they hold, as far as
//! one description of each says.

use serde_json::Value;

use super::super::commands::{AWS_CACHE, AWS_CACHE_GROUP, AWS_DOMAIN, AWS_FILE_SYSTEM, AWS_STREAM};
use super::super::{Failed, Found, Result};
use super::{Aws, each, number, option, tagged, text};
use crate::model::{Count, Flag, Reversibility};
use crate::text::words;

fn stored(hits: String, n: u64, undo: &str) -> Found {
    Found {
        count: Count::Exact(n.max(1)),
        hits,
        undo: Some((Reversibility(4), undo.to_owned())),
        flags: vec![Flag::Data],
        ..Found::default()
    }
}

/// `elasticache delete-replication-group`, `delete-cache-cluster`.
pub(super) fn cache(aws: &Aws<'_>) -> Result {
    let group = aws.operation == "delete-replication-group";
    let (name, command, list) = if group {
        ("--replication-group-id", AWS_CACHE_GROUP, "ReplicationGroups")
    } else {
        ("--cache-cluster-id", AWS_CACHE, "CacheClusters")
    };
    let found = aws.ask(command, &[option(name, &aws.named(&[name])?)])?;
    let one = each(&found, list).next().ok_or_else(|| Failed::new("no such cache"))?;
    let n = if group {
        each(one, "MemberClusters").count() as u64
    } else {
        number(one, "NumCacheNodes")
    };
    let last = aws.job.value(&["--final-snapshot-identifier"]).is_some();
    let undo = match (number(one, "SnapshotRetentionLimit"), last) {
        (_, true) => "this makes a last snapshot",
        (0, _) => "no snapshots of its own",
        // Those that the service makes go with the group.
        _ => "its daily snapshots, and no last one",
    };
    let nodes = words::count(n, "node");
    Ok(Some(stored(format!("a cache of {nodes} ({})", text(one, "Engine")), n, undo)))
}

/// `efs delete-file-system`, which is refused while it is mounted.
pub(super) fn file_system(aws: &Aws<'_>) -> Result {
    let which = option("--file-system-id", &aws.named(&["--file-system-id"])?);
    let found = aws.ask(AWS_FILE_SYSTEM, &[which])?;
    let one =
        each(&found, "FileSystems").next().ok_or_else(|| Failed::new("no such file system"))?;
    let bytes = one.get("SizeInBytes").map_or(0, |size| number(size, "Value"));
    let mounts = words::count(number(one, "NumberOfMountTargets"), "mount target");
    let hits = format!("a file system of {bytes} bytes, {mounts}");
    let environment = tagged(each(one, "Tags"));
    Ok(Some(Found { environment, ..stored(hits, 1, "whether it is backed up is not known") }))
}

/// `opensearch delete-domain`.
pub(super) fn domain(aws: &Aws<'_>) -> Result {
    let found = aws.ask(AWS_DOMAIN, &[option("--domain-name", &aws.named(&["--domain-name"])?)])?;
    let one = found.get("DomainStatus").ok_or_else(|| Failed::new("no such domain"))?;
    let n = one.get("ClusterConfig").map_or(0, |config| number(config, "InstanceCount"));
    let size = one.get("EBSOptions").map_or(0, |disk| number(disk, "VolumeSize"));
    let nodes = words::count(n, "node");
    let hits = format!("a domain of {nodes}, {size} GiB each");
    Ok(Some(stored(hits, n, "its snapshots go with it")))
}

/// `kinesis delete-stream`.
pub(super) fn stream(aws: &Aws<'_>) -> Result {
    let found = aws.ask(AWS_STREAM, &[option("--stream-name", &aws.named(&["--stream-name"])?)])?;
    let one: &Value =
        found.get("StreamDescriptionSummary").ok_or_else(|| Failed::new("no such stream"))?;
    let (shards, hours) = (number(one, "OpenShardCount"), number(one, "RetentionPeriodHours"));
    let readers = words::count(number(one, "ConsumerCount"), "registered consumer");
    let hits = format!(
        "a stream of {} with up to {hours} h of records, {readers}",
        words::count(shards, "shard")
    );
    Ok(Some(stored(hits, shards, "a stream has no copy")))
}
