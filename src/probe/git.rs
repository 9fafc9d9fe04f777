//! git: what is not committed, what the remote would lose, what no branch holds.

mod forgotten;

use super::client::{Printed, ask};
use super::commands::{
    GIT_BRANCH, GIT_CONFIG, GIT_COUNT, GIT_REMOTE, GIT_RESOLVE, GIT_ROOT, GIT_STATUS,
};
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

pub(super) use forgotten::{branch, expired, loose, only_here, rewritten, stash, tag, worktree};

/// Names that are shown of several.
const NAMED: usize = 3;

fn text(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The options that say which repository.
fn place(job: &Job) -> std::result::Result<Vec<String>, Failed> {
    job.flags(&["-C", "--git-dir", "--work-tree"])
        .ok_or_else(|| Failed::new("which repository is not known".to_owned()))
}

/// The options that say which repository, when the command works in one at all.
fn repository(job: &Job) -> std::result::Result<Option<Vec<String>>, Failed> {
    let place = place(job)?;
    Ok(inside(job, &place)?.then_some(place))
}

/// Whether there is a repository.
fn inside(job: &Job, place: &[String]) -> std::result::Result<bool, Failed> {
    Ok(ask(job, GIT_ROOT, &[place])?.ok)
}

/// Changes by their two letters of `git status --porcelain=v1 -z`.
#[derive(Default)]
struct Changes {
    tracked: u64,
    untracked: u64,
    ignored: u64,
    cut: bool,
}

/// The commits of a range, as `git log` prints them.
fn log(job: &Job, place: &[String], range: &[String]) -> std::result::Result<Printed, Failed> {
    ask(job, GIT_COUNT, &[place, range])?.success("git log")
}

/// So many, or at least so many when not all was printed, and what brings them back.
fn found(n: u64, cut: bool, hits: String, undo: (Reversibility, String)) -> Result {
    Ok(Some(Found { count: counted(n, cut), hits, undo: Some(undo), ..Found::default() }))
}

fn changes(
    job: &Job,
    place: &[String],
    options: &[&str],
    paths: &[String],
) -> std::result::Result<Changes, Failed> {
    let printed = ask(job, GIT_STATUS, &[place, &text(options), paths])?.success("git status")?;
    let mut out = Changes { cut: printed.cut, ..Changes::default() };
    for entry in printed.bytes.split(|byte| *byte == 0) {
        match entry.get(..2) {
            Some(b"??") => out.untracked += 1,
            Some(b"!!") => out.ignored += 1,
            Some(_) => out.tracked += 1,
            None => {}
        }
    }
    Ok(out)
}

fn counted(n: u64, cut: bool) -> Count {
    if cut { Count::AtLeast(n) } else { Count::Exact(n) }
}

fn at_least(cut: bool) -> &'static str {
    if cut { "at least " } else { "" }
}

/// `git reset --hard`, `git checkout -f`: tracked changes of the whole tree.
pub(super) fn reset(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let changes = changes(job, &place, &["--untracked-files=normal"], &[])?;
    let n = changes.tracked;
    let target = job.operands().and_then(|operands| operands.into_iter().next());
    // Another commit may hold files that are untracked or ignored here now.
    let elsewhere = target.as_deref().is_some_and(|target| target != "HEAD");
    let left = match target.filter(|_| job.invocation.subcommand.iter().any(|s| s == "reset")) {
        Some(target) if !target.starts_with('-') => {
            let range = text(&[&format!("{target}..HEAD")]);
            let printed = ask(job, GIT_COUNT, &[&place, &range])?;
            if printed.ok { commits(&printed) } else { 0 }
        }
        _ => 0,
    };
    let mut hits = format!("{}{}", at_least(changes.cut), words::count(n, "uncommitted file"));
    if left > 0 {
        hits += &format!(", {} left behind", words::count(left, "commit"));
    }
    if changes.untracked > 0 {
        hits += &format!(" (untracked stay: {})", changes.untracked);
    }
    let undo = match n {
        0 if elsewhere => (Reversibility(2), "only the reflog keeps commits".to_owned()),
        _ => lost(n),
    };
    found(n, changes.cut, hits, undo)
}

/// What brings uncommitted work back.
fn lost(n: u64) -> (Reversibility, String) {
    if n == 0 {
        (Reversibility(0), "nothing uncommitted; the reflog keeps commits".to_owned())
    } else {
        (Reversibility(4), "the reflog does not hold uncommitted work".to_owned())
    }
}

/// `git checkout -- PATH`, `git restore PATH`: tracked changes below the paths.
pub(super) fn paths(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let words = &job.invocation.argv;
    let Some(operands) = job.operands() else { return Ok(None) };
    // What stands before `--` is a commit.
    let dashes = words.iter().position(|word| word.as_static() == Some("--"));
    let after = dashes.map(|at| words.len() - at - 1).filter(|n| *n > 0);
    let skipped = after.map_or(0, |n| operands.len().saturating_sub(n));
    let paths: Vec<String> = operands.into_iter().skip(skipped).collect();
    let changes = changes(job, &place, &["--untracked-files=no"], &paths)?;
    let n = changes.tracked;
    let hits = format!("{}{}", at_least(changes.cut), words::count(n, "uncommitted file"));
    let hits = format!("{hits} under {}", escape(&paths.join(" ")));
    found(n, changes.cut, hits, lost(n))
}

