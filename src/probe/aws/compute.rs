//! Machines, disks, containers and functions.

use serde_json::Value;

use super::super::commands::{
    AWS_ATTRIBUTE, AWS_CLUSTERS, AWS_EVENT_SOURCES, AWS_FUNCTION, AWS_GROUPS, AWS_INSTANCES,
    AWS_NODEGROUPS, AWS_SERVICES, AWS_SNAPSHOTS, AWS_VOLUMES,
};
use super::super::{Failed, Found, Result};
use super::{Aws, ago, each, number, option, tagged, text, yes};
use crate::model::{Count, Flag, Reversibility};
use crate::text::words;

/// `ec2 terminate-instances`, `stop-instances`.
pub(super) fn instances(aws: &Aws<'_>) -> Result {
    let mut words_ = vec!["--instance-ids".to_owned()];
    words_.extend(aws.list("--instance-ids")?);
    let ends = aws.operation == "terminate-instances";
    let found = aws.ask(AWS_INSTANCES, &words_)?;
    let all: Vec<&Value> =
        each(&found, "Reservations").flat_map(|group| each(group, "Instances")).collect();
    let n = all.len() as u64;
    if n == 0 {
        return Err(Failed::new("no such instance"));
    }
    let running =
        all.iter().filter(|i| i.get("State").is_some_and(|state| text(state, "Name") == "running"));
    let running = running.count();
    let disks = || all.iter().flat_map(|i| each(i, "BlockDeviceMappings"));
    let goes = |disk: &&Value| disk.get("Ebs").is_some_and(|ebs| yes(ebs, "DeleteOnTermination"));
    let lost = disks().filter(goes).count() as u64;
    let tags = || all.iter().flat_map(|i| each(i, "Tags"));
    let named = tags().find(|tag| text(tag, "Key") == "Name").map(|tag| text(tag, "Value"));
    let mut hits = format!("{}, {running} running", words::count(n, "instance"));
    if let Some(name) = &named {
        hits += &format!(" ({name}{})", if n > 1 { ", …" } else { "" });
    }
    if ends {
        hits += &format!(", {} with them", words::count(lost, "disk"));
    }
    if tags().any(|tag| text(tag, "Key") == "aws:autoscaling:groupName") {
        hits += ", of an auto scaling group";
    }
    if ends {
        hits = format!("{}{hits}", protected(aws, &words_));
    }
    let share = named.filter(|_| n > 1 && ends).and_then(|name| share(aws, &name, n));
    let mut flags = Vec::new();
    if let Some((text, most)) = share {
        hits = format!("{text} · {hits}");
        flags.extend(most.then_some(Flag::All));
    }
    let kept = disks().count() as u64 - lost;
    let undo = ends.then(|| {
        let kept = if kept > 0 {
            format!("{} kept", words::count(kept, "disk"))
        } else {
            "no disk is kept".to_owned()
        };
        (Reversibility(4), kept)
    });
    let environment = tagged(tags());
    Ok(Some(Found { count: Count::Exact(n), hits, undo, environment, flags, ..Found::default() }))
}

/// Whether the only machine of the command refuses to be terminated, in words before
/// others; of several that is not asked, because it takes a question for each.
fn protected(aws: &Aws<'_>, ids: &[String]) -> &'static str {
    let [_, id] = ids else { return "" };
    match aws.perhaps(AWS_ATTRIBUTE, &[option("--instance-id", id)]) {
        Some(found) if found.get("DisableApiTermination").is_some_and(|on| yes(on, "Value")) => {
            "termination protection on, "
        }
        Some(_) => "",
        None => "termination protection not read, ",
    }
}

/// How many of the machines with that name run and how few would be left, and
/// whether that is nearly none. A number that is far too large looks like this.
fn share(aws: &Aws<'_>, name: &str, n: u64) -> Option<(String, bool)> {
    let filters = [
        "--filters".to_owned(),
        format!("Name=tag:Name,Values={name}"),
        "Name=instance-state-name,Values=running".to_owned(),
    ];
    // A name with these would be read as something else.
    if name.is_empty() || name.contains([',', '*', '?', '\\']) {
        return None;
    }
    let found = aws.perhaps(AWS_INSTANCES, &filters)?;
    let all = each(&found, "Reservations").flat_map(|group| each(group, "Instances")).count();
    let left = (all as u64).checked_sub(n)?;
    Some((format!("{n} of {all} named {name}, {left} left"), left * 10 <= all as u64))
}

/// `ec2 delete-volume`: what uses it, and the snapshots of it.
pub(super) fn volume(aws: &Aws<'_>) -> Result {
    let id = aws.named(&["--volume-id"])?;
    let filters = ["--owner-ids=self".to_owned(), format!("--filters=Name=volume-id,Values={id}")];
    let which = [option("--volume-ids", &id)];
    let found = aws.ask(AWS_VOLUMES, &which)?;
    let snapshots = aws.perhaps(AWS_SNAPSHOTS, &filters);
    let volume = each(&found, "Volumes").next().ok_or_else(|| Failed::new("no such volume"))?;
    let used = each(volume, "Attachments").count() as u64;
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!(
            "1 disk of {} GiB, attached to {}",
            number(volume, "Size"),
            words::count(used, "instance")
        ),
        undo: Some(snapshot(snapshots.as_ref(), "Snapshots", "StartTime", "SnapshotId")),
        environment: tagged(each(volume, "Tags")),
        ..Found::default()
    }))
}

