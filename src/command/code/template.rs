//! Fills the words of a command from the arguments of a call.
//!
//! Placeholders: `$1` is an argument, `$0` the thing that is called or what it
//! was made from, `${1|mode}` whichever is there, by place or by name, `${2+}`
//! all from there on, `${call}` the name of the call with dashes,
//! `${call-PREFIX}` without its beginning, `${callee}` as it is, `${command}` and
//! `${service}` of `SERVICE/client-ec2.RunCommand`, `${part-0}` and `${part-1}`
//! the first and second part of the path, `${options}` the named arguments as
//! options, `${2:octal}` a number in octal, `${@data}` a file's content as
//! `@FILE`.

use super::language::ValueOp;
use super::names::kebab;
use super::reader::{MAX_HELD, Reader};
use super::text::{hole, is_hole};
use super::value::{Arguments, Value};
use crate::model::CONTENT;

/// How deep values inside values are written out.
const MAX_DEPTH: usize = 4;
/// Most words of one command.
const MAX_WORDS: usize = 300;

/// A call that is turned into a command.
pub(super) struct Call<'c> {
    pub(super) path: &'c str,
    pub(super) first: Option<&'c Value>,
    pub(super) arguments: &'c Arguments,
}

pub(super) struct Template<'r, 'l> {
    reader: &'r mut Reader<'l>,
}

impl<'r, 'l> Template<'r, 'l> {
    pub(super) const fn new(reader: &'r mut Reader<'l>) -> Self {
        Self { reader }
    }

    /// All words. One that is nothing but a placeholder becomes as many words
    /// as its value has, or none.
    pub(super) fn words(&mut self, template: &[String], call: &Call<'_>) -> Vec<String> {
        let mut out = Vec::new();
        for word in template {
            match whole(word) {
                Some(key) => {
                    let file = key.starts_with('@');
                    let value = self.lookup(key.trim_start_matches('@'), call);
                    match value {
                        Some(Value::List(items)) => {
                            for item in items.iter().take(MAX_WORDS) {
                                let text = self.reader.text(item);
                                out.push(text);
                            }
                        }
                        Some(value) => {
                            let text =
                                if file { self.file(&value) } else { self.reader.text(&value) };
                            out.push(text);
                        }
                        // An option without its value.
                        None if out.last().is_some_and(|last| last.starts_with('-')) => {
                            out.pop();
                        }
                        None => {}
                    }
                }
                None => out.push(self.inside(word, call)),
            }
            if out.len() > MAX_WORDS {
                break;
            }
        }
        out
    }

