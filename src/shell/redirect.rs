//! Redirections: the file, and the standard input that they make.

use brush_parser::ast;

use super::descriptors::{self, Opened};
use super::expand::Manner;
use super::flow::Output;
use super::read::{Buffer, Context, Reader};
use crate::model::{Cause, Part, Redirect, RedirectOp, Span, Stdin, Word, Written};

/// The redirections of one command.
#[derive(Debug, Default)]
pub(super) struct Redirects {
    /// Those that open something.
    pub list: Vec<Redirect>,
    /// The standard input that they make.
    pub stdin: Option<Stdin>,
    /// What is left to read there, when it was open before.
    pub input: Option<std::rc::Rc<Output>>,
    /// The descriptor that standard input is a copy of.
    pub copied: Option<i32>,
    /// The other descriptors that they open, with what those were before.
    pub opened: Vec<(i32, Option<Opened>)>,
    /// Where they stand, here-documents not counted: those stand behind other
    /// commands of their line.
    pub span: Option<Span>,
    /// Where standard output goes.
    stdout: Stdout,
}

/// Where standard output goes.
#[derive(Debug, Default)]
enum Stdout {
    /// To where it went before.
    #[default]
    Stays,
    /// To some descriptor, or nowhere.
    Elsewhere,
    /// Into a file; with the flag at its end.
    File(Word, bool),
    /// Into what has a name that is not known: a file, or something else.
    Somewhere(Word, bool),
}

impl Reader {
    /// Reads one redirection.
    pub(super) fn redirect(
        &mut self,
        redirect: &ast::IoRedirect,
        buffer: &Buffer,
        context: &Context,
        into: &mut Redirects,
    ) {
        let (fd, op, place) = match redirect {
            ast::IoRedirect::OutputAndError(word, append) => {
                let op = if *append { RedirectOp::AppendBoth } else { RedirectOp::WriteBoth };
                (None, op, word.loc.as_ref())
            }
            ast::IoRedirect::HereString(fd, word) => {
                (*fd, RedirectOp::HereString, word.loc.as_ref())
            }
            ast::IoRedirect::HereDocument(fd, document) => {
                (*fd, RedirectOp::HereDocument, document.doc.loc.as_ref())
            }
            ast::IoRedirect::File(fd, kind, target) => {
                let (ast::IoFileRedirectTarget::Filename(word)
                | ast::IoFileRedirectTarget::Duplicate(word)) = target
                else {
                    if matches!(fd, None | Some(1)) {
                        into.stdout = Stdout::Elsewhere;
                    }
                    return;
                };
                (*fd, file_operator(kind), word.loc.as_ref())
            }
        };
        let manner = match op {
            RedirectOp::HereDocument => Manner::Document,
            RedirectOp::HereString => Manner::Value,
            _ => Manner::Target,
        };
        let Some(mut target) = self.single_at(place, manner, buffer, context) else { return };
        if op == RedirectOp::HereString {
            target.push_text("\n");
        }
        let output = matches!(fd, None | Some(1)) && op.writes() && op != RedirectOp::ReadWrite;
        if let ast::IoRedirect::File(_, ast::IoFileRedirectKind::DuplicateOutput, _) = redirect
            && output
            && let Some(file) = self.output_of(&target)
        {
            into.stdout = Stdout::File(file, true);
            return;
        }
        if let ast::IoRedirect::File(_, kind, _) = redirect
            && duplicates(kind, &target)
        {
            if output && target.as_static() != Some("1") {
                into.stdout = Stdout::Elsewhere;
            }
            if matches!(kind, ast::IoFileRedirectKind::DuplicateInput) {
                self.copy_descriptor(fd, &target, into);
            }
            return;
        }
        if output {
            into.stdout = written(op, &target);
        }
        self.input(fd, op, &target, into);
        self.charge_parts(&target.parts);
        if op != RedirectOp::HereDocument {
            into.span = Some(into.span.map_or(target.span, |span| span.join(target.span)));
        }
        into.list.push(Redirect { fd, op, target });
    }

