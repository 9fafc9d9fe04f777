//! What is wrong with a rule or policy file, and where.

use std::{fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::text::{Escaped, escape};

/// Characters shown to the left and right of the offending text on its line.
const BEFORE: usize = 60;
const AFTER: usize = 60;
/// Characters of the offending text itself that are shown.
const MARKED: usize = 60;

/// One mistake in a file: `file:line:column: message`, the line, and what was
/// expected instead.
///
/// Everything in it is escaped when it is made, so it can be printed as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError(Box<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    message: String,
    expected: Option<String>,
    cited: Option<Cited>,
    /// The file works; an author should look at this all the same.
    advice: bool,
}

/// The part of a line that is shown, escaped, and the marked bytes in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cited {
    text: String,
    mark: Range<usize>,
}

impl RuleError {
    /// A mistake at the bytes `range` of `text`, the content of the file `name`.
    #[must_use]
    pub fn at(name: &str, text: &str, range: Range<usize>, message: &str) -> Self {
        let start = floor(text, range.start);
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        let in_line = before.get(line_start..).unwrap_or_default().trim_start_matches('\u{feff}');
        Self(Box::new(Inner {
            file: escape(name),
            line: before.bytes().filter(|b| *b == b'\n').count() + 1,
            column: in_line.chars().count() + 1,
            message: escape(message),
            expected: None,
            cited: cite(text, line_start, start..floor(text, range.end.max(start))),
            advice: false,
        }))
    }

    /// A mistake of the file as a whole.
    #[must_use]
    pub fn whole(name: &str, message: &str) -> Self {
        Self(Box::new(Inner {
            file: escape(name),
            line: 1,
            column: 1,
            message: escape(message),
            expected: None,
            cited: None,
            advice: false,
        }))
    }

    /// Makes this a warning: the file works as it is.
    #[must_use]
    pub fn advice(mut self) -> Self {
        self.0.advice = true;
        self
    }

    /// Whether this is only a warning.
    #[must_use]
    pub const fn is_advice(&self) -> bool {
        self.0.advice
    }

    /// Adds what would have been right.
    #[must_use]
    pub fn expected(mut self, expected: impl AsRef<str>) -> Self {
        self.0.expected = Some(escape(expected.as_ref()));
        self
    }

    /// Name of the file, escaped.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// Line and column, both from 1; columns count characters.
    #[must_use]
    pub const fn position(&self) -> (usize, usize) {
        (self.0.line, self.0.column)
    }

    /// The sentence, escaped.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The whole report, several lines, with a line feed at the end.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let Inner { file, line, column, message, expected, cited, advice } = &*self.0;
        let bold = if colour { "\x1b[1m" } else { "" };
        let reset = if colour { "\x1b[0m" } else { "" };
        let kind = if *advice { "warning: " } else { "" };
        let mut out = format!("{bold}{file}:{line}:{column}: {kind}{message}{reset}\n");
        let mut group = Group::with_level(if *advice { Level::WARNING } else { Level::ERROR });
        if let Some(cited) = cited {
            group = group.element(
                Snippet::source(cited.text.as_str())
                    .line_start(*line)
                    .annotation(AnnotationKind::Primary.span(cited.mark.clone())),
            );
        }
        if let Some(expected) = expected {
            if cited.is_none() {
                return out + "  expected: " + expected + "\n";
            }
            group = group.element(Level::NOTE.with_name("expected").message(expected.as_str()));
        }
        if !group.is_empty() {
            let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
            out.push_str(&renderer.term_width(200).render(&[group]));
            out.push('\n');
        }
        out
    }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for RuleError {}

/// All the mistakes of one or more files, in order of position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleErrors(pub Vec<RuleError>);

impl RuleErrors {
    /// The reports one after another.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        self.0.iter().map(|error| error.render(colour)).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for RuleErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

impl std::error::Error for RuleErrors {}

impl From<RuleError> for RuleErrors {
    fn from(error: RuleError) -> Self {
        Self(vec![error])
    }
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Cuts the line around the marked bytes down to what fits a terminal.
fn cite(text: &str, line_start: usize, mark: Range<usize>) -> Option<Cited> {
    let line = text.get(line_start..)?.split('\n').next()?.trim_end_matches('\r');
    if line.is_empty() {
        return None;
    }
    let start = mark.start - line_start;
    let end = (mark.end - line_start).min(line.len()).max(start);
    let left = line.get(..start)?;
    let right = line.get(end..)?;
    let skipped = left.chars().count().saturating_sub(BEFORE);
    let kept: String = left.chars().skip(skipped).collect();
    let marked: String = line.get(start..end)?.chars().take(MARKED).collect();
    let cut = marked.len() < end - start;
    let rest: String =
        if cut { "…".into() } else { right.chars().take(AFTER).collect::<String>() };
    let ellipsis = if skipped > 0 { "…" } else { "" };
    let lead = if skipped == 0 { kept.trim_start_matches('\u{feff}') } else { kept.as_str() };
    let mut shown = format!("{ellipsis}{}", Escaped(lead));
    let from = shown.len();
    shown.push_str(&escape(&marked));
    let to = shown.len();
    if cut {
        shown.push('…')
    } else {
        shown.push_str(&escape(&rest))
    }
    if !cut && rest.len() < right.len() {
        shown.push('…');
    }
    // An empty mark at the end of a line needs a column to point at.
    if from == to && to == shown.len() {
        shown.push(' ');
    }
    Some(Cited { mark: from..to.max(from + next_len(&shown, from)), text: shown })
}

/// Length of the character at `at`, or 1.
fn next_len(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}
