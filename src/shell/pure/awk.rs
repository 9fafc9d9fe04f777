//! `awk` with small programs.

use super::Printed;
use super::lines::lines;
use super::posix::{Pattern, Steps};
use super::print;
use super::program::{is_plain_name, parse, pattern, variable};
use super::sed::substituted;
use super::tree::{Comparison, Condition, Number, Program, Statement, Term, Variable, When};
use crate::shell::limits;

/// Runs a program. One that has only `BEGIN` rules reads no input.
pub(super) fn run(arguments: &[&str], input: Option<&[u8]>) -> Option<Printed> {
    let mut machine = Machine::new();
    let mut values = Vec::new();
    let mut words = arguments;
    let program = loop {
        let (first, rest) = words.split_first()?;
        words = rest;
        match *first {
            "--" => {
                let (program, rest) = words.split_first()?;
                words = rest;
                break program;
            }
            "-F" | "-v" => {
                let (value, rest) = words.split_first()?;
                words = rest;
                machine.option(first, value, &mut values)?;
            }
            word if word.starts_with("-F") || word.starts_with("-v") => {
                machine.option(word.get(..2)?, word.get(2..)?, &mut values)?;
            }
            word if word.starts_with('-') => return None,
            _ => break first,
        }
    };
    if !matches!(words, [] | ["-"]) {
        return None;
    }
    machine.run(&parse(program, &values)?, input)?;
    Printed::ok(machine.out)
}

/// How records are cut.
enum Separator {
    Blanks,
    Byte(u8),
    Match(Pattern),
}

/// What a statement leads to.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Next,
    Exit,
}

struct Machine {
    separator: Separator,
    between: Vec<u8>,
    end: Vec<u8>,
    record: Vec<u8>,
    fields: Vec<Vec<u8>>,
    records: usize,
    out: Vec<u8>,
    steps: Steps,
}

impl Machine {
    fn new() -> Self {
        Self {
            separator: Separator::Blanks,
            between: b" ".to_vec(),
            end: b"\n".to_vec(),
            record: Vec::new(),
            fields: Vec::new(),
            records: 0,
            out: Vec::new(),
            steps: Steps::new(&[]),
        }
    }

