//! Grammars that rule files bring along, for tools that the tables lack.
//!
//! A grammar is written as a tree of names and turned into lines of the same
//! form as the built-in tables, so that every command line is read by the same
//! code.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::table::Level;
use super::{Reading, reader};
use crate::command::wrapper::{self, WrapperSpec};
use crate::model::Word;

/// What a tool's command line looks like. The keys of a subcommand are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spec {
    /// Options that take a value, attached (`--name=x`) or as the next word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Options whose value, if there is one, is always attached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// Options without a value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub switches: Vec<String>,
    /// The lists are complete: an option that is in none of them may or may not
    /// take the next word, and the command is read in both ways.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
    /// Long options have one dash (`-name`), and letters are never bundled.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub single_dash: bool,
    /// `--verb` stands for `--verbose` when no other option begins so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub abbreviations: bool,
    /// From this operand on (1 is the first) no word is an option any more, as
    /// for a tool that is given another program's command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stops_at: Option<u8>,
    /// Other names of this subcommand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The subcommands by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub subcommands: BTreeMap<String, Spec>,
}

/// The grammar of a rule file, ready to read command lines.
#[derive(Debug, Clone)]
pub enum Own {
    /// That of another tool, by its name in the built-in tables.
    Like(String),
    /// A table of its own.
    Table(String),
}

/// The name of the tool in its own table.
const ROOT: &str = "tool";

impl Own {
    /// Makes the table.
    #[must_use]
    pub fn new(spec: &Spec) -> Self {
        let mut lines = BTreeMap::new();
        add(spec, ROOT, &mut lines);
        let lines = lines.into_iter().map(|(path, fields)| format!("{path}\t{fields}\n"));
        Self::Table(lines.collect())
    }

    fn root(&self) -> Option<Level<'_>> {
        match self {
            Self::Like(tool) => Level::tool(tool),
            Self::Table(table) => Level::root(table, ROOT),
        }
    }

    /// Reads an argument vector, as [`super::read`] does by the tables.
    #[must_use]
    pub fn read(&self, argv: &[Word]) -> Vec<Reading> {
        reader::read(self.root(), argv)
    }

    /// All subcommand paths.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.root().map_or_else(Vec::new, |root| root.paths().map(str::to_owned).collect())
    }

    /// The options that may be given with a subcommand path, those of the paths
    /// above included.
    #[must_use]
    pub fn options(&self, path: &[&str]) -> Options {
        let Some(root) = self.root() else { return Options::default() };
        let mut found = options(root, path);
        // Who writes a rule beside the grammar writes down what the rule needs.
        found.whole |= matches!(self, Self::Table(_)) && !found.names.is_empty();
        found
    }
}

/// The options that a grammar lists for a subcommand path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Their names.
    pub names: Vec<String>,
    /// Nothing is missing: an option that is not here is not just a switch that
    /// nobody wrote down.
    pub whole: bool,
    /// The path has been followed to its end.
    pub arrived: bool,
}

/// The options of a tool that the built-in tables know.
#[must_use]
pub fn builtin_options(tool: &str, path: &[&str]) -> Options {
    Level::tool(tool).map_or_else(Options::default, |root| options(root, path))
}

/// The subcommand paths of a tool that the built-in tables know.
#[must_use]
pub fn builtin_paths(tool: &str) -> Vec<String> {
    let Some(root) = Level::tool(tool) else { return Vec::new() };
    // Where the subcommands stand under another tool's, as rules write them.
    let under = root.field('u').and_then(|under| under.split_once(' ')).map(|(_, path)| path);
    let full =
        |path: &str| under.map_or_else(|| path.to_owned(), |under| format!("{under} {path}"));
    root.paths().map(full).collect()
}

fn options(root: Level<'_>, path: &[&str]) -> Options {
    let mut found = Options { arrived: true, ..Options::default() };
    let mut level = root;
    let mut levels = vec![root];
    for word in path {
        let Some(child) = level.child(word, false) else {
            found.arrived = false;
            break;
        };
        level = child.level;
        levels.push(level);
    }
    // Tables made from a tool's own help list everything, and are marked so.
    let mut marked = levels.iter().filter(|level| level.has('f'));
    found.whole = marked.any(|level| level.has('t') || level.has('a'))
        && !level.has_children()
        // There a word with a dash may be something else than an option.
        && !root.has('m');
    found.names = levels.iter().flat_map(Level::options).map(str::to_owned).collect();
    if root.has('g') {
        // `--x` is `-x` there.
        let twice: Vec<String> = found.names.iter().map(|name| format!("-{name}")).collect();
        found.names.extend(twice);
    }
    found
}

