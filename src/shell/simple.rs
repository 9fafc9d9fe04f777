//! Simple commands and redirections.

use brush_parser::{SourceSpan, ast};

use super::descriptors::{Opened, keeps_redirections};
use super::effects::Effect;
use super::expand::Manner;
use super::flow::{Flow, Output};
use super::grammar::token_index;
use super::lex::{Kind, Piece, PieceKind, Target, assignment, is_name};
use super::read::{Buffer, Context, Reader};
use super::redirect::Redirects;
use super::vars::Value;
use super::walk::word_at;
use crate::model::{Assignment, Part, Simple, Span, Stdin, Word};

impl Reader {
    /// A simple command whose variables have one value each, known or not.
    pub(super) fn simple_once(
        &mut self,
        command: &ast::SimpleCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mut simple = Simple { stdin: context.stdin.clone(), ..Simple::default() };
        let input_used = std::mem::replace(&mut self.input_used, false);
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
        self.command_words(&words, &mut simple, buffer, context);
        places.extend(words.iter().cloned());
        let mut own = Redirects::default();
        for redirect in redirects {
            self.redirect(redirect, buffer, context, &mut own);
        }
        let mut inner = Context { copied: None, ..context.clone() };
        inner.shared |= std::mem::replace(&mut self.input_used, input_used);
        let changes_input = self.own_input(&mut own, context, &mut inner);
        simple.stdin.clone_from(&inner.stdin);
        let stays = keeps_redirections(&simple);
        if stays {
            self.keep_outputs(&own);
        }
        self.descriptor_words(&mut simple);
        simple.redirects.clone_from(&own.list);
        simple.redirects.extend(context.redirects.iter().cloned());
        self.assignments(&assignments, &mut simple, buffer, context);
        simple.span = span_of(&places, own.span.unwrap_or_default(), buffer);
        simple.input = inner.input.word(simple.span);
        self.charge_simple(&simple);
        let aliased = self.aliased(&words, simple.span, buffer);
        let mut flow = self.finish(simple, &inner);
        if !stays {
            self.have_read(&inner);
            self.close_again(&mut own);
        } else if changes_input {
            self.open(0, Opened { stdin: inner.stdin, rest: inner.input });
        }
        flow.commands.extend(aliased);
        if let (Some(command), Some(word)) =
            (flow.commands.first(), flow.output.word(Span::default()))
            && let Some(command) = self.script.commands.get_mut(*command)
        {
            command.output = Some(word);
        }
        flow.output = self.moved(flow.output, &own, &flow.commands);
        flow
    }

    /// Resolves the words of a command.
    fn command_words(
        &mut self,
        words: &[SourceSpan],
        simple: &mut Simple,
        buffer: &Buffer,
        context: &Context,
    ) {
        for location in words {
            let Some((pieces, span)) = word_at(Some(location), buffer) else { continue };
            let first = simple.words.is_empty();
            let evaluates = simple.words.first().is_some_and(|w| w.as_static() == Some("eval"));
            let made = self.command_word(pieces, &simple.words, buffer, context, span);
            let known = made.first().is_some_and(|word| !word.has_hole());
            simple.disguised |= (first || evaluates)
                && known
                && substitutes(pieces)
                && !spelled_out(&made, &buffer.source((piece_start(pieces), piece_end(pieces))));
            simple.words.extend(made);
        }
    }

    /// The standard input of a command, by its own redirections or those that
    /// stayed; tells whether its own change it.
    fn own_input(&self, own: &mut Redirects, context: &Context, inner: &mut Context) -> bool {
        let changes_input = own.stdin.is_some();
        if let Some(stdin) = own.stdin.take() {
            inner.input = own.input.take().unwrap_or_default();
            inner.stdin = stdin;
            inner.shared = false;
            inner.copied = own.copied;
        } else if let Some(opened) = self.replaced_input(&context.stdin) {
            inner.input = opened.rest;
            inner.stdin = opened.stdin;
            inner.shared = false;
            inner.copied = Some(0);
        }
        changes_input
    }

