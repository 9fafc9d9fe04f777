//! What commands do to the shell's own variables.

mod arithmetic;
mod loops;

use super::read::{Context, Reader};
use super::simple::{bounded, declares_map, plain_name};
use super::vars::Value;
use crate::model::{Part, Word};

/// Builtins in front of which assignments last in POSIX shells.
const SPECIAL: &[&str] = &[
    ".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set",
    "shift", "source", "times", "trap", "unset",
];

/// Builtins whose arguments name variables that they change.
const WRITERS: &[&str] =
    &["getopts", "let", "mapfile", "printf", "read", "readarray", "unset", "wait"];

/// Builtins that declare variables.
const DECLARERS: &[&str] = &["declare", "export", "local", "readonly", "typeset"];

/// Text that a command of the shell runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// None, or none that is read here.
    None,
    /// The body of a function.
    Call,
    /// The words of `eval`.
    Evaluate,
}

impl Reader {
    /// Applies a command that has just been added; tells what text it runs.
    pub(super) fn apply(&mut self, index: usize, context: &Context) -> Effect {
        let Some(command) = self.script.commands.get(index) else { return Effect::None };
        let mut words = command.words.as_slice();
        let Some(first) = words.first() else { return Effect::None };
        if first.as_static().is_some_and(|name| self.functions.knows(name)) {
            return Effect::Call;
        }
        while let Some((first, rest)) = words.split_first()
            && matches!(first.as_static(), Some("command" | "builtin" | "exec"))
            && !rest.is_empty()
        {
            words = rest;
        }
        let Some((first, arguments)) = words.split_first() else { return Effect::None };
        let Some(name) = first.as_static() else {
            // It may be `eval`, or anything else.
            self.functions.anything = true;
            self.variables.forget_all();
            return Effect::None;
        };
        let known = SPECIAL.contains(&name)
            || WRITERS.contains(&name)
            || DECLARERS.contains(&name)
            || matches!(name, "cd" | "pushd" | "popd" | "alias" | "shopt" | "hash");
        if !known {
            return Effect::None;
        }
        let direct = words.len() == command.words.len();
        let name = name.to_owned();
        let arguments = arguments.to_vec();
        if SPECIAL.contains(&name.as_str()) {
            let prefix: Vec<String> = command.assignments.iter().map(|a| a.name.clone()).collect();
            for name in prefix {
                self.variables.forget(plain_name(&name).unwrap_or(&name));
            }
        }
        match name.as_str() {
            "eval" if direct => return self.eval(index, &arguments),
            "trap" if direct => self.trap(index, &arguments),
            "alias" => self.note_aliases(&arguments),
            "hash" => self.note_hash(&arguments),
            "let" => self.lets(&arguments),
            "read" | "mapfile" | "readarray" if self.reads(index, &name, &arguments, context) => {}
            "printf" if self.prints_to(&arguments) => {}
            _ => {
                self.builtin(&name, &arguments);
                if matches!(name.as_str(), "read" | "mapfile" | "readarray") {
                    self.reads_from((index, &name), &arguments, &context.stdin);
                }
            }
        }
        Effect::None
    }

    /// `let EXPRESSION..`: what is known is worked out, one after the other.
    fn lets(&mut self, arguments: &[Word]) {
        for word in arguments {
            match word.as_static().map(str::to_owned) {
                Some(text) => drop(self.evaluate(&text)),
                None => self.variables.forget_all(),
            }
        }
    }

    /// `eval`: text that begins with something known is read in place.
    fn eval(&mut self, _index: usize, arguments: &[Word]) -> Effect {
        let words = arguments.iter().find(|word| word.as_static() != Some("--"));
        if words.is_some_and(|word| matches!(word.parts.first(), Some(Part::Hole(_)))) {
            self.functions.anything = true;
            self.variables.forget_all();
            return Effect::None;
        }
        Effect::Evaluate
    }

    fn builtin(&mut self, name: &str, arguments: &[Word]) {
        match name {
            "eval" | "source" | "." => {
                self.functions.anything = true;
                self.variables.forget_all();
            }
            "cd" | "pushd" | "popd" => {
                self.variables.forget("PWD");
                self.variables.forget("OLDPWD");
            }
            "shift" => self.shift(arguments),
            "set" => self.set(arguments),
            name if DECLARERS.contains(&name) => self.declare(name, arguments),
            "printf" => {
                let writes = |word: &Word| {
                    word.has_hole() || word.as_static().is_some_and(|text| text.starts_with("-v"))
                };
                if arguments.first().is_some_and(writes) {
                    self.forget_named(arguments);
                }
            }
            // Only `-p NAME` writes; the rest are numbers of processes and jobs.
            "wait" if !arguments.iter().any(|word| word.display().starts_with('-')) => {}
            name if WRITERS.contains(&name) => {
                if name == "let" {
                    for word in arguments {
                        self.forget_identifiers(&word.display());
                    }
                }
                if name == "unset" {
                    for name in arguments.iter().filter_map(Word::as_static) {
                        self.variables.forget(&super::calls::in_force(name));
                    }
                }
                self.forget_named(arguments);
                for name in ["REPLY", "MAPFILE", "OPTARG", "OPTIND"] {
                    self.variables.forget(name);
                }
            }
            _ => {}
        }
    }

