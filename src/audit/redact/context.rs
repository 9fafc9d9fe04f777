//! Secrets that show by the words before them: `--password x`, `mysql -px`,
//! `NAME=value`.

use std::borrow::Cow;
use std::ops::Range;

use super::embedded::names_follow;
use super::names::{NameKind, can_be_secret, is_switch, secret_name};
use super::table::{self, How};
use super::words::{Token, inside, tokens, unquote};
use super::{MAX_DEPTH, Mode};

/// A word of a command for the rules of this file.
struct Word<'t> {
    /// As typed; the same as `plain` for argv.
    raw: &'t [u8],
    /// Without quotes.
    plain: Cow<'t, [u8]>,
    /// Where `raw` starts in what is redacted.
    start: usize,
}

/// What the words of commands tell.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Secrets.
    pub(super) spans: Vec<Range<usize>>,
    /// Where names of secrets are only words (prose, file names), in the order of
    /// the text.
    pub(super) prose: Vec<Range<usize>>,
}

/// Finds secrets in the words of one command; what is found is per word.
pub(super) fn argv(argv: &[&[u8]], found: &mut [Hits]) {
    let words: Vec<Word<'_>> =
        argv.iter().map(|raw| Word { raw, plain: Cow::Borrowed(raw), start: 0 }).collect();
    let mut command = Command::new(&words, Mode::Word);
    command.look();
    for (at, span) in command.hits {
        if let Some(hits) = found.get_mut(at) {
            hits.spans.push(span);
        }
    }
    for at in command.prose {
        if let Some(hits) = found.get_mut(at) {
            hits.prose.push(0..usize::MAX);
        }
    }
}

/// Finds secrets in shell text that begins at `base` of what is redacted.
pub(super) fn text(text: &[u8], base: usize, depth: usize, out: &mut Hits) {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut piped_from: Vec<Word<'_>> = Vec::new();
    let mut tokens = tokens(text).into_iter();
    loop {
        let token = tokens.next();
        match token {
            Some(Token::Word(range)) => {
                let raw = text.get(range.clone()).unwrap_or(&[]);
                words.push(Word { raw, plain: unquote(raw), start: range.start });
                continue;
            }
            Some(Token::Redirect) => continue,
            _ => {}
        }
        let mut command = Command::new(&words, Mode::Text);
        command.look();
        let moved = |span: Range<usize>| base + span.start..base + span.end;
        out.spans.extend(command.hits.into_iter().map(|(_, span)| moved(span)));
        if let Some(after_colon) = reads_secret(&words) {
            out.spans.extend(echoed(&piped_from, after_colon).map(moved));
        }
        for (at, word) in words.iter().enumerate() {
            let range = word.start..word.start + word.raw.len();
            if command.prose.binary_search(&at).is_ok() {
                out.prose.push(moved(range));
                continue;
            }
            // Text in quotes may be a command for somebody else.
            let inner = inside(text, range.clone());
            let inner_text = text.get(inner.clone()).unwrap_or(&[]);
            let nested = inner_text.iter().any(u8::is_ascii_whitespace);
            if nested && inner != range && depth < MAX_DEPTH {
                self::text(inner_text, base + inner.start, depth + 1, out);
            }
        }
        let words = std::mem::take(&mut words);
        match token {
            None => return,
            Some(Token::Pipe) => piped_from = words,
            _ => piped_from.clear(),
        }
    }
}

