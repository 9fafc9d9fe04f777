//! Files that a command runs: those that the same text writes, and those that
//! are on disk already.
//!
//! The core reads no disk. Whoever calls it hands in a [`Files`]; the neutral
//! context of `check --jsonl` has none.

use std::sync::Arc;

use super::cwd::Cwd;
use crate::model::{Context, Part, Word};

/// Longest script that is read, in bytes. A longer one is unknown.
pub const MAX_SCRIPT: usize = 64 * 1024;

/// How deep scripts that start scripts are followed.
pub const MAX_SCRIPTS: usize = 4;

/// Most files that one text may write and that are remembered.
const MAX_WRITTEN: usize = 200;

/// Longest name that a path gets of which parts are not known, in bytes.
const MAX_NAME: usize = 4096;

/// What is on disk, for scripts that a command names.
pub trait Files: std::fmt::Debug {
    /// Looks at the file at an absolute path. Must not block and must not run
    /// anything.
    fn read(&self, path: &str) -> OnDisk;
}

/// What a path on disk is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnDisk {
    /// Text of at most [`MAX_SCRIPT`] bytes.
    Text(String),
    /// There, but not readable as a script: the reason in words.
    Unreadable(&'static str),
    /// A program in machine code, or nothing at all.
    Other,
}

/// No disk to look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> OnDisk {
        OnDisk::Other
    }
}

/// What a file that is run holds.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// Text, known at least in part.
    Text(Arc<Word>),
    /// Something that is made by these invocations and not known.
    Made(Vec<usize>),
    /// A program of the system under another name.
    Program(String),
    /// Something on disk that could not be read, and why.
    Unreadable(&'static str),
}

/// The files that the text has written so far, by absolute path.
#[derive(Debug, Default)]
pub(super) struct Book {
    written: Vec<(String, Content)>,
    /// Folders that were filled with what nobody has seen, by what, and names of
    /// files in them that are no surprise.
    folders: Vec<(String, Vec<usize>, Vec<String>)>,
    /// Scripts that are being read, innermost last.
    pub open: Vec<String>,
}

impl Book {
    /// Notes what a file holds now.
    pub(super) fn write(&mut self, path: String, content: Content, append: bool) {
        if append && let Some((_, before)) = self.written.iter_mut().rfind(|w| w.0 == path) {
            *before = joined(before, content);
            return;
        }
        if self.written.len() < MAX_WRITTEN {
            self.written.push((path, content));
        }
    }

    /// Notes a folder that is filled.
    pub(super) fn fill(&mut self, folder: String, made: Vec<usize>, except: &[String]) {
        if self.folders.len() < MAX_WRITTEN {
            self.folders.push((folder, made, except.to_vec()));
        }
    }

