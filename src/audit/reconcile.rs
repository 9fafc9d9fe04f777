//! What other records say was run: the kernel's audit log, a shell's history, a
//! cloud's trail. Compared with guard's own record, what went past guard shows.

mod auditd;
mod cloudtrail;
mod shell;

#[cfg(test)]
mod tests;

use std::io::{self, BufRead};

pub use auditd::read as auditd;
pub use cloudtrail::read as cloudtrail;
pub use shell::read as shell;

/// Longest line that is read, in bytes; of a longer one nothing.
const MAX_LINE: u64 = 1 << 20;
/// Most words of one command.
const MAX_WORDS: usize = 4096;

/// Something that was run, by another record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When, in milliseconds since 1970, where the record says so.
    pub at: Option<i64>,
    /// Who, in the words of the record.
    pub who: String,
    /// What.
    pub what: What,
    /// Process and the one that started it, where the record says so.
    pub process: Option<(i64, i64)>,
}

/// The command of a [`Seen`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Words, as the kernel got them.
    Argv(Vec<Vec<u8>>),
    /// A line for a shell.
    Line(String),
    /// A call of a cloud's programming interface: service and operation.
    Call(String, String),
}

/// Calls `each` for every line without its line feed; lines that are too long
/// are counted.
///
/// # Errors
/// The input cannot be read.
fn lines(mut input: impl BufRead, each: &mut dyn FnMut(&[u8])) -> io::Result<u64> {
    let mut long = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let n = io::Read::take(&mut input, MAX_LINE).read_until(b'\n', &mut line)?;
        if n == 0 {
            return Ok(long);
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if n as u64 == MAX_LINE {
            long += 1;
            skip(&mut input)?;
            continue;
        }
        each(&line);
    }
}

fn skip(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}
