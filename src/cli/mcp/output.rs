//! What a started guard writes: read as it comes, kept in part.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Bytes of each output that are kept: the beginning and the end.
const KEPT: usize = 64 * 1024;
/// Reads in a row, so that an output without end does not keep guard from
/// looking at the clock.
const IN_A_ROW: usize = 64;

/// Standard output and error of one process.
#[derive(Debug)]
pub(super) struct Outputs([Pipe; 2]);

impl Outputs {
    /// Takes the reading ends.
    ///
    /// # Errors
    /// Those of fcntl(2).
    pub(super) fn new(out: OwnedFd, err: OwnedFd) -> io::Result<Self> {
        Ok(Self([Pipe::new(out)?, Pipe::new(err)?]))
    }

    /// Whether nobody holds the writing ends any more.
    pub(super) fn closed(&self) -> bool {
        self.0.iter().all(|pipe| pipe.file.is_none())
    }

    /// Waits for output, at most so long, and takes what is there.
    pub(super) fn read(&mut self, step: Duration) {
        let mut open: Vec<PollFd<'_>> = self
            .0
            .iter()
            .filter_map(|pipe| pipe.file.as_ref())
            .map(|file| PollFd::new(file.as_fd(), PollFlags::POLLIN))
            .collect();
        // Without any file this is a pause, as it should be.
        let _ = poll(&mut open, PollTimeout::try_from(step).unwrap_or(PollTimeout::ZERO));
        for pipe in &mut self.0 {
            pipe.read();
        }
    }

    /// Both as text. Whoever still holds a writing end writes to nobody then.
    pub(super) fn texts(self) -> (String, String) {
        let [out, err] = self.0;
        (out.kept.text(), err.kept.text())
    }
}

#[derive(Debug)]
struct Pipe {
    file: Option<File>,
    kept: Kept,
}

impl Pipe {
    fn new(end: OwnedFd) -> io::Result<Self> {
        // Not a thread that reads: what leaves the process group can hold the
        // other end open for ever, and the thread with it.
        fcntl(&end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        Ok(Self { file: Some(File::from(end)), kept: Kept::default() })
    }

    fn read(&mut self) {
        let mut buffer = [0; 8192];
        for _ in 0..IN_A_ROW {
            let Some(file) = &mut self.file else { return };
            match file.read(&mut buffer) {
                Ok(0) => self.file = None,
                Ok(n) => self.kept.take(buffer.get(..n).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.file = None,
            }
        }
    }
}

/// The beginning and the end of an output.
#[derive(Debug, Default)]
struct Kept {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    dropped: u64,
}

impl Kept {
    fn take(&mut self, bytes: &[u8]) {
        let room = (KEPT / 2).saturating_sub(self.head.len()).min(bytes.len());
        let (head, tail) = bytes.split_at(room);
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let over = self.tail.len().saturating_sub(KEPT / 2);
        self.tail.drain(..over);
        self.dropped += over as u64;
    }

    /// As text; what is no UTF-8 becomes U+FFFD.
    fn text(self) -> String {
        let mut out = String::from_utf8_lossy(&self.head).into_owned();
        if self.dropped > 0 {
            out += &format!("\n[guard: {} bytes left out]\n", self.dropped);
        }
        out + &String::from_utf8_lossy(&self.tail.into_iter().collect::<Vec<u8>>())
    }
}

#[cfg(test)]
mod tests {
    use super::{KEPT, Kept};

    #[test]
    fn of_a_long_output_the_beginning_and_the_end_are_kept() {
        let mut kept = Kept::default();
        kept.take(b"first ");
        for _ in 0..100 {
            kept.take(&[b'x'; 4096]);
        }
        kept.take(b" last");
        let text = kept.text();
        assert!(text.starts_with("first x") && text.ends_with("x last"));
        assert!(text.contains("bytes left out]") && text.len() < KEPT + 100);
        let mut short = Kept::default();
        short.take(b"a\xffb");
        assert_eq!(short.text(), "a\u{fffd}b");
    }
}
