//! ZFS: the datasets and snapshots that go, the bytes they hold, what is mounted
//! of them and which clones depend on them. `zfs destroy -n` would tell more and
//! is one letter from the deed, so `zfs list` is all that is asked.

use super::client::ask;
use super::commands::ZFS_LIST;
use super::files::size;
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Reversibility};
use crate::text::words;

/// One line of `zfs list`.
#[derive(Debug)]
struct Entry {
    name: String,
    kind: String,
    used: u64,
    /// Since the snapshot before it.
    written: u64,
    mounted: bool,
    clones: Vec<String>,
}

impl Entry {
    fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, kind, used, written, mounted, clones] = fields.as_slice() else { return None };
        let number = |field: &str| match field {
            "-" => Some(0),
            field => field.parse().ok(),
        };
        let clones = clones.split(',').filter(|name| !matches!(*name, "" | "-"));
        Some(Self {
            name: (*name).to_owned(),
            kind: (*kind).to_owned(),
            used: number(used)?,
            written: number(written)?,
            mounted: *mounted == "yes",
            clones: clones.map(str::to_owned).collect(),
        })
    }

    /// Dataset and name of a snapshot.
    fn snapshot(&self) -> Option<(&str, &str)> {
        if self.kind == "snapshot" { self.name.split_once('@') } else { None }
    }
}

/// Everything below one dataset, or only its own snapshots.
fn list(job: &Job, name: &str, below: bool) -> std::result::Result<Vec<Entry>, Failed> {
    let depth: &[&str] = if below { &["-r"] } else { &["-d", "1"] };
    let depth: Vec<String> = depth.iter().map(|word| (*word).to_owned()).collect();
    let printed = ask(job, ZFS_LIST, &[&depth, &[name.to_owned()]])?.success("zfs")?;
    if printed.cut {
        return Err(Failed::new("more datasets than a probe reads"));
    }
    let entries: Option<Vec<Entry>> = printed.text().lines().map(Entry::read).collect();
    let entries = entries.filter(|entries| entries.iter().any(|entry| entry.name == name));
    entries.ok_or_else(|| Failed::new("zfs printed what cannot be read"))
}

/// The one operand of the command.
fn operand(job: &Job) -> Option<String> {
    match job.operands()?.as_slice() {
        [name] if !name.is_empty() && !name.starts_with('-') => Some(name.clone()),
        _ => None,
    }
}

/// `zfs destroy`.
pub(super) fn destroyed(job: &Job) -> Result {
    let Some(name) = operand(job) else { return Ok(None) };
    if name.contains('#') {
        return Ok(None);
    }
    match name.split_once('@') {
        Some((dataset, which)) => snapshots(job, dataset, which),
        None => whole(job, &name, String::new()),
    }
}

/// `zpool destroy`. What takes single devices is not looked at.
pub(super) fn pool(job: &Job) -> Result {
    let Some(name) = operand(job) else { return Ok(None) };
    if job.invocation.subcommand.iter().any(|word| word == "destroy") {
        let backup = "`zpool import -D` until its devices are used again".to_owned();
        return whole(job, &name, backup);
    }
    Ok(None)
}

fn whole(job: &Job, name: &str, backup: String) -> Result {
    let all = list(job, name, true)?;
    let snapshots = all.iter().filter(|entry| entry.snapshot().is_some()).count() as u64;
    let datasets = all.len() as u64 - snapshots;
    let used = all.iter().find(|entry| entry.name == name).map_or(0, |entry| entry.used);
    let mounted = all.iter().filter(|entry| entry.mounted).count();
    let mut hits = format!(
        "{}, {}, {} used, {mounted} mounted",
        words::count(datasets, "dataset"),
        words::count(snapshots, "snapshot"),
        size(used)
    );
    let elsewhere = |clone: &&String| !all.iter().any(|entry| entry.name == **clone);
    let clones = all.iter().flat_map(|entry| &entry.clones).filter(elsewhere).count() as u64;
    hits += &cloned(clones, job.has(&["-R"]));
    let n = datasets + snapshots + clones;
    let count = if clones > 0 { Count::AtLeast(n) } else { Count::Exact(n) };
    let undo = Some((Reversibility(4), "no copy elsewhere was seen".to_owned()));
    Ok(Some(Found { count, hits, undo, backup, ..Found::default() }))
}

