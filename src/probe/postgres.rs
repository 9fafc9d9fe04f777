//! PostgreSQL: rows, what goes along with them, who is connected, whether this
//! is a replica, and as whom the command acts.

use std::ffi::OsString;

use super::client::{Extra, ask_with};
use super::commands::PSQL;
use super::sql::{self, Kind, Statement};
use super::{Failed, Found, Identity, Job, Result};
use crate::model::{Count, Flag};
use crate::text::{escape, words};

/// Tables that are named on the screen.
const NAMED: usize = 3;

/// About the database as a whole. The name of the user is last: it may hold
/// anything.
const DATABASE: &str = "select current_database(), pg_is_in_recovery(), \
    (select rolsuper from pg_roles where rolname = current_user), \
    pg_size_pretty(pg_database_size(current_database())), \
    (select coalesce(sum(greatest(reltuples, 0))::bigint, 0) from pg_class where relkind in ('r', 'p') \
     and relnamespace not in (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema'))), \
    (select count(*) from pg_class where relkind in ('r', 'p') and reltuples < 0), \
    (select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()), \
    current_setting('archive_mode'), \
    (select coalesce(extract(epoch from now() - last_archived_time)::bigint::text, '') from pg_stat_archiver), \
    current_user";

/// The largest tables, for what may reach all of them.
const LARGEST: &str = "select reltuples::bigint, \
    translate(oid::regclass::text, chr(10) || chr(13), '??') from pg_class \
    where relkind in ('r', 'p') and reltuples > 0 and relnamespace not in \
    (select oid from pg_namespace where nspname in ('pg_catalog', 'information_schema')) \
    order by reltuples desc limit 3";

/// The tables of a statement and those that follow by their foreign keys: how
/// each is reached, its name, its rows as last estimated. `{}` stands for the
/// names, the ways that are followed and the ways that are listed.
fn tables(statement: &Statement) -> String {
    let (follow, list) = match statement.kind {
        // What is set to null or its default has changed, and nothing follows.
        Kind::Delete => ("'x', 'c'", "'c', 'n', 'd'"),
        Kind::TruncateCascade => ("'x', 'a', 'r', 'c', 'n', 'd'", "'a', 'r', 'c', 'n', 'd'"),
        Kind::Update | Kind::Truncate | Kind::Drop => ("'x'", "''"),
    };
    let names = statement.tables.join(",");
    format!(
        "with recursive hit(oid, how) as (\
         select to_regclass(n)::oid, 'x' collate \"C\" from unnest(string_to_array('{names}', ',')) n \
         union select c.conrelid, (c.confdeltype::text) collate \"C\" from pg_constraint c \
         join hit h on c.confrelid = h.oid \
         where c.contype = 'f' and h.how in ({follow}) and c.confdeltype in ({list})) \
         select h.how, r.reltuples::bigint, \
         translate(r.oid::regclass::text, chr(10) || chr(13), '??') from hit h left join pg_class r using (oid) \
         order by h.how <> 'x', r.reltuples desc limit 200"
    )
}

/// `psql`, `dropdb`.
pub(super) fn postgres(job: &Job) -> Result {
    look(job, statement(job).as_ref())
}

/// `DELETE` or `UPDATE` of some rows: only when the server can say how many.
pub(super) fn rows(job: &Job) -> Result {
    match statement(job) {
        Some(statement) if statement.some.is_some() => look(job, Some(&statement)),
        _ => Ok(None),
    }
}

/// The one statement that the command gives.
fn statement(job: &Job) -> Option<Statement> {
    if job.has(&["-f", "--file"]) {
        return None;
    }
    let named = |name: &str| matches!(name, "-c" | "--command");
    let mut texts = job.invocation.options.iter().filter(|option| named(&option.name));
    let text = texts.next()?.value.as_ref()?.as_static()?;
    if texts.next().is_some() { None } else { sql::read(text) }
}

fn look(job: &Job, statement: Option<&Statement>) -> Result {
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
    server(job, &place, Vec::new(), statement)
}

