//! Tasks that a project defines in a file: the shell text behind `npm run X` and
//! `make X`, read from the file. Nothing is run to find out what it says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::files::{self, Content, MAX_SCRIPTS, OnDisk};
use super::resolve::{Outer, Resolver};
use super::scripts::ScriptRun;
use super::task_files;
use super::wrapper::TaskFormat;
use crate::model::{Span, Stdin, Word};

/// Most targets of a makefile that one command is followed through.
const MAX_TARGETS: usize = 200;

/// Deepest nesting of variables in a makefile.
const MAX_NESTED: usize = 20;

/// Longest text that the variables of a makefile may become, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Tasks that a command starts.
#[derive(Debug)]
pub(super) struct TaskRun {
    pub format: TaskFormat,
    pub file: Option<Word>,
    pub folder: Option<Word>,
    /// Subcommand and operands.
    pub words: Vec<Word>,
    pub span: Span,
}

impl Resolver<'_> {
    /// Judges the tasks that a command names by their own text.
    pub(super) fn tasks(
        &mut self,
        run: &TaskRun,
        mut outer: Outer,
        (stdin, input): (&Stdin, &Option<Arc<Word>>),
    ) {
        let names: &[&str] = match run.format {
            TaskFormat::PackageJson => &["package.json"],
            TaskFormat::Makefile => &["GNUmakefile", "makefile", "Makefile"],
            TaskFormat::Justfile => &["justfile", "Justfile", ".justfile"],
            TaskFormat::Taskfile => {
                &["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"]
            }
        };
        self.installs(run, &outer);
        let file = run.file.as_ref().and_then(Word::as_static);
        let folder = run.folder.as_ref().map(|word| word.as_static().map(str::to_owned));
        let Some((name, text)) = names.iter().find_map(|name| {
            let name = file.unwrap_or(name);
            // just and task look for the file that is named from where they start.
            let elsewhere = matches!(run.format, TaskFormat::Justfile | TaskFormat::Taskfile);
            let path = match &folder {
                _ if name.starts_with('/') || elsewhere && file.is_some() => name.to_owned(),
                None => name.to_owned(),
                Some(folder) => format!("{}/{name}", folder.as_deref()?),
            };
            let absolute = files::absolute(&Word::text(path, run.span), &outer.cwd, self.ctx)?;
            let text = match self.book.written(&absolute) {
                Some(Content::Text(word)) => word.as_static()?.to_owned(),
                Some(_) => return None,
                None => match self.files.read(&absolute) {
                    OnDisk::Text(text) => text,
                    _ => return None,
                },
            };
            Some((name.to_owned(), text))
        }) else {
            return;
        };
        let texts = match run.format {
            TaskFormat::PackageJson => package_scripts(&text, &run.words),
            TaskFormat::Makefile => recipes(&text, &run.words),
            TaskFormat::Justfile => recipes(&task_files::just(&text), &run.words),
            TaskFormat::Taskfile => {
                let names = run.words.iter().filter_map(Word::as_static);
                let mut words: Vec<Word> =
                    names.map(|name| Word::text(task_files::target(name), run.span)).collect();
                if words.is_empty() {
                    words.push(Word::text("default", run.span));
                }
                recipes(&task_files::taskfile(&text), &words)
            }
        };
        for (task, text) in texts {
            let label = format!("{name}: {task}");
            if self.book.open.contains(&label) || self.book.open.len() >= MAX_SCRIPTS {
                continue;
            }
            if let Some(last) = outer.wrappers.last_mut() {
                last.name.clone_from(&label);
            }
            self.book.open.push(label);
            self.text(&text, (Vec::new(), false), &outer, (stdin, input));
            self.book.open.pop();
        }
    }
}

