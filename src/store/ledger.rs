//! The steps of the last hours, for the patterns of `sequence`.
//!
//! A memory, not evidence: who can write the file can make guard forget, as who
//! can write the folder can take guard out of the way. What happened stands in
//! the log.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params, params_from_iter};

use super::StoreError;
use super::open::{existing, make};
use super::schema::LEDGER;
use crate::second::Utc;
use crate::sequence::{Done, Past, Step, WINDOW};

/// How long steps are kept, in seconds: a day, so that a clock that was set
/// back does not bring old ones forth for long.
const KEPT: i64 = 86_400;
/// Most commands that are looked at, the newest first.
const MAX_COMMANDS: i64 = 500;
/// Most steps of these, the newest first: comparing them must stay quick.
const MAX_STEPS: usize = 1000;
/// Most old commands that one call removes.
const PRUNED: i64 = 200;

/// The ledger.
#[derive(Debug)]
pub struct Ledger {
    db: Connection,
}

impl Ledger {
    /// Its file in the state folder, and the one that holds the newest steps.
    pub const FILE: &str = LEDGER.file;
    /// See [`Self::FILE`].
    pub const NEWEST: &str = "steps.db-wal";

    /// Opens the ledger in a state folder, making both if needed. Another guard
    /// may hold the lock so long.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(state: &Path, patience: Duration) -> Result<Self, StoreError> {
        Self::with(make(state, &LEDGER, patience)?)
    }

    /// Opens the ledger if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open_existing(state: &Path, patience: Duration) -> Result<Option<Self>, StoreError> {
        existing(state, &LEDGER, patience)?.map(Self::with).transpose()
    }

    fn with(db: Connection) -> Result<Self, StoreError> {
        db.pragma_update(None, "foreign_keys", true)?;
        Ok(Self { db })
    }

    /// The steps of the last hour under any of these keys, oldest first. A step
    /// from the future (the clock was set back) counts as one of now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn past(&self, keys: &[String], now: Utc) -> Result<Vec<Past>, StoreError> {
        let marks = vec!["?"; keys.len()].join(", ");
        // The newest first by the index of times, each looked up by its keys: the
        // other way round SQLite gathers and sorts all that the keys ever did.
        let sql = format!(
            "SELECT at, done, step FROM ( \
               SELECT id, at, done FROM commands INDEXED BY commands_at \
               WHERE at >= ? AND EXISTS \
                 (SELECT 1 FROM keys WHERE key IN ({marks}) AND command = id) \
               ORDER BY at DESC, id DESC LIMIT {MAX_COMMANDS} \
             ) CROSS JOIN steps ON command = id \
             ORDER BY at DESC, id DESC, number DESC LIMIT {MAX_STEPS}"
        );
        let window = i64::try_from(WINDOW).unwrap_or(i64::MAX);
        let since = now.0.saturating_sub(window).to_string();
        let mut query = self.db.prepare(&sql)?;
        let values = std::iter::once(since.as_str()).chain(keys.iter().map(String::as_str));
        let mut rows = query.query(params_from_iter(values))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let (at, done, step): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let done = done_from(&done).ok_or(StoreError::Damaged)?;
            let step: Step = serde_json::from_str(&step).map_err(|_| StoreError::Damaged)?;
            let ago = u64::try_from(now.0.saturating_sub(at)).unwrap_or_default();
            out.push(Past { step, ago, done });
        }
        out.reverse();
        Ok(out)
    }

    /// Notes the steps of a command, or what became of them since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note(
        &mut self,
        id: &str,
        keys: &[String],
        steps: &[Step],
        done: Done,
        now: Utc,
    ) -> Result<(), StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute(
            "INSERT INTO commands (id, at, done) VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET done = excluded.done",
            params![id, now.0, done_name(done)],
        )?;
        for key in keys {
            tx.execute("INSERT OR IGNORE INTO keys (key, command) VALUES (?1, ?2)", [key, id])?;
        }
        for (number, step) in steps.iter().enumerate() {
            let text = serde_json::to_string(step).map_err(|_| StoreError::Damaged)?;
            let number = i64::try_from(number).unwrap_or(i64::MAX);
            tx.execute(
                "INSERT OR IGNORE INTO steps (command, number, step) VALUES (?1, ?2, ?3)",
                params![id, number, text],
            )?;
        }
        tx.execute(
            "DELETE FROM commands WHERE id IN \
             (SELECT id FROM commands WHERE at < ?1 ORDER BY at LIMIT ?2)",
            params![now.0.saturating_sub(KEPT), PRUNED],
        )?;
        tx.commit()?;
        Ok(())
    }
}

