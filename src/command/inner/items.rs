//! What xargs(1) is given, when all of its input is known: then its commands are
//! judged as they will run (`echo web db | xargs -n1 systemctl stop`).

use crate::model::{Invocation, Word};

/// Longest input that is cut into items, in bytes.
const MAX_INPUT: usize = 4096;
/// With more commands than this they are not told apart.
const MAX_COMMANDS: usize = 16;
/// With more items than this they are not looked at one by one.
const MAX_ITEMS: usize = 64;
/// Options that change nothing about the words (GNU and BSD xargs).
const IDLE: &[&str] =
    &["-r", "--no-run-if-empty", "-t", "--verbose", "-x", "--exit", "-P", "--max-procs", "-p"];

/// The items of each command that it starts. `None`: not all are known.
pub(super) fn of(invocation: &Invocation) -> Option<Vec<Vec<Word>>> {
    if !matches!(invocation.program.as_deref(), Some("xargs" | "gxargs")) {
        return None;
    }
    let text = invocation.input.as_deref()?.as_static().filter(|text| text.len() <= MAX_INPUT)?;
    let (mut delimiter, mut most, mut replaces, mut runs_empty) = (None, None, false, true);
    for opt in &invocation.options {
        let value = opt.value.as_ref().map(|word| word.as_static());
        match (opt.name.as_str(), value) {
            ("-0" | "--null", _) => delimiter = Some('\0'),
            ("-d" | "--delimiter", Some(Some(value))) => delimiter = Some(character(value)?),
            ("-n" | "--max-args", Some(Some(value))) => most = Some(value.parse().ok()?),
            ("-I" | "-i" | "--replace", _) => replaces = true,
            (name, _) if IDLE.contains(&name) => {
                runs_empty &= !matches!(name, "-r" | "--no-run-if-empty")
            }
            _ => return None,
        }
    }
    // Of two that exclude each other the last one counts (GNU xargs).
    if replaces && most.is_some() {
        return None;
    }
    // Quotes and backslashes would have to be read as xargs does.
    if delimiter.is_none() && text.contains(['\'', '"', '\\']) {
        return None;
    }
    let items: Vec<&str> = match delimiter {
        Some(end) => text.strip_suffix(end).unwrap_or(text).split(end).collect(),
        None if replaces => text.lines().map(str::trim_start).collect(),
        None => text.split_ascii_whitespace().collect(),
    };
    let items: Vec<&str> =
        items.into_iter().filter(|item| !item.is_empty() || delimiter.is_some()).collect();
    if items.is_empty() || text.is_empty() {
        // It runs its command once even then, with an item that is known to be
        // empty: that is a fact of its own for rules.
        return if runs_empty && !replaces { None } else { Some(Vec::new()) };
    }
    if items.len() > MAX_ITEMS {
        return None;
    }
    let size = if replaces { 1 } else { most.unwrap_or(items.len()).max(1) };
    let word = |item: &&str| Word::text(*item, invocation.span);
    let commands: Vec<Vec<Word>> =
        items.chunks(size).map(|items| items.iter().map(word).collect()).collect();
    (commands.len() <= MAX_COMMANDS).then_some(commands)
}

/// A delimiter as it is written: a character or an escape.
fn character(text: &str) -> Option<char> {
    match text {
        "\\n" => Some('\n'),
        "\\t" => Some('\t'),
        "\\0" => Some('\0'),
        _ => text.chars().next().filter(|only| *only != '\\' && text.len() == only.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::{command, model::Context, shell};

    /// The words of the commands that run inside xargs.
    fn runs(text: &str) -> Vec<String> {
        let resolved = command::resolve(
            shell::read(text, &shell::Known::default()),
            &Context::neutral(),
            &command::grammar::own::BuiltIn,
            &command::NoFiles,
        );
        let inner = resolved.invocations.iter().filter(|inv| inv.parent.is_some());
        inner
            .map(|inv| inv.argv.iter().map(|word| word.display()).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn known_items_stand_where_xargs_puts_them() {
        for (text, commands) in [
            ("echo a b | xargs x y", &["x y a b"][..]),
            ("printf 'a b\\nc\\n' | xargs -I{} x {}/d", &["x a b/d", "x c/d"][..]),
            ("printf 'a\\0b c\\0' | xargs -0 x", &["x a b c"][..]),
            ("printf 'a,b' | xargs -d, -n1 x", &["x a", "x b"][..]),
            ("echo a b c | xargs -n2 x", &["x a b", "x c"][..]),
            ("printf '' | xargs x", &["x {}"][..]),
            ("printf '' | xargs -r x", &[][..]),
            ("echo a | xargs -i@ x {}", &["x {}"][..]),
            ("echo a | xargs -I? x ?/b", &["x a/b"][..]),
        ] {
            assert_eq!(runs(text), commands, "{text}");
        }
    }

    #[test]
    fn what_is_not_known_stays_an_item() {
        for text in [
            "cat f | xargs x",
            "echo \"'a b'\" | xargs x",
            "echo a | xargs -L1 x",
            "seq 1 99 | xargs x",
        ] {
            assert_eq!(runs(text), ["x {}"], "{text}");
        }
        assert!(of(&crate::model::Invocation::default()).is_none());
    }
}
