//! Text that a command of this text leads to: traps, prompts, `eval` and aliases.

use std::sync::Arc;

use super::super::flow::Flow;
use super::super::lex::{self, Meter, Piece};
use super::super::limits;
use super::super::read::{Buffer, Context, Reader};
use super::super::vars::Value;
use crate::model::{Part, Problem, ProblemKind, Span, Word};

impl Reader {
    /// Notes a trap: `trap TEXT SIGNAL..`.
    pub(in super::super) fn note_trap(&mut self, index: usize, action: &Word) {
        if let Some(text) = action.as_static()
            && !matches!(text, "" | "-")
            && !text.starts_with('-')
            && let Some(command) = self.script.commands.get_mut(index)
        {
            command.read = true;
            self.functions.traps.push((index, text.to_owned()));
        }
    }

    /// Prompts are expanded by the shell itself: `PROMPT_COMMAND` is a command,
    /// and substitutions in `PS4` run for each command under `set -x`
    /// (bash(1), PROMPTING). They are judged as traps are, whether or not a
    /// prompt is ever shown.
    pub(in super::super) fn note_prompts(&mut self, index: usize) {
        let Some(command) = self.script.commands.get(index) else { return };
        let declared = matches!(
            command.words.first().and_then(Word::as_static),
            Some("declare" | "export" | "typeset" | "readonly")
        );
        if !declared && !command.words.is_empty() {
            return;
        }
        let mut given: Vec<(&str, &str)> = Vec::new();
        for set in &command.assignments {
            given.extend(set.value.as_static().map(|value| (set.name.as_str(), value)));
        }
        let words = command.words.iter().skip(1).filter_map(Word::as_static);
        given.extend(words.filter_map(|word| word.split_once('=')));
        let texts: Vec<String> = given
            .into_iter()
            .filter_map(|(name, value)| match name {
                "PROMPT_COMMAND" => Some(value.to_owned()),
                "PS0" | "PS1" | "PS2" | "PS4" if value.contains(['`', '$']) => {
                    Some(format!(": <<GUARD_PROMPT\n{value}\nGUARD_PROMPT\n"))
                }
                _ => None,
            })
            .collect();
        self.functions.traps.extend(texts.into_iter().map(|text| (index, text)));
    }

    /// Traps run at the end, or when a signal comes: with the last values.
    pub(super) fn run_traps(&mut self) {
        for (index, text) in std::mem::take(&mut self.functions.traps) {
            let span = self.script.commands.get(index).map_or(Span::default(), |c| c.span);
            self.subshell(|reader| reader.text(&text, span, &Context::default()));
        }
    }

    /// `eval WORD..`: reads the text in place, when it begins with something
    /// known. What is not known in it becomes a variable of its own.
    pub(in super::super) fn eval_in_place(
        &mut self,
        index: usize,
        context: &Context,
    ) -> Option<Flow> {
        let command = self.script.commands.get(index)?;
        let (_, words) = command.words.split_first()?;
        let words = match words.split_first() {
            Some((first, rest)) if first.as_static() == Some("--") => rest,
            _ => words,
        };
        let span = command.span;
        let words = words.to_vec();
        let begins = words.first().is_some_and(|word| match word.parts.first() {
            Some(Part::Hole(_)) => false,
            Some(_) => true,
            None => words.len() == 1,
        });
        if !begins {
            return None;
        }
        let unknown = words.iter().any(Word::has_hole);
        let text = self.with_variables(&words);
        if let Some(command) = self.script.commands.get_mut(index) {
            command.read = true;
        }
        let flow = self.text(&text, span, context);
        if unknown {
            self.variables.forget_all();
            return Some(Flow::opaque(flow.commands));
        }
        Some(flow)
    }

