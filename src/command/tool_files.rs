//! Files that a tool executes by itself, whatever it is asked to do: what a text
//! writes into one is judged as if it had been run.
//!
//! Which files those are, and what of them is code, is data
//! (`rules/tool-files.yaml`).

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::code::{self, Found, decode, encode};
use super::embedded;
use super::files::Content;
use super::inner::{self, InnerCommand};
use super::keyed::{self, Entry, Held};
use super::resolve::{Outer, Resolver};
use super::wrapper::Extract;
use crate::model::{Hole, Invocation, Part, Place, Span, Stdin, Word, Wrapper};
use crate::text::table;

/// Shape of `rules/tool-files.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolFiles {
    /// The files.
    pub files: Vec<ToolFile>,
}

/// Files of one kind.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ToolFile {
    /// Ends of paths: `conftest.py`, `.vscode/tasks.json`, `*.pth`, `hooks/*`.
    pub names: Vec<String>,
    /// All of it is code in this language, as `rules/languages.yaml` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// All of it is shell text, or what its first line says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub script: bool,
    /// What patterns find in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<Extract>,
    /// What stands under keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeySpec>,
    /// Programs whose commands, as the code says them, are its daily work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

/// Commands under keys of JSON, YAML or TOML.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeySpec {
    /// Keys whose value is shell text, or a list of words.
    pub commands: Vec<String>,
    /// Keys whose value is a list of arguments of the command beside it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    /// Keys whose value is the image of the container that runs it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub image: Vec<String>,
    /// Words in front of the command; `$image` is the image, `$command` says that
    /// the words replace what the image starts (`--command`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
}

/// The table, compiled from `rules/tool-files.yaml`: a line per last part of a
/// name. Compressed, as few commands write files.
static TABLE: LazyLock<String> = LazyLock::new(|| {
    table::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/tool-files.jsonl.deflate")))
});

/// The key under which the table has a name.
#[must_use]
pub fn key(name: &str) -> &str {
    match name.rsplit_once('/') {
        Some((folder, "*")) => {
            let start = folder.rfind('/').map_or(0, |at| at + 1);
            name.get(start..).unwrap_or(name)
        }
        Some((_, last)) => last,
        None => name,
    }
}

/// What the table says about a path.
fn about(path: &str) -> Vec<ToolFile> {
    let last = key(path);
    let mut keys = vec![last.to_owned()];
    keys.extend(
        last.match_indices('.').filter_map(|(at, _)| Some(format!("*{}", last.get(at..)?))),
    );
    if let Some((folder, _)) = path.rsplit_once('/') {
        keys.push(format!("{}/*", folder.rsplit('/').next().unwrap_or_default()));
    }
    let lines = keys.iter().filter_map(|key| table::find(&TABLE, key));
    let known = lines.filter_map(|json| serde_json::from_str::<Vec<ToolFile>>(json).ok());
    known.flatten().filter(|file| file.names.iter().any(|name| ends_with(path, name))).collect()
}

/// Whether a path ends with a name, part by part.
fn ends_with(path: &str, name: &str) -> bool {
    let mut have = path.rsplit('/');
    name.rsplit('/').all(|want| {
        have.next().is_some_and(|part| match want.split_once('*') {
            None => part == want,
            Some((start, end)) => {
                part.len() > start.len() + end.len()
                    && part.starts_with(start)
                    && part.ends_with(end)
            }
        })
    })
}

