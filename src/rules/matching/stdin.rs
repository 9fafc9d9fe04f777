//! Conditions on what a command reads.

use super::{Aim, Scene, starts_as};
use crate::model::{Stdin, Word};
use crate::rules::schema::{Pattern, StdinKind, StdinTest};

impl Scene<'_> {
    pub(super) fn stdin(&self, test: &StdinTest, aim: Aim) -> bool {
        let stdin = &self.invocation.stdin;
        let file = match stdin {
            Stdin::File(word) => self.file_text(word),
            _ => None,
        };
        let kind = match stdin {
            Stdin::Inherited => StdinKind::Inherited,
            Stdin::Pipe(_) => StdinKind::Pipe,
            Stdin::File(_) if file.is_some() => StdinKind::Text,
            Stdin::File(_) => StdinKind::File,
            Stdin::Text(_) => StdinKind::Text,
        };
        let from = match stdin {
            Stdin::Pipe(upstream) => self.made_by(upstream, &test.from),
            Stdin::File(word) | Stdin::Text(word) => self.from(word, &test.from),
            Stdin::Inherited => false,
        };
        let input = self.invocation.input.as_deref().filter(|word| !word.has_hole());
        let known = match stdin {
            Stdin::Text(word) => !word.has_hole(),
            Stdin::Pipe(_) => input.is_some(),
            Stdin::File(_) | Stdin::Inherited => false,
        };
        let text = |pattern: &Pattern| match stdin {
            Stdin::Text(word) => self.written(pattern, word, aim),
            Stdin::Pipe(_) if let Some(word) = input => self.written(pattern, word, aim),
            Stdin::Pipe(upstream) => self.printed(upstream, pattern, aim),
            Stdin::File(_) => file.iter().flatten().any(|text| self.written(pattern, text, aim)),
            Stdin::Inherited => false,
        };
        (test.kind.is_empty() || test.kind.contains(&kind))
            && (test.from.is_empty() || from)
            && (test.only.is_empty() || self.only(&test.only))
            && (!test.secret || self.stdin_secret())
            && (!test.known || known)
            && test.text.as_ref().is_none_or(text)
    }

    /// Whether all that is written into the pipe comes from these programs.
    fn only(&self, programs: &[String]) -> bool {
        let Stdin::Pipe(upstream) = &self.invocation.stdin else { return false };
        !upstream.is_empty()
            && upstream.iter().all(|i| {
                let inv = self.all.get(*i);
                inv.is_some_and(|inv| programs.iter().any(|words| starts_as(inv, words)))
            })
    }

    /// Text that an `echo` or `printf` upstream would write into the pipe, or a
    /// `cat` of a here-document.
    fn printed(&self, upstream: &[usize], pattern: &Pattern, aim: Aim) -> bool {
        upstream.iter().filter_map(|i| self.all.get(*i)).any(|inv| {
            let program = inv.program.as_deref();
            let passes = program == Some("cat") && inv.operands.iter().all(is_dash);
            match &inv.stdin {
                Stdin::Text(text) if passes => self.written(pattern, text, aim),
                _ => {
                    matches!(program, Some("echo" | "printf"))
                        && inv.operands.iter().any(|word| self.written(pattern, word, aim))
                }
            }
        })
    }
}

fn is_dash(word: &Word) -> bool {
    word.as_static() == Some("-")
}
