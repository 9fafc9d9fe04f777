//! Names with a meaning in one or another dialect.

/// Functions that end sessions or steer the server.
pub(super) const SERVER: &[&str] = &[
    "PG_CANCEL_BACKEND",
    "PG_CREATE_RESTORE_POINT",
    "PG_DROP_REPLICATION_SLOT",
    "PG_PROMOTE",
    "PG_RELOAD_CONF",
    "PG_REPLICATION_ORIGIN_DROP",
    "PG_ROTATE_LOGFILE",
    "PG_STAT_RESET",
    "PG_STAT_STATEMENTS_RESET",
    "PG_SWITCH_WAL",
    "PG_TERMINATE_BACKEND",
    "PG_WAL_REPLAY_PAUSE",
];

/// Functions that delete data.
pub(super) const DELETE: &[&str] = &["DROP_CHUNKS", "LO_UNLINK", "PG_FILE_UNLINK"];

/// Functions that write a file on the server.
pub(super) const WRITE_FILE: &[&str] =
    &["LO_EXPORT", "PG_FILE_RENAME", "PG_FILE_WRITE", "PG_WRITE_FILE", "WRITEFILE"];

/// Functions that read a file of the server.
pub(super) const READ_FILE: &[&str] =
    &["LOAD_FILE", "LO_IMPORT", "PG_READ_BINARY_FILE", "PG_READ_FILE", "PG_READ_SERVER_FILES"];

/// Functions and procedures that run a program.
pub(super) const RUN_PROGRAM: &[&str] =
    &["SP_OACREATE", "SP_OAMETHOD", "SYS_EVAL", "SYS_EXEC", "XP_CMDSHELL"];

/// Functions that run other SQL, load a library or give away control.
pub(super) const RUN_CODE: &[&str] = &[
    "CRON.ALTER_JOB",
    "CRON.SCHEDULE",
    "CRON.SCHEDULE_IN_DATABASE",
    "CRON.UNSCHEDULE",
    "DBLINK_EXEC",
    "EXEC_SQL",
    "FTS3_TOKENIZER",
    "LOAD_EXTENSION",
    "OPENROWSET",
    "QUERY_TO_XML",
    "SP_EXECUTESQL",
];

/// Procedures of SQL Server that only show something; a name or the beginning
/// of one.
pub(super) const READING_PROCEDURES: &[&str] = &[
    "SP_BLITZ",
    "SP_COLUMNS",
    "SP_DATABASES",
    "SP_DEPENDS",
    "SP_DESCRIBE_",
    "SP_FKEYS",
    "SP_HELP",
    "SP_INDEXES",
    "SP_LOCK",
    "SP_MONITOR",
    "SP_PKEYS",
    "SP_SERVER_INFO",
    "SP_SPACEUSED",
    "SP_SPROC_COLUMNS",
    "SP_STATISTICS",
    "SP_STORED_PROCEDURES",
    "SP_TABLES",
    "SP_WHO",
    "XP_FIXEDDRIVES",
    "XP_MSVER",
    "XP_READERRORLOG",
];

/// Checks of SQL Server's `DBCC` that only look, unless they are told to repair.
pub(super) const READING_CHECKS: &[&str] = &[
    "CHECKALLOC",
    "CHECKCATALOG",
    "CHECKCONSTRAINTS",
    "CHECKDB",
    "CHECKFILEGROUP",
    "CHECKIDENT",
    "CHECKTABLE",
    "HELP",
    "INPUTBUFFER",
    "OPENTRAN",
    "OUTPUTBUFFER",
    "PAGE",
    "PROCCACHE",
    "SHOWCONTIG",
    "SHOW_STATISTICS",
    "SQLPERF",
    "TRACESTATUS",
    "USEROPTIONS",
];

/// First parts of the name of a function of one's own that say it destroys.
pub(super) const DESTRUCTIVE: &[&str] = &[
    "DELETE",
    "DESTROY",
    "DROP",
    "ERASE",
    "KILL",
    "NUKE",
    "PURGE",
    "REMOVE",
    "RESET",
    "TERMINATE",
    "TRUNCATE",
    "WIPE",
];

/// Kinds of objects whose DROP takes whole databases along.
pub(super) const DATABASES: &[&str] =
    &["BUCKET", "CATALOG", "DATABASE", "KEYSPACE", "OWNED", "SCHEMA", "TABLESPACE"];

/// Kinds of objects that hold rows.
pub(super) const TABLES: &[&str] = &[
    "COLLECTION",
    "DICTIONARY",
    "DYNAMIC",
    "EXTERNAL",
    "FOREIGN",
    "HYPERTABLE",
    "MATERIALIZED",
    "MEASUREMENT",
    "PARTITION",
    "PUBLICATION",
    "SERIES",
    "SERVER",
    "SHARD",
    "STAGE",
    "STREAM",
    "SUBSCRIPTION",
    "TABLE",
    "TABLES",
    "TEMPORARY",
    "TRANSIENT",
    "WAREHOUSE",
];

