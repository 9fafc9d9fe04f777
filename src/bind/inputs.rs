//! The files that decide what a command does.
//!
//! Every word of a command that names something on disk is bound, because
//! which of them a tool reads is known for some tools only: a file by its
//! content, a folder by all that is in it, and what the command removes or
//! changes by identity. What is named like a path and does not exist is bound
//! as absent, so that nobody can put it there after the approval.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::file::{Found, Hasher, Unbound, look};
use crate::model::{Invocation, Place, RedirectOp, Word};
use crate::second::display::hex;
use crate::second::request::{FileKind, Input, Role};
use crate::text::escape;

/// Most files that are bound for one command.
const MAX_INPUTS: usize = 200;

/// A file system that answers nothing between two looks of this distance is
/// taken for one that never will.
const SILENCE: Duration = Duration::from_secs(3);

/// Something that may be on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is to the command.
    pub role: Role,
    /// As it is named.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Named like a path: worth binding even when nothing is there.
    pub certain: bool,
}

/// The words of these invocations that may name files. `acted_on` says which
/// words an invocation, by its number, removes or changes; `cwd` is guard's own
/// folder, `find` looks a program up.
#[must_use]
pub fn candidates(
    invocations: &[Invocation],
    acted_on: &dyn Fn(usize, &str) -> bool,
    cwd: &Path,
    find: &dyn Fn(&str) -> Option<PathBuf>,
) -> Vec<Candidate> {
    let mut out = Vec::new();
    for (index, invocation) in invocations.iter().enumerate() {
        if !matches!(invocation.place, Place::Here | Place::AsUser(_)) {
            continue;
        }
        let base = match invocation.cwd.as_deref() {
            None => Some(cwd.to_owned()),
            // After a `cd` to somewhere that is not known.
            Some("") => None,
            Some(folder) => Some(cwd.join(folder)),
        };
        program(invocation, base.as_deref(), find, &mut out);
        for word in words(invocation) {
            let Some(text) = word.as_static() else { continue };
            let role = if acted_on(index, text) { Role::Target } else { Role::Input };
            for name in names(text) {
                add(role, name, base.as_deref(), &mut out);
            }
        }
    }
    out
}

/// The program itself: what stands in PATH when it is approved must stand
/// there when it runs.
fn program(
    invocation: &Invocation,
    base: Option<&Path>,
    find: &dyn Fn(&str) -> Option<PathBuf>,
    out: &mut Vec<Candidate>,
) {
    let Some(name) = invocation.argv.first().and_then(Word::as_static) else { return };
    let path = if name.contains('/') { base.map(|base| base.join(name)) } else { find(name) };
    if let Some(path) = path {
        out.push(Candidate {
            role: Role::Program,
            name: path.to_string_lossy().into_owned(),
            path,
            certain: true,
        });
    }
}

fn words(invocation: &Invocation) -> impl Iterator<Item = &Word> {
    let values = invocation.options.iter().filter_map(|option| option.value.as_ref());
    let read = invocation.redirects.iter().filter_map(|redirect| {
        let read = matches!(redirect.op, RedirectOp::Read | RedirectOp::ReadWrite);
        read.then_some(&redirect.target)
    });
    invocation.operands.iter().chain(values).chain(read)
}

/// What of a word may be a path: all of it, what follows `=`, and what follows
/// the marks by which clients are told to read a file (`@FILE` of curl(1) and
/// httpie, `file://FILE` and `fileb://FILE` of the AWS CLI).
fn names(text: &str) -> Vec<&str> {
    if text.is_empty() || text.len() > 4096 || text.contains('\0') || text == "-" {
        return Vec::new();
    }
    let mut out = vec![text];
    if let Some((_, value)) = text.split_once('=') {
        out.push(value);
    }
    for name in out.clone() {
        for mark in ["@", "file://", "fileb://", "<"] {
            out.extend(name.strip_prefix(mark));
        }
    }
    out.retain(|name| !name.is_empty());
    out
}

