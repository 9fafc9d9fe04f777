//! Redirections: the file, and the standard input that they make.

use brush_parser::ast;

use super::expand::Manner;
use super::read::{Buffer, Context, Reader};
use crate::model::{Redirect, RedirectOp, Stdin, Word};

impl Reader {
    /// A redirection, and the standard input it makes.
    pub(super) fn redirect(
        &mut self,
        redirect: &ast::IoRedirect,
        buffer: &Buffer,
        context: &Context,
    ) -> Option<(Redirect, Option<Stdin>)> {
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
                    return None;
                };
                (*fd, file_operator(kind), word.loc.as_ref())
            }
        };
        let manner = match op {
            RedirectOp::HereDocument => Manner::Document,
            RedirectOp::HereString => Manner::Value,
            _ => Manner::Target,
        };
        let mut target = self.single_at(place, manner, buffer, context)?;
        if op == RedirectOp::HereString {
            target.push_text("\n");
        }
        if let ast::IoRedirect::File(_, kind, _) = redirect
            && duplicates(kind, &target)
        {
            return None;
        }
        let feeds = matches!(fd, None | Some(0));
        let stdin = match op {
            RedirectOp::Read | RedirectOp::ReadWrite if feeds => Some(Stdin::File(target.clone())),
            RedirectOp::HereDocument | RedirectOp::HereString if feeds => {
                Some(Stdin::Text(target.clone()))
            }
            _ => None,
        };
        self.charge_parts(&target.parts);
        Some((Redirect { fd, op, target }, stdin))
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