    /// A trap that runs before the end may change variables at any time.
    fn trap(&mut self, index: usize, arguments: &[Word]) {
        let Some((action, signals)) = arguments.split_first() else { return };
        self.note_trap(index, action);
        let at_exit = |word: &Word| matches!(word.as_static(), Some("EXIT" | "0"));
        let harmless = action.as_static().is_some_and(|text| {
            !["=", "eval", "read", "source", ". ", "printf", "mapfile", "let", "((", "unset"]
                .iter()
                .any(|writer| text.contains(writer))
        });
        if !harmless && !signals.iter().all(at_exit) {
            self.variables.set_volatile();
        }
    }

    /// Forgets the variables that words name; a word that is not known may
    /// name any.
    fn forget_named(&mut self, arguments: &[Word]) {
        for word in arguments {
            match word.as_static() {
                Some(text) => {
                    let text = text.trim_start_matches("-v").trim_start_matches("-a");
                    if let Some(name) = plain_name(text) {
                        self.variables.forget(name);
                        self.variables.note_array(name);
                    }
                }
                None => self.variables.forget_all(),
            }
        }
    }

    fn shift(&mut self, arguments: &[Word]) {
        let count = match arguments {
            [] => Some(1),
            [word] => word.as_static().and_then(|text| text.parse::<usize>().ok()),
            _ => None,
        };
        let shifted = self
            .variables
            .positional()
            .zip(count)
            .and_then(|(positional, count)| positional.get(count..).map(<[Vec<Part>]>::to_vec));
        self.variables.set_positional(shifted);
    }

    /// `set -- a b` sets the positional parameters.
    fn set(&mut self, arguments: &[Word]) {
        let whole = |word: &Word| {
            word.parts.iter().all(|part| match part {
                Part::Text(_) => true,
                Part::Glob(_) => false,
                Part::Hole(hole) => !hole.splits,
            })
        };
        match arguments.split_first() {
            Some((first, rest)) if first.as_static() == Some("--") => {
                let known = rest.iter().all(whole);
                let values = rest.iter().map(|word| word.parts.clone()).collect();
                self.variables.set_positional(known.then_some(values));
            }
            Some((first, rest)) => {
                let option = first.as_static().is_some_and(|text| text.starts_with(['-', '+']));
                let plain = |word: &Word| {
                    word.as_static().is_some_and(|text| text.starts_with(['-', '+']))
                        || word.as_static().is_some_and(|text| {
                            matches!(text, "pipefail" | "errexit" | "nounset" | "xtrace")
                        })
                };
                if !option || !rest.iter().all(plain) {
                    self.variables.set_positional(None);
                }
            }
            None => {}
        }
    }

    fn declare(&mut self, name: &str, arguments: &[Word]) {
        let mut pins = false;
        let mut global = false;
        let mut map = false;
        let scoped = matches!(name, "local" | "declare" | "typeset");
        for word in arguments {
            let Some(Part::Text(text)) = word.parts.first() else {
                // The word may be an assignment to anything.
                if word.has_hole() {
                    self.variables.forget_all();
                }
                continue;
            };
            if text.starts_with(['-', '+']) {
                pins |= text.bytes().any(|b| b"ilnu".contains(&b));
                map |= declares_map(text);
                global |= text.contains('g');
                if text.contains('n') && name != "export" {
                    // A reference: assignments to it change another variable.
                    self.variables.set_volatile();
                }
                pins |= text.contains('f') && name != "export";
                continue;
            }
            let bare = text.split_once('=').map_or(text.as_str(), |(left, _)| left);
            if let Some(variable) = plain_name(bare.strip_suffix('+').unwrap_or(bare))
                && scoped
                && !global
            {
                self.hide(variable);
            }
            let Some((left, value)) = text.split_once('=') else {
                let unknown = word.parts.len() > 1;
                match plain_name(text) {
                    Some(_) if unknown => self.variables.forget_all(),
                    Some(variable) if map => {
                        if self.variables.is_untouched(variable) {
                            self.variables.set(variable, Value::Map(Vec::new()));
                        }
                        self.variables.note_array(variable);
                    }
                    // `local x` hides the value of `x`.
                    Some(variable) if matches!(name, "local" | "declare" | "typeset") => {
                        self.variables.forget(variable);
                    }
                    _ => {}
                }
                if let Some(variable) = plain_name(text).filter(|_| pins) {
                    self.variables.pin(variable);
                }
                continue;
            };
            let plain = !left.ends_with('+') && !value.starts_with('(');
            let left = left.strip_suffix('+').unwrap_or(left);
            let Some(variable) = plain_name(left) else { continue };
            if value.starts_with('(') && !pins && !left.contains('[') {
                // Its elements were read with the word.
                continue;
            }
            if pins || !plain || left.contains('[') {
                self.variables.pin(variable);
                continue;
            }
            let mut parts = Vec::new();
            if !value.is_empty() {
                parts.push(Part::Text(value.to_owned()));
            }
            parts.extend(word.parts.iter().skip(1).cloned());
            self.charge_parts(&parts);
            self.variables.set(variable, bounded(Value::Scalar(parts)));
            if name == "readonly" {
                self.variables.freeze(variable);
            }
        }
    }
}
