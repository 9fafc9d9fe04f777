//! Compresses the documentation of the rules, a megabyte of text that only
//! `guard rules` shows, so that it does not make every copy of guard larger.

use std::path::Path;
use std::{env, fs, io};

const DOCS: &str = "rules/generated/docs.jsonl";
/// zlib's own default.
const LEVEL: u8 = 6;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={DOCS}");
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    let docs = fs::read(DOCS)?;
    let small = miniz_oxide::deflate::compress_to_vec(&docs, LEVEL);
    fs::write(Path::new(&out).join("docs.jsonl.deflate"), small)
}
