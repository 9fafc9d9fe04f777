//! The kernel's audit log as auditd(8) writes it: `SYSCALL` and `EXECVE` records
//! with one serial number are one execve(2).

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::{MAX_WORDS, Seen, What, lines};

/// Most events whose records are still coming.
const MAX_OPEN: usize = 256;

#[derive(Default)]
struct Exec {
    at: Option<i64>,
    process: Option<(i64, i64)>,
    who: String,
    failed: bool,
    words: BTreeMap<usize, Vec<u8>>,
}

/// Reads an audit log; how many lines were too long to read.
///
/// # Errors
/// The input cannot be read.
pub fn read(input: impl BufRead, each: &mut dyn FnMut(Seen)) -> io::Result<u64> {
    let mut open: BTreeMap<u64, Exec> = BTreeMap::new();
    let long = lines(input, &mut |line| {
        let Some((serial, at, kind, fields)) = record(line) else { return };
        if kind != b"SYSCALL" && kind != b"EXECVE" {
            return;
        }
        let exec = open.entry(serial).or_default();
        exec.at = exec.at.or(at);
        if kind == b"SYSCALL" {
            syscall(exec, &fields)
        } else {
            words(exec, &fields)
        }
        // Records of one event come close together.
        while open.len() > MAX_OPEN {
            if let Some((_, exec)) = open.pop_first() {
                done(exec, each);
            }
        }
    })?;
    open.into_values().for_each(|exec| done(exec, each));
    Ok(long)
}

fn done(exec: Exec, each: &mut dyn FnMut(Seen)) {
    if !exec.failed && !exec.words.is_empty() {
        let argv = exec.words.into_values().collect();
        let what = What::Argv(argv);
        each(Seen { at: exec.at, who: exec.who, what, process: exec.process });
    }
}

type Fields<'a> = Vec<(&'a [u8], &'a [u8])>;

/// `type=KIND msg=audit(SECONDS.MILLIS:SERIAL): FIELDS`, maybe with `node=` in
/// front.
fn record(line: &[u8]) -> Option<(u64, Option<i64>, &[u8], Fields<'_>)> {
    let start = find(line, b"type=")?;
    let rest = line.get(start + 5..)?;
    let kind = rest.split(|byte| *byte == b' ').next()?;
    let stamp = rest.get(find(rest, b"msg=audit(")? + 10..)?;
    let end = stamp.iter().position(|byte| *byte == b')')?;
    let text = std::str::from_utf8(stamp.get(..end)?).ok()?;
    let (time, serial) = text.split_once(':')?;
    let (seconds, millis) = time.split_once('.').unwrap_or((time, "0"));
    let at = seconds.parse::<i64>().ok().and_then(|s| {
        s.checked_mul(1000)?.checked_add(millis.parse::<i64>().ok().filter(|ms| *ms < 1000)?)
    });
    let fields = stamp.get(end + 1..)?.split(|byte| *byte == b' ' || *byte == 0x1d);
    let fields = fields.filter_map(|field| {
        let equals = field.iter().position(|byte| *byte == b'=')?;
        Some((field.get(..equals)?, field.get(equals + 1..)?))
    });
    Some((serial.parse().ok()?, at, kind, fields.collect()))
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn syscall(exec: &mut Exec, fields: &Fields<'_>) {
    let get = |name: &[u8]| {
        let found = fields.iter().find(|(key, _)| *key == name)?;
        std::str::from_utf8(found.1).ok()
    };
    let number = |name: &[u8]| get(name).and_then(|text| text.parse().ok());
    exec.failed = get(b"success") == Some("no");
    exec.process = number(b"pid").zip(number(b"ppid"));
    exec.who = format!("auid {}, uid {}", get(b"auid").unwrap_or("?"), get(b"uid").unwrap_or("?"));
}

/// `a0="ls" a1=2D6C`: in quotes, or in hexadecimal where there are spaces,
/// quotes or control characters. Long words come in pieces `a1[0]=`, `a1[1]=`.
fn words(exec: &mut Exec, fields: &Fields<'_>) {
    for (key, value) in fields {
        let Some(rest) = key.strip_prefix(b"a") else { continue };
        let Ok(rest) = std::str::from_utf8(rest) else { continue };
        let number = rest.split('[').next().unwrap_or_default();
        // `a1_len` and `argc` are no words.
        let Ok(number) = number.parse::<usize>() else { continue };
        if number >= MAX_WORDS {
            continue;
        }
        if let Some(bytes) = decode(value) {
            exec.words.entry(number).or_default().extend(bytes);
        }
    }
}

fn decode(value: &[u8]) -> Option<Vec<u8>> {
    if let Some(quoted) = value.strip_prefix(b"\"") {
        return Some(quoted.strip_suffix(b"\"").unwrap_or(quoted).to_vec());
    }
    if value == b"(null)" {
        return Some(Vec::new());
    }
    let pairs = value.chunks(2).map(|pair| {
        let text = std::str::from_utf8(pair).ok().filter(|text| text.len() == 2)?;
        u8::from_str_radix(text, 16).ok()
    });
    pairs.collect()
}