    /// A word with placeholders inside.
    fn inside(&mut self, word: &str, call: &Call<'_>) -> String {
        let mut out = String::new();
        let mut rest = word;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let (key, behind) = match after.strip_prefix('{').and_then(|a| a.split_once('}')) {
                Some(found) => found,
                None => after.split_at_checked(1).unwrap_or((after, "")),
            };
            if let Some(value) = self.lookup(key, call) {
                out.push_str(&self.reader.text(&value));
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    /// The value of a placeholder.
    pub(super) fn lookup(&mut self, key: &str, call: &Call<'_>) -> Option<Value> {
        let (key, form) = key.split_once(':').unwrap_or((key, ""));
        let value = key.split('|').find_map(|key| self.one(key, call))?;
        match (form, value) {
            ("octal", Value::Number(number)) => Some(Value::text(format!("{number:o}"))),
            ("json", value) => Some(Value::text(self.json(&value, 1))),
            (_, value) => Some(value),
        }
    }

    fn one(&mut self, key: &str, call: &Call<'_>) -> Option<Value> {
        let method = || call.path.rsplit('.').next().unwrap_or_default();
        if let Some(from) = key.strip_suffix('+') {
            let from = from.parse::<usize>().ok()?.checked_sub(1)?;
            let rest = call.arguments.positional.get(from..)?;
            let mut words = Vec::new();
            for value in rest {
                match value {
                    Value::List(items) => words.extend(items.iter().cloned()),
                    Value::Map(_) => {}
                    other => words.push(other.clone()),
                }
            }
            return (!words.is_empty()).then(|| Value::list(words));
        }
        match key {
            "0" => call.first.cloned(),
            "call" => Some(Value::text(kebab(method()))),
            // What a call without arguments works on (`$_`).
            "topic" => Some(Value::Unknown),
            "callee" => Some(Value::text(method())),
            "command" => {
                let method = method();
                Some(Value::text(kebab(method.strip_suffix("Command").unwrap_or(method))))
            }
            "service" => {
                let module = call.path.split('.').next().unwrap_or_default();
                module.rsplit_once("client-").map(|(_, service)| Value::text(service))
            }
            "options" => Some(self.options(call.arguments)),
            "part-0" | "part-1" => {
                let at = usize::from(key.ends_with('1'));
                let part = call.path.split('.').nth(at).unwrap_or_default();
                Some(Value::text(part.to_lowercase()))
            }
            _ => match (key.strip_prefix("call-"), key.parse::<usize>()) {
                (Some(prefix), _) => {
                    let method = method();
                    Some(Value::text(kebab(method.strip_prefix(prefix).unwrap_or(method))))
                }
                (None, Ok(number)) => call.arguments.at(number.checked_sub(1)?).cloned(),
                (None, Err(_)) => call.arguments.named(key).cloned(),
            },
        }
    }

    /// `@FILE` for the content of a file, the text for everything else.
    pub(super) fn file(&mut self, value: &Value) -> String {
        match value {
            Value::Content(path) => format!("@{path}"),
            Value::Path(path, first) => {
                if self.reader.is_environment(path) {
                    return "@/proc/self/environ".to_owned();
                }
                let opened = self.reader.operation(&format!("{path}.read"));
                match first.as_deref() {
                    Some(Value::Content(file)) => format!("@{file}"),
                    Some(Value::Text(file)) if opened == Some(ValueOp::Content) => {
                        format!("@{file}")
                    }
                    _ => self.reader.text(value),
                }
            }
            Value::Map(entries) => {
                let inner = entries.iter().map(|(_, value)| value);
                let inner: Vec<Value> = inner.take(MAX_WORDS).cloned().collect();
                for value in &inner {
                    if !matches!(value, Value::Map(_)) {
                        let text = self.file(value);
                        if text.starts_with('@') {
                            return text;
                        }
                    }
                }
                self.held_or_json(value)
            }
            Value::List(_) => self.held_or_json(value),
            Value::Text(text) => {
                let holes = text.chars().filter_map(|c| hole(c, &self.reader.holes));
                let held = holes.into_iter().find_map(|hole| {
                    hole.source.strip_prefix(CONTENT).map(|path| format!("@{path}"))
                });
                held.unwrap_or_else(|| self.json(value, 0))
            }
            other => self.json(other, 0),
        }
    }

    fn held_or_json(&mut self, value: &Value) -> String {
        match self.reader.held(value, MAX_HELD) {
            Some(held) => self.file(&held),
            None => self.json(value, 0),
        }
    }

    /// Named arguments as options: `--instance-ids i-1`.
    fn options(&mut self, arguments: &Arguments) -> Value {
        let mut words = Vec::new();
        let maps = arguments.positional.iter().filter_map(|value| match value {
            Value::Map(entries) => Some(entries.iter()),
            _ => None,
        });
        let all: Vec<(String, Value)> =
            arguments.named.iter().chain(maps.flatten()).take(MAX_WORDS).cloned().collect();
        for (name, value) in all {
            let name = kebab(&name);
            match &value {
                Value::Path(path, None) if path.eq_ignore_ascii_case("true") => {
                    words.push(Value::text(format!("--{name}")));
                }
                Value::Path(path, None) if path.eq_ignore_ascii_case("false") => {
                    words.push(Value::text(format!("--no-{name}")));
                }
                Value::List(items) => {
                    words.push(Value::text(format!("--{name}")));
                    for item in items.iter().take(MAX_WORDS) {
                        let item = Value::text(self.json(item, 0));
                        words.push(item);
                    }
                }
                other => {
                    words.push(Value::text(format!("--{name}")));
                    let value = Value::text(self.json(other, 0));
                    words.push(value);
                }
            }
        }
        Value::list(words)
    }

    /// A value written out; texts alone stand as they are.
    fn json(&mut self, value: &Value, depth: usize) -> String {
        if depth > MAX_DEPTH {
            return self.reader.text(&Value::Unknown);
        }
        match value {
            Value::Map(entries) => {
                let mut parts = Vec::new();
                for (key, value) in entries.iter().take(MAX_WORDS) {
                    parts.push(format!("\"{key}\":{}", self.json(value, depth + 1)));
                }
                format!("{{{}}}", parts.join(","))
            }
            Value::List(items) => {
                let mut parts = Vec::new();
                for item in items.iter().take(MAX_WORDS) {
                    parts.push(self.json(item, depth + 1));
                }
                format!("[{}]", parts.join(","))
            }
            Value::Path(path, None) if matches!(&**path, "True" | "False" | "true" | "false") => {
                path.to_lowercase()
            }
            Value::Text(text) if depth > 0 && !text.contains(is_hole) => {
                format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            other => self.reader.text(other),
        }
    }
}

/// The key of a word that is nothing but a placeholder.
fn whole(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('$')?;
    let braced = inner.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
    match braced {
        Some(key) if !key.contains('}') => Some(key),
        Some(_) => None,
        None => (inner.len() == 1).then_some(inner),
    }
}
