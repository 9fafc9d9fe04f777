//! Look-ups in the embedded tables.
//!
//! A table is text: one line per command path (`git reset`), see [`super::lines`].
//! The first letter of a field says what it is; the letters are listed in
//! `examples/generate/grammars.rs`, which writes the tables.

use memchr::{memchr, memmem};

use super::lines::{Line, Table, find, line_at, position};
use crate::text::pieces::{Pieces, pieces};

/// Options and subcommands of every known tool.
static PIECES: Pieces = pieces!("grammars.tsv");
const GRAMMARS: Table<'static> = Table::Pieces(&PIECES);
/// Classes of operations by name.
const VERBS: &str = include_str!("../../../rules/generated/verbs.tsv");

/// How an option takes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    /// Attached or as the next word.
    Value,
    /// Only attached.
    Optional,
    /// Attached, or the next word if that is a number.
    Number,
    /// The next two words.
    Two,
    /// All words up to `;` or `+`.
    Until,
    /// None.
    Flag,
}

/// The option lists of a line and what they mean.
const LISTS: [(char, Arity); 6] = [
    ('v', Arity::Value),
    ('q', Arity::Optional),
    ('f', Arity::Flag),
    ('n', Arity::Number),
    ('2', Arity::Two),
    ('x', Arity::Until),
];

/// One line of a grammar table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    table: Table<'a>,
    /// The command path: `docker container run`.
    pub(super) path: &'a str,
    fields: &'a str,
    /// Byte offset of the line after this one, where the subcommands start.
    next: usize,
}

impl<'a> Node<'a> {
    fn new(table: Table<'a>, line: &Line<'a>) -> Self {
        Self { table, path: line.key, fields: line.fields, next: line.next }
    }

    /// The field that starts with this letter, without the letter.
    pub(super) fn field(self, letter: char) -> Option<&'a str> {
        let mut rest = self.fields;
        loop {
            let end = memchr(b'\t', rest.as_bytes()).unwrap_or(rest.len());
            let (field, after) = rest.split_at_checked(end)?;
            if let Some(value) = field.strip_prefix(letter) {
                return Some(value);
            }
            rest = after.get(1..)?;
        }
    }

    fn arity(self, name: &str) -> Option<Arity> {
        LISTS
            .into_iter()
            .find_map(|(letter, arity)| lists(self.field(letter)?, name).then_some(arity))
    }

    /// The subcommand of this name as written in the table, aliases unresolved.
    fn line(self, word: &str) -> Option<Self> {
        let line = find(self.table, self.next, self.path, Some(word))?;
        Some(Self::new(self.table, &line))
    }

    /// The lines of what stands below this path, however deep.
    fn below(self) -> impl Iterator<Item = Node<'a>> {
        let next = move |at: usize| {
            let line = line_at(self.table, at)?;
            line.key.strip_prefix(self.path).filter(|rest| rest.starts_with(' '))?;
            Some(Self::new(self.table, &line))
        };
        std::iter::successors(next(self.next), move |node| next(node.next))
    }

    fn has_children(self) -> bool {
        let next = line_at(self.table, self.next);
        let rest = next.and_then(|line| line.key.strip_prefix(self.path));
        rest.is_some_and(|rest| rest.starts_with(' '))
    }
}

/// Whether a list, parted by spaces, has this name. Lists are long and are asked
/// for every option of a command, so they are searched as a whole.
fn lists(list: &str, name: &str) -> bool {
    if name.is_empty() || name.contains(' ') {
        return false;
    }
    let list = list.as_bytes();
    memmem::find_iter(list, name).any(|at| {
        let before = at.checked_sub(1).and_then(|before| list.get(before));
        let after = list.get(at + name.len());
        [before, after].into_iter().flatten().all(|byte| *byte == b' ')
    })
}

/// A command path with the path whose grammar it shares, if any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level<'a> {
    own: Node<'a>,
    like: Option<Node<'a>>,
}