const NAMES: [(Done, &str); 4] = [
    (Done::Started, "started"),
    (Done::Succeeded, "succeeded"),
    (Done::Failed, "failed"),
    (Done::Refused, "refused"),
];

fn done_name(done: Done) -> &'static str {
    NAMES.iter().find(|(known, _)| *known == done).map_or("started", |(_, name)| name)
}

fn done_from(name: &str) -> Option<Done> {
    NAMES.iter().find(|(_, known)| *known == name).map(|(done, _)| *done)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::sequence::{Act, Step};

    fn step(name: &str) -> Step {
        let text = format!(
            r#"{{"act":"create","family":"aws","kinds":["environment"],"names":["{name}"],"count":1,"place":[],"scope":4,"environment":"prod","data":false,"backup":false,"evidence":false,"tier":"notify"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn steps_come_back_in_their_order_for_their_keys_and_their_hour() {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("state"), Duration::from_secs(1)).unwrap();
        let keys = |name: &str| vec![name.to_owned(), "other".to_owned()];
        let now = Utc(1_795_339_800);
        ledger.note("a", &keys("one"), &[step("x"), step("y")], Done::Started, now).unwrap();
        ledger.note("a", &keys("one"), &[step("x"), step("y")], Done::Failed, now).unwrap();
        ledger.note("b", &keys("two"), &[step("z")], Done::Refused, now.plus(60)).unwrap();
        ledger.note("c", &["three".to_owned()], &[step("w")], Done::Started, now).unwrap();
        let past = ledger.past(&["other".to_owned()], now.plus(100)).unwrap();
        let told: Vec<(&str, u64, Done)> = past
            .iter()
            .map(|past| (past.step.names.first().unwrap().as_str(), past.ago, past.done))
            .collect();
        let failed = Done::Failed;
        assert_eq!(told, [("x", 100, failed), ("y", 100, failed), ("z", 40, Done::Refused)]);
        assert_eq!(ledger.past(&["one".to_owned()], now.plus(3700)).unwrap().len(), 0);
        // The clock was set back: it counts as now.
        assert_eq!(ledger.past(&["one".to_owned()], Utc(now.0 - 500)).unwrap()[0].ago, 0);
        assert_eq!(past.first().unwrap().step.act, Act::Create);
    }

    #[test]
    fn what_was_noted_stays_in_a_short_log_until_it_is_worth_moving() {
        let dir = tempfile::tempdir().unwrap();
        let open = || Ledger::open(dir.path(), Duration::from_secs(1)).unwrap();
        let log = || std::fs::metadata(dir.path().join(Ledger::NEWEST)).map_or(0, |m| m.len());
        let (keys, now) = (["k".to_owned()], Utc(1_795_339_800));
        let mut sizes = Vec::new();
        for n in 0..60 {
            open().note(&n.to_string(), &keys, &[step("x")], Done::Started, now).unwrap();
            sizes.push(log());
            assert_eq!(open().past(&keys, now).unwrap().len(), n + 1);
        }
        // Neither moved with each, nor kept for ever.
        assert!(sizes.iter().filter(|size| **size == 0).count() < 20, "{sizes:?}");
        let most = LEDGER.left_in_log + 64 * 1024;
        assert!(sizes.iter().all(|size| *size < most), "{sizes:?}");
    }
}
