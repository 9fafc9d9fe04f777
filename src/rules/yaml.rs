//! The strict YAML reader: the only caller of the YAML parser.
//!
//! Rule packs may come from a repository that an agent can write to, and they
//! are read before commands run. So nothing in a file may have two meanings,
//! and no file may cost more than a few milliseconds: no anchors, aliases,
//! merge keys, tags or duplicate keys, no `yes` for `true`, hard limits on size
//! and depth.

mod message;
mod outline;

use serde::de::DeserializeOwned;
use serde_yaml::{MergeKeyPolicy, options::DuplicateKeyPolicy};

use super::error::RuleError;
use crate::text::escape::is_deceptive;

pub use outline::Outline;

/// Largest file that is read. The parser itself does not limit strings.
pub const MAX_BYTES: usize = 256 * 1024;

/// Reads one document of `text`, the content of the file called `name`.
///
/// # Errors
/// The first mistake, with its position; see the module for what is refused.
pub fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, RuleError> {
    if text.len() > MAX_BYTES {
        let message = format!("The file has {} bytes; the limit is {MAX_BYTES}.", text.len());
        return Err(
            RuleError::whole(name, &message).expected("one file for each tool, without data in it")
        );
    }
    check_characters(name, text)?;
    let value = serde_yaml::from_str_with_options(text, options())
        .map_err(|error| message::explain(name, text, &error))?;
    // Escapes and tags are the two things that hide behind a good parse. Both
    // need one of these, and most files have neither.
    if ["\\", "!!", "!<", "%TAG"].iter().any(|sign| text.contains(sign)) {
        outline(name, text)?;
    }
    Ok(value)
}

/// The bytes of a file as text.
///
/// # Errors
/// The first byte that is not UTF-8, or a file over the limit.
pub fn decode(name: &str, bytes: &[u8]) -> Result<String, RuleError> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large(name, bytes.len()));
    }
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let text = String::from_utf8_lossy(bytes);
        let at = error.valid_up_to();
        RuleError::at(name, &text, at..at + 3, "The file is not UTF-8 text from here on.")
    })
}

fn too_large(name: &str, bytes: usize) -> RuleError {
    let message = format!("The file has {bytes} bytes; the limit is {MAX_BYTES}.");
    RuleError::whole(name, &message).expected("one file for each tool, without data in it")
}

/// Where everything stands in a text that [`parse`] accepted.
///
/// # Errors
/// A tag, or an escape for a deceptive character.
pub fn outline(name: &str, text: &str) -> Result<Outline, RuleError> {
    outline::read(name, text)
}

/// The tested list; see the table of inputs in the tests.
fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        strict_booleans: true,
        merge_keys: MergeKeyPolicy::Error,
        duplicate_keys: DuplicateKeyPolicy::Error,
        reject_unsupported_tags: true,
        reject_tagged_field_names: true,
        strict_indentation: true,
        with_snippet: false,
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: 0,
            max_replay_stack_depth: 1,
            max_alias_expansions_per_anchor: 0,
        },
        budget: serde_yaml::budget! {
            max_depth: 32,
            flow_nesting_limit: 32,
            max_anchors: 0,
            max_aliases: 0,
            max_nodes: 50_000,
            max_documents: 1,
            max_total_scalar_bytes: MAX_BYTES,
        },
    }
}

/// Whether a character has no place in a rule, not even written as an escape.
const fn refused(c: char) -> bool {
    is_deceptive(c) && !matches!(c, '\n' | '\t')
}

/// Refuses raw control, bidi and invisible characters anywhere in the file,
/// comments included: they could show a reviewer another file than guard reads.
fn check_characters(name: &str, text: &str) -> Result<(), RuleError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let bad = body.char_indices().find(|&(at, c)| {
        refused(c) && !(c == '\r' && body.get(at + 1..).is_some_and(|rest| rest.starts_with('\n')))
    });
    let Some((at, c)) = bad else { return Ok(()) };
    let message = format!(
        "The file has the character U+{:04X}, which is invisible, a control, or reorders text.",
        c as u32
    );
    let start = at + skipped;
    Err(RuleError::at(name, text, start..start + c.len_utf8(), &message)
        .expected("plain text; nothing that a reviewer cannot see"))
}

#[cfg(test)]
mod tests;
