//! Who acts, and what others act by: users, roles, keys and names.

use super::super::commands::{
    AWS_CALLER, AWS_KEY, AWS_ROLE, AWS_ROLE_POLICIES, AWS_USER_KEYS, AWS_USER_POLICIES, AWS_ZONE,
};
use super::super::{Failed, Found, Identity, Result};
use super::{Aws, ago, each, number, option, text};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

/// As whom the client acts. Needs no permission
/// (<https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>);
/// the policies need one, and without it only the name is known.
pub(super) fn caller(aws: &Aws<'_>) -> Option<Identity> {
    let found = aws.perhaps(AWS_CALLER, &[])?;
    let arn = found.get("Arn")?.as_str()?.to_owned();
    let wide = if arn.ends_with(":root") {
        Some("the root of the account".to_owned())
    } else {
        policies(aws, &arn)
    };
    Some(Identity { name: escape(&arn), wide })
}

/// The policy that allows everything, or everything of a service.
fn policies(aws: &Aws<'_>, arn: &str) -> Option<String> {
    let (kind, name) = actor(arn)?;
    let found = match kind {
        "user" => aws.perhaps(AWS_USER_POLICIES, &[option("--user-name", name)]),
        _ => aws.perhaps(AWS_ROLE_POLICIES, &[option("--role-name", name)]),
    };
    let found = found.unwrap_or_default();
    let attached = each(&found, "AttachedPolicies").map(|policy| text(policy, "PolicyName"));
    let wide = |name: &String| {
        name == "AdministratorAccess" || name == "PowerUserAccess" || name.ends_with("FullAccess")
    };
    // The widest first.
    let mut found: Vec<String> = attached.filter(wide).collect();
    found.sort_by_key(|name| name.ends_with("FullAccess"));
    // A role that is named for it, where the policies may not be read.
    let named =
        || name.to_ascii_lowercase().contains("admin").then(|| format!("{kind} {}", escape(name)));
    found.into_iter().next().or_else(named)
}

/// `user/ann` and `assumed-role/ROLE/SESSION` of an ARN.
fn actor(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.rsplit(':').next()?.split('/');
    let kind = parts.next()?;
    match kind {
        // A user may have a path before the name.
        "user" => Some((kind, parts.next_back()?)),
        "assumed-role" => Some(("role", parts.next()?)),
        "role" => Some((kind, parts.next_back()?)),
        _ => None,
    }
}

/// Whether a command takes something away from the one who gives it.
pub(super) fn is_own(aws: &Aws<'_>, caller: &str) -> bool {
    let named = match aws.service {
        "iam" => aws.job.value(&["--user-name", "--role-name"]),
        _ => None,
    };
    let own = actor(caller).map(|(_, name)| name);
    named.is_some() && named == own
}

/// `iam delete-role`, `detach-role-policy`: who uses it, and when last.
pub(super) fn role(aws: &Aws<'_>) -> Result {
    let which = [option("--role-name", &aws.named(&["--role-name"])?)];
    let found = aws.ask(AWS_ROLE, &which)?;
    let policies = aws.perhaps(AWS_ROLE_POLICIES, &which);
    let role = found.get("Role").ok_or_else(|| Failed::new("no such role"))?;
    let used = role.get("RoleLastUsed").map(|used| text(used, "LastUsedDate")).unwrap_or_default();
    let used = ago(&used).map_or("no use recorded".to_owned(), |ago| format!("last used {ago}"));
    let policies = policies.map_or("policies not counted".to_owned(), |found| {
        words::count(each(&found, "AttachedPolicies").count() as u64, "attached policy")
    });
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!("1 role, {used}, {policies}"),
        flags: vec![Flag::Access],
        environment: super::tagged(each(role, "Tags")),
        ..Found::default()
    }))
}

/// `iam delete-user`, `detach-user-policy`, `delete-access-key`.
pub(super) fn user(aws: &Aws<'_>) -> Result {
    let which = [option("--user-name", &aws.named(&["--user-name"])?)];
    let keys = aws.ask(AWS_USER_KEYS, &which)?;
    let policies = aws.perhaps(AWS_USER_POLICIES, &which);
    let active = each(&keys, "AccessKeyMetadata").filter(|key| text(key, "Status") == "Active");
    let policies = policies.map_or("policies not counted".to_owned(), |found| {
        words::count(each(&found, "AttachedPolicies").count() as u64, "attached policy")
    });
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!("1 user, {}, {policies}", words::count(active.count() as u64, "active key")),
        flags: vec![Flag::Access],
        ..Found::default()
    }))
}

/// `route53 delete-hosted-zone`.
pub(super) fn zone(aws: &Aws<'_>) -> Result {
    let found = aws.ask(AWS_ZONE, &[option("--id", &aws.named(&["--id"])?)])?;
    let zone = found.get("HostedZone").ok_or_else(|| Failed::new("no such zone"))?;
    let n = number(zone, "ResourceRecordSetCount");
    Ok(Some(Found {
        count: Count::Exact(n),
        hits: format!("{} in {}", words::count(n, "record"), text(zone, "Name")),
        flags: vec![Flag::Customers],
        seen: "names stop to resolve".to_owned(),
        ..Found::default()
    }))
}

/// `kms schedule-key-deletion`, `disable-key`. What the key has encrypted is lost
/// with it; until the waiting period is over the deletion can be cancelled.
pub(super) fn key(aws: &Aws<'_>) -> Result {
    let found = aws.ask(AWS_KEY, &[option("--key-id", &aws.named(&["--key-id"])?)])?;
    let key = found.get("KeyMetadata").ok_or_else(|| Failed::new("no such key"))?;
    let about = text(key, "Description");
    let about = if about.is_empty() { String::new() } else { format!(": {about}") };
    let days = aws.job.value(&["--pending-window-in-days"]).unwrap_or("30");
    let undo = (aws.operation == "schedule-key-deletion").then(|| {
        let text = format!("can be cancelled for {} days, never after", escape(days));
        (Reversibility(3), text)
    });
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!("1 key ({}){about}", text(key, "KeyState")),
        undo,
        ..Found::default()
    }))
}
