//! Whether a rule applies to an invocation.

mod pattern;
mod started;
mod stdin;

use std::{cell::RefCell, rc::Rc};

use super::flow::Flows;
use super::paths;
use super::schema::{
    At, EnvTest, Match, OperandTest, OptionTest, PathClass, PlaceKind, RedirectKind, RedirectTest,
    Starts,
};
use super::sql::StatementClass;
use super::{LoadedFile, glob, sql};
use crate::model::{Context, Invocation, OpClass, Opt, Place, RedirectOp, Word};

/// Everything that a condition may look at.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The invocation in question.
    pub invocation: &'a Invocation,
    /// All invocations of the command, for what flows in from others.
    pub all: &'a [Invocation],
    /// The surroundings.
    pub ctx: &'a Context,
    /// The rule file, for its compiled patterns.
    pub file: &'a LoadedFile,
    /// SQL that was classified for an earlier rule.
    pub read: &'a ReadSql,
    /// What was found out for another program of the same command.
    pub flows: &'a Flows,
}

/// SQL texts with their classes: most rules of a file ask about the same text.
#[derive(Debug, Default)]
pub struct ReadSql(RefCell<Vec<(String, Rc<[StatementClass]>)>>);

impl ReadSql {
    /// Texts that are kept; more are read again.
    const KEPT: usize = 8;

    fn classes(&self, text: &str) -> Rc<[StatementClass]> {
        if let Some((_, classes)) = self.0.borrow().iter().find(|(known, _)| known == text) {
            return Rc::clone(classes);
        }
        let classes: Rc<[StatementClass]> = sql::classes(text).into();
        let mut known = self.0.borrow_mut();
        if known.len() < Self::KEPT {
            known.push((text.to_owned(), Rc::clone(&classes)));
        }
        classes
    }
}

/// What a condition is for, which decides about words of which a part is not
/// known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// It finds a danger: what the known parts say counts.
    Find,
    /// It excuses one: only what is certain counts.
    Excuse,
}

impl Aim {
    /// The aim of what is turned round.
    const fn turned(self) -> Self {
        match self {
            Self::Find => Self::Excuse,
            Self::Excuse => Self::Find,
        }
    }
}

