//! The text of `sed` scripts.

use super::options::count;
use super::posix::Pattern;
use super::syntax::{self, Program, Syntax};

/// Which lines.
pub(super) enum Address {
    Line(usize),
    Last,
    Match(Pattern),
}

/// One command of a script.
pub(super) struct Command {
    pub(super) addresses: (Option<Address>, Option<Address>),
    pub(super) negated: bool,
    pub(super) action: Action,
}

/// What a command does.
pub(super) enum Action {
    Print,
    Delete,
    Quit,
    Number,
    Translate(Vec<u8>),
    Substitute(Substitution),
}

/// `s/pattern/parts/`.
pub(super) struct Substitution {
    pub(super) pattern: Pattern,
    pub(super) parts: Vec<Part>,
    pub(super) global: bool,
    /// The match that is replaced first.
    pub(super) number: usize,
    pub(super) print: bool,
}

/// A part of a replacement.
pub(super) enum Part {
    Text(Vec<u8>),
    /// Zero is the whole match.
    Group(usize),
}

impl Part {
    pub(super) fn group(&self) -> usize {
        match self {
            Self::Text(_) => 0,
            Self::Group(number) => *number,
        }
    }
}

/// Reads a script; `None` for any command that is not listed above.
pub(super) fn parse(text: &[u8], extended: bool) -> Option<Vec<Command>> {
    if text.starts_with(b"#") || !text.is_ascii() {
        return None;
    }
    let mut reader = Reader { rest: text, extended };
    let mut commands: Vec<Command> = Vec::new();
    loop {
        while matches!(reader.rest.first(), Some(b' ' | b'\t' | b'\n' | b';')) {
            reader.skip(1)?;
        }
        if reader.rest.is_empty() {
            break;
        }
        let command = reader.command()?;
        // A range whose lines a command before it may take away is hard to
        // follow.
        let stops = |c: &Command| matches!(c.action, Action::Delete | Action::Quit);
        if command.addresses.1.is_some() && commands.iter().any(stops) {
            return None;
        }
        commands.push(command);
    }
    (!commands.is_empty()).then_some(commands)
}