impl Resolver<'_> {
    /// `make install` in a folder that was just fetched.
    fn installs(&mut self, run: &TaskRun, outer: &Outer) {
        let named = |word: &Word| word.as_static().is_some_and(|text| text.starts_with("install"));
        if run.format != TaskFormat::Makefile || !run.words.iter().any(named) {
            return;
        }
        let folder = run.folder.as_ref().map_or(".".to_owned(), Word::display);
        let file = Word::text(format!("{folder}/Makefile"), run.span);
        let Some(path) = files::absolute(&file, &outer.cwd, self.ctx) else { return };
        let Some(made) = self.book.unpacked(&path).map(<[usize]>::to_vec) else { return };
        let script = ScriptRun {
            path: file,
            arguments: Vec::new(),
            language: None,
            main: false,
            made: true,
            span: run.span,
        };
        self.unknown_script(&script, made, outer);
    }
}

/// The scripts that `npm WORDS` runs, with those before and after them.
fn package_scripts(text: &str, words: &[Word]) -> Vec<(String, String)> {
    let mut names = words.iter().map_while(Word::as_static);
    let name = match names.next() {
        Some("run" | "run-script" | "rum" | "urn") => names.next(),
        Some("t" | "tst") => Some("test"),
        Some("install" | "i" | "ci" | "add") => Some("install"),
        other => other,
    };
    let Some(name) = name else { return Vec::new() };
    let Ok(serde_json::Value::Object(package)) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let Some(serde_json::Value::Object(scripts)) = package.get("scripts") else {
        return Vec::new();
    };
    let arguments = words.iter().skip_while(|word| word.as_static() != Some("--")).skip(1);
    let extra: Vec<&str> = arguments.filter_map(Word::as_static).collect();
    ["pre", "", "post"]
        .into_iter()
        .filter_map(|when| {
            let task = format!("{when}{name}");
            let mut text = scripts.get(&task)?.as_str()?.to_owned();
            if when.is_empty() && !extra.is_empty() {
                let quoted: Vec<Vec<u8>> = extra.iter().map(|e| e.as_bytes().to_vec()).collect();
                text.push(' ');
                text.push_str(&crate::shell::join(&quoted).0);
            }
            Some((task, text))
        })
        .collect()
}

/// What a makefile says about one target.
#[derive(Debug, Default)]
struct Target {
    needs: Vec<String>,
    recipe: Vec<String>,
}

/// A makefile as far as it is read.
#[derive(Debug, Default)]
struct Makefile {
    variables: BTreeMap<String, String>,
    targets: BTreeMap<String, Target>,
    /// The target without a name on the command line.
    first: Option<String>,
}

/// The recipes that `make WORDS` runs, prerequisites first.
fn recipes(text: &str, words: &[Word]) -> Vec<(String, String)> {
    let mut makefile = Makefile::read(text);
    let mut wanted = Vec::new();
    for word in words.iter().filter_map(Word::as_static) {
        match word.split_once('=') {
            Some((name, value)) => {
                makefile.variables.insert(name.to_owned(), value.to_owned());
            }
            None => wanted.push(word.to_owned()),
        }
    }
    if wanted.is_empty() {
        wanted.extend(makefile.first.clone());
    }
    let mut done = Vec::new();
    let mut out = Vec::new();
    for name in wanted {
        makefile.visit(&name, &mut done, &mut out, 0);
    }
    out
}

impl Makefile {
    fn read(text: &str) -> Self {
        let mut makefile = Self::default();
        let mut open: Vec<String> = Vec::new();
        let mut skipping = false;
        for line in logical_lines(text) {
            if let Some(recipe) = line.strip_prefix('\t') {
                for name in &open {
                    let target = makefile.targets.entry(name.clone()).or_default();
                    target.recipe.push(recipe.to_owned());
                }
                continue;
            }
            let plain = line.split(" #").next().unwrap_or_default().trim();
            if plain.starts_with("define ") {
                skipping = true;
            }
            if skipping || plain.is_empty() || plain.starts_with('#') {
                skipping &= plain != "endef";
                continue;
            }
            open = makefile.line(plain);
        }
        makefile
    }

