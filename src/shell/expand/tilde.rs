//! Tilde prefixes (bash(1), Tilde Expansion).

use super::fields::Fields;
use crate::model::{Cause, Hole};
use crate::shell::vars::{Value, Variables};

/// Where tildes are expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tildes {
    /// Nowhere.
    None,
    /// At the start.
    Start,
    /// At the start and after each colon: assignments.
    Colons,
    /// After each colon: assignments, behind their start.
    LaterColons,
}

/// Emits unquoted text with its tilde prefixes expanded; `last` tells that no
/// quoted part or substitution follows, which would end a prefix's chance.
pub(super) fn emit(
    fields: &mut Fields,
    variables: &Variables,
    text: &str,
    tildes: Tildes,
    last: bool,
    mut literal: impl FnMut(&mut Fields, &str),
) {
    if tildes == Tildes::None || !text.contains('~') {
        literal(fields, text);
        return;
    }
    let colons = tildes != Tildes::Start;
    let mut allowed = tildes != Tildes::LaterColons;
    let mut rest = text;
    loop {
        if allowed && rest.starts_with('~') {
            let end = rest.find(|c| c == '/' || (c == ':' && colons));
            let (prefix, tail) = rest.split_at(end.unwrap_or(rest.len()));
            // No name has a blank in it.
            if (end.is_some() || last) && !prefix.contains([' ', '\t', '\n']) {
                prefix_value(fields, variables, prefix);
                rest = tail;
            }
        }
        if !colons {
            break;
        }
        allowed = true;
        let Some(colon) = rest.find(':') else { break };
        let (before, after) = rest.split_at(colon + 1);
        literal(fields, before);
        rest = after;
    }
    literal(fields, rest);
}

fn prefix_value(fields: &mut Fields, variables: &Variables, prefix: &str) {
    let variable = match prefix {
        "~" => "HOME",
        "~+" => "PWD",
        "~-" => "OLDPWD",
        _ => "",
    };
    if let Some(text) = variables.get(variable).and_then(Value::as_static) {
        fields.start();
        fields.text(text);
        return;
    }
    // Another user's home; or a prefix that bash reads in ways of its own.
    fields.hole(Hole { source: prefix.to_owned(), cause: Cause::Tilde, ..Hole::default() });
}
