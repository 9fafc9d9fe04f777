//! The report in Markdown (CommonMark with the tables of GFM).

use super::Report;
use super::collect::Case;
use super::summary::{ending, moment};
use crate::text::escape;

/// Longest command in the table, in characters; whole below it.
const SHORT: usize = 80;

pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = format!("# {}\n\n", text(&report.title));
    out += &format!("{}\n\n## In short\n\n", text(&report.source));
    for line in report.short() {
        out += &format!("- {}\n", text(&line));
    }
    out +=
        "\n## Timeline\n\nTimes are UTC.\n\n| time | who | command | tier | what became of it |\n";
    out += "|---|---|---|---|---|\n";
    for case in &report.found.cases {
        out += &format!(
            "| {} | {} | {} | {} | {} |\n",
            moment(case.at),
            text(&case.who),
            code(&short(&case.command)),
            text(&case.tier),
            text(&ending(case))
        );
    }
    out += "\n## What was known and decided\n";
    for case in report.serious() {
        out += &one(case);
    }
    out += "\n## What this record cannot say\n\n";
    for line in report.limits() {
        out += &format!("- {}\n", text(&line));
    }
    out += "\n## To be written by people\n\n";
    for (title, hint) in super::OPEN {
        out += &format!("### {title}\n\n_{hint}_\n\n");
    }
    out
}

fn one(case: &Case) -> String {
    let mut out = format!("\n### {} {}\n\n", moment(case.at), code(&short(&case.command)));
    if case.command.chars().count() > SHORT {
        out += &format!("{}\n\n", code(&case.command));
    }
    out += &format!(
        "- {} as {} on {} in {}, {}\n",
        text(&case.who),
        text(&case.user),
        text(&case.host),
        code(&case.cwd),
        text(&case.tier)
    );
    let lists = [("why", &case.why), ("known", &case.known), ("before", &case.before)];
    for (what, lines) in lists {
        for line in lines {
            out += &format!("- {what}: {}\n", text(line));
        }
    }
    if !case.reason.is_empty() {
        out += &format!("- reason given by the caller: {}\n", text(&case.reason));
    }
    for event in &case.events {
        out += &format!("- {} {}\n", moment(event.at), text(&event.text));
    }
    out += &format!("- `guard log show {}`\n", text(&case.id));
    out
}

pub(super) fn short(command: &str) -> String {
    let mut out: String = command.chars().take(SHORT).collect();
    if out.len() < command.len() {
        out.push('…');
    }
    out
}

/// Text that means nothing to Markdown, and to a terminal that shows it.
fn text(text: &str) -> String {
    let mut out = String::new();
    for c in escape(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' | '!')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A code span that holds any text: its fence is longer than any run of
/// backticks in it (CommonMark 6.1). `|` ends a table cell even there.
fn code(text: &str) -> String {
    let text = escape(text).to_string().replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    format!("{fence} {text} {fence}")
}

#[cfg(test)]
mod tests {
    use super::{code, text};

    #[test]
    fn commands_cannot_leave_their_code_span_or_their_cell() {
        assert_eq!(code("a `b` c"), "`` a `b` c ``");
        assert_eq!(code("a | b"), "` a \\| b `");
        assert!(!code("a\nb\u{1b}[2J").contains(['\n', '\u{1b}']));
        assert_eq!(text("*a* <b> [x](y)"), "\\*a\\* \\<b\\> \\[x\\](y)");
    }
}
