//! A command after wrappers are taken off and options are understood.

use std::sync::Arc;

use super::{Redirect, Span, Stdin, Word, command::Assignment};

/// One program that would run, in the terms of its own command line.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// Canonical name of the tool, such as `git` for `/usr/bin/git`; `None`
    /// when the command word is not known.
    pub program: Option<String>,
    /// The words as the program gets them, program first.
    pub argv: Vec<Word>,
    /// Subcommand path with aliases resolved: `["rollout", "undo"]`.
    pub subcommand: Vec<String>,
    /// Options in order, wherever they stood.
    pub options: Vec<Opt>,
    /// What is neither option nor subcommand.
    pub operands: Vec<Word>,
    /// How sure the reading is.
    pub certainty: Certainty,
    /// Class of the operation by the tool's verb table, if it has one.
    pub class: Option<OpClass>,
    /// The tool would only print its help or version.
    pub help: bool,
    /// `NAME=value` in front of the command or of a wrapper around it.
    pub assignments: Vec<Assignment>,
    /// Variables that the text exports before the command, certainly or not:
    /// they can make a verdict stricter, never milder.
    pub exported: Arc<Vec<Assignment>>,
    /// Redirections.
    pub redirects: Vec<Redirect>,
    /// Where standard input comes from; indices of [`Stdin::Pipe`] are into
    /// the list of invocations.
    pub stdin: Stdin,
    /// What standard input holds, as far as it is known.
    pub input: Option<Arc<Word>>,
    /// What it prints, as far as it is known.
    pub output: Option<Arc<Word>>,
    /// The shell text that it would run has been read where it stands: what
    /// that starts are invocations of their own.
    pub read: bool,
    /// See [`super::Simple::disguised`].
    pub disguised: bool,
    /// See [`super::Simple::function`].
    pub function: bool,
    /// Where and as whom it runs.
    pub place: Place,
    /// The wrappers around it, outermost first.
    pub wrappers: Vec<Wrapper>,
    /// Where relative paths start, after `cd` in the same text: `None` is
    /// guard's own directory, empty is unknown.
    pub cwd: Option<String>,
    /// Index of the invocation that starts this one.
    pub parent: Option<usize>,
    /// Bytes of the simple command in the text given to guard.
    pub span: Span,
}

/// One option as found on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// The name with its dashes: `--force`, `-f`, `-auto-approve`. Where only
    /// its beginning is known (`--f$X`), that and a star.
    pub name: String,
    /// The value, attached or separate.
    pub value: Option<Word>,
    /// Whether the grammar knows the option. An unknown one is read in the way
    /// that makes the verdict stricter.
    pub known: bool,
    /// Where it stands.
    pub span: Span,
}

/// How sure guard is about the shape of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Program, subcommand and options are all known.
    #[default]
    Exact,
    /// A subcommand or an option position is unknown (`kubectl $VERB`).
    Shape,
    /// The program itself is unknown (`$CMD x`).
    Program,
}

/// Effect class of an operation by name (see `rules/verbs`): what the verb
/// tables of cloud command lines know without knowing the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpClass {
    /// Reads only.
    Read,
    /// Reads a secret or mints a credential.
    ReadSecret,
    /// Creates or starts.
    Create,
    /// Modifies.
    Modify,
    /// Stops, reboots, detaches, disables, resets, fails over.
    Disrupt,
    /// Deletes.
    Delete,
    /// Runs code.
    Execute,
    /// Changes access policy.
    Access,
    /// Changes only this machine's configuration.
    Local,
    /// Not in the table: treated as a write.
    Unknown,
}

/// Where a command runs, as seen from guard's host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// Here, as the caller.
    #[default]
    Here,
    /// Here, as another user (`sudo`, `su`); `None`: root.
    AsUser(Option<String>),
    /// In a container or pod; the word names it.
    Container(Option<String>),
    /// On another host.
    Remote(Option<String>),
    /// Under another root directory.
    Chroot(Option<String>),
}

/// A wrapper that was taken off (`sudo`, `xargs`, `sh -c`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapper {
    /// Its name.
    pub name: String,
    /// Bytes of its words.
    pub span: Span,
}

impl Invocation {
    /// Options of which only the beginning of the name is known, and that may be
    /// one of these.
    pub fn options_perhaps<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a Opt> {
        self.options.iter().filter(move |opt| {
            let start = opt.name.strip_suffix('*');
            start.is_some_and(|start| names.iter().any(|name| name.starts_with(start)))
        })
    }

    /// The options with one of these names.
    pub fn options_named<'a>(&'a self, names: &'a [String]) -> impl Iterator<Item = &'a Opt> {
        self.options.iter().filter(move |opt| names.contains(&opt.name))
    }

    /// Whether the tool was told to say what it would do and to do nothing: an
    /// option for that which the tool's grammar has here, so that the tool is
    /// known to heed it, and which nothing on the line turns off again.
    #[must_use]
    pub fn rehearses(&self) -> bool {
        // systemctl(1) heeds it for a few verbs only, and what starts a script of
        // the project leaves it to that.
        let in_part = matches!(
            self.program.as_deref(),
            None | Some("systemctl" | "npm" | "pnpm" | "yarn" | "bun")
        );
        if in_part {
            return false;
        }
        let mut given = self.options.iter().filter(|opt| {
            let name = opt.name.trim_start_matches('-');
            REHEARSAL.contains(&name.strip_prefix("no-").unwrap_or(name))
        });
        let on = |opt: &Opt| {
            let value = opt.value.as_ref().map(|value| value.as_static().unwrap_or_default());
            opt.known
                && !opt.name.starts_with("--no-")
                && value.is_none_or(|value| ON.contains(&value))
        };
        given.clone().next().is_some() && given.all(on) && self.certainty == Certainty::Exact
    }
}

/// Names of options, without dashes, that have this one meaning wherever a tool
/// has them. Not among them: `--check`, `--test`, `--fake` and `--preview`, which
/// do something in some tools.
const REHEARSAL: [&str; 4] = ["dry-run", "dryrun", "dryRun", "what-if"];

/// Values with which such an option is on; kubectl has `client` and `server`.
const ON: [&str; 3] = ["true", "client", "server"];
