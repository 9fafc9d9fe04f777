//! Redis: keys in all databases, whether anything of them is on a disk, and
//! whether the user of the command may do it at all.

use super::client::ask;
use super::commands::REDIS;
use super::{Failed, Found, Identity, Job, Result};
use crate::model::{Count, Flag, Reversibility};
use crate::text::stamp::Stamp;
use crate::text::{escape, width, words};

/// The options that say which server, and as whom.
const PLACE: &[&str] = &["-h", "-p", "-s", "-n", "--user", "--tls", "--cacert"];
/// Columns of a setting that are shown.
const SHOWN: usize = 32;
/// Settings whose values are no secret and say what a change of them means.
const SETTINGS: &[&str] = &[
    "save",
    "appendonly",
    "appendfsync",
    "dir",
    "dbfilename",
    "maxmemory",
    "maxmemory-policy",
    "protected-mode",
    "bind",
    "timeout",
    "replica-read-only",
    "stop-writes-on-bgsave-error",
    "notify-keyspace-events",
];

/// The server of the command.
struct Server<'a> {
    job: &'a Job,
    place: Vec<String>,
}

impl<'a> Server<'a> {
    /// `None` when which server is not known.
    fn of(job: &'a Job) -> std::result::Result<Option<Self>, Failed> {
        if job.has(&["-a", "--pass", "-u"]) {
            return Err(Failed::new("a secret on the command line is not passed on to a probe"));
        }
        // redis-cli takes a value only as a word of its own.
        let place = job.flags(PLACE).map(|words| {
            let apart = |word: String| match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => {
                    vec![name.to_owned(), value.to_owned()]
                }
                _ => vec![word],
            };
            words.into_iter().flat_map(apart).collect()
        });
        Ok(place.map(|place| Self { job, place }))
    }

    fn ask(&self, words: &[&str]) -> std::result::Result<String, Failed> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        Ok(ask(self.job, REDIS, &[&self.place, &words])?.success("redis-cli")?.text())
    }

    /// The keys of each database that has some.
    fn keyspace(&self) -> std::result::Result<Vec<u64>, Failed> {
        let spaces = self.ask(&["INFO", "keyspace"])?;
        if !spaces.starts_with("# Keyspace") {
            return Err(refused(&spaces));
        }
        let keys = spaces.lines().filter_map(|line| line.split_once(":keys="));
        Ok(keys.filter_map(|(_, rest)| rest.split(',').next()?.trim().parse().ok()).collect())
    }

    /// A number that the server answers with.
    fn number(&self, words: &[&str]) -> std::result::Result<u64, Failed> {
        let text = self.ask(words)?;
        text.trim().parse().map_err(|_| refused(&text))
    }

    /// The value of a setting; `None` when the user may not read settings.
    fn setting(&self, name: &str) -> Option<String> {
        let text = self.ask(&["CONFIG", "GET", name]).ok()?;
        let (known, value) = text.split_once('\n').unwrap_or((&text, ""));
        (known == name).then(|| value.trim().to_owned())
    }

    /// Servers before version 6 have no users.
    fn user(&self) -> Option<Identity> {
        let name = self.ask(&["ACL", "WHOAMI"]).ok()?;
        let known = !name.is_empty() && !name.contains([' ', '\n']);
        known.then(|| Identity { name: escape(&name), wide: None })
    }

    /// What of the data is on a disk. It is told and does not count as an undo: the
    /// copy is in the same server, whose next save writes over it, and a flush is
    /// appended to its log like any other command.
    fn persistence(&self) -> String {
        let (save, log) = (self.setting("save"), self.setting("appendonly"));
        let (Some(save), Some(log)) = (save, log) else {
            return "no copy outside the server was seen".to_owned();
        };
        let mut text = match (save.as_str(), log.as_str()) {
            ("", "no") => return "no persistence: nothing of it is on a disk".to_owned(),
            ("", _) => "its own log (AOF)".to_owned(),
            (_, "no") => "its own dump (RDB)".to_owned(),
            _ => "its own dump and log (RDB, AOF)".to_owned(),
        };
        if !save.is_empty()
            && let Ok(at) = self.number(&["LASTSAVE"])
        {
            let now = u64::try_from(Stamp::now().0 / 1000).unwrap_or_default();
            text += &format!(", saved {} ago", words::ago(now.saturating_sub(at)));
        }
        text + ", which follows; no copy elsewhere was seen"
    }
}

