//! Functions, aliases, traps and `eval`: text that runs where it is called, with
//! what is known there.

mod texts;

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use brush_parser::ast;

use super::Known;
use super::flow::{Flow, Output};
use super::grammar::token_range;
use super::lex::{Kind, Token};
use super::limits;
use super::read::{Buffer, Context, Reader};
use super::vars::{IN_FORCE, Value};
use super::walk::word_at;
use crate::model::{Part, Problem, ProblemKind, Span, Stdin, Word};

/// The functions that the text has defined so far, and other text to run later.
#[derive(Debug, Default)]
pub(super) struct Functions {
    named: HashMap<String, Arc<Function>>,
    /// Those that were defined, in order, and whether anything called them.
    all: Vec<(Arc<Function>, bool)>,
    /// Names of the functions that are being walked, innermost last.
    open: Vec<String>,
    /// Functions whose arguments and variables are taken as unknown.
    blind: Vec<String>,
    /// Variables of the open calls, with what they hid.
    locals: Vec<Vec<(String, Option<Value>)>>,
    calls: usize,
    aliases: BTreeMap<String, String>,
    /// Commands that set a trap, with its text.
    traps: Vec<(usize, String)>,
    /// Something ran that may call any function.
    pub anything: bool,
    /// How many values were put into texts so far.
    holes: usize,
    /// The last word in a buffer that ends a function early.
    last_return: Option<(Arc<Vec<Token>>, Option<usize>)>,
}

/// A function of the text.
#[derive(Debug)]
struct Function {
    name: String,
    body: ast::FunctionBody,
    buffer: Buffer,
    /// Redirections of the groups around the definition.
    redirects: Vec<crate::model::Redirect>,
    /// Its body may end before its end.
    returns: bool,
}

impl Functions {
    pub(super) fn has_aliases(&self) -> bool {
        !self.aliases.is_empty()
    }

    pub(super) fn has_alias(&self, name: &str) -> bool {
        self.aliases.contains_key(name)
    }

    /// Whether the text has defined a function of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.named.contains_key(name)
    }

    /// Whether the text with that function may take functions back.
    pub(super) fn may_unset(&self, name: &str) -> bool {
        let function = self.named.get(name);
        function.is_none_or(|f| {
            ["unset", "eval", "source", " . ", "\n. "].iter().any(|w| f.buffer.text.contains(w))
        })
    }
}

/// The variable that says whether a function of this name is certainly the one
/// that a call reaches: a branch or a subshell that defines it makes it unknown
/// after it, as any value. No variable can have such a name.
pub(super) fn in_force(name: &str) -> String {
    format!("{name}{IN_FORCE}")
}

impl Reader {
    /// Walks a whole text: what it runs, then what it has left to run.
    pub(super) fn whole(&mut self, buffer: &Buffer, known: &Known) {
        let input = match &known.input {
            Some(word) => Rc::new(self.held(&Stdin::Text(word.as_ref().clone()))),
            None => Rc::default(),
        };
        self.buffer(buffer, &Context { input, ..Context::default() });
        self.run_traps();
        self.walk_uncalled(&buffer.text);
        self.walk_aliases();
    }

    /// A definition runs nothing.
    pub(super) fn function(
        &mut self,
        function: &ast::FunctionDefinition,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let name = word_at(function.fname.loc.as_ref(), buffer)
            .and_then(|(pieces, _)| super::lex::plain(pieces))
            .unwrap_or_default()
            .to_owned();
        let range = function.fname.loc.as_ref().map(token_range).unwrap_or_default();
        let returns = self.returns(range.start, buffer);
        self.charge(256 + context.redirects.len() * 64);
        let function = Arc::new(Function {
            name: name.clone(),
            body: function.body.clone(),
            buffer: buffer.clone(),
            redirects: context.redirects.to_vec(),
            returns,
        });
        self.functions.all.push((Arc::clone(&function), false));
        self.variables.set(&in_force(&name), Value::text(""));
        self.functions.named.insert(name, function);
        Flow::nothing()
    }

    /// Whether the definition that starts at a token holds `return`. What
    /// follows the definition counts as well: that can only make less known, and
    /// a text with thousands of definitions is looked through once.
    fn returns(&mut self, from: usize, buffer: &Buffer) -> bool {
        let known = self.functions.last_return.as_ref();
        let last = match known.filter(|(tokens, _)| Arc::ptr_eq(tokens, &buffer.tokens)) {
            Some((_, last)) => *last,
            None => {
                self.charge(buffer.tokens.len() * 8);
                let last = buffer.tokens.iter().rposition(is_return);
                self.functions.last_return = Some((Arc::clone(&buffer.tokens), last));
                last
            }
        };
        last.is_some_and(|last| last >= from)
    }

    /// Walks a function's body where it is called.
    pub(super) fn call(&mut self, index: usize, context: &Context) -> Option<Flow> {
        let command = self.script.commands.get(index)?;
        let name = command.words.first()?.as_static()?;
        let function = Arc::clone(self.functions.named.get(name)?);
        let name = name.to_owned();
        for (known, called) in &mut self.functions.all {
            *called |= Arc::ptr_eq(known, &function);
        }
        let certain = self.variables.get(&in_force(&name)).is_some();
        let command = self.script.commands.get_mut(index)?;
        command.function = certain;
        let arguments = positional(command.words.get(1..).unwrap_or_default());
        let redirects = command.redirects.clone();
        let span = command.span;
        let inside = self.functions.open.iter().filter(|open| **open == name).count();
        if inside > 0 && self.parallel > 0 {
            self.multiplies(&name, span);
        }
        if self.functions.blind.contains(&name) {
            // Its body has been walked with everything unknown.
            self.variables.forget_all();
            return Some(Flow::default());
        }
        self.functions.calls += 1;
        if self.functions.calls > limits::MAX_CALLS {
            self.stop("The functions of the text call each other too often", span);
            return None;
        }
        let blind = inside >= limits::MAX_RECURSION;
        let inner = Context { redirects: Rc::new(redirects), ..context.clone() };
        self.functions.open.push(name.clone());
        let flow = if blind {
            self.functions.blind.push(name);
            let flow = self.blind_call(&function, &inner);
            self.functions.blind.pop();
            flow
        } else {
            self.seeing_call(&function, arguments, &inner)
        };
        self.functions.open.pop();
        Some(flow)
    }

