//! The tree of a text to a flat list of simple commands.
//!
//! Each function returns the indices of the commands that it stands for, so
//! that the next stage of a pipeline knows what feeds it.

use std::rc::Rc;

use brush_parser::{SourceSpan, ast};

use super::expand::{Manner, literal_text};
use super::grammar::{token_index, token_range};
use super::lex::{Kind, Token};
use super::read::{Buffer, Context, Reader};
use super::vars::Value;
use crate::model::{Part, Redirect, Simple, Span, Stdin};

impl Reader {
    pub(super) fn program(
        &mut self,
        program: &ast::Program,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        let mut commands = Vec::new();
        for list in &program.complete_commands {
            commands.extend(self.list(list, buffer, context));
        }
        commands
    }

    fn list(&mut self, list: &ast::CompoundList, buffer: &Buffer, context: &Context) -> Vec<usize> {
        let mut commands = Vec::new();
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            if self.stopped {
                break;
            }
            if matches!(separator, ast::SeparatorOperator::Async) {
                commands.extend(self.subshell(|reader| reader.and_or(and_or, buffer, context)));
            } else {
                commands.extend(self.and_or(and_or, buffer, context));
            }
        }
        self.charge(commands.len());
        commands
    }

    fn and_or(&mut self, list: &ast::AndOrList, buffer: &Buffer, context: &Context) -> Vec<usize> {
        let mut commands = self.pipeline(&list.first, buffer, context);
        // What follows `&&` runs after all that stands before it; what follows
        // `||` does not.
        let mut mark = None;
        for next in &list.additional {
            if self.stopped {
                break;
            }
            let pipeline = match next {
                ast::AndOr::And(pipeline) => pipeline,
                ast::AndOr::Or(pipeline) => {
                    if let Some(mark) = mark.take() {
                        self.leave_scope(&mark);
                    }
                    pipeline
                }
            };
            mark.get_or_insert_with(|| self.variables.mark());
            commands.extend(self.pipeline(pipeline, buffer, context));
        }
        if let Some(mark) = mark {
            self.leave_scope(&mark);
        }
        commands
    }

    fn pipeline(
        &mut self,
        pipeline: &ast::Pipeline,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        if let [command] = pipeline.seq.as_slice() {
            return self.command(command, buffer, context);
        }
        let mut commands = Vec::new();
        let mut context = context.clone();
        for command in &pipeline.seq {
            if self.stopped {
                break;
            }
            let stage = self.subshell(|reader| reader.command(command, buffer, &context));
            self.charge(stage.len() * 8);
            context.stdin = Stdin::Pipe(stage.clone());
            commands.extend(stage);
        }
        commands
    }

    fn command(
        &mut self,
        command: &ast::Command,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        match command {
            ast::Command::Simple(simple) => self.simple(simple, buffer, context),
            ast::Command::Compound(compound, redirects) => {
                self.redirected(redirects.as_ref(), buffer, context, |reader, context| {
                    reader.compound(compound, buffer, context)
                })
            }
            ast::Command::ExtendedTest(test, redirects) => {
                self.redirected(redirects.as_ref(), buffer, context, |reader, context| {
                    reader.visit_tokens(&test.loc, buffer, context);
                    reader.conditional(token_range(&test.loc), buffer);
                    Vec::new()
                })
            }
            ast::Command::Function(function) => self.function(function, buffer, context),
        }
    }

    /// Walks a compound command under its redirections. Redirections without
    /// a command to carry them become a command without words.
    fn redirected(
        &mut self,
        redirects: Option<&ast::RedirectList>,
        buffer: &Buffer,
        context: &Context,
        walk: impl FnOnce(&mut Self, &Context) -> Vec<usize>,
    ) -> Vec<usize> {
        let Some(list) = redirects.filter(|list| !list.0.is_empty()) else {
            return walk(self, context);
        };
        let mut inner = context.clone();
        let mut own = Vec::new();
        let mut span: Option<Span> = None;
        for redirect in &list.0 {
            if let Some((redirect, stdin)) = self.redirect(redirect, buffer, context) {
                if let Some(stdin) = stdin {
                    inner.stdin = stdin;
                }
                let at = redirect.target.span;
                span = Some(span.map_or(at, |span| span.join(at)));
                own.push(redirect);
            }
        }
        let mut all: Vec<Redirect> = own.clone();
        all.extend(context.redirects.iter().cloned());
        inner.redirects = Rc::new(all);
        let commands = walk(self, &inner);
        if !commands.is_empty() || own.is_empty() {
            return commands;
        }
        let stdin = inner.stdin;
        let span = span.unwrap_or_default();
        let redirects = inner.redirects.to_vec();
        self.add(Simple { redirects, stdin, span, ..Simple::default() }).into_iter().collect()
    }

    fn compound(
        &mut self,
        compound: &ast::CompoundCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        use ast::CompoundCommand as C;
        match compound {
            C::BraceGroup(group) => self.list(&group.list, buffer, context),
            C::Subshell(group) => self.subshell(|reader| reader.list(&group.list, buffer, context)),
            C::Arithmetic(command) => {
                self.visit_tokens(&command.loc, buffer, context);
                Vec::new()
            }
            C::ArithmeticForClause(command) => {
                let head = token_range(&command.loc).start..token_index(&command.body.loc);
                self.visit_range(head, buffer, context);
                self.forget_loop(token_range(&command.loc), buffer);
                self.branch(&command.body.list, buffer, context)
            }
            C::ForClause(command) => self.for_clause(command, buffer, context),
            C::CaseClause(command) => self.case(command, buffer, context),
            C::IfClause(command) => self.if_clause(command, buffer, context),
            C::WhileClause(command) | C::UntilClause(command) => {
                self.forget_loop(token_range(&command.2), buffer);
                let mut commands = self.list(&command.0, buffer, context);
                commands.extend(self.branch(&command.1.list, buffer, context));
                commands
            }
            C::Coprocess(command) => {
                let commands =
                    self.subshell(|reader| reader.command(&command.body, buffer, context));
                let name = command.name.as_ref().and_then(|name| name.loc.as_ref());
                let name = name.and_then(|place| word_at(Some(place), buffer));
                let name = name.and_then(|(pieces, _)| super::lex::plain(pieces));
                self.variables.forget(name.unwrap_or("COPROC"));
                commands
            }
        }
    }

    /// A list that may not run.
    fn branch(
        &mut self,
        list: &ast::CompoundList,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        let mark = self.variables.mark();
        let commands = self.list(list, buffer, context);
        self.leave_scope(&mark);
        commands
    }

    fn if_clause(
        &mut self,
        command: &ast::IfClauseCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        let mut commands = self.list(&command.condition, buffer, context);
        commands.extend(self.branch(&command.then, buffer, context));
        for part in command.elses.iter().flatten() {
            if let Some(condition) = &part.condition {
                commands.extend(self.branch(condition, buffer, context));
            }
            commands.extend(self.branch(&part.body, buffer, context));
        }
        commands
    }

    fn case(
        &mut self,
        command: &ast::CaseClauseCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        self.visit_word(&command.value, buffer, context);
        let mut commands = Vec::new();
        for item in &command.cases {
            for pattern in &item.patterns {
                self.visit_word(pattern, buffer, context);
            }
            if let Some(list) = &item.cmd {
                commands.extend(self.branch(list, buffer, context));
            }
        }
        commands
    }

    fn for_clause(
        &mut self,
        command: &ast::ForClauseCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        let mut values = Vec::new();
        for word in command.values.iter().flatten() {
            if let Some((pieces, span)) = word_at(word.loc.as_ref(), buffer) {
                values.extend(self.words(pieces, buffer, context, span));
            }
        }
        let range = token_range(&command.loc);
        let name = buffer
            .tokens
            .get(range.start + 1)
            .map(|token| buffer.source((token.start, token.end)))
            .unwrap_or_default();
        let body = token_range(&command.body.loc);
        let known = |part: &Part| matches!(part, Part::Text(_));
        let once = match values.as_slice() {
            [value] if value.parts.iter().all(known) && command.values.is_some() => Some(value),
            _ => None,
        };
        if once.is_none() {
            self.forget_loop(body, buffer);
        }
        let mark = self.variables.mark();
        self.variables.forget("REPLY");
        let value = once.map(|value| Value::Scalar(value.parts.clone()));
        self.variables.set(&name, value.unwrap_or(Value::Unknown));
        let commands = self.list(&command.body.list, buffer, context);
        self.leave_scope(&mark);
        self.variables.forget(&name);
        commands
    }

    /// A function's body runs wherever it is called: no variable is known.
    fn function(
        &mut self,
        function: &ast::FunctionDefinition,
        buffer: &Buffer,
        context: &Context,
    ) -> Vec<usize> {
        let name = word_at(function.fname.loc.as_ref(), buffer)
            .and_then(|(pieces, _)| super::lex::plain(pieces))
            .unwrap_or_default()
            .to_owned();
        let saved = self.variables.save();
        self.variables.forget_all();
        let mark = self.variables.mark();
        let wipes = self.variables.wipes();
        let ast::FunctionBody(compound, redirects) = &function.body;
        let outer = Context { stdin: Stdin::Inherited, redirects: context.redirects.clone() };
        let commands = self.redirected(redirects.as_ref(), buffer, &outer, |reader, context| {
            reader.compound(compound, buffer, context)
        });
        self.functions.assigns.extend(self.variables.assigned_since(&mark));
        self.functions.wipes |= self.variables.wipes() != wipes;
        self.variables.restore(saved);
        self.functions.commands.insert(name, commands.clone());
        commands
    }

    fn visit_word(&mut self, word: &ast::Word, buffer: &Buffer, context: &Context) {
        if let Some((pieces, _)) = word_at(word.loc.as_ref(), buffer) {
            self.visit(pieces, buffer, context);
        }
    }

    /// `[[ 'a[$(CMD)]' -eq 1 ]]` and `[[ -v 'a[$(CMD)]' ]]` run CMD.
    fn conditional(&mut self, range: std::ops::Range<usize>, buffer: &Buffer) {
        let tokens = buffer.tokens.get(range).unwrap_or_default();
        let texts: Vec<String> = tokens
            .iter()
            .filter_map(|token| match &token.kind {
                Kind::Word(pieces) => Some(literal_text(pieces)),
                _ => None,
            })
            .collect();
        let arithmetic = ["-v", "-eq", "-ne", "-lt", "-le", "-gt", "-ge"];
        if texts.iter().any(|text| arithmetic.contains(&text.as_str())) {
            for text in &texts {
                self.values_in_arithmetic(text);
                if text.contains('[') && text != "[[" {
                    self.expanded_again(text);
                }
            }
        }
    }

    fn visit_tokens(&mut self, location: &SourceSpan, buffer: &Buffer, context: &Context) {
        self.visit_range(token_range(location), buffer, context);
    }

    /// Reads the substitutions in all words of a range of tokens.
    fn visit_range(&mut self, range: std::ops::Range<usize>, buffer: &Buffer, context: &Context) {
        for token in buffer.tokens.get(range).unwrap_or_default() {
            if let Kind::Word(pieces) | Kind::Arithmetic(pieces) = &token.kind {
                self.visit(pieces, buffer, context);
            }
        }
    }

    /// The text of a here-document or a word that stays one.
    pub(super) fn single_at(
        &mut self,
        location: Option<&SourceSpan>,
        manner: Manner,
        buffer: &Buffer,
        context: &Context,
    ) -> Option<crate::model::Word> {
        let (pieces, span) = word_at(location, buffer)?;
        Some(self.single(pieces, buffer, context, manner, span))
    }
}

/// The pieces of the word at a place of the tree.
pub(super) fn word_at<'t>(
    location: Option<&SourceSpan>,
    buffer: &'t Buffer,
) -> Option<(&'t [super::lex::Piece], Span)> {
    let token: &Token = buffer.tokens.get(token_index(location?))?;
    let (Kind::Word(pieces) | Kind::Arithmetic(pieces) | Kind::Body(pieces)) = &token.kind else {
        return None;
    };
    Some((pieces, buffer.span(token.start, token.end)))
}
