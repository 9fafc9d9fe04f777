//! What is known while a program is read: variables, unknown parts, and the
//! commands found so far.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::cursor::Cursor;
use super::language::{Language, Meaning, ValueOp};
use super::lex;
use super::literal::Piece;
use super::names;
use super::text::is_hole;
use super::value::{self, Arguments, Item, MAX_TEXT, Value};
use crate::model::{CONTENT, Cause, Hole, Span, Word};

/// Most commands that one program is searched for.
pub(super) const MAX_FOUND: usize = 300;
/// How deep code inside code is read.
pub(super) const MAX_CODE_DEPTH: usize = 6;
/// Most characters that may be put together over the whole program.
const MAX_WORK: usize = 4 * 1024 * 1024;
/// Most alternatives of one argument.
pub(super) const MAX_ALTERNATIVES: usize = 16;
/// Lists in lists that are looked through for what they hold.
pub(super) const MAX_HELD: usize = 5;
/// Longest path of names.
const MAX_PATH: usize = 200;

/// What a program would start.
#[derive(Debug, Clone)]
pub(in crate::command) enum Found {
    /// A command.
    Argv(Vec<Word>),
    /// Something that is not known.
    Unknown(Word),
}

/// Values of parameters, by function and position.
pub(super) type Given = BTreeMap<String, Vec<Arguments>>;

pub(super) struct Reader<'l> {
    pub(super) language: &'l Language,
    pub(super) vars: BTreeMap<String, Value>,
    pub(super) holes: Vec<Hole>,
    pub(super) found: Vec<Found>,
    /// Modules all of whose names were imported.
    pub(super) stars: Vec<String>,
    /// Functions of the program, with their parameters.
    functions: BTreeMap<String, Vec<String>>,
    /// What they are called with.
    pub(super) given: Given,
    /// What they were called with when the program was read before.
    before: Given,
    /// How many lists that loops make were looked at before they were read.
    pub(super) ahead: usize,
    /// What the next function without a name is called with.
    pub(super) each: Option<Value>,
    pub(super) depth: usize,
    pub(super) parens: usize,
    pub(super) code_depth: usize,
    work: usize,
    /// A limit was reached.
    pub(super) limit: bool,
    home: Option<&'l str>,
    pub(super) span: Span,
}

impl<'l> Reader<'l> {
    pub(super) fn new(
        language: &'l Language,
        holes: Vec<Hole>,
        home: Option<&'l str>,
        span: Span,
        before: Given,
    ) -> Self {
        Self {
            language,
            vars: BTreeMap::new(),
            holes,
            found: Vec::new(),
            stars: Vec::new(),
            functions: BTreeMap::new(),
            given: BTreeMap::new(),
            before,
            ahead: 0,
            each: None,
            depth: 0,
            parens: 0,
            code_depth: 0,
            work: 0,
            limit: false,
            home,
            span,
        }
    }

