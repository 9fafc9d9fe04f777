//! Variables that the commands of a text export to those that follow.

use std::sync::Arc;

use super::Resolver;
use crate::command::inner;
use crate::model::{Assignment, Problem, ProblemKind, Simple, Span};

/// How many different assignments a text may make.
const MAX_EXPORTS: usize = 300;

impl Resolver<'_> {
    /// Notes what a command exports. The list is shared by the commands that
    /// follow, and each that changes it makes a copy, so its length is bounded.
    pub(super) fn export(
        &mut self,
        into: &mut Arc<Vec<Assignment>>,
        exports: Vec<Assignment>,
        span: Span,
    ) {
        for assignment in exports {
            if into.iter().any(|known| {
                known.name == assignment.name && known.value.parts == assignment.value.parts
            }) {
                continue;
            }
            if into.len() >= MAX_EXPORTS {
                let message =
                    format!("More than {MAX_EXPORTS} variables are set: the rest was not read.");
                self.out.problems.push(Problem { kind: ProblemKind::Limit, message, span });
                return;
            }
            Arc::make_mut(into).push(assignment);
        }
    }
}

/// Variables that a command of the shell exports: `export NAME=value` and the
/// like, and plain assignments, because the variable may be exported already.
pub(super) fn exports(command: &Simple) -> Vec<Assignment> {
    match command.words.split_first() {
        None => command.assignments.clone(),
        Some((program, rest)) => match program.as_static() {
            Some("export" | "declare" | "typeset" | "readonly" | "local") => {
                rest.iter().filter_map(inner::assignment).collect()
            }
            _ => Vec::new(),
        },
    }
}
