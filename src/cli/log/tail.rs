//! Whole lines of a log as they are written.

use std::io;
use std::path::PathBuf;

use crate::audit::parts::Source;
use crate::audit::reader::{Line, Lines};

/// A log that is read to its end again and again.
#[derive(Debug)]
pub(super) struct Tail {
    /// The file that is written to.
    pub path: PathBuf,
    /// Where reading stopped; none before the first time.
    place: Option<Place>,
}

/// A place in a file, over a change of its name.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Device and inode.
    inode: (u64, u64),
    /// The number of the first record of the file.
    first: Option<u64>,
    /// Bytes of its content that were read.
    offset: u64,
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
        Self { path, place: None }
    }

    /// Calls `each` for every whole line that was not read yet, until it returns
    /// an error.
    pub(super) fn read<E: From<io::Error>>(
        &mut self,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), E>,
    ) -> Result<Read, E> {
        let log = Source::open(&self.path)?;
        let Some((from, mut offset)) = self.find(&log)? else { return Ok(Read::Replaced) };
        for index in from..log.count() {
            let (inode, first) = (log.inode(index)?, log.first_of(index));
            let mut lines = Lines::new(log.open_part(index, offset)?);
            while let Some(line) = lines.next_line()? {
                if !line.ended {
                    break;
                }
                offset += line.len + 1;
                self.place = Some(Place { inode, first, offset });
                each(&line)?;
            }
            offset = 0;
        }
        Ok(Read::All)
    }

    /// The file in which reading stopped, whatever its name is now, and where.
    fn find(&self, log: &Source) -> io::Result<Option<(usize, u64)>> {
        let Some(place) = self.place else { return Ok(Some((0, 0))) };
        for index in 0..log.count() {
            let same = log.inode(index)? == place.inode && log.size_of(index) >= place.offset;
            // Compressed meanwhile: what can be recognised is its number.
            let packed = log.parts().get(index).is_some_and(|part| {
                part.packed && place.first.is_some() && Some(part.first) == place.first
            });
            if same || packed {
                return Ok(Some((index, place.offset)));
            }
        }
        Ok(None)
    }
}
