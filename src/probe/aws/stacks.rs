//! What stands for a whole application: CloudFormation stacks and Elastic
//! Beanstalk environments.

use serde_json::Value;

use super::super::commands::{
    AWS_BEANSTALK, AWS_BEANSTALK_PARTS, AWS_CHANGE_SET, AWS_IMPORTS, AWS_STACK, AWS_STACK_PARTS,
    AWS_STACK_TEMPLATE,
};
use super::super::{Failed, Found, Result};
use super::{Aws, NAME, by_kind, each, option, tagged, text, yes};
use crate::model::{Count, Flag, Reversibility, Scope};
use crate::text::{escape, width, words};

/// Parts of type names that customers reach.
const FACING: &[&str] =
    &["LoadBalancer", "CloudFront", "Route53", "ApiGateway", "GlobalAccelerator", "AppSync"];

/// Parts of type names that hold copies of others.
const COPIES: &[&str] = &["Backup::", "Snapshot"];

/// `cloudformation delete-stack`: the stack's parts, and what its template keeps.
pub(super) fn stack(aws: &Aws<'_>) -> Result {
    let name = [option("--stack-name", &aws.named(&["--stack-name"])?)];
    let parts = aws.ask(AWS_STACK_PARTS, &name)?;
    let (about, template) = std::thread::scope(|scope| {
        let template = scope.spawn(|| aws.perhaps(AWS_STACK_TEMPLATE, &name));
        let about = aws.perhaps(AWS_STACK, &name).map(|stack| {
            let used = each(&stack, "Stacks").next().and_then(|stack| importers(aws, stack));
            (stack, used)
        });
        (about, template.join().ok().flatten())
    });
    let (stack, used) = about.unwrap_or_default();
    let stack = each(&stack, "Stacks").next();
    let parts = || each(&parts, "StackResourceSummaries");
    let kind = |part: &Value| text(part, "ResourceType").trim_start_matches("AWS::").to_owned();
    let n = parts().count() as u64;
    let mut hits = format!("{}: {}", words::count(n, "resource"), by_kind(parts().map(kind)));
    let kept = template.map_or(0, |template| kept(&template));
    let kept = kept + aws.list("--retain-resources").map_or(0, |names| names.len() as u64);
    if kept > 0 {
        hits += &format!(", {kept} kept by a deletion policy");
    }
    // Their parts go too, and were not counted.
    let nested = parts().filter(|part| kind(part) == "CloudFormation::Stack").count();
    let count = if nested > 0 { Count::AtLeast(n) } else { Count::Exact(n) };
    let facing = parts().any(|part| FACING.iter().any(|word| kind(part).contains(word)));
    let mut flags = if facing { vec![Flag::Customers] } else { Vec::new() };
    // What is a part of the stack goes with it, and is no backup of the others.
    let copies = parts().filter(|part| COPIES.iter().any(|word| kind(part).contains(word))).count();
    if copies > 0 {
        flags.extend([Flag::Data, Flag::Backup]);
        hits = format!("{} in it, {hits}", words::count(copies as u64, "backup part"));
    }
    if let Some(text) = used {
        hits = format!("{text}, {hits}");
        flags.push(Flag::Others);
    }
    let protection = match stack {
        Some(stack) if yes(stack, "EnableTerminationProtection") => {
            "termination protection is on and would refuse this"
        }
        Some(_) => "termination protection is off",
        None => "whether it is protected could not be read",
    };
    Ok(Some(Found {
        count,
        hits,
        undo: Some((Reversibility(4), protection.to_owned())),
        flags,
        seen: if facing { "what customers reach is a part of it".into() } else { String::new() },
        environment: stack.and_then(|stack| tagged(each(stack, "Tags"))),
        ..Found::default()
    }))
}

/// Resources that the template keeps when the stack goes. A template is JSON or
/// YAML with tags of its own, so the attribute is looked for in the text.
fn kept(template: &Value) -> u64 {
    let body = template.get("TemplateBody").unwrap_or(&Value::Null);
    let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
    let keeps = |rest: &str| {
        let value = rest.trim_start_matches(['"', '\'', ':', ' ']);
        value.starts_with("Retain") || value.starts_with("Snapshot")
    };
    text.split("DeletionPolicy").skip(1).filter(|rest| keeps(rest)).count() as u64
}

