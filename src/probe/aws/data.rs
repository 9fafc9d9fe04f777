//! What holds data: databases, tables, queues and buckets, and what would be left
//! of them.

use serde_json::Value;

use super::super::client::ask;
use super::super::commands::{
    AWS_BUCKET, AWS_BUCKET_VERSIONS, AWS_DB_CLUSTER_SNAPSHOTS, AWS_DB_CLUSTERS, AWS_DB_INSTANCES,
    AWS_DB_SNAPSHOTS, AWS_QUEUE, AWS_SYNC, AWS_TABLE, AWS_TABLE_BACKUPS,
};
use super::super::{Failed, Found, Result};
use super::compute::snapshot;
use super::{Aws, each, number, option, tagged, text, yes};
use crate::model::{Count, Flag, Reversibility};
use crate::text::words;

/// What is left of a database: a last snapshot that this command makes, or an
/// older one made by hand. Automated ones go with the instance unless told
/// otherwise (Amazon RDS User Guide, "Deleting a DB instance").
fn left(aws: &Aws<'_>, found: Option<&Value>, list: &str, id: &str) -> (Reversibility, String) {
    if let Some(name) =
        aws.job.value(&["--final-db-snapshot-identifier", "--final-snapshot-identifier"])
    {
        return (
            Reversibility(3),
            format!("this makes the snapshot {}", crate::text::escape(name)),
        );
    }
    let (undo, mut said) = snapshot(found, list, "SnapshotCreateTime", id);
    if undo == Reversibility(4) && found.is_some() {
        said += " made by hand, and no last one";
    }
    (undo, said)
}

fn protection(database: &Value) -> &'static str {
    if yes(database, "DeletionProtection") { ", deletion protection on" } else { "" }
}

/// `rds delete-db-instance`.
pub(super) fn instance(aws: &Aws<'_>) -> Result {
    let which = [option("--db-instance-identifier", &aws.named(&["--db-instance-identifier"])?)];
    let by_hand = [which[0].clone(), "--snapshot-type=manual".to_owned()];
    let found = aws.ask(AWS_DB_INSTANCES, &which)?;
    let snapshots = aws.perhaps(AWS_DB_SNAPSHOTS, &by_hand);
    let database =
        each(&found, "DBInstances").next().ok_or_else(|| Failed::new("no such database"))?;
    let replicas = each(database, "ReadReplicaDBInstanceIdentifiers").count() as u64;
    let mut hits = format!(
        "1 {} database of {} GiB{}",
        text(database, "Engine"),
        number(database, "AllocatedStorage"),
        protection(database)
    );
    if replicas > 0 {
        hits += &format!(", {} read from it", words::count(replicas, "replica"));
    }
    Ok(Some(Found {
        count: Count::Exact(1),
        hits,
        undo: Some(left(aws, snapshots.as_ref(), "DBSnapshots", "DBSnapshotIdentifier")),
        flags: vec![Flag::Data],
        environment: tagged(each(database, "TagList")),
        ..Found::default()
    }))
}

/// `rds delete-db-cluster`.
pub(super) fn cluster(aws: &Aws<'_>) -> Result {
    let which = [option("--db-cluster-identifier", &aws.named(&["--db-cluster-identifier"])?)];
    let by_hand = [which[0].clone(), "--snapshot-type=manual".to_owned()];
    let found = aws.ask(AWS_DB_CLUSTERS, &which)?;
    let snapshots = aws.perhaps(AWS_DB_CLUSTER_SNAPSHOTS, &by_hand);
    let cluster =
        each(&found, "DBClusters").next().ok_or_else(|| Failed::new("no such cluster"))?;
    let members = each(cluster, "DBClusterMembers").count() as u64;
    let list = "DBClusterSnapshots";
    Ok(Some(Found {
        count: Count::Exact(members.max(1)),
        hits: format!(
            "1 {} cluster with {}{}",
            text(cluster, "Engine"),
            words::count(members, "database"),
            protection(cluster)
        ),
        undo: Some(left(aws, snapshots.as_ref(), list, "DBClusterSnapshotIdentifier")),
        flags: vec![Flag::Data],
        environment: tagged(each(cluster, "TagList")),
        ..Found::default()
    }))
}

/// `dynamodb delete-table`. With point-in-time recovery AWS keeps a backup for 35
/// days (Amazon DynamoDB Developer Guide, "Point-in-time recovery").
pub(super) fn table(aws: &Aws<'_>) -> Result {
    let which = [option("--table-name", &aws.named(&["--table-name"])?)];
    let found = aws.ask(AWS_TABLE, &which)?;
    let backups = aws.perhaps(AWS_TABLE_BACKUPS, &which);
    let table = found.get("Table").ok_or_else(|| Failed::new("no such table"))?;
    let recovery = backups.as_ref().and_then(|found| {
        found.pointer("/ContinuousBackupsDescription/PointInTimeRecoveryDescription")
    });
    let undo = match recovery.map(|found| text(found, "PointInTimeRecoveryStatus")) {
        Some(on) if on == "ENABLED" => {
            (Reversibility(3), "point-in-time recovery is on: AWS keeps a backup for 35 days")
        }
        Some(_) => (Reversibility(4), "point-in-time recovery is off"),
        None => (Reversibility(4), "whether backups exist could not be read"),
    };
    let n = number(table, "ItemCount");
    let protected =
        if yes(table, "DeletionProtectionEnabled") { ", deletion protection on" } else { "" };
    Ok(Some(Found {
        count: Count::Exact(n),
        // The service updates its numbers every six hours.
        hits: format!(
            "about {}, {} bytes{protected}",
            words::count(n, "item"),
            number(table, "TableSizeBytes")
        ),
        undo: Some((undo.0, undo.1.to_owned())),
        flags: vec![Flag::Data],
        ..Found::default()
    }))
}

