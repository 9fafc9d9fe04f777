//! What stands between customers and machines: load balancers, their targets, and
//! the groups of rules that network interfaces use.

use serde_json::Value;

use super::super::commands::{AWS_BALANCERS, AWS_INTERFACES, AWS_TARGET_GROUPS, AWS_TARGETS};
use super::super::{Failed, Found, Result};
use super::{Aws, each, option, text};
use crate::model::{Count, Flag};
use crate::text::words;

/// `elbv2 delete-load-balancer`: its address, and how many groups it leads to.
pub(super) fn balancer(aws: &Aws<'_>) -> Result {
    let arn = aws.named(&["--load-balancer-arn"])?;
    let (asked, of) =
        ([option("--load-balancer-arns", &arn)], [option("--load-balancer-arn", &arn)]);
    let (found, groups) = std::thread::scope(|scope| {
        let groups = scope.spawn(|| aws.perhaps(AWS_TARGET_GROUPS, &of));
        (aws.ask(AWS_BALANCERS, &asked), groups.join().ok().flatten())
    });
    let found = found?;
    let balancer =
        each(&found, "LoadBalancers").next().ok_or_else(|| Failed::new("no such load balancer"))?;
    let groups = groups.map_or("target groups not counted".to_owned(), |found| {
        words::count(each(&found, "TargetGroups").count() as u64, "target group")
    });
    let open = text(balancer, "Scheme") == "internet-facing";
    let name = text(balancer, "DNSName");
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!("1 load balancer ({}), {groups}", text(balancer, "LoadBalancerName")),
        flags: if open { vec![Flag::Customers] } else { Vec::new() },
        seen: if open {
            format!("from the internet at {name}")
        } else {
            format!("inside at {name}")
        },
        ..Found::default()
    }))
}

/// `elbv2 delete-target-group`, `deregister-targets`: how many targets serve now.
pub(super) fn targets(aws: &Aws<'_>) -> Result {
    let group = aws.named(&["--target-group-arn"])?;
    let found = aws.ask(AWS_TARGETS, &[option("--target-group-arn", &group)])?;
    let all = || each(&found, "TargetHealthDescriptions");
    let state = |target: &Value| target.get("TargetHealth").map(|health| text(health, "State"));
    let healthy = all().filter(|target| state(target).is_some_and(|state| state == "healthy"));
    let (n, healthy) = (all().count() as u64, healthy.count());
    Ok(Some(Found {
        count: Count::Exact(n.max(1)),
        hits: format!("a group of {}, {healthy} healthy", words::count(n, "target")),
        flags: if healthy > 0 { vec![Flag::Customers] } else { Vec::new() },
        ..Found::default()
    }))
}

/// `ec2 delete-security-group` and changes of its rules: what it protects.
pub(super) fn group(aws: &Aws<'_>) -> Result {
    // By its name alone it could be that of another network.
    if !aws.job.has(&["--group-id"]) {
        return Ok(None);
    }
    let id = aws.named(&["--group-id"])?;
    // A comma or a star would be read as something else.
    if id.contains([',', '*', '?']) {
        return Err(Failed::new("what the command names is not a name"));
    }
    let filter = [format!("--filters=Name=group-id,Values={id}")];
    let found = aws.ask(AWS_INTERFACES, &filter)?;
    let all = || each(&found, "NetworkInterfaces");
    let machines = all().filter(|one| {
        one.get("Attachment").is_some_and(|attached| !text(attached, "InstanceId").is_empty())
    });
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!(
            "1 security group, used by {}, {} of machines",
            words::count(all().count() as u64, "network interface"),
            machines.count()
        ),
        ..Found::default()
    }))
}
