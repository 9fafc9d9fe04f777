//! Standard input of the command: known before it is approved, or refused.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout};
use sha2::{Digest as _, Sha256};

use super::file::{MAX_FILE, Unbound};
use crate::second::display::sha256 as hex_of;
use crate::second::request::{Stdin, StdinKind};

/// How long a pipe may take to say all that it has to say.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a silent pipe is given to begin: most commands of agents inherit
/// one that never says anything.
const SILENCE: Duration = Duration::from_millis(150);
/// Most bytes that are taken from a pipe.
const MAX_DATA: usize = 16 << 20;

/// What the command will read, and what to give it in place of what was given.
#[derive(Debug)]
pub struct Bound {
    /// For the request.
    pub stdin: Stdin,
    /// To be put in the place of descriptor 0 before the command starts.
    pub replacement: Option<File>,
}

const fn plain(kind: StdinKind) -> Stdin {
    Stdin { kind, size: None, sha256: None }
}

/// Looks at a standard input. A pipe is read to its end and kept; a pipe that
/// stays silent is cut off, so that it cannot say anything after the approval.
///
/// # Errors
/// [`Unbound::Stdin`] when it cannot be known.
pub fn bind(given: BorrowedFd<'_>) -> Result<Bound, Unbound> {
    // Closed: the command will find it closed too.
    let Ok(owned) = given.try_clone_to_owned() else {
        return Ok(Bound { stdin: plain(StdinKind::None), replacement: None });
    };
    let mut file = File::from(owned);
    let refuse = |what: &'static str| move |_: io::Error| Unbound::Stdin { what };
    let meta = file.metadata().map_err(refuse("something that cannot be looked at"))?;
    let kind = meta.file_type();
    if kind.is_file() {
        let stdin = regular(&mut file).map_err(refuse("a file that cannot be read"))?;
        return match stdin {
            Some(stdin) => Ok(Bound { stdin, replacement: None }),
            None => Err(Unbound::Stdin { what: "a file of more than 512 MiB" }),
        };
    }
    if kind.is_char_device() {
        return if nix::unistd::isatty(&file).unwrap_or(false) {
            Ok(Bound { stdin: plain(StdinKind::Tty), replacement: None })
        } else if is_null(&meta) {
            Ok(Bound { stdin: plain(StdinKind::None), replacement: None })
        } else {
            Err(Unbound::Stdin { what: "a device" })
        };
    }
    if kind.is_fifo() || kind.is_socket() {
        return pipe(&mut file);
    }
    Err(Unbound::Stdin { what: "neither a file nor a pipe nor a terminal" })
}

/// `/dev/null` is device 1:3 (null(4)).
fn is_null(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match std::fs::metadata("/dev/null") {
        Ok(null) => null.rdev() == meta.rdev(),
        Err(_) => false,
    }
}

/// From the current position to the end; the position stays where it is.
fn regular(file: &mut File) -> io::Result<Option<Stdin>> {
    let start = file.stream_position()?;
    if file.metadata()?.len().saturating_sub(start) > MAX_FILE {
        return Ok(None);
    }
    let mut sha = Sha256::new();
    let mut size = 0_u64;
    let mut buffer = vec![0_u8; 64 << 10];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            break;
        }
        size += length as u64;
        sha.update(buffer.get(..length).unwrap_or_default());
        if size > MAX_FILE {
            break;
        }
    }
    file.seek(SeekFrom::Start(start))?;
    if size > MAX_FILE {
        return Ok(None);
    }
    Ok(Some(Stdin { kind: StdinKind::File, size: Some(size), sha256: Some(hex(sha)) }))
}

fn hex(sha: Sha256) -> String {
    let hash: [u8; 32] = sha.finalize().into();
    crate::second::display::hex(&hash)
}

