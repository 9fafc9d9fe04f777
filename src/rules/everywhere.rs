//! The rules for commands of every program, found by what a command has.
//!
//! Most of these rules name programs all the same, or ask about redirections or
//! variables. Such a rule is parsed, and asked, only for a command that has one
//! of these: there are many of them, and they would be asked for each command.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::Match;
use super::table;
use crate::model::{Context, Invocation};

/// Key of the rules that any command may fit. No program has such a name.
const ANY: &str = "*";
/// Key of the rules that ask about redirections.
const REDIRECTS: &str = ">";
/// Key of the rules that ask about variables.
const VARIABLES: &str = "=";

/// Key of the beginnings of names, each of which is a key with a `*` behind it.
const BEGINNINGS: &str = "?";

/// What a command must have one of, for a match to hold.
type Needs = BTreeSet<String>;

/// What a match needs; `None` when any command may fit.
fn needs(m: &Match) -> Option<Needs> {
    if !m.program.is_empty() {
        return m.program.iter().map(|name| program(name)).collect();
    }
    if !m.redirects.is_empty() {
        return Some(Needs::from([REDIRECTS.to_owned()]));
    }
    if !m.env.is_empty() {
        return Some(Needs::from([VARIABLES.to_owned()]));
    }
    if m.any.is_empty() {
        return None;
    }
    m.any.iter().map(needs).try_fold(Needs::new(), |mut all, one| {
        all.extend(one?);
        Some(all)
    })
}

/// A name that is a pattern, other than with one `*` at its end, can be any.
fn program(name: &str) -> Option<String> {
    let plain = name.strip_suffix('*').unwrap_or(name);
    let special = plain.is_empty()
        || plain.contains(['*', '?', '[', '\\', '\t', '\n'])
        || matches!(plain, REDIRECTS | VARIABLES | BEGINNINGS)
        || plain.contains(' ');
    (!special).then(|| name.to_owned())
}

/// The table from what commands have to the places of rules. `rules` has the
/// match of each and where it stands: first byte and length.
pub(super) fn build(rules: &[(&Match, (usize, usize))]) -> String {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (m, (start, length)) in rules {
        for key in needs(m).unwrap_or_else(|| Needs::from([ANY.to_owned()])) {
            places.entry(key).or_default().push(format!("{start} {length}"));
        }
    }
    let beginnings = places.keys().filter_map(|key| key.strip_suffix('*'));
    let beginnings: Vec<&str> = beginnings.filter(|beginning| !beginning.is_empty()).collect();
    let beginnings = beginnings.join(" ");
    places.insert(BEGINNINGS.to_owned(), vec![beginnings]);
    table::build(places.into_iter().map(|(key, places)| (key, places.join(","))).collect())
}

/// The places of the rules that a command may fit, in the order of the rules.
pub(super) fn places(table: &str, invocation: &Invocation, ctx: &Context) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut add = |places: Option<&str>| {
        for place in places.into_iter().flat_map(|places| places.split(',')) {
            let (start, length) = place.split_once(' ').unwrap_or_default();
            // A damaged number leads to rules that cannot be read, not to none.
            found.push((start.parse().unwrap_or(usize::MAX), length.parse().unwrap_or(0)));
        }
    };
    add(table::find(table, ANY));
    if !invocation.redirects.is_empty() {
        add(table::find(table, REDIRECTS));
    }
    let assigns = !invocation.assignments.is_empty() || !invocation.exported.is_empty();
    if assigns || !ctx.vars.is_empty() {
        add(table::find(table, VARIABLES));
    }
    let name = invocation.program.as_deref();
    if let Some(name) = name.filter(|name| !name.ends_with(['*', '?', '>', '='])) {
        add(table::find(table, name));
        let beginnings = table::find(table, BEGINNINGS).unwrap_or_default();
        for beginning in beginnings.split(' ').filter(|b| !b.is_empty() && name.starts_with(*b)) {
            add(table::find(table, &format!("{beginning}*")));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{build, places};
    use crate::model::{Context, Invocation, Redirect, RedirectOp, Word};
    use crate::rules::schema::{Match, RedirectTest};

    fn of(programs: &[&str]) -> Match {
        Match { program: programs.iter().map(|p| (*p).to_owned()).collect(), ..Match::default() }
    }

    #[test]
    fn a_rule_is_found_by_whatever_may_make_it_fit() {
        let redirect = Match { redirects: vec![RedirectTest::default()], ..Match::default() };
        let either = Match { any: vec![of(&["rm"]), redirect.clone()], ..Match::default() };
        let open = Match { any: vec![of(&["rm"]), Match::default()], ..Match::default() };
        let rules = [of(&["rm", "mv"]), redirect, either, open, of(&["py*"]), of(&["[a-c]x"])];
        let rules: Vec<_> = rules.iter().enumerate().map(|(at, m)| (m, (at, 1))).collect();
        let table = build(&rules);
        let found = |program: Option<&str>, redirects: bool| {
            let mut invocation =
                Invocation { program: program.map(str::to_owned), ..Invocation::default() };
            if redirects {
                invocation.redirects.push(Redirect {
                    fd: None,
                    op: RedirectOp::Write,
                    target: Word::default(),
                });
            }
            let places = places(&table, &invocation, &Context::neutral());
            places.into_iter().map(|(start, _)| start).collect::<Vec<_>>()
        };
        assert_eq!(found(Some("rm"), false), [0, 2, 3, 5]);
        assert_eq!(found(Some("mv"), true), [0, 1, 2, 3, 5]);
        assert_eq!(found(Some("python3"), false), [3, 4, 5]);
        for odd in [None, Some("ls"), Some("*"), Some(">"), Some("="), Some("?"), Some("p")] {
            assert_eq!(found(odd, false), [3, 5], "{odd:?}");
        }
    }
}
