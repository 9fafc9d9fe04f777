//! What a call is equal to as a command, by the table of the language.

use super::language::{CallSpec, Meaning};
use super::reader::{Found, MAX_ALTERNATIVES, MAX_CODE_DEPTH, MAX_FOUND, Reader};
use super::template::{Call, Template};
use super::text::{decode, is_hole};
use super::value::{Arguments, Value};
use crate::model::{Cause, Word};

impl Reader<'_> {
    /// Functions that are handed over to be called (`map(os.system, LIST)`).
    pub(super) fn handed_over(
        &mut self,
        path: &str,
        receiver: Option<&Value>,
        arguments: &Arguments,
    ) {
        if self.is_ordinary(path) {
            return;
        }
        let named = arguments.named.iter().map(|(_, value)| value);
        let all: Vec<&Value> = arguments.positional.iter().chain(named).take(20).collect();
        for (at, value) in all.iter().enumerate() {
            let function = match value {
                Value::Path(path, None) => path,
                Value::Text(text) if self.language.syntax.caseless => text,
                _ => continue,
            };
            if function.ends_with(')') || !self.runs(function) || &**function == path {
                continue;
            }
            let rest = all.iter().enumerate().filter(|(i, _)| *i != at);
            let mut given: Vec<Value> = rest.map(|(_, value)| self.each_of(value)).collect();
            if given.is_empty() {
                // What a promise gives is not known; a list gives its items.
                let list = receiver.filter(|value| matches!(value, Value::List(_)));
                given.push(list.map_or(Value::Unknown, Value::each));
            }
            let arguments = Arguments { positional: given, named: Vec::new() };
            self.emit(function, None, &arguments);
        }
    }

    /// Whether the table says of a call that it does nothing with what it is given.
    fn is_ordinary(&self, path: &str) -> bool {
        let calls = self.language.meanings(path).into_iter().find_map(|meaning| match meaning {
            Meaning::Call(at) => self.language.calls.get(at),
            Meaning::Value(_) => None,
        });
        calls.is_some_and(|spec| spec.ordinary && spec.when.is_empty())
    }

    /// Adds what a call is equal to.
    pub(super) fn emit(&mut self, path: &str, first: Option<&Value>, arguments: &Arguments) {
        let language = self.language;
        let calls = language.meanings(path).into_iter().filter_map(|meaning| match meaning {
            Meaning::Call(at) => language.calls.get(at),
            Meaning::Value(_) => None,
        });
        let specs: Vec<&CallSpec> = calls.collect();
        if specs.is_empty() {
            return;
        }
        let any = arguments.positional.iter().position(|value| matches!(value, Value::Any(_)));
        let mut choices = vec![arguments.clone()];
        if let Some((at, Value::Any(values))) = any.and_then(|at| Some((at, arguments.at(at)?))) {
            choices.clear();
            for value in values.iter().take(MAX_ALTERNATIVES) {
                let mut choice = arguments.clone();
                if let Some(place) = choice.positional.get_mut(at) {
                    *place = value.clone();
                }
                choices.push(choice);
            }
        }
        for arguments in choices {
            let call = Call { path, first, arguments: &arguments };
            let fitting = specs.iter().find(|spec| self.holds(spec, &call));
            if let Some(spec) = fitting.copied() {
                self.apply(spec, &call);
            }
        }
    }

    fn holds(&mut self, spec: &CallSpec, call: &Call<'_>) -> bool {
        if !spec.of.is_empty() && !self.language.is_of(call.path, &spec.of) {
            return false;
        }
        spec.when.iter().all(|when| {
            let value = Template::new(self).lookup(&when.argument, call);
            if let Some(there) = when.there
                && there != value.is_some()
            {
                return false;
            }
            if when.file {
                let file = value.map(|value| Template::new(self).file(&value));
                return file.is_some_and(|file| file.starts_with('@'));
            }
            if when.regex.is_none() && !when.known {
                return true;
            }
            let Some(value) = value else { return false };
            let text = match &value {
                Value::Path(path, _) => path.to_string(),
                Value::List(items) => {
                    let items: Vec<String> = items.iter().map(|item| self.text(item)).collect();
                    items.join(" ")
                }
                other => self.text(other),
            };
            let known = !matches!(value, Value::Path(..)) && !text.starts_with(is_hole);
            let shown: String = text.chars().map(|c| if is_hole(c) { '?' } else { c }).collect();
            (!when.known || known) && when.fits(&shown)
        })
    }

    fn apply(&mut self, spec: &CallSpec, call: &Call<'_>) {
        if spec.ordinary {
            return;
        }
        if spec.unknown {
            let source = format!("{}()", call.path);
            self.unknown(&source);
        }
        if !spec.shell.is_empty() {
            let words = Template::new(self).words(std::slice::from_ref(&spec.shell), call);
            if let Some(text) = words.into_iter().next() {
                self.add(vec!["sh".to_owned(), "-c".to_owned(), text]);
            }
        }
        if !spec.command.is_empty() {
            self.command(spec, call);
        }
        if !spec.argv.is_empty() {
            let words = Template::new(self).words(&spec.argv, call);
            self.add(words);
        }
        if !spec.code.is_empty() {
            let value = Template::new(self).lookup(spec.code.trim_start_matches('$'), call);
            self.run_code(value.as_ref().unwrap_or(&Value::Unknown));
        }
    }

    /// Words of a command; one word that is not a list is text for a shell.
    fn command(&mut self, spec: &CallSpec, call: &Call<'_>) {
        let head = spec.command.first().map(|word| word.trim_start_matches('$'));
        let value = head.and_then(|head| Template::new(self).lookup(head, call));
        let words = Template::new(self).words(&spec.command, call);
        let is_list = matches!(value, Some(Value::List(_)));
        let shell = ["shell", "use_shell"].iter().filter_map(|name| call.arguments.named(name));
        let shell = shell.into_iter().any(Value::is_true);
        if words.is_empty() {
            return;
        }
        if shell || (!is_list && words.len() == 1) {
            // A list for a shell is its text and its positional parameters.
            let text = if is_list { words.into_iter().take(1).collect() } else { words };
            self.add(vec!["sh".to_owned(), "-c".to_owned(), text.join(" ")]);
        } else {
            self.add(words);
        }
    }

    pub(super) fn run_shell(&mut self, value: &Value, prefix: Option<&str>) {
        let text = format!("{}{}", prefix.unwrap_or_default(), self.text(value));
        self.add(vec!["sh".to_owned(), "-c".to_owned(), text]);
    }

    pub(super) fn write_file(&mut self, value: &Value) {
        let path = self.text(value);
        self.add(vec!["tee".to_owned(), path]);
    }

    /// Code inside the code.
    pub(super) fn run_code(&mut self, value: &Value) {
        match value {
            Value::Text(text) if !text.starts_with(is_hole) => {
                if self.code_depth >= MAX_CODE_DEPTH {
                    self.unknown(text);
                    return;
                }
                self.code_depth += 1;
                self.program(&text.clone());
                self.code_depth -= 1;
            }
            Value::Content(path) => {
                let program = self.language.name.clone();
                self.add(vec![program, path.to_string()]);
            }
            Value::Any(values) => {
                for value in values.iter().take(MAX_ALTERNATIVES) {
                    if !matches!(value, Value::Any(_)) {
                        self.run_code(value);
                    }
                }
            }
            other => {
                let text = self.text(other);
                self.unknown(&text);
            }
        }
    }

    pub(super) fn unknown(&mut self, source: &str) {
        if self.found.len() > MAX_FOUND {
            return;
        }
        let word = if source.starts_with(is_hole) {
            decode(source, &self.holes, self.span)
        } else {
            Word::hole(source, Cause::Variable, self.span)
        };
        self.found.push(Found::Unknown(word));
    }

    fn add(&mut self, words: Vec<String>) {
        if self.found.len() >= MAX_FOUND {
            self.limit = true;
            return;
        }
        if words.is_empty() {
            return;
        }
        let words = words.iter().map(|text| decode(text, &self.holes, self.span)).collect();
        self.found.push(Found::Argv(words));
    }
}
