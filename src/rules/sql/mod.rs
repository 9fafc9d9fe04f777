//! What SQL text does.
//!
//! [`classes`] reads each statement with a real parser in several dialects
//! ([`tree`]) and by its words ([`words`]), because no parser knows every dialect
//! and a statement that it does not know must not count as harmless.

mod class;
mod lexer;
mod names;
mod tree;
mod words;

pub use class::StatementClass;

/// Stands in SQL text for a part that is not known.
pub const HOLE: &str = "UNKNOWN_";

/// Statements of one text that are classified; what is behind them is unknown.
const MAX_STATEMENTS: usize = 500;
/// Bytes of one text that the parser reads; the words decide about the rest.
const MAX_PARSED: usize = 32 * 1024;
/// How deep blocks of code inside a text are followed.
const MAX_DEPTH: usize = 2;

/// The statements of a text: without comments, with string literals emptied,
/// blanks collapsed and in upper case.
#[must_use]
pub fn statements(text: &str) -> Vec<String> {
    lexer::read(text).into_iter().map(|statement| statement.plain).collect()
}

/// What the statements of a text do, each class once. Nothing for a text without
/// a statement.
#[must_use]
pub fn classes(text: &str) -> Vec<StatementClass> {
    let mut found = Vec::new();
    within(text, MAX_DEPTH, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

fn within(text: &str, depth: usize, found: &mut Vec<StatementClass>) {
    let mut left = MAX_PARSED;
    let statements = lexer::read(text);
    if statements.len() > MAX_STATEMENTS {
        found.push(StatementClass::Unknown);
    }
    for statement in statements.iter().take(MAX_STATEMENTS) {
        // The body of an anonymous block runs at once.
        if words::is_block(statement) && depth > 0 {
            for body in &statement.bodies {
                within(body, depth - 1, found);
            }
            continue;
        }
        words::functions(statement, found);
        let length = statement.quoted.len();
        let parsed = if length <= left && tree::worth_parsing(statement) {
            left -= length;
            tree::classes(&statement.quoted)
        } else {
            None
        };
        match parsed {
            Some(classes) => found.extend(classes),
            None => words::classes(statement, found),
        }
    }
}

#[cfg(test)]
mod tests;