    /// A line that is no recipe; returns the targets that it opens.
    fn line(&mut self, line: &str) -> Vec<String> {
        let assigned = line.find('=').filter(|at| {
            let rule = line.find(':').is_some_and(|colon| {
                colon < *at
                    && !matches!(line.get(colon..colon + 2), Some(":="))
                    && !line.get(colon..).is_some_and(|rest| rest.starts_with("::="))
            });
            !rule
        });
        if let Some(at) = assigned {
            let name = line.get(..at).unwrap_or_default();
            let append = name.ends_with('+');
            let keep = name.ends_with('?');
            let name = name.trim_end_matches([':', '+', '?', '!']).trim();
            let name = name.strip_prefix("export ").unwrap_or(name).trim();
            let value = line.get(at + 1..).unwrap_or_default().trim();
            let old = self.variables.get(name);
            let value = match old {
                Some(old) if append => format!("{old} {value}"),
                Some(_) if keep => return Vec::new(),
                _ => value.to_owned(),
            };
            if value.len() <= MAX_TEXT {
                self.variables.insert(name.to_owned(), value);
            }
            return Vec::new();
        }
        let Some((names, rest)) = line.split_once(':') else { return Vec::new() };
        let rest = rest.trim_start_matches(':');
        let (needs, recipe) = rest.split_once(';').unwrap_or((rest, ""));
        let needs = self.expand(needs, 0, &[]);
        let names: Vec<String> =
            self.expand(names, 0, &[]).split_whitespace().map(str::to_owned).collect();
        for name in &names {
            if self.first.is_none() && !name.starts_with('.') {
                self.first = Some(name.clone());
            }
            let target = self.targets.entry(name.clone()).or_default();
            target.needs.extend(needs.split_whitespace().map(str::to_owned));
            if !recipe.trim().is_empty() {
                target.recipe.push(recipe.trim().to_owned());
            }
        }
        names
    }

    fn visit(
        &self,
        name: &str,
        done: &mut Vec<String>,
        out: &mut Vec<(String, String)>,
        depth: usize,
    ) {
        if done.len() >= MAX_TARGETS || depth > MAX_TARGETS / 2 || done.iter().any(|d| d == name) {
            return;
        }
        done.push(name.to_owned());
        let Some(target) = self.targets.get(name) else { return };
        for need in &target.needs {
            self.visit(need, done, out, depth + 1);
        }
        if target.recipe.is_empty() {
            return;
        }
        let automatic = [
            ("@", name.to_owned()),
            ("<", target.needs.first().cloned().unwrap_or_default()),
            ("^", target.needs.join(" ")),
            ("*", name.split('.').next().unwrap_or_default().to_owned()),
        ];
        let mut text = String::new();
        for line in &target.recipe {
            let line = line.trim_start_matches(['@', '-', '+', ' ', '\t']);
            text.push_str(&self.expand(line, 0, &automatic));
            text.push('\n');
            if text.len() > MAX_TEXT {
                break;
            }
        }
        out.push((name.to_owned(), text));
    }

    /// Puts in the variables. A function of make, or a variable that the file
    /// does not set, becomes a variable of the shell that nobody sets.
    fn expand(&self, text: &str, depth: usize, automatic: &[(&str, String)]) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(rest.get(..at).unwrap_or_default());
            rest = rest.get(at + 1..).unwrap_or_default();
            let Some(next) = rest.chars().next() else { break };
            if next == '$' {
                out.push('$');
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let (name, after) = match next {
                '(' | '{' => {
                    let close = closing(rest, next);
                    (rest.get(1..close).unwrap_or_default(), rest.get(close + 1..))
                }
                next => {
                    (rest.get(..next.len_utf8()).unwrap_or_default(), rest.get(next.len_utf8()..))
                }
            };
            rest = after.unwrap_or_default();
            if let Some((_, value)) = automatic.iter().find(|(known, _)| *known == name) {
                out.push_str(value);
            } else if let Some(command) = name.strip_prefix("shell ") {
                out.push_str("$(");
                out.push_str(&self.nested(command, depth, automatic));
                out.push(')');
            } else if let Some(pattern) = name.strip_prefix("wildcard ") {
                out.push_str(&self.nested(pattern, depth, automatic));
            } else {
                match self.variables.get(name) {
                    Some(value) => out.push_str(&self.nested(value, depth, automatic)),
                    None => out.push_str("${__make}"),
                }
            }
            if out.len() > MAX_TEXT {
                return "${__make}".to_owned();
            }
        }
        out.push_str(rest);
        out
    }

    fn nested(&self, text: &str, depth: usize, automatic: &[(&str, String)]) -> String {
        if depth >= MAX_NESTED {
            return "${__make}".to_owned();
        }
        self.expand(text, depth + 1, automatic)
    }
}

