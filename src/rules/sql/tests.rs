#![allow(clippy::unwrap_used)]
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};

use super::{
    StatementClass::{
        self, Access, Alter, ClientProgram, Create, Delete, DeleteAll, DropColumn, DropDatabase,
        DropObject, DropTable, Insert, Overwrite, Read, ReadFile, RunCode, RunFile, RunProgram,
        Server, Session, Truncate, Unknown, Update, UpdateAll, WriteFile,
    },
    classes,
};

fn worst(text: &str) -> StatementClass {
    classes(text).into_iter().max().unwrap_or(Session)
}

#[test]
fn reads_of_any_dialect_are_reads() {
    for text in [
        "select * from orders limit 10",
        "SELECT TOP 10 * FROM [dbo].[Order Details] WITH (NOLOCK)",
        "select data #>> '{a,b}', data->'x' from t where data @> '{\"a\":1}'",
        "with x as (select 1) select * from x",
        "explain delete from orders where id = 1",
        "explain (analyze, buffers) select 1",
        "select \"delete\", \"update\" from `drop`",
        "select replace(name, 'a', 'b'), truncate(a, 2) from t",
        "select * from t for update skip locked",
        "select count(*) filter (where a) over w from t window w as (partition by b)",
        "select * from t where note like '%drop table%' -- delete from t",
        "SELECT table, sum(bytes) FROM system.parts GROUP BY table FORMAT PrettyCompact",
        "select * from `p.d.t` where x in unnest([1,2])",
        "table orders",
        "values (1), (2)",
        "show tables",
        "describe select 1",
        "select * from UNKNOWN_ where id = UNKNOWN_",
        "select concat('drop table ', name) from information_schema.tables\\G",
        "exec sp_who2",
        "exec sp_helptext 'dbo.x'",
        "select a from t union all select b from u order by 1",
        "select percentile_cont(0.95) within group (order by ms) from req",
        "FROM 'x.parquet' SELECT a",
        "\\d+ orders",
        "\\timing \\x",
        ".tables",
        ".mode csv\nselect * from t",
        "copy (select * from t) to stdout with csv",
        "select @@version",
        "select pg_size_pretty(pg_database_size('shop'))",
        "list @stage",
        "dbcc sqlperf(logspace)",
    ] {
        assert!(matches!(worst(text), Read | Session), "{text}: {:?}", classes(text));
    }
}

#[test]
fn each_statement_gets_its_class() {
    for (text, class) in [
        ("set statement_timeout = 1", Session),
        ("begin; select 1; commit", Session),
        ("insert into t values (1, 'delete from t')", Insert),
        ("create table t (a int)", Create),
        ("create user a with superuser", Access),
        ("update t set a = 1 where id = 2", Update),
        ("update t set a = (select b from u where u.id = 1)", UpdateAll),
        ("update t set a = 1", UpdateAll),
        ("delete from t where id = 2", Delete),
        ("delete from t limit 10", Delete),
        ("delete from t", DeleteAll),
        ("delete from t where 1 = 1", DeleteAll),
        ("delete from t where (id = id) or false", DeleteAll),
        ("delete from t where a = 1 or true", DeleteAll),
        ("delete from t u using v", DeleteAll),
        ("with d as (delete from t returning *) select * from d", DeleteAll),
        ("explain analyze delete from t", DeleteAll),
        ("explain (analyze true) update t set a = 1", UpdateAll),
        ("truncate t", Truncate),
        ("drop schema public cascade", DropDatabase),
        ("drop table if exists t", DropTable),
        ("drop materialized view v", DropTable),
        ("drop index i", DropObject),
        ("alter table t drop column a", DropColumn),
        ("alter table t alter column a drop not null", Alter),
        ("alter table t drop partition 202401", DropTable),
        ("alter table t add column a int", Alter),
        ("alter table hits delete where 1", DeleteAll),
        ("alter table t disable row level security", Access),
        ("grant select, delete on t to a", Access),
        ("create or replace table t as select 1", Overwrite),
        ("insert overwrite table t select 1", Overwrite),
        ("restore database Shop from disk = 'x'", Overwrite),
        ("select pg_terminate_backend(pid) from pg_stat_activity", Server),
        ("kill 7", Server),
        ("system drop replica 'a'", Server),
        ("select * from t into outfile '/tmp/x'", WriteFile),
        ("select lo_export(1, '/x')", WriteFile),
        ("select pg_read_file('/etc/passwd')", ReadFile),
        ("copy t to program 'sh'", RunProgram),
        ("\\copy t to program 'sh'", ClientProgram),
        ("\\timing \\! id", ClientProgram),
        ("select 1 \\g | sh", ClientProgram),
        ("system rm -rf x", ClientProgram),
        (".shell id", ClientProgram),
        (".once |sh", ClientProgram),
        ("exec xp_cmdshell 'dir'", RunProgram),
        ("\\i x.sql", RunFile),
        ("source x.sql", RunFile),
        ("@drop_all.sql", RunFile),
        ("select 'drop table t' \\gexec", RunCode),
        ("call nightly()", RunCode),
        ("select cron.schedule('a', '* * * * *', 'delete from t')", RunCode),
        ("create function f returns int soname 'x.so'", RunCode),
        ("dbcc checkdb (shop, repair_allow_data_loss)", Alter),
        ("select purge_old_rows(7)", RunCode),
        ("exec sp_executesql @sql", RunCode),
        ("do $$ begin delete from users; end $$", DeleteAll),
        ("do $$ begin execute 'drop table ' || t; end $$", RunCode),
        ("use shop\nselect 1\ndrop table t", DropTable),
        ("if exists (select 1 from sys.tables) drop table t", DropTable),
        ("connect / as sysdba\nshutdown abort", Server),
        ("UNKNOWN_", Unknown),
        ("select 1; UNKNOWN_", Unknown),
        ("with UNKNOWN_", Unknown),
        ("frobnicate the database", Unknown),
    ] {
        assert!(classes(text).contains(&class), "{text}: {:?}, not {class:?}", classes(text));
    }
}