struct Reader<'a> {
    rest: &'a [u8],
    extended: bool,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, count: usize) -> Option<()> {
        self.rest = self.rest.get(count..)?;
        Some(())
    }

    fn next(&mut self) -> Option<u8> {
        let (&byte, tail) = self.rest.split_first()?;
        self.rest = tail;
        Some(byte)
    }

    fn blanks(&mut self) {
        while let [b' ' | b'\t', tail @ ..] = self.rest {
            self.rest = tail;
        }
    }

    fn command(&mut self) -> Option<Command> {
        let first = self.address()?;
        let mut second = None;
        if first.is_some() && self.rest.first() == Some(&b',') {
            self.skip(1)?;
            second = Some(self.address()??);
        }
        self.blanks();
        let negated = self.rest.first() == Some(&b'!');
        if negated {
            self.skip(1)?;
            self.blanks();
        }
        let action = match self.next()? {
            b'p' => Action::Print,
            b'd' => Action::Delete,
            b'=' => Action::Number,
            b'q' if second.is_none() => Action::Quit,
            b's' => self.substitution()?,
            b'y' => self.translation()?,
            _ => return None,
        };
        self.blanks();
        matches!(self.rest.first(), None | Some(b';' | b'\n')).then_some(())?;
        Some(Command { addresses: (first, second), negated, action })
    }

    /// The inner `None` means that there is no address here.
    fn address(&mut self) -> Option<Option<Address>> {
        match self.rest.first() {
            Some(b'$') => {
                self.skip(1)?;
                Some(Some(Address::Last))
            }
            Some(b'/') => {
                self.skip(1)?;
                let text = self.until(b'/', true)?;
                Some(Some(Address::Match(self.pattern(&text, false)?)))
            }
            Some(byte) if byte.is_ascii_digit() => {
                let length = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
                let digits = std::str::from_utf8(self.rest.get(..length)?).ok()?;
                self.skip(length)?;
                let line = count(digits).filter(|line| *line > 0)?;
                Some(Some(Address::Line(line)))
            }
            _ => Some(None),
        }
    }

    fn pattern(&self, text: &[u8], ignore_case: bool) -> Option<Pattern> {
        let syntax = Syntax { extended: self.extended, ignore_case, program: Program::Sed };
        syntax::parse(text, syntax)
    }

    /// Text up to the delimiter, which a backslash makes a plain character.
    fn until(&mut self, delimiter: u8, pattern: bool) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            match self.next()? {
                byte if byte == delimiter => return Some(out),
                b'\n' if pattern => return None,
                b'\\' => {
                    let byte = self.next()?;
                    // As a plain character it may be special or not.
                    if byte == delimiter && !b"/,:#!@%_~;= ".contains(&byte) {
                        return None;
                    }
                    if byte != delimiter {
                        out.push(b'\\');
                    }
                    out.push(byte);
                }
                byte => out.push(byte),
            }
        }
    }

    fn delimiter(&mut self) -> Option<u8> {
        self.next().filter(|byte| b"/,:#!@%_~;=|+^".contains(byte))
    }

    fn substitution(&mut self) -> Option<Action> {
        let delimiter = self.delimiter()?;
        let pattern = self.until(delimiter, true)?;
        let replacement = self.until(delimiter, false)?;
        let (mut global, mut print, mut ignore_case, mut number) = (false, false, false, None);
        while let Some(&flag) = self.rest.first() {
            match flag {
                b'g' if !global => global = true,
                b'p' if !print => print = true,
                b'i' | b'I' => ignore_case = true,
                b'1'..=b'9' if number.is_none() => {
                    let length = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
                    let digits = std::str::from_utf8(self.rest.get(..length)?).ok()?;
                    number = Some(count(digits)?);
                    self.skip(length - 1)?;
                }
                _ => break,
            }
            self.skip(1)?;
        }
        let pattern = self.pattern(&pattern, ignore_case)?;
        let parts = parts(&replacement)?;
        if parts.iter().any(|part| part.group() > pattern.groups) {
            return None;
        }
        let number = number.unwrap_or(1);
        Some(Action::Substitute(Substitution { pattern, parts, global, number, print }))
    }

    fn translation(&mut self) -> Option<Action> {
        let delimiter = self.delimiter()?;
        let plain = |text: Vec<u8>| -> Option<Vec<u8>> {
            let mut out = Vec::new();
            let mut bytes = text.into_iter();
            while let Some(byte) = bytes.next() {
                out.push(match byte {
                    b'\\' => match bytes.next()? {
                        b'\\' => b'\\',
                        b'n' => b'\n',
                        _ => return None,
                    },
                    b'\n' => return None,
                    byte => byte,
                });
            }
            Some(out)
        };
        let from = plain(self.until(delimiter, true)?)?;
        let to = plain(self.until(delimiter, true)?)?;
        if from.len() != to.len() {
            return None;
        }
        let mut table: Vec<u8> = (0..=u8::MAX).collect();
        let earlier = from.as_slice();
        for (at, (from, to)) in from.iter().zip(to).enumerate() {
            // Which of two wins depends on the version.
            if earlier.get(..at)?.contains(from) {
                return None;
            }
            *table.get_mut(usize::from(*from))? = to;
        }
        Some(Action::Translate(table))
    }
}

/// The parts of a replacement.
fn parts(text: &[u8]) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut held = Vec::new();
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        let group = match byte {
            b'&' => 0,
            b'\\' => match bytes.next()? {
                byte @ b'1'..=b'9' => usize::from(byte - b'0'),
                b'n' => {
                    held.push(b'\n');
                    continue;
                }
                b't' => {
                    held.push(b'\t');
                    continue;
                }
                // Letters change the case of what follows, or are characters.
                byte if byte.is_ascii_alphanumeric() => return None,
                byte => {
                    held.push(byte);
                    continue;
                }
            },
            b'\n' => return None,
            byte => {
                held.push(byte);
                continue;
            }
        };
        if !held.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut held)));
        }
        parts.push(Part::Group(group));
    }
    if !held.is_empty() {
        parts.push(Part::Text(held));
    }
    Some(parts)
}
