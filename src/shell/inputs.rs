//! What commands print, and what builtins read: text that flows through pipes
//! and variables is followed as long as it is certain.

use super::flow::{Flow, Output};
use super::lex::is_name;
use super::pure;
use super::read::{Context, Reader};
use super::vars::{DEFAULT_SEPARATORS, Separators, Value};
use crate::model::{Cause, Hole, Part, Simple, Span, Stdin, Word};

/// Variables in front of a command that do not change what it computes.
const HARMLESS: &[&str] = &["LC_ALL", "LANG", "LC_CTYPE", "LC_COLLATE", "IFS"];

/// Commands that feed one `read` and are remembered.
const MAX_FEEDS: usize = 50;
/// Names of one `read`.
const MAX_NAMES: usize = 20;

/// Around the number of a hole in a text that goes through `echo` or `printf`.
const OPEN: char = '\u{1}';
const CLOSE: char = '\u{2}';

impl Reader {
    /// What a command prints and whether it succeeds, without its commands.
    pub(super) fn printed(&mut self, command: &Simple, context: &Context) -> Flow {
        if command.words.is_empty() {
            let known = !command.assignments.iter().any(|a| a.value.has_hole());
            let opened = command.redirects.is_empty();
            return Flow { success: (known && opened).then_some(true), ..Flow::nothing() };
        }
        let mut words = command.words.as_slice();
        while let [first, rest @ ..] = words
            && matches!(first.as_static(), Some("command" | "builtin"))
        {
            words = rest;
        }
        let Some(name) = words.first().and_then(Word::as_static) else { return Flow::default() };
        let own = self.functions.knows(name) || self.functions.has_alias(name);
        let plain = command.assignments.iter().all(|a| HARMLESS.contains(&a.name.as_str()));
        if own || !plain {
            return Flow::default();
        }
        let input = if context.shared { &Output::Unknown } else { &*context.input };
        // Looking for patterns may take longer than copying does.
        self.charge(cost(words, input));
        if self.stopped {
            return Flow::default();
        }
        let computed = compute(words, name, input);
        let (output, success) = match computed {
            Some(found) => found,
            None if is_silent(command, name) => (Output::NOTHING, None),
            None => return Flow::default(),
        };
        self.charge(output.size() + input.size());
        Flow { commands: Vec::new(), output, success }
    }

    /// `read` and `mapfile` with input that is known; false: nothing was done.
    pub(super) fn reads(
        &mut self,
        index: usize,
        name: &str,
        arguments: &[Word],
        context: &Context,
    ) -> bool {
        let words: Option<Vec<String>> =
            arguments.iter().map(|word| word.as_static().map(str::to_owned)).collect();
        let Some(mut words) = words else { return false };
        let descriptor = take_descriptor(&mut words).or(context.copied);
        let input = match descriptor.map(|number| self.descriptors.get(&number)) {
            Some(Some(opened)) => std::rc::Rc::clone(&opened.rest),
            Some(None) => return false,
            None if context.shared => return false,
            None => std::rc::Rc::clone(&context.input),
        };
        let text = input.exact().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let rest = text.and_then(|text| {
            if name == "read" {
                self.read_line(index, &words, text).map(str::to_owned)
            } else {
                self.read_lines(&words, text).then(String::new)
            }
        });
        let done = rest.is_some();
        if let Some(number) = descriptor {
            let rest = rest.map_or(Output::Unknown, |rest| Output::Bytes(rest.into_bytes()));
            self.read_from(number, rest);
        }
        done
    }

    /// What `read` takes from a pipe or a file is not known, but where it comes
    /// from is: the commands that feed it, or the command itself that has the file.
    pub(super) fn reads_from(
        &mut self,
        (index, program): (usize, &str),
        arguments: &[Word],
        stdin: &Stdin,
    ) {
        let from = match stdin {
            Stdin::Pipe(from) if !from.is_empty() && from.len() <= MAX_FEEDS => from.clone(),
            Stdin::File(_) => vec![index],
            _ => return,
        };
        let array = |word: &Word| {
            word.as_static().is_some_and(|text| text.starts_with('-') && text.contains('a'))
        };
        let array = program != "read" || arguments.iter().any(array);
        let names = arguments.iter().filter_map(Word::as_static).filter(|name| is_name(name));
        for name in names.take(MAX_NAMES) {
            let hole = Hole {
                source: format!("${name}"),
                cause: Cause::Variable,
                splits: true,
                from: from.clone(),
                ..Hole::default()
            };
            if array {
                self.variables.note_array(name);
            }
            self.variables.set(name, Value::Scalar(vec![Part::Hole(hole)]));
        }
    }

