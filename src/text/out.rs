//! Writers for standard output and standard error that survive a closed pipe.
//!
//! `guard log show | head` must end quietly: the reader has what it wanted. The
//! standard library's print macros panic there, so nothing in guard uses them.

use std::io::{self, BufWriter, Write};

/// A buffered writer to which a closed pipe is the end of work, not an error.
///
/// Call [`Out::finish`]: dropping it flushes too, but cannot report a full disk.
#[derive(Debug)]
pub struct Out<W: Write> {
    inner: BufWriter<W>,
    closed: bool,
}

impl Out<io::Stdout> {
    /// Standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::new(io::stdout())
    }
}

impl Out<io::Stderr> {
    /// Standard error, buffered so that a screen arrives in one piece.
    #[must_use]
    pub fn stderr() -> Self {
        Self::new(io::stderr())
    }
}

impl<W: Write> Out<W> {
    /// Wraps any writer.
    pub fn new(inner: W) -> Self {
        Self { inner: BufWriter::with_capacity(16 * 1024, inner), closed: false }
    }

    /// Whether the reader has gone; there is no point in producing more.
    #[must_use]
    pub const fn closed(&self) -> bool {
        self.closed
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// Whatever the writer reports, such as a full disk, but not a closed pipe.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()
    }

    fn forgive<T>(&mut self, result: io::Result<T>, instead: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Out<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.forgive(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        // The buffer and, for standard output, the library's own line buffer.
        let result = self.inner.flush();
        self.forgive(result, ())
    }
}

/// Shows text on standard error. Whether anybody can read it is not guard's
/// concern: a closed standard error must not stop or change anything.
pub fn tell(text: &str) {
    let mut out = Out::stderr();
    let _ = out.write_all(text.as_bytes());
    let _ = out.finish();
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use super::Out;

    struct Gone(io::ErrorKind);

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_quiet_and_a_full_disk_is_not() {
        let mut out = Out::new(Gone(io::ErrorKind::BrokenPipe));
        for _ in 0..10_000 {
            assert!(writeln!(out, "a line of output").is_ok());
        }
        assert!(out.closed());
        assert!(out.finish().is_ok());

        let mut out = Out::new(Gone(io::ErrorKind::StorageFull));
        assert!(write!(out, "x").is_ok(), "buffered");
        assert!(out.finish().is_err());
    }
}
