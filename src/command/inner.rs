//! Finds the inner command of one wrapper, as the wrapper table describes it.

use super::embedded;
use super::grammar::Reading;
use super::tool_files::KeySpec;
use super::wrapper::{Inner, Manifest, PlaceName, PlaceSpec, TaskFormat, When, WrapperSpec};
use crate::model::{Assignment, Cause, Invocation, Part, Place, Span, Stdin, Word};

mod forms;
mod items;

/// A command found inside a wrapper.
#[derive(Debug, Clone)]
pub(crate) enum InnerCommand {
    /// Words that are executed as they are.
    Argv { argv: Vec<Word>, assignments: Vec<Assignment>, place: Place, stdin_taken: bool },
    /// Text for a shell, with its positional parameters from `$0` on.
    Text { text: String, parameters: Vec<Word>, place: Place },
    /// Text for a shell that is not known.
    Unknown { word: Word, place: Place },
    /// Tasks of a file of the project.
    Task {
        format: TaskFormat,
        file: Option<Word>,
        folder: Option<Word>,
        words: Vec<Word>,
        place: Place,
    },
    /// A text with commands under keys, or the file that holds it.
    Manifest { keys: KeySpec, text: Option<Word>, path: Word, place: Place },
    /// A file with a script, and its arguments; the language, or shell text;
    /// whether it is what the program is started for, so that it is `$0`.
    File {
        path: Word,
        arguments: Vec<Word>,
        language: Option<String>,
        main: bool,
        made: bool,
        place: Place,
    },
}

impl InnerCommand {
    pub(crate) const fn place(&self) -> &Place {
        match self {
            Self::Argv { place, .. }
            | Self::Text { place, .. }
            | Self::Unknown { place, .. }
            | Self::Task { place, .. }
            | Self::Manifest { place, .. }
            | Self::File { place, .. } => place,
        }
    }
}

/// Whether an entry is for this subcommand and these words.
pub(crate) fn applies(spec: &WrapperSpec, reading: &Reading) -> bool {
    if spec.refuses && reading.options.iter().any(|opt| !opt.known) {
        return false;
    }
    let says_so = |when: &When| {
        let mut given = reading.options.iter().rev();
        let value = given.find(|opt| when.options.contains(&opt.name));
        let operand = when.operand.and_then(|n| reading.operands.get(n));
        match value.and_then(|opt| opt.value.as_ref()).or(operand) {
            None => when.absent,
            Some(word) => {
                word.as_static().is_none_or(|text| when.values.iter().any(|value| value == text))
            }
        }
    };
    // `bash -n +n` takes the option back.
    let back = reading.operands.iter().any(|word| word.known_prefix().starts_with('+'))
        || reading.options.iter().any(|opt| opt.name.starts_with('+'));
    let idle = !back && reading.options.iter().any(|opt| spec.unless.contains(&opt.name));
    let needed = |opt: &crate::model::Opt| spec.with.contains(&opt.name);
    if !spec.with.is_empty() && !reading.options.iter().any(needed) {
        return false;
    }
    if idle || !spec.when.as_ref().is_none_or(says_so) {
        return false;
    }
    match &spec.subcommand {
        None => true,
        Some(path) if path.is_empty() => reading.subcommand.is_empty(),
        Some(path) => {
            let mut words = reading.subcommand.iter().map(String::as_str);
            path.split(' ').all(|want| words.next() == Some(want))
        }
    }
}

/// All the commands that this entry finds.
pub(crate) fn find(
    spec: &WrapperSpec,
    invocation: &Invocation,
    reading: &Reading,
    home: Option<&str>,
) -> Vec<InnerCommand> {
    let place = place(spec, invocation);
    let replaces = || invocation.options_named(&spec.replace).next().is_some();
    // The last one of the two counts (GNU xargs): then nothing is replaced.
    let counts = ["-n", "--max-args", "-L", "--max-lines", "-l"];
    let counts = || invocation.options.iter().any(|opt| counts.contains(&opt.name.as_str()));
    let appends = spec.appends && (!replaces() || counts());
    let token = token(spec, invocation);
    let finder = Finder { spec, invocation, reading, place, token, appends };
    let one = |inner: &Inner| match inner {
        Inner::Code(code) => embedded::code(code, invocation, &finder.place, home),
        Inner::Extract(extract) => {
            embedded::extract(extract, &spec.programs, invocation, &finder.place, home)
        }
        Inner::Manifest(manifest) => manifests(manifest, invocation, &finder.place),
        other => finder.one(other),
    };
    spec.inner.iter().flat_map(one).collect()
}

