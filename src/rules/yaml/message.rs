//! The parser's errors in our words.

use std::{borrow::Cow, ops::Range};

use serde_yaml::{Error, budget::BudgetBreach};

use super::super::error::RuleError;
use crate::text::nearest;

/// Turns an error of the parser into a message with position and expectation.
pub(super) fn explain(name: &str, text: &str, error: &Error) -> RuleError {
    let error = error.without_snippet();
    let range = value_of(text, range(text, error), error);
    let (message, expected) = words(error, text.get(range.clone()).unwrap_or_default());
    let report = RuleError::at(name, text, range, &message);
    match expected {
        Some(expected) => report.expected(expected),
        None => report,
    }
}

/// The bytes an error is about. A scalar is marked as a whole, a list or map at
/// its first character.
fn range(text: &str, error: &Error) -> Range<usize> {
    let Some(location) = error.location() else { return 0..0 };
    let span = location.span();
    let start = span
        .byte_offset()
        .and_then(|at| usize::try_from(at).ok())
        .unwrap_or_else(|| offset_of(text, location.line(), location.column()));
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    start..start.saturating_add(length).min(text.len()).max(start)
}

/// A check that is made after the value was read is reported at its key: moves
/// the mark to the value when that stands on the same line.
fn value_of(text: &str, range: Range<usize>, error: &Error) -> Range<usize> {
    if !matches!(error, Error::SerdeInvalidType { .. } | Error::SerdeInvalidValue { .. }) {
        return range;
    }
    let line = text.get(range.end..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let Some(value) = line.strip_prefix(':').map(str::trim_start).filter(|v| !v.is_empty()) else {
        return range;
    };
    let start = range.end + line.len() - value.len();
    let end = value.find(" #").unwrap_or(value.len());
    start..start + value.get(..end).unwrap_or(value).trim_end().len()
}

/// Byte offset of a line and column, both from 1.
fn offset_of(text: &str, line: u64, column: u64) -> usize {
    let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}

/// What is wrong, and what would be right.
fn words(error: &Error, offending: &str) -> (Cow<'static, str>, Option<Cow<'static, str>>) {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("The key `{field}` is not known here.").into(), choices(field, expected))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => (
            format!("`{variant}` is not one of the words for this.").into(),
            choices(variant, expected),
        ),
        Error::SerdeMissingField { field, .. } => {
            (format!("The key `{field}` is missing.").into(), None)
        }
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            let given = if offending.is_empty() { unexpected } else { offending };
            (format!("`{given}` is not right here.").into(), Some(expected.clone().into()))
        }
        Error::DuplicateMappingKey { key, .. } => (
            match key {
                Some(key) => format!("The key `{key}` is given twice.").into(),
                None => "A key is given twice.".into(),
            },
            Some("each key once".into()),
        ),
        Error::MergeKeyNotAllowed { .. } => (
            "Merge keys (`<<`) are not allowed.".into(),
            Some("every rule written out, so that it can be read alone".into()),
        ),
        Error::UnknownAnchor { .. } => ("Anchors and aliases are not allowed.".into(), ANCHOR),
        Error::UnsupportedTag { .. } | Error::TaggedStructFieldName { .. } => (
            "YAML tags are not allowed here.".into(),
            Some("the plain value, without `!...` in front".into()),
        ),
        Error::InvalidBooleanStrict { .. } => {
            (format!("`{offending}` is not a truth value.").into(), Some("true or false".into()))
        }
        Error::NullIntoString { .. } => {
            ("There is no value here.".into(), Some("text; put `~` or `null` in quotes".into()))
        }
        Error::InvalidScalar { ty, .. } => {
            (format!("`{offending}` cannot be read as a number.").into(), Some(kind(ty)))
        }
        Error::Unexpected { expected, .. } => {
            ("This is not the right kind of value.".into(), Some(plain(expected)))
        }
        Error::Eof { .. } => ("The file ends too early, or is empty.".into(), None),
        Error::MultipleDocuments { .. } => {
            ("There is a second document.".into(), Some("one document in each file".into()))
        }
        Error::Budget { breach, .. } => budget(breach),
        other => {
            let options = serde_yaml::render_options! {
                formatter: &serde_yaml::UserMessageFormatter,
                snippets: serde_yaml::SnippetMode::Off,
            };
            syntax(&sentence(&other.render_with_options(options)))
        }
    }
}

const ANCHOR: Option<Cow<'static, str>> =
    Some(Cow::Borrowed("the value itself; put text that begins with `&` or `*` in quotes"));

fn budget(breach: &BudgetBreach) -> (Cow<'static, str>, Option<Cow<'static, str>>) {
    match breach {
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => {
            ("Anchors and aliases are not allowed.".into(), ANCHOR)
        }
        BudgetBreach::Depth { .. } => {
            ("This is nested too deeply.".into(), Some("at most 32 levels".into()))
        }
        BudgetBreach::Documents { .. } => {
            ("There is a second document.".into(), Some("one document in each file".into()))
        }
        _ => ("The file is too large.".into(), Some("one file for each tool".into())),
    }
}

/// A list of the right words, or the ones that were probably meant.
fn choices(given: &str, expected: &[&'static str]) -> Option<Cow<'static, str>> {
    match nearest(given, expected.iter().copied(), 1).first() {
        Some(near) => Some(format!("probably `{near}`").into()),
        None if expected.is_empty() => None,
        None => {
            let list: Vec<_> = expected.iter().map(|word| format!("`{word}`")).collect();
            Some(format!("one of {}", list.join(", ")).into())
        }
    }
}

fn kind(ty: &'static str) -> Cow<'static, str> {
    match ty {
        "bool" => "true or false".into(),
        _ => "a whole number, such as 4".into(),
    }
}

/// The parser's names of YAML events in the words of people who write YAML.
fn plain(expected: &'static str) -> Cow<'static, str> {
    match expected {
        "string scalar" => "text".into(),
        "sequence start" => "a list: `[a, b]`, or lines that begin with `- `".into(),
        "mapping start" => "keys with values: `key: value`".into(),
        other => other.into(),
    }
}

/// Mistakes of YAML itself, with the usual cause.
fn syntax(message: &str) -> (Cow<'static, str>, Option<Cow<'static, str>>) {
    let hint: Option<&'static str> = if message.contains("tab") {
        Some("spaces")
    } else if message.contains("ecursion limit") {
        Some("at most 32 levels")
    } else if message.contains("ndentation") {
        Some(
            "the same indentation for all keys of a map; a list in `[ ]` deeper than its key, its closing bracket too",
        )
    } else if message.contains("apping values") {
        Some("quotes around text that has `: ` in it")
    } else {
        None
    };
    (message.to_owned().into(), hint.map(Into::into))
}

/// The parser's own text without its position, as a sentence.
fn sentence(text: &str) -> String {
    let text = text.rsplit_once(" at line ").map_or(text, |(message, _)| message);
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str().trim_end_matches('.')),
        None => "This is not YAML.".into(),
    }
}
