//! Look-ups in the embedded tables.
//!
//! A table is text: one line per command path (`git reset`), sorted by bytes,
//! key and fields parted by tabs. A line is found by binary search and read in
//! place, so that starting up costs nothing and a command costs the few lines
//! it names: nothing is parsed into memory, cached or locked.
//!
//! The first letter of a field says what it is; the letters are listed in
//! `examples/generate/grammars.rs`, which writes the tables.

use std::cmp::Ordering;

/// Options and subcommands of every known tool.
const GRAMMARS: &str = include_str!("../../../rules/generated/grammars.tsv");
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
    /// All words up to `;` or `+`.
    Until,
    /// None.
    Flag,
}

/// The option lists of a line and what they mean.
const LISTS: [(char, Arity); 5] = [
    ('v', Arity::Value),
    ('q', Arity::Optional),
    ('f', Arity::Flag),
    ('n', Arity::Number),
    ('x', Arity::Until),
];

/// One line of the grammar table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// The command path: `docker container run`.
    pub(super) path: &'static str,
    fields: &'static str,
}

impl Node {
    /// The field that starts with this letter, without the letter.
    pub(super) fn field(self, letter: char) -> Option<&'static str> {
        self.fields.split('\t').find_map(|field| field.strip_prefix(letter))
    }

    fn arity(self, name: &str) -> Option<Arity> {
        LISTS.into_iter().find_map(|(letter, arity)| {
            self.field(letter)?.split(' ').any(|option| option == name).then_some(arity)
        })
    }

    /// The subcommand of this name as written in the table, aliases unresolved.
    fn line(self, word: &str) -> Option<Self> {
        find(GRAMMARS, self.path, word).map(|(path, fields)| Self { path, fields })
    }
}

/// A command path with the path whose grammar it shares, if any.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    own: Node,
    like: Option<Node>,
}

/// A subcommand that was found.
pub(super) struct Child {
    /// Its name, aliases resolved.
    pub(super) name: &'static str,
    /// Its grammar.
    pub(super) level: Level,
}

impl Level {
    fn new(own: Node) -> Self {
        let like = own.field('~').and_then(by_path);
        Self { own, like }
    }

    /// The grammar of a tool.
    pub(super) fn tool(name: &str) -> Option<Self> {
        let node = by_path(name).filter(|node| !node.path.contains(' '))?;
        Some(Self::new(node))
    }

    /// The field that starts with this letter, of the path itself or of the
    /// path whose grammar it shares.
    pub(super) fn field(&self, letter: char) -> Option<&'static str> {
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
    pub(super) fn options_with_prefix<'a>(
        &self,
        prefix: &'a str,
    ) -> impl Iterator<Item = &'static str> + use<'a> {
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
        [Some(self.own), self.like].into_iter().flatten().any(|node| {
            let after = position(GRAMMARS, node.path, Some(""));
            line_at(GRAMMARS, after)
                .and_then(|line| line.strip_prefix(node.path))
                .is_some_and(|rest| rest.starts_with(' '))
        })
    }

    /// The subcommand that this word names, by name, alias or, where the tool
    /// takes them, unambiguous abbreviation.
    pub(super) fn child(&self, word: &str, abbreviations: bool) -> Option<Child> {
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
fn abbreviated(parent: Node, word: &str) -> Option<Node> {
    let mut from = position(GRAMMARS, parent.path, Some(word));
    let mut found: Option<Node> = None;
    while let Some(line) = line_at(GRAMMARS, from) {
        let (key, fields) = split(line);
        let name = key.strip_prefix(parent.path).and_then(|rest| rest.strip_prefix(' '));
        let Some(name) = name.filter(|name| name.starts_with(word)) else { break };
        if !name.contains(' ') {
            let node = Node { path: key, fields };
            let target = |n: Node| n.field('=').or_else(|| n.path.rsplit(' ').next());
            if found.is_some_and(|other| target(other) != target(node)) {
                return None;
            }
            found = Some(node);
        }
        from += line.len() + 1;
    }
    found
}

/// What `name` is another name of, if it is one.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    by_path(name)?.field('=')
}

/// Whether the grammar table has a tool of this name.
pub(super) fn is_tool(name: &str) -> bool {
    !name.contains(|c: char| c <= ' ') && by_path(name).is_some()
}

/// The fields of a line of the verb table.
pub(super) fn verbs(key: &str) -> Option<&'static str> {
    let at = position(VERBS, key, None);
    line_at(VERBS, at).map(split).filter(|(found, _)| *found == key).map(|(_, fields)| fields)
}

/// The class letters of one operation in the verb table.
pub(super) fn verb_of(tool: &str, operation: &str) -> Option<&'static str> {
    find(VERBS, tool, operation).map(|(_, fields)| fields)
}

fn by_path(path: &str) -> Option<Node> {
    let at = position(GRAMMARS, path, None);
    let (key, fields) = split(line_at(GRAMMARS, at)?);
    (key == path).then_some(Node { path: key, fields })
}

/// The line whose key is `parent`, a space and `word`.
fn find(table: &'static str, parent: &str, word: &str) -> Option<(&'static str, &'static str)> {
    let at = position(table, parent, Some(word));
    let (key, fields) = split(line_at(table, at)?);
    (compare(key, parent, Some(word)) == Ordering::Equal).then_some((key, fields))
}

fn split(line: &'static str) -> (&'static str, &'static str) {
    line.split_once('\t').unwrap_or((line, ""))
}

fn compare(key: &str, parent: &str, word: Option<&str>) -> Ordering {
    let tail = word.into_iter().flat_map(|word| std::iter::once(b' ').chain(word.bytes()));
    key.bytes().cmp(parent.bytes().chain(tail))
}

/// Byte offset of the first line whose key is not less than the one wanted.
fn position(table: &str, parent: &str, word: Option<&str>) -> usize {
    let bytes = table.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let before = bytes.get(low..middle).unwrap_or_default();
        let start = before.iter().rposition(|b| *b == b'\n').map_or(low, |n| low + n + 1);
        let line = table.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let key = line.split('\t').next().unwrap_or_default();
        if compare(key, parent, word) == Ordering::Less {
            low = start + line.len() + 1;
        } else {
            high = start;
        }
    }
    low
}

fn line_at(table: &'static str, at: usize) -> Option<&'static str> {
    table.get(at..)?.split('\n').next().filter(|line| !line.is_empty())
}
