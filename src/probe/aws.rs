//! AWS: what a call of the command line client would hit, asked through the same
//! client with the same profile, region and endpoint.
//!
//! A call takes half a second of a processor. The question that counts is asked
//! first, so that it has an answer where the details come too late; as whom the
//! command would act is asked beside it. Field names are those of the API, as `aws SERVICE OPERATION --output json` prints
//! them (<https://docs.aws.amazon.com/cli/latest/reference/>).

mod compute;
mod data;
mod identity;
mod network;
mod stacks;
mod stores;

use serde_json::Value;

use super::client::{ask, says_where};
use super::commands::Command;
use super::{Failed, Found, Job, Result};
use crate::blast;
use crate::model::{Environment, Invocation};
use crate::text::stamp::Stamp;
use crate::text::{escape, width, words};

/// The options that say which account and place, and how to get there.
const PLACE: &[&str] =
    &["--profile", "--region", "--endpoint-url", "--ca-bundle", "--no-verify-ssl"];

/// Variables that change how the client speaks, not with whom.
const SETTINGS: &[&str] =
    &["AWS_PAGER", "AWS_DEFAULT_OUTPUT", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"];

/// Columns of a name that came from the other side.
const NAME: usize = 48;

/// What looks at an operation.
type Look = fn(&Aws<'_>) -> Result;

/// Operations by service and name, and what looks at them.
const LOOKS: &[(&str, &[&str], Look)] = &[
    ("cloudformation", &["delete-stack"], stacks::stack),
    ("cloudformation", &["execute-change-set"], stacks::change_set),
    ("elbv2", &["delete-load-balancer"], network::balancer),
    ("elbv2", &["delete-target-group", "deregister-targets"], network::targets),
    (
        "ec2",
        &[
            "delete-security-group",
            "authorize-security-group-ingress",
            "revoke-security-group-ingress",
        ],
        network::group,
    ),
    (
        "elasticbeanstalk",
        &["terminate-environment", "rebuild-environment", "delete-application"],
        stacks::environment,
    ),
    ("ec2", &["terminate-instances", "stop-instances"], compute::instances),
    ("ec2", &["delete-volume"], compute::volume),
    ("ecs", &["delete-service", "update-service"], compute::service),
    ("ecs", &["delete-cluster"], compute::containers),
    ("eks", &["delete-cluster"], compute::nodegroups),
    ("lambda", &["delete-function"], compute::function),
    (
        "autoscaling",
        &["delete-auto-scaling-group", "set-desired-capacity", "update-auto-scaling-group"],
        compute::group,
    ),
    ("rds", &["delete-db-instance"], data::instance),
    ("rds", &["delete-db-cluster"], data::cluster),
    ("dynamodb", &["delete-table"], data::table),
    ("elasticache", &["delete-replication-group", "delete-cache-cluster"], stores::cache),
    ("efs", &["delete-file-system"], stores::file_system),
    ("opensearch", &["delete-domain"], stores::domain),
    ("kinesis", &["delete-stream"], stores::stream),
    ("sqs", &["delete-queue", "purge-queue"], data::queue),
    ("s3", &["rm", "rb"], data::bucket),
    ("s3", &["sync"], data::sync),
    ("s3api", &["delete-bucket"], data::bucket),
    ("iam", &["delete-role", "detach-role-policy"], identity::role),
    ("iam", &["delete-user", "detach-user-policy", "delete-access-key"], identity::user),
    ("route53", &["delete-hosted-zone"], identity::zone),
    ("kms", &["schedule-key-deletion", "disable-key"], identity::key),
];

/// One command of the client.
pub(super) struct Aws<'a> {
    job: &'a Job,
    place: Vec<String>,
    service: &'a str,
    operation: &'a str,
}

/// Looks at what the operation would hit, and asks as whom it would act.
pub(super) fn looked(job: &Job) -> Result {
    let [service, operation, ..] = job.invocation.subcommand.as_slice() else { return Ok(None) };
    let look = LOOKS.iter().find(|(of, names, _)| of == service && names.contains(&&**operation));
    let Some((_, _, look)) = look else { return Ok(None) };
    // A probe that asked elsewhere would tell about other things.
    let Invocation { exported, assignments, .. } = &job.invocation;
    let all = exported.iter().chain(assignments);
    let mut others = all.filter(|a| a.name.starts_with("AWS_") && !says_where(&a.name));
    if let Some(other) = others.find(|a| !SETTINGS.contains(&a.name.as_str())) {
        return Err(Failed::new(format!("{} is not passed on to a probe", escape(&other.name))));
    }
    if job.has(&["--cli-input-json", "--cli-input-yaml"]) {
        return Err(Failed::new("what the command names stands in a file"));
    }
    let place = job.flags(PLACE).ok_or_else(|| Failed::new("which account is not known"))?;
    let aws = Aws { job, place, service, operation };
    std::thread::scope(|scope| {
        let caller =
            scope.spawn(|| job.known.identity(job, "aws", &aws.place, || identity::caller(&aws)));
        let found = look(&aws);
        let caller = caller.join().unwrap_or_default();
        Ok(found?.map(|found| found.with_caller(&aws, caller)))
    })
}

impl Found {
    /// Who acts, and whether the command takes away what they act by.
    fn with_caller(mut self, aws: &Aws<'_>, caller: Option<super::Identity>) -> Self {
        if let Some(caller) = &caller
            && identity::is_own(aws, &caller.name)
        {
            self.flags.push(crate::model::Flag::Access);
            self.hits += ", the identity that this command uses";
        }
        Self { identity: caller, ..self }
    }
}

impl Aws<'_> {
    /// Asks one question; `words` are its own arguments.
    fn ask(
        &self,
        command: &'static Command,
        words: &[String],
    ) -> std::result::Result<Value, Failed> {
        let printed = ask(self.job, command, &[&self.place, words])?.success("aws")?;
        if printed.cut {
            return Err(Failed::new("aws printed too much"));
        }
        // Some operations print nothing at all when there is nothing to say.
        if printed.bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&printed.bytes)
            .map_err(|_| Failed::new("aws printed what cannot be read"))
    }

    /// Asks a question of which the answer may be missing: what it would say is
    /// then not known, and nothing is concluded from it.
    fn perhaps(&self, command: &'static Command, words: &[String]) -> Option<Value> {
        self.ask(command, words).ok()
    }

    /// The value of one of these options. Without it, or when it is not known,
    /// there is nothing to ask about.
    fn named(&self, names: &[&str]) -> std::result::Result<String, Failed> {
        let value = self.job.value(names).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| Failed::new("what the command names is not known"))?;
        // Another option, or a file or an address that the client would read.
        if value.starts_with('-') || value.contains("://") {
            return Err(Failed::new("what the command names is not a name"));
        }
        Ok(value.to_owned())
    }

    /// The values of a list option (`--instance-ids A B`), from the words, in
    /// which the client takes all up to the next option.
    fn list(&self, name: &str) -> std::result::Result<Vec<String>, Failed> {
        let unknown = || Failed::new("what the command names is not known");
        let mut out = Vec::new();
        let mut inside = false;
        for word in &self.job.invocation.argv {
            let text = word.as_static().ok_or_else(unknown)?;
            match text.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
                Some(value) => {
                    inside = true;
                    out.push(value.to_owned());
                }
                None if text.starts_with('-') => inside = text == name,
                None if inside => out.push(text.to_owned()),
                None => {}
            }
        }
        if out.is_empty() || out.iter().any(|word| word.contains("://")) {
            return Err(unknown());
        }
        Ok(out)
    }
}

