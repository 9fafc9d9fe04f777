//! `${x:1:2}`, `${x#a}`, `${x/a/b}` and `${x^^}` on known text.

use super::pattern::{self, Element};
use crate::shell::lex::{Piece, PieceKind};
use crate::shell::limits;

/// What matching may cost, or `None` when it is too much.
pub(super) fn cost(text: &str, pattern: &[Element]) -> Option<usize> {
    let cost = text.len().checked_mul(text.len())?.checked_mul(pattern.len().max(1))? / 8;
    (cost <= limits::MAX_WORK / 16).then_some(cost)
}

/// `${text:from:count}`; negative numbers count from the end.
pub(super) fn substring(text: &str, from: i64, count: Option<i64>) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let length = i64::try_from(chars.len()).ok()?;
    let start = if from < 0 { from.checked_add(length)? } else { from };
    if start < 0 || start > length {
        return Some(String::new());
    }
    let end = match count {
        None => length,
        Some(count) if count < 0 => count.checked_add(length)?,
        Some(count) => start.saturating_add(count).min(length),
    };
    if end < start {
        return None;
    }
    let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
    Some(chars.get(range)?.iter().collect())
}

/// `${text#pattern}` and its kin.
pub(super) fn strip(text: &str, wanted: &[Element], operator: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let kept = match operator {
        "#" | "##" => chars.get(pattern::strip_prefix(&chars, wanted, operator == "##")..),
        _ => chars.get(..pattern::strip_suffix(&chars, wanted, operator == "%%")),
    };
    kept.unwrap_or_default().iter().collect()
}

/// `${text/pattern/replacement}` and its kin.
pub(super) fn replace(
    text: &str,
    wanted: &[Element],
    replacement: &str,
    operator: &str,
) -> Option<String> {
    // In newer bash an unquoted `&` is the match.
    if replacement.contains(['&', '\\']) {
        return None;
    }
    let chars: Vec<char> = text.chars().collect();
    if operator == "/%" {
        let start = pattern::strip_suffix(&chars, wanted, true);
        if start == chars.len() {
            return Some(text.to_owned());
        }
        let kept: String = chars.get(..start)?.iter().collect();
        return Some(kept + replacement);
    }
    if wanted.is_empty() {
        return Some(if operator == "/#" {
            format!("{replacement}{text}")
        } else {
            text.to_owned()
        });
    }
    let mut out = String::new();
    let mut at = 0;
    let mut active = true;
    while let Some(c) = chars.get(at) {
        if active && let Some(end) = pattern::match_at(&chars, at, wanted) {
            out.push_str(replacement);
            if out.len() > limits::MAX_VALUE {
                return None;
            }
            at = end;
            active = operator == "//";
        } else {
            out.push(*c);
            at += 1;
            active &= operator != "/#";
        }
    }
    Some(out)
}

/// `^`, `^^`, `,`, `,,`, and the undocumented `~`, `~~` (swap).
pub(super) fn change_case(text: &str, operator: &str) -> String {
    let change = |c: char| -> String {
        match operator.as_bytes().first() {
            Some(b'^') => c.to_uppercase().collect(),
            Some(b',') => c.to_lowercase().collect(),
            _ if c.is_uppercase() => c.to_lowercase().collect(),
            _ => c.to_uppercase().collect(),
        }
    };
    let all = operator.len() == 2;
    text.chars()
        .enumerate()
        .map(|(index, c)| if all || index == 0 { change(c) } else { c.to_string() })
        .collect()
}

/// Cuts `pattern/replacement` at the first unquoted slash. A slash in front is
/// part of the pattern only when quoted.
pub(super) fn split_replacement(argument: &[Piece]) -> (Vec<Piece>, Vec<Piece>) {
    let mut pattern = Vec::new();
    for (index, piece) in argument.iter().enumerate() {
        let (start, end) = (piece.start, piece.end);
        let cut = match &piece.kind {
            PieceKind::Literal(text) => text.split_once('/').map(|cut| (cut, true)),
            PieceKind::Quoted(text) => text.split_once('/').map(|cut| (cut, false)),
            _ => None,
        };
        // Inside double quotes all text is `Quoted`, a slash there still cuts.
        if let Some(((before, after), literal)) = cut
            && (literal || !is_escaped(piece))
        {
            let make = |text: &str| {
                let text = text.to_owned();
                let kind = if literal { PieceKind::Literal(text) } else { PieceKind::Quoted(text) };
                Piece { kind, start, end }
            };
            pattern.push(make(before));
            let mut replacement = vec![make(after)];
            replacement.extend(argument.iter().skip(index + 1).map(copy));
            return (pattern, replacement);
        }
        pattern.push(copy(piece));
    }
    (pattern, Vec::new())
}

/// Whether the text of a quoted piece is shorter than its source, so that some
/// of it was quoted.
fn is_escaped(piece: &Piece) -> bool {
    match &piece.kind {
        PieceKind::Quoted(text) => text.len() != piece.end - piece.start,
        _ => false,
    }
}

/// A copy of a piece without substitutions; one with them has no plain text.
fn copy(piece: &Piece) -> Piece {
    let kind = match &piece.kind {
        PieceKind::Literal(text) => PieceKind::Literal(text.clone()),
        PieceKind::Quoted(text) => PieceKind::Quoted(text.clone()),
        PieceKind::Double(inner) => PieceKind::Double(inner.iter().map(copy).collect()),
        // An expansion that is never known.
        _ => PieceKind::Parameter(Box::default()),
    };
    Piece { kind, start: piece.start, end: piece.end }
}
