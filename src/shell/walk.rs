//! The tree of a text to a flat list of simple commands.
//!
//! Each function returns the commands that a part stands for, so that the next
//! stage of a pipeline knows what feeds it, and what they print where that is
//! certain.

use std::rc::Rc;

use brush_parser::{SourceSpan, ast};

use super::choices::Choice;
use super::expand::{Manner, literal_text};
use super::flow::{Flow, Output};
use super::grammar::{token_index, token_range};
use super::lex::{Kind, Token, plain};
use super::read::{Buffer, Context, Reader};
use super::vars::Mark;
use crate::model::{Simple, Span, Stdin};

impl Reader {
    pub(super) fn program(
        &mut self,
        program: &ast::Program,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mut flow = Flow::nothing();
        let mut context = context.clone();
        for list in &program.complete_commands {
            flow = flow.then(self.list(list, buffer, &context));
            context.shared = true;
        }
        flow
    }

    pub(super) fn list(
        &mut self,
        list: &ast::CompoundList,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mut flow = Flow::nothing();
        let mut context = context.clone();
        for ast::CompoundListItem(and_or, separator) in &list.0 {
            if self.stopped {
                break;
            }
            if matches!(separator, ast::SeparatorOperator::Async) {
                self.parallel += 1;
                let part = self.subshell(|reader| reader.and_or(and_or, buffer, &context));
                self.parallel -= 1;
                let silent = part.output.is_nothing();
                let output = if silent { Output::NOTHING } else { Output::Unknown };
                flow = flow.then(Flow { output, success: Some(true), ..part });
            } else {
                flow = flow.then(self.and_or(and_or, buffer, &context));
            }
            // What the first command has read is gone for the others.
            context.shared = true;
        }
        self.charge(flow.commands.len() + flow.output.size());
        flow
    }

    fn and_or(&mut self, list: &ast::AndOrList, buffer: &Buffer, context: &Context) -> Flow {
        let mut flow = self.pipeline(&list.first, buffer, context);
        // What follows `&&` runs after all that stands before it; what follows
        // `||` does not.
        let mut mark = None;
        for next in &list.additional {
            if self.stopped {
                break;
            }
            let (pipeline, wanted) = match next {
                ast::AndOr::And(pipeline) => (pipeline, true),
                ast::AndOr::Or(pipeline) => {
                    if let Some(mark) = mark.take() {
                        self.leave_scope(&mark);
                    }
                    (pipeline, false)
                }
            };
            if flow.success == Some(wanted) && mark.is_none() {
                flow = flow.then(self.pipeline(pipeline, buffer, context));
                continue;
            }
            mark.get_or_insert_with(|| self.variables.mark());
            let skipped = flow.success == Some(!wanted);
            let success = flow.success;
            let next = self.pipeline(pipeline, buffer, context);
            flow = if skipped {
                let commands = next.commands;
                Flow { success, ..flow.then(Flow { commands, ..Flow::nothing() }) }
            } else {
                flow.perhaps(next)
            };
        }
        if let Some(mark) = mark {
            self.leave_scope(&mark);
        }
        flow
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline, buffer: &Buffer, context: &Context) -> Flow {
        let mut flow = if let [command] = pipeline.seq.as_slice() {
            self.command(command, buffer, context)
        } else {
            self.stages(&pipeline.seq, buffer, context)
        };
        if pipeline.bang {
            flow.success = flow.success.map(|success| !success);
        }
        flow
    }

    fn stages(&mut self, stages: &[ast::Command], buffer: &Buffer, context: &Context) -> Flow {
        let mut commands = Vec::new();
        let mut context = context.clone();
        let mut last = Flow::nothing();
        self.parallel += 1;
        for command in stages {
            if self.stopped {
                break;
            }
            last = self.subshell(|reader| reader.command(command, buffer, &context));
            self.charge(last.commands.len() * 8 + last.output.size());
            context.stdin = Stdin::Pipe(last.commands.clone());
            context.input = Rc::new(std::mem::take(&mut last.output));
            context.shared = false;
            commands.extend_from_slice(&last.commands);
        }
        self.parallel -= 1;
        let output = Rc::try_unwrap(context.input).unwrap_or_else(|shared| (*shared).clone());
        Flow { commands, output, success: last.success }
    }

