//! Which variables hold a known value at a point of the text.
//!
//! A value is kept only while it is certain: what a branch, loop, function or
//! subshell assigns is unknown after it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::limits;
use crate::model::Part;

/// What is known about a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Text and holes, in order; empty for the empty string.
    Scalar(Vec<Part>),
    /// The elements of an indexed array without gaps.
    Array(Vec<Vec<Part>>),
    /// An associative array: keys and elements, in the order of the text. The
    /// order in which a shell lists them is its own.
    Map(Vec<(String, Vec<Part>)>),
    /// One of these, of which each is [`Self::Scalar`] or [`Self::Unknown`].
    Either(Vec<Value>),
    /// Anything.
    Unknown,
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        if text.is_empty() {
            Self::Scalar(Vec::new())
        } else {
            Self::Scalar(vec![Part::Text(text.to_owned())])
        }
    }

    /// The exact text of a scalar, or of the first element of an array.
    pub(super) fn as_static(&self) -> Option<&str> {
        let parts = match self {
            Self::Scalar(parts) => parts,
            Self::Array(elements) => elements.first()?,
            Self::Map(_) | Self::Either(_) | Self::Unknown => return None,
        };
        match parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// What it may be, when that is few.
    fn each(&self) -> Option<Vec<Self>> {
        match self {
            Self::Either(values) => Some(values.clone()),
            Self::Scalar(_) | Self::Unknown => Some(vec![self.clone()]),
            Self::Array(_) | Self::Map(_) => None,
        }
    }

    /// One of two values, unless that are too many or none of them is known.
    pub(super) fn or(self, other: &Self) -> Option<Self> {
        if self == *other {
            return Some(self);
        }
        let mut values = self.each()?;
        for value in other.each()? {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        (values.len() <= limits::MAX_CHOICES).then_some(Self::Either(values))
    }
}

/// The field separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Separators {
    Known(String),
    Unknown,
}

/// The separators of a fresh shell.
pub(super) const DEFAULT_SEPARATORS: &str = " \t\n";

/// Behind the name of a function that is in force: no variable has such a name.
pub(super) const IN_FORCE: &str = "()";

/// Variables whose value the shell makes, whatever was assigned.
const DYNAMIC: &[&str] = &[
    "BASHPID",
    "BASH_COMMAND",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "FUNCNAME",
    "GROUPS",
    "LINENO",
    "OPTARG",
    "OPTIND",
    "PIPESTATUS",
    "PPID",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SRANDOM",
    "UID",
    "EUID",
    "_",
    "DIRSTACK",
    "HISTCMD",
];

/// Variables that a shell of people or agents practically always has.
const ALWAYS_SET: &[&str] = &[
    "HOME", "HOSTNAME", "IFS", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL", "TERM", "USER",
];

/// The variables at one point.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: HashMap<String, Value>,
    /// Names with attributes (`-i`, `-u`, `-n`, read-only): never known again.
    pinned: HashSet<String>,
    /// Earlier values, newest last, for merging after a branch.
    log: Vec<(String, Option<Value>)>,
    /// The positional parameters from `$1` on, when all are known.
    /// Shared, because every scope remembers them.
    positional: Option<Arc<Vec<Vec<Part>>>>,
    /// `$0`, when it is known.
    called: Option<Vec<Part>>,
    /// Names that may have been arrays.
    arrays: HashSet<String>,
    /// Everything was forgotten once: any name may have a value.
    wiped: bool,
    /// Variables change behind the back of the text (a trap, a reference).
    volatile: bool,
    /// Some variable had one of several values.
    choices: bool,
    /// Variables looked through since this was last asked for.
    looked_at: usize,
}

/// A point to merge back to.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    log: usize,
    positional: Option<Arc<Vec<Vec<Part>>>>,
}

impl Variables {
    pub(super) fn new() -> Self {
        let mut new = Self::default();
        new.values.insert("IFS".to_owned(), Value::text(DEFAULT_SEPARATORS));
        new
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        let known = |value: &&Value| !matches!(value, Value::Unknown | Value::Either(_));
        self.values.get(name).filter(|value| known(value) && !self.volatile)
    }

    /// The values of which a variable holds one.
    pub(super) fn choices(&self, name: &str) -> Option<&[Value]> {
        match self.values.get(name)? {
            Value::Either(values) if !self.volatile => Some(values),
            _ => None,
        }
    }

    /// Whether some variable may hold one of several values.
    pub(super) fn has_choices(&self) -> bool {
        self.choices
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        let value = if DYNAMIC.contains(&name) || self.pinned.contains(name) {
            Value::Unknown
        } else {
            value
        };
        self.choices |= matches!(value, Value::Either(_));
        let old = self.values.insert(name.to_owned(), value);
        self.log.push((name.to_owned(), old));
    }

    /// The variable may be an array from here on.
    pub(super) fn note_array(&mut self, name: &str) {
        if !self.arrays.contains(name) {
            self.arrays.insert(name.to_owned());
        }
    }