impl Scene<'_> {
    /// Whether all conditions of a match hold.
    #[must_use]
    pub fn fits(&self, m: &Match) -> bool {
        self.holds(m, Aim::Find)
    }

    fn holds(&self, m: &Match, aim: Aim) -> bool {
        self.program(&m.program)
            && self.subcommand(&m.subcommand)
            && (m.class.is_empty()
                || self.invocation.class.is_some_and(|class| m.class.contains(&class)))
            && m.options.iter().all(|test| self.option(test, aim))
            && m.operands.iter().all(|test| self.operand(test, aim))
            && m.redirects.iter().all(|test| self.redirect(test, aim))
            && m.stdin.as_ref().is_none_or(|test| self.stdin(test, aim))
            && (m.place.is_empty() || m.place.contains(&place_kind(&self.invocation.place)))
            && (m.folder.is_empty() || m.folder.contains(&self.folder()))
            && m.env.iter().all(|test| self.env(test, aim))
            && m.starts.is_none_or(|Starts::Known| self.starts_known())
            && (m.any.is_empty() || m.any.iter().any(|inner| self.holds(inner, aim)))
            && !m.none.iter().any(|inner| self.holds(inner, aim.turned()))
    }

    /// The class of the working directory.
    fn folder(&self) -> PathClass {
        let here = Word::text(".", self.invocation.span);
        paths::judge(&here, self.invocation.cwd.as_deref(), self.ctx).class
    }

    fn program(&self, names: &[String]) -> bool {
        names.is_empty()
            || self
                .invocation
                .program
                .as_deref()
                .is_some_and(|program| names.iter().any(|name| glob::matches(name, program, false)))
    }

    fn subcommand(&self, paths: &[String]) -> bool {
        if paths.is_empty() {
            return true;
        }
        let have = &self.invocation.subcommand;
        // A tool without a grammar has its subcommands among the operands.
        let plain = self.invocation.operands.iter().map_while(Word::as_static);
        let have: Vec<&str> = have.iter().map(String::as_str).chain(plain).take(6).collect();
        paths.iter().any(|path| {
            let mut have = have.iter();
            path.split(' ').all(|want| {
                have.next()
                    .is_some_and(|word| want.split('|').any(|one| glob::matches(one, word, false)))
            })
        })
    }

    fn option(&self, test: &OptionTest, aim: Aim) -> bool {
        let aim = if test.none.is_empty() { aim } else { aim.turned() };
        let fits = |opt: &Opt| {
            let is = match &test.value {
                None => switched_on(opt),
                Some(pattern) => {
                    opt.value.as_ref().is_some_and(|value| self.looks(pattern, value, aim))
                }
            };
            is && !(aim == Aim::Excuse && self.taken_back(opt))
        };
        let present = |names: &[String]| {
            self.invocation.options_named(names).any(fits)
                || self.invocation.options_perhaps(names).any(fits)
        };
        if !test.any.is_empty() {
            return present(&test.any);
        }
        if !test.all.is_empty() {
            return test.all.iter().all(|name| present(std::slice::from_ref(name)));
        }
        // What would excuse has to be certain: the last occurrence counts, and
        // its value must be known, or at least not one that turns it off.
        let last = self.invocation.options_named(&test.none).last();
        let doubtful =
            |value: &Word| value.has_hole() && (test.value.is_some() || could_switch_off(value));
        !last.is_some_and(|opt| fits(opt) && !opt.value.as_ref().is_some_and(doubtful))
    }

    /// Whether `--no-NAME` stands on the line as well.
    fn taken_back(&self, opt: &Opt) -> bool {
        let Some(name) = opt.name.strip_prefix("--") else { return false };
        let other = |other: &Opt| other.name.strip_prefix("--no-") == Some(name);
        self.invocation.options.iter().any(other)
    }

    fn operand(&self, test: &OperandTest, aim: Aim) -> bool {
        let aim = if test.at == At::None { aim.turned() } else { aim };
        let operands = &self.invocation.operands;
        let count_fits = test.min.is_none_or(|min| operands.len() >= min)
            && test.max.is_none_or(|max| operands.len() <= max);
        let Some(pattern) = &test.is else {
            let there = match test.at {
                At::None => operands.is_empty(),
                At::Any if test.min.is_some() || test.max.is_some() => true,
                At::Any | At::All | At::First | At::Last => !operands.is_empty(),
                At::Second | At::Rest => operands.len() > 1,
                At::Third => operands.len() > 2,
            };
            return count_fits && there;
        };
        let fits = |word: &Word| self.looks(pattern, word, aim);
        count_fits
            && match test.at {
                At::Any => operands.iter().any(fits),
                At::All => !operands.is_empty() && operands.iter().all(fits),
                At::None => !operands.iter().any(fits),
                At::First => operands.first().is_some_and(fits),
                At::Second => operands.get(1).is_some_and(fits),
                At::Third => operands.get(2).is_some_and(fits),
                At::Last => operands.last().is_some_and(fits),
                At::Rest => operands.iter().skip(1).any(fits),
            }
    }

    fn redirect(&self, test: &RedirectTest, aim: Aim) -> bool {
        self.invocation.redirects.iter().any(|redirect| {
            let kind = redirect_kind(redirect.op);
            (test.op.is_empty() || kind.is_some_and(|kind| test.op.contains(&kind)))
                && test.target.as_ref().is_none_or(|p| self.looks(p, &redirect.target, aim))
                && (test.read_by.is_empty() || self.reads(&redirect.target, &test.read_by))
        })
    }

    fn env(&self, test: &EnvTest, aim: Aim) -> bool {
        let inv = self.invocation;
        let assigned = inv.assignments.iter().chain(inv.exported.iter());
        let named = |name: &str| {
            test.name.iter().any(|want| match want.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => want == name,
            })
        };
        let assigned = assigned.filter(|a| named(&a.name));
        let mut values: Vec<Word> = assigned.map(|a| a.value.clone()).collect();
        if values.is_empty() {
            let known = test.name.iter().filter_map(|name| self.ctx.vars.get(name));
            values.extend(known.map(|value| Word::text(value.as_str(), self.invocation.span)));
        }
        values.iter().any(|value| test.is.as_ref().is_none_or(|p| self.looks(p, value, aim)))
    }
}

