//! Reads a statement by its words: for statements whose first word decides, and
//! for those that no parser knows.

use super::{
    class::StatementClass::{
        self, Access, Alter, ClientProgram, Create, Delete, DeleteAll, DropColumn, DropDatabase,
        DropObject, DropTable, Insert, Overwrite, Read, ReadFile, RunCode, RunFile, RunProgram,
        Server, Session, Truncate, Unknown, Update, UpdateAll, WriteFile,
    },
    lexer::Statement,
    names,
};

/// A word of a statement.
#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    /// A quoted name is never a keyword.
    quoted: bool,
    /// An opening parenthesis stands right behind it.
    call: bool,
}

/// Whether a statement is a block of code in a `$$ .. $$` literal that runs at
/// once.
pub(super) fn is_block(statement: &Statement) -> bool {
    statement.plain.starts_with("DO ") && !statement.bodies.is_empty()
}

/// Classes that functions and a place to write to bring, whatever it is.
pub(super) fn functions(statement: &Statement, found: &mut Vec<StatementClass>) {
    if statement.plain.starts_with(['\\', '.']) {
        return;
    }
    if ["INTO OUTFILE", "INTO DUMPFILE"].iter().any(|into| statement.quoted.contains(into)) {
        found.push(WriteFile);
    }
    for word in words(&statement.quoted).iter().filter(|word| word.call && !word.quoted) {
        let name = word.text.rsplit('.').next().unwrap_or_default();
        let lists = [
            (names::SERVER, Server),
            (names::DELETE, DeleteAll),
            (names::WRITE_FILE, WriteFile),
            (names::READ_FILE, ReadFile),
            (names::RUN_PROGRAM, RunProgram),
            (names::RUN_CODE, RunCode),
        ];
        let known = |list: &[&str]| list.contains(&name) || list.contains(&word.text);
        let class = lists.iter().find(|(list, _)| known(list)).map(|(_, class)| *class);
        let own = || {
            let first = name.split_once('_').map(|(first, _)| first);
            first.is_some_and(|first| names::DESTRUCTIVE.contains(&first)).then_some(RunCode)
        };
        found.extend(class.or_else(own));
    }
}

/// What a statement does by its words.
pub(super) fn classes(statement: &Statement, found: &mut Vec<StatementClass>) {
    let text = statement.quoted.as_str();
    if let Some(line) = text.strip_prefix('\\') {
        return found.push(backslash(line));
    }
    if let Some(line) = text.strip_prefix('.') {
        return found.push(dot(line));
    }
    if text.starts_with('@') {
        return found.push(RunFile);
    }
    if text.starts_with('!') {
        return found.push(ClientProgram);
    }
    let words = words(text);
    found.push(leading(&words, 4));
    let own_meaning = ["CREATE", "GRANT", "REVOKE", "COMMENT", "DENY", "SECURITY"];
    let explains = matches!(first(&words), "EXPLAIN" | "DESC" | "DESCRIBE");
    if !own_meaning.contains(&first(&words)) && !explains {
        phrases(&words, found);
    }
}

fn first<'a>(words: &[Word<'a>]) -> &'a str {
    at(words, 0)
}

/// The keyword at a place; empty for none.
fn at<'a>(words: &[Word<'a>], place: usize) -> &'a str {
    words.get(place).filter(|word| !word.quoted).map_or("", |word| word.text)
}

fn has(words: &[Word<'_>], keyword: &str) -> bool {
    words.iter().any(|word| !word.quoted && word.text == keyword)
}

fn rest<'a, 'w>(words: &'w [Word<'a>], from: usize) -> &'w [Word<'a>] {
    words.get(from..).unwrap_or_default()
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut out = Vec::new();
    let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '$' | '#');
    let mut left = text;
    while let Some(c) = left.chars().next() {
        let (length, quoted) = if matches!(c, '"' | '`') {
            let inner = left.get(1..).unwrap_or_default();
            (inner.find(c).map_or(left.len(), |end| end + 2), true)
        } else if part_of_word(c) {
            (left.find(|c| !part_of_word(c)).unwrap_or(left.len()), false)
        } else {
            left = left.get(c.len_utf8()..).unwrap_or_default();
            continue;
        };
        let (text, behind) = left.split_at_checked(length).unwrap_or((left, ""));
        out.push(Word { text, quoted, call: behind.trim_start().starts_with('(') });
        left = behind;
    }
    out
}

