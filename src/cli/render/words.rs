//! The command text with every word coloured by what it means, and marks below
//! the words that had an effect. Nothing is left out here: this is where the
//! short screens send their readers.

use std::cmp::Reverse;

use crate::decide::Verdict;
use crate::model::{Invocation, Span};
use crate::text::width::width;
use crate::text::{Escaped, Line, Palette, Role};

/// Bytes that are coloured at most. Nested commands overlap, and colour is
/// only extra: the work must not grow with the square of the input.
const PAINTED: usize = 16 * 1024 * 1024;
/// Columns in front of each line.
const INDENT: usize = 2;

/// What a byte of the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    role: Role,
    marked: bool,
}

/// The text over as many lines as it takes, each with a line of marks below it
/// where something had an effect.
pub(super) fn lines(text: &str, verdict: &Verdict, columns: usize) -> Vec<Line> {
    let looks = looks(text, verdict);
    let room = columns.saturating_sub(INDENT).max(8);
    let mut lines = Vec::new();
    let mut row = Row::default();
    for (at, c) in text.char_indices() {
        let shown = Escaped(c.encode_utf8(&mut [0; 4])).to_string();
        let columns = width(&shown);
        if row.columns + columns > room {
            row.finish(&mut lines);
        }
        row.push(&shown, columns, looks.get(at).copied().unwrap_or_default());
        if c == '\n' {
            row.finish(&mut lines);
        }
    }
    row.finish(&mut lines);
    lines
}

/// The meaning of the colours; empty without colour.
pub(super) fn legend(palette: Palette) -> Option<Line> {
    palette.on.then(|| {
        let mut line = Line::new().with(Role::Dim, "  colours: ");
        for (at, (role, name)) in [
            (Role::Program, "program"),
            (Role::Subcommand, "subcommand"),
            (Role::Option, "option"),
            (Role::Operand, "operand"),
            (Role::Unknown, "not known before it runs"),
        ]
        .into_iter()
        .enumerate()
        {
            if at > 0 {
                line.push(Role::Dim, " · ");
            }
            line.push(role, name);
        }
        line
    })
}

/// A line of the text under construction, in runs of one look.
#[derive(Default)]
struct Row {
    text: Line,
    marks: String,
    run: String,
    look: Look,
    columns: usize,
}

impl Row {
    fn push(&mut self, shown: &str, columns: usize, look: Look) {
        if look != self.look {
            self.end_run();
            self.look = look;
        }
        self.run += shown;
        self.columns += columns;
        let mark = if look.marked { '^' } else { ' ' };
        self.marks.extend(std::iter::repeat_n(mark, columns));
    }

    fn end_run(&mut self) {
        self.text.push(self.look.role, &std::mem::take(&mut self.run));
    }

    fn finish(&mut self, lines: &mut Vec<Line>) {
        self.end_run();
        let row = std::mem::take(self);
        if row.text.is_empty() {
            return;
        }
        let indent = " ".repeat(INDENT);
        let mut line = Line::new().with(Role::Plain, &indent);
        line.append(row.text);
        lines.push(line);
        let marks = row.marks.trim_end();
        if !marks.is_empty() {
            lines.push(Line::new().with(Role::Danger, &format!("{indent}{marks}")));
        }
    }
}

fn looks(text: &str, verdict: &Verdict) -> Vec<Look> {
    let mut looks = vec![Look::default(); text.len()];
    let mut budget = PAINTED;
    let mut paint = |span: Span, change: &dyn Fn(&mut Look)| {
        let Some(bytes) = looks.get_mut(span.start..span.end.min(text.len())) else { return };
        let Some(left) = budget.checked_sub(bytes.len()) else { return };
        budget = left;
        bytes.iter_mut().for_each(change);
    };
    for finding in verdict.findings.iter().filter(|finding| finding.tier.asks()) {
        paint(finding.effect.span, &|look| look.marked = true);
    }
    // An inner command lies inside a word of the outer one: the smaller last.
    let mut inner_last: Vec<&Invocation> = verdict.invocations.iter().collect();
    inner_last.sort_by_key(|found| Reverse(found.span.end.saturating_sub(found.span.start)));
    for (span, role) in inner_last.into_iter().flat_map(roles) {
        paint(span, &|look| look.role = role);
    }
    looks
}

/// What the words of an invocation are, the more particular later.
fn roles(invocation: &Invocation) -> Vec<(Span, Role)> {
    let Invocation { argv, options, operands, redirects, assignments, .. } = invocation;
    let values = options.iter().filter_map(|option| option.value.as_ref());
    let targets = redirects.iter().map(|redirect| &redirect.target);
    let assigned = assignments.iter().map(|assignment| &assignment.value);

    let mut out: Vec<_> = argv.iter().map(|word| (word.span, Role::Subcommand)).collect();
    out.extend(options.iter().map(|option| (option.span, Role::Option)));
    let hit = operands.iter().chain(targets.clone()).chain(assigned.clone());
    out.extend(hit.map(|word| (word.span, Role::Operand)));
    out.extend(argv.first().map(|word| (word.span, Role::Program)));
    let unknown = argv.iter().chain(values).chain(targets).chain(assigned);
    out.extend(unknown.filter(|word| word.has_hole()).map(|word| (word.span, Role::Unknown)));
    out
}
