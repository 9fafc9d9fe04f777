//! Files of commands with and without labels.
//!
//! `.tsv`: columns id, command, label, source, tabs between; lines that start
//! with `#` and a header line may stand at the top. Any other ending: one
//! command a line, without labels. Both write backslash, line feed, carriage
//! return and tab as `\\`, `\n`, `\r` and `\t`.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Largest file that is read.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What a person said about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// Letting it run unasked is wrong (`dangerous`, `block`).
    Dangerous,
    /// Stopping it is wrong (`safe`, `allow`).
    Safe,
    /// Both are right (`review`, `ask`).
    Review,
}

impl Label {
    fn read(text: &str) -> Option<Self> {
        match text {
            "dangerous" | "block" => Some(Self::Dangerous),
            "safe" | "allow" => Some(Self::Safe),
            "review" | "ask" => Some(Self::Review),
            _ => None,
        }
    }

    /// The word for it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Dangerous => "dangerous",
            Self::Safe => "safe",
            Self::Review => "review",
        }
    }
}

/// A command of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its id, or `line-N`.
    pub(super) id: String,
    /// Its text.
    pub(super) command: String,
    /// Its label, in a file that has labels.
    pub(super) label: Option<Label>,
}

/// Reads a file.
///
/// # Errors
/// What is wrong with it, as a sentence without the file's name.
pub(super) fn read(path: &Path) -> Result<Vec<Row>, String> {
    let fail = |error: std::io::Error| format!("cannot be read: {error}.");
    // Opening a named pipe would wait for a writer.
    let options = fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).to_owned();
    let file = options.open(path).map_err(fail)?;
    if !file.metadata().map_err(fail)?.is_file() {
        return Err("is not an ordinary file.".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {} MiB.", MAX_BYTES >> 20));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        format!("is not UTF-8 text (byte {}).", error.utf8_error().valid_up_to())
    })?;
    let labelled = path.as_os_str().as_encoded_bytes().ends_with(b".tsv");
    if labelled { table(&text) } else { Ok(plain(&text)) }
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n').enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r')))
}

/// One command a line; lines of blanks are left out.
fn plain(text: &str) -> Vec<Row> {
    let blank = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    lines(text)
        .filter(|(_, line)| !line.chars().all(blank))
        .map(|(at, line)| Row { id: format!("line-{at}"), command: decode(line), label: None })
        .collect()
}

fn table(text: &str) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (at, line) in lines(text) {
        let head = line.starts_with('#') || line.starts_with("id\tcommand\t");
        if line.is_empty() || (rows.is_empty() && head) {
            continue;
        }
        let mut cells = line.split('\t');
        let (id, command, label) = (cells.next(), cells.next(), cells.next());
        let (Some(id), Some(command), Some(label)) = (id, command, label) else {
            return Err(format!(
                "has fewer than three columns in line {at}; expected: id, command, label, source."
            ));
        };
        let Some(known) = Label::read(label) else {
            return Err(format!(
                "has the label `{label}` in line {at}; expected: dangerous (or block), safe (or \
                 allow), review (or ask)."
            ));
        };
        rows.push(Row { id: id.to_owned(), command: decode(command), label: Some(known) });
    }
    Ok(rows)
}

/// Resolves the four escapes; any other backslash stands for itself.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let mut next = rest.clone();
        let escape = match (c, next.next()) {
            ('\\', Some('\\')) => Some('\\'),
            ('\\', Some('n')) => Some('\n'),
            ('\\', Some('r')) => Some('\r'),
            ('\\', Some('t')) => Some('\t'),
            _ => None,
        };
        if escape.is_some() {
            rest = next;
        }
        out.push(escape.unwrap_or(c));
    }
    out
}

/// Writes text so that it is one cell of a table.
pub(super) fn encode(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    text.replace('\r', "\\r").replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Label, decode, encode, plain, read, table};

    #[test]
    fn the_four_escapes_are_resolved_and_written() {
        for (written, meant) in
            [(r"a\nb", "a\nb"), (r"\\n", r"\n"), (r"\t\r\\", "\t\r\\"), (r"\x\", r"\x\"), ("", "")]
        {
            assert_eq!(decode(written), meant);
            assert_eq!(decode(&encode(meant)), meant);
        }
        assert_eq!(encode("a\tb\nc\\"), r"a\tb\nc\\");
    }

    #[test]
    fn a_table_has_comments_and_a_header_only_at_the_top() {
        let text = "# text\nid\tcommand\tlabel\tsource\n\nx-1\tls\\nls\tsafe\tme\r\n\
                    x-2\t# no comment\tblock\tme\n#x-3\tls\task\n";
        let rows = table(text).unwrap();
        let labels: Vec<_> = rows.iter().filter_map(|row| row.label).collect();
        assert_eq!(labels, [Label::Safe, Label::Dangerous, Label::Review]);
        let first = rows.first().unwrap();
        assert_eq!((first.id.as_str(), first.command.as_str()), ("x-1", "ls\nls"));
        assert_eq!(rows.last().unwrap().id, "#x-3");
        assert!(table("x-1\tls\n").unwrap_err().contains("line 1"));
        assert!(table("x-1\tls\tfine\tme\n").unwrap_err().contains("label `fine`"));
    }

    #[test]
    fn plain_lines_keep_their_numbers() {
        let rows = plain("ls\n \t\n  echo \\t a\r\n\u{1c}\n\u{c}x\n");
        let rows: Vec<_> = rows.iter().map(|row| (row.id.as_str(), row.command.as_str())).collect();
        assert_eq!(rows, [("line-1", "ls"), ("line-3", "  echo \t a"), ("line-5", "\u{c}x")]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.tsv");
        assert!(read(&file).unwrap_err().starts_with("cannot be read"));
        assert!(read(dir.path()).unwrap_err().contains("not an ordinary file"));
        std::fs::write(&file, b"ls\xff").unwrap();
        assert!(read(&file).unwrap_err().contains("not UTF-8 text (byte 2)"));
    }
}