/// What the first words say. `depth` bounds statements inside statements.
fn leading(words: &[Word<'_>], depth: usize) -> StatementClass {
    let second = at(words, 1);
    match first(words) {
        "" => {
            if words.is_empty() {
                Session
            } else {
                Unknown
            }
        }
        "BEGIN" | "PREPARE" | "EXPLAIN" | "DESCRIBE" | "DESC" => inner(words, depth),
        "INSERT" | "UPSERT" if second == "OVERWRITE" => Overwrite,
        "INSERT" | "UPSERT" | "PUT" | "IMPORT" => Insert,
        "LOAD" if matches!(second, "DATA" | "XML") && has(words, "OVERWRITE") => Overwrite,
        "LOAD" if matches!(second, "DATA" | "XML") => Insert,
        "COPY" => copy(words),
        "UPDATE" if second == "STATISTICS" => Session,
        "UPDATE" => row_class(words, Update, UpdateAll),
        "DELETE" => row_class(words, Delete, DeleteAll),
        "REPLACE" | "MERGE" => Update,
        "TRUNCATE" => Truncate,
        "REMOVE" | "RM" => DeleteAll,
        "DROP" => drop(rest(words, 1)),
        "CREATE" => create(words),
        "ALTER" => alter(words),
        "RENAME" | "CLUSTER" | "REINDEX" | "OPTIMIZE" | "REPAIR" | "EXCHANGE" => Alter,
        "VACUUM" if has(words, "FULL") => Alter,
        "VACUUM" | "COMMENT" | "UNDROP" | "BACKUP" => Create,
        "RESTORE" if matches!(second, "FILELISTONLY" | "HEADERONLY" | "VERIFYONLY") => Read,
        "RESTORE" => Overwrite,
        "GRANT" | "REVOKE" | "DENY" | "REASSIGN" | "SECURITY" => Access,
        "SET" if matches!(second, "GLOBAL" | "PERSIST" | "PASSWORD" | "@@GLOBAL") => Access,
        "RESET" if matches!(second, "MASTER" | "SLAVE" | "REPLICA" | "QUERY" | "BINARY") => Access,
        "PURGE" | "FLUSH" => Access,
        "KILL" | "SHUTDOWN" | "CANCEL" | "RESUME" | "CHANGE" => Server,
        "STOP" | "STARTUP" => Server,
        "PAUSE" if words.len() > 1 => Server,
        "SYSTEM" if names::SYSTEM.contains(&second) => Server,
        "SYSTEM" | "HOST" => ClientProgram,
        "SOURCE" => RunFile,
        "DBCC" if names::READING_CHECKS.contains(&second) && !has_repair(words) => Read,
        "DBCC" => Alter,
        "INSTALL" | "LOAD" | "DO" | "CALL" => RunCode,
        "EXEC" | "EXECUTE" => procedure(words),
        word if names::SESSION.contains(&word) => Session,
        word if names::READ.contains(&word) => reading(words),
        word if names::UPKEEP.contains(&word) => Create,
        word if word.starts_with("SP_") || word.starts_with("XP_") => procedure_name(word),
        // No statement that does anything has only one word that is not known here.
        word if words.len() == 1 && !word.contains(super::HOLE) => Session,
        _ => Unknown,
    }
}

fn has_repair(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| word.text.starts_with("REPAIR_"))
}

/// A read that no parser knew: the words that follow are looked at by
/// [`phrases`]. With its whole text unknown it is not a read.
fn reading(words: &[Word<'_>]) -> StatementClass {
    let body = ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "VALUES", "TABLE"];
    if first(words) == "WITH" && !body.iter().any(|word| has(words, word)) { Unknown } else { Read }
}

