//! The kinds of statements.

use serde::{Deserialize, Serialize};

/// What a statement does, as far as its text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementClass {
    /// Reads rows, plans or the catalogue.
    Read,
    /// Settings of the session, transactions, output of the client.
    Session,
    /// Adds rows.
    Insert,
    /// Makes a new object.
    Create,
    /// Changes the rows that a condition selects.
    Update,
    /// Changes all rows of a table: no condition, or one that is always true.
    UpdateAll,
    /// Deletes the rows that a condition selects.
    Delete,
    /// Deletes all rows of a table: no condition, or one that is always true.
    DeleteAll,
    /// Empties a table.
    Truncate,
    /// Drops a database, schema, keyspace or all that somebody owns.
    DropDatabase,
    /// Drops a table, partition or another object that holds rows.
    DropTable,
    /// Drops a column or a constraint.
    DropColumn,
    /// Drops a view, index, function or another object without rows.
    DropObject,
    /// Changes the shape of an object, or rewrites it.
    Alter,
    /// Puts something in the place of all that is there: a restore, an
    /// overwriting insert, `CREATE OR REPLACE TABLE`.
    Overwrite,
    /// Rights, roles, log-ins, settings of the server.
    Access,
    /// Breaks off sessions, stops servers or replication.
    Server,
    /// Writes a file on the server.
    WriteFile,
    /// Reads a file of the server.
    ReadFile,
    /// Runs a program on the server.
    RunProgram,
    /// Runs a program on this machine, by a command of the client.
    ClientProgram,
    /// Runs a file of statements.
    RunFile,
    /// Runs code that the text does not show: procedures, dynamic SQL, libraries.
    RunCode,
    /// Not understood.
    Unknown,
}
