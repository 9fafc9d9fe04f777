//! Tools that change a schema (prisma, rails, django, alembic and the like) and
//! test runners: what stands in the database that their variable names, in front
//! of the command, in the environment or in the `.env` of the project. Which
//! tables they would empty is not known.

use std::ffi::OsString;
use std::path::Path;

use super::commands::PSQL;
use super::{Failed, Found, Job, Result, client, databases, postgres};
use crate::blast;
use crate::model::{Count, Environment, Invocation, Reversibility};
use crate::text::{escape, width};

/// Variables that name a database for those tools.
const URLS: &[&str] = &["DATABASE_URL", "DIRECT_URL", "DB_URL"];
/// The longest `.env` that is read, in bytes.
const MAX_FILE: u64 = 64 << 10;
/// Columns of the name of a host.
const HOST: usize = 48;

/// What the named database holds.
pub(super) fn named_by_url(job: &Job) -> Result {
    if let Some(url) = URLS.iter().find_map(|name| variable(job, name)) {
        return look(job, &url);
    }
    let folders = [Some(job.cwd.as_path()), job.project.as_deref()];
    let found = folders.into_iter().flatten().find_map(|folder| {
        [".env", "prisma/.env"].iter().find_map(|name| url_of(&folder.join(name)))
    });
    let Some((name, url)) = found else { return Ok(None) };
    // Not every tool reads that file, and one that does may prefer another. So
    // what stands there makes it worse, never milder.
    let environment = environment(name, &url);
    let said = |hits: String, found: Found| Found {
        count: Count::NotChecked,
        hits: format!("by {name} of .env: {hits}"),
        environment: environment.clone(),
        ..found
    };
    match look(job, &url) {
        Ok(Some(found)) => Ok(Some(said(found.hits.clone(), found))),
        Ok(None) if environment.is_none() => Ok(None),
        Ok(None) => Ok(Some(said("a database that is not asked".to_owned(), Found::default()))),
        Err(Failed { why, .. }) => {
            let undo = Some((Reversibility(4), "not known".to_owned()));
            let found = said(format!("count unknown ({why})"), Found::default());
            Ok(Some(Found { count: Count::Unknown, undo, ..found }))
        }
    }
}

fn look(job: &Job, url: &str) -> Result {
    // Prisma writes the path of a file of SQLite so, from the folder of its schema.
    if let Some(path) = url.strip_prefix("file:").or_else(|| url.strip_prefix("sqlite:///")) {
        let path = path.split('?').next().unwrap_or_default();
        let places = [job.path(path), job.path("prisma").join(path)];
        return match places.iter().find(|path| path.is_file()) {
            Some(path) => databases::whole(path),
            None => Ok(None),
        };
    }
    if !url.starts_with("postgres") || !client::there(job, PSQL) {
        return Ok(None);
    }
    let Some(vars) = from_url(url) else {
        return Err(Failed::new("the address of the database cannot be read"));
    };
    postgres::server(job, &[], vars, None)
}

/// The value that the command would see.
fn variable(job: &Job, name: &str) -> Option<String> {
    let Invocation { exported, assignments, .. } = &job.invocation;
    match exported.iter().chain(assignments).rfind(|assignment| assignment.name == name) {
        Some(assignment) => assignment.value.as_static().map(str::to_owned),
        None => std::env::var(name).ok(),
    }
}

/// The first address of a database in a file of variables, and its name.
fn url_of(path: &Path) -> Option<(&'static str, String)> {
    let meta = path.metadata().ok()?;
    if !meta.is_file() || meta.len() > MAX_FILE {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    URLS.iter().find_map(|name| Some((*name, value_in(&text, name)?)))
}

/// The last value of a name in lines `NAME=value`, as all readers of such files
/// agree on it: no references to others, no second line.
fn value_in(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        let line = line.trim().trim_start_matches("export ").trim_start();
        let value = line.strip_prefix(name)?.trim_start().strip_prefix('=')?.trim();
        let quoted = |quote| value.strip_prefix(quote)?.split_once(quote).map(|(inner, _)| inner);
        let plain = || value.split(" #").next().unwrap_or_default().trim_end();
        let value = quoted('"').or_else(|| quoted('\'')).unwrap_or_else(plain);
        Some(value.to_owned())
    };
    let value = text.lines().filter_map(value).next_back()?;
    (!value.is_empty() && !value.contains(['$', '"', '\'', '\0'])).then_some(value)
}

