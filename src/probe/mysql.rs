//! MySQL and MariaDB: rows as last estimated, what goes along with them by
//! foreign keys, who is connected, whether this is a replica, and as whom the
//! command acts.

use super::client::ask;
use super::commands::{Command, MARIADB, MYSQL};
use super::files::size;
use super::sql::{self, Kind, Statement};
use super::{Failed, Found, Identity, Job, Result};
use crate::model::{Count, Flag};
use crate::text::{escape, words};

/// Tables that are named on the screen.
const NAMED: usize = 3;
/// Tables and foreign keys that are read.
const MOST: usize = 5_000;
/// Rows that are counted where the statement has a condition.
const MOST_ROWS: u64 = 100_000;
/// Options that have to stand first (mysql(1)), then the others that say which
/// server.
const FIRST: &[&str] = &[
    "--no-defaults",
    "--defaults-file",
    "--defaults-extra-file",
    "--defaults-group-suffix",
    "--login-path",
];
const PLACE: &[&str] = &[
    "-h",
    "--host",
    "-P",
    "--port",
    "-u",
    "--user",
    "-S",
    "--socket",
    "--protocol",
    "--ssl",
    "--ssl-mode",
    "--ssl-ca",
    "--ssl-cert",
    "--ssl-key",
];
/// Two seconds for each question: what the first comment holds is read by
/// MariaDB only, the hint behind it by MySQL only.
const SELECT: &str =
    "/*M!100101 SET STATEMENT max_statement_time=2 FOR */ select /*+ MAX_EXECUTION_TIME(2000) */";
/// About the server. The name of the user is last: it may hold anything.
const SERVER: &str = "'s', coalesce(database(), ''), @@read_only, @@log_bin, \
    (select count(*) from information_schema.user_privileges where privilege_type = 'SUPER' and grantee = \
     concat('''', substring_index(current_user(), '@', 1), '''@''', substring_index(current_user(), '@', -1), '''')), \
    (select count(*) from information_schema.processlist where id <> connection_id() \
     and user not in ('system user', 'event_scheduler') and command not like 'Binlog Dump%'), \
    (select count(*) from information_schema.processlist where command like 'Binlog Dump%'), \
    (select count(*) from information_schema.processlist where user = 'system user' \
     and command in ('Connect', 'Slave_IO', 'Slave_SQL')), current_user()";
/// Tables; the condition follows.
const TABLES: &str = "'t', concat(table_schema, '.', table_name), coalesce(table_rows, ''), \
    coalesce(data_length + index_length, 0) from information_schema.tables where table_type = 'BASE TABLE' and";
/// Foreign keys that pass a deletion on: the table that follows, the one that it
/// follows, how, and the rows of the first.
const KEYS: &str = "'k', concat(r.constraint_schema, '.', r.table_name), \
    concat(r.unique_constraint_schema, '.', r.referenced_table_name), r.delete_rule, \
    coalesce(t.table_rows, '') from information_schema.referential_constraints r \
    left join information_schema.tables t \
    on t.table_schema = r.constraint_schema and t.table_name = r.table_name \
    where r.delete_rule in ('CASCADE', 'SET NULL', 'SET DEFAULT')";

/// What the command is about.
enum Target {
    Schema(String),
    Tables(Statement),
    /// Nobody knows: all of the database that it connects to.
    Database,
}

/// `mysql`, `mariadb`: whole tables and schemas.
pub(super) fn mysql(job: &Job) -> Result {
    look(job, &target(job))
}

/// `DELETE` or `UPDATE` of some rows: only when the server can say how many.
pub(super) fn rows(job: &Job) -> Result {
    match target(job) {
        Target::Tables(statement) if statement.some.is_some() => {
            look(job, &Target::Tables(statement))
        }
        _ => Ok(None),
    }
}

/// `mysqladmin drop SCHEMA`.
pub(super) fn admin_drop(job: &Job) -> Result {
    match job.operands().as_deref() {
        Some([drop, name]) if drop == "drop" && plain(name) => {
            look(job, &Target::Schema(name.clone()))
        }
        _ => Ok(None),
    }
}

fn plain(name: &str) -> bool {
    sql::named(name) && !name.contains('.')
}

/// What the one statement of the command is about.
fn target(job: &Job) -> Target {
    let named = |name: &str| matches!(name, "-e" | "--execute" | "--init-command");
    let mut texts = job.invocation.options.iter().filter(|option| named(&option.name));
    let text = texts.next().and_then(|option| option.value.as_ref()?.as_static());
    let text = text.filter(|_| texts.next().is_none()).and_then(unquoted);
    let Some(text) = text else { return Target::Database };
    if let Some(name) = schema(&text) {
        return Target::Schema(name);
    }
    sql::read(&text).map_or(Target::Database, Target::Tables)
}

