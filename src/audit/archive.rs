//! What becomes of closed files of the log: they are compressed, and removed
//! when policy asks for that.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::chain::{Chain, Checked};
use super::checkpoint::Checkpoint;
use super::gzip::{Packer, Unpacker};
use super::log::sync_folder;
use super::merkle::{Frontier, next_leaf};
use super::parts::{Part, Source};
use super::reader::Lines;
use super::record::{Hash, hex};
use super::retention::{Removal, base};

/// Bytes before and after.
pub type Sizes = (u64, u64);

/// Compresses a closed file. The uncompressed one goes only once the other is
/// on the disk and was read back whole.
///
/// # Errors
/// Those of the file system, and `WouldBlock` while somebody else is at it. The
/// uncompressed file is still there then.
pub fn pack(part: &Part) -> io::Result<Sizes> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.open(&part.path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    let (own, named) = (file.metadata()?, std::fs::symlink_metadata(&part.path)?);
    if (own.dev(), own.ino()) != (named.dev(), named.ino()) || !own.is_file() {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let packed = part.packed_path();
    let mut draft = packed.clone().into_os_string();
    draft.push(".new");
    let draft = Path::new(&draft);
    let hash = write(&file, draft).inspect_err(|_| drop(std::fs::remove_file(draft)))?;
    let size = draft.metadata()?.len();
    let mut back = Hashing::new(BufReader::new(Unpacker::new(BufReader::new(File::open(draft)?))));
    io::copy(&mut back, &mut io::sink())?;
    if back.hash() != hash {
        let _ = std::fs::remove_file(draft);
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it was not written as it is"));
    }
    std::fs::rename(draft, &packed)?;
    let dir = packed.parent().unwrap_or(Path::new("."));
    sync_folder(dir)?;
    std::fs::remove_file(&part.path)?;
    sync_folder(dir)?;
    Ok((own.len(), size))
}

/// The hash of the content that was written.
fn write(file: &File, draft: &Path) -> io::Result<Hash> {
    let _ = std::fs::remove_file(draft);
    let to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    let mut from = Hashing::new(BufReader::with_capacity(1 << 16, file));
    let mut packer = Packer::new(BufWriter::new(to))?;
    io::copy(&mut from, &mut packer)?;
    let mut to = packer.finish()?;
    to.flush()?;
    to.get_ref().sync_all()?;
    Ok(from.hash())
}

/// What the records say about each of the first `count` closed files before it
/// is removed. `keep`: how long policy keeps files, in words; `signed`: the
/// newest checkpoint, which has to cover them.
///
/// # Errors
/// Those of the files, and `InvalidData` when the chain does not hold in them,
/// or they are not what was signed: then they are evidence.
pub fn removals(
    log: &Source,
    count: usize,
    keep: &str,
    signed: &Checkpoint,
) -> io::Result<Vec<Removal>> {
    let (mut chain, mut tree) = match base(log)? {
        Some(base) => (base.chain, base.frontier),
        None => (Chain::default(), Frontier::new()),
    };
    let mut out = Vec::new();
    for part in log.parts().iter().take(count) {
        let first = chain.next_seq;
        follow(part, &mut chain)?;
        let mut content = Hashing::new(part.read()?);
        while let Some(leaf) = next_leaf(&mut content)? {
            tree.push(leaf.hash, &mut |_, _| {});
        }
        let file = part.path.file_name().unwrap_or_default().to_string_lossy();
        let file = file.trim_end_matches(super::parts::PACKED).to_owned();
        let (keep, sha256) = (keep.to_owned(), hex(&content.hash()));
        out.push(Removal { keep, file, sha256, first, ..Removal::default() }.up_to(chain, &tree));
    }
    for index in count..log.count() {
        let mut content = log.open_part(index, 0)?;
        while tree.size() < signed.size {
            let Some(leaf) = next_leaf(&mut content)?.filter(|leaf| leaf.ended) else { break };
            tree.push(leaf.hash, &mut |_, _| {});
        }
    }
    if tree.size() != signed.size || tree.root() != signed.root {
        let why = "the log is not what was signed, so nothing is removed";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(out)
}

/// Leads the chain through a file.
fn follow(part: &Part, chain: &mut Chain) -> io::Result<()> {
    let mut lines = Lines::new(part.read()?);
    let mut ended = true;
    while let Some(line) = lines.next_line()? {
        ended = line.ended;
        if matches!(chain.add(&line), Checked::Broken { .. }) {
            let why = "the chain does not hold there, so nothing is removed";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    }
    if !ended {
        let why = "its last line has no end, so nothing is removed";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    Ok(())
}

/// Removes a closed file in every form. What is gone already is no error.
///
/// # Errors
/// Those of the file system.
pub fn remove(part: &Part) -> io::Result<()> {
    for path in [part.packed_path(), part.path.clone()] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => other?,
        }
    }
    part.path.parent().map_or(Ok(()), sync_folder)
}

/// Reads, and hashes what was read.
struct Hashing<R> {
    inner: R,
    digest: Sha256,
}

impl<R: BufRead> Hashing<R> {
    fn new(inner: R) -> Self {
        Self { inner, digest: Sha256::new() }
    }

    fn hash(self) -> Hash {
        self.digest.finalize().into()
    }
}

impl<R: BufRead> BufRead for Hashing<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        // What is consumed stands in the buffer, so this reads nothing.
        if let Ok(buffer) = self.inner.fill_buf() {
            self.digest.update(buffer.get(..amount).unwrap_or(buffer));
        }
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.inner.fill_buf()?;
        let count = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}
