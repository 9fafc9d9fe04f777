//! Compresses the tables that few commands need: the documentation of the rules,
//! a megabyte of text that only `guard rules` shows, the calls of programming
//! languages, and the files that tools execute, so that they do not make every
//! copy of guard larger.

use std::path::Path;
use std::{env, fs, io};

const PACKED: [&str; 3] = ["docs.jsonl", "languages.jsonl", "tool-files.jsonl"];
/// The best that zlib has; unpacking takes the same time for each.
const LEVEL: u8 = 9;

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    for name in PACKED {
        let path = Path::new("rules/generated").join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        let small = miniz_oxide::deflate::compress_to_vec(&fs::read(path)?, LEVEL);
        fs::write(Path::new(&out).join(format!("{name}.deflate")), small)?;
    }
    Ok(())
}