/// The statement behind `BEGIN`, `EXPLAIN ANALYZE` and the like.
fn inner(words: &[Word<'_>], depth: usize) -> StatementClass {
    let starts = [
        "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "DROP", "TRUNCATE",
        "ALTER", "CREATE", "GRANT", "REVOKE", "EXECUTE", "EXEC", "CALL", "COPY", "KILL",
    ];
    let explains = matches!(first(words), "EXPLAIN" | "DESC" | "DESCRIBE");
    let runs = ["ANALYZE", "ANALYSE"].iter().any(|word| has(words, word));
    if explains && !runs {
        return Read;
    }
    let start = words.iter().skip(1).position(|word| !word.quoted && starts.contains(&word.text));
    match start {
        Some(start) if depth > 0 => leading(rest(words, start + 1), depth - 1),
        None if first(words) == "BEGIN" => Session,
        _ => Unknown,
    }
}

fn row_class(words: &[Word<'_>], some: StatementClass, all: StatementClass) -> StatementClass {
    if has(words, "WHERE") || has(words, "LIMIT") { some } else { all }
}

fn copy(words: &[Word<'_>]) -> StatementClass {
    if has(words, "PROGRAM") {
        RunProgram
    } else if has(words, "STDOUT") {
        Read
    } else if has(words, "TO") && !has(words, "FROM")
        || first(words) == "COPY" && ends_in_file(words)
    {
        WriteFile
    } else {
        Insert
    }
}

/// `COPY (SELECT .. FROM t) TO 'file'`: the last direction is TO.
fn ends_in_file(words: &[Word<'_>]) -> bool {
    let direction = words.iter().rev().find(|word| matches!(word.text, "TO" | "FROM"));
    direction.is_some_and(|word| word.text == "TO")
}

fn drop(words: &[Word<'_>]) -> StatementClass {
    let kind = first(words);
    if names::DATABASES.contains(&kind) {
        DropDatabase
    } else if kind == "TEMPORARY" && matches!(at(words, 1), "VIEW" | "FUNCTION" | "TRIGGER") {
        DropObject
    } else if names::TABLES.contains(&kind) {
        DropTable
    } else if names::RIGHTS.contains(&kind) {
        Access
    } else if names::OBJECTS.contains(&kind) {
        DropObject
    } else {
        DropTable
    }
}

fn create(words: &[Word<'_>]) -> StatementClass {
    let replaces = at(words, 1) == "OR" && at(words, 2) == "REPLACE";
    let kind = rest(words, if replaces { 3 } else { 1 });
    let word = kind.iter().map(|word| word.text);
    let mut word = word.skip_while(|word| {
        matches!(
            *word,
            "TEMP" | "TEMPORARY" | "TRANSIENT" | "UNLOGGED" | "GLOBAL" | "LOCAL" | "SECURE"
        )
    });
    let word = word.next().unwrap_or_default();
    let untrusted = || {
        let mut after = words.iter().skip_while(|word| word.text != "LANGUAGE").skip(1);
        after.next().is_none_or(|word| {
            !matches!(word.text, "SQL" | "PLPGSQL" | "JAVASCRIPT" | "PYTHON" | "PLV8")
        }) && has(words, "LANGUAGE")
    };
    match word {
        "EXTENSION" => {
            let trusted = !["PLPYTHON", "PLPERL", "FILE_FDW", "DBLINK", "ADMINPACK"]
                .iter()
                .any(|name| kind.iter().any(|word| word.text.starts_with(name)));
            if trusted { Create } else { RunCode }
        }
        "FUNCTION" | "PROCEDURE" if untrusted() || has(words, "SONAME") => RunCode,
        "TABLE" | "DATABASE" | "SCHEMA" | "DYNAMIC" if replaces => Overwrite,
        _ if replaces => Alter,
        "USER" if at(kind, 1) == "MAPPING" => Create,
        word if names::RIGHTS.contains(&word) => Access,
        _ => Create,
    }
}

fn alter(words: &[Word<'_>]) -> StatementClass {
    let kind = at(words, 1);
    if names::RIGHTS.contains(&kind) || matches!(kind, "SYSTEM" | "DEFAULT") {
        return Access;
    }
    if kind == "SESSION" {
        return Session;
    }
    let behind = |keyword: &str| {
        let place = words.iter().position(|word| !word.quoted && word.text == keyword);
        place.map(|place| rest(words, place + 1))
    };
    let weakens = |after: &[Word<'_>]| matches!(first(after), "ROW" | "TRIGGER" | "RULE");
    if behind("DISABLE").is_some_and(weakens)
        || behind("FORCE").is_some_and(|_| has(words, "NO") && has(words, "ROW"))
        || behind("OWNER").is_some_and(|after| first(after) == "TO")
    {
        return Access;
    }
    let mut after = words;
    while let Some(place) = after.iter().position(|word| !word.quoted && word.text == "DROP") {
        after = rest(after, place + 1);
        match first(after) {
            "NOT" | "DEFAULT" | "IDENTITY" | "EXPRESSION" => {}
            "PARTITION" => return DropTable,
            _ => return DropColumn,
        }
    }
    let table = kind == "TABLE";
    if table
        && ["DETACH", "CLEAR", "TRUNCATE", "REPLACE"]
            .iter()
            .any(|word| behind(word).is_some_and(|after| first(after) == "PARTITION"))
    {
        DropTable
    } else if table && has(words, "DELETE") && !has(words, "CASCADE") && has(words, "WHERE") {
        DeleteAll
    } else if table && has(words, "UPDATE") && has(words, "WHERE") {
        Update
    } else {
        Alter
    }
}

fn procedure(words: &[Word<'_>]) -> StatementClass {
    let name = words.iter().skip(1).find(|word| !word.text.starts_with('@') || word.quoted);
    name.map_or(RunCode, |name| procedure_name(name.text))
}

fn procedure_name(name: &str) -> StatementClass {
    let name = name.rsplit('.').next().unwrap_or_default();
    if names::RUN_PROGRAM.contains(&name) {
        RunProgram
    } else if names::READING_PROCEDURES.iter().any(|read| name.starts_with(read)) {
        Read
    } else {
        RunCode
    }
}

/// Statements anywhere among the words: what follows a harmless beginning in
/// clients that need no semicolon, in blocks and behind conditions.
fn phrases(words: &[Word<'_>], found: &mut Vec<StatementClass>) {
    for (place, word) in words.iter().enumerate().skip(1) {
        if word.quoted || word.call && word.text != "EXEC" {
            continue;
        }
        let after = rest(words, place + 1);
        let next = first(after);
        let known_kind = || {
            [names::DATABASES, names::TABLES, names::RIGHTS, names::OBJECTS]
                .iter()
                .any(|kinds| kinds.contains(&next))
        };
        let class = match word.text {
            "DROP" if known_kind() && first(words) != "ALTER" => drop(after),
            "TRUNCATE" if next == "TABLE" => Truncate,
            "DELETE" if next == "FROM" => row_class(after, Delete, DeleteAll),
            "UPDATE" if after.iter().take(4).any(|word| word.text == "SET") => {
                row_class(after, Update, UpdateAll)
            }
            "INSERT" if next == "INTO" => Insert,
            "ALTER" if known_kind() && first(words) != "ALTER" => alter(rest(words, place)),
            "EXEC" | "EXECUTE" if !matches!(next, "ON" | "FUNCTION" | "AS") => {
                procedure(rest(words, place))
            }
            "XP_CMDSHELL" => RunProgram,
            "SHUTDOWN"
                if matches!(next, "ABORT" | "IMMEDIATE" | "NORMAL" | "TRANSACTIONAL" | "WITH") =>
            {
                Server
            }
            "GRANT" | "REVOKE" if has(after, "ON") && (has(after, "TO") || has(after, "FROM")) => {
                Access
            }
            _ => continue,
        };
        found.push(class);
    }
}

/// A command of psql's or MySQL's client; several can stand on one line.
fn backslash(line: &str) -> StatementClass {
    let lower = line.to_ascii_lowercase();
    let mut commands = lower.split('\\').map(str::trim_start);
    let mut worst = Session;
    for command in commands.by_ref() {
        let name: String = command.chars().take_while(|c| c.is_ascii_alphabetic()).collect();
        let argument = command.get(name.len()..).unwrap_or_default().trim();
        let pipes = argument.starts_with('|');
        let class = match name.as_str() {
            "" if command.starts_with('!') => ClientProgram,
            "" if command.starts_with('.') => RunFile,
            "i" | "ir" | "include" => RunFile,
            "o" | "out" | "w" | "write" | "g" | "gx" if pipes => ClientProgram,
            "copy" if argument.contains("program") => ClientProgram,
            "copy" if argument.contains(" from ") && !argument.contains(" to ") => Insert,
            "gexec" | "e" | "edit" | "ef" | "ev" => RunCode,
            "setenv" => RunCode,
            "password" => Access,
            "lo" if argument.starts_with("_unlink") => DeleteAll,
            "lo" if argument.starts_with("_import") => Insert,
            _ => Read,
        };
        worst = worst.max(class);
        if class == ClientProgram {
            break;
        }
    }
    worst
}

/// A command of SQLite's or DuckDB's shell, which may be shortened.
fn dot(line: &str) -> StatementClass {
    let name = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let argument = line.get(name.len()..).unwrap_or_default().trim();
    let short_for = |full: &str, least: usize| name.len() >= least && full.starts_with(&name);
    let writes = ["output", "once", "import", "excel", "www"].contains(&name.as_str());
    let pipes = writes && argument.trim_start_matches(['\'', '"']).starts_with('|');
    let packs = short_for("archive", 2)
        && argument.contains(['c', 'x', 'u', 'r', 'i'])
        && !argument.contains("-t");
    if pipes || short_for("shell", 2) && name != "sho" || short_for("system", 2) {
        ClientProgram
    } else if short_for("read", 3) {
        RunFile
    } else if packs || short_for("restore", 3) {
        Overwrite
    } else if short_for("load", 2) {
        RunCode
    } else if name == "import" {
        Insert
    } else {
        Read
    }
}
