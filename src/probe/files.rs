//! rm and its friends, in process: what is there, how much, whose, and whether
//! git could bring it back. Nothing is opened; symbolic links are not followed.

mod tracked;
mod walk;
mod written;

use std::path::{Path, PathBuf};

use super::client::ask;
use super::commands::FIND;
use super::{Failed, Found, Job, Result};
use crate::model::{Count, Flag, Part, Word};
use crate::text::{escape, words};
use walk::Tally;
pub(super) use walk::size;
pub(super) use written::{modes, over, synced};

/// Paths that a pattern is expanded to at most.
const MAX_EXPANDED: usize = 100_000;

/// `rm`, `shred`: the operands, patterns expanded.
pub(super) fn removed(job: &Job) -> Result {
    let Some(paths) = expanded(job, &job.invocation.operands) else { return Ok(None) };
    if paths.is_empty() {
        return Ok(None);
    }
    let recursive = job.has(&["-r", "-R", "--recursive"])
        || job.invocation.program.as_deref() == Some("rimraf");
    let mut tally = Tally::new(job.until);
    // The index is read while the walk reads the folders.
    let held = std::thread::scope(|scope| {
        let held = scope.spawn(|| tracked::look(job, &paths));
        paths.iter().for_each(|path| tally.add(path, recursive));
        held.join().unwrap_or_else(|_| Err(Failed::new("the probe broke off")))
    })?;
    let mut found = tally.found();
    let held = held.map(|held| held.complete(job, &paths, &tally)).transpose()?;
    if let Some((text, undo)) = held.and_then(|held| held.committed(&tally)) {
        found.hits = format!("{text}, of {}", found.hits);
        found.undo = Some(undo);
    }
    if let Some(text) = super::git::only_here(job, &tally.holds) {
        found.hits = format!("{text}, {}", found.hits);
    }
    if paths.iter().any(|path| path.file_name().is_some_and(|name| name == "~")) {
        // It is a file here, and the home in the next command that is typed.
        found.hits = format!("an entry that is named '~', {}", found.hits);
    }
    let resolved: Vec<PathBuf> = paths.iter().filter_map(|path| elsewhere(path)).collect();
    if let Some(first) = resolved.first() {
        found.hits = format!("really {}: {}", escape(&first.to_string_lossy()), found.hits);
    }
    if tally.live() {
        // Before all: the end of a long line is cut.
        found.hits = format!("a running database (postmaster.pid), {}", found.hits);
    }
    for path in &resolved {
        let top = path.parent().is_none_or(|parent| parent == Path::new("/"));
        if top || job.homes.iter().any(|home| path == Path::new(home)) {
            found.flags.push(Flag::Root);
        }
        if !job.project.as_ref().is_some_and(|project| path.starts_with(project)) {
            found.flags.push(Flag::Outside);
        }
    }
    Ok(Some(found))
}

/// `pg_resetwal`, `pg_rewind`: the folder that a server keeps its data in, whether
/// one runs there, and when its log was last archived.
pub(super) fn data_folder(job: &Job) -> Result {
    let named = job.value(&["-D", "--pgdata", "--target-pgdata"]).map(str::to_owned);
    let operand = || job.operands()?.into_iter().next();
    let Some(folder) = named.or_else(operand).map(|name| job.path(&name)) else { return Ok(None) };
    // pg_dropcluster names a version and a cluster, not a folder.
    if !folder.join("PG_VERSION").is_file() {
        return Ok(None);
    }
    let mut tally = Tally::new(job.until);
    tally.add(&folder, true);
    let mut found = tally.found();
    found.hits = match tally.live() {
        true => format!("a running database (postmaster.pid), {}", found.hits),
        false => format!("a database that does not run, {}", found.hits),
    };
    Ok(Some(found))
}

/// Where an operand leads when a folder on the way is a link.
fn elsewhere(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?.canonicalize().ok()?;
    let real = match path.file_name() {
        Some(name) => parent.join(name),
        None => path.canonicalize().ok()?,
    };
    let normal: PathBuf = path.components().collect();
    (real != normal).then_some(real)
}

