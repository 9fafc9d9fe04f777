//! What comes out of the store. Anybody with the account may have written it.

use rusqlite::{Connection, Params, Row as SqlRow};

use super::StoreError;
use crate::second::Utc;

/// The longest document that is taken out, in bytes.
const MAX_DOCUMENT: usize = 64 << 10;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The document's exact bytes.
    pub document: Vec<u8>,
    /// Its `id`.
    pub id: String,
    /// SHA-256 of the document as it was stored.
    pub sha256: String,
    /// Short name.
    pub handle: String,
    /// The tier by name.
    pub tier: String,
    /// The command on one line.
    pub shown: String,
    /// Who asks.
    pub who: String,
    /// When.
    pub created: Utc,
    /// Approve by.
    pub expires: Utc,
    /// What became of it.
    pub state: State,
    /// Why, in words.
    pub why: String,
    /// Who closed it.
    pub by: String,
    /// When it was last changed.
    pub changed: Utc,
    /// See [`super::New::join_key`].
    pub join_key: String,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It waits, or is approved and not run yet.
    Pending,
    /// Somebody said no.
    Denied,
    /// Nobody answered in time.
    Expired,
    /// The requester took it back.
    Withdrawn,
    /// What it rests on has changed.
    Void,
    /// It was run.
    Used,
    /// It was run past a missing approval, and nobody has looked at it yet.
    Overridden,
    /// Somebody has.
    Reviewed,
}

impl State {
    const ALL: [Self; 8] = [
        Self::Pending,
        Self::Denied,
        Self::Expired,
        Self::Withdrawn,
        Self::Void,
        Self::Used,
        Self::Overridden,
        Self::Reviewed,
    ];

    /// The name in the store and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Void => "void",
            Self::Used => "used",
            Self::Overridden => "overridden",
            Self::Reviewed => "reviewed",
        }
    }
}

/// An answer as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The decision document.
    pub document: Vec<u8>,
    /// The signature blob; empty for the operator's own answer.
    pub signature: Vec<u8>,
    /// When it was stored.
    pub received: Utc,
}

impl Stored {
    pub(super) fn read(row: &SqlRow<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            document: bounded(row.get(0)?),
            signature: bounded(row.get(1)?),
            received: Utc(row.get(2)?),
        })
    }
}

/// What is too long cannot be what guard wrote; as nothing it is refused later.
fn bounded(bytes: Vec<u8>) -> Vec<u8> {
    if bytes.len() > MAX_DOCUMENT { Vec::new() } else { bytes }
}

const COLUMNS: &str = "document, id, sha256, handle, tier, shown, who, created, expires, state, \
                       why, by, changed, join_key";

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let state: String = row.get(9)?;
    // A state that no guard writes ends the request.
    let state = State::ALL.into_iter().find(|known| known.name() == state).unwrap_or(State::Void);
    Ok(Row {
        document: bounded(row.get(0)?),
        id: row.get(1)?,
        sha256: row.get(2)?,
        handle: row.get(3)?,
        tier: row.get(4)?,
        shown: row.get(5)?,
        who: row.get(6)?,
        created: Utc(row.get(7)?),
        expires: Utc(row.get(8)?),
        state,
        why: row.get(10)?,
        by: row.get(11)?,
        changed: Utc(row.get(12)?),
        join_key: row.get(13)?,
    })
}

pub(super) fn all(
    db: &Connection,
    condition: &str,
    values: impl Params,
) -> Result<Vec<Row>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM requests WHERE {condition}");
    let mut query = db.prepare(&sql)?;
    let rows = query.query_map(values, read)?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

pub(super) fn one(
    db: &Connection,
    condition: &str,
    values: impl Params,
) -> Result<Option<Row>, StoreError> {
    Ok(all(db, condition, values)?.into_iter().next())
}
