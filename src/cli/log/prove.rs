//! `guard log prove` and `guard log check-proof`: a file that shows, without the
//! log, that records are in it.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::outside::{self, Keys};
use super::{LogIo, show_path, unreadable};
use crate::audit::checkpoint::Signed;
use crate::audit::find::Wanted;
use crate::audit::merkle::Frontier;
use crate::audit::parts::Source;
use crate::audit::progress;
use crate::audit::proof::{self, MAX_RECORDS, Proof};
use crate::audit::reader::Lines;
use crate::audit::retention;
use crate::exit::Exit;
use crate::text::escape;
use crate::text::words::count;

/// Bytes of records that one proof takes.
const MAX_BYTES: usize = 32 << 20;

/// `guard log prove`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  guard log prove GEXS-Z6KB -o proof.txt   everything recorded about one command
  guard log prove 6f1d2f0e --checkpoint 512.checkpoint
                                           against a checkpoint that somebody else has

The file holds the records, a signed checkpoint and the hashes between them, and
nothing else of the log. `guard log check-proof` needs only the file and the
host's public key.

Exit codes: 0 proved, 1 no such command, no checkpoint that covers it, or a log that
does not fit the checkpoint, 74 the log cannot be read.")]
pub struct ProveArgs {
    /// The id of a request or its beginning, or the name of the request that
    /// somebody answered, such as GEXS-Z6KB.
    #[arg(value_name = "ID")]
    pub id: String,

    /// Where to write the proof; without it, standard output. Must not exist.
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// The checkpoint to prove it against; without it the newest.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub checkpoint: Option<PathBuf>,
}

/// `guard log check-proof`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  guard log check-proof proof.txt --key checkpoint.key.pub
  guard log check-proof proof.txt --key 'ssh-ed25519 AAAA...'

Checks the signature of the checkpoint and the way of each record to its root, and
shows the records. The key has to come from elsewhere than the proof.

Exit codes: 0 the records are in the log, 1 they are not, or the file was changed,
74 a file cannot be read.")]
pub struct CheckProofArgs {
    /// The proof.
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,

    /// The host's public key: a `.pub` file, or its line.
    #[arg(long, value_name = "PUBKEY", required = true, value_hint = clap::ValueHint::FilePath)]
    pub key: Vec<String>,
}

pub(super) fn prove(args: &ProveArgs, files: &[PathBuf], io: &mut LogIo<'_>) -> io::Result<Exit> {
    for path in files {
        let found = Source::open(path).and_then(|log| {
            let tree = retention::base(&log)?.map_or_else(Frontier::new, |base| base.frontier);
            let found = find(&args.id, &log, tree.size())?;
            Ok((log, tree, found))
        });
        let (log, tree, found) = match found {
            Ok(found) => found,
            Err(error) => return unreadable(io, path, &error),
        };
        if !found.is_empty() {
            return one_log(args, (&log, tree), found, io);
        }
    }
    writeln!(io.err, "guard: nothing is recorded about {}", escape(&args.id))?;
    Ok(Exit::Failed)
}

/// Every record of a command with its line, from 0 for the first that there
/// ever was; `removed` are gone.
fn find(id: &str, log: &Source, removed: u64) -> io::Result<Vec<(u64, String)>> {
    let mut lines = Lines::new(log.reader());
    let mut wanted = Wanted::new(id);
    let mut held: Vec<(u64, String, Value)> = Vec::new();
    let mut out: Vec<(u64, String)> = Vec::new();
    let (mut index, mut bytes) = (removed, 0_usize);
    while let Some(line) = lines.next_line()? {
        let at = index;
        index += 1;
        let text = std::str::from_utf8(line.bytes).ok().filter(|_| !line.is_cut() && line.ended);
        let record = text.and_then(|text| Some((text, serde_json::from_str::<Value>(text).ok()?)));
        let Some((text, record)) = record else { continue };
        if wanted.takes(&record) {
            let earlier = held.drain(..).filter(|(_, _, earlier)| wanted.takes(earlier));
            out.extend(earlier.map(|(at, text, _)| (at, text)));
            bytes += text.len();
            out.push((at, text.to_owned()));
            if out.len() > MAX_RECORDS || bytes > MAX_BYTES {
                return Err(io::Error::other("too much is recorded about this command"));
            }
        } else if record.get("kind").and_then(Value::as_str) == Some("request") {
            held.push((at, text.to_owned(), record));
            if held.len() > 64 {
                held.remove(0);
            }
        }
    }
    Ok(out)
}

