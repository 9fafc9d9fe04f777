//! Shell text to a flat list of simple commands.
//!
//! `lex` cuts the text the way bash does, `grammar` (brush-parser) finds the
//! structure, `walk` flattens it, and `expand` resolves every word as far as it
//! is certain. Nothing is executed and nothing outside the text is looked at;
//! what cannot be known stays a hole in its word.

use std::collections::BTreeMap;

use crate::model::{Problem, ProblemKind, Script, Span, Word};

mod arrays;
mod calls;
mod choices;
mod descriptors;
mod effects;
mod expand;
mod flow;
mod grammar;
mod inputs;
mod lex;
pub mod limits;
mod loops;
mod pure;
mod quote;
mod read;
mod redirect;
mod simple;
mod vars;
mod walk;

#[cfg(test)]
mod tests;

pub use quote::{join, quote};

/// What is known before the text starts.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The home directory, for `~` and `$HOME`.
    pub home: Option<String>,
    /// The working directory, for `$PWD`.
    pub cwd: Option<String>,
    /// Variables, and positional parameters from `1` on. With the key `0`, the
    /// name by which the text is called, the positional parameters are complete:
    /// what is not listed is not set.
    pub vars: BTreeMap<String, Word>,
    /// The text is all of the script that `0` names, so that bash's
    /// `BASH_SOURCE` is that too.
    pub script: bool,
    /// What standard input holds, as far as it is known.
    pub input: Option<std::sync::Arc<Word>>,
}

/// Reads a shell text.
///
/// Never fails: what cannot be understood is a [`Problem`] of the result, which
/// then may hold only some of the commands, or none.
#[must_use]
pub fn read(text: &str, known: &Known) -> Script {
    if let Some(problem) = refuse(text) {
        return Script { problems: vec![problem], ..Script::default() };
    }
    let script = read::read_with(text, known, lex::Options { extended: false });
    let syntax = |script: &Script| script.problems.iter().any(|p| p.kind == ProblemKind::Syntax);
    // A fresh `bash -c` has extended patterns off, and there `!(x)` runs `x`.
    // Text that is only valid with them was written for a shell that has them.
    if syntax(&script) && ["?(", "*(", "+(", "@(", "!("].iter().any(|open| text.contains(open)) {
        let extended = read::read_with(text, known, lex::Options { extended: true });
        if !syntax(&extended) {
            return extended;
        }
    }
    script
}

/// Text that is not read at all.
fn refuse(text: &str) -> Option<Problem> {
    if text.len() > limits::MAX_BYTES {
        let message = format!(
            "The command is longer than {} bytes; put it into a file and run that.",
            limits::MAX_BYTES
        );
        let span = Span::new(limits::MAX_BYTES, text.len());
        return Some(Problem { kind: ProblemKind::Limit, message, span });
    }
    let nul = text.bytes().position(|byte| byte == 0)?;
    let message = "The command holds a NUL byte, behind which shells see nothing; remove it.";
    let span = Span::new(nul, nul + 1);
    Some(Problem { kind: ProblemKind::Nul, message: message.to_owned(), span })
}
