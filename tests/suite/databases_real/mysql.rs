//! What a call of the real `mariadb` and `mysql` clients would hit.

use std::process::Command;

use nix::sys::signal::Signal;

use super::{Server, found, quiet};
use crate::harness::Place;

/// The same shop as that of PostgreSQL.
const SHOP: &str = "create database shop; use shop;
    create table customers (id int primary key, paid int);
    create table orders (id int primary key, c int,
      foreign key (c) references customers (id) on delete cascade);
    create table items (o int, foreign key (o) references orders (id) on delete cascade);
    create table notes (c int, foreign key (c) references customers (id) on delete set null);
    insert into customers select seq, seq % 3 from seq_1_to_300;
    insert into orders select seq, 1 + seq % 300 from seq_1_to_2000;
    insert into items select 1 + seq % 2000 from seq_1_to_5000;
    insert into notes select seq from seq_1_to_40;
    analyze table customers, orders, items, notes;
    drop user if exists ''@localhost; create user limited@localhost; grant delete, select on shop.* to limited@localhost;
    create user closed@localhost identified by 'hush'; grant all on shop.* to closed@localhost;";

fn mariadb() -> Option<Server> {
    let (install, server) = (found("mariadb-install-db")?, found("mariadbd")?);
    found("mariadb").and(found("mysql"))?;
    let dir = tempfile::Builder::new().prefix("my").tempdir_in("/tmp").unwrap();
    let data = format!("--datadir={}", dir.path().join("data").display());
    let user = if nix::unistd::geteuid().is_root() { "root" } else { "nobody" };
    let user = format!("--user={user}");
    let mut made = Command::new(install);
    made.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
    assert!(quiet(made.args([&user, &data])).status().unwrap().success(), "mariadb-install-db");
    let log = std::fs::File::create(dir.path().join("log")).unwrap();
    let mut start = Command::new(server);
    start.args(["--no-defaults", &user, &data, "--skip-networking", "--general-log"]);
    start.arg(format!("--general-log-file={}", dir.path().join("general").display()));
    start.arg(format!("--socket={}", dir.path().join("s").display()));
    let child = quiet(&mut start).stderr(log).spawn().unwrap();
    let mut server = Server { place: Place::new(), dir, child, end: Signal::SIGKILL };
    server.wait(|server| sql(server, "select 1").is_some());
    sql(&server, SHOP).unwrap();
    Some(server)
}

/// The answer of the server, asked without guard.
fn sql(server: &Server, text: &str) -> Option<String> {
    let mut command = server.place.command("mariadb");
    let socket = server.at("s");
    command.args(["--no-defaults", "-S", &socket, "-u", "root", "-N", "-B", "-e", text]);
    let ran = server.run(command);
    (ran.code == Some(0)).then(|| ran.stdout.trim().to_owned())
}

#[test]
fn mysql_is_asked_for_rows_cascades_and_the_role_and_nothing_changes() {
    let Some(server) = mariadb() else { return };
    let counts = || {
        let count = |table: &str| sql(&server, &format!("select count(*) from shop.{table}"));
        ["customers", "orders", "items", "notes"].map(|table| count(table).unwrap()).join(" ")
    };
    assert_eq!(counts(), "300 2000 5000 40");
    // The program that is judged is never started; the client that is asked is real.
    server.place.marking("mysqladmin");
    let setting_up = std::fs::read_to_string(server.at("general")).unwrap().len();
    let socket = server.at("s");
    let ask = |program: &str, user: &str, text: &str, texts: &[&str]| {
        server.asks(&[program, "-S", &socket, "-u", user, "shop", "-e", text], texts);
    };
    ask(
        "mariadb",
        "root",
        "delete from customers",
        &[
            "about 7340 rows, ",
            ": customers 300, cascade items 5000, cascade orders 2000, 1 more, primary",
            "as root@localhost (SUPER",
            "no binary log",
        ],
    );
    ask(
        "mysql",
        "limited",
        "delete from `orders` where id <= 500;",
        &["about 5500 rows: orders 500, cascade items up to 5000", "as limited@localhost"],
    );
    ask("mysql", "root", "truncate items", &["about 5000 rows, ", ": items 5000, primary"]);
    ask("mysql", "root", "delete from nothing", &["1 table not there"]);
    ask("mariadb", "root", "drop database if exists shop", &["7340 rows in 4 tables, "]);
    ask("mariadb", "root", "drop table items; drop table notes", &["7340 rows in 4 tables, "]);
    server.asks(
        &["mysqladmin", "-S", &socket, "-u", "root", "-f", "drop", "shop"],
        &["7340 rows in 4"],
    );
    // A second statement that the quotes of a name hide is not passed on.
    ask("mysql", "root", "delete from `items; drop table notes`", &["rows in 4 tables"]);
    ask("mysql", "nobody-here", "delete from items", &["count unknown (mysql: "]);
    // A password of the variables reaches the client, one among the words does not.
    let words = ["-S", &socket, "-u", "closed", "shop", "-e", "delete from items"];
    let secret = [&["mysql", "-phush"], &words[..]].concat();
    server.asks(&secret, &["a password of the command line is not passed on"]);
    let ran = server.run(server.place.guard([
        "run",
        "--wait",
        "0s",
        "-c",
        &format!("MYSQL_PWD=hush mysql -S {socket} -u closed shop -e 'delete from items'"),
    ]));
    assert!(ran.stderr.contains("items 5000"), "{}", ran.stderr);
    // A variable that would lead elsewhere is not left out silently.
    let words = [
        "-c",
        &format!("MYSQL_GROUP_SUFFIX=x mysql -S {socket} -u root shop -e 'delete from items'"),
    ];
    let ran = server.run(server.place.guard([&["run", "--wait", "0s"], &words[..]].concat()));
    assert!(ran.stderr.contains("MYSQL_GROUP_SUFFIX is not"), "{}", ran.stderr);
    assert_eq!(counts(), "300 2000 5000 40");
    let log = std::fs::read_to_string(server.at("general")).unwrap();
    let asked: Vec<&str> =
        log.get(setting_up..).unwrap().lines().filter(|line| line.contains("Query\t")).collect();
    assert!(asked.len() > 20);
    for line in asked {
        let text = line.split("Query\t").nth(1).unwrap().to_ascii_lowercase();
        let known = ["select", "/*m!100101 set statement max_statement_time=2 for */ select"];
        let read_only = text == "set/**/session/**/transaction/**/read/**/only";
        assert!(read_only || known.iter().any(|start| text.starts_with(start)), "{line}");
    }
}
