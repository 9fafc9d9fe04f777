//! The reader: what is known while a text is walked, and the bounds on it.

use std::rc::Rc;
use std::sync::Arc;

use super::calls::Functions;
use super::descriptors::Descriptors;
use super::flow::{Flow, Output};
use super::lex::{Body, Fault, Options, Piece, Token};
use super::limits;
use super::vars::{Value, Variables};
use super::{Known, grammar};
use crate::model::{Part, Problem, ProblemKind, Redirect, Script, Simple, Span, Stdin, Word};

/// A text that is being read: the whole one, or one inside backquotes.
///
/// Cheap to clone: a function keeps the buffer that its body stands in.
#[derive(Debug, Clone)]
pub(super) struct Buffer {
    pub text: Arc<str>,
    pub tokens: Arc<Vec<Token>>,
    /// Where the whole buffer stands, when its bytes are not those of the text
    /// given to guard.
    pub fixed: Option<Span>,
}

impl Buffer {
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.fixed.unwrap_or(Span::new(start, end))
    }

    /// Source text for messages, cut to a bounded length.
    pub(super) fn source(&self, (start, end): (usize, usize)) -> String {
        let mut end = end.min(start + limits::MAX_SOURCE);
        while !self.text.is_char_boundary(end) && end > start {
            end -= 1;
        }
        self.text.get(start..end).unwrap_or_default().to_owned()
    }
}

/// What the commands around a command give it.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    pub stdin: Stdin,
    /// What standard input holds.
    pub input: Rc<Output>,
    /// Another command may have read from the input before.
    pub shared: bool,
    /// Redirections of the groups around it.
    pub redirects: Rc<Vec<Redirect>>,
    /// The descriptor that a simple command's input is a copy of.
    pub copied: Option<i32>,
}

/// Walks a text.
pub(super) struct Reader {
    pub script: Script,
    /// The subshells that are open, and how many there were.
    subshells: Vec<u32>,
    subshells_met: u32,
    pub variables: Variables,
    pub functions: Functions,
    /// What is open for reading.
    pub descriptors: Descriptors,
    /// Files that `exec 3>FILE` has opened for writing, by descriptor.
    pub outputs: std::collections::BTreeMap<i32, Word>,
    /// What process substitutions print, by their commands.
    pub processes: Vec<(Vec<usize>, Output)>,
    /// How many pipelines and background lists are open.
    pub parallel: usize,
    /// Rounds of loops that may still be walked one by one.
    pub rounds_left: usize,
    /// Rounds in which commands may still be walked for the values of their
    /// variables.
    pub choices_left: usize,
    /// How deep the buffers that are being walked nest, all together.
    pub depth: usize,
    /// A substitution of the command that is being read may have taken its
    /// input.
    pub input_used: bool,
    /// Walking on a thread with a large stack.
    pub large: bool,
    /// Has to begin again there.
    pub restart: bool,
    /// Commands in `>(..)` of the words of the next simple command.
    pub fed_by_next: Vec<usize>,
    /// How texts inside this one are cut.
    pub options: Options,
    /// Bytes that may still be copied.
    work: usize,
    pub stopped: bool,
}

impl Reader {
    pub(super) fn new(known: &Known) -> Self {
        let mut variables = Variables::new();
        if let Some(home) = &known.home {
            variables.set("HOME", Value::text(home));
        }
        if let Some(cwd) = &known.cwd {
            variables.set("PWD", Value::text(cwd));
        }
        let mut positional = Vec::new();
        for (name, word) in &known.vars {
            if super::lex::is_name(name) {
                variables.set(name, Value::Scalar(foreign(word)));
            }
        }
        while let Some(word) = known.vars.get(&(positional.len() + 1).to_string()) {
            positional.push(foreign(word));
        }
        if !positional.is_empty() || known.vars.contains_key("0") {
            variables.set_positional(Some(positional));
        }
        if let Some(called) = known.vars.get("0").map(foreign) {
            if known.script {
                variables.set("BASH_SOURCE", Value::Array(vec![called.clone()]));
            }
            variables.set_called(called);
        }
        Self {
            script: Script::default(),
            subshells: Vec::new(),
            subshells_met: 0,
            variables,
            functions: Functions::default(),
            descriptors: Descriptors::default(),
            outputs: std::collections::BTreeMap::new(),
            processes: Vec::new(),
            parallel: 0,
            rounds_left: limits::MAX_ALL_ROUNDS,
            choices_left: limits::MAX_ALL_CHOICES,
            depth: 0,
            input_used: false,
            large: false,
            restart: false,
            fed_by_next: Vec::new(),
            options: Options::default(),
            work: limits::MAX_WORK,
            stopped: false,
        }
    }

    /// Counts bytes copied; beyond the limit the reader stops.
    pub(super) fn charge(&mut self, bytes: usize) {
        let looked_at = self.variables.take_looked_at();
        match self.work.checked_sub(bytes + looked_at + 1) {
            Some(left) => self.work = left,
            None => self.stop("Resolving the command would take too long", Span::default()),
        }
    }