    /// Whether a variable with one value may have other elements as well.
    pub(super) fn may_be_array(&self, name: &str) -> bool {
        self.wiped || self.arrays.contains(name)
    }

    /// Whether nothing in the text can have given the variable a value. What
    /// the environment always sets counts as set.
    pub(super) fn is_untouched(&self, name: &str) -> bool {
        !self.values.contains_key(name)
            && !self.wiped
            && !self.volatile
            && !DYNAMIC.contains(&name)
            && !ALWAYS_SET.contains(&name)
    }

    /// The variable may hold anything from here on.
    pub(super) fn forget(&mut self, name: &str) {
        self.set(name, Value::Unknown);
    }

    /// As [`Self::forget`], for good.
    pub(super) fn pin(&mut self, name: &str) {
        self.forget(name);
        self.pinned.insert(name.to_owned());
    }

    /// The current value stays, later ones are not known.
    pub(super) fn freeze(&mut self, name: &str) {
        self.pinned.insert(name.to_owned());
    }

    /// Nothing is known any more.
    pub(super) fn forget_all(&mut self) {
        self.forget_where(|_| true);
    }

    /// No value is known any more, only which functions are in force.
    pub(super) fn forget_values(&mut self) {
        self.forget_where(|name| !name.ends_with(IN_FORCE));
    }

    fn forget_where(&mut self, which: impl Fn(&str) -> bool) {
        self.wiped = true;
        self.looked_at += self.values.len();
        let names: Vec<String> = self
            .values
            .iter()
            .filter(|(name, value)| **value != Value::Unknown && which(name))
            .map(|(name, _)| name.clone())
            .collect();
        for name in names {
            self.set(&name, Value::Unknown);
        }
        self.set("IFS", Value::Unknown);
        self.set_positional(None);
    }

    /// From here on no variable is ever known.
    pub(super) fn set_volatile(&mut self) {
        self.volatile = true;
    }

    /// Puts back a value that was set for one command only.
    pub(super) fn put_back(&mut self, name: &str, value: Option<Value>) {
        self.set(name, value.unwrap_or(Value::Unknown));
    }

    pub(super) fn positional(&self) -> Option<&[Vec<Part>]> {
        self.positional.as_deref().map(Vec::as_slice)
    }

    /// `$0`: the name by which the text is called. Nothing in it changes that,
    /// but `BASH_ARGV0`.
    pub(super) fn called(&self) -> Option<&[Part]> {
        let renamed = self.volatile || self.values.contains_key("BASH_ARGV0");
        self.called.as_deref().filter(|_| !renamed)
    }

    pub(super) fn set_called(&mut self, name: Vec<Part>) {
        self.called = Some(name);
    }

    /// The positional parameters, to put them back later.
    pub(super) fn shared_positional(&self) -> Option<Arc<Vec<Vec<Part>>>> {
        self.positional.clone()
    }

    pub(super) fn put_back_positional(&mut self, values: Option<Arc<Vec<Vec<Part>>>>) {
        self.positional = values;
    }

    /// How many variables were looked through since the last call.
    pub(super) fn take_looked_at(&mut self) -> usize {
        std::mem::take(&mut self.looked_at)
    }

    pub(super) fn set_positional(&mut self, values: Option<Vec<Vec<Part>>>) {
        self.positional = values.map(Arc::new);
    }

    pub(super) fn separators(&self) -> Separators {
        match self.get("IFS").and_then(Value::as_static) {
            Some(text) => Separators::Known(text.to_owned()),
            None => Separators::Unknown,
        }
    }

    /// The start of something that may not run, or runs in a subshell.
    pub(super) fn mark(&self) -> Mark {
        Mark { log: self.log.len(), positional: self.positional.clone() }
    }

    /// After it: what it assigned has one of two values, or none that counts.
    pub(super) fn merge(&mut self, mark: &Mark) {
        let mut first: HashMap<String, Option<Value>> = HashMap::new();
        for (name, old) in self.log.iter().skip(mark.log) {
            first.entry(name.clone()).or_insert_with(|| old.clone());
        }
        for (name, old) in first {
            let now = self.values.get(&name);
            if now != old.as_ref() {
                let joined = old.zip(now).and_then(|(old, now)| old.or(now));
                // Functions are in force or not.
                let joined = joined.filter(|_| !name.ends_with(IN_FORCE));
                self.set(&name, joined.unwrap_or(Value::Unknown));
            }
        }
        if self.positional != mark.positional {
            self.set_positional(None);
        }
    }

    /// What was assigned since the mark.
    pub(super) fn assigned_since(&self, mark: &Mark) -> BTreeMap<String, Value> {
        let names = self.log.iter().skip(mark.log).map(|(name, _)| name);
        let known = names.filter(|name| !name.ends_with(IN_FORCE));
        known.filter_map(|name| Some((name.clone(), self.values.get(name)?.clone()))).collect()
    }

    /// How many entries merging since the mark would look at.
    pub(super) fn changes_since(&self, mark: &Mark) -> usize {
        self.log.len().saturating_sub(mark.log)
    }
}