    /// The input that a redirection makes, of a descriptor.
    fn input(&mut self, fd: Option<i32>, op: RedirectOp, target: &Word, into: &mut Redirects) {
        let stdin = match op {
            RedirectOp::Read | RedirectOp::ReadWrite => Some(Stdin::File(target.clone())),
            RedirectOp::HereDocument | RedirectOp::HereString => Some(Stdin::Text(target.clone())),
            _ => None,
        };
        if let Some(stdin) = stdin {
            let path = target.as_static().filter(|_| op == RedirectOp::Read);
            let copied = path.and_then(descriptors::number).filter(|number| *number > 2);
            let opened = match copied {
                Some(number) => self.opened(Some(number)),
                None => self.opens(stdin),
            };
            match fd {
                None | Some(0) => {
                    into.stdin = Some(opened.stdin);
                    into.input = Some(opened.rest);
                    into.copied = copied;
                }
                Some(fd) => self.open_for(fd, opened, into),
            }
        }
    }

    /// What reading from there gives. The output of commands that is not known is
    /// a pipe, whatever it is called.
    fn opens(&self, stdin: Stdin) -> Opened {
        let rest = self.held(&stdin);
        let stdin = match &stdin {
            Stdin::File(word) if rest == Output::Unknown => match word.parts.as_slice() {
                [Part::Hole(hole)] if hole.cause == Cause::ProcessSubstitution => {
                    Stdin::Pipe(hole.from.clone())
                }
                _ => stdin,
            },
            _ => stdin,
        };
        Opened { stdin, rest: std::rc::Rc::new(rest) }
    }

    /// What is left of an output after redirections; what goes into a file is
    /// noted.
    pub(super) fn moved(&mut self, output: Output, own: &Redirects, by: &[usize]) -> Output {
        match &own.stdout {
            Stdout::Stays => output,
            Stdout::Elsewhere => Output::Unknown,
            Stdout::File(path, append) | Stdout::Somewhere(path, append) => {
                if let Some(by) = by.last() {
                    let content = output.word(path.span);
                    self.charge(output.size());
                    let (path, append, by) = (path.clone(), *append, *by);
                    self.script.files.push(Written { path, content, append, by });
                }
                match &own.stdout {
                    // It may be `/dev/stdout`.
                    Stdout::Somewhere(..) => Output::Unknown,
                    _ => Output::NOTHING,
                }
            }
        }
    }

    /// What a standard input holds.
    pub(super) fn held(&self, stdin: &Stdin) -> Output {
        let held = |parts: &[Part]| match parts {
            [] => Output::NOTHING,
            [Part::Text(text)] => Output::Bytes(text.clone().into_bytes()),
            parts => Output::Parts(parts.to_vec()),
        };
        match stdin {
            Stdin::Text(word) => held(&word.parts),
            Stdin::File(word) => match word.parts.as_slice() {
                [Part::Hole(hole)] if hole.cause == Cause::ProcessSubstitution => {
                    let known = self.processes.iter().find(|(from, _)| *from == hole.from);
                    known.map_or(Output::Unknown, |(_, output)| output.clone())
                }
                _ => Output::Unknown,
            },
            Stdin::Pipe(_) | Stdin::Inherited => Output::Unknown,
        }
    }
}

/// Where standard output goes by a redirection of it.
fn written(op: RedirectOp, target: &Word) -> Stdout {
    let append = matches!(op, RedirectOp::Append | RedirectOp::AppendBoth);
    let Some(path) = target.as_static() else { return Stdout::Somewhere(target.clone(), append) };
    let device = path.starts_with("/dev/") && !path.starts_with("/dev/shm/");
    if device && path != "/dev/null" {
        Stdout::Elsewhere
    } else {
        Stdout::File(target.clone(), append)
    }
}

const fn file_operator(kind: &ast::IoFileRedirectKind) -> RedirectOp {
    use ast::IoFileRedirectKind as K;
    match kind {
        K::Read | K::DuplicateInput => RedirectOp::Read,
        K::Write => RedirectOp::Write,
        K::Append => RedirectOp::Append,
        K::ReadAndWrite => RedirectOp::ReadWrite,
        K::Clobber => RedirectOp::Clobber,
        K::DuplicateOutput => RedirectOp::WriteBoth,
    }
}

/// Whether `>&` or `<&` copies or closes a descriptor and opens no file.
fn duplicates(kind: &ast::IoFileRedirectKind, target: &Word) -> bool {
    let descriptor = || {
        target.as_static().is_some_and(|text| {
            let digits = text.strip_suffix('-').unwrap_or(text);
            digits.bytes().all(|b| b.is_ascii_digit())
        })
    };
    match kind {
        // `<&` never opens a file.
        ast::IoFileRedirectKind::DuplicateInput => true,
        ast::IoFileRedirectKind::DuplicateOutput => descriptor(),
        _ => false,
    }
}