/// Named like a path: with a slash, or with an ending; not a URL, not an option
/// and not a sentence.
fn like_a_path(name: &str) -> bool {
    let plain = !name.starts_with('-')
        && !name.contains("://")
        && !name.contains(|c: char| c.is_whitespace() || "{}()[]*?$;|&<>\"'`".contains(c));
    let ending = name.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=8).contains(&ending.len())
            && ending.chars().all(char::is_alphanumeric)
            && ending.contains(char::is_alphabetic)
    });
    plain && (name.contains('/') || ending)
}

fn add(role: Role, name: &str, base: Option<&Path>, out: &mut Vec<Candidate>) {
    let path = match base {
        Some(base) => base.join(name),
        None if name.starts_with('/') => PathBuf::from(name),
        None => return,
    };
    let certain = like_a_path(name);
    out.push(Candidate { role, name: name.to_owned(), path, certain });
}

/// What was bound, and what could not be.
#[derive(Debug, Default)]
pub struct Bound {
    /// Sorted; each path once for each role.
    pub inputs: Vec<Input>,
    /// What is bound by identity only, because its content cannot be.
    pub unbound: Vec<Unbound>,
}

/// Binds what is there.
///
/// # Errors
/// [`Unbound::Silent`] when a file system does not answer: a call that waits for
/// a server that is gone cannot be taken back, so it is left behind in its thread,
/// which ends with guard.
pub fn bind(candidates: &[Candidate], hasher: &mut Hasher) -> Result<Bound, Unbound> {
    let (beat, at) = (hasher.beat(), Arc::new(AtomicUsize::new(0)));
    let (send, receive) = mpsc::channel();
    let (work, place, mut own) = (candidates.to_vec(), Arc::clone(&at), std::mem::take(hasher));
    let thread = std::thread::Builder::new().name("bind".into()).spawn(move || {
        let bound = all(&work, &mut own, &place);
        let _ = send.send((bound, own));
    });
    drop(thread);
    let mut before = (0, 0);
    loop {
        let error = match receive.recv_timeout(SILENCE) {
            Ok((bound, own)) => {
                *hasher = own;
                return Ok(bound);
            }
            Err(error) => error,
        };
        let now = (at.load(Ordering::Relaxed), beat.load(Ordering::Relaxed));
        if now == before || error == mpsc::RecvTimeoutError::Disconnected {
            let name = candidates.get(now.0).map(|candidate| candidate.name.as_str());
            return Err(Unbound::Silent { path: escape(name.unwrap_or_default()) });
        }
        before = now;
    }
}

/// Binds one after the other; `at` tells which one it is at.
fn all(candidates: &[Candidate], hasher: &mut Hasher, at: &AtomicUsize) -> Bound {
    let mut inputs: BTreeMap<(Role, String), Input> = BTreeMap::new();
    let mut unbound = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        at.store(index, Ordering::Relaxed);
        let key = (candidate.role, candidate.name.clone());
        if inputs.contains_key(&key) {
            continue;
        }
        if inputs.len() >= MAX_INPUTS {
            unbound.push(Unbound::TooMany);
            break;
        }
        let input = one(candidate, hasher).or_else(|why| {
            unbound.push(why);
            one(&Candidate { role: Role::Target, ..candidate.clone() }, hasher)
        });
        if let Ok(Some(input)) = input {
            inputs.insert(key, input);
        }
    }
    Bound { inputs: inputs.into_values().collect(), unbound }
}

