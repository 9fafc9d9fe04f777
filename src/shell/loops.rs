//! Loops: over constant lists and constant input each round is walked with its
//! own values; else the body is walked once, knowing only what no round changes.

use std::ops::Range;
use std::rc::Rc;

use brush_parser::ast;

use super::expand::{literal_text, without_patterns};
use super::flow::{Flow, Output};
use super::grammar::{token_index, token_range};
use super::lex::{Kind, Token, plain};
use super::limits;
use super::read::{Buffer, Context, Reader};
use super::vars::Value;
use super::walk::word_at;
use crate::model::{Cause, Part, Span, Word};

impl Reader {
    pub(super) fn for_clause(
        &mut self,
        command: &ast::ForClauseCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mut values = Vec::new();
        let mut unordered = false;
        for word in command.values.iter().flatten() {
            if let Some((pieces, span)) = word_at(word.loc.as_ref(), buffer) {
                if let Some(listed) = self.listed_map(pieces) {
                    // Which round is the last is the shell's own affair.
                    unordered |= listed.len() > 1;
                    values.extend(listed);
                    continue;
                }
                values.extend(self.words(pieces, buffer, context, span));
            }
        }
        let range = token_range(&command.loc);
        let text = |at: usize| {
            let token = buffer.tokens.get(at);
            token.map(|token| buffer.source((token.start, token.end))).unwrap_or_default()
        };
        let name = text(range.start + 1);
        let chosen = text(range.start) == "select";
        let body = token_range(&command.body.loc);
        if command.values.is_none() {
            match self.variables.positional() {
                Some(positional) => values.extend(
                    positional.iter().map(|parts| Word { parts: parts.clone(), ..Word::default() }),
                ),
                None => values.push(Word::hole("$@", Cause::Variable, Span::default())),
            }
        }
        let certain = !chosen && values.iter().all(|value| value.as_static().is_some());
        let list = &command.body.list;
        if self.rounds(values.len()) {
            let values =
                values.into_iter().map(|value| Some(without_patterns(value.parts))).collect();
            if certain && !leaves_early(body.clone(), buffer) {
                // Every round of a map runs, but what it leaves behind for the
                // others and for later depends on the order.
                return if unordered {
                    self.perhaps_each(&name, values, list, buffer, context)
                } else {
                    self.each(&name, values, list, buffer, context)
                };
            }
            self.forget_loop(body, buffer);
            return self.perhaps_each(&name, values, list, buffer, context);
        }
        self.forget_loop(body, buffer);
        self.perhaps_each(&name, vec![None], list, buffer, context)
    }

    /// Whether a loop may be walked so many times. The whole text has a budget
    /// of rounds, so that loops in loops end.
    fn rounds(&mut self, count: usize) -> bool {
        if count > limits::MAX_ROUNDS || count > self.rounds_left {
            return false;
        }
        self.rounds_left -= count;
        true
    }

    /// Every round runs, one after the other.
    fn each(
        &mut self,
        name: &str,
        values: Vec<Option<Vec<Part>>>,
        list: &ast::CompoundList,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mut flow = Flow::nothing();
        let mut context = context.clone();
        for value in values {
            if self.stopped {
                break;
            }
            self.variables.set(name, value.map_or(Value::Unknown, Value::Scalar));
            flow = flow.then(self.list(list, buffer, &context));
            context.shared = true;
        }
        flow
    }

    /// Some of the rounds run, perhaps none, perhaps several times.
    fn perhaps_each(
        &mut self,
        name: &str,
        values: Vec<Option<Vec<Part>>>,
        list: &ast::CompoundList,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mark = self.variables.mark();
        let context = Context { shared: true, ..context.clone() };
        self.variables.forget("REPLY");
        self.blur_descriptors();
        let mut flow = Flow::nothing();
        for value in values {
            if self.stopped {
                break;
            }
            let inner = self.variables.mark();
            self.variables.set(name, value.map_or(Value::Unknown, Value::Scalar));
            flow = flow.then(self.list(list, buffer, &context));
            self.leave_scope(&inner);
        }
        self.leave_scope(&mark);
        self.variables.forget(name);
        let silent = flow.output.is_nothing();
        let output = if silent { Output::NOTHING } else { Output::Unknown };
        Flow { output, success: None, ..flow }
    }

    pub(super) fn while_clause(
        &mut self,
        command: &ast::WhileOrUntilClauseCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let range = token_range(&command.2);
        if let Some(flow) = self.while_read(command, range.clone(), buffer, context) {
            return flow;
        }
        self.forget_loop(range, buffer);
        self.blur_descriptors();
        let context = Context { shared: true, ..context.clone() };
        let flow = self.list(&command.0, buffer, &context);
        let silent = flow.output.is_nothing();
        let output = if silent { Output::NOTHING } else { Output::Unknown };
        let flow = Flow { output, ..flow };
        flow.then(self.branch(&command.1.list, buffer, &context))
    }

