//! Whether all that a command starts is known.

use super::Scene;
use crate::command::grammar;
use crate::model::{Certainty, Invocation, Word};

/// Programs that run whatever they read.
const SHELLS: &[&str] = &["bash", "csh", "dash", "fish", "ksh", "mksh", "sh", "tcsh", "zsh"];

/// Utilities without options that take a value, and so without a grammar
/// (POSIX.1-2024, XCU 4).
const PLAIN: &[&str] = &[
    ":",
    "basename",
    "bat",
    "cal",
    "cat",
    "cksum",
    "cmp",
    "col",
    "colordiff",
    "comm",
    "date",
    "delta",
    "diff-so-fancy",
    "difft",
    "dirname",
    "echo",
    "expr",
    "false",
    "groups",
    "hostname",
    "id",
    "jobs",
    "less",
    "ls",
    "md5sum",
    "more",
    "nl",
    "nproc",
    "printf",
    "pwd",
    "rev",
    "seq",
    "sha1sum",
    "sha256sum",
    "sleep",
    "sync",
    "tac",
    "test",
    "tput",
    "tr",
    "true",
    "tty",
    "uname",
    "uniq",
    "uptime",
    "wc",
    "whoami",
    "[",
];

/// Where the programs of the system lie. Elsewhere a name promises nothing.
const SYSTEM: &[&str] = &["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"];

/// How deep commands that start others are looked into.
const MOST_STARTED: usize = 4;

impl Scene<'_> {
    /// See [`Starts::Known`].
    pub(super) fn starts_known(&self) -> bool {
        let own = self.all.iter().position(|inv| std::ptr::eq(inv, self.invocation));
        own.is_some_and(|own| self.all_known(own, MOST_STARTED))
    }

    /// Whether an invocation starts others, and all of them are known.
    fn all_known(&self, index: usize, deep: usize) -> bool {
        let started = self.all.iter().enumerate();
        let mut started = started.filter(|(_, inv)| inv.parent == Some(index)).peekable();
        let known = |(index, inv): (usize, &Invocation)| {
            let tool = inv.program.as_deref().map(grammar::tool_name);
            let shell = tool.as_deref().is_some_and(|tool| SHELLS.contains(&tool));
            let path = inv.argv.first().and_then(Word::as_static).unwrap_or("/");
            let starts = self.all.iter().any(|inv| inv.parent == Some(index));
            inv.certainty == Certainty::Exact
                && !inv.disguised
                && (!path.contains('/') || SYSTEM.iter().any(|folder| path.starts_with(folder)))
                && (!starts || deep > 0 && self.all_known(index, deep - 1))
                && (!shell || inv.read || starts)
                && tool.is_some_and(|tool| PLAIN.contains(&tool.as_str()) || grammar::knows(&tool))
        };
        started.peek().is_some() && started.all(known)
    }
}