/// The texts that one is given for its objects.
fn manifests(spec: &Manifest, invocation: &Invocation, place: &Place) -> Vec<InnerCommand> {
    if invocation.options_named(&spec.unless).next().is_some() {
        return Vec::new();
    }
    let paths = invocation.options_named(&spec.options).filter_map(|opt| opt.value.clone());
    paths
        .map(|path| {
            let stdin = matches!(path.as_static(), Some("-" | "/dev/stdin"));
            let text = embedded::given(invocation).filter(|_| stdin).cloned();
            InnerCommand::Manifest { keys: spec.keys.clone(), text, path, place: place.clone() }
        })
        .collect()
}

fn token<'a>(spec: &'a WrapperSpec, invocation: &'a Invocation) -> Option<&'a str> {
    let default = spec.placeholder.as_deref()?;
    let mut chosen = invocation.options_named(&spec.replace);
    // A pattern that fits nothing is what is written (`-I?`).
    let written = |word: &'a Word| match word.parts.as_slice() {
        [Part::Text(text) | Part::Glob(text)] => Some(text.as_str()),
        _ => None,
    };
    let chosen = chosen.find_map(|opt| opt.value.as_ref().and_then(written));
    Some(chosen.unwrap_or(default)).filter(|token| !token.is_empty())
}

fn place(spec: &WrapperSpec, invocation: &Invocation) -> Place {
    let name = || {
        spec.name.iter().find_map(|source| match source {
            PlaceName::Operand(n) => invocation.operands.get(*n).map(Word::display),
            PlaceName::Option(names) => {
                invocation.options_named(names).find_map(|o| o.value.as_ref().map(Word::display))
            }
        })
    };
    match spec.place {
        PlaceSpec::Here => Place::Here,
        PlaceSpec::AsUser => Place::AsUser(name()),
        PlaceSpec::Container => Place::Container(name()),
        PlaceSpec::Remote => Place::Remote(name()),
        PlaceSpec::Chroot => Place::Chroot(name()),
    }
}

struct Finder<'a> {
    spec: &'a WrapperSpec,
    invocation: &'a Invocation,
    reading: &'a Reading,
    place: Place,
    /// The text that the wrapper replaces by words of its input.
    token: Option<&'a str>,
    /// Words of the input are added at the end: no placeholder takes them.
    appends: bool,
}