    /// `while read -r x; do ..; done` over input that is known: one round for
    /// each line.
    fn while_read(
        &mut self,
        command: &ast::WhileOrUntilClauseCommand,
        range: Range<usize>,
        buffer: &Buffer,
        context: &Context,
    ) -> Option<Flow> {
        let head = buffer.tokens.get(range.start..token_index(&command.1.loc))?;
        let text = |at: usize| match &head.get(at)?.kind {
            Kind::Word(pieces) => plain(pieces),
            _ => None,
        };
        let reads = text(0) == Some("while")
            && (text(1) == Some("read") || (separates(head.get(1)?) && text(2) == Some("read")));
        let descriptor = descriptor(head);
        let most = 2 + usize::from(descriptor.is_some());
        let simple = head.iter().filter(|t| matches!(t.kind, Kind::Operator(_))).count() <= most;
        let body = token_range(&command.1.loc);
        if !reads || !simple || leaves_early(body, buffer) {
            return None;
        }
        let replaced = || self.replaced_input(&context.stdin).map(|_| 0);
        let descriptor = descriptor.or_else(replaced);
        let input = match descriptor {
            Some(number) => Rc::clone(&self.descriptors.get(&number)?.rest),
            None if context.shared => return None,
            None => Rc::clone(&context.input),
        };
        let text = std::str::from_utf8(input.exact()?).ok()?.to_owned();
        let lines: Vec<&str> = text.split_inclusive('\n').filter(|l| l.ends_with('\n')).collect();
        // A loop that reads inside its body takes lines away from the others.
        let inner_read = buffer.tokens.get(token_range(&command.1.loc))?.iter().any(
            |token| matches!(&token.kind, Kind::Word(pieces) if plain(pieces) == Some("read")),
        );
        if inner_read || !self.rounds(lines.len()) {
            return None;
        }
        // The last `read` finds no whole line, and takes what there is.
        let whole: usize = lines.iter().map(|line| line.len()).sum();
        let last = text.get(whole..).unwrap_or_default();
        let mut flow = Flow::nothing();
        for line in lines.into_iter().map(Some).chain([None]) {
            let bytes = line.unwrap_or(last).as_bytes().to_vec();
            let (line, reads) = (Output::Bytes(bytes), line.is_some());
            let condition = match descriptor {
                Some(number) => {
                    self.read_from(number, line);
                    context.clone()
                }
                None => Context { input: Rc::new(line), shared: false, ..context.clone() },
            };
            let before = self.script.commands.len();
            let read = self.list(&command.0, buffer, &condition);
            if !reads {
                // Nothing that has not been listed before.
                self.script.commands.truncate(before);
                break;
            }
            flow = flow.then(read);
            let inner = Context { shared: true, ..context.clone() };
            flow = flow.then(self.list(&command.1.list, buffer, &inner));
        }
        if let Some(number) = descriptor {
            self.read_from(number, Output::NOTHING);
        }
        Some(flow)
    }
}

/// Whether a token is `IFS=..`.
fn separates(token: &Token) -> bool {
    matches!(&token.kind, Kind::Word(pieces) if literal_text(pieces).starts_with("IFS="))
}

/// The descriptor that the `read` of a loop's head reads from: `-u 3`, `<&3`.
fn descriptor(head: &[Token]) -> Option<i32> {
    let word = |token: &Token| match &token.kind {
        Kind::Word(pieces) => plain(pieces).map(str::to_owned),
        _ => None,
    };
    head.windows(2).find_map(|pair| {
        let [first, second] = pair else { return None };
        let before = matches!(&first.kind, Kind::Operator(operator) if *operator == "<&")
            || word(first).is_some_and(|text| matches!(text.as_str(), "-u" | "-ru"));
        let attached = word(first).and_then(|text| text.strip_prefix("-u")?.parse().ok());
        attached.or_else(|| if before { word(second)?.parse().ok() } else { None })
    })
}

/// Whether a loop's body may end a round before its end.
fn leaves_early(range: Range<usize>, buffer: &Buffer) -> bool {
    buffer.tokens.get(range).unwrap_or_default().iter().any(|token| match &token.kind {
        Kind::Word(pieces) => matches!(
            literal_text(pieces).as_str(),
            "break" | "continue" | "return" | "exit" | "exec"
        ),
        _ => false,
    })
}
