//! What kind of place a path is, from its text alone.
//!
//! Symbolic links and mounts need the file system; the class here is that of
//! the path as written, made absolute and with `.` and `..` taken out.

use super::agents;
use super::places::{
    ASIDE, BUILD_OUTPUT, BUILD_OUTPUT_ANYWHERE, BUILD_PAIRS, BUILD_SUFFIXES, CONTENT,
    HARMLESS_DEVICES, HOME_CACHES, LITTER, NEVER_PROJECT, OTHER_DEVICES, ROOT_PARTS,
    SENSITIVE_HOME, SENSITIVE_SYSTEM, SOURCES, SYSTEM,
};
use super::schema::PathClass;
use crate::model::{Cause, Context, Hole, Part, SCRATCH, Word};

/// What is known of a path after `cd` and normalisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The class.
    pub class: PathClass,
    /// The absolute path, as far as it is known.
    pub path: Option<String>,
}

/// Classifies a word as a path. `cwd` is that of the invocation: `None` for the
/// context's, empty for unknown.
#[must_use]
pub fn judge(word: &Word, cwd: Option<&str>, ctx: &Context) -> Judged {
    let shape = Shape::of(word);
    if shape.text.is_empty() && !shape.complete {
        return Judged { class: unknown_start(word), path: None };
    }
    if shape.complete && is_remote(&shape.text) {
        return Judged { class: PathClass::RemotePath, path: None };
    }
    let Some((absolute, rooted)) = absolute(&shape.text, cwd, ctx) else {
        return Judged { class: relative_to_unknown(&shape), path: None };
    };
    if let Some(judged) = climbing(word, &absolute, &shape.text, ctx) {
        return judged;
    }
    let path = normalise(&absolute);
    let class = if shape.complete {
        classify(&path, shape.everything, ctx)
    } else if shape.item {
        of_item(&path, word, ctx)
    } else if let Some(class) = in_home_of_somebody(word, &path) {
        class
    } else {
        let nonempty = word.holes().next().is_some_and(|hole| hole.nonempty);
        below_unknown(&path, shape.text.ends_with('/'), nonempty, ctx)
    };
    if shape.item && !shape.complete {
        return Judged { class, path: None };
    }
    // `rm -rf build` in an unknown or missing project is still build output.
    let class = if rooted || class != PathClass::Outside { class } else { by_name(&path, class) };
    Judged { class, path: Some(path) }
}

/// The same in a container of this machine, where the project can be anywhere:
/// what is build output by its name is that there too.
#[must_use]
pub fn in_container(judged: Judged) -> Judged {
    let class = match (&judged.path, judged.class) {
        // Below a folder of its own (`/app/.cache`, `/app/tmp/cache`).
        // Elsewhere a folder of the host may be mounted.
        (Some(path), PathClass::Outside) if path.starts_with("/app/") => {
            let mut ends = path.rsplit('/').take(2).filter(|_| path.matches('/').count() > 1);
            let output = ends.any(|name| BUILD_OUTPUT.contains(&name));
            if output { PathClass::BuildOutput } else { judged.class }
        }
        (_, class) => class,
    };
    Judged { class, ..judged }
}

/// The beginning of a word, up to the first hole or pattern.
struct Shape {
    /// Known text; a last component that is only a pattern is cut off.
    text: String,
    /// No hole.
    complete: bool,
    /// The first hole is an item that a search has found below `text`.
    item: bool,
    /// The word means "everything in `text`" (`dir/*`).
    everything: bool,
}