    pub(super) fn charge_parts(&mut self, parts: &[Part]) {
        let size = |part: &Part| match part {
            Part::Text(text) | Part::Glob(text) => 64 + text.len(),
            Part::Hole(hole) => 128 + hole.source.len() + hole.from.len() * 8,
        };
        self.charge(parts.iter().map(size).sum());
    }

    /// Stops reading: a limit is reached.
    pub(super) fn stop(&mut self, message: &str, span: Span) {
        if !self.stopped {
            self.stopped = true;
            let message = format!("{message}; run its parts one by one.");
            self.script.problems.push(Problem { kind: ProblemKind::Limit, message, span });
        }
    }

    pub(super) fn fail(&mut self, fault: Fault, buffer: &Buffer) {
        let span = buffer.span(fault.start, fault.end);
        self.script.problems.push(Problem { kind: fault.kind, message: fault.message, span });
    }

    /// Adds a command; `None` when the reader has stopped.
    pub(super) fn add(&mut self, mut simple: Simple) -> Option<usize> {
        if self.script.commands.len() >= limits::MAX_COMMANDS {
            self.stop("The text holds too many commands", simple.span);
        }
        if self.stopped {
            return None;
        }
        let index = self.script.commands.len();
        simple.subshells.clone_from(&self.subshells);
        self.script.commands.push(simple);
        for fed in std::mem::take(&mut self.fed_by_next) {
            if let Some(command) = self.script.commands.get_mut(fed) {
                command.stdin = Stdin::Pipe(vec![index]);
            }
        }
        Some(index)
    }

    /// Walks what runs in a subshell.
    pub(super) fn subshell<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        self.subshells_met += 1;
        self.subshells.push(self.subshells_met);
        let mark = self.variables.mark();
        let descriptors = self.descriptors.clone();
        let result = walk(self);
        self.after_subshell(descriptors);
        self.leave_scope(&mark);
        self.subshells.pop();
        result
    }

    /// Reads the commands of a substitution, which runs in a subshell.
    pub(super) fn body(
        &mut self,
        body: &Body,
        piece: &Piece,
        outer: &Buffer,
        context: &Context,
    ) -> Flow {
        let buffer = Buffer {
            text: Arc::clone(body.text.as_ref().unwrap_or(&outer.text)),
            tokens: Arc::clone(&body.tokens),
            fixed: match body.text {
                Some(_) => Some(outer.span(piece.start, piece.end)),
                None => outer.fixed,
            },
        };
        let fed = std::mem::take(&mut self.fed_by_next);
        let flow = self.subshell(|reader| reader.buffer(&buffer, context));
        self.fed_by_next = fed;
        flow
    }

    /// Parses and walks a buffer.
    pub(super) fn buffer(&mut self, buffer: &Buffer, context: &Context) -> Flow {
        if self.stopped {
            return Flow::default();
        }
        self.charge(buffer.tokens.len() * 8);
        match grammar::parse(&buffer.tokens) {
            Ok(program) => self.program(&program, buffer, context),
            Err(fault) => {
                self.fail(fault, buffer);
                Flow::default()
            }
        }
    }

    /// Ends a part of the text that may not have run.
    pub(super) fn leave_scope(&mut self, mark: &super::vars::Mark) {
        let changes = self.variables.changes_since(mark);
        self.charge(changes * 16);
        self.variables.merge(mark);
    }
}

/// The parts of a word from outside: the commands that its holes name are not
/// commands of this text.
fn foreign(word: &Word) -> Vec<Part> {
    let mut parts = word.parts.clone();
    for part in &mut parts {
        if let Part::Hole(hole) = part {
            hole.from.clear();
        }
    }
    parts
}

/// Reads with given lexer options.
pub(super) fn read_with(text: &str, known: &Known, options: Options) -> Script {
    let mut meter = super::lex::Meter::new(text.len());
    let mut reader = Reader::new(known);
    reader.options = options;
    let tokens = match super::lex::tokens(text, options, &mut meter) {
        Ok(tokens) => tokens,
        Err(fault) => {
            let buffer = Buffer { text: text.into(), tokens: Arc::default(), fixed: None };
            reader.fail(fault, &buffer);
            return reader.script;
        }
    };
    let buffer = Buffer { text: text.into(), tokens: Arc::new(tokens), fixed: None };
    reader.depth = meter.deepest;
    if meter.deepest <= limits::DEEP {
        reader.whole(&buffer, known);
        if !reader.restart {
            return reader.script;
        }
    }
    let deepest = meter.deepest;
    on_large_stack(move || {
        let mut reader = Reader::new(known);
        reader.options = options;
        reader.depth = deepest;
        reader.large = true;
        reader.whole(&buffer, known);
        reader.script
    })
}

/// Runs on a thread whose stack holds the deepest text that is read.
fn on_large_stack(walk: impl FnOnce() -> Script + Send) -> Script {
    let result = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(limits::DEEP_STACK)
            .spawn_scoped(scope, walk)
            .ok()
            .and_then(|thread| thread.join().ok())
    });
    result.unwrap_or_else(|| {
        let message = "The command nests too deeply to be read; run its parts one by one.";
        let problem = Problem {
            kind: ProblemKind::Limit,
            message: message.to_owned(),
            span: Span::default(),
        };
        Script { problems: vec![problem], ..Script::default() }
    })
}
