//! Filters that take text apart into lines.

use super::Printed;
use super::options::{Options, count};

/// `cat` of standard input.
pub(super) fn cat(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(arguments, "u", &[])?;
    options.only_stdin()?;
    Printed::ok(input.to_vec())
}

/// `tee` passes on what it reads, wherever else it writes it.
pub(super) fn tee(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(arguments, "ai", &[("append", 'a'), ("ignore-interrupts", 'i')])?;
    // Its output may itself be one of the files.
    let special = |name: &&str| {
        name.starts_with("/dev/") && *name != "/dev/null" || name.starts_with("/proc/")
    };
    if options.operands.iter().any(|name| special(name) || *name == "-") {
        return None;
    }
    Printed::unsure(input.to_vec())
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

/// `tac`: the lines backwards.
pub(super) fn tac(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    Options::read(arguments, "", &[])?.only_stdin()?;
    // A last line without its newline is glued to the next one.
    Printed::ok(input.split_inclusive(|b| *b == b'\n').rev().flatten().copied().collect())
}

/// A line, and the newline at its end if it has one.
pub(super) fn cut_newline(line: &[u8]) -> (&[u8], &[u8]) {
    match line.strip_suffix(b"\n") {
        Some(line) => (line, b"\n"),
        None => (line, b""),
    }
}

/// The lines of a text, without their newlines.
pub(super) fn lines(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    input.split_inclusive(|b| *b == b'\n').map(|line| cut_newline(line).0)
}

/// `-5` as the first word means `-n 5`.
fn with_number<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    match arguments {
        [first, rest @ ..]
            if let Some(digits) = first.strip_prefix('-')
                && count(digits).is_some() =>
        {
            [&["-n", digits], rest].concat()
        }
        _ => arguments.to_vec(),
    }
}

const PART: &[(&str, char)] = &[("lines", 'n'), ("bytes", 'c'), ("quiet", 'q'), ("silent", 'q')];

/// Where the byte behind the first `count` lines or bytes is.
fn after(input: &[u8], unit: char, count: usize) -> usize {
    if unit == 'c' {
        return count.min(input.len());
    }
    let mut at = 0;
    for line in input.split_inclusive(|b| *b == b'\n').take(count) {
        at += line.len();
    }
    at
}

/// Where the last `count` lines or bytes begin.
fn before_last(input: &[u8], unit: char, count: usize) -> usize {
    let total = if unit == 'c' { input.len() } else { lines(input).count() };
    after(input, unit, total.saturating_sub(count))
}

/// The unit and the value of `-n` or `-c`, if only one of them is given.
fn part<'a>(options: &Options<'a>) -> Option<(char, &'a str)> {
    options.only_stdin()?;
    let mut given = options.given.iter().filter(|(letter, _)| *letter != 'q');
    let found = given.next().copied().unwrap_or(('n', "10"));
    given.next().is_none().then_some(found)
}

/// `head`.
pub(super) fn head(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(&with_number(arguments), "n:c:q", PART)?;
    let (unit, value) = part(&options)?;
    let end = match value.strip_prefix('-') {
        Some(value) => before_last(input, unit, count(value)?),
        None => after(input, unit, count(value)?),
    };
    Printed::ok(input.get(..end)?.to_vec())
}

/// `tail`.
pub(super) fn tail(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(&with_number(arguments), "n:c:q", PART)?;
    let (unit, value) = part(&options)?;
    let start = match value.strip_prefix('+') {
        Some(value) => after(input, unit, count(value)?.saturating_sub(1)),
        None => before_last(input, unit, count(value.strip_prefix('-').unwrap_or(value))?),
    };
    Printed::ok(input.get(start..)?.to_vec())
}

/// `wc` with one count.
pub(super) fn wc(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long = [("lines", 'l'), ("bytes", 'c'), ("words", 'w')];
    let options = Options::read(arguments, "lcw", &long)?;
    options.operands.is_empty().then_some(())?;
    let [(unit, _)] = options.given.as_slice() else { return None };
    let counted = match unit {
        'l' => input.iter().filter(|b| **b == b'\n').count(),
        'c' => input.len(),
        // What is a letter of a word depends on the locale and the version.
        _ if input.iter().any(|b| !matches!(b, b' '..=b'~' | b'\n' | b'\t')) => return None,
        _ => input.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count(),
    };
    Printed::ok(format!("{counted}\n").into_bytes())
}