    fn option<'a>(
        &mut self,
        option: &str,
        value: &'a str,
        values: &mut Vec<(&'a str, &'a str)>,
    ) -> Option<()> {
        let (variable, value) = if option == "-F" {
            // A single `t` is a tab, for some.
            (Variable::Fields, Some(value).filter(|value| *value != "t")?)
        } else {
            let (name, value) = value.split_once('=')?;
            if is_plain_name(name) {
                values.push((name, value));
                return (!value.contains('\\') && value.is_ascii()).then_some(());
            }
            (variable(name)?, value)
        };
        match value {
            "\\t" => self.set(variable, b"\t"),
            "\\n" if variable != Variable::Fields => self.set(variable, b"\n"),
            value if value.contains('\\') || !value.is_ascii() => None,
            value => self.set(variable, value.as_bytes()),
        }
    }

    fn set(&mut self, variable: Variable, value: &[u8]) -> Option<()> {
        match variable {
            Variable::OutFields => self.between = value.to_vec(),
            Variable::OutRecords => self.end = value.to_vec(),
            Variable::Fields => {
                self.separator = match value {
                    b" " => Separator::Blanks,
                    b"\\" | b"\n" => return None,
                    [byte] => Separator::Byte(*byte),
                    value => {
                        let text = std::str::from_utf8(value).ok()?;
                        // Where an anchor would hold is not the same everywhere.
                        if text.contains(['^', '$']) {
                            return None;
                        }
                        Separator::Match(pattern(text)?)
                    }
                };
            }
        }
        Some(())
    }

    fn run(&mut self, program: &Program, input: Option<&[u8]>) -> Option<()> {
        let has_end = program.rules.iter().any(|rule| matches!(rule.when, When::End));
        for rule in program.rules.iter().filter(|rule| matches!(rule.when, When::Begin)) {
            match self.body(&rule.body)? {
                Flow::On => {}
                Flow::Exit if !has_end => return Some(()),
                _ => return None,
            }
        }
        if program.rules.iter().all(|rule| matches!(rule.when, When::Begin)) {
            return Some(());
        }
        let input = input.filter(|input| input.is_ascii() && !input.contains(&0))?;
        self.steps = Steps::new(input);
        for line in lines(input) {
            self.records += 1;
            self.read(line.to_vec())?;
            for rule in &program.rules {
                let applies = match &rule.when {
                    When::Begin | When::End => false,
                    When::Always => true,
                    When::Condition(condition) => self.holds(condition)?,
                };
                if !applies {
                    continue;
                }
                match self.body(&rule.body)? {
                    Flow::On => {}
                    Flow::Next => break,
                    Flow::Exit if has_end => return None,
                    Flow::Exit => return Some(()),
                }
            }
            self.fits()?;
        }
        for rule in program.rules.iter().filter(|rule| matches!(rule.when, When::End)) {
            if self.body(&rule.body)? != Flow::On {
                return None;
            }
        }
        Some(())
    }

    /// Takes a record and cuts it.
    fn read(&mut self, record: Vec<u8>) -> Option<()> {
        self.fields = match &self.separator {
            Separator::Blanks => record
                .split(|b| matches!(b, b' ' | b'\t' | b'\n'))
                .filter(|field| !field.is_empty())
                .map(<[u8]>::to_vec)
                .collect(),
            _ if record.is_empty() => Vec::new(),
            Separator::Byte(byte) => record.split(|b| b == byte).map(<[u8]>::to_vec).collect(),
            Separator::Match(pattern) => {
                let mut fields = Vec::new();
                let mut at = 0;
                while let Some((start, end)) =
                    pattern.find_where(&record, at, &mut self.steps, |start, end| end > start)?
                {
                    fields.push(record.get(at..start)?.to_vec());
                    at = end;
                }
                fields.push(record.get(at..)?.to_vec());
                fields
            }
        };
        self.record = record;
        Some(())
    }

    fn body(&mut self, body: &[Statement]) -> Option<Flow> {
        for statement in body {
            self.steps.spend(1 + self.record.len() / 16)?;
            match statement {
                Statement::Print(list) if list.is_empty() => {
                    self.out.extend(&self.record);
                    self.out.extend(&self.end);
                    self.fits()?;
                }
                Statement::Print(list) => {
                    for (number, expression) in list.iter().enumerate() {
                        if number > 0 {
                            self.out.extend(&self.between);
                        }
                        let text = self.text(expression)?;
                        self.out.extend(text);
                        self.fits()?;
                    }
                    self.out.extend(&self.end);
                }
                Statement::Printf(list) => {
                    let text = self.format(list)?;
                    self.out.extend(text);
                    self.fits()?;
                }
                Statement::Substitute(pattern, parts, global) => {
                    let changed =
                        substituted(pattern, parts, (1, *global), &self.record, &mut self.steps)?;
                    if let Some(changed) = changed {
                        self.read(changed)?;
                    }
                }
                Statement::Set(variable, value) => self.set(*variable, value)?,
                Statement::Next => return Some(Flow::Next),
                Statement::Exit => return Some(Flow::Exit),
            }
        }
        Some(Flow::On)
    }

    fn fits(&self) -> Option<()> {
        (self.out.len() <= limits::MAX_VALUE).then_some(())
    }

    fn holds(&mut self, condition: &Condition) -> Option<bool> {
        self.steps.spend(1 + self.record.len() / 16)?;
        match condition {
            Condition::All(all) => {
                for condition in all {
                    if !self.holds(condition)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Condition::Any(any) => {
                for condition in any {
                    if self.holds(condition)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Condition::Match(expression, pattern, negated) => {
                let text = self.text(expression)?;
                Some(pattern.find(&text, 0, &mut self.steps)?.is_some() != *negated)
            }
            Condition::Text(expression, wanted, negated) => {
                Some((self.text(expression)? == *wanted) != *negated)
            }
            Condition::Number(Number { records, modulus }, comparison, wanted) => {
                let mut value = if *records { self.records } else { self.fields.len() };
                if let Some(modulus) = modulus {
                    value = value.checked_rem(*modulus)?;
                }
                Some(match comparison {
                    Comparison::Equal => value == *wanted,
                    Comparison::Unequal => value != *wanted,
                    Comparison::Less => value < *wanted,
                    Comparison::LessEqual => value <= *wanted,
                    Comparison::Greater => value > *wanted,
                    Comparison::GreaterEqual => value >= *wanted,
                })
            }
        }
    }

    fn text(&self, expression: &[Term]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for term in expression {
            match term {
                Term::Text(text) => out.extend(text),
                Term::Number(number) => out.extend(number.to_string().as_bytes()),
                Term::Field(0) => out.extend(&self.record),
                Term::Field(number) => {
                    out.extend(self.fields.get(number - 1).map_or(&[][..], Vec::as_slice));
                }
                Term::FromLast(back) => {
                    // The field zero is the record, and one before it an error.
                    let number = self.fields.len().checked_sub(*back)?;
                    out.extend(match number.checked_sub(1) {
                        Some(at) => self.fields.get(at)?,
                        None => &self.record,
                    });
                }
                Term::Records => out.extend(self.records.to_string().as_bytes()),
                Term::Fields => out.extend(self.fields.len().to_string().as_bytes()),
                Term::Upper(inner) => out.extend(self.text(inner)?.to_ascii_uppercase()),
                Term::Lower(inner) => out.extend(self.text(inner)?.to_ascii_lowercase()),
                Term::Length(inner) => {
                    out.extend(self.text(inner)?.len().to_string().as_bytes());
                }
                Term::Inner(inner) => out.extend(self.text(inner)?),
                // Versions differ on what stands in front of the text.
                Term::Part(_, ..1, Some(_)) => return None,
                Term::Part(inner, start, length) => {
                    let text = self.text(inner)?;
                    let size = i64::try_from(text.len()).ok()?;
                    let stop = length.map_or(size + 1, |length| start + length);
                    let from = usize::try_from(start.clamp(&1, &(size + 1)) - 1).ok()?;
                    let to = usize::try_from(stop.clamp(1, size + 1) - 1).ok()?;
                    out.extend(text.get(from..to).unwrap_or_default());
                }
            }
            if out.len() > limits::MAX_VALUE {
                return None;
            }
        }
        Some(out)
    }

    /// `printf`.
    fn format(&self, list: &[Vec<Term>]) -> Option<Vec<u8>> {
        let (format, arguments) = list.split_first()?;
        let format = self.text(format)?;
        let mut letters = Vec::new();
        let mut bytes = format.iter().copied();
        while let Some(byte) = bytes.next() {
            if byte == b'%' {
                let letter = bytes.by_ref().find(|b| !b"-+ #.0123456789".contains(b))?;
                if letter != b'%' {
                    letters.push(letter);
                }
            }
        }
        if letters.len() != arguments.len() {
            return None;
        }
        let mut values = Vec::new();
        for (letter, argument) in letters.iter().zip(arguments) {
            let text = self.text(argument)?;
            values.push(match (letter, argument.as_slice()) {
                (b's', _) => text,
                (b'c', [Term::Text(_)]) => text,
                (b'c', [Term::Number(code @ 1..=127)]) => vec![u8::try_from(*code).ok()?],
                (b'd' | b'i', _) if is_plain_number(&text) => text,
                (b'x' | b'o' | b'X', _)
                    if is_plain_number(&text) && text.first() != Some(&b'-') =>
                {
                    text
                }
                _ => return None,
            });
        }
        // What a backslash means has been settled in the text.
        let format: Vec<u8> = format
            .iter()
            .flat_map(|b| if *b == b'\\' { &b"\\\\"[..] } else { std::slice::from_ref(b) })
            .copied()
            .collect();
        print::format_once(&format, values.iter().map(Vec::as_slice).collect())
    }
}

/// A whole number that all read alike.
fn is_plain_number(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let zero = digits.starts_with(b"0") && (digits.len() > 1 || text.len() > 1);
    (1..10).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && !zero
}
