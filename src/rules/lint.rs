//! What a rule file must satisfy beyond its shape.
//!
//! A rule that can never match is worse than none, because somebody relies on
//! it. So everything that makes a rule dead or meaningless is an error, and all
//! errors of a file are reported at once.

mod across;
mod advice;
mod conditions;
mod grammar;
mod options;
mod place;
mod safer;
mod shadow;
mod subcommands;

use super::{
    error::{RuleError, RuleErrors},
    schema::{EffectSpec, Match, NameSource, Rule, RuleFile, Whereabouts},
    yaml,
};

pub use across::{Source, across};
pub use advice::{Look, Seen, UNWRITTEN, advise, is_unwritten};
use place::{Place, Report};
pub use subcommands::reachable;

/// Examples that each rule needs of either kind.
const EXAMPLES: usize = 3;
/// Characters of a summary: one line of a terminal beside the tier.
const SUMMARY: usize = 72;
/// Mistakes that are reported for one file.
const MOST: usize = 100;

/// What the checks ask about the rest of guard.
#[derive(Clone, Copy)]
pub struct Hooks<'a> {
    /// Whether a command line of a program can have this subcommand path, as
    /// its grammar reads it. Alternatives (`a|b`) have been taken apart.
    pub knows_subcommand: &'a dyn Fn(&str, &str) -> bool,
}

impl Default for Hooks<'_> {
    /// Asks guard's own grammars.
    fn default() -> Self {
        Self { knows_subcommand: &reachable }
    }
}

/// Reads and checks one rule file.
///
/// # Errors
/// All mistakes in order of position; only the first one when the text is not
/// even of the right shape.
pub fn check(name: &str, text: &str, hooks: Hooks<'_>) -> Result<RuleFile, RuleErrors> {
    let file: RuleFile = yaml::parse(name, text)?;
    let outline = yaml::outline(name, text)?;
    let mut report = Report::default();
    check_file(&file, Place::root(name, text, &outline), hooks, &mut report);
    let mut errors = report.errors;
    errors.sort_by_key(RuleError::position);
    errors.truncate(MOST);
    if errors.is_empty() { Ok(file) } else { Err(RuleErrors(errors)) }
}

fn check_file(file: &RuleFile, at: Place<'_>, hooks: Hooks<'_>, report: &mut Report) {
    if !is_tool(&file.tool) {
        let message = format!("`{}` is not a name for a tool.", file.tool);
        report.add(at.key("tool").error(&message).expected("small letters, digits, `-`, `_`, `+`"));
    }
    check_programs(file, at.key("programs"), report);
    grammar::check(file, at, report);
    check_whereabouts(&file.whereabouts, at.key("whereabouts"), report);
    if file.rules.is_empty() {
        report.add(at.key("rules").error("There are no rules in this file."));
    }
    for (i, rule) in file.rules.iter().enumerate() {
        let at = at.key("rules").index(i);
        check_rule(file, rule, at, report);
        conditions::check(file, &rule.matches, at.key("match"), hooks, report);
        check_effect(&rule.effect, at.key("effect"), report);
        check_examples(rule, at.key("examples"), report);
        check_earlier(file, i, at, report);
    }
}

fn check_programs(file: &RuleFile, at: Place<'_>, report: &mut Report) {
    if file.programs.is_empty() {
        report.add(at.error("There are no programs.").expected("the names of the program files"));
    }
    for (i, program) in file.programs.iter().enumerate() {
        let at = at.index(i);
        if program == "*" && file.programs.len() > 1 {
            report.add(at.error("`*` stands for every program.").expected("`*` alone in its file"));
        } else if program.is_empty() || program.contains(|c: char| c.is_whitespace() || c == '/') {
            report.add(at.error("This cannot be the file name of a program."));
        }
        if file.programs.iter().take(i).any(|earlier| earlier == program) {
            report.add(at.error(&format!("The program `{program}` is listed twice.")));
        }
    }
}

fn check_whereabouts(whereabouts: &Whereabouts, at: Place<'_>, report: &mut Report) {
    conditions::option_names(&whereabouts.options, at.key("options"), report);
    for (i, glob) in whereabouts.local_names.iter().enumerate() {
        conditions::glob(glob, at.key("local_names").index(i), report);
    }
    for (i, glob) in whereabouts.throwaway.iter().enumerate() {
        conditions::glob(glob, at.key("throwaway").index(i), report);
    }
    for (i, host) in whereabouts.hosts.iter().enumerate() {
        let known = whereabouts.options.contains(host) || whereabouts.env.contains(host);
        if host.starts_with('-') && !known {
            let message = format!("`{host}` is not among `options`, so it is never looked at.");
            report.add(at.key("hosts").index(i).error(&message));
        }
    }
}