/// Kinds of objects that decide who may do what.
pub(super) const RIGHTS: &[&str] = &[
    "GROUP", "LOGIN", "MASKING", "NETWORK", "POLICY", "PROFILE", "QUOTA", "ROLE", "ROW",
    "SECURITY", "SETTINGS", "SHARE", "USER",
];

/// Kinds of objects without rows.
pub(super) const OBJECTS: &[&str] = &[
    "AGGREGATE",
    "ALIAS",
    "ALERT",
    "CAST",
    "COLLATION",
    "CONSTRAINT",
    "CONTINUOUS",
    "CONVERSION",
    "CREDENTIAL",
    "DEFAULT",
    "DOMAIN",
    "EVENT",
    "EXTENSION",
    "FILE",
    "FULLTEXT",
    "FUNCTION",
    "INDEX",
    "LANGUAGE",
    "MODEL",
    "OPERATOR",
    "PACKAGE",
    "PIPE",
    "PREPARE",
    "PROC",
    "PROCEDURE",
    "PROJECTION",
    "RETENTION",
    "RULE",
    "SEQUENCE",
    "STATISTICS",
    "SYNONYM",
    "TASK",
    "TEXT",
    "TRIGGER",
    "TYPE",
    "UNIQUE",
    "VIEW",
];

/// Words of the `SYSTEM` statement of servers; with another word behind it
/// `system` is a command of the client that runs a program.
pub(super) const SYSTEM: &[&str] = &[
    "DROP", "ENABLE", "DISABLE", "FLUSH", "JEMALLOC", "KILL", "RELOAD", "RESTART", "RESTORE",
    "SHUTDOWN", "START", "STOP", "SYNC", "THREAD", "UNFREEZE", "UNLOAD", "WAIT",
];

/// First words of statements that only set up the session, move through a
/// transaction or write to the terminal.
pub(super) const SESSION: &[&str] = &[
    "ABORT",
    "ACCEPT",
    "ATTACH",
    "BREAK",
    "BTITLE",
    "CALC",
    "CHARSET",
    "CHECKPOINT",
    "CLEAR",
    "CLOSE",
    "CLS",
    "COL",
    "COLUMN",
    "COMMIT",
    "COMPUTE",
    "CONN",
    "CONNECT",
    "CONSISTENCY",
    "DEALLOCATE",
    "DECLARE",
    "DEFINE",
    "DELIMITER",
    "DETACH",
    "DISCARD",
    "DISCONNECT",
    "ECHO",
    "ELSE",
    "ELSIF",
    "END",
    "EXCEPTION",
    "EXIT",
    "EXPAND",
    "FEEDBACK",
    "FETCH",
    "FOR",
    "GO",
    "IF",
    "LINESIZE",
    "LISTEN",
    "LOCK",
    "LOGIN",
    "LOOP",
    "MOVE",
    "NOTIFY",
    "OPEN",
    "PAGESIZE",
    "PAGING",
    "PASSWORD",
    "PAUSE",
    "PRAGMA",
    "PRINT",
    "PROMPT",
    "QUIT",
    "RAISE",
    "RECONFIGURE",
    "RELEASE",
    "REM",
    "REMARK",
    "RESET",
    "RETURN",
    "ROLLBACK",
    "SAVEPOINT",
    "SERIAL",
    "SET",
    "SPOOL",
    "START",
    "TEE",
    "THEN",
    "TIMING",
    "TRACING",
    "TTITLE",
    "UNDEFINE",
    "UNLISTEN",
    "UNLOCK",
    "UNSET",
    "USE",
    "VARIABLE",
    "WAITFOR",
    "WHENEVER",
    "WHILE",
];

/// First words of statements that read.
pub(super) const READ: &[&str] = &[
    "CHECK",
    "CHECKSUM",
    "DESC",
    "DESCRIBE",
    "EXISTS",
    "EXPLAIN",
    "FROM",
    "GET",
    "HANDLER",
    "HELP",
    "LIST",
    "LS",
    "PERFORM",
    "PIVOT",
    "SELECT",
    "SHOW",
    "STATUS",
    "SUMMARIZE",
    "TABLE",
    "VALUES",
    "WATCH",
    "WITH",
];

/// First words of statements that keep the house in order.
pub(super) const UPKEEP: &[&str] = &["ANALYSE", "ANALYZE", "CACHE", "MSCK", "REFRESH", "UNCACHE"];
