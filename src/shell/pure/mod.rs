//! What commands print that only compute: `echo`, `base64 -d`, `tr`, `rev` ...
//!
//! Text that a shell gets to run is often made by such commands, for honest
//! reasons and for hiding. Here stand functions that compute what the program
//! would print from words and input that are fully known; no program runs.
//!
//! The rule of this module: what it says is printed **is** printed, by the GNU
//! programs and by bash, and by the others where they answer at all. An option,
//! a form or a byte about which that is not certain gives `None`. Locales
//! change what counts as a character or an order, so text beyond ASCII is only
//! answered by programs that work on bytes everywhere.
//!
//! Every function takes time proportional to its input, or counts its steps and
//! gives up.

use crate::shell::limits;

mod awk;
mod coding;
mod cut;
mod escape;
mod grep;
mod gzip;
mod hex;
mod jq;
mod lines;
mod numbers;
mod options;
mod posix;
mod print;
mod program;
mod script;
mod sed;
mod syntax;
mod tr;
mod tree;

#[cfg(test)]
mod tests;

#[cfg(test)]
mod shell_oracle {
    mod tests;
}

/// What a pure command prints, and whether it succeeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::shell) struct Printed {
    /// Standard output.
    pub(in crate::shell) bytes: Vec<u8>,
    /// Whether the exit code is zero; `None` when that is not known.
    pub(in crate::shell) success: Option<bool>,
}

impl Printed {
    fn ok(bytes: Vec<u8>) -> Option<Self> {
        Some(Self { bytes, success: Some(true) })
    }

    fn unsure(bytes: Vec<u8>) -> Option<Self> {
        Some(Self { bytes, success: None })
    }

    fn status(success: bool) -> Option<Self> {
        Some(Self { bytes: Vec::new(), success: Some(success) })
    }
}

/// Where the programs of the system are.
const FOLDERS: &[&str] = &["/bin/", "/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"];

/// What computing a command may cost, in bytes copied, whether it is answered
/// or not.
pub(in crate::shell) fn cost(words: &[&str], input: Option<&[u8]>) -> usize {
    let input = input.map_or(0, <[u8]>::len);
    let matched = words.first().is_some_and(|program| {
        let name = program.rsplit('/').next().unwrap_or(program);
        matches!(name, "sed" | "gsed" | "grep" | "egrep" | "fgrep")
            || matches!(name, "awk" | "gawk" | "mawk" | "nawk")
    });
    let words: usize = words.iter().map(|word| word.len()).sum();
    // A step of a pattern is worth more than a byte.
    words + input + if matched { posix::Steps::allowed(input) } else { 0 }
}

/// Computes the output of a command whose words and standard input are fully
/// known. `None`: not a pure command, or a form that is not certain.
///
/// Without `input` standard input is not known, and what reads it gives `None`.
pub(in crate::shell) fn run(words: &[&str], input: Option<&[u8]>) -> Option<Printed> {
    let (program, arguments) = words.split_first()?;
    // Bytes that are not UTF-8 have become this one on the way here.
    if words.iter().any(|word| word.contains(char::REPLACEMENT_CHARACTER)) {
        return None;
    }
    if input.is_some_and(|bytes| bytes.len() > limits::MAX_VALUE) {
        return None;
    }
    let builtin = !program.contains('/');
    // Elsewhere a program of this name may do anything.
    let name = FOLDERS.iter().find_map(|folder| program.strip_prefix(folder)).unwrap_or(program);
    let printed = match name {
        "echo" => print::echo(arguments, builtin),
        "printf" => print::printf(arguments, builtin),
        ":" | "true" => Printed::status(true),
        "false" => Printed::status(false),
        "seq" => numbers::seq(arguments),
        "expr" => numbers::expr(arguments),
        "test" => numbers::test(arguments),
        "[" => numbers::test(arguments.strip_suffix(&["]"])?),
        "basename" => numbers::basename(arguments),
        "dirname" => numbers::dirname(arguments),
        "awk" | "gawk" | "mawk" | "nawk" => awk::run(arguments, input),
        _ => filter(name, arguments, input?),
    }?;
    (printed.bytes.len() <= limits::MAX_VALUE).then_some(printed)
}

/// Programs that read standard input.
fn filter(name: &str, arguments: &[&str], input: &[u8]) -> Option<Printed> {
    match name {
        "cat" => lines::cat(arguments, input),
        "tee" => lines::tee(arguments, input),
        "rev" => lines::rev(arguments, input),
        "tac" => lines::tac(arguments, input),
        "head" => lines::head(arguments, input),
        "tail" => lines::tail(arguments, input),
        "wc" => lines::wc(arguments, input),
        "uniq" => lines::uniq(arguments, input),
        "sort" => lines::sort(arguments, input),
        "paste" => lines::paste(arguments, input),
        "fold" => lines::fold(arguments, input),
        "cut" => cut::run(arguments, input),
        "xxd" => hex::xxd(arguments, input),
        "od" => hex::od(arguments, input),
        "bc" => numbers::bc(arguments, input),
        "gzip" | "gunzip" | "zcat" | "gzcat" => gzip::run(name, arguments, input),
        "sed" | "gsed" => sed::run(arguments, input),
        "grep" | "egrep" | "fgrep" => grep::run(name, arguments, input),
        "jq" => jq::run(arguments, input),
        "base64" => coding::base64(arguments, input),
        "base32" => coding::base32(arguments, input),
        "basenc" => coding::basenc(arguments, input),
        "openssl" => coding::openssl(arguments, input),
        "tr" => tr::run(arguments, input),
        _ => None,
    }
}