/// Whether an invocation begins with these words: program, then subcommand or
/// operands. `@CLASS` stands for every operation of that class; `... WORD` at
/// the end for an operand anywhere.
pub(super) fn starts_as(inv: &Invocation, words: &str) -> bool {
    if let Some(name) = words.strip_prefix('@') {
        return inv.class.is_some_and(|class| class_name(class) == name);
    }
    let (words, anywhere) = match words.split_once(" ... ") {
        Some((words, anywhere)) => (words, Some(anywhere)),
        None => (words, None),
    };
    let operands = inv.operands.iter().map_while(Word::as_static);
    let have = inv.program.iter().chain(&inv.subcommand).map(String::as_str).chain(operands);
    let mut have = have;
    words.split(' ').all(|want| have.next().is_some_and(|word| glob::matches(want, word, false)))
        && anywhere.is_none_or(|want| {
            if want.starts_with('-') {
                return inv.options.iter().any(|opt| glob::matches(want, &opt.name, false));
            }
            let mut words = inv.operands.iter().filter_map(Word::as_static);
            words.any(|word| glob::matches(want, word, false))
        })
}

/// The name of a class as rules write it.
const fn class_name(class: OpClass) -> &'static str {
    match class {
        OpClass::Read => "read",
        OpClass::ReadSecret => "read-secret",
        OpClass::Create => "create",
        OpClass::Modify => "modify",
        OpClass::Disrupt => "disrupt",
        OpClass::Delete => "delete",
        OpClass::Execute => "execute",
        OpClass::Access => "access",
        OpClass::Local => "local",
        OpClass::Unknown => "unknown",
    }
}

/// An option that is there and not turned off by its value.
fn switched_on(opt: &Opt) -> bool {
    let Some(value) = opt.value.as_ref().and_then(Word::as_static) else { return true };
    !OFF.contains(&value.to_ascii_lowercase().as_str())
}

/// Values that turn a switch off.
const OFF: [&str; 5] = ["false", "none", "no", "0", "off"];

/// Whether a value with a hole could be one of those.
fn could_switch_off(value: &Word) -> bool {
    let known = value.known_prefix().to_ascii_lowercase();
    OFF.iter().any(|off| off.starts_with(&known))
}

const fn place_kind(place: &Place) -> PlaceKind {
    match place {
        Place::Here => PlaceKind::Here,
        Place::AsUser(_) => PlaceKind::AsUser,
        Place::Container(_) => PlaceKind::Container,
        Place::Remote(_) => PlaceKind::Remote,
        Place::Chroot(_) => PlaceKind::Chroot,
    }
}

const fn redirect_kind(op: RedirectOp) -> Option<RedirectKind> {
    match op {
        RedirectOp::Write | RedirectOp::Clobber | RedirectOp::WriteBoth => {
            Some(RedirectKind::Truncate)
        }
        RedirectOp::Append | RedirectOp::AppendBoth => Some(RedirectKind::Append),
        RedirectOp::Read | RedirectOp::HereDocument | RedirectOp::HereString => {
            Some(RedirectKind::Read)
        }
        RedirectOp::ReadWrite => None,
    }
}