fn refused(text: &str) -> Failed {
    Failed::new(format!("redis: {}", width::cut(&escape(text.trim()), 48)))
}

/// `redis-cli FLUSHALL`, `FLUSHDB`.
pub(super) fn flush(job: &Job) -> Result {
    let Some(server) = Server::of(job)? else { return Ok(None) };
    let Some(operands) = job.operands() else { return Ok(None) };
    let all = operands.first().is_some_and(|word| word.eq_ignore_ascii_case("flushall"));
    let keys = server.keyspace()?;
    let sum: u64 = keys.iter().sum();
    let databases = words::count(keys.len() as u64, "database");
    let (n, mut hits) = if all {
        (sum, format!("{} in {databases}", words::count(sum, "key")))
    } else {
        let n = server.number(&["DBSIZE"])?;
        (n, format!("{} of {sum} in {databases}", words::count(n, "key")))
    };
    let value = |text: &str, key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|value| value.trim().parse::<u64>().ok()).unwrap_or_default()
    };
    let replication = server.ask(&["INFO", "replication"])?;
    let replicas = value(&replication, "connected_slaves:");
    if replicas > 0 {
        hits += &format!(", {} follow", words::count(replicas, "replica"));
    }
    if replication.lines().any(|line| line.trim() == "role:slave") {
        hits += ", a replica";
    }
    let identity = server.user();
    if let Some(user) = &identity
        && user.name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
    {
        // Since version 7; it says what would happen and does none of it.
        let word = if all { "FLUSHALL" } else { "FLUSHDB" };
        let told = server.ask(&["ACL", "DRYRUN", &user.name, word]).unwrap_or_default();
        if told.contains("no permission") {
            hits += &format!(", which {} may not do", user.name);
        }
    }
    let undo = Some((Reversibility(4), server.persistence()));
    Ok(Some(Found { count: Count::Exact(n), hits, undo, identity, ..Found::default() }))
}

/// `redis-cli DEL KEY…`, `UNLINK KEY…`: how many of them are there.
pub(super) fn keys(job: &Job) -> Result {
    let Some(server) = Server::of(job)? else { return Ok(None) };
    let Some(operands) = job.operands() else { return Ok(None) };
    let Some((verb, names)) = operands.split_first() else { return Ok(None) };
    let whole = ["del", "unlink", "getdel"].iter().any(|word| verb.eq_ignore_ascii_case(word));
    // What it reads from its input is not among its words.
    if !whole || names.is_empty() || job.has(&["-x", "-X"]) {
        return Ok(None);
    }
    let words: Vec<&str> = ["EXISTS"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let n = server.number(&words)?;
    let all: u64 = server.number(&["DBSIZE"])?;
    let mut hits = format!("{n} of {} there", words::count(names.len() as u64, "key"));
    hits += &format!(", the database has {all}");
    let mut flags = Vec::new();
    flags.extend((n > 1 && n == all).then_some(Flag::All));
    let undo = Some((Reversibility(4), server.persistence()));
    let identity = server.user();
    Ok(Some(Found { count: Count::Exact(n), hits, undo, flags, identity, ..Found::default() }))
}

/// `redis-cli CONFIG SET NAME VALUE`: what it is now, and how much the server holds.
pub(super) fn setting(job: &Job) -> Result {
    let Some(server) = Server::of(job)? else { return Ok(None) };
    let Some(operands) = job.operands() else { return Ok(None) };
    let [config, set, name, value] = operands.as_slice() else { return Ok(None) };
    let name = name.to_ascii_lowercase();
    // Of other settings not even the old value is asked for: it may be a password.
    let sets = config.eq_ignore_ascii_case("config") && set.eq_ignore_ascii_case("set");
    if !sets || !SETTINGS.contains(&name.as_str()) {
        return Ok(None);
    }
    let n: u64 = server.keyspace()?.iter().sum();
    let now = server.setting(&name).ok_or_else(|| Failed::new("redis: the setting is not read"))?;
    let show = |text: &str| match text {
        "" => "nothing".to_owned(),
        text => width::cut(&escape(text), SHOWN).into_owned(),
    };
    Ok(Some(Found {
        count: Count::Exact(1),
        hits: format!("{name}: {} → {}; {} there", show(&now), show(value), words::count(n, "key")),
        undo: Some((Reversibility(2), format!("set it to {} again", show(&now)))),
        identity: server.user(),
        ..Found::default()
    }))
}
