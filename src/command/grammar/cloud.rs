//! Subcommands of cloud command lines, which have too many to list.

use crate::model::Word;

use super::reader::{Kind, Reader};
use super::{Role, classes};

/// Names of release tracks, which stand before the group and do not change
/// what the operation does.
const TRACKS: [&str; 3] = ["alpha", "beta", "preview"];
/// Where no table helps, a verb is looked for among this many words.
const LOOK_AHEAD: usize = 4;

/// Takes `text` as the next part of the subcommand if it is one.
pub(super) fn subcommand(reader: &mut Reader<'_>, at: usize, text: &str) -> bool {
    match reader.kind {
        Kind::Aws => aws(reader, text),
        Kind::Groups(tool) => group(reader, at, text, tool),
        Kind::Words => {
            leaf(reader, at, text, "any");
            true
        }
        Kind::Tree | Kind::Find => false,
    }
}

/// Takes a word that is not known as the next part of the subcommand, where
/// the words after it can still tell what the operation does.
pub(super) fn unknown(reader: &mut Reader<'_>, at: usize, word: &Word) -> bool {
    match reader.kind {
        Kind::Aws => unknown_aws(reader, word),
        Kind::Groups(tool) => unknown_group(reader, at, tool),
        Kind::Words => unknown_group(reader, at, "any"),
        Kind::Tree | Kind::Find => false,
    }
}

/// `aws $SERVICE describe-x`, `aws ec2 describe-$KIND`.
fn unknown_aws(reader: &mut Reader<'_>, word: &Word) -> bool {
    let path = &mut reader.out.subcommand;
    if path.is_empty() {
        path.push(classes::ANY.to_owned());
        return true;
    }
    let Some((verb, _)) = super::reader::leading_text(word).split_once('-') else { return false };
    if path.len() > 1 || verb.is_empty() {
        return false;
    }
    path.push(format!("{verb}-"));
    reader.verb_open = false;
    true
}

/// `gcloud compute $KIND list`: the words up to the first that is a verb.
fn unknown_group(reader: &mut Reader<'_>, at: usize, tool: &str) -> bool {
    let ahead = reader.argv.iter().skip(at + 1).take(LOOK_AHEAD).map_while(|word| {
        word.as_static().filter(|text| !text.starts_with('-') && !text.is_empty())
    });
    let words: Vec<&str> = ahead.collect();
    let Some(verb) = verb_position(tool, &words) else { return false };
    reader.out.subcommand.push(classes::ANY.to_owned());
    for (offset, word) in words.iter().enumerate().take(verb + 1) {
        reader.out.subcommand.push((*word).to_owned());
        reader.role(at + 1 + offset, Role::Subcommand);
    }
    reader.taken(at + 1 + verb);
    reader.verb_open = false;
    true
}

/// Service, operation, and what is waited for. An unknown word that two words
/// follow held options (`aws $OPTS s3 ls`).
fn aws(reader: &mut Reader<'_>, text: &str) -> bool {
    let path = &mut reader.out.subcommand;
    let unknown_service = path.first().is_some_and(|first| first == classes::ANY);
    if unknown_service && path.len() > 1 {
        path.remove(0);
    }
    path.push(text.to_owned());
    let waiting = path.get(1).is_some_and(|operation| operation == "wait");
    reader.verb_open = match path.first() {
        // Most operations have a hyphen, most services have none.
        Some(first) if first == classes::ANY => !waiting && !text.contains('-'),
        _ => path.len() < if waiting { 3 } else { 2 },
    };
    if let Some(child) = reader.levels.last().and_then(|level| level.child(text, false)) {
        reader.levels.push(child.level);
    }
    true
}

fn group(reader: &mut Reader<'_>, at: usize, text: &str, tool: &str) -> bool {
    if reader.out.subcommand.is_empty() && TRACKS.contains(&text) {
        return true;
    }
    if let Some(child) = reader.levels.last().and_then(|level| level.child(text, false)) {
        reader.out.subcommand.push(child.name.to_owned());
        reader.levels.push(child.level);
        return true;
    }
    // Below a known group the first word that is no group is the operation. A
    // first word that is unknown may be a group that came after the table, and
    // so may any of a tool that takes no operands.
    if reader.levels.len() > 1 && tool != "az" {
        reader.out.subcommand.push(text.to_owned());
        reader.verb_open = false;
    } else {
        leaf(reader, at, text, tool);
    }
    true
}

/// Takes the words up to the first that is a verb, or only this one.
fn leaf(reader: &mut Reader<'_>, at: usize, text: &str, tool: &str) {
    let ahead = reader.argv.iter().skip(at).take(LOOK_AHEAD).map_while(|word| {
        word.as_static().filter(|text| !text.starts_with('-') && !text.is_empty())
    });
    let words: Vec<&str> = ahead.collect();
    let verb = verb_position(tool, &words).unwrap_or(0);
    reader.out.subcommand.push(text.to_owned());
    for (offset, word) in words.iter().enumerate().take(verb + 1).skip(1) {
        reader.out.subcommand.push((*word).to_owned());
        reader.role(at + offset, Role::Subcommand);
    }
    reader.taken(at + verb);
    reader.verb_open = false;
}

/// Where the verb stands: a plain one (`update`) before one that is part of a
/// word (`security-list`, `clusters-list`).
fn verb_position(tool: &str, words: &[&str]) -> Option<usize> {
    let plain = words.iter().position(|word| classes::plain_verb(tool, word).is_some());
    plain.or_else(|| words.iter().position(|word| classes::verb(tool, word).is_some()))
}

/// Whether the options of the operation are not in the table, because there
/// are too many: then all but switches take every word up to the next option.
pub(super) fn takes_many(reader: &Reader<'_>) -> bool {
    match reader.kind {
        Kind::Aws => !reader.verb_open && reader.levels.len() == 1,
        Kind::Groups(_) => !reader.verb_open,
        _ => false,
    }
}

/// Whether an option of this operation takes several words.
pub(super) fn repeats(reader: &Reader<'_>) -> bool {
    takes_many(reader) && reader.kind != Kind::Groups("gcloud")
}

/// Whether a word can be the value of an option: anything but another option.
pub(super) fn is_value(word: &Word) -> bool {
    let text = super::reader::leading_text(word);
    !text.starts_with('-')
        || text.len() == 1
        || text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}