/// `mv A B DIR`: what stands there and is overwritten.
pub(super) fn moved_over(job: &Job) -> Result {
    let target = job.value(&["-t", "--target-directory"]).map(str::to_owned);
    let Some((last, sources)) = job.invocation.operands.split_last() else { return Ok(None) };
    let (sources, target) = match target {
        Some(target) => (job.invocation.operands.as_slice(), target),
        None => match last.as_static() {
            Some(last) => (sources, last.to_owned()),
            None => return Ok(None),
        },
    };
    let Some(sources) = expanded(job, sources) else { return Ok(None) };
    let target = job.path(&target);
    let into = target.is_dir();
    let mut seen = std::collections::BTreeSet::new();
    let mut over = 0;
    for source in &sources {
        let to = match source.file_name() {
            Some(name) if into => target.join(name),
            _ => target.clone(),
        };
        // The second of two that get the same name overwrites the first.
        let again = !seen.insert(to.clone());
        over += u64::from(again || (to.symlink_metadata().is_ok() && !to.is_dir()));
    }
    let mut hits = format!("{} overwritten", words::count(over, "file"));
    if !into && sources.len() > 1 {
        hits += ", the target is no folder";
    }
    hits += &format!(", {} moved", words::count(sources.len() as u64, "entry"));
    Ok(Some(Found { count: Count::Exact(over.max(1)), hits, ..Found::default() }))
}

/// `find … -delete`: the same find, printing.
pub(super) fn found(job: &Job) -> Result {
    let Some((_, argv)) = job.invocation.argv.split_first() else { return Ok(None) };
    let mut words = Vec::new();
    for word in argv {
        let Some(word) = word.as_static() else { return Ok(None) };
        match word {
            "-delete" => {}
            // Every other action, and what reads a list of names.
            _ if ["-exec", "-ok", "-fprint", "-fls", "-files0"]
                .iter()
                .any(|a| word.starts_with(a)) =>
            {
                return Ok(None);
            }
            "-print" | "-print0" | "-ls" | "-printf" | "-quit" => return Ok(None),
            _ => words.push(word.to_owned()),
        }
    }
    let printed = ask(job, FIND, &[&words])?;
    if !printed.ok {
        let seen = words::count(printed.nuls, "entry");
        return Err(Failed { why: format!("find: {}", printed.error()), seen });
    }
    let hits = words::count(printed.nuls, "entry");
    Ok(Some(Found { count: Count::Exact(printed.nuls), hits, ..Found::default() }))
}

/// The words as paths, patterns expanded as a shell does; `None` when a part is
/// not known.
fn expanded(job: &Job, operands: &[Word]) -> Option<Vec<PathBuf>> {
    let mut out = Vec::new();
    for word in operands {
        if word.has_hole() {
            return None;
        }
        match word.as_static() {
            Some(text) => out.push(job.path(text)),
            None => out.extend(glob(job, word)?),
        }
        if out.len() > MAX_EXPANDED {
            return None;
        }
    }
    Some(out)
}

/// One component of a pattern: characters, each with whether it is active.
type Component = Vec<(char, bool)>;

fn glob(job: &Job, word: &Word) -> Option<Vec<PathBuf>> {
    let mut components: Vec<Component> = vec![Vec::new()];
    for part in &word.parts {
        let (text, active) = match part {
            Part::Text(text) => (text, false),
            Part::Glob(text) => (text, true),
            Part::Hole(_) => return None,
        };
        for c in text.chars() {
            match c {
                '/' => components.push(Vec::new()),
                // Sets and extended patterns are left to the shell.
                '[' | ']' | '(' | ')' | '{' | '}' if active => return None,
                _ => components.last_mut()?.push((c, active)),
            }
        }
    }
    let absolute = components.len() > 1 && components.first().is_some_and(Vec::is_empty);
    let mut paths = vec![if absolute { PathBuf::from("/") } else { job.cwd.clone() }];
    for component in components.iter().filter(|component| !component.is_empty()) {
        let plain: String = component.iter().map(|(c, _)| *c).collect();
        if !component.iter().any(|(c, active)| *active && matches!(c, '*' | '?')) {
            paths.iter_mut().for_each(|path| path.push(&plain));
            continue;
        }
        let mut next = Vec::new();
        for path in &paths {
            for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
                let name = entry.file_name();
                let text = name.to_string_lossy();
                let hidden = text.starts_with('.') && component.first().is_none_or(|c| c.0 != '.');
                if !hidden && fits(component, &text.chars().collect::<Vec<_>>()) {
                    next.push(path.join(&name));
                }
            }
            if next.len() > MAX_EXPANDED {
                return None;
            }
        }
        paths = next;
    }
    Some(paths)
}

/// Whether a name fits a pattern, in time that grows with the product of both.
fn fits(pattern: &[(char, bool)], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = name.get(n) {
        match pattern.get(p) {
            Some(('*', true)) => {
                star = Some((p, n));
                p += 1;
            }
            Some((want, active)) if (*active && *want == '?') || want == c => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    n = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|part| *part == ('*', true))
}