fn pipe(file: &mut File) -> Result<Bound, Unbound> {
    let live = Unbound::Stdin { what: "a pipe that is still being written to" };
    let mut data = Vec::new();
    let begun = Instant::now();
    loop {
        let limit = if data.is_empty() { SILENCE } else { PATIENCE };
        let left = limit.saturating_sub(begun.elapsed());
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        let mut polled = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
        match nix::poll::poll(&mut polled, left) {
            Ok(0) if data.is_empty() => return cut_off(),
            Ok(0) => return Err(live),
            Ok(_) => {}
            Err(nix::errno::Errno::EINTR) => continue,
            Err(_) => return Err(Unbound::Stdin { what: "a pipe that cannot be waited for" }),
        }
        let mut buffer = [0_u8; 64 << 10];
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => data.extend_from_slice(buffer.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Unbound::Stdin { what: "a pipe that cannot be read" }),
        }
        if data.len() > MAX_DATA {
            return Err(Unbound::Stdin { what: "a pipe with more than 16 MiB" });
        }
    }
    if data.is_empty() {
        return cut_off();
    }
    let stdin =
        Stdin { kind: StdinKind::Data, size: Some(data.len() as u64), sha256: Some(hex_of(&data)) };
    let kept = keep(&data).map_err(|_| Unbound::Stdin { what: "a pipe that cannot be kept" })?;
    Ok(Bound { stdin, replacement: Some(kept) })
}

fn cut_off() -> Result<Bound, Unbound> {
    let null = File::open("/dev/null")
        .map_err(|_| Unbound::Stdin { what: "a pipe, and /dev/null cannot be opened" })?;
    Ok(Bound { stdin: plain(StdinKind::None), replacement: Some(null) })
}

/// A file without a name, sealed where the system can: nobody else can change
/// what was approved.
fn keep(data: &[u8]) -> io::Result<File> {
    let mut file = crate::sys::nameless(c"guard-stdin")?;
    file.write_all(data)?;
    file.seek(SeekFrom::Start(0))?;
    crate::sys::seal(&file)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

    use super::*;

    #[test]
    fn a_file_is_bound_from_where_it_stands_and_not_consumed() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"xxabc").unwrap();
        file.seek(SeekFrom::Start(2)).unwrap();
        let bound = bind(file.as_fd()).unwrap();
        assert_eq!((bound.stdin.kind, bound.stdin.size), (StdinKind::File, Some(3)));
        assert!(bound.stdin.sha256.unwrap().starts_with("ba7816bf"));
        let mut rest = String::new();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "abc");
    }

    #[test]
    fn a_pipe_that_ends_is_kept_and_replayed() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"abc").unwrap();
        drop(writer);
        let bound = bind(reader.as_fd()).unwrap();
        assert_eq!((bound.stdin.kind, bound.stdin.size), (StdinKind::Data, Some(3)));
        let mut kept = bound.replacement.unwrap();
        let mut text = String::new();
        kept.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
        assert!(kept.write_all(b"more").is_err(), "nobody can change it afterwards");
    }

    #[test]
    fn a_silent_pipe_is_cut_off_for_good() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let bound = bind(reader.as_fd()).unwrap();
        assert_eq!(bound.stdin.kind, StdinKind::None);
        writer.write_all(b"rm -rf /").unwrap();
        let mut text = String::new();
        bound.replacement.unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "");
    }

    #[test]
    fn a_pipe_that_goes_on_talking_is_refused() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        writer.write_all(b"first").unwrap();
        let error = bind(reader.as_fd()).unwrap_err();
        assert!(error.to_string().contains("still being written"), "{error}");
    }

    #[test]
    fn nothing_to_read_is_nothing() {
        let null = File::open("/dev/null").unwrap();
        let bound = bind(null.as_fd()).unwrap();
        assert_eq!(bound.stdin.kind, StdinKind::None);
        assert!(bound.replacement.is_none());
        let zero = File::open("/dev/zero").unwrap();
        assert!(bind(zero.as_fd()).is_err());
    }
}