/// A text without the quotes around names that need none; `None` when others are
/// quoted, or when it holds a comment of MySQL.
fn unquoted(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('`').collect();
    let quoted = parts.iter().skip(1).step_by(2);
    let certain = parts.len() % 2 == 1 && quoted.into_iter().all(|name| plain(name));
    (certain && !text.contains(['#', '@'])).then(|| parts.concat())
}

/// The name in `DROP DATABASE [IF EXISTS] NAME`.
fn schema(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches(';').to_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let (name, before) = words.split_last()?;
    let before = before.join(" ").to_ascii_lowercase();
    let before = before.strip_suffix(" if exists").unwrap_or(&before);
    (matches!(before, "drop database" | "drop schema") && plain(name)).then(|| (*name).to_owned())
}

/// The client of the command itself: the two differ in what they read and offer.
fn client(job: &Job) -> Option<&'static Command> {
    match job.invocation.program.as_deref()? {
        "mysql" | "mysqladmin" => Some(MYSQL),
        "mariadb" | "mariadb-admin" => Some(MARIADB),
        _ => None,
    }
}

fn look(job: &Job, target: &Target) -> Result {
    let Some(client) = client(job) else { return Ok(None) };
    job.reaches(&["MYSQL_", "MARIADB_"])?;
    if job.has(&["-p", "--password"]) {
        return Err(Failed::new("a password of the command line is not passed on to a probe"));
    }
    let (Some(first), Some(mut place)) = (job.flags(FIRST), job.flags(PLACE)) else {
        return Ok(None);
    };
    if client_takes_database(job) {
        let Some(operands) = job.operands() else { return Ok(None) };
        let named = job.value(&["-D", "--database"]).map(str::to_owned);
        let database = named.or_else(|| operands.first().cloned());
        place.extend(database.map(|name| format!("--database={name}")));
    }
    let questions = [questions(target)];
    let printed = ask(job, client, &[&first, &place, &questions])?.success(client.program)?;
    if printed.cut {
        return Err(Failed::new("more tables than a probe reads"));
    }
    let text = printed.text();
    let mut lines: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    let server = lines.iter().position(|line| line.first() == Some(&"s"));
    let server = server.map(|at| lines.remove(at)).as_deref().and_then(Server::read);
    let server = server.ok_or_else(unreadable)?;
    let (count, hits) = hit(target, &lines, &server)?;
    let others = server.clients > 0;
    let seen = match others {
        true => words::count(server.clients, "other client"),
        false => "no other client seen".to_owned(),
    };
    let log = if server.log { "binary log on, base unseen" } else { "no binary log" };
    Ok(Some(Found {
        count,
        hits,
        backup: log.to_owned(),
        flags: others.then_some(Flag::Others).into_iter().collect(),
        seen,
        identity: Some(server.identity),
        ..Found::default()
    }))
}

/// mysqladmin has words of its own where mysql has the name of a database.
fn client_takes_database(job: &Job) -> bool {
    matches!(job.invocation.program.as_deref(), Some("mysql" | "mariadb"))
}

fn unreadable() -> Failed {
    Failed::new("mysql printed what cannot be read")
}

/// All that is asked, in one connection. No name in it needs quotes.
fn questions(target: &Target) -> String {
    let which = match target {
        Target::Schema(name) => format!("table_schema = '{name}'"),
        Target::Database => "table_schema = database()".to_owned(),
        Target::Tables(statement) => {
            let one = |name: &String| match name.split_once('.') {
                Some((schema, table)) => {
                    format!("table_schema = '{schema}' and table_name = '{table}'")
                }
                None => format!("table_schema = database() and table_name = '{name}'"),
            };
            format!("({})", statement.tables.iter().map(one).collect::<Vec<_>>().join(" or "))
        }
    };
    let mut out = format!("{SELECT} {SERVER}; {SELECT} {TABLES} {which} limit {MOST}");
    if let Target::Tables(statement) = target {
        if statement.kind == Kind::Delete {
            out += &format!("; {SELECT} {KEYS} limit {MOST}");
        }
        if let (Some(some), Some(table)) = (&statement.some, statement.tables.first()) {
            out += &format!(
                "; {SELECT} 'n', count(*) from (select 1 from {table} where {} limit {}) x",
                some.condition,
                MOST_ROWS + 1
            );
        }
    }
    out
}

/// What [`SERVER`] says.
struct Server {
    database: String,
    role: String,
    log: bool,
    clients: u64,
    identity: Identity,
}