    /// `mapfile -t NAME`.
    fn read_lines(&mut self, words: &[String], text: &str) -> bool {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let (trim, name) = match words.as_slice() {
            ["-t", name] => (true, *name),
            ["-t"] => (true, "MAPFILE"),
            [name] if !name.starts_with('-') => (false, *name),
            _ => return false,
        };
        if !is_name(name) || text.lines().count() > super::limits::MAX_WORDS {
            return false;
        }
        let part = |line: &str| {
            let line = if trim { line.strip_suffix('\n').unwrap_or(line) } else { line };
            if line.is_empty() { Vec::new() } else { vec![Part::Text(line.to_owned())] }
        };
        let lines = text.split_inclusive('\n').map(part).collect();
        self.charge(text.len());
        self.variables.note_array(name);
        self.variables.set(name, Value::Array(lines));
        true
    }

    /// `read [-r] [-a] NAME..`; gives what is left of the text.
    fn read_line<'t>(&mut self, index: usize, words: &[String], text: &'t str) -> Option<&'t str> {
        let mut raw = false;
        let mut array = false;
        let mut end = '\n';
        let mut names = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-r" => raw = true,
                "-ra" | "-ar" => (raw, array) = (true, true),
                "-a" => array = true,
                "-d" => match words.next().map(String::as_str) {
                    Some("") => end = '\0',
                    Some(text) => end = text.chars().next().unwrap_or('\0'),
                    None => return None,
                },
                "-p" => drop(words.next()),
                "-s" | "-e" => {}
                word if word.starts_with('-') => return None,
                word => names.push(word),
            }
        }
        let (line, rest) = text.split_once(end).unwrap_or((text, ""));
        if (!raw && line.contains('\\')) || !names.iter().all(|name| is_name(name)) {
            return None;
        }
        let separators = self.read_separators(index)?;
        if names.is_empty() {
            return None;
        }
        self.charge(line.len() * 2);
        if array {
            let fields = fields(line, &separators, usize::MAX);
            let value = fields.into_iter().map(|field| texts(&field)).collect();
            let [name] = names.as_slice() else { return None };
            self.variables.note_array(name);
            self.variables.set(name, Value::Array(value));
            return Some(rest);
        }
        let mut fields = fields(line, &separators, names.len()).into_iter();
        for name in names {
            let value = fields.next().unwrap_or_default();
            self.variables.set(name, Value::Scalar(texts(&value)));
        }
        Some(rest)
    }

    /// The separators of a `read`, with `IFS=` in front of it.
    fn read_separators(&self, index: usize) -> Option<String> {
        let command = self.script.commands.get(index)?;
        let own = command.assignments.iter().rfind(|a| a.name == "IFS");
        match own {
            Some(own) => own.value.as_static().map(str::to_owned),
            None => match self.variables.separators() {
                Separators::Known(text) => Some(text),
                Separators::Unknown => None,
            },
        }
    }

    /// `printf -v NAME FORMAT ..`; false: nothing was done.
    pub(super) fn prints_to(&mut self, arguments: &[Word]) -> bool {
        let (name, rest) = match arguments {
            [first, name, rest @ ..] if first.as_static() == Some("-v") => (name.as_static(), rest),
            [first, rest @ ..] => {
                let name = first.as_static().and_then(|text| text.strip_prefix("-v"));
                (name.filter(|name| !name.is_empty()), rest)
            }
            [] => (None, rest_of(arguments)),
        };
        let Some(name) = name.filter(|name| is_name(name)) else { return false };
        let mut words = vec![Word::text("printf", Span::default())];
        words.extend_from_slice(rest);
        let Some((output, _)) = compute(&words, "printf", &Output::Unknown) else { return false };
        let Some(parts) = output.parts() else { return false };
        self.charge_parts(&parts);
        self.variables.set(name, super::simple::bounded(Value::Scalar(parts)));
        true
    }
}

/// Whether a builtin with these words prints nothing.
fn is_silent(command: &Simple, name: &str) -> bool {
    const SILENT: &[&str] = &[
        "mapfile",
        "readarray",
        "sleep",
        "wait",
        "return",
        "break",
        "continue",
        "exit",
        "let",
        "shift",
        "unset",
    ];
    let words = || command.words.iter().skip(1);
    match name {
        // `declare -p`, `export` and `alias` without a value print.
        "export" | "declare" | "typeset" | "local" | "readonly" | "alias" => {
            command.words.len() > 1 && words().all(|word| word.display().contains('='))
        }
        // `cd -` and a directory found by CDPATH are printed.
        "cd" => words().all(|word| word.as_static().is_some_and(|t| t.starts_with(['/', '.']))),
        "set" => command.words.len() > 1 && words().all(|word| word.as_static() != Some("-o")),
        name => SILENT.contains(&name),
    }
}

