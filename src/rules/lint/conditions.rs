//! Checks of the conditions of a rule.

use super::{
    Hooks,
    place::{Place, Report},
    subcommands,
};
use crate::rules::{
    glob, loaded,
    schema::{Match, OperandTest, OptionTest, Pattern, RuleFile, StdinTest},
};

/// Checks a condition and the ones inside it.
pub(super) fn check(
    file: &RuleFile,
    matches: &Match,
    at: Place<'_>,
    hooks: Hooks<'_>,
    report: &mut Report,
) {
    if *matches == Match::default() {
        report.add(
            at.error("There is no condition, so everything would match.")
                .expected("a condition, or `program: [...]` to mean every call"),
        );
        return;
    }
    subcommands::check(file, matches, at.key("subcommand"), hooks, report);
    for (i, test) in matches.options.iter().enumerate() {
        option_test(test, at.key("options").index(i), report);
    }
    contradictions(&matches.options, at.key("options"), report);
    for (i, test) in matches.operands.iter().enumerate() {
        operand_test(test, at.key("operands").index(i), report);
    }
    for (i, test) in matches.redirects.iter().enumerate() {
        if let Some(target) = &test.target {
            pattern(target, at.key("redirects").index(i).key("target"), report);
        }
    }
    if let Some(stdin) = &matches.stdin {
        stdin_test(stdin, at.key("stdin"), report);
    }
    for (i, test) in matches.env.iter().enumerate() {
        let at = at.key("env").index(i);
        not_empty(&test.name, at.key("name"), report);
        if let Some(is) = &test.is {
            pattern(is, at.key("is"), report);
        }
    }
    programs(file, &matches.program, at.key("program"), report);
    for (key, list) in [("any", &matches.any), ("none", &matches.none)] {
        for (i, inner) in list.iter().enumerate() {
            check(file, inner, at.key(key).index(i), hooks, report);
        }
    }
}

fn programs(file: &RuleFile, names: &[String], at: Place<'_>, report: &mut Report) {
    if file.programs.iter().any(|program| program == "*") {
        return;
    }
    for (i, name) in names.iter().enumerate() {
        if !file.programs.iter().any(|program| glob::matches(name, program, false)) {
            let message = format!("`{name}` is not among the `programs` of this file.");
            let right = file.programs.join(", ");
            report.add(at.index(i).error(&message).expected(format!("one of {right}")));
        }
    }
}

fn option_test(test: &OptionTest, at: Place<'_>, report: &mut Report) {
    let lists = [("any", &test.any), ("all", &test.all), ("none", &test.none)];
    let given: Vec<_> = lists.iter().filter(|(_, list)| !list.is_empty()).collect();
    if given.len() != 1 {
        let message = format!("This test has {} of `any`, `all`, `none`.", given.len());
        report.add(at.error(&message).expected("exactly one; write a second test for more"));
    }
    for (key, list) in lists {
        option_names(list, at.key(key), report);
    }
    if let Some(value) = &test.value {
        if !test.all.is_empty() {
            report.add(at.key("value").error("`value` goes with `any` or `none`, not with `all`."));
        }
        pattern(value, at.key("value"), report);
    }
}

/// Options that one test asks for and another one forbids.
fn contradictions(tests: &[OptionTest], at: Place<'_>, report: &mut Report) {
    for (i, test) in tests.iter().enumerate() {
        if test.value.is_some() {
            continue;
        }
        for (j, name) in test.none.iter().enumerate() {
            let wanted = |other: &OptionTest| other.any.contains(name) || other.all.contains(name);
            if tests.iter().any(wanted) {
                let message = format!("`{name}` is asked for by another test of this rule.");
                let place = at.index(i).key("none").index(j);
                report.add(place.error(&message).expected("an option in one of the two lists"));
            }
        }
    }
}

fn operand_test(test: &OperandTest, at: Place<'_>, report: &mut Report) {
    if let (Some(min), Some(max)) = (test.min, test.max)
        && min > max
    {
        let message = format!("No number is at least {min} and at most {max}.");
        report.add(at.key("min").error(&message));
    }
    if let Some(is) = &test.is {
        pattern(is, at.key("is"), report);
    }
}

fn stdin_test(test: &StdinTest, at: Place<'_>, report: &mut Report) {
    if *test == StdinTest::default() {
        report.add(at.error("There is no condition here.").expected("`kind`, `from` or `text`"));
    }
    if let Some(text) = &test.text {
        pattern(text, at.key("text"), report);
    }
}

fn pattern(is: &Pattern, at: Place<'_>, report: &mut Report) {
    let blank = Pattern { ignore_case: is.ignore_case, ..Pattern::default() };
    if *is == blank {
        report.add(at.error("There is no condition here, so every word would fit."));
        return;
    }
    for (i, text) in is.glob.iter().enumerate() {
        glob(text, at.key("glob").index(i), report);
    }
    if let Some(text) = &is.regex {
        regex(text, at.key("regex"), report);
    }
    for (i, text) in is.sql.iter().enumerate() {
        regex(text, at.key("sql").index(i), report);
    }
    if is.ignore_case && is.exact.is_empty() && is.glob.is_empty() {
        let place = at.key("ignore_case");
        report.add(
            place
                .error("`ignore_case` is about `exact` and `glob`, and there is none.")
                .expected("`(?i)` at the beginning of a regular expression"),
        );
    }
    if let Some(written) = &is.written {
        pattern(written, at.key("written"), report);
    }
    if let Some(not) = &is.not {
        pattern(not, at.key("not"), report);
    }
}

/// Checks a glob.
pub(super) fn glob(text: &str, at: Place<'_>, report: &mut Report) {
    if let Err(message) = glob::check(text) {
        report.add(at.error(&message));
    }
}

fn regex(text: &str, at: Place<'_>, report: &mut Report) {
    if let Err(message) = loaded::check(text) {
        report.add(at.error(&message));
    }
}

/// Checks that names could be options: `-x`, `--long`, `+x`, or `of=` for tools
/// like dd.
pub(super) fn option_names(names: &[String], at: Place<'_>, report: &mut Report) {
    for (i, name) in names.iter().enumerate() {
        let long = name.len() > 1 && name.starts_with(['-', '+']) && !name.contains('=');
        let word = name.len() > 1 && name.ends_with('=') && !name.starts_with('-');
        if !(long || word) || name.contains(char::is_whitespace) {
            report.add(
                at.index(i)
                    .error("This cannot be the name of an option.")
                    .expected("the name with its dashes and without a value"),
            );
        }
    }
}

/// Checks that a list is not empty.
pub(super) fn not_empty(names: &[String], at: Place<'_>, report: &mut Report) {
    if names.is_empty() {
        report.add(at.error("The list is empty."));
    }
}
