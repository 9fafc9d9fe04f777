//! Turns a script into invocations: follows wrappers inwards, to any depth
//! within a stated limit.

mod exports;
mod relocate;
mod uncalled;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cwd::{Cwd, Places};
use super::files::{Book, Files};
use super::grammar::{self, Reading, own::Tools};
use super::inner::{self, InnerCommand};
use super::likely;
use super::listed;
use super::scripts::ScriptRun;
use super::tasks::TaskRun;
use crate::model::{
    Assignment, Certainty, Context, Invocation, Opt, Place, Problem, ProblemKind, Script, Simple,
    Span, Stdin, Word, Wrapper,
};
use crate::shell;
use exports::exports;
use relocate::{map_holes, map_word, move_to, name_located};
use uncalled::takes_over;

/// How deep wrappers may be nested. Deeper is "unknown", never harmless.
pub const MAX_WRAPPERS: usize = 16;

/// How many invocations one text may have, all readings counted.
pub const MAX_INVOCATIONS: usize = 20_000;

/// How many words all invocations of one text may have together. What they
/// inherit counts: assignments are copied, and where a command runs is looked
/// for among the words of its wrappers.
const MAX_WORDS: usize = 400_000;
/// How often a text may stand inside itself.
const MAX_SAME: usize = 1;

/// What a script would start.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
    /// Every program, outer ones before the ones that they start.
    pub invocations: Vec<Invocation>,
    /// What could not be understood.
    pub problems: Vec<Problem>,
    /// Names of functions that the text defines and never calls: what stands in
    /// them does not run, so it is not judged.
    pub uncalled: Vec<Arc<str>>,
}

/// Finds every program that a script would start. `tools` knows the command
/// lines of programs that the built-in tables lack.
#[must_use]
pub fn resolve(script: Script, ctx: &Context, tools: &dyn Tools, files: &dyn Files) -> Resolved {
    let book = Book::default();
    let mut resolver = Resolver {
        ctx,
        tools,
        files,
        book,
        out: Resolved::default(),
        upstream: Vec::new(),
        words: 0,
        texts: Vec::new(),
    };
    resolver.script(script, &Outer::default());
    resolver.tool_files();
    listed::describe(&mut resolver.out.invocations);
    resolver.out
}

/// What an inner command inherits from the wrappers around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Outer {
    pub(super) wrappers: Vec<Wrapper>,
    pub(super) place: Place,
    pub(super) parent: Option<usize>,
    pub(super) span: Option<Span>,
    pub(super) cwd: Cwd,
    pub(super) assignments: Vec<Assignment>,
    pub(super) exported: Arc<Vec<Assignment>>,
}

pub(super) struct Resolver<'a> {
    pub(super) ctx: &'a Context,
    pub(super) tools: &'a dyn Tools,
    pub(super) files: &'a dyn Files,
    pub(super) book: Book,
    pub(super) out: Resolved,
    /// What feeds the command of the text that is being added.
    pub(super) upstream: Vec<usize>,
    /// Words of all invocations so far.
    words: usize,
    /// The texts that are being read, innermost last.
    texts: Vec<String>,
}