/// Takes `-u FD` out of the words of a `read`.
fn take_descriptor(words: &mut Vec<String>) -> Option<i32> {
    let at = words.iter().position(|word| word.starts_with("-u") || word == "-ru")?;
    let word = words.get(at)?.clone();
    if let Some(number) = word.strip_prefix("-u").and_then(|number| number.parse().ok()) {
        words.remove(at);
        return Some(number);
    }
    let number = words.get(at + 1)?.parse().ok()?;
    words.remove(at + 1);
    if word == "-ru" {
        *words.get_mut(at)? = "-r".to_owned();
    } else {
        words.remove(at);
    }
    Some(number)
}

fn rest_of(words: &[Word]) -> &[Word] {
    words.get(1..).unwrap_or_default()
}

/// What computing a command may cost.
fn cost(words: &[Word], input: &Output) -> usize {
    let texts: Option<Vec<&str>> = words.iter().map(Word::as_static).collect();
    texts.map_or(0, |texts| pure::cost(&texts, input.exact()))
}

/// The output of a pure command.
fn compute(words: &[Word], name: &str, input: &Output) -> Option<(Output, Option<bool>)> {
    let texts: Option<Vec<&str>> = words.iter().map(Word::as_static).collect();
    if let Some(texts) = texts {
        if name == "cat" && texts.len() == 1 {
            return Some((input.clone(), Some(true))).filter(|found| found.0 != Output::Unknown);
        }
        let found = pure::run(&texts, input.exact())?;
        return Some((Output::Bytes(found.bytes), found.success));
    }
    let base = name.rsplit('/').next().unwrap_or(name);
    if !matches!(base, "echo" | "printf") {
        return None;
    }
    around_holes(words, base)
}

/// `echo` and `printf '%s'` pass their words on, known or not.
fn around_holes(words: &[Word], name: &str) -> Option<(Output, Option<bool>)> {
    let mut holes = Vec::new();
    let mut texts = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let mut text = String::new();
        for part in &word.parts {
            match part {
                Part::Text(part) if part.contains([OPEN, CLOSE]) => return None,
                Part::Text(part) => text.push_str(part),
                // What a pattern or variable becomes may look like an option,
                // or like an escape in a format.
                _ if index == 1 && (text.is_empty() || name == "printf") => {
                    if name == "printf" {
                        return None;
                    }
                    text.push_str(&mark(&mut holes, part));
                }
                part => text.push_str(&mark(&mut holes, part)),
            }
        }
        texts.push(text);
    }
    if name == "printf" {
        let format = texts.get(1)?;
        let simple =
            format.split('%').skip(1).all(|after| after.is_empty() || after.starts_with('s'));
        if !simple {
            return None;
        }
    } else if texts.iter().any(|text| text.contains('\\') || text.starts_with('-')) {
        return None;
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let found = pure::run(&texts, None)?;
    let text = String::from_utf8(found.bytes).ok()?;
    let mut word = Word::default();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (number, after) = after.split_once(CLOSE)?;
        word.push_text(before);
        word.parts.push(holes.get(number.parse::<usize>().ok()?)?.clone());
        rest = after;
    }
    word.push_text(rest);
    Some((Output::Parts(word.parts), found.success))
}

/// Keeps a part aside and gives the text that stands for it.
fn mark(holes: &mut Vec<Part>, part: &Part) -> String {
    let part = match part {
        Part::Glob(source) => Part::Hole(Hole {
            source: source.clone(),
            cause: Cause::Pattern,
            splits: true,
            ..Hole::default()
        }),
        part => part.clone(),
    };
    holes.push(part);
    format!("{OPEN}{}{CLOSE}", holes.len() - 1)
}

fn texts(text: &str) -> Vec<Part> {
    if text.is_empty() { Vec::new() } else { vec![Part::Text(text.to_owned())] }
}

/// A line cut into at most `most` fields, as `read` does; the last one holds
/// the rest of the line.
fn fields(line: &str, separators: &str, most: usize) -> Vec<String> {
    let blank = |c: char| separators.contains(c) && DEFAULT_SEPARATORS.contains(c);
    let mut out = Vec::new();
    let mut rest = line.trim_matches(blank);
    while !rest.is_empty() {
        if out.len() + 1 == most {
            out.push(rest.to_owned());
            break;
        }
        match rest.find(|c| separators.contains(c)) {
            None => {
                out.push(rest.to_owned());
                break;
            }
            Some(at) => {
                out.push(rest.get(..at).unwrap_or_default().to_owned());
                rest = rest.get(at..).unwrap_or_default().trim_start_matches(blank);
                if let Some(next) = rest.chars().next()
                    && separators.contains(next)
                    && !blank(next)
                {
                    rest = rest.get(next.len_utf8()..).unwrap_or_default();
                    rest = rest.trim_start_matches(blank);
                }
            }
        }
    }
    out
}