    /// The commands of an alias that the words begin with.
    fn aliased(&mut self, words: &[SourceSpan], span: Span, buffer: &Buffer) -> Vec<usize> {
        if !self.functions.has_aliases() {
            return Vec::new();
        }
        let token = |place: &SourceSpan| buffer.tokens.get(token_index(place));
        let (Some(first), Some(last)) =
            (words.first().and_then(token), words.last().and_then(token))
        else {
            return Vec::new();
        };
        let Kind::Word(pieces) = &first.kind else { return Vec::new() };
        let rest = buffer.text.get(first.end..last.end).unwrap_or_default().to_owned();
        self.alias(pieces, &rest, span)
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

    /// Adds a command and does what it does to the shell itself.
    fn finish(&mut self, simple: Simple, context: &Context) -> Flow {
        let printed = self.printed(&simple, context);
        let Some(index) = self.add(simple) else { return Flow::default() };
        self.note_prompts(index);
        let own = Flow { commands: vec![index], ..printed };
        let inner = match self.apply(index, context) {
            Effect::None => None,
            Effect::Call => self.call(index, context),
            Effect::Evaluate => self.eval_in_place(index, context),
        };
        let Some(inner) = inner else { return own };
        self.charge(inner.commands.len() * 8);
        Flow { output: Output::NOTHING, ..own }.then(inner)
    }

    fn charge_simple(&mut self, simple: &Simple) {
        let mut size = 0;
        if let Stdin::Pipe(from) = &simple.stdin {
            size += from.len() * 8;
        }
        for redirect in &simple.redirects {
            // Rules look at each of them as a path.
            size += 256 + redirect.target.display().len();
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
        let value = match array(target, pieces) {
            Some(elements) => {
                self.hide_in_call(target.name, before);
                let map = before.iter().filter_map(Word::as_static).any(declares_map);
                self.assign_array(target, elements, map, buffer, context, span).value
            }
            None => self.value(target, pieces, buffer, context, span),
        };
        let mut word = Word { parts: Vec::new(), span };
        word.push_text(target.name);
        word.push_text(if target.append { "+=" } else { "=" });
        for part in value.parts {
            match part {
                Part::Text(text) => word.push_text(&text),
                part => word.parts.push(part),
            }
        }
        vec![word]
    }

    /// `local x=(..)` has set the array before the command is applied.
    fn hide_in_call(&mut self, name: &str, before: &[Word]) {
        let mut words = before.iter().filter_map(Word::as_static);
        let scoped = words.any(|word| matches!(word, "local" | "declare" | "typeset"));
        if scoped && !before.iter().any(|word| word.as_static() == Some("-g")) {
            self.hide(name);
        }
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
        if target.subscript.is_some() {
            self.variables.note_array(target.name);
        }
        if let Some(elements) = array(target, pieces) {
            let map = matches!(self.variables.get(target.name), Some(Value::Map(_)));
            return self.assign_array(target, elements, map, buffer, context, span);
        }
        let value = self.value(target, pieces, buffer, context, span);
        let known = match (target.subscript, target.append) {
            (Some(subscript), false) => {
                self.element_assigned(target.name, subscript, &value.parts, buffer, context)
            }
            (Some(_), true) => Value::Unknown,
            (None, false) => self.whole_assigned(target.name, &value.parts),
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
        // The tables in which bash keeps aliases and the places of programs.
        if let ("BASH_ALIASES" | "BASH_CMDS", Some(subscript)) = (target.name, target.subscript)
            && let Some(name) = self.key(subscript, buffer, context)
            && let Some(text) = value.as_static()
        {
            self.stands_for(&name, text);
        }
        self.variables.set(target.name, bounded(known));
        Assignment { name, value }
    }

    fn assign_array(
        &mut self,
        target: Target<'_>,
        elements: &[Vec<Piece>],
        map: bool,
        buffer: &Buffer,
        context: &Context,
        span: Span,
    ) -> Assignment {
        self.variables.note_array(target.name);
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
        let known = if map && !target.append {
            self.entries(elements, buffer, context, span)
        } else if plain && !map {
            Value::Array(values.into_iter().map(|word| word.parts).collect())
        } else {
            Value::Unknown
        };
        self.variables.set(target.name, known);
        Assignment { name: target.name.to_owned(), value }
    }
}

/// Whether an option of `declare` says that a variable has keys.
pub(super) fn declares_map(option: &str) -> bool {
    option.starts_with('-') && !option.starts_with("--") && option.contains('A')
}

/// Whether a word says by itself what it becomes: `$(echo ls)`,
/// `$(printf '%s ' git status)`.
fn spelled_out(made: &[Word], source: &str) -> bool {
    let source = source.trim_matches('"');
    let between = |before, after| source.strip_prefix(before)?.strip_suffix(after);
    let inside = between("$(", ")").or_else(|| between("`", "`"));
    let text = inside.and_then(|inside| {
        let (name, text) = inside.trim().split_once(' ')?;
        let text = text.trim();
        let format = |text: &str| {
            let rest = FORMATS.iter().find_map(|format| text.strip_prefix(format));
            rest.unwrap_or(text).to_owned()
        };
        match name {
            "echo" => Some(text.to_owned()),
            "printf" => Some(format(text)),
            _ => None,
        }
    });
    let letters = |text: &str| -> String {
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '"')).collect()
    };
    let words: Option<Vec<&str>> = made.iter().map(Word::as_static).collect();
    text.zip(words).is_some_and(|(text, words)| letters(&text) == letters(&words.concat()))
}

/// How `printf` is told to print its words as they are.
const FORMATS: &[&str] =
    &["'%s' ", "\"%s\" ", "'%s ' ", "\"%s \" ", "%s ", "'%s\\n' ", "\"%s\\n\" "];

fn piece_start(pieces: &[Piece]) -> usize {
    pieces.first().map_or(0, |piece| piece.start)
}

fn piece_end(pieces: &[Piece]) -> usize {
    pieces.last().map_or(0, |piece| piece.end)
}

/// Whether a word holds a command substitution.
fn substitutes(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| match &piece.kind {
        PieceKind::Command(_) => true,
        PieceKind::Double(inner) => substitutes(inner),
        _ => false,
    })
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
