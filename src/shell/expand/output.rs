//! The output of substitutions that only print constant text.

use super::ansi::{self, Style};
use crate::model::{RedirectOp, Simple, Stdin, Word};
use crate::shell::limits;
use crate::shell::read::Reader;

impl Reader {
    /// The output of commands that run one after the other, without the
    /// newlines at its end; `None` when it is not certain.
    pub(super) fn plain_output(&mut self, commands: &[usize]) -> Option<String> {
        let mut output = String::new();
        for index in commands {
            let command = self.script.commands.get(*index)?;
            output.push_str(&self.output(command)?);
            if output.len() > limits::MAX_VALUE {
                return None;
            }
        }
        self.charge(output.len());
        // Shells drop NUL bytes here.
        Some(output.replace('\0', "").trim_end_matches('\n').to_owned())
    }

    fn output(&self, command: &Simple) -> Option<String> {
        if command.words.is_empty() {
            return command.redirects.is_empty().then(String::new);
        }
        let words: Option<Vec<&str>> = command.words.iter().map(Word::as_static).collect();
        let words = words?;
        let (name, arguments) = words.split_first()?;
        if self.functions.commands.contains_key(*name) || !command.assignments.is_empty() {
            return None;
        }
        match (*name, command.redirects.as_slice(), &command.stdin) {
            ("echo", [], _) => echo(arguments),
            ("printf", [], _) => printf(arguments),
            ("cat", [redirect], Stdin::Text(text))
                if arguments.is_empty() && redirect.op == RedirectOp::HereDocument =>
            {
                text.as_static().map(str::to_owned)
            }
            (":" | "true", [], _) => Some(String::new()),
            _ => None,
        }
    }
}

fn echo(arguments: &[&str]) -> Option<String> {
    let mut escapes = None;
    let mut newline = true;
    let mut words = arguments;
    while let Some((first, rest)) = words.split_first()
        && let Some(flags) = first.strip_prefix('-')
        && !flags.is_empty()
        && flags.bytes().all(|b| b"neE".contains(&b))
    {
        for flag in flags.bytes() {
            match flag {
                b'e' => escapes = Some(true),
                b'E' => escapes = Some(false),
                _ => newline = false,
            }
        }
        words = rest;
    }
    let text = words.join(" ");
    let (mut text, ends) = match escapes {
        Some(true) => ansi::unescape(&text, Style::Echo),
        Some(false) => (text, false),
        // Shells differ on what a bare `echo` does with backslashes.
        None if text.contains('\\') => return None,
        None => (text, false),
    };
    if newline && !ends {
        text.push('\n');
    }
    Some(text)
}

fn printf(arguments: &[&str]) -> Option<String> {
    let (format, values) = match arguments {
        ["--", format, values @ ..] => (*format, values),
        [format, ..] if format.starts_with('-') => return None,
        [format, values @ ..] => (*format, values),
        [] => return None,
    };
    let mut values = values.iter();
    let mut out = String::new();
    loop {
        let mut used = false;
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            out.push_str(&ansi::unescape(rest.get(..at)?, Style::Format).0);
            match rest.as_bytes().get(at + 1)? {
                b'%' => out.push('%'),
                b's' => {
                    used = true;
                    out.push_str(values.next().copied().unwrap_or_default());
                }
                b'b' => {
                    used = true;
                    let value = values.next().copied().unwrap_or_default();
                    let (text, ends) = ansi::unescape(value, Style::Echo);
                    out.push_str(&text);
                    if ends {
                        return Some(out);
                    }
                }
                _ => return None,
            }
            rest = rest.get(at + 2..)?;
        }
        out.push_str(&ansi::unescape(rest, Style::Format).0);
        if out.len() > limits::MAX_VALUE {
            return None;
        }
        if !used || values.len() == 0 {
            return Some(out);
        }
    }
}
