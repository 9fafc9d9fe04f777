//! Options: names, bundles of letters, and where their values are.

use crate::model::{Opt, Part, Span, Word};

use super::reader::{Reader, is_help, leading_text};
use super::table::Arity;
use super::{Role, cloud};

/// What the grammar says about an option as written.
struct Found {
    name: String,
    arity: Option<Arity>,
}

impl Reader<'_> {
    /// Takes the option at `at`; returns the index of the next word.
    pub(super) fn option(&mut self, at: usize, word: &Word) -> usize {
        self.role(at, Role::Option);
        let head = leading_text(word);
        if head.starts_with("--") || self.has('d') || self.has('g') || self.is_whole(head) {
            return self.long(at, word);
        }
        self.bundle(at, 1)
    }

    /// Whether a word with one dash is one option by the grammar (`-nv`,
    /// `-DskipTests` is not).
    fn is_whole(&self, head: &str) -> bool {
        let name = head.split('=').next().unwrap_or(head);
        name.chars().count() > 2 && self.arity(name).is_some()
    }

    /// An option of which the whole word, up to `=`, is the name.
    fn long(&mut self, at: usize, word: &Word) -> usize {
        let head = leading_text(word);
        let Some((name, _)) = head.split_once('=') else {
            if word.parts.len() > 1 {
                // `--$X`, `--pre$X`: the name itself is not known.
                self.unsure();
                self.push(open_name(head), Some(tail(word, head.len())), false, word.span);
                return at + 1;
            }
            let found = self.find(head);
            return self.separate(at, word, found);
        };
        let found = self.find(name);
        let known = self.is_known(&found);
        let value = tail(word, name.len() + 1);
        self.ends_options(&found.name);
        self.push(found.name, Some(value), known, word.span);
        at + 1
    }

    /// An option whose value, if any, is the next word.
    fn separate(&mut self, at: usize, word: &Word, found: Found) -> usize {
        let known = self.is_known(&found);
        let next = self.argv.get(at + 1);
        let many = cloud::takes_many(self);
        let takes = match found.arity {
            Some(Arity::Flag | Arity::Optional) => false,
            Some(Arity::Value | Arity::Two) => true,
            Some(Arity::Number) => next.and_then(Word::as_static).is_some_and(is_number),
            Some(Arity::Until) => return self.until(at, &found.name, word.span),
            None if many => !found.name.starts_with("--no-") && next.is_some_and(cloud::is_value),
            None => next.is_some() && self.is_doubtful() && self.decide(),
        };
        let value = next.filter(|_| takes).cloned();
        if value.is_some() {
            self.role(at + 1, Role::Value);
        }
        self.ends_options(&found.name);
        let repeats = value.is_some() && many && cloud::repeats(self) && !self.is_global(&found);
        self.push(found.name.clone(), value, known, word.span);
        let mut next_at = at + 1 + usize::from(takes && next.is_some());
        if found.arity == Some(Arity::Two)
            && let Some(second) = self.argv.get(next_at)
        {
            self.role(next_at, Role::Value);
            self.push(found.name.clone(), Some(second.clone()), known, word.span);
            next_at += 1;
        }
        while repeats && let Some(more) = self.argv.get(next_at).filter(|w| cloud::is_value(w)) {
            self.role(next_at, Role::Value);
            self.push(found.name.clone(), Some(more.clone()), known, word.span);
            next_at += 1;
        }
        next_at
    }

    /// Options that the tables know take one value, even where others take many.
    fn is_global(&self, found: &Found) -> bool {
        found.arity.is_some()
    }

    /// `-exec CMD... ;` and the like: one entry for each word.
    fn until(&mut self, at: usize, name: &str, span: Span) -> usize {
        let mut next = at + 1;
        let mut previous_is_items = false;
        let start = self.out.options.len();
        while let Some(word) = self.argv.get(next) {
            self.role(next, Role::Value);
            self.push(name.to_owned(), Some(word.clone()), true, span);
            next += 1;
            let text = word.as_static();
            if text == Some(";") || (text == Some("+") && previous_is_items) {
                break;
            }
            // A hole stands for the items when a wrapper has put it there.
            previous_is_items = text == Some("{}") || word.has_hole();
        }
        if self.out.options.len() == start {
            self.push(name.to_owned(), None, true, span);
        }
        next
    }

    /// A bundle of letters, `skip` bytes into the word: switches, then perhaps
    /// an option with a value, attached or in the next word.
    pub(super) fn bundle(&mut self, at: usize, skip: usize) -> usize {
        let Some(word) = self.argv.get(at) else { return at + 1 };
        self.role(at, Role::Option);
        let head = leading_text(word);
        let letters = head.get(skip..).unwrap_or_default();
        let dash = if head.starts_with('+') { '+' } else { '-' };
        let toolchain = dash == '+' && self.verb_open;
        if toolchain || self.stays_whole(letters) || letters.is_empty() {
            let value = (word.parts.len() > 1).then(|| tail(word, head.len()));
            if value.is_some() {
                self.unsure();
            }
            let number = !self.levels.is_empty() && value.is_none();
            let open = value.is_some() && letters.is_empty();
            let name = if open { open_name(head) } else { head.to_owned() };
            self.push(name, value, number, word.span);
            return at + 1;
        }
        let mut next = at + 1;
        for (offset, letter) in letters.char_indices() {
            let found = self.find(&format!("{dash}{letter}"));
            let end = skip + offset + letter.len_utf8();
            let rest = head.get(end..).unwrap_or_default();
            let attached = !rest.is_empty() || word.parts.len() > 1;
            // Old-style bundles (`tar cfb A 20`) take their values in order from
            // the words that follow.
            let takes_rest = skip > 0 && attached;
            let value_follows = matches!(found.arity, Some(Arity::Value))
                || (rest.is_empty() && skip > 0 && found.arity.is_none());
            if takes_rest && takes_attached(found.arity) {
                self.attached(word, found, end);
                return next;
            }
            if takes_rest && (rest.starts_with('=') || rest.is_empty()) {
                // `-v=false`, or an unknown part behind a switch.
                self.unsure_unless(rest.starts_with('='));
                self.attached(word, found, end);
                return next;
            }
            if value_follows || matches!(found.arity, Some(Arity::Number) if rest.is_empty()) {
                next = self.separate(next - 1, word, found);
            } else {
                let known = self.is_known(&found);
                self.push(found.name, None, known, word.span);
            }
        }
        next
    }

    fn unsure_unless(&mut self, sure: bool) {
        if !sure {
            self.unsure();
        }
    }

    /// A letter whose value is the rest of the word.
    fn attached(&mut self, word: &Word, found: Found, end: usize) {
        let head = leading_text(word);
        // getopt keeps the `=` of `-n=x`; the flag packages of Go, Python and
        // Node take it off.
        let equals = head.get(end..).is_some_and(|rest| rest.starts_with('='));
        let end = end + usize::from(equals && !self.abbreviates());
        let known = self.is_known(&found);
        self.ends_options(&found.name);
        self.push(found.name, Some(tail(word, end)), known, word.span);
    }

    /// Words of digits are numbers (`head -20`); where there is no grammar, only
    /// letters are a bundle.
    fn stays_whole(&self, letters: &str) -> bool {
        let digits = letters.bytes().all(|b| b.is_ascii_digit()) && letters.len() > 1;
        let unknown_tool = self.levels.is_empty();
        digits || unknown_tool && !letters.chars().all(|c| c.is_ascii_alphabetic())
    }

    /// Whether the first word may be a bundle without a dash.
    pub(super) fn old_bundle(&self) -> bool {
        let text = self.argv.get(1).and_then(Word::as_static).unwrap_or_default();
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
    }

    /// Whether a word like `-rwx` is a file mode: its first letter is no option.
    pub(super) fn is_mode(&self, head: &str) -> bool {
        let Some(first) = head.chars().nth(1) else { return false };
        head.chars().skip(1).all(|c| "rwxXstugoa0123456789+-=,".contains(c))
            && self.arity(&format!("-{first}")).is_none()
    }

    /// Looks an option up, under its own name, its one-dash form, or as an
    /// abbreviation.
    fn find(&self, written: &str) -> Found {
        let go = written.strip_prefix('-').filter(|rest| rest.starts_with('-') && self.has('g'));
        let name = go.unwrap_or(written);
        if let Some(arity) = self.arity(name) {
            return Found { name: name.to_owned(), arity: Some(arity) };
        }
        if go.is_some()
            && let Some(arity) = self.arity(written)
        {
            return Found { name: written.to_owned(), arity: Some(arity) };
        }
        if name.len() > 2 && name.starts_with("--") && self.abbreviates() {
            let mut full = self.levels.iter().flat_map(|level| level.options_with_prefix(name));
            if let Some(first) = full.next()
                && full.all(|other| other == first)
            {
                return Found { name: first.to_owned(), arity: self.arity(first) };
            }
        }
        Found { name: name.to_owned(), arity: None }
    }

    /// How an option takes its value: by the subcommand, else by what is around
    /// it, unless those options end where the subcommand starts.
    fn arity(&self, name: &str) -> Option<Arity> {
        let last = self.levels.len().saturating_sub(1);
        self.levels
            .iter()
            .enumerate()
            .rev()
            .filter(|(at, level)| *at == last || !level.has('l'))
            .find_map(|(_, level)| level.arity(name))
    }

    fn abbreviates(&self) -> bool {
        self.levels.last().is_some_and(|level| level.has('a'))
            || (self.levels.len() > 1 && self.has('a'))
    }

    /// Whether it is unclear if an unlisted option takes the next word: where
    /// the lists are complete it is newer than they are, and before the
    /// subcommand the answer decides what the subcommand is.
    fn is_doubtful(&self) -> bool {
        self.has('t') || (self.verb_open && !self.levels.is_empty())
    }

    /// Whether the grammar knows the option. The tables list switches for some
    /// subcommands only; elsewhere an option without a value is a known switch,
    /// and cloud operations take any option.
    fn is_known(&self, found: &Found) -> bool {
        let listed = || self.levels.last().is_some_and(|level| level.has('f'));
        let any = cloud::takes_many(self);
        found.arity.is_some() || any || !(self.levels.is_empty() || self.is_doubtful() || listed())
    }

    fn ends_options(&mut self, name: &str) {
        let ends = self.levels.last().and_then(|level| level.field('e'));
        if ends.is_some_and(|list| list.split(' ').any(|option| option == name)) {
            self.verbatim = true;
        }
    }

    fn push(&mut self, name: String, value: Option<Word>, known: bool, span: Span) {
        self.help_first |= value.is_none() && is_help(&name) && self.out.operands.is_empty();
        self.out.options.push(Opt { name, value, known, span });
    }

    /// A word of find: options, then paths, then the expression.
    pub(super) fn find_word(&mut self, at: usize, word: &Word) -> usize {
        let head = leading_text(word);
        if matches!(head, "(" | ")" | "!" | ",") && word.parts.len() == 1 {
            self.expression = true;
            self.role(at, Role::Option);
            self.push(head.to_owned(), None, true, word.span);
            return at + 1;
        }
        if (head.len() > 1 || word.parts.len() > 1) && head.starts_with('-') {
            let leading = matches!(head, "-H" | "-L" | "-P" | "-D") || head.starts_with("-O");
            self.expression |= !leading && head != "--";
            return self.option(at, word);
        }
        // After the expression has begun there are no more paths; what stands
        // there is a further value (`-fprintf FILE FORMAT`).
        let last = self.out.options.last().map(|opt| opt.name.clone());
        if let (true, Some(name), false) = (self.expression, last, word.has_hole()) {
            self.role(at, Role::Value);
            self.push(name, Some(word.clone()), true, word.span);
        } else {
            self.operand(at, word);
        }
        at + 1
    }
}

const fn takes_attached(arity: Option<Arity>) -> bool {
    matches!(arity, Some(Arity::Value | Arity::Optional | Arity::Number))
}

/// The name of an option of which only the beginning is known: with a star.
fn open_name(head: &str) -> String {
    format!("{head}*")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// The word without the first `from` bytes of its leading text. The span is
/// exact when the text stands in the source as it is, else that of the word.
fn tail(word: &Word, from: usize) -> Word {
    let mut parts = word.parts.iter();
    let mut out = Word { parts: Vec::new(), span: word.span };
    let length = word.span.end.saturating_sub(word.span.start);
    if let Some(Part::Text(text)) = parts.next() {
        out.push_text(text.get(from..).unwrap_or_default());
    }
    out.parts.extend(parts.cloned());
    if word.display().len() == length {
        out.span.start += from;
    }
    out
}
