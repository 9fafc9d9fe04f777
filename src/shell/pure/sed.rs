//! `sed` with simple commands: `s`, `y`, `p`, `d`, `q` and `=`.

use super::Printed;
use super::lines::cut_newline;
use super::options::Options;
use super::posix::{Pattern, Place, Steps};
use super::script::{Action, Address, Command, Part, parse};
use crate::shell::limits;

/// Runs a script over standard input.
pub(super) fn run(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long = [("quiet", 'n'), ("silent", 'n'), ("expression", 'e'), ("regexp-extended", 'E')];
    if !input.is_ascii() || input.contains(&0) {
        return None;
    }
    let options = Options::read(arguments, "nErue:", &long)?;
    let texts: Vec<&str> =
        options.given.iter().filter(|(letter, _)| *letter == 'e').map(|(_, text)| *text).collect();
    let mut operands = options.operands.as_slice();
    let text = if texts.is_empty() {
        let (first, rest) = operands.split_first()?;
        operands = rest;
        (*first).to_owned()
    } else {
        texts.join("\n")
    };
    if !matches!(operands, [] | ["-"]) {
        return None;
    }
    let commands = parse(text.as_bytes(), options.has('E') || options.has('r'))?;
    let mut machine = Machine {
        active: vec![false; commands.len()],
        quiet: options.has('n'),
        out: Vec::new(),
        missing: false,
        steps: Steps::new(input),
    };
    machine.run(&commands, input)?;
    Printed::ok(machine.out)
}

struct Machine {
    /// For every command, whether its range has begun.
    active: Vec<bool>,
    quiet: bool,
    out: Vec<u8>,
    /// The last line had no newline, and gets one if something follows.
    missing: bool,
    steps: Steps,
}

impl Machine {
    fn run(&mut self, commands: &[Command], input: &[u8]) -> Option<()> {
        let lines: Vec<&[u8]> = input.split_inclusive(|b| *b == b'\n').collect();
        for (at, line) in lines.iter().enumerate() {
            let (text, newline) = cut_newline(line);
            let mut text = text.to_vec();
            let newline = !newline.is_empty();
            let (mut deleted, mut ends) = (false, false);
            for (index, command) in commands.iter().enumerate() {
                self.steps.spend(1 + text.len() / 16)?;
                if !self.applies(index, command, &text, at + 1, at + 1 == lines.len())? {
                    continue;
                }
                match &command.action {
                    Action::Delete => deleted = true,
                    // A newline is made for a last line without one, by some.
                    Action::Quit if !newline => return None,
                    Action::Quit => ends = true,
                    Action::Print => self.emit(&text, newline),
                    Action::Number => self.emit(format!("{}", at + 1).as_bytes(), true),
                    Action::Translate(table) => {
                        for byte in &mut text {
                            *byte = table.get(usize::from(*byte)).copied().unwrap_or(*byte);
                        }
                    }
                    Action::Substitute(substitution) => {
                        let which = (substitution.number, substitution.global);
                        let (pattern, parts) = (&substitution.pattern, &substitution.parts);
                        let steps = &mut self.steps;
                        if let Some(changed) = substituted(pattern, parts, which, &text, steps)? {
                            text = changed;
                            if substitution.print {
                                self.emit(&text, newline);
                            }
                        }
                    }
                }
                if self.out.len() > limits::MAX_VALUE {
                    return None;
                }
                if deleted || ends {
                    break;
                }
            }
            if !deleted && !self.quiet {
                self.emit(&text, newline);
            }
            if ends {
                break;
            }
        }
        Some(())
    }

    fn emit(&mut self, text: &[u8], newline: bool) {
        if self.missing {
            self.out.push(b'\n');
        }
        self.out.extend(text);
        self.missing = !newline;
        if newline {
            self.out.push(b'\n');
        }
    }

    fn applies(
        &mut self,
        index: usize,
        command: &Command,
        text: &[u8],
        number: usize,
        last: bool,
    ) -> Option<bool> {
        let steps = &mut self.steps;
        let active = self.active.get_mut(index)?;
        let inside = match &command.addresses {
            (None, _) => true,
            (Some(first), None) => matches(first, text, number, last, steps)?,
            (Some(_), Some(end)) if *active => {
                *active = match end {
                    Address::Line(line) => number < *line,
                    other => !matches(other, text, number, last, steps)?,
                };
                // A line number that has passed ends before this line.
                !matches!(end, Address::Line(line) if number > *line)
            }
            (Some(first), Some(end)) => {
                let begins = matches(first, text, number, last, steps)?;
                *active = begins
                    && match end {
                        Address::Line(line) => *line > number,
                        Address::Last => !last,
                        Address::Match(_) => true,
                    };
                begins
            }
        };
        Some(inside != command.negated)
    }
}

fn matches(
    address: &Address,
    text: &[u8],
    number: usize,
    last: bool,
    steps: &mut Steps,
) -> Option<bool> {
    match address {
        Address::Line(line) => Some(*line == number),
        Address::Last => Some(last),
        Address::Match(pattern) => Some(pattern.find(text, 0, steps)?.is_some()),
    }
}

/// The text after a substitution, or the inner `None` when nothing matches.
/// `number` is the match that is replaced first, and `global` says whether all
/// behind it are too.
pub(super) fn substituted(
    pattern: &Pattern,
    parts: &[Part],
    (number, global): (usize, bool),
    text: &[u8],
    steps: &mut Steps,
) -> Option<Option<Vec<u8>>> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    let mut seen = 0;
    let mut changed = false;
    let mut last_end = None;
    while at <= text.len()
        && let Some((start, end)) = pattern.find(text, at, steps)?
    {
        out.extend(text.get(at..start)?);
        // Nothing is found right behind something that was found.
        let counts = start != end || last_end != Some(start);
        if counts {
            seen += 1;
        }
        let replaces = counts && (seen == number || seen > number && global);
        if replaces {
            replace(pattern, parts, (text, (start, end)), &mut out, steps)?;
            changed = true;
        } else {
            out.extend(text.get(start..end)?);
        }
        last_end = Some(end);
        at = end;
        if start == end {
            out.extend(text.get(end..end + 1).unwrap_or_default());
            at += 1;
        }
        if replaces && !global {
            break;
        }
    }
    out.extend(text.get(at..).unwrap_or_default());
    Some(changed.then_some(out))
}

fn replace(
    pattern: &Pattern,
    parts: &[Part],
    (text, place): (&[u8], Place),
    out: &mut Vec<u8>,
    steps: &mut Steps,
) -> Option<()> {
    let most = parts.iter().map(Part::group).max().unwrap_or(0);
    let places = if most > 0 { pattern.groups(text, place, most, steps)? } else { vec![place] };
    for part in parts {
        match part {
            Part::Text(text) => out.extend(text),
            Part::Group(number) => {
                let (start, end) = *places.get(*number)?;
                out.extend(text.get(start..end)?);
            }
        }
        if out.len() > limits::MAX_VALUE {
            return None;
        }
    }
    Some(())
}
