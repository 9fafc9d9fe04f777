//! `guard log verify`: says what holds, what does not, and what that proves.

use std::io;
use std::path::PathBuf;

use super::kept::Kept;
use super::signed::{Against, Outcome, orphans};
use super::{LogIo, VerifyArgs, show_path, unreadable};
use crate::audit::anchors::{self, Anchored, Fault, Said};
use crate::audit::chain::{Break, Report};
use crate::audit::parts::Source;
use crate::audit::retention::Base;
use crate::audit::signatures::{self, Signatures};
use crate::audit::verify::{Misnamed, Verified, Wrong, join, log};
use crate::audit::{index, lookup, record};
use crate::cli::meter::Meter;
use crate::exit::Exit;
use crate::text::words::count;
use crate::text::{Role, escape};

/// How many breaks and torn lines are named for each file.
pub(super) const NAMED: usize = 20;

const LIMITS: &str = "\
This shows that lines were not changed, removed, added or moved, and that everything that a
checkpoint covers is there. Lines after the newest checkpoint from elsewhere could have been
cut off or written anew by somebody who may write the file, which includes every program
that runs as you. docs/log.md says what the record cannot prove.";

pub(super) fn run(args: &VerifyArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let files = if args.files.is_empty() {
        match lookup::files(io.dir) {
            Ok(files) => files,
            Err(error) => return unreadable(io, io.dir, &error),
        }
    } else {
        args.files.clone()
    };
    let mut against = match Against::read(args, io)? {
        Ok(against) => against,
        Err(exit) => return Ok(exit),
    };
    let mut kept = match Kept::read(&args.request, io)? {
        Ok(kept) => kept,
        Err(exit) => return Ok(exit),
    };
    let gone = args.files.is_empty() && orphans(io)?;
    if files.is_empty() {
        let dir = show_path(io.dir);
        writeln!(io.err, "Nothing is recorded in {dir} yet, so there is nothing to verify.")?;
        let missing = against.missing(io)? | kept.missing(io)?;
        return Ok(if gone || missing { Exit::Failed } else { Exit::Ok });
    }
    let Read { logs, mut verified, mut unread, damaged } = read(&files, io)?;
    join(&mut verified);
    let mut forged = gone || damaged;
    for (file, log) in verified.iter().zip(&logs) {
        describe(file, io)?;
        match against.check(log, files.len() == 1, io)? {
            Outcome::Fits => {}
            Outcome::Differs => forged = true,
            Outcome::Unread => unread = true,
        }
        match signed(log, kept.about(&file.path, files.len() == 1)) {
            Ok((found, heads)) => {
                forged |= found.bad_count > 0 || !heads.bad.is_empty();
                people(&found, io)?;
                anchored(&found, &heads, io)?;
            }
            Err(error) => {
                unreadable(io, &file.path, &error)?;
                unread = true;
            }
        }
    }
    for file in &verified {
        forged |= misnamed(file, io)?;
        // What finds records fast was made before this, by nobody knows whom.
        index::forget(&file.path);
    }
    forged |= against.missing(io)? | kept.missing(io)?;
    if !verified.is_empty() {
        writeln!(io.out, "\n{}", io.palette.paint(Role::Dim, LIMITS))?;
    }
    if unread {
        return Ok(Exit::NotRecorded);
    }
    let broken = verified.iter().any(|file| file.report.break_count > 0);
    Ok(if broken || forged { Exit::Failed } else { Exit::Ok })
}

/// Names that do not fit their files; whether there are any.
fn misnamed(file: &Verified, io: &mut LogIo<'_>) -> io::Result<bool> {
    for Misnamed { path, what } in &file.misnamed {
        let path = show_path(path);
        let text = match what {
            Wrong::First(first) => format!("{path} begins with record {first}: it was renamed"),
            Wrong::Day(day) => format!("{path} ends on {day}: it was renamed"),
        };
        writeln!(io.out, "  {}", io.palette.paint(Role::Danger, text))?;
    }
    Ok(!file.misnamed.is_empty())
}

/// Checks the signatures of people, and where they saw the log end.
fn signed(log: &Source, kept: Vec<anchors::Anchor>) -> io::Result<(Signatures, Anchored)> {
    let mut found = signatures::check(log)?;
    let mut all = std::mem::take(&mut found.anchors);
    // A host that was given another name while a request stood: its head is one
    // of the log of the old name.
    let path = log.path();
    all.retain(|anchor| {
        let own = path.with_file_name(lookup::file_name(&anchor.host));
        own == path || !own.exists()
    });
    all.extend(kept);
    let heads = anchors::check(log, all)?;
    Ok((found, heads))
}

