//! Reads a statement with a real parser, in several dialects.

use sqlparser::{
    ast::{
        BinaryOperator, Expr, SetExpr, Statement as Parsed, TableFactor, UnaryOperator,
        UtilityOption, Value,
    },
    dialect::{
        BigQueryDialect, ClickHouseDialect, Dialect, GenericDialect, MsSqlDialect, MySqlDialect,
        PostgreSqlDialect, SQLiteDialect, SnowflakeDialect,
    },
    parser::Parser,
};

use super::{
    class::StatementClass::{
        self, Create, Delete, DeleteAll, Insert, Overwrite, Read, Unknown, Update, UpdateAll,
    },
    lexer::Statement,
};

/// Longest statement in bytes. Chains of operators make trees as deep as they
/// are long, and a tree is taken down recursively.
const MAX_LENGTH: usize = 4096;
/// Deepest nesting of parentheses: some dialects try a few readings of each.
const MAX_NESTING: usize = 16;
/// How deep the parser itself may recurse.
const RECURSION: usize = 20;
/// How deep a tree is looked through.
const DEPTH: usize = 24;

/// First words for which a tree says more than the words.
const WORTH: &[&str] = &[
    "SELECT", "WITH", "VALUES", "TABLE", "FROM", "EXPLAIN", "DESCRIBE", "DESC", "DELETE", "UPDATE",
    "INSERT", "MERGE", "REPLACE", "PREPARE", "(",
];

/// Whether a parser is asked about a statement.
pub(super) fn worth_parsing(statement: &Statement) -> bool {
    let text = statement.quoted.as_str();
    text.len() <= MAX_LENGTH
        && WORTH.iter().any(|word| {
            text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
        && nesting(text) <= MAX_NESTING
}

fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in text.bytes() {
        match c {
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What a statement does; nothing when no dialect can read it.
pub(super) fn classes(text: &str) -> Option<Vec<StatementClass>> {
    let dialects: [&dyn Dialect; 8] = [
        &GenericDialect {},
        &PostgreSqlDialect {},
        &MySqlDialect {},
        &MsSqlDialect {},
        &SQLiteDialect {},
        &ClickHouseDialect {},
        &BigQueryDialect,
        &SnowflakeDialect,
    ];
    dialects.into_iter().find_map(|dialect| {
        let parser = Parser::new(dialect).with_recursion_limit(RECURSION);
        let parsed = parser.try_with_sql(text).ok()?.parse_statements().ok()?;
        let mut found = Vec::new();
        for statement in &parsed {
            statement_classes(statement, DEPTH, &mut found);
        }
        // A text that gives nothing, or something that the words know better.
        (!found.is_empty() && !found.contains(&Unknown)).then_some(found)
    })
}

fn statement_classes(statement: &Parsed, depth: usize, found: &mut Vec<StatementClass>) {
    let Some(depth) = depth.checked_sub(1) else { return found.push(Unknown) };
    match statement {
        Parsed::Query(query) => query_classes(query, depth, found),
        Parsed::Insert(insert) => {
            found.push(if insert.overwrite { Overwrite } else { Insert });
            if insert.replace_into {
                found.push(Update);
            }
            if let Some(source) = &insert.source {
                query_classes(source, depth, found);
            }
        }
        Parsed::Update(update) => {
            let all = update.limit.is_none() && selects_all(update.selection.as_ref());
            found.push(if all { UpdateAll } else { Update });
        }
        Parsed::Delete(delete) => {
            let all = delete.limit.is_none() && selects_all(delete.selection.as_ref());
            found.push(if all { DeleteAll } else { Delete });
        }
        Parsed::Merge(_) => found.push(Update),
        Parsed::Explain { analyze, statement, options, .. } => {
            let asked = |option: &UtilityOption| option.name.value.starts_with("ANALY");
            if *analyze || options.iter().flatten().any(asked) {
                statement_classes(statement, depth, found);
            } else {
                found.push(Read);
            }
        }
        Parsed::ExplainTable { .. } => found.push(Read),
        Parsed::Prepare { statement, .. } => statement_classes(statement, depth, found),
        _ => found.push(Unknown),
    }
}

fn query_classes(query: &sqlparser::ast::Query, depth: usize, found: &mut Vec<StatementClass>) {
    let Some(depth) = depth.checked_sub(1) else { return found.push(Unknown) };
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        query_classes(&cte.query, depth, found);
    }
    body_classes(&query.body, depth, found);
}

fn body_classes(body: &SetExpr, depth: usize, found: &mut Vec<StatementClass>) {
    // Chains of UNION lean to the left and can be long.
    let mut body = body;
    while let SetExpr::SetOperation { left, right, .. } = body {
        if let Some(depth) = depth.checked_sub(1) {
            body_classes(right, depth, found);
        } else {
            found.push(Unknown);
        }
        body = left;
    }
    match body {
        SetExpr::Select(select) => {
            found.push(if select.into.is_some() { Create } else { Read });
            for table in &select.from {
                let joined = table.joins.iter().map(|join| &join.relation);
                for factor in std::iter::once(&table.relation).chain(joined) {
                    if let TableFactor::Derived { subquery, .. } = factor {
                        query_classes(subquery, depth, found);
                    }
                }
            }
        }
        SetExpr::Query(query) => query_classes(query, depth, found),
        SetExpr::Values(_) | SetExpr::Table(_) => found.push(Read),
        SetExpr::Insert(statement)
        | SetExpr::Update(statement)
        | SetExpr::Delete(statement)
        | SetExpr::Merge(statement) => statement_classes(statement, depth, found),
        SetExpr::SetOperation { .. } => found.push(Unknown),
    }
}

fn selects_all(condition: Option<&Expr>) -> bool {
    condition.is_none_or(|condition| always_true(condition, DEPTH))
}

/// Whether a condition holds for every row, as far as its form says.
fn always_true(condition: &Expr, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match condition {
        Expr::Nested(inner) => always_true(inner, depth),
        Expr::Value(value) => match &value.value {
            Value::Boolean(value) => *value,
            Value::Number(number, _) => number.chars().any(|c| ('1'..='9').contains(&c)),
            _ => false,
        },
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => always_false(expr),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::Or => always_true(left, depth) || always_true(right, depth),
            BinaryOperator::And => always_true(left, depth) && always_true(right, depth),
            BinaryOperator::Eq => same(left, right),
            BinaryOperator::NotEq | BinaryOperator::Lt | BinaryOperator::Gt => {
                literal(left) && literal(right) && !same(left, right)
            }
            _ => false,
        },
        _ => false,
    }
}

fn always_false(condition: &Expr) -> bool {
    match condition {
        Expr::Nested(inner) => always_false(inner),
        Expr::Value(value) => matches!(value.value, Value::Boolean(false)),
        _ => false,
    }
}

fn literal(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if matches!(value.value, Value::Number(..)))
}

/// Only names and literals are compared: a whole tree would cost too much.
fn same(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::Value(a), Expr::Value(b)) => a.value == b.value,
        (Expr::Identifier(a), Expr::Identifier(b)) => a.value == b.value,
        (Expr::CompoundIdentifier(a), Expr::CompoundIdentifier(b)) => {
            a.iter().map(|part| &part.value).eq(b.iter().map(|part| &part.value))
        }
        _ => false,
    }
}