/// A subcommand that was found.
pub(super) struct Child<'a> {
    /// Its name, aliases resolved.
    pub(super) name: &'a str,
    /// Its grammar.
    pub(super) level: Level<'a>,
}

impl Level<'static> {
    /// The grammar of a tool.
    pub(super) fn tool(name: &str) -> Option<Self> {
        Self::of(GRAMMARS, name)
    }
}

impl<'a> Level<'a> {
    fn new(own: Node<'a>) -> Self {
        let like = own.field('~').and_then(|path| by_path(own.table, path));
        Self { own, like }
    }

    /// The grammar of a tool by any table.
    pub(super) fn root(table: &'a str, name: &str) -> Option<Self> {
        Self::of(Table::Whole(table), name)
    }

    fn of(table: Table<'a>, name: &str) -> Option<Self> {
        let node = by_path(table, name).filter(|node| !node.path.contains(' '))?;
        Some(Self::new(node))
    }

    /// Every option that is listed here.
    pub(super) fn options(&self) -> impl Iterator<Item = &'a str> {
        self.options_with_prefix("")
    }

    /// The paths of all subcommands below, without the tool's own name. An
    /// alias is left out.
    pub(super) fn paths(&self) -> impl Iterator<Item = &'a str> {
        let root = self.own.path;
        let below = self.own.below().filter(|node| node.field('=').is_none());
        below.filter_map(move |node| node.path.get(root.len() + 1..))
    }

    /// The field that starts with this letter, of the path itself or of the
    /// path whose grammar it shares.
    pub(super) fn field(&self, letter: char) -> Option<&'a str> {
        self.own.field(letter).or_else(|| self.like?.field(letter))
    }

    /// Whether the field is there.
    pub(super) fn has(&self, letter: char) -> bool {
        self.field(letter).is_some()
    }

    /// How an option of exactly this name takes its value.
    pub(super) fn arity(&self, name: &str) -> Option<Arity> {
        self.own.arity(name).or_else(|| self.like?.arity(name))
    }

    /// The options that start with this text.
    pub(super) fn options_with_prefix<'p>(
        &self,
        prefix: &'p str,
    ) -> impl Iterator<Item = &'a str> + use<'a, 'p> {
        [Some(self.own), self.like].into_iter().flatten().flat_map(move |node| {
            LISTS
                .into_iter()
                .filter_map(move |(letter, _)| node.field(letter))
                .flat_map(|list| list.split(' '))
                .filter(move |option| option.starts_with(prefix))
        })
    }

    /// Whether there are subcommands.
    pub(super) fn has_children(&self) -> bool {
        self.own.has_children() || self.like.is_some_and(Node::has_children)
    }

    /// The subcommand that this word names, by name, alias or, where the tool
    /// takes them, unambiguous abbreviation.
    pub(super) fn child(&self, word: &str, abbreviations: bool) -> Option<Child<'a>> {
        if word.is_empty() || word.contains(|c: char| c <= ' ') {
            return None;
        }
        [Some(self.own), self.like].into_iter().flatten().find_map(|parent| {
            let mut node = parent.line(word);
            if node.is_none() && abbreviations {
                node = abbreviated(parent, word);
            }
            let mut node = node?;
            if let Some(name) = node.field('=') {
                node = parent.line(name)?;
            }
            let name = node.path.rsplit(' ').next()?;
            Some(Child { name, level: Self::new(node) })
        })
    }
}

