//! What only the reflog, a tag or this one clone still holds, when that is what
//! goes away.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::super::client::{Printed, ask};
use super::super::commands::{GIT_COUNT, GIT_LOOSE, GIT_STASHES, GIT_STATUS};
use super::super::{Failed, Found, Job, Result};
use super::{commits, found, inside, log, place, repository, text};
use crate::model::{Count, Reversibility};
use crate::text::{escape, words};

/// How long all repositories of a command may be asked.
const BRIEFLY: Duration = Duration::from_millis(1500);
/// Repositories of one command that are asked.
const MOST: usize = 2;

/// The names that a command gives and the commits that nothing but the branches
/// or tags of these names holds. `holders` are the options for all that may hold
/// one, first that for refs of this kind: git leaves names out of the next option.
fn held_by_these(
    job: &Job,
    kind: &str,
    holders: &[&str],
) -> std::result::Result<Option<(Vec<String>, Printed)>, Failed> {
    let Some(place) = repository(job)? else { return Ok(None) };
    let names = job.operands().filter(|names| !names.is_empty());
    let Some(names) = names.filter(|names| !names.iter().any(|name| name.starts_with('-'))) else {
        return Ok(None);
    };
    let mut range: Vec<String> = names.iter().map(|name| format!("{kind}{name}")).collect();
    range.push("--not".to_owned());
    range.extend(names.iter().map(|name| format!("--exclude={name}")));
    range.extend(text(holders));
    let printed = log(job, &place, &range)?;
    Ok(Some((names, printed)))
}

/// `git branch -D`: commits that no other branch and no remote holds.
pub(in super::super) fn branch(job: &Job) -> Result {
    let Some((_, printed)) =
        held_by_these(job, "refs/heads/", &["--branches", "--remotes", "--tags"])?
    else {
        return Ok(None);
    };
    let n = commits(&printed);
    let undo = match n {
        0 => (Reversibility(0), "another branch, tag or remote holds all of it".to_owned()),
        _ => (Reversibility(2), "only the reflog of HEAD may still know them".to_owned()),
    };
    let hits = format!("{} that nothing else holds", words::count(n, "commit"));
    found(n, printed.cut, hits, undo)
}

/// `git tag -d`: commits that nothing but these tags holds.
pub(in super::super) fn tag(job: &Job) -> Result {
    let Some((names, printed)) =
        held_by_these(job, "refs/tags/", &["--tags", "--branches", "--remotes"])?
    else {
        return Ok(None);
    };
    let n = commits(&printed);
    let undo = match n {
        0 => (Reversibility(1), "the commits stay; git prints the id of the tag".to_owned()),
        _ => (Reversibility(2), "by the id that git prints, until it cleans up".to_owned()),
    };
    let hits = format!(
        "{}, {} that nothing else holds",
        words::count(names.len() as u64, "tag"),
        words::count(n, "commit")
    );
    found(n.max(names.len() as u64), printed.cut, hits, undo)
}

/// `git stash drop`, `git stash clear`.
pub(in super::super) fn stash(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let printed = ask(job, GIT_STASHES, &[&place])?.success("git stash list")?;
    let all = commits(&printed);
    let n = if job.invocation.subcommand.iter().any(|s| s == "clear") { all } else { all.min(1) };
    let hits = format!("{n} of {}", words::count(all, "stash"));
    let undo = (Reversibility(4), "no branch holds a stash".to_owned());
    found(n, printed.cut, hits, undo)
}

/// `git reflog expire|delete`: what no branch, tag or remote holds, stashes as well.
pub(in super::super) fn expired(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let range = text(&["--reflog", "--not", "--branches", "--remotes", "--tags"]);
    let printed = log(job, &place, &range)?;
    let n = commits(&printed);
    let hits = format!("{} or stashes that only the reflog holds", words::count(n, "commit"));
    let undo = (Reversibility(4), "nothing else knows their ids".to_owned());
    found(n, printed.cut, hits, undo)
}

