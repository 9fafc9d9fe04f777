//! What the words of a command, or a file of one line that they lead to, say
//! beyond the rule that fits: with whose token a request is sent, and that a
//! database server runs where a folder is removed.

use super::judge::World;
use crate::command::OnDisk;
use crate::model::{
    Effect, Evidence, Fact, Flag, Invocation, Part, Place, Reversibility, SCRATCH, Scope, Verb,
    Word,
};
use crate::text::escape;

/// Clients that send whatever request they are given, with their options whose
/// value lets somebody in.
const CLIENTS: &[(&str, &[&str])] = &[
    ("curl", &["-u", "--user", "--oauth2-bearer", "-b", "--cookie"]),
    ("wget", &["--password", "--http-password"]),
    ("http", &["-a", "--auth"]),
    ("https", &["-a", "--auth"]),
    ("xh", &["-a", "--auth"]),
    ("xhs", &["-a", "--auth"]),
    ("grpcurl", &[]),
];
/// Options whose value is a header.
const HEADERS: &[&str] = &["-H", "--header"];
/// Parts of the names of headers that let somebody in, in lower case.
const AUTHORISING: &[&str] = &["auth", "token", "key", "cookie", "secret"];
/// Options of curl that name a file with log-ins or settings.
const FILES: &[&str] = &["--netrc-file", "-K", "--config"];
/// Options of curl that use the file of log-ins in the home.
const NETRC: &[&str] = &["-n", "--netrc", "--netrc-optional"];
/// The longest origin that is shown, in characters.
const SHOWN: usize = 60;
/// Folders that are looked at for a server.
const MOST: usize = 8;
/// Where a server keeps its data, seen from the folder that is removed.
const BELOW: &[&str] = &["", "data/", "pgdata/"];

/// Adds what is known to the facts of an effect.
pub(super) fn add(effect: &mut Effect, invocation: &Invocation, world: World<'_>) {
    if let Some((origin, file)) = token(effect, invocation) {
        // What a token stands for cannot be seen: it may be far more than this.
        let notes = [origin, "scope of the token unknown".to_owned()];
        let notes = notes.into_iter().map(|text| Evidence { fact: Fact::Identity, text });
        effect.facts.evidence.extend(notes);
        if file && matches!(effect.facts.verb, Verb::Delete | Verb::Access | Verb::Expose) {
            effect.facts.flags.insert(Flag::Wide);
        }
    }
    if let Some((folder, pid)) = server(effect, invocation, world) {
        let facts = &mut effect.facts;
        facts.scope = facts.scope.max(Scope::HOST);
        facts.reversibility = Reversibility(4);
        facts.flags.extend([Flag::Data, Flag::Outside]);
        let text = format!("a database server runs in {} (process {pid})", escape(&folder));
        facts.evidence.insert(0, Evidence { fact: Fact::Scope, text });
    }
}

/// Whether somebody is told by what a request carries, not by a name.
pub(super) fn is_token(name: &str) -> bool {
    name.starts_with("a token ")
}

/// Where the token of a request comes from, and whether that is a file.
fn token(effect: &Effect, invocation: &Invocation) -> Option<(String, bool)> {
    let name = invocation.program.as_deref()?;
    let (client, secrets) = CLIENTS.iter().find(|(client, _)| *client == name)?;
    if !effect.facts.remote || effect.facts.verb == Verb::Read {
        return None;
    }
    invocation.options.iter().find_map(|option| {
        let of = |names: &[&str]| names.contains(&option.name.as_str());
        if *client == "curl" && of(NETRC) {
            return Some(("a token from ~/.netrc".to_owned(), true));
        }
        let value = option.value.as_ref()?;
        if *client == "curl" && of(FILES) {
            return Some((format!("a token from the file {}", shown(&value.display())), true));
        }
        let begins = start(value);
        if let Some(file) = begins.strip_prefix('@').filter(|_| of(HEADERS)) {
            return Some((format!("a token from the file {}", shown(file)), true));
        }
        let (header, _) = begins.split_once(':').unwrap_or((begins, ""));
        let header = header.to_lowercase();
        let carries =
            of(secrets) || (of(HEADERS) && AUTHORISING.iter().any(|part| header.contains(part)));
        carries.then(|| from(value))
    })
}

/// The known text that a word begins with.
fn start(word: &Word) -> &str {
    match word.parts.first() {
        Some(Part::Text(text)) => text,
        _ => "",
    }
}

/// The part of a value that is not known says where it comes from; a known one
/// stands in the command, and is a secret.
fn from(value: &Word) -> (String, bool) {
    match value.holes().next() {
        // What another command prints comes from a file, or from somewhere else.
        Some(hole) => (format!("a token from {}", shown(&hole.source)), !hole.from.is_empty()),
        None => ("a token in the command".to_owned(), false),
    }
}

fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    escape(&short)
}

/// A folder that is removed while a server of PostgreSQL runs in it, by the file
/// that the server keeps there (pg_ctl(1)), and the server's process. A file that
/// a server has left behind names no process that is one.
fn server(effect: &Effect, invocation: &Invocation, world: World<'_>) -> Option<(String, u32)> {
    let here = matches!(invocation.place, Place::Here | Place::AsUser(_));
    if !here || effect.facts.verb != Verb::Delete || !effect.rule.starts_with("rm.") {
        return None;
    }
    // Of what is asked about anyway a probe tells more.
    if effect.facts.reversibility > Reversibility(1) {
        return None;
    }
    let base = match invocation.cwd.as_deref() {
        None => world.ctx.cwd.clone()?,
        Some("") => return None,
        Some(folder) if folder.starts_with('/') => folder.to_owned(),
        Some(folder) => format!("{}/{folder}", world.ctx.cwd.as_deref()?),
    };
    let text = |path: String| match world.files.read(&path) {
        OnDisk::Text(text) => Some(text),
        OnDisk::Unreadable(_) | OnDisk::Other => None,
    };
    let folders = invocation.operands.iter().take(MOST).filter_map(folder);
    folders.into_iter().find_map(|folder| {
        let at = if folder.starts_with('/') { folder } else { format!("{base}/{folder}") };
        let at = at.trim_end_matches('/');
        if !scratch(at) || mounted(at, &text("/proc/self/mountinfo".to_owned())?) {
            return None;
        }
        BELOW.iter().find_map(|below| {
            let pid = text(format!("{at}/{below}postmaster.pid"))?.lines().next()?.parse().ok()?;
            let name = text(format!("/proc/{pid}/comm"))?;
            name.starts_with("postgres").then(|| (format!("{at}/{below}"), pid))
        })
    })
}

/// Whether a path is below a folder for what is thrown away.
fn scratch(path: &str) -> bool {
    let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    SCRATCH.iter().any(|root| below(root)) && !path.contains("/../")
}

/// Whether something is mounted below such a folder on the way to the path: a
/// server that is gone would let nobody look (proc_pid_mountinfo(5)).
fn mounted(path: &str, mounts: &str) -> bool {
    let points = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    points.filter(|point| scratch(point)).any(|point| path.starts_with(point))
}

/// The folder that a word names, or that its pattern looks into.
fn folder(word: &Word) -> Option<String> {
    match word.parts.as_slice() {
        [Part::Text(text)] => Some(text.clone()),
        [Part::Text(text), Part::Glob(_), ..] => {
            Some(text.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned())
        }
        [Part::Glob(_), ..] => Some(String::new()),
        _ => None,
    }
}
