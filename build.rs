//! Compresses what would make every copy of guard larger. As a whole: tables that
//! few commands need: the documentation of the rules, a megabyte of text that only
//! `guard rules` shows, the calls of programming languages, and the files that
//! tools execute. Piece by piece: tables of which each command needs a few lines.

use std::path::Path;
use std::{env, fs, io};

use miniz_oxide::deflate::compress_to_vec;

const PACKED: [&str; 3] = ["docs.jsonl", "languages.jsonl", "tool-files.jsonl"];
/// With the most bytes of a piece of several lines. A piece of the rules is what a
/// file says: a command needs one of them. Twice 2048 would save a tenth of the
/// bytes, and take twice the time, 25 microseconds with all that is touched, for
/// each piece that a command needs. The table of wrappers would save 48 kB and
/// cost that time even for commands that are none.
const IN_PIECES: [(&str, usize); 2] = [("rules.jsonl", 0), ("grammars.tsv", 2048)];
/// The best that zlib has; unpacking takes the same time for each.
const LEVEL: u8 = 9;

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    let out = Path::new(&out);
    for name in PACKED {
        let small = compress_to_vec(&source(name)?, LEVEL);
        fs::write(out.join(format!("{name}.deflate")), small)?;
    }
    for (name, most) in IN_PIECES {
        pieces(name, most, out)?;
    }
    Ok(())
}

fn source(name: &str) -> io::Result<Vec<u8>> {
    let path = Path::new("rules/generated").join(name);
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read(path)
}

/// Writes what `text::pieces` reads: the pieces, the keys of their first lines,
/// and where each piece starts in the keys, in the table and in the pieces.
fn pieces(name: &str, most: usize, out: &Path) -> io::Result<()> {
    let text = source(name)?;
    let (mut pieces, mut keys, mut places) = (Vec::new(), Vec::new(), String::new());
    let mut rest = text.as_slice();
    while !rest.is_empty() {
        let start = text.len() - rest.len();
        places.push_str(&format!("[{}, {start}, {}],", keys.len(), pieces.len()));
        let key = rest.iter().position(|byte| matches!(byte, b'\t' | b'\n'));
        keys.extend_from_slice(rest.get(..key.unwrap_or(rest.len())).unwrap_or_default());
        let (piece, after) = rest.split_at(length(rest, most));
        pieces.extend(compress_to_vec(piece, LEVEL));
        rest = after;
    }
    places.push_str(&format!("[{}, {}, {}]", keys.len(), text.len(), pieces.len()));
    fs::write(out.join(format!("{name}.pieces")), pieces)?;
    fs::write(out.join(format!("{name}.keys")), keys)?;
    fs::write(out.join(format!("{name}.places")), format!("[{places}]"))
}

/// How many bytes of a text are its first piece: one line, or so many as are at
/// `most` so long.
fn length(text: &[u8], most: usize) -> usize {
    let mut length = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if length > 0 && length + line.len() > most {
            break;
        }
        length += line.len();
    }
    length
}
