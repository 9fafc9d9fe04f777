//! Making the plan that an `apply` or a `destroy` would make: by the same client
//! with the same words, without a lock, and into a file that has no name.
//!
//! A plan starts providers and, where the configuration has a `data "external"`,
//! programs of the project; so does `terraform plan`, which guard does not ask
//! about. For somebody who only answers a request it is not made: those programs
//! would run with their rights.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::client::{Extra, TIMED_OUT, ask_with, says_where};
use super::super::{Failed, Job};
use super::{Client, folder, here, place};
use crate::text::escape;

/// Bytes of a plan in JSON that are read: what more than a thousand objects take.
const MAX_PLAN: usize = 8 << 20;

/// Options of `apply` and `destroy` that a plan has as well and that decide what
/// is in it (<https://developer.hashicorp.com/terraform/cli/commands/plan>,
/// <https://opentofu.org/docs/cli/commands/plan/>).
const SHARED: &[&str] = &[
    "-var",
    "-var-file",
    "-target",
    "-target-file",
    "-exclude",
    "-exclude-file",
    "-replace",
    "-refresh",
    "-destroy",
    "-parallelism",
    "-state",
    "-allow-deferral",
];
/// Options that decide nothing of what is in a plan.
const ASIDE: &[&str] = &[
    "-auto-approve",
    "-backup",
    "-chdir",
    "-compact-warnings",
    "-concise",
    "-force",
    "-input",
    "-json",
    "-lock",
    "-lock-timeout",
    "-no-color",
    "-show-sensitive",
    "-state-out",
];
/// Variables that decide nothing of what is in a plan.
const SETTINGS: &[&str] = &[
    "TF_IN_AUTOMATION",
    "TF_INPUT",
    "TF_LOG",
    "TF_LOG_CORE",
    "TF_LOG_PATH",
    "TF_LOG_PROVIDER",
    "CHECKPOINT_DISABLE",
    "NO_COLOR",
    "TERM",
    "LANG",
    "LC_ALL",
    "AWS_PAGER",
];
/// Variables with more words for the command
/// (<https://developer.hashicorp.com/terraform/cli/config/environment-variables>).
const MORE_WORDS: &[&str] = &["TF_CLI_ARGS", "TF_CLI_ARGS_apply", "TF_CLI_ARGS_destroy"];
/// What terraform says of a folder in which `init` has not run.
const NOT_READY: &[&str] = &[
    "Error: Backend initialization required",
    "Error: Inconsistent dependency lock file",
    "Error: Module not installed",
    "Error: Required plugins are not installed",
    "Error: Missing required provider",
];

type Planned = Result<Option<Value>, Failed>;

/// Makes the plan of the command and reads it. `None` where none can be made
/// without a change: in a folder that is not ready, or where the plan would be a
/// run of the service that keeps the state.
pub(super) fn made(job: &Job, client: &Client) -> Planned {
    if !job.requester {
        return Ok(None);
    }
    let place = readable(job)?;
    let words = words(job)?;
    let backend = backend(&data(job)?);
    if matches!(backend.as_deref(), Some("cloud" | "remote")) {
        return Ok(None);
    }
    workspace(job, client, &place)?;
    let file = crate::sys::nameless(c"guard-plan")
        .map_err(|error| Failed::new(format!("no place for a plan: {error}")))?;
    let given = |file: &File| {
        let stdin = file.try_clone().map_err(|error| Failed::new(error.to_string()))?;
        Ok(Extra { stdin: Some(stdin), keep: Some(MAX_PLAN), ..Extra::default() })
    };
    let printed = ask_with(job, client.plan, &[&place, &words], given(&file)?).map_err(late)?;
    if !printed.ok {
        let errors = String::from_utf8_lossy(&printed.errors);
        let not_ready = |line: &str| NOT_READY.iter().any(|start| line.starts_with(start));
        return if errors.lines().any(not_ready) {
            Ok(None)
        } else {
            Err(Failed::new(format!("no plan: {}", said(&errors))))
        };
    }
    let out = ["/dev/stdin".to_owned()];
    shown(job, client, &place, &out, given(&file)?).map(Some)
}

/// What a plan file says.
pub(super) fn shown(
    job: &Job,
    client: &Client,
    place: &[String],
    file: &[String],
    extra: Extra<'_>,
) -> Result<Value, Failed> {
    let extra = Extra { keep: Some(MAX_PLAN), ..extra };
    let printed =
        ask_with(job, client.show, &[place, file], extra)?.success(client.show.program)?;
    serde_json::from_slice(&printed.bytes)
        .map_err(|_| Failed::new("the plan cannot be read or is too long"))
}

/// A plan that takes longer is worth a file.
fn late(failed: Failed) -> Failed {
    if failed.why == TIMED_OUT {
        return Failed::new("plan not made within 3 s: make a file: plan -out FILE, apply FILE");
    }
    failed
}

