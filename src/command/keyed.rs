//! Values under named keys of JSON, YAML and TOML texts.
//!
//! No parser of any of the three: it looks for the keys and reads the value that
//! stands behind each, so that a broken file or one with comments is read as
//! well. What it takes for a value too many is judged too many, never too few.

/// Most keys of one text that are read.
const MAX_KEYS: usize = 400;
/// Longest value, in bytes.
const MAX_VALUE: usize = 16 * 1024;
/// Most entries of one list.
const MAX_ITEMS: usize = 100;

/// What stands behind a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub key: String,
    pub value: Held,
}

/// The values of these keys, in the order in which they stand.
pub(super) fn entries<'k>(text: &str, keys: impl Iterator<Item = &'k String>) -> Vec<Entry> {
    let mut found: Vec<(usize, Entry)> = Vec::new();
    for key in keys.filter(|key| !key.is_empty()) {
        for (at, _) in text.match_indices(key.as_str()) {
            if found.len() >= MAX_KEYS {
                break;
            }
            if let Some(value) = at_key(text, at, key.len()) {
                found.push((at, Entry { key: key.clone(), value }));
            }
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// The value of the key at a place, if it is one.
fn at_key(text: &str, at: usize, len: usize) -> Option<Held> {
    let before = text.get(..at)?;
    let after = text.get(at + len..)?;
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\''));
    let bare = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let line = bare.get(bare.rfind('\n').map_or(0, |i| i + 1)..)?;
    let front = line.trim_end();
    let flow = front.ends_with(['{', ',', '[']);
    let starts = front.chars().all(|c| matches!(c, '-' | ' ' | '\t'));
    if !flow && !starts {
        return None;
    }
    let after = match quote {
        Some(quote) => after.strip_prefix(quote)?,
        None => after,
    };
    let rest = after.trim_start_matches([' ', '\t']).strip_prefix([':', '='])?;
    let mut end = rest.len().min(MAX_VALUE);
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let rest = rest.get(..end)?;
    let column = line.chars().count();
    value(rest, column, flow)
}

/// The value in front of which the text stands.
fn value(text: &str, column: usize, flow: bool) -> Option<Held> {
    let inline = text.trim_start_matches([' ', '\t']);
    if let Some(list) = inline.strip_prefix('[') {
        return Some(Held::List(listed(list)));
    }
    if inline.starts_with(['"', '\'']) {
        return quoted(inline).map(|(text, _)| Held::Text(text));
    }
    let (first, rest) = inline.split_once('\n').unwrap_or((inline, ""));
    let first = uncommented(first);
    if flow && !first.is_empty() {
        let end = first.find([',', '}', ']']).unwrap_or(first.len());
        return Some(Held::Text(first.get(..end)?.trim().to_owned()));
    }
    if first.starts_with(['|', '>']) {
        return Some(Held::Text(block(rest, column)));
    }
    if !first.is_empty() {
        let more = block(rest, column);
        let text = if more.is_empty() { first.to_owned() } else { format!("{first} {more}") };
        return Some(Held::Text(text));
    }
    if let Some(list) = rest.trim_start().strip_prefix('[') {
        return Some(Held::List(listed(list)));
    }
    let items = dashed(rest, column);
    (!items.is_empty()).then_some(Held::List(items))
}

/// Without a comment at its end.
fn uncommented(line: &str) -> &str {
    let end = line.find(" #").unwrap_or(line.len());
    let line = line.get(..end).unwrap_or(line).trim();
    if line.starts_with('#') { "" } else { line }
}

/// A text in quotes, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next()?;
    let three: String = std::iter::repeat_n(quote, 3).collect();
    if let Some(rest) = text.strip_prefix(&three) {
        let (inner, rest) = rest.split_once(&three)?;
        return Some((inner.to_owned(), rest));
    }
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => match chars.next()?.1 {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'u' => {
                    let hex = chars.clone().map(|(_, c)| c).take(4);
                    let digits: String = hex.take_while(char::is_ascii_hexdigit).collect();
                    chars.by_ref().take(digits.len()).for_each(drop);
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    out.push(code.unwrap_or('\u{fffd}'));
                }
                other => out.push(other),
            },
            c if c == quote => {
                let rest = text.get(at + 1..).unwrap_or_default();
                if quote == '\'' && rest.starts_with('\'') {
                    chars.next();
                    out.push('\'');
                    continue;
                }
                return Some((out, rest));
            }
            c => out.push(c),
        }
    }
    None
}