/// `git clean`: what git does not track, file by file.
pub(super) fn clean(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let Some(operands) = job.operands() else { return Ok(None) };
    let ignored = job.has(&["-x", "-X"]);
    let options: &[&str] = if ignored {
        &["--untracked-files=all", "--ignored=traditional"]
    } else {
        &["--untracked-files=all"]
    };
    let changes = changes(job, &place, options, &operands)?;
    let untracked = if job.has(&["-X"]) { 0 } else { changes.untracked };
    let n = untracked + if ignored { changes.ignored } else { 0 };
    let mut hits =
        format!("{}{}", at_least(changes.cut), words::count(untracked, "untracked file"));
    if ignored {
        hits += &format!(", {} ignored files or folders", changes.ignored);
    }
    // A folder that is ignored as a whole counts as one entry.
    let count = counted(n, changes.cut || changes.ignored > 0);
    let undo = match n {
        0 => (Reversibility(0), "there is nothing to remove".to_owned()),
        _ => (Reversibility(4), "no commit holds untracked files".to_owned()),
    };
    Ok(Some(Found { count, hits, undo: Some(undo), ..Found::default() }))
}

fn commits(printed: &Printed) -> u64 {
    // -z ends each commit with a NUL, or separates them.
    let open = printed.bytes.last().is_some_and(|last| *last != 0);
    printed.nuls + u64::from(open)
}

/// Who wrote the commits that were printed, most of them first.
fn authors(printed: &Printed) -> Vec<String> {
    let mut out: Vec<(String, u64)> = Vec::new();
    for commit in printed.bytes.split(|byte| *byte == 0).filter(|commit| !commit.is_empty()) {
        let name = commit.split(|byte| *byte == b'\t').next().unwrap_or_default();
        let name = escape(&String::from_utf8_lossy(name));
        match out.iter_mut().find(|(known, _)| *known == name) {
            Some((_, n)) => *n += 1,
            None => out.push((name, 1)),
        }
    }
    out.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    out.into_iter().map(|(name, n)| format!("{name} ({n})")).collect()
}

fn first(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// A forced push or a deletion: the commits that the remote has and the local
/// side lacks. The remote itself is asked, because what was last fetched may be
/// old.
pub(super) fn push(job: &Job) -> Result {
    let Some(place) = repository(job)? else { return Ok(None) };
    let Some(operands) = job.operands() else { return Ok(None) };
    let line = |printed: Printed| printed.text();
    let branch = line(ask(job, GIT_BRANCH, &[&place])?);
    let config = |key: String| -> std::result::Result<String, Failed> {
        Ok(line(ask(job, GIT_CONFIG, &[&place, &[key]])?))
    };
    let mut operands = operands.into_iter();
    let remote = match operands.next() {
        Some(remote) => remote,
        None => {
            let own = config(format!("branch.{branch}.remote"))?;
            if own.is_empty() { "origin".to_owned() } else { own }
        }
    };
    let specs: Vec<String> = operands.collect();
    let spec = match specs.as_slice() {
        [] => branch.clone(),
        [spec] => spec.trim_start_matches('+').to_owned(),
        _ => return Ok(None),
    };
    let (from, to) = spec.split_once(':').map_or((spec.as_str(), spec.as_str()), |pair| pair);
    let to = if to == "HEAD" { branch.as_str() } else { to };
    if to.is_empty() || spec.contains('*') || remote.starts_with('-') || from.starts_with('-') {
        return Ok(None);
    }
    let full = if to.starts_with("refs/") { to.to_owned() } else { format!("refs/heads/{to}") };
    let listed = ask(job, GIT_REMOTE, &[&place, &[remote, full]])?.success("git ls-remote")?;
    let listed = listed.text();
    let there = listed.split('\t').next().unwrap_or_default().to_owned();
    if there.is_empty() || !there.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let undo = (Reversibility(0), "the remote has no such branch yet".to_owned());
        let hits = format!("no commits: the remote has no branch {}", escape(to));
        return Ok(Some(Found {
            count: Count::Exact(0),
            hits,
            undo: Some(undo),
            ..Found::default()
        }));
    }
    let have = text(&[&format!("{there}^{{commit}}")]);
    if !ask(job, GIT_RESOLVE, &[&place, &have])?.ok {
        return Ok(Some(never_fetched(to)));
    }
    let deletes = job.has(&["-d", "--delete"]) || from.is_empty();
    let keep = if deletes { "--branches" } else { from };
    let printed = log(job, &place, &text(&[&there, "--not", keep]))?;
    let own = config("user.name".to_owned())?;
    Ok(Some(dropped(&printed, to, &escape(&own))))
}

fn never_fetched(to: &str) -> Found {
    Found {
        count: Count::Unknown,
        hits: format!(
            "the remote's {} has commits that were never fetched: treated as more than 100",
            escape(to)
        ),
        undo: Some((Reversibility(4), "they are not in this clone".to_owned())),
        flags: vec![Flag::Others],
        seen: "somebody has pushed since the last fetch".to_owned(),
        ..Found::default()
    }
}

fn dropped(printed: &Printed, to: &str, own: &str) -> Found {
    let n = commits(printed);
    let authors = authors(printed);
    let others: Vec<String> = authors
        .iter()
        .filter(|author| own.is_empty() || !author.starts_with(&format!("{own} (")))
        .cloned()
        .collect();
    let undo = match n {
        0 => (Reversibility(0), "the remote loses no commit".to_owned()),
        _ => (Reversibility(4), "this clone holds them until git cleans up".to_owned()),
    };
    let whose = if n > 0 { format!(" by {}", first(&authors)) } else { String::new() };
    let hits = format!("{} of {} dropped{whose}", words::count(n, "commit"), escape(to));
    Found {
        count: counted(n, printed.cut),
        hits,
        undo: Some(undo),
        flags: if others.is_empty() { Vec::new() } else { vec![Flag::Others] },
        seen: if others.is_empty() { String::new() } else { first(&others) },
        ..Found::default()
    }
}
