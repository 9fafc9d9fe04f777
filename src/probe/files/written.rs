//! What a command writes over, gives other owners or modes, or makes equal to
//! another folder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::super::client::{Extra, ask_with};
use super::super::commands::RSYNC;
use super::super::{Failed, Found, Job, Result};
use super::walk::Tally;
use super::{expanded, tracked};
use crate::model::{Count, RedirectOp, Word};
use crate::text::words;

/// `>`, `tee`, `truncate`, `cp`: the files that are there, and whether git holds
/// what they hold.
pub(in super::super) fn over(job: &Job) -> Result {
    let Some(mut targets) = targets(job) else { return Ok(None) };
    // What is written through a link is what it leads to.
    for path in &mut targets {
        if let Ok(real) = path.canonicalize() {
            *path = real;
        }
    }
    targets.sort();
    targets.dedup();
    let (there, new): (Vec<PathBuf>, Vec<PathBuf>) =
        targets.into_iter().partition(|path| path.metadata().is_ok());
    // A device or a pipe is no file that loses something.
    if there.iter().any(|path| path.metadata().is_ok_and(|meta| !meta.is_file())) {
        return Ok(None);
    }
    if there.is_empty() {
        let hits = format!("{}, nothing there yet", words::count(new.len() as u64, "file"));
        let count = Count::Exact(new.len() as u64);
        return Ok((!new.is_empty()).then(|| Found { count, hits, ..Found::default() }));
    }
    let mut tally = Tally::new(job.until);
    there.iter().for_each(|path| tally.add(path, false));
    let mut found = tally.found();
    found.hits += " written over";
    let held = tracked::look(job, &there)?;
    let held = held.map(|held| held.complete(job, &there, &tally)).transpose()?;
    if let Some((text, undo)) = held.and_then(|held| held.committed(&tally)) {
        found.hits = format!("{text}, of {}", found.hits);
        found.undo = Some(undo);
    }
    Ok(Some(found))
}

/// The files that the command writes, as far as its words say; `None` where they
/// are not known.
fn targets(job: &Job) -> Option<Vec<PathBuf>> {
    let inv = &job.invocation;
    let empties =
        |op| matches!(op, RedirectOp::Write | RedirectOp::Clobber | RedirectOp::WriteBoth);
    let redirects = inv.redirects.iter().filter(|redirect| empties(redirect.op));
    let mut out = Vec::new();
    for redirect in redirects {
        out.push(job.path(redirect.target.as_static()?));
    }
    match inv.program.as_deref().unwrap_or_default() {
        "tee" | "gtee" if !job.has(&["-a", "--append"]) => {
            out.extend(expanded(job, &inv.operands)?);
        }
        "truncate" | "gtruncate" => out.extend(expanded(job, &inv.operands)?),
        "cp" | "gcp" | "install" | "ginstall" if !job.has(&["-d", "--directory"]) => {
            out.extend(copied(job, &inv.operands)?);
        }
        _ => {}
    }
    Some(out)
}

/// Where `cp SOURCE… TARGET` puts its files; a folder is not walked for it.
fn copied(job: &Job, operands: &[Word]) -> Option<Vec<PathBuf>> {
    let (sources, target) = match job.value(&["-t", "--target-directory"]) {
        Some(target) => (operands, target.to_owned()),
        None => {
            let (last, sources) = operands.split_last()?;
            (sources, last.as_static()?.to_owned())
        }
    };
    let target = job.path(&target);
    if !target.is_dir() {
        return Some(vec![target]);
    }
    let names = expanded(job, sources)?;
    let inside = |path: &PathBuf| Some(target.join(path.file_name()?));
    Some(names.iter().filter_map(inside).filter(|path| !path.is_dir()).collect())
}

/// `chmod`, `chown`, `chgrp`: what gets another mode or owner.
pub(in super::super) fn modes(job: &Job) -> Result {
    let operands = &job.invocation.operands;
    // The first word is the mode or the owner, unless a file stands for it.
    let skipped = usize::from(!job.has(&["--reference"]));
    let Some(paths) = expanded(job, operands.get(skipped..).unwrap_or_default()) else {
        return Ok(None);
    };
    if paths.is_empty() {
        return Ok(None);
    }
    let recursive = job.has(&["-R", "--recursive"]);
    let mut tally = Tally::new(job.until);
    paths.iter().for_each(|path| tally.add(path, recursive));
    Ok(Some(Found { undo: None, ..tally.found() }))
}

