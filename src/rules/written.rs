//! Text that a command writes into a file, and that another one behind it reads.

use super::matching::Scene;
use crate::model::{Invocation, Redirect, RedirectOp, Stdin, Word};

/// Programs that print a here-document as it is.
const COPY: [&str; 2] = ["cat", "tee"];
/// Programs that print their operands.
const PRINT: [&str; 2] = ["echo", "printf"];
/// Programs that may look at the file in between.
const LOOK: [&str; 8] = ["bat", "cat", "echo", "grep", "head", "ls", "tail", "wc"];

impl Scene<'_> {
    /// What the commands in front of this one wrote into a file; nothing when
    /// that is not all known.
    pub(super) fn file_text(&self, file: &Word) -> Option<Vec<Word>> {
        let path = file.as_static()?;
        let own = self.all.iter().position(|other| std::ptr::eq(other, self.invocation))?;
        let mut contents: Vec<Word> = Vec::new();
        for other in self.all.get(..own)? {
            match other.redirects.iter().find(|redirect| writes(redirect, path)) {
                Some(redirect) => {
                    if !matches!(redirect.op, RedirectOp::Append | RedirectOp::AppendBoth) {
                        contents.clear();
                    }
                    contents.extend(printed(other)?);
                }
                None if copies_to(other, path) => contents = printed(other)?,
                None if mentions(other, path) && !named(other, &LOOK) => return None,
                None => {}
            }
        }
        (!contents.is_empty()).then_some(contents)
    }
}

fn named(inv: &Invocation, programs: &[&str]) -> bool {
    inv.program.as_deref().is_some_and(|program| programs.contains(&program))
}

fn writes(redirect: &Redirect, path: &str) -> bool {
    let op = matches!(
        redirect.op,
        RedirectOp::Write
            | RedirectOp::Clobber
            | RedirectOp::WriteBoth
            | RedirectOp::Append
            | RedirectOp::AppendBoth
            | RedirectOp::ReadWrite
    );
    op && redirect.target.as_static() == Some(path)
}

/// `tee FILE << ..`
fn copies_to(inv: &Invocation, path: &str) -> bool {
    named(inv, &["tee"])
        && matches!(inv.stdin, Stdin::Text(_))
        && inv.operands.iter().any(|word| word.as_static() == Some(path))
}

fn mentions(inv: &Invocation, path: &str) -> bool {
    let targets = inv.redirects.iter().map(|redirect| &redirect.target);
    inv.argv.iter().chain(targets).any(|word| word.display().contains(path))
}

fn printed(inv: &Invocation) -> Option<Vec<Word>> {
    match &inv.stdin {
        Stdin::Text(text) if named(inv, &COPY) => {
            (named(inv, &["tee"]) || inv.operands.is_empty()).then(|| vec![text.clone()])
        }
        _ if named(inv, &PRINT) => Some(inv.operands.clone()),
        _ => None,
    }
}