    fn seeing_call(
        &mut self,
        function: &Function,
        arguments: Option<Vec<Vec<Part>>>,
        context: &Context,
    ) -> Flow {
        let outside = self.variables.shared_positional();
        self.variables.set_positional(arguments);
        self.functions.locals.push(Vec::new());
        let mark = self.variables.mark();
        let mut flow = self.function_body(function, context);
        if function.returns {
            self.leave_scope(&mark);
            let silent = flow.output.is_nothing();
            flow.output = if silent { Output::NOTHING } else { Output::Unknown };
            flow.success = None;
        }
        for (name, value) in self.functions.locals.pop().unwrap_or_default().into_iter().rev() {
            self.variables.put_back(&name, value);
        }
        self.variables.put_back_positional(outside);
        flow
    }

    /// A call of which nothing is known: what it does to variables neither.
    fn blind_call(&mut self, function: &Function, context: &Context) -> Flow {
        self.variables.forget_all();
        let flow = self.function_body(function, context);
        self.variables.forget_all();
        Flow::opaque(flow.commands)
    }

    fn function_body(&mut self, function: &Function, context: &Context) -> Flow {
        let Some(depth) = self.deeper(2) else { return Flow::default() };
        let mut around = function.redirects.clone();
        around.extend(context.redirects.iter().cloned());
        let context = Context { redirects: Rc::new(around), ..context.clone() };
        let ast::FunctionBody(compound, redirects) = &function.body;
        let command = ast::Command::Compound(compound.clone(), redirects.clone());
        let flow = self.command(&command, &function.buffer, &context);
        self.depth = depth;
        flow
    }

    /// Goes deeper into texts inside texts; returns the depth to come back to.
    fn deeper(&mut self, levels: usize) -> Option<usize> {
        let before = self.depth;
        if self.stopped {
            return None;
        }
        if before + levels > limits::MAX_DEPTH {
            self.stop("The text nests too deeply", Span::default());
            return None;
        }
        if !self.large && before + levels > limits::DEEP {
            self.restart = true;
            self.stopped = true;
            return None;
        }
        self.depth += levels;
        Some(before)
    }

    /// A function that starts itself beside itself never ends by itself.
    fn multiplies(&mut self, name: &str, span: Span) {
        let known = self.script.problems.iter().any(|p| p.message.starts_with("The function"));
        if !known {
            let message = format!(
                "The function {name} starts itself again in a pipe or in the background, which can \
                 multiply until the machine stops."
            );
            self.script.problems.push(Problem { kind: ProblemKind::Limit, message, span });
        }
    }

    /// `local x`: the value comes back when the function ends.
    pub(super) fn hide(&mut self, name: &str) {
        let old = self.variables.get(name).cloned();
        if let Some(locals) = self.functions.locals.last_mut()
            && !locals.iter().any(|(known, _)| known == name)
        {
            locals.push((name.to_owned(), old));
        }
    }

    /// Functions that nothing called. Nothing is known where they might run.
    fn walk_uncalled(&mut self, text: &str) {
        // Walking one may define others.
        let mut next = 0;
        while let Some((function, called)) = self.functions.all.get(next) {
            next += 1;
            if *called {
                continue;
            }
            if self.stopped {
                break;
            }
            let function = Arc::clone(function);
            // Searching is far cheaper than copying.
            self.charge(text.len() / 64);
            let alone = !self.functions.anything && mentions(text, &function.name) < 2;
            let first = self.script.commands.len();
            self.functions.open.push(function.name.clone());
            self.functions.blind.push(function.name.clone());
            let context = Context::default();
            self.subshell(|reader| reader.blind_call(&function, &context));
            self.functions.blind.pop();
            self.functions.open.pop();
            if alone {
                let name: Arc<str> = function.name.as_str().into();
                for command in self.script.commands.iter_mut().skip(first) {
                    command.uncalled = Some(Arc::clone(&name));
                }
            }
        }
    }
}

/// Arguments as positional parameters; `None` when their number is not known.
fn positional(words: &[Word]) -> Option<Vec<Vec<Part>>> {
    let whole = |word: &Word| {
        word.parts.iter().all(|part| match part {
            Part::Text(_) => true,
            Part::Glob(_) => false,
            Part::Hole(hole) => !hole.splits,
        })
    };
    words.iter().all(whole).then(|| words.iter().map(|word| word.parts.clone()).collect())
}

/// Whether a word may end a function before its end.
fn is_return(token: &Token) -> bool {
    match &token.kind {
        Kind::Word(pieces) => {
            matches!(super::expand::literal_text(pieces).as_str(), "return" | "exit" | "exec")
        }
        _ => false,
    }
}

/// How often a name stands in a text, as a word of its own.
fn mentions(text: &str, name: &str) -> usize {
    if name.is_empty() {
        return 2;
    }
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.match_indices(name)
        .filter(|(at, _)| {
            let before = text.get(..*at).and_then(|text| text.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(part) && !after.is_some_and(part)
        })
        .take(2)
        .count()
}