fn one_log(
    args: &ProveArgs,
    (log, tree): (&Source, Frontier),
    found: Vec<(u64, String)>,
    io: &mut LogIo<'_>,
) -> io::Result<Exit> {
    let path = log.path();
    let signed = match checkpoint(args, path) {
        Ok(Some(signed)) => signed,
        Ok(None) => {
            writeln!(
                io.err,
                "guard: {} was never signed; `guard log checkpoint` signs it now",
                show_path(path)
            )?;
            return Ok(Exit::Failed);
        }
        Err((path, error)) => return unreadable(io, &path, &error),
    };
    let size = signed.checkpoint.size;
    let all = found.len();
    let covered: Vec<_> = found.into_iter().filter(|(index, _)| *index < size).collect();
    if covered.len() < all {
        let rest = count(all as u64 - covered.len() as u64, "record");
        writeln!(
            io.err,
            "guard: {rest} of {all} came after the checkpoint, which covers {}; `guard log \
             checkpoint` makes a newer one",
            count(size, "line")
        )?;
        return Ok(Exit::Failed);
    }
    match proof::make(&mut log.reader(), tree, signed, covered) {
        Ok(proof) => write(args, &proof, io),
        Err(proof::MakeError::Read(error)) => unreadable(io, path, &error),
        Err(error) => {
            writeln!(io.err, "guard: nothing is proved: {error}. `guard log verify` tells more.")?;
            Ok(Exit::Failed)
        }
    }
}

type Unreadable = (PathBuf, io::Error);

fn checkpoint(args: &ProveArgs, log: &Path) -> Result<Option<Signed>, Unreadable> {
    if let Some(path) = &args.checkpoint {
        let found = outside::file(path).map_err(|error| (path.clone(), error))?;
        return Ok(found.into_iter().max_by_key(|signed| signed.checkpoint.size));
    }
    let folder = progress::folder(log);
    progress::latest(&folder).map_err(|error| (progress::latest_path(&folder), error))
}

fn write(args: &ProveArgs, proof: &Proof, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let text = proof.to_string();
    let Some(path) = &args.output else {
        // The exact bytes count. They are JSON that guard wrote, base64 and
        // plain words; on a terminal they are shown as elsewhere.
        let shown = if io.columns.is_some() { shown(&text) } else { text };
        io.out.write_all(shown.as_bytes())?;
        return Ok(Exit::Ok);
    };
    let mut options = std::fs::OpenOptions::new();
    let written = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = written {
        writeln!(io.err, "guard: {} cannot be written: {error}", show_path(path))?;
        return Ok(Exit::NotRecorded);
    }
    let records = count(proof.records.len() as u64, "record");
    writeln!(io.out, "{}: {records} and the checkpoint that covers them", show_path(path))?;
    Ok(Exit::Ok)
}

/// Safe for a terminal, line by line.
fn shown(text: &str) -> String {
    text.lines().map(|line| escape(line) + "\n").collect()
}

pub(super) fn check(args: &CheckProofArgs, io: &mut LogIo<'_>) -> io::Result<Exit> {
    let keys = match Keys::read(&args.key) {
        Ok(keys) => keys,
        Err(why) => {
            writeln!(io.err, "guard: {}", escape(&why))?;
            return Ok(Exit::NotRecorded);
        }
    };
    let text = match read(&args.file) {
        Ok(text) => text,
        Err(error) => return unreadable(io, &args.file, &error),
    };
    let Some(proof) = text else {
        writeln!(io.err, "guard: {} is no text, so it is no proof", show_path(&args.file))?;
        return Ok(Exit::Failed);
    };
    let checked = Proof::read(&proof).and_then(|proof| {
        let mut result = Err(crate::ssh::VerifyError::OtherKey.into());
        for key in keys.all() {
            result = proof.check(key);
            if !matches!(
                result,
                Err(proof::ProofError::Signature(crate::ssh::VerifyError::OtherKey))
            ) {
                break;
            }
        }
        result.map(|()| proof)
    });
    let proof = match checked {
        Ok(proof) => proof,
        Err(error) => {
            let why = escape(&error.to_string());
            writeln!(io.err, "guard: {} proves nothing: {why}", show_path(&args.file))?;
            return Ok(Exit::Failed);
        }
    };
    let Signed { checkpoint, .. } = &proof.signed;
    writeln!(
        io.out,
        "{} in the log {}, of which {} were signed:",
        count(proof.records.len() as u64, "record"),
        escape(&checkpoint.origin),
        count(checkpoint.size, "line")
    )?;
    for record in &proof.records {
        writeln!(io.out, "{}", escape(&record.line))?;
    }
    Ok(Exit::Ok)
}

/// The text of a proof; `None` when it is no text or too long to be one.
fn read(path: &Path) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(proof::MAX_FILE + 1).read_to_end(&mut bytes)?;
    let fits = bytes.len() as u64 <= proof::MAX_FILE;
    Ok(String::from_utf8(bytes).ok().filter(|_| fits))
}
