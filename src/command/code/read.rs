//! Reads tokens as a sequence of expressions: finds calls, follows simple
//! assignments, and skips everything else.
//!
//! Not a parser of any language: what it does not understand it passes over,
//! one token at a time, so that reading is linear in the number of tokens.

use super::language::Holes;
use super::lex::Token;
use super::reader::Reader;
use super::value::{Arguments, Item, Value};

/// Deepest nesting of brackets and operators.
const MAX_DEPTH: usize = 60;
/// Most entries that a list or call keeps.
const MAX_ITEMS: usize = 300;
/// How far ahead parameters of a function are looked for.
const MAX_PARAMETERS: usize = 100;

/// Words that stand between expressions and mean nothing here.
const SKIPPED: [&str; 49] = [
    "if", "elif", "elsif", "else", "while", "until", "unless", "return", "await", "yield", "not",
    "and", "or", "my", "our", "local", "const", "let", "var", "try", "except", "catch", "finally",
    "with", "assert", "del", "raise", "throw", "async", "in", "is", "of", "do", "end", "then",
    "begin", "rescue", "case", "when", "global", "nonlocal", "class", "new", "typeof", "void",
    "puts", "print", "echo", "say",
];

/// Words that end the arguments of a call without parentheses.
const ENDS_BARE: [&str; 10] =
    ["if", "unless", "or", "and", "do", "while", "until", "for", "foreach", "rescue"];

/// A place in a list of tokens.
pub(super) struct Cursor<'t> {
    tokens: &'t [Token],
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) const fn new(tokens: &'t [Token]) -> Self {
        Self { tokens, at: 0 }
    }

    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn ahead(&self, by: usize) -> Option<&'t Token> {
        self.tokens.get(self.at + by)
    }

    fn is_op(&self, op: &str) -> bool {
        matches!(self.peek(), Some(Token::Op(found)) if *found == op)
    }

    fn name_ahead(&self, by: usize) -> Option<&'t str> {
        match self.ahead(by) {
            Some(Token::Name(name) | Token::Var(name)) => Some(name),
            _ => None,
        }
    }

    const fn next(&mut self) {
        self.at += 1;
    }

    const fn stop(&mut self) {
        self.at = self.tokens.len();
    }

    fn lines(&mut self) {
        while matches!(self.peek(), Some(Token::Newline)) {
            self.next();
        }
    }
}

/// An entry that is being read.
#[derive(Default)]
struct Pending {
    name: Option<String>,
    values: Vec<Value>,
    /// The name that the only value so far stands for.
    target: Option<String>,
}