#[test]
fn blocks_without_harm_are_no_code() {
    let found = classes("do $$ begin raise notice 'x'; perform 1; end $$");
    assert!(found.iter().all(|class| matches!(class, Session | Read)), "{found:?}");
}

#[test]
fn hostile_text_is_read_in_bounded_time_and_depth() {
    let deep = |open: &str, close: &str, n: usize| {
        format!("select {}1{}", open.repeat(n), close.repeat(n))
    };
    let mut texts = vec![
        deep("(", ")", 5_000),
        deep("(", ")", 15),
        deep("case when ", " then 1 end", 300),
        deep("not ", "", 900),
        deep("- ", "", 1_500),
        deep("f(", ")", 15),
        format!("select * from {}a", "(".repeat(15)),
        format!("select * from {}", "(select * from ".repeat(15)),
        format!("select 1{}", "+1".repeat(2_000)),
        format!("select 1 where 1{}", " or 1".repeat(800)),
        format!("select 1{}", " union select 1".repeat(200)),
        format!("select a{}", "[1]".repeat(900)),
        format!("select a{}", "::int".repeat(700)),
        format!("select a{}", " is null".repeat(450)),
        format!("select cast({}", "a as array<".repeat(15)),
        "delete from t where ".repeat(200),
        "explain ".repeat(500),
        "begin ".repeat(500),
        "prepare a as ".repeat(300),
        "select 1;".repeat(100_000),
        "do $$ do $a$ do $b$ drop table t $b$ $a$ $$".to_owned(),
        "\\".repeat(10_000),
        "'".repeat(9_999),
    ];
    texts.push("x".repeat(1 << 20));
    for text in texts {
        let start = std::time::Instant::now();
        let shown: String = text.chars().take(40).collect();
        let _ = classes(&text);
        assert!(start.elapsed().as_secs() < 5, "{shown} took {:?}", start.elapsed());
    }
}

fn fragments() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "select", "from", "where", "delete", "update", "set", "(", ")", "with", "as", "a", "t",
        "1", "=", ",", "'x'", "\"q\"", "`b`", "$$", "--", "/*", "*/", ";", "\\", "!", "#", "or",
        "and", "not", "case", "when", "then", "end", "explain", "analyze", "insert", "into",
        "values", "union", "join", "on", "[", "]", "::", "drop", "table", "\n", "go", ".read",
    ]);
    let piece = prop_oneof![9 => words.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.join(" "))
}

proptest! {
    #[test]
    fn no_text_panics(text in fragments()) {
        let _ = classes(&text);
    }

    #[test]
    fn a_destructive_statement_is_seen_behind_anything_finished(text in "[a-z0-9 ,=()]{0,40}") {
        let both = format!("select 1; {text}\n; drop table t");
        assert!(classes(&both).contains(&DropTable), "{both}");
    }
}