/// `sqs delete-queue`, `purge-queue`: messages on the way.
pub(super) fn queue(aws: &Aws<'_>) -> Result {
    // An address is what it takes; the client does not fetch that one.
    let url = aws.job.value(&["--queue-url"]).filter(|url| url.contains("://"));
    let url = url.ok_or_else(|| Failed::new("which queue is not known"))?;
    let which = [option("--queue-url", url)];
    let found = aws.ask(AWS_QUEUE, &which)?;
    let value = |key: &str| {
        let text = found.get("Attributes").map(|all| text(all, key)).unwrap_or_default();
        text.parse::<u64>().unwrap_or_default()
    };
    let (waiting, taken) =
        (value("ApproximateNumberOfMessages"), value("ApproximateNumberOfMessagesNotVisible"));
    Ok(Some(Found {
        count: Count::Exact(waiting + taken),
        hits: format!(
            "about {}, {taken} being worked on",
            words::count(waiting + taken, "message")
        ),
        undo: Some((Reversibility(4), "a queue has no copy".to_owned())),
        ..Found::default()
    }))
}

/// `s3 rm --recursive`, `s3 rb`, `s3api delete-bucket`: the first page of what is
/// there, and whether old versions stay.
pub(super) fn bucket(aws: &Aws<'_>) -> Result {
    let (bucket, prefix) = if aws.service == "s3" {
        let address = aws.job.operands().and_then(|words| words.into_iter().next());
        let address = address.ok_or_else(|| Failed::new("which bucket is not known"))?;
        let path = address.strip_prefix("s3://").unwrap_or(&address);
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        (bucket.to_owned(), prefix.to_owned())
    } else {
        (aws.named(&["--bucket"])?, String::new())
    };
    if aws.operation == "rm" && !aws.job.has(&["--recursive"]) {
        return Ok(None);
    }
    let which = [option("--bucket", &bucket)];
    let list = [which[0].clone(), option("--prefix", &prefix)];
    let listed = aws.ask(AWS_BUCKET, &list)?;
    let versions = aws.perhaps(AWS_BUCKET_VERSIONS, &which);
    let objects = || each(&listed, "Contents");
    let n = objects().count() as u64;
    let more = yes(&listed, "IsTruncated");
    let bytes: u64 = objects().map(|object| number(object, "Size")).sum();
    let filtered = aws.job.has(&["--exclude", "--include"]);
    let least = if more {
        "at least "
    } else if filtered {
        "up to "
    } else {
        ""
    };
    let undo = match versions.map(|found| text(&found, "Status")) {
        Some(on) if on == "Enabled" && aws.operation == "rm" => {
            (Reversibility(0), "versioning is on: old versions stay")
        }
        Some(on) if on == "Enabled" => (Reversibility(4), "versioning is on, and goes with it"),
        Some(_) => (Reversibility(4), "versioning is off"),
        None => (Reversibility(4), "versioning could not be read"),
    };
    Ok(Some(Found {
        count: if more { Count::AtLeast(n) } else { Count::Exact(n) },
        hits: format!("{least}{}, {bytes} bytes", words::count(n, "object")),
        undo: Some((undo.0, undo.1.to_owned())),
        ..Found::default()
    }))
}

/// `s3 sync --delete`: its own dry run lists what would go.
pub(super) fn sync(aws: &Aws<'_>) -> Result {
    let Some(operands) = aws.job.operands() else { return Ok(None) };
    let Some(filters) =
        aws.job.flags(&["--exclude", "--include", "--size-only", "--exact-timestamps"])
    else {
        return Ok(None);
    };
    let [from, to] = operands.as_slice() else { return Ok(None) };
    let words_ = [vec![from.clone(), to.clone()], filters].concat();
    if words_.iter().take(2).any(|word| word.starts_with('-')) {
        return Ok(None);
    }
    let printed = ask(aws.job, AWS_SYNC, &[&aws.place, &words_])?.success("aws")?;
    let shown = printed.text();
    let n = shown.lines().filter(|line| line.starts_with("(dryrun) delete:")).count() as u64;
    Ok(Some(Found {
        count: if printed.cut { Count::AtLeast(n) } else { Count::Exact(n) },
        hits: format!("{} deleted at the target", words::count(n, "object")),
        ..Found::default()
    }))
}
