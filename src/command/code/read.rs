//! Reads tokens as a sequence of expressions: finds calls, follows simple
//! assignments, and skips everything else.
//!
//! Not a parser of any language: what it does not understand it passes over,
//! one token at a time, so that reading is linear in the number of tokens.

use super::cursor::Cursor;
use super::lex::Token;
use super::reader::Reader;
use super::value::{Item, Value};

/// Deepest nesting of brackets and operators.
pub(super) const MAX_DEPTH: usize = 60;
/// Most entries that a list or call keeps.
const MAX_ITEMS: usize = 300;
/// Most lists that loops make, of which the loop is read first.
const MAX_AHEAD: usize = 100;
/// How far ahead parameters of a function are looked for.
const MAX_PARAMETERS: usize = 100;

/// Words that stand between expressions and mean nothing here.
pub(super) const SKIPPED: [&str; 49] = [
    "if", "elif", "elsif", "else", "while", "until", "unless", "return", "await", "yield", "not",
    "and", "or", "my", "our", "local", "const", "let", "var", "try", "except", "catch", "finally",
    "with", "assert", "del", "raise", "throw", "async", "in", "is", "of", "do", "end", "then",
    "begin", "rescue", "case", "when", "global", "nonlocal", "class", "new", "typeof", "void",
    "puts", "print", "echo", "say",
];

/// Words that end the arguments of a call without parentheses.
pub(super) const ENDS_BARE: [&str; 10] =
    ["if", "unless", "or", "and", "do", "while", "until", "for", "foreach", "rescue"];

/// An entry that is being read.
#[derive(Default)]
pub(super) struct Pending {
    name: Option<String>,
    pub(super) values: Vec<Value>,
    /// The name that the only value so far stands for.
    target: Option<String>,
}

impl Pending {
    pub(super) fn finish(&mut self, into: &mut Vec<Item>) {
        let done = std::mem::take(self);
        let mut values = done.values.into_iter();
        let value = match (values.next(), values.next()) {
            (Some(value), None) => value,
            (None, _) if done.name.is_none() => return,
            // `[f(x) for x in SECRETS if y in x]`: what it is made from counts.
            (Some(first), Some(second)) => {
                let mut all = [first, second].into_iter().chain(values.take(MAX_ITEMS));
                let named = |value: &Value| matches!(value, Value::Content(_) | Value::Path(..));
                all.find(named).map_or(Value::Unknown, |value| Value::Any(vec![value].into()))
            }
            (None, _) => Value::Unknown,
        };
        if into.len() < MAX_ITEMS {
            into.push(Item { name: done.name, value });
        }
    }
}

/// Names that a loop sets at once.
const MAX_LOOP_NAMES: usize = 4;

