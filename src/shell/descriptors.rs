//! Descriptors: what `exec 3<FILE`, `3<<<TEXT` and `<&3` give to those that
//! read from them (bash(1), REDIRECTION).

use std::collections::BTreeMap;
use std::rc::Rc;

use super::flow::Output;
use super::read::{Context, Reader};
use super::redirect::Redirects;
use crate::model::{Cause, Hole, Part, Redirect, RedirectOp, Simple, Span, Stdin, Word};

/// Most descriptors that are followed at a time.
const MAX_DESCRIPTORS: usize = 64;

/// What a descriptor reads from.
#[derive(Debug, Clone, Default)]
pub(super) struct Opened {
    /// For whoever reads it as a whole.
    pub stdin: Stdin,
    /// What has not been read yet, as far as it is known.
    pub rest: Rc<Output>,
}

/// The descriptors that are open for reading, by number. Number 0 is there once
/// `exec` has changed it.
pub(super) type Descriptors = Rc<BTreeMap<i32, Opened>>;

/// Whether the words are `exec` alone, whose redirections stay.
pub(super) fn keeps_redirections(command: &Simple) -> bool {
    let mut words = command.words.iter().map(Word::as_static);
    let mut first = words.next().flatten();
    while matches!(first, Some("command" | "builtin")) {
        first = words.next().flatten();
    }
    first == Some("exec") && words.next().is_none()
}

/// The descriptor of `{fd}>FILE`, for which the shell picks a number; the parser
/// keeps no name.
const PICKED: i32 = -1;

/// The number in `/dev/fd/3`, `/proc/self/fd/3` and `/dev/stdin`.
pub(super) fn number(path: &str) -> Option<i32> {
    if path == "/dev/stdin" {
        return Some(0);
    }
    let number = path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"))?;
    number.parse().ok()
}

impl Reader {
    /// Opens a descriptor for reading.
    pub(super) fn open(&mut self, number: i32, opened: Opened) {
        self.charge(64);
        if self.descriptors.len() < MAX_DESCRIPTORS || self.descriptors.contains_key(&number) {
            Rc::make_mut(&mut self.descriptors).insert(number, opened);
        }
    }

    /// Opens a descriptor for one command.
    pub(super) fn open_for(&mut self, number: i32, opened: Opened, into: &mut Redirects) {
        into.opened.push((number, self.descriptors.get(&number).cloned()));
        self.open(number, opened);
    }

    /// Notes the files that `exec` has opened for writing.
    pub(super) fn keep_outputs(&mut self, own: &Redirects) {
        for redirect in own.list.iter().filter(|redirect| redirect.op.writes()) {
            let number = redirect.fd.unwrap_or(PICKED);
            let room = self.outputs.len() < MAX_DESCRIPTORS || self.outputs.contains_key(&number);
            if room && !(0..=2).contains(&number) {
                self.outputs.insert(number, redirect.target.clone());
            }
        }
    }

    /// The file to which `>&TARGET` writes.
    pub(super) fn output_of(&self, target: &Word) -> Option<Word> {
        let number = match target.parts.as_slice() {
            [Part::Text(number)] => number.parse().ok()?,
            [Part::Hole(hole)] if hole.cause == Cause::Variable => PICKED,
            _ => return None,
        };
        self.outputs.get(&number).map(|file| Word { span: target.span, ..file.clone() })
    }

    /// Closes what was open for one command.
    pub(super) fn close_again(&mut self, own: &mut Redirects) {
        for (number, before) in own.opened.drain(..).rev() {
            let open = Rc::make_mut(&mut self.descriptors);
            match before {
                Some(before) => open.insert(number, before),
                None => open.remove(&number),
            };
        }
    }

    /// A command has ended that was given a descriptor as its input: unless it
    /// has told how much it has read, nobody knows.
    pub(super) fn have_read(&mut self, context: &Context) {
        let Some(number) = context.copied else { return };
        let untold = |opened: &Opened| Rc::ptr_eq(&opened.rest, &context.input);
        if self.descriptors.get(&number).is_some_and(untold) {
            self.read_from(number, Output::Unknown);
        }
    }

    /// After a subshell: what it has opened is gone, but what it has read of what
    /// was open is read.
    pub(super) fn after_subshell(&mut self, before: Descriptors) {
        let inside = std::mem::replace(&mut self.descriptors, before);
        if Rc::ptr_eq(&inside, &self.descriptors) {
            return;
        }
        for (number, opened) in Rc::make_mut(&mut self.descriptors) {
            let same = |now: &Opened| Rc::ptr_eq(&now.rest, &opened.rest);
            if !inside.get(number).is_some_and(same) {
                opened.rest = Rc::default();
            }
        }
    }