    /// What has filled the folder in which a file lies.
    pub(super) fn unpacked(&self, path: &str) -> Option<&[usize]> {
        let inside = |folder: &str| {
            path.strip_prefix(folder.trim_end_matches('/'))
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        let expected = |known: &String| match known.strip_prefix('*') {
            Some(ending) => name.ends_with(ending),
            None => known == name,
        };
        let mut found = self.folders.iter().rev();
        let found =
            found.find(|(folder, _, except)| inside(folder) && !except.iter().any(expected));
        found.map(|(_, made, _)| made.as_slice())
    }

    /// What the text has put into each file at last, as far as it is known.
    pub(super) fn texts(&self) -> Vec<(String, Arc<Word>)> {
        let mut out: Vec<(String, Arc<Word>)> = Vec::new();
        for (path, content) in self.written.iter().rev() {
            if let Content::Text(text) = content
                && !out.iter().any(|(known, _)| known == path)
            {
                out.push((path.clone(), Arc::clone(text)));
            }
        }
        out.reverse();
        out
    }

    /// What the text has put into a file.
    pub(super) fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    pub(super) fn written(&self, path: &str) -> Option<&Content> {
        self.written.iter().rfind(|written| written.0 == path).map(|written| &written.1)
    }
}

fn joined(before: &Content, after: Content) -> Content {
    match (before, after) {
        (Content::Text(first), Content::Text(second)) => {
            let mut word = first.as_ref().clone();
            for part in &second.parts {
                match part {
                    crate::model::Part::Text(text) => word.push_text(text),
                    part => word.parts.push(part.clone()),
                }
            }
            Content::Text(Arc::new(word))
        }
        (Content::Made(made), _) => Content::Made(made.clone()),
        (_, after) => after,
    }
}

/// The absolute path that a word means in a directory.
///
/// A path that is not known gets a name of its own, by what it comes from: the
/// file that is written to `"$f"` is the one that `bash "$f"` runs. No file on
/// disk can have such a name, because it has a NUL in it.
pub(super) fn absolute(word: &Word, cwd: &Cwd, ctx: &Context) -> Option<String> {
    let Some(path) = word.as_static() else { return Some(by_origin(word)) };
    if path.is_empty() || path.contains('\0') {
        return None;
    }
    let start = ctx.cwd.as_deref().unwrap_or("/");
    let base = match cwd {
        _ if path.starts_with('/') => String::new(),
        Cwd::Start => start.to_owned(),
        Cwd::At(at) if at.starts_with('/') => at.clone(),
        Cwd::At(at) => format!("{start}/{at}"),
        // Two paths below the same unknown folder are still the same file.
        Cwd::Unknown => "/?".to_owned(),
    };
    let mut parts: Vec<&str> = Vec::new();
    let whole = format!("{base}/{path}");
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Some(format!("/{}", parts.join("/")))
}

/// A name for a path of which parts are not known.
fn by_origin(word: &Word) -> String {
    let mut out = "/\0".to_owned();
    for part in &word.parts {
        match part {
            Part::Text(text) | Part::Glob(text) => out.push_str(text),
            Part::Hole(hole) => {
                out.push_str(&hole.source.replace('/', "\0"));
                hole.from.iter().for_each(|index| out.push_str(&format!("\0{index}")));
            }
        }
    }
    let end = (0..=MAX_NAME.min(out.len())).rfind(|at| out.is_char_boundary(*at));
    out.truncate(end.unwrap_or_default());
    out
}

/// The descriptor that a path below `/dev/fd` stands for.
pub(super) fn descriptor(path: &str) -> Option<i32> {
    let number = path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"))?;
    number.parse().ok()
}

/// Whether a path begins like one that names a descriptor.
pub(super) fn is_descriptor(path: &str) -> bool {
    let process = path.strip_prefix("/proc/").map(|rest| rest.split_once('/'));
    path.starts_with("/dev/fd/")
        // Of which process, may not be known: `/proc/$PID/fd/3`.
        || process.is_some_and(|parts| parts.is_none_or(|(_, rest)| rest.starts_with("fd/")))
}

/// The name of a program in one of the folders of the system.
pub(super) fn system_program(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/')?;
    let folder =
        folder.strip_prefix("/usr/local").or(folder.strip_prefix("/usr")).unwrap_or(folder);
    (matches!(folder, "/bin" | "/sbin") && !name.is_empty()).then_some(name)
}

/// The interpreter that the first line of a script names, without its folder.
pub(super) fn interpreter(text: &str) -> Option<&str> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace();
    let program = words.next()?;
    let name = program.rsplit('/').next().unwrap_or(program);
    if name != "env" {
        return Some(name);
    }
    let word = words.find(|word| !word.starts_with('-') && !word.contains('='))?;
    Some(word.rsplit('/').next().unwrap_or(word))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Cwd, absolute, interpreter};
    use crate::model::{Context, Span, Word};

    #[test]
    fn the_interpreter_of_a_script_is_found() {
        for (text, wanted) in [
            ("#!/bin/bash -e\nls", Some("bash")),
            ("#! /usr/bin/env python3\n", Some("python3")),
            ("#!/usr/bin/env -S A=b node --x\n", Some("node")),
            ("ls", None),
            ("#!", None),
        ] {
            assert_eq!(interpreter(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_same_file_has_one_path() {
        let ctx = Context::neutral();
        let of = |path: &str, cwd: Cwd| {
            absolute(&Word::text(path, Span::default()), &cwd, &ctx).unwrap()
        };
        assert_eq!(of("x.sh", Cwd::Start), "/home/user/project/x.sh");
        assert_eq!(of("./a/../x.sh", Cwd::Start), "/home/user/project/x.sh");
        assert_eq!(of("x", Cwd::At("/tmp".into())), "/tmp/x");
        assert_eq!(of("/tmp//x", Cwd::Unknown), "/tmp/x");
    }
}
