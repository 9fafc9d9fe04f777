//! Rules that can never decide or add anything, because another rule of the
//! file matches whenever they do and finds at least as much.

use super::{
    advice::Judged,
    place::{Place, Report},
};
use crate::model::Tier;
use crate::rules::{
    glob,
    schema::{
        At, EffectSpec, EnvTest, Match, OperandTest, OptionTest, Pattern, RedirectTest, Rule,
        RuleFile, ScopeSpec,
    },
};

/// Checks every rule against every other one, first by what they say, then by
/// what their examples show.
pub(super) fn check(file: &RuleFile, judged: &[Judged], at: Place<'_>, report: &mut Report) {
    for (i, rule) in file.rules.iter().enumerate() {
        let others = || file.rules.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, r)| r);
        let at = at.key("rules").index(i);
        if let Some(other) = others().find(|other| shadows(other, rule)) {
            let message = format!(
                "`{}` never decides: `{}` matches whenever it does, and is as strict.",
                rule.id, other.id
            );
            let right = "a match that the other rule does not have, a stricter effect, or no rule";
            report.add(at.key("id").error(&message).expected(right));
        } else if let Some(judged) = judged.get(i)
            && let Some(other) = others().find(|other| {
                as_strict(&other.effect, &rule.effect) && always_beside(other, rule, judged)
            })
        {
            let message = format!(
                "By its examples `{}` never decides: `{}` finds each of them, and is as strict.",
                rule.id, other.id
            );
            let right = "an example under `match` that only this rule finds";
            report.add(at.key("examples").key("match").error(&message).expected(right));
        }
    }
}

/// Whether a rule is found in every example of another one, with a tier that is
/// not milder.
fn always_beside(other: &Rule, rule: &Rule, judged: &Judged) -> bool {
    let tier = |seen: &[(String, Tier)], id: &str| {
        seen.iter().filter(|(found, _)| found == id).map(|(_, tier)| *tier).max()
    };
    let mut examples = judged.matches.iter();
    !judged.matches.is_empty()
        && examples.all(|seen| {
            let (own, others) = (tier(&seen.rules, &rule.id), tier(&seen.rules, &other.id));
            own.is_some_and(|own| others.is_some_and(|others| others >= own))
        })
}

/// Whether `a` matches whenever `b` does, and finds at least as much.
fn shadows(a: &Rule, b: &Rule) -> bool {
    covers(&a.matches, &b.matches) && as_strict(&a.effect, &b.effect) && a.floor >= b.floor
}

/// Conservative: only what can be compared for sure counts.
fn as_strict(a: &EffectSpec, b: &EffectSpec) -> bool {
    let scope = match (a.scope, b.scope) {
        (ScopeSpec::Level(a), ScopeSpec::Level(b)) => a >= b,
        (a, b) => a == b,
    };
    let level = |effect: &EffectSpec| match effect.scope {
        ScopeSpec::Level(_) => Some(effect.reversibility.unwrap_or(4)),
        ScopeSpec::Paths(_) => effect.reversibility,
    };
    let reversibility = match (level(a), level(b)) {
        (Some(a), Some(b)) => a >= b,
        (a, b) => a == b,
    };
    a.verb == b.verb
        && scope
        && reversibility
        && b.flags.iter().all(|flag| a.flags.contains(flag))
        && b.bypass.iter().all(|option| a.bypass.contains(option))
        && (b.local || !a.local)
}

