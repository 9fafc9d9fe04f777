//! Commands inside texts that are not shell: code of a language, and texts in
//! which a pattern finds commands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use regex_lite::{Captures, Regex};

use super::code::{self, Found, decode, encode};
use super::inner::InnerCommand;
use super::wrapper::{CodeSpec, Extract};
use crate::model::{Hole, Invocation, Part, Place, Span, Stdin, Word};

/// Most matches of one pattern.
const MAX_MATCHES: usize = 200;
/// Longest text in which a pattern is looked for, in bytes.
const MAX_TEXT: usize = 256 * 1024;
/// Most bytes of options that are joined to one program.
const MAX_JOINED: usize = 1024 * 1024;

/// What the code of an interpreter would start.
pub(super) fn code(
    spec: &CodeSpec,
    invocation: &Invocation,
    place: &Place,
    home: Option<&str>,
) -> Vec<InnerCommand> {
    let inline = invocation.options_named(&spec.options).filter_map(|opt| opt.value.as_ref());
    let mut program: Option<Word> = None;
    for value in inline {
        let whole = program.get_or_insert_with(|| Word { parts: Vec::new(), span: value.span });
        if !whole.parts.is_empty() {
            whole.push_text("\n");
        }
        whole.parts.extend(value.parts.iter().cloned());
        if whole.parts.len() > MAX_JOINED {
            break;
        }
    }
    let unless = invocation.options_named(&spec.unless).next().is_some();
    let operand = spec.operand.and_then(|at| invocation.operands.get(at + spec.skip));
    let operand = operand.filter(|_| !unless);
    if let Some(operand) = operand {
        let whole = program.get_or_insert_with(|| Word { parts: Vec::new(), span: operand.span });
        if !whole.parts.is_empty() {
            whole.push_text("\n");
        }
        whole.parts.extend(operand.parts.iter().cloned());
    }
    if let Some(program) = program {
        return commands(&spec.language, &program, place, home, false);
    }
    if unless {
        return Vec::new();
    }
    let named = |word: &Word| matches!(word.as_static(), Some("-" | "/dev/stdin"));
    let from_input = invocation.operands.get(spec.skip).is_none_or(named);
    match given(invocation) {
        Some(word) if spec.stdin && from_input => commands(&spec.language, word, place, home, true),
        _ => Vec::new(),
    }
}

/// Text on standard input: what stands in the command, and what is known of a
/// pipe or file if it begins with something known. The rest is for rules.
pub(super) fn given(invocation: &Invocation) -> Option<&Word> {
    if let Stdin::Text(word) = &invocation.stdin {
        return Some(word);
    }
    let known = invocation.input.as_deref()?;
    known.parts.first().filter(|part| !matches!(part, Part::Hole(_)))?;
    Some(known)
}

pub(super) fn commands(
    language: &str,
    program: &Word,
    place: &Place,
    home: Option<&str>,
    stdin_taken: bool,
) -> Vec<InnerCommand> {
    let found = code::find(language, program, home).into_iter();
    let inner = found.map(|found| match found {
        Found::Argv(argv) => {
            let (assignments, place) = (Vec::new(), place.clone());
            InnerCommand::Argv { argv, assignments, place, stdin_taken }
        }
        Found::Unknown(word) => InnerCommand::Unknown { word, place: place.clone() },
    });
    inner.collect()
}

/// The commands that a pattern finds.
pub(super) fn extract(
    spec: &Extract,
    programs: &[String],
    invocation: &Invocation,
    place: &Place,
    home: Option<&str>,
) -> Vec<InnerCommand> {
    let present = |names: &[String]| invocation.options_named(names).next().is_some();
    if (!spec.with.is_empty() && !present(&spec.with)) || present(&spec.unless) {
        return Vec::new();
    }
    // What a variable starts has the same variable: only the outermost counts.
    let again = invocation.wrappers.iter().any(|outer| programs.contains(&outer.name));
    let texts = texts(spec, invocation, again).into_iter();
    texts.flat_map(|text| matches(spec, text, &invocation.operands, place, home)).collect()
}