impl Resolver<'_> {
    /// Adds all commands of a script. Indices inside the script (pipes, holes)
    /// become indices of invocations.
    fn script(&mut self, script: Script, outer: &Outer) {
        for mut problem in script.problems {
            problem.span = outer.span.unwrap_or(problem.span);
            self.out.problems.push(problem);
        }
        let mut made: Vec<std::ops::Range<usize>> = Vec::with_capacity(script.commands.len());
        let mut pipes = Vec::new();
        let mut outer = outer.clone();
        let mut places = Places::new(outer.cwd.clone());
        let mut files = script.files.into_iter().peekable();
        for (number, mut command) in script.commands.into_iter().enumerate() {
            if self.full(command.span) {
                return;
            }
            let first = self.out.invocations.len();
            if let Some(name) = command.uncalled.as_ref().filter(|name| !takes_over(name)) {
                self.leave_out(name);
                made.push(first..first);
                continue;
            }
            let span = outer.span.unwrap_or(command.span);
            if let Some(span) = outer.span {
                move_to(&mut command, span);
            }
            map_holes(&mut command, &made, &self.out.invocations, self.ctx);
            name_located(&mut command, &self.out.invocations);
            outer.cwd = places.enter(&command.subshells);
            let next = outer.cwd.clone().after(&command, self.home());
            let exports = exports(&command);
            let stdin = std::mem::take(&mut command.stdin);
            match stdin {
                Stdin::Pipe(from) => {
                    let fed = from.iter().filter_map(|i| made.get(*i)).flat_map(Clone::clone);
                    self.upstream = fed.collect();
                    pipes.push((made.len(), from));
                }
                other => command.stdin = other,
            }
            self.simple(command, &outer);
            self.upstream.clear();
            places.move_to(next);
            self.export(&mut outer.exported, exports, span);
            made.push(first..self.out.invocations.len());
            while let Some(mut file) = files.next_if(|file| file.by <= number) {
                map_word(&mut file.path, &made, &self.out.invocations);
                if let Some(content) = &mut file.content {
                    map_word(Arc::make_mut(content), &made, &self.out.invocations);
                }
                let made: Vec<usize> = (first..self.out.invocations.len()).collect();
                self.written(file, made, &outer.cwd);
            }
        }
        for (member, from) in pipes {
            self.connect(member, &from, &made);
        }
    }

    fn home(&self) -> Option<&str> {
        self.ctx.homes.first().map(String::as_str)
    }

    fn full(&mut self, span: Span) -> bool {
        let message = if self.out.invocations.len() >= MAX_INVOCATIONS {
            format!("More than {MAX_INVOCATIONS} commands: the rest was not read.")
        } else if self.words >= MAX_WORDS {
            format!("More than {MAX_WORDS} words in all commands: the rest was not read.")
        } else {
            return false;
        };
        self.out.problems.push(Problem { kind: ProblemKind::Limit, message, span });
        true
    }

    /// Gives the invocations of one pipeline member the output of the members
    /// before it.
    fn connect(&mut self, member: usize, from: &[usize], made: &[std::ops::Range<usize>]) {
        let upstream: Vec<usize> =
            from.iter().filter_map(|i| made.get(*i)).flat_map(Clone::clone).collect();
        let own = made.get(member).cloned().unwrap_or_default();
        for invocation in self.out.invocations.iter_mut().take(own.end).skip(own.start) {
            // A here-document inside the inner command is nearer than the pipe.
            if matches!(invocation.stdin, Stdin::Inherited) {
                invocation.stdin = Stdin::Pipe(upstream.clone());
            }
        }
    }

    /// Adds one simple command and everything that it starts.
    fn simple(&mut self, command: Simple, outer: &Outer) {
        let base = Invocation {
            assignments: command.assignments,
            redirects: command.redirects,
            stdin: command.stdin,
            input: command.input,
            output: command.output,
            read: command.read,
            disguised: command.disguised,
            function: command.function,
            span: command.span,
            ..Invocation::default()
        };
        self.words(base, command.words, outer);
    }

    /// Adds one argv in every reading, then what each reading starts.
    pub(super) fn words(&mut self, mut base: Invocation, argv: Vec<Word>, outer: &Outer) {
        let parent = outer.parent.and_then(|parent| self.out.invocations.get(parent));
        let around = parent.map_or(0, |parent| parent.argv.len());
        self.words += argv.len() + around + outer.assignments.len() + outer.wrappers.len();
        base.place = outer.place.clone();
        base.exported = Arc::clone(&outer.exported);
        // The nearest assignment wins, so it stands last.
        base.assignments.splice(0..0, outer.assignments.iter().cloned());
        base.wrappers.clone_from(&outer.wrappers);
        base.parent = outer.parent;
        base.cwd = outer.cwd.stored();
        let argv = likely::words(argv, &base, self.ctx);
        base.redirects = likely::redirects(std::mem::take(&mut base.redirects), &base, self.ctx);
        let Some(program) = argv.first() else {
            self.out.invocations.push(base);
            return;
        };
        let Some(name) = program.as_static() else {
            base.certainty = Certainty::Program;
            base.operands = argv.get(1..).unwrap_or_default().to_vec();
            base.argv = argv;
            self.out.invocations.push(base);
            return;
        };
        let tool = grammar::tool_name(name);
        let script = match name.contains('/') {
            true => Some(program.clone()),
            false => self.looked_up(name, &base, outer),
        };
        let script = script.map(|path| (path, outer.clone()));
        let own = (!grammar::knows(&tool)).then(|| self.tools.grammar(&tool)).flatten();
        let readings = match own {
            Some(own) => own.read(&argv),
            None => grammar::read(&tool, &argv),
        };
        base.argv = argv;
        base.program = Some(tool);
        let first = self.out.invocations.len();
        for reading in readings {
            self.reading(base.clone(), reading, outer);
        }
        if let Some((path, outer)) = script {
            self.started(first, &path, &outer);
        }
    }

    fn reading(&mut self, mut invocation: Invocation, reading: Reading, outer: &Outer) {
        invocation.subcommand.clone_from(&reading.subcommand);
        invocation.certainty = reading.certainty;
        invocation.class = reading.class;
        invocation.help = reading.help;
        invocation.options.clone_from(&reading.options);
        invocation.operands.clone_from(&reading.operands);
        if let Some(word) = reading.dashdash.and_then(|at| invocation.argv.get(at)) {
            let name = "--".to_owned();
            invocation.options.push(Opt { name, value: None, known: true, span: word.span });
        }
        let tool = invocation.program.clone().unwrap_or_default();
        let specs = self.tools.wrappers(&tool);
        let index = self.out.invocations.len();
        let away = matches!(invocation.place, Place::Container(_) | Place::Remote(_));
        let home = self.home().filter(|_| !away);
        let found: Vec<InnerCommand> = specs
            .iter()
            .filter(|spec| !invocation.read && inner::applies(spec, &reading))
            .flat_map(|spec| inner::find(spec, &invocation, &reading, home))
            .collect();
        let span = invocation.span;
        let stdin = (invocation.stdin.clone(), invocation.input.clone());
        let place = invocation.place.clone();
        let outer = Outer { assignments: invocation.assignments.clone(), ..outer.clone() };
        for spec in specs.iter().filter(|spec| inner::applies(spec, &reading)) {
            if let Some(writes) = &spec.writes {
                self.writes(writes, &invocation, index, &outer.cwd);
            }
            if let Some(unpacks) = &spec.unpacks {
                self.unpacks(unpacks, &invocation, index, &outer.cwd);
            }
        }
        self.out.invocations.push(invocation);
        for command in found {
            self.inner(command, &outer, (index, &tool, span), &stdin, &place);
        }
    }

    /// Follows one inner command.
    pub(super) fn inner(
        &mut self,
        command: InnerCommand,
        outer: &Outer,
        (parent, name, span): (usize, &str, Span),
        (stdin, input): &(Stdin, Option<Arc<Word>>),
        place: &Place,
    ) {
        if outer.wrappers.len() >= MAX_WRAPPERS {
            let message = format!(
                "Commands are wrapped more than {MAX_WRAPPERS} deep: the rest was not read."
            );
            self.out.problems.push(Problem { kind: ProblemKind::Limit, message, span });
            return;
        }
        if self.full(span) {
            return;
        }
        let mut wrappers = outer.wrappers.clone();
        wrappers.push(Wrapper { name: name.to_owned(), span });
        let elsewhere = !matches!(command.place(), Place::Here | Place::AsUser(_));
        let next = Outer {
            wrappers,
            place: if *command.place() == Place::Here {
                place.clone()
            } else {
                command.place().clone()
            },
            parent: Some(parent),
            span: Some(span),
            cwd: if elsewhere { Cwd::Unknown } else { outer.cwd.clone() },
            // ssh, docker exec and the like start with an environment of their own.
            assignments: if elsewhere { Vec::new() } else { outer.assignments.clone() },
            exported: if elsewhere { Arc::default() } else { Arc::clone(&outer.exported) },
        };
        match command {
            InnerCommand::Argv { argv, assignments, stdin_taken, .. } => {
                let base = Invocation {
                    assignments,
                    span,
                    stdin: if stdin_taken { Stdin::Inherited } else { stdin.clone() },
                    input: input.clone().filter(|_| !stdin_taken),
                    ..Invocation::default()
                };
                self.words(base, argv, &next);
            }
            InnerCommand::Text { text, parameters, .. } => {
                self.text(&text, (parameters, false), &next, (stdin, input));
            }
            InnerCommand::Unknown { word, .. } => {
                let base = Invocation { span, ..Invocation::default() };
                self.words(base, vec![word], &next);
            }
            InnerCommand::Task { format, file, folder, words, .. } => {
                let tasks = TaskRun { format, file, folder, words, span };
                self.tasks(&tasks, next, (stdin, input));
            }
            InnerCommand::Manifest { keys, text, path, .. } => {
                let text = text.map(Arc::new).or_else(|| self.text_of(&path, &next));
                if let Some(text) = text {
                    self.manifest(&keys, &text, &next);
                }
            }
            InnerCommand::File { path, arguments, language, main, made, .. } => {
                let script = ScriptRun { path, arguments, language, main, made, span };
                self.script_file(script, next, (stdin, input));
            }
        }
    }

    /// Reads shell text that a wrapper would run, with its positional parameters
    /// from `$0` on, and whether it is all of the script that `$0` names.
    pub(super) fn text(
        &mut self,
        text: &str,
        (parameters, script): (Vec<Word>, bool),
        outer: &Outer,
        (stdin, input): (&Stdin, &Option<Arc<Word>>),
    ) {
        // Two shells in it that read it again, each with two in it, and so on.
        if self.texts.iter().filter(|open| *open == text).count() > MAX_SAME {
            let message = "A text starts itself over and over: the rest was not read.".to_owned();
            let span = outer.span.unwrap_or_default();
            self.out.problems.push(Problem { kind: ProblemKind::Limit, message, span });
            return;
        }
        let mut vars = BTreeMap::new();
        // What stands in front of the command is certainly exported to it.
        for assignment in &outer.assignments {
            vars.insert(assignment.name.clone(), assignment.value.clone());
        }
        for (i, word) in parameters.into_iter().enumerate() {
            vars.insert(i.to_string(), word);
        }
        let local = !matches!(outer.place, Place::Container(_) | Place::Remote(_));
        let known = shell::Known {
            home: local.then(|| self.home().map(str::to_owned)).flatten(),
            cwd: (local && outer.cwd == Cwd::Start).then(|| self.ctx.cwd.clone()).flatten(),
            vars,
            script,
            input: input.clone(),
        };
        let mut script = shell::read(text, &known);
        // The text's commands read what the wrapper reads, unless told otherwise.
        for command in &mut script.commands {
            if matches!(command.stdin, Stdin::Inherited) && !matches!(stdin, Stdin::Pipe(_)) {
                command.stdin = stdin.clone();
            }
        }
        self.texts.push(text.to_owned());
        self.script(script, outer);
        self.texts.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use crate::command::{NoFiles, grammar::own::BuiltIn};
    use crate::model::{Context, Word};
    use crate::shell;

    #[test]
    fn what_an_inner_text_reads_stands_where_the_whole_stands() {
        let text = "sh <<A\n$\nsh <<B\n$m\nB\nA";
        let script = shell::read(text, &shell::Known::default());
        let resolved = resolve(script, &Context::neutral(), &BuiltIn, &NoFiles);
        assert!(resolved.invocations.len() > 2, "{:?}", resolved.invocations);
        let whole = resolved.invocations.first().map(|invocation| invocation.span);
        let inner = resolved.invocations.iter().filter(|inv| inv.parent.is_some());
        for invocation in inner {
            let inside = |word: &Word| Some(word.span) == whole;
            assert!(invocation.argv.iter().all(inside), "{invocation:?}");
        }
    }

    #[test]
    fn a_text_that_reads_itself_is_read_twice_and_no_more() {
        for program in ["sh", "bash -s", ". /dev/stdin"] {
            let text = format!("sh <<X\n{}X\n", format!("{program}\n").repeat(4));
            let script = shell::read(&text, &shell::Known::default());
            let resolved = resolve(script, &Context::neutral(), &BuiltIn, &NoFiles);
            assert!(resolved.invocations.len() < 100, "{}", resolved.invocations.len());
            assert!(!resolved.problems.is_empty(), "it is said");
        }
    }
}