/// Where people saw the log end.
fn anchored(signed: &Signatures, heads: &Anchored, io: &mut LogIo<'_>) -> io::Result<()> {
    if heads.good > 0 {
        let what = count(heads.good, "end of the log");
        let what = what.replacen("end of the logs", "ends of the log", 1);
        writeln!(io.out, "  good: {what} that a request carried, in place")?;
    }
    if heads.gone > 0 {
        let what = count(heads.gone, "request");
        writeln!(io.out, "  {what} from before what was removed can no longer be compared")?;
    }
    if signed.more_anchors > 0 {
        let what = count(signed.more_anchors, "more request");
        writeln!(io.out, "  {what} were not compared: there are too many")?;
    }
    for (anchor, fault) in heads.bad.iter().take(NAMED) {
        let who = match &anchor.said {
            Said::Decision(seq) => format!("decision of record {seq}"),
            Said::File(path) => format!("request {path}"),
        };
        let last = anchor.head.seq.saturating_sub(1);
        let text = match fault {
            Fault::Changed => format!(
                "{who}: record {last} is not the one that was there when it was asked for: the log \
                 was written anew"
            ),
            Fault::Missing => format!(
                "{who}: record {last} was there when it was asked for and is gone: the log was cut"
            ),
        };
        writeln!(io.out, "  {}", io.palette.paint(Role::Danger, text))?;
    }
    more(heads.bad.len() as u64, "request", io)
}

/// The signatures of people.
fn people(found: &Signatures, io: &mut LogIo<'_>) -> io::Result<()> {
    if found.good > 0 {
        writeln!(io.out, "  good: {} of people", count(found.good, "signature"))?;
    }
    for (seq, why) in found.bad.iter().take(NAMED) {
        let text = format!("record {seq}: a signature does not hold: {}", escape(why));
        writeln!(io.out, "  {}", io.palette.paint(Role::Danger, text))?;
    }
    more(found.bad_count, "signature", io)
}

/// The logs, and what was found in each.
#[derive(Default)]
struct Read {
    logs: Vec<Source>,
    verified: Vec<Verified>,
    /// A file could not be read.
    unread: bool,
    /// A compressed file holds nothing that can be read.
    damaged: bool,
}

fn read(files: &[PathBuf], io: &mut LogIo<'_>) -> io::Result<Read> {
    let mut all = Read::default();
    for path in files {
        let mut meter = Meter::new("verifying", io.progress);
        let result = Source::open(path).and_then(|source| {
            let found = log(&source, &mut |done, all| meter.show(io.err, done, all))?;
            Ok((source, found))
        });
        meter.clear(io.err);
        match result {
            Ok((source, found)) => {
                all.logs.push(source);
                all.verified.push(found);
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                let text = format!("{}: {}", show_path(path), escape(&error.to_string()));
                writeln!(io.out, "{}", io.palette.paint(Role::Danger, text))?;
                all.damaged = true;
            }
            Err(error) => {
                unreadable(io, path, &error)?;
                all.unread = true;
            }
        }
    }
    Ok(all)
}

fn describe(file: &Verified, io: &mut LogIo<'_>) -> io::Result<()> {
    let Report { records, break_count, torn_count, ref breaks, ref torn, unfinished, last, .. } =
        file.report;
    let (role, word) = match break_count {
        0 => (Role::Good, "intact".to_owned()),
        n => (Role::Danger, format!("broken in {}", count(n, "place"))),
    };
    let word = io.palette.paint(role, word);
    let files = match file.files {
        1 => String::new(),
        files => format!(" in {}", count(files as u64, "file")),
    };
    let records = count(records, "record");
    writeln!(io.out, "{}: {word}, {records}{files}", show_path(&file.path))?;
    if let Some(base) = &file.base {
        removed(base, io)?;
    }
    for found in breaks.iter().take(NAMED) {
        writeln!(io.out, "  {}", explain(found))?;
    }
    more(break_count, "break", io)?;
    if torn_count > 0 {
        let lines: Vec<String> = torn.iter().take(NAMED).map(u64::to_string).collect();
        writeln!(
            io.out,
            "  {} left by a process that died while writing (no break): line {}",
            count(torn_count, "torn line"),
            lines.join(", ")
        )?;
        more(torn_count, "torn line", io)?;
    }
    if unfinished {
        writeln!(io.out, "  the last line has no end yet: it is being written, or was cut")?;
    }
    if let Some((seq, hash)) = last {
        writeln!(io.out, "  last record: {seq}, sha256 {}", record::hex(&hash))?;
    }
    Ok(())
}

/// What is missing, and which record covers it.
fn removed(base: &Base, io: &mut LogIo<'_>) -> io::Result<()> {
    let Base { seq, removal, .. } = base;
    let last = removal.next.saturating_sub(1);
    writeln!(
        io.out,
        "  records 0 to {last} were removed, because policy keeps {}; record {seq} covers that",
        escape(&removal.keep)
    )?;
    writeln!(
        io.out,
        "    the last of it was {}: records {} to {last}, sha256 {}",
        escape(&removal.file),
        removal.first,
        escape(&removal.sha256)
    )
}

fn more(all: u64, noun: &str, io: &mut LogIo<'_>) -> io::Result<()> {
    match all.checked_sub(NAMED as u64) {
        None | Some(0) => Ok(()),
        Some(rest) => writeln!(io.out, "  and {} more", count(rest, noun)),
    }
}

fn explain(found: &Break) -> String {
    let Break { line, seq, expected_seq, .. } = *found;
    match expected_seq {
        None => format!(
            "line {line}: record {seq} does not hold the hash of the line before; one of the two \
             was changed"
        ),
        Some(expected) if seq > expected => format!(
            "line {line}: record {seq} stands where record {expected} belongs; what stood there \
             was removed or damaged"
        ),
        Some(expected) => format!(
            "line {line}: record {seq} stands where record {expected} belongs; lines were moved, \
             added or repeated"
        ),
    }
}
