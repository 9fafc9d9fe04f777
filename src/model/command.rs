//! Shell text as a flat list of simple commands.
//!
//! guard judges each simple command alone, so nesting matters only through
//! what flows between commands: pipes, substitutions and assignments.

use std::sync::Arc;

use super::{Part, Span, Word};

/// Everything a shell text would run, in the order of the text.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// The simple commands, from lists, loops, functions and substitutions.
    pub commands: Vec<Simple>,
    /// What could not be understood. Not empty means: not harmless.
    pub problems: Vec<Problem>,
    /// The files that redirections write, in the order of the text.
    pub files: Vec<Written>,
}

/// A file that the text itself writes.
#[derive(Debug, Clone)]
pub struct Written {
    /// The path as written; relative to where the command runs.
    pub path: Word,
    /// What is written, as far as it is known.
    pub content: Option<Arc<Word>>,
    /// At the end of what is there already.
    pub append: bool,
    /// Index of the last command that writes it.
    pub by: usize,
}

/// One simple command: assignments, words and redirections.
#[derive(Debug, Clone, Default)]
pub struct Simple {
    /// `NAME=value` before the command word.
    pub assignments: Vec<Assignment>,
    /// The command word and its arguments; empty for a bare redirection or
    /// assignment.
    pub words: Vec<Word>,
    /// Redirections of this command and of the groups around it.
    pub redirects: Vec<Redirect>,
    /// Where standard input comes from.
    pub stdin: Stdin,
    /// Bytes of the whole simple command.
    pub span: Span,
    /// The subshells around it, outermost first, each with a number of its own:
    /// what a subshell does to the working directory ends with it.
    pub subshells: Vec<u32>,
    /// What standard input holds, as far as it is known.
    pub input: Option<Arc<Word>>,
    /// What it prints, as far as it is known.
    pub output: Option<Arc<Word>>,
    /// The shell text that it would run has been read: what that starts are
    /// commands of this script.
    pub read: bool,
    /// Its name, or the text that it evaluates, is known but comes out of a
    /// substitution: nobody reads what runs off the line.
    pub disguised: bool,
    /// It certainly calls a function that the text defines, whose body has been read.
    pub function: bool,
    /// It stands in a function of this name that the text defines and never
    /// mentions again.
    pub uncalled: Option<Arc<str>>,
}

/// `NAME=value` or `NAME+=value`.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The variable, with its subscript if it has one.
    pub name: String,
    /// The value.
    pub value: Word,
}

/// A redirection of a simple command.
#[derive(Debug, Clone)]
pub struct Redirect {
    /// The descriptor, when written.
    pub fd: Option<i32>,
    /// The operator.
    pub op: RedirectOp,
    /// The file, or the text of a here-document or here-string.
    pub target: Word,
}

/// Redirection operators (bash(1), REDIRECTION).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RedirectOp {
    /// `<`
    Read,
    /// `>`: truncates.
    Write,
    /// `>|`: truncates even with noclobber.
    Clobber,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `&>` or `>&FILE`: truncates.
    WriteBoth,
    /// `&>>`
    AppendBoth,
    /// `<<`
    HereDocument,
    /// `<<<`
    HereString,
}

impl RedirectOp {
    /// Whether an existing file loses its content.
    #[must_use]
    pub const fn truncates(self) -> bool {
        matches!(self, Self::Write | Self::Clobber | Self::WriteBoth)
    }

    /// Whether the target is opened for writing.
    #[must_use]
    pub const fn writes(self) -> bool {
        self.truncates() || matches!(self, Self::Append | Self::AppendBoth | Self::ReadWrite)
    }
}

/// Where a command's standard input comes from.
#[derive(Debug, Clone, Default)]
pub enum Stdin {
    /// The same as guard's own.
    #[default]
    Inherited,
    /// The output of these commands (indices into [`Script::commands`]).
    Pipe(Vec<usize>),
    /// A file.
    File(Word),
    /// A here-document or here-string.
    Text(Word),
}

/// What the commands of one substitution print together: those whose output
/// feeds another one of them print nothing outside. `look` gives the standard
/// input and the output of a command.
pub fn printed_by<'a>(
    commands: &[usize],
    look: impl Fn(usize) -> Option<(&'a Stdin, Option<&'a Arc<Word>>)>,
) -> Option<Arc<Word>> {
    let feeds = |index: usize| {
        commands.iter().any(|other| match look(*other) {
            Some((Stdin::Pipe(from), _)) => from.contains(&index),
            _ => false,
        })
    };
    // A long list is not worth the square of its length.
    if commands.len() > 64 {
        return None;
    }
    let mut whole: Option<Arc<Word>> = None;
    for index in commands {
        if feeds(*index) {
            continue;
        }
        let (_, output) = look(*index)?;
        let output = output?;
        match &mut whole {
            None => whole = Some(Arc::clone(output)),
            Some(word) => {
                let word = Arc::make_mut(word);
                for part in &output.parts {
                    match part {
                        Part::Text(text) => word.push_text(text),
                        part => word.parts.push(part.clone()),
                    }
                }
            }
        }
    }
    whole
}

/// Something that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The kind.
    pub kind: ProblemKind,
    /// What, in words for people; never holds raw control characters' meaning:
    /// escape before showing.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// The text is not valid shell.
    Syntax,
    /// A stated limit was reached (size, depth, number of commands).
    Limit,
    /// A NUL byte: no shell would see what follows it.
    Nul,
}
