//! `xxd` and plain `od`.

use std::fmt::Write as _;

use super::Printed;
use super::options::count;

/// What `xxd` is asked for.
#[derive(Default)]
struct Xxd {
    reverse: bool,
    plain: bool,
    upper: bool,
    columns: Option<usize>,
}

/// `xxd`, `xxd -p`, `xxd -r` and `xxd -r -p`.
pub(super) fn xxd(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let mut asked = Xxd::default();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match *word {
            "-r" | "-revert" => asked.reverse = true,
            "-p" | "-ps" | "-plain" | "-postscript" => asked.plain = true,
            "-u" => asked.upper = true,
            "-c" | "-cols" => asked.columns = Some(count(words.next()?)?),
            "-" => {}
            // It takes only the start of a word for an option, and what it does
            // with the rest depends on the version.
            word => asked.columns = Some(count(word.strip_prefix("-c")?)?),
        }
    }
    match (asked.reverse, asked.plain) {
        (true, _) if asked.upper || asked.columns.is_some() => None,
        (true, true) => Printed::ok(plain_bytes(input)?),
        (true, false) => Printed::ok(dumped_bytes(input)?),
        (false, true) => {
            // Lines without an end came late to this program.
            let columns =
                asked.columns.map_or(Some(30), |columns| (columns > 0).then_some(columns))?;
            let mut out = String::new();
            for line in input.chunks(columns) {
                for byte in line {
                    hex(&mut out, *byte, asked.upper);
                }
                out.push('\n');
            }
            Printed::ok(out.into_bytes())
        }
        (false, false) if asked.columns.is_none() => {
            Printed::ok(dump(input, asked.upper).into_bytes())
        }
        _ => None,
    }
}

fn hex(out: &mut String, byte: u8, upper: bool) {
    // Writing to a string cannot fail.
    let _ = if upper { write!(out, "{byte:02X}") } else { write!(out, "{byte:02x}") };
}

/// Hexadecimal digits with blanks between whole bytes.
fn plain_bytes(input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(input.len() / 2);
    for run in input.split(|b| matches!(b, b' ' | b'\n' | b'\t')) {
        for pair in run.chunks(2) {
            out.push(byte(pair)?);
        }
    }
    Some(out)
}

fn byte(pair: &[u8]) -> Option<u8> {
    let [high, low] = pair else { return None };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// A dump the way `xxd` prints it, with or without the text at the right.
fn dumped_bytes(input: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(input).ok()?;
    let mut out = Vec::with_capacity(input.len() / 3);
    let mut last = false;
    for line in text.lines() {
        let (offset, rest) = line.split_once(": ")?;
        // Gaps are filled, and steps back write over what stands there.
        if last || usize::from_str_radix(offset, 16).ok()? != out.len() {
            return None;
        }
        let digits = rest.split_once("  ").map_or(rest, |(digits, _)| digits);
        let bytes = plain_bytes(digits.as_bytes())?;
        let whole = dump_line(out.len(), &bytes, false);
        let bare = whole.split_once("  ").map_or(whole.as_str(), |(bare, _)| bare);
        if bytes.is_empty() || bytes.len() > 16 || line.trim_end() != bare && line != whole {
            return None;
        }
        last = bytes.len() < 16;
        out.extend(bytes);
    }
    Some(out)
}

fn dump(input: &[u8], upper: bool) -> String {
    let mut out = String::new();
    for (number, line) in input.chunks(16).enumerate() {
        out.push_str(&dump_line(number * 16, line, upper));
        out.push('\n');
    }
    out
}

fn dump_line(offset: usize, line: &[u8], upper: bool) -> String {
    let mut digits = String::new();
    for pair in line.chunks(2) {
        for byte in pair {
            hex(&mut digits, *byte, upper);
        }
        digits.push(' ');
    }
    let text: String =
        line.iter().map(|b| if matches!(b, b' '..=b'~') { char::from(*b) } else { '.' }).collect();
    format!("{offset:08x}: {digits:<40} {text}")
}

/// `od -An -tx1`.
pub(super) fn od(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let words: Vec<&str> = match arguments {
        ["-A", "n", rest @ ..] => [&["-An"], rest].concat(),
        _ => arguments.to_vec(),
    };
    let all = match words.as_slice() {
        ["-An", "-tx1"] | ["-An", "-t", "x1"] => false,
        ["-An", "-v", "-tx1"] | ["-v", "-An", "-tx1"] | ["-An", "-tx1", "-v"] => true,
        ["-An", "-t", "x1", "-v"] | ["-An", "-v", "-t", "x1"] => true,
        _ => return None,
    };
    let lines: Vec<&[u8]> = input.chunks(16).collect();
    // Lines that repeat become a star.
    if !all && lines.iter().zip(lines.iter().skip(1)).any(|(a, b)| a == b) {
        return None;
    }
    let mut out = String::new();
    for line in lines {
        for byte in line {
            out.push(' ');
            hex(&mut out, *byte, false);
        }
        out.push('\n');
    }
    Printed::ok(out.into_bytes())
}
