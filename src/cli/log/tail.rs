//! Whole lines of a log as they are written.

use std::fs::File;
use std::io::{self, BufReader, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::audit::reader::{Line, Lines};

/// A log that is read to its end again and again.
#[derive(Debug)]
pub(super) struct Tail {
    /// The file.
    pub path: PathBuf,
    /// Bytes that were read.
    offset: u64,
    /// The file that they were read from; 0 before the first time.
    inode: u64,
}

/// Whether nobody reads standard output any more: its pipe has no other end. What
/// waits for records must end then, as it would by SIGPIPE.
pub(super) fn is_unread() -> bool {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    let out = io::stdout();
    let mut fds = [PollFd::new(std::os::fd::AsFd::as_fd(&out), PollFlags::empty())];
    let gone = PollFlags::POLLERR | PollFlags::POLLNVAL;
    poll(&mut fds, PollTimeout::ZERO).is_ok_and(|n| n > 0)
        && fds.iter().filter_map(PollFd::revents).any(|found| found.intersects(gone))
}

/// What reading found.
pub(super) enum Read {
    /// All that is there was read.
    All,
    /// The file is shorter than before or another one.
    Replaced,
}

impl Tail {
    /// From the beginning.
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, inode: 0 }
    }

    /// Calls `each` for every whole line that was not read yet, until it returns
    /// an error.
    pub(super) fn read<E: From<io::Error>>(
        &mut self,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), E>,
    ) -> Result<Read, E> {
        let mut file = File::open(&self.path)?;
        let meta = file.metadata()?;
        if self.inode != 0 && (meta.ino() != self.inode || meta.len() < self.offset) {
            return Ok(Read::Replaced);
        }
        self.inode = meta.ino();
        file.seek(SeekFrom::Start(self.offset))?;
        let mut lines = Lines::new(BufReader::with_capacity(1 << 18, file));
        while let Some(line) = lines.next_line()? {
            if !line.ended {
                break;
            }
            self.offset += line.len + 1;
            each(&line)?;
        }
        Ok(Read::All)
    }
}
