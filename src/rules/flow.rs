//! What flows into a program from the others of the same command: secrets, and
//! the output of programs that rules name.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;

use super::links::Links;
use super::matching::{Scene, starts_as};
use super::schema::PathClass;
use super::secret_files::{self, Kept};
use super::{paths, secrets};
use crate::model::{CONTENT, Invocation, Part, RedirectOp, Stdin, Word};

/// What was found out about the programs of one command, so that it is found
/// out once, and how much may still be followed.
#[derive(Debug)]
pub struct Flows {
    secret: RefCell<BTreeMap<usize, bool>>,
    left: Cell<usize>,
    /// What the command writes, in order of the names.
    pub(super) kept: OnceCell<Vec<Kept>>,
    /// The links that the command makes.
    pub(super) links: OnceCell<Links>,
    /// How many copies of copies are being looked at.
    pub(super) depth: Cell<usize>,
}

impl Default for Flows {
    fn default() -> Self {
        Self {
            secret: RefCell::default(),
            left: Cell::new(Self::MAX),
            kept: OnceCell::new(),
            links: OnceCell::new(),
            depth: Cell::new(0),
        }
    }
}

impl Flows {
    /// Connections between programs that are followed for one command, some
    /// tens of milliseconds. Thousands of programs that all feed each other have
    /// more, and are taken for whatever a rule asks about.
    const MAX: usize = 1_000_000;
    /// Files that one command writes and that are remembered; with more, each is
    /// taken for one with secrets.
    pub(super) const MAX_FILES: usize = 4096;
    /// Copies of copies of a file that are followed; more are taken for secrets.
    pub(super) const MAX_DEPTH: usize = 32;

    /// Whether one more connection may be followed.
    pub(super) fn step(&self) -> bool {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }
}

impl Scene<'_> {
    /// Whether standard input carries secrets.
    pub(super) fn stdin_secret(&self) -> bool {
        match &self.invocation.stdin {
            Stdin::Pipe(upstream) => self.fed_by(upstream, &|at, inv| {
                secret_files::prints(inv) || self.reads_secret(at, inv)
            }),
            Stdin::File(word) => self.secret(word),
            Stdin::Text(_) | Stdin::Inherited => false,
        }
    }

    /// Whether a word names secrets or carries them.
    pub(super) fn secret(&self, word: &Word) -> bool {
        self.names_secret(word, self.invocation)
            || word.holes().any(|hole| {
                secrets::variable(&hole.source)
                    || hole.source.strip_prefix(CONTENT).is_some_and(secrets::named)
                    || self.fed_by(&hole.from, &|at, inv| self.reads_secret(at, inv))
            })
    }

    fn names_secret(&self, word: &Word, inv: &Invocation) -> bool {
        let mut text = word.display();
        // `~/.ssh` on another machine.
        if word.has_hole() {
            text = word.parts.iter().fold(String::new(), |mut text, part| {
                if let Part::Text(t) | Part::Glob(t) = part {
                    text.push_str(t);
                }
                text
            });
        }
        secrets::named(&text)
            || matches!(
                paths::judge(word, inv.cwd.as_deref(), self.ctx).class,
                PathClass::Home | PathClass::Root
            )
            || self.kept_secret(word)
    }

    /// Whether a command is given a file with secrets to read.
    pub(super) fn reads_secret(&self, index: usize, inv: &Invocation) -> bool {
        let known = self.flows.secret.borrow().get(&index).copied();
        known.unwrap_or_else(|| {
            // A file that is made from itself.
            self.flows.secret.borrow_mut().insert(index, false);
            let reads = self.is_given_secret(inv);
            self.flows.secret.borrow_mut().insert(index, reads);
            reads
        })
    }

    /// Most options with such a file (`--key`, `--kubeconfig`) only use it to log
    /// in somewhere.
    fn is_given_secret(&self, inv: &Invocation) -> bool {
        const READS: &[&str] = &["-in", "if=", "-C", "--directory", "--input"];
        let read = inv.redirects.iter().filter(|r| r.op == RedirectOp::Read);
        let given = inv.options.iter().filter(|opt| READS.contains(&opt.name.as_str()));
        inv.operands
            .iter()
            .chain(given.filter_map(|opt| opt.value.as_ref()))
            .chain(read.map(|redirect| &redirect.target))
            .any(|word| {
                self.names_secret(word, inv)
                    || word.holes().any(|hole| secrets::variable(&hole.source))
            })
    }

    pub(super) fn from(&self, word: &Word, programs: &[String]) -> bool {
        word.holes().any(|hole| self.made_by(&hole.from, programs))
    }

    /// Whether a file is read by this invocation, or by one that feeds it, if that
    /// is one of the programs.
    pub(super) fn reads(&self, file: &Word, programs: &[String]) -> bool {
        // By how they are written: parts also say how they were quoted. What is
        // known of an operand's beginning and end is not known of a target.
        let name = file.display();
        let same = |word: &Word| {
            word.display() == name
                || word.holes().any(|hole| !hole.source.is_empty() && hole.source == name)
        };
        let reads = |inv: &Invocation| {
            let given = inv.redirects.iter().filter(|r| r.op == RedirectOp::Read);
            let mut words = inv.operands.iter().chain(given.map(|redirect| &redirect.target));
            programs.iter().any(|program| starts_as(inv, program)) && words.any(same)
        };
        let upstream = match &self.invocation.stdin {
            Stdin::Pipe(from) => from.as_slice(),
            _ => &[],
        };
        reads(self.invocation) || self.fed_by(upstream, &|_, inv| reads(inv))
    }

    /// Whether one of these invocations, or anything that feeds it, is one of
    /// the programs. Each invocation is looked at once.
    pub(super) fn made_by(&self, sources: &[usize], programs: &[String]) -> bool {
        let listed = |_, inv: &Invocation| programs.iter().any(|program| starts_as(inv, program));
        self.fed_by(sources, &listed)
    }

    /// Whether one of these invocations, or anything that feeds it, is as wanted.
    pub(super) fn fed_by(
        &self,
        sources: &[usize],
        wanted: &dyn Fn(usize, &Invocation) -> bool,
    ) -> bool {
        if sources.is_empty() {
            return false;
        }
        let mut seen = vec![false; self.all.len()];
        let mut todo = sources.to_vec();
        while let Some(index) = todo.pop() {
            if !self.flows.step() {
                return true;
            }
            let (Some(inv), Some(seen)) = (self.all.get(index), seen.get_mut(index)) else {
                continue;
            };
            if std::mem::replace(seen, true) {
                continue;
            }
            if wanted(index, inv) {
                return true;
            }
            match &inv.stdin {
                Stdin::Pipe(upstream) => todo.extend(upstream),
                Stdin::File(word) | Stdin::Text(word) => {
                    todo.extend(word.holes().flat_map(|hole| &hole.from));
                }
                Stdin::Inherited => {}
            }
            todo.extend(inv.argv.iter().flat_map(Word::holes).flat_map(|hole| &hole.from));
        }
        false
    }
}