/// The entries of a list up to its bracket.
fn listed(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut rest = text;
    while items.len() < MAX_ITEMS {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',']);
        match rest.chars().next() {
            None | Some(']') => break,
            Some('#') => rest = rest.split_once('\n').map_or("", |(_, rest)| rest),
            Some('"' | '\'') => {
                let Some((item, behind)) = quoted(rest) else { break };
                items.push(item);
                rest = behind;
            }
            Some(_) => {
                let end = rest.find([',', ']', '\n']).unwrap_or(rest.len());
                let (item, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
                items.push(item.trim().to_owned());
                rest = behind;
            }
        }
    }
    items
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

/// Lines that stand further in than a column.
fn block(text: &str, column: usize) -> String {
    let lines = text.lines().take_while(|line| line.trim().is_empty() || indent(line) > column);
    let lines: Vec<&str> = lines.map(str::trim).collect();
    lines.join("\n").trim().to_owned()
}

/// Entries of a list with dashes, at a column or further in.
fn dashed(text: &str, column: usize) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let at = indent(line);
        let Some(item) = line.trim_start().strip_prefix('-').filter(|_| at >= column) else {
            break;
        };
        let item = item.trim();
        if items.len() >= MAX_ITEMS {
            break;
        }
        let mut more = Vec::new();
        while let Some(next) =
            lines.next_if(|next| indent(next) > at && !next.trim_start().starts_with("- "))
        {
            more.push(next.trim());
        }
        let more = more.join("\n");
        items.push(match quoted(item) {
            Some((text, _)) if item.starts_with(['"', '\'']) => text,
            _ if item.starts_with(['|', '>']) => more,
            _ if more.is_empty() => uncommented(item).to_owned(),
            _ => format!("{} {more}", uncommented(item)),
        });
    }
    items
}

#[cfg(test)]
mod tests {
    use super::{Entry, Held, entries};

    fn of(text: &str) -> Vec<(String, Held)> {
        let keys = ["command".to_owned(), "args".to_owned()];
        let found = entries(text, keys.iter()).into_iter();
        found.map(|Entry { key, value }| (key, value)).collect()
    }

    fn text(key: &str, value: &str) -> (String, Held) {
        (key.to_owned(), Held::Text(value.to_owned()))
    }

    fn list(key: &str, items: &[&str]) -> (String, Held) {
        (key.to_owned(), Held::List(items.iter().map(|item| (*item).to_owned()).collect()))
    }

    #[test]
    fn values_of_json_are_read() {
        let json = r#"{"x":{"command":"sh","args":["-c", "echo \"a\"; ls"]}, "note": "command"}"#;
        assert_eq!(of(json), [text("command", "sh"), list("args", &["-c", "echo \"a\"; ls"])]);
        assert_eq!(of(r#"{"command": "\u0072m \u"}"#), [text("command", "rm \u{fffd}")]);
    }

    #[test]
    fn values_of_yaml_are_read_in_every_style() {
        let block =
            "- name: c\n  command:\n  - sh\n  - -c\n  args:\n    - |\n      rm x\n      ls\n";
        assert_eq!(of(block), [list("command", &["sh", "-c"]), list("args", &["rm x\nls"])]);
        assert_eq!(of("command: ls -l # list\nx: 1\n"), [text("command", "ls -l")]);
        assert_eq!(of("{name: c, command: [a, 'b''c']}"), [list("command", &["a", "b'c"])]);
        assert_eq!(of("command: >-\n  rm -rf\n  x\ny: 1"), [text("command", "rm -rf\nx")]);
        assert_eq!(of("- command: ls\n- other: x\n"), [text("command", "ls")]);
        assert_eq!(of("subcommand: x\ncommands: y\nthe command: z\n"), []);
    }

    #[test]
    fn values_of_toml_are_read() {
        assert_eq!(
            of("[x]\ncommand = \"ls\"\nargs = [\n  \"a\", # c\n  'b',\n]\n"),
            [text("command", "ls"), list("args", &["a", "b"]),]
        );
        assert_eq!(of("command = \"\"\"\nls\n\"\"\"\n"), [text("command", "\nls\n")]);
    }

    #[test]
    fn broken_and_hostile_texts_end() {
        for text in
            ["command:", "command: [", "command: \"", "{command", "command: \\", "\u{f0000}"]
        {
            let _ = of(text);
        }
        assert!(of(&"command: [".repeat(20_000)).len() <= 400);
        assert!(of(&"command: ä".repeat(5_000)).len() <= 400);
    }
}