/// Adds the lines of a node and everything below it. Names with blanks cannot be
/// met in a command line and would break the table; the checks refuse them.
fn add(spec: &Spec, path: &str, lines: &mut BTreeMap<String, String>) {
    let mut fields = Vec::new();
    for (letter, set) in [('a', spec.abbreviations), ('d', spec.single_dash), ('t', spec.complete)]
    {
        if set {
            fields.push(letter.to_string());
        }
    }
    if let Some(count) = spec.stops_at {
        fields.push(format!("w{count}"));
    }
    for (letter, list) in [('f', &spec.switches), ('q', &spec.optional), ('v', &spec.values)] {
        let names: Vec<&str> = list.iter().map(String::as_str).filter(|n| one_word(n)).collect();
        if !names.is_empty() {
            fields.push(format!("{letter}{}", names.join(" ")));
        }
    }
    lines.insert(path.to_owned(), fields.join("\t"));
    for (name, below) in spec.subcommands.iter().filter(|(name, _)| one_word(name)) {
        add(below, &format!("{path} {name}"), lines);
        for alias in below.aliases.iter().filter(|alias| one_word(alias)) {
            lines.entry(format!("{path} {alias}")).or_insert_with(|| format!("={name}"));
        }
    }
}

/// Whether a name can stand in a command line and in a table.
#[must_use]
pub fn one_word(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c <= ' ' || c == '\u{7f}')
}

/// What rule files say about command lines, asked for what the tables lack.
pub trait Tools {
    /// The grammar of a program.
    fn grammar(&self, program: &str) -> Option<Arc<Own>>;
    /// How a program is given the command that it starts.
    fn wrappers(&self, program: &str) -> Arc<[WrapperSpec]>;
}

/// Only what is built in.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltIn;

impl Tools for BuiltIn {
    fn grammar(&self, _: &str) -> Option<Arc<Own>> {
        None
    }

    fn wrappers(&self, program: &str) -> Arc<[WrapperSpec]> {
        wrapper::lookup(program)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Own, Spec, builtin_options, builtin_paths};
    use crate::command::grammar::Reading;
    use crate::model::{Span, Word};

    fn own() -> Own {
        let delete = serde_json::json!({"aliases": ["rm", "del"], "switches": ["--force", "-f"]});
        let cluster = serde_json::json!({
            "aliases": ["cl"],
            "values": ["--region"],
            "subcommands": {"delete": delete, "list": {}},
        });
        let spec = serde_json::json!({
            "values": ["--config", "-c"],
            "subcommands": {"cluster": cluster, "run": {"stops_at": 1, "switches": ["-q"]}},
        });
        Own::new(&serde_json::from_value(spec).unwrap())
    }

    fn read(line: &str) -> Reading {
        let words = line.split(' ').map(|word| Word::text(word, Span::default()));
        let mut readings = own().read(&words.collect::<Vec<_>>());
        assert_eq!(readings.len(), 1, "{line}");
        readings.pop().unwrap()
    }

    #[test]
    fn options_with_values_do_not_hide_the_subcommand() {
        for line in [
            "x --config delete cluster delete y",
            "x -c f cluster --region eu delete y",
            "x -cf cluster rm y",
            "x cl del -f y",
            "x cluster --config=z rm --force y",
        ] {
            let reading = read(line);
            assert_eq!(reading.subcommand, ["cluster", "delete"], "{line}");
            let operands: Vec<_> = reading.operands.iter().map(Word::display).collect();
            assert_eq!(operands, ["y"], "{line}");
        }
        assert_eq!(read("x --config cluster delete").subcommand.len(), 0);
        assert!(read("x frob").unknown_subcommand);
    }

    #[test]
    fn what_follows_where_options_stop_is_left_alone() {
        let reading = read("x run -q tool -q --config a");
        assert_eq!((reading.operands.len(), reading.options.len()), (4, 1));
    }

    #[test]
    fn options_are_those_of_the_path_and_above() {
        let options = own().options(&["cluster", "delete"]);
        assert_eq!(options.names, ["--config", "-c", "--region", "--force", "-f"]);
        assert!(options.whole && options.arrived);
        assert!(!own().options(&["nothing"]).arrived);
        assert!(
            builtin_options("kubectl", &["delete"]).names.iter().any(|o| o == "--grace-period")
        );
        assert!(builtin_paths("kubectl").iter().any(|path| path == "rollout undo"));
        assert!(builtin_paths("no-such-tool").is_empty());
        let like = Own::Like("kubectl".into());
        assert!(like.options(&["delete"]).arrived);
    }

    #[test]
    fn names_that_no_table_can_hold_are_left_out() {
        let mut spec = Spec { values: vec!["a b".into(), "--x\ty".into()], ..Spec::default() };
        spec.subcommands.insert("a\nb".into(), Spec::default());
        let Own::Table(table) = Own::new(&spec) else { unreachable!() };
        assert_eq!(table, "tool\t\n");
    }
}
