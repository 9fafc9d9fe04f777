//! Whether a rule applies to an invocation.

use std::{cell::RefCell, rc::Rc};

use super::flow::Flows;
use super::paths;
use super::schema::{
    At, EnvTest, Match, OperandTest, OptionTest, PathClass, Pattern, PlaceKind, RedirectKind,
    RedirectTest, Starts, StdinKind, StdinTest,
};
use super::sql::StatementClass;
use super::{LoadedFile, glob, sql};
use crate::command::grammar;
use crate::model::{
    Cause, Certainty, Context, Invocation, OpClass, Opt, Part, Place, RedirectOp, Stdin, Word,
    printed_by,
};

/// Programs that run whatever they read.
const SHELLS: &[&str] = &["bash", "csh", "dash", "fish", "ksh", "mksh", "sh", "tcsh", "zsh"];

/// Utilities without options that take a value, and so without a grammar
/// (POSIX.1-2024, XCU 4).
const PLAIN: &[&str] = &[
    ":",
    "basename",
    "bat",
    "cal",
    "cat",
    "cksum",
    "cmp",
    "col",
    "colordiff",
    "comm",
    "date",
    "delta",
    "diff-so-fancy",
    "difft",
    "dirname",
    "echo",
    "expr",
    "false",
    "groups",
    "hostname",
    "id",
    "jobs",
    "less",
    "ls",
    "md5sum",
    "more",
    "nl",
    "nproc",
    "printf",
    "pwd",
    "rev",
    "seq",
    "sha1sum",
    "sha256sum",
    "sleep",
    "sync",
    "tac",
    "test",
    "tput",
    "tr",
    "true",
    "tty",
    "uname",
    "uniq",
    "uptime",
    "wc",
    "whoami",
    "[",
];

/// Where the programs of the system lie. Elsewhere a name promises nothing.
const SYSTEM: &[&str] = &["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"];

