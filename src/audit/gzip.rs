//! Compressed files of the log: gzip (RFC 1952), one member, as `zcat` reads it.
//!
//! What is read may have been made by anybody: the memory is bounded, and so is
//! what a file may unpack to.

use std::io::{self, BufRead, Read, Write};

use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus};

/// Magic, method 8, no flags, no time, no hints, system unknown.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// zlib's usual level.
const LEVEL: i32 = 6;
/// Every line holds a hash of its own, which does not compress: a file that
/// unpacks to more than so many times its size is none of a log.
const MOST: u64 = 200;
/// Until so many bytes, any factor is taken.
const FREE: u64 = 64 << 20;

/// The checksum of gzip (RFC 1952, section 8).
#[derive(Debug, Clone, Copy)]
struct Crc(u32);

impl Crc {
    const TABLE: [u32; 256] = Self::table();

    const fn table() -> [u32; 256] {
        let mut table = [0; 256];
        let mut n = 0;
        while n < 256 {
            let mut sum = n as u32;
            let mut bit = 0;
            while bit < 8 {
                sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
                bit += 1;
            }
            // Within the table, or this would not compile.
            #[allow(clippy::indexing_slicing)]
            {
                table[n] = sum;
            }
            n += 1;
        }
        table
    }

    const fn new() -> Self {
        Self(u32::MAX)
    }

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let at = (self.0 ^ u32::from(*byte)) & 0xff;
            let row = Self::TABLE.get(at as usize).copied().unwrap_or_default();
            self.0 = (self.0 >> 8) ^ row;
        }
    }

    const fn value(self) -> u32 {
        !self.0
    }
}

/// Compresses what is written to it.
pub(super) struct Packer<W> {
    to: W,
    state: Box<CompressorOxide>,
    crc: Crc,
    size: u64,
    buffer: Vec<u8>,
}

