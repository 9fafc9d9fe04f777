//! Walking through an argument vector.

use crate::model::{Certainty, Opt, Part, Word};

use super::table::Level;
use super::{MAX_READINGS, Reading, Role, classes, cloud};

/// How a tool finds its subcommands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// By the tree of the grammar table.
    Tree,
    /// Service and operation.
    Aws,
    /// Groups of the table, then the operation.
    Groups(&'static str),
    /// Plain words up to a telling verb.
    Words,
    /// Paths, then an expression.
    Find,
}

/// The state of one walk.
pub(super) struct Reader<'a> {
    pub(super) argv: &'a [Word],
    /// Grammar of the tool and of the subcommands met so far.
    pub(super) levels: Vec<Level<'a>>,
    pub(super) kind: Kind,
    pub(super) out: Reading,
    /// A subcommand may still come.
    pub(super) verb_open: bool,
    /// Option parsing is over.
    pub(super) verbatim: bool,
    /// Inside find's expression.
    pub(super) expression: bool,
    /// Operands since the last subcommand.
    operands: usize,
    /// An option that asks for help stands before any operand.
    pub(super) help_first: bool,
    /// Words before this index are taken already.
    skip_to: usize,
    /// For each doubtful option, whether it takes the next word.
    choices: usize,
    /// Doubtful options met.
    pub(super) doubts: usize,
}

/// See [`super::read`].
pub(super) fn read(root: Option<Level<'_>>, argv: &[Word]) -> Vec<Reading> {
    let first = Reader::new(root, argv, 0).run();
    let mut readings = vec![first.0];
    let mut doubts = first.1;
    let mut choices = 1;
    while choices < MAX_READINGS && doubts > 0 && choices < (1 << doubts.min(2)) {
        let (reading, met) = Reader::new(root, argv, choices).run();
        doubts = doubts.max(met);
        if !readings.contains(&reading) {
            readings.push(reading);
        }
        choices += 1;
    }
    // Where a tool has subcommands, a reading that does not arrive at one is an
    // error message; another reading that does is the one to judge.
    let arrives = |r: &Reading| !r.subcommand.is_empty() && !r.unknown_subcommand;
    if readings.len() > 1 && readings.iter().any(arrives) {
        readings.retain(arrives);
    }
    readings
}

/// Whether an option asks a tool to explain itself.
pub(super) fn is_help(name: &str) -> bool {
    matches!(name, "--help" | "--version" | "-help")
}

impl<'a> Reader<'a> {
    fn new(root: Option<Level<'a>>, argv: &'a [Word], choices: usize) -> Self {
        let kind = match root.and_then(|level| level.field('k')) {
            Some("aws") => Kind::Aws,
            Some("gcloud") => Kind::Groups("gcloud"),
            Some("az") => Kind::Groups("az"),
            Some("words") => Kind::Words,
            Some("find") => Kind::Find,
            _ => Kind::Tree,
        };
        let verb_open = match (kind, root) {
            (Kind::Tree, Some(level)) => level.has_children(),
            (Kind::Tree | Kind::Find, _) => false,
            _ => true,
        };
        let mut out = Reading { roles: vec![Role::Operand; argv.len()], ..Reading::default() };
        if let Some(under) = root.and_then(|level| level.field('u')) {
            out.subcommand.extend(under.split(' ').skip(1).map(str::to_owned));
        }
        Self {
            argv,
            levels: root.into_iter().collect(),
            kind,
            out,
            verb_open,
            verbatim: false,
            expression: false,
            operands: 0,
            help_first: false,
            skip_to: 0,
            choices,
            doubts: 0,
        }
    }

    /// The reading, and how many options were doubtful.
    fn run(mut self) -> (Reading, usize) {
        self.role(0, Role::Program);
        let mut at = 1;
        if self.has('o') && self.old_bundle() {
            at = self.bundle(1, 0);
        }
        while let Some(word) = self.argv.get(at) {
            at = self.word(at, word).max(self.skip_to);
        }
        self.final_help();
        if self.out.subcommand.as_slice() == [classes::ANY] {
            // Nothing came after it that could tell.
            self.out.certainty = self.out.certainty.max(Certainty::Shape);
            self.out.subcommand.clear();
        }
        self.out.class = self.class();
        self.out.help = self.asks_for_help();
        (self.out, self.doubts)
    }

