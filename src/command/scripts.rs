//! Follows scripts: files that an interpreter is given, or that are programs by
//! themselves, are judged by their own text.

use std::sync::Arc;

use super::code::{self, Found};
use super::cwd::Cwd;
use super::files::{self, Content, MAX_SCRIPTS, OnDisk};
use super::grammar;
use super::resolve::{Outer, Resolver};
use super::wrapper::{Inner, Writes};
use crate::model::{
    Cause, Hole, Invocation, Opt, Part, Place, Problem, ProblemKind, RedirectOp, Span, Stdin, Word,
    Written, printed_by,
};

/// Scripts that one pattern finds and that are read.
const MAX_MATCHING: usize = 16;

/// The language of files that a client of a database is given.
const STATEMENTS: &str = "sql";

/// Clients, the option that takes statements (none: they are an operand), and
/// those that take a file of them (psql(1), mysql(1), sqlite3(1), duckdb(1)).
const CLIENTS: &[(&str, Option<&str>, &[&str])] = &[
    ("psql", Some("-c"), &["-f", "--file"]),
    ("mysql", Some("-e"), &[]),
    ("sqlite3", None, &["-init"]),
    ("duckdb", Some("-c"), &["-init", "-f"]),
];

/// A script that is started.
#[derive(Debug, Clone)]
pub(super) struct ScriptRun {
    pub path: Word,
    pub arguments: Vec<Word>,
    /// The language of the interpreter; `None`: shell, or what its first line
    /// says.
    pub language: Option<String>,
    /// It is what its interpreter is started for.
    pub main: bool,
    /// It counts only when the same text has made it.
    pub made: bool,
    pub span: Span,
}

/// What `$0` is in a script, when that is certain: its path as it is called. What
/// is sourced keeps the name of its shell, zsh gives each function its own, and a
/// program of the search path gets all of its path.
fn called(script: &ScriptRun, by: Option<&str>, text: &str) -> Option<Word> {
    let path = script.path.as_static()?;
    let zsh =
        text.lines().next().is_some_and(|line| line.starts_with("#!") && line.contains("zsh"));
    let shell = matches!(by, Some("bash" | "sh" | "dash" | "ksh"));
    let shell = shell || path.contains('/');
    let sourced = matches!(by, Some("." | "source" | "zsh"));
    let known = script.main && shell && !zsh && !sourced;
    known.then(|| script.path.clone())
}