/// `git gc --prune`, `git prune`: only loose objects can go, so there are never
/// more than these.
pub(in super::super) fn loose(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let printed = ask(job, GIT_LOOSE, &[&place])?.success("git count-objects")?.text();
    let number = |key: &str| {
        let line = printed.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|n| n.trim().parse::<u64>().ok())
    };
    let (Some(n), Some(size)) = (number("count:"), number("size:")) else {
        return Err(Failed::new("git printed what cannot be read"));
    };
    Ok(Some(Found {
        count: Count::Exact(n),
        hits: format!("up to {}, {size} KiB", words::count(n, "loose object")),
        ..Found::default()
    }))
}

/// `git filter-repo`, `git filter-branch`: commits that get another name.
pub(in super::super) fn rewritten(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let range = text(&["--branches", "--tags"]);
    let all = log(job, &place, &range)?;
    let here = text(&["--branches", "--tags", "--not", "--remotes"]);
    let here = log(job, &place, &here)?;
    let (n, only) = (commits(&all), commits(&here));
    let keeps = job.invocation.subcommand.iter().any(|word| word == "filter-branch");
    let undo = if keeps {
        (Reversibility(2), "refs/original keeps the old ones".to_owned())
    } else if only == 0 && n > 0 {
        (Reversibility(3), "a remote has them, as last fetched".to_owned())
    } else {
        (Reversibility(4), "it expires the reflog and cleans up".to_owned())
    };
    let hits = format!("up to {} rewritten, {only} on no remote", words::count(n, "commit"));
    found(n, all.cut, hits, undo)
}

/// `git worktree remove --force`: what in it is not committed.
pub(in super::super) fn worktree(job: &Job) -> Result {
    let place = place(job)?;
    let Some(names) = job.operands() else { return Ok(None) };
    let [name] = names.as_slice() else { return Ok(None) };
    // Relative to where the command itself works.
    let there = [place, vec!["-C".to_owned(), name.clone()]].concat();
    if !inside(job, &there)? {
        return Ok(None);
    }
    let options = text(&["--untracked-files=all"]);
    let printed = ask(job, GIT_STATUS, &[&there, &options, &[]])?.success("git status")?;
    let n = printed.nuls;
    let undo = match n {
        0 => (Reversibility(0), "all of it is committed or ignored".to_owned()),
        _ => (Reversibility(4), "no commit holds them".to_owned()),
    };
    let hits = format!("{} in {}", words::count(n, "uncommitted file"), escape(name));
    found(n, printed.cut, hits, undo)
}

/// What goes with `.git` folders and stands on no remote, as last fetched. Only
/// repositories of the caller: their settings are those that git obeys anyway.
pub(in super::super) fn only_here(job: &Job, repositories: &[PathBuf]) -> Option<String> {
    let me = nix::unistd::geteuid().as_raw();
    let own = |path: &&PathBuf| {
        path.symlink_metadata().is_ok_and(|meta| meta.is_dir() && meta.uid() == me)
    };
    if repositories.is_empty() {
        return None;
    }
    // What is counted is the main thing; this must not make that come too late.
    let job = &Job { until: job.until.min(Instant::now() + BRIEFLY), ..job.clone() };
    let (mut unpushed, mut stashes, mut late) = (0, 0, false);
    for path in repositories.iter().filter(own).take(MOST) {
        let place = [format!("--git-dir={}", path.to_str()?)];
        let range = text(&["--branches", "--tags", "--not", "--remotes"]);
        let mut number = |printed: std::result::Result<Printed, Failed>| {
            late |= printed.is_err();
            printed.ok().filter(|printed| printed.ok).map_or(0, |printed| commits(&printed))
        };
        unpushed += number(ask(job, GIT_COUNT, &[&place, &range]));
        stashes += number(ask(job, GIT_STASHES, &[&place]));
    }
    let commits =
        (unpushed > 0).then(|| format!("{} on no remote branch", words::count(unpushed, "commit")));
    let stashes = (stashes > 0).then(|| words::count(stashes, "stash"));
    let late = late.then(|| "not all of its commits looked for".to_owned());
    let parts: Vec<String> = commits.into_iter().chain(stashes).chain(late).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