impl<W: Write> Packer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn new(mut to: W) -> io::Result<Self> {
        to.write_all(&HEADER)?;
        let flags = create_comp_flags_from_zip_params(LEVEL, -15, 0);
        let (crc, buffer) = (Crc::new(), vec![0; 1 << 16]);
        Ok(Self { to, state: Box::new(CompressorOxide::new(flags)), crc, size: 0, buffer })
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.push(&[], MZFlush::Finish)?;
        // The length is that of RFC 1952: modulo 2 to the 32nd.
        #[allow(clippy::cast_possible_truncation)]
        let length = self.size as u32;
        self.to.write_all(&self.crc.value().to_le_bytes())?;
        self.to.write_all(&length.to_le_bytes())?;
        Ok(self.to)
    }

    fn push(&mut self, mut input: &[u8], flush: MZFlush) -> io::Result<()> {
        loop {
            let done = miniz_oxide::deflate::stream::deflate(
                &mut self.state,
                input,
                &mut self.buffer,
                flush,
            );
            self.to.write_all(self.buffer.get(..done.bytes_written).unwrap_or_default())?;
            input = input.get(done.bytes_consumed..).unwrap_or_default();
            match done.status {
                Ok(MZStatus::StreamEnd) => return Ok(()),
                // Nothing left to take and nothing to give.
                Err(MZError::Buf) if input.is_empty() && flush == MZFlush::None => return Ok(()),
                Ok(_) if input.is_empty() && flush == MZFlush::None => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(io::Error::other(format!("{error:?}"))),
            }
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.crc.add(bytes);
        self.size += bytes.len() as u64;
        self.push(bytes, MZFlush::None)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Unpacks what it reads.
pub(super) struct Unpacker<R> {
    from: R,
    state: Box<InflateState>,
    crc: Crc,
    packed: u64,
    size: u64,
    begun: bool,
    ended: bool,
}

fn damaged(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("it is damaged: {why}"))
}

impl<R: BufRead> Unpacker<R> {
    /// Reads from `from`.
    pub(super) fn new(from: R) -> Self {
        let state = InflateState::new_boxed(DataFormat::Raw);
        Self { from, state, crc: Crc::new(), packed: 0, size: 0, begun: false, ended: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        let mut header = [0; 10];
        self.from.read_exact(&mut header).map_err(|_| damaged("it is no gzip file"))?;
        // The last two bytes are hints that say nothing about the content.
        if header.first_chunk::<8>() != HEADER.first_chunk::<8>() {
            return Err(damaged("it is no gzip file of guard"));
        }
        self.begun = true;
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let mut trailer = [0; 8];
        self.from.read_exact(&mut trailer).map_err(|_| damaged("its end is missing"))?;
        #[allow(clippy::cast_possible_truncation)]
        let length = self.size as u32;
        let expected = [self.crc.value().to_le_bytes(), length.to_le_bytes()].concat();
        if trailer.as_slice() != expected.as_slice() {
            return Err(damaged("its content does not have its checksum"));
        }
        if !self.from.fill_buf()?.is_empty() {
            return Err(damaged("something stands behind its end"));
        }
        self.ended = true;
        Ok(())
    }
}

impl<R: BufRead> Read for Unpacker<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        if !self.begun {
            self.begin()?;
        }
        loop {
            let input = self.from.fill_buf()?;
            let at_end = input.is_empty();
            let done = inflate(&mut self.state, input, buffer, MZFlush::None);
            self.from.consume(done.bytes_consumed);
            self.packed += done.bytes_consumed as u64;
            self.size += done.bytes_written as u64;
            if self.size > FREE && self.size > self.packed.saturating_mul(MOST) {
                return Err(damaged("it unpacks to far more than any log"));
            }
            self.crc.add(buffer.get(..done.bytes_written).unwrap_or_default());
            match done.status {
                Ok(MZStatus::StreamEnd) => self.end()?,
                Ok(_) | Err(MZError::Buf) if done.bytes_written > 0 || !at_end => {}
                Ok(_) | Err(MZError::Buf) => return Err(damaged("its end is missing")),
                Err(_) => return Err(damaged("it cannot be unpacked")),
            }
            if done.bytes_written > 0 || self.ended {
                return Ok(done.bytes_written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::{Packer, Unpacker};

    fn pack(content: &[u8], piece: usize) -> Vec<u8> {
        let mut packer = Packer::new(Vec::new()).unwrap();
        content.chunks(piece).for_each(|part| packer.write_all(part).unwrap());
        packer.finish().unwrap()
    }

    fn unpack(packed: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Unpacker::new(packed).read_to_end(&mut out).map(|_| out)
    }

    fn sample() -> Vec<u8> {
        let line =
            |n: u32| format!("{{\"seq\":{n},\"prev\":\"{:08x}\"}}\n", n.wrapping_mul(0x9e37_79b9));
        (0..20_000).map(line).collect::<String>().into_bytes()
    }

    #[test]
    fn what_is_packed_is_what_gzip_reads() {
        let content = sample();
        let packed = pack(&content, 1000);
        assert!(packed.len() * 3 < content.len());
        assert!(unpack(&packed).unwrap() == content);
        let mut zcat =
            Command::new("gzip").arg("-dc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let zcat = zcat.as_mut().unwrap();
        let mut input = zcat.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(&packed));
        let mut read = Vec::new();
        zcat.stdout.take().unwrap().read_to_end(&mut read).unwrap();
        writer.join().unwrap().unwrap();
        assert!(zcat.wait().unwrap().success() && read == content);
    }

    #[test]
    fn what_is_cut_changed_or_added_is_an_error_and_never_other_content() {
        let content = sample()[..3000].to_vec();
        let packed = pack(&content, 3000);
        for at in 0..packed.len() {
            assert!(unpack(&packed[..at]).is_err(), "cut at {at}");
            let mut flipped = packed.clone();
            flipped[at] ^= 1 << (at % 8);
            // A hint in the header changes nothing of the content.
            assert!(unpack(&flipped).map_or(true, |read| read == content), "byte {at}");
        }
        let added = [&packed[..], b"x"].concat();
        assert!(unpack(&added).is_err());
        assert!(unpack(&[&packed[..], &packed[..]].concat()).is_err());
        assert_eq!(unpack(&pack(b"", 1)).unwrap(), b"");
    }

    #[test]
    fn a_bomb_is_stopped() {
        let packed = pack(&vec![b'a'; 72 << 20], 1 << 20);
        assert!(packed.len() < 200_000);
        let mut read = 0_usize;
        let mut buffer = vec![0; 1 << 16];
        let mut unpacker = Unpacker::new(&packed[..]);
        let error = loop {
            match unpacker.read(&mut buffer) {
                Ok(0) => panic!("all of it was unpacked"),
                Ok(more) => read += more,
                Err(error) => break error,
            }
        };
        assert!(read <= (64 << 20) + buffer.len(), "{read}");
        assert!(error.to_string().contains("far more"), "{error}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = unpack(&bytes);
            let _ = unpack(&[&super::HEADER[..], &bytes].concat());
            prop_assert_eq!(unpack(&pack(&bytes, 7)).unwrap(), bytes);
        }
    }
}
