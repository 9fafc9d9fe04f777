//! Functions that a text defines and never calls.

use std::sync::Arc;

use super::Resolver;
use crate::command::grammar;

/// How many functions that are never called are noted.
const MAX_UNCALLED: usize = 20;

impl Resolver<'_> {
    /// Notes a function that is never called, for explanations.
    pub(super) fn leave_out(&mut self, name: &Arc<str>) {
        let names = &mut self.out.uncalled;
        if names.len() < MAX_UNCALLED && !names.contains(name) {
            names.push(Arc::clone(name));
        }
    }
}

/// Whether a function of this name stands in front of a program or builtin, so
/// that whoever types the name gets the function.
pub(super) fn takes_over(name: &str) -> bool {
    // Builtins, and what POSIX systems have (POSIX.1-2024, Utilities) without
    // a command line that guard has to know.
    const SHELL: &[&str] = &[
        "cd",
        "exit",
        "logout",
        "source",
        "command_not_found_handle",
        ".",
        "ls",
        "cat",
        "echo",
        "printf",
        "pwd",
        "true",
        "false",
        "test",
        "cp",
        "mv",
        "rm",
        "mkdir",
        "touch",
        "grep",
        "less",
        "more",
        "head",
        "tail",
        "sort",
        "wc",
        "ps",
        "df",
        "du",
        "id",
        "who",
        "date",
        "clear",
        "history",
        "man",
        "vi",
        "export",
        "alias",
        "unset",
        "type",
        "which",
        "kill",
    ];
    grammar::is_tool(name) || SHELL.contains(&name)
}