    /// After a part that may not have run: what it changed may be so or not.
    pub(super) fn perhaps_opened(&mut self, before: &Descriptors) {
        if Rc::ptr_eq(before, &self.descriptors) {
            return;
        }
        for (number, opened) in Rc::make_mut(&mut self.descriptors) {
            let same = |old: &Opened| Rc::ptr_eq(&old.rest, &opened.rest);
            match before.get(number) {
                Some(old) if same(old) => {}
                Some(_) => *opened = Opened { stdin: Stdin::Pipe(Vec::new()), ..Opened::default() },
                None => opened.rest = Rc::default(),
            }
        }
    }

    /// What a descriptor reads from. One that nothing in the text has opened is
    /// not known, unless it is one of those that every program has.
    pub(super) fn opened(&self, number: Option<i32>) -> Opened {
        let known = number.and_then(|number| self.descriptors.get(&number).cloned());
        let usual = number.is_some_and(|number| (0..=2).contains(&number));
        let unknown = if usual { Stdin::Inherited } else { Stdin::Pipe(Vec::new()) };
        known.unwrap_or_else(|| Opened { stdin: unknown, rest: Rc::default() })
    }

    /// `[FD]<&TARGET`.
    pub(super) fn copy_descriptor(&mut self, fd: Option<i32>, target: &Word, into: &mut Redirects) {
        let text = target.as_static();
        if text == Some("-") {
            if let Some(number) = fd {
                Rc::make_mut(&mut self.descriptors).remove(&number);
            }
            return;
        }
        let digits = text.map(|text| text.strip_suffix('-').unwrap_or(text));
        let number = digits.and_then(|text| text.parse().ok());
        let opened = self.opened(number);
        match fd.unwrap_or(0) {
            0 => {
                into.stdin = Some(opened.stdin);
                into.input = Some(opened.rest);
                into.copied = number;
            }
            fd => self.open_for(fd, opened, into),
        }
    }

    /// Standard input after `exec <FILE`.
    pub(super) fn replaced_input(&self, stdin: &Stdin) -> Option<Opened> {
        let inherited = matches!(stdin, Stdin::Inherited);
        self.descriptors.get(&0).filter(|_| inherited).cloned()
    }

    /// Of what was open before a part that may run several times, or not at all,
    /// nobody knows how much has been read.
    pub(super) fn blur_descriptors(&mut self) {
        if self.descriptors.values().any(|opened| *opened.rest != Output::Unknown) {
            for opened in Rc::make_mut(&mut self.descriptors).values_mut() {
                opened.rest = Rc::default();
            }
        }
    }

    /// A descriptor after somebody has read from it: what is left.
    pub(super) fn read_from(&mut self, number: i32, rest: Output) {
        if let Some(opened) = Rc::make_mut(&mut self.descriptors).get_mut(&number) {
            if let (Stdin::Text(word), Output::Bytes(bytes)) = (&mut opened.stdin, &rest)
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                *word = Word::text(text, word.span);
            }
            opened.rest = Rc::new(rest);
        }
    }

    /// Puts what a descriptor reads from in the place of its path.
    pub(super) fn descriptor_words(&self, command: &mut Simple) {
        if self.descriptors.is_empty() {
            return;
        }
        let mut added = Vec::new();
        for word in command.words.iter_mut().skip(1) {
            let Some(number) = word.as_static().and_then(number).filter(|number| *number > 2)
            else {
                continue;
            };
            let Some(opened) = self.descriptors.get(&number) else { continue };
            match &opened.stdin {
                Stdin::File(file) => *word = Word { span: word.span, ..file.clone() },
                Stdin::Pipe(from) => *word = made_by(from, word.span),
                Stdin::Text(target) => {
                    let (fd, target) = (Some(number), target.clone());
                    added.push(Redirect { fd, op: RedirectOp::HereString, target });
                }
                Stdin::Inherited => {}
            }
        }
        command.redirects.extend(added);
    }
}

/// A file with the output of commands.
fn made_by(from: &[usize], span: Span) -> Word {
    let hole = Hole {
        source: "<(..)".to_owned(),
        cause: Cause::ProcessSubstitution,
        from: from.to_vec(),
        ..Hole::default()
    };
    Word { parts: vec![Part::Hole(hole)], span }
}