/// How deep commands that start others are looked into.
const MOST_STARTED: usize = 4;

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

    /// See [`Starts::Known`].
    fn starts_known(&self) -> bool {
        let own = self.all.iter().position(|inv| std::ptr::eq(inv, self.invocation));
        own.is_some_and(|own| self.all_known(own, MOST_STARTED))
    }

    /// Whether an invocation starts others, and all of them are known.
    fn all_known(&self, index: usize, deep: usize) -> bool {
        let started = self.all.iter().enumerate();
        let mut started = started.filter(|(_, inv)| inv.parent == Some(index)).peekable();
        let known = |(index, inv): (usize, &Invocation)| {
            let tool = inv.program.as_deref().map(grammar::tool_name);
            let shell = tool.as_deref().is_some_and(|tool| SHELLS.contains(&tool));
            let path = inv.argv.first().and_then(Word::as_static).unwrap_or("/");
            let starts = self.all.iter().any(|inv| inv.parent == Some(index));
            inv.certainty == Certainty::Exact
                && !inv.disguised
                && (!path.contains('/') || SYSTEM.iter().any(|folder| path.starts_with(folder)))
                && (!starts || deep > 0 && self.all_known(index, deep - 1))
                && (!shell || inv.read || starts)
                && tool.is_some_and(|tool| PLAIN.contains(&tool.as_str()) || grammar::knows(&tool))
        };
        started.peek().is_some() && started.all(known)
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

    fn stdin(&self, test: &StdinTest, aim: Aim) -> bool {
        let stdin = &self.invocation.stdin;
        let file = match stdin {
            Stdin::File(word) => self.file_text(word),
            _ => None,
        };
        let kind = match stdin {
            Stdin::Inherited => StdinKind::Inherited,
            Stdin::Pipe(_) => StdinKind::Pipe,
            Stdin::File(_) if file.is_some() => StdinKind::Text,
            Stdin::File(_) => StdinKind::File,
            Stdin::Text(_) => StdinKind::Text,
        };
        let from = match stdin {
            Stdin::Pipe(upstream) => self.made_by(upstream, &test.from),
            Stdin::File(word) | Stdin::Text(word) => self.from(word, &test.from),
            Stdin::Inherited => false,
        };
        let input = self.invocation.input.as_deref().filter(|word| !word.has_hole());
        let known = match stdin {
            Stdin::Text(word) => !word.has_hole(),
            Stdin::Pipe(_) => input.is_some(),
            Stdin::File(_) | Stdin::Inherited => false,
        };
        let text = |pattern: &Pattern| match stdin {
            Stdin::Text(word) => self.written(pattern, word, aim),
            Stdin::Pipe(_) if let Some(word) = input => self.written(pattern, word, aim),
            Stdin::Pipe(upstream) => self.printed(upstream, pattern, aim),
            Stdin::File(_) => file.iter().flatten().any(|text| self.written(pattern, text, aim)),
            Stdin::Inherited => false,
        };
        (test.kind.is_empty() || test.kind.contains(&kind))
            && (test.from.is_empty() || from)
            && (test.only.is_empty() || self.only(&test.only))
            && (!test.secret || self.stdin_secret())
            && (!test.known || known)
            && test.text.as_ref().is_none_or(text)
    }

    /// Whether a text that is read looks like a pattern. One variable in a long
    /// text must not hide the rest of it from a regular expression, so there a
    /// placeholder stands for what is not known.
    fn written(&self, pattern: &Pattern, word: &Word, aim: Aim) -> bool {
        let only_regex = Pattern { regex: pattern.regex.clone(), ..Pattern::default() };
        if !word.has_hole() || *pattern != only_regex {
            return self.looks(pattern, word, aim);
        }
        self.looks(pattern, &fill(word), aim)
    }

    /// Whether all that is written into the pipe comes from these programs.
    fn only(&self, programs: &[String]) -> bool {
        let Stdin::Pipe(upstream) = &self.invocation.stdin else { return false };
        !upstream.is_empty()
            && upstream.iter().all(|i| {
                let inv = self.all.get(*i);
                inv.is_some_and(|inv| programs.iter().any(|words| starts_as(inv, words)))
            })
    }

    /// Text that an `echo` or `printf` upstream would write into the pipe, or a
    /// `cat` of a here-document.
    fn printed(&self, upstream: &[usize], pattern: &Pattern, aim: Aim) -> bool {
        upstream.iter().filter_map(|i| self.all.get(*i)).any(|inv| {
            let program = inv.program.as_deref();
            let passes = program == Some("cat") && inv.operands.iter().all(is_dash);
            match &inv.stdin {
                Stdin::Text(text) if passes => self.written(pattern, text, aim),
                _ => {
                    matches!(program, Some("echo" | "printf"))
                        && inv.operands.iter().any(|word| self.written(pattern, word, aim))
                }
            }
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

    /// Whether a word looks like a pattern.
    fn looks(&self, p: &Pattern, word: &Word, aim: Aim) -> bool {
        let filled = aim == Aim::Find || p.unknown == Some(true);
        (p.exact.is_empty() || exact(p, word))
            && (p.glob.is_empty() || globbed(p, word))
            && p.regex.as_deref().is_none_or(|regex| self.regex(regex, word, filled))
            && (p.path.is_empty() || self.lies(&p.path, word, aim))
            && (p.sql.is_empty() || self.sql(&p.sql, word))
            && (p.statement.is_empty() || self.statement(&p.statement, word))
            && p.unknown.is_none_or(|unknown| word.has_hole() == unknown)
            && (p.from.is_empty() || self.from(word, &p.from))
            && (!p.output || is_output(word))
            && (!p.printed || self.is_printed(word))
            && (!p.secret || self.secret(word))
            && p.written.as_ref().is_none_or(|written| {
                let contents = self.file_text(word).unwrap_or_default();
                contents.iter().any(|content| self.looks(written, content, aim))
            })
            && p.not.as_ref().is_none_or(|not| !self.looks(not, word, aim.turned()))
    }

    /// Whether a word is a path of one of these classes, by itself or through a
    /// link; an excuse needs both.
    fn lies(&self, classes: &[PathClass], word: &Word, aim: Aim) -> bool {
        let own = paths::judge(word, self.invocation.cwd.as_deref(), self.ctx).class;
        let own = classes.contains(&own);
        match self.behind_link(word).map(|class| classes.contains(&class)) {
            None => own,
            Some(behind) if aim == Aim::Find => own || behind,
            Some(behind) => own && behind,
        }
    }

    /// Whether a word is output of which all is known.
    fn is_printed(&self, word: &Word) -> bool {
        let [Part::Hole(hole)] = word.parts.as_slice() else { return false };
        let text = printed_by(&hole.from, |index| {
            let invocation = self.all.get(index)?;
            Some((&invocation.stdin, invocation.output.as_ref()))
        });
        text.is_some_and(|text| !text.has_hole())
    }

    /// With `filled` a placeholder stands for what is not known.
    fn regex(&self, pattern: &str, word: &Word, filled: bool) -> bool {
        let text = match (word.has_hole(), filled) {
            (false, _) => word.display(),
            (true, true) => fill(word).display(),
            (true, false) => return false,
        };
        self.file.regex(pattern).is_none_or(|regex| regex.is_match(&text))
    }

    fn sql(&self, patterns: &[String], word: &Word) -> bool {
        sql::statements(&sql_text(word)).iter().any(|statement| {
            patterns.iter().any(|p| self.file.regex(p).is_none_or(|r| r.is_match(statement)))
        })
    }

    fn statement(&self, classes: &[StatementClass], word: &Word) -> bool {
        let found = self.read.classes(&sql_text(word));
        found.iter().any(|class| classes.contains(class))
    }
}

/// `<(..)`, and nothing else.
fn is_output(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [Part::Hole(hole)] if hole.cause == Cause::ProcessSubstitution)
}

fn is_dash(word: &Word) -> bool {
    word.as_static() == Some("-")
}

/// The word with a placeholder for what is not known.
fn fill(word: &Word) -> Word {
    let mut known = Word { parts: Vec::new(), span: word.span };
    for part in &word.parts {
        match part {
            Part::Text(text) | Part::Glob(text) => known.push_text(text),
            Part::Hole(_) => known.push_text(sql::HOLE),
        }
    }
    known
}

/// SQL with holes is read with the holes as an unknown name, because the verb
/// usually stands in the known part.
fn sql_text(word: &Word) -> String {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Text(t) | Part::Glob(t) => text.push_str(t),
            Part::Hole(_) => text.push_str(sql::HOLE),
        }
    }
    text
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

fn exact(p: &Pattern, word: &Word) -> bool {
    if word.has_hole() {
        return false;
    }
    let text = word.display();
    p.exact.iter().any(
        |want| {
            if p.ignore_case { want.eq_ignore_ascii_case(&text) } else { *want == text }
        },
    )
}

/// Globs on a word with holes: the known beginning has to fit a pattern that
/// ends in `*`.
fn globbed(p: &Pattern, word: &Word) -> bool {
    let text = if word.has_hole() { word.known_prefix() } else { word.display() };
    p.glob.iter().any(|pattern| {
        if word.has_hole() && !pattern.ends_with('*') {
            return false;
        }
        glob::matches(pattern, &text, p.ignore_case)
    })
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
