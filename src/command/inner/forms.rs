//! The rarer forms in which a wrapper takes its command: tasks and scripts in
//! files, images, settings, subscripts.

use super::{Finder, InnerCommand, append, assignment, hidden_substitution, readable};
use crate::command::grammar::{self, Role};
use crate::command::parameters;
use crate::command::wrapper::{Image, Keys, ScriptFile, Shell, Task};
use crate::model::{Cause, Part, Stdin, Word};
use crate::shell;

impl Finder<'_> {
    /// `make X`, `npm run X`: which tasks of which file.
    pub(super) fn tasks(&self, task: &Task) -> Vec<InnerCommand> {
        let place = self.place.clone();
        let folder = self.last_value(&task.folder).cloned();
        let file = self.last_value(&task.file).cloned();
        let mut words = self.invocation.operands.clone();
        if let Some(first) = self.invocation.subcommand.first() {
            words.insert(0, Word::text(first.as_str(), self.invocation.span));
            let rest = self.invocation.subcommand.iter().skip(1);
            let rest: Vec<Word> =
                rest.map(|word| Word::text(word.as_str(), self.invocation.span)).collect();
            words.splice(1..1, rest);
        }
        if self.invocation.help {
            return Vec::new();
        }
        vec![InnerCommand::Task { format: task.format, file, folder, words, place }]
    }

    /// Scripts that options and variables name (`--rcfile`, `BASH_ENV`).
    pub(super) fn named_files(&self, file: &ScriptFile) -> Vec<InnerCommand> {
        let options = self.invocation.options_named(&file.options);
        let options = options.filter_map(|opt| opt.value.as_ref());
        let given = self.invocation.assignments.iter().filter(|a| file.env.contains(&a.name));
        let input = match &self.invocation.stdin {
            Stdin::File(path) if file.stdin && self.invocation.input.is_none() => Some(path),
            _ => None,
        };
        let paths = options.chain(given.map(|assignment| &assignment.value)).chain(input);
        let one = |path: &Word| InnerCommand::File {
            path: path.clone(),
            arguments: Vec::new(),
            language: file.language.clone(),
            main: false,
            made: false,
            place: self.place.clone(),
        };
        paths.map(one).collect()
    }

    /// Packages and sources: each operand, when the same text has made it.
    pub(super) fn made_files(&self, file: &ScriptFile) -> Vec<InnerCommand> {
        let one = |path: &Word| InnerCommand::File {
            path: path.clone(),
            arguments: Vec::new(),
            language: file.language.clone(),
            main: false,
            made: true,
            place: self.place.clone(),
        };
        self.invocation.operands.iter().take(20).map(one).collect()
    }

    pub(super) fn file(&self, file: &ScriptFile) -> Option<InnerCommand> {
        if file.named || self.invocation.options_named(&file.unless).next().is_some() {
            return None;
        }
        let (path, arguments) = self.argv_from(0).split_first()?;
        let mut path = path.clone();
        if file.folder {
            path.push_text("/");
            path.parts.push(Part::Glob("*".to_owned()));
        }
        Some(InnerCommand::File {
            path,
            arguments: arguments.to_vec(),
            language: file.language.clone(),
            main: !file.folder,
            made: false,
            place: self.place.clone(),
        })
    }

    /// `docker run --entrypoint CMD IMAGE ARG...`, `docker run TOOL ARG...`.
    pub(super) fn image(&self, image: &Image) -> Option<InnerCommand> {
        if self.invocation.options_named(&image.unless).next().is_some() {
            return None;
        }
        let program = match self.last_value(&image.entrypoint) {
            Some(word) => word.clone(),
            None => {
                let name = self.last_value(&image.options);
                let name = name.or_else(|| self.invocation.operands.first())?.as_static()?;
                Word::text(image_tool(name)?, self.invocation.span)
            }
        };
        let words = match self.reading.dashdash {
            Some(at) => self.invocation.argv.get(at + 1..).unwrap_or_default(),
            None => self.argv_from(1),
        };
        if program.as_static() == Some("") || words.is_empty() {
            return None;
        }
        let mut argv = vec![program];
        argv.extend_from_slice(words);
        let (assignments, place) = (Vec::new(), self.place.clone());
        Some(InnerCommand::Argv { argv, assignments, place, stdin_taken: false })
    }

    /// The value of the last of these options.
    fn last_value(&self, names: &[String]) -> Option<&Word> {
        let given = self.invocation.options.iter().rev();
        given.filter(|opt| names.contains(&opt.name)).find_map(|opt| opt.value.as_ref())
    }

    /// `--parameters commands=["df -h"]`. A value from a file is not known.
    pub(super) fn keys(&self, keys: &Keys) -> Vec<InnerCommand> {
        let values = self.invocation.options_named(&keys.options).filter_map(|o| o.value.as_ref());
        let place = || self.place.clone();
        let one = |word: &Word| match readable(word) {
            None => vec![InnerCommand::Unknown { word: word.clone(), place: place() }],
            Some(text) if text.starts_with("file:") || text.starts_with('@') => {
                let word = Word::hole(text, Cause::Input, word.span);
                vec![InnerCommand::Unknown { word, place: place() }]
            }
            Some(text) => parameters::texts(&text, &keys.keys)
                .into_iter()
                .map(|text| InnerCommand::Text { text, parameters: Vec::new(), place: place() })
                .collect(),
        };
        values.flat_map(one).collect()
    }

    /// `alias NAME=TEXT`.
    pub(super) fn definitions(&self) -> Vec<InnerCommand> {
        let operands = self.invocation.operands.iter();
        operands.filter_map(assignment).filter_map(|a| self.text(&a.value, &[])).collect()
    }

    /// Bash expands a subscript where it is used as if it stood in double
    /// quotes, so a here-document shows what that would start.
    pub(super) fn subscripts(&self) -> Vec<InnerCommand> {
        let words = self.invocation.argv.iter().skip(1);
        let texts = words.filter_map(|word| hidden_substitution(word.as_static()?));
        let place = || self.place.clone();
        let text =
            |text: String| InnerCommand::Text { text, parameters: Vec::new(), place: place() };
        texts.map(text).collect()
    }

    /// `env -S 'A=b rm' -r x`: the words of the text stand before all others.
    pub(super) fn split(&self, options: &[String]) -> Option<InnerCommand> {
        let value = self.invocation.options_named(options).find_map(|opt| opt.value.as_ref())?;
        let argv = &self.invocation.argv;
        let words = argv.iter().zip(&self.reading.roles).enumerate();
        let mut ends = words.filter(|(_, (word, role))| {
            let ends = word.display().ends_with(&value.display());
            ends && matches!(role, Role::Option | Role::Value)
        });
        let (at, _) = ends.next()?;
        let mut text = Word::text(format!("{} ", self.invocation.program.as_deref()?), value.span);
        append(&mut text, value);
        for word in argv.get(at + 1..).unwrap_or_default() {
            text.push_text(" ");
            match word.as_static() {
                Some(known) => text.push_text(&shell::join(&[known.as_bytes().to_vec()]).0),
                None => append(&mut text, word),
            }
        }
        self.text(&text, &[])
    }

    /// `sudo -s`, `su USER`, `su USER -- -c TEXT`.
    pub(super) fn shell(&self, shell: &Shell) -> Option<InnerCommand> {
        let wanted =
            shell.with.is_empty() || self.invocation.options_named(&shell.with).next().is_some();
        let skipped = self.invocation.operands.first().is_some_and(|word| self.skips(word));
        let arguments = self.argv_from(shell.from + usize::from(skipped));
        // A command without a place for arguments of the shell is found as argv.
        let other = shell.from == 0 && !arguments.is_empty();
        if !wanted || other || self.is_given_text() || self.invocation.help {
            return None;
        }
        let mut argv = vec![Word::text("sh", self.invocation.span)];
        argv.extend_from_slice(arguments);
        let (assignments, place) = (Vec::new(), self.place.clone());
        Some(InnerCommand::Argv { argv, assignments, place, stdin_taken: false })
    }
}

/// The tool that an image of this name starts. Images without a maker in their
/// name are mostly servers and interpreters, which take options of other kinds.
fn image_tool(image: &str) -> Option<String> {
    let (maker, base) = image.rsplit_once('/').unwrap_or(("", image));
    let tool = grammar::tool_name(base.split([':', '@']).next()?);
    let made = !maker.is_empty() && grammar::is_tool(&tool);
    (made || grammar::has_subcommands(&tool)).then_some(tool)
}