impl Resolver<'_> {
    /// Notes a file that a redirection writes.
    pub(super) fn written(&mut self, file: Written, made: Vec<usize>, cwd: &Cwd) {
        let Some(path) = files::absolute(&file.path, cwd, self.ctx) else { return };
        let content = match file.content {
            Some(content) => Content::Text(content),
            None => Content::Made(made),
        };
        self.book.write(path, content, file.append);
    }

    /// Notes the files that a program writes by its own command line.
    pub(super) fn writes(&mut self, writes: &Writes, inv: &Invocation, index: usize, cwd: &Cwd) {
        let mut content = Content::Made(vec![index]);
        if writes.input {
            let held = inv.input.clone().or_else(|| match &inv.stdin {
                Stdin::Text(word) => Some(Arc::new(word.clone())),
                _ => None,
            });
            match (&inv.stdin, held) {
                (_, Some(held)) => content = Content::Text(held),
                (Stdin::Pipe(from), None) => content = Content::Made(from.clone()),
                _ => {}
            }
        }
        let mut paths: Vec<Word> =
            inv.options_named(&writes.options).filter_map(|opt| opt.value.clone()).collect();
        if let Some(from) = writes.operands {
            paths.extend(inv.operands.iter().skip(from).cloned());
        }
        if writes.copy {
            let [from, .., to] = inv.operands.as_slice() else { return };
            let Some(copied) = self.copied(from, inv, cwd) else { return };
            content = copied;
            paths.push(to.clone());
            if let Some(text) = to.as_static()
                && let Some(name) = from.as_static().and_then(|from| from.rsplit('/').next())
            {
                // The target may be a folder.
                paths.push(Word::text(format!("{}/{name}", text.trim_end_matches('/')), to.span));
            }
        }
        let named = writes.address.as_ref().is_some_and(|options| {
            options.is_empty() || inv.options_named(options).next().is_some()
        });
        if named && paths.is_empty() {
            paths.extend(inv.operands.iter().filter_map(|word| {
                let address = word.as_static()?;
                let (_, path) = address.split_once("://").unwrap_or(("", address));
                let path = path.split(['?', '#']).next()?;
                let name = path.rsplit('/').next().filter(|name| !name.is_empty())?;
                Some(Word::text(name, word.span))
            }));
        }
        for path in paths {
            if let Some(path) = files::absolute(&path, cwd, self.ctx)
                && (!writes.changes || self.book.written(&path).is_some())
            {
                self.book.write(path, content.clone(), false);
            }
        }
    }

    /// What a copy of a file holds.
    fn copied(&self, from: &Word, inv: &Invocation, cwd: &Cwd) -> Option<Content> {
        if let (Some("/dev/stdin"), Stdin::Text(text)) = (from.as_static(), &inv.stdin) {
            return Some(Content::Text(Arc::new(text.clone())));
        }
        let source = files::absolute(from, cwd, self.ctx)?;
        match (self.book.written(&source), files::system_program(&source)) {
            (Some(held), _) => Some(held.clone()),
            (None, Some(program)) => Some(Content::Program(program.to_owned())),
            (None, None) => None,
        }
    }

    /// A program named by its path may be a script.
    pub(super) fn started(&mut self, first: usize, path: &Word, outer: &Outer) {
        if matches!(outer.place, Place::Container(_) | Place::Remote(_) | Place::Chroot(_)) {
            return;
        }
        let Some(invocation) = self.out.invocations.get(first) else { return };
        let (span, help) = (invocation.span, invocation.help);
        let arguments = invocation.argv.get(1..).unwrap_or_default().to_vec();
        let stdin = (invocation.stdin.clone(), invocation.input.clone());
        let place = invocation.place.clone();
        // An interpreter that is given the script reads it in its own language.
        let parent = outer.parent.and_then(|parent| self.out.invocations.get(parent));
        let given = |parent: &&Invocation| {
            let text = parent.options_named(&["-c".to_owned()]).next().is_some();
            !text && parent.operands.first().is_some_and(|word| word.parts == path.parts)
        };
        let parent = parent.filter(given);
        let read_by_parent = parent.and_then(|parent| parent.program.as_deref()).is_some_and(|p| {
            let specs = self.tools.wrappers(p);
            specs.iter().flat_map(|s| &s.inner).any(|inner| matches!(inner, Inner::File(_)))
        });
        if help || read_by_parent {
            return;
        }
        let known = self.content(path, outer);
        if let Some(Content::Program(program)) = known {
            let mut argv = vec![Word::text(program, path.span)];
            argv.extend(arguments);
            let base = Invocation { span, stdin: stdin.0, input: stdin.1, ..Invocation::default() };
            self.words(base, argv, outer);
        } else if known.is_some() {
            let command = super::inner::InnerCommand::File {
                path: path.clone(),
                arguments,
                language: None,
                main: true,
                made: false,
                place: Place::Here,
            };
            let name = path.display();
            self.inner(command, outer, (first, &name, span), &stdin, &place);
        }
    }

    /// What a script holds, as far as it matters.
    fn content(&self, path: &Word, outer: &Outer) -> Option<Content> {
        if let [Part::Hole(hole)] = path.parts.as_slice()
            && hole.cause == Cause::ProcessSubstitution
        {
            let printed = printed_by(&hole.from, |index| {
                let invocation = self.out.invocations.get(index)?;
                Some((&invocation.stdin, invocation.output.as_ref()))
            });
            // Rules look at what it comes from when it is not known.
            return printed.map(Content::Text);
        }
        if files::is_descriptor(&path.known_prefix()) {
            let fd = path.as_static().and_then(files::descriptor);
            return if fd == Some(0) { None } else { Some(self.opened(fd, outer)) };
        }
        let absolute = files::absolute(path, &outer.cwd, self.ctx)?;
        if let Some(written) = self.book.written(&absolute) {
            return Some(written.clone());
        }
        if absolute == super::inner::TEMPORARY {
            return Some(Content::Made(Vec::new()));
        }
        if let Some(made) = self.book.unpacked(&absolute) {
            return Some(Content::Made(made.to_vec()));
        }
        path.as_static()?;
        match self.files.read(&absolute) {
            OnDisk::Text(text) => {
                let word = Word::text(text, path.span);
                Some(Content::Text(Arc::new(word)))
            }
            OnDisk::Unreadable(why) => Some(Content::Unreadable(why)),
            OnDisk::Other => None,
        }
    }

    /// What a shell reads from a descriptor: a text that is given to it or that
    /// an `exec` before has opened, else nobody knows.
    fn opened(&self, fd: Option<i32>, outer: &Outer) -> Content {
        let parent = outer.parent.and_then(|parent| self.out.invocations.get(parent));
        let kept =
            |inv: &&Invocation| inv.program.as_deref() == Some("exec") && inv.operands.is_empty();
        let before = self.out.invocations.iter().rev().filter(kept);
        let mut redirects = parent.into_iter().chain(before).flat_map(|inv| inv.redirects.iter());
        let opened = fd.and_then(|fd| redirects.find(|redirect| redirect.fd == Some(fd)));
        match opened {
            Some(opened)
                if matches!(opened.op, RedirectOp::HereString | RedirectOp::HereDocument) =>
            {
                Content::Text(Arc::new(opened.target.clone()))
            }
            _ => Content::Made(Vec::new()),
        }
    }

    /// Whether this text itself writes the file.
    pub(super) fn wrote(&self, path: &Word, outer: &Outer) -> bool {
        let absolute = files::absolute(path, &outer.cwd, self.ctx);
        absolute.is_some_and(|absolute| self.book.written(&absolute).is_some())
    }

    /// The files that this text has written and that a pattern fits
    /// (`for f in DIR/*.sh; do sh "$f"; done`, `run-parts DIR`), by what it
    /// begins and ends with.
    fn matching(&mut self, path: &Word, outer: &Outer) -> Vec<Word> {
        let glob = |part: &Part| match part {
            Part::Glob(_) => true,
            Part::Hole(hole) => hole.cause == Cause::Pattern,
            Part::Text(_) => false,
        };
        let Some(first) = path.parts.iter().position(glob) else { return Vec::new() };
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            _ => None,
        };
        let before = path.parts.get(..first).unwrap_or_default();
        let before: Option<String> = before.iter().map(text).collect();
        let folder = before.and_then(|before| {
            let (folder, name) = before.rsplit_once('/').unwrap_or((".", &before));
            let word = Word::text(if folder.is_empty() { "/" } else { folder }, path.span);
            let folder = files::absolute(&word, &outer.cwd, self.ctx)?;
            Some(format!("{}/{name}", folder.trim_end_matches('/')))
        });
        let Some(begins) = folder else { return Vec::new() };
        let ends = path.parts.last().and_then(text).unwrap_or_default();
        let fits = |file: &str| {
            file.len() >= begins.len() + ends.len()
                && file.starts_with(&begins)
                && file.ends_with(&ends)
        };
        let texts = self.book.texts();
        let mut names = texts.iter().map(|(file, _)| file).filter(|file| fits(file));
        let first = names.by_ref().take(MAX_MATCHING);
        let found = first.map(|file| Word::text(file.as_str(), path.span)).collect();
        if names.next().is_some() {
            let message = format!(
                "A pattern finds more than {MAX_MATCHING} scripts of this text: the rest was not read."
            );
            self.out.problems.push(Problem { kind: ProblemKind::Limit, message, span: path.span });
        }
        found
    }

    /// Judges a script by its text.
    pub(super) fn script_file(
        &mut self,
        script: ScriptRun,
        mut outer: Outer,
        (stdin, input): (&Stdin, &Option<Arc<Word>>),
    ) {
        for path in self.matching(&script.path, &outer) {
            let one = ScriptRun { path, ..script.clone() };
            self.script_file(one, outer.clone(), (stdin, input));
        }
        let content = self.content(&script.path, &outer);
        // One of several files of statements: the rules ask whether all were read.
        let content = content.or_else(|| {
            let among = script.language.as_deref() == Some(STATEMENTS) && self.files(&outer) > 1;
            among.then(|| Content::Made(Vec::new()))
        });
        let Some(content) = content else { return };
        let counts = match (&script.language, &content) {
            _ if !script.made => true,
            (None, Content::Made(_)) => true,
            (Some(_), Content::Text(_)) => self.wrote(&script.path, &outer),
            _ => false,
        };
        if !counts {
            return;
        }
        let name = script.path.display();
        if self.book.open.contains(&name) {
            // Its text is being judged already.
            return;
        }
        if self.book.open.len() >= MAX_SCRIPTS {
            let message = format!(
                "Scripts start scripts more than {MAX_SCRIPTS} deep: the rest was not read."
            );
            let span = script.span;
            self.out.problems.push(Problem { kind: ProblemKind::Limit, message, span });
            return;
        }
        let by =
            outer.wrappers.last_mut().map(|last| std::mem::replace(&mut last.name, name.clone()));
        let text = match content {
            Content::Text(text) => text,
            Content::Made(from) => return self.unknown_script(&script, from, &outer),
            Content::Program(_) => return,
            Content::Unreadable(why) => {
                let message = format!("{name} is run, and what it does is not known: {why}.");
                let span = script.span;
                self.out.problems.push(Problem { kind: ProblemKind::Limit, message, span });
                return;
            }
        };
        if script.language.as_deref() == Some(STATEMENTS) {
            return self.statements(&text, &script, &outer);
        }
        self.book.open.push(name);
        let first = text.known_prefix();
        match script.language.clone().or_else(|| self.language_of(&first)) {
            Some(language) => self.code(&language, &text, &script, &outer),
            None => match super::inner::readable(&text) {
                Some(text) => {
                    let called = called(&script, by.as_deref(), &text);
                    let whole = called.is_some();
                    let called =
                        called.unwrap_or_else(|| Word::hole("$0", Cause::Variable, script.span));
                    let mut parameters = vec![called];
                    parameters.extend(script.arguments.iter().cloned());
                    self.text(&text, (parameters, whole), &outer, (stdin, input));
                }
                None => self.unknown_script(&script, Vec::new(), &outer),
            },
        }
        self.book.open.pop();
    }

    /// Judges a script in another language than shell.
    fn code(&mut self, language: &str, text: &Word, script: &ScriptRun, outer: &Outer) {
        let home = self.ctx.homes.first().map(String::as_str);
        for found in code::find(language, text, home) {
            let base = Invocation { span: script.span, ..Invocation::default() };
            match found {
                Found::Argv(mut argv) => {
                    for word in &mut argv {
                        word.span = script.span;
                    }
                    self.words(base, argv, outer);
                }
                Found::Unknown(_) => self.unknown_script(script, Vec::new(), outer),
            }
        }
    }

    /// How many files of statements a client is given.
    fn files(&self, outer: &Outer) -> usize {
        let client = outer.parent.and_then(|parent| self.out.invocations.get(parent));
        let files = |client: &Invocation| {
            let program = client.program.as_deref();
            let known = CLIENTS.iter().find(|(name, ..)| Some(*name) == program);
            let named = |opt: &&Opt| known.is_some_and(|(.., files)| files.contains(&&*opt.name));
            client.options.iter().filter(named).count()
                + usize::from(matches!(client.stdin, Stdin::File(_)))
        };
        client.map_or(0, files)
    }

    /// Judges a file of statements: as if its client had been given them on the
    /// command line.
    fn statements(&mut self, text: &Word, script: &ScriptRun, outer: &Outer) {
        let Some(client) = outer.parent.and_then(|parent| self.out.invocations.get(parent)) else {
            return;
        };
        let program = client.program.as_deref().unwrap_or_default();
        let Some((_, option, files)) = CLIENTS.iter().find(|(name, ..)| *name == program) else {
            return;
        };
        let is_file = |opt: &&Opt| files.contains(&opt.name.as_str());
        let mut argv = vec![Word::text(program, script.span)];
        for opt in client.options.iter().filter(|opt| !is_file(opt)) {
            argv.push(Word::text(opt.name.as_str(), opt.span));
            argv.extend(opt.value.clone());
        }
        argv.extend(client.operands.iter().cloned());
        argv.extend(option.map(|option| Word::text(option, script.span)));
        argv.push(Word { span: script.span, ..text.clone() });
        let assignments = client.assignments.clone();
        let base = Invocation { span: script.span, assignments, ..Invocation::default() };
        self.words(base, argv, outer);
    }

    /// The language of a script by its first line; `None` for shell text.
    pub(super) fn language_of(&self, text: &str) -> Option<String> {
        let tool = grammar::tool_name(files::interpreter(text)?);
        let specs = self.tools.wrappers(&tool);
        let file = specs.iter().flat_map(|spec| &spec.inner).find_map(|inner| match inner {
            Inner::File(file) => Some(file.language.clone()),
            _ => None,
        });
        // An interpreter that the table does not know is no shell.
        file.unwrap_or(Some(tool))
    }

    /// A script that this text makes, and of which nothing is known.
    pub(super) fn unknown_script(&mut self, script: &ScriptRun, from: Vec<usize>, outer: &Outer) {
        let hole = Hole {
            source: script.path.display(),
            cause: Cause::Script,
            splits: true,
            from,
            ..Hole::default()
        };
        let word = Word { parts: vec![Part::Hole(hole)], span: script.span };
        let base = Invocation { span: script.span, ..Invocation::default() };
        self.words(base, vec![word], outer);
    }
}
