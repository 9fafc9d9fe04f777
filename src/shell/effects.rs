//! What commands do to the shell's own variables.

use super::expand::literal_text;
use super::lex::{Kind, Parameter, Piece, PieceKind, assignment, is_reserved};
use super::read::{Buffer, Context, Reader};
use super::simple::{bounded, declares_map, plain_name};
use super::vars::Value;
use crate::model::{Part, Problem, ProblemKind, Span, Word};

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

/// Builtins that change variables or the arguments, besides those that are given
/// the names of variables.
const CHANGERS: &[&str] = &["eval", "source", ".", "trap", "cd", "pushd", "popd", "shift", "set"];

/// `"$@"`, or `$@`.
fn is_arguments(pieces: &[Piece]) -> bool {
    let pieces = match pieces {
        [Piece { kind: PieceKind::Double(inner), .. }] => inner.as_slice(),
        other => other,
    };
    matches!(
        pieces,
        [Piece { kind: PieceKind::Parameter(parameter), .. }]
            if parameter.name == "@" && parameter.operator.is_empty() && !parameter.length
                && !parameter.indirect
    )
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
                if name == "read" {
                    self.reads_from(&arguments, &context.stdin);
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

    /// Bash reads the value of a variable in arithmetic as arithmetic, and
    /// expands the subscripts in it: `x='a[$(CMD)]'; echo $((x))` runs CMD.
    pub(super) fn values_in_arithmetic(&mut self, text: &str) {
        let names = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let values: Vec<String> = names
            .filter_map(|name| Some(self.variables.get(name)?.as_static()?.to_owned()))
            .filter(|value| value.contains('['))
            .collect();
        for value in values {
            self.expanded_again(&value);
        }
    }

    /// Text that bash expands although it was quoted.
    pub(super) fn expanded_again(&mut self, text: &str) {
        if (text.contains("$(") || text.contains('`')) && !self.stopped {
            let message = "A quoted text is expanded once more here, and there is a command in \
                           it. Write that command out, so that it can be judged."
                .to_owned();
            let span = Span::default();
            self.script.problems.push(Problem { kind: ProblemKind::Limit, message, span });
        }
    }

    /// Arithmetic that assigns: every name in it may change.
    pub(super) fn forget_arithmetic(&mut self, text: &str, pieces: &[Piece]) {
        self.values_in_arithmetic(text);
        let bytes = text.as_bytes();
        let assigns = bytes.iter().enumerate().any(|(index, byte)| {
            let next = bytes.get(index + 1).copied();
            let before = index.checked_sub(1).and_then(|at| bytes.get(at)).copied();
            match byte {
                b'=' => {
                    let comparison = next == Some(b'=')
                        || matches!(before, Some(b'=' | b'!'))
                        || (matches!(before, Some(b'<' | b'>'))
                            && index.checked_sub(2).and_then(|at| bytes.get(at)).copied()
                                != before);
                    !comparison
                }
                b'+' => next == Some(b'+'),
                b'-' => next == Some(b'-'),
                _ => false,
            }
        });
        if !assigns {
            return;
        }
        let opaque = pieces
            .iter()
            .any(|piece| matches!(piece.kind, PieceKind::Parameter(_) | PieceKind::Command(_)));
        if opaque {
            self.variables.forget_all();
        } else {
            self.forget_identifiers(text);
        }
    }

    fn forget_identifiers(&mut self, text: &str) {
        for name in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
            if let Some(name) = plain_name(name) {
                self.variables.forget(name);
            }
        }
    }

    /// Forgets what a loop's tokens may assign: its body runs again with what
    /// the round before has left. Twice, because what the first time forgets
    /// may be the name of a command.
    pub(super) fn forget_loop(&mut self, range: std::ops::Range<usize>, buffer: &Buffer) {
        self.forget_range(range.clone(), buffer);
        self.forget_range(range, buffer);
    }

    fn forget_range(&mut self, range: std::ops::Range<usize>, buffer: &Buffer) {
        let mut named = false;
        let mut name_next = false;
        let mut command = true;
        for token in buffer.tokens.get(range).unwrap_or_default() {
            self.charge(16);
            match &token.kind {
                Kind::Operator(operator) => {
                    let redirects = operator.contains(['<', '>']);
                    named &= redirects;
                    command |= !redirects;
                    name_next = false;
                }
                Kind::Arithmetic(pieces) => self.forget_identifiers(&literal_text(pieces)),
                Kind::Word(pieces) => {
                    let assigns = assignment(pieces);
                    if let Some(target) = assigns {
                        self.variables.forget(target.name);
                    }
                    let text = self.command_text(pieces);
                    if (named || name_next)
                        && let Some(name) = text.as_deref().and_then(plain_name)
                    {
                        self.variables.forget(name);
                        self.variables.forget(&super::calls::in_force(name));
                    }
                    name_next = matches!(text.as_deref(), Some("for" | "select"));
                    match text {
                        Some(text) => {
                            named |= self.forget_word(&text);
                            command &= is_reserved(&text) || assigns.is_some();
                        }
                        None if command && assigns.is_none() => {
                            // A command that is not known may change anything.
                            self.variables.forget_all();
                            command = false;
                        }
                        None => {}
                    }
                    self.forget_inside(pieces);
                }
                Kind::Body(pieces) => self.forget_inside(pieces),
                Kind::BodyEnd => {}
            }
        }
    }

    /// The text of a word of a loop, as far as it is certain in every round.
    fn command_text(&self, pieces: &[Piece]) -> Option<String> {
        let certain = |piece: &Piece| match &piece.kind {
            PieceKind::Literal(text) => !text.contains('{') || text == "{",
            PieceKind::Quoted(_) => true,
            PieceKind::Double(inner) => {
                inner.iter().all(|piece| matches!(piece.kind, PieceKind::Quoted(_)))
            }
            _ => false,
        };
        if is_arguments(pieces) {
            return self.plain_argument();
        }
        if let [Piece { kind: PieceKind::Parameter(parameter), .. }] = pieces
            && parameter.operator.is_empty()
            && !parameter.length
            && !parameter.indirect
        {
            let value = self.variables.get(&parameter.name)?.as_static()?;
            return value.split_whitespace().next().map(str::to_owned);
        }
        pieces.iter().all(certain).then(|| literal_text(pieces))
    }

    /// The first of the arguments, `"$@"`, when all of them are known and none is
    /// a word that changes variables: `retry kubectl get pods`.
    fn plain_argument(&self) -> Option<String> {
        let arguments = self.variables.positional()?;
        let mut texts = arguments.iter().map(|parts| match parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        });
        let changes = |text: &str| {
            let named = WRITERS.contains(&text) || DECLARERS.contains(&text);
            named || CHANGERS.contains(&text) || self.functions.knows(text)
        };
        let first = texts.next()??;
        let plain = !changes(first) && texts.all(|text| text.is_some_and(|text| !changes(text)));
        plain.then(|| first.clone())
    }

    /// Returns whether the words that follow name variables that change.
    fn forget_word(&mut self, text: &str) -> bool {
        match text {
            "eval" | "source" | "." | "trap" => self.variables.forget_all(),
            // [`CHANGERS`] has all of these.
            "cd" | "pushd" | "popd" => {
                self.variables.forget("PWD");
                self.variables.forget("OLDPWD");
            }
            "shift" | "set" => self.variables.set_positional(None),
            text if WRITERS.contains(&text) || DECLARERS.contains(&text) => {
                for name in ["REPLY", "MAPFILE", "OPTARG", "OPTIND"] {
                    self.variables.forget(name);
                }
                return true;
            }
            // A function may change anything but what functions there are.
            text if self.functions.knows(text) && !self.functions.may_unset(text) => {
                self.variables.forget_values();
            }
            text if self.functions.knows(text) => self.variables.forget_all(),
            _ => {}
        }
        false
    }

    /// `${x:=..}` and arithmetic inside words.
    fn forget_inside(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match &piece.kind {
                PieceKind::Double(inner) | PieceKind::Subscript(inner) => {
                    self.forget_inside(inner);
                }
                PieceKind::Arithmetic(inner) => {
                    self.forget_arithmetic(&literal_text(inner), inner);
                    self.forget_inside(inner);
                }
                PieceKind::Parameter(parameter) => self.forget_parameter(parameter),
                _ => {}
            }
        }
    }

    fn forget_parameter(&mut self, parameter: &Parameter) {
        if matches!(parameter.operator, "=" | ":=") {
            self.variables.forget(&parameter.name);
        }
        if let Some(index) = &parameter.index {
            self.forget_arithmetic(&literal_text(index), index);
        }
        if parameter.operator == ":" {
            self.forget_arithmetic(&literal_text(&parameter.argument), &parameter.argument);
        }
        self.forget_inside(&parameter.argument);
    }
}