impl Finder<'_> {
    fn one(&self, inner: &Inner) -> Vec<InnerCommand> {
        match inner {
            Inner::Argv(from) => {
                let words = self.argv_from(*from);
                match items::of(self.invocation) {
                    Some(all) => all.iter().filter_map(|items| self.given(words, items)).collect(),
                    None => self.argv(words).into_iter().collect(),
                }
            }
            Inner::Dashes(from) => {
                let words = match self.reading.dashdash {
                    Some(at) => self.invocation.argv.get(at + 1..).unwrap_or_default(),
                    None => self.argv_from(*from),
                };
                self.argv(words).into_iter().collect()
            }
            Inner::Words(from) => {
                let words = self.until_input(self.argv_from(*from));
                let words = words.strip_prefix(&[dashes()][..]).unwrap_or(words);
                if words.is_empty() {
                    return self.input_as_text();
                }
                self.joined(words).into_iter().collect()
            }
            Inner::Text(options) => self
                .invocation
                .options_named(options)
                .filter_map(|opt| match &opt.value {
                    Some(word) => self.option_text(word),
                    // `-c` as a switch: the text is the first operand (sh, bash).
                    None => self.first_operand_text(),
                })
                .take(1)
                .collect(),
            Inner::OperandText(n) => {
                let word = self.invocation.operands.get(*n);
                word.and_then(|word| self.text(word, &[])).into_iter().collect()
            }
            Inner::Actions(actions) => self.actions(actions),
            Inner::Module(options) => self.module(options).into_iter().collect(),
            Inner::Script(unless) => {
                let inline = self.invocation.options_named(unless).next().is_some();
                let words = if inline { &[] } else { self.argv_from(0) };
                self.argv(words).into_iter().collect()
            }
            Inner::Task(task) => self.tasks(task),
            Inner::File(file) if file.made => self.made_files(file),
            Inner::File(file) => {
                self.file(file).into_iter().chain(self.named_files(file)).collect()
            }
            Inner::Stdin(most) => {
                self.stdin(*most).into_iter().chain(self.stdin_file(*most)).collect()
            }
            Inner::Split(options) => self.split(options).into_iter().collect(),
            Inner::Shell(shell) => self.shell(shell).into_iter().collect(),
            Inner::Subscripts => self.subscripts(),
            Inner::Definitions => self.definitions(),
            Inner::Program(name) => {
                let words = match self.reading.dashdash {
                    Some(at) => self.invocation.argv.get(at + 1..).unwrap_or_default(),
                    None => self.argv_from(0),
                };
                let mut argv = vec![Word::text(name.as_str(), self.invocation.span)];
                argv.extend_from_slice(words);
                self.argv(&argv).into_iter().collect()
            }
            Inner::Keys(keys) => self.keys(keys),
            Inner::Image(image) => self.image(image).into_iter().collect(),
            // Found by functions of their own, see `find`.
            Inner::Code(_) | Inner::Extract(_) | Inner::Manifest(_) => Vec::new(),
        }
    }

    /// `python -m pip install x`.
    fn module(&self, options: &[String]) -> Option<InnerCommand> {
        let module = self.invocation.options_named(options).find_map(|opt| opt.value.clone())?;
        let rest = self.invocation.operands.iter().cloned();
        let words: Vec<Word> = std::iter::once(module).chain(rest).collect();
        self.argv(&words)
    }

    fn skips(&self, word: &Word) -> bool {
        word.as_static().is_some_and(|text| self.spec.skip.iter().any(|skip| skip == text))
    }

    fn is_given_text(&self) -> bool {
        self.spec.inner.iter().any(|inner| match inner {
            Inner::Text(options) => self.invocation.options_named(options).next().is_some(),
            _ => false,
        })
    }

    /// Words that are joined to shell text; the input stands at the end unless
    /// it has a place among them (`{}`, `{.}`, `{1}`).
    fn joined(&self, words: &[Word]) -> Option<InnerCommand> {
        let mut text = join(words);
        let has_place = |word: &Word| {
            let shown = word.display();
            shown.contains('{') || self.token.is_some_and(|token| shown.contains(token))
        };
        if self.spec.appends && !words.iter().any(has_place) {
            text.push_text(" ");
            append(&mut text, &input());
        }
        self.text(&text, &[])
    }

    /// `parallel` without a command: each line of its input is one.
    fn input_as_text(&self) -> Vec<InnerCommand> {
        if !self.spec.appends || self.invocation.help {
            return Vec::new();
        }
        vec![InnerCommand::Unknown { word: input(), place: self.place.clone() }]
    }

    /// The words of argv from the operand `from` on.
    fn argv_from(&self, from: usize) -> &[Word] {
        self.reading
            .operand_positions
            .get(from)
            .and_then(|at| self.invocation.argv.get(*at..))
            .unwrap_or_default()
    }

    fn first_operand_text(&self) -> Option<InnerCommand> {
        let operands = &self.invocation.operands;
        self.text(operands.first()?, operands.get(1..).unwrap_or_default())
    }

    /// `sh -c -e TEXT`: the text is the first word that is not an option.
    fn option_text(&self, word: &Word) -> Option<InnerCommand> {
        let operands = &self.invocation.operands;
        match (word.as_static(), operands.first()) {
            (Some(text), Some(first)) if text.starts_with(['-', '+']) => {
                self.text(first, operands.get(1..).unwrap_or_default())
            }
            _ => self.text(word, operands),
        }
    }

    fn text(&self, word: &Word, parameters: &[Word]) -> Option<InnerCommand> {
        let place = self.place.clone();
        let word = self.substitute(word);
        match readable(&word) {
            Some(text) => Some(InnerCommand::Text { text, parameters: parameters.to_vec(), place }),
            None if self.spec.knows_unknown => None,
            None => Some(InnerCommand::Unknown { word, place }),
        }
    }

    fn until_input<'w>(&self, words: &'w [Word]) -> &'w [Word] {
        let end = words.iter().position(|word| {
            word.as_static().is_some_and(|text| self.spec.input_after.iter().any(|i| i == text))
        });
        words.get(..end.unwrap_or(words.len())).unwrap_or_default()
    }

    fn argv(&self, words: &[Word]) -> Option<InnerCommand> {
        let mut words = words;
        if words.first().is_some_and(|word| self.skips(word)) {
            words = words.get(1..).unwrap_or_default();
        }
        if words.first() == Some(&dashes()) {
            words = words.get(1..).unwrap_or_default();
        }
        if words.first().and_then(Word::as_static).is_some_and(is_option) {
            return self.late_option(words);
        }
        let mut assignments = Vec::new();
        if self.spec.assignments {
            while let Some(assignment) = words.first().and_then(assignment) {
                assignments.push(assignment);
                words = words.get(1..).unwrap_or_default();
            }
            if words.first().and_then(Word::as_static) == Some("--") {
                words = words.get(1..).unwrap_or_default();
            }
        }
        if words.is_empty() {
            return None;
        }
        let mut argv: Vec<Word> = words.iter().map(|word| self.substitute(word)).collect();
        if self.appends {
            argv.push(self.input());
        }
        let place = self.place.clone();
        Some(InnerCommand::Argv { argv, assignments, place, stdin_taken: self.spec.appends })
    }

    /// The command with these items of a known input.
    fn given(&self, words: &[Word], items: &[Word]) -> Option<InnerCommand> {
        let found = match (self.token, items) {
            (Some(token), [item]) if !self.appends => {
                let item = item.as_static()?;
                let put = |word: &Word| {
                    let mut out = Word { parts: Vec::new(), span: word.span };
                    for part in &word.parts {
                        match part {
                            Part::Text(text) => out.push_text(&text.replace(token, item)),
                            // A pattern that fits nothing stays as it is written.
                            Part::Glob(text) if text.contains(token) => {
                                out.push_text(&text.replace(token, item));
                            }
                            other => out.parts.push(other.clone()),
                        }
                    }
                    out
                };
                words.iter().map(put).collect()
            }
            _ => [words, items].concat(),
        };
        let all = Finder { token: None, appends: false, place: self.place.clone(), ..*self };
        let command = all.argv(&found)?;
        // Its input is used up, as for any command that xargs starts.
        match command {
            InnerCommand::Argv { argv, assignments, place, .. } => {
                Some(InnerCommand::Argv { argv, assignments, place, stdin_taken: true })
            }
            other => Some(other),
        }
    }

    /// What a wrapper puts behind its command from its input.
    fn input(&self) -> Word {
        let mut word = input();
        let known = self.invocation.input.as_deref().and_then(Word::as_static);
        let skips = ["-r", "--no-run-if-empty"];
        let skips = self.invocation.options.iter().any(|o| skips.contains(&o.name.as_str()));
        if let Some(Part::Hole(hole)) = word.parts.first_mut() {
            // `xargs` runs its command once even then.
            hole.empty = !skips && known.is_some_and(|text| text.trim().is_empty());
        }
        word
    }

    /// `flock FILE -c TEXT`: an option of the wrapper where its command should
    /// begin. No program has such a name, so any other option there is unknown.
    fn late_option(&self, words: &[Word]) -> Option<InnerCommand> {
        let first = words.first()?;
        let option = first.as_static()?;
        let takes_text = self.spec.inner.iter().any(|inner| match inner {
            Inner::Text(options) => options.iter().any(|known| known == option),
            _ => false,
        });
        // The program of an image takes them.
        let image = self.spec.inner.iter().any(|inner| matches!(inner, Inner::Image(_)));
        match words.get(1) {
            Some(text) if takes_text => self.text(text, &[]),
            _ if image || self.spec.refuses => None,
            _ => {
                let word = Word::hole(option, Cause::Input, first.span);
                Some(InnerCommand::Unknown { word, place: self.place.clone() })
            }
        }
    }

    /// `sh <<EOF`: a shell that is given no text reads it. What comes through a
    /// pipe or from a file is not known here; rules are about that.
    fn stdin(&self, most: usize) -> Option<InnerCommand> {
        let word = match &self.invocation.stdin {
            Stdin::Text(word) => word,
            // Of a pipe, what begins with something known; the rest is for rules.
            _ => {
                let known = self.invocation.input.as_deref()?;
                known.parts.first().filter(|part| !matches!(part, Part::Hole(_)))?;
                known
            }
        };
        let names_it = |operand: &&Word| {
            let text = operand.as_static();
            text.is_some_and(|text| ["-", "/dev/stdin", "/proc/self/fd/0"].contains(&text))
        };
        let operands = &self.invocation.operands;
        let named = operands.iter().filter(names_it).count();
        let asked = self.invocation.options_named(&["-s".to_owned()]).next().is_some();
        if self.is_given_text() || !(asked || operands.len() - named <= most) {
            return None;
        }
        self.text(word, &[])
    }

    /// `sh < FILE`: what the same text has put there.
    fn stdin_file(&self, most: usize) -> Option<InnerCommand> {
        let Stdin::File(path) = &self.invocation.stdin else { return None };
        // A file whose name is not known is the one that this text has written;
        // what commands print is a pipe.
        let printed = path.holes().any(|hole| hole.cause == Cause::ProcessSubstitution);
        let known = self.invocation.input.is_some() || printed;
        let asked = self.invocation.options_named(&["-s".to_owned()]).next().is_some();
        if known || self.is_given_text() || !(asked || self.invocation.operands.len() <= most) {
            return None;
        }
        let (path, place) = (path.clone(), self.place.clone());
        let (arguments, language, main, made) = (Vec::new(), None, false, false);
        Some(InnerCommand::File { path, arguments, language, main, made, place })
    }

    /// The commands after `-exec` and the like, each up to `;` or `+`.
    fn actions(&self, actions: &[String]) -> Vec<InnerCommand> {
        let argv = &self.invocation.argv;
        let is = |word: &Word, set: &[&str]| word.as_static().is_some_and(|t| set.contains(&t));
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(word) = argv.get(at) {
            at += 1;
            if !word.as_static().is_some_and(|text| actions.iter().any(|a| a == text)) {
                continue;
            }
            let rest = argv.get(at..).unwrap_or_default();
            let end = rest.iter().position(|word| is(word, &[";", "+"])).unwrap_or(rest.len());
            out.extend(self.argv(rest.get(..end).unwrap_or_default()));
            at += end;
        }
        out
    }

    /// Replaces the wrapper's placeholder by "something from its input".
    fn substitute(&self, word: &Word) -> Word {
        let Some(token) = self.token else { return word.clone() };
        let mut out = Word { parts: Vec::new(), span: word.span };
        for part in &word.parts {
            match part {
                Part::Text(text) | Part::Glob(text) if text.contains(token) => {
                    for (i, piece) in text.split(token).enumerate() {
                        if i > 0 {
                            out.parts.extend(input().parts);
                        }
                        out.push_text(piece);
                    }
                }
                other => out.parts.push(other.clone()),
            }
        }
        out
    }
}