    /// Reads a whole program.
    pub(super) fn program(&mut self, code: &str) {
        match lex::tokens(code, &self.language.syntax) {
            Some(tokens) => {
                self.items(&mut Cursor::new(&tokens), None);
            }
            None => self.limit = true,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        if !name.is_empty() {
            self.vars.insert(name.to_owned(), value);
        }
    }

    /// The value of a name.
    pub(super) fn named(&self, name: &str) -> Value {
        if let Some(value) = self.vars.get(name) {
            return value.clone();
        }
        if name.contains(is_hole) {
            return Value::text(name);
        }
        Value::path(name)
    }

    /// A function of the program: its parameters are what it is called with.
    pub(super) fn define(&mut self, name: &str, parameters: Vec<String>) {
        let calls = self.before.get(name).cloned().unwrap_or_default();
        for (i, parameter) in parameters.iter().enumerate() {
            let values =
                calls.iter().filter_map(|call| call.at(i).or_else(|| call.named(parameter)));
            let values: Vec<Value> = values.take(MAX_ALTERNATIVES).cloned().collect();
            match values.as_slice() {
                [] => {
                    self.vars.remove(parameter);
                }
                [only] => self.set(parameter, only.clone()),
                _ => self.set(parameter, Value::Any(Rc::new(values))),
            }
        }
        self.functions.insert(name.to_owned(), parameters);
    }

    pub(super) fn pieces(&mut self, pieces: &[Piece]) -> Value {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(known) => text.push_str(known),
                Piece::Code(code) => {
                    let value = self.inline(code);
                    text.push_str(&self.text(&value));
                }
            }
        }
        self.made(text)
    }

    /// An expression inside a literal.
    fn inline(&mut self, code: &str) -> Value {
        if self.code_depth >= MAX_CODE_DEPTH || code.len() > MAX_TEXT {
            return Value::Unknown;
        }
        self.code_depth += 1;
        let tokens = lex::tokens(code, &self.language.syntax).unwrap_or_default();
        let mut items = self.items(&mut Cursor::new(&tokens), None);
        self.code_depth -= 1;
        match (items.pop(), items.is_empty()) {
            (Some(Item { value, .. }), true) => value,
            _ => Value::Unknown,
        }
    }

    /// A new unknown part.
    pub(super) fn hole(&mut self, source: &str, cause: Cause) -> String {
        let source: String = source.chars().filter(|c| !is_hole(*c)).take(MAX_PATH).collect();
        let source = if source.is_empty() { "?".to_owned() } else { source };
        let hole = Hole { source, cause, ..Hole::default() };
        let word = Word { parts: vec![crate::model::Part::Hole(hole)], span: self.span };
        super::text::append(&word, &mut self.holes)
    }

    /// A value as text, with unknown parts as private characters.
    pub(super) fn text(&mut self, value: &Value) -> String {
        match value {
            Value::Text(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Path(path, _) => match self.language.constants.get(path.as_ref()) {
                Some(known) => known.clone(),
                None if self.is_environment(path) => {
                    self.hole(&format!("{CONTENT}/proc/self/environ"), Cause::Variable)
                }
                None => self.hole(path, Cause::Variable),
            },
            Value::Content(path) => self.hole(&format!("{CONTENT}{path}"), Cause::Variable),
            Value::List(_) | Value::Map(_) | Value::Any(_) => match self.held(value, MAX_HELD) {
                Some(held) => self.text(&held),
                None => self.hole("?", Cause::Variable),
            },
            Value::Unknown => self.hole("?", Cause::Variable),
        }
    }

    /// Whether a name stands for the environment.
    pub(super) fn is_environment(&self, path: &str) -> bool {
        self.language.environment.iter().any(|known| known == path)
    }

    /// The first content of a file, or the environment, in a list or map.
    pub(super) fn held(&self, value: &Value, deep: usize) -> Option<Value> {
        let deeper = deep.checked_sub(1)?;
        match value {
            Value::Content(_) => Some(value.clone()),
            Value::Path(path, _) if self.is_environment(path) => Some(value.clone()),
            Value::List(items) | Value::Any(items) => {
                items.iter().find_map(|item| self.held(item, deeper))
            }
            Value::Map(entries) => entries.iter().find_map(|(_, item)| self.held(item, deeper)),
            _ => None,
        }
    }

    /// A text that was put together, if there is room for it.
    fn made(&mut self, text: String) -> Value {
        self.work += text.len();
        if text.len() > MAX_TEXT || self.work > MAX_WORK {
            self.limit |= self.work > MAX_WORK;
            return Value::Unknown;
        }
        Value::text(text)
    }

    pub(super) fn concat(&mut self, left: &Value, right: &Value) -> Value {
        if self.work > MAX_WORK {
            return Value::Unknown;
        }
        match (left, right) {
            (Value::Number(_), Value::Number(_)) => Value::Unknown,
            (Value::List(a), Value::List(b)) if a.len() + b.len() < MAX_FOUND => {
                Value::list(a.iter().chain(b.iter()).cloned().collect())
            }
            (Value::Text(_), _) | (_, Value::Text(_)) => {
                let text = self.text(left) + &self.text(right);
                self.made(text)
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn join_paths(&mut self, left: &Value, right: &Value) -> Value {
        match (left, right) {
            (Value::Text(_), _) | (_, Value::Text(_)) => {
                let (left, right) = (self.text(left), self.text(right));
                if right.starts_with('/') {
                    return Value::text(right);
                }
                let left = left.strip_suffix('/').unwrap_or(&left);
                self.made(format!("{left}/{right}"))
            }
            _ => Value::Unknown,
        }
    }

    pub(super) fn format(
        &mut self,
        format: &Value,
        values: &[Value],
        named: &[(String, Value)],
    ) -> Value {
        let Value::Text(format) = format else { return Value::Unknown };
        let mut texts = Vec::new();
        for value in values {
            let maps = if let Value::Map(entries) = value { entries.len() } else { 0 };
            texts.push(if maps > 0 { "?".to_owned() } else { self.text(value) });
        }
        let mut names = Vec::new();
        for (name, value) in named {
            names.push((name.clone(), self.text(value)));
        }
        let hole = self.hole("?", Cause::Variable);
        let text = super::value::fill(format, &texts, &names, &hole);
        self.made(text)
    }

    pub(super) fn reversed(&mut self, value: &Value) -> Value {
        match value {
            Value::Text(text) => self.made(text.chars().rev().collect()),
            Value::List(items) => Value::list(items.iter().rev().cloned().collect()),
            _ => Value::Unknown,
        }
    }

    /// `THING.NAME`
    pub(super) fn member(&mut self, value: &Value, name: &str) -> Value {
        let shared = || Some(Rc::new(value.clone()));
        match value {
            Value::Path(path, first) if path.len() + name.len() < MAX_PATH => {
                Value::Path(Rc::from(format!("{path}.{name}")), first.clone())
            }
            Value::Path(..) => Value::Unknown,
            Value::Map(entries) if entries.iter().any(|(key, _)| key == name) => {
                let entry = entries.iter().find(|(key, _)| key == name);
                entry.map_or(Value::Unknown, |(_, value)| value.clone())
            }
            Value::Map(_) | Value::List(_) | Value::Any(_)
                if names::in_another_form(name)
                    && let Some(held) = self.held(value, MAX_HELD) =>
            {
                self.member(&held, name)
            }
            Value::Text(_) => Value::Path(Rc::from(format!("''.{name}")), shared()),
            Value::List(_) => Value::Path(Rc::from(format!("[].{name}")), shared()),
            _ => Value::Path(Rc::from(format!("?.{name}")), shared()),
        }
    }

    /// `THING[KEY]`
    pub(super) fn element(&mut self, value: &Value, items: &[Item]) -> Value {
        let [Item { value: key, .. }] = items else { return Value::Unknown };
        match (value, key) {
            (Value::Path(path, _), Value::Text(key)) if self.is_environment(path) => {
                self.variable(key)
            }
            (Value::Path(path, _), Value::Text(key)) if self.is(ValueOp::Names, path) => {
                Value::path(key)
            }
            (_, Value::Text(key)) if matches!(value, Value::Path(..) | Value::Map(_)) => {
                self.member(value, key)
            }
            (Value::Path(..), _) => self.member(value, "[]"),
            (Value::List(items), Value::Number(at)) => {
                let at = if *at < 0 { at + i64::try_from(items.len()).unwrap_or(0) } else { *at };
                let item = usize::try_from(at).ok().and_then(|at| items.get(at));
                item.cloned().unwrap_or(Value::Unknown)
            }
            _ => Value::Unknown,
        }
    }

    /// A variable of the environment.
    pub(super) fn variable(&mut self, name: &str) -> Value {
        if name == "HOME" {
            return self.at_home();
        }
        let hole = self.hole(&format!("${name}"), Cause::Variable);
        Value::text(hole)
    }

    pub(super) fn at_home(&mut self) -> Value {
        match self.home {
            Some(home) => Value::text(home),
            None => Value::text(self.hole("~", Cause::Tilde)),
        }
    }

    /// Whether a path is one of the names of an operation.
    fn is(&self, op: ValueOp, path: &str) -> bool {
        let names = self.language.values.get(&op);
        names.is_some_and(|names| names.iter().any(|name| names::fits(name, path)))
    }

    pub(super) fn operation(&self, path: &str) -> Option<ValueOp> {
        self.language.meanings(path).into_iter().find_map(|meaning| match meaning {
            Meaning::Value(op) => Some(op),
            Meaning::Call(_) => None,
        })
    }

    /// Whether a call of this name means anything here.
    pub(super) fn matters(&self, path: &str) -> bool {
        self.functions.contains_key(path) || !self.language.meanings(path).is_empty()
    }

    /// What a loop over a value gives: what a client of a service lists has the
    /// same methods for each of them as for all (`ec2.instances.filter()`).
    pub(super) fn each_of(&self, value: &Value) -> Value {
        match value {
            Value::Path(path, _) if self.language.is_walked(path) || self.is_environment(path) => {
                value.clone()
            }
            _ => value.each(),
        }
    }

    /// Whether a call of this name does something.
    pub(super) fn runs(&self, path: &str) -> bool {
        let meanings = self.language.meanings(path);
        meanings.iter().any(|meaning| matches!(meaning, Meaning::Call(_)))
    }

    /// A name without arguments where a call needs none (ruby).
    pub(super) fn mentioned(&mut self, value: &Value) {
        if let Value::Path(path, first) = value
            && !path.ends_with(')')
            && self.runs(path)
        {
            self.emit(&path.clone(), first.clone().as_deref(), &Arguments::default());
        }
    }

    /// `VALUE(ARGUMENTS)`
    pub(super) fn call(&mut self, value: &Value, arguments: &Arguments) -> Value {
        let (path, first) = match value {
            Value::Path(path, first) if self.language.syntax.caseless => {
                (Rc::from(path.to_lowercase()), first.clone())
            }
            Value::Path(path, first) => (Rc::clone(path), first.clone()),
            // A function by its name, as PHP has it.
            Value::Text(name) if self.language.syntax.caseless => (Rc::clone(name), None),
            _ => return Value::Unknown,
        };
        let path = self.with_star(path);
        if self.functions.contains_key(path.as_ref()) {
            let calls = self.given.entry(path.to_string()).or_default();
            if calls.len() < MAX_ALTERNATIVES {
                calls.push(arguments.clone());
            }
        }
        if let Some(op) = self.operation(&path) {
            if let (ValueOp::Module, Some(Value::Text(address))) = (op, arguments.at(0))
                && let Some(code) = value::data_address(address)
            {
                self.run_code(&Value::text(code));
            }
            return self.make(op, first.as_deref(), arguments, &path);
        }
        if let Some((thing, method)) = path.rsplit_once('.')
            && names::in_another_form(method)
            && self.is_environment(thing)
        {
            return Value::path(thing);
        }
        if let Some(method) = self.by_name(&path, arguments) {
            let positional = arguments.positional.iter().skip(1).cloned().collect();
            let named = arguments.named.clone();
            let own = Value::Path(method, first);
            return self.call(&own, &Arguments { positional, named });
        }
        self.handed_over(&path, first.as_deref(), arguments);
        self.by_symbol(&path, first.as_deref(), arguments);
        self.emit(&path, first.as_deref(), arguments);
        if path.len() > MAX_PATH {
            return Value::Unknown;
        }
        let first = arguments.at(0).map(|value| Rc::new(value.clone())).or(first);
        Value::Path(Rc::from(format!("{path}()")), first)
    }

    /// `THING.send(:METHOD, ..)` is `THING.METHOD(..)` (ruby).
    fn by_name(&self, path: &str, arguments: &Arguments) -> Option<Rc<str>> {
        let (thing, sender) = path.rsplit_once('.')?;
        let sends = matches!(sender, "send" | "public_send" | "__send__");
        match arguments.at(0) {
            Some(Value::Text(method)) if self.language.syntax.symbols && sends => {
                let full = format!("{thing}.{}", method.trim_start_matches(':'));
                (full.len() <= MAX_PATH && self.matters(&full)).then(|| Rc::from(full))
            }
            _ => None,
        }
    }

    /// `THING.each(&:METHOD)` calls the method of each of them (ruby).
    fn by_symbol(&mut self, path: &str, first: Option<&Value>, arguments: &Arguments) {
        let (true, Some(Value::Text(method)), Some((thing, each))) =
            (self.language.syntax.symbols, arguments.at(0), path.rsplit_once('.'))
        else {
            return;
        };
        if names::gives_each(each) {
            self.emit(&format!("{thing}.{method}"), first, &Arguments::default());
        }
    }

    /// The full name of something from `from MODULE import *`.
    fn with_star(&self, path: Rc<str>) -> Rc<str> {
        if self.stars.is_empty() || path.contains('.') {
            return path;
        }
        let mut full = self.stars.iter().take(10).map(|module| format!("{module}.{path}"));
        full.find(|full| self.matters(full)).map_or(path, Rc::from)
    }
}