impl Shape {
    fn of(word: &Word) -> Self {
        let mut text = String::new();
        let mut glob_from = None;
        for part in &word.parts {
            match part {
                Part::Text(t) => text.push_str(t),
                Part::Glob(t) => {
                    glob_from.get_or_insert(text.len());
                    text.push_str(t);
                }
                // All the names together are what the pattern means.
                Part::Hole(Hole { cause: Cause::Pattern, source, .. }) => {
                    glob_from.get_or_insert(text.len());
                    text.push_str(source);
                }
                Part::Hole(hole) => {
                    let item =
                        hole.cause == Cause::Input && glob_from.is_none() && text.ends_with('/');
                    let text = cut(text, glob_from);
                    return Self { text, complete: false, item, everything: false };
                }
            }
        }
        let Some(at) = glob_from else {
            return Self { text, complete: true, item: false, everything: false };
        };
        let start = text.get(..at).and_then(|t| t.rfind('/')).map_or(0, |slash| slash + 1);
        let last = text.get(start..).unwrap_or_default();
        // `*`, `.*`, `{*,.*}`, `*/`: every name, or every hidden one.
        let everything = last.chars().all(|c| "*.?[]!^/".contains(c)) && last.contains('*');
        if everything {
            let dir = text.get(..start).unwrap_or_default();
            let text = if dir.is_empty() { "./".to_owned() } else { dir.to_owned() };
            Self { text, complete: true, item: false, everything: true }
        } else {
            Self { text, complete: true, item: false, everything: false }
        }
    }
}

/// Text before a hole: a pattern in it is cut back to the folder it is in.
fn cut(text: String, glob_from: Option<usize>) -> String {
    match glob_from {
        None => text,
        Some(at) => {
            let end = text.get(..at).and_then(|t| t.rfind('/')).map_or(0, |slash| slash + 1);
            text.get(..end).unwrap_or_default().to_owned()
        }
    }
}

/// A path that leaves the folder behind a hole again: `/srv/$X/..` is `/srv`,
/// and with an empty value the root.
fn climbing(word: &Word, absolute: &str, known: &str, ctx: &Context) -> Option<Judged> {
    let hole = word
        .parts
        .iter()
        .position(|part| matches!(part, Part::Hole(hole) if hole.cause != Cause::Pattern))?;
    let rest = |empty: &str| -> String {
        let parts = word.parts.iter().skip(hole);
        parts
            .map(|part| match part {
                Part::Text(text) | Part::Glob(text) => text.as_str(),
                Part::Hole(hole) if hole.nonempty => "x",
                Part::Hole(_) => empty,
            })
            .collect()
    };
    let named = rest("x");
    if !named.split('/').any(|component| component == "..") || known.is_empty() {
        return None;
    }
    if normalise(&format!("{absolute}{}", rest(""))) == "/" {
        return Some(Judged { class: PathClass::MaybeRoot, path: None });
    }
    let path = normalise(&format!("{absolute}{named}"));
    Some(Judged { class: classify(&path, false, ctx), path: None })
}

/// A word that begins with a hole: `$X/*` and `$X/` could mean the root.
fn unknown_start(word: &Word) -> PathClass {
    let mut rest = String::new();
    for part in word.parts.iter().skip(1) {
        match part {
            Part::Text(t) | Part::Glob(t) => rest.push_str(t),
            Part::Hole(_) => rest.push('?'),
        }
    }
    // An input item of `find` or `xargs` is a name, not possibly nothing.
    let cause = word.holes().next().map(|hole| hole.cause);
    if let Some(class) = in_some_home(word, &rest) {
        return class;
    }
    if cause == Some(Cause::TempFile) {
        return PathClass::Scratch;
    }
    let named =
        cause == Some(Cause::Input) || word.holes().next().is_some_and(|hole| hole.nonempty);
    if !named && rest.starts_with('/') && rest.chars().all(|c| "/*.?".contains(c)) {
        PathClass::MaybeRoot
    } else {
        PathClass::Unknown
    }
}