/// Where the parenthesis at the start closes.
fn closing(text: &str, open: char) -> usize {
    let close = if open == '(' { ')' } else { '}' };
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    text.len()
}

/// Lines with their continuations joined.
fn logical_lines(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut open = String::new();
    for line in text.lines() {
        if let Some(begun) = line.strip_suffix('\\') {
            open.push_str(begun);
            open.push(' ');
            continue;
        }
        open.push_str(line);
        out.push(std::mem::take(&mut open));
    }
    if !open.is_empty() {
        out.push(open);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{package_scripts, recipes};
    use crate::model::{Span, Word};

    fn words(text: &str) -> Vec<Word> {
        text.split(' ').filter(|w| !w.is_empty()).map(|w| Word::text(w, Span::default())).collect()
    }

    #[test]
    fn scripts_of_a_package_are_found_with_what_runs_around_them() {
        let json = r#"{"scripts": {"prebuild": "rm -rf dist", "build": "tsc", "test": "jest"}}"#;
        let of = |text: &str| -> Vec<String> {
            package_scripts(json, &words(text)).into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(of("run build"), ["rm -rf dist", "tsc"]);
        assert_eq!(of("test"), ["jest"]);
        assert_eq!(of("t"), ["jest"]);
        assert_eq!(of("run test -- --watch a;b"), ["jest --watch 'a;b'"]);
        assert!(of("run nothing").is_empty() && of("").is_empty());
        assert!(package_scripts("[", &words("test")).is_empty());
    }

    #[test]
    fn recipes_of_a_makefile_are_found_with_what_they_need() {
        let makefile = "DIR ?= /srv/data\nRM := rm -rf\n# c\nall: build\n\ttouch x\n\
                        build: clean ; @echo b\n\tcc -o $@ $<\nclean:\n\t-$(RM) \\\n\t$(DIR)/*\n\
                        odd:\n\trm $(wildcard *.o) $$HOME $(shell date)\nloop: loop\n\tls\n";
        let of = |text: &str| -> Vec<String> {
            let found = recipes(makefile, &words(text)).into_iter();
            found.map(|(name, text)| format!("{name}: {}", text.trim_end())).collect()
        };
        assert_eq!(of("clean"), ["clean: rm -rf  \t/srv/data/*"]);
        assert_eq!(of("clean DIR=/x"), ["clean: rm -rf  \t/x/*"]);
        assert_eq!(of("").len(), 3);
        assert_eq!(
            of("build").last().map(String::as_str),
            Some("build: echo b\ncc -o build clean")
        );
        assert_eq!(of("odd"), ["odd: rm *.o $HOME $(date)"]);
        assert_eq!(of("loop"), ["loop: ls"]);
        assert!(of("nothing").is_empty());
    }

    #[test]
    fn hostile_makefiles_end() {
        let mut text = String::from("A0=x\n");
        for n in 1..60 {
            text.push_str(&format!("A{n}=$(A{0})$(A{0})\n", n - 1));
        }
        text.push_str("t:\n\techo $(A59)\n");
        assert_eq!(recipes(&text, &words("t")).len(), 1);
        assert_eq!(recipes("A=$(A)\nt:\n\techo $(A) $(\n", &words("t")).len(), 1);
    }
}
