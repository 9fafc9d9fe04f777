//! Reads one expression: values, what is joined to them, members and calls.

use super::cursor::Cursor;
use super::language::Holes;
use super::lex::Token;
use super::names;
use super::read::{ENDS_BARE, MAX_DEPTH, Pending, SKIPPED};
use super::reader::Reader;
use super::value::{Arguments, Item, Value};

impl Reader<'_> {
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
                token => {
                    if matches!(token, Some(Token::Op("{")))
                        || matches!(token, Some(Token::Name(name)) if name == "do")
                    {
                        self.block(t);
                    }
                    let syntax = &self.language.syntax;
                    if syntax.bare && !matches!(t.peek(), Some(Token::Op("=" | "=>" | ":"))) {
                        self.mentioned(&value);
                    }
                    return value;
                }
            }
        }
    }

    /// `THING.each { |NAME| ..}`: what the block is called with.
    fn block(&mut self, t: &Cursor<'_>) {
        if let (Some(Token::Op("|")), Some(name)) = (t.ahead(1), t.name_ahead(2))
            && let Some(value) = self.each.take()
        {
            self.set(name, value);
        }
    }

    /// `.NAME`; false when no name follows.
    fn dotted(&mut self, t: &mut Cursor<'_>, value: &mut Value) -> bool {
        match t.ahead(1) {
            Some(Token::Name(name) | Token::Var(name)) => {
                if names::gives_each(name) {
                    self.each = Some(self.each_of(value));
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

fn starts_operand(token: &Token) -> bool {
    match token {
        Token::Text(_) | Token::Var(_) | Token::Number(_) => true,
        Token::Name(name) => !SKIPPED.contains(&name.as_str()) && name != "getline",
        _ => false,
    }
}
