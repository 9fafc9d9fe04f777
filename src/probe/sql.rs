//! Which tables a statement for PostgreSQL names, and whether the server may be
//! asked for its plan.
//!
//! Only what is certain: one statement without comments or quoted identifiers,
//! about tables with plain names. Anything else is not read, and then only the
//! database as a whole is looked at.

/// The most tables of one statement.
const MAX_TABLES: usize = 20;
/// The longest statement, in bytes.
const MAX_LENGTH: usize = 2_000;

/// What a statement does to which tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) kind: Kind,
    /// Names that need no quotes, as they were written.
    pub(super) tables: Vec<String>,
    /// The statement and its condition, when it has one and a server can be
    /// asked about it: nothing in them but names, numbers and operators, so that
    /// it is one statement, calls no function and holds no secret.
    pub(super) some: Option<Selected>,
}

/// A statement about some of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selected {
    /// All of it.
    pub(super) statement: String,
    /// What stands behind `WHERE`.
    pub(super) condition: String,
}

/// The kinds of statements whose tables are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rows go, and with them those that refer to them by `ON DELETE`.
    Delete,
    Update,
    Truncate,
    /// All tables that refer to it are emptied too.
    TruncateCascade,
    Drop,
}

/// Reads one statement; `None` when it is not certain what it does.
pub(super) fn read(text: &str) -> Option<Statement> {
    let text = text.trim();
    let text = text.strip_suffix(';').unwrap_or(text).trim_end();
    let strange =
        |c: char| matches!(c, ';' | '"' | '\\' | '$' | '`') || c.is_control() && c != '\n';
    if text.len() > MAX_LENGTH || text.contains(strange) {
        return None;
    }
    if text.contains("--") || text.contains("/*") {
        return None;
    }
    let mut words = text.split_whitespace().peekable();
    let mut next_is =
        |wanted: &str| words.next_if(|word| word.eq_ignore_ascii_case(wanted)).is_some();
    let kind = if next_is("delete") {
        next_is("from").then_some(Kind::Delete)?
    } else if next_is("update") {
        Kind::Update
    } else if next_is("truncate") {
        next_is("table");
        Kind::Truncate
    } else if next_is("drop") {
        next_is("table").then_some(Kind::Drop)?;
        if next_is("if") {
            next_is("exists").then_some(())?;
        }
        Kind::Drop
    } else {
        return None;
    };
    next_is("only");
    match kind {
        Kind::Delete | Kind::Update => {
            let table = words.next()?;
            let some = plain(text).then(|| selected(text)).flatten();
            named(table).then(|| Statement { kind, tables: vec![table.to_owned()], some })
        }
        _ => listed(kind, &words.collect::<Vec<_>>().join(" ")),
    }
}

/// The condition of a statement, which stands at its end.
fn selected(text: &str) -> Option<Selected> {
    let mut parts = text.split_inclusive(char::is_whitespace);
    let is = |part: &str, word: &str| part.trim_end().eq_ignore_ascii_case(word);
    parts.find(|part| is(part, "where"))?;
    let condition: String = parts.collect();
    let ends = ["returning", "order", "limit", "where", "from", "using"];
    let whole = !condition.split_whitespace().any(|word| ends.iter().any(|end| is(word, end)));
    let statement = text.to_owned();
    (whole && !condition.is_empty()).then_some(Selected { statement, condition })
}

/// `a, b CASCADE`
fn listed(kind: Kind, rest: &str) -> Option<Statement> {
    let mut kind = kind;
    let mut tables = Vec::new();
    for part in rest.split(',') {
        let mut words = part.split_whitespace();
        let table = words.next()?;
        for word in words {
            match word.to_ascii_lowercase().as_str() {
                "cascade" if kind == Kind::Truncate => kind = Kind::TruncateCascade,
                "cascade" | "restrict" | "restart" | "continue" | "identity" => {}
                _ => return None,
            }
        }
        if !named(table) || tables.len() == MAX_TABLES {
            return None;
        }
        tables.push(table.to_owned());
    }
    Some(Statement { kind, tables, some: None })
}

/// `table` or `schema.table`, in letters that need no quotes.
pub(super) fn named(table: &str) -> bool {
    table.split('.').count() <= 2
        && table.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
}

/// Whether a statement consists of names, numbers and comparisons: no string,
/// which could be a secret, and no call, which could do something.
fn plain(text: &str) -> bool {
    let mut before = String::new();
    let mut word = String::new();
    for c in text.chars() {
        match c {
            _ if c.is_ascii_alphanumeric() || c == '_' || c == '.' => word.push(c),
            '(' => {
                let last = if word.is_empty() { &before } else { &word };
                let fits = ["", "in", "and", "or", "not", "where"];
                if !fits.iter().any(|fit| last.eq_ignore_ascii_case(fit)) {
                    return false;
                }
                word.clear();
                before.clear();
            }
            ')' | ',' | '=' | '<' | '>' | '+' | '-' | '*' | '%' | '!' => {
                word.clear();
                before.clear();
            }
            _ if c.is_ascii_whitespace() => {
                if !word.is_empty() {
                    before = std::mem::take(&mut word);
                }
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Kind, read};

    fn tables(text: &str) -> Option<(Kind, String)> {
        read(text).map(|statement| (statement.kind, statement.tables.join(" ")))
    }

    #[test]
    fn tables_are_read_from_one_plain_statement() {
        for (text, kind, names) in [
            ("delete from orders", Kind::Delete, "orders"),
            ("DELETE FROM ONLY shop.orders WHERE id < 5;", Kind::Delete, "shop.orders"),
            ("update orders set paid = 1", Kind::Update, "orders"),
            ("truncate a, b.c restart identity", Kind::Truncate, "a b.c"),
            ("TRUNCATE TABLE a\ncascade", Kind::TruncateCascade, "a"),
            ("drop table if exists a, b cascade", Kind::Drop, "a b"),
        ] {
            assert_eq!(tables(text), Some((kind, names.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_not_certain_is_not_read() {
        for text in [
            "",
            "delete from a; delete from b",
            "delete from \"Orders\"",
            "delete from a -- b",
            "delete from a /* b */",
            "delete from 'a'",
            "delete from a.b.c.d",
            "delete from a') is null; drop table b",
            "delete from a')",
            "drop table",
            "drop view a",
            "truncate a b",
            "with x as (select 1) delete from a",
            "delete a",
            "begin read write",
            "\\! rm x",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_condition_is_passed_on_only_without_strings_and_calls() {
        for (text, passed) in [
            ("delete from a", false),
            ("delete from a where id in (1, 2) and (x > -3 or not y)", true),
            ("delete from a\nWHERE id=1", true),
            ("delete from a where", false),
            ("update a set n = n + 1 where id <> 7", true),
            ("delete from a where name = 'x'", false),
            ("delete from a where danger(id)", false),
            ("delete from a where id = danger (id)", false),
            ("delete from a using (select 1) b", false),
            ("delete from a where id = :x", false),
            ("delete from a returning pg_sleep(9)", false),
            ("truncate a", false),
            ("drop table a", false),
        ] {
            assert_eq!(read(text).unwrap().some.is_some(), passed, "{text}");
        }
    }
}
