//! This machine: which processes fit, which units need what is stopped, and
//! what a package manager would take along. Everybody is told the same, so
//! these look for `sudo` too.

use super::client::{Printed, ask};
use super::commands::{APT_SIMULATE, PGREP, SYSTEMCTL_REVERSE};
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

/// Units of one command that are looked at.
const MOST: usize = 4;
/// Programs and packages that are named.
const NAMED: usize = 3;
/// Packages without which the machine does not start or cannot be repaired,
/// by the line that apt prints above them (apt-get(8)).
const ESSENTIAL: &str = "WARNING: The following essential packages will be removed.";

/// `systemctl stop|disable|restart UNIT…`: the units that need these.
pub(super) fn units(job: &Job) -> Result {
    // Units of another machine or container are not asked about here.
    if job.has(&["-H", "--host", "-M", "--machine", "--root", "--image"]) {
        return Ok(None);
    }
    let Some(place) = job.flags(&["--user", "--system"]) else { return Ok(None) };
    let Some(names) = job.operands().filter(|names| !names.is_empty()) else { return Ok(None) };
    if names.iter().any(|name| name.contains(['*', '?', '['])) {
        return Err(Failed::new("a pattern fits any number of units"));
    }
    if names.len() > MOST {
        return Err(Failed::new(format!("more than {MOST} units")));
    }
    let mut needing: Vec<String> = Vec::new();
    for name in &names {
        let printed = ask(job, SYSTEMCTL_REVERSE, &[&place, std::slice::from_ref(name)])?;
        needing.extend(dependents(&printed.success("systemctl")?));
    }
    needing.sort();
    needing.dedup();
    let n = names.len() as u64;
    let mut hits = words::count(n, "unit");
    if !needing.is_empty() {
        let named = needing.iter().take(NAMED).map(|name| escape(name)).collect::<Vec<_>>();
        let more = if needing.len() > NAMED { ", …" } else { "" };
        hits += &format!(", needed by {} ({}{more})", needing.len(), named.join(", "));
    }
    let count = Count::Exact(n + needing.len() as u64);
    let undo = Some((Reversibility(2), "systemctl start".to_owned()));
    Ok(Some(Found { count, hits, undo, ..Found::default() }))
}

/// The units of a tree of dependencies, without the one that it is of and
/// without targets, which need everything.
fn dependents(printed: &Printed) -> Vec<String> {
    let text = printed.text();
    let name = |line: &str| {
        let line = line.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        line.split_whitespace().next().unwrap_or_default().to_owned()
    };
    let all = text.lines().skip(1).map(name);
    all.filter(|name| !name.is_empty() && !name.ends_with(".target")).collect()
}

/// Options that pkill and pgrep read alike (pgrep(1)), and those of killall
/// that pgrep has under another name.
const CHOICE: &[&str] = &[
    "-f",
    "--full",
    "-i",
    "--ignore-case",
    "-x",
    "--exact",
    "-n",
    "--newest",
    "-o",
    "--oldest",
    "-v",
    "--inverse",
    "-u",
    "--euid",
    "-U",
    "--uid",
    "-g",
    "--pgroup",
    "-G",
    "--group",
    "-P",
    "--parent",
    "-s",
    "--session",
    "-t",
    "--terminal",
];

/// `pkill`, `killall`: the processes that fit now.
pub(super) fn processes(job: &Job) -> Result {
    let program = job.invocation.program.as_deref().unwrap_or_default();
    let Some(patterns) = job.operands() else { return Ok(None) };
    // killall means a name, pgrep a pattern for it.
    let literal = program == "killall" && !job.has(&["-r", "--regexp"]);
    let patterns: Vec<String> = match literal {
        true => patterns.iter().map(|name| regex_lite::escape(name)).collect(),
        false => patterns,
    };
    let (choice, patterns) = match program {
        "pkill" => (job.flags(CHOICE), patterns),
        "killall" => (killall(job), patterns),
        _ => return Ok(None),
    };
    let Some(choice) = choice else { return Ok(None) };
    let mut lines = Vec::new();
    if patterns.is_empty() {
        lines.extend(matching(job, &choice, &[])?);
    }
    for pattern in patterns.iter().take(MOST) {
        lines.extend(matching(job, &choice, std::slice::from_ref(pattern))?);
    }
    if patterns.len() > MOST {
        return Err(Failed::new(format!("more than {MOST} names")));
    }
    // guard itself and its probe are among what a wide pattern fits.
    let own = [nix::unistd::getpid().to_string()];
    lines.retain(|(pid, _)| !own.contains(pid));
    lines.sort();
    lines.dedup();
    let n = lines.len() as u64;
    let hits = format!("{}{}", words::count(n, "process"), programs(&lines));
    Ok(Some(Found { count: Count::Exact(n), hits, ..Found::default() }))
}