/// Whether a command reads a secret from its input (`docker login
/// --password-stdin`), and whether as `user:secret`.
fn reads_secret(words: &[Word<'_>]) -> Option<bool> {
    words.iter().find_map(|word| {
        let plain = &*word.plain;
        let known = table::STDIN_READERS.iter().any(|reader| reader.as_bytes() == plain);
        // `-S` only means that for sudo.
        let sudo = || words.first().is_some_and(|first| &*first.plain == b"sudo");
        (known && (plain != b"-S" || sudo())).then_some(plain == b"chpasswd")
    })
}

/// The operands of an `echo` or `printf`.
fn echoed<'w>(words: &'w [Word<'_>], after_colon: bool) -> impl Iterator<Item = Range<usize>> + 'w {
    let echo = words.first().is_some_and(|w| matches!(&*w.plain, b"echo" | b"printf"));
    let operands = words.iter().skip(1).filter(move |w| echo && !w.plain.starts_with(b"-"));
    operands.filter_map(move |word| {
        let mut span = inside(word.raw, 0..word.raw.len());
        let value = word.raw.get(span.clone())?;
        if after_colon {
            span.start += value.iter().position(|b| *b == b':')? + 1;
        }
        let value = word.raw.get(span.clone())?;
        // A format of printf is no secret.
        let format = value.first() == Some(&b'%');
        let literal = word.raw.first() == Some(&b'\'');
        (!format && can_be_secret(value, NameKind::Secret, literal))
            .then(|| word.start + span.start..word.start + span.end)
    })
}

/// Whether a word is the `-c` of a shell (`-c`, `-lc`): text follows.
pub(super) fn is_shell_c(word: &[u8]) -> bool {
    matches!(word, [b'-', letters @ .., b'c'] if letters.iter().all(u8::is_ascii_lowercase))
}

struct Command<'w, 't> {
    words: &'w [Word<'t>],
    mode: Mode,
    /// Names in the tables that were seen: programs that may be running here,
    /// and subcommands.
    programs: Vec<&'static str>,
    subcommands: Vec<&'static str>,
    hits: Vec<(usize, Range<usize>)>,
    prose: Vec<usize>,
}

impl<'w, 't> Command<'w, 't> {
    const fn new(words: &'w [Word<'t>], mode: Mode) -> Self {
        Self {
            words,
            mode,
            programs: Vec::new(),
            subcommands: Vec::new(),
            hits: Vec::new(),
            prose: Vec::new(),
        }
    }

    fn look(&mut self) {
        let mut no_more_options = false;
        // Whether the next operand may be a program.
        let mut program_next = true;
        let words = self.words;
        for (at, word) in words.iter().enumerate() {
            let plain = &*word.plain;
            no_more_options |= plain == b"--";
            if plain.starts_with(b"-") && !no_more_options {
                self.option(at);
                continue;
            }
            if program_next {
                let base = plain.rsplit(|b| *b == b'/').next().unwrap_or(plain);
                let assignment = base.contains(&b'=');
                let wrapper = remember(base, table::WRAPPERS, &mut self.programs);
                let tools = table::TOOLS.iter().map(|tool| tool.programs);
                for list in tools.chain(table::OPERANDS.iter().map(|entry| entry.programs)) {
                    remember(base, list, &mut self.programs);
                }
                remember(base, table::PROSE_PROGRAMS, &mut self.programs);
                // Behind a wrapper, any operand may be the next program.
                program_next = assignment || wrapper || self.wrapped();
            }
            for tool in table::TOOLS {
                remember(plain, tool.sub, &mut self.subcommands);
            }
            let before = at.checked_sub(1).and_then(|at| words.get(at));
            let is_command = plain.iter().any(u8::is_ascii_whitespace)
                && (before.is_some_and(|word| is_shell_c(&word.plain))
                    || self.runs(table::TEXT_RUNNERS));
            // `sh -c 'NAME=x cmd'` is read as text of its own.
            if !is_command && self.prose.last() != Some(&at) {
                self.assignment(at, 0);
            }
        }
        self.operands();
        self.set_pairs();
    }

    fn wrapped(&self) -> bool {
        self.programs.iter().any(|program| table::WRAPPERS.contains(program))
    }

    fn runs(&self, programs: &[&str]) -> bool {
        self.programs.iter().any(|program| programs.contains(program))
    }

    /// Adds the part of a word from byte `from` of its raw form on, without the
    /// quotes around it.
    fn hit(&mut self, at: usize, from: usize, kind: NameKind) {
        let Some(word) = self.words.get(at) else { return };
        let all = from..word.raw.len();
        // In argv everything has been expanded; in text only quotes protect.
        let (span, literal) = match self.mode {
            Mode::Word => (all, true),
            Mode::Text => match open_quote(word.raw.get(..from).unwrap_or(&[])) {
                None => (inside(word.raw, all), word.raw.get(from) == Some(&b'\'')),
                Some(quote) => {
                    let closed = word.raw.last() == Some(&quote) && !all.is_empty();
                    (from..all.end - usize::from(closed), quote == b'\'')
                }
            },
        };
        let value = word.raw.get(span.clone()).unwrap_or(&[]);
        if can_be_secret(value, kind, literal) {
            self.hits.push((at, word.start + span.start..word.start + span.end));
        }
    }

    /// `NAME=value` from byte `from` of a word on.
    fn assignment(&mut self, at: usize, from: usize) {
        let Some(word) = self.words.get(at) else { return };
        let raw = word.raw.get(from..).unwrap_or(&[]);
        let quote =
            usize::from(self.mode == Mode::Text && matches!(raw.first(), Some(b'\'' | b'"')));
        let Some(equals) = raw.iter().position(|b| *b == b'=') else { return };
        let name = raw.get(quote..equals).unwrap_or(&[]);
        let is_name = name.iter().all(|b| {
            b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b':' | b'[' | b']')
        });
        // An address with a query is read by its parts.
        if !is_name || name.windows(3).any(|w| w == b"://") {
            return;
        }
        // Connection strings and lists of pairs have their own ends.
        let value = raw.get(equals + 1..).unwrap_or(&[]);
        let listed = value.iter().enumerate().any(|(n, b)| {
            matches!(b, b';' | b'&' | b',') && names_follow(value.get(n + 1..).unwrap_or(&[]))
        });
        if listed {
            return;
        }
        if let Some(kind) = secret_name(name)
            && !is_mount(name, value)
        {
            self.hit(at, from + equals + 1, kind);
        }
    }

    fn option(&mut self, at: usize) {
        let Some(word) = self.words.get(at) else { return };
        let plain = &*word.plain;
        let equals = plain.iter().position(|b| *b == b'=');
        let name = plain.get(..equals.unwrap_or(plain.len())).unwrap_or(plain);
        if table::NEVER_OPTIONS.iter().any(|never| never.as_bytes() == name) {
            self.prose.push(at + usize::from(equals.is_none()));
            return;
        }
        let raw_equals = word.raw.iter().position(|b| *b == b'=');
        if let Some((how, attached)) = self.tool_option(at) {
            self.tool_value(at, how, attached);
            return;
        }
        if self.runs(table::PROSE_PROGRAMS)
            && table::PROSE_OPTIONS.iter().any(|option| option.as_bytes() == name)
        {
            self.prose.push(at + usize::from(equals.is_none()));
            return;
        }
        if let Some(raw_equals) = raw_equals {
            match secret_name(name) {
                Some(kind) if !is_mount(name, word.raw.get(raw_equals + 1..).unwrap_or(&[])) => {
                    self.hit(at, raw_equals + 1, kind);
                }
                Some(_) => {}
                None => self.assignment(at, raw_equals + 1),
            }
            return;
        }
        // A short option is no name; `-storepass` and `-password` are.
        let long = name.starts_with(b"--") || name.len() > 3;
        let next = self.words.get(at + 1);
        if let (true, Some(kind), Some(next)) = (long, secret_name(name), next) {
            let next_plain = &*next.plain;
            if !is_switch(name) && !looks_like_option(next_plain) && !is_mount(name, next_plain) {
                self.hit(at + 1, 0, kind);
            }
        }
    }

    /// The table entry for an option of an active tool, and how many bytes of
    /// the word are the option itself when its value is attached.
    fn tool_option(&self, at: usize) -> Option<(How, Option<usize>)> {
        let word = &*self.words.get(at)?.plain;
        table::TOOLS.iter().find_map(|tool| {
            let sub =
                tool.sub.is_empty() || self.subcommands.iter().any(|seen| tool.sub.contains(seen));
            if !sub || !self.runs(tool.programs) {
                return None;
            }
            tool.options.iter().find_map(|option| {
                let option = option.as_bytes();
                let rest = word.strip_prefix(option)?;
                let long = option.starts_with(b"--");
                match rest.first() {
                    None => Some((tool.how, None)),
                    Some(b'=') => Some((tool.how, Some(option.len() + 1))),
                    // Only a single letter takes its value without a separator.
                    Some(_) if !long && option.len() == 2 => Some((tool.how, Some(option.len()))),
                    Some(_) => None,
                }
            })
        })
    }

    fn tool_value(&mut self, at: usize, how: How, attached: Option<usize>) {
        // The value: in this word, or the next one.
        let target = at + usize::from(attached.is_none());
        let Some(word) = self.words.get(target) else { return };
        let opened = self.mode == Mode::Text && matches!(word.raw.first(), Some(b'\'' | b'"'));
        let from = attached.map_or(0, |len| len + usize::from(opened));
        let value = word.raw.get(from..).unwrap_or(&[]);
        let after = |separator: u8| value.iter().position(|b| *b == separator);
        let containers = self.runs(&["docker", "podman", "nerdctl"]);
        let ports = || {
            // `docker run -p3306:3306 mysql` publishes a port.
            value.iter().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'-'))
        };
        let skip = match how {
            How::Never => {
                self.prose.push(target);
                None
            }
            How::Switch => None,
            How::OnlyEquals | How::Attached => {
                (attached.is_some() && !(containers && ports())).then_some(0)
            }
            How::Value | How::Both => {
                (attached.is_some() || !looks_like_option(&word.plain)).then_some(0)
            }
            How::AfterColon => after(b':').map(|at| at + 1),
            How::AfterPercent => after(b'%').map(|at| at + 1),
            How::AfterEquals => after(b'=').map(|at| at + 1),
            How::Pass => word.plain.starts_with(b"pass:").then_some(5 + usize::from(opened)),
        };
        if let Some(skip) = skip {
            self.hit(target, from + skip, NameKind::Secret);
        }
    }

    /// Operands that are secrets by their place.
    fn operands(&mut self) {
        let words = self.words;
        for table::Operand { programs, sub, nth, with } in table::OPERANDS {
            let with = with.is_empty() || words.iter().any(|w| &*w.plain == with.as_bytes());
            if !with || !self.runs(programs) {
                continue;
            }
            let is_operand = |w: &Word<'_>| !w.plain.starts_with(b"-");
            let operands: Vec<usize> =
                words.iter().enumerate().filter(|(_, w)| is_operand(w)).map(|(at, _)| at).collect();
            let at_sub = operands.windows(sub.len()).position(|window| {
                window
                    .iter()
                    .zip(*sub)
                    .all(|(at, name)| words.get(*at).is_some_and(|w| &*w.plain == name.as_bytes()))
            });
            // `vault login -method=userpass` has no token as operand.
            let method = words.iter().any(|w| w.plain.starts_with(b"-method"));
            if let (Some(at), false) = (at_sub, method)
                && let Some(target) = operands.get(at + sub.len() + nth)
            {
                self.hit(*target, 0, NameKind::Secret);
            }
        }
    }

    /// `set NAME VALUE`, `config NAME VALUE`.
    fn set_pairs(&mut self) {
        let words = self.words;
        let mut setting = false;
        for (at, word) in words.iter().enumerate() {
            let plain = &*word.plain;
            if setting
                && !plain.starts_with(b"-")
                && !plain.contains(&b'=')
                && plain.iter().any(|b| matches!(b, b'_' | b'.' | b'-'))
                && let Some(kind) = secret_name(plain)
                && let Some(next) = words.get(at + 1)
                && !looks_like_option(&next.plain)
            {
                self.hit(at + 1, 0, kind);
                return;
            }
            setting |= matches!(plain, b"set" | b"config");
        }
    }
}

/// Adds the entry of a list that equals a word, once; whether there is one.
fn remember(word: &[u8], list: &'static [&'static str], seen: &mut Vec<&'static str>) -> bool {
    let Some(entry) = list.iter().find(|entry| entry.as_bytes() == word) else { return false };
    if !seen.contains(entry) {
        seen.push(entry);
    }
    true
}

/// The quote that is open at the end of the beginning of a word.
fn open_quote(beginning: &[u8]) -> Option<u8> {
    beginning.iter().fold(None, |open, byte| match (open, byte) {
        (None, b'\'' | b'"') => Some(*byte),
        (Some(quote), byte) if quote == *byte => None,
        _ => open,
    })
}

/// `--name`, `--name=..` or `-x`: the option before it got no value.
fn looks_like_option(word: &[u8]) -> bool {
    match word {
        [b'-', b'-', first, ..] => first.is_ascii_lowercase(),
        [b'-', letter] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

/// The value of `--secret` in builds and services: `id=x,src=path`. A password may
/// begin like that as well.
fn is_mount(name: &[u8], value: &[u8]) -> bool {
    name.to_ascii_lowercase().ends_with(b"secret")
        && [&b"id="[..], b"type=", b"source=", b"src="].iter().any(|start| value.starts_with(start))
}
