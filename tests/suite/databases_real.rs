//! What a call of the real `psql`, `mysql` and `redis-cli` would hit, on servers that
//! the test starts on a socket in a folder of its own and ends by their ids.
//!
//! That nothing was changed is read from the servers, not from guard.

mod mysql;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};

use crate::harness::{Output, Place, output};

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Debian keeps the server of each version in a folder of its own.
    for version in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        folders.push(version.path().join("bin"));
    }
    let file = folders.iter().map(|dir| dir.join(program)).find(|file| file.is_file());
    if file.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{program} is missing");
        eprintln!("SKIPPED: {program} is not on this machine");
    }
    file
}

/// A server, with a home for its user and a folder for its files.
pub struct Server {
    pub place: Place,
    pub dir: tempfile::TempDir,
    child: Child,
    /// What ends it at once, with its children.
    end: Signal,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Server {
    fn stop(&mut self) {
        let _ = kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), self.end);
        let _ = self.child.wait();
    }

    fn at(&self, name: &str) -> String {
        self.dir.path().join(name).display().to_string()
    }

    fn run(&self, mut command: Command) -> Output {
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.place.path("bin").display()));
        output(command.stdin(Stdio::null()))
    }

    /// What a client prints.
    fn client(&self, program: &str, words: &[&str]) -> String {
        let mut command = self.place.command(program);
        command.args(words);
        let ran = self.run(command);
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.stderr);
        ran.stdout.trim().to_owned()
    }

    fn wait(&mut self, ready: impl Fn(&Self) -> bool) {
        let until = Instant::now() + Duration::from_secs(60);
        while !ready(self) {
            assert!(self.child.try_wait().unwrap().is_none(), "the server has ended");
            assert!(Instant::now() < until, "the server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What is said about a command that does not run.
    fn asks(&self, words: &[&str], texts: &[&str]) {
        let words: Vec<&str> = [&["run", "--wait", "0s", "--"], words].concat();
        let ask = || self.run(self.place.guard(&words));
        let mut ran = ask();
        // A busy machine may need longer than guard waits.
        for _ in 0..5 {
            if !["timed out", "no probe answered"].iter().any(|late| ran.stderr.contains(late)) {
                break;
            }
            ran = ask();
        }
        let mut screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        // What did not fit on the screen is in the record.
        screen += &self.place.events("request").pop().unwrap_or_default().to_string();
        for text in texts {
            assert!(screen.contains(text), "{words:?}: {text:?} is missing:\n{}", ran.stderr);
        }
        assert!(matches!(ran.code, Some(75 | 77)), "{words:?}: {:?}: {}", ran.code, ran.stderr);
    }
}

/// A command that runs as the user who may run PostgreSQL, which is not root.
fn as_postgres(program: &Path) -> Command {
    if !nix::unistd::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn quiet(command: &mut Command) -> &mut Command {
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null())
}

/// A server with a shop: 300 customers, whose 2,000 orders, 5,000 items and 40
/// notes refer to them in three ways.
pub fn postgres() -> Option<Server> {
    let (initdb, server) = (found("initdb")?, found("postgres")?);
    found("psql")?;
    let root = nix::unistd::geteuid().is_root();
    if root && User::from_name("postgres").unwrap().is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "there is no user postgres");
        eprintln!("SKIPPED: there is no user postgres on this machine");
        return None;
    }
    let dir = tempfile::Builder::new().prefix("pg").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    if root {
        let user = User::from_name("postgres").unwrap().unwrap();
        for path in [dir.path(), data.as_path()] {
            nix::unistd::chown(path, Some(user.uid), Some(user.gid)).unwrap();
        }
    }
    let mut made = as_postgres(&initdb);
    made.args(["-A", "trust", "-U", "app", "--no-sync", "-D"]).arg(&data);
    assert!(quiet(&mut made).status().unwrap().success(), "initdb");
    let mut server = Server {
        place: Place::new(),
        child: start(&server, &data, dir.path()),
        dir,
        end: Signal::SIGQUIT,
    };
    server.wait(|server| server.sql("postgres", "select 1").is_some());
    server.sql("postgres", "create database shop").unwrap();
    server
        .sql(
            "shop",
            "create table customers (id int primary key, paid int);
             create table orders (id int primary key, c int references customers on delete cascade);
             create table items (o int references orders on delete cascade);
             create table notes (c int references customers on delete set null);
             insert into customers select n, n % 3 from generate_series(1, 300) n;
             insert into orders select n, 1 + n % 300 from generate_series(1, 2000) n;
             insert into items select 1 + n % 2000 from generate_series(1, 5000) n;
             insert into notes select n from generate_series(1, 40) n;
             create role limited login;
             grant select on all tables in schema public to limited;
             analyze;",
        )
        .unwrap();
    Some(server)
}

