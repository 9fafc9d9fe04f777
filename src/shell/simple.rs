//! Simple commands and redirections.

use brush_parser::{SourceSpan, ast};

use super::expand::Manner;
use super::grammar::token_index;
use super::lex::{Piece, PieceKind, Target, assignment, is_name};
use super::read::{Buffer, Context, Reader};
use super::vars::Value;
use super::walk::word_at;
use crate::model::{Assignment, Part, RedirectOp, Simple, Span, Stdin, Word};

impl Reader {
    pub(super) fn simple(
        &mut self,
        command: &ast::SimpleCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        let mut simple = Simple { stdin: context.stdin.clone(), ..Simple::default() };
        let mut assignments = Vec::new();
        let mut redirects = Vec::new();
        let mut places = Vec::new();
        for item in command.prefix.iter().flat_map(|prefix| &prefix.0) {
            match item {
                ast::CommandPrefixOrSuffixItem::AssignmentWord(_, word) => {
                    places.extend(word.loc.clone());
                    assignments.extend(word_at(word.loc.as_ref(), buffer));
                }
                ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => redirects.push(redirect),
                _ => {}
            }
        }
        let mut words = Vec::new();
        words.extend(command.word_or_name.as_ref().and_then(|word| word.loc.clone()));
        for item in command.suffix.iter().flat_map(|suffix| &suffix.0) {
            match item {
                ast::CommandPrefixOrSuffixItem::AssignmentWord(_, word)
                | ast::CommandPrefixOrSuffixItem::Word(word) => words.extend(word.loc.clone()),
                ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => redirects.push(redirect),
                ast::CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {}
            }
        }
        for location in &words {
            let Some((pieces, span)) = word_at(Some(location), buffer) else { continue };
            simple.words.extend(self.command_word(pieces, &simple.words, buffer, context, span));
        }
        places.extend(words);
        let mut target = Span::default();
        for redirect in redirects {
            if let Some((redirect, stdin)) = self.redirect(redirect, buffer, context) {
                if let Some(stdin) = stdin {
                    simple.stdin = stdin;
                }
                // A here-document stands behind other commands of its line.
                target = if redirect.op == RedirectOp::HereDocument {
                    target
                } else if target == Span::default() {
                    redirect.target.span
                } else {
                    target.join(redirect.target.span)
                };
                simple.redirects.push(redirect);
            }
        }
        simple.redirects.extend(context.redirects.iter().cloned());
        self.assignments(&assignments, &mut simple, buffer, context);
        simple.span = span_of(&places, target, buffer);
        self.charge_simple(&simple);
        self.finish(simple)
    }

    /// Evaluates `NAME=value` words. In front of a command they last only for
    /// each other.
    fn assignments(
        &mut self,
        assignments: &[(&[Piece], Span)],
        simple: &mut Simple,
        buffer: &Buffer,
        context: &Context,
    ) {
        let lasting = simple.words.is_empty();
        let mut before = Vec::new();
        for (pieces, span) in assignments {
            let Some(target) = assignment(pieces) else { continue };
            if !lasting {
                before.push((target.name, self.variables.get(target.name).cloned()));
            }
            let value = self.assign(target, pieces, buffer, context, *span);
            simple.assignments.push(value);
            // Where a redirection fails, nothing is assigned.
            if lasting && !simple.redirects.is_empty() {
                self.variables.forget(target.name);
            }
        }
        for (name, value) in before.into_iter().rev() {
            self.variables.put_back(name, value);
        }
    }

    /// Adds a command and applies what it does to variables.
    fn finish(&mut self, simple: Simple) -> Vec<usize> {
        let called = simple
            .words
            .first()
            .and_then(Word::as_static)
            .filter(|name| self.functions.commands.contains_key(*name))
            .map(str::to_owned);
        let stdin = simple.stdin.clone();
        let Some(index) = self.add(simple) else { return Vec::new() };
        let mut commands = vec![index];
        self.apply(index);
        if let Some(function) = called.and_then(|name| self.functions.commands.get(&name)) {
            commands.extend(function);
            self.forget_call();
            self.charge(commands.len() * 8);
            // What feeds the call feeds the commands of the function.
            if !matches!(stdin, Stdin::Inherited) && !self.stopped {
                for inner in commands.iter().skip(1) {
                    if let Some(command) = self.script.commands.get_mut(*inner)
                        && matches!(command.stdin, Stdin::Inherited)
                    {
                        command.stdin = stdin.clone();
                    }
                }
            }
        }
        commands
    }

    fn charge_simple(&mut self, simple: &Simple) {
        let mut size = 0;
        if let Stdin::Pipe(from) = &simple.stdin {
            size += from.len() * 8;
        }
        for redirect in &simple.redirects {
            size += 32 + redirect.target.display().len();
        }
        self.charge(size);
    }

    /// One word of a command. Words of `declare` and its kin that look like
    /// assignments are not split.
    fn command_word(
        &mut self,
        pieces: &[Piece],
        before: &[Word],
        buffer: &Buffer,
        context: &Context,
        span: Span,
    ) -> Vec<Word> {
        let declares = || {
            let mut words = before.iter().map(Word::as_static);
            let mut name = words.next().flatten();
            while matches!(name, Some("command" | "builtin")) {
                name = words.next().flatten();
            }
            matches!(name, Some("declare" | "export" | "local" | "readonly" | "typeset"))
        };
        let Some(target) = assignment(pieces).filter(|_| declares()) else {
            return self.words(pieces, buffer, context, span);
        };
        let value = self.value(target, pieces, buffer, context, span);
        let mut word = Word { parts: Vec::new(), span };
        word.push_text(target.name);
        word.push_text(if target.append { "+=" } else { "=" });
        if let Some(elements) = array(target, pieces) {
            // The elements stay for `apply`, which only needs to know that
            // the variable is not a constant.
            let _ = elements;
            self.variables.forget(target.name);
        }
        for part in value.parts {
            match part {
                Part::Text(text) => word.push_text(&text),
                part => word.parts.push(part),
            }
        }
        vec![word]
    }