/// `/home/$user/.ssh/..`: whose home it is does not matter.
fn in_home_of_somebody(word: &Word, before: &str) -> Option<PathClass> {
    if !["/home", "/Users"].contains(&before) {
        return None;
    }
    let at = word.parts.iter().position(|part| matches!(part, Part::Hole(_)))?;
    let mut rest = String::new();
    for part in word.parts.iter().skip(at + 1) {
        match part {
            Part::Text(text) | Part::Glob(text) => rest.push_str(text),
            Part::Hole(_) => rest.push('?'),
        }
    }
    kept_in_home(&rest)
}

/// `~/x` or `$HOME/x` where the home is not known, as on another machine.
fn in_some_home(word: &Word, rest: &str) -> Option<PathClass> {
    let hole = word.holes().next()?;
    let home = hole.cause == Cause::Tilde || matches!(hole.source.as_str(), "$HOME" | "${HOME}");
    // The keys that let somebody in are called so nowhere else.
    let keys = normalise(rest).starts_with("/.ssh/");
    if home || keys { kept_in_home(rest) } else { None }
}

/// What is below a home, by the rest of its path.
fn kept_in_home(rest: &str) -> Option<PathClass> {
    let path = normalise(rest.strip_prefix('/')?);
    let rest = path.trim_start_matches('/');
    if agents::is_guard(&format!("/home{path}")) {
        Some(PathClass::Guard)
    } else if agents::is_setting(&path) {
        Some(PathClass::AgentSettings)
    } else if SENSITIVE_HOME.iter().any(|name| within(rest, name)) {
        Some(PathClass::Sensitive)
    } else {
        None
    }
}

/// `host:path`, as scp and rsync read it: a colon before any slash.
fn is_remote(text: &str) -> bool {
    match text.find(':') {
        Some(0) | None => false,
        Some(at) => !text.get(..at).is_some_and(|t| t.contains('/')) && at + 1 < text.len(),
    }
}

/// The path made absolute, and whether its beginning is certain.
fn absolute(text: &str, cwd: Option<&str>, ctx: &Context) -> Option<(String, bool)> {
    if text.starts_with('/') {
        return Some((text.to_owned(), true));
    }
    match cwd {
        Some("") => None,
        Some(dir) if dir.starts_with('/') => Some((format!("{dir}/{text}"), true)),
        Some(dir) => ctx.cwd.as_ref().map(|base| (format!("{base}/{dir}/{text}"), true)),
        None => ctx.cwd.as_ref().map(|base| (format!("{base}/{text}"), true)),
    }
}

/// A relative path of which the start is not known: judged by its name.
fn relative_to_unknown(shape: &Shape) -> PathClass {
    if shape.everything || shape.text.split('/').any(|part| part == "..") {
        return PathClass::Unknown;
    }
    by_name(&shape.text, PathClass::Unknown)
}

fn by_name(path: &str, otherwise: PathClass) -> PathClass {
    let anywhere = path.split('/').any(|part| BUILD_OUTPUT_ANYWHERE.contains(&part));
    if anywhere { PathClass::BuildOutput } else { otherwise }
}

