//! Databases: rows, keys, clients, and whether this is the only copy.

use std::ffi::OsString;

use rusqlite::{Connection, OpenFlags};

use super::client::{EACH, ask, ask_with};
use super::commands::{PSQL, REDIS};
use super::{Failed, Found, Identity, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::{escape, words};

/// Tables that are counted at most.
const MAX_TABLES: usize = 200;
/// Tables that are named on the screen.
const NAMED: usize = 3;

/// The rows of a file, table by table. `immutable` makes SQLite neither lock
/// nor create anything beside it (<https://sqlite.org/uri.html>).
pub(super) fn sqlite(job: &Job) -> Result {
    let Some(file) = job.invocation.operands.first().and_then(|word| word.as_static()) else {
        return Ok(None);
    };
    if file.is_empty() || file == ":memory:" || file.contains("://") || file.starts_with("file:") {
        return Ok(None);
    }
    let path = job.path(file);
    if !path.is_file() {
        return Ok(None);
    }
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
    let rows = count_rows(&connection);
    drop(done);
    let _ = timer.join();
    let mut rows = rows.map_err(failed)?;
    // What is not yet in the file itself was not seen.
    let log = path
        .with_file_name(format!("{}-wal", path.file_name().unwrap_or_default().to_string_lossy()));
    let pending = log.metadata().is_ok_and(|meta| meta.len() > 0);
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

/// `redis-cli FLUSHALL`, `FLUSHDB`.
pub(super) fn redis(job: &Job) -> Result {
    if job.has(&["-a", "--pass", "-u"]) {
        return Err(Failed::new("a secret on the command line is not passed on to a probe"));
    }
    let Some(place) = job.flags(&["-h", "-p", "-s", "-n", "--user", "--tls", "--cacert"]) else {
        return Ok(None);
    };
    let Some(operands) = job.operands() else { return Ok(None) };
    let all = operands.first().is_some_and(|word| word.eq_ignore_ascii_case("flushall"));
    let info = |section: &str| -> std::result::Result<String, Failed> {
        let words = ["INFO".to_owned(), section.to_owned()];
        Ok(ask(job, REDIS, &[&place, &words])?.success("redis-cli")?.text())
    };
    let spaces = info("keyspace")?;
    if !spaces.starts_with("# Keyspace") {
        return Err(Failed::new(format!(
            "redis: {}",
            crate::text::width::cut(&escape(&spaces), 48)
        )));
    }
    let keys = spaces.lines().filter_map(|line| line.split_once(":keys="));
    let keys: Vec<u64> =
        keys.filter_map(|(_, rest)| rest.split(',').next()?.trim().parse().ok()).collect();
    let n = if all {
        keys.iter().sum()
    } else {
        let size = ask(job, REDIS, &[&place, &["DBSIZE".to_owned()]])?.success("redis-cli")?.text();
        size.trim().parse().map_err(|_| Failed::new("redis printed what cannot be read"))?
    };
    let mut hits = words::count(n, "key");
    if all {
        hits += &format!(" in {}", words::count(keys.len() as u64, "database"));
    }
    let value = |text: &str, key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|value| value.trim().parse::<u64>().ok()).unwrap_or_default()
    };
    let replicas = value(&info("replication")?, "connected_slaves:");
    if replicas > 0 {
        hits += &format!(", {} follow", words::count(replicas, "replica"));
    }
    let undo = (Reversibility(4), "no copy outside the server was seen".to_owned());
    Ok(Some(Found { count: Count::Exact(n), hits, undo: Some(undo), ..Found::default() }))
}

/// `psql`, `dropdb`: the database as a whole; text of the command is never sent.
pub(super) fn postgres(job: &Job) -> Result {
    const QUESTION: &str = "select current_database(), pg_is_in_recovery(), \
        (select rolsuper from pg_roles where rolname = current_user), \
        pg_size_pretty(pg_database_size(current_database())), \
        (select coalesce(sum(greatest(reltuples, 0))::bigint, 0) from pg_class where relkind in ('r', 'p') \
         and relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))), \
        (select count(*) from pg_class where relkind in ('r', 'p') and reltuples < 0), \
        (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()), \
        current_user";
    let Some(mut place) = job.flags(&["-h", "--host", "-p", "--port", "-U", "--username"]) else {
        return Ok(None);
    };
    let Some(operands) = job.operands() else { return Ok(None) };
    let database =
        job.value(&["-d", "--dbname"]).map(str::to_owned).or_else(|| operands.first().cloned());
    if let Some(database) = database {
        // A connection string may hold a password.
        if database.contains("://") || database.contains('=') {
            return Err(Failed::new("a connection string is not passed on to a probe"));
        }
        place.push(format!("--dbname={database}"));
    }
    let options =
        "-c default_transaction_read_only=on -c statement_timeout=2000 -c lock_timeout=500";
    let mut all = std::env::var_os("PGOPTIONS").unwrap_or_default();
    all.push(" ");
    all.push(options);
    let vars: [(&str, OsString); 1] = [("PGOPTIONS", all)];
    let printed = ask_with(job, PSQL, &[&place, &[QUESTION.to_owned()]], &vars)?.success("psql")?;
    let text = printed.text();
    // The name of the user is last: it may hold anything.
    let fields: Vec<&str> = text.splitn(8, '|').collect();
    let [name, replica, superuser, size, rows, unknown, clients, user] = fields.as_slice() else {
        return Err(Failed::new("psql printed what cannot be read"));
    };
    let number = |field: &str| field.trim().parse::<u64>().unwrap_or_default();
    let (rows, unknown, clients) = (number(rows), number(unknown), number(clients));
    let role = if *replica == "t" { "replica" } else { "primary" };
    let mut hits = format!("about {rows} rows in {}, {}, {role}", escape(name), escape(size));
    if unknown > 0 {
        hits += &format!(", {} never counted", words::count(unknown, "table"));
    }
    let (flags, seen) = if clients > 0 {
        (vec![Flag::Others], words::count(clients, "other client"))
    } else {
        (Vec::new(), "no other client".to_owned())
    };
    // Everything in it, as last estimated: never too few of what goes.
    let count = if unknown > 0 { Count::Unknown } else { Count::Exact(rows) };
    let wide = (*superuser == "t").then(|| "superuser".to_owned());
    let identity = Some(Identity { name: escape(user), wide });
    Ok(Some(Found { count, hits, flags, seen, identity, ..Found::default() }))
}
