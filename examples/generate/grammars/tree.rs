//! The tree of a tool's command line, and its lines in the table.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Tools, or subcommands, by name.
pub(super) type Nodes = BTreeMap<String, Node>;

/// A tool or subcommand. Fields as in `rules/grammar-extra.yaml`.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// Letter of the list each option stands in.
    pub(super) options: BTreeMap<String, char>,
    /// Fields other than options, by letter.
    pub(super) fields: BTreeMap<char, String>,
    pub(super) subcommands: Nodes,
}

/// A [`Node`] as written in YAML.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    v: String,
    q: String,
    n: String,
    f: String,
    two: String,
    until: String,
    s: BTreeMap<String, Written>,
    alias: Option<String>,
    like: Option<String>,
    under: Option<String>,
    w: Option<u8>,
    class: Option<String>,
    end: Option<String>,
    kind: Option<String>,
    abbr: bool,
    total: bool,
    local: bool,
    dash1: bool,
    go: bool,
    old: bool,
    prefix: bool,
    plus: bool,
    mode: bool,
    pairs: bool,
}

impl Node {
    /// Puts options into a list, out of any other.
    pub(super) fn list(&mut self, letter: char, options: &str) {
        for option in options.split_whitespace() {
            self.options.insert(option.to_owned(), letter);
        }
    }

    /// The node at a path below this one, made if it is missing.
    pub(super) fn at<'a>(&mut self, path: impl IntoIterator<Item = &'a str>) -> &mut Self {
        path.into_iter()
            .fold(self, |node, word| node.subcommands.entry(word.to_owned()).or_default())
    }

    /// Lays what was written over this node; what was written wins.
    pub(super) fn overlay(&mut self, written: &Written) {
        let lists = [
            ('v', &written.v),
            ('q', &written.q),
            ('n', &written.n),
            ('f', &written.f),
            ('2', &written.two),
            ('x', &written.until),
        ];
        // An option that is in two lists by accident belongs to the stricter.
        for (letter, options) in lists.into_iter().rev() {
            self.list(letter, options);
        }
        if let Some(alias) = &written.alias {
            *self = Self::default();
            self.fields.insert('=', alias.clone());
        } else if self.fields.contains_key(&'=') {
            self.fields.remove(&'=');
        }
        let texts = [
            ('~', &written.like),
            ('u', &written.under),
            ('c', &written.class),
            ('e', &written.end),
            ('k', &written.kind),
        ];
        for (letter, text) in texts {
            if let Some(text) = text {
                self.fields.insert(letter, text.clone());
            }
        }
        match written.w {
            Some(0) => drop(self.fields.remove(&'w')),
            Some(count) => drop(self.fields.insert('w', count.to_string())),
            None => {}
        }
        let marks = [
            ('a', written.abbr),
            ('t', written.total),
            ('l', written.local),
            ('d', written.dash1),
            ('g', written.go),
            ('o', written.old),
            ('b', written.prefix),
            ('+', written.plus),
            ('m', written.mode),
            ('p', written.pairs),
        ];
        for (letter, set) in marks {
            if set {
                self.fields.insert(letter, String::new());
            }
        }
        for (name, below) in &written.s {
            self.subcommands.entry(name.clone()).or_default().overlay(below);
        }
    }

    /// Calls `change` on this node and all below.
    pub(super) fn each(&mut self, change: &mut impl FnMut(&mut Self)) {
        change(self);
        for below in self.subcommands.values_mut() {
            below.each(change);
        }
    }

    fn lines(&self, path: &str, out: &mut Vec<String>) {
        let mut fields = Vec::new();
        for (letter, text) in &self.fields {
            fields.push(format!("{letter}{text}"));
        }
        for letter in ['2', 'f', 'n', 'q', 'v', 'x'] {
            let names: Vec<&str> = self
                .options
                .iter()
                .filter(|(_, list)| **list == letter)
                .map(|(name, _)| name.as_str())
                .collect();
            if !names.is_empty() {
                fields.push(format!("{letter}{}", names.join(" ")));
            }
        }
        out.push(format!("{path}\t{}", fields.join("\t")).trim_end().to_owned());
        for (name, below) in &self.subcommands {
            below.lines(&format!("{path} {name}"), out);
        }
    }
}

/// The table, sorted.
pub(super) fn lines(tools: &Nodes) -> String {
    let mut out = Vec::new();
    for (name, node) in tools {
        node.lines(name, &mut out);
    }
    out.sort();
    format!(
        "# Generated from public facts and rules/grammar-*.yaml; do not edit.\n{}\n",
        out.join("\n")
    )
}