fn is_option(text: &str) -> bool {
    text.len() > 1 && text.starts_with('-')
}

fn dashes() -> Word {
    Word::text("--", Span::default())
}

/// A word of the wrapper's input.
fn input() -> Word {
    Word::hole("{}", Cause::Input, Span::default())
}

/// `NAME=value`, with what is known of the value.
pub(crate) fn assignment(word: &Word) -> Option<Assignment> {
    let Some(Part::Text(first)) = word.parts.first() else { return None };
    let (name, rest) = first.split_once('=')?;
    let valid = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !valid {
        return None;
    }
    let mut value = Word { parts: Vec::new(), span: word.span };
    value.push_text(rest);
    value.parts.extend(word.parts.iter().skip(1).cloned());
    Some(Assignment { name: name.to_owned(), value })
}

/// Joins words by spaces, as `eval`, `ssh` and `watch` do.
fn join(words: &[Word]) -> Word {
    let mut out = Word::default();
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            out.push_text(" ");
        }
        append(&mut out, word);
    }
    out
}

fn append(out: &mut Word, word: &Word) {
    for part in &word.parts {
        match part {
            Part::Text(text) => out.push_text(text),
            other => out.parts.push(other.clone()),
        }
    }
}

/// Shell text that expands what a subscript in `text` would expand.
pub(crate) fn hidden_substitution(text: &str) -> Option<String> {
    let mut depth = 0usize;
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '[' if depth > 0 || before.is_alphanumeric() || before == '_' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '`' if depth > 0 => return Some(expanded(text)),
            '(' | '{' if depth > 0 && before == '$' => return Some(expanded(text)),
            _ => {}
        }
        before = c;
    }
    None
}

/// What bash reads in double quotes.
fn expanded(text: &str) -> String {
    format!(": <<GUARD_SUBSCRIPT\n{text}\nGUARD_SUBSCRIPT\n")
}

/// Stands for the name of a new temporary file in a text (mktemp(1)). What it
/// holds is never known.
pub(super) const TEMPORARY: &str = "/tmp/tmp.XXXXXXXXXX";

/// Shell text of a word. A hole inside becomes a variable of its own that
/// nobody sets, so that the rest can still be read; a text that begins with a
/// hole, or is nothing else, is unknown as a whole.
pub(crate) fn readable(word: &Word) -> Option<String> {
    if matches!(word.parts.first(), Some(Part::Hole(_))) {
        return None;
    }
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Text(t) | Part::Glob(t) => text.push_str(t),
            Part::Hole(hole) if hole.cause == Cause::TempFile => text.push_str(TEMPORARY),
            Part::Hole(_) => text.push_str("${__unknown}"),
        }
    }
    Some(text)
}