fn one(candidate: &Candidate, hasher: &mut Hasher) -> Result<Option<Input>, Unbound> {
    let mut input = Input {
        role: candidate.role,
        path: candidate.name.clone(),
        kind: FileKind::Absent,
        dev: None,
        ino: None,
        size: None,
        sha256: None,
    };
    let found = look(&candidate.path);
    let content = candidate.role != Role::Target;
    match &found {
        Found::Absent if candidate.certain => {}
        Found::Absent => return Ok(None),
        Found::File(_) if content => {
            let (size, hash) = hasher.file(&candidate.path)?;
            input.kind = FileKind::File;
            (input.size, input.sha256) = (Some(size), Some(hex(&hash)));
        }
        Found::Folder(_) if content => {
            let (size, hash) = hasher.folder(&candidate.path)?;
            input.kind = FileKind::Folder;
            (input.size, input.sha256) = (Some(size), Some(hex(&hash)));
        }
        Found::File(meta) | Found::Folder(meta) => {
            input.kind = if meta.is_dir() { FileKind::Folder } else { FileKind::File };
            (input.dev, input.ino) = (Some(meta.dev().to_string()), Some(meta.ino().to_string()));
        }
        Found::Other => input.kind = FileKind::Other,
    }
    Ok(Some(input))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fs;

    use super::*;
    use crate::model::{Opt, Redirect, Span};

    fn word(text: &str) -> Word {
        Word::text(text, Span::default())
    }

    fn invocation(argv: &[&str], operands: &[&str], options: &[(&str, &str)]) -> Invocation {
        Invocation {
            argv: argv.iter().map(|text| word(text)).collect(),
            operands: operands.iter().map(|text| word(text)).collect(),
            options: options
                .iter()
                .map(|(name, value)| Opt {
                    name: (*name).to_owned(),
                    value: Some(word(value)),
                    known: true,
                    span: Span::default(),
                })
                .collect(),
            ..Invocation::default()
        }
    }

    fn shown(inputs: &[Input]) -> Vec<String> {
        let show = |input: &Input| {
            let bound = if input.sha256.is_some() { "content" } else { "identity" };
            format!("{:?} {} {:?} {bound}", input.role, input.path, input.kind)
        };
        inputs.iter().map(show).collect()
    }

    #[test]
    fn every_file_that_is_named_is_bound() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["plan.out", "values.yaml", "body.json", "list"] {
            fs::write(dir.path().join(name), name).unwrap();
        }
        fs::create_dir(dir.path().join("manifests")).unwrap();
        fs::create_dir(dir.path().join("build")).unwrap();
        let mut one = invocation(
            &["tool", "apply"],
            &[
                "plan.out",
                "manifests",
                "build",
                "not-there",
                "gone.tf",
                "-x.y",
                "--set=a=values.yaml",
            ],
            &[("-d", "@body.json"), ("-f", "values.yaml")],
        );
        one.redirects = vec![Redirect { fd: None, op: RedirectOp::Read, target: word("list") }];
        let acted_on = |_: usize, name: &str| name == "build";
        let found = candidates(&[one], &acted_on, dir.path(), &|_| Some("/bin/sh".into()));
        let inputs = bind(&found, &mut Hasher::default()).unwrap().inputs;
        insta::assert_snapshot!(shown(&inputs).join("\n"), @r"
        Program /bin/sh File content
        Input @body.json Absent identity
        Input a=values.yaml Absent identity
        Input body.json File content
        Input gone.tf Absent identity
        Input list File content
        Input manifests Folder content
        Input plan.out File content
        Input values.yaml File content
        Target build Folder identity
        ");
    }

    #[test]
    fn a_folder_that_is_too_large_is_named_and_bound_by_identity() {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..=crate::bind::file::MAX_ENTRIES {
            fs::write(dir.path().join(n.to_string()), "").unwrap();
        }
        let name = dir.path().to_str().unwrap();
        let one = invocation(&["rsync"], &[name, "/nowhere/at/all"], &[]);
        let found = candidates(&[one], &|_, _| false, Path::new("/"), &|_| None);
        let bound = bind(&found, &mut Hasher::default()).unwrap();
        assert!(matches!(bound.unbound.as_slice(), [Unbound::TooLarge { .. }]), "{bound:?}");
        assert_eq!(bound.inputs.len(), 2);
        assert!(bound.inputs.iter().any(|input| input.ino.is_some()));
    }

    #[test]
    fn a_command_elsewhere_names_no_file_of_this_machine() {
        let mut remote = invocation(&["rm"], &["/etc/hostname"], &[]);
        remote.place = Place::Remote(Some("web-1".into()));
        let found = candidates(&[remote], &|_, _| false, Path::new("/"), &|_| None);
        assert_eq!(found, []);
    }

    #[test]
    fn after_cd_names_start_there() {
        let mut moved = invocation(&["./x.sh"], &["a.txt"], &[]);
        moved.cwd = Some("/srv".into());
        let found = candidates(&[moved], &|_, _| false, Path::new("/"), &|_| None);
        let paths: Vec<_> = found.iter().map(|c| c.path.to_str().unwrap()).collect();
        assert_eq!(paths, ["/srv/./x.sh", "/srv/a.txt"]);
    }
}