/// `elasticbeanstalk terminate-environment`, `rebuild-environment`, and
/// `delete-application` with all that are left in it.
pub(super) fn environment(aws: &Aws<'_>) -> Result {
    let which = if aws.operation == "delete-application" {
        option("--application-name", &aws.named(&["--application-name"])?)
    } else if aws.job.has(&["--environment-id"]) {
        option("--environment-ids", &aws.named(&["--environment-id"])?)
    } else {
        option("--environment-names", &aws.named(&["--environment-name"])?)
    };
    let found = aws.ask(AWS_BEANSTALK, &[which])?;
    let live = || each(&found, "Environments").filter(|e| text(e, "Status") != "Terminated");
    let first = live().next().ok_or_else(|| Failed::new("no such environment"))?;
    let id = option("--environment-id", &text(first, "EnvironmentId"));
    let parts = aws.perhaps(AWS_BEANSTALK_PARTS, &[id]);
    let environments = live().count() as u64;
    let mut hits = words::count(environments, "environment");
    let mut n = environments;
    match parts.as_ref().and_then(|parts| parts.get("EnvironmentResources")) {
        Some(parts) => {
            let kinds = [
                ("Instances", "instance"),
                ("LoadBalancers", "load balancer"),
                ("AutoScalingGroups", "auto scaling group"),
            ];
            let counts = kinds.map(|(key, noun)| (each(parts, key).count() as u64, noun));
            n += counts.iter().map(|(n, _)| n).sum::<u64>();
            let counts = counts.iter().filter(|(n, _)| *n > 0);
            let shown: Vec<_> = counts.map(|(n, noun)| words::count(*n, noun)).collect();
            if !shown.is_empty() {
                hits += &format!(" → {}", shown.join(", "));
            }
        }
        None => hits += ", its machines not counted",
    }
    let whole = parts.is_some() && environments == 1;
    let seen: Vec<String> = live().take(2).map(reached).collect();
    Ok(Some(Found {
        count: if whole { Count::Exact(n) } else { Count::AtLeast(n) },
        hits,
        undo: Some((Reversibility(4), "what it held goes with it".to_owned())),
        flags: vec![Flag::Customers],
        seen: seen.join("; "),
        ..Found::default()
    }))
}

/// `CNAME shop.eu-west-1.elasticbeanstalk.com, Green`.
fn reached(environment: &Value) -> String {
    let health = text(environment, "Health");
    let health = if health.is_empty() { "health unknown".to_owned() } else { health };
    match text(environment, "CNAME") {
        name if name.is_empty() => format!("{}, {health}", text(environment, "EnvironmentName")),
        name => format!("CNAME {name}, {health}"),
    }
}

/// `cloudformation execute-change-set`: what it removes and what it makes anew.
pub(super) fn change_set(aws: &Aws<'_>) -> Result {
    let mut which = vec![option("--change-set-name", &aws.named(&["--change-set-name"])?)];
    if aws.job.has(&["--stack-name"]) {
        which.push(option("--stack-name", &aws.named(&["--stack-name"])?));
    }
    let set = aws.ask(AWS_CHANGE_SET, &which)?;
    let changes = || each(&set, "Changes").filter_map(|change| change.get("ResourceChange"));
    let kind = |change: &Value| text(change, "ResourceType").trim_start_matches("AWS::").to_owned();
    let removed = || changes().filter(|change| text(change, "Action") == "Remove");
    // `Conditional` is known only while it runs, which is the worse for who asks.
    let anew = |change: &&Value| ["True", "Conditional"].contains(&&*text(change, "Replacement"));
    let replaced = || changes().filter(anew);
    let n = changes().count() as u64;
    let mut hits = words::count(n, "change");
    let (gone, made) = (removed().count() as u64, replaced().count() as u64);
    for (n, what, named) in [
        (gone, "removed", by_kind(removed().map(kind))),
        (made, "replaced", by_kind(replaced().map(kind))),
    ] {
        if n > 0 {
            hits += &format!(", {n} {what}: {named}");
        }
    }
    let lost = || removed().chain(replaced());
    let facing = lost().any(|change| FACING.iter().any(|word| kind(change).contains(word)));
    let mut flags = Vec::new();
    flags.extend((made > 0).then_some(Flag::Replace));
    flags.extend(facing.then_some(Flag::Customers));
    let undo = match gone + made {
        0 => None,
        _ => Some((Reversibility(4), "what is removed or replaced loses its data".to_owned())),
    };
    Ok(Some(Found {
        count: Count::Exact(n),
        hits,
        undo,
        flags,
        deletes: (gone + made > 0).then_some(Scope::SERVICE),
        ..Found::default()
    }))
}

/// Stacks that use what this one exports, which then cannot go. The first two names
/// are asked for.
fn importers(aws: &Aws<'_>, stack: &Value) -> Option<String> {
    let names = each(stack, "Outputs").filter_map(|output| {
        output.get("ExportName").and_then(Value::as_str).map(|name| option("--export-name", name))
    });
    let names: Vec<[String; 1]> = names.take(2).map(|name| [name]).collect();
    let found: Vec<Option<Value>> = std::thread::scope(|scope| {
        let asked: Vec<_> =
            names.iter().map(|name| scope.spawn(|| aws.perhaps(AWS_IMPORTS, name))).collect();
        asked.into_iter().map(|thread| thread.join().ok().flatten()).collect()
    });
    let mut stacks: Vec<&str> = found
        .iter()
        .flatten()
        .flat_map(|found| each(found, "Imports").filter_map(Value::as_str))
        .collect();
    stacks.sort_unstable();
    stacks.dedup();
    let n = stacks.len() as u64;
    let first = width::cut(&escape(stacks.first()?), NAME).into_owned();
    Some(format!(
        "used by {} ({first}{})",
        words::count(n, "other stack"),
        if n > 1 { ", …" } else { "" }
    ))
}
