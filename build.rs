//! Compresses what would make every copy of guard larger. Tables that few
//! commands need as a whole: the documentation of the rules, a megabyte of text
//! that only `guard rules` shows, the calls of programming languages, and the
//! files that tools execute. The rules piece by piece, one for each file, because
//! a command needs those of one program.

use std::path::Path;
use std::{env, fs, io};

const PACKED: [&str; 3] = ["docs.jsonl", "languages.jsonl", "tool-files.jsonl"];
/// The best that zlib has; unpacking takes the same time for each.
const LEVEL: u8 = 9;

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    let out = Path::new(&out);
    for name in PACKED {
        let small = miniz_oxide::deflate::compress_to_vec(&source(name)?, LEVEL);
        fs::write(out.join(format!("{name}.deflate")), small)?;
    }
    rules(&source("rules.jsonl")?, out)
}

fn source(name: &str) -> io::Result<Vec<u8>> {
    let path = Path::new("rules/generated").join(name);
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read(path)
}

/// The value of each line of the rules for itself, and a table from where a value
/// starts to where its piece starts and how long that is, in bytes.
fn rules(text: &[u8], out: &Path) -> io::Result<()> {
    let (mut pieces, mut places, mut start) = (Vec::new(), Vec::new(), 0);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let key = line.iter().position(|byte| *byte == b'\t').map_or(0, |tab| tab + 1);
        let value = line.get(key..).unwrap_or_default().trim_ascii_end();
        let piece = miniz_oxide::deflate::compress_to_vec(value, LEVEL);
        places.push(((start + key).to_string(), format!("{}\t{}", pieces.len(), piece.len())));
        pieces.extend(piece);
        start += line.len();
    }
    // Sorted as texts, as the tables are searched.
    places.sort();
    let places: String =
        places.into_iter().map(|(start, place)| format!("{start}\t{place}\n")).collect();
    fs::write(out.join("rules.pieces"), pieces)?;
    fs::write(out.join("rules.places.tsv"), places)
}