    /// The value of an assignment as one word.
    fn value(
        &mut self,
        target: Target<'_>,
        pieces: &[Piece],
        buffer: &Buffer,
        context: &Context,
        span: Span,
    ) -> Word {
        if let Some(subscript) = target.subscript {
            self.visit(subscript, buffer, context);
        }
        let (front, rest) = split_value(target, pieces);
        self.single_after(front, rest, buffer, context, Manner::Value, span)
    }

    /// Evaluates an assignment and notes the value.
    fn assign(
        &mut self,
        target: Target<'_>,
        pieces: &[Piece],
        buffer: &Buffer,
        context: &Context,
        span: Span,
    ) -> Assignment {
        let name = match target.subscript {
            None => target.name.to_owned(),
            Some(subscript) => {
                format!("{}[{}]", target.name, super::expand::literal_text(subscript))
            }
        };
        if let Some(elements) = array(target, pieces) {
            return self.assign_array(target, elements, buffer, context, span);
        }
        let value = self.value(target, pieces, buffer, context, span);
        let known = match (target.subscript, target.append) {
            (Some(_), _) => Value::Unknown,
            (None, false) => Value::Scalar(value.parts.clone()),
            (None, true) => match self.variables.get(target.name).cloned() {
                Some(Value::Scalar(mut parts)) => {
                    parts.extend(value.parts.iter().cloned());
                    merged(parts)
                }
                _ => Value::Unknown,
            },
        };
        if let Value::Scalar(parts) = &known {
            self.charge_parts(parts);
        }
        self.variables.set(target.name, bounded(known));
        Assignment { name, value }
    }

    fn assign_array(
        &mut self,
        target: Target<'_>,
        elements: &[Vec<Piece>],
        buffer: &Buffer,
        context: &Context,
        span: Span,
    ) -> Assignment {
        let mut values = Vec::new();
        let mut plain = !target.append;
        for element in elements {
            plain &= !super::expand::literal_text(element).starts_with('[');
            let place = element
                .first()
                .zip(element.last())
                .map_or(span, |(first, last)| buffer.span(first.start, last.end));
            values.extend(self.words(element, buffer, context, place));
        }
        let whole = |word: &Word| {
            word.parts.iter().all(|part| match part {
                Part::Text(_) => true,
                Part::Glob(_) => false,
                Part::Hole(hole) => !hole.splits,
            })
        };
        plain &= values.iter().all(whole);
        let mut value = Word { parts: Vec::new(), span };
        value.push_text("(");
        for (index, word) in values.iter().enumerate() {
            value.push_text(if index > 0 { " " } else { "" });
            for part in &word.parts {
                match part {
                    Part::Text(text) => value.push_text(text),
                    part => value.parts.push(part.clone()),
                }
            }
        }
        value.push_text(")");
        self.charge_parts(&value.parts);
        let known = if plain {
            Value::Array(values.into_iter().map(|word| word.parts).collect())
        } else {
            Value::Unknown
        };
        self.variables.set(target.name, known);
        Assignment { name: target.name.to_owned(), value }
    }
}

/// The elements, when the value is `(..)`.
fn array<'p>(target: Target<'_>, pieces: &'p [Piece]) -> Option<&'p [Vec<Piece>]> {
    let next = pieces.get(target.piece + 1)?;
    match &next.kind {
        PieceKind::Array(elements) => Some(elements),
        _ => None,
    }
}

/// The value's text in the piece that holds the `=`, and the pieces after it.
fn split_value<'p>(target: Target<'_>, pieces: &'p [Piece]) -> (Option<&'p str>, &'p [Piece]) {
    let rest = pieces.get(target.piece + 1..).unwrap_or_default();
    let front = match pieces.get(target.piece) {
        Some(Piece { kind: PieceKind::Literal(text), .. }) => text.get(target.offset..),
        _ => None,
    };
    (front.filter(|text| !text.is_empty()), rest)
}

/// Neighbouring texts as one.
fn merged(parts: Vec<Part>) -> Value {
    let mut word = Word::default();
    for part in parts {
        match part {
            Part::Text(text) => word.push_text(&text),
            part => word.parts.push(part),
        }
    }
    Value::Scalar(word.parts)
}

/// A value that is not too large to keep.
pub(super) fn bounded(value: Value) -> Value {
    let Value::Scalar(parts) = &value else { return value };
    let size: usize = parts
        .iter()
        .map(|part| match part {
            Part::Text(text) | Part::Glob(text) => text.len(),
            Part::Hole(hole) => hole.source.len(),
        })
        .sum();
    if size > super::limits::MAX_VALUE || parts.len() > super::limits::MAX_PARTS {
        return Value::Unknown;
    }
    value
}

/// Bytes from the first word to the last, or of the redirections alone.
fn span_of(places: &[SourceSpan], target: Span, buffer: &Buffer) -> Span {
    let spans = places.iter().filter_map(|place| {
        let token = buffer.tokens.get(token_index(place))?;
        Some(buffer.span(token.start, token.end))
    });
    let joined = spans.reduce(Span::join);
    match joined {
        Some(span) if target == Span::default() => span,
        Some(span) => span.join(target),
        None => target,
    }
}

/// Whether a word is a plain variable name.
pub(super) fn plain_name(text: &str) -> Option<&str> {
    let name = text.split_once('[').map_or(text, |(name, _)| name);
    is_name(name).then_some(name)
}