/// `--name=value` as one word, so that a value can never be an option.
fn option(name: &str, value: &str) -> String {
    format!("{name}={value}")
}

/// The list under a key, or none.
fn each<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> + Clone {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
}

/// A text under a key, escaped and not too long.
fn text(value: &Value, key: &str) -> String {
    let text = value.get(key).and_then(Value::as_str).unwrap_or_default();
    width::cut(&escape(text), NAME).into_owned()
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn yes(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// The environment that tags speak of: `env`, `environment`, `stage`, `tier`, under
/// `Key` and `Value` or under other names of a service.
fn tagged<'v>(tags: impl Iterator<Item = &'v Value>) -> Option<(Environment, String)> {
    const KEYS: &[&str] = &["env", "environment", "stage", "tier"];
    let known = tags.filter_map(|tag| {
        let (key, value) = (tag.get("Key")?.as_str()?, tag.get("Value")?.as_str()?);
        KEYS.contains(&key.to_ascii_lowercase().as_str()).then_some((key, value))
    });
    let read = known.filter_map(|(key, value)| {
        let environment = blast::named(value)?;
        Some((environment, format!("tag {}={}", escape(key), width::cut(&escape(value), NAME))))
    });
    read.max_by_key(|(environment, _)| *environment)
}

/// How long ago a time of the API was (`2026-11-27T09:30:00.104000+00:00`).
fn ago(time: &str) -> Option<String> {
    let at = Stamp::parse(time.get(..19)?)?;
    let seconds = (Stamp::now().0 - at.0).max(0) / 1000;
    Some(format!("{} ago", words::ago(u64::try_from(seconds).unwrap_or_default())))
}

/// `3 EC2 Instances`-like counts by kind, the most first, three of them named.
pub(super) fn by_kind(kinds: impl Iterator<Item = String>) -> String {
    let mut counts = std::collections::BTreeMap::<String, u64>::new();
    for kind in kinds {
        *counts.entry(kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let more = counts.len().saturating_sub(3);
    let mut named: Vec<String> =
        counts.into_iter().take(3).map(|(kind, n)| format!("{n} {kind}")).collect();
    if more > 0 {
        named.push(words::count(more as u64, "other kind"));
    }
    named.join(", ")
}

#[cfg(test)]
mod tests;
