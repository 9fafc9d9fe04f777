//! `guard log scan`: secrets that stand in the record all the same: stored by a
//! version of guard that did not know their shape, or written by somebody else.

use std::io;
use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::{LogIo, show_path, unreadable};
use crate::audit::parts::Source;
use crate::audit::reader::Lines;
use crate::audit::{Redactor, lookup};
use crate::cli::meter::Meter;
use crate::exit::Exit;
use crate::text::escape;
use crate::text::words::count;

/// Most findings that are named.
const NAMED: usize = 100;

/// `guard log scan`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard log scan                           every log of this host
  guard log scan backup/web1.jsonl         a copy

Looks for what guard would take out today. Names where it stands, never the
secret itself. A line of the log cannot be changed without breaking the chain: change
the secret, and keep the log where only those read it who may.

Exit codes: 0 none found, 1 some, 74 a log cannot be read.")]
pub struct ScanArgs {
    /// The files; without them every log in guard's folder.
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
}

pub(super) fn run(args: &ScanArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let files = match args.files.is_empty() {
        false => args.files.clone(),
        true => match lookup::files(io.dir) {
            Ok(files) => files,
            Err(error) => return unreadable(io, io.dir, &error),
        },
    };
    let redactor = match super::redactor(io)? {
        Ok(redactor) => redactor,
        Err(exit) => return Ok(exit),
    };
    let mut found = 0_u64;
    let mut lines = 0_u64;
    for path in &files {
        match scan(path, &redactor, &mut found, io) {
            Ok(n) => lines += n,
            Err(error) => return unreadable(io, path, &error),
        }
    }
    if found == 0 {
        writeln!(io.out, "No secret was found in {}.", count(lines, "record"))?;
        return Ok(Exit::Ok);
    }
    if found > NAMED as u64 {
        writeln!(io.out, "and {} more", found - NAMED as u64)?;
    }
    writeln!(
        io.out,
        "{} that look like secrets. Change them: what stands in a log has been read.",
        count(found, "place")
    )?;
    Ok(Exit::Failed)
}

fn scan(
    path: &std::path::Path,
    redactor: &Redactor<'_>,
    found: &mut u64,
    io: &mut LogIo<'_>,
) -> io::Result<u64> {
    let log = Source::open(path)?;
    let size = log.size();
    let mut meter = Meter::new("scanning", io.progress);
    let mut lines = Lines::new(log.reader());
    let (mut number, mut done) = (0_u64, 0_u64);
    while let Some(line) = lines.next_line()? {
        number += 1;
        done += line.len + 1;
        if number % 1024 == 0 {
            meter.show(io.err, done.min(size), size);
        }
        let Ok(record) = serde_json::from_slice::<Value>(line.bytes) else { continue };
        let mut places = Vec::new();
        look(&record, "", redactor, 0, &mut places);
        for place in places {
            *found += 1;
            if *found <= NAMED as u64 {
                meter.clear(io.err);
                writeln!(io.out, "{} line {number}: {}", show_path(path), escape(&place))?;
            }
        }
    }
    meter.clear(io.err);
    Ok(number)
}

/// Deepest member that is looked at; guard writes four.
const DEEP: usize = 16;

/// Members whose text holds a secret. Words of a command are looked at together,
/// because an option says what the next word is.
fn look(value: &Value, at: &str, redactor: &Redactor<'_>, depth: usize, out: &mut Vec<String>) {
    if depth > DEEP {
        return;
    }
    match value {
        Value::String(text) if redactor.text(text) != text.as_str() => out.push(at.to_owned()),
        Value::Array(list) => {
            let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            match words {
                Some(words) if at.ends_with("argv") => {
                    let bytes: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
                    for (n, word) in redactor.argv(&bytes).iter().enumerate() {
                        if bytes.get(n).is_some_and(|old| *old != word.as_ref()) {
                            out.push(format!("{at}[{n}]"));
                        }
                    }
                }
                _ => {
                    for (n, item) in list.iter().enumerate() {
                        look(item, &format!("{at}[{n}]"), redactor, depth + 1, out);
                    }
                }
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                // Signed bytes and hashes are no words.
                if !matches!(key.as_str(), "document" | "token" | "tokens" | "prev" | "sha256") {
                    look(item, &format!("{at}.{key}"), redactor, depth + 1, out);
                }
            }
        }
        _ => {}
    }
}
