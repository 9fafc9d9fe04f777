//! Tables, and their versions.

/// A database of guard's.
#[derive(Debug)]
pub(super) struct Schema {
    /// File name in the state folder.
    pub file: &'static str,
    /// Version of the tables, in `PRAGMA user_version`.
    pub version: i64,
    /// How sure a write is: `FULL` puts it on disk when it is committed, the
    /// write-ahead log included; `NORMAL` may lose the last ones in a power cut.
    pub synchronous: &'static str,
    /// Bytes that the write-ahead log may have when the last guard closes the
    /// database without moving them over, which costs several syncs: the next one
    /// reads them again. With 0 each close moves them.
    pub left_in_log: u64,
    /// The tables of this version.
    pub tables: &'static str,
}

/// Requests, answers and what has been used up.
pub(super) const REQUESTS: Schema = Schema {
    file: "guard.db",
    version: 1,
    synchronous: "FULL",
    left_in_log: 0,
    tables: "
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
",
};

/// The steps of the last hours. A power cut ends the sessions that they belong
/// to. A hook writes to it, and has five milliseconds: ten commands or so fit into
/// the log, and reading them again costs a tenth of the syncs.
pub(super) const LEDGER: Schema = Schema {
    file: "steps.db",
    version: 1,
    synchronous: "NORMAL",
    left_in_log: 256 * 1024,
    tables: "
CREATE TABLE commands (
    id   TEXT NOT NULL PRIMARY KEY,
    at   INTEGER NOT NULL,
    done TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX commands_at ON commands (at);
CREATE TABLE keys (
    key     TEXT NOT NULL,
    command TEXT NOT NULL REFERENCES commands (id) ON DELETE CASCADE,
    PRIMARY KEY (key, command)
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_command ON keys (command);
CREATE TABLE steps (
    command TEXT NOT NULL REFERENCES commands (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL,
    step    TEXT NOT NULL,
    PRIMARY KEY (command, number)
) STRICT, WITHOUT ROWID;
",
};
