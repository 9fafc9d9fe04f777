//! Symbolic links and mounts that the text itself makes: what goes through one
//! afterwards reaches what it leads to (`ln -s / x; rm -rf x/*`, `mount --bind
//! /srv x; rm -rf x`).

use std::ops::Range;

use super::flow::Flows;
use super::matching::Scene;
use super::paths;
use super::schema::PathClass;
use crate::model::{Cause, Invocation, Part, Word};

/// A link or mount point as it is written, and what it leads to.
#[derive(Debug)]
struct Link {
    name: Vec<Part>,
    target: Word,
    /// A file system stands there: the name alone leads to it too, from and to
    /// these bytes of the text.
    mount: Option<Range<usize>>,
}

/// The links that a command makes.
#[derive(Debug, Default)]
pub struct Links {
    links: Vec<Link>,
    /// The folder in which the text begins.
    start: Option<String>,
    /// There are more than are followed.
    more: bool,
}

/// Links that are followed in one command; with more, each path is taken for one
/// that leads to the root.
const MAX_LINKS: usize = 64;
/// Links to links that are followed.
const MAX_DEPTH: usize = 8;
/// Programs that mount.
const MOUNTS: &[&str] = &["mount", "bindfs", "sshfs", "s3fs", "gcsfuse", "goofys", "mount-s3"];
/// Programs that take a mount away; what is in it stays as it is.
const UNMOUNTS: &[&str] = &["umount", "fusermount", "fusermount3"];
/// Programs that work on the link itself when its name ends there.
const ON_THE_LINK: &[&str] = &["rm", "unlink", "mv", "ln", "ls", "stat", "readlink", "test", "["];

impl Links {
    fn of(all: &[Invocation], start: Option<&str>) -> Self {
        let made = |inv: &Invocation| {
            let mut link = made(inv).or_else(|| mounted(inv, all))?;
            // Where they lie, whatever the folder is in which they are used.
            link.name = from_root(&link.name, inv, start).unwrap_or(link.name);
            link.target.parts =
                from_root(&link.target.parts, inv, start).unwrap_or(link.target.parts);
            Some(link)
        };
        let mut made = all.iter().filter_map(made);
        let links = made.by_ref().take(MAX_LINKS).collect();
        Self { links, start: start.map(str::to_owned), more: made.next().is_some() }
    }

    /// What a word of an invocation reaches when it goes through one of them.
    #[must_use]
    pub fn behind(&self, word: &Word, invocation: &Invocation) -> Option<Word> {
        if self.links.is_empty() {
            return None;
        }
        if self.more {
            return Some(Word::text("/", word.span));
        }
        let mut behind = self.one(word, invocation)?;
        for _ in 0..MAX_DEPTH {
            match self.one(&behind, invocation) {
                Some(further) => behind = further,
                None => return Some(behind),
            }
        }
        Some(Word::text("/", word.span))
    }

    fn one(&self, word: &Word, invocation: &Invocation) -> Option<Word> {
        let path = from_root(&word.parts, invocation, self.start.as_deref());
        let path = path.as_deref().unwrap_or(&word.parts);
        let program = invocation.program.as_deref().unwrap_or_default();
        let at = invocation.span.start;
        self.links.iter().rev().find_map(|link| {
            let rest = below(path, &link.name)?;
            let through = match &link.mount {
                Some(mounted) => {
                    mounted.contains(&at)
                        && !UNMOUNTS.contains(&program)
                        && !MOUNTS.contains(&program)
                }
                None => !rest.is_empty() || !ON_THE_LINK.contains(&program),
            };
            let mut behind = through.then(|| link.target.clone())?;
            let slashed = behind.display().ends_with('/');
            for part in rest {
                match part {
                    Part::Text(text) => {
                        behind
                            .push_text(text.strip_prefix('/').filter(|_| slashed).unwrap_or(&text));
                    }
                    part => behind.parts.push(part),
                }
            }
            Some(behind)
        })
    }
}

/// A path from the root on, as far as its beginning is known: `.` and `..` taken
/// out of what stands in front of its first unknown part. `start` is the folder in
/// which the text begins.
fn from_root(parts: &[Part], inv: &Invocation, start: Option<&str>) -> Option<Vec<Part>> {
    let (first, rest) = parts.split_first()?;
    let Part::Text(text) = first else { return None };
    let cwd = inv.cwd.as_deref();
    let base = match (text.starts_with('/'), cwd) {
        (true, _) => String::new(),
        _ if text.starts_with('~') => return None,
        (false, Some("")) => return None,
        (false, Some(at)) if at.starts_with('/') => at.to_owned(),
        (false, at) => format!("{}/{}", start?, at.unwrap_or(".")),
    };
    let whole = format!("{base}/{text}");
    // The last name goes on in the unknown part behind it.
    let (folder, name) = match rest.is_empty() {
        true => (whole.as_str(), ""),
        false => whole.rsplit_once('/')?,
    };
    let folder = paths::normalise(folder);
    let slash = if rest.is_empty() && !text.ends_with('/') || folder == "/" { "" } else { "/" };
    let mut out = vec![Part::Text(format!("{folder}{slash}{name}"))];
    out.extend_from_slice(rest);
    Some(out)
}