/// Asks the server that the options and variables name.
pub(super) fn server(
    job: &Job,
    place: &[String],
    mut vars: Vec<(&'static str, OsString)>,
    statement: Option<&Statement>,
) -> Result {
    let options =
        "-c default_transaction_read_only=on -c statement_timeout=2000 -c lock_timeout=500";
    let mut all = std::env::var_os("PGOPTIONS").unwrap_or_default();
    all.push(" ");
    all.push(options);
    vars.push(("PGOPTIONS", all));
    // All in one connection.
    let mut questions = vec![DATABASE.to_owned()];
    if statement.is_none() {
        questions.extend(["-c".to_owned(), LARGEST.to_owned()]);
    }
    if let Some(statement) = statement {
        questions.extend(["-c".to_owned(), tables(statement)]);
        if let Some(some) = &statement.some {
            let plan = format!("explain (format json) {}", some.statement);
            questions.extend(["-c".to_owned(), plan]);
        }
    }
    let printed =
        ask_with(job, PSQL, &[place, &questions], Extra { vars: &vars, ..Extra::default() })?
            .success("psql")?;
    let text = printed.text();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let server = Server::read(first)?;
    let (count, hits) = match statement {
        Some(statement) => hit(statement, rest, &server)?,
        None => server.whole(rest),
    };
    let (flags, seen) = if server.clients > 0 {
        (vec![Flag::Others], words::count(server.clients, "other client"))
    } else {
        (Vec::new(), "no other client".to_owned())
    };
    Ok(Some(Found {
        count,
        hits,
        backup: server.backup(),
        flags,
        seen,
        identity: Some(server.identity),
        ..Found::default()
    }))
}

/// What [`DATABASE`] says.
struct Server {
    name: String,
    role: &'static str,
    size: String,
    rows: u64,
    /// Tables that were never counted.
    unknown: u64,
    clients: u64,
    /// Seconds since a file of the write-ahead log went to the archive; `None`
    /// when none ever did, or nothing is archived now.
    archived: Option<u64>,
    identity: Identity,
}

impl Server {
    fn read(line: &str) -> std::result::Result<Self, Failed> {
        let fields: Vec<&str> = line.splitn(10, '|').collect();
        let [name, replica, superuser, size, rows, unknown, clients, mode, archived, user] =
            fields.as_slice()
        else {
            return Err(Failed::new("psql printed what cannot be read"));
        };
        let number = |field: &str| field.trim().parse::<u64>().unwrap_or_default();
        let wide = (*superuser == "t").then(|| "superuser".to_owned());
        Ok(Self {
            name: escape(name),
            role: if *replica == "t" { "replica" } else { "primary" },
            size: escape(size),
            rows: number(rows),
            unknown: number(unknown),
            clients: number(clients),
            archived: archived.trim().parse().ok().filter(|_| *mode != "off"),
            identity: Identity { name: escape(user), wide },
        })
    }

    /// What could bring rows back. An archive of the log is none by itself: it
    /// needs a base backup, which nothing here can see. So it is told, and not
    /// counted as an undo. A replica follows every delete.
    fn backup(&self) -> String {
        match self.archived {
            Some(age) => {
                format!("WAL archived {} ago, base unseen", words::ago(age))
            }
            None => "no WAL archive".to_owned(),
        }
    }

    /// Everything in it, as last estimated: never too few of what goes.
    fn whole(&self, largest: &str) -> (Count, String) {
        let Self { name, role, size, rows, unknown, .. } = self;
        let mut hits = format!("about {rows} rows in {name}, {size}, {role}");
        if *unknown > 0 {
            hits += &format!(", {} never counted", words::count(*unknown, "table"));
        }
        let named = largest.lines().take(NAMED).filter_map(|line| line.split_once('|'));
        let named: Vec<String> =
            named.map(|(rows, name)| format!("{} {}", escape(name), escape(rows))).collect();
        if !named.is_empty() {
            hits += &format!(": {}", named.join(", "));
        }
        (if *unknown > 0 { Count::Unknown } else { Count::Exact(*rows) }, hits)
    }
}

/// One table that is hit.
struct Table<'a> {
    /// `x` for one of the statement, else how a foreign key passes it on.
    how: &'a str,
    /// As last estimated; `None` when it was never counted.
    rows: Option<u64>,
    name: &'a str,
}

/// How many rows a statement hits, from the answers behind the first line.
fn hit(
    statement: &Statement,
    text: &str,
    server: &Server,
) -> std::result::Result<(Count, String), Failed> {
    let mut lines = text.lines();
    let mut found: Vec<Table<'_>> = Vec::new();
    let mut missing = 0;
    for line in lines.by_ref().take_while(|line| !line.starts_with('[')) {
        let mut fields = line.splitn(3, '|');
        let (Some(how), Some(rows), Some(name)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(Failed::new("psql printed what cannot be read"));
        };
        if name.is_empty() {
            missing += 1;
        } else if !found.iter().any(|table| table.name == name) {
            found.push(Table { how, rows: rows.parse().ok(), name });
        }
    }
    if found.is_empty() && missing == 0 {
        return Err(Failed::new("psql printed what cannot be read"));
    }
    let planned = statement.some.as_ref().map(|_| planned(text));
    let mut named = Vec::new();
    let (mut total, mut unknown) = (0_u64, 0_u64);
    for table in &found {
        let rows = match planned {
            Some(rows) if table.how == "x" => rows,
            _ => table.rows,
        };
        unknown += u64::from(rows.is_none());
        total = total.saturating_add(rows.unwrap_or_default());
        // Which of the rows that follow belong to the selected ones is not known.
        let most = if planned.is_some() && table.how != "x" { "up to " } else { "" };
        let rows = rows.map_or_else(|| "uncounted".to_owned(), |rows| format!("{most}{rows}"));
        let how = match (table.how, statement.kind) {
            ("x", _) => "",
            ("n" | "d", Kind::Delete) => "cleared in ",
            _ => "cascade ",
        };
        named.push(format!("{how}{} {rows}", escape(table.name)));
    }
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    if more > 0 {
        named.push(format!("{more} more"));
    }
    if missing > 0 {
        named.push(format!("{} not there", words::count(missing, "table")));
    }
    let least = if unknown > 0 { "at least " } else { "about " };
    let hits = format!("{least}{total} rows: {}, {}", named.join(", "), server.role);
    Ok((if unknown > 0 { Count::Unknown } else { Count::Exact(total) }, hits))
}

/// The rows that a plan expects to change. The top node has none of its own;
/// the number stands in the one below it.
fn planned(text: &str) -> Option<u64> {
    let begin = text.lines().position(|line| line.starts_with('['))?;
    let json: Vec<&str> = text.lines().skip(begin).collect();
    let plan: serde_json::Value = serde_json::from_str(&json.join("\n")).ok()?;
    plan.pointer("/0/Plan/Plans/0/Plan Rows")?.as_u64()
}
