//! Tool grammars: which words of a command line are subcommand, options, their
//! values and operands.
//!
//! The grammars are data (`rules/generated/grammars.tsv`), written by
//! `cargo run --example generate -- grammars` from public command tables and two
//! hand-kept files. The code knows ways of parsing (getopt, Go's flag package,
//! find's expression, operations of cloud tools), never a tool's options.
//!
//! How some shapes are read:
//! - Several values of one option (`aws --instance-ids i-1 i-2`, `find -exec rm
//!   {} ;`) become several [`Opt`]s of the same name, in order. Operands stay
//!   clean of them.
//! - Bundled letters (`-rf`) become one [`Opt`] each. A word of digits (`-20`)
//!   stays one option.
//! - A switch with a value (`--force=false`) keeps the value.
//! - `docker-compose down` is read as `docker compose down`: its subcommand is
//!   `["compose", "down"]`.
//! - Release tracks of gcloud (`alpha`, `beta`, `preview`) are left out of the
//!   subcommand.

mod classes;
mod cloud;
mod lines;
mod options;
pub mod own;
mod reader;
mod table;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use crate::model::{Certainty, OpClass, Opt, Word};

/// At most this many readings of one command line.
pub const MAX_READINGS: usize = 4;

/// One way to read an argument vector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Subcommand path with aliases resolved.
    pub subcommand: Vec<String>,
    /// Options in order, wherever they stood.
    pub options: Vec<Opt>,
    /// What is neither option nor subcommand.
    pub operands: Vec<Word>,
    /// Index into the argument vector of each operand.
    pub operand_positions: Vec<usize>,
    /// How sure the reading is.
    pub certainty: Certainty,
    /// Class of the operation, when the tool has a verb table.
    pub class: Option<OpClass>,
    /// The tool only prints its help or version.
    pub help: bool,
    /// Index of the first `--` that ends options.
    pub dashdash: Option<usize>,
    /// The tool has subcommands, and the first operand stands where one was
    /// expected but is none that the grammar knows (a plugin, an alias, a newer
    /// version).
    pub unknown_subcommand: bool,
    /// What each word of the argument vector is; as long as that.
    pub roles: Vec<Role>,
}

/// What a word of an argument vector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The program.
    Program,
    /// Part of the subcommand path.
    Subcommand,
    /// One or more options, perhaps with a value attached.
    Option,
    /// The value of an option before it.
    Value,
    /// An operand.
    Operand,
    /// The `--` that ends options.
    DashDash,
}

/// The canonical name of the tool that a program word stands for: the file
/// name without folder and `.exe`, other names resolved (`tofu` is terraform,
/// `gtar` is tar), and a version cut off (`python3.11` is python3) when
/// what remains is a known tool.
#[must_use]
pub fn tool_name(program: &str) -> String {
    let base = program.rsplit('/').next().unwrap_or(program);
    let base = strip_exe(base);
    if let Some(name) = table::tool(base) {
        return name.to_owned();
    }
    let mut stem = base;
    while let Some(shorter) = without_version_part(stem) {
        if let Some(name) = table::tool(shorter) {
            return name.to_owned();
        }
        stem = shorter;
    }
    base.to_owned()
}

fn strip_exe(name: &str) -> &str {
    let cut = name.len().saturating_sub(4);
    match (name.get(..cut), name.get(cut..)) {
        (Some(stem), Some(end)) if !stem.is_empty() && end.eq_ignore_ascii_case(".exe") => stem,
        _ => name,
    }
}

/// The name without its last run of digits and what joins that to the rest.
fn without_version_part(name: &str) -> Option<&str> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() == name.len() {
        return None;
    }
    let stem = stem.strip_suffix(['.', '-']).unwrap_or(stem);
    (!stem.is_empty()).then_some(stem)
}

/// Reads an argument vector (`argv[0]` is the program) by the grammar of
/// `tool`: one reading when everything is known, up to [`MAX_READINGS`] when an
/// unknown option may or may not take the next word. The rules look at all of
/// them and keep the strictest verdict.
///
/// A tool without a grammar is read as GNU programs read their arguments, with
/// every option a switch.
#[must_use]
pub fn read(tool: &str, argv: &[Word]) -> Vec<Reading> {
    reader::read(table::Level::tool(tool), argv)
}

/// The class of operation that a word stands for in most tools, if it tells.
#[must_use]
pub fn class_of_word(word: &str) -> Option<OpClass> {
    classes::verb("any", word)
}

/// Whether the built-in tables have a grammar for a tool.
#[must_use]
pub fn knows(tool: &str) -> bool {
    table::is_tool(tool)
}

/// Whether there is a grammar for a tool.
#[must_use]
pub fn is_tool(tool: &str) -> bool {
    table::is_tool(tool)
}

/// Whether a tool is one with subcommands, by its grammar.
#[must_use]
pub fn has_subcommands(tool: &str) -> bool {
    table::Level::tool(tool).is_some_and(|level| {
        level.has_children() || level.field('k').is_some_and(|kind| kind != "find")
    })
}

/// Whether a tool's grammar knows a subcommand path as rules write it
/// (`rollout undo`, `a|b c`). What the grammar cannot tell counts as known: a
/// tool without one, and paths with patterns.
#[must_use]
pub fn knows_subcommand(tool: &str, path: &str) -> bool {
    if !table::is_tool(tool) || path.contains(['*', '?', '[']) {
        return true;
    }
    let words = std::iter::once(tool).chain(path.split(' ').map(|word| {
        // Of alternatives the first stands for all.
        word.split('|').next().unwrap_or(word)
    }));
    let argv: Vec<Word> = words.map(|w| Word::text(w, crate::model::Span::default())).collect();
    read(tool, &argv).iter().any(|reading| {
        reading.operands.is_empty()
            || (reading.subcommand.is_empty() && !reading.unknown_subcommand)
    })
}
