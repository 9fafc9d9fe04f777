//! What the words of a command mean: what was typed where that differs from
//! the value, where the value comes from, and what is not known and why.

use std::collections::BTreeMap;

use super::Page;
use crate::model::{Cause, Hole, Invocation, Part, Redirect, RedirectOp, Span, Stdin, Word};
use crate::text::{Line, Role};

/// Words of one command that are explained.
const WORDS: usize = 24;
/// Holes of one word that are explained.
const HOLES: usize = 4;
/// Characters of a value or of what was typed that are shown.
const SHOWN: usize = 160;
/// Bytes of a typed word that is looked at.
const TYPED: usize = 4096;

/// How [`crate::command`] writes what is not known into a text that it reads.
const UNKNOWN_TEXT: &str = "${__unknown}";

/// What is needed to say where values come from.
pub(super) struct Values<'a> {
    /// The text that the spans are about; `None` when it is not shown as given.
    typed: Option<&'a str>,
    /// Variables to the commands that set them, in order.
    setters: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Values<'a> {
    pub(super) fn new(typed: Option<&'a str>, invocations: &'a [Invocation]) -> Self {
        let mut setters: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, invocation) in invocations.iter().enumerate() {
            // In front of a program they are for that program alone.
            for assignment in invocation.assignments.iter().filter(|_| invocation.argv.is_empty()) {
                setters.entry(&assignment.name).or_default().push(index);
            }
        }
        Self { typed, setters }
    }

    /// The rows about the words of an invocation.
    pub(super) fn rows(&self, page: &mut Page, index: usize, invocation: &Invocation) {
        let targets = invocation.redirects.iter().filter(|r| !is_text(r)).map(|r| &r.target);
        let assigned = invocation.assignments.iter().map(|assignment| &assignment.value);
        // What is known of the items of find and the like is kept in the operands.
        let items = |word: &&Word| word.holes().any(|hole| hole.cause == Cause::Input);
        let known: Vec<&Word> =
            invocation.operands.iter().filter(items).filter(|word| word.parts.len() > 1).collect();
        let argv = invocation.argv.iter().filter(|word| known.is_empty() || !items(word));
        let words = assigned.chain(argv).chain(known.iter().copied()).chain(targets);
        let lines = words.filter_map(|word| self.word(index, invocation, word));
        let mut seen: Vec<Line> = Vec::new();
        for line in lines.take(WORDS) {
            if !seen.contains(&line) {
                page.row("word", line.clone());
                seen.push(line);
            }
        }
        self.texts(page, invocation);
    }

    /// What flows in and out, as far as it is known.
    fn texts(&self, page: &mut Page, invocation: &Invocation) {
        let given = match &invocation.stdin {
            Stdin::Text(word) => Some(word),
            Stdin::Pipe(_) | Stdin::File(_) | Stdin::Inherited => None,
        };
        let input = invocation.input.as_deref().or(given);
        for (label, text) in [("it holds", input), ("prints", invocation.output.as_deref())] {
            let empty = |word: &Word| label == "prints" && word.parts.is_empty();
            if let Some(word) = text.filter(|word| !empty(word)) {
                page.row(label, value(word));
            }
        }
        if invocation.read {
            let text = "its text was read: what that starts is listed too";
            page.row("reading", Line::new().with(Role::Plain, text));
        }
    }

    /// What there is to say about one word; nothing when it is what was typed.
    fn word(&self, index: usize, invocation: &Invocation, word: &Word) -> Option<Line> {
        let typed = self.typed(invocation, word);
        if word.has_hole() {
            return Some(self.unknown(index, invocation, word, typed));
        }
        let typed = typed?;
        let is = word.display();
        if unquoted(typed) == is {
            return None;
        }
        let mut line = Line::new().with(Role::Plain, &short(typed));
        line.push(Role::Dim, " is ");
        line.append(value(word));
        if let Some(from) = self.origin(index, typed) {
            line.push(Role::Dim, &format!(" [{from}]"));
        }
        Some(line)
    }

    /// The text of a word where it stands on its own. A word of a computed text
    /// stands at the whole command that ran it.
    fn typed(&self, invocation: &Invocation, word: &Word) -> Option<&'a str> {
        let Span { start, end } = word.span;
        let alone = invocation.argv.len() == 1 && invocation.parent.is_none();
        if word.span == invocation.span && !alone {
            return None;
        }
        let typed = self.typed?.get(start..end)?;
        (!typed.is_empty() && typed.len() <= TYPED).then_some(typed)
    }

    fn unknown(
        &self,
        index: usize,
        invocation: &Invocation,
        word: &Word,
        typed: Option<&str>,
    ) -> Line {
        let shown = typed.map_or_else(|| word.display(), str::to_owned);
        let mut line = Line::new().with(Role::Unknown, &short(&shown));
        line.push(Role::Dim, " is not known: ");
        for (at, hole) in word.holes().take(HOLES).enumerate() {
            if at > 0 {
                line.push(Role::Dim, "; ");
            }
            if hole.source != shown {
                line.push(Role::Unknown, &short(&hole.source));
                line.push(Role::Dim, " is ");
            }
            line.push(Role::Plain, &self.reason(index, invocation, hole));
        }
        let known = known(word);
        if !known.is_empty() {
            line.push(Role::Dim, &format!(" [{}]", known.join(", ")));
        }
        line
    }

    /// Why a part is not known.
    fn reason(&self, index: usize, invocation: &Invocation, hole: &Hole) -> String {
        let by = invocation.wrappers.last().map_or("another program", |w| w.name.as_str());
        let numbers: Vec<_> = hole.from.iter().take(HOLES).map(|i| (i + 1).to_string()).collect();
        let of = if numbers.is_empty() { "a command".to_owned() } else { numbers.join(", ") };
        let mut why = match hole.cause {
            Cause::Variable if hole.source == UNKNOWN_TEXT => {
                "a part that is not known of the text that is run".to_owned()
            }
            Cause::Variable => self.variable(index, &hole.source),
            Cause::Pattern => "each name that this pattern matches".to_owned(),
            Cause::CommandSubstitution => {
                format!("the output of {of}, which guard does not compute")
            }
            Cause::ProcessSubstitution => format!("the path of a pipe to or from {of}"),
            Cause::Arithmetic => "arithmetic with values that are not known".to_owned(),
            Cause::Input => format!("what {by} reads or finds when it runs"),
            Cause::Tilde => "a home folder that guard does not know".to_owned(),
            Cause::TempFile => "the name of a new temporary file".to_owned(),
            Cause::Script => "what a script holds that guard cannot read".to_owned(),
            Cause::Limit => "too much to compute: a limit was reached".to_owned(),
        };
        if let Some(fallback) = &hole.otherwise {
            why += &format!(
                ", or {} where {} is not set",
                quoted(&short(&fallback.text)),
                short(&fallback.variable)
            );
        }
        why
    }

    fn variable(&self, index: usize, source: &str) -> String {
        let Some(name) = names(source).next() else {
            return "only known when it runs".to_owned();
        };
        if name.starts_with(|c: char| c.is_ascii_digit()) || name == "@" || name == "*" {
            return "an argument that the text does not give".to_owned();
        }
        match self.setter(index, name) {
            Some(by) => format!("set in {} to what is not known", by + 1),
            None if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') => {
                "a variable that the text does not set to a known value".to_owned()
            }
            None => "only known when it runs".to_owned(),
        }
    }

    fn setter(&self, index: usize, name: &str) -> Option<usize> {
        let all = self.setters.get(name)?;
        all.iter().rev().find(|by| **by < index).copied()
    }

    /// Where a computed value comes from, when that is easily said.
    fn origin(&self, index: usize, typed: &str) -> Option<String> {
        if typed.contains("$(") || typed.contains('`') {
            return Some("guard computed what the command in it prints".to_owned());
        }
        let Some(name) = names(typed).next() else {
            return typed.starts_with('~').then(|| "the home folder".to_owned());
        };
        if let Some(by) = self.setter(index, name) {
            return Some(format!("{name} is set in {}", by + 1));
        }
        if name.starts_with(|c: char| c.is_ascii_digit()) || name == "@" || name == "*" {
            return Some("from the arguments of the function or script".to_owned());
        }
        let is = |pattern: String| typed.contains(&pattern);
        if is(format!("${{{name}:-")) || is(format!("${{{name}-")) || is(format!("${{{name}:=")) {
            return Some(format!("the text does not set {name}: this is its default"));
        }
        let looped = self.typed.is_some_and(|text| text.contains(&format!("for {name} in")));
        looped.then(|| format!("{name} goes through the items of a loop"))
    }
}