/// Whether every command that fits `b` fits `a` too.
#[allow(clippy::needless_update, reason = "a key that comes later is not overlooked")]
fn covers(a: &Match, b: &Match) -> bool {
    // A key that is not compared below must not be there, or be the same.
    let rest = |m: &Match| Match {
        program: Vec::new(),
        subcommand: Vec::new(),
        class: Vec::new(),
        place: Vec::new(),
        options: Vec::new(),
        operands: Vec::new(),
        redirects: Vec::new(),
        env: Vec::new(),
        stdin: None,
        any: Vec::new(),
        none: Vec::new(),
        ..m.clone()
    };
    same_rest(&rest(a), &rest(b))
        && list(&a.program, &b.program, |a, b| a == b || glob::matches(a, b, false))
        && list(&a.subcommand, &b.subcommand, |a, b| path(a, b))
        && list(&a.class, &b.class, |a, b| a == b)
        && list(&a.place, &b.place, |a, b| a == b)
        && a.options.iter().all(|test| b.options.iter().any(|other| option(test, other)))
        && a.operands.iter().all(|test| b.operands.iter().any(|other| operand(test, other)))
        && a.redirects.iter().all(|test| b.redirects.iter().any(|other| redirect(test, other)))
        && a.env.iter().all(|test| b.env.iter().any(|other| variable(test, other)))
        && (a.stdin.is_none() || a.stdin == b.stdin)
        && any(a, b)
        && a.none.iter().all(|out| b.none.iter().any(|other| covers(other, out)))
}

/// Alternatives: none in `a` means everything; else each of `b` needs one in
/// `a` that covers it, and `b` must have some.
fn list<T>(a: &[T], b: &[T], fits: impl Fn(&T, &T) -> bool) -> bool {
    a.is_empty() || !b.is_empty() && b.iter().all(|b| a.iter().any(|a| fits(a, b)))
}

/// `rollout` covers `rollout undo`; `a|b` covers `a`.
fn path(a: &str, b: &str) -> bool {
    let mut theirs = b.split(' ');
    a.split(' ').all(|word| {
        theirs.next().is_some_and(|other| {
            other.split('|').all(|one| word.split('|').any(|a| glob::matches(a, one, false)))
        })
    })
}

/// `any` of `a` is met by one of its own alternatives, or by `b` as a whole.
fn any(a: &Match, b: &Match) -> bool {
    let met = |match_: &Match| a.any.iter().any(|one| covers(one, match_));
    let rest = Match { any: Vec::new(), ..b.clone() };
    a.any.is_empty() || met(&rest) || !b.any.is_empty() && b.any.iter().all(met)
}

fn option(a: &OptionTest, b: &OptionTest) -> bool {
    if a.value != b.value {
        return false;
    }
    let within = |few: &[String], many: &[String]| few.iter().all(|name| many.contains(name));
    if !a.any.is_empty() {
        let one = !b.any.is_empty() && within(&b.any, &a.any);
        return one || b.all.iter().any(|name| a.any.contains(name));
    }
    if !a.all.is_empty() {
        let only = b.any.len() == 1 && a.all.len() == 1 && a.all == b.any;
        return only || within(&a.all, &b.all);
    }
    // What decides is the last of all the options named, so the lists must agree.
    a.none == b.none
}

fn operand(a: &OperandTest, b: &OperandTest) -> bool {
    if a == b {
        return true;
    }
    let counts = a.min.is_none_or(|min| b.min.is_some_and(|other| other >= min))
        && a.max.is_none_or(|max| b.max.is_some_and(|other| other <= max));
    let monotone = !matches!(a.at, At::None);
    let words = match (&a.is, &b.is) {
        (None, None) => true,
        (Some(a), Some(b)) => monotone && pattern(a, b),
        _ => false,
    };
    a.at == b.at && counts && words
}

fn redirect(a: &RedirectTest, b: &RedirectTest) -> bool {
    list(&a.op, &b.op, |a, b| a == b)
        && optional(a.target.as_ref(), b.target.as_ref())
        && (a.read_by.is_empty() || a.read_by == b.read_by)
}

fn variable(a: &EnvTest, b: &EnvTest) -> bool {
    // Which variable is looked at first depends on the whole list.
    a.name == b.name && optional(a.is.as_ref(), b.is.as_ref())
}

fn optional(a: Option<&Pattern>, b: Option<&Pattern>) -> bool {
    a.is_none_or(|a| b.is_some_and(|b| pattern(a, b)))
}

/// Whether what is left of two values lets the first one cover the second.
fn same_rest<T: Default + PartialEq>(a: &T, b: &T) -> bool {
    *a == T::default() || a == b
}