/// Takes out `.`, `..` and doubled slashes of an absolute path.
#[must_use]
pub fn normalise(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Whether `path` is `dir` or below it.
#[must_use]
pub fn within(path: &str, dir: &str) -> bool {
    dir == "/"
        || path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The project, unless the folder cannot be one: the root, a folder of the
/// system, or one that holds everybody's folders.
fn project(ctx: &Context) -> Option<&str> {
    let project = ctx.project.as_deref()?;
    let source = || SOURCES.iter().any(|dir| within(project, dir));
    let shared = project == "/"
        || project == "/var/lib"
        || SYSTEM.contains(&project) && !ctx.homes.iter().any(|home| home == project)
        || SCRATCH.contains(&project)
        || NEVER_PROJECT.iter().any(|dir| within(project, dir)) && !source();
    (!shared).then_some(project)
}

fn is_home(path: &str, ctx: &Context) -> bool {
    let below = |root: &str| {
        path.strip_prefix(root).is_some_and(|name| !name.is_empty() && !name.contains('/'))
    };
    ctx.homes.iter().any(|home| home == path)
        || path == "/root"
        || below("/home/")
        || below("/Users/")
        || path == "/home"
        || path == "/Users"
}

/// The class of a whole, normalised path.
fn classify(path: &str, everything: bool, ctx: &Context) -> PathClass {
    if path == "/" {
        return PathClass::Root;
    }
    if is_home(path, ctx) {
        return PathClass::Home;
    }
    let project = project(ctx);
    if ctx.cwd.as_deref().is_some_and(|cwd| within(cwd, path) && cwd != path)
        && project.is_none_or(|p| !within(path, p))
    {
        return PathClass::Ancestor;
    }
    let in_project = project.is_some_and(|project| within(path, project));
    if ctx.guard_paths.iter().any(|own| within(path, own)) || !in_project && agents::is_guard(path)
    {
        return PathClass::Guard;
    }
    if agents::is_setting(path) {
        return PathClass::AgentSettings;
    }
    if let Some(class) = device(path) {
        return class;
    }
    if let Some(class) = scratch(path, ctx) {
        return class;
    }
    // Also inside the project: it may be all of the home directory.
    if sensitive(path, ctx) {
        return PathClass::Sensitive;
    }
    if let Some(project) = project
        && within(path, project)
    {
        return inside(path, project, everything, ctx);
    }
    if let Some(home) = ctx.homes.iter().find(|home| within(path, home)) {
        let rest = path.get(home.len()..).unwrap_or_default().trim_start_matches('/');
        if HOME_CACHES.iter().any(|cache| within(rest, cache)) {
            return PathClass::BuildOutput;
        }
        return by_name(rest, PathClass::HomeInside);
    }
    if path.starts_with("/home/") || path.starts_with("/Users/") {
        return by_name(path, PathClass::HomeInside);
    }
    let content = CONTENT.iter().any(|dir| {
        let below = path.strip_prefix(dir).filter(|rest| rest.starts_with('/'));
        // Another root that is mounted there is a system all the same.
        below.is_some_and(|rest| !rest.split('/').any(|part| ROOT_PARTS.contains(&part)))
    });
    if !content && SYSTEM.iter().any(|dir| within(path, dir)) {
        return PathClass::System;
    }
    by_name(path, PathClass::Outside)
}

fn device(path: &str) -> Option<PathClass> {
    if path.starts_with("/proc/self/fd/") {
        return Some(PathClass::Null);
    }
    if path == "/proc" || path == "/sys" || within(path, "/proc") || within(path, "/sys") {
        return Some(PathClass::Kernel);
    }
    if !within(path, "/dev") || within(path, "/dev/shm") {
        return None;
    }
    if HARMLESS_DEVICES.contains(&path) || path.starts_with("/dev/fd/") {
        return Some(PathClass::Null);
    }
    if path == "/dev" || OTHER_DEVICES.iter().any(|prefix| path.starts_with(prefix)) {
        return Some(PathClass::Kernel);
    }
    Some(PathClass::BlockDevice)
}

fn scratch(path: &str, ctx: &Context) -> Option<PathClass> {
    // A project in /tmp is judged as a project.
    if project(ctx).is_some_and(|project| within(path, project)) {
        return None;
    }
    let root = SCRATCH.iter().find(|dir| within(path, dir))?;
    Some(if path == *root { PathClass::ScratchRoot } else { PathClass::Scratch })
}

fn inside(path: &str, project: &str, everything: bool, ctx: &Context) -> PathClass {
    let rest = path.get(project.len()..).unwrap_or_default().trim_start_matches('/');
    if rest.split('/').any(|part| part == ".git") {
        return PathClass::Repository;
    }
    if rest.is_empty() || (everything && ctx.cwd.as_deref() == Some(path)) {
        return PathClass::Project;
    }
    // A folder above the working directory takes the work in hand with it.
    if ctx.cwd.as_deref().is_some_and(|cwd| within(cwd, path)) {
        return PathClass::Project;
    }
    let build = rest.split('/').any(is_made)
        || BUILD_PAIRS.iter().any(|pair| rest == *pair || rest.contains(&format!("{pair}/")))
        || BUILD_SUFFIXES.iter().any(|suffix| rest.ends_with(suffix))
        || LITTER.iter().any(|end| rest.ends_with(end))
        || rest.split('/').any(|part| part.starts_with("cmake-build-"));
    if build { PathClass::BuildOutput } else { PathClass::Inside }
}

/// A name of build output, or of some that was put aside.
fn is_made(part: &str) -> bool {
    let aside = ASIDE.iter().find_map(|end| part.strip_suffix(end)).unwrap_or(part);
    BUILD_OUTPUT.contains(&part) || BUILD_OUTPUT.contains(&aside)
}

fn sensitive(path: &str, ctx: &Context) -> bool {
    let in_home = |home: &str| {
        path.strip_prefix(home)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|rest| SENSITIVE_HOME.iter().any(|name| within(rest, name)))
    };
    let other_home = || {
        let rest = path.strip_prefix("/root/").or_else(|| {
            let rest = path.strip_prefix("/home/").or_else(|| path.strip_prefix("/Users/"))?;
            rest.split_once('/').map(|(_, rest)| rest)
        });
        rest.is_some_and(|rest| SENSITIVE_HOME.iter().any(|name| within(rest, name)))
    };
    ctx.homes.iter().any(|home| in_home(home))
        || other_home()
        || SENSITIVE_SYSTEM.iter().any(|dir| within(path, dir))
}

/// What a search finds below a folder: never the folder of all by accident, and
/// build output where the name that it looked for says so.
fn of_item(dir: &str, word: &Word, ctx: &Context) -> PathClass {
    let class = match classify(dir, false, ctx) {
        PathClass::Home => PathClass::HomeInside,
        PathClass::Project => PathClass::Inside,
        PathClass::Root | PathClass::Ancestor => PathClass::Outside,
        class => class,
    };
    let tail = word.parts.iter().rev().map_while(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let tail: String = tail.collect();
    let named = |names: &[&str]| tail.split('/').skip(1).any(|part| names.contains(&part));
    let made = match class {
        PathClass::Inside => {
            named(BUILD_OUTPUT)
                || named(LITTER)
                || BUILD_SUFFIXES.iter().chain(LITTER).any(|end| tail.ends_with(end))
        }
        PathClass::HomeInside | PathClass::Outside | PathClass::Unknown => {
            named(BUILD_OUTPUT_ANYWHERE)
        }
        // Some names there, not everything that others keep there.
        PathClass::ScratchRoot if !tail.is_empty() => return PathClass::Scratch,
        _ => false,
    };
    if made { PathClass::BuildOutput } else { class }
}

/// A path that goes on with something unknown: `/srv/$X` is below `/srv`, and
/// with an empty value `/srv` itself. `name$X` is a sibling of unknown name.
fn below_unknown(path: &str, at_boundary: bool, nonempty: bool, ctx: &Context) -> PathClass {
    let dir = if at_boundary {
        path.to_owned()
    } else {
        path.rfind('/')
            .map_or_else(|| "/".to_owned(), |at| path.get(..at).unwrap_or("/").to_owned())
    };
    if dir == "/" || dir.is_empty() {
        return if at_boundary && !nonempty { PathClass::MaybeRoot } else { PathClass::Unknown };
    }
    match classify(&dir, false, ctx) {
        PathClass::ScratchRoot => PathClass::Scratch,
        PathClass::Home => PathClass::HomeInside,
        PathClass::Project => PathClass::Inside,
        PathClass::Ancestor => PathClass::Outside,
        class => class,
    }
}

#[cfg(test)]
mod tests;
