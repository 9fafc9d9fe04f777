//! docker: which containers use a volume, and what a prune would take. There is
//! no dry run of a prune.

use super::client::ask;
use super::commands::{
    DOCKER_COMPOSE_CONTAINERS, DOCKER_COMPOSE_VOLUMES, DOCKER_LIST, DOCKER_VOLUMES,
};
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

/// The options that say which engine.
const PLACE: &[&str] = &["-H", "--host", "-c", "--context", "--config"];

fn place(job: &Job) -> std::result::Result<Vec<String>, Failed> {
    job.flags(PLACE).ok_or_else(|| Failed::new("which engine is not known"))
}

/// `docker volume rm NAME…`.
pub(super) fn volume(job: &Job) -> Result {
    let place = place(job)?;
    let Some(names) = job.operands().filter(|names| !names.is_empty()) else { return Ok(None) };
    let filters = |key: &str| names.iter().map(|name| format!("--filter={key}={name}")).collect();
    let filters: Vec<String> = filters("volume");
    let used = ask(job, DOCKER_LIST, &[&place, &filters])?.success("docker")?.lines;
    let n = names.len() as u64;
    Ok(Some(Found {
        count: Count::Exact(n),
        hits: format!("{}, used by {}", words::count(n, "volume"), words::count(used, "container")),
        undo: Some((Reversibility(4), "a volume has no copy".to_owned())),
        ..Found::default()
    }))
}

/// `docker volume prune`, `docker system prune`: volumes that nothing uses. The
/// unnamed ones are a part of them, so this is never too few.
pub(super) fn prune(job: &Job) -> Result {
    let place = place(job)?;
    let unused = ["--filter=dangling=true".to_owned()];
    let volumes = ask(job, DOCKER_VOLUMES, &[&place, &unused])?.success("docker")?.lines;
    let stopped = ["--filter=status=exited".to_owned(), "--filter=status=created".to_owned()];
    let containers = ask(job, DOCKER_LIST, &[&place, &stopped])?.success("docker")?.lines;
    let system = job.invocation.subcommand.iter().any(|word| word == "system");
    let mut hits = format!("up to {} that nothing uses", words::count(volumes, "volume"));
    if system {
        hits += &format!(", {}", words::count(containers, "stopped container"));
    }
    let n = volumes + if system { containers } else { 0 };
    let flags = if volumes > 0 { vec![Flag::Data] } else { Vec::new() };
    Ok(Some(Found { count: Count::Exact(n), hits, flags, ..Found::default() }))
}

/// The options of compose that say which project.
const PROJECT: &[&str] =
    &["-f", "--file", "-p", "--project-name", "--project-directory", "--profile", "--env-file"];

/// `docker compose down -v`.
pub(super) fn compose(job: &Job) -> Result {
    // docker-compose of before 2021 is another program with other answers.
    if job.invocation.program.as_deref() != Some("docker") || job.has(PLACE) {
        return Ok(None);
    }
    let Some(project) = job.flags(PROJECT) else { return Ok(None) };
    let volumes = ask(job, DOCKER_COMPOSE_VOLUMES, &[&project])?.success("docker")?;
    let containers = ask(job, DOCKER_COMPOSE_CONTAINERS, &[&project])?.success("docker")?.lines;
    let text = volumes.text();
    let names: Vec<String> = text.lines().take(3).map(escape).collect();
    let n = volumes.lines;
    let more = if n > 3 { ", …" } else { "" };
    let named = if n > 0 { format!(" ({}{more})", names.join(", ")) } else { String::new() };
    let containers_text = words::count(containers, "container");
    Ok(Some(Found {
        count: Count::Exact(n + containers),
        hits: format!("{}{named}, {containers_text}", words::count(n, "volume")),
        undo: (n > 0).then(|| (Reversibility(4), "a volume has no copy".to_owned())),
        flags: if n > 0 { vec![Flag::Data] } else { Vec::new() },
        ..Found::default()
    }))
}