/// Whether every word that looks like `b` looks like `a` too.
#[allow(clippy::needless_update, reason = "a key that comes later is not overlooked")]
fn pattern(a: &Pattern, b: &Pattern) -> bool {
    let rest = |p: &Pattern| Pattern {
        exact: Vec::new(),
        glob: Vec::new(),
        path: Vec::new(),
        sql: Vec::new(),
        from: Vec::new(),
        regex: None,
        unknown: None,
        not: None,
        ignore_case: false,
        ..p.clone()
    };
    let case = a.ignore_case || !b.ignore_case;
    case && same_rest(&rest(a), &rest(b))
        && list(&a.exact, &b.exact, |a, b| a == b)
        && list(&a.glob, &b.glob, |a, b| a == b)
        && list(&a.path, &b.path, |a, b| a == b)
        && list(&a.sql, &b.sql, |a, b| a == b)
        && list(&a.from, &b.from, |a, b| a == b)
        && (a.regex.is_none() || a.regex == b.regex)
        && (a.unknown.is_none() || a.unknown == b.unknown)
        && (a.not.is_none() || a.not == b.not)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::covers;
    use crate::rules::{schema::Match, yaml};

    fn parsed(text: &str) -> Match {
        yaml::parse("match", text).unwrap()
    }

    #[test]
    fn wider_conditions_cover_narrower_ones() {
        for (wide, narrow) in [
            ("subcommand: [delete]", "subcommand: [delete ns]"),
            ("subcommand: ['get|delete', x]", "subcommand: [delete ns]"),
            ("subcommand: [a]", "{subcommand: [a], options: [{any: [-f]}]}"),
            ("options: [{any: [-f, --force]}]", "options: [{any: [-f]}, {any: [-x]}]"),
            ("options: [{any: [-f]}]", "options: [{all: [-f, -g]}]"),
            ("options: [{all: [-f]}]", "options: [{any: [-f]}]"),
            ("operands: [{is: {exact: [a, b]}}]", "operands: [{is: {exact: [b]}, min: 2}]"),
            (
                "operands: [{at: first, is: {path: [root, home]}}]",
                "operands: [{at: first, is: {path: [home]}}]",
            ),
            ("any: [{subcommand: [a]}, {subcommand: [b]}]", "subcommand: [a c]"),
            ("any: [{subcommand: [a]}, {subcommand: [b]}]", "any: [{subcommand: [b]}]"),
            (
                "{subcommand: [a], none: [{options: [{any: [-n]}]}]}",
                "{subcommand: [a], none: [{options: [{any: [-n, -m]}]}]}",
            ),
            ("place: [remote, container]", "place: [remote]"),
        ] {
            assert!(covers(&parsed(wide), &parsed(narrow)), "{wide} / {narrow}");
            assert!(
                !covers(&parsed(narrow), &parsed(wide)) || wide.contains("all: [-f]"),
                "{wide}"
            );
        }
    }

    #[test]
    fn what_cannot_be_compared_is_not_covered() {
        for (a, b) in [
            ("options: [{any: [-f]}]", "options: [{any: [-g]}]"),
            ("options: [{none: [-f]}]", "options: [{none: [-f, -g]}]"),
            ("options: [{any: [-f], value: {exact: [x]}}]", "options: [{any: [-f]}]"),
            (
                "operands: [{at: none, is: {exact: [a, b]}}]",
                "operands: [{at: none, is: {exact: [a]}}]",
            ),
            ("operands: [{is: {regex: a}}]", "operands: [{is: {regex: ab}}]"),
            ("operands: [{is: {exact: [a], not: {exact: [b]}}}]", "operands: [{is: {exact: [a]}}]"),
            ("{subcommand: [a], none: [{options: [{any: [-n]}]}]}", "subcommand: [a]"),
            ("stdin: {kind: [pipe]}", "stdin: {kind: [file]}"),
            ("env: [{name: [A]}]", "env: [{name: [A, B]}]"),
            ("any: [{subcommand: [a]}]", "any: [{subcommand: [a]}, {subcommand: [b]}]"),
        ] {
            assert!(!covers(&parsed(a), &parsed(b)), "{a} / {b}");
        }
    }
}