/// The first error, without what stands below it: that quotes the configuration.
fn said(errors: &str) -> String {
    let mut lines = errors.lines().map(str::trim);
    let first = lines.find_map(|line| line.strip_prefix("Error: ")).unwrap_or("no message");
    crate::text::width::cut(&escape(first), 60).into_owned()
}

/// The words in front of the subcommand, where a client can be asked as the
/// command would: with its variables, and with no secret among its words.
///
/// # Errors
/// Where it would be asked something else.
pub(super) fn readable(job: &Job) -> Result<Vec<String>, Failed> {
    if job.secret {
        return Err(Failed::new("a secret on the command line is not passed on to a probe"));
    }
    if job.invocation.argv.iter().any(|word| word.as_static().is_none()) {
        return Err(Failed::new("not all of its words are known"));
    }
    let all = job.invocation.exported.iter().chain(&job.invocation.assignments);
    let mut names = all.map(|assignment| assignment.name.as_str());
    let other = names.find(|name| !says_where(name) && !SETTINGS.contains(name));
    if let Some(name) = other {
        return Err(Failed::new(format!("{} is not passed on to a probe", escape(name))));
    }
    for name in MORE_WORDS {
        let words = std::env::var(name).unwrap_or_default();
        let aside = |word: &str| {
            let option = word.split('=').next().unwrap_or_default();
            ASIDE.contains(&option) || option == "-parallelism"
        };
        if !words.split_whitespace().all(aside) {
            return Err(Failed::new(format!("{name} has more words for it")));
        }
    }
    place(job)
}

/// The options of the command that a plan has as well, in their order.
fn words(job: &Job) -> Result<Vec<String>, Failed> {
    let mut out = Vec::new();
    for option in &job.invocation.options {
        let name = option.name.replacen("--", "-", 1);
        if ASIDE.contains(&name.as_str()) {
            continue;
        }
        if !SHARED.contains(&name.as_str()) {
            return Err(Failed::new(format!("{} is not known to the probe", escape(&name))));
        }
        out.push(match &option.value {
            None => name,
            Some(value) => {
                let value = value.as_static();
                let value = value.ok_or_else(|| Failed::new(format!("{name} is not known")))?;
                format!("{name}={value}")
            }
        });
    }
    if job.invocation.subcommand.last().is_some_and(|name| name == "destroy") {
        out.push("-destroy".to_owned());
    }
    Ok(out)
}

/// A variable as the command would have it.
fn variable(job: &Job, name: &str) -> Option<OsString> {
    let own = &job.invocation.assignments;
    let given = own.iter().chain(job.invocation.exported.iter()).find(|a| a.name == name);
    let given = given.and_then(|assignment| assignment.value.as_static()).map(OsString::from);
    given.or_else(|| std::env::var_os(name)).filter(|value| !value.is_empty())
}

/// Where terraform keeps what it knows of the folder.
fn data(job: &Job) -> Result<PathBuf, Failed> {
    let name = variable(job, "TF_DATA_DIR").unwrap_or_else(|| ".terraform".into());
    Ok(folder(job)?.join(name))
}

/// The kind of backend in use.
fn backend(data: &Path) -> Option<String> {
    let text = here::text(data, here::STATE)?;
    let backend: Value = serde_json::from_slice(&text).ok()?;
    Some(backend.pointer("/backend/type")?.as_str()?.to_owned())
}

/// The workspace of the command has to exist: for one that does not, terraform
/// makes a folder or an empty state before it makes a plan.
pub(super) fn workspace(job: &Job, client: &Client, place: &[String]) -> Result<(), Failed> {
    let data = data(job)?;
    let chosen = variable(job, "TF_WORKSPACE").map(|name| name.to_string_lossy().into_owned());
    let chosen = chosen.or_else(|| {
        let text = here::text(&data, "environment")?;
        Some(String::from_utf8_lossy(&text).trim().to_owned())
    });
    let Some(name) = chosen.filter(|name| !name.is_empty() && name != "default") else {
        return Ok(());
    };
    exists(job, client, place, &name)
}

/// Whether a workspace exists.
///
/// # Errors
/// It does not, or nobody can tell.
pub(super) fn exists(
    job: &Job,
    client: &Client,
    place: &[String],
    name: &str,
) -> Result<(), Failed> {
    let printed = ask_with(job, client.workspaces, &[place], Extra::default())?;
    if !printed.ok {
        let errors = String::from_utf8_lossy(&printed.errors).into_owned();
        return Err(Failed::new(format!("no list of workspaces: {}", said(&errors))));
    }
    let all = printed.text();
    let is = |line: &str| line.trim_start_matches(['*', ' ']).trim_end() == name;
    if all.lines().any(is) {
        return Ok(());
    }
    Err(Failed::new(format!("there is no workspace {}: all would be new", escape(name))))
}