/// The only subcommand that starts with `word`.
fn abbreviated<'a>(parent: Node<'a>, word: &str) -> Option<Node<'a>> {
    let table = parent.table;
    let from = position(table, parent.next, parent.path, Some(word));
    let mut line = line_at(table, from);
    let mut found: Option<Node<'a>> = None;
    while let Some(Line { key, fields, next }) = line {
        let name = key.strip_prefix(parent.path).and_then(|rest| rest.strip_prefix(' '));
        let Some(name) = name.filter(|name| name.starts_with(word)) else { break };
        if !name.contains(' ') {
            let node = Node { table, path: key, fields, next };
            let target = |n: Node<'a>| n.field('=').or_else(|| n.path.rsplit(' ').next());
            if found.is_some_and(|other| target(other) != target(node)) {
                return None;
            }
            found = Some(node);
        }
        line = line_at(table, next);
    }
    found
}

/// The name of the tool that a program name stands for, if there is one.
pub(super) fn tool(name: &str) -> Option<&str> {
    if name.contains(|c: char| c <= ' ') {
        return None;
    }
    let node = by_path(GRAMMARS, name)?;
    Some(node.field('=').unwrap_or(node.path))
}

/// Whether the grammar table has a tool of this name.
pub(super) fn is_tool(name: &str) -> bool {
    tool(name).is_some()
}

/// The fields of a line of the verb table.
pub(super) fn verbs(key: &str) -> Option<&'static str> {
    find(Table::Whole(VERBS), 0, key, None).map(|line| line.fields)
}

/// The class letters of one operation in the verb table.
pub(super) fn verb_of(tool: &str, operation: &str) -> Option<&'static str> {
    find(Table::Whole(VERBS), 0, tool, Some(operation)).map(|line| line.fields)
}

/// The class letters of all operations of a tool that end in this name.
pub(super) fn operations_named(tool: &str, name: &str) -> impl Iterator<Item = &'static str> {
    VERBS.lines().filter_map(move |line| {
        let (key, code) = line.split_once('\t')?;
        let rest = key.strip_prefix(tool)?.strip_prefix(' ')?;
        rest.rsplit(' ').next().filter(|last| *last == name).map(|_| code)
    })
}

fn by_path<'a>(table: Table<'a>, path: &str) -> Option<Node<'a>> {
    let line = find(table, 0, path, None)?;
    Some(Node::new(table, &line))
}

#[cfg(test)]
mod tests {
    use super::{GRAMMARS, by_path, lists};
    use crate::command::grammar::lines::{Line, find, line_at};

    /// A line is found by its path, and the lines in their order, wherever the
    /// build script cut the table.
    #[test]
    fn the_pieces_are_the_whole_table() {
        let whole = include_str!("../../../rules/generated/grammars.tsv");
        let mut at = 0;
        for text in whole.lines() {
            let (key, fields) = text.split_once('\t').unwrap_or((text, ""));
            let (here, found) = (line_at(GRAMMARS, at), find(GRAMMARS, 0, key, None));
            assert_eq!(here.as_ref().map(|line| line.next), Some(at + text.len() + 1), "{key}");
            // Some lines are there twice.
            let same = |line: Line<'_>| (line.key, line.fields) == (key, fields);
            assert!(here.is_some_and(same) && found.is_some_and(same), "{key}");
            let parts = key.rsplit_once(' ').filter(|_| !key.starts_with('#'));
            // Some levels have no line.
            let parent = parts.and_then(|(parent, name)| Some((by_path(GRAMMARS, parent)?, name)));
            if let Some((parent, name)) = parent {
                assert_eq!(parent.line(name).map(|node| node.path), Some(key));
            }
            at += text.len() + 1;
        }
        assert!(line_at(GRAMMARS, at).is_none());
    }

    #[test]
    fn a_list_has_whole_names_only() {
        for (list, name, has) in [
            ("-r --recursive", "-r", true),
            ("--recursive -r", "-r", true),
            ("-a -r --x", "-r", true),
            ("--recursive --no-r", "-r", false),
            ("-rf", "-r", false),
            ("-a -r", "-a -r", false),
            ("-a", "", false),
            ("", "-a", false),
        ] {
            assert_eq!(lists(list, name), has, "{name:?} in {list:?}");
        }
    }
}
