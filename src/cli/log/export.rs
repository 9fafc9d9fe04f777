//! `guard log export`: the record for other systems, at least once.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::tail::{Read, Tail, is_unread};
use super::{LogIo, Since, unreadable};
use crate::audit::export::{Format, Memory};
use crate::audit::reader::Line;
use crate::audit::record::Header;
use crate::audit::{lookup, record};
use crate::exit::Exit;
use crate::text::escape;
use crate::text::stamp::Stamp;

/// Lines between two writes of the cursor.
const BATCH: u64 = 1000;
/// Longest line that can be taken back, in bytes: more than any record.
const HALF_LINE: u64 = 4 << 20;
/// How often `--follow` looks for new lines.
const POLL: Duration = Duration::from_millis(300);

/// `guard log export`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard log export --format ocsf > events.jsonl
  guard log export --format csv --since 7d --output week.csv
  guard log export --format syslog --follow --cursor ~/.local/state/siem.cursor | nc -U /run/siem
  guard log export --format otlp --cursor otlp.cursor --output otlp.jsonl

With --cursor it goes on after the last record that was written out, over
restarts: at least once, so that after a crash some records come twice (their
number and hash are the same). The cursor holds the hash of that record; when the
log has another one there, the log was changed, and nothing is exported.

A cursor is for one export at a time. The hash in it stands for every line before,
so a log that was replaced is noticed however it begins. With a cursor, --since must
be a fixed time. Neither file may be in the folder of the log.

Exit codes: 0, 1 the log and the cursor do not fit or another export has it, 64 options
that do not go together, 74 not read or written.")]
pub struct ExportArgs {
    /// The form; docs/log.md has the fields.
    #[arg(long, value_name = "FORM")]
    pub format: FormArg,

    /// Only records since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC).
    #[arg(long, value_name = "WHEN", value_parser = Since::parse)]
    pub since: Option<Since>,

    /// Only records until then.
    #[arg(long, value_name = "WHEN", value_parser = Since::parse, conflicts_with = "follow")]
    pub until: Option<Since>,

    /// Append to this file instead of standard output.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// Remember in this file how far it went, and go on from there.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub cursor: Option<PathBuf>,

    /// Wait for more, until it is interrupted.
    #[arg(long)]
    pub follow: bool,
}

/// Values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormArg {
    /// Open Cybersecurity Schema Framework 1.8.0, JSON lines.
    Ocsf,
    /// OpenTelemetry logs, JSON lines.
    Otlp,
    /// Elastic Common Schema, JSON lines.
    Ecs,
    /// ArcSight Common Event Format.
    Cef,
    /// RFC 5424.
    Syslog,
    /// The lines of the log as they are.
    Jsonl,
    /// RFC 4180, with a header.
    Csv,
}

impl From<FormArg> for Format {
    fn from(form: FormArg) -> Self {
        match form {
            FormArg::Ocsf => Self::Ocsf,
            FormArg::Otlp => Self::Otlp,
            FormArg::Ecs => Self::Ecs,
            FormArg::Cef => Self::Cef,
            FormArg::Syslog => Self::Syslog,
            FormArg::Jsonl => Self::Jsonl,
            FormArg::Csv => Self::Csv,
        }
    }
}

/// How far each log was exported.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cursor {
    v: u32,
    /// By file name.
    logs: BTreeMap<String, Position>,
}

/// The last record that was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Position {
    seq: i64,
    sha256: String,
}

impl Position {
    /// Whether a line is the record that follows this one.
    fn is_before(&self, line: &Line<'_>) -> bool {
        Header::parse(line.bytes).is_some_and(|next| {
            i64::try_from(next.seq).is_ok_and(|seq| seq == self.seq + 1)
                && record::hex(&next.prev) == self.sha256
        })
    }
}

/// Why an export stops.
enum Stop {
    /// A file; without a path it is the log.
    Io(PathBuf, io::Error),
    Moved(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(PathBuf::new(), error)
    }
}

/// What an export may not do, in words.
fn refused(args: &ExportArgs, dir: &Path) -> Option<&'static str> {
    let moves = |when: Option<Since>| matches!(when, Some(Since::Ago(_)));
    if args.cursor.is_some() && (moves(args.since) || args.until.is_some()) {
        return Some(
            "with --cursor, --since must be a fixed date or time and --until is not possible: \
             what lies outside now would be passed over and never be exported",
        );
    }
    let own = dir.canonicalize().ok()?;
    let inside = |path: &PathBuf| {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let place =
            path.canonicalize().or_else(|_| parent.unwrap_or(Path::new(".")).canonicalize());
        place.is_ok_and(|place| place.starts_with(&own))
    };
    let files = args.output.iter().chain(&args.cursor);
    files.into_iter().any(inside).then_some("the folder of the log takes no other files")
}