impl Pending {
    fn finish(&mut self, into: &mut Vec<Item>) {
        let done = std::mem::take(self);
        let mut values = done.values.into_iter();
        let value = match (values.next(), values.next()) {
            (Some(value), None) => value,
            (None, _) if done.name.is_none() => return,
            _ => Value::Unknown,
        };
        if into.len() < MAX_ITEMS {
            into.push(Item { name: done.name, value });
        }
    }
}

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
        while let Some(token) = t.peek() {
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
    fn operator(
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

    /// `for NAME in VALUE`, `for (const NAME of VALUE)`, `for my $NAME (..)`.
    fn loop_over(&mut self, t: &mut Cursor<'_>) {
        let mut at = 0;
        while matches!(t.ahead(at), Some(Token::Op("(")))
            || matches!(t.name_ahead(at), Some("const" | "let" | "var" | "my" | "our"))
        {
            at += 1;
        }
        let Some(name) = t.name_ahead(at) else { return };
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
            self.set(name, value.each());
            if parens > 0 && t.is_op(")") {
                t.next();
            }
        }
    }

    /// `import a.b as c, d`, `import {a as b} from 'c'`, `import a from 'c'`.
    fn import(&mut self, t: &mut Cursor<'_>) {
        if let Some(Token::Text(_)) = t.peek() {
            return;
        }
        let mut whole: Vec<String> = Vec::new();
        let mut parts: Vec<(String, String)> = Vec::new();
        let mut braces = false;
        while let Some(token) = t.peek() {
            match token {
                Token::Op("{") => braces = true,
                Token::Op("}") => braces = false,
                Token::Op("*" | ",") => {}
                Token::Newline if braces => {}
                Token::Name(word) if word == "from" => {
                    t.next();
                    let module = match t.peek() {
                        Some(Token::Text(_)) => self.value(t),
                        _ => Value::Unknown,
                    };
                    let module = self.module(&module);
                    for name in &whole {
                        self.set(name, module.clone());
                    }
                    for (name, local) in &parts {
                        let member = self.member(&module, name);
                        self.set(local, member);
                    }
                    return;
                }
                Token::Name(first) => {
                    let (name, local) = alias(t, first);
                    if braces {
                        parts.push((name, local));
                    } else {
                        if local != first.as_str() || !name.contains('.') {
                            self.set(&local, Value::path(&name));
                        }
                        whole.push(local);
                    }
                    continue;
                }
                _ => return,
            }
            t.next();
        }
    }

    /// `from a.b import c as d, e`
    fn import_from(&mut self, t: &mut Cursor<'_>) {
        let Some(first) = t.name_ahead(0) else { return };
        let (module, _) = alias(t, first);
        if t.name_ahead(0) != Some("import") {
            return;
        }
        t.next();
        let mut parens = false;
        while let Some(token) = t.peek() {
            match token {
                Token::Op("(") => parens = true,
                Token::Op(")") => parens = false,
                Token::Op(",") => {}
                Token::Newline if parens => {}
                Token::Op("*") => self.stars.push(module.clone()),
                Token::Name(first) => {
                    let (name, local) = alias(t, first);
                    self.set(&local, Value::path(&format!("{module}.{name}")));
                    continue;
                }
                _ => return,
            }
            t.next();
        }
    }

    /// One value, with what is joined to it.
    fn term(&mut self, t: &mut Cursor<'_>, entry: &mut Pending) {
        let from = t.at;
        let name = t.name_ahead(0);
        if let Some(name) = name
            && matches!(t.ahead(1), Some(Token::Op("=>")))
            && let Some(value) = self.each.take()
        {
            self.set(name, value);
        }
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

    /// An expression: a value and what is joined to it.
    pub(super) fn value(&mut self, t: &mut Cursor<'_>) -> Value {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.limit = true;
            t.stop();
        }
        let mut left = self.operand(t);
        loop {
            let syntax = &self.language.syntax;
            match t.peek() {
                Some(Token::Op(op)) if syntax.concat.iter().any(|join| join == op) => {
                    t.next();
                    t.lines();
                    let right = self.operand(t);
                    left = if *op == "/" {
                        self.join_paths(&left, &right)
                    } else {
                        self.concat(&left, &right)
                    };
                }
                Some(Token::Op("%")) if matches!(left, Value::Text(_)) => {
                    t.next();
                    let right = self.operand(t);
                    let values = match &right {
                        Value::List(items) => items.to_vec(),
                        other => vec![other.clone()],
                    };
                    left = self.format(&left, &values, &[]);
                }
                Some(Token::Text(_)) if matches!(left, Value::Text(_)) && self.after_text(t) => {
                    let right = self.operand(t);
                    left = self.concat(&left, &right);
                }
                Some(Token::Newline) if self.continues(t) => t.lines(),
                Some(token) if syntax.adjacent && starts_operand(token) => {
                    let right = self.operand(t);
                    left = self.concat(&left, &right);
                }
                _ => break,
            }
        }
        self.depth -= 1;
        left
    }

    /// The token before is a literal: two next to each other are one.
    fn after_text(&self, t: &Cursor<'_>) -> bool {
        let before = t.tokens.get(..t.at).unwrap_or_default().iter().rev();
        let mut before = before.skip_while(|token| **token == Token::Newline);
        matches!(before.next(), Some(Token::Text(_)))
    }

    /// Whether the expression goes on in the next line.
    fn continues(&self, t: &Cursor<'_>) -> bool {
        let mut at = 1;
        while matches!(t.ahead(at), Some(Token::Newline)) && at < 20 {
            at += 1;
        }
        match t.ahead(at) {
            Some(Token::Op("." | "?." | "->")) => true,
            Some(Token::Op(op @ ("+" | ".."))) => {
                self.language.syntax.concat.iter().any(|join| join == op)
            }
            Some(Token::Text(_)) => self.parens > 0 && self.after_text(t),
            _ => false,
        }
    }

    fn operand(&mut self, t: &mut Cursor<'_>) -> Value {
        let mut negative = false;
        while let Some(Token::Op(
            op @ ("!" | "-" | "~" | "+" | "*" | "**" | "&" | "..." | "++" | "--" | "@"),
        )) = t.peek()
        {
            negative = *op == "-";
            t.next();
        }
        while matches!(t.name_ahead(0), Some("new" | "await" | "not" | "lambda"))
            && matches!(t.peek(), Some(Token::Name(_)))
        {
            t.next();
        }
        match self.primary(t) {
            Some(Value::Number(number)) if negative => Value::Number(number.saturating_neg()),
            Some(value) => self.postfix(t, value),
            None => Value::Unknown,
        }
    }

    fn primary(&mut self, t: &mut Cursor<'_>) -> Option<Value> {
        let token = t.peek()?;
        let value = match token {
            Token::Name(name) => self.named(name),
            Token::Var(name) if name.is_empty() => Value::Unknown,
            Token::Var(name) => self.named(name),
            Token::Text(pieces) => self.pieces(pieces),
            Token::Command(pieces) => {
                let command = self.pieces(pieces);
                self.run_shell(&command, None);
                Value::Unknown
            }
            Token::Words(words) => Value::list(words.iter().map(Value::text).collect()),
            Token::Number(number) => Value::Number(*number),
            Token::Op("(") => {
                t.next();
                self.parens += 1;
                let items = self.items(t, Some(")"));
                self.parens -= 1;
                return Some(match items.as_slice() {
                    [only] if only.name.is_none() => only.value.clone(),
                    _ => Value::list(items.into_iter().map(|item| item.value).collect()),
                });
            }
            Token::Op("[") => {
                t.next();
                self.parens += 1;
                let items = self.items(t, Some("]"));
                self.parens -= 1;
                return Some(Value::list(items.into_iter().map(|item| item.value).collect()));
            }
            Token::Op("{") => {
                t.next();
                let parens = std::mem::take(&mut self.parens);
                let items = self.items(t, Some("}"));
                self.parens = parens;
                let entries = items.into_iter().filter_map(|item| match (item.name, &item.value) {
                    (Some(name), _) => Some((name, item.value)),
                    (None, Value::Path(name, _)) => Some((name.to_string(), item.value.clone())),
                    _ => None,
                });
                return Some(Value::Map(std::rc::Rc::new(entries.collect())));
            }
            Token::Op(_) | Token::Newline => return None,
        };
        t.next();
        Some(value)
    }

    /// Members, calls and elements behind a value.
    fn postfix(&mut self, t: &mut Cursor<'_>, mut value: Value) -> Value {
        loop {
            match t.peek() {
                Some(Token::Op(op)) if self.is_member(op) => {
                    if !self.dotted(t, &mut value) {
                        return value;
                    }
                }
                Some(Token::Op("(")) => {
                    t.next();
                    self.parens += 1;
                    let items = self.items(t, Some(")"));
                    self.parens -= 1;
                    value = self.call(&value, &Arguments::new(items));
                }
                Some(Token::Op("["))
                    if !(self.language.syntax.bare
                        && matches!(&value, Value::Path(path, _) if self.runs(path))) =>
                {
                    value = self.bracketed(t, &value);
                }
                // `exec {"program"} "argv"`
                Some(Token::Op("{"))
                    if self.language.syntax.bare
                        && matches!(t.ahead(1), Some(Token::Text(_) | Token::Var(_)))
                        && matches!(t.ahead(2), Some(Token::Op("}")))
                        && matches!(&value, Value::Path(path, _) if self.runs(path)) =>
                {
                    t.at += 3;
                    let items = self.bare_arguments(t);
                    value = self.call(&value, &Arguments::new(items));
                }
                Some(Token::Op("{"))
                    if t.name_ahead(1).is_some()
                        && matches!(t.ahead(2), Some(Token::Op("}")))
                        && !self.language.syntax.sigils.is_empty() =>
                {
                    let key = Value::text(t.name_ahead(1).unwrap_or_default());
                    t.next();
                    t.next();
                    t.next();
                    value = self.element(&value, &[Item { name: None, value: key }]);
                }
                Some(token) if self.language.syntax.bare && self.takes_bare(&value, token) => {
                    let items = self.bare_arguments(t);
                    value = self.call(&value, &Arguments::new(items));
                }
                Some(Token::Text(_)) if self.is_tag(&value) => {
                    let argument = self.primary(t).unwrap_or(Value::Unknown);
                    let arguments = Arguments { positional: vec![argument], named: Vec::new() };
                    value = self.call(&value, &arguments);
                }
                _ => {
                    let syntax = &self.language.syntax;
                    if syntax.bare && !matches!(t.peek(), Some(Token::Op("=" | "=>" | ":"))) {
                        self.mentioned(&value);
                    }
                    return value;
                }
            }
        }
    }

    /// `.NAME`; false when no name follows.
    fn dotted(&mut self, t: &mut Cursor<'_>, value: &mut Value) -> bool {
        match t.ahead(1) {
            Some(Token::Name(name) | Token::Var(name)) => {
                if matches!(name.as_str(), "each" | "map" | "forEach" | "for_each") {
                    self.each = Some(value.each());
                }
                *value = self.member(value, name);
                t.next();
            }
            Some(Token::Op("(" | "[" | "{")) => {}
            _ => return false,
        }
        t.next();
        true
    }

    /// `[KEY]` or `[::-1]`
    fn bracketed(&mut self, t: &mut Cursor<'_>, value: &Value) -> Value {
        let minus_one = |at: usize| {
            matches!((t.ahead(at), t.ahead(at + 1)), (Some(Token::Op("-")), Some(Token::Number(1))))
        };
        let reversed = match (t.ahead(1), t.ahead(2)) {
            (Some(Token::Op(":")), Some(Token::Op(":"))) => minus_one(3),
            (Some(Token::Op("::")), _) => minus_one(2),
            _ => false,
        };
        t.next();
        let items = self.items(t, Some("]"));
        if reversed { self.reversed(value) } else { self.element(value, &items) }
    }

    /// A function in front of a template literal (JavaScript).
    fn is_tag(&self, value: &Value) -> bool {
        let strings = &self.language.syntax.strings;
        strings.iter().any(|quote| quote.holes == Holes::Braced)
            && matches!(value, Value::Path(path, _) if path.contains('.') && self.runs(path))
    }

    fn is_member(&self, op: &str) -> bool {
        self.language.syntax.member.iter().any(|member| member == op)
    }

    fn takes_bare(&self, value: &Value, next: &Token) -> bool {
        let starts = match next {
            Token::Text(_) | Token::Command(_) | Token::Var(_) | Token::Words(_) => true,
            Token::Number(_) | Token::Op("\\" | "<") => true,
            Token::Name(name) => !ENDS_BARE.contains(&name.as_str()),
            // `system [..].join`; of things that hold values it takes one out.
            Token::Op("[") => matches!(value, Value::Path(path, _) if self.runs(path)),
            _ => false,
        };
        starts && matches!(value, Value::Path(path, _) if self.matters(path))
    }

    /// `system "a", "b" if x`
    fn bare_arguments(&mut self, t: &mut Cursor<'_>) -> Vec<Item> {
        let mut items = Vec::new();
        let mut entry = Pending::default();
        while let Some(token) = t.peek() {
            match token {
                Token::Newline | Token::Op(";" | ")" | "]" | "}" | "|" | "&&" | "||") => break,
                Token::Name(name) if ENDS_BARE.contains(&name.as_str()) => break,
                Token::Op(",") => {
                    t.next();
                    t.lines();
                    entry.finish(&mut items);
                }
                Token::Op(":" | "=>") => {
                    if !self.operator(t, "=>", &mut entry, Some(")")) {
                        t.next();
                    }
                }
                Token::Op("<") => {
                    // `<*.log>`
                    t.next();
                    while !matches!(t.peek(), None | Some(Token::Newline | Token::Op(">"))) {
                        t.next();
                    }
                    t.next();
                    entry.values.push(Value::text("*"));
                }
                _ => {
                    let from = t.at;
                    self.term(t, &mut entry);
                    if t.at == from {
                        t.next();
                    }
                }
            }
        }
        entry.finish(&mut items);
        items
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

/// `a.b as c`: the whole name and the local one.
fn alias(t: &mut Cursor<'_>, first: &str) -> (String, String) {
    let mut name = first.to_owned();
    t.next();
    while t.is_op(".") && name.len() < 200 {
        t.next();
        if let Some(part) = t.name_ahead(0) {
            name = format!("{name}.{part}");
            t.next();
        }
    }
    if t.name_ahead(0) == Some("as")
        && let Some(local) = t.name_ahead(1)
    {
        t.next();
        t.next();
        return (name, local.to_owned());
    }
    (name, first.to_owned())
}

fn starts_operand(token: &Token) -> bool {
    match token {
        Token::Text(_) | Token::Var(_) | Token::Number(_) => true,
        Token::Name(name) => !SKIPPED.contains(&name.as_str()) && name != "getline",
        _ => false,
    }
}