    /// Whether the tool would only print its help or version. getopt stops at the
    /// first operand on many systems, and everywhere when `POSIXLY_CORRECT` is
    /// set: `rm -r dir --help` deletes there. Tools with subcommands have
    /// parsers of their own, which look at all words.
    fn asks_for_help(&self) -> bool {
        let own_parser = self.kind != Kind::Tree || (self.levels.len() > 1 && !self.has('a'));
        // Go's flag package, and the parser of HashiCorp's tools, know `-h`.
        let short = |name: &str| name == "-h" && self.has('g');
        let asks =
            |option: &Opt| option.value.is_none() && (is_help(&option.name) || short(&option.name));
        self.help_first || own_parser && self.out.options.iter().any(asks)
    }

    /// `aws SERVICE OPERATION help`: as a last word it is what `--help` is to
    /// other tools (AWS CLI user guide, "Accessing help").
    fn final_help(&mut self) {
        let last = self.out.operand_positions.last().copied();
        let ends = last.is_some_and(|at| at + 1 == self.argv.len());
        let help = self.out.operands.last().is_some_and(|word| word.as_static() == Some("help"));
        if self.kind != Kind::Aws || !ends || !help {
            return;
        }
        self.out.operand_positions.pop();
        if let (Some(word), Some(at)) = (self.out.operands.pop(), last) {
            self.role(at, Role::Option);
            let name = "--help".to_owned();
            self.out.options.push(Opt { name, value: None, known: true, span: word.span });
        }
    }

    /// Takes the word at `at`; returns the index of the next one.
    fn word(&mut self, at: usize, word: &'a Word) -> usize {
        if self.verbatim {
            self.operand(at, word);
            return at + 1;
        }
        if self.kind == Kind::Find {
            return self.find_word(at, word);
        }
        let head = leading_text(word);
        if head == "--" && word.parts.len() == 1 {
            self.role(at, Role::DashDash);
            self.out.dashdash = Some(at);
            return self.after_dashdash(at + 1);
        }
        let dashed = head.starts_with('-') && (head.len() > 1 || word.parts.len() > 1);
        if dashed && !(self.has('m') && self.is_mode(head)) {
            return self.option(at, word);
        }
        if head.len() > 1 && head.starts_with('+') && self.has('+') && self.plus_position() {
            return self.option(at, word);
        }
        self.plain(at, word);
        at + 1
    }

    /// `+x` is an option of shells anywhere, of other tools only before the
    /// subcommand (`cargo +nightly`).
    fn plus_position(&self) -> bool {
        self.levels.len() == 1 && (self.verb_open || self.has('w'))
    }

    fn after_dashdash(&mut self, from: usize) -> usize {
        for (at, word) in self.argv.iter().enumerate().skip(from) {
            if at < self.skip_to {
                continue;
            }
            // Tools that parse with getopt find their verb after `--` too.
            if self.verb_open { self.plain(at, word) } else { self.operand(at, word) }
        }
        self.argv.len()
    }

    /// A word that is no option: the next part of the subcommand, or an operand.
    fn plain(&mut self, at: usize, word: &'a Word) {
        if self.verb_open {
            match word.as_static() {
                None if cloud::unknown(self, at, word) => {
                    self.role(at, Role::Subcommand);
                    return;
                }
                None => {
                    self.out.certainty = self.out.certainty.max(Certainty::Shape);
                    self.verb_open = false;
                }
                Some(text) => {
                    if self.subcommand(at, text) {
                        self.role(at, Role::Subcommand);
                        return;
                    }
                    self.verb_open = false;
                    self.out.unknown_subcommand = self.levels.len() == 1 && !text.is_empty();
                }
            }
        }
        self.operand(at, word);
    }