/// killall takes the name of a program as it is; with -r a pattern for it.
fn killall(job: &Job) -> Option<Vec<String>> {
    if job.has(&["-o", "--older-than", "-y", "--younger-than", "-n", "--ns", "-Z", "--context"]) {
        return None;
    }
    let mut out = vec!["-x".to_owned()];
    out.extend(job.has(&["-I", "--ignore-case"]).then(|| "-i".to_owned()));
    if let Some(user) = job.value(&["-u", "--user"]) {
        out.extend(["-u".to_owned(), user.to_owned()]);
    } else if job.has(&["-u", "--user"]) {
        return None;
    }
    Some(out)
}

/// Number and name of each process that fits.
fn matching(
    job: &Job,
    choice: &[String],
    pattern: &[String],
) -> std::result::Result<Vec<(String, String)>, Failed> {
    let printed = ask(job, PGREP, &[choice, pattern])?;
    // 1 with nothing printed: none fits (pgrep(1)).
    let none = printed.bytes.is_empty() && printed.errors.is_empty();
    if !(printed.ok || none) {
        return Err(Failed::new(format!("pgrep: {}", printed.error())));
    }
    if printed.cut {
        return Err(Failed::new("more processes than a probe reads"));
    }
    let text = printed.text();
    let pair = |line: &str| {
        let (pid, name) = line.split_once(' ')?;
        Some((pid.to_owned(), name.to_owned()))
    };
    Ok(text.lines().filter_map(pair).collect())
}

fn programs(lines: &[(String, String)]) -> String {
    let mut names: Vec<(&str, u64)> = Vec::new();
    for (_, name) in lines {
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, n)) => *n += 1,
            None => names.push((name, 1)),
        }
    }
    names.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let named: Vec<String> =
        names.iter().take(NAMED).map(|(name, n)| format!("{n} {}", escape(name))).collect();
    match names.len() {
        0 => String::new(),
        n if n > NAMED => format!(": {}, …", named.join(", ")),
        _ => format!(": {}", named.join(", ")),
    }
}

/// `apt-get remove|purge|autoremove PACKAGE…`.
pub(super) fn packages(job: &Job) -> Result {
    let action = match job.invocation.subcommand.first().map(String::as_str) {
        Some("remove") => "remove",
        Some("purge") => "purge",
        Some("autoremove" | "auto-remove") => "autoremove",
        Some("autopurge") => "autopurge",
        _ => return Ok(None),
    };
    // Settings of the command's own could name programs to start.
    if job.has(&["-o", "--option", "-c", "--config-file", "-t", "--target-release"]) {
        return Ok(None);
    }
    let Some(names) = job.operands() else { return Ok(None) };
    let mut action = vec![action.to_owned()];
    let more = ["--purge", "--auto-remove", "--autoremove"];
    action.extend(more.iter().filter(|name| job.has(&[name])).map(|name| (*name).to_owned()));
    let printed = ask(job, APT_SIMULATE, &[&action, &names])?.success("apt-get")?;
    let text = printed.text();
    let removed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("Remv ").or_else(|| line.strip_prefix("Purg ")))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let also: Vec<String> = removed
        .iter()
        .filter(|name| !names.iter().any(|asked| asked == *name))
        .map(|name| escape(name))
        .collect();
    let n = removed.len() as u64;
    let mut hits = words::count(n, "package");
    if !also.is_empty() {
        let more = if also.len() > NAMED { ", …" } else { "" };
        let named = also.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        hits += &format!(", {} not named: {named}{more}", also.len());
    }
    let essential = text.lines().any(|line| line == ESSENTIAL);
    let undo = if essential {
        (Reversibility(4), "essential: it may not start again".to_owned())
    } else if text.lines().any(|line| line.starts_with("Purg ")) {
        (Reversibility(3), "configuration goes too".to_owned())
    } else {
        (Reversibility(2), "apt-get install".to_owned())
    };
    let flags = if essential { vec![Flag::Access] } else { Vec::new() };
    Ok(Some(Found { count: Count::Exact(n), hits, undo: Some(undo), flags, ..Found::default() }))
}