/// What stands behind the name of a folder in a word: nothing, or `/` and more.
fn below(word: &[Part], folder: &[Part]) -> Option<Vec<Part>> {
    let (last, first) = folder.split_last()?;
    let same = |(a, b): (&Part, &Part)| match (a, b) {
        // With and without quotes it is one value.
        (Part::Hole(a), Part::Hole(b)) => {
            a.source == b.source && a.cause == b.cause && a.from == b.from
        }
        (a, b) => a == b,
    };
    let parts = word.get(..first.len()).filter(|parts| parts.iter().zip(first).all(same));
    parts.or_else(|| first.is_empty().then_some(&[]))?;
    let at = word.get(first.len())?;
    let mut rest = word.get(first.len() + 1..).unwrap_or_default().to_vec();
    if let (Part::Text(at), Part::Text(last)) = (at, last) {
        let at = if first.is_empty() { at.strip_prefix("./").unwrap_or(at) } else { at };
        let more = at.strip_prefix(last.as_str())?;
        if !more.is_empty() {
            rest.insert(0, Part::Text(more.to_owned()));
        }
    } else if !same((at, last)) {
        return None;
    }
    match rest.first() {
        None => Some(rest),
        Some(Part::Text(text)) if text.starts_with('/') => Some(rest),
        Some(_) => None,
    }
}

impl Flows {
    /// The links that the command makes.
    pub fn links(&self, all: &[Invocation], start: Option<&str>) -> &Links {
        self.links.get_or_init(|| Links::of(all, start))
    }
}

impl Scene<'_> {
    /// The class of what a word reaches through a link that the text makes.
    pub(super) fn behind_link(&self, word: &Word) -> Option<PathClass> {
        let links = self.flows.links(self.all, self.ctx.cwd.as_deref());
        let behind = links.behind(word, self.invocation)?;
        Some(paths::judge(&behind, self.invocation.cwd.as_deref(), self.ctx).class)
    }
}

/// The link that an invocation makes.
fn made(inv: &Invocation) -> Option<Link> {
    let symbolic = |name: &str| matches!(name, "-s" | "--symbolic" | "--symbolic-link");
    if !matches!(inv.program.as_deref(), Some("ln" | "gln" | "cp" | "gcp"))
        || !inv.options.iter().any(|opt| symbolic(&opt.name))
    {
        return None;
    }
    let [target, link] = inv.operands.as_slice() else { return None };
    let name = link.as_static().map(plain).filter(|name| !name.is_empty())?;
    let mut target = target.clone();
    // A link is read from the folder in which it lies.
    if let (Some(Part::Text(text)), Some((folder, _))) =
        (target.parts.first_mut(), name.rsplit_once('/'))
        && !text.starts_with(['/', '~'])
    {
        text.insert_str(0, &format!("{folder}/"));
    }
    let name = vec![Part::Text(name.to_owned())];
    Some(Link { name, target, mount: None })
}

/// What an invocation mounts: mount(8), and the usual file systems in user
/// space. Those without a source of their own (tmpfs, proc) hold nothing yet.
fn mounted(inv: &Invocation, all: &[Invocation]) -> Option<Link> {
    let program = inv.program.as_deref()?;
    MOUNTS.iter().find(|known| **known == program)?;
    let local = matches!(program, "mount" | "bindfs");
    let option = |names: &[&str]| {
        let given = inv.options.iter().find(|opt| names.contains(&opt.name.as_str()));
        given.and_then(|opt| opt.value.as_ref())
    };
    let mut operands = inv.operands.iter().rev();
    let name = option(&["--target"]).or_else(|| operands.next())?;
    let source = option(&["--source"]).or_else(|| operands.next())?;
    let shown = source.display();
    let target = match local {
        true if shown.contains(':') => None,
        true if !shown.contains('/') && source.as_static().is_some() => return None,
        true => Some(source.clone()),
        false => None,
    };
    let target = target.unwrap_or_else(|| Word::hole(shown, Cause::Input, source.span));
    let name = trimmed(name)?;
    let from = inv.span.start;
    let unmounts = |other: &&Invocation| {
        other.program.as_deref().is_some_and(|program| UNMOUNTS.contains(&program))
            // All of a text inside another one stands at one place: there it
            // is taken for mounted to the end.
            && other.span.start > from
            && other.operands.iter().any(|word| trimmed(word).is_some_and(|word| word == name))
    };
    let until = all.iter().find(unmounts).map_or(usize::MAX, |other| other.span.start);
    Some(Link { name, target, mount: Some(from..until) })
}

/// The parts of a folder's name.
fn trimmed(name: &Word) -> Option<Vec<Part>> {
    let mut parts = name.parts.clone();
    let only = parts.len() == 1;
    if let Some(Part::Text(text)) = parts.last_mut() {
        let short = if only { plain(text) } else { text.trim_end_matches('/') };
        *text = short.to_owned();
    }
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    (!parts.is_empty()).then_some(parts)
}

/// The name of a folder, without what changes nothing.
fn plain(name: &str) -> &str {
    name.strip_prefix("./").unwrap_or(name).trim_end_matches('/')
}