impl Resolver<'_> {
    /// Judges what the text has written into files that tools execute.
    pub(super) fn tool_files(&mut self) {
        for (path, text) in self.book.texts() {
            for file in about(&path) {
                self.tool_file(&path, &file, &text);
            }
        }
    }

    fn tool_file(&mut self, path: &str, file: &ToolFile, text: &Arc<Word>) {
        let wrappers = vec![Wrapper { name: path.to_owned(), span: text.span }];
        let outer = Outer { wrappers, span: Some(text.span), ..Outer::default() };
        let home = self.ctx.homes.first().cloned();
        let home = home.as_deref();
        if let Some(language) = &file.language {
            let found = code::find(language, text, home);
            self.code_of(file, found, text.span, &outer);
        }
        if file.script {
            self.script_of(path, file, text, &outer);
        }
        let mut commands = Vec::new();
        for pattern in &file.patterns {
            commands.extend(embedded::matches(pattern, text, &[], &Place::Here, home));
        }
        if let Some(keys) = &file.keys {
            commands.extend(under_keys(keys, text));
        }
        for command in commands {
            self.command_of(command, text.span, &outer);
        }
    }

    /// A script whose first line may name another language.
    fn script_of(&mut self, path: &str, file: &ToolFile, text: &Word, outer: &Outer) {
        let home = self.ctx.homes.first().cloned();
        match self.language_of(&text.known_prefix()) {
            Some(language) => {
                let found = code::find(&language, text, home.as_deref());
                self.code_of(file, found, text.span, outer);
            }
            None => {
                if let Some(shell) = inner::readable(text) {
                    let parameters = vec![Word::text(path, text.span)];
                    self.text(&shell, (parameters, false), outer, (&Stdin::Inherited, &None));
                }
            }
        }
    }

    /// Commands of code that may run some day. What it does to things that it
    /// alone knows is its own affair: tests and builds do so all day.
    fn code_of(&mut self, file: &ToolFile, found: Vec<Found>, span: Span, outer: &Outer) {
        for found in found {
            let Found::Argv(mut argv) = found else { continue };
            let excepted = |word: &Word| {
                let name = word.as_static();
                name.is_some_and(|name| file.except.iter().any(|except| except == name))
            };
            if argv.first().is_none_or(|word| excepted(word) || word.has_hole()) || vague(&argv) {
                continue;
            }
            for word in &mut argv {
                word.span = span;
            }
            self.words(Invocation { span, ..Invocation::default() }, argv, outer);
        }
    }

    fn command_of(&mut self, command: InnerCommand, span: Span, outer: &Outer) {
        match command {
            InnerCommand::Argv { argv, .. } if !argv.first().is_none_or(Word::has_hole) => {
                self.words(Invocation { span, ..Invocation::default() }, argv, outer);
            }
            InnerCommand::Text { text, .. } => {
                self.text(&text, (Vec::new(), false), outer, (&Stdin::Inherited, &None));
            }
            _ => {}
        }
    }
}

/// Whether nothing is known of the words that are no options.
fn vague(argv: &[Word]) -> bool {
    let mut operands = argv.iter().skip(1).filter(|word| !word.known_prefix().starts_with('-'));
    let mut any = false;
    operands.all(|word| {
        any = true;
        matches!(word.parts.first(), Some(Part::Hole(_)))
    }) && any
}

/// A command as it stands under keys, as far as it has been read.
#[derive(Debug, Default)]
struct Group {
    command: Option<Held>,
    arguments: Option<Vec<String>>,
    image: Option<String>,
}

/// The commands that stand under keys of a text.
pub(super) fn under_keys(spec: &KeySpec, text: &Word) -> Vec<InnerCommand> {
    let (encoded, holes) = encode(text);
    let keys = spec.commands.iter().chain(&spec.arguments).chain(&spec.image);
    let mut groups = vec![Group::default()];
    for Entry { key, value } in keyed::entries(&encoded, keys) {
        let Some(open) = groups.last_mut() else { break };
        let mut next = Group::default();
        let (command, arguments) = (spec.commands.contains(&key), spec.arguments.contains(&key));
        let taken = match (command, arguments) {
            (true, _) => open.command.is_some(),
            (_, true) => open.arguments.is_some(),
            _ => open.image.is_some(),
        };
        let group = if taken { &mut next } else { open };
        match value {
            value if command => group.command = Some(value),
            Held::List(items) if arguments => group.arguments = Some(items),
            Held::Text(text) if arguments => group.arguments = Some(vec![text]),
            Held::Text(text) => group.image = Some(text),
            Held::List(_) => {}
        }
        if taken {
            groups.push(next);
        }
    }
    groups.into_iter().filter_map(|group| group.command(spec, &holes, text.span)).collect()
}