/// The names of the variables in a text, roughly: for messages only.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let rest = rest.trim_start_matches(['#', '!']);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        let end = if end == 0 && rest.starts_with(['@', '*', '?', '$']) { 1 } else { end };
        rest.get(..end).filter(|name| !name.is_empty())
    })
}

/// What is known of a word with holes.
fn known(word: &Word) -> Vec<String> {
    let mut out = Vec::new();
    let start = word.known_prefix();
    if !start.is_empty() {
        out.push(format!("begins with {}", quoted(&short(&start))));
    }
    if let Some(Part::Text(end) | Part::Glob(end)) = word.parts.last() {
        out.push(format!("ends with {}", quoted(&short(end))));
    }
    let only = word.parts.len() == 1;
    if word.holes().any(|hole| hole.nonempty) {
        out.push("never empty".to_owned());
    } else if only && word.holes().any(|hole| hole.cause == Cause::Variable) {
        out.push("may be empty".to_owned());
    }
    if word.holes().any(|hole| hole.splits && hole.cause != Cause::TempFile) {
        out.push("may be several words".to_owned());
    }
    out
}

/// A value; of one that is only partly known, the unknown parts stand out.
fn value(word: &Word) -> Line {
    if word.parts.is_empty() {
        return Line::new().with(Role::Operand, "''");
    }
    let mut line = Line::new();
    let mut left = SHOWN;
    for part in &word.parts {
        let (role, text) = match part {
            Part::Text(text) | Part::Glob(text) => (Role::Operand, text),
            Part::Hole(hole) => (Role::Unknown, &hole.source),
        };
        let shown = cut(text, left);
        left = left.saturating_sub(text.chars().take(SHOWN).count());
        line.push(role, &shown);
        if left == 0 {
            break;
        }
    }
    line
}

/// The text as a shell would have it without quotes, nothing else changed.
fn unquoted(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect()
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

fn short(text: &str) -> String {
    cut(text, SHOWN)
}

/// The beginning of a text, and how much is left out.
fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => {
            let (head, rest) = text.split_at(end);
            format!("{head}… (+{} characters)", rest.chars().count())
        }
    }
}

const fn is_text(redirect: &Redirect) -> bool {
    matches!(redirect.op, RedirectOp::HereDocument | RedirectOp::HereString)
}