impl Server {
    fn read(fields: &[&str]) -> Option<Self> {
        let [_, database, read_only, log, wide, clients, replicas, replica, user] = fields else {
            return None;
        };
        let on = |field: &str| !matches!(field, "0" | "OFF" | "");
        let number = |field: &str| field.parse::<u64>().ok();
        let mut role = if number(replica)? > 0 { "replica" } else { "primary" }.to_owned();
        if on(read_only) {
            role += ", read-only";
        }
        let replicas = number(replicas)?;
        if replicas > 0 {
            role += &format!(", {} follow", words::count(replicas, "replica"));
        }
        let wide = (number(wide)? > 0).then(|| "SUPER".to_owned());
        Some(Self {
            database: escape(database),
            role,
            log: on(log),
            clients: number(clients)?,
            identity: Identity { name: escape(user), wide },
        })
    }
}

/// One table that is hit.
struct Table<'a> {
    how: &'static str,
    name: &'a str,
    /// As last estimated; `None` when that is not known.
    rows: Option<u64>,
}

/// How many rows are hit, from the answers about the tables.
fn hit(
    target: &Target,
    lines: &[Vec<&str>],
    server: &Server,
) -> std::result::Result<(Count, String), Failed> {
    if matches!(target, Target::Database) && server.database.is_empty() {
        return Err(Failed::new("which tables is not known"));
    }
    let (mut tables, mut keys, mut bytes, mut selected) = (Vec::new(), Vec::new(), 0_u64, None);
    for line in lines {
        match line.as_slice() {
            ["t", name, rows, size] => {
                bytes = bytes.saturating_add(size.parse().map_err(|_| unreadable())?);
                tables.push(Table { how: "", name, rows: rows.parse().ok() });
            }
            ["k", table, on, rule, rows] => keys.push((*table, *on, *rule, rows.parse().ok())),
            ["n", n] => selected = Some(n.parse::<u64>().map_err(|_| unreadable())?),
            _ => return Err(unreadable()),
        }
    }
    if tables.len() >= MOST || keys.len() >= MOST {
        return Err(Failed::new("more tables than a probe reads"));
    }
    let direct = tables.len();
    let missing = match target {
        Target::Tables(statement) => (statement.tables.len() as u64).saturating_sub(direct as u64),
        _ => 0,
    };
    tables.sort_by_key(|table| std::cmp::Reverse(table.rows));
    follow(&mut tables, &keys);
    if let Some(followers) = tables.get_mut(direct..) {
        followers.sort_by_key(|table| std::cmp::Reverse(table.rows));
    }
    let some = matches!(target, Target::Tables(statement) if statement.some.is_some());
    if some && selected.is_none() {
        return Err(unreadable());
    }
    if let (Some(n), Some(table)) = (selected, tables.first_mut()) {
        table.rows = (n <= MOST_ROWS).then_some(n);
    }
    let unknown = tables.iter().any(|table| table.rows.is_none());
    let total: u64 = tables.iter().filter_map(|table| table.rows).fold(0, u64::saturating_add);
    let mut hits = format!("{} {total} rows", if unknown { "at least" } else { "about" });
    if !matches!(target, Target::Tables(_)) {
        hits += &format!(" in {}", words::count(direct as u64, "table"));
    }
    if !some {
        hits += &format!(", {}", size(bytes));
    }
    let named = tables.iter().take(NAMED).map(|table| {
        let rows = table.rows.map_or_else(|| "uncounted".to_owned(), |rows| rows.to_string());
        let most = if some && !table.how.is_empty() { "up to " } else { "" };
        let own = table.name.strip_prefix(server.database.as_str());
        let name = own.and_then(|name| name.strip_prefix('.')).unwrap_or(table.name);
        format!("{}{} {most}{rows}", table.how, escape(name))
    });
    let mut named: Vec<String> = named.collect();
    if tables.len() > NAMED {
        named.push(format!("{} more", tables.len() - NAMED));
    }
    if missing > 0 {
        named.push(format!("{} not there", words::count(missing, "table")));
    }
    named.push(server.role.clone());
    hits += &format!(": {}", named.join(", "));
    Ok((if unknown { Count::Unknown } else { Count::Exact(total) }, hits))
}

/// A foreign key: the table that follows, the one that it follows, how, and the
/// rows of the first.
type Key<'a> = (&'a str, &'a str, &'a str, Option<u64>);

/// Adds the tables that follow. What is set to null has changed, and nothing
/// follows that. Each table is added once, so this ends.
fn follow<'a>(tables: &mut Vec<Table<'a>>, keys: &[Key<'a>]) {
    let mut at = 0;
    while let Some(name) = tables.get(at).filter(|t| t.how != "cleared in ").map(|t| t.name) {
        for (table, on, rule, rows) in keys {
            let new = !tables.iter().any(|known| known.name.eq_ignore_ascii_case(table));
            if new && on.eq_ignore_ascii_case(name) {
                let how = if *rule == "CASCADE" { "cascade " } else { "cleared in " };
                tables.push(Table { how, name: table, rows: *rows });
            }
        }
        at += 1;
    }
}
