//! What tests make for themselves: a database `app_test` on this machine, one in
//! memory. They make it again, so that emptying it is no loss.
//!
//! Only by names on the command itself, only on this machine, and only for
//! effects whose rule says that the named place is all they reach.

use super::environment::Clue;
use crate::model::{Environment, Evidence, Fact, Facts, Flag, Invocation, Reversibility, Scope};
use crate::rules::glob;
use crate::rules::schema::Whereabouts;

/// What the first or the last word of such a name is.
const TESTS: &[&str] = &["test", "tests", "testing"];

/// Endings of files that are a database.
const ENDINGS: &[&str] = &[".db", ".sqlite", ".sqlite3", ".db3", ".duckdb"];

/// Statements and client commands that open another database, read another
/// file or run a program: psql(1), the dot commands of sqlite3 and duckdb.
const AWAY: &[&str] = &[
    "\\",
    "attach",
    ".open",
    ".read",
    ".shell",
    ".sys",
    ".import",
    ".load",
    "dblink",
    "copy",
    "writefile",
    "vacuum",
    "service=",
    // Tasks for every database of a project, and an environment as an argument.
    ":all",
    "_env=",
    "program",
    "postgres_fdw",
    "load_extension",
];

/// Whether every name among the clues is one of what tests make for themselves.
///
/// Every one, because which of them counts is the tool's business: of
/// `RAILS_ENV=test` and `DATABASE_URL` the second decides. An inherited variable
/// alone is not believed, as whoever asks may have set it.
pub(super) fn all_named(clues: &[Clue], w: &Whereabouts) -> bool {
    let fits = |clue: &Clue| {
        !clue.holes
            && !clue.value.contains("..")
            && (of_tests(&clue.value)
                || w.throwaway.iter().any(|glob| glob::matches(glob, &clue.value, true)))
    };
    // `-h localhost` was looked at before; a URL also names the database.
    let mut names = clues.iter().filter(|clue| !clue.host || clue.value.contains("://"));
    clues.iter().any(|clue| !clue.exported && fits(clue)) && names.all(fits)
}

/// Whether a name, the last part of a path or of a URL says `test`.
fn of_tests(value: &str) -> bool {
    let name = value.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    let name = name.rsplit(['/', '=']).next().unwrap_or_default();
    let name = ENDINGS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let first = words.next();
    [first, words.next_back()].into_iter().flatten().any(|word| TESTS.contains(&word))
}

/// Whether a word of the command could lead its client to another database than
/// the one it was started on.
pub(super) fn leaves(invocation: &Invocation) -> bool {
    let values = invocation.options.iter().filter_map(|option| option.value.as_ref());
    let texts = invocation.operands.iter().chain(values).chain(invocation.input.as_deref());
    let mut texts = texts.map(|word| word.as_static().map(str::to_ascii_lowercase));
    texts.any(|text| text.is_none_or(|text| AWAY.iter().any(|away| text.contains(away))))
}

/// The facts of an effect on such a place. The question that an option switches
/// off protects nothing there.
pub(super) fn apply(facts: &mut Facts) {
    facts.environment = Environment::Local;
    facts.scope = facts.scope.min(Scope(2));
    facts.reversibility = facts.reversibility.min(Reversibility(1));
    facts.flags.remove(&Flag::Bypass);
    let text = "its tests make it again".to_owned();
    facts.evidence.push(Evidence { fact: Fact::Reversibility, text });
}

#[cfg(test)]
mod tests {
    use super::of_tests;

    #[test]
    fn only_a_name_that_begins_or_ends_with_test_is_of_tests() {
        for name in [
            "test",
            "app_test",
            "test-app",
            "app.settings.test",
            "db/test.sqlite3",
            "./app_test.db",
            "postgres://u:p@localhost:5432/app_test?sslmode=disable",
            "dbname=app_test",
        ] {
            assert!(of_tests(name), "{name}");
        }
        for name in [
            "shop",
            "latest",
            "latest.db",
            "attestation",
            "ab_test_results",
            "postgres://test:test@localhost/shop",
            "test/../shop.db/x",
            "contest",
            "",
        ] {
            assert!(!of_tests(name), "{name}");
        }
    }
}
