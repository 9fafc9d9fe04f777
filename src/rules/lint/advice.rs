//! What an author should look at: nothing here makes a file wrong.
//!
//! A rule file with these findings works, and is loaded; `guard rules lint`
//! shows them as warnings.

use super::{
    Source, options,
    place::{Place, Report},
    shadow,
};
use crate::model::Tier;
use crate::rules::{error::RuleError, glob, schema::RuleFile, yaml};

/// Starts an example that is still to be written.
pub const UNWRITTEN: &str = concat!("TO", "DO");

/// Examples under `pass` that are about the tool.
const NEAR: usize = 2;

/// What guard makes of an example, with the rules of the file in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The programs that it would start.
    pub programs: Vec<String>,
    /// The rules that match, each with the tier of what it finds.
    pub rules: Vec<(String, Tier)>,
    /// It is a shell command.
    pub readable: bool,
}

/// Looks at an example.
pub type Look<'a> = &'a dyn Fn(&str) -> Seen;

/// The examples of one rule as they were seen.
pub(super) struct Judged {
    pub(super) matches: Vec<Seen>,
    pub(super) pass: Vec<Seen>,
}

/// Finds what could be better in a file that [`super::check`] accepted.
#[must_use]
pub fn advise(source: &Source, look: Look<'_>) -> Vec<RuleError> {
    let Source { name, text, file } = source;
    let Ok(outline) = yaml::outline(name, text) else { return Vec::new() };
    let at = Place::root(name, text, &outline);
    let mut report = Report::default();
    let judged: Vec<Judged> = file.rules.iter().map(|rule| judge(&rule.examples, look)).collect();
    shadow::check(file, &judged, at, &mut report);
    options::check(file, at, &mut report);
    for (i, (rule, judged)) in file.rules.iter().zip(&judged).enumerate() {
        let at = at.key("rules").index(i).key("examples");
        for (key, list, seen) in [
            ("match", &rule.examples.matches, &judged.matches),
            ("pass", &rule.examples.pass, &judged.pass),
        ] {
            examples(list, seen, at.key(key), &mut report);
        }
        near_misses(file, &rule.examples.pass, &judged.pass, at.key("pass"), &mut report);
    }
    let mut found: Vec<RuleError> = report.errors.into_iter().map(RuleError::advice).collect();
    found.sort_by_key(RuleError::position);
    found
}

fn judge(examples: &crate::rules::schema::Examples, look: Look<'_>) -> Judged {
    let all = |list: &[String]| list.iter().map(|example| look(example)).collect();
    Judged { matches: all(&examples.matches), pass: all(&examples.pass) }
}

/// Whether an example is still to be written.
#[must_use]
pub fn is_unwritten(example: &str) -> bool {
    example.trim_start().starts_with(UNWRITTEN)
}

/// Examples that say nothing: not written, no command, or said before.
fn examples(list: &[String], seen: &[Seen], at: Place<'_>, report: &mut Report) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (i, (example, seen)) in list.iter().zip(seen).enumerate() {
        let at = at.index(i);
        if is_unwritten(example) {
            report
                .add(at.error("This example is still to be written.").expected("a whole command"));
            continue;
        }
        if !seen.readable {
            let message = "This example is not a command that a shell can read.";
            report.add(at.error(message).expected("shell text without a syntax error"));
        }
        // The very same text is a mistake, and was reported as one.
        let same = |other: &&String| *other != example && words(other) == words(example);
        if list.iter().take(i).any(|other| same(&other)) {
            let message = "An example before this one differs only in blanks.";
            report.add(at.error(message).expected("a command that shows something else"));
        }
    }
}

/// A near miss is a command of the same tool, or one that mentions it. A rule
/// needs several; beside them, a neighbour of the tool is a good example too.
fn near_misses(
    file: &RuleFile,
    list: &[String],
    seen: &[Seen],
    at: Place<'_>,
    report: &mut Report,
) {
    if file.programs.iter().any(|program| program == "*") || list.iter().any(|e| is_unwritten(e)) {
        return;
    }
    let near = |(example, seen): &(&String, &Seen)| {
        file.programs.iter().any(|program| {
            example.contains(program.as_str())
                || seen.programs.iter().any(|p| glob::matches(program, p, false))
        })
    };
    let count = list.iter().zip(seen).filter(near).count();
    if count < NEAR {
        let message = match count {
            0 => format!("None of these examples is about `{}`.", file.tool),
            _ => format!("Only {count} of these examples is about `{}`.", file.tool),
        };
        report.add(
            at.error(&message).expected(format!("{NEAR} near misses: the tool doing no harm")),
        );
    }
}