impl Reader<'_> {
    /// Reads entries up to a closing bracket, or to the end.
    pub(super) fn items(&mut self, t: &mut Cursor<'_>, close: Option<&str>) -> Vec<Item> {
        let mut items = Vec::new();
        let mut entry = Pending::default();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.limit = true;
            t.stop();
        }
        if close.is_some() {
            self.loop_ahead(t);
        }
        while let Some(token) = t.peek() {
            if self.each.is_some() {
                self.nameless(t);
            }
            match token {
                Token::Op(")" | "]" | "}") => {
                    t.next();
                    if close.is_some() {
                        break;
                    }
                    entry.finish(&mut items);
                }
                Token::Op("," | ";") => {
                    t.next();
                    entry.finish(&mut items);
                }
                Token::Newline => {
                    t.next();
                    if !matches!(close, Some(")" | "]")) {
                        entry.finish(&mut items);
                    }
                }
                Token::Op(op) => {
                    if !self.operator(t, op, &mut entry, close) {
                        let from = t.at;
                        self.term(t, &mut entry);
                        if t.at == from {
                            t.next();
                        }
                    }
                }
                Token::Name(name) if self.keyword(t, name, &mut entry) => {}
                _ => self.term(t, &mut entry),
            }
        }
        entry.finish(&mut items);
        self.depth -= 1;
        items
    }

    /// Operators between the parts of an entry.
    pub(super) fn operator(
        &mut self,
        t: &mut Cursor<'_>,
        op: &str,
        entry: &mut Pending,
        close: Option<&str>,
    ) -> bool {
        match op {
            ":" | "=>" if entry.name.is_none() && entry.values.len() == 1 => {
                t.next();
                let typed =
                    matches!((t.peek(), t.ahead(1)), (Some(Token::Name(_)), Some(Token::Op("="))));
                if close.is_none() && typed && entry.target.is_some() {
                    // `x: str = "a"`
                    t.next();
                    return true;
                }
                let key = match entry.values.pop() {
                    Some(Value::Text(text)) => Some(text.to_string()),
                    Some(Value::Path(path, _)) => Some(path.to_string()),
                    _ => None,
                };
                entry.target = None;
                if close.is_some() {
                    entry.name = key;
                }
            }
            "=" | ":=" | "||=" | "??=" if !entry.values.is_empty() || entry.target.is_some() => {
                t.next();
                self.assign(t, entry, close == Some(")"));
            }
            "+=" | ".=" | "<<" if entry.target.is_some() => {
                t.next();
                let old = entry.values.pop().unwrap_or(Value::Unknown);
                let more = self.value(t);
                let value = match old {
                    Value::List(_) => Value::Unknown,
                    old => self.concat(&old, &more),
                };
                if let Some(name) = entry.target.take() {
                    self.set(&name, value.clone());
                }
                entry.values.push(value);
            }
            "|" | "|&" | ">" | ">>" if self.language.syntax.redirects => {
                t.next();
                if matches!(t.peek(), Some(Token::Name(name)) if name == "getline") {
                    if let Some(command) = entry.values.last().cloned() {
                        self.run_shell(&command, None);
                    }
                } else if matches!(t.peek(), Some(Token::Text(_) | Token::Var(_))) {
                    let target = self.value(t);
                    match op {
                        "|" | "|&" => self.run_shell(&target, Some("cat | ")),
                        _ => self.write_file(&target),
                    }
                    entry.values.push(Value::Unknown);
                }
            }
            "|" if t.name_ahead(1).is_some() && matches!(t.ahead(2), Some(Token::Op("|"))) => {
                // `{ |name| .. }`
                if let (Some(name), Some(value)) = (t.name_ahead(1), self.each.take()) {
                    self.set(name, value);
                }
                t.next();
                t.next();
                t.next();
            }
            _ => return false,
        }
        true
    }

    /// What stands behind `=`.
    fn assign(&mut self, t: &mut Cursor<'_>, entry: &mut Pending, argument: bool) {
        let target = entry.target.take();
        let pattern = entry.values.pop();
        t.lines();
        let function = target.as_deref().is_some_and(|name| self.function(t, name));
        let value = self.value(t);
        match (&target, pattern) {
            // The name stays the function's.
            (Some(name), _) if function => {
                self.vars.remove(name);
            }
            (Some(name), _) if !argument => self.set(name, value.clone()),
            (Some(name), _) => entry.name = Some(name.clone()),
            (None, Some(Value::Map(names))) => self.take_apart(&names, &value),
            _ => {}
        }
        entry.values = vec![value];
    }

    /// `{a, b: c} = THING`
    fn take_apart(&mut self, names: &[(String, Value)], value: &Value) {
        for (key, local) in names {
            if let Value::Path(local, _) = local {
                let member = self.member(value, key);
                self.set(&local.clone(), member);
            }
        }
    }

    /// Notes that `name` is a function, when its parameters follow.
    fn function(&mut self, t: &Cursor<'_>, name: &str) -> bool {
        let mut at = 0;
        while matches!(t.name_ahead(at), Some("function" | "async" | "lambda" | "sub" | "fn")) {
            at += 1;
        }
        let keyword = at > 0;
        let mut names = Vec::new();
        let single =
            t.name_ahead(at).filter(|_| matches!(t.ahead(at + 1), Some(Token::Op("=>" | ":"))));
        if let Some(parameter) = single {
            names.push(parameter.to_owned());
        } else if matches!(t.ahead(at), Some(Token::Op("("))) {
            let (found, end) = parameters(t, at + 1);
            names = found;
            let arrow = matches!(t.ahead(end), Some(Token::Op("=>" | "->")));
            if !keyword && !arrow {
                return false;
            }
        } else {
            return false;
        }
        self.define(name, names);
        true
    }

    /// `NAME => ..`, `async (NAME) => ..`, `function (NAME) {..}` where a list or a
    /// promise is gone through: sets the name to what the function is called with.
    fn nameless(&mut self, t: &Cursor<'_>) {
        let mut at = 0;
        while matches!(t.name_ahead(at), Some("async" | "function")) {
            at += 1;
        }
        let arrow = |at: usize| matches!(t.ahead(at), Some(Token::Op("=>")));
        let name = match t.ahead(at) {
            Some(Token::Name(name)) if arrow(at + 1) => Some(name.clone()),
            Some(Token::Op("(")) => {
                let (names, end) = parameters(t, at + 1);
                names.into_iter().next().filter(|_| at > 0 || arrow(end))
            }
            _ => None,
        };
        if let Some(name) = name
            && let Some(value) = self.each.take()
        {
            self.set(&name, value);
        }
    }

    /// Words of the language; true when one was used up.
    fn keyword(&mut self, t: &mut Cursor<'_>, word: &str, entry: &mut Pending) -> bool {
        match word {
            "import" if !matches!(t.ahead(1), Some(Token::Op("(" | "."))) => {
                t.next();
                self.import(t);
            }
            "from" => {
                t.next();
                if entry.values.is_empty() {
                    self.import_from(t);
                }
            }
            "as" => {
                t.next();
                if let Some(name) = t.name_ahead(0) {
                    let value = entry.values.last().cloned().unwrap_or(Value::Unknown);
                    let value = if let Value::List(_) = value { value.each() } else { value };
                    self.set(name, value);
                    t.next();
                }
            }
            "def" | "function" | "func" | "sub" | "fn" => {
                t.next();
                if let Some(name) = t.name_ahead(0) {
                    t.next();
                    let names = match t.peek() {
                        Some(Token::Op("(")) => parameters(t, 1).0,
                        _ => Vec::new(),
                    };
                    self.define(name, names);
                }
            }
            "for" | "foreach" => {
                t.next();
                self.loop_over(t);
            }
            // R has a function `do.call`.
            "do" if matches!(t.ahead(1), Some(Token::Op("."))) => return false,
            _ if SKIPPED.contains(&word) => {
                t.next();
                // `a if x else b`: one of several.
                if word == "else" || word == "or" || word == "if" {
                    entry.target = None;
                }
            }
            _ => return false,
        }
        true
    }

    /// `[f(x) for x in VALUES]`: the name stands in front of its loop.
    fn loop_ahead(&mut self, t: &mut Cursor<'_>) {
        if self.ahead >= MAX_AHEAD {
            return;
        }
        let mut depth = 0usize;
        for at in 0..MAX_PARAMETERS {
            match t.ahead(at) {
                Some(Token::Op("(" | "[" | "{")) => depth += 1,
                Some(Token::Op(")" | "]" | "}")) => match depth.checked_sub(1) {
                    Some(less) => depth = less,
                    None => return,
                },
                Some(Token::Name(name)) if depth == 0 && at > 0 && name == "for" => {
                    let names = 2..2 + 2 * MAX_LOOP_NAMES;
                    if !names.into_iter().step_by(2).any(|by| t.name_ahead(at + by) == Some("in")) {
                        return;
                    }
                    self.ahead += 1;
                    let from = t.at;
                    t.at += at + 1;
                    self.loop_over(t);
                    t.at = from;
                    return;
                }
                None => return,
                _ => {}
            }
        }
    }

    /// `for NAME in VALUE`, `for (const NAME of VALUE)`, `for my $NAME (..)`.
    fn loop_over(&mut self, t: &mut Cursor<'_>) {
        let mut at = 0;
        while matches!(t.ahead(at), Some(Token::Op("(")))
            || matches!(t.name_ahead(at), Some("const" | "let" | "var" | "my" | "our"))
        {
            at += 1;
        }
        let Some(name) = t.name_ahead(at) else { return };
        // `for NAME, NAME in VALUE`
        let mut others = Vec::new();
        while others.len() < MAX_LOOP_NAMES
            && matches!(t.ahead(at + 1), Some(Token::Op(",")))
            && let Some(other) = t.name_ahead(at + 2)
        {
            others.push(other);
            at += 2;
        }
        let within = matches!(t.name_ahead(at + 1), Some("in" | "of"));
        let listed = matches!(t.ahead(at + 1), Some(Token::Op("("))) && at > 0;
        if within || listed {
            let parens = (0..at).filter(|i| matches!(t.ahead(*i), Some(Token::Op("(")))).count();
            t.at += at + 1 + usize::from(within);
            let value = if listed {
                t.next();
                let items = self.items(t, Some(")"));
                match items.as_slice() {
                    [only] => only.value.clone(),
                    _ => Value::list(items.into_iter().map(|item| item.value).collect()),
                }
            } else {
                self.value(t)
            };
            for name in others.into_iter().chain([name]) {
                self.set(name, self.each_of(&value));
            }
            if parens > 0 && t.is_op(")") {
                t.next();
            }
        }
    }

    /// One value, with what is joined to it.
    pub(super) fn term(&mut self, t: &mut Cursor<'_>, entry: &mut Pending) {
        let from = t.at;
        let name = t.name_ahead(0);
        let value = self.value(t);
        let single = t.at == from + 1;
        entry.target = name.filter(|_| single && entry.values.is_empty()).map(str::to_owned);
        if t.at > from {
            if let (true, Some(name)) = (single, name)
                && matches!(t.peek(), Some(Token::Op("=" | ":" | "=>")))
            {
                entry.values.push(Value::path(name));
            } else {
                entry.values.push(value);
            }
        } else {
            t.next();
        }
    }
}

/// Names of parameters up to the closing bracket, and where that is.
fn parameters(t: &Cursor<'_>, from: usize) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    let mut depth = 1usize;
    let mut first = true;
    for by in from..from + MAX_PARAMETERS {
        match t.ahead(by) {
            Some(Token::Op("(" | "[" | "{")) => depth += 1,
            Some(Token::Op(")" | "]" | "}")) => {
                depth -= 1;
                if depth == 0 {
                    return (names, by + 1);
                }
            }
            Some(Token::Op(",")) if depth == 1 => {
                first = true;
                continue;
            }
            Some(Token::Name(name) | Token::Var(name)) if first && depth == 1 => {
                names.push(name.clone());
            }
            Some(Token::Newline | Token::Op("*" | "**" | "&" | "...")) => continue,
            None => break,
            _ => {}
        }
        first = false;
    }
    (names, from)
}