/// Why a cursor is not ours alone.
enum Hold {
    Busy(PathBuf),
    Io(PathBuf, io::Error),
}

/// Keeps other exports away from a cursor. The cursor itself is a new file each
/// time, so the lock is on one beside it.
fn hold(cursor: &Path) -> Result<File, Hold> {
    let mut name = cursor.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(&path).map_err(|error| Hold::Io(path.clone(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Hold::Busy(cursor.to_owned())),
        Err(TryLockError::Error(error)) => Err(Hold::Io(path, error)),
    }
}

pub(super) fn run(args: &ExportArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    if let Some(why) = refused(args, io.dir) {
        writeln!(io.err, "guard: {why}")?;
        return Ok(Exit::Usage);
    }
    let mut target = match &args.output {
        None => Target::Stdout,
        Some(path) => match open(path) {
            Ok(file) => Target::File(file),
            Err(error) => return unreadable(io, path, &error),
        },
    };
    let lock = match args.cursor.as_deref().map(hold).transpose() {
        Ok(lock) => lock,
        Err(Hold::Busy(path)) => {
            let path = super::show_path(&path);
            writeln!(io.err, "guard: another export holds {path}; each needs a cursor of its own")?;
            return Ok(Exit::Failed);
        }
        Err(Hold::Io(path, error)) => return unreadable(io, &path, &error),
    };
    let done = export(args, &mut target, io);
    drop(lock);
    match done {
        Ok(()) => Ok(Exit::Ok),
        // Whoever read has seen enough, as with SIGPIPE.
        Err(Stop::Io(_, error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Ok),
        Err(Stop::Io(path, error)) => unreadable(io, &path, &error),
        Err(Stop::Moved(why)) => {
            writeln!(io.err, "guard: {why}")?;
            Ok(Exit::Failed)
        }
    }
}

enum Target {
    Stdout,
    File(File),
}

/// Opens the output for appending. A line that a killed exporter left half is
/// taken back: the cursor says that it comes again.
fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    let size = file.metadata()?.len();
    let from = size.saturating_sub(HALF_LINE);
    let mut end = Vec::new();
    (&file).seek(SeekFrom::Start(from))?;
    (&file).read_to_end(&mut end)?;
    if end.last().is_some_and(|byte| *byte != b'\n') {
        let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole == 0 && from > 0 {
            let why = "it does not end with a whole line; name another file";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        file.set_len(from + whole as u64)?;
    }
    Ok(file)
}

/// One log on its way out.
struct Log {
    tail: Tail,
    name: String,
    memory: Memory,
    /// What the cursor says, until its record is reached.
    skip: Option<Position>,
}

fn export(args: &ExportArgs, target: &mut Target, io: &mut LogIo<'_>) -> Result<(), Stop> {
    let format = Format::from(args.format);
    let mut cursor = match &args.cursor {
        None => Cursor { v: 1, ..Cursor::default() },
        Some(path) => read_cursor(path)?,
    };
    let fresh = match target {
        Target::Stdout => cursor.logs.is_empty(),
        Target::File(file) => file.metadata().is_ok_and(|meta| meta.len() == 0),
    };
    let mut pending =
        format.header().filter(|_| fresh).map_or_else(String::new, |h| format!("{h}\n"));
    let span = (args.since.map(|when| when.from(io.now)), args.until.map(|when| when.from(io.now)));
    let mut logs: Vec<Log> = Vec::new();
    loop {
        let files = lookup::files(io.dir).map_err(|error| Stop::Io(io.dir.to_owned(), error))?;
        for path in files {
            if !logs.iter().any(|log| log.tail.path == path) {
                logs.push(Log::new(path, &cursor));
            }
        }
        for log in &mut logs {
            log.drain(format, span, &mut pending, &mut cursor, &mut |text, cursor| {
                put(text, target, io.out)?;
                args.cursor.as_deref().map_or(Ok(()), |path| write_cursor(path, cursor))
            })?;
        }
        if !args.follow || (args.output.is_none() && is_unread()) {
            return Ok(());
        }
        std::thread::sleep(POLL);
    }
}

impl Log {
    fn new(path: PathBuf, cursor: &Cursor) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let skip = cursor.logs.get(&name).cloned();
        Self { tail: Tail::new(path), name, memory: Memory::default(), skip }
    }

    /// Exports all whole lines that are there.
    fn drain(
        &mut self,
        format: Format,
        (since, until): (Option<Stamp>, Option<Stamp>),
        pending: &mut String,
        cursor: &mut Cursor,
        flush: &mut dyn FnMut(&mut String, &Cursor) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let Self { tail, name, memory, skip } = self;
        let mut waiting = 0_u64;
        let read = tail.read(&mut |line| {
            let Some(event) = memory.read(line.bytes, record::hex(&line.hash())) else {
                return Ok(());
            };
            let here = Position { seq: event.seq, sha256: event.sha256.clone() };
            if let Some(last) = skip.as_ref() {
                if here.seq < last.seq {
                    return Ok(());
                }
                if here == *last {
                    *skip = None;
                    return Ok(());
                }
                // What was exported may have been removed by policy since.
                if !last.is_before(line) {
                    return Err(changed(name, last));
                }
                *skip = None;
            }
            let at = Stamp(event.time);
            if since.is_none_or(|since| at >= since) && until.is_none_or(|until| at <= until) {
                pending.push_str(&format.line(&event));
                pending.push('\n');
            }
            cursor.logs.insert(name.clone(), here);
            waiting += 1;
            if waiting >= BATCH {
                waiting = 0;
                flush(pending, cursor)?;
            }
            Ok(())
        });
        match read {
            Ok(Read::All) => {}
            Ok(Read::Replaced) => {
                return Err(Stop::Moved(format!(
                    "{} was cut or replaced while it was exported; `guard log verify` says more",
                    escape(name)
                )));
            }
            Err(Stop::Io(path, error)) if path.as_os_str().is_empty() => {
                return Err(Stop::Io(tail.path.clone(), error));
            }
            Err(stop) => return Err(stop),
        }
        match skip {
            Some(last) => Err(changed(name, last)),
            None if waiting == 0 && pending.is_empty() => Ok(()),
            None => flush(pending, cursor),
        }
    }
}

fn changed(name: &str, last: &Position) -> Stop {
    Stop::Moved(format!(
        "{} does not hold record {} with the hash that the cursor remembers: it was changed, cut or \
         replaced. `guard log verify` says more; with a new cursor the export starts again",
        escape(name),
        last.seq
    ))
}
/// Out before the cursor moves: a crash between the two repeats, and loses
/// nothing.
fn put(text: &mut String, target: &mut Target, out: &mut dyn Write) -> Result<(), Stop> {
    let done = match target {
        Target::Stdout => {
            out.write_all(text.as_bytes()).and_then(|()| out.flush()).and_then(|()| {
                // Writing to a reader that has left is forgiven; the cursor must not
                // move over what nobody got.
                if is_unread() { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
            })
        }
        Target::File(file) => file.write_all(text.as_bytes()).and_then(|()| file.sync_data()),
    };
    text.clear();
    done.map_err(|error| Stop::Io(PathBuf::from("the output"), error))
}

fn read_cursor(path: &Path) -> Result<Cursor, Stop> {
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok(Cursor { v: 1, ..Cursor::default() })
        }
        Err(error) => Err(Stop::Io(path.to_owned(), error)),
        Ok(bytes) => match serde_json::from_slice::<Cursor>(&bytes) {
            Ok(cursor) if cursor.v == 1 => Ok(cursor),
            _ => Err(Stop::Moved(format!(
                "{} is no cursor of this guard; name a new file to export everything again",
                escape(&path.to_string_lossy())
            ))),
        },
    }
}

/// Written beside it, synced and renamed: always one whole cursor, old or new.
fn write_cursor(path: &Path, cursor: &Cursor) -> Result<(), Stop> {
    let fail = |error| Stop::Io(path.to_owned(), error);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(name);
    let bytes = serde_json::to_vec(cursor).map_err(|error| fail(error.into()))?;
    // Made, never opened: a link that somebody has put there is not followed. What
    // a killed exporter with this number left is in the way once.
    let _ = std::fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&beside).map_err(fail)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(fail)?;
    std::fs::rename(&beside, path).map_err(fail)?;
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    File::open(dir.unwrap_or(Path::new("."))).and_then(|dir| dir.sync_all()).map_err(fail)
}