fn start(server: &Path, data: &Path, socket: &Path) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(socket.join("log")).unwrap();
    let mut command = as_postgres(server);
    command.arg("-D").arg(data).arg("-k").arg(socket);
    let archive = ["archive_mode=on", "archive_command=/bin/true"];
    for setting in ["listen_addresses=", "fsync=off", "log_statement=all"].iter().chain(&archive) {
        command.args(["-c", setting]);
    }
    quiet(&mut command).stderr(log).spawn().unwrap()
}

impl Server {
    /// The answer of the server, asked without guard.
    fn sql(&self, database: &str, text: &str) -> Option<String> {
        let mut command = self.place.command("psql");
        let socket = self.dir.path().display().to_string();
        command.args(["-X", "-w", "-q", "-At", "-h", &socket, "-U", "app", "-c", text, database]);
        let ran = self.run(command);
        (ran.code == Some(0)).then(|| ran.stdout.trim().to_owned())
    }

    /// `psql` of the command that is judged.
    fn psql(&self, user: &str, text: &str, texts: &[&str]) {
        let socket = self.dir.path().display().to_string();
        self.asks(&["psql", "-h", &socket, "-U", user, "-d", "shop", "-c", text], texts);
    }

    fn counts(&self) -> String {
        let count = |table: &str| self.sql("shop", &format!("select count(*) from {table}"));
        ["customers", "orders", "items", "notes"].map(|table| count(table).unwrap()).join(" ")
    }
}

#[test]
fn postgresql_is_asked_for_rows_cascades_and_the_role_and_nothing_changes() {
    let Some(mut server) = postgres() else { return };
    assert_eq!(server.counts(), "300 2000 5000 40");
    let setting_up = std::fs::read_to_string(server.at("log")).unwrap().len();
    server.psql(
        "app",
        "delete from customers",
        &[
            "about 7340 rows: customers 300, cascade items 5000, cascade orders 2000",
            "as app (superuser",
        ],
    );
    server.psql(
        "app",
        "delete from orders where id <= 500;",
        &["rows: orders ", "cascade items up to 5000"],
    );
    server.psql(
        "app",
        "update customers set paid = 0",
        &["about 300 rows: customers 300, primary"],
    );
    server.psql("app", "truncate items, notes", &["about 5040 rows: items 5000, notes 40"]);
    server.psql("app", "truncate customers cascade", &["about 7340 rows: customers 300"]);
    server.psql(
        "app",
        "drop table notes",
        &["about 40 rows: notes 40, primary", "none seen [no WAL archive]"],
    );
    server.psql("app", "delete from nothing", &["1 table not there"]);
    server.psql("app", "drop schema public cascade", &["about 7340 rows in shop", "primary"]);
    server.psql("limited", "delete from items", &["about 5000 rows: items 5000", "as limited"]);
    // What is more than one statement is not passed on.
    server.psql("app", "begin read write; delete from items", &["rows in shop"]);
    server.psql("nobody", "delete from items", &["count unknown (psql: "]);
    assert_eq!(server.counts(), "300 2000 5000 40");
    let log = std::fs::read_to_string(server.at("log")).unwrap();
    let asked = log[setting_up..].to_ascii_lowercase();
    for line in asked.lines().filter(|line| line.contains("statement: ")) {
        let text = line.split("statement: ").last().unwrap();
        let reads = ["select ", "with recursive ", "explain (format json) "];
        assert!(reads.iter().any(|begin| text.starts_with(begin)), "{line}");
    }
    assert!(asked.contains("explain (format json) delete from orders where id <= 500"));

    // What went to an archive is told, and is no backup by itself.
    server.sql("shop", "select pg_switch_wal()").unwrap();
    let archived = "select count(*) from pg_stat_archiver where last_archived_time is not null";
    server.wait(|server| server.sql("shop", archived).as_deref() == Some("1"));
    server.psql("app", "drop table notes", &["none seen [WAL archived", "ago, base unseen]"]);

    // The same files as a replica.
    server.stop();
    let data = server.dir.path().join("data");
    std::fs::write(data.join("standby.signal"), "").unwrap();
    let _ = std::fs::remove_file(data.join("postmaster.pid"));
    server.child = start(&found("postgres").unwrap(), &data, server.dir.path());
    server.wait(|server| server.sql("postgres", "select 1").is_some());
    server.psql("app", "delete from items", &["about 5000 rows: items 5000, replica"]);
}

