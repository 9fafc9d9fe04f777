//! `gunzip`, `gzip -d` and `zcat` of standard input.

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

use super::Printed;
use super::options::Options;
use crate::shell::limits;

/// Decompresses; `name` is the program.
pub(super) fn run(name: &str, arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long = [
        ("decompress", 'd'),
        ("uncompress", 'd'),
        ("stdout", 'c'),
        ("to-stdout", 'c'),
        ("force", 'f'),
        ("quiet", 'q'),
    ];
    let options = Options::read(arguments, "dcfq", &long)?;
    if !matches!(options.operands.as_slice(), [] | ["-"]) || name == "gzip" && !options.has('d') {
        return None;
    }
    let mut out = Vec::new();
    let mut rest = input;
    // Files that are put behind one another are one file.
    loop {
        rest = member(rest, &mut out)?;
        if rest.is_empty() {
            return Printed::ok(out);
        }
    }
}

/// Reads one member of a gzip file (RFC 1952), whole and undamaged; returns
/// what stands behind it. Other compressions, encryption and, with `-f`, plain
/// text are none.
fn member<'a>(input: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (header, mut rest) = input.split_at_checked(10)?;
    let [0x1f, 0x8b, 8, flags, ..] = header else { return None };
    // Bits for a checksum of the header, and those that mean nothing yet.
    if flags & 0b1110_0010 != 0 {
        return None;
    }
    if flags & 4 != 0 {
        let (length, tail) = rest.split_at_checked(2)?;
        let length: [u8; 2] = length.try_into().ok()?;
        rest = tail.get(usize::from(u16::from_le_bytes(length))..)?;
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let end = rest.iter().position(|b| *b == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    // All at once into a buffer that is as large as an output may be.
    let start = out.len();
    out.resize(limits::MAX_VALUE, 0);
    let (status, read, written) = decompress(
        &mut DecompressorOxide::new(),
        rest,
        out,
        start,
        inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    );
    if status != TINFLStatus::Done || read == 0 {
        return None;
    }
    out.truncate(start + written);
    let (sum, rest) = rest.get(read..)?.split_at_checked(4)?;
    let (length, rest) = rest.split_at_checked(4)?;
    let sum = u32::from_le_bytes(sum.try_into().ok()?);
    let length = u32::from_le_bytes(length.try_into().ok()?);
    let whole = sum == crc(out.get(start..)?) && usize::try_from(length).ok()? == written;
    whole.then_some(rest)
}

/// The checksum of gzip.
fn crc(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    !sum
}