/// Options of rsync that say what is copied and deleted, and start and write
/// nothing. With any other one nothing is asked.
const SYNC: &[&str] = &[
    "-a",
    "--archive",
    "-r",
    "--recursive",
    "-l",
    "--links",
    "-L",
    "--copy-links",
    "-p",
    "--perms",
    "-t",
    "--times",
    "-g",
    "--group",
    "-o",
    "--owner",
    "-D",
    "-H",
    "--hard-links",
    "-A",
    "--acls",
    "-X",
    "--xattrs",
    "-u",
    "--update",
    "-c",
    "--checksum",
    "-x",
    "--one-file-system",
    "-d",
    "--dirs",
    "-R",
    "--relative",
    "-S",
    "--sparse",
    "-W",
    "--whole-file",
    "-C",
    "--cvs-exclude",
    "--delete",
    "--delete-before",
    "--delete-during",
    "--del",
    "--delete-delay",
    "--delete-after",
    "--delete-excluded",
    "--force",
    "--ignore-errors",
    "--max-delete",
    "--exclude",
    "--include",
    "--exclude-from",
    "--include-from",
    "-f",
    "--filter",
    "--existing",
    "--ignore-existing",
    "--size-only",
    "--inplace",
    "--no-perms",
    "--no-owner",
    "--no-group",
    "--no-times",
];
/// Options that only change what is printed, and are left out.
const QUIET: &[&str] = &[
    "-v",
    "--verbose",
    "-q",
    "--quiet",
    "-h",
    "--human-readable",
    "-P",
    "--progress",
    "--stats",
    "-z",
    "--compress",
    "-i",
    "--itemize-changes",
    "--partial",
    "--info",
];

/// `rsync --delete` between folders of this machine: its own dry run.
pub(in super::super) fn synced(job: &Job) -> Result {
    let Some(operands) = job.operands() else { return Ok(None) };
    let known = |name: &str| SYNC.contains(&name) || QUIET.contains(&name);
    let options = &job.invocation.options;
    // HOST:PATH and rsync://HOST are other machines; a colon behind a slash is a name.
    let remote = |word: &String| word.split('/').next().is_some_and(|begin| begin.contains(':'));
    if operands.len() < 2
        || operands.iter().any(remote)
        || !options.iter().all(|option| known(&option.name))
    {
        return Ok(None);
    }
    let Some(flags) = job.flags(SYNC) else { return Ok(None) };
    // No aliases of options from the home: one could take away the -n.
    let home = [("HOME", OsString::from("/"))];
    let extra = Extra { vars: &home, ..Extra::default() };
    let printed = ask_with(job, RSYNC, &[&flags, &operands], extra)?;
    let text = printed.text();
    let gone = text.lines().filter(|line| line.starts_with("*deleting ")).count() as u64;
    // A file that is there already; plus signs are for what is new (rsync(1), %i).
    let changed = |line: &&str| line.starts_with(">f") && !line.starts_with(">f+");
    let over = text.lines().filter(changed).count() as u64;
    let hits = format!("{} deleted, {over} written over", words::count(gone, "entry"));
    if !printed.ok {
        return Err(Failed { why: format!("rsync: {}", printed.error()), seen: hits });
    }
    let n = gone + over;
    let count = if printed.cut { Count::AtLeast(n) } else { Count::Exact(n) };
    let hits = match target_name(job, operands.last()) {
        Some(name) => format!("{hits} in {name}"),
        None => hits,
    };
    Ok(Some(Found { count, hits, ..Found::default() }))
}

fn target_name(job: &Job, target: Option<&String>) -> Option<String> {
    let path = job.path(target?);
    let real = path.canonicalize().unwrap_or(path);
    Path::new(&real).to_str().map(crate::text::escape)
}