    pub(super) fn command(
        &mut self,
        command: &ast::Command,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
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
                    Flow { success: None, ..Flow::nothing() }
                })
            }
            ast::Command::Function(function) => self.function(function, buffer, context),
        }
    }

    /// Walks a compound command under its redirections. Redirections without
    /// a command to carry them become a command without words.
    pub(super) fn redirected(
        &mut self,
        redirects: Option<&ast::RedirectList>,
        buffer: &Buffer,
        context: &Context,
        walk: impl FnOnce(&mut Self, &Context) -> Flow,
    ) -> Flow {
        let Some(list) = redirects.filter(|list| !list.0.is_empty()) else {
            return walk(self, context);
        };
        let mut inner = context.clone();
        let mut own = super::redirect::Redirects::default();
        for redirect in &list.0 {
            self.redirect(redirect, buffer, context, &mut own);
        }
        if let Some(stdin) = own.stdin.take() {
            inner.input = own.input.take().unwrap_or_default();
            inner.stdin = stdin;
            inner.shared = false;
        }
        let mut all = own.list.clone();
        all.extend(context.redirects.iter().cloned());
        inner.redirects = Rc::new(all);
        let mut flow = walk(self, &inner);
        if let Some(number) = own.copied {
            self.read_from(number, Output::Unknown);
        }
        self.close_again(&mut own);
        if flow.commands.is_empty() && !own.list.is_empty() {
            let stdin = inner.stdin;
            let redirects = inner.redirects.to_vec();
            let span = own.span.unwrap_or_default();
            let command = Simple { redirects, stdin, span, ..Simple::default() };
            flow.commands.extend(self.add(command));
        }
        flow.output = self.moved(flow.output, &own, &flow.commands);
        flow
    }

    fn compound(
        &mut self,
        compound: &ast::CompoundCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        use ast::CompoundCommand as C;
        match compound {
            C::BraceGroup(group) => self.list(&group.list, buffer, context),
            C::Subshell(group) => self.subshell(|reader| reader.list(&group.list, buffer, context)),
            C::Arithmetic(command) => {
                for token in buffer.tokens.get(token_range(&command.loc)).unwrap_or_default() {
                    if let Kind::Arithmetic(pieces) = &token.kind {
                        self.arithmetic_command(pieces, buffer, context);
                    }
                }
                Flow { success: None, ..Flow::nothing() }
            }
            C::ArithmeticForClause(command) => {
                let head = token_range(&command.loc).start..token_index(&command.body.loc);
                self.visit_range(head, buffer, context);
                self.forget_loop(token_range(&command.loc), buffer);
                self.blur_descriptors();
                self.branch(&command.body.list, buffer, context)
            }
            C::ForClause(command) => self.for_clause(command, buffer, context),
            C::CaseClause(command) => self.case(command, buffer, context),
            C::IfClause(command) => self.if_clause(command, buffer, context),
            C::WhileClause(command) | C::UntilClause(command) => {
                self.while_clause(command, buffer, context)
            }
            C::Coprocess(command) => {
                // What the text sends to it later is not known here.
                let stdin = Stdin::Pipe(Vec::new());
                let inner = Context { stdin, input: Rc::default(), ..context.clone() };
                let flow = self.subshell(|reader| reader.command(&command.body, buffer, &inner));
                let name = command.name.as_ref().and_then(|name| name.loc.as_ref());
                let name = name.and_then(|place| word_at(Some(place), buffer));
                let name = name.and_then(|(pieces, _)| super::lex::plain(pieces));
                self.variables.forget(name.unwrap_or("COPROC"));
                Flow::opaque(flow.commands)
            }
        }
    }

    /// A list that may not run.
    pub(super) fn branch(
        &mut self,
        list: &ast::CompoundList,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mark = self.variables.mark();
        self.branch_from(&mark, list, buffer, context, None)
    }

    /// As [`Self::branch`]; `choice` notes what it leaves behind.
    pub(super) fn branch_from(
        &mut self,
        mark: &Mark,
        list: &ast::CompoundList,
        buffer: &Buffer,
        context: &Context,
        choice: Option<&mut Choice>,
    ) -> Flow {
        let descriptors = self.descriptors.clone();
        let flow = self.list(list, buffer, context);
        if let Some(choice) = choice {
            self.end_of(mark, choice);
        }
        self.leave_scope(mark);
        self.perhaps_opened(&descriptors);
        let silent = flow.output.is_nothing();
        let output = if silent { Output::NOTHING } else { Output::Unknown };
        Flow { output, success: None, ..flow }
    }

    fn if_clause(
        &mut self,
        command: &ast::IfClauseCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let mut flow = self.list(&command.condition, buffer, context);
        let inner = Context { shared: true, ..context.clone() };
        let mut choice = Choice::default();
        flow = flow.then(self.chosen(&command.then, buffer, &inner, &mut choice));
        for part in command.elses.iter().flatten() {
            if let Some(condition) = &part.condition {
                flow = flow.then(self.branch(condition, buffer, &inner));
            }
            choice.complete = part.condition.is_none();
            flow = flow.then(self.chosen(&part.body, buffer, &inner, &mut choice));
        }
        self.choose(choice);
        flow
    }

    fn case(
        &mut self,
        command: &ast::CaseClauseCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        self.visit_word(&command.value, buffer, context);
        let mut flow = Flow::nothing();
        let mut choice = Choice::default();
        for item in &command.cases {
            for pattern in &item.patterns {
                self.visit_word(pattern, buffer, context);
                let any = word_at(pattern.loc.as_ref(), buffer).and_then(|(p, _)| plain(p));
                choice.complete |= any == Some("*");
            }
            match &item.cmd {
                Some(list) => {
                    flow = flow.then(self.chosen(list, buffer, context, &mut choice));
                }
                None => choice.nothing(),
            }
        }
        self.choose(choice);
        flow
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
