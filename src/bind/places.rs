//! Where a command would act, and as whom: read from the files that its client
//! reads, for the few clients that keep it there. The only part of binding that
//! knows tools by name.

mod aws;
mod azure;
mod docker;
mod gcloud;
mod ini;
mod kube;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::inputs::Candidate;
use crate::model::{Invocation, Place, Word};
use crate::second::request::{Role, Target};

/// The environment of the command.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The longest file that is read, in bytes.
const MAX_FILE: usize = 1 << 20;

/// Files that decide where a client acts: relative ones start at its folder,
/// `~/` at the home. Each client's documentation names them.
const DECIDING: &[(&[&str], &[&str])] = &[
    // https://developer.hashicorp.com/terraform/cli/workspaces and
    // .../language/backend: the chosen workspace and the backend in use.
    (
        &["terraform", "tofu", "terragrunt"],
        &[".terraform/environment", ".terraform/terraform.tfstate", ".terraform.lock.hcl"],
    ),
    // gitrepository-layout(5), git-config(1).
    (&["git"], &[".git/HEAD", ".git/config", ".git/packed-refs", "~/.gitconfig"]),
    // https://cloud.google.com/sdk/docs/configurations
    (
        &["gcloud", "gsutil", "bq"],
        &["~/.config/gcloud/active_config", "~/.config/gcloud/configurations/config_default"],
    ),
    // https://learn.microsoft.com/cli/azure/azure-cli-configuration
    (&["az"], &["~/.azure/azureProfile.json", "~/.azure/config"]),
    // ssh_config(5)
    (&["ssh", "scp", "sftp", "rsync", "ansible", "ansible-playbook"], &["~/.ssh/config"]),
    // libpq, "The Connection Service File"
    (&["psql", "pg_restore", "dropdb", "createdb"], &["~/.pg_service.conf"]),
    // https://dev.mysql.com/doc/refman/8.4/en/option-files.html
    (&["mysql", "mysqladmin", "mariadb"], &["~/.my.cnf", "/etc/my.cnf"]),
    // https://docs.pulumi.com, "Stacks"
    (&["pulumi"], &["Pulumi.yaml"]),
];

/// What these invocations act on.
#[must_use]
pub fn targets(invocations: &[Invocation], env: Env<'_>, cwd: &Path) -> Vec<Target> {
    let mut out: Vec<Target> = Vec::new();
    for invocation in invocations.iter().filter(|inv| is_here(inv)) {
        let found = match invocation.program.as_deref() {
            Some(name) if kube::CLIENTS.contains(&name) => kube::target(invocation, env, cwd),
            Some("aws" | "eb" | "sam" | "cdk" | "eksctl" | "copilot") => {
                aws::target(invocation, env)
            }
            Some("gcloud" | "gsutil" | "bq") => gcloud::target(invocation, env),
            Some("az") => azure::target(invocation, env),
            Some("docker" | "docker-compose") => docker::target(invocation, env),
            _ => None,
        };
        if let Some(target) = found.filter(|target| !out.contains(target)) {
            out.push(target);
        }
    }
    out
}

/// The files that decide where these invocations act.
#[must_use]
pub fn deciding(invocations: &[Invocation], env: Env<'_>, cwd: &Path) -> Vec<Candidate> {
    let mut out = Vec::new();
    for invocation in invocations.iter().filter(|inv| is_here(inv)) {
        let Some(program) = invocation.program.as_deref() else { continue };
        let rows = DECIDING.iter().filter(|(programs, _)| programs.contains(&program));
        for file in rows.flat_map(|(_, files)| *files) {
            let path = match file.strip_prefix("~/") {
                Some(rest) => match env("HOME") {
                    Some(home) => PathBuf::from(home).join(rest),
                    None => continue,
                },
                None => folder(invocation, cwd).join(file),
            };
            let name = path.to_string_lossy().into_owned();
            out.push(Candidate { role: Role::Config, name, path, certain: false });
        }
        if program == "git" {
            out.extend(branch(&folder(invocation, cwd)));
        }
    }
    out
}

/// The branch that is checked out: what a push would send.
fn branch(folder: &Path) -> Option<Candidate> {
    let head = std::fs::read_to_string(folder.join(".git/HEAD")).ok()?;
    let name = head.strip_prefix("ref: ")?.trim_end();
    // Names come from a file that anybody may have written.
    if name.split('/').any(|part| part == "..") || name.starts_with('/') {
        return None;
    }
    let path = folder.join(".git").join(name);
    let name = path.to_string_lossy().into_owned();
    Some(Candidate { role: Role::Config, name, path, certain: false })
}

fn is_here(invocation: &Invocation) -> bool {
    matches!(invocation.place, Place::Here | Place::AsUser(_))
}

/// The folder that a client works in: after `cd`, and after its own option for
/// another one.
fn folder(invocation: &Invocation, cwd: &Path) -> PathBuf {
    let base = match invocation.cwd.as_deref() {
        None | Some("") => cwd.to_owned(),
        Some(folder) => cwd.join(folder),
    };
    match option(invocation, &["-C", "-chdir", "--chdir", "--cwd"]) {
        Some(folder) => base.join(folder),
        None => base,
    }
}

/// The last value of an option under any of its names, if it is known.
fn option(invocation: &Invocation, names: &[&str]) -> Option<String> {
    let given = invocation.options.iter().filter(|option| names.contains(&option.name.as_str()));
    let value = given.filter_map(|option| option.value.as_ref()).next_back()?;
    Some(value.as_static().map_or_else(|| Word::display(value), str::to_owned))
}

fn text(env: Env<'_>, name: &str) -> Option<String> {
    env(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty())
}

/// The text of a file; nothing when it cannot be read or is too long.
fn content(path: &Path) -> Option<String> {
    let meta = path.metadata().ok()?;
    if !meta.is_file() || meta.len() > MAX_FILE as u64 {
        return None;
    }
    std::fs::read_to_string(path).ok().filter(|text| text.len() <= MAX_FILE)
}

/// A file below the folder that a variable names, else below the home.
fn below(env: Env<'_>, variable: &str, usual: &str) -> Option<PathBuf> {
    let named = text(env, variable).map(PathBuf::from);
    named.or_else(|| env("HOME").map(|home| PathBuf::from(home).join(usual)))
}
