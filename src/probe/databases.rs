//! Databases in a file: rows.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::client::EACH;
use super::{Failed, Found, Job, Result, sql};
use crate::model::Count;
use crate::text::{escape, words};

/// Tables that are counted at most.
const MAX_TABLES: usize = 200;
/// Tables that are named on the screen.
const NAMED: usize = 3;

/// The rows of a file, table by table.
pub(super) fn sqlite(job: &Job) -> Result {
    match file(job) {
        Some(path) => whole(&path),
        None => Ok(None),
    }
}

/// All rows of a file.
pub(super) fn whole(path: &Path) -> Result {
    let mut rows = read(path, count_rows)?;
    let pending = pending(path);
    let n: u64 = rows.iter().map(|(_, n)| n).sum();
    rows.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let named: Vec<String> =
        rows.iter().take(NAMED).map(|(name, n)| format!("{} {n}", escape(name))).collect();
    let least = if pending { "at least " } else { "" };
    let hits = format!(
        "the file has {least}{} in {}: {}",
        words::count(n, "row"),
        words::count(rows.len() as u64, "table"),
        named.join(", ")
    );
    let count = if pending { Count::AtLeast(n) } else { Count::Exact(n) };
    Ok(Some(Found { count, hits, undo: None, ..Found::default() }))
}

/// `DELETE` or `UPDATE` of some rows: how many the condition selects.
pub(super) fn sqlite_rows(job: &Job) -> Result {
    let Some(path) = file(job) else { return Ok(None) };
    let text = match job.invocation.operands.as_slice() {
        [_, text] => text.as_static(),
        _ => None,
    };
    let Some(statement) = text.and_then(sql::read) else { return Ok(None) };
    let (Some(some), [table]) = (&statement.some, statement.tables.as_slice()) else {
        return Ok(None);
    };
    let question = format!(
        "select (select count(*) from {table} where {}), (select count(*) from {table})",
        some.condition
    );
    let (n, all) = read(&path, |connection| {
        connection
            .query_row(&question, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))
    })?;
    let number = |n: i64| u64::try_from(n).unwrap_or_default();
    let (n, all, pending) = (number(n), number(all), pending(&path));
    let least = if pending { "at least " } else { "" };
    let hits = format!("{least}{n} of {} of {}", words::count(all, "row"), escape(table));
    let count = if pending { Count::AtLeast(n) } else { Count::Exact(n) };
    Ok(Some(Found { count, hits, undo: None, ..Found::default() }))
}

/// The file that the command opens, when it is one that is there.
fn file(job: &Job) -> Option<PathBuf> {
    let file = job.invocation.operands.first()?.as_static()?;
    if file.is_empty() || file == ":memory:" || file.contains("://") || file.starts_with("file:") {
        return None;
    }
    Some(job.path(file)).filter(|path| path.is_file())
}

/// Whether there are rows that do not yet stand in the file itself.
fn pending(path: &Path) -> bool {
    let name = format!("{}-wal", path.file_name().unwrap_or_default().to_string_lossy());
    path.with_file_name(name).metadata().is_ok_and(|meta| meta.len() > 0)
}

/// Asks a file. `immutable` makes SQLite neither lock it nor create anything
/// beside it (<https://sqlite.org/uri.html>).
fn read<T>(
    path: &Path,
    question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> std::result::Result<T, Failed> {
    let mut uri = String::from("file:");
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            _ => uri += &format!("%{byte:02x}"),
        }
    }
    uri += "?mode=ro&immutable=1";
    let failed =
        |error: rusqlite::Error| Failed::new(format!("sqlite: {}", escape(&error.to_string())));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri, flags).map_err(failed)?;
    let interrupt = connection.get_interrupt_handle();
    let (done, wait) = std::sync::mpsc::channel::<()>();
    let timer = std::thread::spawn(move || {
        // Ends at once when the sender is gone.
        if wait.recv_timeout(EACH) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            interrupt.interrupt();
        }
    });
    let answer = question(&connection);
    drop(done);
    let _ = timer.join();
    answer.map_err(failed)
}

fn count_rows(connection: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let mut tables = connection.prepare(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    )?;
    let names: Vec<String> =
        tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut out = Vec::new();
    for name in names.into_iter().take(MAX_TABLES) {
        let quoted = name.replace('"', "\"\"");
        let n: i64 =
            connection
                .query_row(&format!("select count(*) from \"{quoted}\""), [], |row| row.get(0))?;
        out.push((name, u64::try_from(n).unwrap_or_default()));
    }
    Ok(out)
}