/// `uniq`.
pub(super) fn uniq(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long = [("count", 'c'), ("repeated", 'd'), ("unique", 'u')];
    let options = Options::read(arguments, "cdu", &long)?;
    options.only_stdin()?;
    if !input.is_ascii() || options.given.len() > 1 {
        return None;
    }
    let mut groups: Vec<(&[u8], usize)> = Vec::new();
    for line in lines(input) {
        match groups.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => groups.push((line, 1)),
        }
    }
    let mut out = Vec::with_capacity(input.len());
    for (line, times) in groups {
        if options.has('d') && times == 1 || options.has('u') && times > 1 {
            continue;
        }
        if options.has('c') {
            out.extend(format!("{times:7} ").as_bytes());
        }
        out.extend(line);
        out.push(b'\n');
    }
    Printed::ok(out)
}

/// `sort`, where every locale sorts alike.
pub(super) fn sort(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long = [("numeric-sort", 'n'), ("reverse", 'r'), ("unique", 'u')];
    let options = Options::read(arguments, "nru", &long)?;
    options.only_stdin()?;
    let mut keyed: Vec<(i64, &[u8])> = Vec::new();
    for line in lines(input) {
        let plain = line.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let number = if options.has('n') { leading_number(line)? } else { 0 };
        if !options.has('n') && !plain || !line.is_ascii() {
            return None;
        }
        keyed.push((number, line));
    }
    keyed.sort();
    // Lines of one number are compared as text, in the order of the locale.
    let mut pairs = keyed.iter().zip(keyed.iter().skip(1));
    if options.has('n') && pairs.any(|(a, b)| a.0 == b.0 && a.1 != b.1) {
        return None;
    }
    if options.has('u') {
        keyed.dedup();
    }
    if options.has('r') {
        keyed.reverse();
    }
    let mut out = Vec::with_capacity(input.len() + 1);
    for (_, line) in keyed {
        out.extend(line);
        out.push(b'\n');
    }
    Printed::ok(out)
}

/// The whole number at the start of a line; `None` for one with a fraction or
/// with marks that a locale may read as part of it.
fn leading_number(line: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(line).ok()?.trim_start_matches([' ', '\t']);
    let body = text.strip_prefix('-').unwrap_or(text);
    let length = body.bytes().take_while(u8::is_ascii_digit).count();
    let rest = body.get(length..)?;
    if !rest.is_empty() && !rest.starts_with(|c: char| c == ' ' || c.is_ascii_alphabetic()) {
        return None;
    }
    if length == 0 {
        return Some(0);
    }
    let value: i64 = body.get(..length)?.parse().ok()?;
    Some(if body.len() == text.len() { value } else { -value })
}

/// `paste` of standard input: `-s`, or `- -`.
pub(super) fn paste(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(arguments, "sd:", &[("serial", 's'), ("delimiters", 'd')])?;
    if options.operands.iter().any(|word| *word != "-") {
        return None;
    }
    let list = options.value('d').unwrap_or("\t");
    // Escapes, and no delimiter at all, are read differently.
    if list.is_empty() || !list.is_ascii() || list.contains('\\') {
        return None;
    }
    let delimiters = list.as_bytes();
    let width = options.operands.len().max(1);
    let rows: Vec<&[u8]> = lines(input).collect();
    let mut out = Vec::with_capacity(input.len() + 1);
    let chunks: Vec<&[&[u8]]> = match (options.has('s'), width) {
        (true, 1) => vec![rows.as_slice()],
        (true, _) => return None,
        (false, width) => rows.chunks(width).collect(),
    };
    if rows.is_empty() {
        return None;
    }
    for chunk in chunks {
        let width = if options.has('s') { chunk.len() } else { width };
        for at in 0..width {
            if at > 0 {
                out.push(*delimiters.get((at - 1) % delimiters.len())?);
            }
            out.extend(chunk.get(at).copied().unwrap_or_default());
        }
        out.push(b'\n');
    }
    Printed::ok(out)
}

/// `fold`, over printable text.
pub(super) fn fold(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(arguments, "w:b", &[("width", 'w'), ("bytes", 'b')])?;
    options.only_stdin()?;
    let width = options.value('w').map_or(Some(80), count).filter(|width| *width > 0)?;
    if input.iter().any(|b| !matches!(b, b' '..=b'~' | b'\n')) {
        return None;
    }
    let mut out = Vec::with_capacity(input.len() * 2);
    for line in input.split_inclusive(|b| *b == b'\n') {
        let (line, end) = cut_newline(line);
        for (number, part) in line.chunks(width).enumerate() {
            if number > 0 {
                out.push(b'\n');
            }
            out.extend(part);
        }
        out.extend(end);
    }
    Printed::ok(out)
}