/// What hangs on a snapshot: it goes along with -R and stops the command without.
fn cloned(clones: u64, along: bool) -> String {
    match (clones, along) {
        (0, _) => String::new(),
        (n, true) => format!(", {} elsewhere too", words::count(n, "clone")),
        (n, false) => format!(", {} elsewhere in the way", words::count(n, "clone")),
    }
}

/// `zfs destroy DATASET@a,b%c`: `%` is a range from the older to the newer one.
fn snapshots(job: &Job, dataset: &str, which: &str) -> Result {
    let below = job.has(&["-r", "-R"]);
    let all = list(job, dataset, below)?;
    let mut folders: Vec<&str> = all.iter().filter_map(Entry::snapshot).map(|(of, _)| of).collect();
    folders.dedup();
    let mut hit: Vec<&Entry> = Vec::new();
    for folder in folders.iter().filter(|folder| below || **folder == dataset) {
        let own: Vec<&Entry> =
            all.iter().filter(|e| e.snapshot().is_some_and(|(of, _)| of == *folder)).collect();
        let at = |name: &str| own.iter().position(|e| e.snapshot().is_some_and(|s| s.1 == name));
        for part in which.split(',') {
            let (from, to) = part.split_once('%').unwrap_or((part, part));
            let from = if from.is_empty() { Some(0) } else { at(from) };
            let to = if to.is_empty() { own.len().checked_sub(1) } else { at(to) };
            if let (Some(from), Some(to)) = (from, to) {
                hit.extend(own.get(from..=to).unwrap_or_default());
            }
        }
    }
    hit.sort_by(|a, b| a.name.cmp(&b.name));
    hit.dedup_by(|a, b| a.name == b.name);
    let own = all.iter().filter(|entry| entry.snapshot().is_some()).count();
    let used = hit.iter().map(|entry| entry.used).fold(0, u64::saturating_add);
    let n = hit.len() as u64;
    let clones = hit.iter().map(|entry| entry.clones.len() as u64).sum();
    let mut hits =
        format!("{} of {own}, at least {} only they hold", words::count(n, "snapshot"), size(used));
    hits += &cloned(clones, job.has(&["-R"]));
    let undo = Some((Reversibility(4), "a snapshot has no copy".to_owned()));
    Ok(Some(Found { count: Count::Exact(n + clones), hits, undo, ..Found::default() }))
}

/// `zfs rollback [-r] DATASET@SNAPSHOT`: the newer snapshots and what was written
/// since.
pub(super) fn rolled_back(job: &Job) -> Result {
    let Some(name) = operand(job) else { return Ok(None) };
    let Some((dataset, _)) = name.split_once('@') else { return Ok(None) };
    let all = list(job, dataset, false)?;
    let own = |entry: &&Entry| entry.snapshot().is_some_and(|(of, _)| of == dataset);
    let mut later = all.iter().filter(own).skip_while(|entry| entry.name != name);
    if later.next().is_none() {
        return Err(Failed::new("there is no such snapshot"));
    }
    let newer: Vec<&Entry> = later.collect();
    let own = all.iter().find(|entry| entry.name == dataset);
    let (written, mounted) = own.map_or((0, false), |entry| (entry.written, entry.mounted));
    let written = newer.iter().map(|entry| entry.written).fold(written, u64::saturating_add);
    let clones = newer.iter().map(|entry| entry.clones.len() as u64).sum();
    let n = newer.len() as u64;
    let goes = if job.has(&["-r", "-R"]) { "" } else { " in the way" };
    let mut hits = format!(
        "{} written since, {}{}{}",
        size(written),
        words::count(n, "newer snapshot"),
        if n > 0 { goes } else { "" },
        if mounted { ", mounted" } else { "" }
    );
    hits += &cloned(clones, job.has(&["-R"]));
    let undo = Some((Reversibility(4), "what was written since has no copy".to_owned()));
    Ok(Some(Found { count: Count::Exact(1 + n + clones), hits, undo, ..Found::default() }))
}