/// A migration that drops everything, by the address in a file of the project.
#[test]
fn what_a_migration_would_drop_is_looked_up_by_the_address_in_the_project() {
    let Some(server) = postgres() else { return };
    let socket = server.dir.path().display().to_string();
    let url = format!("postgres://app:hush@/shop?host={socket}");
    server.place.write(".env", format!("PORT=1\nDATABASE_URL=\"{url}\"\n"));
    for name in ["prisma", "npx", "rails", "python", "alembic"] {
        server.place.marking(name);
    }
    for words in [
        &["prisma", "migrate", "reset"][..],
        &["npx", "prisma", "db", "push", "--accept-data-loss"],
        &["rails", "db:drop"],
        &["python", "manage.py", "flush"],
        &["alembic", "downgrade", "base"],
        &["npx", "sequelize-cli", "db:drop"],
    ] {
        let texts = ["by DATABASE_URL of .env: about 7340 rows in shop", "items 5000"];
        server.asks(words, &texts);
        let words = [&["run", "--wait", "0s", "--"], words].concat();
        assert!(!server.run(server.place.guard(&words)).stderr.contains("hush"));
    }
    // The variable of the command itself comes first.
    let text = format!("DATABASE_URL='{url}' prisma migrate reset");
    let ran = server.run(server.place.guard(["run", "--wait", "0s", "-c", &text]));
    assert!(ran.stderr.contains("about 7340 rows in shop"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("of .env"), "{}", ran.stderr);
    assert_eq!(server.counts(), "300 2000 5000 40");
    // Elsewhere, and not to be reached: what stands there is said to be production.
    server.place.write(".env", "DATABASE_URL=postgres://a:hush@db.invalid/shop\n");
    let words = ["prisma", "migrate", "reset"];
    let texts = [
        "T4 second human",
        "by DATABASE_URL of .env: count unknown",
        "DATABASE_URL of .env → db.invalid",
    ];
    server.asks(&words, &texts);
    // A file of SQLite is counted where it is.
    server.place.write(".env", "DATABASE_URL=\"file:./dev.db\"\n");
    let file = server.place.path("project/prisma/dev.db");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    if found("sqlite3").is_some() {
        let fill = "create table users (n); insert into users values (1), (2), (3)";
        server.client("sqlite3", &[file.to_str().unwrap(), fill]);
        server.asks(&words, &["by DATABASE_URL of .env: the file has 3 rows in 1 table: users 3"]);
    }
}

#[test]
fn redis_is_asked_for_the_keys_of_all_its_databases_and_keeps_them() {
    let Some(program) = found("redis-server") else { return };
    if found("redis-cli").is_none() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut start = Command::new(program);
    start.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]);
    start.arg(dir.path().join("s")).arg("--dir").arg(dir.path());
    let child = quiet(&mut start).spawn().unwrap();
    let mut server = Server { place: Place::new(), dir, child, end: Signal::SIGKILL };
    let socket = server.at("s");
    server.wait(|server| {
        let mut command = server.place.command("redis-cli");
        command.args(["-s", &socket, "PING"]);
        server.run(command).stdout.trim() == "PONG"
    });
    let fill = "for i = 1, tonumber(ARGV[1]) do redis.call('set', i, i) end";
    for (database, n) in [("0", "200"), ("3", "5")] {
        server.client("redis-cli", &["-s", &socket, "-n", database, "EVAL", fill, "0", n]);
    }
    let ask = |words: &[&str], texts: &[&str]| {
        server.asks(&[&["redis-cli", "-s", &socket], words].concat(), texts);
    };
    ask(
        &["FLUSHALL"],
        &["205 keys in 2 databases", "as default", "no persistence: nothing of it is on a disk"],
    );
    ask(&["-n", "3", "FLUSHDB"], &["5 keys of 205 in 2 databases", "as default"]);
    ask(&["DEL", "1", "2", "no-such"], &["2 of 3 keys there, the database has 200"]);
    ask(
        &["-n", "3", "unlink", "1", "2", "3", "4", "5"],
        &["5 of 5 keys there, the database has 5"],
    );
    ask(
        &["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
        &[
            "maxmemory-policy: noeviction → allkeys-lru; 205 keys there",
            "set it to noeviction again",
        ],
    );
    // The old value of this one is a password.
    server.client("redis-cli", &["-s", &socket, "CONFIG", "SET", "masterauth", "hush"]);
    let words = ["run", "--wait", "0s", "--", "redis-cli", "-s", &socket];
    let words = [&words[..], &["CONFIG", "SET", "masterauth", "x"]].concat();
    let ran = server.run(server.place.guard(&words));
    assert!(!ran.stderr.contains("hush") && !ran.stderr.contains("205 keys"), "{}", ran.stderr);
    // With a copy of its own, and somebody who may not do it.
    for setting in [["save", "3600 1"], ["appendonly", "yes"]] {
        server.client("redis-cli", &["-s", &socket, "CONFIG", "SET", setting[0], setting[1]]);
    }
    server.client("redis-cli", &["-s", &socket, "SAVE"]);
    ask(&["FLUSHALL"], &["its own dump and log (RDB, AOF), saved ", " ago, which follows"]);
    server.client(
        "redis-cli",
        &[
            "-s",
            &socket,
            "ACL",
            "SETUSER",
            "reader",
            "on",
            "nopass",
            "~*",
            "+@read",
            "+info",
            "+acl|whoami",
            "+acl|dryrun",
        ],
    );
    let text = format!("REDISCLI_AUTH=x redis-cli -s {socket} --user reader FLUSHALL");
    let ran = server.run(server.place.guard(["run", "--wait", "0s", "-c", &text]));
    let screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(screen.contains("205 keys in 2 databases, which reader may not do"), "{screen}");
    let info = server.client("redis-cli", &["-s", &socket, "INFO", "commandstats"]);
    for written in ["flush", "cmdstat_del", "cmdstat_unlink"] {
        assert!(!info.contains(written), "{info}");
    }
    assert_eq!(info.matches("cmdstat_config|set:calls=3,").count(), 1, "{info}");
    let keys = server.client("redis-cli", &["-s", &socket, "INFO", "keyspace"]);
    assert!(keys.contains("db0:keys=200") && keys.contains("db3:keys=5"), "{keys}");
    // A server that wants a password is not counted.
    server.client("redis-cli", &["-s", &socket, "CONFIG", "SET", "requirepass", "x"]);
    let ask = ["redis-cli", "-s", &socket, "FLUSHALL"];
    server.asks(&ask, &["count unknown (redis: NOAUTH"]);
}