    /// Whether `text` continues the subcommand; if so it is taken.
    fn subcommand(&mut self, at: usize, text: &str) -> bool {
        match self.kind {
            Kind::Tree => self.descend(text),
            _ => cloud::subcommand(self, at, text),
        }
    }

    /// One step down the tree of the grammar table.
    pub(super) fn descend(&mut self, text: &str) -> bool {
        let abbreviations = self.levels.first().is_some_and(|root| root.has('b'));
        let Some(level) = self.levels.last() else { return false };
        let Some(child) = level.child(text, abbreviations) else { return false };
        self.out.subcommand.push(child.name.to_owned());
        self.verb_open = child.level.has_children();
        self.levels.push(child.level);
        self.operands = 0;
        true
    }

    pub(super) fn operand(&mut self, at: usize, word: &Word) {
        if self.has('p')
            && let Some(option) = pair(word)
        {
            self.role(at, Role::Option);
            self.out.options.push(option);
            return;
        }
        self.role(at, Role::Operand);
        self.out.operands.push(word.clone());
        self.out.operand_positions.push(at);
        self.operands += 1;
        let stop = self.levels.last().and_then(|level| level.field('w'));
        if stop.and_then(|count| count.parse().ok()).is_some_and(|n: usize| self.operands >= n) {
            self.verbatim = true;
        }
    }

    pub(super) fn role(&mut self, at: usize, role: Role) {
        if let Some(slot) = self.out.roles.get_mut(at) {
            *slot = role;
        }
    }

    /// Says that all words up to this index are taken.
    pub(super) fn taken(&mut self, last: usize) {
        self.skip_to = last + 1;
    }

    /// Whether the grammar of the tool as a whole has a field.
    pub(super) fn has(&self, letter: char) -> bool {
        self.levels.first().is_some_and(|root| root.has(letter))
    }

    /// Whether this reading lets the next doubtful option take a word.
    pub(super) fn decide(&mut self) -> bool {
        let bit = self.doubts.min(1);
        self.doubts += 1;
        self.choices >> bit & 1 == 1
    }

    /// Marks that something unknown stands where it could change the subcommand.
    pub(super) fn unsure(&mut self) {
        if self.verb_open {
            self.out.certainty = self.out.certainty.max(Certainty::Shape);
        }
    }

    fn class(&self) -> Option<crate::model::OpClass> {
        if self.out.certainty != Certainty::Exact {
            return None;
        }
        let asks_help =
            |names: &[&str]| self.out.options.iter().any(|opt| names.contains(&opt.name.as_str()));
        match self.kind {
            Kind::Aws if asks_help(&["--generate-cli-skeleton"]) => Some(classes::class("r")),
            Kind::Aws => Some(classes::aws(&self.out.subcommand)),
            Kind::Groups(_) if asks_help(&["--help", "-h"]) => Some(classes::class("r")),
            Kind::Groups(tool) => Some(classes::by_last_word(tool, &self.out.subcommand)),
            Kind::Words => self.out.subcommand.last().and_then(|word| classes::verb("any", word)),
            Kind::Tree | Kind::Find => {
                let named = self.levels.iter().rev().find_map(|level| level.field('c'));
                named.map(classes::class)
            }
        }
    }
}

/// The known text at the beginning of a word.
pub(super) fn leading_text(word: &Word) -> &str {
    match word.parts.first() {
        Some(Part::Text(text)) => text,
        _ => "",
    }
}

/// `key=value` as dd takes its options: named `key=`.
fn pair(word: &Word) -> Option<Opt> {
    let Some(Part::Text(first)) = word.parts.first() else { return None };
    let (key, rest) = first.split_once('=')?;
    if key.is_empty() || !key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
        return None;
    }
    let mut value = Word { parts: Vec::new(), span: word.span };
    value.push_text(rest);
    value.parts.extend(word.parts.iter().skip(1).cloned());
    Some(Opt { name: format!("{key}="), value: Some(value), known: true, span: word.span })
}
