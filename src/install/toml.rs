//! Adding guard's tables to a TOML file that people wrote, and taking them away:
//! every byte outside guard's lines stays as it is. Tables of an array may stand
//! anywhere in such a file, so they are put behind everything else.

use super::MergeError;

/// Stands around what guard adds.
const BEGIN: &str = "# guard init: begin";
const END: &str = "# guard init: end";
/// Stands behind a line that guard adds to a table of somebody else.
const OURS: &str = "# guard init";
/// How a file begins that an older guard wrote as a whole.
const WHOLE: &str = "# Written by `guard init ";

/// Whether a line switches hooks on or off, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Features {
    /// Nothing does, and there is no such table.
    Missing,
    /// The table stands there, and says nothing; the line behind its name.
    Table(usize),
    /// They are switched on already.
    On,
}

/// The text with `features.hooks` pinned and `tables` behind it.
///
/// # Errors
/// A text in which tables cannot be added: hooks are switched off on purpose, or
/// stand in the form of values.
pub fn apply(text: &str, tables: &str) -> Result<String, MergeError> {
    let mut text = undo(text);
    let open = !text.is_empty() && !text.ends_with('\n');
    if open {
        // Taken away again with the mark.
        text.push('\n');
    }
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let features = features(&lines)?;
    let pin = format!("hooks = true {OURS}\n");
    if let Features::Table(at) = features {
        lines.insert(at.min(lines.len()), &pin);
    }
    let mut out: String = lines.concat();
    out.push_str(BEGIN);
    if open {
        out.push_str(" (no line end before)");
    }
    out.push('\n');
    if features == Features::Missing {
        out.push_str("[features]\nhooks = true\n\n");
    }
    out.push_str(tables.trim_end());
    out.push('\n');
    out.push_str(END);
    out.push('\n');
    Ok(out)
}

/// The text without what guard put there.
#[must_use]
pub fn undo(text: &str) -> String {
    if text.starts_with(WHOLE) {
        return String::new();
    }
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        if bare.starts_with(BEGIN) {
            inside = true;
            if bare.len() > BEGIN.len() {
                out.truncate(out.trim_end_matches('\n').len());
            }
        } else if bare == END && inside {
            inside = false;
        } else if !inside && bare != format!("hooks = true {OURS}") {
            out.push_str(line);
        }
    }
    out
}

fn features(lines: &[&str]) -> Result<Features, MergeError> {
    let shape = |what: &str| Err(MergeError::Shape(what.to_owned()));
    let mut found = Features::Missing;
    let mut table = String::new();
    let mut string: Option<&str> = None;
    for (at, line) in lines.iter().enumerate() {
        // What stands in a text of several lines is no key.
        if let Some(mark) = string {
            string = Some(mark).filter(|_| !line.contains(mark));
            continue;
        }
        string = ["'''", "\"\"\""].into_iter().find(|mark| line.matches(mark).count() == 1);
        let line = line.split('#').next().unwrap_or_default().trim();
        let squeezed: String = line.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
        if let Some(name) = squeezed.strip_prefix('[') {
            table = name.trim_matches(['[', ']']).to_owned();
            if squeezed == "[features]" && found == Features::Missing {
                found = Features::Table(at + 1);
            }
            if matches!(squeezed.as_str(), "[hooks.PreToolUse]" | "[hooks.PostToolUse]") {
                return shape(&table);
            }
            continue;
        }
        let Some((key, value)) = squeezed.split_once('=') else { continue };
        let key = if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") };
        match key.as_str() {
            "features.hooks" if value == "true" => found = Features::On,
            "features" | "hooks" | "hooks.PreToolUse" | "hooks.PostToolUse" | "features.hooks" => {
                return shape(&key);
            }
            // Written out with dots: the table cannot be opened a second time.
            _ if table.is_empty() && key.starts_with("features.") => return shape(&key),
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{apply, undo};

    const TABLES: &str = "[[hooks.PreToolUse]]\nmatcher = \"x\"\n";
    const THEIRS: &str = "# what our company demands\nallowed_approval_policies = [\"on-request\"] # no never\n\n\
        [features] # switches\nweb_search = false\n\n\
        [[hooks.PreToolUse]]\nmatcher = \"^Bash$\"\n\n[[hooks.PreToolUse.hooks]]\ntype = \"command\"\n\
        command = '''\n[features]\nhooks = false\n'''\n";

    #[test]
    fn every_byte_of_others_stays_in_its_order_and_comes_back() {
        for theirs in [
            THEIRS,
            "",
            "a = 1",
            "a = 1\n\n\n",
            "[features]",
            "[features]\nhooks = true\n",
            "features.hooks = true\n",
            "[other]\nhooks = false\n",
        ] {
            let new = apply(theirs, TABLES).unwrap();
            assert_eq!(apply(&new, TABLES).unwrap(), new, "twice: {theirs}");
            assert_eq!(undo(&new), theirs, "{new}");
            assert!(new.contains(TABLES.trim_end()), "{new}");
            assert_eq!(new.matches("hooks = true").count(), 1, "{new}");
            let newer = apply(&new, "[[hooks.PreToolUse]]\nmatcher = \"y\"\n").unwrap();
            assert!(!newer.contains("\"x\"") && newer.contains("\"y\""), "{newer}");
        }
        let new = apply(THEIRS, TABLES).unwrap();
        assert!(new.contains("[features] # switches\nhooks = true # guard init\nweb_search"));
        let older = "# Written by `guard init codex --scope managed`.\n[features]\nhooks = true\n";
        assert_eq!(apply(older, TABLES).unwrap(), apply("", TABLES).unwrap());
    }

    #[test]
    fn what_is_switched_off_or_has_another_form_is_left_alone() {
        for text in [
            "[features]\nhooks = false\n",
            "features.hooks = false\n",
            "features = { hooks = true }\n",
            "features.web = true\n",
            "[hooks]\nPreToolUse = []\n",
            "hooks = {}\n",
            "[hooks.PreToolUse]\na = 1\n",
        ] {
            assert!(apply(text, TABLES).is_err(), "{text}");
        }
    }
}