/// The commands that a pattern finds in one text.
pub(super) fn matches(
    spec: &Extract,
    word: &Word,
    operands: &[Word],
    place: &Place,
    home: Option<&str>,
) -> Vec<InnerCommand> {
    let Some(regex) = compiled(&spec.pattern) else { return Vec::new() };
    let (text, holes) = encode(word);
    if text.len() > MAX_TEXT {
        return vec![InnerCommand::Unknown { word: word.clone(), place: place.clone() }];
    }
    if spec.language.is_empty() && only_prints(&text) {
        return Vec::new();
    }
    let mut out = Vec::new();
    let lines: Vec<&str> = if spec.lines { text.lines().collect() } else { vec![&text] };
    let found = lines.iter().flat_map(|line| {
        let excused = |found: &regex_lite::Captures<'_>| {
            found.get(0).is_some_and(|whole| excused(spec, line, whole.start(), whole.end()))
        };
        regex.captures_iter(line).filter(move |found| !excused(found))
    });
    for captures in found.take(MAX_MATCHES) {
        let filler = Filler { captures: &captures, holes: &holes, span: word.span };
        if !spec.language.is_empty() {
            let program = filler.word("$1");
            out.extend(commands(&spec.language, &program, place, home, spec.stdin));
            continue;
        }
        let argv = if spec.shell.is_empty() {
            let mut argv: Vec<Word> =
                spec.argv.iter().flat_map(|word| filler.words(word)).collect();
            if spec.files {
                argv.extend(operands.iter().cloned());
            }
            argv
        } else {
            let text = |text: &str| Word::text(text, word.span);
            vec![text("sh"), text("-c"), filler.word(&spec.shell)]
        };
        let (assignments, place) = (Vec::new(), place.clone());
        out.push(InnerCommand::Argv { argv, assignments, place, stdin_taken: spec.stdin });
    }
    out
}

/// Whether a text does nothing but print a text in which nothing is computed.
fn only_prints(text: &str) -> bool {
    const PRINTS: &str = concat!(
        r"(?i)^\s*\(?(?:puts|print|println|printf|display|say|IO\.puts|Write-Output|Write-Host)",
        r#"[\s(]+(?:"(?:[^"\\$`#\[]|\\[^(])*"|'[^']*')[\s);]*$"#
    );
    compiled(PRINTS).is_some_and(|prints| prints.is_match(text))
}

/// Whether the command that was found, up to its end, is one of the exceptions.
fn excused(spec: &Extract, text: &str, start: usize, end: usize) -> bool {
    if spec.except.is_empty() {
        return false;
    }
    // What stands behind a pipe or a bracket belongs to another command.
    let ends = |c: char| matches!(c, ';' | '|' | '{' | '}' | '\n' | '\r');
    let inside = text.get(start..end).unwrap_or_default();
    let start = start + inside.find(|c: char| c.is_alphabetic()).unwrap_or_default();
    let after = text.get(start..).unwrap_or_default();
    let statement = after.get(..after.find(ends).unwrap_or(after.len())).unwrap_or_default();
    compiled(&spec.except).is_some_and(|except| except.is_match(statement))
}

fn texts<'a>(spec: &'a Extract, invocation: &'a Invocation, again: bool) -> Vec<&'a Word> {
    let mut texts: Vec<&Word> =
        invocation.options_named(&spec.options).filter_map(|opt| opt.value.as_ref()).collect();
    if let Some(from) = spec.operands {
        texts.extend(invocation.operands.iter().skip(from));
    }
    texts.extend(spec.operand.and_then(|at| invocation.operands.get(at)));
    texts.extend(given(invocation).filter(|_| spec.stdin));
    if !spec.env.is_empty() && !again {
        let all = invocation.assignments.iter().chain(invocation.exported.iter());
        let named = all.filter(|assignment| spec.env.contains(&assignment.name));
        texts.extend(named.map(|assignment| &assignment.value));
    }
    texts
}

/// Puts what was captured into templates.
struct Filler<'a> {
    captures: &'a Captures<'a>,
    holes: &'a [Hole],
    span: Span,
}

impl Filler<'_> {
    fn group(&self, number: usize) -> &str {
        self.captures.get(number).map_or("", |group| group.as_str())
    }

    fn words(&self, template: &str) -> Vec<Word> {
        let group = template.strip_prefix('$').and_then(|number| number.parse().ok());
        match group {
            Some(number) => {
                let words = self.group(number).split_whitespace();
                words
                    .map(|word| decode(word.trim_matches(['"', '\'']), self.holes, self.span))
                    .collect()
            }
            None => vec![self.word(template)],
        }
    }

    fn word(&self, template: &str) -> Word {
        let mut text = String::new();
        let mut chars = template.chars();
        while let Some(c) = chars.next() {
            if c == '$' {
                let number = chars.next().and_then(|c| c.to_digit(10)).unwrap_or(0);
                text.push_str(self.group(usize::try_from(number).unwrap_or(0)));
            } else {
                text.push(c);
            }
        }
        decode(&text, self.holes, self.span)
    }
}

/// Patterns are compiled once, when they are first needed.
fn compiled(pattern: &str) -> Option<Arc<Regex>> {
    static CACHE: Mutex<BTreeMap<String, Option<Arc<Regex>>>> = Mutex::new(BTreeMap::new());
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = cache.get(pattern) {
        return known.clone();
    }
    let regex = Regex::new(pattern).ok().map(Arc::new);
    cache.insert(pattern.to_owned(), regex.clone());
    regex
}
