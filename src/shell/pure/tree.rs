//! What a small `awk` program is made of.

use super::posix::Pattern;
use super::script::Part;

/// A program.
pub(super) struct Program {
    pub(super) rules: Vec<Rule>,
}

/// `when { body }`.
pub(super) struct Rule {
    pub(super) when: When,
    pub(super) body: Vec<Statement>,
}

/// When a rule applies.
pub(super) enum When {
    Begin,
    End,
    Always,
    Condition(Condition),
}

/// A condition.
pub(super) enum Condition {
    Match(Expression, Pattern, bool),
    Number(Number, Comparison, usize),
    Text(Expression, Vec<u8>, bool),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

/// Numbers that a condition may ask for, with a remainder.
pub(super) struct Number {
    pub(super) records: bool,
    pub(super) modulus: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// A statement.
pub(super) enum Statement {
    Print(Vec<Expression>),
    Printf(Vec<Expression>),
    /// `sub` or, with the flag, `gsub` on the record.
    Substitute(std::rc::Rc<Pattern>, Vec<Part>, bool),
    /// `FS`, `OFS` and `ORS`.
    Set(Variable, Vec<u8>),
    Next,
    Exit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    Fields,
    OutFields,
    OutRecords,
}

/// Terms that are put together.
pub(super) type Expression = Vec<Term>;

/// A part of an expression.
pub(super) enum Term {
    Text(Vec<u8>),
    Number(i64),
    /// `$n`
    Field(usize),
    /// `$(NF-n)`
    FromLast(usize),
    Records,
    Fields,
    Upper(Expression),
    Lower(Expression),
    Length(Expression),
    Part(Expression, i64, Option<i64>),
    Inner(Expression),
}