    /// Words joined to a text; a hole becomes a variable that holds it.
    fn with_variables(&mut self, words: &[Word]) -> String {
        let mut text = String::new();
        for (index, word) in words.iter().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            for part in &word.parts {
                match part {
                    Part::Text(part) | Part::Glob(part) => text.push_str(part),
                    hole @ Part::Hole(_) => {
                        self.functions.holes += 1;
                        let name = format!("__guard_{}", self.functions.holes);
                        self.variables.set(&name, Value::Scalar(vec![hole.clone()]));
                        text.push_str("${");
                        text.push_str(&name);
                        text.push('}');
                    }
                }
            }
        }
        self.charge(text.len());
        text
    }

    /// Reads text that stands inside a command of this text.
    fn text(&mut self, text: &str, span: Span, context: &Context) -> Flow {
        if text.len() > limits::MAX_VALUE || text.contains('\0') {
            let message = "Text inside the command is too long, or holds a NUL byte; run it from \
                           a file.";
            let message = message.to_owned();
            self.script.problems.push(Problem { kind: ProblemKind::Limit, message, span });
            return Flow::default();
        }
        self.charge(text.len() * 16);
        let mut meter = Meter::new(text.len());
        match lex::tokens(text, self.options, &mut meter) {
            Ok(tokens) => {
                let Some(depth) = self.deeper(meter.deepest + 2) else { return Flow::default() };
                let buffer =
                    Buffer { text: text.into(), tokens: Arc::new(tokens), fixed: Some(span) };
                let flow = self.buffer(&buffer, context);
                self.depth = depth;
                flow
            }
            Err(fault) => {
                let buffer =
                    Buffer { text: text.into(), tokens: Arc::default(), fixed: Some(span) };
                self.fail(fault, &buffer);
                Flow::default()
            }
        }
    }

    /// `alias NAME=TEXT`.
    pub(in super::super) fn note_aliases(&mut self, words: &[Word]) {
        for text in words.iter().filter_map(Word::as_static) {
            if let Some((name, value)) = text.split_once('=') {
                self.stands_for(name, value);
            }
        }
    }

    /// `hash -p FILE NAME`: the name stands for the file from now on.
    pub(in super::super) fn note_hash(&mut self, words: &[Word]) {
        let texts: Vec<&str> = words.iter().filter_map(Word::as_static).collect();
        let (path, names) = match texts.as_slice() {
            ["-p", path, names @ ..] => (*path, names),
            [first, names @ ..] if first.starts_with("-p") && first.len() > 2 => {
                (first.get(2..).unwrap_or_default(), names)
            }
            _ => return,
        };
        for name in names {
            self.stands_for(name, path);
        }
    }

    /// A name that stands for a text where a command begins with it.
    pub(in super::super) fn stands_for(&mut self, name: &str, text: &str) {
        if !name.is_empty() && self.functions.aliases.len() < limits::MAX_ROUNDS {
            self.functions.aliases.insert(name.to_owned(), text.to_owned());
        }
    }

    /// The text of a command whose first word is an alias. Shells that run
    /// scripts do not follow aliases unless told to, so that the command itself
    /// counts as well.
    pub(in super::super) fn alias(
        &mut self,
        first: &[Piece],
        rest: &str,
        span: Span,
    ) -> Vec<usize> {
        let Some(name) = lex::plain(first) else { return Vec::new() };
        // An alias is not followed inside its own text.
        let Some(value) = self.functions.aliases.remove(name) else { return Vec::new() };
        let name = name.to_owned();
        let text = format!("{value} {rest}");
        let flow = self.subshell(|reader| reader.text(&text, span, &Context::default()));
        self.functions.aliases.insert(name, value);
        flow.commands
    }

    /// Aliases: what they say, as if it were called by their name.
    pub(super) fn walk_aliases(&mut self) {
        for (name, value) in std::mem::take(&mut self.functions.aliases) {
            let first = self.script.commands.len();
            self.subshell(|reader| reader.text(&value, Span::default(), &Context::default()));
            let name: Arc<str> = name.into();
            for command in self.script.commands.iter_mut().skip(first) {
                command.uncalled = Some(Arc::clone(&name));
            }
        }
    }
}
