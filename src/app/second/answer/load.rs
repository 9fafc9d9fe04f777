//! Finding the request that is to be answered: in the store of this host, in a
//! file, or pasted.

use std::io::{self, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::session::Session;
use crate::bind::host;
use crate::second::display::sha256;
use crate::second::{Asked, DocumentError, Request, handle};
use crate::store::{Row, Store, StoreError};
use crate::text::escape;

/// Begins a request in one line.
pub const PREFIX: &str = "guard-request1.";
/// Most bytes that are read of a file or paste.
const MAX_TEXT: u64 = 256 << 10;

/// A request with its exact bytes.
#[derive(Debug)]
pub struct Loaded {
    /// The request.
    pub request: Request,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its row, when this host made it.
    pub row: Option<Row>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The document.
    #[error("this is not a request that guard can read: {0}")]
    Document(#[from] DocumentError),
    /// The file.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file, escaped.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Damaged on the way.
    #[error("the request is damaged; copy the whole line again, or send it as a file")]
    Damaged,
    /// Changed in the store.
    #[error("the stored request is not the one that was made: somebody has changed it")]
    Changed,
}

impl Loaded {
    /// For checking answers.
    #[must_use]
    pub fn asked(&self) -> Asked<'_> {
        Asked { request: &self.request, bytes: &self.bytes }
    }

    /// Its short name.
    #[must_use]
    pub fn handle(&self) -> String {
        handle(&self.bytes)
    }

    /// Whether this machine made it.
    #[must_use]
    pub fn is_here(&self) -> bool {
        let here = host::host(String::new());
        self.request.host.machine_id == here.machine_id && self.row.is_some()
    }
}

/// Loads a request by what was typed: an id, a handle, a file, or `-` for
/// standard input.
///
/// # Errors
/// [`LoadError`].
pub fn load(typed: &str, session: &Session) -> Result<Loaded, LoadError> {
    if typed == "-" {
        let fail = |source| LoadError::Read { path: "standard input".into(), source };
        let mut text = Vec::new();
        io::stdin().take(MAX_TEXT).read_to_end(&mut text).map_err(fail)?;
        return from_text(&text, session);
    }
    let path = Path::new(typed);
    if path.is_file() {
        let fail = |source| LoadError::Read { path: escape(typed), source };
        let mut text = Vec::new();
        let file = std::fs::File::open(path).map_err(fail)?;
        file.take(MAX_TEXT).read_to_end(&mut text).map_err(fail)?;
        return from_text(&text, session);
    }
    if typed.starts_with(PREFIX) {
        return from_text(typed.as_bytes(), session);
    }
    let state = session.paths.state.as_deref().ok_or(StoreError::NoHome)?;
    let store = Store::open_existing(state)?;
    let store = store.ok_or_else(|| StoreError::NotFound(escape(typed)))?;
    of_row(store.find(typed)?)
}

fn of_row(row: Row) -> Result<Loaded, LoadError> {
    let request = Request::read(&row.document)?;
    if sha256(&row.document) != row.sha256 || request.id != row.id {
        return Err(LoadError::Changed);
    }
    Ok(Loaded { request, bytes: row.document.clone(), row: Some(row) })
}

/// A document as it is, or in one line. When this host made it, its row comes
/// along.
fn from_text(text: &[u8], session: &Session) -> Result<Loaded, LoadError> {
    let bytes = match std::str::from_utf8(text).ok().map(str::trim_start) {
        Some(line) if line.starts_with(PREFIX) => {
            let line: String = line.split_ascii_whitespace().collect();
            let data = line.strip_prefix(PREFIX).unwrap_or_default();
            URL_SAFE_NO_PAD.decode(data).map_err(|_| LoadError::Damaged)?
        }
        _ => text.to_vec(),
    };
    let request = Request::read(&bytes)?;
    let state = session.paths.state.as_deref();
    let store = state.map(Store::open_existing).transpose()?.flatten();
    let row = store.and_then(|store| store.find(&request.id).ok());
    let row = row.filter(|row| row.document == bytes);
    Ok(Loaded { request, bytes, row })
}

/// A request in one line, for chat clients and terminals.
#[must_use]
pub fn line(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
}