/// Where that database is: no machine but this one is taken for harmless.
fn environment(name: &str, url: &str) -> Option<(Environment, String)> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.is_empty() || blast::is_loopback(host) {
        return None;
    }
    let environment = blast::named(host).unwrap_or(Environment::Prod);
    Some((environment, format!("{name} of .env → {}", width::cut(&escape(host), HOST))))
}

/// The parts of a connection URI (libpq, 34.1.1.2) as the variables of psql, so
/// that a password stands in no list of processes. `None` for more than one host.
fn from_url(url: &str) -> Option<Vec<(&'static str, OsString)>> {
    let (_, rest) = url.split_once("://")?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = match host.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (host, ""),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut parts = vec![
        ("PGHOST", host),
        ("PGPORT", port),
        ("PGUSER", user),
        ("PGPASSWORD", password),
        ("PGDATABASE", database),
    ];
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match key {
            "host" => parts.push(("PGHOST", value)),
            "port" => parts.push(("PGPORT", value)),
            "sslmode" => parts.push(("PGSSLMODE", value)),
            "user" => parts.push(("PGUSER", value)),
            "password" => parts.push(("PGPASSWORD", value)),
            _ => {}
        }
    }
    parts.retain(|(_, value)| !value.is_empty());
    if parts.iter().any(|(name, value)| *name == "PGHOST" && value.contains(',')) {
        return None;
    }
    parts.into_iter().map(|(name, value)| Some((name, decoded(value)?.into()))).collect()
}

/// Percent-encoded text (RFC 3986, 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok().filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{environment, from_url, value_in};
    use crate::model::Environment;

    #[test]
    fn a_file_of_variables_is_read_as_all_its_readers_agree() {
        let read = |text: &str| value_in(text, "DATABASE_URL");
        for (text, value) in [
            ("A=1\nDATABASE_URL=postgres://a/b\n", "postgres://a/b"),
            ("export DATABASE_URL=\"postgres://a/b\" # old", "postgres://a/b"),
            ("DATABASE_URL = 'x://y' \n", "x://y"),
            ("DATABASE_URL=a\nDATABASE_URL=b # c", "b"),
        ] {
            assert_eq!(read(text).as_deref(), Some(value), "{text}");
        }
        for text in [
            "",
            "#DATABASE_URL=x",
            "MY_DATABASE_URL=x",
            "DATABASE_URL=",
            "DATABASE_URL",
            "DATABASE_URL=$X/y",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_host_that_is_not_this_machine_counts_as_production_unless_it_says_otherwise() {
        let read = |url: &str| environment("DATABASE_URL", url);
        assert_eq!(read("postgres://a:b@db.example.com:5432/x").unwrap().0, Environment::Prod);
        let (stage, text) = read("postgres://a:secret@db.staging.example.com/x").unwrap();
        assert_eq!(stage, Environment::Stage);
        assert!(!text.contains("secret"), "{text}");
        for url in ["postgres://localhost/x", "postgres:///x?host=/run", "file:./dev.db", "x", ""] {
            assert_eq!(read(url), None, "{url}");
        }
    }

    #[test]
    fn an_address_becomes_variables_and_nothing_of_it_is_an_argument() {
        let vars = from_url("postgresql://me:p%40ss@db:1/shop?sslmode=require").unwrap();
        let value =
            |name| vars.iter().find(|(known, _)| *known == name).unwrap().1.to_str().unwrap();
        assert_eq!((value("PGPASSWORD"), value("PGSSLMODE")), ("p@ss", "require"));
        assert_eq!(from_url("postgres://a,b/x"), None);
    }
}
