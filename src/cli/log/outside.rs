//! Checkpoints and keys that were kept elsewhere.

use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use crate::audit::checkpoint::{MAX_FILE, Signed};
use crate::audit::reader::Lines;
use crate::ssh::PublicKey;

/// Most checkpoints that are read from files.
const MAX: usize = 500_000;
/// How deep a folder is searched.
const DEPTH: usize = 3;
/// The longest line of a system log that is looked at, in bytes.
const MAX_LINE: usize = 64 << 10;

/// The public keys of hosts.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(Vec<PublicKey>);

impl Keys {
    /// Reads keys that were given as a file or as a line.
    pub(super) fn read(given: &[String]) -> Result<Self, String> {
        let mut keys = Vec::new();
        for given in given {
            if let Ok((key, _)) = PublicKey::from_line(given) {
                keys.push(key);
                continue;
            }
            let text = small(Path::new(given)).map_err(|error| format!("{given}: {error}"))?;
            let before = keys.len();
            for line in text.lines().map(str::trim) {
                if line.is_empty() || line.starts_with('#') {
                    continue;
                }
                let (key, _) =
                    PublicKey::from_line(line).map_err(|error| format!("{given}: {error}"))?;
                keys.push(key);
            }
            if keys.len() == before {
                return Err(format!("{given} holds no public key"));
            }
        }
        Ok(Self(keys))
    }

    pub(super) fn all(&self) -> &[PublicKey] {
        &self.0
    }
}

/// A small text file.
fn small(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long"));
    }
    Ok(text)
}

/// The checkpoints of a file: one with its signature below or in a `.sig` file
/// beside it, or the lines of a system log.
pub(super) fn file(path: &Path) -> io::Result<Vec<Signed>> {
    let one = small(path).ok().and_then(|text| {
        Signed::read(&text).ok().or_else(|| {
            let mut beside = path.as_os_str().to_owned();
            beside.push(".sig");
            Signed::of_two(&text, &small(Path::new(&beside)).ok()?).ok()
        })
    });
    if let Some(signed) = one {
        return Ok(vec![signed]);
    }
    let mut found = Vec::new();
    let mut lines = Lines::new(BufReader::with_capacity(1 << 16, File::open(path)?));
    while let Some(line) = lines.next_line()? {
        let text = Some(line.bytes).filter(|bytes| bytes.len() <= MAX_LINE);
        let text = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
        found.extend(text.and_then(Signed::of_line));
        if found.len() >= MAX {
            break;
        }
    }
    if found.is_empty() {
        let what = "it holds no signed checkpoint";
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(found)
}

/// The checkpoints of a file, or of every `.checkpoint` file below a folder.
pub(super) fn all(path: &Path) -> io::Result<Vec<(PathBuf, Signed)>> {
    if !path.is_dir() {
        return Ok(file(path)?.into_iter().map(|signed| (path.to_owned(), signed)).collect());
    }
    let mut out = Vec::new();
    let mut folders = vec![(path.to_owned(), DEPTH)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if depth > 1 && !path.is_symlink() && path.file_name() != Some(".git".as_ref()) {
                    folders.push((path, depth - 1));
                }
            } else if path.extension().is_some_and(|extension| extension == "checkpoint") {
                let named = |error| io::Error::other(format!("{}: {error}", path.display()));
                out.extend(file(&path).map_err(named)?.into_iter().map(|s| (path.clone(), s)));
                if out.len() >= MAX {
                    return Ok(out);
                }
            }
        }
    }
    if out.is_empty() {
        let what = "it holds no `.checkpoint` file";
        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
    }
    Ok(out)
}
