//! LVM: the volumes that go with what they hold, what goes along with them
//! (snapshots of them, thin volumes of a pool) and what is mounted of them.

use serde_json::Value;

use super::client::{Printed, ask};
use super::commands::{LVS, PVS};
use super::files::size;
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Reversibility};
use crate::text::{escape, words};

/// Volumes that are named on the screen.
const NAMED: usize = 3;

/// A logical volume.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Volume {
    group: String,
    name: String,
    size: u64,
    /// What it is a snapshot of.
    origin: String,
    /// The thin pool that it lies in.
    pool: String,
}

impl Volume {
    /// In a report all values are texts.
    fn read(report: &Value) -> Option<Self> {
        let text = |key: &str| report.get(key).and_then(Value::as_str);
        Some(Self {
            group: text("vg_name")?.to_owned(),
            name: text("lv_name")?.to_owned(),
            size: text("lv_size")?.parse().ok()?,
            origin: text("origin").unwrap_or_default().to_owned(),
            pool: text("pool_lv").unwrap_or_default().to_owned(),
        })
    }

    /// Whether it goes when the other one does: a thin snapshot stays.
    fn follows(&self, other: &Self) -> bool {
        let of = if self.pool.is_empty() { &self.origin } else { &self.pool };
        self.group == other.group && *of == other.name
    }

    /// The device as the kernel mounts it: a hyphen of a name is doubled.
    fn device(&self) -> String {
        let part = |name: &str| name.replace('-', "--");
        format!("/dev/mapper/{}-{}", part(&self.group), part(&self.name))
    }
}

/// The entries of the only report that is printed.
fn entries<T>(
    printed: &Printed,
    kind: &str,
    read: fn(&Value) -> Option<T>,
) -> std::result::Result<Vec<T>, Failed> {
    let report: Option<Value> = serde_json::from_slice(&printed.bytes).ok();
    let list =
        report.as_ref().and_then(|report| report.pointer("/report/0")?.get(kind)?.as_array());
    let list: Option<Vec<T>> = list.and_then(|list| list.iter().map(read).collect());
    list.ok_or_else(|| Failed::new("lvm printed what cannot be read"))
}

fn volumes(job: &Job, names: &[String]) -> std::result::Result<Vec<Volume>, Failed> {
    let selection = job.flags(&["-S", "--select"]);
    let selection = selection.ok_or_else(|| Failed::new("which volumes is not known"))?;
    let printed = ask(job, LVS, &[&selection, names])?.success("lvs")?;
    entries(&printed, "lv", Volume::read)
}

/// A name that is a group and no option (lvm(8)).
fn plain(name: &str) -> bool {
    !name.starts_with('-')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
}

/// `lvremove`, `vgremove`, `pvremove`.
pub(super) fn removed(job: &Job) -> Result {
    let Some(names) = job.operands() else { return Ok(None) };
    let result = match job.invocation.program.as_deref() {
        Some("lvremove" | "vgremove") => logical(job, &names),
        Some("pvremove") if !names.is_empty() => physical(job, &names),
        _ => return Ok(None),
    };
    // Only root is told. The command of anybody else does nothing, and what sudo
    // would be told is not known here.
    match result {
        Err(_) if !nix::unistd::geteuid().is_root() => Ok(None),
        result => result,
    }
}

fn logical(job: &Job, names: &[String]) -> Result {
    let mut gone = volumes(job, names)?;
    let groups = job.invocation.program.as_deref() == Some("vgremove");
    if gone.is_empty() && !groups {
        return Err(Failed::new("lvs found no such volume"));
    }
    let mut others: Vec<String> = gone.iter().map(|volume| volume.group.clone()).collect();
    others.sort();
    others.dedup();
    if !groups && others.iter().all(|name| plain(name)) {
        let printed = ask(job, LVS, &[&[], &others])?.success("lvs")?;
        along(&mut gone, &entries(&printed, "lv", Volume::read)?);
    }
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounted = |volume: &&Volume| {
        let device = volume.device();
        mounts.lines().any(|line| line.split(' ').next() == Some(device.as_str()))
    };
    let mounted = gone.iter().filter(mounted).count();
    let bytes = gone.iter().map(|volume| volume.size).fold(0, u64::saturating_add);
    let snapshots = gone.iter().filter(|volume| !volume.origin.is_empty()).count() as u64;
    let n = gone.len() as u64;
    let shown = gone.iter().take(NAMED);
    let named: Vec<String> =
        shown.map(|volume| escape(&format!("{}/{}", volume.group, volume.name))).collect();
    let more = if gone.len() > NAMED { ", …" } else { "" };
    let mut hits = format!("{}, {}", words::count(n, "volume"), size(bytes));
    if n > 0 {
        hits += &format!(" ({}{more}), {mounted} mounted", named.join(", "));
    }
    if snapshots > 0 {
        hits += &format!(", {} among them", words::count(snapshots, "snapshot"));
    }
    let count = Count::Exact(n + if groups { names.len() as u64 } else { 0 });
    let undo = Some((Reversibility(4), "a volume has no copy".to_owned()));
    Ok(Some(Found { count, hits, undo, ..Found::default() }))
}

/// Adds what goes along, and what goes along with that.
fn along(gone: &mut Vec<Volume>, all: &[Volume]) {
    let mut at = 0;
    while let Some(volume) = gone.get(at).cloned() {
        for other in all.iter().filter(|other| other.follows(&volume)) {
            if !gone.contains(other) {
                gone.push(other.clone());
            }
        }
        at += 1;
    }
}

/// The group of each device and how much of it is in use.
fn physical(job: &Job, names: &[String]) -> Result {
    let read = |report: &Value| {
        let text = |key: &str| report.get(key).and_then(Value::as_str);
        Some((text("vg_name")?.to_owned(), text("pv_used")?.parse::<u64>().ok()?))
    };
    let printed = ask(job, PVS, &[names])?.success("pvs")?;
    let found: Vec<(String, u64)> = entries(&printed, "pv", read)?;
    let used = found.iter().map(|(_, used)| *used).fold(0, u64::saturating_add);
    let mut groups: Vec<String> = found.iter().map(|(group, _)| escape(group)).collect();
    groups.retain(|group| !group.is_empty());
    groups.dedup();
    let n = names.len() as u64;
    let of = match groups.is_empty() {
        true => "of no group".to_owned(),
        false => format!("of {}, {} used", groups.join(", "), size(used)),
    };
    let hits = format!("{} {of}", words::count(n, "device"));
    let undo = Some((Reversibility(4), "what was on it has no copy".to_owned()));
    Ok(Some(Found { count: Count::Exact(n), hits, undo, ..Found::default() }))
}