impl Group {
    fn command(self, spec: &KeySpec, holes: &[Hole], span: Span) -> Option<InnerCommand> {
        let Self { command, arguments, image } = self;
        let replaces = command.is_some();
        let words: Vec<String> = match (command, arguments) {
            (None, None) => return None,
            (None, Some(_)) if image.is_none() => return None,
            (Some(Held::Text(text)), None) => {
                vec!["sh".to_owned(), "-c".to_owned(), text]
            }
            (Some(Held::Text(text)), Some(arguments)) => {
                let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                words.extend(arguments);
                words
            }
            (Some(Held::List(mut words)), arguments) => {
                words.extend(arguments.unwrap_or_default());
                words
            }
            (None, Some(arguments)) => arguments,
        };
        if words.is_empty() {
            return None;
        }
        let image = image.unwrap_or_else(|| "image".to_owned());
        let option = "--command".to_owned();
        let front = spec.argv.iter().filter_map(|word| match word.as_str() {
            "$image" => Some(&image),
            "$command" => replaces.then_some(&option),
            _ => Some(word),
        });
        let all = front.chain(&words).map(|word| decode(word, holes, span)).collect();
        Some(InnerCommand::Argv {
            argv: all,
            assignments: Vec::new(),
            place: Place::Here,
            stdin_taken: true,
        })
    }
}

impl Resolver<'_> {
    /// Judges the commands of a manifest that a tool is given.
    pub(super) fn manifest(&mut self, spec: &KeySpec, text: &Word, outer: &Outer) {
        for command in under_keys(spec, text) {
            self.command_of(command, text.span, outer);
        }
    }

    /// What this text has put into a file.
    pub(super) fn text_of(&self, path: &Word, outer: &Outer) -> Option<Arc<Word>> {
        let absolute = super::files::absolute(path, &outer.cwd, self.ctx)?;
        match self.book.written(&absolute)? {
            Content::Text(text) => Some(Arc::clone(text)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{TABLE, ToolFile, about, ends_with, key};
    use crate::command::code;
    use crate::text::table;

    #[test]
    fn every_line_of_the_table_is_read_and_names_a_known_language() {
        for (_, json) in table::lines(&TABLE) {
            let files: Vec<ToolFile> = serde_json::from_str(json).unwrap();
            for file in files {
                assert!(!file.names.is_empty());
                let word = crate::model::Word::text("\u{f0000}", crate::model::Span::default());
                let known =
                    file.language.as_deref().is_none_or(|l| !code::find(l, &word, None).is_empty());
                assert!(known, "{file:?} names a language without a table");
                for pattern in &file.patterns {
                    assert!(regex_lite::Regex::new(&pattern.pattern).is_ok(), "{pattern:?}");
                }
            }
        }
    }

    #[test]
    fn files_are_known_by_the_end_of_their_path() {
        assert!(ends_with("/p/tests/conftest.py", "conftest.py"));
        assert!(ends_with("/p/.git/hooks/pre-push", ".git/hooks/*"));
        assert!(!ends_with("/p/hooks/pre-push", ".git/hooks/*"));
        assert!(ends_with("/v/site-packages/a.pth", "*.pth") && !ends_with("/v/.pth", "*.pth"));
        assert_eq!(key(".git/hooks/*"), "hooks/*");
        assert_eq!(key(".vscode/tasks.json"), "tasks.json");
        assert!(!about("/p/tests/conftest.py").is_empty());
        assert!(!about("/p/.git/hooks/pre-push").is_empty());
        assert!(about("/p/src/main.rs").is_empty() && about("/p/tasks.json").is_empty());
    }
}
