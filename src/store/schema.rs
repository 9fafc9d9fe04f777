//! Tables, and their versions.

/// Version of the tables, in `PRAGMA user_version`.
pub(super) const VERSION: i64 = 1;

/// The tables of [`VERSION`].
pub(super) const TABLES: &str = "
CREATE TABLE requests (
    id          TEXT NOT NULL PRIMARY KEY,
    sha256      TEXT NOT NULL,
    handle      TEXT NOT NULL,
    document    BLOB NOT NULL,
    join_key    TEXT NOT NULL,
    command_key TEXT NOT NULL,
    tier        TEXT NOT NULL,
    shown       TEXT NOT NULL,
    who         TEXT NOT NULL,
    created     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    state       TEXT NOT NULL,
    why         TEXT NOT NULL DEFAULT '',
    by          TEXT NOT NULL DEFAULT '',
    changed     INTEGER NOT NULL
) STRICT;
CREATE INDEX requests_join ON requests (join_key, state, created);
CREATE INDEX requests_command ON requests (command_key, created);
CREATE INDEX requests_state ON requests (state, created);
CREATE INDEX requests_created ON requests (created);
CREATE INDEX requests_changed ON requests (changed);
CREATE INDEX requests_handle ON requests (handle);
CREATE TABLE decisions (
    request   TEXT NOT NULL REFERENCES requests (id),
    document  BLOB NOT NULL,
    signature BLOB NOT NULL,
    received  INTEGER NOT NULL,
    UNIQUE (request, document, signature)
) STRICT;
CREATE TABLE claims (
    sha256  TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