/// The newest of some snapshots, which stay when the original goes.
pub(super) fn snapshot(
    found: Option<&Value>,
    list: &str,
    time: &str,
    id: &str,
) -> (Reversibility, String) {
    let Some(found) = found else {
        return (Reversibility(4), "snapshots could not be listed".into());
    };
    let newest = each(found, list).max_by_key(|one| text(one, time));
    match newest {
        Some(one) => {
            let age = ago(&text(one, time)).unwrap_or_else(|| "of unknown age".to_owned());
            (Reversibility(3), format!("snapshot {} {age}", text(one, id)))
        }
        None => (Reversibility(4), "no snapshot".to_owned()),
    }
}

/// `ecs delete-service`, `update-service`.
pub(super) fn service(aws: &Aws<'_>) -> Result {
    let mut which = vec![option("--services", &aws.named(&["--service"])?)];
    if aws.job.has(&["--cluster"]) {
        which.push(option("--cluster", &aws.named(&["--cluster"])?));
    }
    let found = aws.ask(AWS_SERVICES, &which)?;
    let service = each(&found, "services").next().ok_or_else(|| Failed::new("no such service"))?;
    let (running, desired) = (number(service, "runningCount"), number(service, "desiredCount"));
    let balanced = each(service, "loadBalancers").count() as u64;
    let (flags, seen) = if balanced > 0 {
        (vec![Flag::Customers], format!("behind {}", words::count(balanced, "load balancer")))
    } else {
        (Vec::new(), String::new())
    };
    Ok(Some(Found {
        count: Count::Exact(running.max(desired)),
        hits: format!("{running} of {} running", words::count(desired, "task")),
        flags,
        seen,
        ..Found::default()
    }))
}

/// `ecs delete-cluster`.
pub(super) fn containers(aws: &Aws<'_>) -> Result {
    let found = aws.ask(AWS_CLUSTERS, &[option("--clusters", &aws.named(&["--cluster"])?)])?;
    let cluster = each(&found, "clusters").next().ok_or_else(|| Failed::new("no such cluster"))?;
    let (services, tasks) =
        (number(cluster, "activeServicesCount"), number(cluster, "runningTasksCount"));
    Ok(Some(Found {
        count: Count::Exact(services + tasks),
        hits: format!(
            "{}, {} running",
            words::count(services, "service"),
            words::count(tasks, "task")
        ),
        ..Found::default()
    }))
}

/// `eks delete-cluster`, which is refused while it has node groups.
pub(super) fn nodegroups(aws: &Aws<'_>) -> Result {
    let found = aws.ask(AWS_NODEGROUPS, &[option("--cluster-name", &aws.named(&["--name"])?)])?;
    let n = each(&found, "nodegroups").count() as u64;
    Ok(Some(Found {
        count: Count::AtLeast(n.max(1)),
        hits: format!("a cluster with {}, its objects not counted", words::count(n, "node group")),
        ..Found::default()
    }))
}

/// `lambda delete-function`.
pub(super) fn function(aws: &Aws<'_>) -> Result {
    let which = [option("--function-name", &aws.named(&["--function-name"])?)];
    let function = aws.ask(AWS_FUNCTION, &which)?;
    let sources = aws.perhaps(AWS_EVENT_SOURCES, &which);
    let changed = ago(&text(&function, "LastModified"));
    let fed = match sources {
        Some(sources) => {
            words::count(each(&sources, "EventSourceMappings").count() as u64, "event source")
        }
        None => "event sources not counted".to_owned(),
    };
    let changed = changed.map(|ago| format!(", changed {ago}")).unwrap_or_default();
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!("1 function{changed}, {fed}"),
        undo: Some((Reversibility(4), "AWS keeps no copy of the code".to_owned())),
        ..Found::default()
    }))
}

/// `autoscaling …`: how many machines stand in the group now.
pub(super) fn group(aws: &Aws<'_>) -> Result {
    let name = aws.named(&["--auto-scaling-group-name"])?;
    let found = aws.ask(AWS_GROUPS, &[option("--auto-scaling-group-names", &name)])?;
    let group =
        each(&found, "AutoScalingGroups").next().ok_or_else(|| Failed::new("no such group"))?;
    let n = each(group, "Instances").count() as u64;
    let wanted = aws.job.value(&["--desired-capacity", "--max-size"]);
    let change = wanted.map(|n| format!(", {} wanted", crate::text::escape(n))).unwrap_or_default();
    Ok(Some(Found {
        count: Count::Exact(n),
        hits: format!(
            "{} now, least {}{change}",
            words::count(n, "instance"),
            number(group, "MinSize")
        ),
        environment: tagged(each(group, "Tags")),
        ..Found::default()
    }))
}