fn check_rule(file: &RuleFile, rule: &Rule, at: Place<'_>, report: &mut Report) {
    let name = rule.id.strip_prefix(file.tool.as_str()).and_then(|rest| rest.strip_prefix('.'));
    if !name.is_some_and(is_kebab) {
        let message = format!("The id `{}` is not of the form `tool.name`.", rule.id);
        let right = format!("`{}.` and then small letters and digits with single `-`", file.tool);
        report.add(at.key("id").error(&message).expected(right));
    }
    let characters = rule.summary.chars().count();
    if rule.summary.trim().is_empty() {
        report.add(at.key("summary").error("The summary is empty."));
    } else if characters > SUMMARY {
        let message = format!("The summary has {characters} characters.");
        report.add(at.key("summary").error(&message).expected(format!("at most {SUMMARY}")));
    } else if rule.summary.contains('\n') {
        report.add(at.key("summary").error("The summary has more than one line."));
    }
    if rule.why.trim().is_empty() {
        let place = at.key("why");
        report
            .add(place.error("The rule does not say why.").expected("a short paragraph in `why`"));
    }
    for (i, reference) in rule.references.iter().enumerate() {
        let known = ["https://", "http://", "man:"].iter().any(|p| reference.starts_with(p));
        if !known || reference.contains(char::is_whitespace) {
            let place = at.key("references").index(i);
            report.add(
                place.error("This is not an address.").expected("`https://...` or `man:name(8)`"),
            );
        }
    }
    if let Some(safer) = &rule.safer {
        safer::check(safer, at.key("safer"), report);
    }
}

fn check_effect(effect: &EffectSpec, at: Place<'_>, report: &mut Report) {
    if effect.object.trim().is_empty() {
        report.add(at.key("object").error("The kind of object is empty."));
    }
    if effect.reversibility.is_some_and(|level| level > 4) {
        let place = at.key("reversibility");
        report.add(place.error("There is no such level.").expected("0 (built in) to 4 (no undo)"));
    }
    for (i, source) in effect.name.iter().enumerate() {
        let at = at.key("name").index(i);
        match source {
            NameSource::Option(names) => {
                conditions::option_names(names, at.key("option"), report);
                conditions::not_empty(names, at.key("option"), report);
            }
            NameSource::Env(names) => conditions::not_empty(names, at.key("env"), report),
            _ => {}
        }
    }
    conditions::option_names(&effect.bypass, at.key("bypass"), report);
}

fn check_examples(rule: &Rule, at: Place<'_>, report: &mut Report) {
    let examples = &rule.examples;
    for (key, list) in [("match", &examples.matches), ("pass", &examples.pass)] {
        if list.len() < EXAMPLES {
            let message =
                format!("The rule `{}` has {} examples under `{key}`.", rule.id, list.len());
            report.add(at.key(key).error(&message).expected(format!("at least {EXAMPLES}")));
        }
        for (i, example) in list.iter().enumerate() {
            let at = at.key(key).index(i);
            if example.trim().is_empty() {
                report.add(at.error("The example is empty."));
            } else if list.iter().take(i).any(|earlier| earlier == example) {
                report.add(at.error("The example is given twice."));
            }
        }
    }
    for (i, example) in examples.pass.iter().enumerate() {
        if examples.matches.contains(example) {
            report.add(at.key("pass").index(i).error("The example is also under `match`."));
        }
    }
}

/// Ids and conditions must not repeat within a file.
fn check_earlier(file: &RuleFile, i: usize, at: Place<'_>, report: &mut Report) {
    let Some(rule) = file.rules.get(i) else { return };
    for earlier in file.rules.iter().take(i) {
        if earlier.id == rule.id {
            report.add(at.key("id").error(&format!("The id `{}` is taken.", rule.id)));
        }
        if earlier.matches == rule.matches && rule.matches != Match::default() {
            let message = format!("The rule `{}` has the same `match`.", earlier.id);
            report.add(
                at.key("match").error(&message).expected("one rule, or conditions that differ"),
            );
        }
    }
}

fn is_tool(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_+".contains(c);
    name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()) && name.chars().all(ok)
}

fn is_kebab(name: &str) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.split('-').all(|part| !part.is_empty() && part.chars().all(ok))
}

#[cfg(test)]
mod tests;
