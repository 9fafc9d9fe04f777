//! The requests of this account: who has been asked, what was answered, and
//! what has been used up.
//!
//! SQLite, because many guards write at once and any of them may be killed. The
//! file gives no rights: signatures are checked again just before a command
//! starts, whatever it says. It only remembers; what it forgets, somebody is
//! asked again.

mod ledger;
mod open;
mod row;
mod schema;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::second::Utc;
use crate::second::handle;

pub use ledger::Ledger;
pub use open::StoreError;
pub use row::{Row, State, Stored};

/// Most answers that are kept for one request.
const MAX_DECISIONS: i64 = 64;
/// How long closed requests are kept, in seconds: 90 days.
const KEPT: i64 = 90 * 86_400;
/// Most old requests that one call removes.
const PRUNED: i64 = 100;

/// The store.
#[derive(Debug)]
pub struct Store {
    db: Connection,
}

/// A new request.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// The document.
    pub document: &'a [u8],
    /// Its `id`.
    pub id: &'a str,
    /// Its SHA-256, hexadecimal.
    pub sha256: &'a str,
    /// The same command in the same state by the same caller.
    pub join_key: &'a str,
    /// The same command by the same caller.
    pub command_key: &'a str,
    /// The tier.
    pub tier: &'a str,
    /// The command on one line, escaped and without secrets.
    pub shown: &'a str,
    /// Who asks, for tables.
    pub who: &'a str,
    /// When.
    pub created: Utc,
    /// Approve by.
    pub expires: Utc,
}

/// What [`Store::join_or_create`] found or made.
#[derive(Debug)]
pub struct Joined {
    /// The request.
    pub row: Row,
    /// It is new.
    pub created: bool,
}

/// A request has been used up, on disk, by this process. Neither `Clone` nor
/// `Copy`, and made only by [`Store::claim`].
#[derive(Debug)]
#[must_use]
pub struct Claim(());

/// What became of a claim.
#[derive(Debug)]
#[must_use]
pub enum Claimed {
    /// This process may run the command, once.
    Ours(Claim),
    /// Another one has, or somebody has closed the request.
    Gone(State),
}

impl Store {
    /// The newest open request with the same key, else a new one: of many
    /// guards at once exactly one makes it. `record` is called before a new
    /// one can be seen by anybody, and nothing is made unless it succeeds; while
    /// it runs no other guard writes, so it must not use the store.
    ///
    /// # Errors
    /// [`StoreError`], and those of `record`. When the store fails after
    /// `record` has succeeded, there is a record without a request.
    pub fn join_or_create<E: From<StoreError>>(
        &mut self,
        new: &New<'_>,
        now: Utc,
        record: impl FnOnce() -> Result<(), E>,
    ) -> Result<Joined, E> {
        let tx = self.write()?;
        let known = row::one(
            &tx,
            "join_key = ?1 AND state = 'pending' AND expires >= ?2 ORDER BY created DESC, rowid DESC LIMIT 1",
            params![new.join_key, now.0],
        )?;
        if let Some(row) = known {
            return Ok(Joined { row, created: false });
        }
        let row = insert(&tx, new, now)?;
        record()?;
        tx.commit().map_err(StoreError::from)?;
        Ok(Joined { row, created: true })
    }

