//! Filters that take text apart into lines.

use super::Printed;
use super::options::Options;

/// `cat` of standard input.
pub(super) fn cat(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(arguments, "u", &[])?;
    options.only_stdin()?;
    Printed::ok(input.to_vec())
}

/// `rev`: every line backwards.
pub(super) fn rev(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    Options::read(arguments, "", &[])?.operands.is_empty().then_some(())?;
    // Characters of more bytes depend on the locale, and NUL on the version.
    if !input.is_ascii() || input.contains(&0) {
        return None;
    }
    let mut out = Vec::with_capacity(input.len());
    for line in input.split_inclusive(|b| *b == b'\n') {
        let (line, end) = cut_newline(line);
        out.extend(line.iter().rev());
        out.extend(end);
    }
    Printed::ok(out)
}

/// A line, and the newline at its end if it has one.
pub(super) fn cut_newline(line: &[u8]) -> (&[u8], &[u8]) {
    match line.strip_suffix(b"\n") {
        Some(line) => (line, b"\n"),
        None => (line, b""),
    }
}
