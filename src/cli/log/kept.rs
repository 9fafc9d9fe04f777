//! Requests that approvers kept: each says where the log ended.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::{LogIo, show_path, unreadable};
use crate::audit::anchors::{Anchor, Said};
use crate::audit::lookup;
use crate::exit::Exit;
use crate::second::Request;
use crate::second::json::MAX_DOCUMENT;
use crate::text::{Role, escape};

/// One request.
struct One {
    anchor: Anchor,
    used: bool,
}

/// What `--request` names.
pub(super) struct Kept(Vec<One>);

impl Kept {
    /// Reads the files; `Err` once it was told that they cannot be.
    pub(super) fn read(paths: &[PathBuf], io: &mut LogIo<'_>) -> io::Result<Result<Self, Exit>> {
        let mut all = Vec::new();
        for path in paths {
            match one(path) {
                Ok(one) => all.push(one),
                Err(error) => return Ok(Err(unreadable(io, path, &error)?)),
            }
        }
        Ok(Ok(Self(all)))
    }

    /// Those that are about a log: of its host, or any when it is the only one.
    pub(super) fn about(&mut self, path: &Path, alone: bool) -> Vec<Anchor> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let fits =
            self.0.iter_mut().filter(|one| alone || lookup::file_name(&one.anchor.host) == name);
        fits.map(|one| {
            one.used = true;
            one.anchor.clone()
        })
        .collect()
    }

    /// Those whose log is not there; whether there are any.
    pub(super) fn missing(&self, io: &mut LogIo<'_>) -> io::Result<bool> {
        let mut any = false;
        for one in self.0.iter().filter(|one| !one.used) {
            any = true;
            let Said::File(path) = &one.anchor.said else { continue };
            let text = format!("request {path}: no log here is that of its host");
            writeln!(io.out, "{}", io.palette.paint(Role::Danger, text))?;
        }
        Ok(any)
    }
}

fn one(path: &Path) -> io::Result<One> {
    let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidData, escape(&why));
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_DOCUMENT as u64 + 1).read_to_end(&mut bytes)?;
    let request = Request::read(&bytes).map_err(|error| wrong(error.to_string()))?;
    let head = request.log.ok_or_else(|| wrong("it does not say where the log ended".into()))?;
    let anchor = Anchor { host: request.host.name, head, said: Said::File(show_path(path)) };
    Ok(One { anchor, used: false })
}