    /// The newest request for the same command by the same caller, whatever
    /// became of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn latest(&self, command_key: &str) -> Result<Option<Row>, StoreError> {
        row::one(
            &self.db,
            "command_key = ?1 ORDER BY created DESC, rowid DESC LIMIT 1",
            params![command_key],
        )
    }

    /// A request by its id, the beginning of it (8 characters or more), or its
    /// handle.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn find(&self, typed: &str) -> Result<Row, StoreError> {
        let none = || StoreError::NotFound(crate::text::escape(typed));
        let typed = typed.trim();
        let mut found = match handle::normal(typed) {
            Some(handle) => {
                row::all(&self.db, "handle = ?1 ORDER BY created DESC LIMIT 2", params![handle])?
            }
            None => Vec::new(),
        };
        let id = typed.to_ascii_lowercase();
        let hex = id.len() >= 8 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        if found.is_empty() && hex {
            let after = format!("{id}~");
            found = row::all(&self.db, "id >= ?1 AND id < ?2 LIMIT 2", params![id, after])?;
        }
        match found.len() {
            0 => Err(none()),
            1 => found.pop().ok_or_else(none),
            _ => Err(StoreError::Ambiguous(crate::text::escape(typed))),
        }
    }

    /// Requests, newest first; with `open` those only that wait for somebody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn list(&self, open: bool, now: Utc, limit: u32) -> Result<Vec<Row>, StoreError> {
        if open {
            let open = "state = 'pending' AND expires >= ?1 ORDER BY created DESC LIMIT ?2";
            return row::all(&self.db, open, params![now.0, limit]);
        }
        row::all(&self.db, "1 ORDER BY created DESC, rowid DESC LIMIT ?1", params![limit])
    }

    /// Commands that were run past a missing approval and that nobody has
    /// looked at yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_reviews(&self) -> Result<Vec<Row>, StoreError> {
        row::all(&self.db, "state = 'overridden' ORDER BY created DESC LIMIT 1000", params![])
    }

    /// Closes a request that is still pending. `false` when it was closed
    /// before: a no stays no, and what ran has run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn finish(
        &mut self,
        id: &str,
        state: State,
        why: &str,
        by: &str,
        now: Utc,
    ) -> Result<bool, StoreError> {
        let from = if state == State::Reviewed { State::Overridden } else { State::Pending };
        let tx = self.write()?;
        let changed = tx.execute(
            "UPDATE requests SET state = ?2, why = ?3, by = ?4, changed = ?5 \
             WHERE id = ?1 AND state = ?6",
            params![id, state.name(), why, by, now.0, from.name()],
        )?;
        tx.commit()?;
        Ok(changed == 1)
    }

    /// Voids every pending request, because what they rest on has changed. How
    /// many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn void_pending(&mut self, why: &str, now: Utc) -> Result<usize, StoreError> {
        let tx = self.write()?;
        let changed = tx.execute(
            "UPDATE requests SET state = 'void', why = ?1, changed = ?2 WHERE state = 'pending'",
            params![why, now.0],
        )?;
        tx.commit()?;
        Ok(changed)
    }

    /// Keeps an answer. The same bytes are kept once.
    ///
    /// # Errors
    /// [`StoreError`]; too many answers.
    pub fn add_decision(
        &mut self,
        request: &str,
        document: &[u8],
        signature: &[u8],
        now: Utc,
    ) -> Result<(), StoreError> {
        let tx = self.write()?;
        let count: i64 = tx.query_row(
            "SELECT count(*) FROM decisions WHERE request = ?1",
            params![request],
            |row| row.get(0),
        )?;
        if count >= MAX_DECISIONS {
            return Err(StoreError::TooMany);
        }
        tx.execute(
            "INSERT OR IGNORE INTO decisions (request, document, signature, received) \
             VALUES (?1, ?2, ?3, ?4)",
            params![request, document, signature, now.0],
        )?;
        tx.commit()?;
        Ok(())
    }

    /// The answers to a request, in the order in which they came.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn decisions(&self, request: &str) -> Result<Vec<Stored>, StoreError> {
        let mut query = self.db.prepare(
            "SELECT document, signature, received FROM decisions WHERE request = ?1 \
             ORDER BY rowid LIMIT ?2",
        )?;
        let rows = query.query_map(params![request, MAX_DECISIONS], Stored::read)?;
        rows.collect::<Result<_, _>>().map_err(StoreError::from)
    }

    /// Uses a request up. On disk when this returns.
    ///
    /// # Errors
    /// [`StoreError`]: then nothing may run.
    pub fn claim(
        &mut self,
        id: &str,
        sha256: &str,
        to: State,
        now: Utc,
    ) -> Result<Claimed, StoreError> {
        let tx = self.write()?;
        let fresh = tx.execute(
            "INSERT OR IGNORE INTO claims (sha256, request, at) VALUES (?1, ?2, ?3)",
            params![sha256, id, now.0],
        )?;
        let changed = tx.execute(
            "UPDATE requests SET state = ?3, changed = ?4 \
             WHERE id = ?1 AND sha256 = ?2 AND state = 'pending'",
            params![id, sha256, to.name(), now.0],
        )?;
        if fresh == 1 && changed == 1 {
            tx.commit()?;
            return Ok(Claimed::Ours(Claim(())));
        }
        let row = row::one(&tx, "id = ?1", params![id])?;
        Ok(Claimed::Gone(match row {
            Some(row) if row.state != State::Pending => row.state,
            _ => State::Used,
        }))
    }

    /// A number that changes when another process has written.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn version(&self) -> Result<i64, StoreError> {
        Ok(self.db.pragma_query_value(None, "data_version", |row| row.get(0))?)
    }

    /// Takes the write lock at once, so that what is read in it stays true.
    fn write(&mut self) -> Result<Transaction<'_>, StoreError> {
        Ok(self.db.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

/// Adds a request, and removes a few old ones.
fn insert(tx: &Transaction<'_>, new: &New<'_>, now: Utc) -> Result<Row, StoreError> {
    tx.execute(
        "INSERT INTO requests (id, sha256, handle, document, join_key, command_key, tier, \
         shown, who, created, expires, state, changed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'pending', ?12)",
        params![
            new.id,
            new.sha256,
            handle(new.document),
            new.document,
            new.join_key,
            new.command_key,
            new.tier,
            new.shown,
            new.who,
            new.created.0,
            new.expires.0,
            now.0
        ],
    )?;
    prune(tx, now)?;
    row::one(tx, "id = ?1", params![new.id])?.ok_or(StoreError::Damaged)
}

/// Removes a few old requests. Claims stay longer than any approval can last.
fn prune(tx: &Transaction<'_>, now: Utc) -> Result<(), StoreError> {
    let old = now.0.saturating_sub(KEPT);
    let ids: Option<String> = tx
        .query_row(
            "SELECT id FROM requests WHERE changed < ?1 AND state NOT IN ('overridden') LIMIT 1",
            params![old],
            |row| row.get(0),
        )
        .optional()?;
    if ids.is_none() {
        return Ok(());
    }
    tx.execute(
        "DELETE FROM decisions WHERE request IN (SELECT id FROM requests WHERE changed < ?1 \
         AND state NOT IN ('overridden') ORDER BY changed LIMIT ?2)",
        params![old, PRUNED],
    )?;
    tx.execute(
        "DELETE FROM requests WHERE id IN (SELECT id FROM requests WHERE changed < ?1 \
         AND state NOT IN ('overridden') ORDER BY changed LIMIT ?2)",
        params![old, PRUNED],
    )?;
    tx.execute("DELETE FROM claims WHERE at < ?1", params![old])?;
    Ok(())
}

#[cfg(test)]
mod tests;
