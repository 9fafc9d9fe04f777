//! docker: which containers use a volume, and what a prune would take. There is
//! no dry run of a prune.

use super::client::ask;
use super::commands::{
    DOCKER_COMPOSE_CONTAINERS, DOCKER_COMPOSE_VOLUMES, DOCKER_IMAGES, DOCKER_INSPECT, DOCKER_LIST,
    DOCKER_VOLUMES,
};
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

/// The options that say which engine.
const PLACE: &[&str] = &["-H", "--host", "-c", "--context", "--config"];

/// `None` for podman and others with the same words: they have other engines, and
/// podman without root makes folders and starts a process even to list.
fn place(job: &Job) -> std::result::Result<Option<Vec<String>>, Failed> {
    if job.invocation.program.as_deref() != Some("docker") {
        return Ok(None);
    }
    job.flags(PLACE).map(Some).ok_or_else(|| Failed::new("which engine is not known"))
}

/// `docker volume rm NAME…`.
pub(super) fn volume(job: &Job) -> Result {
    let Some(place) = place(job)? else { return Ok(None) };
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

/// `docker volume prune`, `container prune`, `system prune`: what nothing uses. The
/// unnamed volumes are a part of all, so this is never too few.
pub(super) fn prune(job: &Job) -> Result {
    let Some(place) = place(job)? else { return Ok(None) };
    let of = |word: &str| job.invocation.subcommand.iter().any(|known| known == word);
    let (mut n, mut hits, mut flags) = (0, Vec::new(), Vec::new());
    if of("volume") || of("system") && job.has(&["--volumes"]) {
        let unused = ["--filter=dangling=true".to_owned()];
        let volumes = ask(job, DOCKER_VOLUMES, &[&place, &unused])?.success("docker")?.lines;
        hits.push(format!("up to {} that nothing uses", words::count(volumes, "volume")));
        flags.extend((volumes > 0).then_some(Flag::Data));
        n += volumes;
    }
    if of("container") || of("system") {
        let stopped = ["exited", "created", "dead"].map(|word| format!("--filter=status={word}"));
        let containers = ask(job, DOCKER_LIST, &[&place, &stopped])?.success("docker")?.lines;
        hits.push(words::count(containers, "stopped container"));
        n += containers;
    }
    if hits.is_empty() {
        return Ok(None);
    }
    Ok(Some(Found { count: Count::Exact(n), hits: hits.join(", "), flags, ..Found::default() }))
}

/// `docker rm NAME…`: what runs of them, and what is stored outside of them.
pub(super) fn containers(job: &Job) -> Result {
    let Some(place) = place(job)? else { return Ok(None) };
    let Some(names) = job.operands().filter(|names| !names.is_empty()) else { return Ok(None) };
    let printed = ask(job, DOCKER_INSPECT, &[&place, &names])?;
    // It prints those that are there and complains about the others.
    let errors = String::from_utf8_lossy(&printed.errors).to_ascii_lowercase();
    let missed = errors.lines().all(|line| line.is_empty() || line.contains("no such container"));
    if !(printed.ok || missed && !errors.is_empty()) {
        return Err(Failed::new(format!("docker: {}", printed.error())));
    }
    let text = printed.text();
    let there: Vec<&str> = text.lines().filter(|line| line.contains(':')).collect();
    let n = there.len() as u64;
    let running = there.iter().filter(|line| line.starts_with("true:")).count();
    let stored = there.iter().filter(|line| !line.ends_with(":[]")).count() as u64;
    let mut hits = format!("{}, {running} running", words::count(n, "container"));
    let missing = names.len() as u64 - n.min(names.len() as u64);
    if missing > 0 {
        hits += &format!(", {missing} not there");
    }
    let backup = match (stored, job.has(&["-v", "--volumes"])) {
        (0, _) => "its own files go".to_owned(),
        (_, true) => "its unnamed volumes go too".to_owned(),
        (_, false) => "volumes stay, its own files go".to_owned(),
    };
    Ok(Some(Found { count: Count::Exact(n), hits, backup, ..Found::default() }))
}

/// `docker rmi`, `docker image prune`: containers that were made from them, and
/// how many images no name leads to.
pub(super) fn images(job: &Job) -> Result {
    let Some(place) = place(job)? else { return Ok(None) };
    let words: Vec<&str> = job.invocation.subcommand.iter().map(String::as_str).collect();
    let Some(names) = job.operands() else { return Ok(None) };
    match words.as_slice() {
        ["rmi"] | ["image", "rm"] if !names.is_empty() => {
            let of = names.iter().map(|name| format!("--filter=ancestor={name}"));
            let of: Vec<String> = of.collect();
            let used = ask(job, DOCKER_LIST, &[&place, &of])?.success("docker")?.lines;
            let n = names.len() as u64;
            let used = words::count(used, "container");
            let hits = format!("{}, used by {used}", words::count(n, "image"));
            Ok(Some(Found { count: Count::Exact(n), hits, ..Found::default() }))
        }
        ["image", "prune"] => {
            let all = job.has(&["-a", "--all"]);
            let unnamed = (!all).then(|| "--filter=dangling=true".to_owned());
            let unnamed: Vec<String> = unnamed.into_iter().collect();
            let n = ask(job, DOCKER_IMAGES, &[&place, &unnamed])?.success("docker")?.lines;
            let which = if all { "that no container uses" } else { "without a name" };
            let hits = format!("up to {} {which}", words::count(n, "image"));
            Ok(Some(Found { count: Count::Exact(n), hits, ..Found::default() }))
        }
        _ => Ok(None),
    }
}

/// The options of compose that say which project.
const PROJECT: &[&str] =
    &["-f", "--file", "-p", "--project-name", "--project-directory", "--profile", "--env-file"];

/// `docker compose down` without `-v`: containers and networks.
pub(super) fn compose_stop(job: &Job) -> Result {
    let down = job.invocation.subcommand.iter().any(|word| word == "down");
    if !down || job.has(PLACE) || place(job)?.is_none() {
        return Ok(None);
    }
    let Some(project) = job.flags(PROJECT) else { return Ok(None) };
    let n = ask(job, DOCKER_COMPOSE_CONTAINERS, &[&project])?.success("docker")?.lines;
    let hits = format!("{}, volumes stay", words::count(n, "container"));
    Ok(Some(Found { count: Count::Exact(n), hits, ..Found::default() }))
}

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
